"""Ledger exports into invoices: one module per format, found by its header. Bytes in, values out."""

from collections.abc import Sequence
from dataclasses import fields, replace

from pipeline.errors import InputError
from pipeline.invoices.importers.credits import apply_credits
from pipeline.invoices.importers.einvoice import looks_like_xml, read_einvoice
from pipeline.invoices.importers.freshbooks import FRESHBOOKS
from pipeline.invoices.importers.invoice2go import INVOICE2GO
from pipeline.invoices.importers.layout import Layout, fold
from pipeline.invoices.importers.mapping import read_mapping
from pipeline.invoices.importers.ninja import NINJA_V4, NINJA_V5
from pipeline.invoices.importers.own import OWN
from pipeline.invoices.importers.quickbooks import QUICKBOOKS, QUICKBOOKS_REPORT
from pipeline.invoices.importers.result import Answers, Ask, CreditNote, LedgerRead, Problem, Question
from pipeline.invoices.importers.stripe import STRIPE
from pipeline.invoices.importers.table import read_table
from pipeline.invoices.importers.text import MAX_BYTES, Record, decode, records
from pipeline.invoices.importers.xero import XERO
from pipeline.invoices.importers.zoho import ZOHO

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "UNKNOWN",
    "Answers",
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
UNKNOWN = "unknown"
"""The format of a file of which nothing could be read."""
_PREAMBLE = 25
"""A header row is looked for in so many first records."""


def detect(text: str) -> str | None:
    """The name of the format of this text: by the header in its first rows, or `ubl` or `cii`; None if none is known."""
    if looks_like_xml(text):
        found_xml = read_einvoice(text.encode()).format
        return found_xml if found_xml != "einvoice" else None
    found = _header(records(text)[0], FORMATS)
    return found[0].name if found else None


def read_ledger(
    data: bytes,
    *,
    file_name: str,
    format: str | None = None,  # noqa: A002 the word that owners use for it, on the command line too
    mapping: str | None = None,
    answers: Answers | None = None,
) -> LedgerRead:
    """The invoices of an export. Trouble with the file is in the result: never raised, never half hidden.

    `format` names one of `FORMATS`; None finds it by the header. `mapping` is the text of the owner's own TOML
    layout and takes the place of a format. `answers` are those to the questions of an earlier read; they win over
    what a mapping says. Nothing may be stored while the result has questions. Raises `InputError` for a mistake in
    the mapping or a format that does not exist.
    """
    answers = answers or Answers()
    layouts = _layouts(format)
    delimiter = None
    if mapping is not None:
        layout, beforehand = read_mapping(mapping)
        layouts, delimiter = (layout,), layout.delimiter
        answers = _over(beforehand, answers)
    decoded = decode(data, answers.encoding)
    if not decoded.text:
        return LedgerRead(format or UNKNOWN, problems=decoded.problems, questions=decoded.questions)
    if looks_like_xml(decoded.text):
        return apply_credits(read_einvoice(data, terms_days=answers.terms_days), answers.credits)
    table, broken = records(decoded.text, delimiter)
    found = _header(table, layouts)
    if found is None:
        unknown = () if broken and not table else (_unknown_header(table, layouts, file_name),)
        return LedgerRead(format or UNKNOWN, problems=(*decoded.problems, *unknown, *broken))
    layout, position = found
    read = read_table(layout, table[position], table[position + 1 :], answers)
    read = replace(
        read,
        problems=(*decoded.problems, *read.problems, *broken),
        questions=(*decoded.questions, *read.questions),
    )
    return apply_credits(read, answers.credits)


def _layouts(name: str | None) -> tuple[Layout, ...]:
    chosen = tuple(layout for layout in FORMATS if name in {None, layout.name})
    if not chosen and name not in {"ubl", "cii"}:
        names = ", ".join((*(layout.name for layout in FORMATS), "ubl", "cii"))
        raise InputError(f"There is no ledger format {name!r}.", fix=f"Use one of: {names}.")
    return chosen


def _over(beforehand: Answers, answers: Answers) -> Answers:
    """The mapping's answers, with the owner's over them."""
    given = {f.name: getattr(answers, f.name) for f in fields(answers) if getattr(answers, f.name) not in (None, {})}
    return replace(beforehand, **given)


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
        "Name its columns number, client_email, issued, due, total (and currency, paid, status where you have them),"
        " or tell the names of its own in a --mapping.",
        table[0].line if table else 1,
    )
