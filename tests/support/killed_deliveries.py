"""`kill -9` at every point of the dialogue with the server that takes a reply, and what must be true afterwards.

A reply is delivered by a process of its own through a proxy. When the n-th piece of the dialogue passes, in either
direction, the process is killed; the piece then arrives, arrives by half, or is lost. One more delivery follows, unharmed.
"""

import multiprocessing
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from multiprocessing import forkserver
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from servers.dovecot import PASSWORD, Dovecot
from servers.proxy import Proxy
from servers.smtp import SmtpSink
from sqlalchemy import text
from support.memory import mail
from support.world import World, make_world

from pipeline.deliver import deliver_approved
from pipeline.domain.ids import ProposalId
from pipeline.mail.endpoint import Endpoint, Security
from pipeline.mail.imap import ImapDrop, ImapSettings
from pipeline.mail.ports import MailDrop
from pipeline.mail.smtp import SmtpDrop
from pipeline.review import approve, waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.store.database import Database

FATES = ("arrives", "is lost", "arrives by half")
MakeDrop = Callable[[int], MailDrop]
"""A drop that speaks to this port of loopback."""


@dataclass(frozen=True)
class Outcome:
    """What came out in the end."""

    replies: int
    kills: int
    points: int
    """Pieces of an undisturbed dialogue; each is met with each fate."""
    taken: int
    """Mails at the server."""
    doubled: int
    missing: int
    """Delivered or sent by our books, and not at the server."""
    uncertain: int
    hidden: int
    """Uncertain without an attention item."""
    unsettled: int
    """Still approved or being delivered."""


def password() -> str:
    """The servers' one password."""
    return PASSWORD


def deliver_one(store: Path, make_drop: MakeDrop, port: int, proposal: ProposalId, now: datetime) -> None:
    """What the process that dies does."""
    deliver_approved(Database(store), lambda _: make_drop(port), lambda: now, only=proposal)


@dataclass
class Hitman:
    """Counts the pieces of one dialogue and kills the process as the chosen one passes. Point 0: nobody dies."""

    point: int
    fate: str
    process: BaseProcess | None = None
    pieces: int = 0
    started: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tap(self, piece: bytes) -> bytes | None:
        """One piece passes."""
        with self.lock:
            self.pieces += 1
            if self.pieces != self.point:
                return None if 0 < self.point < self.pieces else piece
        self.started.wait(30)
        assert self.process is not None
        self.process.kill()
        wait([self.process.sentinel], 30)
        return {"arrives": piece, "is lost": None, "arrives by half": piece[: len(piece) // 2] or None}[self.fate]


def deliver_through(port: int, make_drop: MakeDrop, world: World, proposal: ProposalId, hitman: Hitman) -> bool:
    """Deliver through a proxy to this port; True if the process was killed."""
    context = multiprocessing.get_context("forkserver")
    store = Path(str(world.db.engine.url.database))
    with Proxy(port, from_client=hitman.tap, from_server=hitman.tap) as proxy:
        process = context.Process(target=deliver_one, args=(store, make_drop, proxy.port, proposal, world.time[0]))
        process.start()
        hitman.process = process
        hitman.started.set()
        process.join(60)
        code = process.exitcode
        process.kill()
        process.join()
    return code == -9


def approved_replies(directory: Path, count: int) -> tuple[World, list[ProposalId]]:
    """A store with so many approved replies."""
    world = make_world(directory)
    for number in range(count):
        body = f"Please add page {number} while you are at it. [scope_creep]\n"
        world.box.add(mail(body=body, subject=f"Page {number}", message_id=f"<{number}@harbour.example>"))
    run_once(world.desk, RunOptions(allow_many=True, deliver=False))
    for proposal in waiting(world.db).proposals:
        approve(world.db, world.desk.config.owner, proposal, reviewer="robin", now=world.time[0])
    with world.db.read() as tx:
        ids = [ProposalId(row.id) for row in tx.execute(text("SELECT id FROM proposals WHERE status = 'approved'"))]
    assert len(ids) == count
    return world, ids


def kill_dialogues(
    directory: Path, port: int, make_drop: MakeDrop, taken_by: Callable[[], list[str]], kills: int
) -> Outcome:
    """Kill deliveries to the server on this port. `taken_by` gives the Message-IDs of what it has taken, with repeats."""
    _warm_up()
    world, replies = approved_replies(directory, kills + kills // 4 + 12)
    quiet = Hitman(0, "")
    assert not deliver_through(port, make_drop, world, replies[0], quiet)
    killed, used = 0, 1
    for trial, proposal in enumerate(replies[1:]):
        if killed == kills:
            break
        used += 1
        point, fate = trial % quiet.pieces + 1, FATES[(trial + trial // quiet.pieces) % len(FATES)]
        killed += deliver_through(port, make_drop, world, proposal, Hitman(point, fate))
        direct = make_drop(port)
        deliver_approved(world.db, lambda _, drop=direct: drop, lambda: world.time[0], only=proposal)  # type: ignore[misc]
    return _count(world, replies[:used], Counter(taken_by()), killed, quiet.pieces)


def _warm_up() -> None:
    """Start the server that forks the processes to be killed, with everything imported: it does not take our `sys.path`."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["support.killed_deliveries"])
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
        forkserver.ensure_running()


def _count(world: World, replies: list[ProposalId], taken: Counter[str], kills: int, points: int) -> Outcome:
    with world.db.read() as tx:
        rows = tx.execute(text("SELECT id, status, message_id FROM proposals")).all()
        told = {row[0] for row in tx.execute(text("SELECT proposal_id FROM attention WHERE kind = 'uncertain'"))}
    mine = [row for row in rows if row.id in replies]
    uncertain = [row.id for row in mine if row.status == "uncertain"]
    return Outcome(
        replies=len(mine),
        kills=kills,
        points=points,
        taken=sum(taken.values()),
        doubled=sum(count - 1 for count in taken.values()),
        missing=sum(row.status in {"delivered", "sent"} and row.message_id not in taken for row in mine),
        uncertain=len(uncertain),
        hidden=len(set(uncertain) - told),
        unsettled=sum(row.status in {"approved", "delivering"} for row in mine),
    )


@dataclass(frozen=True)
class ImapTo:
    """Drops into one mailbox."""

    user: str

    def __call__(self, port: int) -> MailDrop:
        """Into the Drafts of the server behind this port."""
        return ImapDrop(
            ImapSettings(host="127.0.0.1", port=port, username=self.user, secret=password, security=Security.PLAIN)
        )


def smtp_to(port: int) -> MailDrop:
    """Sends over the server behind this port."""
    return SmtpDrop(Endpoint(host="127.0.0.1", port=port, username="", secret=password, security=Security.PLAIN))


def kill_appends(server: Dovecot, user: str, directory: Path, kills: int) -> Outcome:
    """Replies laid into Drafts."""

    def taken() -> list[str]:
        client = server.client(user)
        client.select_folder("Drafts", readonly=True)
        rows = client.fetch(client.search(), ["BODY[HEADER]"])
        client.logout()
        return [str(message_from_bytes(row[b"BODY[HEADER]"])["Message-ID"]) for row in rows.values()]

    return kill_dialogues(directory, server.port, ImapTo(user), taken, kills)


def kill_sendings(directory: Path, kills: int) -> Outcome:
    """Replies sent over SMTP."""
    with SmtpSink() as sink:

        def taken() -> list[str]:
            return [str(message_from_bytes(one.original_content or b"")["Message-ID"]) for one in sink.mails]

        return kill_dialogues(directory, sink.port, smtp_to, taken, kills)
