"""A ledger export into the store: read, matched with clients, compared with what is known, and written whole or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Connection

from pipeline.domain.ids import ClientId
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice, Payment
from pipeline.errors import InputError, UsageError
from pipeline.invoices.diff import LedgerDiff, compare
from pipeline.invoices.importers import LedgerRead
from pipeline.invoices.importers.known import match_clients
from pipeline.invoices.money import to_places
from pipeline.invoices.payments import PaymentsDiff, PaymentsRead, place_payments, with_payment
from pipeline.store import clients, handwork, ledger
from pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class Booking:
    """What importing a file would do, or did."""

    read: LedgerRead
    """With clients filled in; its problems include invoices of nobody we know and currencies that are not used."""
    diff: LedgerDiff

    @property
    def possible(self) -> bool:
        """Whether it may be written as it is: no question open, nothing that history contradicts."""
        return not self.read.questions and not self.diff.contradictions


def compare_ledger(db: Database, read: LedgerRead, currencies: Sequence[str] = ()) -> Booking:
    """Hold a file against the clients and the ledger. Nothing is written."""
    with db.read() as tx:
        matched = match_clients(read, clients.all_clients(tx), currencies)
        known = ledger.invoices(tx)
    return Booking(matched, compare(known, matched.invoices, knows_payments=matched.knows_payments))


def book_ledger(
    db: Database,
    booking: Booking,
    data: bytes,
    *,
    source: str,
    now: datetime,
    as_of: datetime | None = None,
    even_contradictions: bool = False,
) -> int:
    """Write the good rows in one transaction; gives how many invoices are new or changed.

    Raises InputError while the file has questions, or contradicts history and the owner has not said that it is right.
    """
    if booking.read.questions:
        raise InputError(f"{source} leaves something open: {booking.read.questions[0].message}")
    if booking.diff.contradictions and not even_contradictions:
        raise InputError(
            f"{source} contradicts what is known: {booking.diff.contradictions[0].message}",
            fix="If the file is right, import it with --accept-contradictions.",
        )
    changes = [*booking.diff.updated, *(c.change for c in booking.diff.contradictions)]
    changed = [*booking.diff.added, *(change.new for change in changes)]
    with db.write() as tx:
        for contradiction in booking.diff.contradictions:
            ledger.forget_invoice(tx, contradiction.change.old)
        ledger.record_invoices(tx, changed, now)
        ledger.record_import(tx, source, hashlib.sha256(data).hexdigest(), len(booking.read.invoices), as_of or now)
    return len(changed)


def compare_payments(db: Database, read: PaymentsRead) -> PaymentsDiff:
    """Hold a file of payments against the ledger. Nothing is written."""
    with db.read() as tx:
        return _compare_payments(tx, read)


def _compare_payments(tx: Connection, read: PaymentsRead) -> PaymentsDiff:
    booked = [(one.client_id, one.payment) for one in handwork.payments(tx)]
    names = {client.id: client.name for client in clients.all_clients(tx)}
    diff = place_payments(read, ledger.invoices(tx), booked, names)
    diff.problems = sorted((*read.problems, *diff.problems), key=lambda problem: problem.line or 0)
    return diff


def book_payments(
    db: Database, read: PaymentsRead, data: bytes, *, source: str, actor: str, now: datetime
) -> PaymentsDiff:
    """Write down the payments of a file that fit the ledger; gives what was done.

    Compared and written in one transaction: a run and a person may import the same file at the same moment.
    Raises InputError while the file has questions.
    """
    if read.questions:
        raise InputError(f"{source} leaves something open: {read.questions[0].message}")
    with db.write() as tx:
        diff = _compare_payments(tx, read)
        handwork.add_payments(tx, diff.added, source=source, actor=actor, now=now)
        ledger.record_invoices(tx, [change.new for change in diff.updated.values()], now)
        ledger.record_import(tx, source, hashlib.sha256(data).hexdigest(), len(read.payments), now)
    return diff


def pay_invoice(
    db: Database,
    number: str,
    amount: Decimal | None,
    paid_on: date,
    *,
    client_id: ClientId | None,
    now: datetime,
    actor: str = "owner",
) -> Invoice:
    """Book money that came in, in full where no amount is given. Gives the invoice as it is then.

    Raises UsageError for an invoice that is not there, stands under several clients, or has less open than came in.
    """
    with db.write() as tx:
        invoice = one_invoice(tx, number, client_id)
        owed = invoice.open.amount
        came_in = owed if amount is None else amount
        if owed <= 0:
            raise UsageError(f"Invoice {number} is {invoice.status}: nothing is open.")
        if came_in > owed:
            raise UsageError(
                f"Invoice {number} has {owed} {invoice.open.currency} open, and {came_in} is more.",
                fix="Book what was owed; what was paid too much is a credit of your invoicing program.",
            )
        came_in = to_places(came_in, invoice.total.currency)
        after = with_payment(invoice, invoice.paid + came_in, paid_on)
        ledger.record_invoices(tx, [after], now)
        payment = Payment(number, came_in, paid_on, invoice.total.currency)
        handwork.add_payments(tx, [(invoice.client_id, payment)], source="", actor=actor, now=now)
        if invoice.client_id is not None:
            note = f"{came_in} {invoice.total.currency} on {paid_on}"
            handwork.record_event(tx, invoice.client_id, "paid", actor=actor, now=now, invoice=number, note=note)
    return after


def one_invoice(tx: Connection, number: str, client_id: ClientId | None) -> Invoice:
    """The invoice of that number, of that client where one is named. Raises UsageError if it is none, or several."""
    found = [i for i in ledger.invoices(tx, client_id) if i.number == number]
    if not found:
        raise UsageError(f"There is no invoice {number}.", fix="firmly invoices list shows them.")
    if len(found) > 1:
        raise UsageError(f"Several clients have an invoice {number}.", fix="Say whose, with --client.")
    return found[0]


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
