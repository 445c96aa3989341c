"""The coming weeks of the ladder, if nobody pays and every letter leaves on its day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pipeline.domain.ids import ClientId
from pipeline.domain.ladder import ClientLedger, LadderSettings, Step
from pipeline.domain.ledger import Money
from pipeline.invoices.calendar import chase_calendar
from pipeline.invoices.facts import facts_for
from pipeline.invoices.ladder import climb, log_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter (or, for L5, a person's task) that the ladder will ask for."""

    day: date
    """On the client's calendar."""
    client: str
    step: Step
    invoices: tuple[str, ...]
    totals: tuple[Money, ...]
    client_id: ClientId | None = None


def plan(
    ledgers: Iterable[ClientLedger],
    settings: LadderSettings,
    now: datetime,
    days: int = 30,
) -> tuple[Planned, ...]:
    """What `climb` will say on each of the coming `days`, today included, earliest first.

    It assumes a fresh ledger, no payment, no new mail, and that every letter is sent on the day it is due. Nothing
    is stored.
    """
    found = [planned for ledger in ledgers for planned in _plan_one(ledger, settings, now, days)]
    return tuple(sorted(found, key=lambda p: (p.day, p.client)))


def _plan_one(ledger: ClientLedger, settings: LadderSettings, now: datetime, days: int) -> list[Planned]:
    calendar = chase_calendar(ledger.hours, settings.window_start, settings.window_end)
    found: list[Planned] = []
    for offset in range(days):
        moment = now + timedelta(days=offset)
        state = climb(ledger, settings, moment, moment)
        if state.step is None:
            continue
        day = calendar.today(moment)
        _, totals = facts_for(ledger, day, state.invoices)
        found.append(Planned(day, ledger.client.name, state.step, state.invoices, totals, ledger.client.id))
        if state.step is Step.L5:
            break
        ledger = replace(ledger, log=(*ledger.log, *log_of(state, moment)))
    return found


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar with its letters."""

    day: date
    planned: tuple[Planned, ...]
    inside: bool
    """False for the days that only fill up the first and the last week."""


def in_weeks(planned: Iterable[Planned], first: date, days: int = 30) -> tuple[tuple[CalendarDay, ...], ...]:
    """The letters on a calendar of whole weeks, Monday to Sunday (ISO 8601), from `first` over so many `days`.

    A letter outside of these days, as by a client's zone, makes the calendar longer: none is left out.
    """
    by_day: dict[date, list[Planned]] = {}
    for one in planned:
        by_day.setdefault(one.day, []).append(one)
    last = first + timedelta(days=days - 1)
    start, end = min((first, *by_day)), max((last, *by_day))
    monday = start - timedelta(days=start.weekday())
    weeks = (end - monday).days // 7 + 1
    every = (monday + timedelta(days=n) for n in range(7 * weeks))
    found = [CalendarDay(day, tuple(by_day.get(day, ())), start <= day <= end) for day in every]
    return tuple(tuple(found[n : n + 7]) for n in range(0, len(found), 7))
