"""What a person can do to a proposal, and to what wants their attention. Every door (command, terminal, page) comes here."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.config.models import Owner
from pipeline.domain.ids import AttentionId, ProposalId
from pipeline.domain.proposal import (
    AttentionItem,
    AttentionStatus,
    Author,
    Draft,
    Finding,
    Proposal,
    ProposalStatus,
    Redraft,
    Renewal,
    Severity,
)
from pipeline.errors import StateError, UsageError
from pipeline.mail.compose import compose_reply, make_message_id
from pipeline.run.addressing import signature_of
from pipeline.store import attention, changes, listing, queue, search
from pipeline.store.database import Database

_NOT_YET = "Snoozing works towards a time that is still to come."


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for a person."""

    attention: tuple[AttentionItem, ...]
    proposals: tuple[Proposal, ...]
    total: int
    """So many proposals wait in all, those on other pages included."""


def waiting(db: Database) -> Inbox:
    """Everything that waits, oldest first; uncertain deliveries first of all."""
    with db.read() as tx:
        proposals = queue.with_status(tx, {ProposalStatus.UNCERTAIN, ProposalStatus.PENDING, ProposalStatus.APPROVED})
        items = attention.open_items(tx)
    proposals.sort(key=lambda p: p.status is not ProposalStatus.UNCERTAIN)
    return Inbox(tuple(items), tuple(proposals), len(proposals))


def page_of_queue(
    db: Database, severity: Mapping[str, int], *, words: str = "", offset: int = 0, limit: int | None = None
) -> Inbox:
    """A part of the queue in the order of what matters; `severity` is that of the labels, `words` restrict it.

    Attention items stand on the first part alone. Without a `limit` it is all that follows.
    """
    with db.read() as tx:
        total = listing.count_waiting(tx, words)
        end = total if limit is None else min(total, offset + limit)
        ids: list[ProposalId] = []
        while offset + len(ids) < end:
            begin = offset + len(ids)
            part = listing.order_of_waiting(tx, severity, words=words, limit=end - begin, offset=begin)
            if not part:
                break
            ids += part
        folded = search.fold(words).split()
        items = [
            item
            for item in (attention.open_items(tx) if offset == 0 else ())
            if all(word in search.fold(f"{item.kind} {item.message}") for word in folded)
        ]
        return Inbox(tuple(items), tuple(queue.proposals(tx, ids)), total)


def page_in_state(db: Database, status: ProposalStatus, *, offset: int = 0, limit: int | None = None) -> Inbox:
    """A part of the proposals in one state, what changed last first; for `snoozed` the snoozed attention items too."""
    with db.read() as tx:
        total = queue.counts(tx).get(status.value, 0)
        ids = queue.newest_in_state(tx, status, offset=offset, limit=total if limit is None else limit)
        snoozed = status is ProposalStatus.SNOOZED and offset == 0
        items = attention.snoozed_items(tx) if snoozed else []
        return Inbox(tuple(items), tuple(queue.proposals(tx, ids)), total)


def find_proposal(db: Database, proposal_id: ProposalId) -> Proposal:
    """One proposal. Raises UsageError if there is none of that number."""
    with db.read() as tx:
        proposal = queue.proposal(tx, proposal_id)
    if proposal is None:
        raise UsageError(f"There is no proposal {proposal_id}.", fix="firmly queue list shows them.")
    return proposal


def outgoing_body(owner: Owner, proposal: Proposal) -> str:
    """The body as it will leave: the draft and the signature of the identity that writes."""
    signature = signature_of(owner, proposal.addressing.from_email)
    body = proposal.draft.body.rstrip()
    return f"{body}\n\n-- \n{signature.strip()}\n" if signature else f"{body}\n"


def approve(
    db: Database,
    owner: Owner,
    proposal: Proposal,
    *,
    reviewer: str,
    now: datetime,
    still_right: Callable[[Proposal], str | None] = lambda _: None,
) -> Proposal:
    """Bind an approval to the exact bytes that will leave. Gives the approved proposal.

    `still_right` says why a letter is overtaken (the invoice was paid meanwhile). Raises StateError if it is, if the guard
    blocks the draft, or if the proposal is no longer as it was shown.
    """
    if proposal.status not in {ProposalStatus.PENDING, ProposalStatus.SNOOZED}:
        raise StateError(f"Proposal {proposal.id} is {proposal.status}, not pending.")
    if proposal.draft.blocked:
        raise StateError(
            f"The guard blocks the draft of proposal {proposal.id}: {blocking_words(proposal.draft.findings)}",
            fix=f"firmly queue edit {proposal.id} to mend it, or firmly queue redraft {proposal.id}.",
        )
    reason = still_right(proposal)
    if reason is not None:
        raise StateError(f"{reason} Nothing was approved.", fix="The next run takes it back, or drafts it anew.")
    message_id = make_message_id(proposal.addressing.from_email.rpartition("@")[2])
    raw = compose_reply(proposal.addressing, outgoing_body(owner, proposal), message_id=message_id, date=now)
    with db.write() as tx:
        changes.record_approval(
            tx,
            proposal,
            raw,
            sha256=hashlib.sha256(raw).hexdigest(),
            message_id=message_id,
            actor=reviewer,
            now=now,
        )
    return find_proposal(db, proposal.id)


def blocking_words(findings: tuple[Finding, ...]) -> str:
    """What blocks, in the guard's sentences."""
    return "; ".join(f.message for f in findings if f.severity is Severity.BLOCK)


