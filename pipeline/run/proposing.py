"""Assessment → strategy → proposal or attention item."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from pipeline.decide import Desktop, Situation, choose_strategy
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.mail import Message
from pipeline.domain.proposal import (
    HANDED_OVER,
    Author,
    Finding,
    GuardBrief,
    Proposal,
    ProposalStatus,
    Redraft,
    Renewal,
    Severity,
)
from pipeline.domain.strategy import Action, Stance, Strategy
from pipeline.errors import BadAnswer
from pipeline.guard import brief_for, inspect_draft
from pipeline.playbook import Playbook, template_language
from pipeline.run.addressing import reply_addressing
from pipeline.run.context import (
    assessment_of,
    context_of,
    corrected,
    message_of,
    newer_in_thread,
    newest_of_client,
    roster_of,
)
from pipeline.run.desk import Desk
from pipeline.run.drafting import write_draft
from pipeline.run.report import RunReport
from pipeline.run.stages import each_due
from pipeline.screen import authentication_verdict, sender_warnings
from pipeline.store import attention, changes, clients, mails, queue, steps
from pipeline.store.codec import dump, load
from pipeline.store.mails import MailRow
from pipeline.store.steps import StepState

_NEWER = "Newer mail has arrived in this thread since the draft was written."
_OPEN_FOR_CHANGE = {ProposalStatus.PENDING, ProposalStatus.SNOOZED}


def desktop_of(desk: Desk) -> Desktop:
    """What the owner's config says about all replies."""
    owner = desk.config.owner
    weekdays = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Desktop(
        owner_name=owner.name,
        hours=owner.hours(),
        language=owner.language,
        update_days=tuple(weekdays.index(day) for day in owner.update_days),
        answer_in_workdays=owner.answer_in_workdays,
        links=owner.links,
    )


def decide_due(desk: Desk, report: RunReport) -> None:
    """Assessment → Strategy; what is held becomes an attention item."""
    desktop = desktop_of(desk)

    def work(row: MailRow) -> None:
        with desk.db.read() as tx:
            situation = situation_of(tx, desk, row)
        strategy = choose_strategy(situation, desk.playbook, desktop)
        with desk.db.write() as tx:
            going_on = strategy.action is Action.REPLY
            steps.record(
                tx,
                row.id,
                "decide",
                StepState.DONE if going_on else StepState.STOPPED,
                now=situation.now,
                output=dump(Strategy, strategy),
                fingerprint=desk.playbook.fingerprint,
            )
            if strategy.action in {Action.HOLD, Action.NO_PLAY}:
                report.attention += attention.raise_attention(
                    tx,
                    strategy.hold_kind or "no_play",
                    " ".join(strategy.because),
                    now=situation.now,
                    mail_id=row.id,
                    client_id=row.client_id,
                )
            live = queue.live(tx, strategy.origin)
            if live is not None and not going_on and situation.newer is None and not row.backfilled:
                _mark(tx, live, situation.now)

    each_due(desk, "decide", report, work)


def situation_of(tx: Connection, desk: Desk, row: MailRow) -> Situation:
    """One mail with everything that is known of it. Raises BadAnswer if an earlier step is missing."""
    message, assessment = message_of(tx, row.id), assessment_of(tx, row.id)
    if message is None or assessment is None or row.thread_id is None:
        raise BadAnswer("an earlier step of it is missing; firmly redo starts it again.")
    mailbox = desk.mailboxes.get(row.account)
    return Situation(
        message=message,
        assessment=corrected(tx, row, assessment),
        context=context_of(tx, row),
        thread_id=row.thread_id,
        client_id=row.client_id,
        now=desk.clock(),
        auth=authentication_verdict(message, mailbox.authserv_id if mailbox else None),
        newer=newer_in_thread(tx, row),
        backfilled=row.backfilled,
        ordinary_replies=desk.config.replies.ordinary,
    )


