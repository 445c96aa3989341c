"""Which mails belong together. The union-find of `pipeline.thread`, kept across runs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from pipeline.domain.ids import ClientId, MailId, ThreadId
from pipeline.store.database import utc
from pipeline.store.mails import COLUMNS, MailRow, mail_row


def place(tx: Connection, mail_id: MailId, ids: Sequence[str], subject_key: str, fallback: ThreadId | None) -> ThreadId:
    """Put a mail into the thread of the Message-IDs that it is, answers or refers to; join threads that it links.

    `fallback` is used when none of the ids is known. The result does not depend on the order of arrival, up to
    the thread's number.
    """
    query = text("SELECT DISTINCT thread_id FROM thread_ids WHERE message_id IN :ids ORDER BY thread_id")
    found = [
        ThreadId(int(row.thread_id))
        for row in tx.execute(query.bindparams(bindparam("ids", expanding=True)), {"ids": list(ids)})
    ]
    if not found and fallback is not None:
        found = [fallback]
    if not found:
        found = [ThreadId(int(tx.execute(text("INSERT INTO threads DEFAULT VALUES RETURNING id")).scalar_one()))]
    thread, *others = found
    for other in others:
        _join(tx, thread, other)
    for message_id in ids:
        tx.execute(
            text("INSERT INTO thread_ids (message_id, thread_id) VALUES (:id, :thread) ON CONFLICT DO NOTHING"),
            {"id": message_id, "thread": thread},
        )
    tx.execute(
        text("UPDATE mails SET thread_id = :thread, subject_key = :subject WHERE id = :id"),
        {"thread": thread, "subject": subject_key, "id": mail_id},
    )
    return thread


def _join(tx: Connection, thread: ThreadId, other: ThreadId) -> None:
    """Everything of `other` becomes part of `thread`. Of two live proposals for one client the older is superseded."""
    for table in ("thread_ids", "mails"):
        tx.execute(
            text(f"UPDATE {table} SET thread_id = :thread WHERE thread_id = :other"),
            {"thread": thread, "other": other},
        )
    tx.execute(
        text(
            "UPDATE proposals SET status = 'superseded' WHERE thread_id = :other AND status IN ('pending', 'snoozed')"
            " AND EXISTS (SELECT 1 FROM proposals p WHERE p.thread_id = :thread AND p.client_id IS proposals.client_id"
            " AND p.status IN ('pending', 'snoozed', 'approved', 'delivering', 'uncertain'))",
        ),
        {"thread": thread, "other": other},
    )
    tx.execute(
        text(
            "UPDATE OR IGNORE proposals SET origin = replace(origin, ':' || :other || ':', ':' || :thread || ':')"
            " WHERE thread_id = :other",
        ),
        {"thread": thread, "other": other},
    )
    tx.execute(
        text("UPDATE proposals SET thread_id = :thread WHERE thread_id = :other"),
        {"thread": thread, "other": other},
    )


def by_subject(tx: Connection, client_id: ClientId, subject_key: str, since: datetime) -> ThreadId | None:
    """The client's newest thread with this subject: for replies that carry no ids."""
    found = tx.execute(
        text(
            "SELECT thread_id FROM mails WHERE client_id = :client AND subject_key = :subject AND written_at >= :since"
            " AND thread_id IS NOT NULL ORDER BY written_at DESC LIMIT 1",
        ),
        {"client": client_id, "subject": subject_key, "since": utc(since)},
    ).scalar()
    return None if found is None else ThreadId(int(found))


def mails_of(tx: Connection, thread_id: ThreadId) -> list[MailRow]:
    """The mails of a thread, oldest first."""
    rows = tx.execute(
        text(f"SELECT {COLUMNS} FROM mails m WHERE m.thread_id = :thread ORDER BY m.written_at, m.id"),
        {"thread": thread_id},
    )
    return [mail_row(row) for row in rows]
