"""What a rule function gets and gives."""

from dataclasses import dataclass

from pipeline.domain.proposal import Finding, GuardBrief, Severity
from pipeline.guard.known import Known
from pipeline.guard.phrases import Match
from pipeline.guard.reading import Reading
from pipeline.guard.words import GuardWords


@dataclass(frozen=True, slots=True)
class Case:
    """A draft before the guard: what was read, what it is held against."""

    reading: Reading
    brief: GuardBrief
    known: Known
    words: GuardWords


def block(rule: int, name: str, message: str, excerpt: str = "") -> Finding:
    """A finding for which the draft is not offered."""
    return Finding(rule, name, Severity.BLOCK, message, excerpt)


def warn(rule: int, name: str, message: str, excerpt: str = "") -> Finding:
    """A finding that the reviewer sees."""
    return Finding(rule, name, Severity.WARN, message, excerpt)


def open_matches(case: Case, category: str, *, negatable: bool = True, anywhere: bool = False) -> list[Match]:
    """Phrases of a category that no `[allow]` phrase and, where it counts, no negation excuses.

    `anywhere`: a negation counts wherever it stands in the clause.
    """
    reading = case.reading
    return [
        m
        for m in reading.matches.get(category, ())
        if not reading.excused(m) and not (negatable and not m.phrase.firm and reading.negated(m, anywhere=anywhere))
    ]
