"""Calls to a model endpoint: what each cost, what it answered, and what an endpoint turned out to need."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Row, text

from pipeline.domain.calls import Abilities, ModelCall, Rung, Spending, Usage
from pipeline.domain.ledger import Money
from pipeline.store.database import Database, moment, utc

_NANO = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the calls of one purpose and model came to."""

    purpose: str
    model: str
    calls: int
    used: int
    """Calls whose answer was used."""
    usage: Usage
    cost: Decimal
    currency: str
    unpriced: int
    latency_ms: int
    """Of all calls together."""


def add_call(tx: Connection, call: ModelCall) -> int:
    """Write a call down. Gives its id."""
    done = tx.execute(
        text(
            "INSERT INTO llm_calls (at, purpose, message_id, endpoint, model, served_by, prompt_hash, request_hash, rung,"
            " tokens_in, tokens_out, tokens_cached, cost_nano, currency, latency_ms, outcome, raw)"
            " VALUES (:at, :purpose, :message_id, :endpoint, :model, :served_by, :prompt_hash, :request_hash, :rung,"
            " :tokens_in, :tokens_out, :tokens_cached, :cost_nano, :currency, :latency_ms, :outcome, :raw) RETURNING id",
        ),
        {
            "at": utc(call.at),
            "purpose": call.purpose,
            "message_id": call.reference or "",
            "endpoint": call.endpoint,
            "model": call.model,
            "served_by": call.served_by,
            "prompt_hash": call.prompt_hash,
            "request_hash": call.request_hash,
            "rung": call.rung,
            "tokens_in": call.usage.tokens_in,
            "tokens_out": call.usage.tokens_out,
            "tokens_cached": call.usage.tokens_cached,
            "cost_nano": None if call.cost is None else int((call.cost.amount * _NANO).to_integral_value()),
            "currency": call.cost.currency if call.cost else "",
            "latency_ms": call.latency_ms,
            "outcome": call.outcome,
            "raw": call.raw,
        },
    )
    return int(done.scalar_one())


def record_outcome(tx: Connection, call_id: int, outcome: str) -> None:
    """Say what became of the answer."""
    tx.execute(text("UPDATE llm_calls SET outcome = :outcome WHERE id = :id"), {"outcome": outcome, "id": call_id})


def spending_since(tx: Connection, since: datetime) -> Spending:
    """What all calls since a moment came to, by any process. Currencies are not told apart: an owner has one price list."""
    row = tx.execute(
        text(
            "SELECT count(*) AS calls, coalesce(sum(tokens_in + tokens_out), 0) AS tokens,"
            " coalesce(sum(cost_nano), 0) AS nano, count(*) - count(cost_nano) AS unpriced"
            " FROM llm_calls WHERE at >= :since",
        ),
        {"since": utc(since)},
    ).one()
    return Spending(row.calls, row.tokens, Decimal(row.nano) / _NANO, row.unpriced)


def newest_call(tx: Connection) -> int:
    """The number of the newest call; 0 if there is none. Two of these say how many calls lie between."""
    return int(tx.execute(text("SELECT coalesce(max(id), 0) FROM llm_calls")).scalar_one())


def any_used_since(tx: Connection, purpose: str, since: datetime) -> bool:
    """Whether an answer to this purpose was used since a moment: the endpoint was there."""
    query = text(
        "SELECT EXISTS (SELECT 1 FROM llm_calls WHERE at > :since AND purpose = :purpose AND outcome = 'used')"
    )
    return bool(tx.execute(query, {"since": utc(since), "purpose": purpose}).scalar_one())


def totals_since(tx: Connection, since: datetime) -> list[Totals]:
    """The same by purpose, model and currency, for `firmly stats`."""
    rows = tx.execute(
        text(
            "SELECT purpose, model, max(currency) AS currency, count(*) AS calls, sum(outcome = 'used') AS used,"
            " sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out, sum(tokens_cached) AS tokens_cached,"
            " coalesce(sum(cost_nano), 0) AS nano, count(*) - count(cost_nano) AS unpriced, sum(latency_ms) AS latency"
            " FROM llm_calls WHERE at >= :since GROUP BY purpose, model, nullif(currency, '')"
            " ORDER BY purpose, model, currency",
        ),
        {"since": utc(since)},
    )
    return [
        Totals(
            r.purpose,
            r.model,
            r.calls,
            r.used,
            Usage(r.tokens_in, r.tokens_out, r.tokens_cached),
            Decimal(r.nano) / _NANO,
            r.currency,
            r.unpriced,
            r.latency,
        )
        for r in rows
    ]


def calls_of(tx: Connection, message_id: str) -> list[ModelCall]:
    """The calls that were made for a mail, oldest first, for `firmly explain`."""
    rows = tx.execute(text("SELECT * FROM llm_calls WHERE message_id = :id ORDER BY id"), {"id": message_id})
    return [_call(row) for row in rows]


