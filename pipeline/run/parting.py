"""Parting ways: the letter, as a proposal like any other. Only when a person asks for it; nothing is tied to a payment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from pipeline.decide import facts_for as owner_facts
from pipeline.domain.client import Client, Context
from pipeline.domain.ids import AccountId, ClientId, ProposalId
from pipeline.domain.ledger import PromiseStatus
from pipeline.domain.proposal import Addressing, ProposalStatus
from pipeline.domain.strategy import Action, Commitment, Facts, Record, Strategy
from pipeline.errors import StateError, UsageError
from pipeline.invoices.facts import facts_for as invoice_facts
from pipeline.run.desk import Desk
from pipeline.run.dossier import Dossier, dossier_of
from pipeline.run.drafting import write_draft
from pipeline.run.proposing import brief_of, desktop_of, language_warnings, other_clients
from pipeline.store import changes, queue
from pipeline.workdays import WorkCalendar

_MOST_RECORDS = 3
"""A letter that counts up everything argues; the plays name three."""
_OPEN_FOR_CHANGE = {ProposalStatus.PENDING, ProposalStatus.SNOOZED}
_SUBJECT = "The end of our work together"
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Parting:
    """What the owner says about an exit; all of it may be left to the record."""

    because: tuple[str, ...] = ()
    """The owner's own facts, each completing "could not meet your needs because of"; they come before those on record."""
    last_day: date | None = None
    """None: as many workdays from today as the playbook says."""
    to_email: str | None = None


def propose_parting(desk: Desk, client_id: ClientId, parting: Parting, *, actor: str) -> ProposalId:
    """Draft the exit letter of a client; an older draft of it that nobody has approved gives way.

    Raises UsageError for a client that is not there or has no address, StateError if such a letter is on its way.
    """
    now = desk.clock()
    with desk.db.read() as tx:
        known = dossier_of(tx, desk, client_id)
        others = other_clients(tx, Context(client=known.client))
        live = queue.live(tx, f"exit:{client_id}")
    if live is not None and live.status not in _OPEN_FOR_CHANGE:
        raise StateError(
            f"Proposal {live.id} parts ways with {known.client.name} already; it is {live.status}.",
            fix=f"firmly queue show {live.id}",
        )
    addressing = _addressing(desk, known.client, parting)
    strategy = _strategy(desk, known, parting)
    draft = write_draft(desk, strategy, None, brief_of(desk, strategy, None, Context(client=known.client), others))
    with desk.db.write() as tx:
        if live is not None:
            changes.move(tx, live, "superseded", ProposalStatus.SUPERSEDED, actor=actor, now=now, note="drafted anew")
        return changes.add_proposal(
            tx,
            strategy,
            draft,
            addressing,
            client_id=client_id,
            mail_id=None,
            thread_id=None,
            warnings=(*_warnings(strategy), *language_warnings(desk.playbook, strategy)),
            now=now,
        )


def reasons_on_record(known: Dossier, today: date) -> Iterator[Record]:
    """What is on file and fits a letter: facts with a day, without a label or a judgement. The work comes before the bill."""
    waiting = [request for request in known.record.requests if request.answered_at is None]
    if waiting:
        first = waiting[0]
        yield Record("a request of mine that is still without an answer", first.asked_at.date(), first.message_id)
    for promise in known.promises:
        if promise.status is PromiseStatus.BROKEN:
            words = "a payment that was promised for this day and did not arrive"
            yield Record(words, promise.date, promise.message_id)
    numbers = known.record.open_invoices
    due = [i.due for i in known.ledger.invoices if i.number in numbers and i.days_overdue(today) > 0]
    if due:
        yield Record("an invoice that has been open since its due date", min(due))
    crossed = [
        b
        for b in known.record.boundaries
        if any(i.label == b.label and i.at > b.stated_at for i in known.record.incidents)
    ]
    for boundary in crossed[-1:]:
        yield Record("the way of working that I asked for and that we did not arrive at", boundary.stated_at.date())


def _strategy(desk: Desk, known: Dossier, parting: Parting) -> Strategy:
    name = desk.playbook.events["exit"]
    said = tuple(Record(_one_line(words)) for words in parting.because)
    today = WorkCalendar(known.ledger.hours).today(desk.clock())
    records = (*said, *reasons_on_record(known, today))[:_MOST_RECORDS]
    because = ["You asked for it (firmly clients exit)."]
    because += [f"It could not work because of {r.what}{f', {r.date}' if r.date else ''}." for r in records]
    because += [reason.sentence for reason in known.verdict.reasons]
    return Strategy(
        action=Action.REPLY,
        because=tuple(because),
        origin=f"exit:{known.client.id}",
        play=name,
        label=desk.playbook.plays[name].label,
        facts=_facts(desk, known, records, parting.last_day),
    )


def _one_line(words: str) -> str:
    folded = " ".join(words.split())
    if not folded or len(folded) > _LONGEST_REASON:
        raise UsageError(f"A reason has one line of at most {_LONGEST_REASON} characters.")
    return folded


def _facts(desk: Desk, known: Dossier, records: tuple[Record, ...], last_day: date | None) -> Facts:
    now = desk.clock()
    context = Context(client=known.client)
    base = owner_facts(desktop_of(desk), desk.playbook, context, now, assessment=None, message=None)
    today = WorkCalendar(known.ledger.hours).today(now)
    invoices, totals = invoice_facts(known.ledger, today)
    commitments = base.commitments
    if last_day is not None:
        if last_day < today:
            raise UsageError(f"The last day {last_day} is over.", fix="Give a day that is still to come.")
        said = Commitment("last_day", last_day, "you gave it with --last-day")
        commitments = (*(c for c in commitments if c.kind != "last_day"), said)
    return replace(base, invoices=invoices, totals=totals, records=records, commitments=commitments)


def _warnings(strategy: Strategy) -> tuple[str, ...]:
    """What the reviewer should know beside the letter."""
    fixed = (
        "Whether an account is handed over before or after a payment is your decision; the letter ties nothing to it."
    )
    if strategy.facts is not None and not strategy.facts.records:
        return (fixed, "Nothing on record gives a reason, so the letter names none; --because adds yours.")
    return (fixed,)


def _addressing(desk: Desk, client: Client, parting: Parting) -> Addressing:
    """A new mail to the client's first address, from the owner, into no thread."""
    to_email = parting.to_email or next(iter(client.emails), None)
    if to_email is None:
        raise UsageError(f"{client.name} has no address on record.", fix="Give one with --to.")
    owner = desk.config.owner
    return Addressing(
        account_id=AccountId(next(iter(desk.mailboxes))),
        from_email=owner.email,
        from_name=owner.name,
        to_email=to_email,
        to_name="",
        subject=_SUBJECT,
    )
