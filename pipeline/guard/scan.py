"""Reading all figures of a text in one go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale

from pipeline.guard.dates import clock_times, numeric_dates, weekdays, written_dates
from pipeline.guard.figures import Day, Figure, Kind, Quantity, blanked, quantities
from pipeline.guard.lexicon import Lexicon
from pipeline.guard.text import Token

_SYMBOLS = {
    "us$": "USD", "ca$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "r$": "BRL",
    "€": "EUR", "$": "USD CAD AUD NZD SGD HKD MXN ARS CLP COP", "£": "GBP EGP", "¥": "JPY CNY", "₺": "TRY", "₹": "INR",
    "₽": "RUB", "֏": "AMD", "₴": "UAH", "₪": "ILS", "₩": "KRW", "zł": "PLN", "kr.": "SEK NOK DKK ISK", "kr": "SEK NOK DKK ISK",
    "kč": "CZK", "fr.": "CHF", "sfr.": "CHF", "tl": "TRY", "rs.": "INR PKR LKR", "rs": "INR PKR LKR", "د.إ": "AED", "ر.س": "SAR",
    "د.ك": "KWD", "ج.م": "EGP",
    "$us": "USD", "$ca": "CAD", "$au": "AUD", "$nz": "NZD", "$mx": "MXN", "mx$": "MXN", "£gb": "GBP", "uk£": "GBP", "jp¥": "JPY",
    "cn¥": "CNY", "nt$": "TWD", "ec$": "XCD",
}  # fmt: skip
_SYMBOL = "|".join(re.escape(s) for s in sorted(_SYMBOLS, key=len, reverse=True))
_ODD = r"[A-Za-z]{1,3}[€$£¥₺₹₽₩₴₪]"
"""A sign with letters that no currency has (`JP£`): read as a currency, so that the amount is held against the record's."""
_UNKNOWN = "XXX"
_BEFORE = re.compile(
    rf"(?:(?<![^\W\d_])(?P<symbol>{_SYMBOL})|(?<![A-Za-z])(?P<odd>{_ODD})|(?<![A-Za-z])(?P<code>[A-Za-z]{{3}}))\s?\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?:[.,]-{{1,2}})?\s?(?:(?P<symbol>{_SYMBOL})(?![^\W\d_])|(?P<odd>{_ODD})|(?P<code>[A-Za-z]{{3}})(?![A-Za-z]))",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"(?:st|nd|rd|th|er|ère|ème|e|ª|º|°|a|o|ste|de|-?(?:го|е|ого|ին|ի)|న|వ)(?![^\W\d_])|\.(?=\s+[^\W\d_])",
    re.IGNORECASE,
)
_BEFORE_HOUR = frozenset({"at", "a", "um", "om", "alle", "as"})
"""Words that announce an hour and never follow one: `one at a time` is no time of day."""
_LIST_MARK = re.compile(r"^[ \t]*\d{1,2}[.)]\s", re.MULTILINE)


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words around numbers, of all lexicons in use."""

    percent: tuple[str, ...]
    time: tuple[str, ...]
    clock: frozenset[str]
    currencies: dict[str, frozenset[str]]


def _words(lexicons: Sequence[Lexicon]) -> _Words:
    currencies: dict[str, frozenset[str]] = {}
    for lexicon in lexicons:
        for word, codes in lexicon.currencies.items():
            currencies[word] = currencies.get(word, frozenset()) | codes
    return _Words(
        tuple(p for lexicon in lexicons for p in lexicon.percent),
        tuple(t for lexicon in lexicons for t in lexicon.time),
        frozenset(c for lexicon in lexicons for c in lexicon.clock),
        currencies,
    )


def _currency(match: re.Match[str] | None) -> frozenset[str]:
    if match is None:
        return frozenset()
    if match["symbol"]:
        return frozenset(_SYMBOLS[match["symbol"].lower()].split())
    if match["odd"]:
        letters = match["odd"][:-1].upper()
        return frozenset({letters if letters in _codes() else _UNKNOWN})
    code = match["code"]
    return (
        frozenset({code.upper()})
        if code.upper() in _codes() and (code.isupper() or code == code.title())
        else frozenset()
    )


def _named_currency(word: str, words: _Words) -> frozenset[str]:
    exact = words.currencies.get(word)
    if exact:
        return exact
    return next(
        (c for stem, c in words.currencies.items() if stem.endswith("*") and word.startswith(stem[:-1])), frozenset()
    )


def _classify(flat: str, number: Quantity, before: str, after: tuple[str, ...], words: _Words) -> Figure:
    """What a number counts, by what stands directly around it."""
    start, end, values = number.start, number.end, number.values
    left, right = flat[max(0, start - 6) : start], flat[end : end + 2].strip()
    if (
        right.startswith("%")
        or left.rstrip().endswith("%")
        or (after and after[0].startswith(words.percent))
        or before.startswith("yuzde")
    ):
        return Figure(Kind.PERCENT, start, end, values, in_words=number.in_words)
    trailing = _AFTER.match(flat, end)
    currencies = _currency(_BEFORE.search(left)) or _currency(trailing)
    if not currencies and after:
        currencies = _named_currency(after[0], words)
    if not currencies and before:
        currencies = _named_currency(before, words)
    if currencies:
        if trailing and _currency(trailing):
            end = trailing.end()
        return Figure(Kind.AMOUNT, start, end, values, currencies, in_words=number.in_words)
    whole = number.whole
    oclock = before in words.clock and not (number.in_words and after)  # `at one point` is no time of day
    if whole is not None and whole <= 24 and (oclock or (after and after[0] in words.clock - _BEFORE_HOUR)):
        return Figure(Kind.CLOCK, start, end, frozenset({Decimal(whole * 60)}), in_words=number.in_words)
    if whole is not None and 1 <= whole <= 31 and not number.in_words and _ORDINAL.match(flat, end):
        return Figure(Kind.DATE, start, end, values, days=(Day(day=whole),), following=after)
    timed = any(w.startswith(words.time) for w in after)
    return Figure(
        Kind.NUMBER,
        start,
        end,
        values,
        in_words=number.in_words,
        following=after,
        preceding=before,
        cents=number.cents,
        timed=timed,
    )


def scan_figures(flat: str, tokens: Sequence[Token], lexicons: Sequence[Lexicon]) -> list[Figure]:
    """All figures of a flat text in order. `lexicons`: the text's language first, others whose names may occur after it.

    What is blanked (U+0000) in `flat` is not read. Numbers in words are read in the first language only.
    """
    language = lexicons[0].language if lexicons else "en"
    flat = blanked(flat, [m.span() for m in _LIST_MARK.finditer(flat)])
    found = numeric_dates(flat, language)
    flat = blanked(flat, [(f.start, f.end) for f in found])
    clocks = clock_times(flat)
    found += clocks
    flat = blanked(flat, [(f.start, f.end) for f in clocks])
    numbers = quantities(flat, tokens, lexicons[0] if lexicons else None)
    dated, used = written_dates(flat, tokens, numbers, lexicons)
    found += dated
    found += weekdays(flat, tokens, lexicons)
    words = _words(lexicons)
    live = [t for t in tokens if t.is_word and flat[t.start] != "\x00"]
    at = 0
    for number in numbers:
        if number.start in used:
            continue
        while at < len(live) and live[at].start < number.start:
            at += 1
        following = at
        while following < len(live) and live[following].start < number.end:
            following += 1
        before = live[at - 1].folded if at and number.start - live[at - 1].end <= 3 else ""
        near = following < len(live) and live[following].start - number.end <= 3
        after = tuple(t.folded for t in live[following : following + 2]) if near else ()
        found.append(_classify(flat, number, before, after, words))
    return sorted(found, key=lambda f: f.start)
