"""How it is going with a client: advice with evidence, for a person. Never an action."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pipeline.domain.client import Boundary, Incident, LookBack
from pipeline.domain.history import Evidence, Request
from pipeline.domain.ledger import Promise


class Advice(StrEnum):
    """The verdicts, mildest first (domain, section 4)."""

    KEEP = "keep"
    SET_BOUNDARIES = "set_boundaries"
    PUT_ON_NOTICE = "put_on_notice"
    STOP_WORK = "stop_work"
    PART_WAYS = "part_ways"


class PartingKind(StrEnum):
    """How urgent parting ways is, mildest first."""

    REVIEW = "review"  # worth a look back
    RECOMMENDED = "recommended"
    IMMEDIATE = "immediate"


@dataclass(frozen=True, slots=True)
class Reason:
    """One trigger that applies."""

    advice: Advice
    trigger: str
    """The setting of the playbook that fired, such as `put_on_notice.on_first`."""
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    """Heaviest first: a row weighs half as much for each half-life that it is old."""
    kind: PartingKind | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The most severe advice that applies, with every reason for it; milder reasons follow."""

    advice: Advice = Advice.KEEP
    kind: PartingKind | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An invoice that was reminded of and is still open, as a fresh ledger has it."""

    number: str
    reminded_on: date
    """The day of the first L1."""
    paused: bool = False
    """A dispute, a running promise, an absence or the like keeps it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of work that was announced (L3, seen sent)."""

    on: date
    invoices: tuple[str, ...]
    paid: bool
    """Every one of its invoices is settled by now."""


@dataclass(frozen=True, slots=True)
class PaidLate:
    """An invoice and how many days after its due date it was paid."""

    number: str
    paid_on: date
    days_late: int


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """Everything that a verdict looks at. Confirmed labels and facts only; the empty record is an unknown client."""

    incidents: tuple[Incident, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    requests: tuple[Request, ...] = ()
    promises: tuple[Promise, ...] = ()
    open_invoices: frozenset[str] = frozenset()
    """Numbers that are open; of a stale ledger nothing is known, so none."""
    unpaid: tuple[Unpaid, ...] = ()
    stops: tuple[Stop, ...] = ()
    later_each_time: tuple[PaidLate, ...] = ()
    """The last invoices in a row that were each paid later than the one before, all late; oldest first."""
    collected: bool = False
    """The ledger is fresh, there were invoices, and nothing is open."""
    pause_allowed: bool = False
    reversals: tuple[tuple[str, tuple[Incident, ...]], ...] = ()
    """Confirmed changes of mind by fixed-price project."""
    look_back: LookBack = field(default_factory=LookBack)
    contract_ends: date | None = None
    """The next end of a contract on file; None if none is, or all are over."""
    known_days: int = 0
    """How long the client has been known, from the first mail or invoice."""
