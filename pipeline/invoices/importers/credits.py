"""Credit notes, taken off the invoices that the owner names."""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.domain.ledger import Invoice, InvoiceStatus
from pipeline.invoices.importers.result import Ask, CreditNote, LedgerRead, Problem


def apply_credits(read: LedgerRead, chosen: Mapping[str, str]) -> LedgerRead:
    """The read with its credit notes booked on the invoices that `chosen` names, as if paid.

    An empty name says that the balances of the file have the note already. A note that fits no such invoice becomes
    a problem; its question is answered in every case.
    """
    invoices = {invoice.number: invoice for invoice in read.invoices}
    problems = list(read.problems)
    answered: set[int] = set()
    for note in read.credits:
        if note.number not in chosen:
            continue
        answered.add(note.line)
        number = chosen[note.number]
        if not number:
            continue
        invoice = invoices.get(number)
        if invoice is None or not _fits(note, invoice):
            problems.append(
                Problem(
                    f"Credit note {note.number} cannot be taken off invoice {number}.",
                    "Name an invoice of this file, in the same currency, with at least this balance.",
                    note.line,
                ),
            )
            continue
        paid = invoice.paid + note.amount.amount
        status = InvoiceStatus.PAID if paid >= invoice.total.amount else InvoiceStatus.PARTIAL
        invoices[number] = replace(invoice, paid=paid, status=status)
    return replace(
        read,
        invoices=tuple(invoices[i.number] for i in read.invoices),
        problems=tuple(problems),
        questions=tuple(q for q in read.questions if q.ask is not Ask.CREDITS or not answered.issuperset(q.lines)),
    )


def _fits(note: CreditNote, invoice: Invoice) -> bool:
    return invoice.total.currency == note.amount.currency and invoice.open.amount >= note.amount.amount
