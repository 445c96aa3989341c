"""Statutory interest and fixed sums, from a table with dates, and only where everything that it needs was said.

The tool gives no legal advice: a claim exists only for a business client, in a named jurisdiction, from L4 on, with
the owner's confirmation of that entry. The contract goes before the statute.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.domain.ladder import Step
from pipeline.domain.ledger import Money
from pipeline.domain.strategy import InvoiceFact
from pipeline.errors import ConfigError
from pipeline.invoices.money import to_places

_FORBID = ConfigDict(extra="forbid", hide_input_in_errors=True)
_YEAR = 365
_FORMAL = frozenset({Step.L4, Step.L5})


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
    default_days: int
    fixed: tuple[FixedSum, ...]
    note: str
    reference: str | None = None
    """The rate that `points` come on top of; its value is the owner's to enter."""
    points: Decimal | None = None
    longest_terms_days: int | None = None


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """A reference rate in per cent a year, as the owner entered it."""

    percent: Decimal
    as_of: date


@dataclass(frozen=True, slots=True)
class Claimant:
    """What has to be said before a statute may be named to a client."""

    jurisdiction: str
    b2b: bool
    confirmed: str
    """The `jurisdiction` of the entry that the owner confirmed for this letter; empty: none."""
    contract_fee: str | None = None
    """A late fee of the contract; where there is one, no statute is used."""


@dataclass(frozen=True, slots=True)
class StatutoryClaim:
    """What the statute adds to one invoice, with where it comes from."""

    invoice: str
    fixed: Money | None
    interest: Money | None
    """None without a reference rate."""
    title: str
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


def statutory_claims(
    step: Step,
    facts: tuple[InvoiceFact, ...],
    claimant: Claimant,
    law: tuple[LawFact, ...],
    rate: ReferenceRate | None = None,
) -> tuple[StatutoryClaim, ...]:
    """What the law of the client's jurisdiction adds to these overdue invoices; empty where anything is missing.

    Interest is simple, on the undisputed balance, from the day after the due date, over 365 days, rounded to the
    currency. Fixed sums are named only in the currency of the invoice. A disputed invoice gets neither.
    """
    entry = next((fact for fact in law if fact.jurisdiction == claimant.jurisdiction), None)
    allowed = (
        step in _FORMAL
        and claimant.b2b
        and claimant.confirmed == claimant.jurisdiction
        and not claimant.contract_fee
        and entry is not None
        and entry.b2b
    )
    if entry is None or not allowed:
        return ()
    claims = (_claim(fact, entry, rate) for fact in facts if fact.days_overdue > 0 and not fact.disputed)
    return tuple(claim for claim in claims if claim.fixed or claim.interest)


def _claim(fact: InvoiceFact, entry: LawFact, rate: ReferenceRate | None) -> StatutoryClaim:
    currency = fact.total.currency
    matching = (s for s in entry.fixed if s.currency == currency and (s.below is None or fact.total.amount < s.below))
    fixed = next(matching, None)
    interest = None
    if rate is not None and entry.points is not None:
        yearly = fact.open.amount * (rate.percent + entry.points) / 100
        owed = (yearly * fact.days_overdue / _YEAR).quantize(to_places(Decimal(1), currency), ROUND_HALF_UP)
        interest = Money(currency, owed)
    return StatutoryClaim(
        fact.number,
        Money(fixed.currency, fixed.amount) if fixed else None,
        interest,
        entry.title,
        entry.as_of,
    )
