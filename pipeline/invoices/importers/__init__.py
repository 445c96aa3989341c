"""Ledger exports into invoices: one module per format, found by its header. Bytes in, values out."""

from pipeline.invoices.dates import DateOrder
from pipeline.invoices.importers.layout import Layout, fold
from pipeline.invoices.importers.own import OWN
from pipeline.invoices.importers.result import Ask, CreditNote, LedgerRead, Problem, Question
from pipeline.invoices.importers.table import Answers, read_table
from pipeline.invoices.importers.text import MAX_BYTES, Record, decode, records

__all__ = ["FORMATS", "MAX_BYTES", "Ask", "CreditNote", "LedgerRead", "Problem", "Question", "detect", "read_ledger"]

FORMATS: tuple[Layout, ...] = (OWN,)
_PREAMBLE = 25
"""A header row is looked for in so many first records."""


def detect(text: str) -> str | None:
    """The name of the format whose header stands in the first rows of this text; None if none is known."""
    found = _header(records(text)[0], FORMATS)
    return found[0].name if found else None


def read_ledger(
    data: bytes,
    *,
    file_name: str,
    format: str | None = None,  # noqa: A002 the word that owners use for it, on the command line too
    date_order: DateOrder | None = None,
    decimal: str | None = None,
    default_currency: str | None = None,
    terms_days: int | None = None,
    encoding: str | None = None,
) -> LedgerRead:
    """The invoices of an export. Expected trouble is in the result: never raised, never half hidden.

    `format` names one of `FORMATS`; None finds it by the header. `date_order`, `decimal` (`.` or `,`),
    `default_currency` (ISO 4217), `terms_days` and `encoding` answer the questions of an earlier read. Nothing may
    be stored while the result has questions.
    """
    decoded = decode(data, encoding)
    if not decoded.text:
        return LedgerRead(format or "unknown", problems=decoded.problems, questions=decoded.questions)
    table, problems = records(decoded.text)
    known = [layout for layout in FORMATS if format in {None, layout.name}]
    found = _header(table, known)
    if found is None:
        problem = _unknown_header(table, known, file_name)
        return LedgerRead(format or "unknown", problems=(*decoded.problems, problem))
    layout, position = found
    answers = Answers(date_order, decimal, default_currency, terms_days)
    read = read_table(layout, table[position], table[position + 1 :], answers)
    return LedgerRead(
        read.format,
        read.invoices,
        read.lines,
        read.credits,
        (*decoded.problems, *read.problems, *problems),
        (*decoded.questions, *read.questions),
    )


def _header(table: list[Record], layouts: tuple[Layout, ...] | list[Layout]) -> tuple[Layout, int] | None:
    for position, record in enumerate(table[:_PREAMBLE]):
        headers = {fold(cell) for cell in record.fields}
        for layout in layouts:
            if layout.matches(headers):
                return layout, position
    return None


def _unknown_header(table: list[Record], known: list[Layout], file_name: str) -> Problem:
    titles = ", ".join(layout.title for layout in known)
    line = table[0].line if table else 1
    return Problem(
        f"{file_name}: no header row of a known format ({titles}).",
        "Check that the columns have their names, or write a mapping.",
        line,
    )
