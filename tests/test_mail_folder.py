"""A directory as a mailbox: what the tests of the ports do not ask, because only files can be edited, touched and copied."""

import os
import shutil
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from servers.mailboxes import NOON, mail

from pipeline.errors import ConfigError, ExitCode, MailServerError
from pipeline.mail.folder import FolderDrop, FolderSource
from pipeline.mail.ports import Listed, Role

STATE = ".firmly-uids.json"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A mailbox with two mails."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "b.eml").write_bytes(mail(1))
    (tmp_path / "inbox" / "c.eml").write_bytes(mail(2))
    return tmp_path


def uids(directory: Path) -> tuple[int, list[int]]:
    """UIDVALIDITY and UIDs of the inbox, as a new run sees them."""
    with FolderSource(directory) as source:
        state = source.examine(Role.INBOX)
        assert state is not None
        return state.uidvalidity, source.uids(Role.INBOX, after=0)


def listed(directory: Path) -> list[Listed]:
    """The inbox, listed."""
    with FolderSource(directory) as source:
        return [one for batch in source.listing(Role.INBOX, source.uids(Role.INBOX, after=0)) for one in batch]


def test_a_new_file_comes_last_whatever_its_name(directory: Path) -> None:
    """A file that sorts before the others must still be after the cursor, or it is never read."""
    before = uids(directory)
    (directory / "inbox" / "a.eml").write_bytes(mail(3))
    assert before[1] == [1, 2]
    assert uids(directory) == (before[0], [1, 2, 3])


def test_an_edited_file_is_a_new_mail(directory: Path) -> None:
    """A file that was replaced by another mail of the same name must be read."""
    before = uids(directory)
    (directory / "inbox" / "b.eml").write_bytes(mail(9, body=b"Another mail.\r\n"))
    assert uids(directory) == (before[0], [2, 3])


def test_lost_numbers_are_a_new_uidvalidity(directory: Path) -> None:
    """Numbers given anew must not pass for the old ones."""
    before = uids(directory)
    (directory / STATE).unlink()
    after = uids(directory)
    assert before[0] != after[0]
    assert after[1] == [1, 2]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"folders": {"inbox": {"uids": []}}}', b'{"folders": {"x": 1}}', b"\xff"]
)
def test_damaged_numbers_are_lost_numbers(directory: Path, damage: bytes) -> None:
    """A half-written or hand-edited file must not stop the run, nor half of it be believed."""
    before = uids(directory)
    (directory / STATE).write_bytes(damage)
    after = uids(directory)
    assert after[0] != before[0]
    assert after[1] == [1, 2]
    assert uids(directory) == after


