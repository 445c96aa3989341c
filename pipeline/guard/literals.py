"""What a draft repeats word for word: wordings that it may state, and the client's own words in quotation marks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.guard.text import flatten, fold

_QUOTED = re.compile(r"[“„«\"»‚‘]([^“”„«»\"‚‘\n]{3,400}(?:\n[^“”„«»\"‚‘\n]{1,400}){0,6})[”“»\"«’]")


def squeezed(text: str) -> str:
    """A text for looking up whole wordings: folded, white space as one space."""
    return " ".join(fold(text).split())


@dataclass(slots=True)
class Literals:
    """Wordings that stand in a draft as they are allowed to, so that their figures need no further check."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    mentions: list[tuple[int, int, str]] = field(default_factory=list)
    """Invoice numbers found, as written in the brief."""


def _lowered(flat: str) -> str:
    """In small letters, one for one: the Turkish capital İ alone would become two characters and shift every offset."""
    return flat.replace("İ", "i").lower()


def find_literals(flat: str, wordings: Iterable[str], invoices: Iterable[str]) -> Literals:
    """Where allowed wordings and known invoice numbers stand in the text, as whole words; longest first."""
    result = Literals()
    lowered = _lowered(flat)
    entries = [(w, False) for w in wordings] + [(n, True) for n in invoices]
    for written, is_invoice in sorted(entries, key=lambda e: len(e[0]), reverse=True):
        parts = _lowered(flatten(written)).split()
        if not parts:
            continue
        pattern = re.compile(r"(?<![^\W_])(?<![\d][-/.])" + r"\s+".join(map(re.escape, parts)) + r"(?![^\W_]|[-/.]\d)")
        for match in pattern.finditer(lowered):
            if any(match.start() < e and s < match.end() for s, e in result.spans):
                continue
            result.spans.append(match.span())
            if is_invoice:
                result.mentions.append((match.start(), match.end(), written))
    return result


def verbatim_quotes(flat: str, quotable: str) -> list[tuple[int, int]]:
    """Spans inside quotation marks whose words stand just so in the client's mail."""
    if not quotable:
        return []
    source = squeezed(flatten(quotable))
    return [m.span(1) for m in _QUOTED.finditer(flat) if (q := squeezed(m[1]).strip(" .,…")) and q in source]
