"""What becomes of drafts that were there before: kept, withdrawn, drafted anew, or shown to a person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from pipeline.domain.history import Turn
from pipeline.domain.ladder import LadderSettings, PauseReason, Step
from pipeline.domain.mail import Direction
from pipeline.invoices.facts import facts_for
from pipeline.invoices.recheck import Outcome, recheck
from pipeline.replay.directory import OldDraft
from pipeline.run.dossier import Dossier

_AT_AN_END = frozenset({"sent", "rejected", "withdrawn", "superseded", "dismissed"})
_OUT_OF_HAND = frozenset({"delivered", "delivering", "uncertain", "drafted"})
_CHASES = frozenset({"chase", "payment", "reminder", "ladder"})
_RE_FIGURE = re.compile(
    r"(?<![\w.,-])\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{2})?(?![\d-])|(?<![\w.,-])\d+(?:[.,]\d{2})?(?![\d-])"
)


class Fate(StrEnum):
    """What Firmly does with a draft."""

    KEEP = "keep"
    WITHDRAW = "withdraw"
    REDRAFT = "redraft"
    ALERT = "alert"  # it is out of hand, lying unsent in Drafts: a person is told


@dataclass(frozen=True, slots=True)
class Fated:
    """A draft, what becomes of it, and why."""

    draft: OldDraft
    fate: Fate
    reason: str


def look_again(draft: OldDraft, dossiers: Iterable[Dossier], settings: LadderSettings, now: datetime) -> Fated:
    """Whether a draft is still right: asked at every run, at approval, and before anything leaves."""
    if draft.status in _AT_AN_END:
        return Fated(draft, Fate.KEEP, f"It is {draft.status}; nothing is to be done.")
    dossier = next((d for d in dossiers if _is_about(draft, d)), None)
    if dossier is None:
        return Fated(draft, Fate.KEEP, "Nothing that it is about is known.")
    if draft.kind in _CHASES or (draft.step is not None and draft.step != Step.RESUME.upper()):
        outcome, reason = _chase(draft, dossier, settings, now)
    elif draft.kind == Step.RESUME or draft.step == Step.RESUME.upper():
        outcome, reason = _resume(draft, dossier)
    else:
        outcome, reason = _reply(draft, dossier)
    if outcome is not Fate.KEEP and draft.status in _OUT_OF_HAND:
        return Fated(draft, Fate.ALERT, f"{reason} It lies unsent in Drafts: look at it before it is sent.")
    if outcome is Fate.REDRAFT and draft.status == "approved" and not _is_chase(draft):
        return Fated(draft, Fate.ALERT, f"{reason} It is approved: a person decides.")
    return Fated(draft, outcome, reason)


def _is_chase(draft: OldDraft) -> bool:
    return draft.kind in _CHASES or draft.step is not None


def _is_about(draft: OldDraft, dossier: Dossier) -> bool:
    if draft.invoices and set(draft.invoices) & {i.number for i in dossier.ledger.invoices}:
        return True
    return draft.in_reply_to is not None and any(t.message_id == draft.in_reply_to for t in dossier.history.turns)


def _chase(draft: OldDraft, dossier: Dossier, settings: LadderSettings, now: datetime) -> tuple[Fate, str]:
    today = now.astimezone(dossier.ledger.hours.timezone).date()
    facts, _ = facts_for(dossier.ledger, today, draft.invoices)
    step = Step(draft.step) if draft.step in {s.value for s in Step} else dossier.ladder.step or Step.L1
    found = recheck(step, facts, dossier.ledger, settings, now, dossier.ledger_as_of)
    if found.outcome is Outcome.WITHDRAW:
        return Fate.WITHDRAW, f"Its reason went away: {found.reason}."
    if found.outcome is Outcome.REDRAFT:
        return Fate.REDRAFT, "Its step or its invoices are no longer the ledger's."
    figures = _figures(draft.body)
    for fact in facts:
        if fact.open.amount not in figures and fact.total.amount in figures:
            return Fate.REDRAFT, f"Of invoice {fact.number} less is open than the draft says."
    if found.outcome is Outcome.WAIT:
        return Fate.KEEP, f"It is right and waits: {found.reason}."
    return Fate.KEEP, "It is still right."


def _figures(body: str) -> frozenset[Decimal]:
    """The sums in a letter: the last mark with two figures behind it is the decimal one."""
    found = set()
    for match in _RE_FIGURE.findall(body):
        digits = re.sub(r"[\s'’\u00a0\u202f]", "", match)
        whole, cents = (digits[:-3], digits[-2:]) if re.search(r"[.,]\d{2}$", digits) else (digits, "00")
        try:
            found.add(Decimal(f"{re.sub(r'[.,]', '', whole)}.{cents}"))
        except InvalidOperation:
            continue
    return frozenset(found)


def _resume(draft: OldDraft, dossier: Dossier) -> tuple[Fate, str]:
    unpaid = [i.number for i in dossier.ledger.invoices if i.number in draft.invoices and i.open.amount > 0]
    if unpaid:
        return Fate.WITHDRAW, f"{', '.join(unpaid)} is open: work is not resumed."
    return Fate.KEEP, "It is paid: work goes on."


def _reply(draft: OldDraft, dossier: Dossier) -> tuple[Fate, str]:
    about = [i for i in dossier.ledger.invoices if i.number in draft.invoices]
    if about and all(i.open.amount <= 0 for i in about):
        return Fate.WITHDRAW, f"Its reason went away: {PauseReason.PAID}."
    target = next((t for t in dossier.history.turns if t.message_id == draft.in_reply_to), None)
    if target is None:
        return Fate.KEEP, "Nothing has changed."
    later = [t for t in dossier.history.turns if t.thread == target.thread and _is_later(t, target)]
    if target.direction is Direction.OUTBOUND:
        answered = any(t.counts for t in later)
        return (Fate.WITHDRAW, "The client has answered since.") if answered else (Fate.KEEP, "Still no answer.")
    last = later[-1] if later else None
    if last is None:
        return Fate.KEEP, "Nothing newer stands in the thread."
    if last.direction is Direction.OUTBOUND:
        return Fate.WITHDRAW, "You have answered yourself."
    return Fate.REDRAFT, "Newer mail has arrived in this thread since the draft was written."


def _is_later(turn: Turn, target: Turn) -> bool:
    return turn.at > target.at and (turn.direction is Direction.OUTBOUND or turn.counts)
