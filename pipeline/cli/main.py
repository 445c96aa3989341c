"""The commands, and what happens when one of them fails."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group_from_info
from typer.models import TyperInfo

from pipeline import __version__
from pipeline.cli import clients, demo, judging, money, prompting, queue, replaying, running, serving, setup, stats
from pipeline.cli.common import close_all, safe
from pipeline.errors import ConfigError, ExitCode, FirmlyError

if TYPE_CHECKING:
    from typer._click.core import Command, Context


class LaterGroup(TyperGroup):
    """A group whose commands are made when one of them is asked for: reading all signatures takes half as long as typer."""

    def __init__(self, name: str | None, room: typer.Typer) -> None:
        """`room` has the help and the commands."""
        super().__init__(name=name, help=room.info.help, no_args_is_help=True, rich_markup_mode=None)
        self._room = room

    def list_commands(self, ctx: "Context") -> list[str]:
        """The names, in the order in which they were added."""
        self._make()
        return super().list_commands(ctx)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """The command of that name."""
        self._make()
        return super().get_command(ctx, cmd_name)

    def _make(self) -> None:
        if not self.commands:
            made = get_group_from_info(
                TyperInfo(self._room), pretty_exceptions_short=False, rich_markup_mode=None, suggest_commands=True
            )
            self.commands = made.commands


class RootGroup(TyperGroup):
    """The commands, and the groups of commands."""

    def __init__(self, **attributes: Any) -> None:
        """As typer makes it, with the groups behind the commands."""
        super().__init__(**attributes)
        for name, room in GROUPS.items():
            self.commands[name] = LaterGroup(name, room)


app = typer.Typer(
    name="firmly",
    cls=RootGroup,
    help="Reads client mail, says what is going on in it, and puts a firm but kind reply in a queue for you to approve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich takes longer to import than all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (demo, running, queue, serving, clients, money, judging, stats, replaying, prompting, setup):
    room.register(app)
GROUPS = {group.name or "": group.typer_instance for group in app.registered_groups if group.typer_instance is not None}
app.registered_groups.clear()


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
