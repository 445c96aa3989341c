"""The demo's server: loaded from a directory, gone without a trace."""

import gc
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers.mailboxes import NOON, mail

from pipeline.errors import CredentialsError, MailServerError
from pipeline.mail.demo_server import DemoServer
from pipeline.mail.imap import ImapSettings, ImapSource
from pipeline.mail.ports import Role


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A sample mailbox, with the line ends of a checkout."""
    for folder, names in {"inbox": ("2.eml", "1.eml"), "sent": ("3.eml",)}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_bytes(mail(int(name[0])).replace(b"\r\n", b"\n"))
    return tmp_path


def contents(settings: ImapSettings, role: Role) -> list[tuple[bytes | None, datetime]]:
    """Bytes and arrival of all mails in a folder."""
    with ImapSource(settings) as source:
        listed = [one for batch in source.listing(role, source.uids(role, after=0)) for one in batch]
        raws = [one.raw for batch in source.bodies(role, listed) for one in batch]
    return list(zip(raws, (one.arrived_at for one in listed), strict=True))


def test_it_serves_the_directory(directory: Path) -> None:
    """Every mail is there once, in the order of the names, with the line ends of a server and its own arrival."""
    with DemoServer(directory) as server:
        assert contents(server.settings, Role.INBOX) == [(mail(1), NOON), (mail(2), NOON)]
        assert contents(server.settings, Role.SENT) == [(mail(3), NOON)]
        assert contents(server.settings, Role.DRAFTS) == contents(server.settings, Role.TRASH) == []


def test_arrival_can_be_given(directory: Path) -> None:
    """The demo plays on a day of its own."""
    at = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    with DemoServer(directory, arrived_at=lambda _raw: at) as server:
        assert [arrived for _, arrived in contents(server.settings, Role.INBOX)] == [at, at]


def test_nobody_else_gets_in(directory: Path) -> None:
    """Other users of the machine can reach the port."""
    with DemoServer(directory) as server, DemoServer(directory) as other:
        port = server.settings.port
        wrong = ImapSettings(
            host="127.0.0.1",
            port=port,
            security=server.settings.security,
            username="demo",
            secret=other.settings.secret,
        )
        with pytest.raises(CredentialsError), ImapSource(wrong):
            pass


def test_it_stops_while_a_client_is_there(directory: Path) -> None:
    """Ctrl-C in the middle of the demo leaves no thread, no open port and no warning."""
    before = threading.active_count()
    with DemoServer(directory) as server:
        settings = server.settings
        source = ImapSource(settings).__enter__()
        assert threading.active_count() == before + 1
    with pytest.raises(MailServerError):
        source.examine(Role.INBOX)
    source.__exit__(None, None, None)
    assert threading.active_count() == before
    with pytest.raises(MailServerError), ImapSource(settings):
        pass


def test_a_failed_start_is_told(tmp_path: Path) -> None:
    """A mail that cannot be read must not leave the caller waiting for ever."""
    (tmp_path / "inbox" / "x.eml").mkdir(parents=True)
    with pytest.raises(IsADirectoryError), DemoServer(tmp_path):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("firmly")]


def test_a_connection_outlives_the_collector(directory: Path) -> None:
    """A task that nobody holds is ended by the garbage collector: the demo would lose its line at a random moment."""
    with DemoServer(directory) as server, ImapSource(server.settings) as source:
        for _ in range(3):
            gc.collect()
            assert source.examine(Role.INBOX) is not None
