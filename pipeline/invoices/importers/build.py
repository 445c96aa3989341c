"""The rows of one invoice into the invoice, or into what is wrong with it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.errors import InputError
from pipeline.invoices.importers.cells import Findings, Row
from pipeline.invoices.importers.layout import AMOUNTS, DATES, Layout
from pipeline.invoices.importers.result import Answers, Ask, CreditNote, Problem
from pipeline.invoices.money import check_currency, currency_in, to_places

_ZERO = Decimal(0)
_NEVER_OWED = frozenset({InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.DRAFT})


class Unfit(Exception):
    """An invoice cannot be used, for the reason in `problem`; None where the owner is asked instead."""

    def __init__(self, problem: Problem | None = None) -> None:
        super().__init__()
        self.problem = problem


class Builder:
    """Builds the invoices of one file."""

    def __init__(self, layout: Layout, answers: Answers, findings: Findings) -> None:
        self.layout = layout
        self.answers = answers
        self.findings = findings

    def build(self, group: Sequence[Row]) -> Invoice | CreditNote:
        """The invoice or credit note of these rows. Raises `Unfit`."""
        row = group[0]
        _same(group)
        currency = self._currency(row)
        issued = row.dates.get("issued")
        if issued is None:
            raise Unfit(row.problem("issued", "The invoice has no date.", "Add the date of the invoice."))
        total = self._total(group, currency)
        if total < 0 or self.layout.is_credit(row.text("kind")):
            return CreditNote(
                number=row.text("number"),
                client_email=row.text("client_email").casefold(),
                client_name=row.text("client_name"),
                issued=issued,
                amount=Money(currency, abs(total)),
                line=row.line,
            )
        paid, status = self._paid(row, total, currency)
        return Invoice(
            number=row.text("number"),
            client_email=row.text("client_email").casefold(),
            issued=issued,
            due=self._due(row, issued),
            total=Money(currency, total),
            paid=paid,
            paid_on=row.dates.get("paid_on"),
            status=status,
            client_name=row.text("client_name"),
        )

    def _currency(self, row: Row) -> str:
        in_amount = next((code for name in AMOUNTS if (code := currency_in(row.text(name)))), None)
        code = row.text("currency") or in_amount or self.answers.default_currency
        if not code:
            self.findings.ask(Ask.CURRENCY, "The file names no currency. Which one is it in?", row.line)
            raise Unfit
        try:
            found = check_currency(code)
        except InputError as error:
            raise Unfit(row.problem("currency", error.message, error.fix)) from error
        if in_amount and in_amount != found:
            message = f"{row.text('total')!r} is in {in_amount}, the row in {found}."
            raise Unfit(row.problem("total", message, "Correct one of them."))
        return found

    def _total(self, group: Sequence[Row], currency: str) -> Decimal:
        row = group[0]
        if "total" not in row.places:
            row.amounts["total"] = sum((r.amounts.get("line_total", _ZERO) for r in group), _ZERO)
        return _amount(row, "total", currency)

    def _due(self, row: Row, issued: date) -> date:
        due = row.dates.get("due")
        if due is None:
            if self.answers.terms_days is None:
                message = "Invoices without a due date: within how many days are they payable?"
                self.findings.ask(Ask.TERMS, message, row.line)
                raise Unfit
            return issued + timedelta(days=self.answers.terms_days)
        if due < issued:
            message = f"It is due on {due}, before it was issued on {issued}."
            raise Unfit(row.problem("due", message, "Correct one of the dates."))
        return due

    def _paid(self, row: Row, total: Decimal, currency: str) -> tuple[Decimal, InvoiceStatus]:
        """What is paid, from whichever columns the format has, and the status that goes with it."""
        word = row.text("status")
        status = self.layout.status(word) if word else None
        if word and status is None:
            fix = f"Use one of {', '.join(InvoiceStatus)}, or map the word in a mapping."
            raise Unfit(row.problem("status", f"The status {word!r} is not known.", fix))
        paid, column = _given_paid(row, total, currency)
        if status in _NEVER_OWED and column == "balance":
            paid = _ZERO  # a voided invoice has no balance either, and nobody paid it
        if paid < 0 or paid > total:
            message = f"{paid} paid of {total} leaves a negative balance."
            fix = "Correct the amount; what was paid too much is a credit note of its own."
            raise Unfit(row.problem(column, message, fix))
        if status is InvoiceStatus.PAID and paid < total:
            if paid > 0:
                message = f"The status is {word!r}, and {paid} of {total} are paid."
                raise Unfit(row.problem("status", message, "Correct the status or the amount."))
            paid = total
        if status is InvoiceStatus.PARTIAL and not column:
            message = "A part of it is paid, and the export does not say how much."
            raise Unfit(row.problem("status", message, "Export with the amount paid, or enter the payment by hand."))
        if status in {None, InvoiceStatus.OPEN, InvoiceStatus.PARTIAL}:
            status = _derived(paid, total)
        return paid, status


def _derived(paid: Decimal, total: Decimal) -> InvoiceStatus:
    if paid >= total:
        return InvoiceStatus.PAID
    return InvoiceStatus.PARTIAL if paid > 0 else InvoiceStatus.OPEN


def _given_paid(row: Row, total: Decimal, currency: str) -> tuple[Decimal, str]:
    """What the row says is paid, and the field that says it; the field is empty where the format has none."""
    if "paid" in row.amounts:
        return _amount(row, "paid", currency), "paid"
    if "balance" in row.amounts:
        return total - _amount(row, "balance", currency), "balance"
    return _ZERO, next((name for name in ("paid", "balance") if name in row.places), "")


def _amount(row: Row, name: str, currency: str) -> Decimal:
    if name not in row.amounts:
        raise Unfit(row.problem(name, "The amount is missing.", "Write 0 where it is nothing."))
    try:
        return to_places(row.amounts[name], currency)
    except InputError as error:
        raise Unfit(row.problem(name, error.message, error.fix)) from error


def _same(group: Sequence[Row]) -> None:
    """Rows that repeat an invoice must repeat it exactly, or leave it to the first; only their items may differ."""
    first = group[0]
    for row in group[1:]:
        for name in (*DATES, "currency", "total", "paid", "balance", "status"):
            if row.text(name) not in {"", first.text(name)}:
                message = f"Invoice {row.text('number')} stands on line {first.line} with another value here."
                raise Unfit(row.problem(name, message, "Keep the row that is right. Neither is taken."))
