"""What a page shows, read from the store in one go. Decides nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import Connection

from pipeline.config.models import Owner
from pipeline.domain.assessment import Assessment, Behaviour
from pipeline.domain.client import Boundary, Client, EarlierMail
from pipeline.domain.ids import ClientId, Label, MailId, ProposalId
from pipeline.domain.ladder import ChaseLog
from pipeline.domain.ledger import Invoice, Promise
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Addressing, AttentionItem, Proposal, ProposalStatus
from pipeline.draft.formats import day_in_words, letter_locale
from pipeline.errors import UsageError
from pipeline.mail.address import ascii_address
from pipeline.mail.compose import compose_reply
from pipeline.review import outgoing_body
from pipeline.run.addressing import not_copied
from pipeline.run.context import assessment_of, earlier_mails, message_of, roster_of
from pipeline.run.desk import Desk
from pipeline.run.dossier import Dossier, dossier_of
from pipeline.store import attention, clients, listing, mails, memory, queue
from pipeline.store.codec import dump
from pipeline.store.mails import MailRow
from pipeline.store.memory import Note
from pipeline.store.queue import Event
from pipeline.web.chart import Chart, mood_of
from pipeline.web.words import Piece, pieces, unwrapped
from pipeline.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class MailView:
    """One mail with what was said of it."""

    row: MailRow
    message: Message | None
    assessment: Assessment | None
    thread: tuple[EarlierMail, ...]
    pieces: tuple[Piece, ...]
    elsewhere: tuple[Behaviour, ...]
    """Labels whose quote comes from an earlier mail of the thread."""
    confirmed: frozenset[Label] = frozenset()
    struck: frozenset[Label] = frozenset()

    @property
    def added(self) -> list[Label]:
        """Labels that only a person gave."""
        judged = {b.label for b in self.assessment.behaviours} if self.assessment else set()
        return sorted(self.confirmed - judged)


@dataclass(frozen=True, slots=True)
class Card:
    """A client at a glance."""

    dossier: Dossier
    chart: Chart | None
    notes: tuple[Note, ...]
    invoices: tuple[Invoice, ...]
    """Those with something open, the oldest due first."""
    promises: tuple[Promise, ...]
    """Newest first, settled as of today."""
    letters: tuple[ChaseLog, ...]
    """Reminders that were seen sent, newest first."""
    boundaries: tuple[Boundary, ...]
    """Newest first."""
    today: date

    @property
    def client(self) -> Client:
        """Whose card it is."""
        return self.dossier.client


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proposal stands in the queue."""

    before: ProposalId | None
    after: ProposalId | None
    number: int
    """From 1; 0 if it does not wait."""
    total: int


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else whom the mail was addressed to; a reply reaches them only by the person's choice."""

    email: str
    """As it travels."""
    name: str
    copied: bool
    client: str
    """The name of another client whom this address belongs to; empty otherwise."""


@dataclass(frozen=True)
class ProposalView:
    """Everything that a person looks at before they decide."""

    proposal: Proposal
    mail: MailView | None
    card: Card | None
    place: Place
    events: tuple[Event, ...]
    problem: str
    approved: bytes | None
    owner: Owner
    others: tuple[Other, ...]
    sends: bool
    """Its account sends at once; otherwise a reply is laid into Drafts."""
    now: datetime

    @cached_property
    def body(self) -> str:
        """The body as it will leave, signature included."""
        return outgoing_body(self.owner, self.proposal)

    @cached_property
    def shown(self) -> str:
        """What an approval is bound to."""
        return shown_sha256(self.owner, self.proposal)

    @cached_property
    def raw(self) -> str | None:
        """The whole mail as bytes on the wire: the approved ones, or how they would be. None if it cannot be composed."""
        if self.approved is not None:
            return self.approved.decode("ascii", "replace")
        try:
            raw = compose_reply(
                self.proposal.addressing, self.body, message_id="<made-when-you-approve@firmly>", date=self.now
            )
        except ValueError:
            return None
        return raw.decode("ascii", "replace")

    @cached_property
    def dates(self) -> tuple[tuple[str, str], ...]:
        """The dates that the letter commits to, each with the setting that it comes from."""
        facts, draft = self.proposal.strategy.facts, self.proposal.draft
        if facts is None:
            return ()
        locale = letter_locale(draft.language)
        said = ((day_in_words(c.date, locale), c.because) for c in facts.commitments)
        return tuple((day, because) for day, because in said if day in draft.body)

    @property
    def open(self) -> bool:
        """Whether it can still be approved."""
        return self.proposal.status in {ProposalStatus.PENDING, ProposalStatus.SNOOZED}

    @property
    def undoable(self) -> bool:
        """Whether the last decision can be taken back."""
        return self.proposal.status in {
            ProposalStatus.APPROVED,
            ProposalStatus.REJECTED,
            ProposalStatus.SNOOZED,
        }


def shown_sha256(owner: Owner, proposal: Proposal) -> str:
    """SHA-256 over what the page shows as leaving: all of the addressing, and the body with its signature."""
    shown = dump(Addressing, proposal.addressing) + "\0" + outgoing_body(owner, proposal)
    return hashlib.sha256(shown.encode()).hexdigest()


def severities(desk: Desk) -> Mapping[str, int]:
    """How grave each behaviour is."""
    return {rule.name: rule.severity or 1 for rule in desk.playbook.taxonomy.behaviours}