def draft_due(desk: Desk, report: RunReport) -> None:
    """Strategy → proposal. An older proposal of the same origin gives way, unless a person has put a hand to it."""

    def work(row: MailRow) -> None:
        with desk.db.read() as tx:
            message, context = message_of(tx, row.id), context_of(tx, row)
            stored = steps.output(tx, row.id, "decide")
            others = other_clients(tx, context)
        if message is None or stored is None:
            raise BadAnswer("an earlier step of it is missing; firmly redo starts it again.")
        strategy = load(Strategy, stored)
        brief = brief_of(desk, strategy, message, context, others)
        draft = write_draft(desk, strategy, message, brief, trouble=report.failure)
        addressing = reply_addressing(desk.config.owner, row.account, message)
        now = desk.clock()
        with desk.db.write() as tx:
            warnings = (*_warnings(tx, desk, row, message, strategy), *_handed_over_before(tx, row))
            done = dump(str, strategy.origin)
            if _gives_way(tx, desk, strategy.origin):
                proposal_id = changes.add_proposal(
                    tx,
                    strategy,
                    draft,
                    addressing,
                    client_id=row.client_id,
                    mail_id=row.id,
                    thread_id=row.thread_id,
                    warnings=warnings,
                    now=now,
                )
                done = dump(int, proposal_id)
                report.proposed += 1
            steps.record(
                tx,
                row.id,
                "draft",
                StepState.DONE,
                now=now,
                output=done,
                fingerprint=desk.writer.fingerprint,
            )

    each_due(desk, "draft", report, work)


def _gives_way(tx: Connection, desk: Desk, origin: str) -> bool:
    """Make room for a new proposal of this origin; False if a person's hand is on the one that is there."""
    live = queue.live(tx, origin)
    if live is None:
        return True
    if live.status in _OPEN_FOR_CHANGE and live.draft.author is not Author.PERSON:
        changes.move(tx, live, "superseded", ProposalStatus.SUPERSEDED, actor="firmly", now=desk.clock(), note=_NEWER)
        return True
    _mark(tx, live, desk.clock())
    return False


def _mark(tx: Connection, proposal: Proposal, now: datetime) -> None:
    """Say that newer mail is there. An approval that has not left yet was given without knowing it: it is put back."""
    if proposal.status is ProposalStatus.APPROVED:
        changes.move(tx, proposal, "put back", ProposalStatus.PENDING, actor="firmly", now=now, note=_NEWER)
    changes.add_warning(tx, proposal, _NEWER, now)


def _handed_over_before(tx: Connection, row: MailRow) -> tuple[str, ...]:
    """Earlier replies of the thread that were delivered and not seen sent: theirs to change, send or delete.

    One to this very mail is named wherever it is: this would be a second answer.
    """
    earlier = queue.of_thread(tx, row.thread_id) if row.thread_id is not None else ()
    return tuple(
        f"Your reply p{one.id} to this mail is {one.status} already: this would be a second one."
        if one.mail_id == row.id
        else f"Your reply p{one.id} to an earlier mail of this thread lies in Drafts, unsent."
        for one in earlier
        if one.status is ProposalStatus.DELIVERED or (one.mail_id == row.id and one.status in HANDED_OVER)
    )


def other_clients(tx: Connection, context: Context) -> tuple[str, ...]:
    """Names and addresses of all clients but this one: they have no place in a letter to it."""
    mine = context.client.id if context.client else None
    return tuple(
        word for client in clients.all_clients(tx) if client.id != mine for word in (client.name, *client.emails)
    )


def brief_of(
    desk: Desk,
    strategy: Strategy,
    message: Message | None,
    context: Context,
    others: tuple[str, ...],
) -> GuardBrief:
    """What the guard may accept in this letter."""
    labels = tuple(rule.name for rule in desk.playbook.taxonomy.behaviours)
    return brief_for(
        strategy,
        message=message,
        labels=labels,
        other_clients=others,
        thread=context.thread,
        legal_allowed=desk.config.invoices.legal_words,
    )


