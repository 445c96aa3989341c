"""Workdays, holidays and windows, and the playbook's ladder."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.client import WorkingHours
from pipeline.domain.ladder import PATIENT, SEED, LadderSettings
from pipeline.errors import ConfigError, PlaybookError
from pipeline.invoices.calendar import chase_calendar
from pipeline.invoices.settings import ladder_settings
from pipeline.playbook import Playbook, load_playbook
from pipeline.prompts import PromptLibrary
from pipeline.workdays import WorkCalendar

PROMPTS = Path(__file__).parent.parent / "prompts"
CAIRO = WorkingHours(ZoneInfo("Africa/Cairo"), days=(6, 0, 1, 2, 3))


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        (CAIRO, "2026-03-06", False),  # Friday
        (CAIRO, "2026-03-08", True),  # Sunday
        (WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE"), "2026-12-25", False),
        (WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE-BY"), "2026-01-06", False),
        (WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE-BE"), "2026-01-06", True),
        (WorkingHours(ZoneInfo("America/New_York"), holidays_region="US-NY"), "2026-07-03", False),  # observed
        (WorkingHours(ZoneInfo("Europe/Berlin")), "2026-12-25", True),  # no region: no holidays
    ],
)
def test_workdays_are_the_clients(hours: WorkingHours, day: str, *, expected: bool) -> None:
    """A chase on Christmas, or none on a Sunday where Sunday is a workday."""
    assert WorkCalendar(hours).is_workday(date.fromisoformat(day)) is expected


def test_an_unknown_holiday_region_says_what_to_write() -> None:
    """A misspelt region would silently mean a country without holidays."""
    with pytest.raises(ConfigError, match="XX-Nowhere"):
        WorkCalendar(WorkingHours(ZoneInfo("UTC"), holidays_region="XX-Nowhere"))


@pytest.mark.parametrize("broken", [{"days": ()}, {"start": time(17), "end": time(9)}])
def test_hours_without_time_are_refused(broken: dict[str, object]) -> None:
    """Hours in which nothing can be sent would hold every letter back for ever."""
    with pytest.raises(ConfigError):
        WorkCalendar(WorkingHours(ZoneInfo("UTC"), **broken))  # type: ignore[arg-type]


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 hypothesis adds the zone
    st.sampled_from([CAIRO, WorkingHours(ZoneInfo("America/New_York"), holidays_region="US-NY")]),
)
def test_the_window_opens_inside_working_hours_and_soon(now: datetime, hours: WorkingHours) -> None:
    """A window that opens at night, in the past, or next month, or that forgets the change of the clocks."""
    calendar = chase_calendar(hours, time(9), time(17))
    opens = calendar.opening(now)
    local = opens.astimezone(hours.timezone)

    assert now <= opens <= now + timedelta(days=6)
    assert calendar.is_workday(local.date())
    assert time(9) <= local.time() < time(17)
    assert calendar.is_open(opens)
    assert calendar.opening(opens) == opens


def test_a_clients_short_day_cuts_the_window_and_a_night_shift_keeps_its_own() -> None:
    """A letter at eight to somebody who starts at ten, or none ever to somebody who works at night."""
    zone = ZoneInfo("UTC")
    short = chase_calendar(WorkingHours(zone, start=time(10), end=time(20)), time(9), time(17))
    night = chase_calendar(WorkingHours(zone, start=time(18), end=time(23)), time(9), time(17))

    assert (short.hours.start, short.hours.end) == (time(10), time(17))
    assert (night.hours.start, night.hours.end) == (time(18), time(23))


def test_workdays_are_counted_over_weekends_and_holidays() -> None:
    """A promise for Thursday before Easter would be called broken on Good Friday."""
    calendar = WorkCalendar(WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE"))

    assert calendar.workday_after(date(2026, 4, 2)) == date(2026, 4, 7)
    assert calendar.workday_after(date(2026, 4, 2), 3) == date(2026, 4, 9)


@pytest.fixture
def playbook() -> Playbook:
    """The playbook as shipped."""
    library = PromptLibrary(None, PROMPTS)
    return load_playbook(lambda name: library.source(name).text, library.names())


def test_the_shipped_playbook_is_the_ladder_of_the_defaults(playbook: Playbook) -> None:
    """The file that owners edit and the defaults that tests use would tell two different ladders."""
    found = ladder_settings(playbook, profile="seed", fresh_for=timedelta(hours=24))

    assert {p.name: p.rungs for p in found.profiles} == {"seed": SEED.rungs, "patient": PATIENT.rungs}
    assert found == LadderSettings(profiles=found.profiles)


def test_a_profile_that_the_playbook_lacks_is_named(playbook: Playbook) -> None:
    """A misspelt profile would chase by another one."""
    with pytest.raises(PlaybookError, match="gentle"):
        ladder_settings(playbook, profile="gentle", fresh_for=timedelta(hours=24))
