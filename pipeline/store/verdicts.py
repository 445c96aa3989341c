"""What the advice about a client was, as runs found it. The advice itself is worked out anew at every look."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from pipeline.domain.ids import ClientId
from pipeline.domain.verdict import Advice, PartingKind, Verdict
from pipeline.store.database import moment, utc


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """The advice from one moment on."""

    at: datetime
    advice: Advice
    kind: PartingKind | None
    reasons: tuple[str, ...]


def past_verdicts(tx: Connection, client_id: ClientId) -> tuple[PastVerdict, ...]:
    """Every change of the advice about a client that a run found, oldest first."""
    rows = tx.execute(
        text("SELECT at, advice, kind, reasons FROM verdicts WHERE client_id = :client ORDER BY id"),
        {"client": client_id},
    )
    return tuple(
        PastVerdict(
            moment(r.at), Advice(r.advice), PartingKind(r.kind) if r.kind else None, tuple(json.loads(r.reasons))
        )
        for r in rows
    )


def record_verdict(tx: Connection, client_id: ClientId, verdict: Verdict, now: datetime) -> None:
    """The advice is another one from now on."""
    tx.execute(
        text(
            "INSERT INTO verdicts (client_id, at, advice, kind, reasons) VALUES (:client, :at, :advice, :kind, :reasons)"
        ),
        {
            "client": client_id,
            "at": utc(now),
            "advice": verdict.advice.value,
            "kind": verdict.kind.value if verdict.kind else None,
            "reasons": json.dumps([reason.sentence for reason in verdict.reasons], ensure_ascii=False),
        },
    )


def changed_since(tx: Connection, since: datetime) -> bool:
    """Whether a person or an import has changed at or after `since` what verdicts are read from."""
    query = text(
        "SELECT EXISTS (SELECT 1 FROM incidents WHERE decided_at >= :since)"
        " OR EXISTS (SELECT 1 FROM boundaries WHERE decided_at >= :since)"
        " OR EXISTS (SELECT 1 FROM invoices WHERE updated_at >= :since)"
        " OR EXISTS (SELECT 1 FROM clients WHERE updated_at >= :since)"
    )
    return bool(tx.execute(query, {"since": utc(since)}).scalar_one())