def judge_warnings(assessment: Assessment | None) -> tuple[str, ...]:
    """A mail that another judge read than the one in the config is said to be."""
    if assessment is None or assessment.fallback_because is None:
        return ()
    return (f"The {assessment.judge.partition('/')[0]} judge read this mail, {assessment.fallback_because}.",)


def language_warnings(playbook: Playbook, strategy: Strategy) -> tuple[str, ...]:
    """A letter in another language than the client's is said to be one."""
    if strategy.facts is None or strategy.play is None:
        return ()
    wanted = strategy.facts.language
    got = template_language(playbook.plays[strategy.play], wanted)
    if got.split("-")[0] == wanted.split("-")[0].lower():
        return ()
    return (f"There is no plain letter in the client's language ({wanted}); this one is in {got}.",)


def inspect_words(desk: Desk, proposal: Proposal, body: str) -> tuple[Finding, ...]:
    """What the guard says of words that a person wrote."""
    brief, _ = _brief_again(desk, proposal)
    return inspect_draft(body, brief, desk.guard_words)


def redraft(desk: Desk, proposal: Proposal, stance: Stance, wish: str = "") -> Redraft:
    """The proposal's letter once more, in this stance, and as the person wishes where an endpoint can hear it.

    Where newer mail of the thread wants an answer, that mail is answered.
    """
    with desk.db.read() as tx:
        renewal = _renewal(tx, desk, proposal)
    if renewal is not None:
        proposal = replace(proposal, strategy=renewal.strategy, addressing=renewal.addressing, mail_id=renewal.mail_id)
    brief, message = _brief_again(desk, proposal)
    strategy = replace(proposal.strategy, stance=stance)
    wishes = (Finding(0, "wish", Severity.WARN, f"The person who approves asks: {wish}"),) if wish else ()
    return Redraft(write_draft(desk, strategy, message, brief, wishes=wishes), renewal)


def _renewal(tx: Connection, desk: Desk, proposal: Proposal) -> Renewal | None:
    """What the newest mail of the thread wants; None if the proposal answers it already, or it wants no reply."""
    row = mails.mail(tx, proposal.mail_id) if proposal.mail_id is not None else None
    newest = newest_of_client(tx, row) if row is not None else None
    stored = steps.output(tx, newest.id, "decide") if newest is not None else None
    message = message_of(tx, newest.id) if newest is not None else None
    if newest is None or stored is None or message is None:
        return None
    strategy = load(Strategy, stored)
    if strategy.action is not Action.REPLY or strategy.origin != proposal.origin:
        return None
    return Renewal(
        newest.id,
        strategy,
        reply_addressing(desk.config.owner, newest.account, message),
        _warnings(tx, desk, newest, message, strategy),
    )


def _warnings(tx: Connection, desk: Desk, row: MailRow, message: Message, strategy: Strategy) -> tuple[str, ...]:
    """What the reviewer should know before they answer this mail."""
    known = roster_of(tx, desk.config.owner).by_email
    return (
        *sender_warnings(message, frozenset(email.rpartition("@")[2] for email in known)),
        *language_warnings(desk.playbook, strategy),
        *judge_warnings(assessment_of(tx, row.id)),
    )


def _brief_again(desk: Desk, proposal: Proposal) -> tuple[GuardBrief, Message | None]:
    """The guard's brief for a proposal that is there already, and the mail that it answers."""
    with desk.db.read() as tx:
        row = mails.mail(tx, proposal.mail_id) if proposal.mail_id is not None else None
        message = message_of(tx, row.id) if row else None
        client = clients.client(tx, proposal.client_id) if proposal.client_id is not None else None
        context = context_of(tx, row) if row else Context(client=client)
        others = other_clients(tx, context)
    return brief_of(desk, proposal.strategy, message, context, others), message
