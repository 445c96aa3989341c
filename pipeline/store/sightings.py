"""Where mails were sighted, and how far each folder is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, text

from pipeline.domain.ids import AccountId, MailId
from pipeline.domain.mail import Direction
from pipeline.store.database import utc


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
