"""`firmly init`: a few questions, and a config with comments."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import platformdirs
import typer

from pipeline.config.load import APP, load_config
from pipeline.errors import ConfigError, UsageError

_TEMPLATE = """\
# Written by firmly init. `firmly config example` prints every setting there is, with comments.

[owner]
name = {name}
email = {email}
timezone = {timezone}
working_hours = {hours}

[[accounts]]
kind = "imap"
id = "main"
host = {host}
user = {user}
password = {password}

[clients]
dir = "clients"   # one TOML file per client; firmly config example shows one
"""


def ask_config(path: Path | None) -> None:
    """Ask, write, check what was written, and say what to do next. Raises UsageError rather than write over a file."""
    target = path or platformdirs.user_config_path(APP) / "config.toml"
    if os.path.lexists(target):
        raise _taken(target)
    answers = {
        "name": typer.prompt("Your name, as clients know it"),
        "email": typer.prompt("Your mail address"),
        "timezone": typer.prompt("Your time zone", default=_local_zone()),
        "hours": typer.prompt("Your working hours", default="mon-fri 09:00-17:00"),
        "host": typer.prompt("IMAP server"),
    }
    answers["user"] = typer.prompt("IMAP user", default=answers["email"])
    values = {key: _toml(value) for key, value in answers.items()}
    values["password"] = _ask_password()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        target.touch(mode=0o600, exist_ok=False)
    except FileExistsError:  # made while the questions were asked
        raise _taken(target) from None
    target.write_text(_TEMPLATE.format(**values), encoding="utf-8")
    (target.parent / "clients").mkdir(exist_ok=True)
    try:
        load_config(target)
    except ConfigError as error:
        typer.echo(f"{target} is written, and not right yet:")
        for problem in error.problems or (error.message,):
            typer.echo(f"  - {problem}")
        raise typer.Exit(int(error.exit_code)) from None
    typer.echo(
        f"\n{target} is written. Next:\n  1. a file per client in {target.parent / 'clients'}\n  2. firmly doctor"
    )


def _taken(target: Path) -> UsageError:
    return UsageError(f"{target} exists already.", fix="Edit it, or give another --path.")


def _ask_password() -> str:
    """Where the password is kept. Who types the password itself is asked again: no answer here may be one."""
    how = typer.prompt("Where is the IMAP password kept? env, command or keyring", default="env", value_proc=_place)
    if how == "env":
        name = typer.prompt(
            "Name of the environment variable", default="FIRMLY_IMAP_PASSWORD", value_proc=_variable_name
        )
        return "{ env = " + _toml(name) + " }"
    if how == "command":
        words = typer.prompt("The command that prints it", default="pass show mail", value_proc=_command)
        return "{ command = [" + ", ".join(_toml(word) for word in words) + "] }"
    service = _toml(typer.prompt("Keyring service", default="firmly"))
    return "{ keyring = " + service + ", user = " + _toml(typer.prompt("Keyring user")) + " }"


def _place(answer: str) -> str:
    if answer.strip() not in {"env", "command", "keyring"}:
        raise typer.BadParameter("Say env, command or keyring; the password itself is not asked for.")
    return answer.strip()


def _variable_name(answer: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", answer.strip()):
        raise typer.BadParameter("Give a name in capitals such as FIRMLY_IMAP_PASSWORD, not the password itself.")
    return answer.strip()


def _command(answer: str) -> list[str]:
    try:
        words = shlex.split(answer)
    except ValueError:
        raise typer.BadParameter("A quotation mark is not closed.") from None
    if not words or shutil.which(words[0]) is None:
        raise typer.BadParameter("There is no such command on this machine. Give the command, not the password itself.")
    return words


def _toml(text: str) -> str:
    """A TOML basic string: JSON writes the same form, short of the one character that TOML forbids."""
    return json.dumps(text.replace("\x7f", " "), ensure_ascii=False)


def _local_zone() -> str:
    """The zone of this machine, where /etc/localtime is a link into the zone database."""
    try:
        return str(Path("/etc/localtime").resolve()).split("zoneinfo/", 1)[1]
    except (IndexError, OSError):
        return "Europe/Berlin"
