"""Statements made of parts: what matters is that the parts stand in one sentence, not the words between them.

`[parts]` of a word list names lists of phrases, `[together]` says which of them make a statement. `fault & ours` is both in
one sentence in either order (`the error was on our side`, `on our side there was an error`), `we > botched` is the second
soon after the first. A `!` before it: no negation excuses it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.guard.phrases import Match, Phrase
from pipeline.guard.text import Token

_ANYWHERE = 14
"""Words that may lie between two parts joined by `&`."""
_SOON = 3
"""Words that may lie between two parts joined by `>`."""
_SUBJECT = "subject"
"""The part whose words between two parts joined by `>` keep them from being one statement."""
CONSEQUENCE = "part:goes_on"
"""What is done or taken for granted when no answer comes."""
_LONGEST = 14
"""Words of the longest match of a part; only where to begin looking depends on it."""
_NAME = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True)
class Statement:
    """Two or more parts that make a statement of a category."""

    phrase: Phrase
    """Category, language, wording and firmness of the statement; it has no words of its own."""
    parts: tuple[str, ...]
    ordered: bool


def part_category(name: str) -> str:
    """The category under which the phrases of a part are found."""
    return "part:" + name


def parse_statement(written: str, *, category: str, language: str) -> Statement:
    """Read `a & b` or `a > b`. Raises ValueError if it is neither."""
    bare = written.removeprefix("!")
    ordered = ">" in bare
    names = tuple(n.strip() for n in bare.split(">" if ordered else "&"))
    if len(names) < 2 or not all(_NAME.fullmatch(n) for n in names):
        message = f"a statement is parts joined by & or by >: {written!r}"
        raise ValueError(message)
    phrase = Phrase(category, language, written, (), one_word=False, firm=written.startswith("!"))
    return Statement(phrase, names, ordered)


def find_statements(
    statements: Iterable[Statement], found: Mapping[str, Sequence[Match]], tokens: Sequence[Token]
) -> Iterator[Match]:
    """Statements whose parts were all found. `found` gives the matches by category, in order of their first token."""
    breaks = {i for m in found.get(part_category(_SUBJECT), ()) for i in range(m.first, m.last + 1)}
    for statement in statements:
        parts = [
            [m for m in found.get(part_category(name), ()) if m.phrase.language in {statement.phrase.language, "*"}]
            for name in statement.parts
        ]
        for first in parts[0]:
            chain = _chain(statement, first, parts[1:], tokens, breaks)
            if chain:
                yield Match(statement.phrase, min(m.first for m in chain), max(m.last for m in chain), tuple(chain))


def _chain(
    statement: Statement, first: Match, others: Sequence[Sequence[Match]], tokens: Sequence[Token], breaks: set[int]
) -> list[Match] | None:
    """The first part and, of each further one, the nearest that lies within reach."""
    chain = [first]
    for candidates in others:
        begin = bisect_left(candidates, chain[-1].first - _ANYWHERE - _LONGEST, key=_first)
        end = bisect_left(candidates, chain[-1].last + _ANYWHERE + 2, lo=begin, key=_first)
        within = candidates[begin:end]
        near = [m for m in within if _joins(chain[-1], m, tokens, ordered=statement.ordered)]
        if statement.ordered:  # `I assume it was overlooked`: another subject came between
            near = [m for m in near if not breaks & set(range(chain[-1].last + 1, m.first))]
        if not near:
            return None
        chain.append(min(near, key=lambda m: abs(m.first - chain[-1].last)))
    return chain


def _first(match: Match) -> int:
    return match.first


def _joins(one: Match, other: Match, tokens: Sequence[Token], *, ordered: bool) -> bool:
    if tokens[one.first].sentence != tokens[other.first].sentence:
        return False
    if other.first > one.last:
        return other.first - one.last <= (_SOON if ordered else _ANYWHERE) + 1
    return not ordered and other.last < one.first and one.first - other.last <= _ANYWHERE + 1
