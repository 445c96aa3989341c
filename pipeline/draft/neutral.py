"""A letter to one client made fit to be seen while another client is written to: its manner stays, its facts go.

No list of secrets could be complete, so it is the other way round: a word stays only if it is known to be nobody's.
Everything else becomes `MARK`, which the guard takes for a placeholder, should a model copy it into a letter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.guard.lexicon import Lexicon
from pipeline.playbook import Playbook

MARK = "[left out]"

_LEAST_KEPT = 0.6
"""Of a letter's words; with fewer of them it shows no manner any more."""
_FEWEST_WORDS = 20
_MOST_SHARED = 2
"""A word that was written to so many clients is the owner's, and no fact of one of them."""

_TEMPLATE = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_LINK = re.compile(r"\b(?:\w+://|www\.)\S+|\S+@\S+", re.IGNORECASE)
_QUOTE = re.compile(r"[“„«‹「『\"][^“”„«»‹›「」『』\"\n]{1,400}[”“»›」』\"]")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_MARKS = re.compile(re.escape(MARK) + r"(?:[\s.,:;/&+%€$£¥₹()\-–]*" + re.escape(MARK) + r")+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which words are nobody's, folded."""

    plain: frozenset[str]
    """Words of the plain letters, and words that the owner wrote to several clients, or to this one."""
    never: frozenset[str]
    """Names, figures, months and weekdays in words: facts, whoever else was told them."""


def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    return frozenset(word.casefold() for word in _WORD.findall(text))


def words_of_letters(playbook: Playbook, language: str) -> frozenset[str]:
    """Every word of the plain letters in a language; the names of variables are no words."""
    found: set[str] = set()
    for play in playbook.plays.values():
        for (written, _), section in play.templates.items():
            if written.partition("-")[0] == language:
                found |= words_of(_TEMPLATE.sub(" ", section.text))
    return frozenset(found)


def shared_words(letters: Iterable[tuple[object, str]]) -> frozenset[str]:
    """The words that stand in letters to several clients; each letter comes with whom it went to."""
    told: dict[str, set[object]] = defaultdict(set)
    for client, words in letters:
        for word in words_of(words):
            told[word].add(client)
    return frozenset(word for word, clients in told.items() if len(clients) >= _MOST_SHARED)


def facts_in_words(lexicon: Lexicon | None) -> frozenset[str]:
    """Numbers, months and weekdays as a language words them."""
    if lexicon is None:
        return frozenset()
    named = (lexicon.numbers, lexicon.ordinals, lexicon.months, lexicon.short_months, lexicon.weekdays)
    return frozenset(word.casefold() for words in named for word in words)


def neutral(letter: str, vocabulary: Vocabulary) -> str | None:
    """The letter with every fact left out; None if too little of it remains to show a manner."""
    kept = total = 0

    def shown(match: re.Match[str]) -> str:
        nonlocal kept, total
        word = match[0].casefold()
        total += 1
        parts = {word, *_WORD.findall(word.replace("-", " ").replace("’", " ").replace("'", " "))}
        if any(c.isnumeric() for c in word) or parts & vocabulary.never or word not in vocabulary.plain:
            return MARK
        kept += 1
        return match[0]

    lines = []
    for line in letter.strip().split("\n"):
        open_text = _QUOTE.sub(lambda _: "\0", _LINK.sub(lambda _: "\0", line))
        lines.append(_MARKS.sub(MARK, _WORD.sub(shown, open_text).replace("\0", MARK)))
    if kept < _FEWEST_WORDS or kept < _LEAST_KEPT * total:
        return None
    return "\n".join(lines)
