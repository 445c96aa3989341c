"""The numbers of `playbook.toml` as frozen dataclasses, checked by pydantic when they are read.

What each setting means stands beside it in the file; here stands what code needs to know. Sources: the domain
document, sections 2 (ladder), 4 (verdicts) and 5 (readings).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from pipeline.domain.assessment import LegalKind, PaymentKind
from pipeline.domain.ids import Label
from pipeline.playbook.vocabulary import unknown


class Settings:
    """What all tables share: no unknown keys, and no value repeated in an error."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _resolved(kinds: tuple[str, ...]) -> AfterValidator:
    """Take a label of these kinds by its present or its old name, and give its present name."""

    def resolve(name: str, info: ValidationInfo) -> str:
        taxonomy = (info.context or {}).get("taxonomy")
        if taxonomy is None:  # the taxonomy itself is broken; its problems are told instead
            return name
        for kind in kinds:
            current = taxonomy.current(name, kind)
            if current is not None:
                return str(current)
        known = [rule.name for kind in kinds for rule in taxonomy.rules(kind)]
        raise ValueError(unknown(name, known, f"no {' or '.join(kinds)} of taxonomy.toml"))

    return AfterValidator(resolve)


def _play_exists(name: str, info: ValidationInfo) -> str:
    plays = (info.context or {}).get("plays", ())
    if name not in plays:
        raise ValueError(unknown(name, plays, f"no play, there is no file plays/{name}.md"))
    return name


Behaviour = Annotated[Label, _resolved(("behaviour",))]
Intent = Annotated[Label, _resolved(("intent",))]
AnyLabel = Annotated[Label, _resolved(("behaviour", "intent"))]
PlayName = Annotated[str, AfterValidator(_play_exists)]
Count = Annotated[int, Field(strict=True, ge=1)]
Days = Annotated[int, Field(strict=True, ge=0)]
StepName = Annotated[str, Field(pattern=r"^L[0-9]$")]


@dataclass(frozen=True, slots=True)
class Hold(Settings):
    """What wants a person and gets no draft; any of these is enough."""

    behaviours: tuple[Behaviour, ...] = ()
    legal: tuple[LegalKind, ...] = ()
    payment: tuple[PaymentKind, ...] = ()
    bank_details: bool = False


class Precedence(StrEnum):
    """The steps by which the label that chooses the play is found."""

    HOLD = "hold"
    DISPUTE = "dispute"
    FAIR_COMPLAINT = "fair_complaint"
    SEVERITY = "severity"
    TAXONOMY = "taxonomy"


@dataclass(frozen=True, slots=True)
class PrecedenceRules(Settings):
    """In which order labels compete, and which of them count as a dispute and as a fair complaint."""

    order: tuple[Precedence, ...]
    disputes: tuple[Behaviour, ...]
    fair_complaints: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Events(Settings):
    """The plays that answer no mail."""

    nudge: PlayName
    resume: PlayName
    exit: PlayName


@dataclass(frozen=True, slots=True)
class ReplyRules(Settings):
    """Which intents are ordinary, and which are not answered at all."""

    ordinary: tuple[Intent, ...]
    ordinary_play: PlayName
    never: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class CommitmentRule(Settings):
    """How a date is computed. `workdays` is None but for the rule of that name."""

    rule: Literal["update_days", "answer_in_workdays", "workdays"]
    workdays: Annotated[int, Field(strict=True, ge=1, le=60)] | None = None


Commitments = Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], CommitmentRule]


@dataclass(frozen=True, slots=True)
class Step(Settings):
    """One step of the payment ladder. Without a play it is a person's."""

    step: StepName
    play: PlayName | None = None
    opt_in: bool = False
    pauses_work: bool = False
    statement: bool = False
    formal: bool = False


@dataclass(frozen=True, slots=True)
class StepTiming(Settings):
    """When a step is due: `days` after the due date, or after the step `after` was seen sent."""

    days: Annotated[int, Field(strict=True, ge=-30, le=365)]
    after: StepName | Literal["due"] = "due"


@dataclass(frozen=True, slots=True)
class Ladder(Settings):
    """The payment ladder. Times are on the client's clock, days are the client's workdays."""

    min_gap_days: Days
    send_from: time
    send_until: time
    statement_from_invoices: Count
    steps: tuple[Step, ...]
    """In their order."""
    profiles: Mapping[str, Mapping[StepName, StepTiming]]
    """By profile: the steps that it takes, with their timing."""

    def step(self, name: str) -> Step:
        """The step of that name. KeyError if there is none."""
        return {step.step: step for step in self.steps}[name]


@dataclass(frozen=True, slots=True)
class PromiseRules(Settings):
    """When a promise to pay is looked at, and how many broken ones are too many."""

    check_after_workdays: Count
    broken_to_person: Count


@dataclass(frozen=True, slots=True)
class PauseRules(Settings):
    """How long what a mail says keeps the ladder, where it names no day itself."""

    claim_workdays: Count = 5
    out_of_office_days: Count = 7


@dataclass(frozen=True, slots=True)
class ClaimRules(Settings):
    """Interest and fixed sums of a formal letter: when what they rest on has to be looked at again."""

    law_days: Count = 365
    """An entry of law.toml that is older has to be checked by a person."""
    rate_days: Count = 190
    """A reference rate that is older, likewise; they change twice a year."""
    confirmed_days: Count = 14
    """Figures that a person confirmed stand in a letter for so long."""


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


@dataclass(frozen=True, slots=True)
class TableWords(Settings):
    """The head of the table of invoices in one language."""

    number: str
    issued: str
    due: str
    open: str
    total: str


@dataclass(frozen=True, slots=True)
class ClaimWords(Settings):
    """The head of the table of interest and fixed sums in one language; the invoice's number comes first, as above."""

    days: str = "Days late"
    rate: str = "Rate a year"
    interest: str = "Interest"
    fixed: str = "Fixed sum"
    in_all: str = "In all"


@dataclass(frozen=True, slots=True)
class PlaybookFile(Settings):
    """`playbook.toml` as a whole."""

    version: Literal[1]
    holds: Mapping[str, Hold]
    precedence: PrecedenceRules
    plays: Mapping[Behaviour, PlayName]
    intents: Mapping[Intent, PlayName]
    payments: Mapping[PaymentKind, PlayName]
    events: Events
    replies: ReplyRules
    ladder: Ladder
    promises: PromiseRules
    signals: SignalRules
    verdict: Verdicts
    invoice_table: Mapping[str, TableWords]
    pauses: PauseRules = PauseRules()
    claims: ClaimRules = ClaimRules()
    claim_table: Mapping[str, ClaimWords] = field(default_factory=dict)
    commitments: Commitments = field(default_factory=dict)
    nudges: NudgeRules = field(default_factory=NudgeRules)


def with_defaults(data: Mapping[str, Any]) -> dict[str, Any]:
    """The raw playbook, with every verdict profile laid over the profile `default`."""
    verdict = data.get("verdict")
    profiles = verdict.get("profiles") if isinstance(verdict, dict) else None
    if not isinstance(profiles, dict) or not isinstance(profiles.get("default"), dict):
        return dict(data)
    whole = {name: _over(profiles["default"], rules) for name, rules in profiles.items()}
    return {**data, "verdict": {**data["verdict"], "profiles": whole}}


def _over(base: Any, changes: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(changes, dict)):
        return changes
    return base | {key: _over(base.get(key), value) for key, value in changes.items()}
