"""`firmly invoices …` and `firmly chase`: the ledger, and what the ladder says today."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import AsJson, ConfigPath, Now, desk_at, print_json, safe, shelf_at
from pipeline.errors import InputError, UsageError

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf
    from pipeline.domain.ids import ClientId
    from pipeline.domain.ledger import Invoice
    from pipeline.run.bookkeeping import Booking
    from pipeline.run.chasing import Chase

invoices = typer.Typer(help="The ledger: import it, look at it, book payments.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(invoices, name="invoices")
    app.command("chase")(chase)


@invoices.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="An export of your invoicing program, or an e-invoice (UBL, CII).", metavar="FILE")
    ],
    *,
    format_: Annotated[str | None, typer.Option("--format", help="Its format, where the header does not tell.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Your own layout: a TOML file that says which column is what.")
    ] = None,
    date_order: Annotated[str | None, typer.Option(help="dmy or mdy, where 03/04/2026 could be both.")] = None,
    decimal: Annotated[str | None, typer.Option(help="The decimal mark, where 1.234 could be both: . or ,")] = None,
    currency: Annotated[str | None, typer.Option(help="For files that name none: EUR.")] = None,
    terms_days: Annotated[
        int | None, typer.Option(help="Payable within so many days, for invoices without a due date.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Where the bytes do not tell: cp1252, utf-16.")] = None,
    accept_contradictions: Annotated[
        bool,
        typer.Option(
            "--accept-contradictions", help="The file is right and history is wrong: a paid invoice is open again."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Bring the ledger up to date. Good rows are taken, bad ones are named with line and column; nothing is half-imported."""
    from pipeline.app import keep_clients
    from pipeline.invoices.dates import DateOrder
    from pipeline.invoices.importers import Answers, read_ledger
    from pipeline.run.bookkeeping import book_ledger, compare_ledger

    shelf = shelf_at(config, now)
    keep_clients(shelf.db, shelf.config, shelf.clock)
    data = _bytes_of(file)
    if date_order is not None and date_order not in set(DateOrder):
        raise UsageError(f"There is no date order {date_order!r}.", fix=f"There are {', '.join(DateOrder)}.")
    answers = Answers(
        date_order=DateOrder(date_order) if date_order else None,
        decimal=decimal,
        default_currency=currency,
        terms_days=terms_days,
        encoding=encoding,
    )
    layout = mapping.read_text("utf-8") if mapping else None
    read = read_ledger(data, file_name=file.name, format=format_, mapping=layout, answers=answers)
    booking = compare_ledger(shelf.db, read, shelf.config.invoices.currencies)
    written = 0
    if (
        not dry_run
        and (booking.possible or (accept_contradictions and not booking.read.questions))
        and booking.read.invoices
    ):
        written = book_ledger(
            shelf.db, booking, data, source=file.name, now=shelf.clock(), even_contradictions=accept_contradictions
        )
    _tell(booking, written, as_json=as_json)
    refused = booking.read.questions or (booking.diff.contradictions and not accept_contradictions)
    if refused or booking.read.problems:
        raise typer.Exit(2 if refused or not booking.read.invoices else 65)


def _bytes_of(file: Path) -> bytes:
    from pipeline.invoices.importers import MAX_BYTES

    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"{file} has {size:,} bytes, more than an export has ({MAX_BYTES:,}).",
                fix="Export a shorter period, or only open invoices.",
            )
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def _tell(booking: "Booking", written: int, *, as_json: bool) -> None:
    diff, read = booking.diff, booking.read
    if as_json:
        print_json(
            "invoices.import",
            {
                "format": read.format,
                "written": written,
                "added": [i.number for i in diff.added],
                "updated": [{"number": c.new.number, "fields": list(c.fields)} for c in diff.updated],
                "unchanged": [i.number for i in diff.unchanged],
                "contradictions": [c.message for c in diff.contradictions],
                "problems": [
                    {"line": p.line, "column": p.column, "message": p.message, "fix": p.fix} for p in read.problems
                ],
                "questions": [{"ask": q.ask, "message": q.message, "options": list(q.options)} for q in read.questions],
            },
        )
        return
    typer.echo(
        f"{read.format}: {len(diff.added)} new, {len(diff.updated)} changed, {len(diff.unchanged)} as they were; {written} written."
    )
    for change in diff.updated:
        for name in change.fields:
            typer.echo(
                f"  {safe(change.new.number)}: {name} {safe(_shown(change.old, name))} → {safe(_shown(change.new, name))}"
            )
    for contradiction in diff.contradictions:
        typer.echo(f"  contradicts what is known: {safe(contradiction.message)}", err=True)
    for question in read.questions:
        typer.echo(f"  to be answered (--{question.ask.value.replace('_', '-')}): {safe(question.message)}", err=True)
    for problem in read.problems:
        typer.echo(f"  {safe(problem)}", err=True)


