"""Our requests for input, and how long they have waited in workdays of the client's."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from pipeline.domain.client import WorkingHours
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
    thread (or that answers ours from another one) is an answer, and so is one from an address that we do not know: an
    assistant's, or another one of theirs. Silence is none, and never an approval either.
    """
    calendar = WorkCalendar(history.client_hours)
    away = _absences(history.turns, calendar)
    in_thread, elsewhere = _answers(history.turns)
    found = []
    for turn in history.turns:
        if turn.direction is not Direction.OUTBOUND or not turn.asks or turn.chases_payment or turn.bounced:
            continue
        later = [_first_after(in_thread[turn.thread], turn.at), _first_after(elsewhere[turn.message_id], turn.at)]
        answered_at = min((at for at in later if at is not None), default=None)
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


def _answers(turns: Iterable[Turn]) -> tuple[dict[int, list[datetime]], dict[str, list[datetime]]]:
    """When somebody there wrote something that can be an answer: by thread, and by the mail of ours that it answers."""
    in_thread, elsewhere = defaultdict[int, list[datetime]](list), defaultdict[str, list[datetime]](list)
    for reply in sorted(turns, key=lambda t: t.at):
        if (reply.counts and WITHHOLDS not in reply.labels) or reply.stands_in:
            in_thread[reply.thread].append(reply.at)
            for message_id in reply.answers:
                elsewhere[message_id].append(reply.at)
    return in_thread, elsewhere


def _first_after(moments: list[datetime], at: datetime) -> datetime | None:
    place = bisect_right(moments, at)
    return moments[place] if place < len(moments) else None


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
    first = calendar.today(start)
    last = min(calendar.today(end), first + timedelta(days=_LONGEST))
    days = _workdays(calendar.hours, first.year, last.year)
    passed = days[bisect_right(days, first) : bisect_right(days, last)]
    return sum(1 for day in passed if day not in away) if away else len(passed)


@lru_cache(maxsize=64)
def _workdays(hours: WorkingHours, first_year: int, last_year: int) -> tuple[date, ...]:
    """All workdays of these years: a long history asks about the same days a thousand times."""
    calendar, begin = WorkCalendar(hours), date(first_year, 1, 1)
    days = (begin + timedelta(days=i) for i in range((date(last_year, 12, 31) - begin).days + 1))
    return tuple(day for day in days if calendar.is_workday(day))
