"""What it means when an IMAP server says no, or says nothing more.

A server's own words are repeated only where they cannot hold a secret or a mail, and then as short printable ASCII:
an answer to a login may echo the password, an answer that cannot be read may be the middle of a mail.
"""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient.exceptions import ProtocolError

from pipeline.errors import CredentialsError, FirmlyError, MailServerError
from pipeline.mail.endpoint import Auth, Endpoint, answering

_PASSING = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED)\]|throttl|backoff|try again|temporar|rate limit"
    r"|too many (?:simultaneous|concurrent|connections|users|sessions)|maximum number of connections|bandwidth limit|not connected|internal (?:server )?error|server busy",
    re.IGNORECASE,
)
"""Codes of RFC 5530, and what Gmail, Microsoft 365 and Yahoo say when they have had enough of us for a while."""
_BACKOFF = re.compile(r"Suggested Backoff Time: (\d{1,9}) milliseconds", re.IGNORECASE)
_NOT_CONNECTED = re.compile(r"authenticated but not connected", re.IGNORECASE)
_TOO_LONG = re.compile(r"got more than \d+ bytes")
_IMAPLIB_SAYS = re.compile(r"unexpected|socket error|literal too large")

_PASSWORD_ADVICE = (
    ("gmail.com", "Gmail takes no account password here: make an app password in the Google account, or use OAuth."),
    ("office365.com", 'Microsoft 365 takes no password here: use auth = "xoauth2" with a token.'),
    ("outlook.com", 'Outlook takes no password here: use auth = "xoauth2" with a token.'),
    ("mail.me.com", "iCloud wants an app-specific password from appleid.apple.com."),
    ("yahoo.com", "Yahoo wants an app password from its account security page."),
    ("fastmail.com", "Fastmail wants an app password from its privacy and security settings."),
)


class Refused(Exception):
    """The server answered NO or BAD to one command. Caught inside this package; `words` are safe to show."""

    def __init__(self, words: str) -> None:
        """Keep the server's words, made printable."""
        super().__init__(words)
        self.words = words


_UNREADABLE = (ProtocolError, ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError)
"""What imapclient lets out for an answer that it cannot parse, depending on where it stumbles."""


class Unreadable(Refused):
    """The server answered, and what it said cannot be parsed; the line itself is in order."""

    def __init__(self) -> None:
        """Without the parser's complaint: it repeats the answer, which may be a mail."""
        super().__init__("an answer that cannot be read")


@contextmanager
def reading(endpoint: Endpoint, doing: str) -> Iterator[None]:
    """Run one command of imapclient after the login, and nothing else, for what it raises is taken for the server's.

    Raises `Refused` for NO and BAD, `Unreadable`, and `MailServerError` for everything else.
    """
    try:
        with answering(endpoint, doing):
            yield
    except imaplib.IMAP4.abort as error:
        raise dropped(endpoint, doing, error) from None
    except _UNREADABLE:
        raise Unreadable from None
    except imaplib.IMAP4.error as error:
        words = printable(str(error))
        if _TOO_LONG.search(words):
            raise MailServerError(f"{endpoint.address} ({doing}): the server sent a line without an end.") from None
        raise Refused(words) from None


def dropped(endpoint: Endpoint, doing: str, error: imaplib.IMAP4.abort, secret: str = "") -> MailServerError:
    """The line was cut, with or without a BYE. Of imaplib's own complaints some repeat what came: they are not shown."""
    words = printable(str(error))
    if _IMAPLIB_SAYS.search(words) or not _tells_nothing(words, secret):
        return MailServerError(f"{endpoint.address} ({doing}): the server dropped the connection.")
    return for_now(endpoint, doing, words)


def for_now(endpoint: Endpoint, doing: str, words: str) -> MailServerError:
    """A refusal that passes; the wait is named where the server names it."""
    backoff = _BACKOFF.search(words)
    if backoff:
        fix = f"The server asks to wait {int(backoff[1]) / 1000:.0f} s."
    elif _NOT_CONNECTED.search(words):
        fix = (
            "Microsoft 365 says this when it throttles, and when the token lacks the IMAP scope or the mailbox is a shared one:"
            " wait; if it stays, check the scope IMAP.AccessAsUser.All."
        )
    else:
        fix = "The next run goes on; run less often if it comes back."
    return MailServerError(f"{endpoint.address} ({doing}): the server says: {words}", fix=fix)


def is_passing(words: str) -> bool:
    """Whether a refusal is about the moment and not about what was asked."""
    return bool(_PASSING.search(words))


def login_refused(endpoint: Endpoint, words: str, secret: str) -> FirmlyError:
    """What a NO to the login means. The server's words are only shown when they cannot hold the secret."""
    if is_passing(words):
        return for_now(endpoint, "login", words if _tells_nothing(words, secret) else "not now")
    if endpoint.auth is not Auth.PASSWORD:
        fix = "Get a new token, and check that it has the scope for IMAP and belongs to this user."
    else:
        host = endpoint.host.lower()
        advice = (text for suffix, text in _PASSWORD_ADVICE if host.endswith(suffix))
        fix = next(advice, "Check user name and password; many providers want an app password for IMAP.")
    return CredentialsError(f"{endpoint.host} refused the login of {endpoint.username}.", fix=fix)


def _tells_nothing(words: str, secret: str) -> bool:
    """Whether a server's words hold neither the secret nor a run of characters that may be it in base64."""
    return (not secret or secret not in words) and not re.search(r"[A-Za-z0-9+/=]{20,}", words)


def printable(text: str) -> str:
    """At most 200 characters of printable ASCII."""
    return "".join(c if " " <= c <= "~" else " " for c in text)[:200].strip()
