"""`firmly doctor`: one look at each thing that a run needs."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.common import safe
from pipeline.config.load import find_config, load_client_files, load_config, store_path
from pipeline.config.models import Config
from pipeline.errors import BadAnswer, ConfigError, ExitCode, FirmlyError
from pipeline.mail.ports import Role
from pipeline.run.desk import Mailbox
from pipeline.store import clients, runs
from pipeline.store.database import Database

if TYPE_CHECKING:
    from pipeline.llm import ProbeReport

_QUIET = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nothing is broken, and yet it is hardly meant so."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at; `look` says what it found, or raises what is wrong."""

    name: str
    look: Callable[[], str | Doubt]


def examine_all(config: Path | None) -> ExitCode:
    """Look at everything, print a line each, and give the exit code of the worst."""
    codes = [_print(Check("config", lambda: str(find_config(config))))]
    if codes[0] is ExitCode.OK:
        try:
            settings = load_config(find_config(config))
        except FirmlyError as error:
            codes.append(_failed("config", error))
        else:
            codes += [_print(check) for check in _checks(settings)]
    order = (ExitCode.BUG, ExitCode.CONFIG, ExitCode.CREDENTIALS, ExitCode.TEMPORARY, ExitCode.PARKED, ExitCode.USAGE)
    return next((code for code in order if code in codes), ExitCode.OK)


def _print(check: Check) -> ExitCode:
    try:
        found = check.look()
    except FirmlyError as error:
        return _failed(check.name, error)
    if isinstance(found, Doubt):
        typer.echo(f"  note   {check.name}: {safe(found.message)}\n           {safe(found.fix)}")
    else:
        typer.echo(f"  ok     {check.name}: {safe(found)}")
    return ExitCode.OK


def _failed(name: str, error: FirmlyError) -> ExitCode:
    typer.echo(f"  WRONG  {name}: {safe(error.message)}")
    for problem in error.problems if isinstance(error, ConfigError) else ():
        typer.echo(f"           - {safe(problem)}")
    if error.fix:
        typer.echo(f"           {safe(error.fix)}")
    return error.exit_code


def _checks(config: Config) -> Iterator[Check]:
    from pipeline.app import library_of, mailbox_of, playbook_of, wants_endpoint

    yield Check("client files", lambda: _clients(config))
    yield Check("store", lambda: _store(config))
    yield Check("last run", lambda: _last_run(config))
    yield Check("prompts", lambda: f"playbook {playbook_of(library_of(config)).fingerprint}")
    yield Check("judge", lambda: _judge(config))
    if wants_endpoint(config, config.judge.kind) or wants_endpoint(config, config.writer.kind):
        yield Check("endpoint", lambda: _endpoint(config))
    if config.notices.notify or config.notices.mail:
        yield Check("notices", lambda: _notices(config))
    for account in config.accounts:
        yield Check(f"mailbox {account.id}", partial(_mailbox, mailbox_of(account, config, lambda: None)))


def _clients(config: Config) -> str | Doubt:
    """How many clients there are; a doubt where nobody's mail would be read."""
    files = len(load_client_files(config.clients.dir))
    kept = _clients_in_store(config)
    if not files and not kept and config.clients.unknown_senders == "ignore":
        return Doubt(
            f"no client in {config.clients.dir} or in the store, and strangers are ignored: no mail will be read.",
            fix='firmly clients set "Their name" --new \'emails=["them@example.com"]\' adds one; or set [clients] unknown_senders = "triage".',
        )
    return f"{files} in {config.clients.dir}{f', {kept} in the store' if kept else ''}"


def _clients_in_store(config: Config) -> int:
    path = store_path(config)
    if not path.exists():
        return 0
    with Database(path).read() as tx:
        return len(clients.all_clients(tx))


def _judge(config: Config) -> str:
    from pipeline.app import judge_of, library_of, playbook_of, wants_endpoint

    if wants_endpoint(config, config.judge.kind):
        return f"one_call, over {config.llm.model if config.llm else ''}"
    library = library_of(config)
    judge = judge_of(None, playbook_of(library), library, None)
    return f"{judge.name}, {judge.fingerprint}"


