"""The owner's plain rules for one client as a file that can be read and edited: `rules/3-harbour-bakery.toml` beside the store.

A file that is there is the owner's word: a block that is deleted in it holds no longer, a block that is added holds. One that
is not there says nothing. Commands that change a rule write the file anew.
"""

import json
import os
import re
import tomllib
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from pipeline.domain.ids import ClientId, Label
from pipeline.errors import ConfigError, InputError
from pipeline.playbook import Taxonomy
from pipeline.store import clients, memory
from pipeline.store.database import Database

_HEAD = """\
# Your rules for {name}. A label that stands here is not given to their mail any more, whatever a judge says.
# Delete a block and the rule holds no longer; add one and it does. firmly clients correct shows and changes them, too.

client = {quoted}
"""
_ACTOR = "file"


class _Never(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    label: str
    words: Annotated[str, Field(max_length=300)] = ""
    by: str = _ACTOR
    added: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    client: str
    never: tuple[_Never, ...] = ()


def write_rules(db: Database, tx: Connection, client_id: ClientId) -> None:
    """Write the rules in force for a client; without any, their file goes.

    Belongs into the transaction that changes a rule, as its last act: an older file that is left behind would take the
    change back at the next call. Raises InputError if the directory cannot be written.
    """
    client, rules = clients.client(tx, client_id), memory.corrections(tx, client_id)
    if client is None:
        return
    if not rules:
        forget_rules(db, client.name)
        return
    text = _HEAD.format(name=_plain(client.name), quoted=_quoted(client.name))
    for rule in rules:
        text += (
            f"\n[[never]]\nlabel = {_quoted(rule.label)}\nwords = {_quoted(rule.words)}\nby = {_quoted(rule.actor)}\n"
            f"added = {_quoted(rule.added_at.date().isoformat())}\n"
        )
    path = _directory(db) / f"{client_id}-{_slug(client.name)}.toml"
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)  # half a file would be read as fewer rules
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", fix="Nothing was changed.") from None
    forget_rules(db, client.name, but=path)


def forget_rules(db: Database, name: str, *, but: Path | None = None) -> None:
    """Delete the file of a client's rules, if there is one, whatever it is called; one that is no TOML, if it names them.

    Raises InputError if one cannot be read or deleted.
    """
    for path in sorted(_directory(db).glob("*.toml")):
        try:
            if path != but and _names(path.read_text(encoding="utf-8", errors="replace"), name):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f"{path} cannot be read or deleted: {error.strerror}.", fix=f"Delete it if it is about {_plain(name)}."
            ) from None


def _names(text: str, name: str) -> bool:
    try:
        return tomllib.loads(text).get("client") == _plain(name)
    except tomllib.TOMLDecodeError:
        return _plain(name) in text


def take_over_rules(db: Database, taxonomy: Taxonomy, now: datetime) -> int:
    """Bring the store's rules to what the files say; gives how many were added or withdrawn.

    Raises ConfigError with every problem of every file; nothing is changed then.
    """
    problems: list[str] = []
    read: list[tuple[Path, _File]] = []
    for path in sorted(_directory(db).glob("*.toml")):
        try:
            file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            problems += _sentences(path, error)
            continue
        unknown = [rule.label for rule in file.never if taxonomy.current(rule.label, "behaviour") is None]
        problems += [f"{path}: there is no behaviour {_plain(label)}." for label in unknown]
        read.append((path, file))
    if problems:
        raise ConfigError("The rules for clients have mistakes.", fix="Correct the files.", problems=tuple(problems))
    if not read:
        return 0
    with db.read() as tx:
        numbers = {_plain(client.name): client.id for client in clients.all_clients(tx)}
        changed = [
            (numbers[file.client], wanted)
            for _, file in read
            if file.client in numbers and (wanted := _wanted(file, taxonomy)) != _held(tx, numbers[file.client])
        ]
    if not changed:
        return 0
    with db.write() as tx:
        return sum(_take_over(tx, client_id, wanted, now) for client_id, wanted in changed)


def _take_over(tx: Connection, client_id: ClientId, wanted: set[tuple[Label, str]], now: datetime) -> int:
    held = _held(tx, client_id)
    gone = [rule.id for rule in memory.corrections(tx, client_id) if (rule.label, _plain(rule.words)) not in wanted]
    for number in gone:
        memory.withdraw_correction(tx, number, now)
    come = sorted(wanted - held)
    for label, words in come:
        memory.add_correction(tx, client_id, label, words, actor=_ACTOR, now=now)
    return len(gone) + len(come)


def _wanted(file: _File, taxonomy: Taxonomy) -> set[tuple[Label, str]]:
    return {(taxonomy.current(rule.label, "behaviour") or Label(rule.label), _plain(rule.words)) for rule in file.never}


def _held(tx: Connection, client_id: ClientId) -> set[tuple[Label, str]]:
    return {(rule.label, _plain(rule.words)) for rule in memory.corrections(tx, client_id)}


def _sentences(path: Path, error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}." for e in error.errors(include_input=False)]
    return [f"{path} cannot be read: {'it is no TOML' if isinstance(error, ValueError) else type(error).__name__}."]


def _directory(db: Database) -> Path:
    return db.path.parent / "rules"


def _slug(name: str) -> str:
    """The name in small letters, digits and hyphens; what has none of them is `client`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "client"


def _plain(words: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _quoted(words: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's (TOML 1.0, strings), once nothing unprintable is left."""
    return json.dumps(_plain(words), ensure_ascii=False)
