"""What is better done before it hurts: a nudge where our question stays unanswered, a report before they ask for one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.decide import facts_for as owner_facts
from pipeline.domain.client import Context
from pipeline.domain.history import Deadline, SignalName, Turn
from pipeline.domain.ids import AccountId, ThreadId
from pipeline.domain.mail import Direction, Message
from pipeline.domain.proposal import Addressing, Author, Proposal, ProposalStatus
from pipeline.domain.strategy import Action, Record, Strategy
from pipeline.draft.formats import quotable
from pipeline.mail.compose import reply_subject
from pipeline.playbook.thresholds import NudgeRules
from pipeline.run.context import message_of
from pipeline.run.desk import Desk
from pipeline.run.dossier import Dossier
from pipeline.run.drafting import write_draft
from pipeline.run.proposing import brief_of, desktop_of, language_warnings, other_clients
from pipeline.run.report import RunReport
from pipeline.signals.wording import requests_in
from pipeline.store import attention, changes, mails, queue
from pipeline.store.mails import MailRow
from pipeline.workdays import WorkCalendar

_WORDS = 120


@dataclass(frozen=True, slots=True)
class _Silence:
    """A thread in which our question is the last word."""

    row: MailRow
    message: Message
    thread_id: ThreadId
    workdays: int

    @property
    def origin(self) -> str:
        return f"nudge:{self.thread_id}"


def prevent_due(desk: Desk, report: RunReport, found: Iterable[Dossier]) -> None:
    """Propose the nudges that are due, take back those that were answered, and say where a report should come first."""
    for known in found:
        with report.one_client("Preventing for", known.client.name):
            _prevent_one(desk, known, report)


def _prevent_one(desk: Desk, known: Dossier, report: RunReport) -> None:
    rules = desk.playbook.nudges
    with desk.db.read() as tx:
        silent = {silence.origin: silence for silence in _silences(tx, known, rules)}
        letters = [p for p in queue.letters_to(tx, known.client.id) if p.origin.startswith("nudge:")]
    for letter in letters:
        if letter.origin not in silent:
            report.withdrawn += _take_back(desk, letter)
    for silence in silent.values():
        report.proposed += _nudge(desk, known, silence, report)
    for deadline in _worth_a_report(known, rules, desk.clock()):
        report.attention += _report_first(desk, known, deadline)


def _silences(tx: Connection, known: Dossier, rules: NudgeRules) -> Iterator[_Silence]:
    """One a thread: the newest turn by a person is ours, asks for something, and has waited long enough."""
    newest: dict[int, Turn] = {}
    for turn in known.history.turns:
        if turn.direction is Direction.OUTBOUND or turn.counts or turn.stands_in:
            newest[turn.thread] = turn
    waiting = {r.message_id: r for r in known.record.requests if r.answered_at is None}
    for turn in newest.values():
        request = waiting.get(turn.message_id)
        if request is None or not rules.after_workdays <= request.workdays <= rules.until_workdays:
            continue
        row = mails.mail_by_message_id(tx, turn.message_id)
        message = message_of(tx, row.id) if row else None
        if row is not None and row.thread_id is not None and message is not None and message.to:
            yield _Silence(row, message, row.thread_id, request.workdays)


def _take_back(desk: Desk, letter: Proposal) -> bool:
    """Their answer makes a nudge that nobody has approved an insult. A person's own words stay theirs."""
    if letter.status not in {ProposalStatus.PENDING, ProposalStatus.SNOOZED} or letter.draft.author is Author.PERSON:
        return False
    with desk.db.write() as tx:
        note = "the question is answered, or too old for a reminder"
        changes.move(tx, letter, "withdrawn", ProposalStatus.WITHDRAWN, actor="firmly", now=desk.clock(), note=note)
    return True


