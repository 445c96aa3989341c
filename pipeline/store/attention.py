"""What wants a person and no draft. One item a kind and subject, however often it is raised."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from pipeline.domain.ids import AttentionId, ClientId, MailId, ProposalId
from pipeline.domain.proposal import AttentionItem, AttentionStatus
from pipeline.errors import StateError
from pipeline.store.database import moment, utc

_WAITING = frozenset({AttentionStatus.OPEN, AttentionStatus.SNOOZED})


def _item(row: Row[Any]) -> AttentionItem:
    return AttentionItem(
        id=AttentionId(row.id),
        kind=row.kind,
        message=row.message,
        status=AttentionStatus(row.status),
        created_at=moment(row.created_at),
        mail_id=row.mail_id,
        client_id=row.client_id,
        proposal_id=row.proposal_id,
        snoozed_until=moment(row.snoozed_until) if row.snoozed_until else None,
    )


def raise_attention(
    tx: Connection,
    kind: str,
    message: str,
    *,
    now: datetime,
    mail_id: MailId | None = None,
    client_id: ClientId | None = None,
    proposal_id: ProposalId | None = None,
    subject: str = "",
) -> bool:
    """Add an item; False if this kind was raised for the same subject before (whatever became of it)."""
    about = subject or next(
        (
            f"{name}:{number}"
            for name, number in (("proposal", proposal_id), ("mail", mail_id), ("client", client_id))
            if number is not None
        ),
        "firmly",
    )
    return bool(
        tx.execute(
            text(
                "INSERT INTO attention (kind, subject, message, status, mail_id, client_id, proposal_id, created_at, updated_at)"
                " VALUES (:kind, :subject, :message, 'open', :mail_id, :client_id, :proposal_id, :now, :now)"
                " ON CONFLICT (kind, subject) DO NOTHING",
            ),
            {
                "kind": kind,
                "subject": about,
                "message": message,
                "mail_id": mail_id,
                "client_id": client_id,
                "proposal_id": proposal_id,
                "now": utc(now),
            },
        ).rowcount,
    )


def open_items(tx: Connection) -> list[AttentionItem]:
    """Items that nobody has looked at, oldest first."""
    rows = tx.execute(text("SELECT * FROM attention WHERE status = 'open' ORDER BY created_at, id"))
    return [_item(row) for row in rows]


def snoozed_items(tx: Connection) -> list[AttentionItem]:
    """Items that sleep, the first to wake first."""
    rows = tx.execute(text("SELECT * FROM attention WHERE status = 'snoozed' ORDER BY snoozed_until, id"))
    return [_item(row) for row in rows]


def item(tx: Connection, attention_id: AttentionId) -> AttentionItem | None:
    """One item."""
    row = tx.execute(text("SELECT * FROM attention WHERE id = :id"), {"id": attention_id}).first()
    return None if row is None else _item(row)


def close(tx: Connection, attention_id: AttentionId, status: AttentionStatus, *, actor: str, now: datetime) -> None:
    """A person has seen it. Raises StateError if it is closed already."""
    _move(tx, attention_id, _WAITING, status, actor=actor, now=now)


def snooze(tx: Connection, attention_id: AttentionId, until: datetime, *, actor: str, now: datetime) -> None:
    """Out of sight until then. Raises StateError if it is closed."""
    _move(tx, attention_id, _WAITING, AttentionStatus.SNOOZED, actor=actor, now=now, until=until)


def reopen(tx: Connection, attention_id: AttentionId, *, actor: str, now: datetime) -> None:
    """What was closed or snoozed waits again. Raises StateError if it is open."""
    closed = frozenset(AttentionStatus) - {AttentionStatus.OPEN}
    _move(tx, attention_id, closed, AttentionStatus.OPEN, actor=actor, now=now)


def due_to_wake(tx: Connection, now: datetime) -> list[AttentionId]:
    """Snoozed items whose time has come."""
    query = text("SELECT id FROM attention WHERE status = 'snoozed' AND snoozed_until <= :now ORDER BY id")
    return [AttentionId(int(row.id)) for row in tx.execute(query, {"now": utc(now)})]


def wake(tx: Connection, now: datetime) -> None:
    """Snoozed items whose time has come are open again."""
    for attention_id in due_to_wake(tx, now):
        _move(tx, attention_id, {AttentionStatus.SNOOZED}, AttentionStatus.OPEN, actor="firmly", now=now)


def _move(
    tx: Connection,
    attention_id: AttentionId,
    before: Collection[AttentionStatus],
    after: AttentionStatus,
    *,
    actor: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Change the status of an item that is in one of these states, and write down who did it."""
    found = item(tx, attention_id)
    if found is None or found.status not in before:
        said = f"Attention item a{attention_id} is {found.status}." if found else f"There is no item a{attention_id}."
        raise StateError(f"{said} Nothing was changed.", fix="firmly queue list shows the open ones.")
    tx.execute(
        text("UPDATE attention SET status = :status, snoozed_until = :until, updated_at = :now WHERE id = :id"),
        {"status": after.value, "until": utc(until) if until else None, "now": utc(now), "id": attention_id},
    )
    tx.execute(
        text(
            "INSERT INTO events (at, actor, event, attention_id, from_status, to_status)"
            " VALUES (:now, :actor, 'attention', :id, :before, :after)",
        ),
        {"now": utc(now), "actor": actor, "id": attention_id, "before": found.status.value, "after": after.value},
    )


def outdate(tx: Connection, kind: str, client_id: ClientId, now: datetime) -> None:
    """What waiting items of this kind say of a client holds no longer. They are not raised anew for the same subject."""
    rows = tx.execute(
        text("SELECT * FROM attention WHERE kind = :kind AND client_id = :client"), {"kind": kind, "client": client_id}
    )
    _acknowledge(tx, [_item(row) for row in rows], actor="firmly", now=now)


def settle(tx: Connection, kind: str, subject: str, *, actor: str, now: datetime) -> None:
    """The reason of an item went away: it is closed, and raised anew the next time."""
    same = {"kind": kind, "subject": subject}
    rows = tx.execute(text("SELECT * FROM attention WHERE kind = :kind AND subject = :subject"), same)
    _acknowledge(tx, [_item(row) for row in rows], actor=actor, now=now)
    tx.execute(
        text("UPDATE attention SET subject = subject || '#' || id WHERE kind = :kind AND subject = :subject"), same
    )


def _acknowledge(tx: Connection, items: Collection[AttentionItem], *, actor: str, now: datetime) -> None:
    for waiting in (one for one in items if one.status in _WAITING):
        _move(tx, waiting.id, _WAITING, AttentionStatus.ACKNOWLEDGED, actor=actor, now=now)
