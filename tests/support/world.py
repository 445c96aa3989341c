"""A small world: a store, a mailbox in memory, one client, a judge that says what the test wants."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import event
from support.memory import NOW, MemoryMailbox

from pipeline.app import guard_words_of, library_of, playbook_of
from pipeline.config.clientfile import ClientFile
from pipeline.config.models import Config
from pipeline.domain.assessment import Assessment, Behaviour
from pipeline.domain.client import Context
from pipeline.domain.ids import AccountId, Label, UntrustedText
from pipeline.domain.mail import Message
from pipeline.draft.template import TemplateWriter
from pipeline.guard import GuardWords
from pipeline.playbook import Playbook
from pipeline.prompts import PromptLibrary
from pipeline.run.desk import Desk, Mailbox
from pipeline.store import clients
from pipeline.store.database import Database

OWNER = "robin@studio.example"
CLIENT = "mia@harbour.example"


@cache
def shared() -> tuple[PromptLibrary, Playbook, GuardWords]:
    """What is read once: the shipped prompts, the playbook, the guard's words."""
    library = library_of(None)
    return library, playbook_of(library), guard_words_of(library)


@dataclass
class ScriptedJudge:
    """Finds the labels whose name stands in the mail as `[label]`; `fails` raises instead, for mails with these words."""

    name: str = "scripted"
    fingerprint: str = "scripted/1"
    calls: list[str] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)

    def judge(self, message: Message, context: Context) -> Assessment:  # noqa: ARG002 the port's
        self.calls.append(message.subject)
        for words, error in self.fails.items():
            if words in message.newest:
                raise error
        behaviours = tuple(
            Behaviour(Label(rule.name), 9, UntrustedText(message.newest[:40]))
            for rule in shared()[1].taxonomy.behaviours
            if f"[{rule.name}]" in message.newest
        )
        return Assessment(
            judge=self.name,
            language="en",
            tone=Label("neutral"),
            intent=Label("question"),
            behaviours=behaviours,
            needs_reply=True,
        )


@dataclass
class World:
    """Everything a run needs, in a directory of the test's."""

    desk: Desk
    box: MemoryMailbox
    judge: ScriptedJudge
    time: list[datetime]
    """The clock's one hand: `world.time[0] = …` moves it."""

    @property
    def db(self) -> Database:
        return self.desk.db


def _hasty(connection: sqlite3.Connection, _record: object) -> None:
    """Tests stop inside the process, never by power loss: waiting for the disk would prove nothing."""
    connection.execute("PRAGMA synchronous = OFF")


def make_world(directory: Path, **changes: object) -> World:
    """One account, one client (Harbour Bakery), an empty mailbox. `changes` are sections of the config."""
    config = Config.model_validate(
        {
            "owner": {"name": "Robin Example", "email": OWNER, "timezone": "Europe/Berlin"},
            "accounts": [{"kind": "folder", "id": "main", "path": str(directory / "mail")}],
            "store": {"path": str(directory / "store.sqlite3")},
            **changes,
        }
    )
    library, playbook, words = shared()
    time = [NOW]
    clock: Callable[[], datetime] = lambda: time[0]  # noqa: E731 a clock in one line
    db = Database(directory / "store.sqlite3")
    event.listen(db.engine, "connect", _hasty)
    db.upgrade(NOW)
    with db.write() as tx:
        clients.keep(tx, ClientFile(name="Harbour Bakery", emails=(CLIENT,), scope=("five pages",)), NOW)  # type: ignore[arg-type]
    box, judge = MemoryMailbox(), ScriptedJudge()
    plain = TemplateWriter(playbook, library)
    account = AccountId("main")
    desk = Desk(
        db=db,
        config=config,
        mailboxes={account: Mailbox(account, box.source, box.drop, None)},
        playbook=playbook,
        guard_words=words,
        judge=judge,
        writer=plain,
        plain=plain,
        in_flight=2,
        clock=clock,
    )
    return World(desk, box, judge, time)


def with_judge(world: World, judge: object) -> World:
    """The same world with another judge."""
    return replace(world, desk=replace(world.desk, judge=judge))  # type: ignore[arg-type]
