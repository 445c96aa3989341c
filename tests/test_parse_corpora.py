"""The public corpora of hard mail, where they lie beside the checkout; elsewhere this module has no tests."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.mail import Message
from pipeline.parse import parse_message
from pipeline.parse.lines import Lines
from pipeline.parse.newest import split_newest

CORPORA = Path(__file__).parent.parent.parent / "shared" / "corpora"
STALWART = CORPORA / "mime" / "stalwart"
CRISP = CORPORA / "replies"
# Reached on 107 files. Five subjects of the reference hold a replacement mark where the bytes say which letter was meant.
FLOORS = {"subject": 74, "from": 75, "to": 72, "date": 72, "id": 64, "text": 63}


def fold(text: str | None) -> str:
    """White space folded: what counts is the words."""
    return " ".join((text or "").split())


def addresses(value: Any) -> list[str] | None:
    """The addresses of a field in the reference, groups opened."""
    found = value.get("Address") if isinstance(value, dict) else None
    if found is None:
        return None
    listed = found["List"] if "List" in found else [one for group in found["Group"] for one in group["addresses"]]
    return [fold(one["address"]).lower() for one in listed if one.get("address")]


def moment(value: dict[str, Any]) -> tuple[Any, ...]:
    """A date of the reference, with its offset."""
    minutes = value["tz_hour"] * 60 + value["tz_minute"]
    offset = -minutes if value["tz_before_gmt"] else minutes
    return (*(value[part] for part in ("year", "month", "day", "hour", "minute", "second")), offset)


def seen(when: datetime | None) -> tuple[Any, ...] | None:
    """The same of a message."""
    if when is None:
        return None
    offset = when.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset is not None else None
    return (when.year, when.month, when.day, when.hour, when.minute, when.second, minutes)


def compared(message: Message, reference: dict[str, Any]) -> Iterator[tuple[str, object, object]]:
    """(field, what the reference has, what we have) of everything that the reference can tell."""
    fields: dict[str, Any] = {}
    for header in reference["parts"][0]["headers"]:
        if isinstance(header["name"], str):
            fields.setdefault(header["name"], header["value"])
    subject, date, ident = (fields.get(name) or {} for name in ("subject", "date", "message_id"))
    if "Text" in subject:
        yield "subject", fold(subject["Text"]), fold(message.subject)
    senders, recipients = addresses(fields.get("from")), addresses(fields.get("to"))
    if senders:
        yield "from", senders[0], message.from_.email.lower() if message.from_ else None
    if recipients:
        yield "to", recipients, [one.email.lower() for one in message.to]
    if "DateTime" in date:
        yield "date", moment(date["DateTime"]), seen(message.sent_at)
    if "Text" in ident:
        yield "id", f"<{ident['Text']}>", message.message_id
    bodies = [reference["parts"][number]["body"] for number in reference["text_body"]]
    if bodies and all(isinstance(one, dict) and "Text" in one for one in bodies):
        yield "text", fold("\n".join(one["Text"] for one in bodies)), fold(message.text)


if CORPORA.is_dir():
    EVERY = [*sorted(CORPORA.rglob("*.eml")), *sorted(CORPORA.rglob("*.txt"))]

    @pytest.mark.corpora
    @pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}/{path.name}")
    def test_every_file_parses_and_can_be_stored(path: Path) -> None:
        """Real hard mail raised in the standard library and left lone surrogates behind."""
        message = parse_message(path.read_bytes())
        for text in (message.subject, message.text, message.newest, message.quoted, message.signature):
            assert "\x00" not in text
            assert text.encode("utf-8").decode("utf-8") == text

    @pytest.mark.corpora
    def test_header_and_text_scores_against_the_reference() -> None:
        """A change that reads fewer of these fields right than before is a step back."""
        right: Counter[str] = Counter()
        for path in sorted(STALWART.glob("*.eml")):
            reference = json.loads(
                (STALWART.parent / "stalwart_expected" / f"{path.stem}.json").read_text(encoding="utf-8")
            )
            for name, expected, got in compared(parse_message(path.read_bytes()), reference):
                right[name] += expected == got
        assert {name: right[name] >= floor for name, floor in FLOORS.items()} == dict.fromkeys(FLOORS, True), right

    @pytest.mark.corpora
    def test_newest_text_matches_the_published_replies() -> None:
        """At least nine tenths of the published replies are cut exactly; the rules know none of the files."""
        expected = json.loads((CRISP / "crisp_expected.json").read_text(encoding="utf-8"))
        exact = sum(
            fold(split_newest(Lines((CRISP / "crisp" / name).read_text(encoding="utf-8").split("\n"))).newest)
            == fold(text)
            for name, text in expected.items()
        )
        assert exact >= 0.9 * len(expected)
