"""The port `MailDrop` over SMTP (RFC 5321): sends exactly the approved bytes, at most once.

The dialogue is spoken step by step, because only the step at which it broke says whether the mail may have left: until
the final dot is out the server must not deliver, and between the dot and the answer nobody can know (RFC 1047).
"""

import binascii
import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from pipeline.errors import (
    ConfigError,
    CredentialsError,
    FirmlyError,
    MailServerError,
    RejectedByServer,
    UncertainDelivery,
)
from pipeline.mail.address import ascii_address
from pipeline.mail.endpoint import Auth, Endpoint, Security, answering, dial, tls_context

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class _Smtp(smtplib.SMTP):
    """smtplib on our socket, whose reads are bounded by the endpoint."""

    def __init__(self, endpoint: Endpoint, context: ssl.SSLContext | None) -> None:
        self._endpoint = endpoint
        self._dial_context = context
        # A name for EHLO: smtplib would ask the DNS for ours, and tell it to every recipient.
        super().__init__(endpoint.host, endpoint.port, "[127.0.0.1]", timeout=endpoint.timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 smtplib's signature
        return dial(self._endpoint, self._dial_context)


class SmtpDrop:
    """Sends. Errors as the port says. An endpoint without a user name sends without a login."""

    sends = True

    def __init__(self, endpoint: Endpoint) -> None:
        """Nothing is dialled before the `with`."""
        self._endpoint = endpoint

    def __enter__(self) -> Self:
        """Connect, encrypt and log in."""
        endpoint = self._endpoint
        context = None if endpoint.security is Security.PLAIN else tls_context(endpoint)
        with self._speaking("connecting"):
            self._smtp = _Smtp(endpoint, context if endpoint.security is Security.TLS else None)
        try:
            self._protect(context)
            self._log_in()
        except BaseException:
            self._smtp.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Say goodbye; never raises."""
        with suppress(OSError, smtplib.SMTPException):
            if error is None:
                self._smtp.quit()
        self._smtp.close()

    def find(self, message_id: str) -> None:
        """None: an SMTP server does not show what it has sent. The Sent folder may."""

    def put(self, raw: bytes, *, message_id: str, sender: str, recipients: Sequence[str]) -> None:  # noqa: ARG002 the port's
        """Send to all recipients or to none. `raw` has CRLF line ends. ValueError for an address without a mailbox.

        Raises `UncertainDelivery` when the line broke after the final dot, `RejectedByServer` for a 5xx answer and
        `MailServerError` for a 4xx one.
        """
        from_address, to_addresses = ascii_address(sender), [ascii_address(recipient) for recipient in recipients]
        with self._speaking("envelope"):
            self._expect(self._smtp.mail(from_address), "the sender")
            answers = [(address, self._smtp.rcpt(address)) for address in to_addresses]
        for recipient, answer in answers:
            self._expect(answer, f"the recipient {recipient}, so nothing was sent")
        with self._speaking("DATA"):
            self._expect(self._smtp.docmd("DATA"), "the mail", wanted=3)
            self._smtp.send(_LEADING_DOT.sub(b"..", raw) + b".\r\n")
        self._expect(self._final_answer(), "the mail")

    def _final_answer(self) -> tuple[int, bytes]:
        """The answer to the final dot; an answer that is no answer says nothing about the mail."""
        try:
            with self._speaking("answer to the mail"):
                code, text = self._smtp.getreply()
                if code // 100 not in {2, 4, 5}:
                    raise smtplib.SMTPServerDisconnected
                return code, text
        except MailServerError as error:
            raise UncertainDelivery(
                f"{error.message} The mail had been handed over in full, so it may have been sent.",
                fix="Look into the Sent folder, or ask the recipient, before sending it again.",
            ) from None

    def _protect(self, context: ssl.SSLContext | None) -> None:
        with self._speaking("greeting"):
            self._smtp.ehlo_or_helo_if_needed()
        if self._endpoint.security is not Security.STARTTLS:
            return
        refusal = ConfigError(
            f"{self._endpoint.address} does not offer STARTTLS, so the login of {self._endpoint.username} is not sent.",
            fix='Try security = "tls" with its port (465); if STARTTLS worked here before, somebody may be on the line.',
        )
        if not self._smtp.has_extn("starttls"):
            raise refusal
        with self._speaking("STARTTLS"):
            code, _ = self._smtp.starttls(context=context)
            if code != 220:
                raise refusal
            self._smtp.ehlo_or_helo_if_needed()

    def _log_in(self) -> None:
        endpoint = self._endpoint
        if not endpoint.username:
            return
        if not self._smtp.has_extn("auth"):
            raise ConfigError(
                f"{endpoint.address} offers no login on this line.",
                fix="Check port and security; 465 with tls and 587 with starttls are usual for sending.",
            )
        secret = endpoint.secret()
        with self._speaking("login"):
            try:
                self._authenticate(secret)
            except smtplib.SMTPAuthenticationError as error:
                raise _login_refused(endpoint, error.smtp_code) from None

    def _authenticate(self, secret: str) -> None:
        """Try one way only: smtplib tries all that are offered, and each counts towards a lock-out."""
        user, offered = self._endpoint.username, self._smtp.esmtp_features["auth"].split()
        if self._endpoint.auth is Auth.XOAUTH2:
            self._answer("XOAUTH2", f"user={user}\1auth=Bearer {secret}\1\1", on_error="")
        elif self._endpoint.auth is Auth.OAUTHBEARER:
            name = user.replace("=", "=3D").replace(",", "=2C")
            self._answer("OAUTHBEARER", f"n,a={name},\1auth=Bearer {secret}\1\1", on_error="\1")
        elif "PLAIN" in offered or not (user + secret).isascii():
            self._answer("PLAIN", f"\0{user}\0{secret}", on_error="*")
        else:
            self._smtp.login(user, secret)

    def _answer(self, mechanism: str, answer: str, *, on_error: str) -> None:
        """Give the answer at once; a challenge after it is the server's error report, which wants an ack."""
        code, _ = self._smtp.docmd("AUTH", f"{mechanism} {_base64(answer)}")
        if code == 334:
            code, _ = self._smtp.docmd(_base64(on_error))
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, b"")

    def _expect(self, answer: tuple[int, bytes], what: str, *, wanted: int = 2) -> None:
        """Raise what a refusal means: 5xx is for good, anything else passes. The server's own words are shown in short."""
        code, text = answer
        if code // 100 == wanted:
            return
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.rset()
        words = "".join(c if " " <= c <= "~" else " " for c in text.decode("ascii", "replace"))[:200]
        sentence = f"{self._endpoint.host} refused {what}: {code} {words}"
        if code // 100 == 5:
            raise RejectedByServer(sentence)
        raise MailServerError(sentence, fix="The next run tries again.")

    @contextmanager
    def _speaking(self, doing: str) -> Iterator[None]:
        """Give what goes wrong in a step of the dialogue its name."""
        with answering(self._endpoint, doing):
            try:
                yield
            except smtplib.SMTPException as error:  # an OSError too; its text may repeat what the server was sent
                if isinstance(error.__context__, OSError) and not isinstance(error.__context__, smtplib.SMTPException):
                    raise error.__context__ from None  # what smtplib caught says more
                where = f"{self._endpoint.address} ({doing})"
                raise MailServerError(f"{where}: the server dropped the connection or broke the protocol.") from None
            except binascii.Error:  # a challenge that is no base64
                raise MailServerError(f"{self._endpoint.address} ({doing}): the answer cannot be read.") from None


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _login_refused(endpoint: Endpoint, code: int) -> FirmlyError:
    if code // 100 == 4:
        return MailServerError(f"{endpoint.address} (login): not now ({code}).", fix="The next run tries again.")
    return CredentialsError(
        f"{endpoint.host} refused the login of {endpoint.username} ({code}).",
        fix="Check user name and password; many providers want an app password, some want OAuth for sending.",
    )
