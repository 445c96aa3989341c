"""What people decided in a period, and what models were asked meanwhile. Reads, never writes, and no older row than needed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from pipeline.domain.ids import ClientId, MailId, ProposalId
from pipeline.domain.proposal import Author
from pipeline.store.database import moment, utc
from pipeline.store.lessons import How

_NANO = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Decided:
    """One proposal that something happened to in the period, and where that left it."""

    proposal_id: ProposalId
    client_id: ClientId | None
    client: str
    """Empty for a stranger."""
    play: str
    prompt: str
    """The fingerprint of the writer of the last draft that was not a person's; empty if it was never written down."""
    author: Author
    """Who that writer is."""
    proposed: bool
    approved: bool
    edited: bool
    """Approved or answered by hand, and in other words than the draft's."""
    rejected: bool
    snoozed: int
    """How often."""
    redrafted: int
    by_hand: bool
    """The person answered in their own mail program instead."""
    withdrawn: bool
    """Its reason went away, other than by such an answer."""
    superseded: bool
    distance: int | None
    of_words: int | None
    mail_at: datetime | None
    """When the mail that it answers was written; None for a letter that answers none."""
    replied_at: datetime | None
    """When the reply was sent, or approved where nobody has seen it sent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The calls of one purpose, model and prompt for one client's mail about one play."""

    purpose: str
    model: str
    prompt: str
    client_id: ClientId | None
    play: str
    """Of the newest proposal that the mail led to; empty if it led to none."""
    calls: int
    used: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost: Decimal
    currency: str
    unpriced: int


def decided_between(tx: Connection, since: datetime, until: datetime) -> list[Decided]:
    """Every proposal with an event in the period, by number. What counts is the last decision that still held at its end."""
    rows = tx.execute(
        text(
            "WITH touched AS (SELECT proposal_id, max(CASE WHEN to_status = 'pending' THEN id END) AS opened,"
            " max(CASE WHEN event = 'approved' THEN id END) AS approved, max(CASE WHEN event = 'approved' THEN at END) AS approved_at,"
            " max(CASE WHEN event = 'rejected' THEN id END) AS rejected, sum(event = 'proposed') AS proposed,"
            " sum(event = 'snoozed') AS snoozed, sum(event = 'redrafted') AS redrafted, sum(event = 'withdrawn') AS withdrawn,"
            " sum(event = 'superseded') AS superseded FROM events"
            " WHERE at >= :since AND at < :until AND proposal_id IS NOT NULL GROUP BY proposal_id)"
            " SELECT t.*, p.client_id, c.name AS client, json_extract(p.strategy, '$.play') AS play, m.written_at,"
            " l.how, l.distance, l.of_words, l.sent_at, d.author AS newest, o.author, o.prompt FROM touched t"
            " JOIN proposals p ON p.id = t.proposal_id"
            " JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version"
            " JOIN drafts o ON o.proposal_id = p.id AND o.version = coalesce((SELECT max(version) FROM drafts x"
            " WHERE x.proposal_id = p.id AND x.author != 'person'), p.version)"
            " LEFT JOIN clients c ON c.id = p.client_id LEFT JOIN mails m ON m.id = p.mail_id"
            " LEFT JOIN lessons l ON l.proposal_id = p.id ORDER BY t.proposal_id",
        ),
        {"since": utc(since), "until": utc(until)},
    )
    found = []
    for row in rows:
        opened = row.opened or 0
        approved = (row.approved or 0) > opened
        by_hand = row.how == How.BY_HAND
        changed = row.distance > 0 if row.distance is not None else row.newest == Author.PERSON
        replied = row.sent_at or (row.approved_at if approved else None)
        found.append(
            Decided(
                proposal_id=ProposalId(row.proposal_id),
                client_id=row.client_id,
                client=row.client or "",
                play=row.play or "",
                prompt=row.prompt,
                author=Author(row.author),
                proposed=bool(row.proposed),
                approved=approved and not by_hand,
                edited=(approved or by_hand) and changed,
                rejected=(row.rejected or 0) > opened,
                snoozed=row.snoozed,
                redrafted=row.redrafted,
                by_hand=by_hand and bool(row.withdrawn),
                withdrawn=bool(row.withdrawn) and not by_hand,
                superseded=bool(row.superseded),
                distance=row.distance,
                of_words=row.of_words,
                mail_at=moment(row.written_at) if row.written_at else None,
                replied_at=moment(replied) if replied else None,
            )
        )
    return found


