"""The queue as it stands: proposals with their newest drafts, and what happened to them. Reads, never writes.

`changes` is the room for everything that becomes of a proposal.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from pipeline.domain.ids import ClientId, MailId, ProposalId, ThreadId
from pipeline.domain.proposal import LIVE, Addressing, Author, Draft, Finding, Proposal, ProposalStatus
from pipeline.domain.strategy import Stance, Strategy
from pipeline.store.codec import load
from pipeline.store.database import moment, utc

_SELECT = (
    "SELECT p.*, d.body, d.author, d.language, d.stance, d.findings, d.fallback_because, d.prompt"
    " FROM proposals p JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version"
)


@dataclass(frozen=True, slots=True)
class Event:
    """One change, and who made it."""

    at: datetime
    actor: str
    event: str
    from_status: str | None
    to_status: str | None
    version: int | None
    note: str


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=ProposalId(row.id),
        origin=row.origin,
        status=ProposalStatus(row.status),
        version=row.version,
        strategy=load(Strategy, row.strategy),
        draft=Draft(
            body=row.body,
            author=Author(row.author),
            language=row.language,
            stance=Stance(row.stance),
            findings=load(tuple[Finding, ...], row.findings),
            fallback_because=row.fallback_because,
            prompt=row.prompt,
        ),
        addressing=load(Addressing, row.addressing),
        client_id=row.client_id,
        mail_id=row.mail_id,
        thread_id=row.thread_id,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        warnings=load(tuple[str, ...], row.warnings),
        snoozed_until=moment(row.snoozed_until) if row.snoozed_until else None,
        message_id=row.message_id,
        approved_sha256=row.approved_sha256,
    )


def proposal(tx: Connection, proposal_id: ProposalId) -> Proposal | None:
    """One proposal with its newest draft."""
    row = tx.execute(text(f"{_SELECT} WHERE p.id = :id"), {"id": proposal_id}).first()
    return None if row is None else _proposal(row)


def proposals(tx: Connection, ids: Sequence[ProposalId]) -> list[Proposal]:
    """These proposals, in this order."""
    query = text(f"{_SELECT} WHERE p.id IN (SELECT value FROM json_each(:ids))")
    found = {row.id: _proposal(row) for row in tx.execute(query, {"ids": json.dumps(list(ids))})}
    return [found[number] for number in ids if number in found]


def live(tx: Connection, origin: str) -> Proposal | None:
    """The live proposal of an origin; there is at most one."""
    query = text(f"{_SELECT} WHERE p.origin = :origin AND p.status IN :live")
    row = tx.execute(
        query.bindparams(bindparam("live", expanding=True)),
        {"origin": origin, "live": [s.value for s in LIVE]},
    ).first()
    return None if row is None else _proposal(row)


def with_status(
    tx: Connection,
    statuses: Collection[ProposalStatus],
) -> list[Proposal]:
    """All proposals in any of these states, oldest first."""
    query = text(f"{_SELECT} WHERE p.status IN :statuses ORDER BY p.created_at, p.id")
    rows = tx.execute(
        query.bindparams(bindparam("statuses", expanding=True)),
        {"statuses": [s.value for s in statuses]},
    )
    return [_proposal(row) for row in rows]


def newest_in_state(tx: Connection, status: ProposalStatus, *, offset: int, limit: int) -> list[ProposalId]:
    """The proposals of a state, what changed last first."""
    query = text(
        "SELECT id FROM proposals WHERE status = :status ORDER BY updated_at DESC, id DESC LIMIT :limit OFFSET :offset"
    )
    rows = tx.execute(query, {"status": status.value, "limit": limit, "offset": offset})
    return [ProposalId(int(row.id)) for row in rows]


def of_thread(tx: Connection, thread_id: ThreadId) -> list[Proposal]:
    """All proposals of a thread, oldest first."""
    rows = tx.execute(text(f"{_SELECT} WHERE p.thread_id = :thread ORDER BY p.id"), {"thread": thread_id})
    return [_proposal(row) for row in rows]


def of_mail(tx: Connection, mail_id: MailId) -> list[Proposal]:
    """All proposals that a mail led to, oldest first."""
    rows = tx.execute(text(f"{_SELECT} WHERE p.mail_id = :mail ORDER BY p.id"), {"mail": mail_id})
    return [_proposal(row) for row in rows]


def letters_to(tx: Connection, client_id: ClientId) -> list[Proposal]:
    """The client's letters that answer no mail (chases and their kind) and are not at an end, oldest first."""
    query = text(f"{_SELECT} WHERE p.client_id = :client AND p.mail_id IS NULL AND p.status IN :states ORDER BY p.id")
    states = [s.value for s in (*LIVE, ProposalStatus.DELIVERED)]
    rows = tx.execute(query.bindparams(bindparam("states", expanding=True)), {"client": client_id, "states": states})
    return [_proposal(row) for row in rows]


def by_message_id(tx: Connection, message_id: str) -> Proposal | None:
    """The proposal whose approved reply has this Message-ID."""
    row = tx.execute(text(f"{_SELECT} WHERE p.message_id = :id"), {"id": message_id}).first()
    return None if row is None else _proposal(row)


def outgoing(tx: Connection, proposal_id: ProposalId) -> bytes | None:
    """The approved bytes; None if there is no approval."""
    found = tx.execute(text("SELECT outgoing FROM proposals WHERE id = :id"), {"id": proposal_id}).scalar()
    return None if found is None else bytes(found)


def due_to_wake(tx: Connection, now: datetime) -> bool:
    """Whether a snoozed proposal's time has come."""
    query = text("SELECT 1 FROM proposals WHERE status = 'snoozed' AND snoozed_until <= :now LIMIT 1")
    return tx.execute(query, {"now": utc(now)}).first() is not None


def sleepers(tx: Connection, now: datetime) -> list[Proposal]:
    """Snoozed proposals whose time has come."""
    query = text(f"{_SELECT} WHERE p.status = 'snoozed' AND p.snoozed_until <= :now")
    return [_proposal(row) for row in tx.execute(query, {"now": utc(now)})]


def problem_of(tx: Connection, proposal_id: ProposalId) -> str:
    """Why the last delivery did not work; empty if it did."""
    found = tx.execute(text("SELECT problem FROM proposals WHERE id = :id"), {"id": proposal_id}).scalar()
    return str(found or "")


def events_of(tx: Connection, proposal_id: ProposalId) -> list[Event]:
    """Everything that happened to a proposal, oldest first."""
    rows = tx.execute(
        text(
            "SELECT at, actor, event, from_status, to_status, version, note FROM events WHERE proposal_id = :id ORDER BY id"
        ),
        {"id": proposal_id},
    )
    return [Event(moment(r.at), r.actor, r.event, r.from_status, r.to_status, r.version, r.note) for r in rows]


def counts(tx: Connection) -> dict[str, int]:
    """How many proposals are in each state."""
    rows = tx.execute(text("SELECT status, count(*) AS n FROM proposals GROUP BY status"))
    return {row.status: int(row.n) for row in rows}
