"""Money: what a call costs, and the day's limit that no call may pass."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import llm_fixtures as shared
import pytest
from servers.scripted_endpoint import ScriptedEndpoint, completion

from pipeline.config.models import Llm, Price
from pipeline.domain.calls import Usage
from pipeline.domain.ledger import Money
from pipeline.errors import ConfigError, ModelUnavailable
from pipeline.llm import Limits, Request
from pipeline.llm.budget import estimate
from pipeline.llm.prices import Prices

book, naps, model_of = shared.book, shared.naps, shared.model_of

LETTER = Request(purpose="write", static="s" * 300, mail="m" * 300, prompt_hash="h")
PRICE = {"input": 10.0, "output": 100.0}
SPENT = {"prompt_tokens": 200, "completion_tokens": 100}


def test_the_price_list_knows_cached_tokens() -> None:
    """Counting cached tokens in full makes the budget stop at half the day."""
    prices = Prices("https://api.openai.com/v1")
    full, cached = (prices.cost(Usage(10_000, 100, c), "gpt-5.5") for c in (0, 8_000))
    assert full is not None
    assert cached is not None
    assert Decimal(0) < cached.amount < full.amount


@pytest.mark.parametrize(
    ("base_url", "model", "cost"),
    [
        ("https://llm.example/v1", "house-model-7", None),
        ("http://localhost:11434/v1", "llama3.1", Money("USD", Decimal(0))),
        ("http://127.0.0.1:8080/v1", "house-model-7", Money("USD", Decimal(0))),
    ],
)
def test_an_unknown_model_is_unpriced_and_one_on_this_machine_is_free(
    base_url: str, model: str, cost: Money | None
) -> None:
    """Unpriced shown as free hides what is spent."""
    assert Prices(base_url).cost(Usage(1000, 1000), model) == cost


def test_the_configs_price_wins_and_names_its_currency() -> None:
    """A gateway's own prices in euros must not be taken from a list in dollars."""
    prices = Prices("https://api.openai.com/v1", Price(input=2, output=8, cached_input=0.5, currency="EUR"))
    assert prices.cost(Usage(1_000_000, 500_000, 400_000), "gpt-5.5") == Money("EUR", Decimal("5.4"))


@pytest.mark.parametrize("limits", [Limits(cost=Decimal("0.05")), Limits(tokens=1700)], ids=["money", "tokens"])
def test_the_day_stops_before_its_limit_is_passed(
    model_of: shared.ModelOf, book: shared.MemoryBook, limits: Limits
) -> None:
    """A flood of 10,000 mails overnight would empty the account."""
    with ScriptedEndpoint(completion("Dear Ada,", usage=SPENT)) as endpoint:
        model = model_of(endpoint.base_url, price=PRICE, limits=limits, max_tokens=200)
        # A call costs 0.012 and 300 tokens; it is taken to cost 0.02201 and 401 tokens before it is made.
        for _ in range(3 if limits.cost else 5):
            model.complete(LETTER)
        with pytest.raises(ModelUnavailable, match="daily budget") as error:
            model.complete(LETTER)
    assert "tomorrow" in error.value.fix
    spent = book.spending_since(shared.NOW - timedelta(days=1))
    assert spent.cost <= (limits.cost or 1)
    assert spent.tokens <= (limits.tokens or 10_000)


def test_calls_in_flight_count_before_they_are_paid(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """Eight calls that each see an empty day would pass the limit together."""
    gate = threading.Barrier(2, timeout=5)
    with ScriptedEndpoint(lambda _: (gate.wait(), completion("x", usage=SPENT))[1]) as endpoint:
        model = model_of(endpoint.base_url, limits=Limits(tokens=900), max_tokens=200, in_flight=8)

        def ask(_: int) -> bool:
            try:
                model.complete(LETTER)
            except ModelUnavailable:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(ask, range(8))) == 2
    assert book.spending_since(shared.NOW).tokens <= 900


def test_an_hour_has_its_limit_too(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """A flood of cheap mails stays below the day's tokens and still fills a provider's log with thousands of calls."""
    with ScriptedEndpoint(completion("x", usage=SPENT)) as endpoint:
        limits = Limits(hourly_calls=3)

        def ask(minutes: int) -> None:
            model_of(endpoint.base_url, limits=limits, now=shared.NOW + timedelta(minutes=minutes)).complete(LETTER)

        for minutes in (0, 20, 40):
            ask(minutes)
        with pytest.raises(ModelUnavailable, match="3 of 3 calls within the last hour"):
            ask(59)
        ask(61)
    assert len(book.calls) == len(endpoint.requests) == 4


def test_the_day_is_the_owners(model_of: shared.ModelOf) -> None:
    """A budget that begins anew at midnight in London stops an owner in Auckland at noon."""
    zone = ZoneInfo("Pacific/Auckland")
    with ScriptedEndpoint(completion("x", usage=SPENT)) as endpoint:
        limits = Limits(tokens=600, timezone=zone)
        evening, morning = datetime(2026, 11, 20, 10, 30, tzinfo=UTC), datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
        assert (evening.astimezone(zone).day, morning.astimezone(zone).day) == (20, 21)
        model_of(endpoint.base_url, limits=limits, now=evening).complete(LETTER)
        with pytest.raises(ModelUnavailable):
            model_of(endpoint.base_url, limits=limits, now=evening).complete(LETTER)
        assert model_of(endpoint.base_url, limits=limits, now=morning).complete(LETTER).text == "x"


def test_a_limit_in_money_needs_a_price(model_of: shared.ModelOf) -> None:
    """A limit that counts nothing is no limit, and must not look like one."""
    model = model_of("https://llm.example/v1", model="house-model-7", limits=Limits(cost=Decimal(5)))
    with pytest.raises(ConfigError, match="price"):
        model.complete(LETTER)


def test_the_estimate_is_on_the_high_side() -> None:
    """An estimate below the truth lets the last call pass the limit. Real prose has four characters a token."""
    assert estimate(3000, 500) == Usage(1001, 500)


def test_the_configs_limits_are_read_exactly() -> None:
    """0.1 as a float is not a tenth, and sums of it never meet the limit."""
    settings = Llm(model="m", daily_budget=0.1, daily_tokens=5000)
    assert Limits.of(settings, UTC) == Limits(Decimal("0.1"), 5000, timezone=UTC)
    assert Limits.of(Llm(model="m", hourly_calls=60), UTC).hourly_calls == 60
    assert Limits.of(settings, UTC).any
    assert not Limits.of(Llm(model="m"), UTC).any
