"""What is remembered of a client: confirmed incidents, stated boundaries, notes and corrections."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from pipeline.domain.client import Boundary, Corrected, Incident
from pipeline.domain.ids import ClientId, Label, ProposalId, UntrustedText
from pipeline.domain.mail import Screening, Skip, SkipReason
from pipeline.domain.proposal import ProposalStatus
from pipeline.domain.strategy import Strategy
from pipeline.store.codec import load
from pipeline.store.database import moment, utc


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the owner wrote down: a call, a meeting."""

    id: int
    at: datetime
    words: str
    actor: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A rule of the owner's for one client: this label is not given any more."""

    id: int
    label: Label
    words: str
    actor: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a label of a mail."""

    confirmed: bool
    """False: struck."""
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter of ours that was seen sent."""

    proposal_id: ProposalId
    client_id: ClientId
    strategy: Strategy
    body: str
    message_id: str
    sent_at: datetime


def record_incident(
    tx: Connection, client_id: ClientId, incident: Incident, *, confirmed: bool, actor: str, now: datetime
) -> bool:
    """A person confirms a label of a mail, or strikes it; their last word holds. True if that changed something."""
    row = {
        "client": client_id,
        "mail": incident.message_id or f"at:{utc(incident.at)}",
        "label": incident.label,
        "at": utc(incident.at),
        "quote": incident.quote,
        "state": "confirmed" if confirmed else "struck",
        "actor": actor,
        "now": utc(now),
    }
    return bool(
        tx.execute(
            text(
                "INSERT INTO incidents (client_id, mail, label, at, quote, state, actor, decided_at)"
                " VALUES (:client, :mail, :label, :at, :quote, :state, :actor, :now) ON CONFLICT (client_id, mail, label)"
                " DO UPDATE SET state = :state, quote = :quote, actor = :actor, decided_at = :now WHERE incidents.state != :state",
            ),
            row,
        ).rowcount,
    )


def incidents(tx: Connection, client_id: ClientId) -> tuple[Incident, ...]:
    """Every confirmed label of a client's mails, oldest first; struck ones are left out."""
    rows = tx.execute(
        text(
            "SELECT label, at, mail, quote FROM incidents WHERE client_id = :client AND state = 'confirmed'"
            " ORDER BY at, mail, label",
        ),
        {"client": client_id},
    )
    return tuple(
        Incident(Label(r.label), moment(r.at), r.mail if not r.mail.startswith("at:") else None, UntrustedText(r.quote))
        for r in rows
    )


def struck(tx: Connection, client_id: ClientId) -> frozenset[tuple[str, Label]]:
    """Labels that a person struck, by mail."""
    rows = tx.execute(
        text("SELECT mail, label FROM incidents WHERE client_id = :client AND state = 'struck'"), {"client": client_id}
    )
    return frozenset((r.mail, Label(r.label)) for r in rows)


def decision(tx: Connection, client_id: ClientId, mail: str, label: Label) -> Decision | None:
    """What a person said of a label of a mail (its Message-ID, or `mail:17`); None if nobody did."""
    row = tx.execute(
        text(
            "SELECT state, actor, decided_at FROM incidents WHERE client_id = :client AND mail = :mail AND label = :label"
        ),
        {"client": client_id, "mail": mail, "label": label},
    ).first()
    return None if row is None else Decision(row.state == "confirmed", row.actor, moment(row.decided_at))


def corrected(tx: Connection, client_id: ClientId, limit: int) -> tuple[Corrected, ...]:
    """What a person last said of labels of this client's mails, newest first: so many that are right, so many that are wrong."""
    query = text(
        "SELECT label, quote FROM incidents WHERE client_id = :client AND state = :state AND quote != ''"
        " AND mail NOT LIKE 'at:%' ORDER BY decided_at DESC, at DESC, mail, label LIMIT :limit"
    )
    return tuple(
        Corrected(Label(row.label), right, UntrustedText(row.quote))
        for state, right in (("struck", False), ("confirmed", True))
        for row in tx.execute(query, {"client": client_id, "state": state, "limit": limit})
    )


def record_boundary(
    tx: Connection,
    client_id: ClientId,
    boundary: Boundary,
    *,
    actor: str,
    now: datetime,
    proposal_id: ProposalId | None = None,
) -> bool:
    """A limit was stated; the same one is recorded once, and one that was struck holds again. True if that is new."""
    return bool(
        tx.execute(
            text(
                "INSERT INTO boundaries (client_id, label, stated_at, words, message_id, proposal_id, actor, decided_at)"
                " VALUES (:client, :label, :at, :words, :message_id, :proposal, :actor, :now)"
                " ON CONFLICT (client_id, label, stated_at) DO UPDATE SET state = 'stated', words = :words,"
                " actor = :actor, decided_at = :now WHERE boundaries.state = 'struck'",
            ),
            {**_boundary_row(client_id, boundary, actor, now), "proposal": proposal_id},
        ).rowcount,
    )


def strike_boundary(tx: Connection, client_id: ClientId, boundary: Boundary, *, actor: str, now: datetime) -> None:
    """A person says that this was no limit, whether it is on record or was read out of Sent."""
    tx.execute(
        text(
            "INSERT INTO boundaries (client_id, label, stated_at, words, message_id, actor, decided_at, state)"
            " VALUES (:client, :label, :at, :words, :message_id, :actor, :now, 'struck')"
            " ON CONFLICT (client_id, label, stated_at) DO UPDATE SET state = 'struck', actor = :actor, decided_at = :now",
        ),
        _boundary_row(client_id, boundary, actor, now),
    )


