"""`run`, `backfill`, `deliver`, `redo`: what cron calls, and what does a part of it by hand."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import (
    AsJson,
    ConfigPath,
    Now,
    clock_at,
    config_at,
    desk_at,
    number_of,
    print_json,
    reviewer,
    safe,
)
from pipeline.domain.ids import MailId
from pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.config.models import Config
    from pipeline.domain.proposal import Proposal
    from pipeline.run.report import RunReport


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("run")(run)
    app.command("backfill")(backfill)
    app.command("deliver")(deliver)
    app.command("redo")(redo)


def run(
    *,
    config: ConfigPath = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Work on a copy of the store; nothing is kept or delivered.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Judge at most so many mails.")] = None,
    allow_many: Annotated[bool, typer.Option("--allow-many", help="Take more new mail than [run] max_new.")] = False,
    now: Now = None,
    as_json: AsJson = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what was done even if nobody is needed.")
    ] = False,
) -> None:
    """Fetch, judge, decide, draft, deliver: all due work, once. This is the cron job.

    Silent on success unless something wants a person.
    """
    from pipeline.app import build_desk
    from pipeline.config.load import store_path
    from pipeline.run.lock import run_lock
    from pipeline.run.loop import RunOptions, run_once

    settings = config_at(config)
    with run_lock(store_path(settings)), _orderly_stop(), _dry(settings, wanted=dry_run) as working:
        desk = build_desk(working, clock_at(now), deadline=_deadline(settings.run.deadline_s))
        with closing(desk), progress_line() as progress:
            report = run_once(desk, RunOptions(limit=limit, allow_many=allow_many, deliver=not dry_run), progress)
    _tell(report, as_json=as_json, verbose=verbose, dry_run=dry_run)
    if report.exit_code:
        raise typer.Exit(int(report.exit_code))


def backfill(
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back.")],
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Bring older mail into memory: judged, remembered, never answered."""
    from pipeline.config.load import store_path
    from pipeline.run.lock import run_lock
    from pipeline.run.loop import backfill as bring

    desk = desk_at(config, now)
    with run_lock(store_path(desk.config)), _orderly_stop(), progress_line() as progress:
        report = bring(desk, days, progress)
    _tell(report, as_json=as_json, verbose=True)
    if report.exit_code:
        raise typer.Exit(int(report.exit_code))


def deliver(*, config: ConfigPath = None, now: Now = None, as_json: AsJson = False) -> None:
    """Lay approved replies into Drafts (or send them, where SMTP is configured). `run` does this too."""
    from pipeline.config.load import store_path
    from pipeline.run.lock import run_lock
    from pipeline.run.loop import deliver_all
    from pipeline.run.report import RunReport

    desk = desk_at(config, now)
    report = RunReport()
    with run_lock(store_path(desk.config)), _orderly_stop():
        deliver_all(desk, report)
    _tell(report, as_json=as_json, verbose=True, command="deliver")
    if report.exit_code:
        raise typer.Exit(int(report.exit_code))


def redo(
    mail: Annotated[str, typer.Argument(help="The number of a mail, as explain shows it: m17.", metavar="MAIL")],
    *,
    stage: Annotated[
        str, typer.Option("--from", help="The first stage to do again: parse, place, screen, classify, decide, draft.")
    ],
    anew: Annotated[
        bool, typer.Option("--anew", help="Even if its reply was delivered: propose a second one, which says so.")
    ] = False,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Do a mail again from a stage on, with today's prompts, playbook and judge. Refused where its reply was delivered."""
    from pipeline.config.load import store_path
    from pipeline.run.lock import run_lock
    from pipeline.run.loop import newest_call, work_through
    from pipeline.run.report import RunReport
    from pipeline.run.stages import STAGES
    from pipeline.store import attention, mails, queue, steps

    if stage not in STAGES:
        raise UsageError(f"There is no stage {stage!r}.", fix=f"The stages are {', '.join(STAGES)}.")
    desk = desk_at(config, now)
    mail_id = MailId(number_of(mail, "m"))
    report, calls_before = RunReport(), newest_call(desk)
    with run_lock(store_path(desk.config)), _orderly_stop():
        with desk.db.write() as tx:
            if mails.mail(tx, mail_id) is None:
                raise UsageError(f"There is no mail m{mail_id}.", fix="firmly explain of a proposal names its mail.")
            _refuse_second_reply(queue.of_mail(tx, mail_id), mail_id, anew=anew)
            steps.forget(tx, mail_id, STAGES[STAGES.index(stage) :])
            attention.settle(tx, "parked", f"mail:{mail_id}", actor=reviewer(), now=desk.clock())
        work_through(desk, report, None)
    report.calls = newest_call(desk) - calls_before
    _tell(report, as_json=as_json, verbose=True, command="redo")
    if report.exit_code:
        raise typer.Exit(int(report.exit_code))


def _refuse_second_reply(replies: "Sequence[Proposal]", mail_id: MailId, *, anew: bool) -> None:
    """Nobody is answered twice by accident: a reply that may have left is not followed by another unless asked for."""
    from pipeline.domain.proposal import HANDED_OVER

    gone = next((reply for reply in replies if reply.status in HANDED_OVER), None)
    if gone is not None and not anew:
        raise UsageError(
            f"The reply p{gone.id} to the mail m{mail_id} is {gone.status} already; nothing was done.",
            fix="With --anew a second one is proposed all the same.",
        )


def _tell(report: "RunReport", *, as_json: bool, verbose: bool, dry_run: bool = False, command: str = "run") -> None:
    """Print what cron should mail: nothing where nobody is needed."""
    if as_json:
        print_json(
            command,
            {
                "exit_code": int(report.exit_code),
                "dry_run": dry_run,
                "counts": report.counts(),
                "troubles": report.troubles,
            },
        )
    elif verbose or report.wants_person:
        done = ", ".join(f"{number} {name}" for name, number in report.counts().items() if number)
        if done or not report.troubles:  # after a failure nobody knows whether there was something to do
            typer.echo(("Dry run: " if dry_run else "") + (done or "Nothing to do."))
        if report.proposed or report.attention:
            typer.echo("firmly queue list shows what waits for you.")
    for trouble in report.troubles:
        typer.echo(f"firmly: {safe(trouble)}", err=True)
    for bug in report.bugs:
        from pipeline.cli.main import show_bug

        show_bug(bug)


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line that says which stage is at work, on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update


def _deadline(seconds: float) -> Callable[[], float | None]:
    """How many seconds this run has left; a server that drips bytes cannot hold it longer."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


@contextmanager
def _orderly_stop() -> Iterator[None]:
    """SIGTERM ends the process at once, with the code for "the next run goes on".

    Everything that is committed is done and everything else is due again, so there is nothing to tidy up; waiting for
    a model's answer would only make the service manager reach for SIGKILL.
    """

    def stop(_signal: int, _frame: object) -> None:
        os.write(2, b"firmly: stopped by a signal; the next run goes on where this one ended.\n")
        os._exit(int(ExitCode.TEMPORARY))

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _dry(config: "Config", *, wanted: bool) -> Iterator["Config"]:
    """For a dry run, the same config over a copy of the store that is thrown away."""
    if not wanted:
        yield config
        return
    import tempfile

    from pipeline.app import open_store, wall_clock
    from pipeline.config.load import store_path

    with tempfile.TemporaryDirectory(prefix="firmly-dry-") as directory:
        copy = Path(directory) / "store.sqlite3"
        if store_path(config).exists():
            open_store(config, wall_clock).backup(copy)
        yield config.model_copy(update={"store": config.store.model_copy(update={"path": copy})})
