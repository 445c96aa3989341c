"""Rule 1 for names: people and companies that no record knows."""

import re
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from pipeline.domain.proposal import Finding
from pipeline.guard.figures import Kind
from pipeline.guard.findings import Case, block, warn
from pipeline.guard.scripts import script_of
from pipeline.guard.text import Token, fold

_CASED = frozenset({"Latin", "Cyrillic", "Greek", "Armenian"})
_NOUNS_CASED = frozenset({"de"})
"""Languages that write every noun with a capital: two capitals in a row say nothing there."""


def unknown_names(case: Case) -> Iterator[Finding]:
    """A title, a given name, a company form or `my colleague` with a name that no record knows blocks; two capitals warn."""
    reading = case.reading
    tokens = reading.tokens
    salutation = _first_line_end(reading.flat)
    announced = {m.last + 1 for m in reading.matches.get("person", ())}
    pair: Token | None = None
    for index, token in enumerate(tokens):
        if not token.is_word or token.start < salutation:
            continue
        if not _is_free(case, token):
            pair = None
            if _uncased_given_name(case, token):
                excerpt = reading.excerpt(token.start, token.end)
                yield block(1, "unknown_name", "This person is in no record: take the name out.", excerpt)
            continue
        previous = tokens[index - 1] if index else None
        opens = previous is None or previous.sentence != token.sentence or _opens_line(reading.flat, token)
        excerpt = reading.excerpt(token.start, token.end)
        if (
            _titled(case, previous, token)
            or _company(case, tokens, index)
            or (index in announced and not opens and _could_be_a_person(case, token))
        ):
            yield block(1, "unknown_name", "This person or company is in no record: take the name out.", excerpt)
            pair = None
        elif token.folded in case.words.given_names and not (opens and token.folded in _stopwords(case)):
            yield block(1, "unknown_name", "This person is in no record: take the name out.", excerpt)
            pair = None
        elif pair is not None and token.start - pair.end == 1 and reading.language not in _NOUNS_CASED:
            yield warn(
                1,
                "unknown_name",
                "This looks like a name that is in no record: check it.",
                reading.excerpt(pair.start, token.end),
            )
            pair = None
        else:
            pair = None if opens or token.end - token.start < 3 else token


def _uncased_given_name(case: Case, token: Token) -> bool:
    """A given name in a script without capitals, such as Arabic."""
    reading = case.reading
    if token.folded not in case.words.given_names or script_of(reading.flat[token.start]) in _CASED:
        return False
    known = token.folded in case.known.names or any(s <= token.start < e for s, e in reading.literals.spans)
    return not known and not reading.is_quoted(token.start)


def _first_line_end(flat: str) -> int:
    begin = len(flat) - len(flat.lstrip())
    end = flat.find("\n", begin)
    return max(end, 0)


def _opens_line(flat: str, token: Token) -> bool:
    """Whether only marks stand before the word on its line: a list item begins with a capital too."""
    line = flat[flat.rfind("\n", 0, token.start) + 1 : token.start]
    return not any(c.isalnum() for c in line)


def _is_free(case: Case, token: Token) -> bool:
    """A capitalised word of a script that has capitals, known neither as a name nor from the client, outside of quotes."""
    reading = case.reading
    first = reading.flat[token.start]
    if not first.isupper() or script_of(first) not in _CASED or token.folded in case.known.names:
        return False
    if any(s <= token.start < e for s, e in reading.literals.spans) or reading.is_quoted(token.start):
        return False
    if any(f.start <= token.start < f.end for f in reading.figures if f.kind is Kind.DATE):
        return False  # `Jan 5, 2026`: a month that is a given name too
    return not any(
        token.folded.startswith(name) and len(token.folded) - len(name) <= 3
        for name in case.known.names
        if len(name) >= 4
    )


def _stopwords(case: Case) -> frozenset[str]:
    return case.reading.lexicon.stopwords if case.reading.lexicon else frozenset()


def _titled(case: Case, previous: Token | None, token: Token) -> bool:
    """`Mr Miller`, `Frau Weber`: the title must be written as one, directly before the name."""
    lexicon = case.reading.lexicon
    if previous is None or lexicon is None or previous.folded not in lexicon.honorifics:
        return False
    between = case.reading.flat[previous.end : token.start]
    return (
        re.fullmatch(r"\.? ", between) is not None
        and previous.sentence == token.sentence
        and token.folded not in _stopwords(case)
    )


@lru_cache(maxsize=32)
def _languages_and_countries(language: str) -> frozenset[str]:
    """Words with a capital that name no person: CLDR's languages and countries, in the language of the letter."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(
        fold(w) for name in (*locale.languages.values(), *locale.territories.values()) for w in name.split()
    )


def _could_be_a_person(case: Case, token: Token) -> bool:
    """Whether a word behind `with` or `my colleague` can be a name: neither an abbreviation nor a day, a language, a product."""
    reading = case.reading
    written = reading.flat[token.start : token.end]
    if len(written) < 3 or "'" in written or written.isupper() or token.folded in _stopwords(case):
        return False
    if any(f.start <= token.start < f.end for f in reading.figures) or token.folded in case.words.well_known:
        return False
    return token.folded not in _languages_and_countries(reading.language)


def _company(case: Case, tokens: list[Token], index: int) -> bool:
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or following.folded not in case.words.company_forms:
        return False
    written = case.reading.flat[following.start : following.end]
    between = case.reading.flat[tokens[index].end : following.start]
    return written[0].isupper() and (len(between) <= 2 or between == " & ") and fold(written) not in case.known.names
