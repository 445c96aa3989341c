"""Dates, weekdays and clock times in a text, numeric and in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from pipeline.guard.figures import Day, Figure, Kind, Quantity
from pipeline.guard.lexicon import Lexicon
from pipeline.guard.text import Token, fold

_ISO = re.compile(r"(?<![\d/.-])(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
_KANJI = re.compile(r"(?<!\d)(\d{4})年(\d{1,2})月(\d{1,2})日")
_DMY = re.compile(r"(?<![\d/.-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/]|\.\d)")
_DM = re.compile(r"(?<![\d/.,-])(\d{1,2})(?:\.\s?(\d{1,2})\.(?!\d)|/(\d{1,2})(?![\d/]))")
_MY = re.compile(r"(?<![\d/.,-])(0?[1-9]|1[0-2])/(20\d\d)(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d:.,])([01]?\d|2[0-4])\s?(?:[:h]\s?([0-5]\d)(?::[0-5]\d)?|h(?![^\W_]))(?![\d:])(?:\s?([ap])\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_AMPM = re.compile(r"(?<![\d:.,])(1[0-2]|0?[1-9])(?:\.([0-5]\d))?\s?([ap])\.?\s?m\b\.?", re.IGNORECASE)
_TO_MONTH = re.compile(
    r"[\s.,'º°ª-]*(?:(?:st|nd|rd|th|er|re|e|o|a|de|of|di|del|do|of the|ին|ի|న|వ|го|е|ого)\b[\s.,]*){0,2}", re.IGNORECASE
)
_TO_YEAR = re.compile(r"[\s.,'(-]*(?:(?:st|nd|rd|th|de|del|of|ին|ի|న)\b[\s.,]*)?", re.IGNORECASE)
_TO_OTHER_DAY = re.compile(
    r"[\s.]*(?:st|nd|rd|th)?\s?(?:-|to|and|or|bis|und|au|et|al|a|y|e|do|i|tot|en|и|до|по|إلى|و|ile|ve|մինչև|եւ|నుండి)\s?(?:the |le |el |il )?",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"[\s,.(]*(?:(?:the|den|dem|am|le|el|il|o|dia|d\.|de|of|on|dnia|ա|ին)\b[\s.]*){0,2}", re.IGNORECASE
)
_ALSO_WORDS = frozenset({"may", "march", "mars"})

Reader = Callable[[re.Match[str]], tuple[Day, ...]]


def _full_year(written: str) -> int:
    return int(written) if len(written) == 4 else 2000 + int(written)


def _either_order(first: str, second: str, year: int | None, *, month_first: bool) -> tuple[Day, ...]:
    days = (Day(year, int(second), int(first)),)
    return (*days, Day(year, int(first), int(second))) if month_first else days


def numeric_dates(flat: str, language: str) -> list[Figure]:
    """Dates in digits. In English, `03/04` may be read both ways."""
    english = language == "en"
    patterns: tuple[tuple[re.Pattern[str], Reader], ...] = (
        (_ISO, lambda m: (Day(int(m[1]), int(m[3]), int(m[4])),)),
        (_KANJI, lambda m: (Day(int(m[1]), int(m[2]), int(m[3])),)),
        (_DMY, lambda m: _either_order(m[1], m[3], _full_year(m[4]), month_first=english and m[2] != ".")),
        (_MY, lambda m: (Day(int(m[2]), int(m[1])),)),
        (_DM, lambda m: _either_order(m[1], m[2] or m[3], None, month_first=english and m[2] is None)),
    )
    found: list[Figure] = []
    taken: set[int] = set()
    for pattern, read in patterns:
        for match in pattern.finditer(flat):
            days = tuple(d for d in read(match) if d.possible)
            if days and match.start() not in taken:
                found.append(Figure(Kind.DATE, match.start(), match.end(), days=days))
                taken.update(range(match.start(), match.end()))
    return found


def _minutes(hour: int, minute: int, half: str | None) -> frozenset[Decimal]:
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return frozenset({Decimal(hour * 60 + minute)})


def clock_times(flat: str) -> list[Figure]:
    """Clock times such as `17:00`, `17h30`, `9 am`, `9.30 p.m.`; values are minutes after midnight."""
    found: list[Figure] = []
    for pattern in (_CLOCK, _AMPM):
        for match in pattern.finditer(flat):
            if not any(f.start <= match.start() < f.end for f in found[-1:]):
                values = _minutes(int(match[1]), int(match[2] or 0), match[3])
                found.append(Figure(Kind.CLOCK, match.start(), match.end(), values))
    return found


def name_of(token: Token, names: Mapping[str, int]) -> int | None:
    """The number of the month or weekday that a token names; stems (`понедельник*`) take any ending."""
    word = token.folded
    exact = names.get(word)
    if exact is not None:
        return exact
    for length in range(min(len(word), 14), 2, -1):
        stem = names.get(word[:length] + "*")
        if stem is not None:
            return stem
    head, apostrophe, _ = word.partition("'")
    return names.get(head) if apostrophe else None


def _gap(pattern: re.Pattern[str], flat: str, start: int, end: int) -> bool:
    return 0 <= end - start <= 16 and pattern.fullmatch(flat, start, end) is not None


def written_dates(
    flat: str, tokens: Sequence[Token], numbers: Sequence[Quantity], lexicons: Sequence[Lexicon]
) -> tuple[list[Figure], set[int]]:
    """Dates with a month's name, and the starts of the quantities that they use up."""
    names: dict[str, int] = {}
    short: dict[str, int] = {}
    ordinals: dict[str, int] = {}
    for lexicon in reversed(lexicons):
        names.update(_plain_names(lexicon.months, own=lexicon is lexicons[0]))
    for lexicon in lexicons[:1]:
        short.update(lexicon.short_months)
        ordinals.update(lexicon.ordinals)
    days = _possible_days(tokens, numbers, ordinals)
    found: list[Figure] = []
    used: set[int] = set()
    at = 0
    for index, token in enumerate(tokens):
        named = name_of(token, names)
        month = named or short.get(token.folded)
        if month is None or flat[token.start] == "\x00":
            continue
        while at < len(days) and days[at][0] < token.start:
            at += 1
        figure = _around(flat, token, month, days, at, used)
        if figure is not None:
            found.extend(figure)
        elif named and _stands_alone(flat, tokens, index):
            found.append(Figure(Kind.DATE, token.start, token.end, days=(Day(month=month),)))
    return found, used


