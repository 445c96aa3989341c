"""The numbers of `playbook.toml` as frozen dataclasses, checked by pydantic when they are read.

What each setting means stands beside it in the file; here stands what code needs to know. Sources: the domain
document, section 2 (ladder).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline.domain.assessment import LegalKind, PaymentKind
from pipeline.playbook.tables import Behaviour, Count, Days, Intent, PlayName, Settings, StepName
from pipeline.playbook.thresholds import NudgeRules, SignalRules, Verdicts


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
