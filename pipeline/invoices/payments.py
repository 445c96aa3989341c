"""A file of payments, joined with the invoices that they are for. E-invoices and many exports carry no payment themselves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, InvoiceStatus, Payment
from pipeline.errors import InputError
from pipeline.invoices.diff import Change
from pipeline.invoices.importers import detect
from pipeline.invoices.importers.cells import Findings, Row, read_amounts, read_dates
from pipeline.invoices.importers.layout import Layout, fold
from pipeline.invoices.importers.result import Answers, Problem, Question
from pipeline.invoices.importers.text import Record, decode, records
from pipeline.invoices.money import check_currency, currency_in, to_places

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
_PREAMBLE = 25
_CLOSED = frozenset({InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.DRAFT})

Key = tuple[ClientId | None, str, Decimal, date | None]
"""What makes two payments the same: client, invoice, amount and day."""


@dataclass(frozen=True, slots=True)
class PaymentsRead:
    """The payments of a file, each with its line. As for a ledger: nothing is to be stored while questions are open."""

    payments: tuple[Payment, ...] = ()
    lines: tuple[int, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """The headers of the file by field, for what is wrong with a row."""
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(slots=True)
class PaymentsDiff:
    """What a file of payments would do."""

    added: list[tuple[ClientId | None, Payment]] = field(default_factory=list)
    known: list[Payment] = field(default_factory=list)
    """On record already: a file may be imported again."""
    explained: list[Payment] = field(default_factory=list)
    """New, and taken as a part of what the ledger already had as paid without saying when."""
    updated: dict[tuple[ClientId | None, str], Change] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def is_payments(data: bytes) -> bool:
    """Whether this is a table of payments: invoice, amount and date, and no ledger's header."""
    text = decode(data).text
    return bool(text) and _header(records(text)[0]) is not None and detect(text) is None


def read_payments(data: bytes, answers: Answers | None = None) -> PaymentsRead:
    """The payments of a CSV with the columns invoice, amount and date (currency and client where it has them)."""
    answers = answers or Answers()
    decoded = decode(data, answers.encoding)
    table, broken = records(decoded.text)
    found = _header(table)
    if found is None:
        fix = "Name its columns invoice, amount and date."
        missing = Problem("The file has no header row of a payments file.", fix, table[0].line if table else None)
        return PaymentsRead(problems=(*decoded.problems, missing, *broken), questions=decoded.questions)
    position, places = found
    headers = {name: table[position].fields[place] for name, place in places.items()}
    rows = [Row(record.line, record.fields, places, headers) for record in table[position + 1 :]]
    read = _payments(rows, answers)
    return replace(
        read,
        columns=headers,
        problems=(*decoded.problems, *read.problems, *broken),
        questions=(*decoded.questions, *read.questions),
    )


def place_payments(
    read: PaymentsRead,
    invoices: Iterable[Invoice],
    booked: Iterable[tuple[ClientId | None, Payment]],
    names: Mapping[ClientId, str],
) -> PaymentsDiff:
    """Hold the payments of a file against the ledger.

    A payment belongs to the invoice of its number and, where the file says so, of its client. What is on record is not
    booked twice. An invoice is paid as far as its payments sum up to, and never less than the ledger has it: an export
    knows the sum and not the days. Too much, another currency or a void invoice is a problem of its line.
    """
    by_number: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        by_number.setdefault(invoice.number, []).append(invoice)
    on_record = list(booked)
    seen = Counter(_key(client_id, payment) for client_id, payment in on_record)
    told: dict[tuple[ClientId | None, str], Decimal] = {}
    for client_id, payment in on_record:
        told[client_id, payment.invoice] = told.get((client_id, payment.invoice), Decimal(0)) + payment.amount
    diff = PaymentsDiff()
    for payment, line in zip(read.payments, read.lines, strict=True):
        found = _invoice_of(payment, by_number.get(payment.invoice, []), names)
        if isinstance(found, tuple):
            column, message = found
            fix = "Correct the row, or import the invoice first."
            diff.problems.append(Problem(message, fix, line, read.columns.get(column)))
            continue
        key = _key(found.client_id, payment)
        if seen[key]:
            seen[key] -= 1
            diff.known.append(payment)
            continue
        if too_much := _book(diff, found, payment, told):
            fix = "Correct the amount; what was paid too much is a credit."
            diff.problems.append(Problem(too_much, fix, line, read.columns.get("paid")))
    return diff


def with_payment(invoice: Invoice, paid: Decimal, paid_on: date | None) -> Invoice:
    """The invoice with so much paid in all. A contested one stays contested until it is paid."""
    if paid >= invoice.total.amount:
        status = InvoiceStatus.PAID
    elif invoice.status is InvoiceStatus.DISPUTED:
        status = InvoiceStatus.DISPUTED
    else:
        status = InvoiceStatus.PARTIAL if paid else InvoiceStatus.OPEN
    return replace(invoice, paid=paid, paid_on=paid_on, status=status)


