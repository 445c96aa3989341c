"""What the ledger shows: promises that were not kept, and payments that come later each time."""

from datetime import date

from pipeline.domain.history import Evidence, History, Signal, SignalName
from pipeline.domain.ledger import Invoice, InvoiceStatus, PromiseStatus
from pipeline.domain.verdict import PaidLate
from pipeline.playbook import SignalRules

_NEVER_PAID = frozenset({InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.DRAFT})


def later_each_time(invoices: tuple[Invoice, ...], today: date) -> tuple[PaidLate, ...]:
    """The newest paid invoices in a row, by due date, each paid later than the one before, all late; oldest first.

    Only paid ones tell: what is still open may be paid tomorrow. An invoice that is paid on an unknown day ends the row.
    """
    row: list[PaidLate] = []
    for invoice in sorted(invoices, key=lambda i: (i.due, i.issued, i.number)):
        if invoice.status in _NEVER_PAID or invoice.total.amount <= 0 or invoice.open.amount > 0:
            continue
        if invoice.paid_on is None or invoice.paid_on > today:
            row = []
            continue
        paid = PaidLate(invoice.number, invoice.paid_on, (invoice.paid_on - invoice.due).days)
        if paid.days_late <= 0:
            row = []
        elif row and paid.days_late > row[-1].days_late:
            row.append(paid)
        else:
            row = [paid]
    return tuple(row)


def late_payment_trend(history: History, rules: SignalRules, today: date) -> Signal | None:
    """So many invoices in a row, each paid later than the last."""
    row = later_each_time(history.invoices, today)
    if len(row) < rules.late_payment_trend:
        return None
    return Signal(
        SignalName.LATE_PAYMENT_TREND,
        row[0].paid_on,
        f"{len(row)} invoices in a row were paid later each time: {', '.join(str(p.days_late) for p in row)} days late.",
        tuple(Evidence(f"invoice {p.number}: {p.days_late} days late", p.paid_on) for p in row),
    )


def broken_promise(history: History, rules: SignalRules) -> Signal | None:
    """A promised day passed, and nothing came."""
    broken = sorted(
        (p for p in history.promises if p.status is PromiseStatus.BROKEN), key=lambda p: (p.date, p.message_id)
    )
    if len(broken) < rules.broken_promise:
        return None
    return Signal(
        SignalName.BROKEN_PROMISE,
        broken[0].date,
        f"Payment was promised for {', '.join(str(p.date) for p in broken)} and did not come.",
        tuple(Evidence(f"promised for {p.date}", p.made_at, p.message_id) for p in broken),
    )
