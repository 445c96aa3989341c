"""How old the receivables are, and how long each client takes."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pipeline.domain.ledger import Invoice, InvoiceStatus

_ZERO = Decimal(0)
_NOT_SOLD = frozenset({InvoiceStatus.VOID, InvoiceStatus.DRAFT})


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """The open amounts of one currency by days overdue."""

    currency: str
    current: Decimal = _ZERO
    """Not overdue: the due day itself belongs to the client."""
    days_1_30: Decimal = _ZERO
    days_31_60: Decimal = _ZERO
    days_61_90: Decimal = _ZERO
    over_90: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        """All that is open in this currency."""
        return self.current + self.days_1_30 + self.days_31_60 + self.days_61_90 + self.over_90


def age(invoices: Iterable[Invoice], today: date) -> tuple[AgeingRow, ...]:
    """The ageing table, one row per currency with something open, by currency code."""
    buckets: dict[str, dict[str, Decimal]] = {}
    for invoice in invoices:
        if invoice.open.amount > 0:
            row = buckets.setdefault(invoice.open.currency, dict.fromkeys(_BUCKETS, _ZERO))
            row[_bucket(invoice.days_overdue(today))] += invoice.open.amount
    return tuple(AgeingRow(currency, **buckets[currency]) for currency in sorted(buckets))


def days_sales_outstanding(
    invoices: Iterable[Invoice],
    today: date,
    period_days: int = 365,
) -> dict[str, Decimal]:
    """Days sales outstanding per currency, to one decimal: open receivables / invoiced in the period × its days.

    Only invoices issued in the last `period_days` up to `today` count, on both sides, so that one forgotten old bill
    does not stand for a client's habits. Where the first sale is younger than that, the period begins with it: a client
    of two months does not owe for a year. Give one client's invoices for that client's figure. A currency without
    sales in the period is left out.
    """
    every = [i for i in invoices if i.status not in _NOT_SOLD and i.issued <= today]
    first = min((i.issued for i in every), default=today)
    period_days = max(1, min(period_days, (today - first).days))
    since = today - timedelta(days=period_days)
    sold: dict[str, Decimal] = {}
    owed: dict[str, Decimal] = {}
    for invoice in every:
        if not since <= invoice.issued:
            continue
        currency = invoice.total.currency
        sold[currency] = sold.get(currency, _ZERO) + invoice.total.amount
        owed[currency] = owed.get(currency, _ZERO) + invoice.open.amount
    return {
        currency: (owed[currency] * period_days / sold[currency]).quantize(Decimal("0.1"), ROUND_HALF_UP)
        for currency in sorted(sold)
        if sold[currency]
    }


_BUCKETS = tuple(f.name for f in fields(AgeingRow) if f.name != "currency")
_UPPER = (0, 30, 60, 90)


def _bucket(days: int) -> str:
    return next((name for name, upper in zip(_BUCKETS, _UPPER, strict=False) if days <= upper), _BUCKETS[-1])
