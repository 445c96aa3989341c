"""The advice to part ways: at once, recommended, or worth a look back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.domain.client import LookBack
from pipeline.domain.history import Evidence
from pipeline.domain.ids import Label
from pipeline.domain.verdict import Advice, ClientRecord, PartingKind, Reason
from pipeline.playbook import VerdictRules
from pipeline.playbook.thresholds import PartWaysImmediate, PartWaysRecommended, PartWaysReview
from pipeline.verdict.counting import Counted, within

_MONTH = 30
BLOCKS = Label("controlling")
"""The behaviour whose every case is a block of our work."""


def immediate(counted: Counted, rules: PartWaysImmediate) -> Iterator[Reason]:
    """A threat, abuse, liability or a material lie; or what was forbidden, again."""
    for label in rules.on_first:
        rows = counted.labelled(label)
        if rows:
            yield _reason("immediate.on_first", f"{label}, confirmed.", counted.evidence(rows), PartingKind.IMMEDIATE)
    for label in rules.again_after_notice:
        again = counted.after_boundary(label)
        if again and sum(1 for i in counted.ever if i.label == label) > 1:
            why = f"{label}, again after the client was told."
            yield _reason("immediate.again_after_notice", why, counted.evidence(again), PartingKind.IMMEDIATE)


def recommended(record: ClientRecord, counted: Counted, rules: PartWaysRecommended, now: datetime) -> Iterator[Reason]:
    """Confirmed behaviour that came back, and money that does not come."""
    yield from _behaviour(record, counted, rules)
    yield from _money(record, rules, now)


def _behaviour(record: ClientRecord, counted: Counted, rules: PartWaysRecommended) -> Iterator[Reason]:
    needed = [
        *((label, 1, "on_first") for label in rules.on_first),
        *((label, 2, "on_second") for label in rules.on_second),
    ]
    for label, count, trigger in needed:
        rows = counted.labelled(label)
        if len(rows) >= count:
            yield _advised(trigger, f"{label}, {len(rows)} times.", counted.evidence(rows))
    yield from _told(counted, rules)
    for label in rules.once_collected:
        rows = counted.labelled(label)
        if rows and record.collected:
            yield _advised("once_collected", f"{label}, and the balance is collected.", counted.evidence(rows))
    for project, reversals in record.reversals:
        if len(reversals) >= rules.reversals_per_project:
            why = f"{len(reversals)} approved decisions reversed in {project}, which has a fixed price."
            yield _advised("reversals_per_project", why, counted.evidence(reversals))


def _told(counted: Counted, rules: PartWaysRecommended) -> Iterator[Reason]:
    """What the client was told, and did again."""
    for label, count in rules.after_boundary.items():
        rows = counted.after_boundary(label)
        if len(rows) >= count:
            why = f"{label}, {len(rows)} times since the limit was agreed."
            yield _advised("after_boundary", why, counted.evidence(rows))
    blocks = within(counted.after_boundary(BLOCKS), rules.blocks_after_explaining, rules.blocks_days)
    if blocks:
        why = f"{BLOCKS}, {len(blocks)} new blocks in {rules.blocks_days} days after it was explained."
        yield _advised("blocks_after_explaining", why, counted.evidence(blocks))


def _money(record: ClientRecord, rules: PartWaysRecommended, now: datetime) -> Iterator[Reason]:
    today = now.date()
    stops = [s for s in record.stops if s.on > today - timedelta(days=rules.stops_days)]
    unpaid = [s for s in record.stops if not s.paid and (today - s.on).days >= rules.unpaid_after_stop_days]
    if unpaid:
        why = f"Unpaid {rules.unpaid_after_stop_days} days after work was stopped."
        yield _advised("unpaid_after_stop_days", why, tuple(Evidence("work stopped", s.on) for s in unpaid))
    if len(stops) >= rules.stops:
        why = f"{len(stops)} stops of work in {rules.stops_days} days."
        yield _advised("stops", why, tuple(Evidence("work stopped", s.on) for s in stops))
    late = record.later_each_time
    if len(late) >= rules.later_each_time and late[-1].days_late > rules.later_each_time_last_days:
        why = f"{len(late)} invoices in a row paid later each time, the last {late[-1].days_late} days late."
        rows = tuple(Evidence(f"invoice {p.number}: {p.days_late} days late", p.paid_on) for p in late)
        yield _advised("later_each_time", why, rows)


def review(record: ClientRecord, counted: Counted, rules: VerdictRules) -> Iterator[Reason]:
    """Worth a look back, where it happens regularly: in several projects, or over some months."""
    limits = rules.part_ways_review
    regular = record.look_back.projects >= limits.projects or record.known_days >= limits.months * _MONTH
    if regular:
        for trigger, why in _figures(record.look_back, limits):
            yield _reason(f"review.{trigger}", why, (), PartingKind.REVIEW)
    for label in limits.no_renewal:
        rows = counted.labelled(label)
        if (
            len(rows) >= rules.set_boundaries.same_behaviour
            and (rows[-1].at - rows[0].at).days >= limits.months * _MONTH
        ):
            end = f" The contract ends on {record.contract_ends}." if record.contract_ends else ""
            why = f"{label}, {len(rows)} times over {limits.months} months: finish the work, do not renew.{end}"
            yield _reason("review.no_renewal", why, counted.evidence(rows), PartingKind.REVIEW)


def _figures(given: LookBack, limits: PartWaysReview) -> Iterator[tuple[str, str]]:
    if _at_least(given.duration_ratio, limits.duration_ratio):
        yield "duration_ratio", f"Projects take {given.duration_ratio:g} times as long because the client is involved."
    if _at_least(given.unpaid_rework_rounds, limits.unpaid_rework_rounds):
        yield "unpaid_rework_rounds", f"{given.unpaid_rework_rounds} rounds of rework were not paid."
    if _at_least(given.scope_growth_percent, limits.scope_growth_percent) and _at_least(
        given.change_orders_refused, limits.change_orders_refused
    ):
        yield (
            "scope_growth_percent",
            f"The scope grew by {given.scope_growth_percent} %, and change orders were refused.",
        )
    hours, revenue = given.hours_share_percent, given.revenue_share_percent
    if _at_least(hours, limits.hours_share_percent) and revenue is not None and revenue < limits.revenue_share_percent:
        yield "hours_share_percent", f"Takes {hours} % of the hours and brings {revenue} % of the revenue."
    rate = given.effective_rate_percent
    if rate is not None and rate < limits.effective_rate_percent:
        yield "effective_rate_percent", f"The effective rate is {rate} % of the target."


def _at_least(given: float | None, limit: float) -> bool:
    return given is not None and given >= limit


def _advised(trigger: str, why: str, rows: tuple[Evidence, ...]) -> Reason:
    return _reason(f"recommended.{trigger}", why, rows, PartingKind.RECOMMENDED)


def _reason(trigger: str, why: str, rows: tuple[Evidence, ...], kind: PartingKind) -> Reason:
    return Reason(Advice.PART_WAYS, f"part_ways_{trigger}", why, rows, kind)
