"""Words of a mail as a page may show them: inert text, quotes marked, links named by their real host."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

_LINK = re.compile(r"(?:https?://|ftp://|www\.|mailto:|javascript:|data:)[^\s<>\"]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}»”’'\""
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They can make a text show in another order than it is read; marks of direction alone (U+200E, U+200F) cannot."""
_KEPT = frozenset("\n\t")
_WRAPPED = (58, 82)
"""Mail programs that wrap lines wrap them at widths between these."""
_STARTS = re.compile(r"[\s>*•·#|+-]|\d{1,3}[.)]\s")
"""What begins a line that stands by itself: an indent, a quote, an item of a list."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a mail that is shown in one way."""

    text: str
    labels: tuple[str, ...] = ()
    """The labels whose quote this is part of."""
    host: str = ""
    """Where a link that ends here would really lead, in ASCII (RFC 5890); empty for everything else."""
    link: bool = False
    ends: tuple[str, ...] = ()
    """The labels whose quote ends here: where their names are shown."""


def clean(text: object) -> str:
    """Text with control characters and direction overrides made visible as U+FFFD; lines end in LF."""
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if _harmful(c) else c for c in plain)


def _harmful(character: str) -> bool:
    if character in _KEPT:
        return False
    return character in _OVERRIDES or unicodedata.category(character) in {"Cc", "Cs"}


def unwrapped(text: str) -> str:
    """Text whose lines a mail program has wrapped, with those line ends as spaces again, so that any width reads well.

    A line end is the program's if the next word would not have fitted any more. All others are the writer's and stay.
    """
    lines = clean(text).split("\n")
    width = max(map(len, lines))
    if not _WRAPPED[0] <= width <= _WRAPPED[1]:
        return "\n".join(lines)
    joined = lines[0]
    for line, following in pairwise(lines):
        word = following.split(" ", 1)[0]
        wrapped = " " in line and bool(word) and not _STARTS.match(following) and len(line) + 1 + len(word) > width
        joined += f"{' ' if wrapped else chr(10)}{following}"
    return joined


def real_host(link: str) -> str:
    """The host that a link leads to, in ASCII; what kind of link it is where it has none."""
    scheme, colon, _ = link.partition(":")
    if colon and scheme.lower() in {"mailto", "javascript", "data"}:
        return f"{scheme.lower()} link"
    try:
        host = urlsplit(link if "://" in link else f"http://{link}").hostname or ""
        return host.encode("idna").decode("ascii") if host and not host.isascii() else host or "no host"
    except ValueError:
        return "not a usable address"


def pieces(text: str, quotes: Iterable[tuple[str, str]]) -> tuple[Piece, ...]:
    """A mail cut where its looks change. `quotes` are (label, words); white space in them is folded."""
    shown = clean(text)
    marks = [(start, end, label) for label, words in quotes for start, end in _spans(shown, words)]
    links = [(match.start(), match.start() + len(match[0].rstrip(_TRAILING))) for match in _LINK.finditer(shown)]
    cuts = sorted({0, len(shown), *(n for s, e, _ in marks for n in (s, e)), *(n for span in links for n in span)})
    found = []
    for start, end in pairwise(cuts):
        link = next(((s, e) for s, e in links if s <= start and end <= e), None)
        found.append(
            Piece(
                shown[start:end],
                tuple(dict.fromkeys(label for s, e, label in marks if s <= start and end <= e)),
                host=real_host(shown[link[0] : link[1]]) if link and link[1] == end else "",
                link=link is not None,
                ends=tuple(dict.fromkeys(label for _, e, label in marks if e == end)),
            )
        )
    return tuple(found)


def _spans(text: str, words: str) -> list[tuple[int, int]]:
    """The first place of a quote in a text; empty if it is not there."""
    parts = clean(words).split()
    if not parts:
        return []
    match = re.search(r"\s+".join(map(re.escape, parts)), text)
    return [match.span()] if match else []
