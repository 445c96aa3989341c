"""Money that came in, and where that is known from: a file of payments, a hand, or the ledger's export alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, Payment
from pipeline.store.handwork import BookedPayment


@dataclass(frozen=True, slots=True)
class CameIn:
    """Money that came in, and where that is known from."""

    payment: Payment
    client_id: ClientId | None
    source: str
    by: str
    """Empty where only the ledger's export says so."""


def money_came_in(booked: Sequence[BookedPayment], invoices: Sequence[Invoice]) -> list[CameIn]:
    """Single payments on record, then what the export says is paid beyond them, by invoice."""
    found = [CameIn(one.payment, one.client_id, one.source or "by hand", one.actor) for one in booked]
    for invoice in invoices:
        mine = (
            one.payment for one in booked if (one.client_id, one.payment.invoice) == (invoice.client_id, invoice.number)
        )
        rest = invoice.paid - sum((payment.amount for payment in mine), Decimal(0))
        if rest > 0:
            payment = Payment(invoice.number, rest, invoice.paid_on, invoice.total.currency)
            found.append(CameIn(payment, invoice.client_id, "the ledger's export", ""))
    return sorted(found, key=lambda row: (row.payment.invoice, str(row.payment.received_on or "")))
