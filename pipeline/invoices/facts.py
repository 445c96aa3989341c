"""The ledger's facts as a letter may state them."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from pipeline.domain.ladder import ClientLedger, Pause
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.strategy import InvoiceFact
from pipeline.invoices.pauses import chaseable


def facts_for(
    ledger: ClientLedger,
    today: date,
    numbers: Collection[str] | None = None,
) -> tuple[tuple[InvoiceFact, ...], tuple[Money, ...]]:
    """The invoices with these numbers (None: all open ones), oldest due date first, and their totals per currency.

    `open` is what may be asked for now: a contested part is left out of it and of the totals, and the fact says
    `disputed`. `today` is a day on the client's calendar.
    """
    chosen = [i for i in ledger.invoices if (i.number in numbers if numbers is not None else i.open.amount > 0)]
    facts = tuple(_fact(i, ledger.pauses, today) for i in sorted(chosen, key=lambda i: (i.due, i.number)))
    return facts, totals_of(f.open for f in facts)


def totals_of(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum per currency, by currency code; amounts of different currencies are never added."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(currency, sums[currency]) for currency in sorted(sums))


def _fact(invoice: Invoice, pauses: Iterable[Pause], today: date) -> InvoiceFact:
    claimed = chaseable(invoice, pauses)
    return InvoiceFact(
        number=invoice.number,
        issued=invoice.issued,
        due=invoice.due,
        total=invoice.total,
        open=Money(invoice.total.currency, claimed),
        days_overdue=invoice.days_overdue(today),
        disputed=claimed < invoice.open.amount,
    )
