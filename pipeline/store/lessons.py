"""What a person made of a letter: Firmly's words beside those that left, one row a letter.

A row is written with the approval, and written again when the letter is seen sent, in other words perhaps.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from pipeline.domain.ids import ClientId, ProposalId
from pipeline.domain.proposal import Author, Proposal
from pipeline.signals.wording import sentences_of
from pipeline.store.database import moment, utc


class How(StrEnum):
    """How sure it is that these words left."""

    APPROVED = "approved"  # a person approved them; nobody has seen them sent yet
    SENT = "sent"  # seen in Sent, or taken by SMTP
    BY_HAND = "by_hand"  # the person answered in their own mail program instead


@dataclass(frozen=True, slots=True)
class Difference:
    """What it took to make one letter of another."""

    distance: int
    """Words put in, taken out or replaced."""
    of_words: int
    """So many words the first letter has."""
    gone: tuple[str, ...]
    """Its sentences that the second lacks, in order."""
    come: tuple[str, ...]
    """The sentences that the second has instead or besides."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One letter as it left, and what was different about it."""

    proposal_id: ProposalId
    client_id: ClientId | None
    play: str
    language: str
    """The primary subtag alone: `en` for `en-GB`."""
    offered: int
    """The version of the draft that it is held against."""
    how: How
    words: str
    difference: Difference
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Example:
    """A reply of the owner's that shows their manner."""

    proposal_id: ProposalId
    client_id: ClientId | None
    to_name: str
    to_email: str
    words: str


def difference(offered: str, left: str) -> Difference:
    """How two letters differ, by words and by sentences; white space and line breaks count for nothing."""
    before, after = offered.split(), left.split()
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    distance = sum(max(b - a, d - c) for kind, a, b, c, d in changes if kind != "equal")
    old, new = sentences_of(offered), sentences_of(left)
    pairs = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone = tuple(sentence for kind, a, b, _, _ in pairs if kind != "equal" for sentence in old[a:b])
    come = tuple(sentence for kind, _, _, c, d in pairs if kind != "equal" for sentence in new[c:d])
    return Difference(distance, len(before), gone, come)


def record_lesson(
    tx: Connection, proposal: Proposal, words: str, how: How, *, now: datetime, sent_at: datetime | None = None
) -> None:
    """Hold the words that left against the last draft that was not a person's. The newest word on a letter holds."""
    offered, body = _offered(tx, proposal)
    found = difference(body, words)
    tx.execute(
        text(
            "INSERT INTO lessons (proposal_id, client_id, play, language, offered, how, words, distance, of_words, gone, come,"
            " sent_at, learned_at) VALUES (:id, :client, :play, :language, :offered, :how, :words, :distance, :of_words, :gone,"
            " :come, :sent_at, :now) ON CONFLICT (proposal_id) DO UPDATE SET offered = excluded.offered, how = excluded.how,"
            " words = excluded.words, distance = excluded.distance, of_words = excluded.of_words, gone = excluded.gone,"
            " come = excluded.come, sent_at = excluded.sent_at, learned_at = excluded.learned_at",
        ),
        {
            "id": proposal.id,
            "client": proposal.client_id,
            "play": proposal.strategy.play or "",
            "language": primary(proposal.draft.language),
            "offered": offered,
            "how": how.value,
            "words": words.strip(),
            "distance": found.distance,
            "of_words": found.of_words,
            "gone": json.dumps(found.gone, ensure_ascii=False),
            "come": json.dumps(found.come, ensure_ascii=False),
            "sent_at": utc(sent_at) if sent_at else None,
            "now": utc(now),
        },
    )


def forget_lesson(tx: Connection, proposal_id: ProposalId) -> None:
    """The approval was taken back: nothing is learned from it."""
    tx.execute(text("DELETE FROM lessons WHERE proposal_id = :id"), {"id": proposal_id})


def lesson_of(tx: Connection, proposal_id: ProposalId) -> Lesson | None:
    """What became of a letter's words; None if it was neither approved nor answered by hand."""
    row = tx.execute(text("SELECT * FROM lessons WHERE proposal_id = :id"), {"id": proposal_id}).first()
    return None if row is None else _lesson(row)


def examples(tx: Connection, play: str, language: str, client_id: ClientId | None, *, limit: int) -> list[Example]:
    """Approved replies of a play in a language: the client's own first, then the person's own words, then the newest.

    A plain template that left unchanged shows nobody's manner and is left out; so is what was answered by hand.
    """
    rows = tx.execute(
        text(
            "SELECT l.proposal_id, l.client_id, l.words, json_extract(p.addressing, '$.to_name') AS to_name,"
            " json_extract(p.addressing, '$.to_email') AS to_email FROM lessons l"
            " JOIN proposals p ON p.id = l.proposal_id"
            " JOIN drafts d ON d.proposal_id = l.proposal_id AND d.version = l.offered"
            " WHERE l.play = :play AND l.language = :language AND l.how IN ('approved', 'sent')"
            " AND NOT (l.distance = 0 AND d.author = :template)"
            " ORDER BY l.client_id IS NOT :client, l.distance = 0, l.learned_at DESC, l.proposal_id DESC LIMIT :limit",
        ),
        {
            "play": play,
            "language": primary(language),
            "client": client_id,
            "template": Author.TEMPLATE.value,
            "limit": limit,
        },
    )
    return [Example(ProposalId(r.proposal_id), r.client_id, r.to_name or "", r.to_email or "", r.words) for r in rows]


def letters_in(tx: Connection, language: str, *, limit: int = 500) -> list[Example]:
    """The newest letters that left in a language, whatever they were about."""
    rows = tx.execute(
        text(
            "SELECT l.proposal_id, l.client_id, l.words, json_extract(p.addressing, '$.to_name') AS to_name,"
            " json_extract(p.addressing, '$.to_email') AS to_email FROM lessons l JOIN proposals p ON p.id = l.proposal_id"
            " WHERE l.language = :language ORDER BY l.proposal_id DESC LIMIT :limit",
        ),
        {"language": primary(language), "limit": limit},
    )
    return [Example(ProposalId(r.proposal_id), r.client_id, r.to_name or "", r.to_email or "", r.words) for r in rows]


def primary(language: str) -> str:
    """The primary subtag of a language tag (BCP 47)."""
    return language.replace("_", "-").partition("-")[0].lower()


def _offered(tx: Connection, proposal: Proposal) -> tuple[int, str]:
    """The last draft that was not a person's: its version and its words."""
    row = tx.execute(
        text(
            "SELECT version, body FROM drafts WHERE proposal_id = :id AND author != :person AND version <= :version"
            " ORDER BY version DESC LIMIT 1",
        ),
        {"id": proposal.id, "person": Author.PERSON.value, "version": proposal.version},
    ).first()
    return (int(row.version), str(row.body)) if row else (proposal.version, proposal.draft.body)


def _lesson(row: Row[Any]) -> Lesson:
    return Lesson(
        proposal_id=ProposalId(row.proposal_id),
        client_id=row.client_id,
        play=row.play,
        language=row.language,
        offered=row.offered,
        how=How(row.how),
        words=row.words,
        difference=Difference(row.distance, row.of_words, tuple(json.loads(row.gone)), tuple(json.loads(row.come))),
        sent_at=moment(row.sent_at) if row.sent_at else None,
    )
