"""The exact bytes of a reply, from a person's approved words and from headers that only code has made.

Headers are written by hand: the stdlib's generator lets an encoded word smuggle a line break into a header of its own
(gh-121650), and encodes long message ids so that threads break (gh-100991). What was written is read again
and compared with what was meant before it is given out.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.header import Header, decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import SMTP, compat32
from email.utils import format_datetime, parseaddr
from textwrap import wrap

from pipeline.domain.proposal import Addressing
from pipeline.mail.address import ascii_address, ascii_domain

_ID = re.compile(r"<[!-;=?-~]{1,900}>")
"""A message id with its brackets: printable ASCII. Many that exist have no `@`, and threads hang on them."""
_FOLD = 76
_LONGEST_WORD = 900
"""RFC 5322 allows lines of 998; a word that cannot be folded has to be encoded."""
_KEPT_REFERENCES = 11
_LONGEST_SUBJECT = 400

_PREFIXES = re.compile(
    r"(?:[\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
    r"(?:re|aw|antw|antwort|sv|vs|ynt|cvp|yan[ıi]t|odp|r|rép|res|resp|vá|atb|ats|bls|απ|σχετ|ответ|отв|պատ"
    r"|رد|ردّ|תשובה|回复|回覆|答复|答覆|返信|회신)(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s?[:：]\s*)*",
    re.IGNORECASE,
)
"""What mail programs put before the subject of a reply, in many languages. Forwards are no replies: `Fwd:` stays."""

_BODY_POLICY = SMTP.clone(cte_type="7bit")
"""Quoted-printable or base64 for all that is not short ASCII lines: no server on the way has a reason to change it."""


def compose_reply(addressing: Addressing, body: str, *, message_id: str, date: datetime) -> bytes:
    """A complete mail (RFC 5322) with CRLF line ends, ASCII throughout, one text/plain part in UTF-8.

    Names and subject may come from a hostile mail: control characters become spaces, everything else is encoded.
    Ids of others that are no ids are left out. Raises ValueError for what the caller has to get right: an address that
    is none (`ascii_address`), a naive `date`, a `message_id` that `make_message_id` would not make.
    """
    if not _ID.fullmatch(message_id):
        raise ValueError("message_id has to be one id in angle brackets")
    if date.tzinfo is None:
        raise ValueError("date has to be aware")
    text = _clean_body(body)
    headers = tuple(_headers(addressing, message_id, date))
    content = EmailMessage(policy=_BODY_POLICY)
    content.set_content(text)
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii") + content.as_bytes()
    _assert_as_meant(raw, addressing, headers, text)
    return raw


def make_message_id(domain: str) -> str:
    """A new, unguessable message id at the owner's domain. Raises ValueError for what is no domain name."""
    return f"<{secrets.token_hex(16)}@{ascii_domain(domain)}>"


