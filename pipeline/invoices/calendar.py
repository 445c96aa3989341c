"""The window in which a chase may arrive."""

from dataclasses import replace
from datetime import time

from pipeline.domain.client import WorkingHours
from pipeline.workdays import WorkCalendar


def chase_calendar(hours: WorkingHours, start: time, end: time) -> WorkCalendar:
    """Somebody's calendar with their day cut to the window in which chases may arrive.

    Where the two never meet, as with somebody who works at night, their own hours stand.
    """
    if max(hours.start, start) >= min(hours.end, end):
        return WorkCalendar(hours)
    return WorkCalendar(replace(hours, start=max(hours.start, start), end=min(hours.end, end)))
