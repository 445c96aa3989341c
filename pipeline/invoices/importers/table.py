"""Records of an export and the layout of its format into invoices, with a problem for every row that does not fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.errors import InputError
from pipeline.invoices.dates import DateOrder, parse_dates
from pipeline.invoices.importers.layout import AMOUNTS, DATES, Layout, fold
from pipeline.invoices.importers.result import Ask, CreditNote, LedgerRead, Problem, Question
from pipeline.invoices.importers.text import Record
from pipeline.invoices.money import AmbiguousAmount, check_currency, currency_in, decimal_mark, parse_amount, to_places

_ZERO = Decimal(0)
_TOTAL_ROWS = ("total", "summe", "gesamt", "toplam", "importe total", "grand total")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the owner said about the file, or has in the config."""

    date_order: DateOrder | None = None
    decimal: str | None = None
    default_currency: str | None = None
    terms_days: int | None = None


class _Unfit(Exception):
    """A row cannot be used, for the reason in `problem`; or the owner is asked first, and `problem` is None."""

    def __init__(self, problem: Problem | None = None) -> None:
        super().__init__()
        self.problem = problem


@dataclass(slots=True)
class _Row:
    """A record of the file by field name, and what its texts turned out to be."""

    line: int
    texts: dict[str, str]
    headers: dict[str, str]
    dates: dict[str, date] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    currency: str = ""

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def problem(self, name: str, message: str, fix: str) -> Problem:
        return Problem(message, fix, self.line, self.headers.get(name, name))


def read_table(layout: Layout, header: Record, body: Sequence[Record], answers: Answers) -> LedgerRead:
    """The invoices of a table. Rows of one invoice (line-level exports) become one."""
    return _Reader(layout, header, answers).read(body)


