"""Our requests for input, and how long they have waited in workdays of the client's."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from pipeline.domain.history import History, Request, Turn
from pipeline.domain.ids import Label
from pipeline.domain.mail import Direction
from pipeline.workdays import WorkCalendar

WITHHOLDS = Label("unresponsive")
"""A mail with this label confirmed comes back empty-handed: it answers nothing."""
_ABSENCE = timedelta(days=7)
"""How long an absence without a return date is taken to last, as the ladder takes it."""
_LONGEST = 400
"""Days; nobody counts further."""


def requests_of(history: History, now: datetime) -> tuple[Request, ...]:
    """Every request of ours, oldest first, answered or not.

    Chases are no requests, and a mail that bounced asked nobody. Any later mail that a person there wrote in the same
    thread (or that answers ours from another one) is an answer; silence is none, and never an approval either.
    """
    calendar = WorkCalendar(history.client_hours)
    away = _absences(history.turns, calendar)
    found = []
    for turn in history.turns:
        if turn.direction is not Direction.OUTBOUND or not turn.asks or turn.chases_payment or turn.bounced:
            continue
        answered_at = min((t.at for t in history.turns if _answers(t, turn)), default=None)
        found.append(
            Request(
                message_id=turn.message_id,
                asked_at=turn.at,
                workdays=workdays_between(calendar, turn.at, answered_at or now, away),
                answered_at=answered_at,
                approval=turn.asks_approval,
            )
        )
    return tuple(found)


def _answers(reply: Turn, request: Turn) -> bool:
    if not reply.counts or reply.at <= request.at or WITHHOLDS in reply.labels:
        return False
    return reply.thread == request.thread or request.message_id in reply.answers


def _absences(turns: Iterable[Turn], calendar: WorkCalendar) -> frozenset[date]:
    """The days on which the client was away, as their automatic answers say."""
    days: set[date] = set()
    for turn in turns:
        if turn.absent:
            first = calendar.today(turn.at)
            last = turn.absent_until or first + _ABSENCE
            days.update(first + timedelta(days=i) for i in range(min((last - first).days, _LONGEST)))
    return frozenset(days)


def workdays_between(
    calendar: WorkCalendar, start: datetime, end: datetime, away: frozenset[date] = frozenset()
) -> int:
    """How many workdays began after the day of `start`, up to and with the day of `end`."""
    first, last = calendar.today(start), calendar.today(end)
    days = (first + timedelta(days=i) for i in range(1, min((last - first).days, _LONGEST) + 1))
    return sum(1 for day in days if day not in away and calendar.is_workday(day))
