"""What a person says about invoices and the ladder: overrides, lifted pauses, confirmed claims. Each with a name and an event."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from pipeline.domain.claims import Claim
from pipeline.domain.ids import ClientId, MailId
from pipeline.domain.ladder import InvoiceOverride, Pause
from pipeline.domain.ledger import Invoice, Promise
from pipeline.errors import UsageError
from pipeline.invoices.claims import NoClaim, basis_of, to_check, work_out
from pipeline.invoices.facts import facts_for
from pipeline.invoices.law import LawFact, ReferenceRate
from pipeline.run.bookkeeping import one_invoice
from pipeline.run.chases import Chase, chase_of, claim_subject
from pipeline.run.desk import Desk
from pipeline.store import attention, handwork, mails
from pipeline.store.database import Database
from pipeline.store.mails import MailRow
from pipeline.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said about an invoice; None leaves that part as it is."""

    chase: bool | None = None
    profile: str | None = None
    not_before: date | None = None
    minimum: Decimal | None = None

    def words(self, invoice: Invoice) -> str:
        """What is wished, for the history."""
        said = (
            None if self.chase is None else "chased" if self.chase else "not chased",
            f"profile {self.profile}" if self.profile else None,
            f"held until {self.not_before}" if self.not_before else None,
            f"not under {self.minimum} {invoice.total.currency}" if self.minimum is not None else None,
        )
        return ", ".join(one for one in said if one)


def set_invoice(
    db: Database, number: str, wish: Wish, *, client_id: ClientId | None, actor: str, why: str, now: datetime
) -> InvoiceOverride:
    """Keep what a person says about an invoice, over what they said before. Gives all that holds then."""
    with db.write() as tx:
        invoice, owner = _of_client(one_invoice(tx, number, client_id))
        before = next((o for o in handwork.overrides(tx, owner) if o.number == number), InvoiceOverride(number))
        after = replace(
            before,
            chase=before.chase if wish.chase is None else wish.chase,
            profile=wish.profile or before.profile,
            not_before=wish.not_before or before.not_before,
            minimum=before.minimum if wish.minimum is None else wish.minimum,
            by=actor,
            said_at=now,
            why=why,
        )
        handwork.record_override(tx, owner, after)
        note = f"{wish.words(invoice)}{f': {why}' if why else ''}"
        handwork.record_event(tx, owner, "set", actor=actor, now=now, invoice=number, note=note)
    return after


def clear_invoice(
    db: Database, number: str, *, client_id: ClientId | None, actor: str, why: str, now: datetime
) -> bool:
    """The invoice goes the way of all others again; False if nothing was said about it."""
    with db.write() as tx:
        _, owner = _of_client(one_invoice(tx, number, client_id))
        gone = handwork.forget_override(tx, owner, number)
        if gone:
            handwork.record_event(tx, owner, "cleared", actor=actor, now=now, invoice=number, note=why)
    return gone


def _of_client(invoice: Invoice) -> tuple[Invoice, ClientId]:
    if invoice.client_id is None:
        raise UsageError(
            f"Invoice {invoice.number} belongs to no client of yours.", fix="Add the client and import again."
        )
    return invoice, invoice.client_id


def find_mail(db: Database, named: str) -> MailId:
    """A mail by the number that `firmly chase` shows (m17), or by its Message-ID. Raises UsageError if there is none."""
    with db.read() as tx:
        digits = named.strip().lower().lstrip("#").removeprefix("m")
        by_number = digits.isdecimal()
        row = mails.mail(tx, MailId(int(digits))) if by_number else mails.mail_by_message_id(tx, named.strip())
    if row is None:
        raise UsageError(f"There is no mail {named}.", fix="firmly chase names the mail behind each pause.")
    return row.id


def lift(desk: Desk, mail_id: MailId, *, actor: str, why: str) -> tuple[str, tuple[str, ...]]:
    """What this mail says no longer keeps the ladder; gives the client's name and what it kept.

    Raises UsageError for a mail that keeps nothing.
    """
    with desk.db.read() as tx:
        row = mails.mail(tx, mail_id)
    chase = chase_of(desk, row.client_id) if row is not None and row.client_id is not None else None
    kept = () if row is None or chase is None else _kept_by(chase, row)
    if chase is None or not kept:
        raise UsageError(f"The mail m{mail_id} keeps no invoice.", fix="firmly chase names the mail behind each pause.")
    now = desk.clock()
    with desk.db.write() as tx:
        handwork.lift_pause(tx, mail_id, actor=actor, now=now)
        note = f"{'; '.join(kept)}{f': {why}' if why else ''}"
        handwork.record_event(tx, chase.ledger.client.id, "lifted", actor=actor, now=now, mail_id=mail_id, note=note)
    return chase.ledger.client.name, kept