class _Reader:
    """Reads one file; collects what is wrong and what to ask as it goes."""

    def __init__(self, layout: Layout, header: Record, answers: Answers) -> None:
        self.layout = layout
        self.header = header
        self.answers = answers
        self.places = layout.positions(header.fields)
        self.problems: list[Problem] = []
        self.asked: dict[Ask, tuple[Question, list[int]]] = {}

    def read(self, body: Sequence[Record]) -> LedgerRead:
        missing = [name for name in self.layout.required if name not in self.places]
        if not {"total", "line_total"} & self.places.keys():
            missing.append("total")
        if missing:
            self.problems.append(self._missing(missing))
            return LedgerRead(self.layout.name, problems=tuple(self.problems))
        rows = [row for record in body if (row := self._row(record))]
        rows = self._values(rows)
        invoices: list[Invoice] = []
        lines: list[int] = []
        credits_: list[CreditNote] = []
        for group in self._groups(rows):
            try:
                found = self._invoice(group)
            except _Unfit as unfit:
                if unfit.problem:
                    self.problems.append(unfit.problem)
                continue
            if isinstance(found, CreditNote):
                credits_.append(found)
            else:
                invoices.append(found)
                lines.append(group[0].line)
        for credit in credits_:
            note = f"Credit note {credit.number} over {credit.amount.amount} {credit.amount.currency}"
            self._ask(Ask.CREDIT, f"{note}: which invoice does it belong to, if its balance lacks it?", credit.line)
        return LedgerRead(
            self.layout.name,
            tuple(invoices),
            tuple(lines),
            tuple(credits_),
            tuple(sorted(self.problems, key=lambda p: p.line or 0)),
            tuple(replace(question, lines=tuple(sorted(set(where)))) for question, where in self.asked.values()),
        )

    def _missing(self, names: Sequence[str]) -> Problem:
        wanted = ", ".join(f"{n} ({' or '.join(self.layout.columns.get(n, (n,)))})" for n in names)
        return Problem(
            f"{self.layout.title}: the header lacks {wanted}.",
            "Export again with these columns, or write a mapping.",
            self.header.line,
        )

    def _row(self, record: Record) -> _Row | None:
        """The record by field names; None (with a problem where one is due) if it holds no invoice."""
        width = len(self.header.fields)
        extra = [cell for cell in record.fields[width:] if cell]
        if len(record.fields) < width and not self._is_total(record):
            self.problems.append(
                Problem(
                    f"The row has {len(record.fields)} fields, the header {width}.",
                    "The file is cut off or a field is missing: export it again.",
                    record.line,
                ),
            )
            return None
        if extra:
            self.problems.append(
                Problem(
                    f"The row has {len(record.fields)} fields, the header {width}.",
                    "A text with a delimiter in it needs quotation marks.",
                    record.line,
                ),
            )
            return None
        texts = {name: record.fields[place] for name, place in self.places.items() if place < len(record.fields)}
        row = _Row(record.line, texts, {name: self.header.fields[place] for name, place in self.places.items()})
        kind = row.text("kind").casefold()
        if self._is_total(record) or (kind and kind in self.layout.other_kinds):
            return None
        if not row.text("number"):
            self.problems.append(row.problem("number", "The row has no invoice number.", "Add it, or delete the row."))
            return None
        return row

    def _is_total(self, record: Record) -> bool:
        first = next((cell for cell in record.fields if cell), "").casefold()
        place = self.places["number"]
        number = record.fields[place] if place < len(record.fields) else ""
        return first.startswith(_TOTAL_ROWS) and (not number or number.casefold() == first)

    def _values(self, rows: list[_Row]) -> list[_Row]:
        """Dates and amounts, read for the whole file at once, because one row may decide for the others."""
        unfit: set[int] = set()
        unfit |= self._read_dates(rows)
        unfit |= self._read_amounts(rows)
        return [row for row in rows if row.line not in unfit]

    def _read_dates(self, rows: Sequence[_Row]) -> set[int]:
        cells = [(row, name) for row in rows for name in DATES if row.text(name)]
        read = parse_dates([row.text(name) for row, name in cells], self.answers.date_order)
        for (row, name), found in zip(cells, read.dates, strict=True):
            if found:
                row.dates[name] = found
        for position in read.unreadable:
            row, name = cells[position]
            order = f" ({read.order})" if read.order else ""
            self.problems.append(
                row.problem(name, f"{row.text(name)!r} is no date{order}.", "Write it as YYYY-MM-DD."),
            )
        for position in read.ask:
            row, name = cells[position]
            self._ask(
                Ask.DATE_ORDER,
                f"Is {row.text(name)!r} (column {row.headers[name]}) day first or month first? "
                + ("Rows of this file say both." if read.mixed else "No row of this file tells."),
                row.line,
                ("dmy", "mdy"),
            )
        return {cells[position][0].line for position in (*read.unreadable, *read.ask)}

    def _read_amounts(self, rows: Sequence[_Row]) -> set[int]:
        cells = [(row, name) for row in rows for name in AMOUNTS if row.text(name)]
        unfit: set[int] = set()
        try:
            mark = self.answers.decimal or decimal_mark(row.text(name) for row, name in cells)
        except InputError as error:
            self._ask(Ask.DECIMAL, str(error), self.header.line, (".", ","))
            return {row.line for row, _ in cells}
        for row, name in cells:
            try:
                row.amounts[name] = parse_amount(row.text(name), decimal=mark)
            except AmbiguousAmount as error:
                message = f"{error} Which decimal mark does the file use?"
                self._ask(Ask.DECIMAL, message, row.line, (".", ","))
                unfit.add(row.line)
            except InputError as error:
                self.problems.append(row.problem(name, str(error), error.fix))
                unfit.add(row.line)
        return unfit

    def _groups(self, rows: Sequence[_Row]) -> list[list[_Row]]:
        """Rows by invoice number. One number for two clients is nobody's invoice until the owner says whose."""
        groups: dict[str, list[_Row]] = {}
        for row in rows:
            groups.setdefault(row.text("number"), []).append(row)
        good = []
        for number, group in groups.items():
            first = group[0]
            other = next((row for row in group if _client_of(row) != _client_of(first)), None)
            if other:
                self.problems.append(
                    other.problem(
                        "number",
                        f"Invoice {number} stands on line {first.line} for another client.",
                        "Numbers are one client's: correct the one that is wrong. Neither row is taken.",
                    ),
                )
                continue
            good.append(group)
        return good

    def _invoice(self, group: Sequence[_Row]) -> Invoice | CreditNote:
        row = group[0]
        if "line_total" in self.places and "total" not in row.amounts:
            row.amounts["total"] = sum((r.amounts.get("line_total", _ZERO) for r in group), _ZERO)
        else:
            self._same(group)
        row.currency = self._currency(row)
        issued = self._issued(row)
        total = self._amount(row, "total")
        if total < 0 or fold(row.text("kind")) in self.layout.credit_kinds:
            email, name = _client_of(row)
            money = Money(row.currency, abs(total))
            return CreditNote(row.text("number"), email, row.text("client_name") or name, issued, money, row.line)
        paid, status = self._paid(row, total)
        return Invoice(
            number=row.text("number"),
            client_email=row.text("client_email").casefold(),
            issued=issued,
            due=self._due(row, issued),
            total=Money(row.currency, total),
            paid=paid,
            paid_on=row.dates.get("paid_on"),
            status=status,
            client_name=row.text("client_name"),
        )

    def _same(self, group: Sequence[_Row]) -> None:
        """Rows that repeat an invoice must repeat it exactly; only their line items may differ."""
        first = group[0]
        for row in group[1:]:
            for name in (*DATES, "currency", "total", "paid", "balance", "status"):
                if row.text(name) != first.text(name):
                    raise _Unfit(
                        row.problem(
                            name,
                            f"Invoice {row.text('number')} stands on line {first.line} with other values.",
                            "Keep the row that is right. Neither is taken.",
                        ),
                    )

    def _currency(self, row: _Row) -> str:
        written = row.text("currency")
        in_amount = next((c for n in AMOUNTS if (c := currency_in(row.text(n)))), None)
        code = written or in_amount or self.answers.default_currency
        if not code:
            self._ask(Ask.CURRENCY, "The file names no currency. Which one is it in?", row.line)
            raise _Unfit
        try:
            found = check_currency(code)
        except InputError as error:
            raise _Unfit(row.problem("currency", str(error), error.fix)) from error
        if in_amount and in_amount != found:
            raise _Unfit(
                row.problem(
                    "total",
                    f"{row.text('total')!r} is in {in_amount}, the row in {found}.",
                    "Correct one of them.",
                ),
            )
        return found

    def _issued(self, row: _Row) -> date:
        if issued := row.dates.get("issued"):
            return issued
        raise _Unfit(row.problem("issued", "The invoice has no date.", "Add the date of the invoice."))

    def _due(self, row: _Row, issued: date) -> date:
        due = row.dates.get("due")
        if due is None:
            if self.answers.terms_days is None:
                self._ask(Ask.TERMS, "Invoices without a due date: within how many days are they payable?", row.line)
                raise _Unfit
            return issued + timedelta(days=self.answers.terms_days)
        if due < issued:
            raise _Unfit(
                row.problem("due", f"Due on {due}, before it was issued on {issued}.", "Correct one of the dates."),
            )
        return due

    def _amount(self, row: _Row, name: str) -> Decimal:
        try:
            return to_places(row.amounts[name], row.currency)
        except KeyError as error:
            raise _Unfit(row.problem(name, "The amount is missing.", "Write 0 where it is nothing.")) from error
        except InputError as error:
            raise _Unfit(row.problem(name, str(error), error.fix)) from error

    def _paid(self, row: _Row, total: Decimal) -> tuple[Decimal, InvoiceStatus]:
        """What is paid, from whichever columns the format has, and the status that goes with it."""
        word = row.text("status")
        status = self.layout.status(word) if word else None
        if word and status is None:
            raise _Unfit(
                row.problem("status", f"The status {word!r} is not known.", "Use open, partial, paid, void or draft."),
            )
        paid = self._given_paid(row, total)
        if paid < 0 or paid > total:
            name = "balance" if "balance" in row.amounts and "paid" not in row.amounts else "paid"
            raise _Unfit(
                row.problem(
                    name,
                    f"{paid} paid of {total} leaves a negative balance.",
                    "Correct the amount, or book what was paid too much as a credit note.",
                ),
            )
        if status is InvoiceStatus.PAID and paid < total:
            if paid > 0:
                message = f"The status is {word!r}, and {paid} of {total} are paid."
                raise _Unfit(row.problem("status", message, "Correct the status or the amount."))
            paid = total
        return paid, _settled(status, paid, total, by=_derived)

    def _given_paid(self, row: _Row, total: Decimal) -> Decimal:
        if "paid" in row.amounts:
            return self._amount(row, "paid")
        if "balance" in row.amounts:
            return total - self._amount(row, "balance")
        return _ZERO

    def _ask(self, ask: Ask, message: str, line: int, options: tuple[str, ...] = ()) -> None:
        self.asked.setdefault(ask, (Question(ask, message, options), []))[1].append(line)


def _settled(
    status: InvoiceStatus | None,
    paid: Decimal,
    total: Decimal,
    by: Callable[[Decimal, Decimal], InvoiceStatus],
) -> InvoiceStatus:
    if status in {None, InvoiceStatus.OPEN, InvoiceStatus.PARTIAL}:
        return by(paid, total)
    return status or by(paid, total)


def _derived(paid: Decimal, total: Decimal) -> InvoiceStatus:
    if paid >= total:
        return InvoiceStatus.PAID
    return InvoiceStatus.PARTIAL if paid > 0 else InvoiceStatus.OPEN


def _client_of(row: _Row) -> tuple[str, str]:
    """Who the invoice is for: the address, else the name. Line-level exports may leave both empty after line one."""
    email = row.text("client_email").casefold()
    return (email, "") if email else ("", row.text("client_name").casefold())
