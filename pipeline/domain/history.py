"""A client's history as metadata, ledger and confirmed labels show it; no model and no clock had a part in it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import Label
from pipeline.domain.ledger import Invoice, Promise
from pipeline.domain.mail import Direction


class SignalName(StrEnum):
    """What metadata and ledger can say of a client (design, section 7). A closed list."""

    UNRESPONSIVE = "unresponsive"
    OFF_HOURS = "off_hours"
    HIGH_FREQUENCY = "high_frequency"
    LATE_PAYMENT_TREND = "late_payment_trend"
    BROKEN_PROMISE = "broken_promise"
    CHASES_BEFORE_DEADLINE = "chases_before_deadline"
    CHANGES_MIND_PATTERN = "changes_mind_pattern"
    SCOPE_GROWTH = "scope_growth"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row that a signal or a verdict rests on. `detail` is ours: numbers, dates and labels, no words of a mail."""

    detail: str
    at: datetime | date | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that the client's times, threads or ledger show, with the rows behind it. Never an accusation."""

    name: SignalName
    since: date
    """The day of the oldest row."""
    sentence: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One mail between the owner and a client. Flags are what rules over headers and words found."""

    message_id: str
    at: datetime
    """When it was written, aware: the Date where it can be believed, else the arrival; never after now."""
    direction: Direction
    thread: int
    by_person: bool = True
    """False for automatic answers, lists and reports."""
    labels: frozenset[Label] = frozenset()
    """Behaviours and intents that a person confirmed."""
    forged: bool = False
    """The sender failed DMARC: the mail counts neither for nor against the client."""
    dated: bool = True
    """False where the clock is not believed: the hour says nothing then."""
    asks: bool = False
    """Ours: a request for something from the client."""
    asks_approval: bool = False
    """Ours: the request is for a sign-off."""
    chases_payment: bool = False
    """Ours: a payment letter, which is no request."""
    bounced: bool = False
    """Ours: it did not arrive."""
    presses: bool = False
    """Theirs: wants work or an answer before the owner's next working period."""
    checks_progress: bool = False
    """Theirs: asks how far the work is."""
    absent_until: date | None = None
    """Theirs, automatic: the first day back; only with `absent`."""
    absent: bool = False
    """Theirs: an out-of-office answer."""
    answers: frozenset[str] = frozenset()
    """Theirs: mails of ours that it answers though it stands in another thread."""
    stands_in: bool = False
    """By somebody unknown, in a thread of ours with the client: it may answer us, and says nothing of the client."""

    @property
    def counts(self) -> bool:
        """Whether it says something of the client: written by a person there, and not forged."""
        return self.direction is Direction.INBOUND and self.by_person and not self.forged


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day by which we promised something, from a milestone on file or a mail of ours."""

    day: date
    said_at: datetime | None
    """None for what the client file says: it held from the beginning."""
    source: str
    """The Message-ID of our mail, or the milestone's name."""
    met_on: date | None = None
    """When it was delivered, where that is on file."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that we asked the client for, and what became of it."""

    message_id: str
    asked_at: datetime
    workdays: int
    """Workdays of the client's that passed without an answer, absences left out."""
    answered_at: datetime | None = None
    approval: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Everything that signals are read from, for one client. `invoices` and `promises` are as the ledger has them."""

    client: Client
    owner_hours: WorkingHours
    client_hours: WorkingHours
    """The client's, else the owner's."""
    turns: tuple[Turn, ...] = ()
    """Oldest first."""
    invoices: tuple[Invoice, ...] = ()
    promises: tuple[Promise, ...] = ()
    """Settled as of today, or as of the last import where that is older."""
    deadlines: tuple[Deadline, ...] = ()
    has_sent: bool = True
    """False where there is no mail of the owner's at all: then silence cannot be told from a missing folder."""
    never_counts: frozenset[Label] = field(default=frozenset())
    """Labels of mails that are never held against a client: a fair complaint, a live failure, a surprise."""
