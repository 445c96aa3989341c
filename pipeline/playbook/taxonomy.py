"""The labels: tones, intents and behaviours, with what makes a mail one and what does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pipeline.domain.ids import Label
from pipeline.playbook.tables import Settings
from pipeline.promptfile import hash_of

KindOfLabel = Literal["tone", "intent", "behaviour"]


class Basis(StrEnum):
    """What it takes to say that a behaviour is there."""

    EMAIL = "E"  # one mail is enough
    PATTERN = "P"  # several mails; one alone is a signal
    RECORD = "R"  # something on file shows it: an approval, our advice, the ledger


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Name = Annotated[Label, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Confidence = Annotated[float, Field(strict=True, ge=0, le=10)] | None


@dataclass(frozen=True, slots=True)
class LabelRule(Settings):
    """One label as the taxonomy defines it."""

    name: Name
    definition: str
    include: tuple[str, ...] = ()
    """What just is this label."""
    exclude: tuple[str, ...] = ()
    """What just is not."""
    severity: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    """1 to 5 for behaviours, None for tones and intents."""
    basis: tuple[Basis, ...] = ()
    subtypes: Mapping[str, str] = field(default_factory=dict)
    """Name of a subtype to what it means."""
    enabled: bool = True
    was: Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)] = ()
    """Earlier names, under which it may be stored or mapped."""
    sure: Confidence = None
    """From this confidence on, 0 to 10, the label is sure; None leaves it to the judge."""
    unsure: Confidence = None
    """From this confidence on a person is asked, below it the label is dropped; None leaves it to the judge."""


@dataclass(frozen=True, slots=True)
class Taxonomy(Settings):
    """All labels, those that are switched off included."""

    version: Literal[1]
    tones: tuple[LabelRule, ...]
    """Highest first: where two fit, the upper wins."""
    intents: tuple[LabelRule, ...]
    behaviours: tuple[LabelRule, ...]
    """Their order breaks ties of severity."""

    def rules(self, kind: str) -> tuple[LabelRule, ...]:
        """All labels of a kind: `tone`, `intent` or `behaviour`. KeyError for another word."""
        return {"tone": self.tones, "intent": self.intents, "behaviour": self.behaviours}[kind]

    def active(self, kind: KindOfLabel) -> tuple[LabelRule, ...]:
        """The labels of a kind that are not switched off."""
        return tuple(rule for rule in self.rules(kind) if rule.enabled)

    def rule(self, name: str, kind: KindOfLabel) -> LabelRule | None:
        """The label of that present or old name, switched off or not; None if there is none."""
        rules = self.rules(kind)
        present = next((rule for rule in rules if rule.name == name), None)
        return present or next((rule for rule in rules if name in rule.was), None)

    def current(self, name: str, kind: KindOfLabel) -> Label | None:
        """The present name of a label that is known by its present or an old name; None if it is unknown."""
        rule = self.rule(name, kind)
        return rule.name if rule else None

    def severity(self, behaviour: Label) -> int:
        """1 to 5. KeyError for what is no behaviour."""
        return {rule.name: rule.severity or 1 for rule in self.behaviours}[behaviour]

    def rank(self, behaviour: Label) -> int:
        """The place in the order of the taxonomy, from 0. KeyError for what is no behaviour."""
        return {rule.name: place for place, rule in enumerate(self.behaviours)}[behaviour]

    @property
    def fingerprint(self) -> str:
        """Changes with every word that a judge may read here; comments and spaces in the file do not count."""
        return hash_of(repr(self))


def taxonomy_problems(taxonomy: Taxonomy) -> list[str]:
    """Contradictions inside a taxonomy, one sentence each."""
    problems: list[str] = []
    kinds: tuple[KindOfLabel, ...] = ("tone", "intent", "behaviour")
    for kind in kinds:
        rules = taxonomy.rules(kind)
        names = [name for rule in rules for name in (rule.name, *rule.was)]
        problems += [
            f"the {kind} {name} stands twice, as a name or as an earlier name; each label is defined once."
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
        problems += [
            f"the {kind} {rule.name}: unsure is above sure; a label is asked about before it is taken as sure."
            for rule in rules
            if rule.sure is not None and rule.unsure is not None and rule.unsure > rule.sure
        ]
    problems += [
        f"the behaviour {rule.name} has no severity; give one from 1 to 5."
        for rule in taxonomy.behaviours
        if rule.severity is None
    ]
    if not taxonomy.active("tone"):
        problems.append("no tone is left; every mail has one.")
    return problems
