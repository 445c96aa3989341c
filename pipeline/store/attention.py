"""What wants a person and no draft. One item a kind and subject, however often it is raised."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from pipeline.domain.ids import AttentionId, ClientId, MailId, ProposalId
from pipeline.domain.proposal import AttentionItem, AttentionStatus
from pipeline.errors import StateError
from pipeline.store.database import moment, utc


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
    return [
        _item(row) for row in tx.execute(text("SELECT * FROM attention WHERE status = 'open' ORDER BY created_at, id"))
    ]


def item(tx: Connection, attention_id: AttentionId) -> AttentionItem | None:
    """One item."""
    row = tx.execute(text("SELECT * FROM attention WHERE id = :id"), {"id": attention_id}).first()
    return None if row is None else _item(row)


def close(tx: Connection, attention_id: AttentionId, status: AttentionStatus, *, actor: str, now: datetime) -> None:
    """A person has seen it. Raises StateError if it is not open."""
    changed = tx.execute(
        text("UPDATE attention SET status = :status, updated_at = :now WHERE id = :id AND status = 'open'"),
        {"status": status.value, "now": utc(now), "id": attention_id},
    ).rowcount
    if changed != 1:
        raise StateError(
            f"There is no open attention item {attention_id}.", fix="firmly queue list shows the open ones."
        )
    tx.execute(
        text(
            "INSERT INTO events (at, actor, event, attention_id, from_status, to_status)"
            " VALUES (:now, :actor, 'attention', :id, 'open', :status)",
        ),
        {"now": utc(now), "actor": actor, "id": attention_id, "status": status.value},
    )


def settle(tx: Connection, kind: str, subject: str, now: datetime) -> None:
    """The reason of an item went away by itself: it is closed, and raised anew the next time."""
    tx.execute(
        text(
            "UPDATE attention SET status = CASE status WHEN 'open' THEN 'acknowledged' ELSE status END, updated_at = :now,"
            " subject = subject || '#' || id WHERE kind = :kind AND subject = :subject",
        ),
        {"kind": kind, "subject": subject, "now": utc(now)},
    )
