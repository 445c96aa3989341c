"""`firmly serve` and `firmly review` as processes: the printed link, and single keys in a real terminal."""

import http.client
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.demo import NOW, Demo

COMMANDS = "import typer; from pipeline.cli.serving import register; app = typer.Typer(); register(app); app()"


@pytest.fixture
def place(demo: Demo, tmp_path: Path) -> Path:
    """A copy of what the demo kept."""
    return shutil.copytree(demo.place, tmp_path / "demo")


def words(place: Path, *given: str) -> list[str]:
    """How a command is called."""
    return [sys.executable, "-c", COMMANDS, *given, "--config", str(place / "config.toml"), "--now", NOW]


class Terminal:
    """A process behind a pseudo-terminal."""

    def __init__(self, place: Path) -> None:
        self.child, self.master = pty.fork()
        if self.child == 0:  # pragma: no cover  the other process
            environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "HOME": str(place)}
            os.execve(sys.executable, words(place, "review"), environment)
        self.rest = ""

    def until(self, wanted: str) -> str:
        """Read until these words are there; gives what came up to their end."""
        end = time.monotonic() + 60
        while wanted not in self.rest:
            assert time.monotonic() < end, f"{wanted!r} did not come: {self.rest[-2000:]}"
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.rest += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:  # Linux' way to say that nobody is at the other end any more
                    pytest.fail(f"It ended before {wanted!r} came: {self.rest[-2000:]}")
        came, _, self.rest = self.rest.partition(wanted)
        return came + wanted

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def end(self) -> int:
        """Wait for the end; gives the exit status."""
        status = os.waitpid(self.child, 0)[1]
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)


def test_a_sitting_in_the_terminal(place: Path) -> None:
    """Keys that decide the wrong thing, rough mail unfolded, or mail that speaks to the terminal would be caught here."""
    with sqlite3.connect(place / "firmly.sqlite3") as store:
        ((mail, said),) = store.execute(
            "SELECT s.mail_id, s.output FROM steps s JOIN attention a ON a.mail_id = s.mail_id"
            " WHERE a.id = 1 AND s.stage = 'parse'"
        ).fetchall()
        parsed = json.loads(said)
        parsed["newest"] = "FIRST \x1b]0;owned\x07\x1b[2J\x9b31m \u202eLAST"
        store.execute("UPDATE steps SET output = ? WHERE mail_id = ? AND stage = 'parse'", (json.dumps(parsed), mail))
    terminal = Terminal(place)
    folded = terminal.until("q quit")
    assert "fine choice" in folded
    assert "FIRST" not in folded
    terminal.press("o")
    opened = terminal.until("LAST")
    assert "\x1b]0;owned" not in opened
    assert "\x9b" not in opened
    assert "\u202e" not in opened
    while "What would leave" not in terminal.until("q quit"):
        terminal.press("j")
    terminal.press("x")
    terminal.until("u takes that back")
    terminal.until("q quit")
    terminal.press("u")
    terminal.until("q quit")
    terminal.press("a")
    terminal.until("SHA-256 of what you approved")
    terminal.until("q quit")
    terminal.press("q")
    assert terminal.end() == 0
    assert len(list((place / "mailbox" / "drafts").glob("*.eml"))) == 1


def test_only_single_keys_decide(place: Path) -> None:
    """An arrow key, Delete, Alt and a letter, or a pasted text that approves or redrafts would be caught here."""
    terminal = Terminal(place)
    terminal.until("q quit")
    terminal.press("/")
    terminal.until("Search: ")
    terminal.press("micromanaging\n")
    terminal.until("q quit")
    terminal.press("\x1b[A\x1b[3~\x1bOP\x1b[200~a x 3 s\x1b[201~")
    terminal.press("\x1ba")
    terminal.press("s")
    terminal.until("Until (3h, 2d, or a time): ")
    terminal.press("\x04")  # rather not
    terminal.until("Nothing was done.")
    terminal.until("q quit")
    terminal.press("r")
    terminal.until("Plain letters cannot follow a wish")
    terminal.until("q quit")
    terminal.press("?")
    terminal.until("nothing leaves without it")
    terminal.press("q")
    assert terminal.end() == 0
    with sqlite3.connect(place / "firmly.sqlite3") as store:
        done = {event for (event,) in store.execute("SELECT event FROM events WHERE actor != 'firmly'")}
    assert done == {"approved", "redrafted"}  # the demo's own approval, and the one redraft
    assert list((place / "mailbox" / "drafts").glob("*.eml")) == []


