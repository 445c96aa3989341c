"""What the owner's own mail tells: that a reply of ours was sent, or that they answered themselves."""

from datetime import datetime
from difflib import SequenceMatcher
from itertools import takewhile

from sqlalchemy import Connection

from pipeline.domain.mail import Message
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.store import changes, lessons, queue
from pipeline.store.lessons import How
from pipeline.store.mails import MailRow

_SIMILAR = 0.6
"""Of all words of both letters, so many are the same, in order."""
_MOSTLY_OURS = 0.8
"""Of the words of one of them, so many stand in the other: the rest was added, or cut."""
_FEW_WORDS = 15
"""A shorter letter says too little to be recognised by its words alone."""
_ON_ITS_WAY = {ProposalStatus.DELIVERED, ProposalStatus.UNCERTAIN, ProposalStatus.DELIVERING}
_WAITING = {ProposalStatus.PENDING, ProposalStatus.SNOOZED, ProposalStatus.APPROVED}
_CLOSING_LINES = 2
"""Of a signature in which our name does not stand: the closing formula and who signs."""
_BY_HAND = "you answered yourself"


def observe_sent(tx: Connection, row: MailRow, message: Message, now: datetime) -> int:
    """Move the proposals that a mail of the owner's settles; gives how many were withdrawn. `now` is when we saw it.

    Sent is recognised by the Message-ID, else (people edit drafts, and mail programs give them new ids) by thread, recipient and
    similar words. What left is kept in its own words, whatever the draft said.
    """
    exact = queue.by_message_id(tx, row.message_id) if row.message_id else None
    if exact is not None:
        if exact.status is not ProposalStatus.SENT:
            _sent(tx, exact, row, message, now, "seen in Sent")
        return 0
    withdrawn = 0
    for proposal in queue.of_thread(tx, row.thread_id) if row.thread_id is not None else ():
        if not _is_to(proposal, row, message) or row.written_at < proposal.created_at:
            continue
        if _was_handed_over(proposal) and _similar(proposal, message):
            _sent(tx, proposal, row, message, now, "sent in other words")
        elif proposal.status in _WAITING or _answers_the_same(proposal, message):
            _withdraw(tx, proposal, row, message, now)
            withdrawn += 1
    for letter in queue.letters_to(tx, row.client_id) if row.client_id is not None else ():
        if letter.status in _ON_ITS_WAY and _is_to(letter, row, message) and _similar(letter, message):
            _sent(tx, letter, row, message, now, "sent in other words")
    return withdrawn


def _sent(tx: Connection, proposal: Proposal, row: MailRow, message: Message, now: datetime, note: str) -> None:
    changes.record_sent(tx, proposal, sent_at=row.written_at, now=now, note=note, words=_words_of(proposal, message))


def _withdraw(tx: Connection, proposal: Proposal, row: MailRow, message: Message, now: datetime) -> None:
    """Nobody is answered twice. What the person wrote instead is kept beside what was proposed."""
    changes.move(tx, proposal, "withdrawn", ProposalStatus.WITHDRAWN, actor="firmly", now=now, note=_BY_HAND)
    lessons.record_lesson(tx, proposal, _words_of(proposal, message), How.BY_HAND, now=now, sent_at=row.written_at)


def _words_of(proposal: Proposal, message: Message) -> str:
    """What the owner wrote, closing and name with it, as a draft has them; what their mail program adds below is left out."""
    block = [
        line for line in takewhile(lambda line: line.strip() != "--", message.signature.split("\n")) if line.strip()
    ]
    name = proposal.draft.body.strip().split("\n")[-1]
    closing = block[: block.index(name) + 1] if name in block else block[:_CLOSING_LINES]
    return "\n\n".join(part for part in (message.newest.strip(), "\n".join(closing)) if part) + "\n"


def _was_handed_over(proposal: Proposal) -> bool:
    """Whether our letter may lie in the mail program: then it can still be sent, even after an answer by hand."""
    gone_back = proposal.status is ProposalStatus.WITHDRAWN and proposal.message_id is not None
    return proposal.status in _ON_ITS_WAY or gone_back


def _answers_the_same(proposal: Proposal, message: Message) -> bool:
    """Whether this is an answer in other words to the mail that a draft of ours, still unsent, answers."""
    return proposal.status is ProposalStatus.DELIVERED and proposal.addressing.in_reply_to in message.in_reply_to


def _is_to(proposal: Proposal, row: MailRow, message: Message) -> bool:
    """To the address that we would write to, or to somebody else at the same client."""
    recipients = {address.email.lower() for address in (*message.to, *message.cc)}
    same_client = row.client_id is not None and row.client_id == proposal.client_id
    return same_client or proposal.addressing.to_email.lower() in recipients


def _similar(proposal: Proposal, message: Message) -> bool:
    ours, theirs = proposal.draft.body.split(), _words_of(proposal, message).split()
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if matcher.ratio() >= _SIMILAR:
        return True
    shorter = min(len(ours), len(theirs))
    same = sum(block.size for block in matcher.get_matching_blocks())
    return shorter >= _FEW_WORDS and same >= _MOSTLY_OURS * shorter
