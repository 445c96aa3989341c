"""Forgetting a client: nothing of theirs is left in the bytes of the data directory."""

import base64
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.config.clientfile import ClientFile
from pipeline.domain.calls import ModelCall, Usage
from pipeline.domain.client import Boundary, Incident
from pipeline.domain.ids import ClientId, Label, UntrustedText
from pipeline.domain.ledger import Invoice, Money, Payment
from pipeline.errors import StoreUnavailable
from pipeline.mail.ports import Role
from pipeline.review import approve, waiting
from pipeline.run.clientbook import forget_client
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.remember import correct
from pipeline.store import clients, handwork, ledger, llm_calls, memory
from pipeline.store.purge import backups_beside, purge_client, references, tables

CANARY = "Zugvogelkanarie"
OTHER = "ola@lighthouse.example"
NO_KEY = {"cursors", "ledger_imports", "llm_calls", "llm_endpoints", "notices", "raws", "runs"}
"""Tables that no foreign key leads to: purge names those with mail in them, the others hold none."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Harbour Bakery with a canary in all that can carry words, and another client whose rows must stay."""
    world = make_world(tmp_path)
    with world.db.write() as tx:
        clients.keep(tx, ClientFile(name="Lighthouse", emails=(OTHER,)), NOW)  # type: ignore[arg-type]
        for number, who in (("7", ClientId(1)), ("8", ClientId(2))):
            ledger.record_invoices(tx, [invoice(number, who)], NOW)
        ledger.record_invoices(tx, [invoice(f"old {CANARY}", None)], NOW)
        paid = Payment(f"old {CANARY}", Decimal(40), NOW.date(), "EUR")
        handwork.add_payments(tx, [(None, paid)], source="bank.csv", actor="robin", now=NOW)
        incident = Incident(Label("scope_creep"), NOW, "<1@harbour.example>", UntrustedText(f"please add {CANARY}"))
        memory.record_incident(tx, ClientId(1), incident, confirmed=True, actor="robin", now=NOW)
        memory.add_note(tx, ClientId(1), f"Mia called about {CANARY}", at=NOW, actor="robin", now=NOW)
        memory.add_correction(tx, ClientId(1), Label("demeaning"), f"{CANARY} jokes", actor="robin", now=NOW)
        memory.record_boundary(tx, ClientId(1), Boundary(Label("scope_creep"), NOW, CANARY), actor="robin", now=NOW)
        llm_calls.add_call(tx, call(f"<1@{CANARY}.example>"))
        llm_calls.add_call(tx, call(""))
    words = f"While you are at it, please add the {CANARY} page. [scope_creep]\n"
    for number, who in ((1, f"{CANARY} <{CLIENT}>"), (2, OTHER)):
        body = words if number == 1 else words.replace(CANARY, "Leuchtturm")
        world.box.add(
            mail(who, body=body, subject=body[:40], message_id=f"<{number}@{CANARY if number == 1 else 'x'}.example>")
        )
    world.box.add(mail(OWNER, CLIENT, body=f"About {CANARY}: no.\n", message_id="<3@studio.example>"), Role.SENT)
    run_once(world.desk, RunOptions())
    for proposal in waiting(world.db).proposals:
        if not proposal.draft.blocked:
            approve(world.db, world.desk.config.owner, proposal, reviewer="robin", now=NOW)
    return world


def invoice(number: str, who: ClientId | None) -> Invoice:
    """An open invoice."""
    day = NOW.date() - timedelta(days=1)
    return Invoice(number, CLIENT if who != 2 else OTHER, day, day, Money("EUR", Decimal(100)), client_id=who)


def call(reference: str) -> ModelCall:
    """An endpoint's answer with the canary in it."""
    return ModelCall(
        at=NOW,
        purpose="write",
        reference=reference,
        endpoint="http://localhost/v1",
        model="m",
        served_by="m",
        prompt_hash="p",
        request_hash="r",
        rung=None,
        usage=Usage(1, 1, 0),
        cost=None,
        latency_ms=1,
        outcome="used",
        raw=f"Hello, about {CANARY}",
    )


