"""The verdict of one profile over one record (domain, sections 4 and 5). Advice for a person, never an action."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.domain.ids import Label
from pipeline.domain.verdict import Advice, ClientRecord, PartingKind, Reason, Verdict
from pipeline.playbook import VerdictRules
from pipeline.verdict.counting import Counted
from pipeline.verdict.parting import immediate, recommended, review
from pipeline.verdict.working import put_on_notice, set_boundaries, stop_work

_ADVICE = tuple(Advice)
_KINDS = (None, *PartingKind)


def judge_client(record: ClientRecord, rules: VerdictRules, severities: Mapping[Label, int], now: datetime) -> Verdict:
    """The most severe advice whose trigger applies at `now` (aware, on the client's clock), with every reason; an unknown client is kept.

    `severities` are those of the behaviours, 1 to 5: a label that is not among them is no behaviour and is not counted.
    Counts are plain counts inside the window; the half-life only orders the evidence.
    """
    counted = Counted.of(record, rules, severities, now)
    reasons = sorted(_reasons(record, rules, counted, now), key=_weight, reverse=True)
    if not reasons:
        return Verdict()
    return Verdict(reasons[0].advice, reasons[0].kind, tuple(reasons))


def _reasons(record: ClientRecord, rules: VerdictRules, counted: Counted, now: datetime) -> Iterable[Reason]:
    yield from immediate(counted, rules.part_ways_immediate)
    yield from recommended(record, counted, rules.part_ways_recommended, now)
    yield from review(record, counted, rules)
    yield from stop_work(record, rules, now)
    yield from put_on_notice(record, counted, rules.put_on_notice)
    yield from set_boundaries(counted, rules.set_boundaries)


def _weight(reason: Reason) -> tuple[int, int]:
    return _ADVICE.index(reason.advice), _KINDS.index(reason.kind)