def reply_subject(subject: str) -> str:
    """`Re: ` once, before the subject without the reply prefixes of any language; at most 400 characters of it."""
    rest = _PREFIXES.sub("", _clean(subject), count=1)
    short = rest if len(rest) <= _LONGEST_SUBJECT else rest[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    return f"Re: {short}".strip()


def _headers(addressing: Addressing, message_id: str, date: datetime) -> Iterator[tuple[str, str]]:
    """Name and encoded, folded value of each header, in the order in which they stand."""
    yield "From", _mailbox("From", addressing.from_name, addressing.from_email)
    yield "To", _mailbox("To", addressing.to_name, addressing.to_email)
    if addressing.cc:
        yield "Cc", ",\r\n ".join(ascii_address(email) for email in addressing.cc)
    yield "Subject", _unstructured("Subject", _clean(addressing.subject))
    yield "Date", format_datetime(date)
    yield "Message-ID", message_id
    in_reply_to, references = _thread_ids(addressing)
    if in_reply_to:
        yield "In-Reply-To", in_reply_to
    if references:
        yield "References", "\r\n ".join(references)


def _thread_ids(addressing: Addressing) -> tuple[str, tuple[str, ...]]:
    """The id that is answered, and the thread's ids, oldest first, the answered one last: the first and the last 11."""
    in_reply_to = addressing.in_reply_to if _usable_id(addressing.in_reply_to) else ""
    ids = [i for i in dict.fromkeys(addressing.references) if _usable_id(i) and i != in_reply_to]
    if in_reply_to:
        ids.append(in_reply_to)
    return in_reply_to or "", tuple(ids if len(ids) <= _KEPT_REFERENCES + 1 else [ids[0], *ids[-_KEPT_REFERENCES:]])


def _usable_id(text: str | None) -> bool:
    """Whether this is an id, and no encoded word that a reader would decode into something else."""
    return text is not None and bool(_ID.fullmatch(text)) and "=?" not in text


def _mailbox(header: str, name: str, email: str) -> str:
    address, name = ascii_address(email), _clean(name)
    if not name:
        return address
    literal = name.isascii() and "=?" not in name and not set(name) & {'"', "\\"} and len(name) <= _FOLD
    shown = f'"{name}"' if literal else _encoded(header, name)
    return shown + (" " if len(f"{header}: {shown} <{address}>") <= _FOLD else "\r\n ") + f"<{address}>"


def _unstructured(header: str, text: str) -> str:
    """A value in plain ASCII where it can be, folded; else in encoded words (RFC 2047)."""
    words = text.split(" ")
    if not text.isascii() or "=?" in text or any(len(word) > _LONGEST_WORD for word in words):
        return _encoded(header, text)
    lines = wrap(text, _FOLD, initial_indent=" " * (len(header) + 2), break_long_words=False, break_on_hyphens=False)
    return "\r\n ".join(lines).lstrip(" ")


def _encoded(header: str, text: str) -> str:
    return Header(text, "utf-8", maxlinelen=_FOLD, header_name=header).encode(linesep="\r\n")


def _clean(text: str) -> str:
    """One line: controls, line and paragraph separators become spaces, lone surrogates U+FFFD, runs of spaces one."""
    return re.sub(r" {2,}", " ", "".join(map(_inert, text))).strip()


def _inert(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"
    return " " if category in {"Cc", "Zl", "Zp"} else char


def _clean_body(body: str) -> str:
    """Lines ended by LF, the last one too; no controls but tabs; no lone surrogates."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c if c in "\n\t" else _inert(c) for c in lines)
    return text if text.endswith("\n") else text + "\n"


def _assert_as_meant(raw: bytes, addressing: Addressing, headers: tuple[tuple[str, str], ...], text: str) -> None:
    """Read the mail again and compare. A difference is a bug of this module, never an answer to a mail."""
    read: Message = message_from_bytes(raw, policy=compat32)
    mime = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    meant = {
        "Subject": _clean(addressing.subject),
        "From": (_clean(addressing.from_name), ascii_address(addressing.from_email)),
        "To": (_clean(addressing.to_name), ascii_address(addressing.to_email)),
    }
    seen = {
        "Subject": _decoded(read["Subject"]),
        "From": _decoded_mailbox(read["From"]),
        "To": _decoded_mailbox(read["To"]),
    }
    payload = read.get_payload(decode=True)
    problems = [
        name
        for name, fine in {
            "header list": read.keys() == [name for name, _ in headers] + mime,
            "headers": meant == seen,
            "body": isinstance(payload, bytes) and payload.decode().replace("\r\n", "\n") == text,
            "line length": max(map(len, raw.split(b"\r\n"))) <= 998,
            "line ends": raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r"),
            "defects": not read.defects,
        }.items()
        if not fine
    ]
    if problems:
        raise AssertionError("composed mail differs from what was meant: " + ", ".join(problems))


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value.replace("\r\n", ""))))


def _decoded_mailbox(value: str) -> tuple[str, str]:
    name, address = parseaddr(value.replace("\r\n", ""))
    return _decoded(name) if name else "", address
