"""Why Firmly says what it says of a client or a mail: the rule, its threshold, the rows, what was asked and what it cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.classify.ports import Bounded
from pipeline.domain.assessment import Behaviour
from pipeline.domain.calls import ModelCall
from pipeline.domain.history import Signal, SignalName
from pipeline.domain.ids import ClientId, MailId
from pipeline.domain.verdict import Reason
from pipeline.errors import UsageError
from pipeline.playbook import LabelRule, SignalRules
from pipeline.run.context import assessment_of
from pipeline.run.desk import Desk
from pipeline.run.dossier import Dossier, dossier_of
from pipeline.store import llm_calls, mails, memory
from pipeline.store.mails import MailRow
from pipeline.store.memory import Correction, Decision
from pipeline.store.verdicts import PastVerdict, past_verdicts

_RULES = {
    SignalName.UNRESPONSIVE: "So many requests of ours wait for an answer, the first for so many workdays of the client's."
    " Payment letters, and mails that bounced, ask for nothing; absences are left out.",
    SignalName.OFF_HOURS: "So many mails in so many days came outside your working hours and wanted work or an answer before"
    " the next ones. To arrive late is nothing.",
    SignalName.HIGH_FREQUENCY: "So many mails written by people in so many days.",
    SignalName.LATE_PAYMENT_TREND: "So many invoices in a row were each paid later than the one before, all late.",
    SignalName.BROKEN_PROMISE: "A day that was promised for a payment passed, and the ledger shows none.",
    SignalName.CHASES_BEFORE_DEADLINE: "So many mails asked how far the work is before the day that you had named for it.",
    SignalName.CHANGES_MIND_PATTERN: "So many approved decisions were taken back, as a person confirmed.",
    SignalName.SCOPE_GROWTH: "So many times unpaid work beyond what is on file was wanted, as a person confirmed or the client"
    " file counts.",
}
_WINDOWS = {
    SignalName.OFF_HOURS: "recent_days",
    SignalName.HIGH_FREQUENCY: "recent_days",
    SignalName.CHASES_BEFORE_DEADLINE: "pattern_days",
    SignalName.CHANGES_MIND_PATTERN: "pattern_days",
    SignalName.SCOPE_GROWTH: "pattern_days",
}


@dataclass(frozen=True, slots=True)
class VerdictBecause:
    """A client's advice with everything that it rests on."""

    known: Dossier
    profile: str
    thresholds: tuple[tuple[Reason, str, object], ...]
    """Each reason with the setting that fired, as a path in playbook.toml, and its value."""
    counted: Mapping[str, int]
    """Confirmed incidents inside the window, by label."""
    window_days: int
    half_life_days: int
    past: tuple[PastVerdict, ...]
    """What runs found before, oldest first."""


@dataclass(frozen=True, slots=True)
class SignalBecause:
    """A signal of a client's, whether or not it is there."""

    known: Dossier
    name: SignalName
    rule: str
    thresholds: Mapping[str, object]
    """By their paths in playbook.toml."""
    found: Signal | None


@dataclass(frozen=True, slots=True)
class LabelBecause:
    """A label of a mail, whoever gave it."""

    row: MailRow
    rule: LabelRule
    judge: str | None
    """None: the mail was not judged."""
    given: Behaviour | None
    """What the judge said; None for a label that it did not give (or an intent)."""
    bounds: tuple[float, float] | None
    """From where on a person is asked, and from where on it is sure, 0 to 10; None where the judge has none for it."""
    decided: Decision | None
    """What a person said of it."""
    never: tuple[Correction, ...]
    """Rules of the owner's against it, for this client."""
    calls: tuple[ModelCall, ...]
    """To an endpoint, for this mail; empty for the judge on this machine, which costs nothing."""


