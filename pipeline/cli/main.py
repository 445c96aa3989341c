"""The commands, and what happens when one of them fails."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import clients, demo, judging, money, prompting, queue, replaying, running, serving, setup, stats
from pipeline.cli.common import close_all, safe
from pipeline.errors import ConfigError, ExitCode, FirmlyError

app = typer.Typer(
    name="firmly",
    help="Reads client mail, says what is going on in it, and puts a firm but kind reply in a queue for you to approve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich takes longer to import than all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (demo, running, queue, serving, clients, money, judging, stats, replaying, prompting, setup):
    room.register(app)


def _version(wanted: bool) -> None:  # noqa: FBT001 typer's form of a flag's callback
    if wanted:
        typer.echo(f"firmly {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    config: Annotated[Path | None, typer.Option(help="The config file; also after the command.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    _ = version
    if config is not None:
        os.environ["FIRMLY_CONFIG"] = str(config)


def main() -> None:
    """Run the command line; ends the process with the exit codes of `pipeline.errors`."""
    try:
        app()
    except FirmlyError as error:
        _explain(error)
        sys.exit(int(error.exit_code))
    except Exception as error:  # noqa: BLE001 the last stop: a bug is shown without what it might carry of a mail
        show_bug(error)
        sys.exit(int(ExitCode.BUG))
    finally:
        close_all()


def _explain(error: FirmlyError) -> None:
    typer.echo(f"firmly: {safe(error.message)}", err=True)  # a server's or a file's words may be in it
    for problem in error.problems if isinstance(error, ConfigError) else ():
        typer.echo(f"  - {safe(problem)}", err=True)
    if error.fix:
        typer.echo(f"  {safe(error.fix)}", err=True)


def show_bug(error: BaseException) -> None:
    """A traceback without the exception's own words: they may hold mail. `FIRMLY_DEBUG=1` shows them."""
    import traceback

    typer.echo(
        "firmly: this is a bug. Please report it with the lines below; they hold no mail and no secret.", err=True
    )
    if os.environ.get("FIRMLY_DEBUG") == "1":
        typer.echo("".join(traceback.format_exception(error)), err=True)
    else:
        typer.echo("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__, err=True)