def take_edit(
    db: Database, proposal: Proposal, body: str, findings: tuple[Finding, ...], *, reviewer: str, now: datetime
) -> Proposal:
    """The person's own words take the draft's place, and void an approval.

    What the guard finds is shown, not imposed: their word wins. Headers come from code, so no word of theirs gets there.
    """
    if not body.strip():
        raise UsageError(
            "The draft is empty; nothing was changed.", fix=f"firmly queue reject {proposal.id} if it is not wanted."
        )
    softened = tuple(Finding(f.rule, f.name, Severity.WARN, f.message, f.excerpt) for f in findings)
    draft = Draft(body.strip() + "\n", Author.PERSON, proposal.draft.language, proposal.draft.stance, softened)
    with db.write() as tx:
        changes.record_draft(tx, proposal, draft, event="edited", actor=reviewer, now=now)
    return find_proposal(db, proposal.id)


def take_redraft(db: Database, proposal: Proposal, redraft: Redraft, *, reviewer: str, now: datetime) -> Proposal:
    """A new draft in another stance, by another writer, or in answer to newer mail."""
    with db.write() as tx:
        changes.record_draft(
            tx, proposal, redraft.draft, event="redrafted", actor=reviewer, now=now, renewal=redraft.renewal
        )
    return find_proposal(db, proposal.id)


def copy_to(db: Database, proposal: Proposal, cc: tuple[str, ...], *, reviewer: str, now: datetime) -> Proposal:
    """The reply goes to these, too (Cc), and to nobody else whom it went to before. It voids an approval.

    A redraft that answers newer mail forgets it: other people may be in that mail.
    """
    if proposal.mail_id is None:
        raise UsageError("This letter answers no mail: nobody else was addressed.")
    renewal = Renewal(proposal.mail_id, proposal.strategy, replace(proposal.addressing, cc=cc), proposal.warnings)
    with db.write() as tx:
        changes.record_draft(tx, proposal, proposal.draft, event="copied", actor=reviewer, now=now, renewal=renewal)
    return find_proposal(db, proposal.id)


def reject(db: Database, proposal: Proposal, *, reviewer: str, now: datetime, reason: str = "") -> None:
    """The person wants no reply. Possible until it is handed to the server."""
    _only(proposal, ProposalStatus.PENDING, ProposalStatus.SNOOZED, ProposalStatus.APPROVED)
    with db.write() as tx:
        changes.move(tx, proposal, "rejected", ProposalStatus.REJECTED, actor=reviewer, now=now, note=reason)


def snooze(db: Database, proposal: Proposal, until: datetime, *, reviewer: str, now: datetime) -> None:
    """Out of sight until then."""
    _only(proposal, ProposalStatus.PENDING, ProposalStatus.SNOOZED)
    if until <= now:
        raise UsageError(_NOT_YET)
    with db.write() as tx:
        changes.move(tx, proposal, "snoozed", ProposalStatus.SNOOZED, actor=reviewer, now=now, snoozed_until=until)


def undo(db: Database, proposal: Proposal, *, reviewer: str, now: datetime) -> None:
    """Take back an approval, a rejection or a snooze, as long as nothing was handed to the server."""
    _only(proposal, ProposalStatus.APPROVED, ProposalStatus.REJECTED, ProposalStatus.SNOOZED)
    with db.write() as tx:
        other = queue.live(tx, proposal.origin)
        if other is not None and other.id != proposal.id:
            raise StateError(f"Proposal {other.id} has taken the place of {proposal.id}.")
        changes.move(tx, proposal, "undone", ProposalStatus.PENDING, actor=reviewer, now=now)


def settle_uncertain(db: Database, proposal: Proposal, *, delivered: bool, reviewer: str, now: datetime) -> None:
    """A person has looked: it is there, or it is not and may be delivered again."""
    _only(proposal, ProposalStatus.UNCERTAIN)
    after = ProposalStatus.DELIVERED if delivered else ProposalStatus.APPROVED
    with db.write() as tx:
        changes.move(tx, proposal, "settled", after, actor=reviewer, now=now)
        attention.settle(tx, "uncertain", f"proposal:{proposal.id}", actor=reviewer, now=now)


def close_attention(db: Database, attention_id: AttentionId, *, dismissed: bool, reviewer: str, now: datetime) -> None:
    """A person has seen an attention item."""
    status = AttentionStatus.DISMISSED if dismissed else AttentionStatus.ACKNOWLEDGED
    with db.write() as tx:
        attention.close(tx, attention_id, status, actor=reviewer, now=now)


def snooze_attention(db: Database, attention_id: AttentionId, until: datetime, *, reviewer: str, now: datetime) -> None:
    """An attention item out of sight until then."""
    if until <= now:
        raise UsageError(_NOT_YET)
    with db.write() as tx:
        attention.snooze(tx, attention_id, until, actor=reviewer, now=now)


def reopen_attention(db: Database, attention_id: AttentionId, *, reviewer: str, now: datetime) -> None:
    """Take back that an attention item was seen, dismissed or snoozed."""
    with db.write() as tx:
        attention.reopen(tx, attention_id, actor=reviewer, now=now)


def _only(proposal: Proposal, *allowed: ProposalStatus) -> None:
    if proposal.status not in allowed:
        raise StateError(f"Proposal {proposal.id} is {proposal.status}; that can no longer be done.")
