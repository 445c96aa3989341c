"""The ladder in whole runs: from the ledger to Drafts and Sent, with the money, and a person, coming in between."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import CLIENT, World, make_world, with_judge

from pipeline.config.clientfile import ClientFile
from pipeline.domain.assessment import Assessment, PaymentKind, PaymentStatement
from pipeline.domain.client import Context
from pipeline.domain.ids import ClientId, Label, UntrustedText
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.errors import StateError, TemporaryError, UsageError
from pipeline.invoices.law import LawFact, ReferenceRate, read_law
from pipeline.mail.ports import Role
from pipeline.resources import shipped
from pipeline.review import approve, waiting
from pipeline.run.bookkeeping import pay_invoice
from pipeline.run.chases import chases_today
from pipeline.run.chasing import still_right
from pipeline.run.handwork import (
    Wish,
    clear_invoice,
    confirm_claim,
    find_mail,
    hold_again,
    lift,
    quote_claim,
    set_invoice,
    withdraw_claim,
)
from pipeline.run.loop import RunOptions, deliver_one, run_once
from pipeline.run.report import RunReport
from pipeline.store import clients, handwork, ledger, queue

ONE = ClientId(1)
DUE = NOW.date() - timedelta(days=5)
BILL = Invoice("A-1", CLIENT, DUE - timedelta(days=14), DUE, Money("EUR", Decimal("900.00")), client_id=ONE)
SECOND = replace(BILL, number="B-2", total=Money("EUR", Decimal("100.00")))


def book(world: World, *invoices: Invoice) -> None:
    """A fresh import."""
    with world.db.write() as tx:
        ledger.record_invoices(tx, invoices, world.time[0])
        ledger.record_import(tx, "ledger.csv", "0" * 64, len(invoices), world.time[0])


def paid(invoice: Invoice) -> Invoice:
    """The invoice, paid in full."""
    return replace(invoice, paid=invoice.total.amount, paid_on=NOW.date(), status=InvoiceStatus.PAID)


def run(world: World, *, days: int = 0) -> RunReport:
    """One run, so many days later."""
    world.time[0] += timedelta(days=days)
    return run_once(world.desk, RunOptions())


def pending(world: World) -> tuple[Proposal, ...]:
    """What waits for a person."""
    return waiting(world.db).proposals


def kinds(world: World) -> list[str]:
    """What wants a person without a draft."""
    return [item.kind for item in waiting(world.db).attention if item.kind != "verdict"]


def status(world: World, proposal: Proposal) -> ProposalStatus:
    """How a proposal stands now."""
    with world.db.read() as tx:
        found = queue.proposal(tx, proposal.id)
    assert found is not None
    return found.status


def approved(world: World) -> Proposal:
    """The one proposal that waits, approved as every door approves it."""
    (proposal,) = pending(world)
    return approve(
        world.db,
        world.desk.config.owner,
        proposal,
        reviewer="robin",
        now=world.time[0],
        still_right=lambda shown: still_right(world.desk, shown),
    )


def delivered(world: World) -> Proposal:
    """The one proposal that waits, approved and laid into Drafts."""
    proposal = approved(world)
    assert deliver_one(world.desk, proposal.id) is None
    return proposal


def send(world: World) -> None:
    """The person sends what lies in Drafts."""
    for stored in world.box.folders[Role.DRAFTS]:
        world.box.add(stored.raw, Role.SENT, world.time[0])
    world.box.folders[Role.DRAFTS].clear()


def states(world: World) -> str | None:
    """The step that the ladder asks for now."""
    (chase,) = chases_today(world.desk)
    return chase.state.step


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One client whose contract allows a stop, and one late invoice."""
    world = make_world(tmp_path, invoices={"fresh_for": "60d"})
    as_client(world, pause_allowed=True)
    book(world, BILL)
    return world


def as_client(world: World, **more: object) -> None:
    """What the client file says."""
    file = ClientFile(name="Harbour Bakery", emails=(CLIENT,), timezone="Europe/Berlin", **more)  # type: ignore[arg-type]
    with world.db.write() as tx:
        clients.keep(tx, file, NOW)


# --- money between draft, approval, delivery and sending


