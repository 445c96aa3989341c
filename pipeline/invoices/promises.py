"""What became of promises to pay. Silence until the date; checked on the next workday."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipeline.domain.ledger import Invoice, InvoiceStatus, Payment, Promise, PromiseStatus
from pipeline.workdays import WorkCalendar

_ZERO = Decimal(0)


def settle_promises(
    promises: Sequence[Promise],
    invoices: Sequence[Invoice],
    today: date,
    calendar: WorkCalendar,
    *,
    payments: Sequence[Payment] = (),
    check_after: int = 1,
) -> tuple[Promise, ...]:
    """The same promises, in the same order, each with the status that `today` gives it.

    Only open promises change; what was once settled stays. A promise is checked `check_after` workdays after its date:
    kept if what it promised came in by then, partial if something did, else broken. One that is fulfilled earlier is
    kept at once. A later promise about the same invoices, made on or before the earlier one's date, supersedes it;
    one made after the date comes too late for that. Without payment rows an invoice's own `paid` and `paid_on` count
    as one payment, and a payment without a date counts in the client's favour.
    """
    return tuple(
        replace(
            promise,
            status=_status(promise, promises, invoices, payments, today, check_day(promise, calendar, check_after)),
        )
        if promise.status is PromiseStatus.OPEN
        else promise
        for promise in promises
    )


def check_day(promise: Promise, calendar: WorkCalendar, check_after: int = 1) -> date:
    """The workday on which the promise is checked: until its morning nobody is asked about the money."""
    return calendar.workday_after(promise.date, check_after)


def covers(promise: Promise, invoice: Invoice) -> bool:
    """Whether the promise is about this invoice: it names it, or names none and the invoice was out by then."""
    if promise.invoices:
        return invoice.number in promise.invoices
    return invoice.issued <= promise.made_at.date()


def _status(
    promise: Promise,
    promises: Sequence[Promise],
    invoices: Sequence[Invoice],
    payments: Sequence[Payment],
    today: date,
    checked: date,
) -> PromiseStatus:
    covered = [i for i in invoices if covers(promise, i) and i.status is not InvoiceStatus.DRAFT]
    if promise.currency is not None:
        covered = [i for i in covered if i.total.currency == promise.currency]
    if covered and all(i.status in {InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF} for i in covered):
        return PromiseStatus.SUPERSEDED
    expected, received = _balance(promise, covered, checked, payments)
    if covered and received >= expected:
        return PromiseStatus.KEPT
    if any(_supersedes(later, promise) for later in promises):
        return PromiseStatus.SUPERSEDED
    if today < checked or not covered:
        return PromiseStatus.OPEN
    return PromiseStatus.PARTIAL if received > _ZERO else PromiseStatus.BROKEN


def _balance(
    promise: Promise,
    covered: Iterable[Invoice],
    checked: date,
    payments: Sequence[Payment],
) -> tuple[Decimal, Decimal]:
    """What was to come, and what came between the promise and the day it is checked."""
    made_on = promise.made_at.date()
    expected = received = _ZERO
    for invoice in covered:
        if invoice.status in {InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF}:
            continue
        came = [p for p in payments if p.invoice == invoice.number] or _own_payment(invoice)
        before = sum((p.amount for p in came if p.received_on is not None and p.received_on < made_on), _ZERO)
        expected += invoice.total.amount - before
        received += sum(
            (p.amount for p in came if p.received_on is None or made_on <= p.received_on <= checked),
            _ZERO,
        )
    if promise.amount is not None:
        expected = min(expected, promise.amount)
    return expected, received


def _own_payment(invoice: Invoice) -> list[Payment]:
    paid = invoice.total.amount if invoice.status is InvoiceStatus.PAID else invoice.paid
    return [Payment(invoice.number, paid, invoice.paid_on)] if paid else []


def _supersedes(later: Promise, earlier: Promise) -> bool:
    if not earlier.made_at < later.made_at or later.made_at.date() > earlier.date:
        return False
    same_money = not earlier.invoices or not later.invoices or bool(set(earlier.invoices) & set(later.invoices))
    return same_money and later.client_id == earlier.client_id
