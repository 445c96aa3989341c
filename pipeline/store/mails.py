"""Mails: what is kept of them, and how they are found again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from pipeline.domain.ids import AccountId, ClientId, MailId, ThreadId
from pipeline.domain.mail import Direction
from pipeline.store.database import moment, utc


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail of the store, without its bytes."""

    id: MailId
    message_id: str
    account: AccountId
    direction: Direction
    arrived_at: datetime
    written_at: datetime
    truncated: bool
    backfilled: bool
    thread_id: ThreadId | None
    client_id: ClientId | None


COLUMNS = "m.id, m.message_id, m.account, m.direction, m.arrived_at, m.written_at, m.truncated, m.backfilled, m.thread_id, m.client_id"


def mail_row(row: Row[Any]) -> MailRow:
    """A row of `COLUMNS` as a MailRow."""
    return MailRow(
        id=row.id,
        message_id=row.message_id,
        account=row.account,
        direction=Direction(row.direction),
        arrived_at=moment(row.arrived_at),
        written_at=moment(row.written_at),
        truncated=bool(row.truncated),
        backfilled=bool(row.backfilled),
        thread_id=row.thread_id,
        client_id=row.client_id,
    )


def raw_of(tx: Connection, mail_id: MailId) -> bytes | None:
    """The bytes of a mail; None once [store] keep_raw_days has passed."""
    found = tx.execute(
        text("SELECT r.bytes FROM mails m JOIN raws r ON r.sha256 = m.raw_sha256 WHERE m.id = :id"),
        {"id": mail_id},
    ).scalar()
    return None if found is None else bytes(found)


def mail(tx: Connection, mail_id: MailId) -> MailRow | None:
    """One mail by its id."""
    row = tx.execute(text(f"SELECT {COLUMNS} FROM mails m WHERE m.id = :id"), {"id": mail_id}).first()
    return None if row is None else mail_row(row)


def mail_by_message_id(tx: Connection, message_id: str) -> MailRow | None:
    """The newest mail with this Message-ID."""
    row = tx.execute(
        text(f"SELECT {COLUMNS} FROM mails m WHERE m.message_id = :id ORDER BY m.id DESC LIMIT 1"),
        {"id": message_id},
    ).first()
    return None if row is None else mail_row(row)


def has_ours(tx: Connection, message_ids: Iterable[str]) -> bool:
    """Whether one of these is a mail of the owner's that is in the store."""
    query = text("SELECT 1 FROM mails WHERE message_id IN :ids AND direction = 'outbound' LIMIT 1")
    return (
        tx.execute(query.bindparams(bindparam("ids", expanding=True)), {"ids": list(message_ids)}).first() is not None
    )


def strangers_in_threads(tx: Connection, client_id: ClientId) -> list[MailRow]:
    """Mails of nobody that we know, in threads in which we write with a client; oldest first."""
    rows = tx.execute(
        text(
            f"SELECT {COLUMNS} FROM mails m WHERE m.client_id IS NULL AND m.direction = 'inbound' AND m.thread_id IN"
            " (SELECT o.thread_id FROM mails o WHERE o.client_id = :client AND o.direction = 'outbound')"
            " ORDER BY m.written_at, m.id",
        ),
        {"client": client_id},
    )
    return [mail_row(row) for row in rows]


def of_client(tx: Connection, client_id: ClientId, since: datetime) -> list[MailRow]:
    """The mails of and to a client since a time, oldest first."""
    rows = tx.execute(
        text(
            f"SELECT {COLUMNS} FROM mails m WHERE m.client_id = :client AND m.written_at >= :since"
            " ORDER BY m.written_at, m.id",
        ),
        {"client": client_id, "since": utc(since)},
    )
    return [mail_row(row) for row in rows]


def record_client(tx: Connection, mail_id: MailId, client_id: ClientId | None) -> None:
    """Whose mail it is."""
    tx.execute(text("UPDATE mails SET client_id = :client WHERE id = :id"), {"client": client_id, "id": mail_id})


def has_raws_before(tx: Connection, before: datetime) -> bool:
    """Whether there are bytes that were added before a time."""
    query = text("SELECT 1 FROM raws WHERE added_at < :before LIMIT 1")
    return tx.execute(query, {"before": utc(before)}).first() is not None


def forget_raws(tx: Connection, before: datetime) -> int:
    """Drop bytes that were added before a time; what was read out of them stays. Gives how many went."""
    return tx.execute(text("DELETE FROM raws WHERE added_at < :before"), {"before": utc(before)}).rowcount
