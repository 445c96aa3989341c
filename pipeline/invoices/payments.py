"""A file of payments, joined with invoices that carry none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pipeline.domain.ledger import Invoice, InvoiceStatus, Payment
from pipeline.invoices.importers.cells import Findings, Row, read_amounts, read_dates
from pipeline.invoices.importers.layout import Layout, fold
from pipeline.invoices.importers.result import Answers, Problem, Question
from pipeline.invoices.importers.text import decode, records

_PAYMENTS = Layout(
    name="payments",
    title="payments",
    columns={
        "number": ("invoice", "invoice number", "invoice.number", "number", "invoice #"),
        "paid": ("amount", "payment amount", "payment.amount", "paid"),
        "paid_on": ("date", "payment date", "payment.date", "paid on", "received on"),
        "currency": ("currency", "currency code"),
        "client_name": ("client", "client name", "customer"),
    },
    signature=(),
)


@dataclass(frozen=True, slots=True)
class PaymentsRead:
    """The payments of a file. As for a ledger: nothing is to be stored while questions are open."""

    payments: tuple[Payment, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()


def read_payments(data: bytes, answers: Answers | None = None) -> PaymentsRead:
    """The payments of a CSV with the columns invoice, amount and date (currency and client where it has them)."""
    answers = answers or Answers()
    decoded = decode(data, answers.encoding)
    table, broken = records(decoded.text)
    for position, header in enumerate(table[:25]):
        places = _PAYMENTS.positions(header.fields)
        if {"number", "paid", "paid_on"} <= places.keys():
            headers = {name: header.fields[place] for name, place in places.items()}
            rows = [
                Row(record.line, {n: record.fields[p] for n, p in places.items() if p < len(record.fields)}, headers)
                for record in table[position + 1 :]
            ]
            read = _payments(rows, answers)
            return PaymentsRead(
                read.payments,
                (*decoded.problems, *read.problems, *broken),
                (*decoded.questions, *read.questions),
            )
    fix = "Name its columns invoice, amount and date."
    missing = Problem("The file has no header row of a payments file.", fix, table[0].line if table else None)
    return PaymentsRead(problems=(*decoded.problems, missing, *broken), questions=decoded.questions)


def join_payments(invoices: Iterable[Invoice], payments: Sequence[Payment]) -> tuple[Invoice, ...]:
    """The invoices with what was paid on them; one without any payment in the list stays as it is.

    A payment in another currency or for another client's name is not taken. What is paid is never more than the
    total.
    """
    return tuple(_joined(invoice, [p for p in payments if _belongs(p, invoice)]) for invoice in invoices)


def _payments(rows: Sequence[Row], answers: Answers) -> PaymentsRead:
    findings = Findings()
    unfit = read_dates(rows, answers.date_order, findings) | read_amounts(rows, answers.decimal, findings)
    found = []
    for row in rows:
        if row.line in unfit:
            continue
        if not row.text("number") or "paid" not in row.amounts:
            name = "paid" if row.text("number") else "number"
            findings.problems.append(row.problem(name, "The payment lacks it.", "Add it, or delete the row."))
            continue
        found.append(
            Payment(
                row.text("number"),
                row.amounts["paid"],
                row.dates.get("paid_on"),
                row.text("currency").upper() or None,
                row.text("client_name"),
            ),
        )
    return PaymentsRead(tuple(found), findings.sorted_problems(), findings.questions())


def _belongs(payment: Payment, invoice: Invoice) -> bool:
    return (
        payment.invoice == invoice.number
        and payment.currency in {None, invoice.total.currency}
        and (
            not payment.client_name or not invoice.client_name or fold(payment.client_name) == fold(invoice.client_name)
        )
    )


def _joined(invoice: Invoice, payments: Sequence[Payment]) -> Invoice:
    if not payments or invoice.status in {InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF}:
        return invoice
    total = invoice.total.amount
    paid = min(sum((p.amount for p in payments), Decimal(0)), total)
    days: list[date] = [p.received_on for p in payments if p.received_on]
    status = InvoiceStatus.PAID if paid >= total else InvoiceStatus.PARTIAL if paid else InvoiceStatus.OPEN
    return replace(invoice, paid=paid, paid_on=max(days, default=None), status=status)
