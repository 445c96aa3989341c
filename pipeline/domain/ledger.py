"""Money, invoices and what was promised about them, in the terms of accounts receivable. No floats."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pipeline.domain.ids import ClientId, UntrustedText


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency (ISO 4217)."""

    currency: str
    amount: Decimal


def totals_of(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum per currency, by currency code; amounts of different currencies are never added."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(currency, sums[currency]) for currency in sorted(sums))


class InvoiceStatus(StrEnum):
    """Where an invoice stands. Being overdue is not a status: it follows from the due date and the clock."""

    OPEN = "open"
    PARTIAL = "partial"  # part of it is paid
    PAID = "paid"
    VOID = "void"  # cancelled, or replaced by another invoice
    DISPUTED = "disputed"  # contested, in whole; a contested part stands in `disputed_amount`
    WRITTEN_OFF = "written_off"
    DRAFT = "draft"  # not sent to the client yet; never chased


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice of the ledger."""

    number: str
    client_email: str
    issued: date
    due: date
    total: Money
    paid: Decimal = Decimal(0)
    paid_on: date | None = None
    status: InvoiceStatus = InvoiceStatus.OPEN
    client_id: ClientId | None = None
    disputed_amount: Decimal = Decimal(0)
    client_name: str = ""
    """As the export names the client; what identifies them where an export gives no address."""

    @property
    def open(self) -> Money:
        """What is still owed; zero for paid, void and written-off invoices."""
        if self.status in {InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.DRAFT}:
            return Money(self.total.currency, Decimal(0))
        return Money(self.total.currency, self.total.amount - self.paid)

    def days_overdue(self, today: date) -> int:
        """Whole days after the due date; 0 or less while it is not overdue. The due day itself belongs to the client."""
        return (today - self.due).days


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in for one invoice. An e-invoice and many exports carry none: they are joined from a file."""

    invoice: str
    amount: Decimal
    received_on: date | None = None
    """None where the source only says that it is paid."""
    currency: str | None = None
    client_name: str = ""


class PromiseStatus(StrEnum):
    """What became of a promise to pay."""

    OPEN = "open"
    KEPT = "kept"
    PARTIAL = "partial"  # something came, not all
    BROKEN = "broken"
    SUPERSEDED = "superseded"  # replaced by a later promise


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay: a calendar date, said in a mail. "Soon" is none."""

    client_id: ClientId
    message_id: str
    made_at: datetime
    date: date
    quote: UntrustedText
    invoices: tuple[str, ...] = ()
    """The invoices it names; empty means all that were open when it was made."""
    amount: Decimal | None = None
    currency: str | None = None
    status: PromiseStatus = PromiseStatus.OPEN