def place_of(tx: Connection, desk: Desk, proposal_id: ProposalId) -> Place:
    """The neighbours of a proposal in the queue. Without a place of its own, the queue's first comes next."""
    order = listing.order_of_waiting(tx, severities(desk), limit=listing.BLOCK)
    if proposal_id not in order:
        return Place(None, order[0] if order else None, 0, listing.count_waiting(tx))
    at = order.index(proposal_id)
    return Place(
        order[at - 1] if at else None,
        order[at + 1] if at + 1 < len(order) else None,
        at + 1,
        len(order) if len(order) < listing.BLOCK else listing.count_waiting(tx),
    )


def proposal_view(desk: Desk, proposal_id: ProposalId) -> ProposalView:
    """One proposal whole. Raises UsageError if there is none of that number."""
    with desk.db.read() as tx:
        proposal = queue.proposal(tx, proposal_id)
        if proposal is None:
            raise UsageError(f"There is no proposal {proposal_id}.")
        return ProposalView(
            proposal=proposal,
            mail=_mail(tx, proposal.mail_id),
            card=card_of(tx, desk, proposal.client_id),
            place=place_of(tx, desk, proposal_id),
            events=tuple(queue.events_of(tx, proposal_id)),
            problem=queue.problem_of(tx, proposal_id),
            approved=queue.outgoing(tx, proposal_id),
            owner=desk.config.owner,
            others=others_of(tx, desk.config.owner, proposal),
            sends=any(
                a.id == proposal.addressing.account_id and a.kind == "imap" and a.delivery == "smtp"
                for a in desk.config.accounts
            ),
            now=desk.clock(),
        )


def others_of(tx: Connection, owner: Owner, proposal: Proposal) -> tuple[Other, ...]:
    """Who else was addressed by the mail that a proposal answers, and whether they get a copy of the reply."""
    message = message_of(tx, proposal.mail_id) if proposal.mail_id is not None else None
    if message is None:
        return ()
    roster = roster_of(tx, owner)
    found = []
    for address in not_copied(owner, message, replace(proposal.addressing, cc=())):
        email = ascii_address(address.email)
        belongs = roster.client_of(email)
        other = clients.client(tx, belongs) if belongs is not None and belongs != proposal.client_id else None
        found.append(Other(email, str(address.name), email in proposal.addressing.cc, other.name if other else ""))
    return tuple(found)


def mail_view(desk: Desk, mail_id: MailId) -> tuple[MailView, Card | None]:
    """One mail with its client. Raises UsageError if there is none of that number."""
    with desk.db.read() as tx:
        view = _mail(tx, mail_id)
        if view is None:
            raise UsageError(f"There is no mail {mail_id}.")
        return view, card_of(tx, desk, view.row.client_id)


def attention_view(desk: Desk, item: AttentionItem) -> tuple[MailView | None, Card | None]:
    """What an attention item is about."""
    with desk.db.read() as tx:
        return _mail(tx, item.mail_id), card_of(tx, desk, item.client_id)


def find_item(tx: Connection, number: int) -> AttentionItem:
    """An attention item. Raises UsageError if there is none of that number."""
    found = attention.item(tx, number)  # type: ignore[arg-type]  # a number from the address line
    if found is None:
        raise UsageError(f"There is no attention item {number}.")
    return found


def _mail(tx: Connection, mail_id: MailId | None) -> MailView | None:
    row = mails.mail(tx, mail_id) if mail_id is not None else None
    if row is None:
        return None
    message, assessment = message_of(tx, row.id), assessment_of(tx, row.id)
    behaviours = assessment.behaviours if assessment else ()
    own = [b for b in behaviours if b.source in {None, row.message_id}]
    quotes = [(str(b.label), str(b.quote)) for b in own]
    if assessment is not None and assessment.payment is not None:
        quotes.append((f"payment: {assessment.payment.kind}", assessment.payment.quote))
    if assessment is not None and assessment.bank_details is not None:
        quotes.append(("bank details", assessment.bank_details))
    return MailView(
        row,
        message,
        assessment,
        earlier_mails(tx, row),
        pieces(unwrapped(message.newest), quotes) if message else (),
        tuple(b for b in behaviours if b not in own),
        *_decided(tx, row),
    )


def _decided(tx: Connection, row: MailRow) -> tuple[frozenset[Label], frozenset[Label]]:
    """The labels of a mail that a person confirmed, and those that they struck."""
    if row.client_id is None:
        return frozenset(), frozenset()
    name = row.message_id or f"mail:{row.id}"
    confirmed = frozenset(i.label for i in memory.incidents(tx, row.client_id) if i.message_id == name)
    return confirmed, frozenset(label for mail, label in memory.struck(tx, row.client_id) if mail == name)


def card_of(tx: Connection, desk: Desk, client_id: ClientId | None) -> Card | None:
    """A client at a glance; None for a stranger."""
    client = clients.client(tx, client_id) if client_id is not None else None
    if client is None:
        return None
    known = dossier_of(tx, desk, client.id)
    return Card(
        dossier=known,
        chart=mood_of(listing.mails_of_client(tx, client.id)),
        notes=memory.notes(tx, client.id),
        invoices=tuple(sorted((i for i in known.ledger.invoices if i.open.amount > 0), key=lambda i: i.due)),
        promises=tuple(sorted(known.promises, key=lambda p: p.made_at, reverse=True)),
        letters=tuple(reversed(known.ledger.log)),
        boundaries=tuple(reversed(known.record.boundaries)),
        today=WorkCalendar(known.ledger.hours).today(desk.clock()),
    )
