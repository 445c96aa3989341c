"""Who a client is, and what is known when one of their mails is looked at."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from pipeline.domain.claims import LateTerms
from pipeline.domain.ids import ClientId, Label, UntrustedText
from pipeline.domain.ledger import Invoice, Promise


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When somebody works: weekdays (Monday is 0) and a daily window, on the clock of `timezone`."""

    timezone: ZoneInfo
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    start: time = time(9, 0)
    end: time = time(17, 0)
    holidays_region: str | None = None
    """Country or country-subdivision as the `holidays` library names it: `DE`, `US-NY`."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """One project for a client: what was agreed. None means that nothing is on record."""

    project: str
    scope: tuple[str, ...] = ()
    revision_rounds: int | None = None
    rounds_used: int | None = None
    price: Decimal | None = None
    currency: str | None = None
    ends: date | None = None
    fixed_price: bool | None = None
    """False: paid by the hour. None: nobody said; with a price on record it is a fixed one."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day on file for a part of the work. None means that nothing is on record."""

    name: str
    due: date | None = None
    """When it was promised."""
    delivered_on: date | None = None
    approval_asked_on: date | None = None
    approved_on: date | None = None


@dataclass(frozen=True, slots=True)
class LookBack:
    """What the owner writes down when they look back at a client. None means that nobody has counted."""

    duration_ratio: float | None = None
    """How many times as long projects take because the client is involved."""
    unpaid_rework_rounds: int | None = None
    scope_growth_percent: int | None = None
    change_orders_refused: int | None = None
    hours_share_percent: int | None = None
    revenue_share_percent: int | None = None
    effective_rate_percent: int | None = None
    """Of the target rate."""
    projects: int = 1
    """In so many projects it was like this."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client as the owner describes them in a client file or with `firmly clients set`."""

    id: ClientId
    name: str
    emails: tuple[str, ...]
    domains: tuple[str, ...] = ()
    hours: WorkingHours | None = None
    language: str | None = None
    """BCP 47; None means: answer in the language they write."""
    pause_allowed: bool = False
    """The contract lets us stop work while an invoice is overdue."""
    late_fee: str | None = None
    """The late fee as the contract words it; None means that no fee may be named."""
    late_terms: LateTerms | None = None
    """The same in figures, where the client file gives figures: what interest is worked out from."""
    jurisdiction: str | None = None
    """Whose law on late payment applies, as `law.toml` names it: `DE`, `GB`. None: unknown, and no law is named."""
    business: bool = False
    """Marked as a business by the owner. Nobody else is asked for interest or a fixed sum."""
    ladder_profile: str | None = None
    l0_opt_in: bool = False
    engagements: tuple[Engagement, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    off_hours_allowed: bool = False
    """The industry or the contract allows contact outside the owner's hours."""
    look_back: LookBack = field(default_factory=LookBack)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """An earlier turn of the thread, in short."""

    message_id: str | None
    sent_at: datetime
    from_client: bool
    newest: UntrustedText


@dataclass(frozen=True, slots=True)
class Boundary:
    """A limit that we stated to the client, once it was seen sent."""

    label: Label
    stated_at: datetime
    words: str
    message_id: str | None = None
    """Of the mail that states it; None for what was said otherwise."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A behaviour that a person confirmed, with its evidence."""

    label: Label
    at: datetime
    message_id: str | None
    quote: UntrustedText


@dataclass(frozen=True, slots=True)
class Corrected:
    """Words of an earlier mail of the client, and what a person said of a label for them."""

    label: Label
    right: bool
    """False: the person struck it."""
    quote: UntrustedText


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the client when a mail is judged or answered. Empty for a stranger."""

    client: Client | None
    thread: tuple[EarlierMail, ...] = ()
    """Oldest first, without the mail at hand."""
    invoices: tuple[Invoice, ...] = ()
    promises: tuple[Promise, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    incidents: tuple[Incident, ...] = ()
    ledger_as_of: datetime | None = field(default=None)
    """When the ledger was last imported; None if never."""
    never: tuple[tuple[Label, str], ...] = ()
    """Labels that the owner never wants for this client, with their reason."""
    corrected: tuple[Corrected, ...] = ()
    """What a person said of labels of this client's earlier mails, newest first; a few."""
