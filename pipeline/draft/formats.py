"""Dates, money, figures and lists as a letter in some language writes them (CLDR, by Babel), and the table of invoices."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from jinja2.exceptions import FilterArgumentError

from pipeline.domain.ledger import Money
from pipeline.domain.strategy import InvoiceFact
from pipeline.playbook import TableWords

_GAP = "   "  # three spaces part the columns, so that a reader of figures can tell a table from prose
_NARROW_SPACE = "\u202f"  # French and others; many mail fonts lack it, the no-break space is everywhere
# `CHF1.234,50`, as Turkish has it, looks like a reference number
_CODE_BEFORE_DIGIT = re.compile(r"(?<=[A-Z]{3})(?=\d)")
_JOINERS = {"\u200c", "\u200d"}  # part of the spelling in Persian and Indic scripts
_ARABIC_AND = re.compile(r"\bو(?=[0-9A-Za-z])")
_QUOTATION_MARKS = re.compile(r'["“”„‟«»‹›「」]')


def letter_locale(language: str) -> Locale:
    """The locale of a BCP 47 tag; of its base language, else English, where CLDR does not know it."""
    for tag in (language, language.split("-", maxsplit=1)[0], "en"):
        try:
            return Locale.parse(tag.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError  # pragma: no cover  CLDR knows English


def day_in_words(value: date, locale: Locale) -> str:
    """A date with its weekday and the month in words, which nobody reads as another day: `Tuesday, March 3, 2026`."""
    return format_date(value, "full", locale=locale)


def money_in_words(value: Money | Iterable[Money], locale: Locale) -> str:
    """An amount in its currency, or several as a list: `€1,200.00 and $80.00`."""
    amounts = (value,) if isinstance(value, Money) else tuple(value)
    written = [format_currency(money.amount, money.currency, locale=locale) for money in amounts]
    spaced = (_CODE_BEFORE_DIGIT.sub("\u00a0", text.replace(_NARROW_SPACE, "\u00a0")) for text in written)
    return format_list(list(spaced), locale=locale)


def letter_filters(language: str) -> dict[str, Callable[..., str]]:
    """The filters `day`, `money`, `number` and `join` for a letter in a language.

    Each raises FilterArgumentError, which names no value, when it is given something else than it is for.
    """
    locale = letter_locale(language)

    def day(value: object) -> str:
        if not isinstance(value, date):
            raise FilterArgumentError(f"day takes a date, not {_kind(value)}")
        return day_in_words(value, locale)

    def money(value: object) -> str:
        amounts = (value,) if isinstance(value, Money) else value
        if not isinstance(amounts, tuple | list) or not all(isinstance(amount, Money) for amount in amounts):
            raise FilterArgumentError(f"money takes an amount with its currency, or several, not {_kind(value)}")
        return money_in_words(amounts, locale)

    def number(value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise FilterArgumentError(f"number takes a number, not {_kind(value)}")
        return format_decimal(value, locale=locale).replace(_NARROW_SPACE, "\u00a0")

    def join(values: Iterable[object]) -> str:
        texts = list(values) if not isinstance(values, str) else [values]
        if not all(isinstance(text, str) for text in texts):
            raise FilterArgumentError('join takes texts; dates and amounts go through map("day") or map("money") first')
        # Arabic writes its "and" onto the word that follows; a Latin number after it would no longer be found.
        return _ARABIC_AND.sub("و ", format_list([str(text) for text in texts], locale=locale))

    return {"day": day, "money": money, "number": number, "join": join}


def invoice_table(invoices: Sequence[InvoiceFact], totals: Sequence[Money], words: TableWords, language: str) -> str:
    """The invoices as lines of plain text: number, issued, due, open amount; below them the total per currency.

    Columns are aligned with spaces. In languages written from right to left, where aligned columns fall apart, each
    invoice is a line in words. Empty for no invoices; a single invoice has no line for the total.
    """
    if not invoices:
        return ""
    locale = letter_locale(language)
    rows = [
        (i.number, _short(i.issued, locale), _short(i.due, locale), money_in_words(i.open, locale)) for i in invoices
    ]
    sums = [money_in_words(total, locale) for total in totals] if len(invoices) > 1 else []
    if locale.text_direction == "rtl":
        return "\n".join([*(_row_in_words(row, words) for row in rows), *(f"- {words.total}: {text}" for text in sums)])
    head = (words.number, words.issued, words.due, words.open)
    lines = [head, *rows, *((words.total, "", "", text) for text in sums)]
    return in_columns(lines)


def _short(value: date, locale: Locale) -> str:
    """A date for a column. Arabic's own short forms are figures and direction marks, which mix badly with Latin text."""
    return format_date(value, "long" if locale.text_direction == "rtl" else "medium", locale=locale)


def in_columns(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as text with aligned columns, the last one to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(_row_in_columns(line, widths) for line in lines)


def _row_in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    *texts, amount = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join([*texts, amount.strip().rjust(widths[-1])])


def _row_in_words(cells: Sequence[str], words: TableWords) -> str:
    number, issued, due, amount = cells
    return f"- {words.number} {number}: {words.issued} {issued}، {words.due} {due}، {words.open} {amount}"


def plain(text: str) -> str:
    """Text from elsewhere as one line of plain text: no control, format or private characters, white space folded."""
    if text.isprintable():  # the usual case, and a paper has thousands of them
        return " ".join(unicodedata.normalize("NFC", text).split())
    spaced = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    kept = (c for c in spaced if c in _JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs", "Cn"})
    return " ".join("".join(kept).split())


def quotable(text: str, limit: int) -> str:
    """A quote from a mail for the inside of quotation marks: plain, its own marks made single, at most `limit` characters.

    A longer one ends at a word with `…`.
    """
    inner = _QUOTATION_MARKS.sub("'", plain(text)).strip("' ").rstrip(".,;:!… ")
    if len(inner) <= limit:
        return inner
    return inner[: limit - 1].rsplit(" ", 1)[0].rstrip(".,;:!… ") + "…"


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