def test_a_directory_that_cannot_be_written_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mounted archive is a mailbox too: its numbers hold until its files change, and are void then."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    before = uids(directory)
    assert before == uids(directory)
    assert before[1] == [1, 2]
    (directory / "inbox" / "a.eml").write_bytes(mail(3))
    assert uids(directory)[0] != before[0]
    assert not (directory / STATE).exists()


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_disk_that_fails_gives_no_numbers(directory: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    """Numbers that never reached the disk would be given again to other files, and a cursor beyond them hides mail."""
    (first, _), flush, calls = uids(directory), os.fsync, iter(range(1, 9))

    def fail(handle: int) -> None:
        if next(calls) == fails_at:
            raise OSError(5, "Input/output error")
        flush(handle)

    (directory / "inbox" / "a.eml").write_bytes(mail(3))
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(MailServerError, match="Input/output error") as caught:
        uids(directory)
    assert caught.value.exit_code is ExitCode.TEMPORARY
    assert uids(directory) == (first, [1, 2, 3])
    assert [path.name for path in directory.iterdir() if path.name.startswith(".")] == [STATE]


def test_a_directory_that_need_not_be_flushed_is_no_failure(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems refuse to flush a directory: a mailbox there would never be read."""
    flush = os.fsync

    def refuse_directories(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        flush(handle)

    monkeypatch.setattr("os.fsync", refuse_directories)
    assert uids(directory) == uids(directory)
    assert (directory / STATE).exists()


def test_only_mails_are_read(directory: Path) -> None:
    """Editors and systems leave files of their own; a directory called x.eml is no mail."""
    for name in (".DS_Store", "notes.txt", "b.eml~"):
        (directory / "inbox" / name).write_text("no mail")
    (directory / "inbox" / "folder.eml").mkdir()
    (directory / "inbox" / "LOUD.EML").write_bytes(mail(3))
    assert len(listed(directory)) == 3


def test_line_ends_are_those_of_a_server(directory: Path) -> None:
    """A checkout turns CRLF into LF; the same mail must have the same hash from a directory and from a server."""
    (directory / "inbox" / "b.eml").write_bytes(mail(1).replace(b"\r\n", b"\n"))
    with FolderSource(directory) as source:
        first = listed(directory)[0]
        ((fetched,),) = source.bodies(Role.INBOX, [first])
    assert fetched.raw == mail(1)
    assert first.size_bytes == len(mail(1))


@pytest.mark.parametrize(
    ("header", "arrived_at"),
    [
        (b"Received: by b; Tue, 3 Mar 2026 10:00:00 +0100\nReceived: by a; Mon, 2 Mar 2026 10:00:00 +0000\n", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (b"Received: by b (x; y)\n\tfor <o@example.org>;\n\tTue, 3 Mar 2026 10:00:00 +0100\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (b"Date: Mon, 2 Mar 2026 10:00:00 +0000\n", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (b"Date: Mon, 2 Mar 2026 10:00:00\n", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (b"Received: by b; yesterday\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (b"Date: Mon, 2 Mar 99999999999 10:00:00 +0000\n", NOON),
        (b"Date: Mon, 31 Feb 2026 10:00:00 +0000\n", NOON),
        (b"Date: \xff\n", NOON),
        (b"Subject: none\n", NOON),
    ],
)  # fmt: skip
def test_a_mail_arrived_when_its_header_says_so(tmp_path: Path, header: bytes, arrived_at: datetime) -> None:
    """The topmost Received is our server's word; a file's time is when somebody copied it, and the last resort."""
    path = tmp_path / "inbox" / "only.eml"
    path.parent.mkdir()
    path.write_bytes(header + b"\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n")
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    assert [one.arrived_at for one in listed(tmp_path)] == [arrived_at]


def test_since_goes_by_arrival(directory: Path) -> None:
    """Freshly copied archives must not all count as new."""
    (directory / "inbox" / "old.eml").write_bytes(mail(3, at=datetime(2020, 1, 1, tzinfo=UTC)))
    with FolderSource(directory) as source:
        assert source.uids(Role.INBOX, after=0, since=date(2026, 1, 1)) == [1, 2]


def test_a_file_that_cannot_be_read_is_said_so(directory: Path) -> None:
    """One unreadable file must not stop the others, and must not count as read."""
    mails = listed(directory)
    with FolderSource(directory) as source:
        (directory / "inbox" / "b.eml").write_bytes(b"")
        again = listed(directory)
        ((whole, empty),) = source.bodies(Role.INBOX, again)
    assert [one.uid for one in again] == [mails[1].uid, mails[1].uid + 1]
    assert whole.raw == mail(2)
    assert empty.raw is None
    assert "empty" in empty.problem


@pytest.mark.parametrize("present", [(), ("sent",)])
def test_a_directory_without_an_inbox_is_a_mistake(tmp_path: Path, present: tuple[str, ...]) -> None:
    """A wrong path must not read as an empty mailbox."""
    for name in present:
        (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match="inbox") as caught, FolderSource(tmp_path):
        pass
    assert str(tmp_path) in caught.value.fix


def test_a_draft_is_for_the_owners_eyes_only(directory: Path) -> None:
    """On a shared machine a letter about money is nobody else's business."""
    with FolderDrop(directory) as drop:
        drop.put(mail(1, message_id="<d@example.org>"), message_id="<d@example.org>", sender="", recipients=[])
    (path,) = (directory / "drafts").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert path.suffix == ".eml"


def test_a_draft_that_is_there_is_not_written_again(directory: Path) -> None:
    """The person may have edited it; a second `put` must not undo that."""
    edited = mail(1, message_id="<d@example.org>", body=b"Edited by hand.\r\n")
    with FolderDrop(directory) as drop:
        drop.put(mail(1, message_id="<d@example.org>"), message_id="<d@example.org>", sender="", recipients=[])
        (path,) = (directory / "drafts").iterdir()
        path.write_bytes(edited)
        renamed = path.rename(path.with_name("my letter.eml"))
        found = drop.put(mail(1, message_id="<d@example.org>"), message_id="<d@example.org>", sender="", recipients=[])
        assert found == drop.find("<d@example.org>")
    assert [path.name for path in (directory / "drafts").iterdir()] == ["my letter.eml"]
    assert renamed.read_bytes() == edited


def test_a_draft_that_was_moved_to_sent_is_found_there(directory: Path) -> None:
    """Moving the file is how a draft of a directory is sent."""
    with FolderDrop(directory) as drop:
        drop.put(mail(1, message_id="<d@example.org>"), message_id="<d@example.org>", sender="", recipients=[])
        shutil.move(directory / "drafts", directory / "sent")
        found = drop.find("<d@example.org>")
    assert found is not None
    assert found.role is Role.SENT


@pytest.mark.parametrize("broken", ["os.fsync", "pathlib.Path.replace"])
def test_a_draft_that_cannot_be_written_leaves_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """On a full disk there is either the whole draft or none, and the proposal stays to be delivered."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, fail)
    with FolderDrop(directory) as drop, pytest.raises(MailServerError, match="No space left"):
        drop.put(mail(1, message_id="<d@example.org>"), message_id="<d@example.org>", sender="", recipients=[])
    assert list((directory / "drafts").iterdir()) == []
