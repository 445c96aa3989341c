"""What Firmly wants of a mailbox. Adapters: `imap`, `folder` (reading and drafts) and `smtp` (sending)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self


class Role(StrEnum):
    """What a folder is for, whatever the server calls it (RFC 6154)."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    TRASH = "trash"


@dataclass(frozen=True, slots=True)
class FolderState:
    """A folder as the server shows it when it is examined (RFC 9051)."""

    role: Role
    name: str
    uidvalidity: int
    uidnext: int | None
    """None where the server does not say; then only a search tells whether there is new mail."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in a folder before its body is fetched."""

    uid: int
    header: bytes
    """The whole header block, CRLF line ends as the server gave them; empty if the server gave none."""
    size_bytes: int
    arrived_at: datetime
    """INTERNALDATE, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail's bytes. `raw` is None when the server no longer has it, or could not give it this time."""

    uid: int
    raw: bytes | None
    truncated: bool = False
    """The mail is over the size limit: `raw` is its header and the beginning of its body."""
    problem: str = ""
    """Why there are no bytes, in words without mail content."""


class MailSource(Protocol):
    """Reads a mailbox and never changes it: no flag is set, nothing is moved or deleted.

    Every method raises `CredentialsError`, `MailServerError` (unreachable, dropped, throttled: the next run goes on)
    or `ConfigError` (a folder named in the config does not exist).
    """

    def __enter__(self) -> Self:
        """Connect and log in."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Log out; never raises."""

    def examine(self, role: Role) -> FolderState | None:
        """Open a folder read-only. None if the mailbox has no such folder and the config names none."""

    def uids(self, role: Role, *, after: int, since: date | None = None) -> list[int]:
        """UIDs greater than `after`, ascending; with `since`, only those that arrived on that day or later."""

    def listing(self, role: Role, uids: Sequence[int]) -> Iterator[list[Listed]]:
        """Headers of these mails in batches of at most 200, ascending. Mails that are gone are left out."""

    def bodies(self, role: Role, mails: Sequence[Listed]) -> Iterator[list[Fetched]]:
        """The bytes of these mails in batches of at most 200 mails and 16 MB, ascending; one entry a mail."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a mail of ours lies."""

    role: Role
    uidvalidity: int
    uid: int


class MailDrop(Protocol):
    """Takes a finished reply. `put` is called at most once per Message-ID unless `find` says that it is not there.

    Methods raise `CredentialsError`, `MailServerError` when the server certainly has not taken the mail,
    `UncertainDelivery` when it may have, and `RejectedByServer` when it said no for good.
    """

    sends: bool
    """True if `put` sends the mail (SMTP); False if it lays a draft before the person."""

    def __enter__(self) -> Self:
        """Connect and log in."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Log out; never raises."""

    def find(self, message_id: str) -> Found | None:
        """Look for a mail by its Message-ID in Drafts, Sent and Trash. None means that it is in none of them."""

    def put(self, raw: bytes, *, message_id: str, sender: str, recipients: Sequence[str]) -> Found | None:
        """Deliver exactly these bytes and verify the result. `Found` where they lie; None where nobody can tell (SMTP)."""
