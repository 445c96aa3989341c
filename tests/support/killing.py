"""`kill -9` in the middle of runs against a real Dovecot, and what must be true afterwards."""

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servers.dovecot import PASSWORD, Dovecot
from sqlalchemy import text
from support.memory import mail

from pipeline.config.load import load_config
from pipeline.domain.proposal import ProposalStatus
from pipeline.review import approve, waiting
from pipeline.store.database import Database

PAGES = ("booking", "wholesale", "recipes", "careers", "press", "gift card", "newsletter", "team")


@dataclass(frozen=True)
class Tally:
    """What came out in the end."""

    mails: int
    assessments: int
    proposals: int
    doubled: int
    """Origins with more than one live or delivered proposal."""
    approved: int
    drafts: int
    doubled_drafts: int
    kills: int
    integrity: str


def prepare(server: Dovecot, user: str, place: Path, mails: int) -> Path:
    """A mailbox with so many client mails, each in its own thread, and a config for it."""
    now = datetime.now(UTC)
    client = server.client(user)
    for number in range(mails):
        page = PAGES[number % len(PAGES)]
        body = (
            f"Hi Robin,\n\nwhile you're in there anyway, please throw in a {page} page number {number} as well. It's only a small"
            " thing, so I'd expect it to be part of what we already agreed. No need to put it on the invoice.\n\nMia\n"
        )
        raw = mail(
            subject=f"Page {number}", body=body, message_id=f"<{number}@harbour.example>", at=now - timedelta(hours=1)
        )
        client.append("INBOX", raw.replace(b"\n", b"\r\n"), msg_time=now - timedelta(hours=1))
    client.logout()
    (place / "clients").mkdir()
    (place / "clients" / "harbour.toml").write_text('name = "Harbour Bakery"\nemails = ["mia@harbour.example"]\n')
    config = place / "config.toml"
    config.write_text(
        f"""
[owner]
name = "Robin Example"
email = "robin@studio.example"
[[accounts]]
kind = "imap"
id = "main"
host = "localhost"
port = {server.tls_port}
user = "{user}"
password = {{ env = "FIRMLY_TEST_PASSWORD" }}
ca_file = "{server.ca_file}"
[store]
path = "store.sqlite3"
"""
    )
    return config


def run(config: Path, dies_after_s: float | None) -> bool:
    """One `firmly run`, killed after so many seconds; True if it was."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "run", "--allow-many", "--config", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "FIRMLY_TEST_PASSWORD": PASSWORD},
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(dies_after_s)
        return False
    process.send_signal(signal.SIGKILL)
    process.wait()
    return True


def kill_day(
    server: Dovecot, user: str, place: Path, *, mails: int, kills: int, longest_s: float, seed: int = 7
) -> Tally:
    """Runs killed at random moments, a person who approves everything, deliveries killed at random moments, one quiet run."""
    dice = random.Random(seed)
    config = prepare(server, user, place, mails)
    killed = sum(run(config, dice.uniform(0.2, longest_s)) for _ in range(kills * 2 // 3))
    run(config, None)
    settings = load_config(config)
    db = Database(place / "store.sqlite3")
    for proposal in waiting(db).proposals:
        if proposal.status is ProposalStatus.PENDING and not proposal.draft.blocked:
            approve(db, settings.owner, proposal, reviewer="robin", now=datetime.now(UTC))
    deliveries = 0
    while killed < kills and deliveries < 2 * kills:  # a run that has nothing left to do ends before it can be killed
        deliveries += 1
        killed += run(config, dice.uniform(0.2, longest_s / 3))
    run(config, None)
    return _count(server, user, db, killed)


def _count(server: Dovecot, user: str, db: Database, kills: int) -> Tally:
    client = server.client(user)
    client.select_folder("Drafts", readonly=True)
    headers = client.fetch(client.search(), ["BODY[HEADER.FIELDS (MESSAGE-ID)]"])
    ids = [bytes(row[b"BODY[HEADER.FIELDS (MESSAGE-ID)]"]).strip() for row in headers.values()]
    client.logout()
    with db.read() as tx:

        def number(query: str) -> int:
            return int(tx.execute(text(query)).scalar_one())

        return Tally(
            mails=number("SELECT count(*) FROM mails"),
            assessments=number("SELECT count(*) FROM steps WHERE stage = 'classify' AND state = 'done'"),
            proposals=number("SELECT count(*) FROM proposals"),
            doubled=number("SELECT count(*) - count(DISTINCT origin) FROM proposals WHERE status != 'superseded'"),
            approved=number("SELECT count(*) FROM proposals WHERE status = 'delivered'"),
            drafts=len(ids),
            doubled_drafts=len(ids) - len(set(ids)),
            kills=kills,
            integrity=str(tx.execute(text("PRAGMA integrity_check")).scalar_one()),
        )
