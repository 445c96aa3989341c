"""Whose day it is: the workdays, holidays and daily window of an owner or a client. Every instant is an argument."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import holidays

from pipeline.domain.client import WorkingHours
from pipeline.errors import ConfigError

_DAY = timedelta(days=1)
_YEAR = 366


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days and hours of somebody, from their `WorkingHours`.

    Raises `ConfigError` if the hours name no day, no time or a holiday region that the `holidays` library lacks.
    """

    hours: WorkingHours

    def __post_init__(self) -> None:
        """Refuse hours in which nothing could ever be sent."""
        if not self.hours.days or self.hours.start >= self.hours.end:
            raise ConfigError(
                "Working hours without a day or without a time allow no mail at all.",
                fix="Name at least one weekday, and a start before the end.",
            )
        if self.hours.holidays_region:
            _holidays(self.hours.holidays_region, 2026)

    def today(self, now: datetime) -> date:
        """The calendar day at this instant on their clock. `now` is aware."""
        return now.astimezone(self.hours.timezone).date()

    def is_workday(self, day: date) -> bool:
        """Whether they work that day: one of their weekdays and no public holiday."""
        if day.weekday() not in self.hours.days:
            return False
        region = self.hours.holidays_region
        return region is None or day not in _holidays(region, day.year)

    def workday_from(self, day: date) -> date:
        """That day if they work, else the next day on which they do."""
        for offset in range(_YEAR):
            candidate = day + offset * _DAY
            if self.is_workday(candidate):
                return candidate
        raise ConfigError(
            f"There is no workday within a year after {day}.",
            fix="Check the weekdays and the holiday region of the working hours.",
        )

    def workday_after(self, day: date, count: int = 1) -> date:
        """The workday that is `count` workdays after that day."""
        for _ in range(count):
            day = self.workday_from(day + _DAY)
        return day

    def opening(self, now: datetime) -> datetime:
        """When a mail may arrive: `now` inside the window of a workday, else the next time that one opens. Aware."""
        day = self.workday_from(self.today(now))
        local = now.astimezone(self.hours.timezone)
        for candidate in (day, self.workday_after(day)):
            opens = datetime.combine(candidate, self.hours.start, self.hours.timezone)
            closes = datetime.combine(candidate, self.hours.end, self.hours.timezone)
            if now.astimezone(UTC) < opens.astimezone(UTC):
                return opens
            if now.astimezone(UTC) < closes.astimezone(UTC):
                return local
        return opens

    def is_open(self, now: datetime) -> bool:
        """Whether a mail may arrive at this instant."""
        return self.opening(now) == now


@lru_cache(maxsize=256)
def _holidays(region: str, year: int) -> frozenset[date]:
    country, _, subdivision = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError as error:
        raise ConfigError(
            f"The holiday region {region!r} is not known.",
            fix="Write a country or a part of one as the holidays library names it, such as DE or US-NY.",
        ) from error
    return frozenset(found.keys())
