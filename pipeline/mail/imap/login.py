"""From nothing to a logged-in connection. No secret is fetched before the line is protected."""

import imaplib
from contextlib import suppress

from imapclient.exceptions import LoginError

from pipeline.errors import ConfigError, MailServerError
from pipeline.mail.endpoint import Auth, Security, answering
from pipeline.mail.imap.client import Client
from pipeline.mail.imap.settings import ImapSettings
from pipeline.mail.imap.trouble import dropped, for_now, is_passing, login_refused, printable

_UNREADABLE = (imaplib.IMAP4.error, ValueError)
"""What imaplib lets out for a capability list or a challenge that is none."""


def log_in(settings: ImapSettings) -> Client:
    """Connect, encrypt and log in. Raises `MailServerError`, `ConfigError`, `CredentialsError`."""
    client = _connected(settings)
    try:
        _protect(settings, client)
        _present_secret(settings, client)
    except BaseException:
        with suppress(OSError):
            client.shutdown()
        raise
    return client


def _connected(settings: ImapSettings) -> Client:
    doing = "connecting"
    try:
        with answering(settings, doing):
            return Client(settings)
    except _UNREADABLE as error:
        words = printable(str(error))
        if "* BYE" in words or is_passing(words):
            raise for_now(settings, doing, words) from None
        raise MailServerError(
            f"{settings.address} ({doing}): no IMAP server greeted us.", fix="Check host and port in the config."
        ) from None


def _protect(settings: ImapSettings, client: Client) -> None:
    """Upgrade a STARTTLS line. A server (or somebody between) that does not offer it, or skips the login, gets none."""
    if client.wire.state != "NONAUTH":  # a PREAUTH greeting also rules STARTTLS out
        raise ConfigError(f"{settings.address} greets as if the login were done, so it is not trusted.")
    if settings.security is not Security.STARTTLS:
        return
    refusal = ConfigError(
        f"{settings.address} does not offer STARTTLS, so the login of {settings.username} is not sent.",
        fix='Try security = "tls" with its port (993); if STARTTLS worked here before, somebody may be on the line.',
    )
    if not client.has_capability("STARTTLS"):
        raise refusal
    with answering(settings, "STARTTLS"):
        try:
            client.starttls(client.context)
        except imaplib.IMAP4.abort as error:
            raise dropped(settings, "STARTTLS", error) from None
        except _UNREADABLE:
            raise refusal from None


def _present_secret(settings: ImapSettings, client: Client) -> None:
    secret = settings.secret()
    with answering(settings, "login"):
        try:
            _authenticate(settings, client, secret)
        except LoginError as error:
            # imapclient calls a dropped line a LoginError too; only what it caught tells them apart.
            if isinstance(error.__context__, imaplib.IMAP4.abort):
                raise dropped(settings, "login", error.__context__, secret) from None
            raise login_refused(settings, printable(str(error)), secret) from None
        except _UNREADABLE:
            raise MailServerError(f"{settings.address} (login): the answer cannot be read.") from None


def _authenticate(settings: ImapSettings, client: Client, secret: str) -> None:
    user = settings.username
    if settings.auth is Auth.XOAUTH2:
        _answer_once(client, "XOAUTH2", f"user={user}\1auth=Bearer {secret}\1\1", on_error="")
    elif settings.auth is Auth.OAUTHBEARER:
        name = user.replace("=", "=3D").replace(",", "=2C")
        _answer_once(client, "OAUTHBEARER", f"n,a={name},\1auth=Bearer {secret}\1\1", on_error="\1")
    elif _fits_login(user) and _fits_login(secret, quoted=True) and not client.has_capability("LOGINDISABLED"):
        client.login(user, secret)
    else:
        client.plain_login(user, secret)


def _answer_once(client: Client, mechanism: str, answer: str, *, on_error: str) -> None:
    """Answer the first challenge with the token; a second one is the server's error report, which wants an ack."""
    answers = iter((answer, on_error))
    client.sasl_login(mechanism, lambda _challenge: next(answers, None))


def _fits_login(text: str, *, quoted: bool = False) -> bool:
    """Whether LOGIN can carry this: imaplib quotes the password but not the user name, and takes ASCII only."""
    printable_ascii = all(" " <= c <= "~" for c in text)
    return printable_ascii and (quoted or not set(text) & set(' "\\(){}%*'))
