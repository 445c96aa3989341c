"""`firmly init` on a terminal of its own: what is asked, what is written, and what never is."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipeline.config.load import load_config

PASSWORD = "correct-horse-battery"
SIX = ("Robin Example", "robin@studio.example", "Europe/Lisbon", "mon-thu 10:00-16:00", "imap.studio.example", "robin")
PATIENCE_S = 30


class Dialogue:
    """A running `firmly init` and the terminal it talks on."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self._terminal = terminal
        self.said = ""

    def hear(self, words: str | None) -> str:
        """Everything said until these words, or until the end of the process."""
        begin = len(self.said)
        while words is None or words not in self.said[begin:]:
            ready, _, _ = select.select([self._terminal], [], [], PATIENCE_S)
            assert ready, f"{words!r} was not said, but: {self.said}"
            try:
                piece = os.read(self._terminal, 4096)
            except OSError:  # how Linux says that nobody holds the other end any more
                piece = b""
            if not piece:
                assert words is None, f"{words!r} was not said, but: {self.said}"
                break
            self.said += piece.decode()
        return self.said[begin:]

    def answer(self, *lines: str) -> None:
        """One line a question; every question ends in a colon."""
        for line in lines:
            self.hear(": ")
            self.type(f"{line}\n".encode())

    def type(self, keys: bytes) -> None:
        """Press these keys."""
        os.write(self._terminal, keys)

    def end(self) -> int:
        """The exit code, after the last words."""
        self.hear(None)
        return self.process.wait(PATIENCE_S)


@contextmanager
def init(target: Path) -> Iterator[Dialogue]:
    """The command on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pipeline", "init", "--path", str(target)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "dumb"})
    os.close(theirs)
    try:
        yield Dialogue(process, ours)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.parametrize(
    ("ways", "written"),
    [
        (("", ""), {"env": "FIRMLY_IMAP_PASSWORD"}),
        (("env", "STUDIO_MAIL"), {"env": "STUDIO_MAIL"}),
        (("command", f"'{sys.executable}' -c 'print(1)'"), {"command": [sys.executable, "-c", "print(1)"]}),
        (("keyring", "firmly", "robin"), {"keyring": "firmly", "user": "robin"}),
    ],
)
def test_the_answers_become_a_config_that_is_right(
    tmp_path: Path, ways: Sequence[str], written: dict[str, object]
) -> None:
    """A config that `firmly doctor` refuses, or that others on the machine may read, is no beginning."""
    target = tmp_path / "new" / "config.toml"
    with init(target) as dialogue:
        dialogue.answer(*SIX, *ways)
        assert dialogue.end() == 0
    config = load_config(target)
    account = config.accounts[0]
    assert (config.owner.name, config.owner.email, config.owner.timezone) == SIX[:3]
    assert account.kind == "imap"
    assert (account.host, account.user) == SIX[4:]
    assert account.password.model_dump(exclude_none=True, exclude_defaults=True) == written
    assert target.stat().st_mode & 0o777 == 0o600
    assert (target.parent / "clients").is_dir()
    assert "firmly doctor" in dialogue.said


def test_a_password_never_lands_in_the_file(tmp_path: Path) -> None:
    """Asked where the password is kept, people type the password."""
    target = tmp_path / "config.toml"
    with init(target) as dialogue:
        dialogue.answer(*SIX, PASSWORD, "env", PASSWORD, "STUDIO_MAIL")
        assert dialogue.end() == 0
    assert PASSWORD not in target.read_text(encoding="utf-8")
    assert load_config(target).owner.name == SIX[0]
    with init(tmp_path / "other.toml") as dialogue:
        dialogue.answer(*SIX, "command", PASSWORD, sys.executable)
        assert dialogue.end() == 0
    assert PASSWORD not in (tmp_path / "other.toml").read_text(encoding="utf-8")


def test_an_existing_file_is_not_written_over(tmp_path: Path) -> None:
    """Somebody's config, with all its comments, would be gone; a link that leads nowhere is somebody's too."""
    target, link = tmp_path / "config.toml", tmp_path / "link.toml"
    target.write_text("# mine\n")
    link.symlink_to(tmp_path / "elsewhere.toml")
    for path in (target, link):
        with init(path) as dialogue:
            assert dialogue.end() == 2
        assert "exists already" in dialogue.said
    assert target.read_text() == "# mine\n"
    assert not (tmp_path / "elsewhere.toml").exists()


def test_a_file_that_appears_during_the_questions_stays(tmp_path: Path) -> None:
    """Two terminals, one config: the second must not win in silence."""
    target = tmp_path / "config.toml"
    with init(target) as dialogue:
        dialogue.answer(*SIX, "env")
        dialogue.hear(": ")
        target.write_text("# mine\n")
        dialogue.type(b"\n")
        assert dialogue.end() == 2
    assert target.read_text() == "# mine\n"


@pytest.mark.parametrize("answered", [0, 3, 7])
@pytest.mark.parametrize("way", ["interrupt", "end of file"])
def test_cancelled_halfway_nothing_is_left(tmp_path: Path, answered: int, way: str) -> None:
    """Half a config would be found by the next command, and half a directory by the next init."""
    target = tmp_path / "new" / "config.toml"
    with init(target) as dialogue:
        dialogue.answer(*(*SIX, "env")[:answered])
        dialogue.hear(": ")
        if way == "interrupt":
            dialogue.process.send_signal(signal.SIGINT)
            dialogue.type(b"\n")  # the read may have begun just after the signal came, and waits for a line
        else:
            dialogue.type(b"\x04")
        assert dialogue.end() != 0
    assert list(tmp_path.iterdir()) == []
    assert "bug" not in dialogue.said
    assert "Traceback" not in dialogue.said


def test_mistaken_answers_are_told_at_once(tmp_path: Path) -> None:
    """The next command would be the first to say that the time zone does not exist."""
    target = tmp_path / "config.toml"
    with init(target) as dialogue:
        dialogue.answer(SIX[0], SIX[1], "Europe/Lisboa", *SIX[3:], "env", "")
        assert dialogue.end() == 78
    assert "Lisboa" in dialogue.said
    assert "not right yet" in dialogue.said


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    """In a script the questions would wait for ever."""
    target = tmp_path / "config.toml"
    command = [sys.executable, "-m", "pipeline", "init", "--path", str(target)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "config.example.toml" in done.stderr
    assert not target.exists()
