"""A ledger export into the store: read, matched with clients, compared with what is known, and written whole or not at all."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice
from pipeline.invoices.importers import LedgerRead, Problem
from pipeline.store import clients, ledger
from pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a file."""

    read: LedgerRead
    written: int = 0
    """Invoices that were new or changed."""
    unknown: tuple[Problem, ...] = ()
    """Invoices of people who are no client: kept by their address, chased by nobody."""


def book_ledger(
    db: Database, read: LedgerRead, data: bytes, *, source: str, now: datetime, as_of: datetime | None = None
) -> Booked:
    """Write the good rows in one transaction. Nothing is written while the file has questions."""
    if read.questions:
        return Booked(read)
    with db.read() as tx:
        known = _Known(tx)
    matched = [known.matched(invoice) for invoice in read.invoices]
    unknown = tuple(
        Problem(
            f"invoice {invoice.number} is for {invoice.client_email or invoice.client_name or 'nobody'}, who is no client.",
            "Add the address to a client file, and import again.",
            line=line,
        )
        for invoice, line in zip(matched, read.lines, strict=True)
        if invoice.client_id is None
    )
    with db.write() as tx:
        written = ledger.record_invoices(tx, matched, now)
        ledger.record_import(tx, source, hashlib.sha256(data).hexdigest(), len(matched), as_of or now)
    return Booked(read, written, unknown)


class _Known:
    """Clients by address, domain and name."""

    def __init__(self, tx: Connection) -> None:
        self._by_email, self._by_domain = clients.addresses(tx)
        self._by_name: dict[str, ClientId] = {client.name.casefold(): client.id for client in clients.all_clients(tx)}

    def matched(self, invoice: Invoice) -> Invoice:
        """The invoice with the client it belongs to, if there is one."""
        email = invoice.client_email.lower()
        found = self._by_email.get(email) or self._by_domain.get(email.rpartition("@")[2])
        return replace(invoice, client_id=found or self._by_name.get(invoice.client_name.casefold()))
