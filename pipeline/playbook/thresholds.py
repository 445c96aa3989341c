"""From when on something counts: signals, nudges and verdicts, as numbers of `playbook.toml`.

What each means stands beside it in the file. Sources: the domain document, sections 4 (verdicts) and 5 (readings).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from pipeline.playbook.tables import AnyLabel, Behaviour, Count, Days, Settings


@dataclass(frozen=True, slots=True)
class MailsInDays(Settings):
    """So many mails inside so many days."""

    mails: Count
    days: Count


@dataclass(frozen=True, slots=True)
class RequestsInWorkdays(Settings):
    """So many requests, the first of them so many workdays old."""

    requests: Count
    workdays: Count


@dataclass(frozen=True, slots=True)
class SignalRules(Settings):
    """From when on metadata and ledger say something."""

    off_hours: MailsInDays
    high_frequency: MailsInDays
    unresponsive: RequestsInWorkdays
    chases_before_deadline: Count
    changes_mind_pattern: Count
    scope_growth: Count
    broken_promise: Count
    late_payment_trend: Count
    recent_days: Count = 30
    """A burst of mails is a signal until so many days after its last mail."""
    pattern_days: Count = 90
    """Chases, changes of mind and growth are counted over so many days."""


@dataclass(frozen=True, slots=True)
class NudgeRules(Settings):
    """When our own question is asked once more, and when a report should come before the client asks for it."""

    after_workdays: Count = 5
    """Of the client's. A question that waits so long gets a nudge."""
    until_workdays: Count = 30
    """One that waits longer is a matter for a person, not for a reminder."""
    days_between: Count = 7
    """Between two nudges of one thread, whatever became of the first."""
    report_before_workdays: Count = 2
    """Of the owner's. So long before a promised day a client who likes to ask is to be told first."""


@dataclass(frozen=True, slots=True)
class SetBoundaries(Settings):
    """When it is time to state a boundary."""

    same_behaviour: Count
    severity: Annotated[int, Field(strict=True, ge=1, le=5)]


@dataclass(frozen=True, slots=True)
class PutOnNotice(Settings):
    """When a client is told that it cannot go on like this."""

    same_behaviour_after_boundary: Count
    on_first: tuple[Behaviour, ...]
    unanswered_requests: Count
    unanswered_workdays: Count
    slow_approvals: Count
    slow_approval_workdays: Count


@dataclass(frozen=True, slots=True)
class StopWork(Settings):
    """When work stops until the money is there."""

    days_after_l1: Days
    broken_promises: Count


@dataclass(frozen=True, slots=True)
class PartWaysImmediate(Settings):
    """When there is nothing left to wait for."""

    on_first: tuple[Behaviour, ...]
    again_after_notice: tuple[Behaviour, ...]


@dataclass(frozen=True, slots=True)
class PartWaysRecommended(Settings):
    """When parting ways is the advice."""

    on_first: tuple[Behaviour, ...]
    on_second: tuple[Behaviour, ...]
    after_boundary: Mapping[Behaviour, Count]
    blocks_after_explaining: Count
    blocks_days: Count
    unpaid_after_stop_days: Days
    stops: Count
    stops_days: Count
    later_each_time: Count
    later_each_time_last_days: Days
    once_collected: tuple[Behaviour, ...]
    reversals_per_project: Count


@dataclass(frozen=True, slots=True)
class PartWaysReview(Settings):
    """When it is worth asking whether the client is worth it."""

    projects: Count
    months: Count
    duration_ratio: Annotated[float, Field(strict=True, gt=1)]
    unpaid_rework_rounds: Count
    scope_growth_percent: Count
    change_orders_refused: Count
    hours_share_percent: Count
    revenue_share_percent: Count
    effective_rate_percent: Count
    no_renewal: tuple[Behaviour, ...]


@dataclass(frozen=True, slots=True)
class VerdictRules(Settings):
    """One profile of verdicts, complete: what a profile leaves out is that of `default`."""

    window_days: Count
    half_life_days: Count
    never_counts: tuple[AnyLabel, ...]
    set_boundaries: SetBoundaries
    put_on_notice: PutOnNotice
    stop_work: StopWork
    part_ways_immediate: PartWaysImmediate
    part_ways_recommended: PartWaysRecommended
    part_ways_review: PartWaysReview


@dataclass(frozen=True, slots=True)
class Verdicts(Settings):
    """The profiles, and which one holds where nothing else is said."""

    profile: str
    profiles: Mapping[str, VerdictRules]
