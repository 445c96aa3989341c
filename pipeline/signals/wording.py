"""What a mail is for, by rules over its words: a request, a reminder, a limit, a demand. Data in `wording.toml`."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

_ONE_I = str.maketrans("İı", "ii")
"""The Turkish pair beside i and I, which other languages would not match."""


def _folded(text: str) -> str:
    return text.translate(_ONE_I).lower()


def _either(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for all of them, over folded text.

    Case is folded beforehand and the edge of a word is asked for once: `re` then passes over most alternatives by their
    first letter, which is ten times as fast and matters for a client with thousands of mails.
    """
    folded = [_folded(pattern) for pattern in patterns]
    at_edge = "|".join(f"(?:{p.removeprefix(_EDGE)})" for p in folded if p.startswith(_EDGE))
    anywhere = "|".join(f"(?:{p})" for p in folded if not p.startswith(_EDGE))
    return re.compile("|".join(part for part in (at_edge and rf"{_EDGE}(?:{at_edge})", anywhere) if part))


_EDGE = r"\b"
_DATA: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))
_RE = {name: _either(patterns) for name, patterns in _DATA.items()}
_RE_END = re.compile(r"(?<=[.!?…؟։。？])\s+|\n\s*\n|\n(?=\s*[-–•*])")
_RE_QUESTION = re.compile(r"[?？؟՞]")
_MOST_CHARS = 20_000


def _says(what: str, text: str) -> bool:
    return _RE[what].search(_folded(text)) is not None


def sentences_of(text: str) -> list[str]:
    """The sentences of a mail, roughly, white space folded."""
    return [folded for part in _RE_END.split(text[:_MOST_CHARS]) if (folded := " ".join(part.split()))]


def requests_in(text: str) -> list[str]:
    """The sentences of ours that ask the client for something; a polite closing asks for nothing."""
    return [
        sentence
        for sentence in sentences_of(text)
        if (_RE_QUESTION.search(sentence) or _says("request", sentence)) and not _says("closing", sentence)
    ]


def asks_approval(sentences: Iterable[str]) -> bool:
    """Whether one of these requests is for a sign-off."""
    return any(_says("approval", sentence) for sentence in sentences)


def speaks_of_payment(text: str) -> bool:
    """Whether money that is owed is spoken of."""
    return _says("payment", text)


def boundary_in(text: str) -> str | None:
    """The first sentence that states a limit, or the rule by which work goes on; None if none does."""
    return next((sentence for sentence in sentences_of(text) if _says("boundary", sentence)), None)


def statements_in(text: str) -> list[str]:
    """The sentences of ours that neither ask nor speak of money: where a date in them is one that we promise."""
    asking = set(requests_in(text))
    return [s for s in sentences_of(text) if s not in asking and not speaks_of_payment(s)]


def presses(text: str, *, tomorrow_is_free: bool) -> bool:
    """Whether a mail wants work or an answer before the next working period; "no rush" takes it back."""
    if _says("patient", text[:_MOST_CHARS]):
        return False
    weak = ("today", "tomorrow") if tomorrow_is_free else ("today",)
    return any(
        _says("now", sentence) or (any(_says(name, sentence) for name in weak) and _asks(sentence))
        for sentence in sentences_of(text)
    )


def _asks(sentence: str) -> bool:
    return bool(_RE_QUESTION.search(sentence)) or _says("request", sentence) or _says("demand", sentence)


def checks_progress(text: str) -> bool:
    """Whether a mail asks how far the work is."""
    return _says("progress", text[:_MOST_CHARS])
