"""A ledger export into the store: read, matched with clients, compared with what is known, and written whole or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Connection

from pipeline.domain.ids import ClientId
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice
from pipeline.errors import InputError
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


def book_chases(db: Database, entries: Sequence[ChaseLog]) -> int:
    """Letters that were sent before Firmly kept the ladder, or by hand; gives how many belong to a known invoice."""
    with db.write() as tx:
        owners = {i.number: i.client_id for i in ledger.invoices(tx) if i.client_id is not None}
        known = 0
        for entry in entries:
            client_id = next((owners[number] for number in entry.invoices if number in owners), None)
            if client_id is not None:
                ledger.record_chase(tx, client_id, entry)
                known += 1
    return known


def read_state(text: str) -> tuple[datetime | None, tuple[ChaseLog, ...]]:
    """The `state.json` of a history directory: how fresh the ledger is, and which letters were sent.

    Raises InputError that names what is wrong.
    """
    try:
        state = _STATE.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise InputError(f"state.json: {where}: {first['msg']}.") from None
    log = tuple(ChaseLog(e.step, tuple(e.invoices), e.sent_at, e.message_id) for e in state.ladder_log)
    return state.ledger_as_of, log


class _Letter(BaseModel):
    step: Step
    invoices: list[str]
    sent_at: datetime
    message_id: str | None = None


class _State(BaseModel):
    ledger_as_of: datetime | None = None
    ladder_log: list[_Letter] = []


_STATE = TypeAdapter(_State)
