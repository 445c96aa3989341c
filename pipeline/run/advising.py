"""A verdict that worsens wants a person: one attention item with its reasons. It is advice, and nothing is done about it."""

import hashlib
from collections.abc import Iterable

from pipeline.domain.verdict import Advice, PartingKind, Reason, Verdict
from pipeline.run.desk import Desk
from pipeline.run.dossier import Dossier
from pipeline.run.report import RunReport
from pipeline.store import attention
from pipeline.store.verdicts import past_verdicts, record_verdict

_KIND = "verdict"
_ADVICE = tuple(Advice)
_KINDS = (None, *PartingKind)
_MOST_REASONS = 3


def advise_due(desk: Desk, report: RunReport, found: Iterable[Dossier]) -> None:
    """Tell of every client about whom the advice is more severe than the last run found it.

    The same rows are told once, however often the advice comes and goes; without a change nothing is written. An item
    that nobody has looked at goes when its advice does.
    """
    for known in found:
        with report.one_client("Advising on", known.client.name):
            report.attention += _advise_one(desk, known)


def _advise_one(desk: Desk, known: Dossier) -> bool:
    verdict, client, now = known.verdict, known.client, desk.clock()
    with desk.db.read() as tx:
        before = next(reversed(past_verdicts(tx, client.id)), None)
    was = (before.advice, before.kind) if before else (Advice.KEEP, None)
    if was == (verdict.advice, verdict.kind):
        return False
    with desk.db.write() as tx:
        record_verdict(tx, client.id, verdict, now)
        attention.outdate(tx, _KIND, client.id, now)
        if rank(verdict.advice, verdict.kind) <= rank(*was):
            return False
        words, subject = _words(client.name, verdict, *was), f"client:{client.id}:{_fingerprint(verdict)}"
        return attention.raise_attention(tx, _KIND, words, now=now, client_id=client.id, subject=subject)


def rank(advice: Advice, kind: PartingKind | None) -> tuple[int, int]:
    """How severe: keep is the least, to part ways at once is the most."""
    return _ADVICE.index(advice), _KINDS.index(kind)


def _words(name: str, verdict: Verdict, advice: Advice, kind: PartingKind | None) -> str:
    reasons = [reason.sentence for reason in _decisive(verdict)]
    more = f" (and {len(reasons) - _MOST_REASONS} more reasons)" if len(reasons) > _MOST_REASONS else ""
    return (
        f"{name}: the advice is now {spoken(verdict.advice, verdict.kind)}, before it was {spoken(advice, kind)}."
        f" {' '.join(reasons[:_MOST_REASONS])}{more} It is advice; you decide."
    )


def spoken(advice: Advice, kind: PartingKind | None) -> str:
    """The advice in words: `part ways (recommended)`."""
    return advice.replace("_", " ") + (f" ({kind})" if kind else "")


def _decisive(verdict: Verdict) -> list[Reason]:
    """The reasons of the advice itself, without the milder ones."""
    return [r for r in verdict.reasons if (r.advice, r.kind) == (verdict.advice, verdict.kind)]


def _fingerprint(verdict: Verdict) -> str:
    """The same for the same advice from the same rows. What a row says may grow with time (`waited 12 workdays`): not used."""
    rows = {row.message_id or f"{row.detail} {row.at}" for reason in _decisive(verdict) for row in reason.evidence}
    words = " ".join([verdict.advice, verdict.kind or "", *sorted(rows)])
    return hashlib.sha256(words.encode()).hexdigest()[:12]