def _endpoint(config: Config) -> str:
    """One real call, and what it showed."""
    from pipeline.app import model_of, open_store, wall_clock
    from pipeline.llm import probe
    from pipeline.store.llm_calls import CallBook

    if config.llm is None:
        raise ConfigError("There is no section [llm].")
    with (
        closing(open_store(config, wall_clock)) as db,
        closing(CallBook(db)) as book,
        closing(model_of(config, book, wall_clock)) as model,
    ):
        try:
            return endpoint_report(probe(model, config.llm))
        except BadAnswer as error:
            raise ConfigError(
                f"The endpoint is there, but its model gave no usable answer to a simple question. {error.message}",
                fix='Use a stronger model, or keep [judge] kind = "embedded".',
            ) from None


def endpoint_report(found: "ProbeReport") -> str:
    """What an endpoint showed in one question, as a person reads it."""
    cost = f"{found.cost.amount.normalize():f} {found.cost.currency}" if found.cost else "unpriced"
    needs = [f"asked by {found.abilities.rung}"]
    if found.abilities.tokens_field != "max_tokens":
        needs.append(f"takes {found.abilities.tokens_field}")
    if not found.abilities.temperature:
        needs.append("takes no temperature")
    if found.abilities.stretch > 1:
        needs.append(f"thinks aloud, so it gets {found.abilities.stretch} times the room")
    said = f"{found.model} answers in {found.latency_ms} ms, {', '.join(needs)}; {found.calls} call(s), {cost}"
    return " ".join((f"{said}.", *found.warnings))


def _notices(config: Config) -> str:
    """Whether the command is there, and whether the account that sends lets us in. Nothing is told or sent."""
    import shutil

    from pipeline.app import post_of

    said = []
    if config.notices.notify:
        command = shutil.which(config.notices.notify[0])
        if command is None:
            raise ConfigError(
                f"[notices] notify: there is no command {config.notices.notify[0]}.",
                fix="Install it, or give its whole path; cron has a short PATH.",
            )
        said.append(command)
    post = post_of(config, lambda: None)
    if post is not None:
        with post():
            said.append(f"mail to {config.owner.email} by the account {config.notices.mail}")
    return ", ".join(said)


def _mailbox(mailbox: Mailbox) -> str:
    """Log in, look at the folders, and at what the server's clock says."""
    with mailbox.source() as source:
        found = {role: source.examine(role) for role in Role}
    missing = [role.value for role in (Role.INBOX, Role.SENT, Role.DRAFTS) if found[role] is None]
    if missing:
        raise ConfigError(
            f"It is not known which folder is {' and '.join(missing)}.",
            fix='Name them in the account, folders = { sent = "...", drafts = "..." }; of kind "folder", make the directories.',
        )
    return ", ".join(f"{role} is {state.name}" for role, state in found.items() if state is not None)


def _store(config: Config) -> str:
    path = store_path(config)
    if not path.exists():
        return f"{path} will be made by the first run"
    db = Database(path)
    with db.read() as tx:
        answer = tx.exec_driver_sql("PRAGMA quick_check").scalar_one()
    if answer != "ok":
        raise ConfigError(f"{path} is damaged.", fix="Restore a backup (firmly db backup makes them).")
    return f"{path}, schema {db.version()}, {path.stat().st_size:,} bytes"


def _last_run(config: Config) -> str:
    path = store_path(config)
    if not path.exists():
        return "none yet"
    with Database(path).read() as tx:
        last = runs.last_success(tx)
    if last is None:
        return "none yet"
    if datetime.now(UTC) - last > _QUIET:
        raise ConfigError(
            f"The last successful run was {last:%Y-%m-%d %H:%M} UTC.", fix="Look at your crontab and its mail."
        )
    return f"{last:%Y-%m-%d %H:%M} UTC"
