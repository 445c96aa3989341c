"""Rules 9 and 1: who is greeted, and who signs."""

import re
from collections.abc import Iterator

from pipeline.domain.proposal import Finding
from pipeline.guard.findings import Case, block
from pipeline.guard.text import Token, fold

_LONGEST = 160
"""Characters of the first line that can be a salutation."""
_LAST_LINES = 5
_COMPANY_WORDS = 6
"""Words that may stand on the line of the signature beside the name."""
_END = re.compile(r"[,:!;]|\.(?=\s+\S)|-(?=\s)")


def greeting(case: Case) -> Iterator[Finding]:
    """The letter opens with a greeting, and with the name that code gives; nobody else is named in it."""
    span = next(iter(_lines(case)), (0, 0))
    shown = case.reading.text[span[0] : span[1]][:80]
    start, end = span[0], min(span[1], span[0] + _LONGEST)
    line = [(i, t) for i, t in enumerate(case.reading.tokens) if start <= t.start < end and t.is_word]
    greeted = _covered(case, "greeting") & {i for i, _ in line}
    polite = _fillers(case)
    wanted = {fold(w) for w in _name_words(case.brief.greeting_name)}
    if not greeted:
        if not line or not wanted or {t.folded for _, t in line} - wanted - polite:
            yield block(9, "no_greeting", "The letter has no greeting: begin with one.", shown)
        return
    stop = _salutation_end(case, [t for i, t in line if i not in greeted], start, end)
    said = [t for i, t in line if t.start < stop and i not in greeted and t.folded not in polite]
    capital = [t for t in said if case.reading.text[t.start].isupper()]
    if not wanted:
        if any(t.folded not in case.known.names for t in capital):
            yield block(1, "unknown_name", "The greeting names somebody who is not in the facts.", shown)
    elif not any(same_name(t.folded, w, case) for t in said for w in wanted):
        yield block(1, "wrong_greeting", f"The greeting must name {case.brief.greeting_name}.", shown)
    else:
        allowed = wanted | {fold(w) for n in case.brief.names for w in _name_words(n)}
        if any(not any(same_name(t.folded, w, case) for w in allowed) for t in capital):
            yield block(1, "wrong_greeting", f"The greeting must name {case.brief.greeting_name} only.", shown)


def signature(case: Case) -> Iterator[Finding]:
    """The letter closes with the owner's name, and nobody else's."""
    wanted = [fold(w) for w in _name_words(case.brief.signature_name)]
    lines = _lines(case)[-_LAST_LINES:]
    if not wanted or not lines:
        return
    for start, end in lines:
        said = [t.folded for t in case.reading.tokens if start <= t.start < end and t.is_word]
        signed = wanted in (said[-len(wanted) :], said[: len(wanted)])
        if signed and len(said) <= len(wanted) + _COMPANY_WORDS:
            return
    last = case.reading.text[lines[-1][0] : lines[-1][1]].strip()
    yield block(9, "no_signature", f"The letter must close with the name {case.brief.signature_name}.", last[:80])


def _lines(case: Case) -> list[tuple[int, int]]:
    """Offsets of the lines that hold something."""
    result: list[tuple[int, int]] = []
    at = 0
    for line in case.reading.flat.split("\n"):
        if line.strip():
            result.append((at, at + len(line)))
        at += len(line) + 1
    return result


def _salutation_end(case: Case, others: list[Token], start: int, end: int) -> int:
    """The salutation goes to its comma, colon, exclamation mark or full stop; what follows on the line is the letter.

    `others` are its words beside the greeting itself: `Hello, Anna,` and `Здравствуйте, Анна!` end behind the name.
    """
    lexicon = case.reading.lexicon
    for mark in _END.finditer(case.reading.flat, start, end):
        before = case.reading.flat[start : mark.start()].split()
        if mark.group() == "." and lexicon and before and fold(before[-1]) in lexicon.honorifics:
            continue
        if any(t.end <= mark.start() for t in others):
            return mark.start()
    return end


def _covered(case: Case, category: str) -> set[int]:
    return {i for m in case.reading.matches.get(category, ()) for i in range(m.first, m.last + 1)}


def _fillers(case: Case) -> frozenset[str]:
    """Titles, and words by which nobody in particular is greeted."""
    lexicon = case.reading.lexicon
    polite = lexicon.honorifics | lexicon.polite if lexicon else frozenset()
    return polite | {case.reading.tokens[i].folded for i in _covered(case, "anyone")}


def _name_words(name: str) -> list[str]:
    return [w.strip(".,") for w in name.replace("-", " ").split() if w.strip(".,")]


def same_name(said: str, known: str, case: Case) -> bool:
    """Whether two folded names are one; languages that decline names may change the last letters."""
    if known in (said, said.partition("'")[0]):
        return True
    lexicon = case.reading.lexicon
    if lexicon is None or not lexicon.inflected or min(len(said), len(known)) < 3:
        return False
    shared = max(3, min(len(said), len(known)) - 2)
    return said[:shared] == known[:shared] and abs(len(said) - len(known)) <= 3
