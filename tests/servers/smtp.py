"""A recording SMTP server on loopback (aiosmtpd), with TLS, a login and refusals where a test wants them."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from servers.dovecot import free_port

PASSWORD = "correct-horse"


@dataclass
class Answers:
    """What the server says; None means yes."""

    mail: str | None = None
    recipients: dict[str, str] = field(default_factory=dict)
    data: str | None = None


class SmtpSink:
    """Started by `with`. `mails` is what was taken, `logins` who logged in and how."""

    def __init__(
        self,
        answers: Answers | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        **options: Any,
    ) -> None:
        """`options` go to aiosmtpd's SMTP."""
        self._answers = answers or Answers()
        self._options = {"auth_require_tls": False} | options
        self._tls, self._starttls = tls, starttls
        self.mails: list[Envelope] = []
        self.logins: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        """Listen."""
        self.port = free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=self._tls,
            server_hostname="sink.example.org",
            tls_context=self._starttls,
            authenticator=self._authenticate,
            **self._options,
        )
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._controller.stop()

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        self.logins.append((mechanism, data.login.decode()))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    async def handle_MAIL(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, or not."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answers.mail or "250 OK"

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address in self._answers.recipients:
            return self._answers.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Take the mail, or not."""
        if self._answers.data:
            return self._answers.data
        self.mails.append(envelope)
        return "250 OK"
