"""The last look at the ledger before a chase is approved, and again before it leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.domain.ladder import ClientLedger, LadderSettings, PauseReason, Step
from pipeline.domain.strategy import InvoiceFact
from pipeline.invoices.calendar import chase_calendar
from pipeline.invoices.facts import facts_for
from pipeline.invoices.ladder import climb

_WAITS = frozenset({PauseReason.STALE, PauseReason.FREE_DAY, PauseReason.TOO_SOON})


class Outcome(StrEnum):
    """What becomes of a drafted chase."""

    SEND = "send"  # it may leave now
    WAIT = "wait"  # right, but not now
    REDRAFT = "redraft"  # its figures or its step are no longer the ledger's
    WITHDRAW = "withdraw"  # its reason went away


@dataclass(frozen=True, slots=True)
class Recheck:
    """The outcome, and why."""

    outcome: Outcome
    reason: PauseReason | None = None
    opens_at: datetime | None = None
    """For a letter that waits for the window: when that opens."""


def recheck(
    step: Step,
    drafted: Sequence[InvoiceFact],
    ledger: ClientLedger,
    settings: LadderSettings,
    now: datetime,
    ledger_as_of: datetime | None,
) -> Recheck:
    """Whether a chase that was drafted with these facts still stands.

    To be asked at approval and again at delivery. Paid in between: withdraw, or draft again where a part of it is
    still open, or where the interest that a person confirmed is another. A weekend, the hour or a stale ledger only makes it wait. `days_overdue` is not compared: a letter
    may leave some days after it was drafted.
    """
    numbers = {f.number for f in drafted}
    if not any(i.open.amount > 0 for i in ledger.invoices if i.number in numbers):
        return Recheck(Outcome.WITHDRAW, PauseReason.PAID)
    state = climb(ledger, settings, now, ledger_as_of)
    if state.step is None:
        reason = state.paused_reason or PauseReason.NOT_DUE
        return Recheck(Outcome.WAIT if reason in _WAITS else Outcome.WITHDRAW, reason)
    calendar = chase_calendar(ledger.hours, settings.window_start, settings.window_end)
    facts, _ = facts_for(
        ledger, calendar.today(now), state.invoices, step=state.step, confirmed_days=settings.confirmed_days
    )
    if state.step is not step or _figures(facts) != _figures(drafted):
        return Recheck(Outcome.REDRAFT, PauseReason.CHANGED)
    if not calendar.is_open(now):
        return Recheck(Outcome.WAIT, PauseReason.OUTSIDE_WINDOW, calendar.opening(now))
    return Recheck(Outcome.SEND)


def _figures(facts: Sequence[InvoiceFact]) -> list[tuple[object, ...]]:
    return [(f.number, f.due, f.total, f.open, f.claim) for f in facts]
