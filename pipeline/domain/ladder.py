"""The payment ladder as data: its steps, its profiles, what pauses it and what was sent.

Defaults are those of the ladder table and its readings (a step's day counts from the due date unless it says
otherwise). All of them are settings: the sources give almost none.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from pipeline.domain.claims import ConfirmedClaim
from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import MailId
from pipeline.domain.ledger import Invoice, Payment, Promise


class Step(StrEnum):
    """A step of the ladder. In this order; `RESUME` stands beside it."""

    L0 = "L0"  # helpful notice before the due date, on opt-in
    L1 = "L1"  # face-saving reminder
    L2 = "L2"  # firm: facts, a calendar date, what blocks it
    L3 = "L3"  # work stops as of today
    L4 = "L4"  # formal statement
    L5 = "L5"  # a person only: no letter is drafted
    RESUME = "resume"  # paid after L3: work goes on; no chase


@dataclass(frozen=True, slots=True)
class Rung:
    """When a step comes, and what it needs of the client."""

    step: Step
    days: int
    """After the due date, or after `after`; negative: before."""
    after: Step | None = None
    """The earlier step from whose sending the days count; None: from the due date."""
    opt_in: bool = False
    """Only for clients who opted in, and only before the due date."""
    pauses_work: bool = False
    """Only where the contract allows a stop of work."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A ladder by name: its rungs, lowest first."""

    name: str
    rungs: tuple[Rung, ...]


SEED = Profile(
    "seed",
    (
        Rung(Step.L0, -3, opt_in=True),
        Rung(Step.L1, 2),
        Rung(Step.L3, 7, Step.L1, pauses_work=True),
        Rung(Step.L4, 30),
        Rung(Step.L5, 45),
    ),
)
PATIENT = Profile(
    "patient",
    (
        Rung(Step.L0, -3, opt_in=True),
        Rung(Step.L1, 2),
        Rung(Step.L2, 7),
        Rung(Step.L3, 14, Step.L1, pauses_work=True),
        Rung(Step.L4, 30),
        Rung(Step.L5, 45),
    ),
)


@dataclass(frozen=True, slots=True)
class LadderSettings:
    """How the owner chases. Built from the playbook; the defaults are the domain's."""

    profiles: tuple[Profile, ...] = (SEED, PATIENT)
    profile: str = "seed"
    """The profile of clients and invoices that name none."""
    spacing_days: int = 5
    """Two chases to one client are at least this many days apart."""
    window_start: time = time(9, 0)
    window_end: time = time(17, 0)
    """Between these a chase may arrive, on the client's clock, inside the client's own hours."""
    fresh_for: timedelta = timedelta(hours=24)
    """A ledger older than this chases nobody."""
    out_of_office_days: int = 7
    """How long an absence without a return date pauses."""
    claim_workdays: int = 5
    """How long "we have paid" pauses: a transfer has arrived by then."""
    check_after_workdays: int = 1
    """A promise is checked on so many workdays after its date."""
    broken_promises: int = 2
    """From so many broken promises on, the next step is L3, or a person where work may not be stopped."""
    statement_from: int = 3
    """So many open invoices make the letter a statement, as L4 always is."""
    confirmed_days: int = 14
    """Interest and fixed sums that a person confirmed stand in a letter for so long."""


class PauseReason(StrEnum):
    """Why no step is due now."""

    PAID = "paid"  # everything that was late is paid
    DISPUTE = "dispute"  # contested, in whole
    PROMISE = "promise"  # a dated promise runs
    CLAIM = "claim"  # they say that they have paid
    QUERY = "query"  # they need a PO number, a copy, a correction first
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"  # our mail does not arrive; a person finds another way
    INSOLVENCY = "insolvency"  # a person
    LEGAL = "legal"  # a lawyer's letter; a person
    DO_NOT_CONTACT = "do_not_contact"  # a person
    OWNER = "owner"  # the owner took the invoice off the ladder
    HUMAN = "human"  # L5, or promises broken where work may not be stopped
    STALE = "stale"  # the ledger is too old to accuse anybody
    PAUSE_NOT_ALLOWED = "pause_not_allowed"  # L3 would be next, and the contract does not allow it
    TOO_SOON = "too_soon"  # less than five days after the last chase
    FREE_DAY = "free_day"  # weekend or holiday of the client's
    OUTSIDE_WINDOW = "outside_window"  # not now, later on a workday
    NOT_DUE = "not_due"  # the next step's day has not come
    CHANGED = "changed"  # the draft says other figures than the ledger


CLIENT_WIDE = frozenset(
    {
        PauseReason.OUT_OF_OFFICE,
        PauseReason.BOUNCE,
        PauseReason.INSOLVENCY,
        PauseReason.LEGAL,
        PauseReason.DO_NOT_CONTACT,
        PauseReason.HUMAN,
    },
)
"""Reasons that hold for the client, whichever invoice the mail was about."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Something that stops the ladder for an invoice, or for the client."""

    reason: PauseReason
    since: datetime
    invoice: str | None = None
    """The invoice's number; None means all of the client's."""
    until: date | None = None
    """The first day, on the client's clock, on which the ladder goes on; None: as the reason says, else until lifted."""
    amount: Decimal | None = None
    """For a dispute: the contested part, in the invoice's currency; None means the whole invoice."""
    message_id: str | None = None
    mail_id: MailId | None = None
    """The mail by its number in the store: the name under which a person lifts the pause."""


@dataclass(frozen=True, slots=True)
class ChaseLog:
    """A step that was seen sent (in Sent, or taken by SMTP) for these invoices. A draft is not in the log."""

    step: Step
    invoices: tuple[str, ...]
    sent_at: datetime
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceOverride:
    """What the owner said about one invoice."""

    number: str
    chase: bool = True
    profile: str | None = None
    not_before: date | None = None
    minimum: Decimal | None = None
    """Not chased while less than this is open, in the invoice's currency."""
    by: str = ""
    """Who said so last."""
    said_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClientLedger:
    """Everything that the ladder looks at for one client."""

    client: Client
    hours: WorkingHours
    """The client's, else the owner's: whose days and window count."""
    invoices: tuple[Invoice, ...] = ()
    log: tuple[ChaseLog, ...] = ()
    pauses: tuple[Pause, ...] = ()
    promises: tuple[Promise, ...] = ()
    payments: tuple[Payment, ...] = ()
    """Single payments where they are known; else an invoice's own `paid` and `paid_on` tell."""
    overrides: tuple[InvoiceOverride, ...] = ()
    claim: ConfirmedClaim | None = None
    """Interest and fixed sums that a person confirmed last."""


@dataclass(frozen=True, slots=True)
class LadderState:
    """What the ladder says of a client at one moment."""

    step: Step | None = None
    """The step to propose now: the highest that is due. L5 is an attention item, never a letter."""
    invoices: tuple[str, ...] = ()
    """The numbers that the letter lists, oldest due date first: every overdue invoice that nothing pauses."""
    due_on: date | None = None
    """The day of the step; where none is due now, the day of the next one. On the client's calendar."""
    window_opens_at: datetime | None = None
    """When the letter may leave: now or later, on the client's clock. A draft may be proposed before."""
    paused_reason: PauseReason | None = None
    because: tuple[str, ...] = ()
    """One sentence per reason, for the owner."""
    moves: tuple[tuple[str, Step], ...] = ()
    """The step that the letter counts as, invoice by invoice: a newly late invoice in an L3 letter has had its L1."""
    statement: bool = False
    """The letter is a statement: L4, or several open invoices."""
    resume: tuple[str, ...] = ()
    """Invoices whose payment ends a stop of work that we announced: the resume letter is due."""
