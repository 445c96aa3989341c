"""What commands share: options, the clock, output that cannot touch a terminal."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.models import Config
    from pipeline.domain.proposal import AttentionItem, Proposal
    from pipeline.run.desk import Desk, Records
    from pipeline.store.database import Database

ConfigPath = Annotated[
    Path | None, typer.Option("--config", envvar="FIRMLY_CONFIG", show_envvar=False, help="The config file.")
]
Now = Annotated[str | None, typer.Option("--now", help="Pretend that it is this moment (ISO 8601).", metavar="ISO")]
Reviewer = Annotated[
    str,
    typer.Option(
        "--by", envvar="FIRMLY_REVIEWER", help="Who decides; kept with the decision.", show_default="your login"
    ),
]
ProposalNumber = Annotated[str, typer.Argument(help="The number of a proposal, as queue list shows it.", metavar="ID")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output; docs/json.md describes it.")]

_MOST_DIGITS = 18
"""A number with more of them is none of the store's (SQLite: 64 bits)."""
_endings = ExitStack()


def clock_at(now: str | None) -> Callable[[], datetime]:
    """The wall clock, or the moment of `--now`. A time without an offset is UTC. Raises UsageError for anything else."""
    from pipeline.app import fixed_clock, wall_clock

    if now is None:
        return wall_clock
    return fixed_clock(moment_of(now, "--now"))


def moment_of(text: str, what: str) -> datetime:
    """A moment that somebody typed."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{what} {text!r} is no time.", fix="Write it as 2026-11-17T08:30:00+01:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def later(text: str, now: datetime) -> datetime:
    """A moment that somebody typed, or how long from now: `3h`, `2d`. Raises UsageError for anything else."""
    unit = {"h": timedelta(hours=1), "d": timedelta(days=1)}.get(text[-1:])
    if unit is None or not text[:-1].isdecimal():
        return moment_of(text, "the time")
    try:
        return now + int(text[:-1]) * unit
    except (OverflowError, ValueError):
        raise UsageError(f"{text} from now is beyond the calendar.", fix="Name a nearer time.") from None


def config_at(path: Path | None) -> "Config":
    """The config that applies."""
    from pipeline.config.load import find_config, load_config

    return load_config(find_config(path))


def desk_at(path: Path | None, now: str | None = None) -> "Desk":
    """Everything a command works with, from the config."""
    from pipeline.app import build_desk

    desk = build_desk(config_at(path), clock_at(now))
    at_end(desk.close)
    return desk


def proposal_at(path: Path | None, now: str | None, number: str) -> tuple["Desk", "Proposal"]:
    """A proposal with everything that is needed to write, guard or deliver it. Raises UsageError if there is none."""
    from pipeline.domain.ids import ProposalId
    from pipeline.review import find_proposal

    desk = desk_at(path, now)
    return desk, find_proposal(desk.db, ProposalId(number_of(number, "p")))


def at_end(close: Callable[[], None]) -> None:
    """Have something closed when the command ends, however it ends."""
    _endings.callback(close)


def close_all() -> None:
    """Close what `at_end` was told of, newest first."""
    _endings.close()


def records_at(path: Path | None, now: str | None = None) -> "Records":
    """What is known of clients, for commands that only read it."""
    from pipeline.app import build_records

    return build_records(config_at(path), clock_at(now))


@dataclass(frozen=True, slots=True)
class Shelf:
    """What most commands work with: the store and the config. Prompts and judges are read by those that need them."""

    db: "Database"
    config: "Config"
    clock: Callable[[], datetime]


def shelf_at(path: Path | None, now: str | None = None) -> Shelf:
    """The store and the config that apply."""
    from pipeline.app import open_store

    config, clock = config_at(path), clock_at(now)
    db = open_store(config, clock)
    at_end(db.close)
    return Shelf(db, config, clock)


def print_json(command: str, body: dict[str, Any]) -> None:
    """One JSON object with its schema's name first. What could touch a terminal is escaped: RFC 8259 leaves that open."""
    import json

    printed = json.dumps({"schema": f"firmly.{command}/1", **body}, ensure_ascii=False, indent=2)
    for character in sorted(set(printed)):
        if _shown(character) != character:
            printed = printed.replace(character, _escaped(character))
    typer.echo(printed)


def _escaped(character: str) -> str:
    r"""As a JSON string has it: `\u009b`, a pair of them beyond the basic plane (RFC 8259, section 7)."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def reviewer(named: str = "") -> str:
    """Who decides, as the history shows it: as named, else `$FIRMLY_REVIEWER`, else the login."""
    asked = (named, *(os.environ.get(name) for name in ("FIRMLY_REVIEWER", "USER", "LOGNAME")))
    return next((name for name in asked if name), "owner")


def safe(text: object) -> str:
    """Words of a mail as a terminal may show them: no control characters, no escapes, no direction overrides."""
    return "".join(_shown(character) for character in str(text))


def _shown(character: str) -> str:
    import unicodedata

    if character in "\n\t":
        return character
    if (
        unicodedata.category(character) in {"Cc", "Cs", "Co"}
        or character in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ):
        return "\ufffd" if character != "\r" else ""
    return character


def one_line(text: object, width: int) -> str:
    """Words on one line of at most `width` characters."""
    line = " ".join(safe(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def is_item(number: str) -> bool:
    """Whether this is the number of a matter without a draft: a3."""
    return number.strip().lower().startswith("a")


def item_of(db: "Database", number: str) -> "AttentionItem":
    """The attention item of that number. Raises UsageError if there is none."""
    from pipeline.domain.ids import AttentionId
    from pipeline.store import attention

    with db.read() as tx:
        found = attention.item(tx, AttentionId(number_of(number, "a")))
    if found is None:
        raise UsageError(f"There is no attention item {number}.", fix="firmly queue list shows them.")
    return found


def number_of(text: str, kinds: str) -> int:
    """The number of `17`, `p17`, `#17`: what `queue list` prints and people type."""
    digits = text.strip().lower().lstrip("#").lstrip(kinds)
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        meant = {"p": "a proposal", "a": "an attention item"}.get(kinds, "a mail")
        raise UsageError(
            f"{text!r} is no number of {meant}.",
            fix="firmly queue list shows them.",
        )
    return int(digits)