def asked_between(tx: Connection, since: datetime, until: datetime) -> list[Asked]:
    """What the calls of the period came to, by purpose, model, prompt, client, play and currency."""
    rows = tx.execute(
        text(
            "SELECT a.purpose, a.model, a.prompt_hash, a.client_id, a.play, max(a.currency) AS currency, count(*) AS calls,"
            " sum(a.outcome = 'used') AS used, sum(a.tokens_in) AS tokens_in, sum(a.tokens_out) AS tokens_out,"
            " sum(a.tokens_cached) AS tokens_cached, coalesce(sum(a.cost_nano), 0) AS nano,"
            " count(*) - count(a.cost_nano) AS unpriced FROM (SELECT l.*,"
            " (SELECT max(m.client_id) FROM mails m WHERE m.message_id = l.message_id AND l.message_id != '') AS client_id,"
            " (SELECT json_extract(p.strategy, '$.play') FROM mails m JOIN proposals p ON p.mail_id = m.id"
            " WHERE m.message_id = l.message_id AND l.message_id != '' ORDER BY p.id DESC LIMIT 1) AS play"
            " FROM llm_calls l WHERE l.at >= :since AND l.at < :until) a"
            " GROUP BY a.purpose, a.model, a.prompt_hash, a.client_id, a.play, nullif(a.currency, '')"
            " ORDER BY a.purpose, a.model, a.prompt_hash",
        ),
        {"since": utc(since), "until": utc(until)},
    )
    return [
        Asked(
            r.purpose,
            r.model,
            r.prompt_hash,
            r.client_id,
            r.play or "",
            r.calls,
            r.used,
            r.tokens_in,
            r.tokens_out,
            r.tokens_cached,
            Decimal(r.nano) / _NANO,
            r.currency,
            r.unpriced,
        )
        for r in rows
    ]


def labels_between(tx: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """How many labels a person confirmed, and how many they struck."""
    rows = tx.execute(
        text(
            "SELECT state, count(*) AS n FROM incidents WHERE decided_at >= :since AND decided_at < :until GROUP BY state"
        ),
        {"since": utc(since), "until": utc(until)},
    )
    return {row.state: int(row.n) for row in rows}


@dataclass(frozen=True, slots=True)
class LabelSaid:
    """A label that a person confirmed or struck."""

    label: str
    client_id: ClientId
    client: str
    mail_id: MailId | None
    """None for what left no mail, such as a call."""
    decided_at: datetime
    actor: str


def labels_said(tx: Connection, state: str, since: datetime, until: datetime) -> list[LabelSaid]:
    """The rows behind a figure of `labels_between`, newest first. `state`: confirmed or struck."""
    rows = tx.execute(
        text(
            "SELECT i.label, i.client_id, c.name, m.id, i.decided_at, i.actor FROM incidents i"
            " JOIN clients c ON c.id = i.client_id LEFT JOIN mails m ON m.client_id = i.client_id"
            " AND (m.message_id = i.mail OR (m.message_id = '' AND i.mail = 'mail:' || m.id))"
            " WHERE i.state = :state AND i.decided_at >= :since AND i.decided_at < :until"
            " ORDER BY i.decided_at DESC, i.mail, i.label"
        ),
        {"state": state, "since": utc(since), "until": utc(until)},
    )
    return [LabelSaid(r.label, r.client_id, r.name, r.id, moment(r.decided_at), r.actor) for r in rows]


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label of a mail that a person decided on, with what a judge said of that mail."""

    label: str
    confirmed: bool
    judge: str
    confidence: int | None
    """None where the judge had not given the label."""
    sure: bool


def decided_labels(tx: Connection) -> list[LabelRow]:
    """Every behaviour or intent that a person confirmed, added or struck on a mail that a judge has read."""
    rows = tx.execute(
        text(
            "SELECT i.label, i.state, json_extract(s.output, '$.judge') AS judge,"
            " (SELECT json_extract(b.value, '$.confidence') FROM json_each(s.output, '$.behaviours') b"
            " WHERE json_extract(b.value, '$.label') = i.label) AS confidence,"
            " (SELECT json_extract(b.value, '$.sure') FROM json_each(s.output, '$.behaviours') b"
            " WHERE json_extract(b.value, '$.label') = i.label) AS sure"
            " FROM incidents i JOIN mails m ON m.client_id = i.client_id"
            " AND (m.message_id = i.mail OR (m.message_id = '' AND i.mail = 'mail:' || m.id))"
            " JOIN steps s ON s.mail_id = m.id AND s.stage = 'classify' AND s.state = 'done'"
            " ORDER BY i.decided_at, i.mail, i.label",
        ),
    )
    return [
        LabelRow(
            r.label, r.state == "confirmed", r.judge, None if r.confidence is None else int(r.confidence), bool(r.sure)
        )
        for r in rows
    ]
