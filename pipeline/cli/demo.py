"""`firmly demo`: the whole road on a sample mailbox, over real IMAP, without an account or a key."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import ConfigPath, at_end, close_all, safe
from pipeline.cli.endpoint_demo import meet_endpoint, own_endpoint, tell_endpoint
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.models import Config
    from pipeline.domain.mail import Message
    from pipeline.domain.proposal import Proposal
    from pipeline.mail.demo_server import DemoServer
    from pipeline.run.desk import Desk
    from pipeline.run.report import RunReport

_ACCOUNT = "demo"
_PASSWORD = "FIRMLY_DEMO_PASSWORD"  # noqa: S105 the name of a variable
_FAVOURITES = ("scope_creep", "micromanaging", "invoice_dispute", "payment_delay")
_HISTORY_DAYS = 60
_BANNER = (
    "A demo: every mail is invented. Approve what you like: it lands in the Drafts of a mail server inside this demo,"
    " and nothing leaves this machine."
)


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("demo")(demo)


def demo(
    *,
    keep: Annotated[
        Path | None, typer.Option(help="Keep store, config and mailbox in this new directory, to play on.")
    ] = None,
    llm: Annotated[
        bool, typer.Option("--llm", help="Judge and write with the endpoint of your config instead.")
    ] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Then the queue as a page in your browser, until Ctrl-C.")
    ] = False,
    config: ConfigPath = None,
) -> None:
    """The whole road on a sample mailbox: no account, no key, nothing left behind."""
    import shutil

    from pipeline.mail.demo_server import DemoServer
    from pipeline.resources import shipped

    with _ended_in_order(), _place(keep) as place:
        sample = shipped("mailbox")
        shutil.copytree(sample, place / "mailbox", dirs_exist_ok=True)
        shutil.copytree(sample / "clients", place / "clients", dirs_exist_ok=True)
        _write_config(place)
        now = datetime.fromisoformat((sample / "now.txt").read_text("utf-8").strip())
        with DemoServer(sample) as server:
            own = own_endpoint(config) if llm else None
            try:
                (_serve if serve else _walk)(place, server, now, own)
            finally:
                close_all()
        if keep is not None:
            typer.echo(f"\nKept in {place}. It is {now:%A %d %B %Y, %H:%M} there; go on with\n")
            typer.echo(
                f"    export FIRMLY_CONFIG={place / 'config.toml'}\n    firmly queue list\n    firmly queue show p1\n    firmly explain p1"
            )
        else:
            typer.echo(
                "\nNothing is left of this demo. To play on:\n\n    firmly demo --keep ./demo\n\nand for your own mailbox:\n"
            )
            typer.echo("    firmly init\n    firmly doctor\n    firmly run")


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a signal that would end the process here and now run what cleans up, as Ctrl-C does."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    import tempfile

    if keep is None:
        with tempfile.TemporaryDirectory(prefix="firmly-demo-") as directory:
            yield Path(directory)
        return
    if keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty.", fix="Give a directory that is new.")
    keep.mkdir(parents=True, exist_ok=True, mode=0o700)
    yield keep.resolve()


def _write_config(place: Path) -> None:
    """The config that stays: the mailbox as a directory, since the demo's server ends with the demo."""
    owner = (place / "mailbox" / "owner.toml").read_text("utf-8")
    text = (
        '# Made by firmly demo. `kind = "folder"`: drafts are written to mailbox/drafts/.\n\n'
        f"[owner]\n{owner.strip()}\n\n"
        f'[[accounts]]\nkind = "folder"\nid = "{_ACCOUNT}"\npath = "mailbox"\nauthserv_id = "mx.velderholt.example"\n\n'
        '[store]\npath = "firmly.sqlite3"\n\n[invoices]\nfresh_for = "7d"\n'
    )
    (place / "config.toml").write_text(text, encoding="utf-8")


def _over_imap(place: Path, server: "DemoServer", own: "Config | None") -> "Config":
    """The same config with the server in the directory's place, and the endpoint if one is wanted."""
    from pipeline.config.load import load_config
    from pipeline.config.models import ImapAccount

    settings = server.settings
    os.environ[_PASSWORD] = settings.secret()
    config = load_config(place / "config.toml")
    account = ImapAccount.model_validate(
        {
            "kind": "imap",
            "id": _ACCOUNT,
            "host": settings.host,
            "port": settings.port,
            "security": "plain",
            "user": settings.username,
            "password": {"env": _PASSWORD},
            "authserv_id": "mx.velderholt.example",
        }
    )
    asked = {"llm": own.llm, "judge": own.judge, "writer": own.writer} if own else {}
    return config.model_copy(update={"accounts": (account,), **asked})


def _walk(place: Path, server: "DemoServer", now: datetime, own: "Config | None") -> None:
    """Every step that a day with Firmly has."""
    from pipeline.app import fixed_clock
    from pipeline.cli.tables import print_proposal, print_queue, view_of
    from pipeline.review import approve, find_proposal, waiting
    from pipeline.run.loop import RunOptions, deliver_one, run_once

    started = time.monotonic()
    desk, reports = _first_run(place, server, own, fixed_clock(now))
    _say("firmly queue list")
    inbox = waiting(desk.db)
    print_queue(desk, inbox)
    chosen = _favourite(inbox.proposals)
    _say(f"firmly queue show p{chosen.id}")
    print_proposal(desk, chosen, view_of(desk, chosen))
    _say(f"firmly queue approve p{chosen.id}")
    approve(desk.db, desk.config.owner, chosen, reviewer="demo", now=now)
    trouble = deliver_one(desk, chosen.id)
    if trouble is not None:
        raise trouble
    _show_draft(server, find_proposal(desk.db, chosen.id))
    _say("firmly run, once more: nothing is done twice.")
    _figures(run_once(desk, RunOptions()).counts())
    if own is not None:
        _say("What the endpoint did.")
        tell_endpoint(desk, reports, time.monotonic() - started)


