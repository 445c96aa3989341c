"""Fixtures for tests of mailboxes; a test module asks for them with `pytest_plugins = ("servers.fixtures",)`."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from imapclient import IMAPClient
from servers import dovecot
from servers.mailboxes import FolderMailboxKit, ImapMailboxKit, MailboxKit

from pipeline.mail.demo_server import DemoServer

_USERS = itertools.count()
_KINDS = [
    "folder",
    "demo",
    *([pytest.param("dovecot", marks=pytest.mark.dovecot)] if dovecot.AVAILABLE else []),
]


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[dovecot.Dovecot]:
    """One Dovecot for the whole run; tests keep apart by their user names."""
    with dovecot.Dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    """A user of the Dovecot that no other test has."""
    return f"user{next(_USERS)}@example.org"


@pytest.fixture
def demo_mailbox(tmp_path: Path) -> Iterator[ImapMailboxKit]:
    """An empty mailbox on the server that `firmly demo` uses, without a Trash."""
    with DemoServer(tmp_path) as server:

        def connect() -> IMAPClient:
            client = IMAPClient(server.settings.host, server.settings.port, ssl=False, timeout=5)
            client.login(server.settings.username, server.settings.secret())
            return client

        with connect() as client:
            client.delete_folder("Trash")
        yield ImapMailboxKit(server.settings, connect)


@pytest.fixture(params=_KINDS)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path, user: str) -> MailboxKit:
    """An empty mailbox of each kind, without a Trash."""
    if request.param == "folder":
        return FolderMailboxKit(tmp_path)
    if request.param == "demo":
        kit: ImapMailboxKit = request.getfixturevalue("demo_mailbox")
        return kit
    server: dovecot.Dovecot = request.getfixturevalue("dovecot_server")
    return ImapMailboxKit(server.settings(user), lambda: server.client(user))
