"""What a figure of a text is, and reading numbers in digits of any script and in words.

Reading is generous (a figure may have several readings), so that comparing can be strict.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from pipeline.guard.lexicon import Lexicon
from pipeline.guard.phrases import forms
from pipeline.guard.text import Token


class Kind(StrEnum):
    """What a figure is."""

    AMOUNT = "amount"
    DATE = "date"
    WEEKDAY = "weekday"
    CLOCK = "clock"
    PERCENT = "percent"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as the text gives it; what is not given is None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def possible(self) -> bool:
        """Whether a calendar could hold it."""
        return (self.month is None or 1 <= self.month <= 12) and (self.day is None or 1 <= self.day <= 31)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and its readings."""

    kind: Kind
    start: int
    end: int
    values: frozenset[Decimal] = frozenset()
    """Readings as a number; for a clock time, minutes after midnight; for a weekday, 0 to 6 (Monday is 0)."""
    currencies: frozenset[str] = frozenset()
    days: tuple[Day, ...] = ()
    in_words: bool = False
    following: tuple[str, ...] = ()
    """The folded words after a plain number, at most two: what is counted."""
    preceding: str = ""
    """The folded word directly before a plain number."""
    cents: bool = False
    """A plain number written with two decimals: a sum of money, whatever it is called, and no count."""
    timed: bool = False
    """A number of days, hours or the like."""
    ranged: bool = False
    """A weekday that is one end of a range: `Monday to Friday`."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number before it is known what it counts."""

    start: int
    end: int
    values: frozenset[Decimal]
    in_words: bool = False
    cents: bool = False
    """Written with two decimals, as sums of money are."""

    @property
    def whole(self) -> int | None:
        """The number if it is one small whole number, else None."""
        if len(self.values) != 1:
            return None
        (value,) = self.values
        return int(value) if value == value.to_integral_value() and value < 10_000 else None


_NUMBER = re.compile(
    r"(?<!\d)(?:\d{1,3}([ .,'])\d{3}(?:\1\d{3})*(?:[.,]\d{1,3})?(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?(?!\d)"
    r"|\d+(?:[.,]\d+)?)",
)
_CENTS = re.compile(r"[.,]\d\d\Z")
_TIMES = (
    (Decimal(1000), re.compile(r"\s?(?:k|tsd\.?|тыс\.?|mille|mila|bin|tys\.?|thousand|tausend|ألف|آلاف|հազար|వేల|వేలు)(?![^\W\d_])", re.IGNORECASE)),
    (Decimal(1_000_000), re.compile(r"\s?(?:mio\.?|millione?n?s?|milhões|millones|млн\.?|milyon|mln\.?|مليون)(?![^\W\d_])", re.IGNORECASE)),
)  # fmt: skip


def readings(written: str) -> frozenset[Decimal]:
    """What a number in digits may mean: `1.234` is 1234 or 1.234; `1.234,56` is only 1234.56."""
    marks = [c for c in written if not c.isdigit()]
    plain = Decimal("".join(c for c in written if c.isdigit()))
    if not marks:
        return frozenset({plain})
    last = marks[-1]
    head, tail = written.rsplit(last, 1)
    decimals = Decimal("".join(c for c in head if c.isdigit()) + "." + tail)
    if last in " '" or marks.count(last) > 1:
        return frozenset({plain})
    if len(tail) != 3:
        return frozenset({decimals})
    return frozenset({decimals}) if len(marks) > 1 else frozenset({plain, decimals})  # `1.234,567`: three decimals


def _in_digits(flat: str) -> list[Quantity]:
    found: list[Quantity] = []
    for match in _NUMBER.finditer(flat):
        values, end = readings(match.group()), match.end()
        for factor, pattern in _TIMES:
            times = pattern.match(flat, end)
            if times:
                values, end = frozenset(v * factor for v in values), times.end()
        found.append(Quantity(match.start(), end, values, cents=_CENTS.search(match.group()) is not None))
    return found


def _combined(parts: Sequence[Decimal]) -> Decimal:
    """`two thousand four hundred` as 2400: larger words multiply what stands before them."""
    total = current = Decimal(0)
    for part in parts:
        if part >= 1000:
            total += max(current, Decimal(1)) * part
            current = Decimal(0)
        elif part == 100:
            current = max(current, Decimal(1)) * part
        else:
            current += part
    return total + current


@lru_cache(maxsize=4096)
def _glued(word: str, lexicon: Lexicon) -> tuple[Decimal, ...]:
    """The numbers that a word consists of, such as `vierhundertzehn`; empty if any of it is no number."""
    if len(word) < 6:
        return ()
    for length in range(len(word) - 1, 1, -1):
        head, rest = word[:length], word[length:]
        value = lexicon.numbers.get(head) or lexicon.glued.get(head)
        if value is None and head not in lexicon.joiners:
            continue
        last = lexicon.numbers.get(rest)
        following = (last,) if last is not None else _glued(rest, lexicon)
        if following:
            return following if value is None else (value, *following)
    return ()


def _number_word(token: Token, lexicon: Lexicon) -> Decimal | None:
    """The value of a number word, also with a particle before it (Arabic) or made of several."""
    for form in forms(token):
        value = lexicon.numbers.get(form)
        if value is not None:
            return value
    parts = next((p for form in forms(token) if (p := _glued(form, lexicon))), ())
    return _combined(parts) if parts else None


def _in_words(tokens: Sequence[Token], flat: str, lexicon: Lexicon) -> list[Quantity]:
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        value = _number_word(tokens[index], lexicon)
        if value is None or flat[tokens[index].start] == "\x00":
            index += 1
            continue
        parts, last = [value], index
        at = index + 1
        while at < len(tokens) and tokens[at].sentence == tokens[last].sentence and at - last <= 2:
            more = _number_word(tokens[at], lexicon)
            if more is not None:
                parts.append(more)
                last = at
            elif tokens[at].folded not in lexicon.joiners:
                break
            at += 1
        found.append(Quantity(tokens[index].start, tokens[last].end, frozenset({_combined(parts)}), in_words=True))
        index = last + 1
    return found


def quantities(flat: str, tokens: Sequence[Token], lexicon: Lexicon | None) -> list[Quantity]:
    """All numbers of a flat text, digits and words, in order."""
    found = _in_digits(flat)
    if lexicon is not None:
        found += _in_words(tokens, flat, lexicon)
    return sorted(found, key=lambda q: q.start)


def blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with these spans made unreadable (U+0000), length kept."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end > at:
            parts += (text[at : max(start, at)], "\x00" * (end - max(start, at)))
            at = end
    parts.append(text[at:])
    return "".join(parts)
