"""A mailbox in memory, under the same port as IMAP, that can be told to fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from pipeline.errors import MailServerError, UncertainDelivery
from pipeline.mail.ports import Fetched, FolderState, Found, Listed, Role

NOW = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)


def mail(
    sender: str = "mia@harbour.example",
    to: str = "robin@studio.example",
    subject: str = "The menu page",
    body: str = "Could you send me the menu page?\n",
    *,
    message_id: str | None = None,
    in_reply_to: str | None = None,
    at: datetime = NOW,
    headers: dict[str, str] | None = None,
) -> bytes:
    """The bytes of a small mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(at)
    if message_id:
        message["Message-ID"] = message_id
    if in_reply_to:
        message["In-Reply-To"] = in_reply_to
        message["References"] = in_reply_to
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(body)
    return message.as_bytes()


@dataclass
class Stored:
    """One mail of the fake server."""

    uid: int
    raw: bytes
    arrived_at: datetime


@dataclass
class MemoryMailbox:
    """A server: folders with UIDs. `calls` records what was asked; `broken` makes bodies of these UIDs unavailable."""

    folders: dict[Role, list[Stored]] = field(
        default_factory=lambda: {role: [] for role in (Role.INBOX, Role.SENT, Role.DRAFTS, Role.TRASH)}
    )
    uidvalidity: int = 1
    next_uid: int = 1
    calls: list[str] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    says_uidnext: bool = True
    put_fails: Exception | None = None
    put_loses_answer: bool = False

    def add(self, raw: bytes, role: Role = Role.INBOX, at: datetime = NOW) -> int:
        """A mail arrives."""
        uid = self.next_uid
        self.next_uid += 1
        self.folders[role].append(Stored(uid, raw, at))
        return uid

    def renumber(self) -> None:
        """What a server does after a restore: another UIDVALIDITY, other UIDs."""
        self.uidvalidity += 1
        self.next_uid = 1
        for mails in self.folders.values():
            for one in mails:
                one.uid = self.next_uid
                self.next_uid += 1

    def source(self) -> "MemorySource":
        """A session that reads."""
        return MemorySource(self)

    def drop(self) -> "MemoryDrop":
        """A session that delivers."""
        return MemoryDrop(self)


@dataclass
class MemorySource:
    """The port MailSource."""

    box: MemoryMailbox

    def __enter__(self) -> Self:
        self.box.calls.append("login")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        self.box.calls.append("logout")

    def examine(self, role: Role) -> FolderState | None:
        self.box.calls.append(f"examine {role}")
        return FolderState(role, role.value, self.box.uidvalidity, self.box.next_uid if self.box.says_uidnext else None)

    def uids(self, role: Role, *, after: int, since: date | None = None) -> list[int]:
        self.box.calls.append(f"uids {role}")
        return [
            m.uid for m in self.box.folders[role] if m.uid > after and (since is None or m.arrived_at.date() >= since)
        ]

    def listing(self, role: Role, uids: Sequence[int]) -> Iterator[list[Listed]]:
        wanted = [m for m in self.box.folders[role] if m.uid in set(uids)]
        for start in range(0, len(wanted), 3):
            self.box.calls.append(f"listing {role}")
            yield [
                Listed(m.uid, m.raw.partition(b"\n\n")[0] + b"\n", len(m.raw), m.arrived_at)
                for m in wanted[start : start + 3]
            ]

    def bodies(self, role: Role, mails: Sequence[Listed]) -> Iterator[list[Fetched]]:
        by_uid = {m.uid: m.raw for m in self.box.folders[role]}
        for start in range(0, len(mails), 2):
            self.box.calls.append(f"bodies {role}")
            yield [
                Fetched(m.uid, None, problem="the server gave nothing")
                if m.uid in self.box.broken
                else Fetched(m.uid, by_uid[m.uid])
                for m in mails[start : start + 2]
            ]


@dataclass
class MemoryDrop:
    """The port MailDrop, into the Drafts of the fake server."""

    box: MemoryMailbox
    sends: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        return None

    def find(self, message_id: str) -> Found | None:
        for role in (Role.DRAFTS, Role.SENT, Role.TRASH):
            for one in self.box.folders[role]:
                if f"Message-ID: {message_id}".encode() in one.raw:
                    return Found(role, self.box.uidvalidity, one.uid)
        return None

    def put(self, raw: bytes, *, message_id: str, sender: str, recipients: Sequence[str]) -> Found | None:  # noqa: ARG002 the port's
        self.box.calls.append(f"put {message_id}")
        if self.box.put_fails is not None:
            raise self.box.put_fails
        uid = self.box.add(raw, Role.DRAFTS)
        if self.box.put_loses_answer:
            raise UncertainDelivery("The line went down before the server answered.")
        return Found(Role.DRAFTS, self.box.uidvalidity, uid)


def unreachable() -> MailServerError:
    """What an adapter raises when nobody answers."""
    return MailServerError("imap.studio.example does not answer.")
