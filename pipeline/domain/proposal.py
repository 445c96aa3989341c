"""What a person is asked to approve, and what wants a person without a draft."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pipeline.domain.ids import AccountId, AttentionId, ClientId, MailId, ProposalId, ThreadId, UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.strategy import InvoiceFact, Stance, Strategy


class Author(StrEnum):
    """Who wrote the words of a draft."""

    TEMPLATE = "template"  # the play's plain template, filled with facts
    MODEL = "model"  # an endpoint, inside the guard
    PERSON = "person"  # edited by hand


class Severity(StrEnum):
    """What a finding does to a draft."""

    BLOCK = "block"  # the draft is not offered like this
    WARN = "warn"  # shown to the reviewer


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the guard has against a draft."""

    rule: int
    """The guard rule of the domain document, 1 to 15."""
    name: str
    """The rule in one word or two, such as `unknown_amount`."""
    severity: Severity
    message: str
    """A sentence for the reviewer (and the model) that says what to change."""
    excerpt: str = ""
    """The words of the draft that the finding is about."""


@dataclass(frozen=True, slots=True)
class GuardBrief:
    """What the guard holds a draft against. Built from the strategy by `guard.brief_for`, or by hand in tests."""

    language: str
    kind: str = "reply"
    """`reply`, `chase` or `exit`: which length and which words are allowed."""
    step: str | None = None
    """The ladder step of a chase."""
    amounts: tuple[Money, ...] = ()
    dates: tuple[date, ...] = ()
    numbers: tuple[str, ...] = ()
    """Other figures that the draft may state: invoice numbers, rounds, hours, days overdue, as written."""
    names: tuple[str, ...] = ()
    """People and companies that the draft may name."""
    links: tuple[str, ...] = ()
    """URLs and mail addresses that the draft may carry."""
    scope: tuple[str, ...] = ()
    client_text: UntrustedText = UntrustedText("")
    """The client's newest text: figures and names that they used themselves may be repeated to them."""
    greeting_name: str = ""
    signature_name: str = ""
    labels: tuple[str, ...] = ()
    """Taxonomy names, which must not leak into a draft."""
    other_clients: tuple[str, ...] = ()
    """Names, addresses and invoice numbers of other clients."""
    stop_allowed: bool = False
    late_fee: str | None = None
    legal_allowed: bool = False
    """Legal or collection words: from L4, and only with the owner's flag."""
    has_attachment: bool = False
    formal: bool | None = None
    """Whether the client is addressed formally; None if unknown."""
    invoices: tuple[InvoiceFact, ...] = ()
    """The invoices in full, so that one is not paired with another's amount or date."""
    phrases: tuple[str, ...] = ()
    """Whole wordings that may stand as they are: working hours, update days, what a record says."""
    weekday_dates: tuple[date, ...] = ()
    """Dates that may be named by their weekday alone; empty means all of `dates`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The body of a reply, and what the guard said of it."""

    body: str
    author: Author
    language: str
    stance: Stance = Stance.AS_DECIDED
    findings: tuple[Finding, ...] = ()
    fallback_because: str | None = None
    """Why the plain template took the place of what was asked for."""
    prompt: str = ""
    """The fingerprint of the writer that worded it; empty for a person's own words."""

    @property
    def blocked(self) -> bool:
        """Whether a finding blocks this draft."""
        return any(f.severity is Severity.BLOCK for f in self.findings)


class ProposalStatus(StrEnum):
    """The life of a proposal. Delivered is not sent: a draft in Drafts is delivered."""

    PENDING = "pending"  # waits for a person
    SNOOZED = "snoozed"  # hidden until a time
    APPROVED = "approved"  # a person approved these exact bytes
    DELIVERING = "delivering"  # handed to the server, answer outstanding
    DELIVERED = "delivered"  # lies in the Drafts folder
    SENT = "sent"  # seen in Sent, or taken by SMTP
    UNCERTAIN = "uncertain"  # the server may have taken it; a person decides
    REJECTED = "rejected"  # a person said no
    SUPERSEDED = "superseded"  # newer mail or a newer draft took its place
    WITHDRAWN = "withdrawn"  # its reason went away: paid, answered by hand


LIVE = frozenset(
    {
        ProposalStatus.PENDING,
        ProposalStatus.SNOOZED,
        ProposalStatus.APPROVED,
        ProposalStatus.DELIVERING,
        ProposalStatus.UNCERTAIN,
    },
)
"""At most one proposal per origin is in one of these."""
HANDED_OVER = frozenset(
    {ProposalStatus.DELIVERING, ProposalStatus.DELIVERED, ProposalStatus.SENT, ProposalStatus.UNCERTAIN}
)
"""The reply lies in Drafts or has left, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where a reply goes and how it joins its thread. From code and config, never from a model."""

    account_id: AccountId
    from_email: str
    from_name: str
    to_email: str
    to_name: str
    subject: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A reply that waits for a person, or what became of it."""

    id: ProposalId
    origin: str
    status: ProposalStatus
    version: int
    strategy: Strategy
    draft: Draft
    addressing: Addressing
    client_id: ClientId | None
    mail_id: MailId | None
    thread_id: ThreadId | None
    created_at: datetime
    updated_at: datetime
    warnings: tuple[str, ...] = ()
    """What the reviewer should know of the recipient: another Reply-To, a look-alike domain."""
    snoozed_until: datetime | None = None
    message_id: str | None = None
    """Fixed at approval."""
    approved_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a proposal answers from now on: newer mail has arrived in its thread since it was made."""

    mail_id: MailId
    strategy: Strategy
    addressing: Addressing
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redraft:
    """A proposal's letter once more."""

    draft: Draft
    renewal: Renewal | None = None
    """None where no newer mail wants an answer."""


class AttentionStatus(StrEnum):
    """The life of an attention item."""

    OPEN = "open"
    SNOOZED = "snoozed"  # hidden until a time
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """Something that wants a person and no draft."""

    id: AttentionId
    kind: str
    """`aggression`, `legal`, `bank_details`, `parked`, `stale_ledger` …"""
    message: str
    status: AttentionStatus
    created_at: datetime
    mail_id: MailId | None = None
    client_id: ClientId | None = None
    proposal_id: ProposalId | None = None
    snoozed_until: datetime | None = None
