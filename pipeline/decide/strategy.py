"""Which play answers a mail, or why none does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.decide.facts import Desktop, facts_for
from pipeline.domain.assessment import Assessment, Behaviour, PaymentKind
from pipeline.domain.client import Context
from pipeline.domain.ids import ClientId, Label, ThreadId
from pipeline.domain.mail import AuthVerdict, Direction, Message
from pipeline.domain.strategy import Action, Strategy
from pipeline.playbook import Playbook, Precedence

_GRAVEST = 5
"""The highest severity."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One mail on the owner's desk, with everything that is known of it."""

    message: Message
    assessment: Assessment
    context: Context
    thread_id: ThreadId
    client_id: ClientId | None
    now: datetime
    auth: AuthVerdict = AuthVerdict.UNCHECKED
    newer: Direction | None = None
    """Who wrote the newest later mail of the thread, if there is one."""
    backfilled: bool = False
    """It was brought in for memory only."""
    ordinary_replies: bool = False
    """[replies] ordinary."""

    @property
    def origin(self) -> str:
        """The key under which there is at most one live proposal."""
        return f"reply:{self.thread_id}:{self.client_id if self.client_id is not None else 'stranger'}"


def choose_strategy(situation: Situation, playbook: Playbook, desktop: Desktop) -> Strategy:
    """What to do about a mail: reply with a play, hold it for a person, or nothing, and why."""
    hold = _hold(situation, playbook)
    if hold is not None:
        return hold
    quiet = _quiet_reason(situation)
    if quiet is not None:
        return Strategy(Action.NONE, (quiet,), situation.origin)
    label, play, because = _play(situation, playbook)
    if play is None:
        if label is None:
            return Strategy(Action.NONE, because, situation.origin)
        return Strategy(
            Action.NO_PLAY, (*because, f"The playbook has no play for {label}."), situation.origin, label=label
        )
    if situation.auth is AuthVerdict.FAIL:
        because = (*because, "The sender could not be verified (DMARC failed): no draft for such a mail.")
        return Strategy(Action.HOLD, because, situation.origin, label=label, hold_kind="forged")
    return _reply(
        situation, playbook, desktop, Strategy(Action.REPLY, because, situation.origin, play=play, label=label)
    )


def _reply(situation: Situation, playbook: Playbook, desktop: Desktop, wanted: Strategy) -> Strategy:
    """The wanted reply with its facts; no reply where the facts that its play needs are not on record."""
    facts = facts_for(
        desktop, playbook, situation.context, situation.now, assessment=situation.assessment, message=situation.message
    )
    missing = playbook.plays[wanted.play or ""].missing(facts)
    if missing:
        lack = f"The play {wanted.play} needs {', '.join(missing)}, and nothing is on record."
        return replace(wanted, action=Action.NO_PLAY, because=(*wanted.because, lack))
    also = tuple(b.label for b in situation.assessment.behaviours if b.label != wanted.label)
    return replace(wanted, facts=facts, also=also)


@dataclass(frozen=True, slots=True)
class _Held:
    """One thing about a mail that wants a person."""

    kind: str
    because: str
    behaviour: Behaviour | None = None
    """The label that says so; None where code or a judge's subtype does, which leaves no doubt."""


def _hold(situation: Situation, playbook: Playbook) -> Strategy | None:
    """What wants a person and gets no draft. Comes before everything else, for older and backfilled mail too.

    The surest and gravest gives the kind; what else holds the mail is named after it.
    """
    held = sorted(_holds(situation.assessment, playbook), key=_weight(playbook))
    if not held:
        return None
    first, *others = held
    because = (first.because, *map(_also, others))
    if situation.backfilled:
        return Strategy(Action.NONE, (*because, "It came in by backfill, so it is only remembered."), situation.origin)
    label = first.behaviour.label if first.behaviour else None
    return Strategy(Action.HOLD, because, situation.origin, label=label, hold_kind=first.kind)


def _holds(assessment: Assessment, playbook: Playbook) -> Iterator[_Held]:
    """Everything that holds the mail, at most one a kind, in the playbook's order."""
    for kind, rule in playbook.holds.items():
        labels = [b for b in assessment.behaviours if b.label in rule.behaviours]
        if labels:
            most = max(labels, key=lambda b: (b.sure, b.confidence))
            yield _Held(kind, f"{_named(most)} is held for a person.", most)
        elif assessment.legal is not None and assessment.legal in rule.legal:
            yield _Held(kind, f"The mail carries a legal {assessment.legal}; it is held for a person.")
        elif assessment.payment is not None and assessment.payment.kind in rule.payment:
            yield _Held(kind, f"The mail speaks of {assessment.payment.kind}; it is held for a person.")
        elif rule.bank_details and assessment.bank_details:
            yield _Held(kind, "The mail gives bank details. Call the client on a number you know before you use them.")


