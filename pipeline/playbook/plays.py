"""A play: the moves of a reply to one behaviour, and its plain letters by language and stance."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from pipeline.domain.ids import Label
from pipeline.domain.strategy import Facts, Stance
from pipeline.playbook.tables import AnyLabel, Settings
from pipeline.playbook.vocabulary import VARIABLES, template_problems, template_values, unknown
from pipeline.promptfile import PromptFile, Section

FALLBACK = "en"
"""The language that every play has."""

_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_STANCES = {"": Stance.AS_DECIDED, "softer": Stance.SOFTER, "firmer": Stance.FIRMER}


class Kind(StrEnum):
    """What sort of letter a play is; the guard has other limits for each."""

    REPLY = "reply"  # answers a mail
    CHASE = "chase"  # asks for money that is overdue
    EXIT = "exit"  # parts ways
    NUDGE = "nudge"  # follows up on our own mail


def _nameable(name: str, info: ValidationInfo) -> str:
    variables = (info.context or {}).get("variables", ())
    if name not in variables:
        raise ValueError(unknown(name, variables, "no fact that a letter may name"))
    return name


@dataclass(frozen=True, slots=True)
class PlayFront(Settings):
    """The front matter of a play."""

    title: str
    kind: Kind
    moves: Annotated[tuple[str, ...], Field(min_length=1)]
    label: AnyLabel | None = None
    needs: tuple[Annotated[str, AfterValidator(_nameable)], ...] = ()
    sets_boundary: bool = False


@dataclass(frozen=True, slots=True)
class Play:
    """One play. `template` gives its plain letter; a writer with an endpoint uses `moves` instead."""

    name: str
    """The name of its file in `plays/`, without ending."""
    title: str
    kind: Kind
    moves: tuple[str, ...]
    label: Label | None
    """The behaviour or intent that it answers; None where it answers none."""
    needs: tuple[str, ...]
    """Facts and commitments without which it cannot be offered."""
    sets_boundary: bool
    """Once such a letter was seen sent, a boundary has been stated."""
    templates: Mapping[tuple[str, Stance], Section]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it has a letter in, in the order of the file."""
        return tuple(dict.fromkeys(language for language, _ in self.templates))

    def template(self, language: str, stance: Stance) -> Section:
        """The letter in this very language. A stance that is not written falls back to the one as decided.

        KeyError if the play has no letter in that language; `template_language` finds one that it has.
        """
        return self.templates.get((language, stance)) or self.templates[language, Stance.AS_DECIDED]

    def missing(self, facts: Facts) -> tuple[str, ...]:
        """Which of `needs` these facts lack; empty means that the play can be offered."""
        values = template_values(facts, [name for name in self.needs if name not in VARIABLES])
        values["invoice_table"] = facts.invoices
        return tuple(name for name in self.needs if not values[name])


def template_language(play: Play, language: str) -> str:
    """The language in which a play's plain letter will be: the one wanted, its base language, or English.

    `de-CH` finds `de-CH`, then `de`, then `en`. Where the answer's base differs from what was wanted, the reviewer is
    to be warned.
    """
    wanted = language.replace("_", "-")
    by_lower = {known.lower(): known for known in play.languages}
    for candidate in (wanted.lower(), wanted.split("-")[0].lower()):
        if candidate in by_lower:
            return by_lower[candidate]
    return FALLBACK


def read_letters(
    file: PromptFile, variables: Collection[str], partials: Collection[str], *, check: bool = True
) -> tuple[dict[tuple[str, Stance], Section], list[str]]:
    """The letters of a play by language and stance, and what is wrong with their headings and templates.

    Without `check` the templates are not parsed.
    """
    letters: dict[tuple[str, Stance], Section] = {}
    problems: list[str] = []
    for title, section in file.sections.items():
        language, _, stance = title.partition(" ")
        if language in _STANCES or not _LANGUAGE.match(language):
            problems.append(f"## {title} names no language; write ## en, ## en softer or ## de firmer.")
        elif stance not in _STANCES:
            known = [word for word in _STANCES if word]
            problems.append(f"## {title}: " + unknown(stance, known, "no stance; there are softer and firmer"))
        else:
            letters[language, _STANCES[stance]] = section
        if check:
            problems += template_problems(section, variables, partials)
    languages = dict.fromkeys(language for language, _ in letters)
    problems += [
        f"there is no section ## {language}, the letter as decided, for the other stances to fall back on."
        for language in {**languages, FALLBACK: None}
        if (language, Stance.AS_DECIDED) not in letters
    ]
    return letters, problems
