"""What lists show: only the columns of a line, ordered by what matters. Reads, never writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from pipeline.domain.ids import AttentionId, ClientId, MailId, ProposalId
from pipeline.domain.proposal import ProposalStatus
from pipeline.store import search
from pipeline.store.database import moment, utc

_WAITING = "p.status IN ('pending', 'approved', 'delivering', 'uncertain')"
_TABLES = "proposals p JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version LEFT JOIN clients c ON c.id = p.client_id"
# Deliveries that want a decision first, then the gravest label, then the oldest; what only waits for a run comes last.
_ORDER = (
    " ORDER BY CASE WHEN p.status = 'uncertain' THEN 0 WHEN p.problem != '' THEN 1 WHEN p.status = 'pending' THEN 2 ELSE 3 END,"
    " coalesce(json_extract(:severity, '$.\"' || json_extract(p.strategy, '$.label') || '\"'), 0) DESC, p.created_at, p.id"
)
_LINE = (
    "SELECT p.id, p.status, p.created_at, p.updated_at, p.snoozed_until, p.problem, json_array_length(p.warnings) AS warnings,"
    " json_extract(p.strategy, '$.play') AS play, json_extract(p.strategy, '$.label') AS label,"
    " json_extract(p.strategy, '$.step') AS step, json_extract(p.addressing, '$.subject') AS subject,"
    " json_extract(p.addressing, '$.to_email') AS to_email, c.name AS client, d.author, d.language,"
    " instr(d.findings, '\"block\"') > 0 AS blocked, m.written_at, json_extract(s.output, '$.tone') AS tone,"
    " json_extract(s.output, '$.behaviours[0].quote') AS quote"
    f" FROM {_TABLES} LEFT JOIN mails m ON m.id = p.mail_id LEFT JOIN steps s ON s.mail_id = p.mail_id AND s.stage = 'classify'"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal as a list shows it."""

    id: ProposalId
    status: ProposalStatus
    client: str
    """The client's name, or the address where nobody is known by it."""
    play: str
    label: str
    step: str
    subject: str
    language: str
    author: str
    blocked: bool
    warnings: int
    problem: str
    tone: str
    quote: str
    at: datetime
    """When the mail was written; when the letter was proposed, where it answers none."""
    updated_at: datetime
    snoozed_until: datetime | None


def _line(row: Row[Any]) -> Line:
    return Line(
        id=ProposalId(row.id),
        status=ProposalStatus(row.status),
        client=row.client or row.to_email,
        play=row.play or "",
        label=row.label or "",
        step=row.step or "",
        subject=row.subject,
        language=row.language,
        author=row.author,
        blocked=bool(row.blocked),
        warnings=row.warnings,
        problem=row.problem,
        tone=row.tone or "",
        quote=row.quote or "",
        at=moment(row.written_at or row.created_at),
        updated_at=moment(row.updated_at),
        snoozed_until=moment(row.snoozed_until) if row.snoozed_until else None,
    )


BLOCK = 1000
"""A queue is ranked in blocks of so many: more of them, nobody compares, and ranking reads whole rows."""
_OLDEST = (
    " ORDER BY CASE p.status WHEN 'uncertain' THEN 0 WHEN 'pending' THEN 2 ELSE 1 END, p.updated_at, p.id"
    " LIMIT :block OFFSET :before"
)


def order_of_waiting(
    tx: Connection, severity: Mapping[str, int], *, words: str = "", limit: int = 50, offset: int = 0
) -> list[ProposalId]:
    """The proposals that wait, by what matters; of a queue longer than `BLOCK`, block by block, the longest waiting first.

    `severity` by label; `words` restrict to what holds all of them, in any case.
    """
    found, given = search.condition(tx, words)
    block = f"SELECT p.id FROM proposals p WHERE {_WAITING} AND {found}{_OLDEST}"
    query = f"SELECT p.id FROM proposals p WHERE p.id IN ({block}){_ORDER} LIMIT :limit OFFSET :offset"
    rows = tx.execute(
        text(query),
        {
            **given,
            "severity": json.dumps(dict(severity)),
            "limit": limit,
            "offset": offset % BLOCK,
            "block": BLOCK,
            "before": offset - offset % BLOCK,
        },
    )
    return [ProposalId(int(row.id)) for row in rows]


def lines(tx: Connection, ids: list[ProposalId]) -> list[Line]:
    """These proposals as lines, in this order."""
    query = text(f"{_LINE} WHERE p.id IN (SELECT value FROM json_each(:ids))")
    found = {row.id: _line(row) for row in tx.execute(query, {"ids": json.dumps(ids)})}
    return [found[i] for i in ids if i in found]


def count_waiting(tx: Connection, words: str = "") -> int:
    """How many proposals wait, and hold these words."""
    found, given = search.condition(tx, words)
    query = f"SELECT count(*) FROM proposals p WHERE {_WAITING} AND {found}"
    return int(tx.execute(text(query), given).scalar_one())


