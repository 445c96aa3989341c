"""What keeps an invoice out of every letter, until when, and how much of it may be asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from pipeline.domain.ladder import CLIENT_WIDE, ClientLedger, InvoiceOverride, LadderSettings, Pause, PauseReason
from pipeline.domain.ledger import Invoice, InvoiceStatus, Promise
from pipeline.invoices.promises import covers
from pipeline.workdays import WorkCalendar

WEIGHT = (
    PauseReason.LEGAL,
    PauseReason.INSOLVENCY,
    PauseReason.DO_NOT_CONTACT,
    PauseReason.HUMAN,
    PauseReason.BOUNCE,
    PauseReason.DISPUTE,
    PauseReason.CLAIM,
    PauseReason.QUERY,
    PauseReason.OUT_OF_OFFICE,
    PauseReason.PROMISE,
    PauseReason.OWNER,
)
"""Which pause is named where several hold: the one that a person must know of first."""


@dataclass(frozen=True, slots=True)
class Block:
    """Why an invoice is in no letter, and the first day on which that ends (None: when somebody lifts it)."""

    reason: PauseReason
    until: date | None = None
    why: str = ""
    """Whose word it is, and why; for the owner."""


def active_pauses(
    pauses: Iterable[Pause],
    settings: LadderSettings,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[tuple[Pause, date | None], ...]:
    """The pauses that hold at `now`, each with the day on which it ends."""
    today = calendar.today(now)
    found = ((p, _end(p, settings, calendar)) for p in pauses if p.since <= now)
    return tuple((pause, end) for pause, end in found if end is None or today < end)


def block_of(
    invoice: Invoice,
    ledger: ClientLedger,
    active: Sequence[tuple[Pause, date | None]],
    running: Sequence[tuple[Promise, date]],
    today: date,
) -> Block | None:
    """The weightiest thing that keeps this invoice out of every letter today, or None.

    `running` are the open promises, each with the day on which it is checked.
    """
    found = [
        Block(pause.reason, end)
        for pause, end in active
        if not _is_partial(pause) and (pause.reason in CLIENT_WIDE or pause.invoice in {None, invoice.number})
    ]
    if chaseable(invoice, [pause for pause, _ in active]) <= 0:
        found.append(Block(PauseReason.DISPUTE))
    if promised := [checked for promise, checked in running if covers(promise, invoice)]:
        found.append(Block(PauseReason.PROMISE, max(promised)))
    found.extend(
        block
        for override in ledger.overrides
        if override.number == invoice.number and (block := _by_hand(override, invoice, active, today))
    )
    return min(found, key=lambda block: WEIGHT.index(block.reason), default=None)


def _by_hand(
    override: InvoiceOverride, invoice: Invoice, active: Sequence[tuple[Pause, date | None]], today: date
) -> Block | None:
    """What the owner said about the invoice, where it keeps it today."""
    said = f"{override.by or 'the owner'}{f' on {override.said_at:%Y-%m-%d}' if override.said_at else ''}"
    because = f"{said}: {override.why}" if override.why else said
    if not override.chase:
        return Block(PauseReason.OWNER, None, f"taken off the ladder by {because}")
    if today < (override.not_before or today):
        return Block(PauseReason.OWNER, override.not_before, f"held by {because}")
    if override.minimum is not None and chaseable(invoice, [pause for pause, _ in active]) < override.minimum:
        least = f"less than {override.minimum} {invoice.total.currency} is open, set by {because}"
        return Block(PauseReason.OWNER, None, least)
    return None


def chaseable(invoice: Invoice, pauses: Iterable[Pause] = ()) -> Decimal:
    """What may be asked for now, in the invoice's currency: the open balance without its contested part."""
    if invoice.status is InvoiceStatus.DISPUTED and not invoice.disputed_amount:
        return Decimal(0)
    contested = max(
        (p.amount for p in pauses if _is_partial(p) and p.amount is not None and p.invoice == invoice.number),
        default=Decimal(0),
    )
    return max(invoice.open.amount - max(contested, invoice.disputed_amount), Decimal(0))


def _is_partial(pause: Pause) -> bool:
    """A dispute about a part of one invoice: the rest goes on."""
    return pause.reason is PauseReason.DISPUTE and pause.amount is not None and pause.invoice is not None


def _end(pause: Pause, settings: LadderSettings, calendar: WorkCalendar) -> date | None:
    if pause.until is not None:
        return pause.until
    since = calendar.today(pause.since)
    if pause.reason is PauseReason.OUT_OF_OFFICE:
        return since + timedelta(days=settings.out_of_office_days)
    if pause.reason is PauseReason.CLAIM:
        return calendar.workday_after(since, settings.claim_workdays)
    return None
