"""The few header fields that the adapters read themselves: Message-ID to recognise a mail, dates to know its arrival."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LINE_END = re.compile(rb"\r?\n")
_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


def header_of(raw: bytes) -> bytes:
    """The header block of a mail, with the empty line that ends it; everything if no empty line does."""
    end = _END.search(raw)
    return raw[: end.end()] if end else raw


def message_id_of(header: bytes) -> str:
    """The Message-ID with its angle brackets; empty if there is none."""
    return _first(header, b"message-id").decode("ascii", "replace")


def arrival_of(header: bytes) -> datetime | None:
    """When a mail arrived, by its header, in UTC: the date of the topmost Received, which our own server wrote.

    A mail that passed no server (one of our own, in Sent) has a Date only. None if neither can be read.
    """
    received = _first(header, b"received")
    return _date(received.rpartition(b";")[2]) or _date(_first(header, b"date"))


def _first(header: bytes, name: bytes) -> bytes:
    """The first field of that name, unfolded and without white space around it; empty if there is none."""
    found = re.search(rb"(?im)^" + re.escape(name) + rb"[ \t]*:(.*(?:\r?\n[ \t].*)*)", header)
    return _FOLD.sub(b"", found[1]).strip() if found else b""


def _date(text: bytes) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.decode("ascii", "replace"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the stdlib raises for hostile dates
        return None


def with_crlf(raw: bytes) -> bytes:
    """The same lines, each ended by CRLF, as mail is on the wire (RFC 5322, 2.3)."""
    return _LINE_END.sub(b"\r\n", raw)