def _weight(playbook: Playbook) -> Callable[[_Held], tuple[bool, int, int]]:
    """What comes first: what is sure, then what is grave, then what is surer. Equals keep the playbook's order."""

    def weight(held: _Held) -> tuple[bool, int, int]:
        label = held.behaviour
        if label is None:  # behind a sure label as grave, for such a mail stays folded
            return False, -_GRAVEST, 0
        return not label.sure, -playbook.taxonomy.severity(label.label), -label.confidence

    return weight


def _also(held: _Held) -> str:
    """What else holds the mail, after the first reason."""
    if held.behaviour is None:
        return held.because
    doubt = "" if held.behaviour.sure else ", unsure"
    return f"Also {held.behaviour.label} (confidence {held.behaviour.confidence} of 10{doubt})."


def _quiet_reason(situation: Situation) -> str | None:
    """Why this mail gets no reply whatever it says."""
    if situation.backfilled:
        return "It came in by backfill: remembered, not answered."
    if situation.newer is Direction.OUTBOUND:
        return "You have written in this thread since."
    if situation.newer is Direction.INBOUND:
        return "A newer mail of this thread is looked at instead."
    return None


def _play(situation: Situation, playbook: Playbook) -> tuple[Label | None, str | None, tuple[str, ...]]:
    """The label that decides and its play, by the playbook's precedence; without a play, the reason."""
    assessment = situation.assessment
    sure = [b for b in assessment.behaviours if b.sure]
    for step in playbook.precedence.order:
        for label, play, because in _candidates(step, situation, playbook, sure):
            return label, play, (because,)
    if assessment.payment is not None and assessment.payment.kind in playbook.payments:
        return (
            None,
            playbook.payments[assessment.payment.kind],
            (f"The mail carries a payment {assessment.payment.kind}.",),
        )
    if assessment.intent is not None and assessment.intent in playbook.intents:
        return assessment.intent, playbook.intents[assessment.intent], (f"The mail is a {assessment.intent}.",)
    unsure = [b for b in assessment.behaviours if not b.sure]
    doubt = tuple(f"{_named(b)} is below its threshold; a person may confirm it." for b in unsure)
    return _ordinary(situation, playbook, doubt)


def _candidates(
    step: Precedence,
    situation: Situation,
    playbook: Playbook,
    sure: list[Behaviour],
) -> Iterator[tuple[Label, str | None, str]]:
    rules = playbook.precedence
    if step is Precedence.DISPUTE:
        for behaviour in sure:
            if behaviour.label in rules.disputes:
                yield (
                    behaviour.label,
                    playbook.behaviours.get(behaviour.label),
                    f"{_named(behaviour)}; disputes come first.",
                )
        payment = situation.assessment.payment
        if payment is not None and payment.kind is PaymentKind.DISPUTE and sure:
            label = rules.disputes[0]
            yield label, playbook.behaviours.get(label), "The mail contests an invoice; disputes come first."
    elif step is Precedence.FAIR_COMPLAINT:
        intent = situation.assessment.intent
        if intent is not None and intent in rules.fair_complaints:
            yield intent, playbook.intents.get(intent), "A fair complaint: something of ours is to be put right."
    elif step is Precedence.SEVERITY:
        ranked = sorted(sure, key=lambda b: (-playbook.taxonomy.severity(b.label), playbook.taxonomy.rank(b.label)))
        for behaviour in ranked:
            severity = playbook.taxonomy.severity(behaviour.label)
            yield (
                behaviour.label,
                playbook.behaviours.get(behaviour.label),
                f"{_named(behaviour)}, severity {severity} of 5.",
            )


def _ordinary(
    situation: Situation,
    playbook: Playbook,
    doubt: tuple[str, ...],
) -> tuple[Label | None, str | None, tuple[str, ...]]:
    intent = situation.assessment.intent
    if intent in playbook.replies.never:
        return None, None, (f"The mail is a {intent}.",)
    if situation.ordinary_replies and situation.assessment.needs_reply:
        return intent, playbook.replies.ordinary_play, (*doubt, "An ordinary mail, and [replies] ordinary is on.")
    return None, None, (*doubt, "Ordinary mail: no difficult behaviour in it.")


def _named(behaviour: Behaviour) -> str:
    return f"{behaviour.label} (confidence {behaviour.confidence} of 10)"