def _boundary_row(client_id: ClientId, boundary: Boundary, actor: str, now: datetime) -> dict[str, object]:
    return {
        "client": client_id,
        "label": boundary.label,
        "at": utc(boundary.stated_at),
        "words": boundary.words,
        "message_id": boundary.message_id or "",
        "actor": actor,
        "now": utc(now),
    }


def boundaries(tx: Connection, client_id: ClientId) -> tuple[Boundary, ...]:
    """Every limit that was stated to a client, as recorded, oldest first; struck ones are left out."""
    return _boundaries(tx, client_id, "stated")


def struck_boundaries(tx: Connection, client_id: ClientId) -> tuple[Boundary, ...]:
    """What a person said is no limit, oldest first."""
    return _boundaries(tx, client_id, "struck")


def _boundaries(tx: Connection, client_id: ClientId, state: str) -> tuple[Boundary, ...]:
    rows = tx.execute(
        text(
            "SELECT label, stated_at, words, message_id FROM boundaries WHERE client_id = :client AND state = :state"
            " ORDER BY stated_at, label"
        ),
        {"client": client_id, "state": state},
    )
    return tuple(Boundary(Label(r.label), moment(r.stated_at), r.words, r.message_id or None) for r in rows)


def add_note(tx: Connection, client_id: ClientId, words: str, *, at: datetime, actor: str, now: datetime) -> int:
    """Write something down about a client; gives its number."""
    return int(
        tx.execute(
            text(
                "INSERT INTO notes (client_id, at, words, actor, added_at) VALUES (:client, :at, :words, :actor, :now)"
                " RETURNING id",
            ),
            {"client": client_id, "at": utc(at), "words": words, "actor": actor, "now": utc(now)},
        ).scalar_one(),
    )


def notes(tx: Connection, client_id: ClientId) -> tuple[Note, ...]:
    """What was written down about a client, oldest first."""
    rows = tx.execute(
        text("SELECT id, at, words, actor FROM notes WHERE client_id = :client ORDER BY at, id"), {"client": client_id}
    )
    return tuple(Note(int(r.id), moment(r.at), r.words, r.actor) for r in rows)


def add_correction(tx: Connection, client_id: ClientId, label: Label, words: str, *, actor: str, now: datetime) -> int:
    """From now on this label is not given for this client; gives the rule's number."""
    return int(
        tx.execute(
            text(
                "INSERT INTO corrections (client_id, label, words, actor, added_at)"
                " VALUES (:client, :label, :words, :actor, :now) RETURNING id",
            ),
            {"client": client_id, "label": label, "words": words, "actor": actor, "now": utc(now)},
        ).scalar_one(),
    )


def withdraw_correction(tx: Connection, correction_id: int, now: datetime) -> bool:
    """The rule holds no longer; False if there is no such rule in force."""
    query = text("UPDATE corrections SET withdrawn_at = :now WHERE id = :id AND withdrawn_at IS NULL")
    return bool(tx.execute(query, {"now": utc(now), "id": correction_id}).rowcount)


def corrections(tx: Connection, client_id: ClientId) -> tuple[Correction, ...]:
    """The rules in force for a client, oldest first."""
    rows = tx.execute(
        text(
            "SELECT id, label, words, actor, added_at FROM corrections WHERE client_id = :client AND withdrawn_at IS NULL"
            " ORDER BY id",
        ),
        {"client": client_id},
    )
    return tuple(Correction(int(r.id), Label(r.label), r.words, r.actor, moment(r.added_at)) for r in rows)


def unremembered_letters(tx: Connection, plays: tuple[str, ...]) -> list[SentLetter]:
    """Letters of these plays that were seen sent and left no boundary yet, oldest first."""
    query = text(
        "SELECT p.id, p.client_id, p.strategy, p.message_id, coalesce(l.words, d.body) AS body,"
        " coalesce(m.written_at, l.sent_at, p.updated_at) AS sent_at"
        " FROM proposals p JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version"
        " LEFT JOIN mails m ON m.message_id = p.message_id AND m.direction = 'outbound'"
        " LEFT JOIN lessons l ON l.proposal_id = p.id AND l.how = 'sent'"
        " WHERE p.status = :sent AND p.client_id IS NOT NULL AND json_extract(p.strategy, '$.play') IN :plays"
        " AND NOT EXISTS (SELECT 1 FROM boundaries b WHERE b.client_id = p.client_id AND b.proposal_id = p.id) ORDER BY p.id",
    )
    rows = tx.execute(
        query.bindparams(bindparam("plays", expanding=True)),
        {"sent": ProposalStatus.SENT.value, "plays": list(plays)},
    )
    return [
        SentLetter(
            ProposalId(int(r.id)),
            ClientId(int(r.client_id)),
            load(Strategy, r.strategy),
            r.body,
            r.message_id or "",
            moment(r.sent_at),
        )
        for r in rows
    ]


def bounced_reports(tx: Connection) -> tuple[str, ...]:
    """The parsed delivery reports, as JSON of `Message`."""
    rows = tx.execute(
        text(
            "SELECT s.output AS screening, p.output AS parsed FROM steps s JOIN steps p ON p.mail_id = s.mail_id"
            " AND p.stage = 'parse' WHERE s.stage = 'screen' AND s.output LIKE '%bounce%'",
        ),
    )
    found = []
    for row in rows:
        screening: object = load(Screening, row.screening)  # type: ignore[arg-type]
        if isinstance(screening, Skip) and screening.reason is SkipReason.BOUNCE:
            found.append(str(row.parsed))
    return tuple(found)
