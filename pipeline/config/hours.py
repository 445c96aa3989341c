"""Working hours in the ways people write them, brought to one form."""

import re
from typing import Any

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^\s*(\d{1,2}[:.]\d{2})\s*(?:-|–|to)\s*(\d{1,2}[:.]\d{2})\s*$")
_DAYS = re.compile(r"^\s*([A-Za-z]+)\s*(?:-|–|to)\s*([A-Za-z]+)\s*$")


def _clock(text: str) -> str:
    hour, minute = re.split("[:.]", text)
    return f"{int(hour):02d}:{minute}"


def _day(name: object) -> str:
    if isinstance(name, int) and not isinstance(name, bool) and 0 <= name <= 6:
        return WEEKDAYS[name]
    short = str(name).strip().lower()[:3]
    if short not in WEEKDAYS:
        raise ValueError(f"{name!r} is no weekday; use mon, tue, wed, thu, fri, sat, sun")
    return short


def _days(value: object) -> list[str]:
    if isinstance(value, str):
        if span := _DAYS.match(value):
            first, last = (WEEKDAYS.index(_day(d)) for d in span.groups())
            return [WEEKDAYS[(first + i) % 7] for i in range((last - first) % 7 + 1)]
        return [_day(d) for d in re.split(r"[,\s]+", value.strip())]
    if isinstance(value, list | tuple):
        return [_day(d) for d in value]
    raise ValueError('days must be a list such as ["mon", "tue"] or a span such as "mon-fri"')


def normal_hours(value: Any) -> Any:
    """Working hours as `{days, start, end}`.

    Takes that form itself, `"09:00-17:00"`, `"mon-fri 09:00-17:00"`, `["09:00", "17:00"]` and a table of days
    (`{ mon = "09:00-17:00", tue = … }`, which must agree on one window). Anything else is left for the model to refuse.
    """
    if isinstance(value, str):
        days, _, span = value.strip().rpartition(" ") if re.match(r"^[A-Za-z]", value.strip()) else ("", "", value)
        if matched := _SPAN.match(span):
            hours: dict[str, Any] = {"start": _clock(matched[1]), "end": _clock(matched[2])}
            return {**hours, "days": _days(days)} if days else hours
        raise ValueError(
            'working hours are written "09:00-17:00" or { days = ["mon", "tue"], start = "09:00", end = "17:00" }'
        )
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return {"start": _clock(value[0]), "end": _clock(value[1])}
    if isinstance(value, dict):
        if value and all(str(key).lower()[:3] in WEEKDAYS for key in value):
            windows = [normal_hours(window) for window in value.values() if window]
            if any(window != windows[0] for window in windows):
                raise ValueError("all working days share one window; give the widest")
            return {**windows[0], "days": [_day(day) for day, window in value.items() if window]}
        if "days" in value:
            return {**value, "days": _days(value["days"])}
    return value
