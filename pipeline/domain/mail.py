"""A mail as Firmly sees it once its bytes are decoded. Names follow RFC 5322, RFC 3834 and RFC 3464."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.domain.ids import UntrustedText


class Direction(StrEnum):
    """Who wrote a mail, seen from the owner's desk."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of RFC 5322: display name and addr-spec. The domain part is lower case, the local part as sent."""

    email: str
    name: UntrustedText = UntrustedText("")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text: what it calls itself and how large it is once decoded, in bytes."""

    filename: UntrustedText
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class AutomationMarks:
    """The headers by which machines say that they are machines (RFC 3834, RFC 2919, RFC 2369), as sent, lower case."""

    auto_submitted: str = ""
    precedence: str = ""
    list_id: str = ""
    list_unsubscribe: bool = False
    auto_response_suppress: str = ""
    null_return_path: bool = False
    feedback_id: bool = False
    autoreply_headers: tuple[str, ...] = ()
    """Names of vendor headers such as `X-Autoreply` that were present."""
    report_type: str = ""
    """The `report-type` of a multipart/report (RFC 6522): `delivery-status`, `disposition-notification`; else empty."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A delivery status notification (RFC 3464): which of our mails failed, for whom, and how."""

    action: str
    """`failed`, `delayed`, `delivered`, `relayed` or `expanded`."""
    recipient: str
    status: str
    """The enhanced status code, such as `5.1.1`; empty if the report has none."""
    original_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, decoded. Every field is filled for any bytes; what was wrong with them stands in `defects`."""

    message_id: str | None
    """With its angle brackets, as in the header; None if missing or unusable."""
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    """Oldest first, each with its angle brackets."""
    subject: UntrustedText
    from_: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    sender: Address | None
    sent_at: datetime | None
    """The Date header, aware, with the sender's own offset; None if missing or unreadable."""
    text: UntrustedText
    """The whole body as plain text, quotes and signature included."""
    newest: UntrustedText
    """What the sender wrote this time: `text` without quoted history and signature, interleaved answers kept."""
    quoted: UntrustedText
    """The quoted history that was cut off, quote marks removed; empty if there was none."""
    signature: UntrustedText
    attachments: tuple[Attachment, ...]
    marks: AutomationMarks
    report: DeliveryReport | None = None
    authentication_results: tuple[str, ...] = ()
    """Authentication-Results header values (RFC 8601), topmost first, unjudged."""
    html_only: bool = False
    hidden_text: bool = False
    """Text that a person would not have seen was removed from what judges read."""
    truncated: bool = False
    """A limit was reached; what is here is a part of the mail."""
    defects: tuple[str, ...] = field(default=())
    """Short names of what was wrong with the bytes, such as `charset:foo-8`; never mail content."""


class SkipReason(StrEnum):
    """Why a mail reaches no judge."""

    OWN_MAIL = "own_mail"  # from one of the owner's identities
    BULK = "bulk"  # list, newsletter, marketing
    AUTO_REPLY = "auto_reply"  # out-of-office and other automatic answers
    BOUNCE = "bounce"  # a delivery report
    NO_REPLY_SENDER = "no_reply_sender"  # noreply@, mailer-daemon@
    STRANGER = "stranger"  # no known client, and strangers are not triaged
    TOO_OLD = "too_old"  # entered by backfill: remembered, not judged for a reply
    NO_SENDER = "no_sender"  # no usable From
    OVER_LIMIT = "over_limit"  # larger than the parser's limits; a person looks


@dataclass(frozen=True, slots=True)
class Pass:
    """The screen lets this mail through to a judge."""


@dataclass(frozen=True, slots=True)
class Skip:
    """The screen stops this mail; the facts that it carries go on (a bounce, an absence)."""

    reason: SkipReason
    because: str
    """Which header or address decided, for `firmly explain`; never body text."""
    absent_until: datetime | None = None
    """For an auto-reply that names a return date."""


Screening = Pass | Skip


class AuthVerdict(StrEnum):
    """What the owner's own server says of the sender (DMARC by RFC 7489, read from RFC 8601 headers)."""

    PASS = "pass"  # noqa: S105 a verdict, not a password
    FAIL = "fail"
    UNCHECKED = "unchecked"  # no trusted authserv-id is configured, or it said nothing
