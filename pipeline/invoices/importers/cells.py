"""The texts of a table into dates and amounts: for the whole file at once, because one row may decide for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pipeline.errors import InputError
from pipeline.invoices.dates import DateOrder, parse_dates
from pipeline.invoices.importers.layout import AMOUNTS, DATES
from pipeline.invoices.importers.result import Ask, Problem, Question
from pipeline.invoices.money import AmbiguousAmount, decimal_mark, parse_amount


@dataclass(slots=True)
class Row:
    """A record of the file by field name, and what its texts turned out to be."""

    line: int
    cells: tuple[str, ...]
    places: Mapping[str, int]
    """Where each field stands among the cells; the same for every row of a file."""
    headers: Mapping[str, str]
    dates: dict[str, date] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a field; empty where the file has no such column."""
        place = self.places.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def problem(self, name: str, message: str, fix: str) -> Problem:
        """A problem with this row, at the column of that field."""
        return Problem(message, fix, self.line, self.headers.get(name, name))


class Findings:
    """What is wrong and what to ask, as it is found. A question is asked once, with all the lines it is about."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._asked: dict[tuple[Ask, str], tuple[Question, set[int]]] = {}

    def ask(self, ask: Ask, message: str, line: int, *, options: tuple[str, ...] = (), about: str = "") -> None:
        """Ask, or add a line to the question; `about` keeps questions of one kind apart."""
        self._asked.setdefault((ask, about), (Question(ask, message, options), set()))[1].add(line)

    def sorted_problems(self) -> tuple[Problem, ...]:
        """By line; what concerns the whole file first."""
        return tuple(sorted(self.problems, key=lambda p: p.line or 0))

    def questions(self) -> tuple[Question, ...]:
        """In the order in which they came up."""
        return tuple(Question(q.ask, q.message, q.options, tuple(sorted(lines))) for q, lines in self._asked.values())


def read_dates(rows: Sequence[Row], order: DateOrder | None, findings: Findings) -> set[int]:
    """Fill in the rows' dates. Gives the lines that cannot be used, or not before the owner has answered."""
    cells = [(row, name) for row in rows for name in DATES if row.text(name)]
    read = parse_dates([row.text(name) for row, name in cells], order)
    for (row, name), found in zip(cells, read.dates, strict=True):
        if found:
            row.dates[name] = found
    for position in read.unreadable:
        row, name = cells[position]
        used = f" with the order {read.order}" if read.order else ""
        findings.problems.append(
            row.problem(name, f"{row.text(name)!r} is no date{used}.", "Write it as YYYY-MM-DD."),
        )
    why = "Rows of this file say both." if read.mixed else "No row of this file tells."
    for position in read.ask:
        row, name = cells[position]
        message = f"Is {row.text(name)!r} (column {row.headers[name]}) day first or month first? {why}"
        findings.ask(Ask.DATE_ORDER, message, row.line, options=tuple(DateOrder))
    return {cells[position][0].line for position in (*read.unreadable, *read.ask)}


def read_amounts(rows: Sequence[Row], decimal: str | None, findings: Findings) -> set[int]:
    """Fill in the rows' amounts. Gives the lines that cannot be used, or not before the owner has answered."""
    cells = [(row, name) for row in rows for name in AMOUNTS if row.text(name)]
    unfit: set[int] = set()
    try:
        mark = decimal or decimal_mark(row.text(name) for row, name in cells)
    except InputError as error:
        for row, _ in cells:
            findings.ask(Ask.DECIMAL, error.message, row.line, options=(".", ","))
        return {row.line for row, _ in cells}
    for row, name in cells:
        try:
            row.amounts[name] = parse_amount(row.text(name), decimal=mark)
        except AmbiguousAmount as error:
            message = f"{error.message} Which decimal mark does the file use?"
            findings.ask(Ask.DECIMAL, message, row.line, options=(".", ","))
            unfit.add(row.line)
        except InputError as error:
            findings.problems.append(row.problem(name, error.message, error.fix))
            unfit.add(row.line)
    return unfit
