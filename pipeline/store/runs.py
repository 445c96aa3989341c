"""One row a run: the only write of a run that finds nothing to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from pipeline.store.database import moment, utc


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run that ended."""

    started_at: datetime
    finished_at: datetime
    exit_code: int
    counts: dict[str, int]


def add_run(
    tx: Connection, started_at: datetime, finished_at: datetime, exit_code: int, counts: Mapping[str, int]
) -> None:
    """Write down how a run ended."""
    tx.execute(
        text(
            "INSERT INTO runs (started_at, finished_at, exit_code, counts) VALUES (:started, :finished, :code, :counts)",
        ),
        {
            "started": utc(started_at),
            "finished": utc(finished_at),
            "code": exit_code,
            "counts": json.dumps(dict(counts)),
        },
    )


def newest(tx: Connection, limit: int = 20) -> list[RunRow]:
    """The newest runs first."""
    rows = tx.execute(text("SELECT * FROM runs ORDER BY id DESC LIMIT :limit"), {"limit": limit})
    return [RunRow(moment(r.started_at), moment(r.finished_at), r.exit_code, json.loads(r.counts)) for r in rows]


def last_success(tx: Connection) -> datetime | None:
    """When a run last did all due work."""
    found = tx.execute(text("SELECT max(finished_at) FROM runs WHERE exit_code IN (0, 65)")).scalar()
    return None if found is None else moment(found)
