"""The guard against some seven hundred sentences in thirteen languages, each inside a good letter."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.ledger import Money
from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.domain.strategy import InvoiceFact
from pipeline.guard import inspect_draft

FILE = Path(__file__).parent.parent / "fixtures" / "guard" / "sentences.toml"
CASES = tomllib.loads(FILE.read_text(encoding="utf-8"))
OPEN = Money("EUR", Decimal(1250))
DATES = (date(2026, 3, 26), date(2026, 4, 2))


def blocked(language: str, sentence: str) -> bool:
    """Whether the letter of that language with this sentence in it is blocked."""
    case = CASES[language]
    brief = GuardBrief(
        language=language,
        amounts=(OPEN,),
        dates=DATES,
        weekday_dates=DATES,
        numbers=("INV-2041", "2", "9"),
        names=(case["greeting"], case["signature"], "Tidewater"),
        greeting_name=case["greeting"],
        signature_name=case["signature"],
        scope=("two rounds of changes",),
        phrases=("Monday–Friday, 09:00–17:00",),
        labels=("micromanaging", "scope_creep", "knows_better", "controlling"),
        other_clients=("Nordhafen Logistik GmbH", "Bluebell Bakery"),
        invoices=(InvoiceFact("INV-2041", date(2026, 2, 10), date(2026, 3, 12), OPEN, OPEN, 9),),
    )
    return any(f.severity is Severity.BLOCK for f in inspect_draft(case["letter"].format(sentence=sentence), brief))


@pytest.mark.parametrize("language", CASES)
def test_the_letter_itself_passes(language: str) -> None:
    """Otherwise every bad sentence would count as found."""
    assert not blocked(language, "")


@pytest.mark.parametrize("language", CASES)
def test_what_must_never_leave_is_blocked(language: str) -> None:
    """Each of these sentences would cost the owner money, standing or the client."""
    assert [s for s in CASES[language]["bad"] if not blocked(language, s)] == []


@pytest.mark.parametrize("language", CASES)
def test_what_only_looks_like_it_passes(language: str) -> None:
    """A guard that blocks plain business sentences sends every letter back to the template."""
    assert [s for s in CASES[language]["good"] if blocked(language, s)] == []
