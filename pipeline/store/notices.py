"""What was told to the owner already, so that nothing is told twice."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, text

from pipeline.store.database import utc


class NoticeState(StrEnum):
    """How telling ended. A row is written before anything is told: what may have been told is not told again."""

    TELLING = "telling"
    TOLD = "told"
    FAILED = "failed"  # for certain; the next run tells it


@dataclass(frozen=True, slots=True)
class Untold:
    """What wants a person and was not told yet."""

    replies: int
    """Proposals that are new, woke from a snooze, or came back from the server."""
    matters: int
    """Attention items, uncertain deliveries among them."""
    last_event: int
    last_attention: int
    """Up to these numbers of `events` and `attention` it goes."""


def untold(tx: Connection) -> Untold:
    """What came since the last notice and still waits. Reads only what is newer."""
    last = tx.execute(
        text(
            "SELECT last_event, last_attention FROM notices WHERE state != 'failed' ORDER BY id DESC LIMIT 1",
        ),
    ).first()
    since = (last.last_event, last.last_attention) if last else (0, 0)
    row = tx.execute(
        text(
            "SELECT (SELECT count(DISTINCT e.proposal_id) FROM events e JOIN proposals p ON p.id = e.proposal_id"
            " WHERE e.id > :event AND e.actor = 'firmly' AND e.to_status = 'pending' AND p.status = 'pending') AS replies,"
            " (SELECT count(*) FROM attention WHERE status = 'open' AND (id > :attention"
            " OR id IN (SELECT e.attention_id FROM events e WHERE e.id > :event AND e.actor = 'firmly'"
            " AND e.to_status = 'open'))) AS matters,"
            " (SELECT coalesce(max(id), 0) FROM events) AS event, (SELECT coalesce(max(id), 0) FROM attention) AS attention",
        ),
        {"event": since[0], "attention": since[1]},
    ).one()
    return Untold(row.replies, row.matters, row.event, row.attention)


def waiting(tx: Connection) -> int:
    """How much waits in all: proposals and attention items."""
    return int(
        tx.execute(
            text(
                "SELECT (SELECT count(*) FROM proposals WHERE status IN ('pending', 'uncertain'))"
                " + (SELECT count(*) FROM attention WHERE status = 'open')",
            ),
        ).scalar_one(),
    )


def add_notice(tx: Connection, told: Untold, *, now: datetime) -> int:
    """Write down that this is being told; gives the notice's number."""
    return int(
        tx.execute(
            text(
                "INSERT INTO notices (at, state, last_event, last_attention) VALUES (:now, 'telling', :event, :attention)"
                " RETURNING id",
            ),
            {"now": utc(now), "event": told.last_event, "attention": told.last_attention},
        ).scalar_one(),
    )


def record_notice(tx: Connection, notice: int, state: NoticeState) -> None:
    """Say how telling ended."""
    tx.execute(text("UPDATE notices SET state = :state WHERE id = :id"), {"state": state.value, "id": notice})