def hold_again(desk: Desk, mail_id: MailId, *, actor: str, why: str) -> None:
    """What this mail says counts again. Raises UsageError if nobody had lifted it."""
    now = desk.clock()
    with desk.db.write() as tx:
        row = mails.mail(tx, mail_id)
        if not handwork.hold_again(tx, mail_id) or row is None or row.client_id is None:
            raise UsageError(f"Nobody has lifted what the mail m{mail_id} says.")
        handwork.record_event(tx, row.client_id, "held again", actor=actor, now=now, mail_id=mail_id, note=why)


def _kept_by(chase: Chase, row: MailRow) -> tuple[str, ...]:
    """What a mail keeps, in words: its pauses, and the promise that it makes."""
    name = row.message_id or f"mail:{row.id}"
    pauses = [pause for pause, _ in chase.pauses if pause.mail_id == row.id]
    promises = [promise for promise in chase.ledger.promises if promise.message_id == name]
    return (*map(_words, pauses), *map(_words, promises))


def _words(one: Pause | Promise) -> str:
    if isinstance(one, Promise):
        numbers = ", ".join(one.invoices)
        return f"promise for {one.date} of {numbers}" if numbers else f"promise for {one.date}"
    return f"{one.reason} of invoice {one.invoice}" if one.invoice else str(one.reason)


@dataclass(frozen=True, slots=True)
class Quote:
    """What could be asked for on top of a client's late invoices, and what a person should look at first."""

    client_id: ClientId
    claim: Claim | NoClaim
    asked: str = ""
    """The subject of the attention item that asked for it."""
    to_check: tuple[str, ...] = ()


def quote_claim(
    desk: Desk,
    client_id: ClientId,
    law: tuple[LawFact, ...],
    *,
    rate: ReferenceRate | None,
    numbers: tuple[str, ...] = (),
) -> Quote:
    """Work out interest and fixed sums up to today on the client's calendar, for all late invoices or for those named.

    Nothing is written. Raises UsageError for a client without invoices, or an invoice that is none of theirs.
    """
    chase = chase_of(desk, client_id)
    if chase is None:
        raise UsageError("This client has no invoices.")
    books = chase.ledger
    if unknown := sorted(set(numbers) - {i.number for i in books.invoices}):
        raise UsageError(f"{books.client.name} has no invoice {', '.join(unknown)}.")
    basis = basis_of(books.client, law, rate)
    if isinstance(basis, NoClaim):
        return Quote(client_id, basis, claim_subject(chase))
    today = WorkCalendar(books.hours).today(desk.clock())
    facts, _ = facts_for(books, today, numbers or None)
    rules = desk.playbook.claims
    old = to_check(basis, today, law_days=rules.law_days, rate_days=rules.rate_days)
    return Quote(client_id, work_out(books.client, basis, facts, law, today), claim_subject(chase), old)


def confirm_claim(desk: Desk, quote: Quote, *, actor: str) -> None:
    """A person confirms these very figures: from now on the formal letter names them."""
    if isinstance(quote.claim, NoClaim):
        raise UsageError(quote.claim.reason, fix=quote.claim.fix)
    now, claim = desk.clock(), quote.claim
    note = "; ".join(
        f"{fact.number}: {', '.join(f'{m.amount} {m.currency}' for m in (fact.interest, fact.fixed) if m)}"
        for fact in claim.facts
    )
    with desk.db.write() as tx:
        handwork.record_claim(tx, quote.client_id, claim, actor=actor, now=now)
        attention.settle(tx, "claim_to_confirm", quote.asked, actor=actor, now=now)
        handwork.record_event(
            tx, quote.client_id, "claim confirmed", actor=actor, now=now, note=f"{claim.basis.title}, {note}"
        )


def withdraw_claim(desk: Desk, client_id: ClientId, *, actor: str) -> bool:
    """No letter names what was confirmed any more; False if nothing was."""
    with desk.db.write() as tx:
        gone = handwork.withdraw_claim(tx, client_id, desk.clock())
        if gone:
            handwork.record_event(tx, client_id, "claim withdrawn", actor=actor, now=desk.clock())
    return gone
