"""The payment ladder: which letter a client gets today, if any, and why.

Rules (the ladder of the domain document): one letter per client that lists every overdue invoice; at least five
calendar days apart; no step is skipped and none is caught up; the first contact is always L1, however old the
invoice; L3 only where the contract allows a stop of work; L5 is a person's. Nothing here reads a clock or sends.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from pipeline.domain.ladder import ChaseLog, ClientLedger, LadderSettings, LadderState, PauseReason, Step
from pipeline.domain.ledger import InvoiceStatus
from pipeline.invoices.calendar import chase_calendar
from pipeline.invoices.pauses import WEIGHT
from pipeline.invoices.standing import ORDER, Standing, standings


def climb(
    ledger: ClientLedger,
    settings: LadderSettings,
    now: datetime,
    ledger_as_of: datetime | None,
) -> LadderState:
    """The step that is due for this client at `now` (aware), or why none is.

    `ledger_as_of` is when the ledger was last imported; None or too long ago means that nobody is chased. Promises
    are settled here by the day, so it does not matter how long ago the last run was. A state is the same at every
    hour of a day: a letter may be proposed at night, and `window_opens_at` says when it may leave. Raises
    `ConfigError` for a profile that does not exist.
    """
    calendar = chase_calendar(ledger.hours, settings.window_start, settings.window_end)
    today = calendar.today(now)
    found = standings(ledger, settings, calendar, now)
    due = [s for s in found if s.is_due(today)]
    if not found:
        state = LadderState(paused_reason=_paid_reason(ledger, today))
    elif not due:
        state = _waiting(found, today)
    elif ledger_as_of is None or now - ledger_as_of > settings.fresh_for:
        state = _stale(due, today, ledger_as_of)
    elif any(s.step is Step.L5 for s in due):
        state = _for_a_person([s for s in due if s.step is Step.L5], today)
    else:
        state = _letter(found, due, settings, today)
        state = replace(state, window_opens_at=calendar.opening(now))
    return replace(state, resume=_resume(ledger))


def log_of(state: LadderState, sent_at: datetime, message_id: str | None = None) -> tuple[ChaseLog, ...]:
    """The log entries that a letter becomes once it is seen sent: one for each step that it counts as."""
    return tuple(
        ChaseLog(step, numbers, sent_at, message_id)
        for step in ORDER
        if (numbers := tuple(number for number, moved in state.moves if moved is step))
    )


def _letter(found: Sequence[Standing], due: Sequence[Standing], settings: LadderSettings, today: date) -> LadderState:
    """One letter for all: the highest step that is due names it; each invoice moves by its own step."""
    step = max((s.step for s in due if s.step), key=ORDER.index)
    listed = due if step is Step.L0 else [s for s in found if s.blocked is None and s.invoice.due < today]
    return LadderState(
        step=step,
        invoices=tuple(s.invoice.number for s in listed),
        due_on=min(s.due_on for s in due if s.due_on and s.step is step),
        because=tuple(s.sentence(today) for s in found),
        moves=tuple((s.invoice.number, s.step) for s in listed if s.step and s.is_due(today)),
        statement=step is Step.L4 or (step is not Step.L0 and len(found) >= settings.statement_from),
    )


def _waiting(found: Sequence[Standing], today: date) -> LadderState:
    """No step is due: name what keeps it, the pause of a late invoice before the calendar."""
    because = tuple(s.sentence(today) for s in found)
    free = [s for s in found if s.blocked is None]
    next_day = min((s.due_on for s in free if s.due_on), default=None)
    kept = next((s for s in free if s.delayed in {PauseReason.TOO_SOON, PauseReason.FREE_DAY}), None)
    if kept:
        return LadderState(due_on=next_day, paused_reason=kept.delayed, because=because)
    blocks = [(s.blocked, s.until) for s in found if s.blocked and (s.invoice.due < today or not free)]
    if blocks:
        reason, until = min(blocks, key=lambda b: WEIGHT.index(b[0]))
        return LadderState(due_on=next_day or until, paused_reason=reason, because=because)
    delayed = next((s.delayed for s in free if s.delayed), PauseReason.NOT_DUE)
    return LadderState(due_on=next_day, paused_reason=delayed, because=because)


def _stale(due: Sequence[Standing], today: date, ledger_as_of: datetime | None) -> LadderState:
    age = "was never imported" if ledger_as_of is None else f"is of {ledger_as_of:%Y-%m-%d %H:%M %Z}"
    why = f"The ledger {age}: import it before anybody is chased."
    return LadderState(
        due_on=today,
        paused_reason=PauseReason.STALE,
        because=(why, *(s.sentence(today) for s in due)),
    )


def _for_a_person(last: Sequence[Standing], today: date) -> LadderState:
    return LadderState(
        step=Step.L5,
        invoices=tuple(s.invoice.number for s in last),
        due_on=min(s.due_on for s in last if s.due_on),
        paused_reason=PauseReason.HUMAN,
        because=(*(s.sentence(today) for s in last), "L5 is a person's decision: no letter is drafted."),
        moves=tuple((s.invoice.number, Step.L5) for s in last),
    )


def _resume(ledger: ClientLedger) -> tuple[str, ...]:
    """Invoices paid after we announced a stop, once none of the stop's invoices is open and no resume letter left."""
    resumed_at = max((e.sent_at for e in ledger.log if e.step is Step.RESUME), default=None)
    stopped = {
        number
        for entry in ledger.log
        if entry.step is Step.L3 and (resumed_at is None or entry.sent_at > resumed_at)
        for number in entry.invoices
    }
    found = [i for i in ledger.invoices if i.number in stopped]
    if any(i.open.amount > 0 for i in found):
        return ()
    return tuple(i.number for i in found if i.status is InvoiceStatus.PAID or i.paid >= i.total.amount)


def _paid_reason(ledger: ClientLedger, today: date) -> PauseReason | None:
    """`paid` where something was late and is settled; None where there was never anything to chase."""
    chased = {number for entry in ledger.log for number in entry.invoices}
    for invoice in ledger.invoices:
        paid = invoice.status is InvoiceStatus.PAID or (invoice.paid > 0 and invoice.open.amount <= 0)
        if paid and (invoice.number in chased or (invoice.paid_on or today) > invoice.due):
            return PauseReason.PAID
    return None
