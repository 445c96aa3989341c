"""The dates of a file, read by one order for all of them. 03/04 is asked about, never guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from babel.dates import get_month_names

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\.?(?: .*)?")
_DAY_FIRST_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -]+([^\W\d]+)\.?,?[ -]+(\d{4}|\d{2})(?: .*)?")
_MONTH_FIRST_WORDS = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?: .*)?")
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr")


class DateOrder(StrEnum):
    """Which number comes first where a date is written with numbers alone."""

    DMY = "dmy"
    MDY = "mdy"


@dataclass(frozen=True, slots=True)
class DatesRead:
    """The dates of a column. A place is None where the text is empty, unreadable or can be read in two ways."""

    dates: tuple[date | None, ...]
    order: DateOrder | None = None
    """What was used: given, or proven by the rows in `proof`."""
    unreadable: tuple[int, ...] = ()
    """Positions of texts that are no date in the order that was used."""
    ask: tuple[int, ...] = ()
    """Positions of texts that can be read in two ways while nothing decides: a question to the owner."""
    mixed: tuple[int, int] | None = None
    """Positions of two texts that prove opposite orders; then `ask` holds all that could be either."""


def parse_dates(texts: Sequence[str], order: DateOrder | None = None) -> DatesRead:
    """Read the dates of one file.

    Year-first dates, dates with dots (day first wherever dots are used) and dates with a month's name speak for
    themselves. For the others one row that can only be day-first or month-first decides for the whole file; `order`
    decides for the owner. If nothing decides, or rows disagree, the ambiguous rows stand in `ask`.
    """
    readings = [_readings(text.strip()) for text in texts]
    proofs: dict[DateOrder, int] = {}
    for position, reading in enumerate(readings):
        if len(reading) == 1 and (known := next(iter(reading))) is not None:
            proofs.setdefault(known, position)
    mixed = (proofs[DateOrder.DMY], proofs[DateOrder.MDY]) if order is None and len(proofs) == 2 else None
    used = order or (next(iter(proofs)) if len(proofs) == 1 else None)
    dates: list[date | None] = []
    unreadable: list[int] = []
    ask: list[int] = []
    for position, (text, reading) in enumerate(zip(texts, readings, strict=True)):
        found = reading.get(None) or (reading.get(used) if used else None)
        if found is None and text.strip():
            single = next(iter(reading.values())) if len(set(reading.values())) == 1 and used is None else None
            if single is not None:
                found = single
            elif used is None and reading:
                ask.append(position)
            else:
                unreadable.append(position)
        dates.append(found)
    return DatesRead(tuple(dates), used, tuple(unreadable), tuple(ask), mixed)


@lru_cache(maxsize=4096)
def _readings(text: str) -> Mapping[DateOrder | None, date]:
    """Every way to read a text: under None if its form says the order itself. The same few days fill a file."""
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _valid(None, *match.groups())
    if match := _DAY_FIRST_WORDS.fullmatch(text):
        return _valid(None, match[3], _month(match[2]), match[1])
    if match := _MONTH_FIRST_WORDS.fullmatch(text):
        return _valid(None, match[3], _month(match[1]), match[2])
    if match := _NUMERIC.fullmatch(text):
        first, mark, second, year = match.groups()
        if mark == ".":
            return _valid(None, year, second, first)
        return _valid(DateOrder.DMY, year, second, first) | _valid(DateOrder.MDY, year, first, second)
    return {}


def _valid(order: DateOrder | None, year: str, month: str, day: str) -> dict[DateOrder | None, date]:
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return {order: date(full, int(month), int(day))}
    except ValueError:
        return {}


def _month(name: str) -> str:
    return str(_months().get(name.casefold().rstrip("."), 0))


@cache
def _months() -> dict[str, int]:
    """Month names, wide and short, of the languages that exports come in."""
    return {
        name.casefold().rstrip("."): number
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, "format", language).items()
    }