def _shown(invoice: "Invoice", name: str) -> str:
    value = getattr(invoice, name)
    return f"{value.amount} {value.currency}" if name == "total" else str(value)


@invoices.command("list")
def list_(
    *,
    client: Annotated[
        str | None, typer.Option(help="Only this client's: a number, an address or a part of the name.")
    ] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is still owed.")] = False,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """The invoices, and how old what is open is, per currency."""
    from pipeline.cli.ledgers import invoice_json, print_invoices
    from pipeline.store import ledger

    shelf = shelf_at(config, now)
    today = shelf.clock().astimezone(shelf.config.owner.hours().timezone).date()
    with shelf.db.read() as tx:
        found = ledger.invoices(tx, _client(shelf, client))
        as_of = ledger.as_of(tx)
    if open_only:
        found = [i for i in found if i.open.amount > 0]
    if as_json:
        from pipeline.invoices.ageing import age
        from pipeline.store.codec import plain

        ageing: Any = [plain(type(row), row) for row in age(found, today)]
        print_json(
            "invoices.list",
            {
                "as_of": as_of.isoformat() if as_of else None,
                "invoices": [invoice_json(i, today) for i in found],
                "ageing": ageing,
            },
        )
    else:
        print_invoices(shelf, found, today, as_of)


def _client(shelf: "Shelf", named: str | None) -> "ClientId | None":
    from pipeline.store import clients

    if named is None:
        return None
    with shelf.db.read() as tx:
        found = clients.find(tx, named)
    if len(found) != 1:
        many = "several clients" if found else "no client"
        raise UsageError(f"{named!r} means {many}.", fix="firmly clients list shows them with their numbers.")
    return found[0]


@invoices.command("pay")
def pay(
    number: Annotated[str, typer.Argument(help="The invoice's number.", metavar="NUMBER")],
    *,
    amount: Annotated[str | None, typer.Option(help="What came in; everything that is open, if not given.")] = None,
    on: Annotated[
        str | None, typer.Option(help="The day it came in (ISO); today, if not given.", metavar="DATE")
    ] = None,
    client: Annotated[str | None, typer.Option(help="Whose, where several clients have this number.")] = None,
    config: ConfigPath = None,
    now: Now = None,
) -> None:
    """Book a payment by hand."""
    from pipeline.invoices.money import parse_amount
    from pipeline.run.bookkeeping import pay_invoice

    shelf = shelf_at(config, now)
    today = shelf.clock().astimezone(shelf.config.owner.hours().timezone).date()
    try:
        day = date.fromisoformat(on) if on else today
    except ValueError:
        raise UsageError(f"{on!r} is no day.", fix="Write it as 2026-11-17.") from None
    came_in = parse_amount(amount) if amount is not None else None
    if came_in is not None and came_in <= Decimal(0):
        raise UsageError("A payment is more than nothing.")
    after = pay_invoice(shelf.db, number, came_in, day, client_id=_client(shelf, client), now=shelf.clock())
    typer.echo(f"Invoice {safe(after.number)} is {after.status}: {after.open.amount} {after.open.currency} open.")


@invoices.command("promises")
def promises(*, config: ConfigPath = None, now: Now = None, as_json: AsJson = False) -> None:
    """Who promised to pay what by when, and what became of it."""
    from pipeline.cli.ledgers import print_promises, promise_json
    from pipeline.run.chasing import promises_today

    desk = desk_at(config, now)
    found = promises_today(desk)
    if as_json:
        print_json("invoices.promises", {"promises": [promise_json(name, promise) for name, promise in found]})
    else:
        print_promises(found)


def chase(
    *,
    plan: Annotated[str | None, typer.Option(help="The coming days as a calendar: 30d.", metavar="DAYS")] = None,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """What the ladder says of each client today, and why; also what is paused, and by which mail. Nothing is sent."""
    from pipeline.cli.ledgers import chase_json, planned_json, print_chases, print_plan
    from pipeline.run.chasing import chases_today, coming

    desk = desk_at(config, now)
    if plan is not None:
        days = plan.removesuffix("d")
        if not days.isdigit() or not 0 < int(days) <= 366:
            raise UsageError(f"{plan!r} is no number of days.", fix="Write it as 30d.")
        ahead = coming(desk, int(days))
        if as_json:
            print_json("chase.plan", {"plan": [planned_json(p) for p in ahead]})
        else:
            print_plan(ahead)
        return
    today: list[Chase] = chases_today(desk)
    if as_json:
        print_json("chase", {"clients": [chase_json(c) for c in today]})
    else:
        print_chases(today)