def _possible_days(
    tokens: Sequence[Token], numbers: Sequence[Quantity], ordinals: Mapping[str, int]
) -> list[tuple[int, int, int | None]]:
    """Start, end and value of everything that could be a day or a year, in order."""
    days = [(q.start, q.end, q.whole) for q in numbers]
    tens = {q.end: q for q in numbers if q.in_words and q.whole in {20, 30}}
    for token in tokens:
        day = ordinals.get(token.folded)
        ten = tens.get(token.start - 1)
        if day is not None and ten is not None and day < 10:  # `twenty-sixth`
            days.remove((ten.start, ten.end, ten.whole))
            days.append((ten.start, token.end, (ten.whole or 0) + day))
        elif day is not None:
            days.append((token.start, token.end, day))
    return sorted(days, key=lambda d: d[0])


def _plain_names(names: Mapping[str, int], *, own: bool) -> Mapping[str, int]:
    """Of another language only the long names: `Mon` and `Mar` are words in many."""
    return names if own else {name: number for name, number in names.items() if len(name.rstrip("*")) >= 6}


def _stands_alone(flat: str, tokens: Sequence[Token], index: int) -> bool:
    """Whether a month without day and year is one: `may` and `march` are also verbs."""
    token = tokens[index]
    if token.folded not in _ALSO_WORDS:
        return True
    begins = index == 0 or tokens[index - 1].sentence != token.sentence
    return flat[token.start].isupper() and not begins


def _around(
    flat: str, month: Token, number: int, days: list[tuple[int, int, int | None]], at: int, used: set[int]
) -> list[Figure] | None:
    """The date or dates (`3 to 5 March`) around a month's name; None if it has neither day nor year."""
    day: int | None = None
    start, end = month.start, month.end
    if at > 0:
        before = days[at - 1]
        if before[2] is not None and 1 <= before[2] <= 31 and _gap(_TO_MONTH, flat, before[1], month.start):
            day, start = before[2], before[0]
            used.add(before[0])
    own = [d for d in days[at : at + 1] if d[0] < month.end]  # the month's own name: `sept.` is seven in French
    following = at + len(own)
    if day is None and following < len(days):
        after = days[following]
        if after[2] is not None and 1 <= after[2] <= 31 and _gap(_TO_MONTH, flat, month.end, after[0]):
            day, end = after[2], after[1]
            used.add(after[0])
            following += 1
    year: int | None = None
    if following < len(days):
        after = days[following]
        if after[2] is not None and 1900 <= after[2] <= 2199 and _gap(_TO_YEAR, flat, end, after[0]):
            year, end = after[2], after[1]
            used.add(after[0])
    if day is None and year is None:
        return None
    used.update(start for start, _, _ in own)
    figures = [Figure(Kind.DATE, start, end, days=(Day(year, number, day),))]
    if at > 1 and start != month.start:
        other = days[at - 2]
        if other[2] is not None and 1 <= other[2] <= 31 and _gap(_TO_OTHER_DAY, flat, other[1], start):
            figures.insert(0, Figure(Kind.DATE, other[0], other[1], days=(Day(year, number, other[2]),)))
            used.add(other[0])
    return figures


def weekdays(flat: str, tokens: Sequence[Token], lexicons: Sequence[Lexicon]) -> list[Figure]:
    """Names of weekdays; the two ends of `Monday to Friday` are marked as a range."""
    names: dict[str, int] = {}
    joining: set[str] = set()
    for lexicon in reversed(lexicons):
        names.update(_plain_names(lexicon.weekdays, own=lexicon is lexicons[0]))
        joining |= lexicon.range_words
    found: list[Figure] = []
    for token in tokens:
        number = name_of(token, names)
        if number is None or flat[token.start] == "\x00":
            continue
        ranged = False
        if found and token.start - found[-1].end <= 14:
            between = flat[found[-1].end : token.start].strip()
            ranged = between == "-" or bool(set(fold(between).split()) & joining)
        if ranged:
            last = found.pop()
            found.append(Figure(last.kind, last.start, last.end, last.values, ranged=True))
        end = token.end + len("-feira") if flat[token.end :].startswith("-feira") else token.end
        found.append(Figure(Kind.WEEKDAY, token.start, end, frozenset({Decimal(number)}), ranged=ranged))
    return found


def beside(flat: str, weekday: Figure, date: Figure) -> bool:
    """Whether a weekday and a date are one statement: `Friday, 12 March`, `12 mars (jeudi)`."""
    first, second = (weekday, date) if weekday.start < date.start else (date, weekday)
    return _gap(_BESIDE, flat, first.end, second.start)
