"""Papers as dated claims: what happened, when, in which message, in whose words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.mail import Direction
from pipeline.domain.proposal import ProposalStatus
from pipeline.dossier.collect import Papers


class Kind(StrEnum):
    """What sort of thing happened."""

    DID = "did"  # a label that a person confirmed
    SEEN = "seen"  # a label that only a judge gave
    PROMISED = "promised"
    TOLD = "told"  # a boundary, a reminder, another letter of ours
    INVOICED = "invoiced"
    PAID = "paid"
    NOTED = "noted"
    WROTE = "wrote"  # a mail with nothing else to say of it
    ANSWERED = "answered"  # the same, from us


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim. `text` is ours; `quote` and `subject` are words of a mail or of the owner's."""

    at: datetime
    kind: Kind
    text: str
    message_id: str | None = None
    quote: UntrustedText = UntrustedText("")
    subject: UntrustedText = UntrustedText("")
    dated_only: bool = False
    """The day is known, the hour is not."""


def entries_of(papers: Papers) -> tuple[Entry, ...]:
    """Everything with a date, oldest first; every mail once at least."""
    found = [
        *_labels(papers),
        *_promises(papers),
        *_told(papers),
        *_money(papers),
        *(Entry(n.at, Kind.NOTED, f"Noted by {n.actor}.", quote=UntrustedText(n.words)) for n in papers.notes),
    ]
    named = {entry.message_id for entry in found}
    found += [
        _mail(mail.direction, mail.written_at, mail.message_id, mail.subject)
        for mail in papers.mails
        if mail.message_id not in named
    ]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.kind, entry.message_id or "")))


def money(amount: Money) -> str:
    """`120.00 EUR`."""
    return f"{amount.amount} {amount.currency}"


def _mail(direction: Direction, at: datetime, message_id: str, subject: UntrustedText) -> Entry:
    if direction is Direction.INBOUND:
        return Entry(at, Kind.WROTE, "They wrote.", message_id, subject=subject)
    return Entry(at, Kind.ANSWERED, "We wrote.", message_id, subject=subject)


def _labels(papers: Papers) -> Iterator[Entry]:
    subjects = {mail.message_id: mail.subject for mail in papers.mails}
    for incident in papers.incidents:
        subject = subjects.get(incident.message_id or "", UntrustedText(""))
        text = f"Confirmed: {incident.label}."
        yield Entry(incident.at, Kind.DID, text, incident.message_id, incident.quote, subject)
    for mail, label in papers.unconfirmed:
        text = f"A judge says {label.label} ({label.confidence} of 10); nobody has confirmed it."
        yield Entry(mail.written_at, Kind.SEEN, text, mail.message_id, label.quote, mail.subject)


def _promises(papers: Papers) -> Iterator[Entry]:
    for promise in papers.known.promises:
        about = f" for {', '.join(promise.invoices)}" if promise.invoices else ""
        text = f"Promised to pay by {promise.date.isoformat()}{about}: {promise.status}."
        yield Entry(promise.made_at, Kind.PROMISED, text, promise.message_id, promise.quote)


def _told(papers: Papers) -> Iterator[Entry]:
    stated = papers.known.record.boundaries
    for boundary in stated:
        text = f"We stated a limit ({boundary.label})."
        yield Entry(boundary.stated_at, Kind.TOLD, text, boundary.message_id, UntrustedText(boundary.words))
    for chase in papers.chases:
        text = f"Payment letter {chase.step} for {', '.join(chase.invoices)}."
        yield Entry(chase.sent_at, Kind.TOLD, text, chase.message_id)
    chased = {chase.message_id for chase in papers.chases}
    for letter in papers.letters:
        if letter.status is ProposalStatus.SENT and letter.message_id not in chased:
            text = f"Letter {letter.play}."
            subject = UntrustedText(letter.subject)
            yield Entry(letter.at, Kind.TOLD, text, letter.message_id or None, subject=subject)


def _money(papers: Papers) -> Iterator[Entry]:
    for invoice in papers.known.ledger.invoices:
        text = f"Invoice {invoice.number} over {money(invoice.total)}, due {invoice.due.isoformat()}."
        yield Entry(_noon(invoice.issued), Kind.INVOICED, text, dated_only=True)
        if invoice.paid_on is not None:
            yield Entry(_noon(invoice.paid_on), Kind.PAID, _paid(invoice, invoice.paid_on), dated_only=True)


def _paid(invoice: Invoice, on: date) -> str:
    late = (on - invoice.due).days
    when = f"{late} days late" if late > 0 else "in time"
    amount = money(Money(invoice.total.currency, invoice.paid))
    rest = f"; {money(invoice.open)} open" if invoice.open.amount > 0 else ""
    return f"Paid {amount} of invoice {invoice.number}, {when}{rest}."


def _noon(day: date) -> datetime:
    """A day without an hour, in the order of the others."""
    return datetime.combine(day, time(12), UTC)
