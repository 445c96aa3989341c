"""What a header block alone says: enough to decide whether a body is fetched, and to recognise a mail seen before.

Runs over every new mail of the mailbox, so it looks for addresses with one expression instead of parsing; being too
generous costs one fetched body, and the screen decides.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_FIELD = re.compile(
    rb"^(from|sender|to|cc|message-id|in-reply-to|references|date|subject)[ \t]*:((?:.*(?:\r?\n[ \t].*)*))",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(rb"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
_MESSAGE_ID = re.compile(rb"<[^<>\s]+>")
_BULK = re.compile(
    rb"^(?:list-id|list-unsubscribe|list-post|feedback-id)[ \t]*:|^precedence[ \t]*:[ \t]*(?:bulk|list|junk)|^auto-submitted[ \t]*:[ \t]*auto-",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_HEADER = 64 * 1024
_MOST_ANSWERED = 20


@dataclass(frozen=True, slots=True)
class Glance:
    """A header at a glance. Addresses are lower case."""

    message_id: str
    """With angle brackets; empty if missing."""
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    date: datetime | None
    bulk: bool
    header_key: str
    """SHA-256 over Message-ID, From, Date and Subject as sent."""
    answers: tuple[str, ...] = ()
    """The Message-IDs of In-Reply-To and References, with angle brackets, the last ones."""


def glance_at(header: bytes) -> Glance:
    """Look at a header block. Any bytes give an answer."""
    head = header[:_MAX_HEADER]
    fields: dict[bytes, list[bytes]] = {}
    for match in _FIELD.finditer(head):
        fields.setdefault(match[1].lower(), []).append(match[2])

    def addresses(*names: bytes) -> tuple[str, ...]:
        found = _ADDRESS.findall(b" ".join(value for name in names for value in fields.get(name, ())))
        return tuple(dict.fromkeys(a.decode("utf-8", "replace").lower() for a in found))

    ids = _MESSAGE_ID.findall(b" ".join(fields.get(b"message-id", ())))
    answered = _MESSAGE_ID.findall(b" ".join((*fields.get(b"references", ()), *fields.get(b"in-reply-to", ()))))
    key = hashlib.sha256()
    for name in (b"message-id", b"from", b"date", b"subject"):
        key.update(b" ".join(b" ".join(fields.get(name, ())).split()) + b"\n")
    return Glance(
        message_id=ids[0].decode("utf-8", "replace") if ids else "",
        senders=addresses(b"from", b"sender"),
        recipients=addresses(b"to", b"cc"),
        date=_date(fields.get(b"date", [b""])[0]),
        bulk=_BULK.search(head) is not None,
        header_key=key.hexdigest(),
        answers=tuple(one.decode("utf-8", "replace") for one in answered[-_MOST_ANSWERED:]),
    )


def _date(value: bytes) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value.decode("ascii", "replace").strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def written_at(date: datetime | None, arrived_at: datetime) -> datetime:
    """When a mail was written: its Date, unless that is more than 24 hours from the server's arrival time.

    A sender's clock may be wrong and a sender may lie; the own server's clock is believed.
    """
    try:
        believable = date is not None and abs(date - arrived_at) <= timedelta(hours=24)
    except OverflowError:
        believable = False
    return date if date is not None and believable else arrived_at


def content_hash(glance: Glance, raw: bytes) -> str:
    """SHA-256 over what the sender wrote: the key of the header and the body, without what servers add or rewrap."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    if not gap or b"\n\n" in head:
        head, gap, body = raw.partition(b"\n\n")
    digest = hashlib.sha256(glance.header_key.encode())
    digest.update(body.translate(None, b"\r").rstrip())
    return digest.hexdigest()
