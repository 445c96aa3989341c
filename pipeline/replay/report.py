"""A replay as JSON, in the form of design, section 7."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pipeline.domain.history import Evidence
from pipeline.domain.ladder import PauseReason
from pipeline.domain.proposal import Proposal
from pipeline.domain.verdict import Advice, PartingKind, Reason, Verdict
from pipeline.replay.drafts import Fated
from pipeline.replay.play import Replay
from pipeline.run.dossier import Dossier

_ORDER = (None, *PartingKind)


def replay_json(replay: Replay) -> dict[str, Any]:
    """What `firmly replay --json` prints: the client with most at stake, all proposals, and each client by name."""
    views = {d.client.name: _view(d) for d in replay.dossiers}
    first = next(iter(views.values()), _nobody())
    return {
        **first,
        "drafts": [_draft(fated) for fated in replay.drafts],
        "proposals": [_proposal(proposal) for proposal in replay.proposals],
        "attention": [
            {"kind": item.kind, "message": item.message, "client": _client_name(replay, item.client_id)}
            for item in replay.attention
        ],
        "client": next(iter(views), None),
        "clients": views,
        "now": replay.now.isoformat(),
        "warnings": list(replay.warnings),
    }


def _nobody() -> dict[str, Any]:
    return {
        "ladder": {"step": "none", "invoices": [], "paused_reason": None},
        "promises": [],
        "signals": [],
        "verdict": Advice.KEEP.value,
        "verdict_kind": None,
        "verdict_reasons": [],
    }


def _view(dossier: Dossier) -> dict[str, Any]:
    ladder, verdict = dossier.ladder, dossier.verdict
    reason = None if ladder.step is not None or ladder.paused_reason is PauseReason.NOT_DUE else ladder.paused_reason
    measures = dossier.measures
    return {
        "ladder": {
            "step": ladder.step.value if ladder.step else "none",
            "invoices": list(ladder.invoices),
            "paused_reason": reason.value if reason else None,
            "due_on": ladder.due_on.isoformat() if ladder.due_on else None,
            "resume": list(ladder.resume),
            "because": list(ladder.because),
        },
        "promises": [
            {
                "message_id": p.message_id,
                "date": p.date.isoformat(),
                "status": p.status.value,
                "invoices": list(p.invoices),
                "amount": str(p.amount) if p.amount is not None else None,
            }
            for p in sorted(dossier.promises, key=lambda p: (p.made_at, p.message_id))
        ],
        "signals": [s.name.value for s in dossier.signals],
        "signals_because": [
            {"name": s.name.value, "since": s.since.isoformat(), "sentence": s.sentence, "evidence": _rows(s.evidence)}
            for s in dossier.signals
        ],
        "sent_folder": dossier.history.has_sent,
        "measures": {
            "their_answer_workdays": measures.their_answer_workdays,
            "our_answer_workdays": measures.our_answer_workdays,
            "mails_per_week": measures.mails_per_week,
            "approvals_workdays": list(measures.approvals_workdays),
        },
        "verdict": verdict.advice.value,
        "verdict_kind": verdict.kind.value if verdict.kind else None,
        "verdict_reasons": [r.sentence for r in verdict.reasons],
        "verdict_because": [_reason(r) for r in verdict.reasons],
        "softened": _softened(verdict, dossier.strict),
        "boundaries": [
            {"label": b.label, "stated_at": b.stated_at.isoformat(), "words": b.words}
            for b in dossier.record.boundaries
        ],
        "incidents": [
            {"label": i.label, "at": i.at.isoformat(), "message_id": i.message_id, "quote": i.quote}
            for i in dossier.record.incidents
        ],
    }


def _softened(verdict: Verdict, strict: Verdict) -> list[dict[str, Any]]:
    """What the articles would say literally, where that is more severe than the advice."""
    if _severity(strict) <= _severity(verdict):
        return []
    said = {(r.trigger, r.sentence) for r in verdict.reasons}
    return [_reason(r) for r in strict.reasons if (r.trigger, r.sentence) not in said]


def _severity(verdict: Verdict) -> tuple[int, int]:
    return tuple(Advice).index(verdict.advice), _ORDER.index(verdict.kind)


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "verdict": reason.advice.value,
        "kind": reason.kind.value if reason.kind else None,
        "trigger": reason.trigger,
        "sentence": reason.sentence,
        "evidence": _rows(reason.evidence),
    }


def _rows(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [{"detail": e.detail, "at": _iso(e.at), "message_id": e.message_id} for e in evidence]


def _iso(at: date | None) -> str | None:
    return at.isoformat() if at is not None else None


def _draft(fated: Fated) -> dict[str, Any]:
    return {"id": fated.draft.id, "action": fated.fate.value, "reason": fated.reason}


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "origin": proposal.origin,
        "play": proposal.strategy.play,
        "to": proposal.addressing.to_email,
        "subject": proposal.addressing.subject,
        "body": proposal.draft.body,
        "findings": [
            {"rule": f.rule, "name": f.name, "severity": f.severity.value, "message": f.message}
            for f in proposal.draft.findings
        ],
    }


def _client_name(replay: Replay, client_id: int | None) -> str | None:
    return next((d.client.name for d in replay.dossiers if d.client.id == client_id), None)
