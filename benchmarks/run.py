"""What a whole run costs, over a real Dovecot and over a store in a directory.

    python benchmarks/run.py [--mails 5000] [--rounds 3] [--many 10000]

- first fetch, stored raw: `fetch_mail` into a new store against a bare batched `imapclient` fetch of the same. Budget 1.5.
- a rerun with nothing new: calls and writes. Budget 0 and the one row of `runs`.
- a poll of a run without new mail against connect, login, select, one search. Budget 1.3 (the same on a mailbox ten times as large).
- memory of a run over many mails with a judge that says nothing. Budget 300 MB.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from servers.dovecot import Dovecot  # noqa: E402 the path is set above: this script borrows the tests' servers
from sqlalchemy import text  # noqa: E402
from support.memory import mail  # noqa: E402
from support.world import make_world  # noqa: E402

from benchmarks.imap import AVERAGE_BYTES, bare_fetch, fill  # noqa: E402
from pipeline.clients import Roster  # noqa: E402
from pipeline.domain.ids import AccountId, ClientId  # noqa: E402
from pipeline.mail.imap import ImapSource  # noqa: E402
from pipeline.run.fetch import FetchRules, fetch_mail  # noqa: E402
from pipeline.run.loop import RunOptions, run_once  # noqa: E402
from pipeline.store.database import Database  # noqa: E402

ROSTER = Roster(frozenset({"owner@example.org"}), {}, {"example.com": ClientId(1)})


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def first_fetch(server: Dovecot, mails: int, rounds: int) -> None:
    """Fetch and store against fetch alone, in turn."""
    fill(server, "bench@example.org", mails, AVERAGE_BYTES)
    settings = server.plain_settings("bench@example.org", timeout_s=60.0)
    pairs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            db = Database(Path(place) / "store.sqlite3")
            db.upgrade(datetime.now(UTC))
            with db.write() as tx:
                tx.execute(text("INSERT INTO clients (id, name, file, updated_at) VALUES (1, 'c', '{}', '')"))
            rules = FetchRules(since=date(2020, 1, 1), max_new=None)

            def ours(db: Database = db, rules: FetchRules = rules) -> None:
                with ImapSource(settings) as source:
                    fetch_mail(db, AccountId("main"), source, ROSTER, rules, lambda: datetime.now(UTC))

            pairs.append((seconds(ours), seconds(lambda: bare_fetch(settings))))
            with db.read() as tx:
                stored = tx.execute(text("SELECT count(*) FROM mails")).scalar_one()
    ratio = statistics.median(a / b for a, b in pairs)
    mine, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"first fetch, {stored} mails stored raw: {mine:.2f} s, bare {bare:.2f} s, ratio {ratio:.2f} (budget 1.5), {rounds} rounds"
    )


def rerun_and_memory(many: int) -> None:
    """A run over many mails with a judge that says nothing, then one with nothing new."""
    with tempfile.TemporaryDirectory() as place:
        world = make_world(Path(place), run={"max_new": many + 1})
        for number in range(many):
            world.box.add(
                mail(
                    subject=f"Mail {number}",
                    body=f"Could you look at page {number}?\n",
                    message_id=f"<{number}@h.example>",
                )
            )
        took = seconds(lambda: run_once(world.desk, RunOptions()))
        asked = len(world.judge.calls)
        with world.db.read() as tx:
            before = tx.exec_driver_sql("PRAGMA data_version").scalar_one()
            rows = [
                tx.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in ("steps", "mails", "sightings", "proposals")
            ]
        again = seconds(lambda: run_once(world.desk, RunOptions()))
        with world.db.read() as tx:
            after = [
                tx.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in ("steps", "mails", "sightings", "proposals")
            ]
            runs = tx.execute(text("SELECT count(*) FROM runs")).scalar_one()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"run over {many} mails: {took:.0f} s, peak {peak:.0f} MB RSS (budget 300, with the fake mailbox in it)")
        print(
            f"rerun: {again:.1f} s, {len(world.judge.calls) - asked} calls, rows {'unchanged' if rows == after else 'CHANGED'},"
            f" {runs} rows of runs, data version {before}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=10000)
    given = parser.parse_args()
    with Dovecot() as server:
        first_fetch(server, given.mails, given.rounds)
    rerun_and_memory(given.many)


if __name__ == "__main__":
    main()