def _book(
    diff: PaymentsDiff, invoice: Invoice, payment: Payment, told: dict[tuple[ClientId | None, str], Decimal]
) -> str | None:
    """Add the payment to the diff; a sentence, and nothing added, where it is too much."""
    at = (invoice.client_id, invoice.number)
    before = diff.updated[at].new if at in diff.updated else invoice
    sum_told = told.get(at, Decimal(0)) + payment.amount
    if sum_told > invoice.total.amount:
        total = f"{invoice.total.amount} {invoice.total.currency}"
        return f"{sum_told} paid of {total} leaves invoice {invoice.number} with a negative balance."
    told[at] = sum_told
    diff.added.append((invoice.client_id, replace(payment, currency=invoice.total.currency)))
    days = [day for day in (before.paid_on, payment.received_on) if day is not None]
    after = with_payment(before, max(before.paid, sum_told), max(days, default=None))
    if sum_told <= before.paid:
        diff.explained.append(payment)
    if after != before:
        old = diff.updated[at].old if at in diff.updated else invoice
        fields = tuple(name for name in ("paid", "paid_on", "status") if getattr(old, name) != getattr(after, name))
        diff.updated[at] = Change(old, after, fields)
    return None


def _invoice_of(
    payment: Payment, same_number: Sequence[Invoice], names: Mapping[ClientId, str]
) -> Invoice | tuple[str, str]:
    """The invoice that the payment is for, or the column that is wrong and why."""
    number = payment.invoice
    if not same_number:
        return "number", f"There is no invoice {number}."
    mine = [i for i in same_number if _is_of(payment, i, names)]
    if not mine:
        return "client_name", f"Invoice {number} is not {payment.client_name}'s."
    if len(mine) > 1:
        return "number", f"Several clients have an invoice {number}, and the row does not say whose it is."
    (invoice,) = mine
    return _misfit(payment, invoice) or invoice


def _misfit(payment: Payment, invoice: Invoice) -> tuple[str, str] | None:
    """Why this payment cannot be booked on its invoice, and in which column; None if it can."""
    if payment.currency not in {None, invoice.total.currency}:
        return (
            "currency",
            f"Invoice {invoice.number} is in {invoice.total.currency}, the payment in {payment.currency}.",
        )
    if invoice.status in _CLOSED:
        return "number", f"Invoice {invoice.number} is {invoice.status}: nothing is paid on it."
    try:
        to_places(payment.amount, invoice.total.currency)
    except InputError as error:
        return "paid", error.message
    return None


def _is_of(payment: Payment, invoice: Invoice, names: Mapping[ClientId, str]) -> bool:
    """Whether the client that the file names may be the invoice's: by one name inside the other, `Ltd` or not."""
    said = fold(payment.client_name)
    known = [invoice.client_name, names.get(invoice.client_id, "") if invoice.client_id is not None else ""]
    folded = [fold(name) for name in known if name]
    return not said or not folded or any(said in name or name in said for name in folded)


def _key(client_id: ClientId | None, payment: Payment) -> Key:
    return (client_id, payment.invoice, payment.amount, payment.received_on)


def _header(table: Sequence[Record]) -> tuple[int, dict[str, int]] | None:
    for position, record in enumerate(table[:_PREAMBLE]):
        places = _PAYMENTS.positions(record.fields)
        if {"number", "paid", "paid_on"} <= places.keys():
            return position, places
    return None


def _payments(rows: Sequence[Row], answers: Answers) -> PaymentsRead:
    findings = Findings()
    unfit = read_dates(rows, answers.date_order, findings) | read_amounts(rows, answers.decimal, findings)
    found: list[tuple[Payment, int]] = []
    for row in rows:
        if row.line in unfit:
            continue
        problem = _lack(row)
        if problem is not None:
            findings.problems.append(problem)
            continue
        try:
            code = row.text("currency") or currency_in(row.text("paid"))
            currency = check_currency(code) if code else None
        except InputError as error:
            findings.problems.append(row.problem("currency", error.message, error.fix))
            continue
        payment = Payment(
            row.text("number"), row.amounts["paid"], row.dates.get("paid_on"), currency, row.text("client_name")
        )
        found.append((payment, row.line))
    return PaymentsRead(
        tuple(payment for payment, _ in found),
        tuple(line for _, line in found),
        problems=findings.sorted_problems(),
        questions=findings.questions(),
    )


def _lack(row: Row) -> Problem | None:
    if not row.text("number") or "paid" not in row.amounts:
        name = "paid" if row.text("number") else "number"
        return row.problem(name, "The payment lacks it.", "Add it, or delete the row.")
    if row.amounts["paid"] <= 0:
        return row.problem("paid", f"{row.text('paid')!r} is no payment.", "Refunds are credit notes of the ledger.")
    return None
