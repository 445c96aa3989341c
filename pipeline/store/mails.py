"""Mails, where they were sighted, and how far each folder is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from pipeline.domain.ids import AccountId, ClientId, MailId, ThreadId
from pipeline.domain.mail import Direction
from pipeline.store.database import moment, utc


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder is read. Void as soon as the folder's UIDVALIDITY is another."""

    uidvalidity: int
    last_uid: int
    since: date


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail as it comes from a folder. Identity is (message_id, content_hash)."""

    message_id: str
    content_hash: str
    header_key: str
    raw_sha256: str
    raw: bytes
    direction: Direction
    arrived_at: datetime
    written_at: datetime
    truncated: bool = False
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class Sighted:
    """One UID of a folder: a mail, one that is known already, or the reason why there is none."""

    uid: int
    mail: NewMail | MailId | None
    why: str = ""


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


def cursor(tx: Connection, account: AccountId, folder: str) -> Cursor | None:
    """How far this folder is read; None if it never was."""
    row = tx.execute(
        text("SELECT uidvalidity, last_uid, since FROM cursors WHERE account = :account AND folder = :folder"),
        {"account": account, "folder": folder},
    ).first()
    return None if row is None else Cursor(row.uidvalidity, row.last_uid, date.fromisoformat(row.since))


def record_cursor(tx: Connection, account: AccountId, folder: str, cursor: Cursor) -> None:
    """Move the cursor. Belongs into the transaction that adds the rows it has passed."""
    tx.execute(
        text(
            "INSERT INTO cursors (account, folder, uidvalidity, last_uid, since)"
            " VALUES (:account, :folder, :uidvalidity, :last_uid, :since)"
            " ON CONFLICT (account, folder) DO UPDATE SET uidvalidity = :uidvalidity, last_uid = :last_uid, since = :since",
        ),
        {
            "account": account,
            "folder": folder,
            "uidvalidity": cursor.uidvalidity,
            "last_uid": cursor.last_uid,
            "since": cursor.since.isoformat(),
        },
    )


STRANGER = "stranger"
"""Why a sighting has no mail: nobody we know wrote it."""


def unseen(
    tx: Connection,
    account: AccountId,
    folder: str,
    uidvalidity: int,
    uids: Sequence[int],
    *,
    strangers_too: bool = False,
) -> list[int]:
    """Those of `uids` that have no sighting yet, in their order.

    With `strangers_too`, strangers' mail counts as unseen: one of them may be a client by now.
    """
    known: set[int] = set()
    for start in range(0, len(uids), 5000):
        part = uids[start : start + 5000]
        rows = tx.execute(
            text(
                "SELECT uid FROM sightings WHERE account = :account AND folder = :folder AND uidvalidity = :uidvalidity"
                " AND uid BETWEEN :low AND :high AND NOT (:strangers AND mail_id IS NULL AND why = :stranger)",
            ),
            {
                "account": account,
                "folder": folder,
                "uidvalidity": uidvalidity,
                "low": part[0],
                "high": part[-1],
                "strangers": strangers_too,
                "stranger": STRANGER,
            },
        )
        known.update(row.uid for row in rows)
    return [uid for uid in uids if uid not in known]


def without_bytes(
    tx: Connection,
    account: AccountId,
    folder: str,
    uidvalidity: int,
    tries: tuple[int, int],
) -> list[int]:
    """UIDs whose bytes the server did not give, tried at least `tries[0]` and at most `tries[1]` times; ascending."""
    rows = tx.execute(
        text(
            "SELECT uid FROM sightings WHERE account = :account AND folder = :folder AND uidvalidity = :uidvalidity"
            " AND mail_id IS NULL AND why != :stranger AND tries BETWEEN :low AND :high ORDER BY uid",
        ),
        {
            "account": account,
            "folder": folder,
            "uidvalidity": uidvalidity,
            "stranger": STRANGER,
            "low": tries[0],
            "high": tries[1],
        },
    )
    return [int(row.uid) for row in rows]


def known_by_header(tx: Connection, account: AccountId, header_keys: Iterable[str]) -> dict[str, MailId]:
    """Mails that are known by their header alone; used when a folder was renumbered."""
    query = text(
        "SELECT header_key, id FROM mails WHERE account = :account AND header_key IN :keys AND message_id != ''"
    )
    rows = tx.execute(
        query.bindparams(bindparam("keys", expanding=True)),
        {"account": account, "keys": list(header_keys)},
    )
    return {row.header_key: row.id for row in rows}


def add_sightings(
    tx: Connection, account: AccountId, folder: str, uidvalidity: int, sighted: Sequence[Sighted], now: datetime
) -> int:
    """Add what a folder showed; gives the number of mails that were new. Sightings that are known already stay."""
    fresh = [one.mail for one in sighted if isinstance(one.mail, NewMail)]
    ids, added = _add_mails(tx, account, fresh, now) if fresh else ({}, 0)
    rows = [
        {
            "account": account,
            "folder": folder,
            "uidvalidity": uidvalidity,
            "uid": one.uid,
            "mail_id": ids[one.mail.message_id, one.mail.content_hash] if isinstance(one.mail, NewMail) else one.mail,
            "why": one.why,
        }
        for one in sighted
    ]
    if rows:
        tx.execute(
            text(
                "INSERT INTO sightings (account, folder, uidvalidity, uid, mail_id, why)"
                " VALUES (:account, :folder, :uidvalidity, :uid, :mail_id, :why)"
                " ON CONFLICT DO UPDATE SET mail_id = excluded.mail_id, why = excluded.why, tries = tries + 1"
                " WHERE sightings.mail_id IS NULL",
            ),
            rows,
        )
    return added


_Identity = tuple[str, str]
"""Message-ID (empty if there is none) and content hash."""


def _add_mails(
    tx: Connection, account: AccountId, fresh: Sequence[NewMail], now: datetime
) -> tuple[dict[_Identity, MailId], int]:
    """Add those that are not known, a batch a statement; the ids of all, and how many were new."""
    known = _ids_of(tx, fresh)
    new = {(m.message_id, m.content_hash): m for m in fresh if (m.message_id, m.content_hash) not in known}
    if not new:
        return known, 0
    tx.execute(
        text("INSERT INTO raws (sha256, bytes, added_at) VALUES (:sha256, :bytes, :now) ON CONFLICT DO NOTHING"),
        [{"sha256": m.raw_sha256, "bytes": m.raw, "now": utc(now)} for m in new.values()],
    )
    tx.execute(
        text(
            "INSERT INTO mails (message_id, content_hash, header_key, raw_sha256, account, direction, arrived_at, written_at,"
            " truncated, backfilled) VALUES (:message_id, :content_hash, :header_key, :raw_sha256, :account, :direction,"
            " :arrived_at, :written_at, :truncated, :backfilled)",
        ),
        [
            {
                "message_id": m.message_id,
                "content_hash": m.content_hash,
                "header_key": m.header_key,
                "raw_sha256": m.raw_sha256,
                "account": account,
                "direction": m.direction.value,
                "arrived_at": utc(m.arrived_at),
                "written_at": utc(m.written_at),
                "truncated": m.truncated,
                "backfilled": m.backfilled,
            }
            for m in new.values()
        ],
    )
    return _ids_of(tx, fresh), len(new)


def _ids_of(tx: Connection, fresh: Sequence[NewMail]) -> dict[_Identity, MailId]:
    """Those of these mails that are known.

    By Message-ID, and by content where there is none: asked for both at once, SQLite would try every pair.
    """
    named = {m.message_id for m in fresh if m.message_id}
    nameless = {m.content_hash for m in fresh if not m.message_id}
    found: dict[_Identity, MailId] = {}
    for column, values in (("message_id IN", named), ("message_id = '' AND content_hash IN", nameless)):
        if values:
            query = text(f"SELECT id, message_id, content_hash FROM mails WHERE {column} :values")
            rows = tx.execute(query.bindparams(bindparam("values", expanding=True)), {"values": list(values)})
            found.update({(row.message_id, row.content_hash): MailId(int(row.id)) for row in rows})
    return found


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
