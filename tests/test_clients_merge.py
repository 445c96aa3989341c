"""Two addresses, one client."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from support.memory import NOW, mail
from support.world import CLIENT, World, make_world

from pipeline.config.clientfile import ClientFile
from pipeline.domain.client import Boundary
from pipeline.domain.ids import ClientId, Label
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.proposal import ProposalStatus
from pipeline.errors import StateError, UsageError
from pipeline.review import approve, waiting
from pipeline.run.clientbook import join_clients
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import clients, ledger, memory, queue
from pipeline.store.merge import merge_clients, merged_file
from pipeline.store.purge import references

PRIVATE = "mia@home.example"
CREEP = "While you are at it, please add a booking page to the site. [scope_creep]\n"
FIRST, SECOND = ClientId(1), ClientId(2)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Harbour Bakery, and Mia's private address as a client of its own, each with a mail and a letter that waits."""
    world = make_world(tmp_path)
    with world.db.write() as tx:
        clients.keep(tx, ClientFile(name="Mia", emails=(PRIVATE,), project="Blog"), NOW)  # type: ignore[arg-type]
    for number, who in ((1, CLIENT), (2, PRIVATE)):
        world.box.add(mail(who, body=CREEP, message_id=f"<{number}@x.example>", subject=f"Page {number}"))
    run_once(world.desk, RunOptions())
    return world


def merge(world: World) -> None:
    """Mia becomes a part of Harbour Bakery."""
    with world.db.write() as tx:
        merge_clients(tx, FIRST, SECOND, actor="robin", now=NOW)


def invoice(number: str, who: ClientId, total: str = "100") -> Invoice:
    """An open invoice."""
    day = NOW.date()
    return Invoice(number, "", day, day, Money("EUR", Decimal(total)), client_id=who)


def test_everything_moves_and_the_second_is_gone(world: World) -> None:
    """A row left behind would be a history cut in two, or a foreign key that breaks the next migration."""
    with world.db.write() as tx:
        ledger.record_invoices(tx, [invoice("8", SECOND)], NOW)
        ledger.record_chase(tx, SECOND, ChaseLog(Step.L1, ("8",), NOW, "<l1@studio.example>"))
        memory.add_note(tx, SECOND, "called", at=NOW, actor="robin", now=NOW)
        memory.record_boundary(
            tx, SECOND, Boundary(Label("scope_creep"), NOW, "Not in the price."), actor="robin", now=NOW
        )
    merge(world)
    with world.db.read() as tx:
        for key in references(tx):
            if key.target == "clients":
                left = tx.execute(text(f"SELECT count(*) FROM {key.table} WHERE {key.column} = 2")).scalar_one()
                assert left == 0, key
        assert [c.name for c in clients.all_clients(tx)] == ["Harbour Bakery"]
        assert clients.addresses(tx)[0] == {CLIENT: 1, PRIVATE: 1}
        assert [i.number for i in ledger.invoices(tx, FIRST)] == ["8"]
        assert ledger.invoices(tx, FIRST)[0].client_id == FIRST
        assert len(memory.notes(tx, FIRST)) == len(ledger.chases(tx, FIRST)) == 1


def test_the_next_mail_of_either_address_finds_its_letter(world: World) -> None:
    """An origin that still names the old number would put a second letter beside the first."""
    merge(world)
    world.box.add(mail(PRIVATE, body=CREEP, message_id="<3@x.example>", in_reply_to="<2@x.example>"))
    run_once(world.desk, RunOptions())
    waits = [p for p in waiting(world.db).proposals if p.thread_id is not None]
    assert sorted(p.origin.rpartition(":")[2] for p in waits) == ["1", "1"]


def test_of_two_live_letters_the_unapproved_gives_way(world: World) -> None:
    """The unique index would refuse the merge, or both letters would leave."""
    with world.db.write() as tx:
        tx.execute(text("UPDATE proposals SET origin = 'chase:' || client_id"))
    first, second = sorted(waiting(world.db).proposals, key=lambda p: p.client_id or 0)
    approve(world.db, world.desk.config.owner, second, reviewer="robin", now=NOW)
    merge(world)
    with world.db.read() as tx:
        found = {i: queue.proposal(tx, i) for i in (first.id, second.id)}
    assert [p.status for p in found.values() if p] == [ProposalStatus.SUPERSEDED, ProposalStatus.APPROVED]
    assert [p.origin for p in found.values() if p] == ["chase:1", "chase:1"]


def test_two_letters_on_their_way_stop_the_merge(world: World) -> None:
    """Neither can be taken back; a person has to look."""
    with world.db.write() as tx:
        tx.execute(text("UPDATE proposals SET origin = 'chase:' || client_id"))
    for proposal in waiting(world.db).proposals:
        approve(world.db, world.desk.config.owner, proposal, reviewer="robin", now=NOW)
    with pytest.raises(StateError, match="both on their way"):
        merge(world)
    with world.db.read() as tx:
        assert len(clients.all_clients(tx)) == 2


def test_invoices_of_one_number_must_agree(world: World) -> None:
    """Which of two amounts is owed is not for a program to guess; the same invoice twice is one."""
    with world.db.write() as tx:
        ledger.record_invoices(tx, [invoice("7", FIRST), invoice("7", SECOND, "90")], NOW)
    with pytest.raises(StateError, match="invoice 7"):
        merge(world)
    with world.db.write() as tx:
        ledger.record_invoices(tx, [replace(invoice("7", SECOND), client_email=PRIVATE)], NOW)
    merge(world)
    with world.db.read() as tx:
        assert [i.total.amount for i in ledger.invoices(tx)] == [Decimal(100)]


def test_what_was_agreed_with_either_is_kept() -> None:
    """An agreed scope that vanishes in a merge is money lost."""
    first = ClientFile(name="A", emails=("a@x.example",), language="de", notes=("calls",))  # type: ignore[arg-type]
    second = ClientFile.model_validate(
        {
            "name": "B",
            "emails": ["b@x.example"],
            "language": "fr",
            "project": "Blog",
            "scope": ["ten posts"],
            "notes": ["pays"],
        }
    )
    both = merged_file(first, second).client(FIRST)
    assert (both.emails, both.language, both.notes) == (("a@x.example", "b@x.example"), "de", ("calls", "pays"))
    assert [(e.project, e.scope) for e in both.engagements] == [("Blog", ("ten posts",))]


def test_a_client_file_that_would_undo_it_is_named_first(world: World) -> None:
    """The file is read at every call: the address would jump back, and the mails would stay."""
    place = world.db.path.parent / "clients"
    place.mkdir()
    config = world.desk.config.model_copy(
        update={"clients": world.desk.config.clients.model_copy(update={"dir": place})}
    )
    (place / "mia.toml").write_text(f'name = "Mia"\nemails = ["{PRIVATE}"]\n')
    with pytest.raises(UsageError, match=r"mia\.toml"):
        join_clients(world.db, config, "harbour", "mia", actor="robin", now=NOW)
    (place / "mia.toml").unlink()
    (place / "harbour.toml").write_text(f'name = "Harbour Bakery"\nemails = ["{CLIENT}"]\n')
    with pytest.raises(UsageError, match=r"harbour\.toml") as refused:
        join_clients(world.db, config, "harbour", "mia", actor="robin", now=NOW + timedelta(minutes=1))
    assert PRIVATE in refused.value.fix
