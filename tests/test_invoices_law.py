"""Statutory claims: only with everything that they need, and to the cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.ladder import Step
from pipeline.domain.ledger import Money
from pipeline.domain.strategy import InvoiceFact
from pipeline.errors import ConfigError
from pipeline.invoices.law import Claimant, ReferenceRate, read_law, statutory_claims

LAW = read_law((Path(__file__).parent.parent / "prompts" / "law.toml").read_text())
RATE = ReferenceRate(Decimal("3.75"), date(2025, 12, 31))
GB = Claimant("GB", b2b=True, confirmed="GB")
FACT = InvoiceFact(
    "A-1",
    date(2026, 1, 1),
    date(2026, 1, 31),
    Money("GBP", Decimal("2500.00")),
    Money("GBP", Decimal("2000.00")),
    73,
)


def test_a_claim_is_exact() -> None:
    """Interest on the whole instead of the open balance, a wrong band, or a rounding of a penny."""
    (claim,) = statutory_claims(Step.L4, (FACT,), GB, LAW, RATE)

    assert claim.fixed == Money("GBP", Decimal("70.00"))
    assert claim.interest == Money("GBP", Decimal("47.00"))  # 2000.00 x 11.75 % x 73 / 365
    assert (claim.title, claim.as_of) == (LAW[2].title, LAW[2].as_of)


@pytest.mark.parametrize(("total", "fixed"), [("999.99", "40.00"), ("1000.00", "70.00"), ("10000.00", "100.00")])
def test_the_fixed_sum_goes_by_the_amount(total: str, fixed: str) -> None:
    """The band of a thousand pounds would be the one below."""
    fact = replace(FACT, total=Money("GBP", Decimal(total)))

    (claim,) = statutory_claims(Step.L4, (fact,), GB, LAW)

    assert (claim.fixed, claim.interest) == (Money("GBP", Decimal(fixed)), None)


@pytest.mark.parametrize(
    ("step", "fact", "claimant"),
    [
        (Step.L3, FACT, GB),
        (Step.L4, FACT, replace(GB, b2b=False)),
        (Step.L4, FACT, replace(GB, confirmed="")),
        (Step.L4, FACT, replace(GB, confirmed="DE")),
        (Step.L4, FACT, replace(GB, contract_fee="1 % a month")),
        (Step.L4, FACT, Claimant("FR", b2b=True, confirmed="FR")),
        (Step.L4, replace(FACT, disputed=True), GB),
        (Step.L4, replace(FACT, days_overdue=0), GB),
        (Step.L4, FACT, Claimant("US-NY", b2b=True, confirmed="US-NY")),
    ],
    ids=[
        "before L4", "a consumer", "not confirmed", "another entry confirmed", "the contract goes first",
        "no such entry", "disputed", "not late", "an act without sums",
    ],
)  # fmt: skip
def test_no_claim_without_everything_it_needs(step: Step, fact: InvoiceFact, claimant: Claimant) -> None:
    """A statute would be cited to a consumer, without a person, or beside the contract."""
    assert statutory_claims(step, (fact,), claimant, LAW, RATE) == ()


def test_a_fixed_sum_is_never_converted() -> None:
    """Forty euros would be asked of an invoice in dollars."""
    fact = replace(FACT, total=Money("USD", Decimal(500)), open=Money("USD", Decimal(500)))

    assert statutory_claims(Step.L4, (fact,), Claimant("DE", b2b=True, confirmed="DE"), LAW) == ()


def test_every_shipped_entry_is_dated_sourced_and_for_businesses() -> None:
    """A law without a date or a source would be passed on as a fact."""
    assert all(fact.b2b and fact.checked and fact.as_of >= date(2026, 1, 1) for fact in LAW)


@pytest.mark.parametrize(("text", "words"), [("[[law", "TOML"), ('[[law]]\njurisdiction = "X"\nfee = 3', "fee")])
def test_a_mistake_in_the_table_is_told(text: str, words: str) -> None:
    """A misspelt key would drop a condition of the law."""
    with pytest.raises(ConfigError) as caught:
        read_law(text)

    assert words in " ".join((str(caught.value), *caught.value.problems))
