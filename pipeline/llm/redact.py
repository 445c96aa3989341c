"""Cards, bank accounts and secrets become placeholders before they leave this machine, and come back in the answer.

Own code, because the libraries for it are hundreds of megabytes, want the network, or called an IBAN a credit card.
Dates and amounts are never touched: the answer is about them. A pattern alone is not enough for a number: cards must
pass the Luhn check (ISO/IEC 7812), bank accounts the check of ISO 13616 (mod 97).
"""

import re
from collections.abc import Callable, Iterator

from pipeline.iban import find_ibans

_CARD = re.compile(r"(?<![\d.,])\d(?:[ \u00a0-]?\d){12,18}(?![\d]|[.,]\d)")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_TOKEN = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # JSON web tokens
    r"|\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])*[A-Za-z0-9]{16,}"  # OpenAI, Stripe and their kin
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[\w-]{30,}"
)
_WORDS = (
    "password", "passwd", "passcode", "pwd", "api key", "secret key", "access token", "pin",
    "passwort", "kennwort", "contraseña", "mot de passe", "senha", "palavra-passe",
    "wachtwoord", "hasło", "şifre", "parola", "пароль", "كلمة المرور", "كلمة السر", "գաղտնաբառ", "పాస్‌వర్డ్",
)  # fmt: skip
_NAMED = re.compile(
    r"(?:(?<!\w)(?:" + "|".join(re.escape(word) for word in _WORDS) + r"))\s*(?:\bis\b|\blautet\b|:|=)\s*(\S{4,})",
    re.IGNORECASE,
)
_ONE_TIME = re.compile(
    r"(?<!\w)(?:code|otp|kod|código|كود|код)\s*(?:\bis\b|\blautet\b|\best\b|\bes\b|:|=)\s*(\d{4,8})(?!\d)",
    re.IGNORECASE,
)


class Vault:
    """The placeholders of one request, each with what it stands for. The same words get the same placeholder."""

    def __init__(self) -> None:
        """Begin empty."""
        self._words: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        """How many different words were taken out."""
        return len(self._words)

    def redact(self, text: str) -> str:
        """The text with placeholders such as `[IBAN_1]`."""
        for kind, spans in (("SECRET", _secrets), ("IBAN", find_ibans), ("CARD", _cards)):
            text = self._replaced(text, kind, spans)
        return text

    def restore(self, text: str) -> str:
        """The text with the words back in place of their placeholders. A placeholder that we did not make stays."""
        if not self._words:
            return text
        # In one pass: words that come back may hold what looks like another placeholder.
        words = {placeholder: words for words, placeholder in self._words.items()}
        return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)

    def _replaced(self, text: str, kind: str, spans: Callable[[str], Iterator[tuple[int, int]]]) -> str:
        parts: list[str] = []
        end = 0
        for start, stop in sorted(spans(text)):
            if start >= end:
                parts += [text[end:start], self._placeholder(kind, text[start:stop], text)]
                end = stop
        return "".join([*parts, text[end:]])

    def _placeholder(self, kind: str, words: str, text: str) -> str:
        if words not in self._words:
            number = self._counts.get(kind, 0) + 1
            while f"[{kind}_{number}]" in text:  # the mail holds such words of its own; they are not ours to restore
                number += 1
            self._counts[kind] = number
            self._words[words] = f"[{kind}_{number}]"
        return self._words[words]


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        if passes_luhn(re.sub(r"\D", "", match[0])):
            yield match.span()


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    for match in (*_PEM.finditer(text), *_TOKEN.finditer(text)):
        yield match.span()
    for match in (*_NAMED.finditer(text), *_ONE_TIME.finditer(text)):
        yield match.span(1)


def passes_luhn(digits: str) -> bool:
    """Whether a number of 13 to 19 digits is a card number by its check digit; a row of one digit is not."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