def bytes_beside(store: Path) -> bytes:
    """Every byte of every file of the data directory."""
    return b"".join(path.read_bytes() for path in sorted(store.parent.rglob("*")) if path.is_file())


def rows(tx: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {table: tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables(tx)}


def test_a_canary_is_found_nowhere_after_the_purge(world: World) -> None:
    """A freed page, the WAL or a table that was overlooked would keep what a client has the right to have forgotten."""
    marks = [CANARY.encode(), base64.b64encode(b"x" + CANARY.encode())[4:16], CLIENT.encode()]
    assert all(mark in bytes_beside(world.db.path) for mark in (marks[0], marks[2]))
    purge_client(world.db, ClientId(1))
    left = bytes_beside(world.db.path)
    assert [mark for mark in marks if mark in left] == []


def test_the_file_of_rules_goes_too(world: World) -> None:
    """It stands beside the store, names the client and says why; nobody would think of it."""
    correct(world.db, ClientId(1), Label("demeaning"), f"{CANARY} jokes", actor="robin", now=NOW)
    (path,) = (world.db.path.parent / "rules").iterdir()
    path.rename(path.with_name("mine.toml"))
    forget_client(world.db, world.desk.config, ClientId(1))
    assert CANARY.encode() not in bytes_beside(world.db.path)


def test_the_other_client_keeps_every_row(world: World) -> None:
    """A purge that takes a neighbour's mail with it destroys evidence."""
    with world.db.read() as tx:
        theirs = {
            key.table: tx.execute(text(f"SELECT count(*) FROM {key.table} WHERE {key.column} = 2")).scalar_one()
            for key in references(tx)
            if key.target == "clients"
        }
    gone = purge_client(world.db, ClientId(1))
    assert gone["mails"] == 2
    with world.db.read() as tx:
        after = rows(tx)
    assert {table: after[table] for table in theirs} == theirs
    assert after["raws"] == after["steps"] / 6 == 1
    assert after["threads"] == 1


def test_a_mail_that_no_stage_has_looked_at_goes_too(world: World) -> None:
    """A parked mail belongs to no client yet, and holds their words all the same."""
    with world.db.write() as tx:
        tx.execute(text("UPDATE mails SET client_id = NULL, thread_id = NULL WHERE id = 1"))
        tx.execute(text("DELETE FROM steps WHERE mail_id = 1"))
    purge_client(world.db, ClientId(1))
    assert CANARY.encode() not in bytes_beside(world.db.path)


def test_every_table_is_thought_of(world: World) -> None:
    """A table added next year without a foreign key would be left out by every purge, silently."""
    with world.db.read() as tx:
        reached = {key.table for key in references(tx)} | {key.target for key in references(tx)}
        assert set(tables(tx)) - reached == NO_KEY


def test_a_reader_keeps_the_wal_and_is_named(world: World) -> None:
    """To say that it is gone while old pages still lie in the WAL would be a lie."""
    reader = world.db.engine.connect()
    reader.exec_driver_sql("BEGIN")
    reader.exec_driver_sql("SELECT count(*) FROM mails").all()
    event.listen(world.db.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 50"))
    with pytest.raises(StoreUnavailable):
        purge_client(world.db, ClientId(1))
    reader.close()
    world.db.compact()
    assert CANARY.encode() not in bytes_beside(world.db.path)


def test_backups_are_named_and_other_files_are_not(world: World) -> None:
    """The canary lives on in a backup; nobody looks there unless told."""
    backup = world.db.path.with_name("before.backup")
    world.db.backup(backup)
    (world.db.path.parent / "notes.txt").write_text("mine")
    (world.db.path.parent / "empty").write_bytes(b"")
    assert backups_beside(world.db.path) == (backup,)


def test_a_purged_mail_does_not_come_back_by_itself(world: World) -> None:
    """The next cron call would bring everything back."""
    purge_client(world.db, ClientId(1))
    run_once(world.desk, RunOptions())
    assert CANARY.encode() not in bytes_beside(world.db.path)
