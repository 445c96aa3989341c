"""What a judge says of one mail. Labels are data (`prompts/taxonomy.toml`), so they are strings here."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline.domain.ids import Label, UntrustedText


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour label with the words that carry it."""

    label: Label
    confidence: int
    """0 to 10. Integers, because not every server enforces the range of a float."""
    quote: UntrustedText
    """Verbatim in the newest text (or in the mail `source`), white space folded; at least three words."""
    source: str | None = None
    """The Message-ID of the earlier mail of the thread that the quote comes from; None for this mail."""
    sure: bool = True
    """False below the label's threshold: a person is asked."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that the sender wants, in a few words, with the words that say so."""

    text: UntrustedText
    quote: UntrustedText


class PaymentKind(StrEnum):
    """What a mail says about money that is owed."""

    PROMISE = "promise"  # will pay, on a calendar date
    CLAIM = "claim"  # says it has paid
    DISPUTE = "dispute"  # contests an invoice or a line of it
    QUERY = "query"  # needs a PO number, a copy, a correction before paying
    INSOLVENCY = "insolvency"  # insolvency or administration is mentioned


@dataclass(frozen=True, slots=True)
class PaymentStatement:
    """What the mail says about paying. Nothing here is a fact of the ledger."""

    kind: PaymentKind
    quote: UntrustedText
    invoices: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str | None = None
    date: dt.date | None = None
    reason: UntrustedText | None = None


class LegalKind(StrEnum):
    """The subtypes of `legal_risk`."""

    EXPOSURE = "exposure"  # what they ask would make us liable
    THREAT = "threat"  # a lawyer or a suit is announced


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is going on in a mail. A field that the judge cannot fill is None and named in `unfilled`."""

    judge: str
    """Which judge spoke, with its version, such as `embedded/1:3f2a…` or `one_call/gpt-5.5`."""
    language: str
    """BCP 47."""
    tone: Label
    intent: Label | None
    behaviours: tuple[Behaviour, ...]
    """Most confident first; empty is the usual answer."""
    needs_reply: bool | None = None
    asks: tuple[Ask, ...] = ()
    summary: UntrustedText | None = None
    addresses_ai: bool | None = None
    payment: PaymentStatement | None = None
    legal: LegalKind | None = None
    bank_details: UntrustedText | None = None
    """The words that give new bank details, found by code in every mail (invoice fraud)."""
    unfilled: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    """Labels that were dropped because their quote is not in the mail."""
    fallback_because: str | None = None
    """Why this judge stood in for the one that the config names, and for which; None: it is the one."""

    @property
    def judged_by(self) -> str:
        """For people: which judge spoke, and in whose place."""
        return self.judge if self.fallback_because is None else f"{self.judge}, {self.fallback_because}"
