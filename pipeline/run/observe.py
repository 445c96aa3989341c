"""What the owner's own mail tells: that a reply of ours was sent, or that they answered themselves."""

from difflib import SequenceMatcher

from sqlalchemy import Connection

from pipeline.domain.mail import Message
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.store import changes, queue
from pipeline.store.mails import MailRow

_SIMILAR = 0.6
_ON_ITS_WAY = {ProposalStatus.DELIVERED, ProposalStatus.UNCERTAIN, ProposalStatus.DELIVERING}
_WAITING = {ProposalStatus.PENDING, ProposalStatus.SNOOZED, ProposalStatus.APPROVED}


def observe_sent(tx: Connection, row: MailRow, message: Message) -> int:
    """Move the proposals that a mail of the owner's settles; gives how many were withdrawn.

    Sent is recognised by the Message-ID, else (people edit drafts, and mail programs give them new ids) by thread, recipient and
    similar words.
    """
    now = row.arrived_at
    exact = queue.by_message_id(tx, row.message_id) if row.message_id else None
    if exact is not None:
        if exact.status in _ON_ITS_WAY:
            changes.record_sent(tx, exact, sent_at=row.written_at, now=now, note="seen in Sent")
        return 0
    withdrawn = 0
    for proposal in queue.of_thread(tx, row.thread_id) if row.thread_id is not None else ():
        if not _is_to(proposal, message) or row.written_at < proposal.created_at:
            continue
        if proposal.status in _ON_ITS_WAY and _similar(proposal, message):
            changes.record_sent(tx, proposal, sent_at=row.written_at, now=now, note="sent in other words")
        elif proposal.status in _WAITING:
            changes.move(
                tx,
                proposal,
                "withdrawn",
                ProposalStatus.WITHDRAWN,
                actor="firmly",
                now=now,
                note="you answered yourself",
            )
            withdrawn += 1
    for letter in queue.letters_to(tx, row.client_id) if row.client_id is not None else ():
        if letter.status in _ON_ITS_WAY and _is_to(letter, message) and _similar(letter, message):
            changes.record_sent(tx, letter, sent_at=row.written_at, now=now, note="sent in other words")
    return withdrawn


def _is_to(proposal: Proposal, message: Message) -> bool:
    recipients = {address.email.lower() for address in (*message.to, *message.cc)}
    return proposal.addressing.to_email.lower() in recipients


def _similar(proposal: Proposal, message: Message) -> bool:
    ours, theirs = proposal.draft.body.split(), message.newest.split()
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= _SIMILAR
