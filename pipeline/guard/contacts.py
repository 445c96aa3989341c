"""Links, mail addresses, bank accounts, phone numbers and reference numbers in a text, also where they are disguised."""

import re
from dataclasses import dataclass
from enum import StrEnum


class ContactKind(StrEnum):
    """What was found."""

    LINK = "link"
    EMAIL = "email"
    BANK = "bank"
    PHONE = "phone"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact or reference as written, and in one spelling for comparison."""

    kind: ContactKind
    start: int
    end: int
    key: str


_TLDS = (
    "com|org|net|info|biz|example|test|invalid|local|dev|app|shop|online|site|store|xyz|top|click|link|live|icu|club|page|cloud|agency|studio|"
    "design|digital|media|email|finance|money|bank|pay|support|eu|de|fr|es|it|pt|nl|pl|tr|ru|am|uk|us|ca|au|nz|ie|be|ch|at|se|no|dk|fi|cz|sk|hu|"
    "ro|bg|gr|hr|si|ua|by|kz|ge|in|pk|bd|lk|cn|jp|kr|tw|hk|sg|my|th|vn|ph|id|ae|sa|eg|ma|qa|kw|jo|lb|il|ir|za|ng|ke|br|mx|ar|cl|co|pe|io|ai|me|"
    "tv|cc|ly|gl|to|ws|gg|su|tk|ml|ga|cf|gq|mobi|pro|name|edu|gov|int|рф|xn--[a-z0-9-]+"
)
_URL = re.compile(
    r"(?<![\w])(?:(?:https?|hxxps?|ftp|file|javascript|data|tel|sms|mailto|whatsapp|skype)\s?(?::|\[:\])(?=[^\s])|www\.)[^\s<>\"“”«»]+",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|[\[({]\s?(?:at|ät)\s?[\])}])\s?[\w-]{1,63}(?:(?:\.|\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?)[\w-]{1,63}){1,6}",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"(?<!\w)[\w-]{1,63}\s?(?:[\[({]\s?(?:dot|punkt|point|punto|\.)\s?[\])}])\s?[a-z]{2,12}(?:/\S*)?|(?<!\w)[\w-]{2,63} (?:dot) (?:com|org|net|example|io)\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    rf"(?<![\w@.-])(?:[^\W_](?:[\w-]{{0,62}})\.){{1,6}}(?:{_TLDS})(?![\w-])(?!\.\w)(?:[/?#][^\s<>\"“”«»]*)?",
    re.IGNORECASE,
)
_NUMERIC_HOST = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?:/\S*)?(?![\d.])")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,4})?(?![A-Za-z0-9])"
)
_PHONE = re.compile(r"(?<![\w/-])(?:\+|00)\d[\d ()/.-]{5,20}\d(?!\w)|(?<![\w/-])\(\d{2,5}\) ?\d[\d -]{4,14}\d(?!\w)")
_RUN = re.compile(r"#?[^\W_][\w/#-]*(?:[._][\w/#-]+)*")
_TRAILING = ".,;:!?)>]}»”\"'*"
_COMPANY_DOTS = re.compile(r"[\[({]\s?(?:dot|punkt|point|punto|\.)\s?[\])}]|\s", re.IGNORECASE)
_PLAIN_FIGURE = re.compile(r"\d+(?:[^\W\d_]{1,6}|-[^\W\d_a-zA-Z]{1,6})?")
_CURRENCY_FIGURE = re.compile(r"[A-Z]{3}\d+|[A-Za-z]*[$€£]\d+")


def same_link(link: str) -> str:
    """A link or address in one spelling: no scheme, no `www.`, no trailing slash, lower case, brackets undone."""
    plain = _COMPANY_DOTS.sub(lambda m: "." if m.group().strip() else "", link.rstrip(_TRAILING))
    plain = re.sub(r"[\[({]\s?(?:at|ät)\s?[\])}]", "@", plain, flags=re.IGNORECASE).lower()
    plain = re.sub(r"^(?:https?|hxxps?|mailto):(?://)?", "", plain)
    return plain.removeprefix("www.").rstrip("/")


def compact(number: str) -> str:
    """An account or phone number without spaces and marks."""
    return re.sub(r"[^A-Za-z0-9]", "", number).upper()


def _is_iban(text: str) -> bool:
    """Whether an IBAN's length and shape are plausible; a wrong check digit is no excuse, it is still an account."""
    bare = compact(text)
    return 15 <= len(bare) <= 34 and sum(c.isdigit() for c in bare) >= 8


def contacts(flat: str) -> list[Contact]:
    """Everything in a flat text by which somebody could be reached or paid."""
    found: list[Contact] = []
    taken = bytearray(len(flat))

    def add(kind: ContactKind, start: int, end: int, key: str) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Contact(kind, start, end, key))

    for match in _URL.finditer(flat):
        text = match.group().rstrip(_TRAILING)
        add(ContactKind.LINK, match.start(), match.start() + len(text), same_link(text))
    for match in _EMAIL.finditer(flat):
        text = match.group().rstrip(_TRAILING)
        add(ContactKind.EMAIL, match.start(), match.start() + len(text), same_link(text))
    for pattern in (_HIDDEN, _DOMAIN, _NUMERIC_HOST):
        for match in pattern.finditer(flat):
            text = match.group().rstrip(_TRAILING)
            add(ContactKind.LINK, match.start(), match.start() + len(text), same_link(text))
    for match in _IBAN.finditer(flat):
        if _is_iban(match.group()):
            add(ContactKind.BANK, match.start(), match.end(), compact(match.group()))
    for match in _PHONE.finditer(flat):
        add(ContactKind.PHONE, match.start(), match.end(), compact(match.group()))
    return found


def references(flat: str) -> list[Contact]:
    """Tokens of letters and figures that number something: `INV-2026-014`, `RE2026/4`, `#1042`."""
    found: list[Contact] = []
    for match in _RUN.finditer(flat):
        text = match.group().rstrip("-/#_")
        if not any(c.isdigit() for c in text):
            continue
        if not text.startswith("#") and (not any(c.isalpha() for c in text) or not _numbers_something(text)):
            continue
        found.append(Contact(ContactKind.REFERENCE, match.start(), match.start() + len(text), text.upper()))
    return found


def _numbers_something(text: str) -> bool:
    """`15th`, `9am`, `EUR1200`, `mid-2026` and `15-ին` are figures with something written on; `RE-7` is a number."""
    if _PLAIN_FIGURE.fullmatch(text) or _CURRENCY_FIGURE.fullmatch(text):
        return False
    return not all(
        p.isdigit() or (p.isalpha() and p.islower()) or _PLAIN_FIGURE.fullmatch(p)
        for p in re.split(r"[-/._]", text)
        if p
    )
