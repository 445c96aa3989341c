"""Amounts as people and programs write them, read into exact decimals. Never through a float, never by guessing."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, is_currency

from pipeline.errors import InputError

SIGNS = {
    "€": "EUR", "£": "GBP", "₺": "TRY", "₹": "INR", "֏": "AMD", "₪": "ILS", "₽": "RUB", "₩": "KRW", "₴": "UAH",
    "zł": "PLN", "Kč": "CZK", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "R$": "BRL",
}  # fmt: skip
"""Signs that mean one currency. `$`, `¥` and `kr` mean several, so they name none."""
_SHARED_SIGNS = ("$", "¥", "kr")
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’_]")
_LETTERS = re.compile(r"[^\W\d_]+[$]?|[^\w\s.,()+\-−'’٫٬]+")
_PLAIN = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*")
_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted((*SIGNS, *_SHARED_SIGNS), key=len, reverse=True)))
_CODE = re.compile(r"^([+-]?)[A-Za-z]{3}|[A-Za-z]{3}([+-]?)$")
_NUMBER = re.compile(r"\d[\d.,]*|[.,]\d+")
_GROUPS = re.compile(r"\d{1,3}(?:[.,]\d{2})*(?:[.,]\d{3})+")


class AmbiguousAmount(InputError):
    """`1.234` is either one and a bit or over a thousand: the owner says which."""


def parse_amount(text: str, *, decimal: str | None = None) -> Decimal:
    """The amount in `text`, with its sign: `1.234,56`, `$13.50`, `(20.00)`, `1 234,5 EUR`, `1'234.50`, `12-`.

    `decimal` is the decimal mark of the file, `.` or `,`; None lets the amount speak for itself. Raises
    `AmbiguousAmount` where it does not, and `InputError` where there is no amount.
    """
    digits, negative = _bare(text)
    value = _value(digits, decimal, text)
    return -value if negative and value else value


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The decimal mark that the unambiguous amounts of a column use; None if none decides. Unreadable ones are left.

    Raises `InputError` if the column uses both.
    """
    marks: dict[str, str] = {}
    for text in texts:
        try:
            mark = _mark(_bare(text)[0])
        except InputError:
            continue
        if mark:
            marks.setdefault(mark, text)
    if len(marks) > 1:
        shown = " and ".join(repr(marks[mark].strip()) for mark in sorted(marks))
        raise InputError(
            f"The amounts use two decimal marks: {shown}.",
            fix="Say which one the file uses, or correct the export.",
        )
    return next(iter(marks), None)


def currency_in(text: str) -> str | None:
    """The ISO 4217 code that stands in an amount as code or as an unmistakable sign; None if there is none."""
    if _PLAIN.fullmatch(text):
        return None
    for word in _LETTERS.findall(text):
        code = SIGNS.get(word) or word.upper()
        if len(code) == 3 and is_currency(code):
            return code
    return None


@lru_cache(maxsize=256)
def check_currency(code: str) -> str:
    """The code in capitals. Raises `InputError` if ISO 4217 does not know it."""
    found = SIGNS.get(code.strip(), code.strip().upper())
    if not is_currency(found):
        raise InputError(
            f"{code.strip()!r} is no currency code.",
            fix="Write the three letters of ISO 4217, such as EUR or USD.",
        )
    return found


def to_places(amount: Decimal, currency: str) -> Decimal:
    """The amount with the decimals of its currency. Raises `InputError` if it has more than those."""
    places = Decimal(1).scaleb(-get_currency_precision(currency))
    rounded = amount.quantize(places)
    if rounded != amount:
        raise InputError(
            f"{amount} has more decimals than {currency} has.",
            fix="Check the decimal mark of the file.",
        )
    return rounded


def _bare(text: str) -> tuple[str, bool]:
    """Digits and marks alone, Western, and whether the amount is negative."""
    if _PLAIN.fullmatch(text):
        return text.lstrip("-"), text.startswith("-")
    cleaned = _SPACES.sub("", text).replace("٫", ".").replace("٬", "'").replace("'", "")
    negative = cleaned.startswith("(") and cleaned.endswith(")")
    cleaned = cleaned.strip("()").replace("−", "-")
    cleaned = _CODE.sub(r"\1\2", _SIGN.sub("", cleaned))
    if cleaned[:1] in {"-", "+"} or cleaned[-1:] == "-":
        negative = negative or "-" in {cleaned[:1], cleaned[-1:]}
        cleaned = cleaned.strip("+-") if cleaned.count("-") + cleaned.count("+") == 1 else cleaned
    if not _NUMBER.fullmatch(cleaned) or not re.search(r"\d", cleaned):
        raise InputError(f"{text.strip()!r} is no amount.", fix="Write digits with one decimal mark, such as 1234.56.")
    return "".join(str(int(c)) if c.isdigit() else c for c in cleaned), negative


def _mark(digits: str) -> str | None:
    """The decimal mark that this amount proves, or None."""
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if dots > 1 or commas > 1:
        return "," if dots else "."  # a mark that repeats separates thousands, so the other one is the decimal mark
    if dots + commas == 1:
        mark = "." if dots else ","
        whole, fraction = digits.split(mark)
        if len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
            return None
        return mark
    return None


def _value(digits: str, decimal: str | None, text: str) -> Decimal:
    mark = decimal or _mark(digits)
    if mark is None:
        if digits.isdigit():
            return Decimal(digits)
        raise AmbiguousAmount(
            f"{text.strip()!r} can be read in two ways.",
            fix="Say which decimal mark the file uses: a point or a comma.",
        )
    whole, _, fraction = digits.partition(mark)
    thousands = "," if mark == "." else "."
    if (thousands in whole and not _GROUPS.fullmatch(whole)) or not (fraction.isdigit() or not fraction):
        raise InputError(
            f"{text.strip()!r} is no amount with the decimal mark {mark!r}.",
            fix="Check the decimal mark of the file.",
        )
    return (
        Decimal(f"{whole.replace(thousands, '') or '0'}.{fraction or '0'}")
        if fraction
        else Decimal(
            whole.replace(thousands, "") or "0",
        )
    )
