"""Figures about a client that are no signal by themselves: how fast each side answers, how often mail comes."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from pipeline.domain.history import History, Turn
from pipeline.domain.mail import Direction
from pipeline.signals.requests import requests_of, workdays_between
from pipeline.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Measures:
    """Medians over the whole history; None where there is nothing to measure."""

    their_answer_workdays: float | None
    """How long our requests wait until they are answered, in workdays of the client's."""
    our_answer_workdays: float | None
    """How long their mails wait until we write in the thread, in workdays of the owner's."""
    mails_per_week: float | None
    """Written by people there, over the time that we know."""
    approvals_workdays: tuple[int, ...]
    """How long each sign-off took, oldest first."""


def measure(history: History, now: datetime) -> Measures:
    """Reply latency both ways, frequency of contact, and how approvals stall."""
    requests = requests_of(history, now)
    answered = [r.workdays for r in requests if r.answered_at is not None]
    theirs = [t for t in history.turns if t.counts and t.dated and t.at <= now]
    ours = _our_latencies(history, theirs)
    weeks = (now - theirs[0].at) / timedelta(weeks=1) if theirs else 0
    return Measures(
        their_answer_workdays=median(answered) if answered else None,
        our_answer_workdays=median(ours) if ours else None,
        mails_per_week=round(len(theirs) / weeks, 2) if weeks >= 1 else None,
        approvals_workdays=tuple(r.workdays for r in requests if r.approval),
    )


def _our_latencies(history: History, theirs: list[Turn]) -> list[int]:
    calendar = WorkCalendar(history.owner_hours)
    written: dict[int, list[datetime]] = defaultdict(list)
    for turn in sorted(history.turns, key=lambda t: t.at):
        if turn.direction is Direction.OUTBOUND:
            written[turn.thread].append(turn.at)
    found = []
    for turn in theirs:
        ours = written[turn.thread]
        place = bisect_right(ours, turn.at)
        if place < len(ours):
            found.append(workdays_between(calendar, turn.at, ours[place]))
    return found
