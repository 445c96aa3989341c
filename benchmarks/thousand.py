"""A thousand client mails on a real Dovecot: what the mailbox sees of us, and what overlapping runs and a restored server do.

    python benchmarks/thousand.py [mails]

- 20 runs that overlap: one works, the others leave at once; the worker is killed, the next run starts and ends the work;
- after it, and after drafts were laid down: the flags of every mail, and each command that was ever sent;
- the server gets another UIDVALIDITY: no new proposal, no mail judged again;
- a mail that no stage can take: the others are done, this one is parked after three tries.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from servers.dovecot import PASSWORD, Dovecot  # noqa: E402 the path is set above: this script borrows the tests' servers
from servers.proxy import Proxy  # noqa: E402
from sqlalchemy import text  # noqa: E402
from support.killing import prepare  # noqa: E402
from support.memory import mail  # noqa: E402
from support.world import make_world  # noqa: E402

from pipeline.config.load import load_config  # noqa: E402
from pipeline.domain.proposal import ProposalStatus  # noqa: E402
from pipeline.review import approve, waiting  # noqa: E402
from pipeline.run.loop import RunOptions, run_once  # noqa: E402
from pipeline.store.database import Database  # noqa: E402

USER = "thousand@example.org"
RUNS = 20
APPROVED = 25
ALLOWED = {"CAPABILITY", "LOGIN", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH", "APPEND", "LOGOUT", "NOOP"}
_COMMAND = re.compile(rb"^[A-P]{4}\d+ (UID [A-Z]+|[A-Z]+)([^\r\n]*)", re.MULTILINE)
_COUNTS = {
    "proposals": "SELECT count(*) FROM proposals",
    "judged": "SELECT count(*) FROM steps WHERE stage = 'classify' AND state = 'done'",
    "tries at judging": "SELECT sum(attempts) FROM steps WHERE stage = 'classify'",
    "requests to an endpoint": "SELECT count(*) FROM llm_calls",
    "mails": "SELECT count(*) FROM mails",
    "sightings": "SELECT count(*) FROM sightings",
    "origins with two proposals": "SELECT count(*) - count(DISTINCT origin) FROM proposals WHERE status != 'superseded'",
}


def command(config: Path) -> subprocess.Popen[bytes]:
    """A `firmly run`."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", "run", "--allow-many", "--config", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "FIRMLY_TEST_PASSWORD": PASSWORD},
    )


def is_locked(store: Path) -> bool:
    """Whether a run holds the lock beside the store, without touching it."""
    lock = store.with_name(f"{store.name}.lock")
    return lock.exists() and f":{lock.stat().st_ino} " in Path("/proc/locks").read_text()


def seconds_until_locked(store: Path) -> float:
    """How long until a run has begun."""
    begin = time.perf_counter()
    while not is_locked(store):
        time.sleep(0.01)
    return time.perf_counter() - begin


def counts(db: Database) -> dict[str, int]:
    """What the store holds."""
    with db.read() as tx:
        return {name: int(tx.execute(text(query)).scalar_one() or 0) for name, query in _COUNTS.items()}


def flags(server: Dovecot) -> dict[int, tuple[bytes, ...]]:
    """The flags of every mail in INBOX, but for Recent, which belongs to a session."""
    client = server.client(USER)
    client.select_folder("INBOX", readonly=True)
    rows = client.fetch(client.search(), ["FLAGS"])
    client.logout()
    return {uid: tuple(sorted(f for f in row[b"FLAGS"] if f != b"\\Recent")) for uid, row in rows.items()}


def overlap(config: Path, store: Path) -> None:
    """One run works, the others leave; the worker dies, and the last one ends the work."""
    worker = command(config)
    seconds_until_locked(store)
    took, codes = [], []
    for _ in range(RUNS - 2):
        begin = time.perf_counter()
        codes.append(command(config).wait())
        took.append(time.perf_counter() - begin)
    still = worker.poll() is None
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    last = command(config)
    began = seconds_until_locked(store)
    code = last.wait()
    print(
        f"overlapping runs: {len(took)} left with codes {set(codes)} in {min(took):.1f} to {max(took):.1f} s while one worked ({still=})"
    )
    print(f"the worker was killed; the next run began after {began:.1f} s and ended with code {code}")