def _nudge(desk: Desk, known: Dossier, silence: _Silence, report: RunReport) -> bool:
    """Draft the nudge of a thread; at most one a week, whatever became of the last one."""
    now = desk.clock()
    with desk.db.read() as tx:
        last = [p for p in queue.of_thread(tx, silence.thread_id) if p.origin == silence.origin]
        busy = any(p.status not in _OVER for p in queue.of_thread(tx, silence.thread_id))
        others = other_clients(tx, Context(client=known.client))
    if busy or any(now - p.updated_at < timedelta(days=desk.playbook.nudges.days_between) for p in last):
        return False
    strategy = _strategy(desk, known, silence)
    brief = brief_of(desk, strategy, None, Context(client=known.client), others)
    draft = write_draft(desk, strategy, None, brief, trouble=report.failure)
    with desk.db.write() as tx:
        changes.add_proposal(
            tx,
            strategy,
            draft,
            _addressing(desk, silence),
            client_id=known.client.id,
            mail_id=None,
            thread_id=silence.thread_id,
            warnings=language_warnings(desk.playbook, strategy),
            now=now,
        )
    return True


_OVER = {
    ProposalStatus.SENT,
    ProposalStatus.REJECTED,
    ProposalStatus.SUPERSEDED,
    ProposalStatus.WITHDRAWN,
}


def _strategy(desk: Desk, known: Dossier, silence: _Silence) -> Strategy:
    name = desk.playbook.events["nudge"]
    context = Context(client=known.client)
    base = owner_facts(desktop_of(desk), desk.playbook, context, desk.clock(), assessment=None, message=None)
    asked = silence.row.written_at.astimezone(known.history.owner_hours.timezone).date()
    words = [quotable(sentence, _WORDS) for sentence in requests_in(silence.message.newest)]
    records = tuple(Record(what, asked, silence.row.message_id) for what in words[:3] if what)
    return Strategy(
        action=Action.REPLY,
        because=(f"Our question of {asked} has waited {silence.workdays} workdays for an answer.",),
        origin=silence.origin,
        play=name,
        label=desk.playbook.plays[name].label,
        facts=replace(base, records=records),
    )


def _addressing(desk: Desk, silence: _Silence) -> Addressing:
    """Once more to whom we asked, below our own mail, from the identity that asked."""
    message, owner = silence.message, desk.config.owner
    sender = message.from_.email if message.from_ else owner.email
    identity = next((i for i in owner.identities if i.email.lower() == sender.lower()), None)
    return Addressing(
        account_id=AccountId(silence.row.account),
        from_email=identity.email if identity else owner.email,
        from_name=(identity.name if identity else None) or owner.name,
        to_email=message.to[0].email,
        to_name=message.to[0].name,
        subject=reply_subject(message.subject),
        in_reply_to=message.message_id,
        references=(*message.references, message.message_id) if message.message_id else message.references,
    )


def _worth_a_report(known: Dossier, rules: NudgeRules, now: datetime) -> Iterator[Deadline]:
    """Promised days close ahead, of a client who asks before the day has come."""
    if not any(signal.name is SignalName.CHASES_BEFORE_DEADLINE for signal in known.signals):
        return
    calendar = WorkCalendar(known.history.owner_hours)
    today = calendar.today(now)
    until = calendar.workday_after(today, rules.report_before_workdays)
    days = {d.day: d for d in known.history.deadlines if d.met_on is None and today < d.day <= until}
    yield from (days[day] for day in sorted(days))


def _report_first(desk: Desk, known: Dossier, deadline: Deadline) -> bool:
    """How far the work is stands in no record, so there is no draft: the person is told to write first."""
    words = f"{known.client.name} likes to ask before the day has come, and {deadline.day} is promised: report before they ask."
    with desk.db.write() as tx:
        return attention.raise_attention(
            tx,
            "report_first",
            words,
            now=desk.clock(),
            client_id=known.client.id,
            subject=f"client:{known.client.id}:{deadline.day}",
        )
