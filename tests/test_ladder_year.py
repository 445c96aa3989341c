"""A year of the ladder, day by day, over ledgers that nobody would make up by hand."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import ClientId, UntrustedText
from pipeline.domain.ladder import ClientLedger, LadderSettings, Pause, PauseReason, Step
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money, Promise
from pipeline.invoices.facts import facts_for
from pipeline.invoices.ladder import climb, log_of
from pipeline.invoices.plan import plan
from pipeline.invoices.recheck import Outcome, recheck
from pipeline.invoices.standing import ORDER
from pipeline.workdays import WorkCalendar

BEGIN = date(2026, 1, 1)
SETTINGS = LadderSettings()
HOURS = (
    WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE-BY"),
    WorkingHours(ZoneInfo("Africa/Cairo"), days=(6, 0, 1, 2, 3), holidays_region="EG"),
    WorkingHours(ZoneInfo("America/New_York"), start=time(8), end=time(16), holidays_region="US-NY"),
    WorkingHours(ZoneInfo("Australia/Sydney"), days=(0, 1, 2, 3)),
    WorkingHours(ZoneInfo("Asia/Kolkata"), start=time(11), end=time(20)),
)


@dataclass(frozen=True)
class Letter:
    """A chase that left."""

    at: datetime
    step: Step
    invoices: tuple[str, ...]
    moves: tuple[tuple[str, Step], ...]


@dataclass
class Simulated:
    """One client's year: what will happen to their invoices, and what was sent."""

    ledger: ClientLedger
    payments: dict[str, tuple[date, Decimal]]
    letters: list[Letter] = field(default_factory=list)

    def on(self, day: date) -> ClientLedger:
        """What the ledger knows on that day."""
        visible = tuple(self._paid(i, day) for i in self.ledger.invoices if i.issued <= day)
        promises = tuple(p for p in self.ledger.promises if p.made_at.date() <= day)
        return replace(self.ledger, invoices=visible, promises=promises)

    def _paid(self, invoice: Invoice, day: date) -> Invoice:
        when, amount = self.payments.get(invoice.number, (date.max, Decimal(0)))
        if when > day:
            return invoice
        status = InvoiceStatus.PAID if amount == invoice.total.amount else InvoiceStatus.PARTIAL
        return replace(invoice, paid=amount, paid_on=when, status=status)


