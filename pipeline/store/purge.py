"""Forgetting a client whole: every row that is theirs, then the pages of the file that held them.

What belongs to a client is found by the schema's own foreign keys, so that a table that comes later is forgotten too.
Four things hang on no key and are named here: raw bytes, Message-IDs of threads, answers of an endpoint, and invoices
that were imported before anybody was known by their address, with their payments.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from pipeline.clients import Roster
from pipeline.domain.ids import ClientId
from pipeline.glance import glance_at
from pipeline.store import clients
from pipeline.store.database import APPLICATION_ID, Database

_SQLITE_MAGIC = b"SQLite format 3\x00"
_APPLICATION_ID_AT = 68
"""Where the header of an SQLite file has its application id, four bytes (https://www.sqlite.org/fileformat2.html)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that points at the `id` of another table."""

    table: str
    column: str
    target: str


def references(tx: Connection) -> tuple[Reference, ...]:
    """Every foreign key of the schema."""
    return tuple(
        Reference(table, row["from"], row["table"])
        for table in tables(tx)
        for row in tx.execute(text(f"PRAGMA foreign_key_list({table})")).mappings()
    )


def tables(tx: Connection) -> tuple[str, ...]:
    """The tables of the schema, by name."""
    rows = tx.execute(
        text("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1")
    )
    return tuple(str(row.name) for row in rows)


def purge_client(db: Database, client_id: ClientId) -> dict[str, int]:
    """Forget a client and all that is theirs; gives how many rows went, by table.

    One transaction takes the rows out; then the file is written anew and its WAL emptied, so that no freed page keeps a
    word. Raises StoreUnavailable if another process still reads: the rows are gone then, and `Database.compact` is left.
    """
    with db.write() as tx:
        tx.execute(text("PRAGMA defer_foreign_keys = ON"))
        gone = dict(_forget(tx, client_id))
    db.compact()
    return {table: number for table, number in gone.items() if number}


def backups_beside(path: Path) -> tuple[Path, ...]:
    """Other Firmly stores in the store's directory: backups, which keep what was purged until their owner deletes them."""
    found = (other for other in sorted(path.parent.glob("*")) if other.is_file() and other.name != path.name)
    return tuple(other for other in found if _is_store(other))


def _is_store(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_APPLICATION_ID_AT + 4)
    return head.startswith(_SQLITE_MAGIC) and head[_APPLICATION_ID_AT:] == APPLICATION_ID.to_bytes(4, "big")


def _forget(tx: Connection, client_id: ClientId) -> Iterator[tuple[str, int]]:
    _mark(tx, client_id)
    message_ids = _message_ids(tx)
    yield "invoices not assigned", _forget_unassigned_invoices(tx, client_id)
    keys = references(tx)
    for table in tables(tx):
        columns = [key for key in keys if key.table == table]
        theirs = [f"{key.column} IN (SELECT id FROM purged WHERE kind = '{key.target}')" for key in columns]
        if _has_id(tx, table):
            theirs.append(f"id IN (SELECT id FROM purged WHERE kind = '{table}')")
        if theirs:
            yield table, tx.execute(text(f"DELETE FROM {table} WHERE {' OR '.join(theirs)}")).rowcount
    ids = {"ids": json.dumps(message_ids)}
    named = "IN (SELECT value FROM json_each(:ids))"
    yield "raws", tx.execute(text("DELETE FROM raws WHERE sha256 NOT IN (SELECT raw_sha256 FROM mails)")).rowcount
    yield "llm_calls", tx.execute(text(f"DELETE FROM llm_calls WHERE message_id {named}"), ids).rowcount
    # A chase answers no mail, and some mails have no Message-ID: calls without one lose their words, whosever they are.
    tx.execute(text("UPDATE llm_calls SET raw = '' WHERE message_id = ''"))
    empty = "thread_id NOT IN (SELECT thread_id FROM mails WHERE thread_id IS NOT NULL)"
    tx.execute(text(f"DELETE FROM thread_ids WHERE message_id {named} OR {empty}"), ids)
    tx.execute(text("DELETE FROM threads WHERE id NOT IN (SELECT thread_id FROM thread_ids)"))
    tx.execute(text("DROP TABLE temp.purged"))


def _mark(tx: Connection, client_id: ClientId) -> None:
    """Write down which rows are theirs, and which point at one of those, until nothing is added."""
    tx.execute(text("CREATE TEMP TABLE purged (kind TEXT, id INTEGER, PRIMARY KEY (kind, id)) WITHOUT ROWID"))
    tx.execute(text("INSERT INTO purged VALUES ('clients', :id)"), {"id": client_id})
    for mail_id in _unplaced_mails(tx, client_id):
        tx.execute(text("INSERT INTO purged VALUES ('mails', :id)"), {"id": mail_id})
    # Somebody unknown who answers in one of their threads quotes them.
    tx.execute(
        text(
            "INSERT OR IGNORE INTO purged SELECT 'mails', id FROM mails WHERE client_id IS NULL AND thread_id IN"
            " (SELECT thread_id FROM mails WHERE client_id = :id)"
        ),
        {"id": client_id},
    )
    keys = [key for key in references(tx) if _has_id(tx, key.table)]
    added = 1
    while added:
        added = sum(
            tx.execute(
                text(
                    f"INSERT OR IGNORE INTO purged SELECT '{key.table}', id FROM {key.table}"
                    f" WHERE {key.column} IN (SELECT id FROM purged WHERE kind = '{key.target}')"
                )
            ).rowcount
            for key in keys
        )


def _unplaced_mails(tx: Connection, client_id: ClientId) -> list[int]:
    """Mails that no stage has assigned yet (parked, or just fetched), and that name an address of the client's."""
    roster = Roster(frozenset(), *clients.addresses(tx))
    rows = tx.execute(
        text("SELECT m.id, r.bytes FROM mails m JOIN raws r ON r.sha256 = m.raw_sha256 WHERE m.client_id IS NULL")
    )
    found = []
    for row in rows:
        glance = glance_at(bytes(row.bytes))
        if any(roster.client_of(email) == client_id for email in (*glance.senders, *glance.recipients)):
            found.append(int(row.id))
    return found


def _message_ids(tx: Connection) -> list[str]:
    """The names of their mails, and of the letters to them, by which threads and calls know them."""
    rows = tx.execute(
        text(
            "SELECT message_id AS name FROM mails WHERE message_id != ''"
            " AND id IN (SELECT id FROM purged WHERE kind = 'mails')"
            " UNION SELECT message_id FROM proposals WHERE message_id IS NOT NULL"
            " AND id IN (SELECT id FROM purged WHERE kind = 'proposals')"
        )
    )
    return [str(row.name) for row in rows]


def _forget_unassigned_invoices(tx: Connection, client_id: ClientId) -> int:
    """Invoices of an export that named the client by an address or by name, before they were known; and their payments."""
    client = clients.client(tx, client_id)
    keys = [word.casefold() for word in (client.name, *client.emails)] if client else []
    gone = tx.execute(
        text(
            "DELETE FROM invoices WHERE client_id IS NULL AND client_key IN (SELECT value FROM json_each(:keys))"
            " RETURNING number"
        ),
        {"keys": json.dumps(keys)},
    ).all()
    tx.execute(
        text(
            "DELETE FROM payments WHERE client_id IS NULL AND invoice IN (SELECT value FROM json_each(:numbers))"
            " AND invoice NOT IN (SELECT number FROM invoices WHERE client_id IS NULL)"
        ),
        {"numbers": json.dumps([row.number for row in gone])},
    )
    return len(gone)


def _has_id(tx: Connection, table: str) -> bool:
    return any(row["name"] == "id" for row in tx.execute(text(f"PRAGMA table_info({table})")).mappings())
