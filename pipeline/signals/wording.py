"""What a mail is for, by rules over its words: a request, a reminder, a limit, a demand. Data in `wording.toml`."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

_DATA: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))
_RE = {name: re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE) for name, patterns in _DATA.items()}
_RE_END = re.compile(r"(?<=[.!?…؟։。？])\s+|\n\s*\n|\n(?=\s*[-–•*])")
_RE_QUESTION = re.compile(r"[?？؟՞]")
_MOST_CHARS = 20_000


def sentences_of(text: str) -> list[str]:
    """The sentences of a mail, roughly, white space folded."""
    return [folded for part in _RE_END.split(text[:_MOST_CHARS]) if (folded := " ".join(part.split()))]


def requests_in(text: str) -> list[str]:
    """The sentences of ours that ask the client for something; a polite closing asks for nothing."""
    return [
        sentence
        for sentence in sentences_of(text)
        if (_RE_QUESTION.search(sentence) or _RE["request"].search(sentence)) and not _RE["closing"].search(sentence)
    ]


def asks_approval(sentences: Iterable[str]) -> bool:
    """Whether one of these requests is for a sign-off."""
    return any(_RE["approval"].search(sentence) for sentence in sentences)


def speaks_of_payment(text: str) -> bool:
    """Whether money that is owed is spoken of."""
    return _RE["payment"].search(text) is not None


def boundary_in(text: str) -> str | None:
    """The first sentence that states a limit, or the rule by which work goes on; None if none does."""
    return next((sentence for sentence in sentences_of(text) if _RE["boundary"].search(sentence)), None)


def statements_in(text: str) -> list[str]:
    """The sentences of ours that neither ask nor speak of money: where a date in them is one that we promise."""
    asking = set(requests_in(text))
    return [s for s in sentences_of(text) if s not in asking and not speaks_of_payment(s)]


def presses(text: str, *, tomorrow_is_free: bool) -> bool:
    """Whether a mail wants work or an answer before the next working period; "no rush" takes it back."""
    if _RE["patient"].search(text[:_MOST_CHARS]):
        return False
    weak = ("today", "tomorrow") if tomorrow_is_free else ("today",)
    return any(
        _RE["now"].search(sentence) or (_asks(sentence) and any(_RE[name].search(sentence) for name in weak))
        for sentence in sentences_of(text)
    )


def _asks(sentence: str) -> bool:
    return bool(_RE_QUESTION.search(sentence) or _RE["request"].search(sentence) or _RE["demand"].search(sentence))


def checks_progress(text: str) -> bool:
    """Whether a mail asks how far the work is."""
    return _RE["progress"].search(text[:_MOST_CHARS]) is not None
