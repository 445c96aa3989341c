"""The table of laws on late payment between businesses: facts with dates, read from `law.toml`. No legal advice."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import ConfigError

_FORBID = ConfigDict(extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class FixedSum:
    """A sum for one late invoice."""

    __pydantic_config__ = _FORBID
    amount: Decimal
    currency: str
    below: Decimal | None = None
    """For invoices under this amount; None: for all others."""


@dataclass(frozen=True, slots=True)
class LawFact:
    """What one jurisdiction's law says about late payment between businesses, as of a day."""

    __pydantic_config__ = _FORBID
    jurisdiction: str
    title: str
    as_of: date
    b2b: bool
    checked: str
    """What was read to say so."""
    fixed: tuple[FixedSum, ...]
    note: str
    reference: str | None = None
    """The rate that `points` come on top of; its value is the owner's to enter."""
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """A reference rate in per cent a year, as the owner entered it."""

    percent: Decimal
    as_of: date


def read_law(text: str) -> tuple[LawFact, ...]:
    """The table in `law.toml`. Raises `ConfigError` naming every entry that cannot be used."""
    try:
        data: Mapping[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"law.toml is no TOML: {error}.", fix="Correct it at that place.") from error
    try:
        return TypeAdapter(tuple[LawFact, ...]).validate_python(data.get("law", ()))
    except ValidationError as error:
        problems = tuple(
            f"law.toml, law.{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}."
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError("law.toml cannot be used.", fix="Correct these entries.", problems=problems) from None
