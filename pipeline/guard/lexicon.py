"""What the guard knows of one language beside its phrases."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What the guard knows of one language beside its phrases. Words are folded; a trailing `*` marks a stem."""

    language: str
    script: str
    stopwords: frozenset[str]
    conjunctions: frozenset[str]
    and_or: frozenset[str]
    """Words that join the items of a list: a negation reaches over them."""
    honorifics: frozenset[str]
    """Titles before or after a name."""
    polite: frozenset[str]
    """Other words of a salutation that are no names: `geehrte`, `cher`."""
    formal_cased: frozenset[str]
    inflected: bool
    """Names change their endings (Polish, Russian …), so that a salutation may differ in its last letters."""
    months: Mapping[str, int]
    short_months: Mapping[str, int]
    """Abbreviations, which count as months only beside a figure."""
    weekdays: Mapping[str, int]
    """Monday is 0."""
    range_words: frozenset[str]
    numbers: Mapping[str, Decimal]
    glued: Mapping[str, Decimal]
    """Numbers only as a part of a longer word: `ein` in `einhundert`."""
    ordinals: Mapping[str, int]
    """Read only beside a month: `the first of March`."""
    joiners: frozenset[str]
    """Words inside a number: `twenty and one`."""
    units: tuple[str, ...]
    """Stems of nouns that make a figure of the number word before them: day, round, page."""
    time: tuple[str, ...]
    """Stems of nouns that make a length of time of the number before them."""
    own_things: tuple[str, ...]
    """Stems of nouns by which a letter counts its own parts: option, point, question."""
    pointing: frozenset[str]
    """Words that make a small number point back into the letter: the, these."""
    due: tuple[str, ...]
    """Stems of words that announce a due date."""
    percent: tuple[str, ...]
    clock: frozenset[str]
    am: frozenset[str]
    pm: frozenset[str]
    currencies: Mapping[str, frozenset[str]]
