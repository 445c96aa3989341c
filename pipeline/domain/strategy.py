"""What to do about a mail or an overdue invoice, and the facts that a reply may name."""

import datetime as dt
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pipeline.domain.assessment import Ask
from pipeline.domain.claims import ClaimFact
from pipeline.domain.ids import Label
from pipeline.domain.ledger import Invoice, Money


class Stance(StrEnum):
    """How a reply stands: the same moves, said softer or firmer."""

    SOFTER = "softer"
    AS_DECIDED = "as_decided"
    FIRMER = "firmer"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A date that a reply promises or asks for, computed from the owner's settings and shown to the reviewer."""

    kind: str
    """`next_update`, `answer_by`, `dispute_answer` …: the name under which templates see the date."""
    date: date
    because: str
    """The setting it comes from, such as `[owner] update_days = ["mon", "thu"]`."""


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    """An invoice as a draft may name it."""

    number: str
    issued: date
    due: date
    total: Money
    open: Money
    days_overdue: int
    """0 or less while it is not overdue."""
    disputed: bool = False
    claim: ClaimFact | None = None
    """Interest and fixed sum as a person confirmed them; only in a formal letter."""

    @classmethod
    def of(cls, invoice: Invoice, today: date, claimed: Decimal, *, disputed: bool) -> Self:
        """The invoice on this day, with what of it is claimed, in its own currency."""
        return cls(
            number=invoice.number,
            issued=invoice.issued,
            due=invoice.due,
            total=invoice.total,
            open=Money(invoice.total.currency, claimed),
            days_overdue=invoice.days_overdue(today),
            disputed=disputed,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """Something on file that a reply may point to: an approval, an earlier date, an agreed term."""

    what: str
    date: dt.date | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a draft may state. What is not here does not exist: no amount, date, name, number or URL else.

    The field names are the vocabulary of the plain templates in `prompts/plays/`.
    """

    greeting_name: str
    """How the client is addressed; empty means a greeting without a name."""
    owner_name: str
    language: str
    """BCP 47 of the reply."""
    client_name: str = ""
    project: str | None = None
    invoices: tuple[InvoiceFact, ...] = ()
    """The open invoices the reply is about, oldest due date first."""
    totals: tuple[Money, ...] = ()
    """What is open in all, one per currency."""
    scope: tuple[str, ...] = ()
    """The agreed scope, item by item; empty if none is on record."""
    revision_rounds: int | None = None
    rounds_left: int | None = None
    working_hours: str | None = None
    """The owner's hours in words of the reply's language, such as `Monday to Friday, 09:00 to 17:00`."""
    update_days: str | None = None
    """The owner's fixed update slots in words of the reply's language."""
    asks: tuple[Ask, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    records: tuple[Record, ...] = ()
    promised: tuple[date, ...] = ()
    """Dates on which the client promised to pay."""
    pause_allowed: bool = False
    late_fee: str | None = None
    claimed: tuple[Money, ...] = ()
    """What is asked for with interest and fixed sums, one per currency; empty where nothing was confirmed."""
    claimed_until: dt.date | None = None
    """The day up to which the interest is worked out."""
    claim_title: str | None = None
    """The law that it rests on, where it may be named; a contract speaks by `late_fee`."""
    links: tuple[str, ...] = ()
    """URLs from the owner's config that a reply may carry, such as a payment page."""

    def commitment(self, kind: str) -> date | None:
        """The date of the commitment of that kind, or None."""
        return next((c.date for c in self.commitments if c.kind == kind), None)


class Action(StrEnum):
    """What the playbook says to do."""

    REPLY = "reply"  # a draft is proposed
    HOLD = "hold"  # an attention item, no draft
    NO_PLAY = "no_play"  # a reply is due, and the playbook has no play for it
    NONE = "none"  # nothing needs doing


@dataclass(frozen=True, slots=True)
class Strategy:
    """The decision, with its reasons. The same inputs give the same strategy."""

    action: Action
    because: tuple[str, ...]
    """Why, one reason a line, in words for the owner; no mail content but quoted labels and numbers."""
    origin: str
    """`reply:<thread>:<client>`, `chase:<client>`, `nudge:<thread>`, `exit:<client>`."""
    play: str | None = None
    label: Label | None = None
    """The behaviour or intent that chose the play."""
    step: str | None = None
    """The ladder step, `L0` to `L5`, of a payment letter."""
    moves: tuple[tuple[str, str], ...] = ()
    """The step that a payment letter counts as, invoice by invoice, once it is seen sent."""
    stance: Stance = Stance.AS_DECIDED
    facts: Facts | None = None
    hold_kind: str | None = None
    """For `hold`: `aggression`, `legal`, `bank_details` …"""
    also: tuple[Label, ...] = ()
    """Other labels of the mail, which the same reply has in view."""
