"""The exit: one letter in the queue, with a reason from the record, tied to nothing."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.domain.client import Boundary, Incident
from pipeline.domain.ids import ClientId, Label, ProposalId, UntrustedText
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.dossier import collect_papers
from pipeline.dossier.render import render_handover
from pipeline.errors import StateError, UsageError
from pipeline.mail.ports import Role
from pipeline.review import approve, find_proposal, reject
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.parting import Parting, propose_parting
from pipeline.store import clients, ledger, memory

WHO = ClientId(1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A client who owes an invoice, has not answered for weeks, and crossed a limit that was stated."""
    world = make_world(tmp_path, run={"first_days": 60})
    asked = NOW - timedelta(days=40)
    question = "Hello Mia,\n\ncould you send me the text for the menu page?\n\nRobin\n"
    world.box.add(mail(OWNER, CLIENT, "Menu", question, message_id="<1@studio.example>", at=asked), Role.SENT, at=asked)
    run_once(world.desk, RunOptions())
    due = NOW.date() - timedelta(days=20)
    invoice = Invoice("2026-7", CLIENT, due - timedelta(14), due, Money("EUR", Decimal("950.00")), client_id=WHO)
    with world.db.write() as tx:
        ledger.record_invoices(tx, [invoice], NOW)
        ledger.record_import(tx, "ledger.csv", "0" * 64, 1, NOW)
        memory.record_boundary(
            tx, WHO, Boundary(Label("demeaning"), NOW - timedelta(days=9), "x"), actor="robin", now=NOW
        )
        said = Incident(Label("demeaning"), NOW - timedelta(days=2), "<9@x.example>", UntrustedText("you are a fool"))
        memory.record_incident(tx, WHO, said, confirmed=True, actor="robin", now=NOW)
    return world


def letter(world: World, **said: object) -> Proposal:
    """The exit letter that comes of it."""
    return find_proposal(world.db, propose_parting(world.desk, WHO, Parting(**said), actor="robin"))  # type: ignore[arg-type]


def test_the_reason_is_filled_from_the_record(world: World) -> None:
    """To write "because of your behaviour" is to argue; a date on file is a fact."""
    body = letter(world).draft.body
    assert "could not meet your needs" in body
    assert "a request of mine that is still without an answer (Thursday, October 8, 2026)" in body
    assert "an invoice that has been open since its due date (Wednesday, October 28, 2026)" in body
    assert "€950.00" in body
    assert "the accounts and logins that I hold for you" in body


def test_the_guard_lets_it_pass_and_no_label_is_in_it(world: World) -> None:
    """A letter that the guard blocks cannot be approved, and one with a diagnosis must not be."""
    proposal = letter(world)
    assert [f for f in proposal.draft.findings if f.severity == "block"] == []
    assert "demeaning" not in proposal.draft.body
    assert "fool" not in proposal.draft.body
    assert proposal.origin == "exit:1"


def test_the_handover_hangs_on_no_payment(world: World) -> None:
    """To hold back a client's own accounts may be against the law; the program never says that it will."""
    proposal = letter(world)
    body, _, table = proposal.draft.body.partition("This is still open")
    assert table
    assert not any(word in body.lower() for word in ("once paid", "after payment", "until", "as soon as"))
    assert any("your decision" in warning for warning in proposal.warnings)
    page = render_handover(collect_papers(world.desk, WHO), proposal.id)
    assert "your decision alone" in page


def test_own_reasons_come_first_and_at_most_three_stand(world: World) -> None:
    """The owner knows better than the record; a letter with ten reasons argues."""
    body = letter(world, because=("the missing approvals of the launch plan",)).draft.body
    first, second = body.index("missing approvals"), body.index("a request of mine")
    assert first < second
    assert body.count("\n- ") == 3


@pytest.mark.parametrize("words", ["", "  ", "x" * 201])
def test_a_reason_is_one_line(world: World, words: str) -> None:
    """A page of grievances is not what this letter is for."""
    with pytest.raises(UsageError, match="one line"):
        letter(world, because=(words,))


def test_the_last_day_is_the_owners_and_lies_ahead(world: World) -> None:
    """A letter that ends the work last week confuses everybody."""
    assert "December 18, 2026" in letter(world, last_day=date(2026, 12, 18)).draft.body
    with pytest.raises(UsageError, match="is over"):
        letter(world, last_day=date(2026, 11, 1))


def test_a_second_one_takes_the_place_of_the_first(world: World) -> None:
    """Two exit letters in the queue are one too many."""
    first = letter(world)
    second = letter(world)
    assert find_proposal(world.db, first.id).status is ProposalStatus.SUPERSEDED
    approve(world.db, world.desk.config.owner, second, reviewer="robin", now=NOW)
    with pytest.raises(StateError, match="approved"):
        letter(world)


def test_after_a_no_it_can_be_asked_for_again(world: World) -> None:
    """A decision to stay may change."""
    reject(world.db, letter(world), reviewer="robin", now=NOW)
    assert letter(world).status is ProposalStatus.PENDING


def test_the_run_leaves_the_letter_alone(world: World) -> None:
    """Nobody asked cron to end a relationship, or to go on with one."""
    proposal = letter(world)
    run_once(world.desk, RunOptions())
    assert find_proposal(world.db, proposal.id).version == proposal.version
    assert find_proposal(world.db, proposal.id).status is ProposalStatus.PENDING


def test_without_a_record_the_letter_names_no_reason(tmp_path: Path) -> None:
    """An invented reason is worse than none; the reviewer is told."""
    proposal = letter(make_world(tmp_path))
    assert "On file" not in proposal.draft.body
    assert any("--because" in warning for warning in proposal.warnings)


def test_the_accesses_of_the_client_file_are_the_list(world: World) -> None:
    """What is forgotten in a handover comes back as a lawyer's letter."""
    with world.db.write() as tx:
        file = clients.client_file(tx, WHO)
        assert file is not None
        clients.keep(tx, file.model_copy(update={"accesses": ("DNS at the registrar", "`shop` <admin>")}), NOW)
    page = render_handover(collect_papers(world.desk, WHO), ProposalId(7))
    assert "- [ ] `DNS at the registrar`" in page
    assert "- [ ] `` `shop` <admin> ``" in page
