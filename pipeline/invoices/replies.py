"""What a client's mail does to the ladder: a promise, a pause, or nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pipeline.domain.assessment import PaymentKind, PaymentStatement
from pipeline.domain.ids import ClientId
from pipeline.domain.ladder import Pause, PauseReason
from pipeline.domain.ledger import Invoice, Promise

_PAUSES = {
    PaymentKind.CLAIM: PauseReason.CLAIM,
    PaymentKind.DISPUTE: PauseReason.DISPUTE,
    PaymentKind.QUERY: PauseReason.QUERY,
    PaymentKind.INSOLVENCY: PauseReason.INSOLVENCY,
}


def effect_of(
    statement: PaymentStatement,
    *,
    client_id: ClientId,
    message_id: str,
    received_at: datetime,
    invoices: Sequence[Invoice],
) -> tuple[Promise | Pause, ...]:
    """What a statement about paying does; empty where it does nothing.

    A promise needs a date that has not passed when it is made: "soon" is none, and asks for one. A dispute, a claim
    or a query pauses the invoices that it names; naming none, it is about all that are open, until a person says
    otherwise. A disputed amount pauses only that part, where it names one invoice. Numbers that are not among the
    client's open invoices are not taken from a mail.
    """
    unpaid = [invoice for invoice in invoices if invoice.open.amount > 0]
    about = [invoice for invoice in unpaid if invoice.number in statement.invoices]
    named = tuple(invoice.number for invoice in about)
    if statement.kind is PaymentKind.PROMISE:
        if statement.date is None or statement.date < received_at.date():
            return ()
        return (
            Promise(
                client_id,
                message_id,
                received_at,
                statement.date,
                statement.quote,
                tuple(i.number for i in invoices if i.number in statement.invoices),  # paid since, it is kept
                statement.amount,
                statement.currency,
            ),
        )
    reason = _PAUSES[statement.kind]
    if len(named) == 1 and statement.kind is PaymentKind.DISPUTE:
        return (Pause(reason, received_at, named[0], None, _contested(statement, about[0]), message_id),)
    if named and statement.kind is not PaymentKind.INSOLVENCY:
        return tuple(Pause(reason, received_at, number, message_id=message_id) for number in named)
    return (Pause(reason, received_at, message_id=message_id),)


def absence(received_at: datetime, until: date | None, message_id: str | None = None) -> Pause:
    """The pause of an out-of-office answer; `until` is the day on which they are back, if it says."""
    return Pause(PauseReason.OUT_OF_OFFICE, received_at, None, until, None, message_id)


def _contested(statement: PaymentStatement, invoice: Invoice) -> Decimal | None:
    """The part of the invoice that is contested; None, the whole, unless the mail names less than is open."""
    if statement.amount is None or not 0 < statement.amount < invoice.open.amount:
        return None
    return statement.amount if statement.currency in {None, invoice.total.currency} else None