def test_paid_between_draft_and_approval_nothing_is_approved(world: World) -> None:
    """A person would approve in good faith a reminder of what came in over lunch."""
    run(world)
    book(world, paid(BILL))

    with pytest.raises(StateError, match="overtaken by the ledger: paid"):
        approved(world)
    assert [status(world, p) for p in pending(world)] == [ProposalStatus.PENDING]


def test_paid_between_approval_and_delivery_nothing_leaves(world: World) -> None:
    """The approval of yesterday would send a reminder of what came in this morning."""
    run(world)
    proposal = approved(world)
    book(world, paid(BILL))
    deliver_one(world.desk, proposal.id)

    assert status(world, proposal) is ProposalStatus.WITHDRAWN
    assert world.box.folders[Role.DRAFTS] == []
    assert kinds(world) == ["withdrawn"]


def test_a_waiting_proposal_goes_with_its_reason(world: World) -> None:
    """The queue would go on offering a reminder of paid money."""
    run(world)
    (proposal,) = pending(world)
    book(world, paid(BILL))
    report = run(world)

    assert (report.withdrawn, status(world, proposal)) == (1, ProposalStatus.WITHDRAWN)


@pytest.mark.parametrize(
    ("ledger_then", "proposals"), [((paid(BILL), SECOND), 1), ((paid(BILL), paid(SECOND)), 0)], ids=["one", "both"]
)
def test_money_that_comes_while_the_draft_lies_in_drafts_is_told(
    world: World, ledger_then: tuple[Invoice, ...], proposals: int
) -> None:
    """The person would send from Drafts what was right when it was laid there."""
    book(world, BILL, SECOND)
    run(world)
    delivered(world)
    book(world, *ledger_then)
    run(world)

    assert kinds(world) == ["draft_outdated"]
    assert len(pending(world)) == proposals


def test_a_letter_in_drafts_keeps_a_second_one_away(world: World) -> None:
    """Each run would draft the same reminder again, and the client would have two of them."""
    run(world)
    delivered(world)
    first, fourth = run(world), run(world, days=4)

    assert (first.proposed, fourth.proposed, kinds(world)) == (0, 0, [])
    assert (run(world, days=2).proposed, kinds(world)) == (0, ["draft_unsent"])
    assert run(world, days=9).proposed == 1  # given up: it was deleted there


def test_a_step_counts_once_it_is_seen_in_sent(world: World) -> None:
    """Work would be stopped over a first reminder that never left the Drafts folder."""
    run(world)
    delivered(world)
    run(world, days=8)
    assert states(world) == "L1"

    send(world)
    run(world)
    (chase,) = chases_today(world.desk)
    assert [(entry.step, entry.invoices) for entry in chase.ledger.log] == [("L1", ("A-1",))]


def test_after_a_stop_the_money_brings_the_letter_that_work_goes_on(world: World) -> None:
    """Work would rest for weeks after the money came."""
    run(world)
    delivered(world)
    send(world)
    run(world)
    run(world, days=7)
    assert pending(world)[0].strategy.step == "L3"
    delivered(world)
    send(world)
    run(world)
    book(world, paid(BILL))
    run(world, days=1)

    (resume,) = pending(world)
    assert (resume.strategy.step, resume.strategy.play) == ("resume", "resume")
    delivered(world)
    assert run(world).proposed == 0
    send(world)
    run(world)
    assert run(world, days=1).proposed == 0


def test_smtp_waits_for_the_clients_hours(world: World) -> None:
    """What is approved at night would reach the client at night."""
    run(world)
    proposal = approved(world)
    world.time[0] += timedelta(hours=12)
    drops = {key: replace(box, drop=sending(box.drop)) for key, box in world.desk.mailboxes.items()}
    desk = replace(world.desk, mailboxes=drops)

    trouble = deliver_one(desk, proposal.id)
    assert isinstance(trouble, TemporaryError)
    assert "outside_window" in trouble.message
    assert status(world, proposal) is ProposalStatus.APPROVED
    world.time[0] += timedelta(hours=12)
    assert deliver_one(desk, proposal.id) is None
    assert status(world, proposal) is ProposalStatus.SENT


def sending(drop: Callable[[], object]) -> Callable[[], object]:
    """The same drop, as one that sends."""

    def opened() -> object:
        found = drop()
        found.sends = True  # type: ignore[attr-defined]
        return found

    return opened


