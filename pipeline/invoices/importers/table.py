"""Records of an export and the layout of its format into invoices, with a problem for every row that does not fit."""

from collections.abc import Sequence

from pipeline.domain.ledger import Invoice
from pipeline.invoices.importers.build import Builder, Unfit
from pipeline.invoices.importers.cells import Findings, Row, read_amounts, read_dates
from pipeline.invoices.importers.layout import Layout
from pipeline.invoices.importers.result import Answers, Ask, CreditNote, LedgerRead, Problem
from pipeline.invoices.importers.text import Record

_TOTALS = ("total", "grand total", "summe", "gesamt", "toplam")


def read_table(layout: Layout, header: Record, body: Sequence[Record], answers: Answers) -> LedgerRead:
    """The invoices of a table. The rows of one invoice (line-level exports) become one."""
    findings = Findings()
    places = layout.positions(header.fields)
    if problem := _missing(layout, places, header):
        return LedgerRead(layout.name, problems=(problem,))
    reader = _Rows(layout, places, header, findings)
    rows = [row for record in body if (row := reader.row(record))]
    unfit = read_dates(rows, answers.date_order, findings) | read_amounts(rows, answers.decimal, findings)
    builder = Builder(layout, answers, findings)
    invoices: list[tuple[Invoice, int]] = []
    credits_: list[CreditNote] = []
    for group in _groups(rows, findings):
        if any(row.line in unfit for row in group):
            continue
        try:
            built = builder.build(group)
        except Unfit as unusable:
            findings.problems.extend([unusable.problem] if unusable.problem else [])
            continue
        if isinstance(built, CreditNote):
            credits_.append(built)
        else:
            invoices.append((built, group[0].line))
    for note in credits_:
        message = (
            f"Credit note {note.number} over {note.amount.amount} {note.amount.currency}: "
            "which invoice is it to be taken off, if the invoice's balance lacks it?"
        )
        findings.ask(Ask.CREDITS, message, note.line, about=note.number)
    return LedgerRead(
        layout.name,
        tuple(invoice for invoice, _ in invoices),
        tuple(line for _, line in invoices),
        tuple(credits_),
        findings.sorted_problems(),
        findings.questions(),
        reader.headers,
        knows_payments=bool({"paid", "balance", "status"} & places.keys()),
    )


def _missing(layout: Layout, places: dict[str, int], header: Record) -> Problem | None:
    missing = [name for name in layout.required if name not in places]
    if not {"total", "line_total"} & places.keys():
        missing.append("total")
    if not missing:
        return None
    wanted = ", ".join(f"{name} ({' or '.join(layout.columns.get(name, (name,)))})" for name in missing)
    return Problem(
        f"{layout.title}: the header lacks {wanted}.",
        "Export again with these columns, or write a mapping.",
        header.line,
    )


class _Rows:
    """Turns the records of one table into rows by field name."""

    def __init__(self, layout: Layout, places: dict[str, int], header: Record, findings: Findings) -> None:
        self.layout = layout
        self.places = places
        self.width = len(header.fields)
        self.headers = {name: header.fields[place] for name, place in places.items()}
        self.findings = findings

    def row(self, record: Record) -> Row | None:
        """The record by field names; None (with a problem where one is due) if it holds no invoice."""
        fields = record.fields
        if self._is_total(fields) or (self.layout.sections and sum(map(bool, fields)) == 1):
            return None
        if len(fields) < self.width or any(fields[self.width :]):
            fix = "A field is missing, or a text with a delimiter in it lacks its quotation marks."
            message = f"The row has {len(fields)} fields, the header {self.width}."
            self.findings.problems.append(Problem(message, fix, record.line, str(len(fields))))
            return None
        row = Row(record.line, fields, self.places, self.headers)
        if self.layout.is_other(row.text("kind")):
            return None
        if row.text("number"):
            return row
        if not self.layout.unnumbered_drafts or row.text("status").casefold() != "draft":
            fix = "Add it, or delete the row."
            self.findings.problems.append(row.problem("number", "The row has no invoice number.", fix))
        return None

    def _is_total(self, fields: tuple[str, ...]) -> bool:
        """A row that sums up others: it begins with the word, and has no number of its own."""
        first = next((cell for cell in fields if cell), "").casefold()
        place = self.places["number"]
        number = fields[place].casefold() if place < len(fields) else ""
        return number in {"", first} and any(first == word or first.startswith(f"{word} ") for word in _TOTALS)


def _groups(rows: Sequence[Row], findings: Findings) -> list[list[Row]]:
    """Rows by invoice number. One number for two clients is nobody's invoice until the owner says whose."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.text("number"), []).append(row)
    good = []
    for number, group in groups.items():
        first = group[0]
        other = next((row for row in group[1:] if _client(row) not in {"", _client(first)}), None)
        if other is None:
            good.append(group)
            continue
        message = f"Invoice {number} stands on line {first.line} for another client."
        fix = "Numbers belong to one client: correct the one that is wrong. Neither row is taken."
        findings.problems.append(other.problem("number", message, fix))
    return good


def _client(row: Row) -> str:
    """Who the invoice is for: by address, else by name; empty on the further lines of a line-level export."""
    return (row.text("client_email") or row.text("client_name")).casefold()