def explain_verdict(desk: Desk, client_id: ClientId) -> VerdictBecause:
    """Why the advice about a client is what it is. Raises UsageError for a client that is not there."""
    profile = desk.playbook.verdicts.profile
    rules = desk.playbook.verdicts.profiles[profile]
    with desk.db.read() as tx:
        known = dossier_of(tx, desk, client_id)
        past = past_verdicts(tx, client_id)
    since = desk.clock().date().toordinal() - rules.window_days
    labels = [str(i.label) for i in known.record.incidents if i.at.date().toordinal() >= since]
    tables = asdict(rules)
    thresholds = []
    for reason in known.verdict.reasons:
        table, _, setting = reason.trigger.partition(".")
        path = f"verdict.profiles.{profile}.{reason.trigger}"
        thresholds.append((reason, path, tables[table][setting]))
    return VerdictBecause(
        known=known,
        profile=profile,
        thresholds=tuple(thresholds),
        counted={label: labels.count(label) for label in sorted(set(labels))},
        window_days=rules.window_days,
        half_life_days=rules.half_life_days,
        past=past,
    )


def explain_signal(desk: Desk, client_id: ClientId, name: str) -> SignalBecause:
    """Why a signal is there, or what it would take. Raises UsageError for a client or a signal that is none."""
    if name not in tuple(SignalName):
        raise UsageError(f"There is no signal {name!r}.", fix=f"There are {', '.join(SignalName)}.")
    signal = SignalName(name)
    with desk.db.read() as tx:
        known = dossier_of(tx, desk, client_id)
    return SignalBecause(
        known=known,
        name=signal,
        rule=_RULES[signal],
        thresholds=_thresholds(desk.playbook.signals, signal),
        found=next((s for s in known.signals if s.name is signal), None),
    )


def _thresholds(rules: SignalRules, signal: SignalName) -> dict[str, object]:
    tables: dict[str, Any] = asdict(rules)
    names = (signal.value, *((_WINDOWS[signal],) if signal in _WINDOWS else ()))
    return {f"signals.{name}": tables[name] for name in names}


def explain_label(desk: Desk, mail_id: MailId, name: str) -> LabelBecause:
    """Why a mail has a label, or has it not. Raises UsageError for a mail or a label that is not there."""
    taxonomy = desk.playbook.taxonomy
    rule = taxonomy.rule(name, "behaviour") or taxonomy.rule(name, "intent")
    with desk.db.read() as tx:
        row = mails.mail(tx, mail_id)
        if row is None or rule is None:
            what = f"There is no mail m{mail_id}." if row is None else f"There is no label {name!r}."
            raise UsageError(what, fix="firmly clients show names them: m17/scope_creep.")
        assessment = assessment_of(tx, mail_id)
        mail = row.message_id or f"mail:{row.id}"
        decided = memory.decision(tx, row.client_id, mail, rule.name) if row.client_id else None
        never = memory.corrections(tx, row.client_id) if row.client_id else ()
        calls = llm_calls.calls_of(tx, row.message_id) if row.message_id else []
    given = next((b for b in (assessment.behaviours if assessment else ()) if b.label == rule.name), None)
    return LabelBecause(
        row=row,
        rule=rule,
        judge=assessment.judge if assessment else None,
        given=given,
        bounds=desk.judge.bounds(rule.name) if isinstance(desk.judge, Bounded) else None,
        decided=decided,
        never=tuple(correction for correction in never if correction.label == rule.name),
        calls=tuple(calls),
    )


def call_json(call: ModelCall) -> dict[str, Any]:
    """A call to an endpoint for programs, without the answer's text."""
    return {
        "at": call.at.isoformat(),
        "purpose": call.purpose,
        "model": call.served_by or call.model,
        "prompt_hash": call.prompt_hash,
        "tokens": {"in": call.usage.tokens_in, "out": call.usage.tokens_out, "cached": call.usage.tokens_cached},
        "cost": {"amount": str(call.cost.amount), "currency": call.cost.currency} if call.cost else None,
        "latency_ms": call.latency_ms,
        "outcome": call.outcome,
    }