def test_a_stale_ledger_lets_nothing_leave(tmp_path: Path) -> None:
    """The money may have come since the last import: nobody has looked."""
    world = make_world(tmp_path)
    book(world, BILL)
    run(world)
    proposal = approved(world)
    world.time[0] += timedelta(days=2)

    trouble = deliver_one(world.desk, proposal.id)
    assert isinstance(trouble, TemporaryError)
    assert "import it" in trouble.message
    assert status(world, proposal) is ProposalStatus.APPROVED


# --- by hand


@pytest.mark.parametrize(
    ("wish", "step", "words"),
    [
        (Wish(chase=False), None, "taken off the ladder by Kim on 2026-11-17: in talks"),
        (Wish(not_before=date(2027, 1, 1)), None, "held by Kim on 2026-11-17: in talks until 2027-01-01"),
        (Wish(minimum=Decimal(1000)), None, "less than 1000 EUR is open, set by Kim on 2026-11-17: in talks"),
        (Wish(minimum=Decimal(900)), "L1", "L1 is due"),
        (Wish(profile="patient"), "L1", "L1 is due"),
    ],
    ids=["no chase", "hold", "under the minimum", "at the minimum", "profile"],
)
def test_what_a_person_says_of_an_invoice_holds_and_is_shown(
    world: World, wish: Wish, step: str | None, words: str
) -> None:
    """The owner promised patience on the phone, and the ladder would go on; nobody would know who took it off."""
    set_invoice(world.db, "A-1", wish, client_id=None, actor="Kim", why="in talks", now=NOW)
    (chase,) = chases_today(world.desk)

    assert (chase.state.step, words in chase.state.because[0]) == (step, True)
    assert [(e.actor, e.event, e.invoice) for e in chase.events] == [("Kim", "set", "A-1")]
    assert clear_invoice(world.db, "A-1", client_id=None, actor="Kim", why="", now=NOW)
    assert states(world) == "L1"


def test_one_word_about_an_invoice_leaves_the_others_said(world: World) -> None:
    """Setting a minimum would put back on the ladder what was taken off."""
    set_invoice(world.db, "A-1", Wish(chase=False), client_id=None, actor="Kim", why="", now=NOW)
    after = set_invoice(world.db, "A-1", Wish(minimum=Decimal(5)), client_id=None, actor="Robin", why="", now=NOW)

    assert (after.chase, after.minimum, after.by) == (False, Decimal(5), "Robin")


@dataclass
class SaysPayment:
    """A judge that hears the same statement about paying in every mail."""

    kind: PaymentKind
    name: str = "scripted"
    fingerprint: str = "scripted/1"

    def judge(self, message: Message, context: Context) -> Assessment:  # noqa: ARG002 the port's
        payment = PaymentStatement(self.kind, UntrustedText(message.newest[:40]), ("A-1",), date=date(2026, 12, 1))
        return Assessment(self.name, "en", Label("neutral"), Label("other"), (), needs_reply=False, payment=payment)


@pytest.mark.parametrize("kind", [PaymentKind.DISPUTE, PaymentKind.CLAIM, PaymentKind.QUERY, PaymentKind.PROMISE])
def test_a_pause_is_lifted_by_a_person_and_put_back(world: World, kind: PaymentKind) -> None:
    """A dispute that was settled on the phone would keep the invoice for ever."""
    world = with_judge(world, SaysPayment(kind))
    world.box.add(mail(message_id="<1@harbour.example>", body="About invoice A-1 we have something to say.\n"))
    run(world)
    assert states(world) is None

    mail_id = find_mail(world.db, "<1@harbour.example>")
    assert find_mail(world.db, f"m{mail_id}") == mail_id
    (chase,) = chases_today(world.desk)
    assert {*(pause.mail_id for pause, _ in chase.pauses), *(by for _, by in chase.promises)} == {mail_id}
    name, kept = lift(world.desk, mail_id, actor="Kim", why="settled on the phone")
    assert (name, kind.value in kept[0], states(world)) == ("Harbour Bakery", True, "L1")
    (chase,) = chases_today(world.desk)
    assert [(e.actor, e.event, "settled on the phone" in e.note) for e in chase.events] == [("Kim", "lifted", True)]
    with pytest.raises(UsageError, match="keeps no invoice"):
        lift(world.desk, mail_id, actor="Kim", why="")
    hold_again(world.desk, mail_id, actor="Kim", why="")
    assert states(world) is None


