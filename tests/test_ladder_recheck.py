"""The last look before a chase is approved and before it leaves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import ClientId
from pipeline.domain.ladder import ChaseLog, ClientLedger, LadderSettings, Pause, PauseReason, Step
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.domain.strategy import InvoiceFact
from pipeline.invoices.facts import facts_for
from pipeline.invoices.recheck import Outcome, Recheck, recheck

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
A = Invoice("A-1", "kim@client.example", date(2026, 2, 2), date(2026, 3, 2), Money("EUR", Decimal("900.00")))
B = replace(A, number="B-2", due=date(2026, 3, 1), total=Money("USD", Decimal("50.00")))
LATER = replace(A, number="C-3", due=date(2026, 5, 1))
LEDGER = ClientLedger(
    Client(ClientId(1), "Kim", ("kim@client.example",), pause_allowed=True),
    WorkingHours(ZoneInfo("Europe/Berlin")),
    (A, B),
)


def paid(invoice: Invoice) -> Invoice:
    """The invoice, paid in full."""
    return replace(invoice, paid=invoice.total.amount, paid_on=date(2026, 3, 4), status=InvoiceStatus.PAID)


def drafted() -> tuple[InvoiceFact, ...]:
    """The facts of the letter as it was drafted: both invoices open."""
    return facts_for(LEDGER, date(2026, 3, 4), {"A-1", "B-2"})[0]


@pytest.mark.parametrize(
    ("ledger", "now", "expected"),
    [
        (LEDGER, NOW, Recheck(Outcome.SEND)),
        (replace(LEDGER, invoices=(paid(A), paid(B))), NOW, Recheck(Outcome.WITHDRAW, PauseReason.PAID)),
        (replace(LEDGER, invoices=(paid(A), paid(B), LATER)), NOW, Recheck(Outcome.WITHDRAW, PauseReason.PAID)),
        (replace(LEDGER, invoices=(A, paid(B))), NOW, Recheck(Outcome.REDRAFT, PauseReason.CHANGED)),
        (
            replace(LEDGER, invoices=(replace(A, paid=Decimal(100), status=InvoiceStatus.PARTIAL), B)),
            NOW,
            Recheck(Outcome.REDRAFT, PauseReason.CHANGED),
        ),
        (
            replace(LEDGER, pauses=(Pause(PauseReason.DISPUTE, NOW),)),
            NOW,
            Recheck(Outcome.WITHDRAW, PauseReason.DISPUTE),
        ),
        (
            replace(LEDGER, pauses=(Pause(PauseReason.DISPUTE, NOW, "B-2"),)),
            NOW,
            Recheck(Outcome.REDRAFT, PauseReason.CHANGED),
        ),
        (
            replace(LEDGER, log=(ChaseLog(Step.L1, ("A-1", "B-2"), NOW),)),
            NOW,
            Recheck(Outcome.WITHDRAW, PauseReason.NOT_DUE),
        ),
        (LEDGER, NOW + timedelta(days=3), Recheck(Outcome.WAIT, PauseReason.FREE_DAY)),
        (
            LEDGER,
            NOW + timedelta(hours=9),
            Recheck(
                Outcome.WAIT, PauseReason.OUTSIDE_WINDOW, datetime(2026, 3, 5, 9, tzinfo=ZoneInfo("Europe/Berlin"))
            ),
        ),
        (LEDGER, NOW + timedelta(days=1), Recheck(Outcome.SEND)),
    ],
    ids=[
        "unchanged",
        "paid between draft and approval",
        "paid, and another is not due yet",
        "one of two paid",
        "part payment",
        "disputed",
        "one of two disputed",
        "sent by hand meanwhile",
        "weekend",
        "evening",
        "a day later",
    ],
)
def test_what_becomes_of_a_drafted_chase(ledger: ClientLedger, now: datetime, expected: Recheck) -> None:
    """A chase for paid or disputed money leaves, or a good one is thrown away because it is evening."""
    assert recheck(Step.L1, drafted(), ledger, LadderSettings(), now, now) == expected


def test_a_stale_ledger_only_makes_it_wait() -> None:
    """A letter would leave on figures of yesterday's yesterday, or be thrown away for want of an import."""
    found = recheck(Step.L1, drafted(), LEDGER, LadderSettings(), NOW, NOW - timedelta(days=2))

    assert found == Recheck(Outcome.WAIT, PauseReason.STALE)


def test_a_step_that_has_moved_on_is_drafted_again() -> None:
    """A friendly first reminder would leave when the stop of work is due."""
    ledger = replace(LEDGER, log=(ChaseLog(Step.L1, ("A-1", "B-2"), NOW),))
    now = NOW + timedelta(days=7)

    assert recheck(Step.L1, drafted(), ledger, LadderSettings(), now, now).outcome is Outcome.REDRAFT


def test_facts_leave_the_contested_part_out() -> None:
    """A letter would ask for money that the client contests, or add euros to dollars."""
    ledger = replace(LEDGER, pauses=(Pause(PauseReason.DISPUTE, NOW, "A-1", amount=Decimal("200.00")),))

    facts, totals = facts_for(ledger, date(2026, 3, 4))

    assert [(f.number, f.open.amount, f.disputed, f.days_overdue) for f in facts] == [
        ("B-2", Decimal("50.00"), False, 3),
        ("A-1", Decimal("700.00"), True, 2),
    ]
    assert totals == (Money("EUR", Decimal("700.00")), Money("USD", Decimal("50.00")))
