"""Ledger exports into invoices: one module per format, found by its header. Bytes in, values out."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import InputError
from pipeline.invoices.dates import DateOrder
from pipeline.invoices.importers.build import Answers
from pipeline.invoices.importers.einvoice import looks_like_xml, read_einvoice
from pipeline.invoices.importers.freshbooks import FRESHBOOKS
from pipeline.invoices.importers.invoice2go import INVOICE2GO
from pipeline.invoices.importers.layout import Layout, fold
from pipeline.invoices.importers.mapping import Mapped, read_mapping
from pipeline.invoices.importers.ninja import NINJA_V4, NINJA_V5
from pipeline.invoices.importers.own import OWN
from pipeline.invoices.importers.quickbooks import QUICKBOOKS, QUICKBOOKS_REPORT
from pipeline.invoices.importers.result import Ask, CreditNote, LedgerRead, Problem, Question
from pipeline.invoices.importers.stripe import STRIPE
from pipeline.invoices.importers.table import read_table
from pipeline.invoices.importers.text import MAX_BYTES, Record, decode, records
from pipeline.invoices.importers.xero import XERO
from pipeline.invoices.importers.zoho import ZOHO

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "Ask",
    "CreditNote",
    "LedgerRead",
    "Problem",
    "Question",
    "detect",
    "read_ledger",
]

FORMATS: tuple[Layout, ...] = (
    OWN,
    FRESHBOOKS,
    XERO,
    QUICKBOOKS,
    QUICKBOOKS_REPORT,
    STRIPE,
    NINJA_V4,
    NINJA_V5,
    ZOHO,
    INVOICE2GO,
)
"""The table formats, in the order in which a header is tried on them. UBL and CII are told by their root element."""
_PREAMBLE = 25
"""A header row is looked for in so many first records."""


def detect(text: str) -> str | None:
    """The name of the format of this text: by the header in its first rows, or `einvoice`; None if none is known."""
    if looks_like_xml(text):
        return "einvoice"
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
    mapping: str | None = None,
) -> LedgerRead:
    """The invoices of an export. Trouble with the file is in the result: never raised, never half hidden.

    `format` names one of `FORMATS`; None finds it by the header. `mapping` is the text of the owner's own TOML
    layout and takes the place of a format. `date_order`, `decimal` (`.` or `,`), `default_currency` (ISO 4217),
    `terms_days` and `encoding` answer the questions of an earlier read. Nothing may be stored while the result has
    questions. Raises `InputError` for a mistake in the mapping or a format that does not exist.
    """
    mapped = read_mapping(mapping) if mapping is not None else None
    layouts = _layouts(format, mapped)
    decoded = decode(data, encoding or (mapped.encoding if mapped else None))
    if not decoded.text:
        return LedgerRead(format or "unknown", problems=decoded.problems, questions=decoded.questions)
    if looks_like_xml(decoded.text):
        return read_einvoice(data, terms_days=terms_days)
    table, broken = records(decoded.text, mapped.layout.delimiter if mapped else None)
    found = _header(table, layouts)
    if found is None:
        problem = _unknown_header(table, layouts, file_name)
        return LedgerRead(format or "unknown", problems=(*decoded.problems, problem, *broken))
    layout, position = found
    answers = Answers(
        date_order or (mapped.date_order if mapped else None),
        decimal or (mapped.decimal if mapped else None),
        (mapped.currency if mapped else None) or default_currency,
        terms_days if terms_days is not None else mapped.terms_days if mapped else None,
    )
    read = read_table(layout, table[position], table[position + 1 :], answers)
    return replace(
        read,
        problems=(*decoded.problems, *read.problems, *broken),
        questions=(*decoded.questions, *read.questions),
    )


def _layouts(name: str | None, mapped: Mapped | None) -> tuple[Layout, ...]:
    if mapped:
        return (mapped.layout,)
    chosen = tuple(layout for layout in FORMATS if name in {None, layout.name})
    if not chosen and name != "einvoice":
        names = ", ".join((*(layout.name for layout in FORMATS), "einvoice"))
        raise InputError(f"There is no ledger format {name!r}.", fix=f"Use one of: {names}.")
    return chosen


def _header(table: Sequence[Record], layouts: Sequence[Layout]) -> tuple[Layout, int] | None:
    for position, record in enumerate(table[:_PREAMBLE]):
        headers = {fold(cell) for cell in record.fields}
        for layout in layouts:
            if layout.matches(headers):
                return layout, position
    return None


def _unknown_header(table: Sequence[Record], layouts: Sequence[Layout], file_name: str) -> Problem:
    titles = ", ".join(layout.title for layout in layouts)
    return Problem(
        f"{file_name} has no header row of a known format ({titles}).",
        "Check the names of its columns, or write a mapping.",
        table[0].line if table else 1,
    )