def _call(row: Row[tuple[object, ...]]) -> ModelCall:
    return ModelCall(
        at=moment(row.at),
        purpose=row.purpose,
        reference=row.message_id or None,
        endpoint=row.endpoint,
        model=row.model,
        served_by=row.served_by,
        prompt_hash=row.prompt_hash,
        request_hash=row.request_hash,
        rung=Rung(row.rung) if row.rung else None,
        usage=Usage(row.tokens_in, row.tokens_out, row.tokens_cached),
        cost=None if row.cost_nano is None else Money(row.currency, Decimal(row.cost_nano) / _NANO),
        latency_ms=row.latency_ms,
        outcome=row.outcome,
        raw=row.raw,
    )


def forget_answers(tx: Connection, before: datetime) -> int:
    """Empty the raw answers from before a moment, because they quote mail; counts and costs stay. Gives how many."""
    done = tx.execute(text("UPDATE llm_calls SET raw = '' WHERE at < :before AND raw <> ''"), {"before": utc(before)})
    return int(done.rowcount)


def abilities(tx: Connection, base_url: str, model: str) -> Abilities | None:
    """What was learned about a model behind an endpoint; None if it never answered."""
    row = tx.execute(
        text("SELECT * FROM llm_endpoints WHERE base_url = :url AND model = :model"), {"url": base_url, "model": model}
    ).one_or_none()
    if row is None:
        return None
    return Abilities(Rung(row.rung), row.tokens_field, bool(row.temperature), row.stretch, moment(row.learned_at))


def record_abilities(tx: Connection, base_url: str, model: str, learned: Abilities, learned_at: datetime) -> None:
    """Replace what was learned."""
    tx.execute(
        text(
            "INSERT INTO llm_endpoints (base_url, model, rung, tokens_field, temperature, stretch, learned_at)"
            " VALUES (:url, :model, :rung, :tokens_field, :temperature, :stretch, :at)"
            " ON CONFLICT (base_url, model) DO UPDATE SET rung = excluded.rung, tokens_field = excluded.tokens_field,"
            " temperature = excluded.temperature, stretch = excluded.stretch, learned_at = excluded.learned_at",
        ),
        {
            "url": base_url,
            "model": model,
            "rung": learned.rung,
            "tokens_field": learned.tokens_field,
            "temperature": int(learned.temperature),
            "stretch": learned.stretch,
            "at": utc(learned_at),
        },
    )


class CallBook:
    """The calls of one database, each change in a transaction of its own. Safe for threads.

    Has the form of the ports `CallLog` and `EndpointMemory`. Two things keep sixteen calls in flight from waiting for the
    file: threads take turns by a lock, because SQLite's own way of waiting is to look again after up to 100 ms; and one
    idle connection is held, because SQLite folds its log into the file whenever the last one closes, which here would
    be after every call.
    """

    def __init__(self, db: Database) -> None:
        """Nothing is opened before the first call."""
        self._db = db
        self._turn = threading.Lock()
        self._held: Connection | None = None

    def record(self, call: ModelCall) -> int:
        """See `add_call`."""
        with self._write() as tx:
            return add_call(tx, call)

    def conclude(self, call_id: int, outcome: str) -> None:
        """See `record_outcome`."""
        with self._write() as tx:
            record_outcome(tx, call_id, outcome)

    def spending_since(self, moment: datetime) -> Spending:
        """See `spending_since`."""
        with self._db.read() as tx:
            return spending_since(tx, moment)

    def recall(self, base_url: str, model: str) -> Abilities | None:
        """See `abilities`."""
        with self._db.read() as tx:
            return abilities(tx, base_url, model)

    def remember(self, base_url: str, model: str, abilities: Abilities) -> None:
        """See `record_abilities`. `learned_at` is set by whoever learned it."""
        learned_at = abilities.learned_at
        if learned_at is None:
            raise ValueError("abilities without the moment at which they were learned")
        with self._write() as tx:
            record_abilities(tx, base_url, model, abilities, learned_at)

    def close(self) -> None:
        """Let go of the file; the next call takes it again."""
        with self._turn:
            if self._held is not None:
                self._held.close()
                self._held = None

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._turn, self._db.write() as tx:
            if self._held is None:
                self._held = self._db.engine.connect()
                self._held.exec_driver_sql(
                    "SELECT 1 FROM llm_calls LIMIT 1"
                ).all()  # opens it; connecting alone does not
                self._held.rollback()
            yield tx


def repairs(tx: Connection) -> tuple[int, int]:
    """How often an unusable answer was followed by another call about the same thing, and how often that one was used."""
    row = tx.execute(
        text(
            "SELECT count(then_came) AS asked, coalesce(sum(then_came = 'used'), 0) AS helped FROM (SELECT outcome,"
            " lead(outcome) OVER (PARTITION BY purpose, message_id ORDER BY id) AS then_came FROM llm_calls) AS pairs"
            " WHERE outcome = 'unusable'",
        ),
    ).one()
    return int(row.asked), int(row.helped)


def outcomes(tx: Connection) -> dict[tuple[str, str, str], int]:
    """How many calls there were, by purpose, rung (empty where none was used) and outcome."""
    rows = tx.execute(
        text(
            "SELECT purpose, coalesce(rung, '') AS rung, outcome, count(*) AS calls FROM llm_calls"
            " GROUP BY purpose, coalesce(rung, ''), outcome",
        ),
    )
    return {(row.purpose, row.rung, row.outcome): int(row.calls) for row in rows}
