"""From which confidence on a label is sure: fitted to the labels that the owner confirmed and struck."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.ids import Label

LEAST_DECISIONS = 10
LEAST_OF_EACH = 3
"""With fewer decisions, or hardly any of one kind, a threshold would fit chance."""
_TOP = 10


@dataclass(frozen=True, slots=True)
class LabelDecision:
    """One label that a judge gave and a person decided on."""

    label: Label
    confidence: int
    """0 to 10."""
    sure: bool
    """As the judge's thresholds had it."""
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """What the decisions on one label say."""

    label: Label
    confirmed: int
    struck: int
    missed: int
    """Labels that a person added and the judge had not given; no threshold can bring them back."""
    mistakes_now: int
    """Sure and struck, or unsure and confirmed."""
    sure: int | None
    """The threshold with the fewest mistakes; None where there are too few decisions."""
    mistakes_then: int | None


def fit_thresholds(decisions: Sequence[LabelDecision], missed: Sequence[Label] = ()) -> tuple[Fit, ...]:
    """The threshold `sure` for every label that somebody decided on, by name.

    Of thresholds with equally few mistakes the highest: to be asked costs a second, a wrong accusation more.
    """
    labels = sorted({d.label for d in decisions} | set(missed))
    return tuple(_fit(label, [d for d in decisions if d.label == label], missed.count(label)) for label in labels)


def _fit(label: Label, decisions: Sequence[LabelDecision], missed: int) -> Fit:
    confirmed = sum(d.confirmed for d in decisions)
    struck = len(decisions) - confirmed
    now = sum(d.sure is not d.confirmed for d in decisions)
    if len(decisions) < LEAST_DECISIONS or min(confirmed, struck) < LEAST_OF_EACH:
        return Fit(label, confirmed, struck, missed, now, None, None)
    mistakes = {sure: sum((d.confidence >= sure) is not d.confirmed for d in decisions) for sure in range(1, _TOP + 1)}
    best = max(mistakes, key=lambda sure: (-mistakes[sure], sure))
    return Fit(label, confirmed, struck, missed, now, best, mistakes[best])