def _first_run(
    place: Path, server: "DemoServer", own: "Config | None", clock: Callable[[], datetime]
) -> "tuple[Desk, tuple[RunReport, ...]]":
    """What cron does of the day: the ledger, what happened before, and a run."""
    from pipeline.app import build_desk
    from pipeline.cli.running import progress_line
    from pipeline.run.loop import RunOptions, backfill, run_once

    _say(
        f"An IMAP server with {_count(place)} mails of seven invented clients answers on 127.0.0.1:{server.settings.port}."
    )
    desk = build_desk(_over_imap(place, server, own), clock)
    at_end(desk.close)
    if own is not None:
        _say("firmly doctor: one call to your endpoint, before it is relied on.")
        meet_endpoint(desk)
    _say("The ledger is read from invoices.csv.")
    _import_ledger(desk, place, clock())
    _say(f"firmly backfill --days {_HISTORY_DAYS}: what happened before is remembered, and not answered.")
    with progress_line() as progress:
        before = backfill(desk, _HISTORY_DAYS, progress)
    _figures(before.counts())
    _say("firmly run: what cron would call.")
    with progress_line() as progress:
        report = run_once(desk, RunOptions(), progress)
    _figures(report.counts())
    for sentence in report.troubles:
        typer.echo(f"  {safe(sentence)}")
    return desk, (before, report)


def _serve(place: Path, server: "DemoServer", now: datetime, own: "Config | None") -> None:
    """The first run, and then the page; the clock starts at the sample's moment and goes on from there."""
    from pipeline.cli.serving import serve_page

    started = time.monotonic()
    desk, reports = _first_run(place, server, own, lambda: now + timedelta(seconds=time.monotonic() - started))
    if own is not None:
        _say("What the endpoint did.")
        tell_endpoint(desk, reports, time.monotonic() - started)

    def say_link(link: str) -> None:
        _say("firmly serve: the queue as a page. Open this link in your browser:")
        typer.echo(
            f"\n    {link}\n\n  Open one of the replies to approve; a approves it, ? shows the keys. Ctrl-C here ends the demo."
        )

    serve_page(desk, say_link, banner=_BANNER)
    drafts = _headers_in_drafts(server)
    _say(f"What you approved lies in Drafts on the server: {len(drafts) or 'nothing'}.")
    for draft in drafts:
        typer.echo(safe(f"    {', '.join(address.email for address in draft.to)}: {draft.subject}"))


def _say(text: str) -> None:
    typer.echo(f"\n▸ {text}")


def _count(place: Path) -> int:
    return sum(1 for part in ("inbox", "sent") for _ in (place / "mailbox" / part).glob("*.eml"))


def _figures(counts: dict[str, int]) -> None:
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    typer.echo(f"  {said or 'nothing to do'}")


def _import_ledger(desk: "Desk", place: Path, now: datetime) -> None:
    from pipeline.invoices.importers import read_ledger
    from pipeline.run.bookkeeping import book_chases, book_ledger, compare_ledger, read_state

    path = place / "mailbox" / "invoices.csv"
    data = path.read_bytes()
    as_of, log = read_state((place / "mailbox" / "state.json").read_text("utf-8"))
    booking = compare_ledger(desk.db, read_ledger(data, file_name=path.name))
    written = book_ledger(desk.db, booking, data, source=path.name, now=now, as_of=as_of)
    letters = book_chases(desk.db, log)
    typer.echo(f"  {written} invoices, {letters} reminder that was sent before")


def _favourite(proposals: "tuple[Proposal, ...]") -> "Proposal":
    """A proposal worth showing whole."""
    ready = [p for p in proposals if not p.draft.blocked]
    for play in _FAVOURITES:
        for proposal in ready:
            if proposal.strategy.play == play and proposal.draft.language.startswith("en"):
                return proposal
    if not ready:
        raise UsageError("No proposal came out of this mailbox that could be shown.", fix="Look at firmly queue list.")
    return ready[0]


def _headers_in_drafts(server: "DemoServer") -> "list[Message]":
    """Fetched back from the server: what is shown here is what lies there."""
    from pipeline.mail.imap import ImapSource
    from pipeline.mail.ports import Role
    from pipeline.parse import parse_message

    with ImapSource(server.settings) as source:
        source.examine(Role.DRAFTS)
        uids = source.uids(Role.DRAFTS, after=0)
        return [parse_message(mail.header) for batch in source.listing(Role.DRAFTS, uids) for mail in batch]


def _show_draft(server: "DemoServer", proposal: "Proposal") -> None:
    found = next(m for m in _headers_in_drafts(server) if m.message_id == proposal.message_id)
    typer.echo(f"  Proposal p{proposal.id} is {proposal.status}: in Drafts on the server, as a reply in its thread.")
    typer.echo(f"    To:          {', '.join(address.email for address in found.to)}")
    typer.echo(f"    Subject:     {found.subject}")
    typer.echo(f"    In-Reply-To: {' '.join(found.in_reply_to)}")
    typer.echo(f"    References:  {' '.join(found.references)}")
    typer.echo(f"    SHA-256:     {proposal.approved_sha256}")
