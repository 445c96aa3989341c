"""What a client's card and papers are made of: only the columns that they show, a few queries for any number of mails."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from pipeline.domain.ids import ClientId, Label, MailId, ProposalId, ThreadId, UntrustedText
from pipeline.domain.mail import Direction
from pipeline.domain.proposal import ProposalStatus
from pipeline.store.database import moment


@dataclass(frozen=True, slots=True)
class JudgedLabel:
    """A label that a judge gave, with the words that carry it. Nobody has confirmed it."""

    label: Label
    confidence: int
    quote: UntrustedText
    sure: bool


@dataclass(frozen=True, slots=True)
class MailRecord:
    """One mail of or to a client, as evidence names it."""

    id: MailId
    message_id: str
    direction: Direction
    written_at: datetime
    thread_id: ThreadId | None
    subject: UntrustedText
    tone: Label | None
    labels: tuple[JudgedLabel, ...]
    attachments: tuple[UntrustedText, ...]
    by_person: bool
    """False for mail of theirs that the screen stopped: lists, automatic answers, reports."""
    sha256: str
    """Of the raw bytes."""
    kept: bool
    """The raw bytes are still in the store."""


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """A letter of ours that left, or lies in Drafts."""

    proposal_id: ProposalId
    play: str
    step: str | None
    subject: str
    to_email: str
    message_id: str
    status: ProposalStatus
    at: datetime
    """When it was seen sent; of one in Drafts, when it was laid there."""
    body: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """A client in a list: how much mail, and how it sounded lately."""

    client_id: ClientId
    mails: int
    last_mail_at: datetime | None
    tones: tuple[Label, ...]
    """Of the newest judged mails, oldest first."""


def mails_on_record(tx: Connection, client_id: ClientId) -> list[MailRecord]:
    """Every mail of and to a client, oldest first."""
    rows = tx.execute(
        text(
            "SELECT m.id, m.message_id, m.direction, m.written_at, m.thread_id, m.raw_sha256, r.sha256 IS NOT NULL AS kept,"
            " json_extract(p.output, '$.subject', '$.attachments') AS parsed, c.output AS judged,"
            " s.state = 'stopped' AS stopped"
            " FROM mails m LEFT JOIN raws r ON r.sha256 = m.raw_sha256"
            " LEFT JOIN steps p ON p.mail_id = m.id AND p.stage = 'parse'"
            " LEFT JOIN steps s ON s.mail_id = m.id AND s.stage = 'screen'"
            " LEFT JOIN steps c ON c.mail_id = m.id AND c.stage = 'classify'"
            " WHERE m.client_id = :client ORDER BY m.written_at, m.id",
        ),
        {"client": client_id},
    )
    return [_mail(row) for row in rows]


def _mail(row: Row[Any]) -> MailRecord:
    subject, attachments = json.loads(row.parsed) if row.parsed else (None, None)
    judged = (json.loads(row.judged) if row.judged else None) or {}
    return MailRecord(
        id=MailId(row.id),
        message_id=row.message_id or f"mail:{row.id}",
        direction=Direction(row.direction),
        written_at=moment(row.written_at),
        thread_id=row.thread_id,
        subject=UntrustedText(subject or ""),
        tone=judged.get("tone"),
        labels=tuple(
            JudgedLabel(Label(b["label"]), b["confidence"], UntrustedText(b["quote"]), b["sure"])
            for b in judged.get("behaviours", ())
        ),
        attachments=tuple(UntrustedText(a["filename"]) for a in attachments or ()),
        by_person=row.direction == Direction.OUTBOUND or not row.stopped,
        sha256=row.raw_sha256,
        kept=bool(row.kept),
    )


def letters_on_record(tx: Connection, client_id: ClientId) -> list[LetterRecord]:
    """Our letters to a client that were sent or lie in Drafts, oldest first."""
    rows = tx.execute(
        text(
            "SELECT p.id, json_extract(p.strategy, '$.play') AS play, json_extract(p.strategy, '$.step') AS step,"
            " json_extract(p.addressing, '$.subject') AS subject, json_extract(p.addressing, '$.to_email') AS to_email,"
            " p.message_id, p.status, coalesce(l.words, d.body) AS body,"
            " coalesce(m.written_at, l.sent_at, p.updated_at) AS at"
            " FROM proposals p JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version"
            " LEFT JOIN mails m ON m.message_id = p.message_id AND m.direction = 'outbound'"
            " LEFT JOIN lessons l ON l.proposal_id = p.id AND l.how = 'sent'"
            " WHERE p.client_id = :client AND p.status IN ('sent', 'delivered') ORDER BY at, p.id",
        ),
        {"client": client_id},
    )
    return [
        LetterRecord(
            ProposalId(r.id),
            r.play or "",
            r.step,
            r.subject,
            r.to_email,
            r.message_id or "",
            ProposalStatus(r.status),
            moment(r.at),
            r.body,
        )
        for r in rows
    ]


def pulses(tx: Connection, tones: int) -> dict[ClientId, Pulse]:
    """How every client's mail goes, by client; of the newest `tones` judged mails the tone."""
    counted = tx.execute(
        text(
            "SELECT client_id, count(*) AS mails, max(written_at) AS last FROM mails WHERE client_id IS NOT NULL"
            " GROUP BY client_id"
        )
    ).all()
    newest = text(
        "SELECT json_extract(c.output, '$.tone') AS tone FROM mails m JOIN steps c ON c.mail_id = m.id"
        " AND c.stage = 'classify' AND c.state IN ('done', 'stopped') WHERE m.client_id = :client"
        " ORDER BY m.written_at DESC, m.id DESC LIMIT :tones"
    )
    found = {}
    for row in counted:
        said = tx.execute(newest, {"client": row.client_id, "tones": tones}).all()
        heard = tuple(Label(one.tone) for one in reversed(said) if one.tone)
        found[ClientId(row.client_id)] = Pulse(ClientId(row.client_id), row.mails, moment(row.last), heard)
    return found


def raw_mails(tx: Connection, client_id: ClientId) -> list[tuple[MailId, bytes]]:
    """The bytes of a client's mails that are still kept, oldest first."""
    rows = tx.execute(
        text(
            "SELECT m.id, r.bytes FROM mails m JOIN raws r ON r.sha256 = m.raw_sha256 WHERE m.client_id = :client"
            " ORDER BY m.written_at, m.id"
        ),
        {"client": client_id},
    )
    return [(MailId(row.id), bytes(row.bytes)) for row in rows]