def verbs(heard: bytes) -> None:
    """What was sent to the server."""
    found = [(m[1].decode(), m[2]) for m in _COMMAND.finditer(heard)]
    bare = [rest for verb, rest in found if verb == "UID FETCH" and re.search(rb"BODY\[|RFC822(?!\.SIZE)", rest)]
    names = sorted({verb for verb, _ in found})
    print(
        f"{len(found)} commands: {', '.join(names)}; not allowed: {sorted(set(names) - ALLOWED)}; fetches without PEEK: {len(bare)}"
    )


def renumber(server: Dovecot) -> None:
    """Give INBOX another UIDVALIDITY, as a restore from a backup does."""
    maildir = server.root / "mail" / USER / "Maildir"
    uids = maildir / "dovecot-uidlist"
    uids.write_bytes(re.sub(rb" V(\d+)", lambda m: b" V%d" % (int(m[1]) + 1), uids.read_bytes(), count=1))
    for path in maildir.glob("dovecot.index*"):
        path.unlink()


def one_mailbox(mails: int) -> None:
    """All that is looked at on a real server."""
    with tempfile.TemporaryDirectory() as place, Dovecot() as server, Proxy(server.port) as proxy:
        config, store = prepare(server, USER, Path(place), mails), Path(place) / "store.sqlite3"
        through = f'port = {proxy.port}\nsecurity = "plain"'
        words = re.sub(r"port = \d+", through, config.read_text()).replace('"localhost"', '"127.0.0.1"')
        config.write_text(re.sub(r"ca_file = .*\n", "", words))
        client = server.client(USER)
        client.select_folder("INBOX")
        client.add_flags(client.search()[::2], [b"\\Seen"], silent=True)
        client.add_flags(client.search()[::7], [b"\\Flagged"], silent=True)
        client.logout()
        before = flags(server)
        overlap(config, store)
        db = Database(store)
        print(counts(db))
        for proposal in [p for p in waiting(db).proposals if p.status is ProposalStatus.PENDING][:APPROVED]:
            approve(db, load_config(config).owner, proposal, reviewer="robin", now=datetime.now(UTC))
        print(f"a run that delivers {APPROVED} drafts: code {command(config).wait()}")
        after = flags(server)
        print(f"flags of {len(before)} mails changed: {sum(before[uid] != after.get(uid) for uid in before)}")
        verbs(bytes(proxy.heard))
        was = counts(db)
        renumber(server)
        code, now = command(config).wait(), counts(db)
        print(f"another UIDVALIDITY, code {code}:", {name: now[name] - was[name] for name in now})


def poison(mails: int) -> None:
    """One mail of them all breaks the judge."""
    with tempfile.TemporaryDirectory() as place:
        world = make_world(Path(place), run={"max_new": mails + 1})
        world.judge.fails["poison"] = ZeroDivisionError("a bug")
        for number in range(mails):
            body = (
                "poison" if number == mails // 2 else f"Please add page {number} while you are at it. [scope_creep]\n"
            )
            world.box.add(mail(body=body, subject=f"Page {number}", message_id=f"<{number}@harbour.example>"))
        codes = []
        for _ in range(5):
            codes.append(int(run_once(world.desk, RunOptions()).exit_code))
            world.time[0] += timedelta(minutes=30)
        asked = world.judge.calls.count(f"Page {mails // 2}")
        told = [item.kind for item in waiting(world.db).attention]
        print(
            f"one poison mail: {counts(world.db)['judged']} of {mails} judged, tries {asked}, codes of five runs {codes}, {told}"
        )


def main() -> None:
    """Run everything once."""
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    poison(mails)
    one_mailbox(mails)


if __name__ == "__main__":
    main()
