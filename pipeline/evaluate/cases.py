"""Gold cases: mails with the labels that people gave them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.mail import Message
from pipeline.errors import InputError
from pipeline.parse import parse_message

_REQUIRED = ("id", "lang", "from_name", "subject", "body", "tone", "behaviours")
_FIX = "A case is a JSON object with id, lang, from_name, subject, body, tone and behaviours[]; see docs/json.md."


@dataclass(frozen=True, slots=True)
class GoldCase:
    """One mail and what is true of it."""

    id: str
    language: str
    """BCP 47, of the newest text."""
    from_name: UntrustedText
    subject: UntrustedText
    body: UntrustedText
    """As received: quoted history and signature included."""
    tone: Label
    behaviours: frozenset[Label]
    intent: Label | None = None
    """None: nobody labelled it, and no answer is scored."""
    needs_reply: bool | None = None
    alternatives: frozenset[Label] = frozenset()
    """Labels that can be defended: neither right nor wrong."""
    hard: bool = False
    sent_at: datetime | None = None


def load_cases(path: Path, *, lang: str | None = None) -> list[GoldCase]:
    """The cases of a file of JSON lines or of one JSON list; with `lang`, only those in this language.

    Raises InputError with file, line and fix for a file that cannot be read and for every kind of bad case.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", fix="Name a file of gold cases.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8.", fix="Save it as UTF-8.") from None
    cases: list[GoldCase] = []
    seen: dict[str, str] = {}
    for place, raw in _entries(path, text):
        case = _case(place, raw)
        if case.id in seen:
            raise InputError(
                f"{place}: the id {case.id!r} stands at {seen[case.id]} too.", fix="Give every case its own id."
            )
        seen[case.id] = place
        cases.append(case)
    if not cases:
        raise InputError(f"{path} holds no case.", fix=_FIX)
    chosen = [case for case in cases if lang is None or case.language.split("-")[0] == lang.split("-")[0]]
    if not chosen:
        raise InputError(f"{path} holds no case in the language {lang!r}.", fix="Choose a `lang` that the file has.")
    return chosen


def as_message(case: GoldCase) -> Message:
    """The case as a mail that came in: real bytes, read by the parser that reads real mail."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_one_line(case.from_name), "sender", "client.example")
    mail["To"] = Address("", "owner", "studio.example")
    mail["Subject"] = _one_line(case.subject)
    if case.sent_at:
        mail["Date"] = format_datetime(case.sent_at)
    mail.set_content(case.body)
    return parse_message(mail.as_bytes())


def _entries(path: Path, text: str) -> Iterator[tuple[str, object]]:
    """Every entry with the place to name when it is wrong."""
    if text.lstrip().startswith("["):
        try:
            entries = json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}, line {error.lineno}, column {error.colno}: {error.msg}.", fix=_FIX) from None
        yield from ((f"{path}, case {number}", entry) for number, entry in enumerate(entries, start=1))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield f"{path}, line {number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}, line {number}, column {error.colno}: {error.msg}.", fix=_FIX) from None


def _case(place: str, raw: object) -> GoldCase:
    if not isinstance(raw, dict):
        raise InputError(f"{place}: this is no JSON object.", fix=_FIX)
    missing = [name for name in _REQUIRED if name not in raw]
    if missing:
        raise InputError(f"{place}: {', '.join(missing)} is missing.", fix=_FIX)
    sent_at = _optional(place, raw, "sent_at", str)
    return GoldCase(
        id=_text(place, raw, "id"),
        language=_text(place, raw, "lang"),
        from_name=UntrustedText(_text(place, raw, "from_name")),
        subject=UntrustedText(_text(place, raw, "subject")),
        body=UntrustedText(_text(place, raw, "body")),
        tone=Label(_text(place, raw, "tone")),
        behaviours=_labels(place, raw, "behaviours"),
        intent=_optional(place, raw, "intent", str),
        needs_reply=_optional(place, raw, "needs_reply", bool),
        alternatives=_labels(place, raw, "alt"),
        hard=bool(_optional(place, raw, "hard", bool)),
        sent_at=_moment(place, sent_at) if sent_at else None,
    )


def _text(place: str, raw: Mapping[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise InputError(f"{place}: {name} must be a string.", fix=_FIX)
    return value


def _optional(place: str, raw: Mapping[str, Any], name: str, kind: type) -> Any:
    value = raw.get(name)
    if value is not None and not isinstance(value, kind):
        raise InputError(f"{place}: {name} must be a {kind.__name__} or null.", fix=_FIX)
    return value


def _labels(place: str, raw: Mapping[str, Any], name: str) -> frozenset[Label]:
    value = raw.get(name) or []
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise InputError(f"{place}: {name} must be a list of labels.", fix=_FIX)
    return frozenset(Label(label) for label in value)


def _moment(place: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{place}: sent_at is no ISO 8601 time.", fix="Write it like 2026-03-05T14:10:00+01:00."
        ) from None
    if moment.tzinfo is None:
        raise InputError(f"{place}: sent_at has no offset.", fix="Write it like 2026-03-05T14:10:00+01:00.")
    return moment


def _one_line(text: str) -> str:
    """A header value: one line, without what a header cannot carry."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
