"""Every change that a proposal goes through: a conditional update on (status, version) and a row in `events`.

Zero rows changed is a StateError: somebody else was quicker.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from pipeline.domain.ids import ClientId, MailId, ProposalId, ThreadId
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.proposal import Addressing, Draft, Finding, Proposal, ProposalStatus, Renewal
from pipeline.domain.strategy import Strategy
from pipeline.errors import StateError
from pipeline.store import ledger, lessons, queue, search
from pipeline.store.codec import dump
from pipeline.store.database import utc
from pipeline.store.lessons import How


def add_proposal(
    tx: Connection,
    strategy: Strategy,
    draft: Draft,
    addressing: Addressing,
    *,
    client_id: ClientId | None,
    mail_id: MailId | None,
    thread_id: ThreadId | None,
    warnings: tuple[str, ...],
    now: datetime,
) -> ProposalId:
    """A new pending proposal. Raises StateError if its origin has a live one."""
    if queue.live(tx, strategy.origin) is not None:
        raise StateError(f"There is a live proposal for {strategy.origin} already.")
    added = tx.execute(
        text(
            "INSERT INTO proposals (origin, status, version, strategy, addressing, client_id, mail_id, thread_id, warnings,"
            " created_at, updated_at) VALUES (:origin, 'pending', 1, :strategy, :addressing, :client_id, :mail_id, :thread_id,"
            " :warnings, :now, :now) RETURNING id",
        ),
        {
            "origin": strategy.origin,
            "strategy": dump(Strategy, strategy),
            "addressing": dump(Addressing, addressing),
            "client_id": client_id,
            "mail_id": mail_id,
            "thread_id": thread_id,
            "warnings": dump(tuple[str, ...], warnings),
            "now": utc(now),
        },
    ).scalar_one()
    proposal_id = ProposalId(int(added))
    _add_draft(tx, proposal_id, 1, draft, now)
    _add_event(tx, proposal_id, "proposed", None, ProposalStatus.PENDING, version=1, actor="firmly", now=now)
    return proposal_id


def move(
    tx: Connection,
    proposal: Proposal,
    event: str,
    after: ProposalStatus,
    *,
    actor: str,
    now: datetime,
    note: str = "",
    snoozed_until: datetime | None = None,
) -> None:
    """Change the status of a proposal that is still as it was read.

    Raises StateError if it is in another state, or has another draft, by now.
    """
    changed = tx.execute(
        text(
            "UPDATE proposals SET status = :after, updated_at = :now, snoozed_until = :snoozed, problem = :problem,"
            " outgoing = CASE :after WHEN 'pending' THEN NULL ELSE outgoing END,"
            " approved_sha256 = CASE :after WHEN 'pending' THEN NULL ELSE approved_sha256 END,"
            " message_id = CASE :after WHEN 'pending' THEN NULL ELSE message_id END"
            " WHERE id = :id AND status = :before AND version = :version",
        ),
        {
            "after": after.value,
            "now": utc(now),
            "snoozed": utc(snoozed_until) if snoozed_until else None,
            "problem": note if after in {ProposalStatus.UNCERTAIN, ProposalStatus.APPROVED} else "",
            "id": proposal.id,
            "before": proposal.status.value,
            "version": proposal.version,
        },
    ).rowcount
    if changed != 1:
        raise StateError(
            f"Proposal {proposal.id} is no longer {proposal.status} in version {proposal.version}; nothing was changed.",
            fix=f"firmly queue show {proposal.id} shows how it stands.",
        )
    if after is ProposalStatus.PENDING:
        lessons.forget_lesson(tx, proposal.id)
    _add_event(
        tx, proposal.id, event, proposal.status, after, version=proposal.version, actor=actor, now=now, note=note
    )


def record_approval(
    tx: Connection,
    proposal: Proposal,
    outgoing: bytes,
    *,
    sha256: str,
    message_id: str,
    actor: str,
    now: datetime,
) -> None:
    """Bind the approval to these exact bytes. Raises StateError if the proposal is not as it was read."""
    move(tx, proposal, "approved", ProposalStatus.APPROVED, actor=actor, now=now)
    tx.execute(
        text(
            "UPDATE proposals SET outgoing = :outgoing, approved_sha256 = :sha256, message_id = :message_id WHERE id = :id",
        ),
        {"outgoing": outgoing, "sha256": sha256, "message_id": message_id, "id": proposal.id},
    )
    lessons.record_lesson(tx, proposal, proposal.draft.body, How.APPROVED, now=now)


def record_sent(
    tx: Connection, proposal: Proposal, *, sent_at: datetime, now: datetime, note: str, words: str | None = None
) -> None:
    """The reply was seen sent: from here on its ladder step counts. `words` are its own, where they could be read."""
    move(tx, proposal, "sent", ProposalStatus.SENT, actor="firmly", now=now, note=note)
    left = proposal.draft.body if words is None else words
    lessons.record_lesson(tx, proposal, left, How.SENT, now=now, sent_at=sent_at)
    if proposal.client_id is None:
        return
    steps = dict.fromkeys(step for _, step in proposal.strategy.moves)
    for step in steps:
        numbers = tuple(number for number, moved in proposal.strategy.moves if moved == step)
        entry = ChaseLog(Step(step), numbers, sent_at, proposal.message_id)
        ledger.record_chase(tx, proposal.client_id, entry, proposal.id)


def record_draft(
    tx: Connection,
    proposal: Proposal,
    draft: Draft,
    *,
    event: str,
    actor: str,
    now: datetime,
    renewal: Renewal | None = None,
) -> None:
    """A new draft takes the place of the one that was read; the approval of the old one, if any, is void.

    With a `renewal` it answers the newer mail from here on.
    Raises StateError if the proposal is no longer in a state in which its draft may change.
    """
    if proposal.status not in {ProposalStatus.PENDING, ProposalStatus.SNOOZED, ProposalStatus.APPROVED}:
        raise StateError(
            f"Proposal {proposal.id} is {proposal.status}; its draft can no longer change.",
            fix="What was delivered is yours to change in your mail program.",
        )
    version = proposal.version + 1
    changed = tx.execute(
        text(
            "UPDATE proposals SET version = :next, status = 'pending', updated_at = :now, snoozed_until = NULL, outgoing = NULL,"
            " approved_sha256 = NULL, message_id = NULL, strategy = coalesce(:strategy, strategy),"
            " addressing = coalesce(:addressing, addressing), mail_id = coalesce(:mail_id, mail_id),"
            " warnings = coalesce(:warnings, warnings)"
            " WHERE id = :id AND status = :before AND version = :version",
        ),
        {
            "next": version,
            "now": utc(now),
            "strategy": dump(Strategy, renewal.strategy) if renewal else None,
            "addressing": dump(Addressing, renewal.addressing) if renewal else None,
            "mail_id": renewal.mail_id if renewal else None,
            "warnings": dump(tuple[str, ...], renewal.warnings) if renewal else None,
            "id": proposal.id,
            "before": proposal.status.value,
            "version": proposal.version,
        },
    ).rowcount
    if changed != 1:
        raise StateError(f"Proposal {proposal.id} was changed meanwhile; nothing was written.")
    lessons.forget_lesson(tx, proposal.id)
    _add_draft(tx, proposal.id, version, draft, now)
    _add_event(
        tx,
        proposal.id,
        event,
        proposal.status,
        ProposalStatus.PENDING,
        version=version,
        actor=actor,
        now=now,
    )


def add_warning(tx: Connection, proposal: Proposal, warning: str, now: datetime) -> None:
    """Tell the reviewer something more; a warning that stands already is not repeated."""
    if warning in proposal.warnings:
        return
    tx.execute(
        text("UPDATE proposals SET warnings = :warnings, updated_at = :now WHERE id = :id"),
        {"warnings": dump(tuple[str, ...], (*proposal.warnings, warning)), "now": utc(now), "id": proposal.id},
    )


def wake(tx: Connection, now: datetime) -> Sequence[ProposalId]:
    """Snoozed proposals whose time has come are pending again."""
    sleepers = queue.sleepers(tx, now)
    for sleeper in sleepers:
        move(tx, sleeper, "woke", ProposalStatus.PENDING, actor="firmly", now=now)
    return [sleeper.id for sleeper in sleepers]


def _add_draft(tx: Connection, proposal_id: ProposalId, version: int, draft: Draft, now: datetime) -> None:
    tx.execute(
        text(
            "INSERT INTO drafts (proposal_id, version, body, author, language, stance, findings, fallback_because, prompt, written_at)"
            " VALUES (:id, :version, :body, :author, :language, :stance, :findings, :fallback, :prompt, :now)",
        ),
        {
            "id": proposal_id,
            "version": version,
            "body": draft.body,
            "author": draft.author.value,
            "language": draft.language,
            "stance": draft.stance.value,
            "findings": dump(tuple[Finding, ...], draft.findings),
            "fallback": draft.fallback_because,
            "prompt": draft.prompt,
            "now": utc(now),
        },
    )
    search.record_words(tx, proposal_id)


def _add_event(
    tx: Connection,
    proposal_id: ProposalId,
    event: str,
    before: ProposalStatus | None,
    after: ProposalStatus,
    *,
    version: int,
    actor: str,
    now: datetime,
    note: str = "",
) -> None:
    tx.execute(
        text(
            "INSERT INTO events (at, actor, event, proposal_id, from_status, to_status, version, note)"
            " VALUES (:at, :actor, :event, :id, :before, :after, :version, :note)",
        ),
        {
            "at": utc(now),
            "actor": actor,
            "event": event,
            "id": proposal_id,
            "before": before,
            "after": after,
            "version": version,
            "note": note,
        },
    )
