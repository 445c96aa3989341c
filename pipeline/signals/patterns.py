"""What confirmed labels and the terms on file add up to."""

from datetime import datetime, timedelta

from pipeline.domain.history import Evidence, History, Signal, SignalName
from pipeline.domain.ids import Label
from pipeline.playbook import SignalRules

_REVERSES = Label("changes_mind")
_GROWS = Label("scope_creep")


def changes_mind_pattern(history: History, rules: SignalRules, now: datetime) -> Signal | None:
    """Approved decisions that were taken back."""
    rows = _labelled(history, _REVERSES, rules, now)
    if len(rows) < rules.changes_mind_pattern:
        return None
    return _signal(SignalName.CHANGES_MIND_PATTERN, f"{len(rows)} approved decisions were taken back.", rows)


def scope_growth(history: History, rules: SignalRules, now: datetime) -> Signal | None:
    """Unpaid extras, and rounds beyond those on file."""
    rows = _labelled(history, _GROWS, rules, now)
    beyond = {
        e.project: e.rounds_used - e.revision_rounds
        for e in history.client.engagements
        if e.rounds_used is not None and e.revision_rounds is not None and e.rounds_used > e.revision_rounds
    }
    count = len(rows) + sum(beyond.values())
    if count < rules.scope_growth:
        return None
    on_file = tuple(
        Evidence(f"{project}: {rounds} rounds beyond the agreed ones") for project, rounds in beyond.items()
    )
    return _signal(
        SignalName.SCOPE_GROWTH, f"{count} times work was wanted beyond what is on file.", rows + on_file, now
    )


def _labelled(history: History, label: Label, rules: SignalRules, now: datetime) -> tuple[Evidence, ...]:
    since = now - timedelta(days=rules.pattern_days)
    return tuple(
        Evidence(f"{label}, confirmed", t.at, t.message_id)
        for t in history.turns
        if t.counts and label in t.labels and since <= t.at <= now
    )


def _signal(name: SignalName, sentence: str, rows: tuple[Evidence, ...], now: datetime | None = None) -> Signal:
    first = next((row.at for row in rows if isinstance(row.at, datetime)), now)
    if first is None:
        raise ValueError(f"the signal {name} has no dated row")
    return Signal(name, first.date(), sentence, rows)
