"""What a run does when the disk says EIO to fsync: it says so, and the next run loses nothing.

    python benchmarks/disk.py [n …]

Needs strace, which answers the n-th fsync of a `firmly run` with EIO: for n = 1, 2, …, and at last all of them (`1+`).
After each: the exit code; integrity, mails, sightings, and by how much a cursor is ahead of them; and the same after one
more run, which must end the work.

Two kinds of points are none: where the journal is switched to WAL, SQLite goes on with the rollback journal, which is as
durable; and when the last connection closes, what could not be written back stays in the WAL. Both end with code 0.
"""

import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from sqlalchemy import text  # noqa: E402 the path is set above: this script borrows the tests' mails
from support.memory import mail  # noqa: E402

from pipeline.store.database import Database  # noqa: E402

MAILS = 4
_CONFIG = """
[owner]
name = "Robin Example"
email = "robin@studio.example"
[[accounts]]
kind = "folder"
id = "main"
path = "mail"
[store]
path = "store.sqlite3"
"""


def prepare(place: Path) -> Path:
    """A directory as mailbox, a client, a config."""
    for name in ("mail/inbox", "mail/sent", "clients"):
        (place / name).mkdir(parents=True)
    for number in range(MAILS):
        body = f"Hi Robin,\n\nwhile you are at it, please throw in page {number} as well, at no extra cost.\n\nMia\n"
        at = datetime.now(UTC) - timedelta(hours=1)
        raw = mail(body=body, subject=f"Page {number}", message_id=f"<{number}@harbour.example>", at=at)
        (place / "mail" / "inbox" / f"{number}.eml").write_bytes(raw)
    (place / "clients" / "harbour.toml").write_text('name = "Harbour Bakery"\nemails = ["mia@harbour.example"]\n')
    (place / "config.toml").write_text(_CONFIG)
    return place / "config.toml"


def run(config: Path, when: str | None) -> tuple[int, int, str]:
    """One `firmly run`: its code, how many fsyncs it made, and what it said."""
    inject = ["-e", f"inject=fsync,fdatasync:error=EIO:when={when}"] if when else []
    trace = config.with_name("trace")
    command = [sys.executable, "-m", "pipeline", "run", "--config", str(config)]
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(trace), "-e", "trace=fsync,fdatasync", *inject, *command],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    calls = len(re.findall(r"\b(?:fsync|fdatasync)\(", trace.read_text()))
    return done.returncode, calls, done.stderr.strip().split("\n")[0]


def state(store: Path) -> tuple[str, int, int, int]:
    """Integrity, mails, sightings, and by how much a cursor is ahead of what was seen."""
    if not store.exists():
        return "none yet", 0, 0, 0
    with Database(store).read() as tx:
        if not tx.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'cursors'")).scalar_one():
            return "empty", 0, 0, 0
        whole = str(tx.execute(text("PRAGMA integrity_check")).scalar_one())
        mails = int(tx.execute(text("SELECT count(*) FROM mails")).scalar_one())
        seen = int(tx.execute(text("SELECT count(*) FROM sightings")).scalar_one())
        cursor = int(
            tx.execute(text("SELECT coalesce(max(last_uid), 0) FROM cursors WHERE folder = 'inbox'")).scalar_one()
        )
    return whole, mails, seen, max(0, cursor - seen)


def main() -> None:
    """Every point in turn."""
    with tempfile.TemporaryDirectory() as place:
        code, calls, _ = run(prepare(Path(place)), None)
    points = sys.argv[1:] or [*(str(n) for n in range(1, calls + 1)), "1+"]
    print(f"an undisturbed run: code {code}, {calls} fsyncs")
    for when in points:
        with tempfile.TemporaryDirectory() as place:
            config, store = prepare(Path(place)), Path(place) / "store.sqlite3"
            code, _, said = run(config, when)
            after = state(store)
            again = run(config, None)[0]
            print(
                f"EIO at {when}: code {code}, {after}; the next run: code {again}, {state(store)}  {said}", flush=True
            )


if __name__ == "__main__":
    main()