def newest_with(tx: Connection, status: ProposalStatus, *, limit: int = 50) -> list[Line]:
    """The proposals of a state that changed last, newest first."""
    rows = tx.execute(
        text(
            "SELECT p.id FROM proposals p WHERE p.status = :status ORDER BY p.updated_at DESC, p.id DESC LIMIT :limit"
        ),
        {"status": status.value, "limit": limit},
    )
    return lines(tx, [ProposalId(int(row.id)) for row in rows])


def of_client(tx: Connection, client_id: ClientId, *, limit: int = 50) -> list[Line]:
    """The newest proposals for a client, newest first."""
    rows = tx.execute(
        text("SELECT id FROM proposals WHERE client_id = :client ORDER BY id DESC LIMIT :limit"),
        {"client": client_id, "limit": limit},
    )
    return lines(tx, [ProposalId(int(row.id)) for row in rows])


def open_attention(tx: Connection) -> int:
    """How many attention items are open."""
    return int(tx.execute(text("SELECT count(*) FROM attention WHERE status = 'open'")).scalar_one())


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail as a list shows it."""

    id: MailId
    direction: str
    written_at: datetime
    subject: str
    tone: str
    labels: tuple[str, ...]


def mails_of_client(tx: Connection, client_id: ClientId, *, limit: int = 60) -> list[MailLine]:
    """The newest mails of and to a client, newest first."""
    rows = tx.execute(
        text(
            "SELECT m.id, m.direction, m.written_at, json_extract(p.output, '$.subject') AS subject,"
            " json_extract(c.output, '$.tone') AS tone, json_extract(c.output, '$.behaviours') AS behaviours"
            " FROM mails m LEFT JOIN steps p ON p.mail_id = m.id AND p.stage = 'parse'"
            " LEFT JOIN steps c ON c.mail_id = m.id AND c.stage = 'classify'"
            " WHERE m.client_id = :client ORDER BY m.written_at DESC, m.id DESC LIMIT :limit",
        ),
        {"client": client_id, "limit": limit},
    )
    return [
        MailLine(
            MailId(row.id),
            row.direction,
            moment(row.written_at),
            row.subject or "",
            row.tone or "",
            tuple(b["label"] for b in json.loads(row.behaviours or "[]")),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class StepLine:
    """What a stage made of a mail during a run."""

    mail_id: MailId
    stage: str
    state: str
    problem: str
    at: datetime


def steps_between(tx: Connection, start: datetime, end: datetime, *, limit: int = 500) -> list[StepLine]:
    """The steps that ended between two moments, oldest first."""
    rows = tx.execute(
        text(
            "SELECT mail_id, stage, state, problem, updated_at FROM steps WHERE updated_at BETWEEN :start AND :end"
            " ORDER BY updated_at, mail_id LIMIT :limit",
        ),
        {"start": utc(start), "end": utc(end), "limit": limit},
    )
    return [StepLine(MailId(r.mail_id), r.stage, r.state, r.problem, moment(r.updated_at)) for r in rows]


def proposals_that(tx: Connection, event: str, start: datetime, end: datetime, *, limit: int = 500) -> list[Line]:
    """The proposals that an event of this name befell between two moments, in the order of their numbers."""
    rows = tx.execute(
        text(
            "SELECT DISTINCT proposal_id AS id FROM events WHERE event = :event AND at BETWEEN :start AND :end"
            " ORDER BY proposal_id LIMIT :limit"
        ),
        {"event": event, "start": utc(start), "end": utc(end), "limit": limit},
    )
    return lines(tx, [ProposalId(int(row.id)) for row in rows])


def attention_raised(tx: Connection, start: datetime, end: datetime, *, limit: int = 500) -> list[AttentionId]:
    """The attention items that were raised between two moments, oldest first."""
    rows = tx.execute(
        text("SELECT id FROM attention WHERE created_at BETWEEN :start AND :end ORDER BY created_at, id LIMIT :limit"),
        {"start": utc(start), "end": utc(end), "limit": limit},
    )
    return [AttentionId(int(row.id)) for row in rows]


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call to an endpoint as a list shows it; the answer's text stays in the store."""

    at: datetime
    purpose: str
    model: str
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost: Decimal | None
    currency: str
    latency_ms: int
    outcome: str
    mail_id: MailId | None


def calls(tx: Connection, *, purpose: str, model: str, limit: int = 200) -> list[CallLine]:
    """The newest calls of a purpose and a model, newest first."""
    rows = tx.execute(
        text(
            "SELECT l.*, (SELECT max(m.id) FROM mails m WHERE m.message_id = l.message_id AND l.message_id != '') AS mail"
            " FROM llm_calls l WHERE l.purpose = :purpose AND l.model = :model ORDER BY l.id DESC LIMIT :limit",
        ),
        {"purpose": purpose, "model": model, "limit": limit},
    )
    return [
        CallLine(
            moment(r.at),
            r.purpose,
            r.model,
            r.tokens_in,
            r.tokens_out,
            r.tokens_cached,
            None if r.cost_nano is None else Decimal(r.cost_nano) / 1_000_000_000,
            r.currency,
            r.latency_ms,
            r.outcome,
            r.mail,
        )
        for r in rows
    ]
