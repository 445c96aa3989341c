"""Which incidents count, and how often each behaviour occurred."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.client import Boundary, Incident
from pipeline.domain.history import Evidence, Request
from pipeline.domain.ids import Label
from pipeline.domain.verdict import ClientRecord
from pipeline.playbook import VerdictRules

_GRAVE = 4
"""From this severity on a behaviour counts even in a mail whose complaint is fair: it excuses no insult."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The incidents that count, oldest first, and what weighs them."""

    ever: tuple[Incident, ...]
    """All of them, up to now."""
    recent: tuple[Incident, ...]
    """Those inside the window."""
    boundaries: tuple[Boundary, ...]
    requests: tuple[Request, ...]
    """Our requests inside the window."""
    severities: Mapping[Label, int]
    now: datetime
    since: datetime
    half_life: timedelta

    @classmethod
    def of(cls, record: ClientRecord, rules: VerdictRules, severities: Mapping[Label, int], now: datetime) -> "Counted":
        """Leave out what never counts: its labels, and beside a fair complaint everything that is not grave."""
        never = frozenset(rules.never_counts)
        excused = {i.message_id for i in record.incidents if i.label in never and i.label not in severities}
        excused.discard(None)
        since = now - timedelta(days=rules.window_days)
        unique = {(i.message_id or i.at.isoformat(), i.label): i for i in sorted(record.incidents, key=_order)}
        ever = tuple(
            i
            for i in unique.values()
            if i.label in severities
            and i.label not in never
            and (i.message_id not in excused or severities[i.label] >= _GRAVE)
            and i.at <= now
        )
        return cls(
            ever=ever,
            recent=tuple(i for i in ever if i.at >= since),
            boundaries=tuple(b for b in record.boundaries if b.stated_at <= now),
            requests=tuple(r for r in record.requests if since <= r.asked_at <= now),
            severities=severities,
            now=now,
            since=since,
            half_life=timedelta(days=rules.half_life_days),
        )

    def labelled(self, label: Label) -> tuple[Incident, ...]:
        """The behaviour's incidents inside the window, oldest first."""
        return tuple(i for i in self.recent if i.label == label)

    def labels(self) -> tuple[Label, ...]:
        """Behaviours with an incident inside the window, by name."""
        return tuple(sorted({i.label for i in self.recent}))

    def after_boundary(self, label: Label) -> tuple[Incident, ...]:
        """The behaviour's incidents inside the window that came after a boundary about it was first stated."""
        stated = min((b.stated_at for b in self.boundaries if b.label == label), default=None)
        return () if stated is None else tuple(i for i in self.labelled(label) if i.at > stated)

    def evidence(self, incidents: Iterable[Incident]) -> tuple[Evidence, ...]:
        """The rows, heaviest first: a row of severity 4 outweighs one of severity 2 until it is a half-life older."""
        return tuple(
            Evidence(f"{i.label}, confirmed", i.at, i.message_id)
            for i in sorted(incidents, key=lambda i: (-self._weight(i), _order(i)))
        )

    def _weight(self, incident: Incident) -> float:
        age = (self.now - incident.at) / self.half_life
        return self.severities[incident.label] * float(0.5**age)


def within(incidents: Sequence[Incident], count: int, days: int) -> tuple[Incident, ...]:
    """The newest `count` or more of these (oldest first) that lie inside `days`; empty if there are not so many."""
    for last in range(len(incidents) - 1, count - 2, -1):
        window = tuple(i for i in incidents[: last + 1] if incidents[last].at - i.at <= timedelta(days=days))
        if len(window) >= count:
            return window
    return ()


def _order(incident: Incident) -> tuple[datetime, str, str]:
    return incident.at, incident.message_id or "", incident.label
