"""Interest and fixed sums for late payment: what they rest on, and the figures that a person confirmed. No floats."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pipeline.domain.ledger import Money


@dataclass(frozen=True, slots=True)
class LateTerms:
    """What the contract with a client says about late payment, in figures. One of the two is there."""

    percent_a_year: Decimal | None = None
    fixed: Money | None = None
    """For each late invoice."""


class ClaimSource(StrEnum):
    """Where a claim comes from; the contract goes before the statute."""

    CONTRACT = "contract"
    STATUTE = "statute"


@dataclass(frozen=True, slots=True)
class ClaimBasis:
    """What a claim rests on, with the days on which its parts were true."""

    source: ClaimSource
    title: str
    """The law as it is cited, or the contract's own words."""
    percent: Decimal | None = None
    """A year, in all; None: no interest."""
    jurisdiction: str | None = None
    as_of: date | None = None
    """The day of the entry in the table of laws."""
    checked: str = ""
    """What was read for that entry."""
    note: str = ""
    reference: str | None = None
    """The rate that the law's points come on top of."""
    reference_percent: Decimal | None = None
    reference_as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """What one late invoice comes to. Interest runs from the day after the due date up to and with the claim's day."""

    number: str
    due: date
    days: int
    base: Money
    """The open balance that nobody contests."""
    percent: Decimal | None = None
    interest: Money | None = None
    fixed: Money | None = None

    @property
    def in_all(self) -> Money:
        """Balance, interest and fixed sum."""
        extra = (money.amount for money in (self.interest, self.fixed) if money is not None)
        return Money(self.base.currency, sum(extra, self.base.amount))


@dataclass(frozen=True, slots=True)
class Claim:
    """The figures for a client on one day."""

    basis: ClaimBasis
    until: date
    facts: tuple[ClaimFact, ...]
    """By due date; only invoices that get something on top."""


@dataclass(frozen=True, slots=True)
class ConfirmedClaim:
    """A claim that a person looked at and confirmed. Without one no letter names a figure."""

    claim: Claim
    by: str
    confirmed_at: datetime