def test_a_payment_by_hand_is_on_record_with_its_name(world: World) -> None:
    """A month later nobody knows who booked the four hundred euros, and from which statement."""
    pay_invoice(world.db, "A-1", Decimal(400), NOW.date(), client_id=None, now=NOW, actor="Kim")

    with world.db.read() as tx:
        (booked,) = handwork.payments(tx, ONE)
        (invoice,) = ledger.invoices(tx, ONE)
    assert (booked.payment.amount, booked.payment.currency, booked.actor, booked.source) == (
        Decimal("400.00"),
        "EUR",
        "Kim",
        "",
    )
    assert (invoice.paid, invoice.status) == (Decimal("400.00"), InvoiceStatus.PARTIAL)
    with pytest.raises(UsageError, match=r"500.00 EUR open, and 600 is more"):
        pay_invoice(world.db, "A-1", Decimal(600), NOW.date(), client_id=None, now=NOW)


# --- interest and fixed sums


def law() -> tuple[LawFact, ...]:
    """The table that comes with Firmly."""
    return read_law((shipped("prompts") / "law.toml").read_text("utf-8"))


RATE = ReferenceRate(Decimal("1.27"), date(2026, 7, 1))


@pytest.fixture
def formal(tmp_path: Path) -> World:
    """A business in Germany whose invoice is due for the formal letter."""
    world = make_world(tmp_path, invoices={"fresh_for": "60d"})
    as_client(world, business=True, jurisdiction="DE")
    due = NOW.date() - timedelta(days=40)
    book(world, replace(BILL, issued=due - timedelta(days=14), due=due))
    run(world)
    delivered(world)
    send(world)
    run(world)
    run(world, days=14)
    return world


def test_the_formal_letter_names_nothing_that_nobody_confirmed(formal: World) -> None:
    """Interest would be demanded by a program."""
    (letter,) = pending(formal)

    assert (letter.strategy.step, "fixed" in letter.draft.body.lower(), "€940" in letter.draft.body) == (
        "L4",
        False,
        False,
    )
    assert kinds(formal) == ["claim_to_confirm"]


def test_confirmed_figures_come_into_the_letter_and_go_with_a_part_payment(formal: World) -> None:
    """The letter would keep interest on money that has come, or never get what was confirmed."""
    quote = quote_claim(formal.desk, ONE, law(), rate=RATE)
    confirm_claim(formal.desk, quote, actor="Kim")
    run(formal)
    (letter,) = pending(formal)
    assert letter.strategy.facts is not None
    (fact,) = letter.strategy.facts.invoices
    assert fact.claim is not None
    assert fact.claim.interest == Money("EUR", Decimal("13.67"))  # 900.00 x 10.27 % x 54 / 365
    assert all(words in letter.draft.body for words in ("10.27%", "€13.67", "€40.00", "€953.67"))
    assert not letter.draft.blocked
    assert kinds(formal) == []
    (chase,) = chases_today(formal.desk)
    assert [(e.actor, e.event) for e in chase.events] == [("Kim", "claim confirmed")]

    pay_invoice(formal.db, "A-1", Decimal(100), formal.time[0].date(), client_id=None, now=formal.time[0])
    run(formal)
    (after,) = pending(formal)
    assert "€953.67" not in after.draft.body
    assert "€800.00" in after.draft.body


def test_what_is_withdrawn_leaves_the_letter_before_it_leaves(formal: World) -> None:
    """A person takes the interest back, and the approved letter would still demand it."""
    confirm_claim(formal.desk, quote_claim(formal.desk, ONE, law(), rate=RATE), actor="Kim")
    run(formal)
    proposal = approved(formal)
    assert withdraw_claim(formal.desk, ONE, actor="Kim")
    deliver_one(formal.desk, proposal.id)

    assert status(formal, proposal) is ProposalStatus.WITHDRAWN
    assert formal.box.folders[Role.DRAFTS] == []


def test_a_claim_is_asked_for_the_invoices_that_are_named(formal: World) -> None:
    """A typing mistake would confirm the figures of all invoices."""
    with pytest.raises(UsageError, match="has no invoice A-9"):
        quote_claim(formal.desk, ONE, law(), rate=RATE, numbers=("A-9",))
