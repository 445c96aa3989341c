"""What an owner changes about a client: what is written down, whose addresses are whose, and that somebody is forgotten.

A client that a file in `[clients] dir` describes is changed in that file: it is read at every call, and its word holds.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

from pipeline.config.clientfile import ClientFile
from pipeline.config.load import checked, load_client_files, store_path
from pipeline.config.models import Config
from pipeline.domain.ids import ClientId
from pipeline.errors import UsageError
from pipeline.run.lock import run_lock
from pipeline.run.rulebook import forget_rules, write_rules
from pipeline.store import clients
from pipeline.store.database import Database
from pipeline.store.merge import merge_clients
from pipeline.store.purge import backups_beside, purge_client


@dataclass(frozen=True, slots=True)
class Purged:
    """What became of a purge."""

    rows: Mapping[str, int]
    """How many went, by table."""
    file: Path | None
    """The client file, which the next call would read again."""
    backups: tuple[Path, ...]
    """Copies of the store that still hold everything."""


def find_client(db: Database, named: str) -> ClientId:
    """The client that somebody means by a number, an address or a part of the name. Raises UsageError for none or several."""
    with db.read() as tx:
        found = clients.find(tx, named)
        exact = [i for i in found if (file := clients.client_file(tx, i)) and file.name.casefold() == named.casefold()]
    chosen = exact or list(found)
    if len(chosen) != 1:
        many = "several clients" if chosen else "no client"
        raise UsageError(f"{named!r} means {many}.", fix="firmly clients list shows them with their numbers.")
    return chosen[0]


def set_client(
    db: Database, config: Config, named: str, words: Sequence[str], *, new: bool, now: datetime
) -> ClientFile:
    """Change what is written down about a client: `language=de`, `pause_allowed=true`, `emails=["a@b.example"]`, `notes=`.

    An empty value takes a setting back. With `new`, a client of this name is added. Raises UsageError for a client that a
    file describes, ConfigError with every problem of the settings.
    """
    settings = [_setting(word) for word in words]
    if new:
        with db.read() as tx:
            if any(client.name.casefold() == named.casefold() for client in clients.all_clients(tx)):
                raise UsageError(f"There is a client {named} already.", fix="Leave out --new to change them.")
        before: dict[str, Any] = {"name": named}
    else:
        client_id = find_client(db, named)
        with db.read() as tx:
            known = clients.client_file(tx, client_id)
        before = known.model_dump(mode="json", exclude_defaults=True) if known else {}
        _refuse_described(config, str(before["name"]))
    if any("name" in setting for setting in settings):
        raise UsageError("A client's name stays: it is what they are known by.", fix="firmly clients merge joins two.")
    file = checked(reduce(_changed, settings, before), ClientFile, str(before["name"]))
    with db.write() as tx:
        by_email, _ = clients.addresses(tx)
        for email in file.client_addresses():
            other = clients.client(tx, by_email[email]) if email in by_email else None
            if other is not None and other.name != file.name:
                raise UsageError(
                    f"{email} belongs to {other.name}.",
                    fix="Take it from them first, or firmly clients merge joins the two.",
                )
        clients.keep(tx, file, now)
    return file


def _setting(word: str) -> dict[str, Any]:
    """A setting as TOML has it; a value that is no TOML is a text, so that nobody has to quote for two readers."""
    key, equals, value = (part.strip() for part in word.partition("="))
    if not equals or not key:
        raise UsageError(f"{word!r} is no setting.", fix='Write it as language=de or scope=["five pages"].')
    if not value:
        return {key: None}
    try:
        return tomllib.loads(f"{key} = {value}", parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        return {key: value}


def _changed(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged, everything else is replaced; nothing (None) takes a setting back."""
    after = dict(before)
    for key, value in change.items():
        known = after.get(key)
        after[key] = _changed(known, value) if isinstance(value, dict) and isinstance(known, dict) else value
    return {key: value for key, value in after.items() if value is not None}


def join_clients(db: Database, config: Config, kept: str, other: str, *, actor: str, now: datetime) -> tuple[str, str]:
    """Two clients are one from now on, under the first one's name; gives both names.

    Raises UsageError where a client file would undo it at the next call: it says what to move first.
    """
    first, second = find_client(db, kept), find_client(db, other)
    with db.read() as tx:
        ours, theirs = clients.client_file(tx, first), clients.client_file(tx, second)
    if ours is None or theirs is None or first == second:
        raise UsageError(f"{kept!r} and {other!r} are the same client.")
    described = _described(config)
    ours_at, theirs_at = described.get(ours.name), described.get(theirs.name)
    if theirs_at is not None:
        raise UsageError(
            f"{theirs.name} is described by {theirs_at}, which is read at every call.",
            fix=f"Move its addresses to {ours_at or f'the settings of {ours.name}'}, delete the file, then merge again.",
        )
    missing = sorted({*theirs.client_addresses(), *theirs.domains} - {*ours.client_addresses(), *ours.domains})
    if ours_at is not None and missing:
        raise UsageError(
            f"{ours.name} is described by {ours_at}, which is read at every call.",
            fix=f"Add {', '.join(missing)} to it, then merge again.",
        )
    with db.write() as tx:
        merge_clients(tx, first, second, actor=actor, now=now)
        write_rules(db, tx, first)
    forget_rules(db, theirs.name)
    return ours.name, theirs.name


def forget_client(db: Database, config: Config, client_id: ClientId) -> Purged:
    """Purge a client; no run may be active meanwhile. Raises BusyError then, StoreUnavailable as `purge_client`."""
    with db.read() as tx:
        known = clients.client_file(tx, client_id)
    with run_lock(store_path(config)):
        rows = purge_client(db, client_id)
        if known is not None:
            forget_rules(db, known.name)
    file = _described(config).get(known.name) if known else None
    return Purged(rows, file, backups_beside(db.path))


def _described(config: Config) -> dict[str, Path]:
    """Which client is described by which file."""
    return {file.name: path for path, file in load_client_files(config.clients.dir)}


def _refuse_described(config: Config, name: str) -> None:
    path = _described(config).get(name)
    if path is not None:
        raise UsageError(
            f"{name} is described by {path}, which is read at every call.", fix="Change it there; nothing was written."
        )
