"""Calls in the store: exact sums, what is remembered of endpoints, and many threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import llm_fixtures as shared
import pytest
from servers.scripted_endpoint import ScriptedEndpoint, completion

from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities, ModelCall, Rung, Spending, Usage
from pipeline.domain.ledger import Money
from pipeline.llm import EndpointModel, Request
from pipeline.store.database import Database
from pipeline.store.llm_calls import CallBook, calls_of, forget_answers, totals_since

NOW = shared.NOW


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """A fresh store."""
    db = Database(tmp_path / "firmly.db")
    db.upgrade(NOW)
    return db


def call(cost: str | None = "0.1", minutes: int = 0, **fields: object) -> ModelCall:
    """A call that cost this much."""
    usual = {
        "at": NOW + timedelta(minutes=minutes), "purpose": "classify", "reference": "<1@x.test>", "endpoint": "https://llm.example/v1",
        "model": "m", "served_by": "m-1", "prompt_hash": "abc", "request_hash": "def", "rung": Rung.STRICT,
        "usage": Usage(1000, 100, 800), "cost": None if cost is None else Money("USD", Decimal(cost)), "latency_ms": 250,
        "outcome": "answered", "raw": "{}",
    }  # fmt: skip
    return ModelCall(**{**usual, **fields})  # type: ignore[arg-type]


def test_a_call_comes_back_as_it_was_written(db: Database) -> None:
    """`firmly explain` would tell another story than what happened."""
    book = CallBook(db)
    written = [
        call("0.000000123"),
        call(None, reference=None, rung=None),
        call(usage=Usage(), outcome="timeout", raw=""),
    ]
    ids = [book.record(one) for one in written]
    book.conclude(ids[0], "used")
    with db.read() as tx:
        first, last = calls_of(tx, "<1@x.test>")
    assert (first.outcome, first.cost, first.usage, first.rung) == (
        "used",
        Money("USD", Decimal("0.000000123")),
        Usage(1000, 100, 800),
        Rung.STRICT,
    )
    assert last == written[2]


def test_a_thousand_small_costs_sum_exactly(db: Database) -> None:
    """A sum of floats drifts below the limit while the account drifts above it."""
    book = CallBook(db)
    for _ in range(30):
        book.record(call("0.1"))
    book.record(call(None))
    book.record(call("7", minutes=-1))
    assert book.spending_since(NOW) == Spending(31, 31 * 1100, Decimal("3.0"), 1)
    assert book.spending_since(NOW + timedelta(days=1)) == Spending()


def test_totals_tell_purposes_and_models_apart(db: Database) -> None:
    """`firmly stats` would mix the judge's cost with the writer's."""
    book = CallBook(db)
    for one in (
        call(),
        call(None, outcome="timeout"),
        replace(call(), purpose="write", model="n", cost=Money("EUR", Decimal(2))),
    ):
        book.record(one)
    book.conclude(1, "used")
    with db.read() as tx:
        totals = totals_since(tx, NOW)
    found = {(t.purpose, t.model, t.currency): (t.calls, t.used, t.cost, t.unpriced) for t in totals}
    assert found == {
        ("classify", "m", "USD"): (1, 1, Decimal("0.1"), 0),
        ("classify", "m", ""): (1, 0, Decimal(0), 1),
        ("write", "n", "EUR"): (1, 0, Decimal(2), 0),
    }


def test_old_answers_go_and_their_costs_stay(db: Database) -> None:
    """Answers quote mail; they must not outlive what they quote."""
    book = CallBook(db)
    book.record(call(raw="a quote", minutes=-1))
    book.record(call(raw="another"))
    with db.write() as tx:
        assert forget_answers(tx, NOW) == 1
    with db.read() as tx:
        assert [one.raw for one in calls_of(tx, "<1@x.test>")] == ["", "another"]
    assert book.spending_since(NOW - timedelta(days=1)).calls == 2


def test_what_was_learned_is_replaced_per_model(db: Database) -> None:
    """A model would be asked in the way that another one needs."""
    book = CallBook(db)
    for rung in (Rung.TEXT, Rung.OBJECT):
        book.remember("u", "m", Abilities(rung, "max_completion_tokens", temperature=False, stretch=2, learned_at=NOW))
    assert book.recall("u", "m") == Abilities(
        Rung.OBJECT, "max_completion_tokens", temperature=False, stretch=2, learned_at=NOW
    )
    assert book.recall("u", "n") is None
    with pytest.raises(ValueError, match="without the moment"):
        book.remember("u", "m", Abilities())


def test_threads_write_their_calls_side_by_side(db: Database) -> None:
    """`database is locked` in the middle of a run would lose paid answers."""
    book = CallBook(db)
    start = threading.Barrier(8, timeout=10)

    def write(_: int) -> None:
        start.wait()
        for _ in range(5):
            book.conclude(book.record(call()), "used")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with db.read() as tx:
        assert [one.outcome for one in calls_of(tx, "<1@x.test>")] == ["used"] * 40


def test_a_second_run_learns_and_writes_nothing_new(db: Database) -> None:
    """Each call writes its own row; what is known of the endpoint is written once, not with every mail."""
    remembered: list[str] = []

    class Counting(CallBook):
        def remember(self, base_url: str, model: str, abilities: Abilities) -> None:
            remembered.append(model)
            super().remember(base_url, model, abilities)

    book = Counting(db)
    with ScriptedEndpoint(completion("x")) as endpoint:
        for _ in range(2):
            model = EndpointModel(Llm(base_url=endpoint.base_url, model="m"), log=book, memory=book, clock=lambda: NOW)
            for _ in range(2):
                model.complete(Request(purpose="write", static="s", mail="m", prompt_hash="h"))
            model.close()
    assert remembered == ["m"]
    assert book.spending_since(NOW).calls == 4
