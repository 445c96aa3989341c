"""`init`, `doctor`, `config check`, `db …`: getting Firmly to run, and finding out why it does not."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.common import ConfigPath, config_at
from pipeline.errors import ConfigError, ExitCode, UsageError

config_app = typer.Typer(help="The config file.", no_args_is_help=True)
db_app = typer.Typer(help="The store: upgrade it, back it up.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("init")(init)
    app.command("doctor")(doctor)
    app.add_typer(config_app, name="config")
    app.add_typer(db_app, name="db")


def init(
    *,
    path: Annotated[
        Path | None, typer.Option(help="Where to write it; by default the platform's config directory.")
    ] = None,
) -> None:
    """Write a config by asking. Passwords are not asked for: the config says where they are kept."""
    from pipeline.cli.asking import ask_config

    if not sys.stdin.isatty():
        raise UsageError("firmly init asks questions and needs a terminal.", fix="Copy config.example.toml instead.")
    ask_config(path)


@config_app.command("check")
def check(*, config: ConfigPath = None) -> None:
    """Read the config, the client files and the playbook, and tell everything that is wrong with them at once."""
    from pipeline.app import library_of, playbook_of
    from pipeline.config.load import find_config, load_client_files, load_config

    path = find_config(config)
    settings = load_config(path)
    problems: list[str] = []
    files = 0
    for look in (lambda: load_client_files(settings.clients.dir), lambda: playbook_of(library_of(settings))):
        try:
            found = look()
        except ConfigError as error:
            problems += error.problems or (error.message,)
        else:
            files += len(found) if isinstance(found, list) else 0
    if problems:
        raise ConfigError(f"{path} itself is right, and something beside it is not.", problems=tuple(problems))
    typer.echo(f"{path} is right: {len(settings.accounts)} account(s), {files} client file(s).")


@config_app.command("example")
def example() -> None:
    """Print the example config, with its comments."""
    from pipeline.resources import shipped

    typer.echo(shipped("config.example.toml").read_text(encoding="utf-8"), nl=False)


def doctor(*, config: ConfigPath = None) -> None:
    """Look at everything a run needs: config, store, clock, mailbox, folders, prompts, judge; each with its fix."""
    from pipeline.cli.checkup import examine_all

    worst = examine_all(config)
    if worst is not ExitCode.OK:
        raise typer.Exit(int(worst))


@db_app.command("upgrade")
def upgrade(*, config: ConfigPath = None) -> None:
    """Bring the store to this version's schema, after a backup. `run` does it too."""
    from pipeline.config.load import store_path
    from pipeline.run.lock import run_lock
    from pipeline.store.database import Database

    path = store_path(config_at(config))
    with run_lock(path):
        applied = Database(path).upgrade(datetime.now(UTC))
    typer.echo(f"{path}: " + (f"applied {', '.join(map(str, applied))}." if applied else "nothing to do."))


@db_app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.", metavar="FILE")],
    *,
    config: ConfigPath = None,
) -> None:
    """A consistent copy of the store, while runs may go on. It holds your clients' mail: keep it like that."""
    from pipeline.config.load import store_path
    from pipeline.store.database import Database

    path = store_path(config_at(config))
    if not path.exists():
        raise UsageError(f"There is no store {path} yet.", fix="firmly run makes it.")
    if target.exists():
        raise UsageError(f"{target} exists; a backup never writes over anything.")
    Database(path).backup(target)
    typer.echo(f"{target}: {target.stat().st_size:,} bytes.")
