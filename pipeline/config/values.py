"""What the sections of the config and the client files are made of: time zones, addresses, working hours."""

from datetime import time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from pipeline.config.hours import WEEKDAYS, normal_hours
from pipeline.domain.client import WorkingHours

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; use a name such as Europe/Berlin or America/New_York") from None
    return name


def _clock(value: object) -> object:
    """Take `"09:00"` as well as TOML's own local times."""
    return time.fromisoformat(value) if isinstance(value, str) else value


def _email(value: str) -> str:
    local, at, domain = value.strip().rpartition("@")
    if not (local and at and "." in domain) or any(c.isspace() for c in value.strip()):
        raise ValueError(f"{value!r} is no mail address")
    return f"{local}@{domain.lower()}"


Zone = Annotated[str, AfterValidator(_zone)]
Clock = Annotated[time, BeforeValidator(_clock)]
Email = Annotated[str, AfterValidator(_email)]


class Section(BaseModel):
    """What all sections share: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Window(Section):
    """Working hours: `{ days = ["mon", "tue"], start = "09:00", end = "17:00" }`, or shorter, `"mon-fri 09:00-17:00"`."""

    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    start: Clock = time(9, 0)
    end: Clock = time(17, 0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must be before end")
        if not self.days:
            raise ValueError("days must name at least one day")
        return self

    def on(self, timezone: str, holidays_region: str | None) -> WorkingHours:
        """These hours on the clock of a time zone."""
        days = tuple(sorted(WEEKDAYS.index(day) for day in self.days))
        return WorkingHours(ZoneInfo(timezone), days, self.start, self.end, holidays_region)


Hours = Annotated[Window, BeforeValidator(normal_hours)]