def test_a_held_mail_can_be_read_tomorrow_in_the_terminal(place: Path) -> None:
    """A rough mail that can only be closed or looked at again and again, or that is put off for ever."""

    def asleep() -> list[str]:
        with sqlite3.connect(place / "firmly.sqlite3") as store:
            return [
                at for (at,) in store.execute("SELECT snoozed_until FROM attention WHERE snoozed_until IS NOT NULL")
            ]

    terminal = Terminal(place)
    assert "s snooze" in terminal.until("q quit")
    terminal.press("s")
    terminal.until("Until (3h, 2d, or a time): ")
    terminal.press("2d\n")
    terminal.until("q quit")
    (until,) = asleep()
    assert until.startswith("2026-11-19T08:00")
    terminal.press("u")
    terminal.until("q quit")
    assert asleep() == []
    terminal.press("q")
    assert terminal.end() == 0


def test_the_terminal_keeps_the_order_of_the_page(place: Path, link: str) -> None:
    """Two doors that put another matter first would be caught here."""
    terminal = Terminal(place)
    seen = []
    for _ in range(5):
        seen += re.findall(r"^(a\d+) |What would leave \((p\d+),", terminal.until("q quit"), re.MULTILINE)
        terminal.press("j")
    terminal.press("q")
    terminal.end()
    page = visited(link, "/")
    listed = re.findall(r'class="line" href="/([ap])/(\d+)"', page)
    assert ["".join(one) for one in seen][:5] == ["".join(one) for one in listed][:5]


def test_review_needs_a_terminal(place: Path) -> None:
    """In a pipe the command must say so, and not wait for keys for ever."""
    done = subprocess.run(words(place, "review"), input="a", capture_output=True, text=True, check=False)
    assert "needs a terminal" in done.stderr


@pytest.fixture
def link(place: Path) -> Iterator[str]:
    """What `firmly serve` prints."""
    with subprocess.Popen(words(place, "serve", "--port", "0"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield found[0]
        process.terminate()
        process.communicate()


def visited(link: str, path: str) -> str:
    """A page, as somebody sees it who has followed the link."""
    parts = urlsplit(link)
    line = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=30)
    line.request("GET", f"{parts.path}?{parts.query}")
    answer = line.getresponse()
    answer.read()
    line.request("GET", path, headers={"Cookie": (answer.headers["set-cookie"] or "").partition(";")[0]})
    page = line.getresponse().read().decode()
    line.close()
    return page


def test_the_printed_link_lets_in(link: str) -> None:
    """A link that does not work, or an address that works without it, would be caught here."""
    parts = urlsplit(link)
    assert parts.hostname == "127.0.0.1"
    line = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=30)
    line.request("GET", "/")
    assert b"Open the link" in line.getresponse().read()
    line.request("GET", f"{parts.path}?{parts.query}")
    answer = line.getresponse()
    answer.read()
    line.request("GET", "/", headers={"Cookie": (answer.headers["set-cookie"] or "").partition(";")[0]})
    page = line.getresponse()
    assert (page.status, b"wait for you" in page.read()) == (200, True)
    assert page.headers["server"] is None
    line.close()


def test_other_machines_are_kept_out(place: Path) -> None:
    """Listening for the whole network has to be said in so many words."""
    done = subprocess.run(words(place, "serve", "--host", "0.0.0.0"), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "would let other machines at your mail" in done.stderr
