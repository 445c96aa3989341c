"""`firmly init`: a few questions, and a config with comments."""

import json
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
    if target.exists():
        raise UsageError(f"{target} exists already.", fix="Edit it, or give another --path.")
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
    target.write_text(_TEMPLATE.format(**values), encoding="utf-8")
    target.chmod(0o600)
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


def _ask_password() -> str:
    how = typer.prompt("Where is the IMAP password kept? env, command or keyring", default="env")
    if how == "env":
        return (
            "{ env = " + _toml(typer.prompt("Name of the environment variable", default="FIRMLY_IMAP_PASSWORD")) + " }"
        )
    if how == "command":
        words = typer.prompt("The command that prints it", default="pass show mail").split()
        return "{ command = [" + ", ".join(_toml(word) for word in words) + "] }"
    service = _toml(typer.prompt("Keyring service", default="firmly"))
    return "{ keyring = " + service + ", user = " + _toml(typer.prompt("Keyring user")) + " }"


def _toml(text: str) -> str:
    """A TOML basic string: JSON writes the same form, short of the one character that TOML forbids."""
    return json.dumps(text.replace("\x7f", " "), ensure_ascii=False)


def _local_zone() -> str:
    """The zone of this machine, where /etc/localtime is a link into the zone database."""
    try:
        return str(Path("/etc/localtime").resolve()).split("zoneinfo/", 1)[1]
    except (IndexError, OSError):
        return "Europe/Berlin"
