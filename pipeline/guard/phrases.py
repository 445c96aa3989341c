"""Finding phrases in a draft, word by word, in time linear to its length.

A phrase is words with one space between them. `guarant*` is any word that begins so, `*meliydim` any that ends so,
`a|b` is one of the two, `any?` may be missing, `_` is any one word (`_?` one or none), `...` is up to four words. A `!`
before a phrase: no negation excuses it. Everything is compared folded (`text.fold`), inside one sentence.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pipeline.guard.text import Token, flatten, fold, tokenize

_GAP = 4
_ARABIC_CLITICS = ("وال", "فال", "بال", "كال", "لل", "ال", "وس", "و", "ف", "ب", "س", "ل")


@dataclass(frozen=True, slots=True)
class _Step:
    """One word of a phrase."""

    exact: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    optional: bool = False
    anything: bool = False
    gap: bool = False

    def fits(self, forms: tuple[str, ...]) -> bool:
        return self.anything or any(
            f in self.exact or f.startswith(self.stems) or f.endswith(self.endings) for f in forms
        )


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a word list: its category, its language and its words."""

    category: str
    language: str
    written: str
    steps: tuple[_Step, ...]
    one_word: bool
    """Whether a single word may be all of it."""
    firm: bool = False
    """Whether no negation excuses it: the negation is what it says."""

    def says(self, word: str) -> bool:
        """Whether a folded word is one of the phrase's own, rather than one that fell into a gap."""
        return any(word in step.exact for step in self.steps)


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: which, and its first and last token (both included)."""

    phrase: Phrase
    first: int
    last: int
    parts: tuple["Match", ...] = ()
    """What a statement is made of (`together`); empty for a phrase."""

    def says(self, index: int, word: str) -> bool:
        """Whether the folded word of that token belongs to the phrase itself, rather than lying in a gap of it."""
        if self.parts:
            return any(part.says(index, word) for part in self.parts)
        return self.first <= index <= self.last and self.phrase.says(word)


def _tokens(alternative: str) -> list[str]:
    return [t.folded for t in tokenize(flatten(alternative.removesuffix("*")))]


def _is_several(alternative: str) -> bool:
    """Whether it is one word on paper and several tokens: `d'avocat`, `ci-joint`. A mere `d'` is one."""
    return not alternative.endswith("'") and not alternative.startswith("*") and len(_tokens(alternative)) > 1


def _readings(word: str) -> list[str]:
    """The word, apart from each of its alternatives that is several tokens: those cannot be one step with the others."""
    if word in {"...", "_", "_?"}:
        return [word]
    optional = "?" if word.endswith("?") else ""
    alternatives = word.removesuffix("?").split("|")
    single = "|".join(one for one in alternatives if not _is_several(one))
    return [reading + optional for reading in (single, *filter(_is_several, alternatives)) if reading]


def _steps(reading: str) -> list[_Step]:
    if reading == "...":
        return [_Step(gap=True)]
    if reading in {"_", "_?"}:
        return [_Step(anything=True, optional=reading == "_?")]
    optional = reading.endswith("?")
    word = reading.removesuffix("?")
    if "|" not in word and _is_several(word):
        *first, last = _tokens(word)
        end = (
            _Step(stems=(last,), optional=optional)
            if word.endswith("*")
            else _Step(frozenset({last}), optional=optional)
        )
        return [*(_Step(frozenset({token}), optional=optional) for token in first), end]
    exact: set[str] = set()
    stems: list[str] = []
    endings: list[str] = []
    for alternative in word.split("|"):
        if alternative.endswith("'"):
            exact.add(fold(alternative))
        elif alternative.startswith("*"):
            endings.append(fold(alternative[1:]))
        elif alternative.endswith("*"):
            stems.extend(_tokens(alternative))
        else:
            exact.update(_tokens(alternative))
    return [_Step(frozenset(exact), tuple(stems), tuple(endings), optional=optional)]


def parse_phrase(written: str, *, category: str = "", language: str = "") -> list[Phrase]:
    """Read a phrase: one, or one for each way in which alternatives of several tokens can be taken.

    Raises ValueError if nothing in it can be matched or it begins with something optional.
    """
    found = []
    for readings in product(*map(_readings, written.removeprefix("!").split())):
        steps = tuple(step for reading in readings for step in _steps(reading))
        if not steps or not (steps[0].exact or steps[0].stems or steps[0].endings) or steps[0].optional:
            message = f"a phrase must begin with a word: {written!r}"
            raise ValueError(message)
        one_word = all(step.optional for step in steps[1:])
        found.append(Phrase(category, language, written, steps, one_word=one_word, firm=written.startswith("!")))
    return found


def forms(token: Token) -> tuple[str, ...]:
    """A token and, for Arabic, what remains of it without the particles that are written onto it."""
    word = token.folded
    if "\u0621" <= word[:1] <= "\u064a":
        return (
            word,
            *(
                word[len(c) :]
                for c in _ARABIC_CLITICS
                if word.startswith(c) and len(word) - len(c) >= (2 if c in "وف" else 3)
            ),
        )
    return (word,)


class PhraseBook:
    """Many phrases, indexed by their first word."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Index the phrases; the order among them does not matter."""
        self._exact: dict[str, list[Phrase]] = defaultdict(list)
        self._stems: dict[str, list[Phrase]] = defaultdict(list)
        self._endings: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            first = phrase.steps[0]
            for word in first.exact:
                self._exact[word].append(phrase)
            for stem in first.stems:
                self._stems[stem].append(phrase)
            for ending in first.endings:
                self._endings[ending].append(phrase)
        self._stem_lengths = sorted({len(s) for s in self._stems})
        self._ending_lengths = sorted({len(e) for e in self._endings})

    def _starting(self, forms_: tuple[str, ...]) -> Iterator[Phrase]:
        for form in forms_:
            yield from self._exact.get(form, ())
            for length in self._stem_lengths:
                if length > len(form):
                    break
                yield from self._stems.get(form[:length], ())
            for length in self._ending_lengths:
                if length < len(form):
                    yield from self._endings.get(form[-length:], ())

    def find(self, tokens: Sequence[Token], languages: Mapping[int, frozenset[str]] | None = None) -> list[Match]:
        """All matches, in order of their first token; for each phrase and start the longest.

        `languages` says for each sentence number whose phrases count there; None means all.
        """
        every = [forms(t) for t in tokens]
        found: list[Match] = []
        for index, token_forms in enumerate(every):
            alone = index + 1 == len(tokens) or tokens[index + 1].sentence != tokens[index].sentence
            wanted = languages[tokens[index].sentence] if languages is not None else None
            for phrase in self._starting(token_forms):
                if (alone and not phrase.one_word) or (wanted is not None and phrase.language not in wanted):
                    continue
                last = _reach(phrase.steps, 1, every, tokens, index)
                if last is not None:
                    found.append(Match(phrase, index, last))
        return found


def _reach(
    steps: tuple[_Step, ...],
    at: int,
    every: Sequence[tuple[str, ...]],
    tokens: Sequence[Token],
    last: int,
) -> int | None:
    """The last token of a match whose step before `at` fitted token `last`; None if there is none."""
    if at == len(steps):
        return last
    step = steps[at]
    if step.gap:
        for skip in range(_GAP + 1):
            if last + skip >= len(tokens) or tokens[last + skip].sentence != tokens[last].sentence:
                return None
            reached = _reach(steps, at + 1, every, tokens, last + skip)
            if reached is not None:
                return reached
        return None
    following = last + 1
    if following < len(tokens) and tokens[following].sentence == tokens[last].sentence and step.fits(every[following]):
        reached = _reach(steps, at + 1, every, tokens, following)
        if reached is not None:
            return reached
    return _reach(steps, at + 1, every, tokens, last) if step.optional else None
