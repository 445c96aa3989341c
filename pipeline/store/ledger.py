"""The ledger as it was last imported."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from pipeline.domain.ids import ClientId, ProposalId
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice
from pipeline.store.codec import dump, load
from pipeline.store.database import moment, utc

_BATCH = 1000


def _key(invoice: Invoice) -> str:
    """Numbers are unique per client; while nobody is known by them, per address or name."""
    if invoice.client_id is not None:
        return f"client:{invoice.client_id}"
    return (invoice.client_email or invoice.client_name).casefold()


def record_invoices(tx: Connection, invoices: Sequence[Invoice], now: datetime) -> int:
    """Add or update invoices by client and number; gives how many rows changed."""
    rows = [
        {
            "key": _key(invoice),
            "number": invoice.number,
            "client_id": invoice.client_id,
            "invoice": dump(Invoice, invoice),
            "now": utc(now),
        }
        for invoice in invoices
    ]
    changed = 0
    for begin in range(0, len(rows), _BATCH):
        changed += tx.execute(
            text(
                "INSERT INTO invoices (client_key, number, client_id, invoice, updated_at)"
                " VALUES (:key, :number, :client_id, :invoice, :now)"
                " ON CONFLICT (client_key, number) DO UPDATE SET invoice = :invoice, client_id = :client_id, updated_at = :now"
                " WHERE invoices.invoice != :invoice",
            ),
            rows[begin : begin + _BATCH],
        ).rowcount
    return changed


def forget_invoice(tx: Connection, invoice: Invoice) -> None:
    """Take an invoice out, so that another reading of it can take its place."""
    tx.execute(
        text("DELETE FROM invoices WHERE client_key = :key AND number = :number"),
        {"key": _key(invoice), "number": invoice.number},
    )


def record_import(tx: Connection, source: str, sha256: str, rows_read: int, as_of: datetime) -> None:
    """The ledger is as fresh as its last import."""
    tx.execute(
        text("INSERT INTO ledger_imports (source, sha256, as_of, rows_read) VALUES (:source, :sha256, :as_of, :rows)"),
        {"source": source, "sha256": sha256, "as_of": utc(as_of), "rows": rows_read},
    )


def billed_clients(tx: Connection) -> frozenset[ClientId]:
    """Clients with an invoice, whatever became of it."""
    rows = tx.execute(text("SELECT DISTINCT client_id FROM invoices WHERE client_id IS NOT NULL"))
    return frozenset(ClientId(int(row.client_id)) for row in rows)


def as_of(tx: Connection) -> datetime | None:
    """When the ledger was last imported; None if never."""
    found = tx.execute(text("SELECT max(as_of) FROM ledger_imports")).scalar()
    return None if found is None else moment(found)


def last_import(tx: Connection, source: str) -> str | None:
    """The SHA-256 of the file that was last imported from this place."""
    found = tx.execute(
        text("SELECT sha256 FROM ledger_imports WHERE source = :source ORDER BY id DESC LIMIT 1"),
        {"source": source},
    ).scalar()
    return None if found is None else str(found)


def invoices(tx: Connection, client_id: ClientId | None = None) -> list[Invoice]:
    """All invoices, or those of one client, by number."""
    where = "" if client_id is None else "WHERE client_id = :client"
    rows = tx.execute(
        text(f"SELECT invoice FROM invoices {where} ORDER BY number"),
        {} if client_id is None else {"client": client_id},
    )
    return [load(Invoice, row.invoice) for row in rows]


def record_chase(tx: Connection, client_id: ClientId, entry: ChaseLog, proposal_id: ProposalId | None = None) -> None:
    """A letter of the ladder was seen sent; the same letter is recorded once."""
    for invoice in entry.invoices:
        tx.execute(
            text(
                "INSERT INTO chases (client_id, invoice, step, sent_at, message_id, proposal_id)"
                " VALUES (:client, :invoice, :step, :sent_at, :message_id, :proposal) ON CONFLICT DO NOTHING",
            ),
            {
                "client": client_id,
                "invoice": invoice,
                "step": entry.step.value,
                "sent_at": utc(entry.sent_at),
                "message_id": entry.message_id or "",
                "proposal": proposal_id,
            },
        )


def chases(tx: Connection, client_id: ClientId) -> tuple[ChaseLog, ...]:
    """Every step that was seen sent to a client, oldest first; one entry a letter and step."""
    rows = tx.execute(
        text(
            "SELECT step, sent_at, message_id, invoice FROM chases WHERE client_id = :client ORDER BY sent_at, step, invoice",
        ),
        {"client": client_id},
    ).all()
    letters: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        letters.setdefault((row.step, row.sent_at, row.message_id), []).append(row.invoice)
    return tuple(
        ChaseLog(Step(step), tuple(numbers), moment(sent_at), message_id or None)
        for (step, sent_at, message_id), numbers in letters.items()
    )