def generated(seed: int, clients: int, invoices: int) -> list[Simulated]:
    """Clients with invoices over a year; some pay in time, late, in part or never, promise, dispute or are away."""
    rng = random.Random(seed)
    found = []
    for number in range(clients):
        bills, payments, pauses, promises = [], {}, [], []
        for index in range(invoices // clients):
            issued = BEGIN + timedelta(days=rng.randrange(330))
            due = issued + timedelta(days=rng.choice([7, 14, 30]))
            total = Decimal(rng.randrange(5_000, 500_000)) / 100
            bill = Invoice(
                f"{number}-{index}", f"c{number}@client.example", issued, due, Money(rng.choice(["EUR", "USD"]), total)
            )
            bills.append(bill)
            if rng.random() < 0.7:
                part = total if rng.random() < 0.8 else (total / 3).quantize(Decimal("0.01"))
                payments[bill.number] = (due + timedelta(days=rng.randrange(-10, 70)), part)
            moment = datetime.combine(due, time(9), UTC) + timedelta(days=rng.randrange(30))
            if rng.random() < 0.2:
                promised = moment.date() + timedelta(days=rng.randrange(14))
                promises.append(
                    Promise(
                        ClientId(number),
                        f"<p{bill.number}@x.example>",
                        moment,
                        promised,
                        UntrustedText("q"),
                        (bill.number,),
                    )
                )
            if rng.random() < 0.1:
                reason = rng.choice([PauseReason.DISPUTE, PauseReason.CLAIM, PauseReason.OUT_OF_OFFICE])
                pauses.append(Pause(reason, moment, bill.number, moment.date() + timedelta(days=rng.randrange(1, 20))))
        client = Client(
            ClientId(number),
            f"Client {number}",
            (f"c{number}@client.example",),
            pause_allowed=rng.random() < 0.6,
            ladder_profile=rng.choice([None, "seed", "patient"]),
            l0_opt_in=rng.random() < 0.3,
        )
        ledger = ClientLedger(client, rng.choice(HOURS), tuple(bills), (), tuple(pauses), tuple(promises))
        found.append(Simulated(ledger, payments))
    return found


def live(simulated: Simulated, days: int, seed: int) -> None:
    """Run every day at some hour; a person approves now and then; a letter leaves if the last look lets it."""
    rng = random.Random(seed)
    for offset in range(days):
        day = BEGIN + timedelta(days=offset)
        now = datetime.combine(day, time(rng.randrange(24), rng.randrange(60)), UTC)
        ledger = simulated.on(day)
        state = climb(ledger, SETTINGS, now, now)
        if state.step in {None, Step.L5} or rng.random() < 0.2:
            continue
        local = WorkCalendar(ledger.hours).today(now)
        facts, _ = facts_for(ledger, local, state.invoices)
        later = now + timedelta(minutes=rng.randrange(120))
        if recheck(state.step, facts, simulated.on(later.date()), SETTINGS, later, later).outcome is Outcome.SEND:
            simulated.letters.append(Letter(later, state.step, state.invoices, state.moves))
            log = (*simulated.ledger.log, *log_of(state, later))
            simulated.ledger = replace(simulated.ledger, log=log)


def assert_rules(simulated: Simulated) -> None:
    """The promises that the ladder makes to the client."""
    hours = simulated.ledger.hours
    calendar = WorkCalendar(hours)
    taken: dict[str, list[Step]] = {}
    for before, letter in zip([None, *simulated.letters], simulated.letters, strict=False):
        local = letter.at.astimezone(hours.timezone)
        if before is not None:
            assert (local.date() - before.at.astimezone(hours.timezone).date()).days >= 5
        assert calendar.is_workday(local.date())
        assert max(hours.start, time(9)) <= local.time() < min(hours.end, time(17))
        assert letter.moves
        for number in letter.invoices:
            when, amount = simulated.payments.get(number, (date.max, Decimal(0)))
            bill = next(i for i in simulated.ledger.invoices if i.number == number)
            assert when > letter.at.date() or amount < bill.total.amount
        for number, step in letter.moves:
            assert step not in taken.get(number, [])
            assert ORDER.index(step) > max((ORDER.index(s) for s in taken.get(number, [])), default=-1)
            assert Step.L1 in taken.get(number, []) or step in {Step.L0, Step.L1}
            assert step is not Step.L3 or simulated.ledger.client.pause_allowed
            taken.setdefault(number, []).append(step)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_no_client_is_ever_chased_against_the_rules(seed: int) -> None:
    """A step twice, two letters in five days, a letter at night or on a holiday, after payment, or without L1."""
    for simulated in generated(seed, clients=2, invoices=10):
        live(simulated, 400, seed)
        assert_rules(simulated)


def test_a_year_over_three_hundred_invoices() -> None:
    """Rules that hold for small ledgers and break where many invoices of one client meet."""
    everyone = generated(7, clients=30, invoices=300)
    for simulated in everyone:
        live(simulated, 365, 7)
        assert_rules(simulated)

    steps = {letter.step for simulated in everyone for letter in simulated.letters}
    assert steps == {Step.L0, Step.L1, Step.L2, Step.L3, Step.L4}


def test_a_plan_lists_the_coming_letters_until_a_person_takes_over() -> None:
    """A calendar without the later steps, on free days, or that goes on after L5."""
    due = date(2026, 3, 2)
    bill = Invoice("A-1", "kim@client.example", due, due, Money("EUR", Decimal(100)))
    client = Client(ClientId(1), "Kim", ("kim@client.example",), pause_allowed=True)
    newer = replace(bill, number="B-2", due=date(2026, 4, 14))
    ledger = ClientLedger(client, WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE"), (bill, newer))
    other = replace(ledger, client=replace(client, name="Ann"), invoices=(replace(bill, due=date(2026, 4, 3)),))

    planned = plan([ledger, other], SETTINGS, datetime(2026, 3, 2, 12, tzinfo=UTC), 60)

    assert [(p.day.isoformat(), p.client, p.step) for p in planned] == [
        ("2026-03-04", "Kim", Step.L1),
        ("2026-03-11", "Kim", Step.L3),
        ("2026-04-01", "Kim", Step.L4),
        ("2026-04-07", "Ann", Step.L1),  # the fifth is a Sunday, the sixth Easter Monday
        ("2026-04-14", "Ann", Step.L3),
        ("2026-04-16", "Kim", Step.L5),
    ]
    assert planned[0].totals == (Money("EUR", Decimal(100)),)
