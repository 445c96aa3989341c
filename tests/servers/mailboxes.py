"""Mailboxes of every kind that Firmly reads, with what the tests of the ports need to do to them."""

import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from pipeline.mail.folder import FolderDrop, FolderSource
from pipeline.mail.imap import ImapDrop, ImapSettings, ImapSource
from pipeline.mail.ports import Role

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
_FOLDERS = {Role.INBOX: "INBOX", Role.SENT: "Sent", Role.DRAFTS: "Drafts", Role.TRASH: "Trash"}


def mail(number: int, *, at: datetime = NOON, body: bytes = b"Hello.\r\n", message_id: str = "") -> bytes:
    """A mail as a server would hold it; `at` is when the owner's server took it in."""
    header = (
        f"Received: from mx.example.com by mail.example.org; {format_datetime(at)}\r\n"
        f"From: Client <client@example.com>\r\nTo: owner@example.org\r\nSubject: Mail {number}\r\n"
        f"Date: {format_datetime(at)}\r\nMessage-ID: {message_id or f'<{number}@example.com>'}\r\n\r\n"
    )
    return header.encode() + body


class FolderMailboxKit:
    """A directory."""

    def __init__(self, directory: Path) -> None:
        """Take an empty directory."""
        self._directory = directory
        for name in ("inbox", "sent"):
            (directory / name).mkdir()
        self._names = (f"{number:04d}.eml" for number in itertools.count())

    def source(self, **settings: Any) -> FolderSource:
        """A reader of this mailbox."""
        return FolderSource(self._directory, **settings)

    def drop(self) -> FolderDrop:
        """A layer of drafts into this mailbox."""
        return FolderDrop(self._directory)

    def add(self, role: Role, *raws: bytes, at: datetime = NOON) -> None:  # noqa: ARG002 it stands in the mail
        """Put mails into a folder."""
        for raw in raws:
            (self._directory / role / next(self._names)).write_bytes(raw)

    def remove(self, role: Role, subject: str) -> None:
        """Take the mail with this subject out of a folder."""
        for path in (self._directory / role).glob("*.eml"):
            if f"Subject: {subject}\r\n".encode() in path.read_bytes():
                path.unlink()

    def renumber(self, role: Role) -> None:  # noqa: ARG002 all folders lose their numbers
        """Make the UIDs void."""
        (self._directory / ".firmly-uids.json").unlink()

    def state(self, role: Role) -> object:
        """Everything of a folder that a reader must not change."""
        folder = (self._directory / role).glob("*.eml")
        return sorted((path.name, path.read_bytes(), path.stat().st_mtime_ns) for path in folder)


class ImapMailboxKit:
    """A mailbox on a server."""

    def __init__(self, settings: ImapSettings, connect: Callable[[], IMAPClient]) -> None:
        """`connect` logs in with the right to change things."""
        self.settings = settings
        self._connect = connect

    def source(self, **changes: Any) -> ImapSource:
        """A reader of this mailbox."""
        return ImapSource(_changed(self.settings, changes))

    def drop(self) -> ImapDrop:
        """A layer of drafts into this mailbox."""
        return ImapDrop(self.settings)

    @contextmanager
    def _client(self) -> Iterator[IMAPClient]:
        with self._connect() as client:
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an APPEND takes 40 ms without
            yield client

    def add(self, role: Role, *raws: bytes, at: datetime = NOON) -> None:
        """Put mails into a folder."""
        with self._client() as client:
            for raw in raws:
                client.append(_FOLDERS[role], raw, msg_time=at)

    def remove(self, role: Role, subject: str) -> None:
        """Take the mail with this subject out of a folder."""
        with self._client() as client:
            client.select_folder(_FOLDERS[role])
            client.delete_messages(client.search(["SUBJECT", subject]))
            client.expunge()

    def renumber(self, role: Role) -> None:
        """Make the UIDs of a folder void."""
        with self._client() as client:
            client.delete_folder(_FOLDERS[role])
            client.create_folder(_FOLDERS[role])

    def state(self, role: Role) -> object:
        """Everything of a folder that a reader must not change."""
        with self._client() as client:
            client.select_folder(_FOLDERS[role], readonly=True)
            rows = client.fetch(client.search(), ["FLAGS"])
            return {uid: [flag for flag in row[b"FLAGS"] if flag != b"\\Recent"] for uid, row in rows.items()}


MailboxKit = FolderMailboxKit | ImapMailboxKit


def _changed(settings: ImapSettings, changes: dict[str, Any]) -> ImapSettings:
    fields = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    return ImapSettings(**(fields | changes))
