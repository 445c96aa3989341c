"""`firmly invoices …` and `firmly chase`: the ledger, and what the ladder says today."""

import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import AsJson, ConfigPath, Now, Reviewer, desk_at, print_json, reviewer, safe, shelf_at
from pipeline.errors import InputError, UsageError

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf
    from pipeline.domain.ids import ClientId
    from pipeline.domain.ledger import Invoice
    from pipeline.invoices.importers import Answers
    from pipeline.run.bookkeeping import Booking
    from pipeline.run.chases import Chase
    from pipeline.run.desk import Desk

invoices = typer.Typer(help="The ledger: import it, look at it, book payments.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    from pipeline.cli import handwork

    handwork.register(invoices)
    app.add_typer(invoices, name="invoices")
    app.command("chase")(chase)


@invoices.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="An export of your invoicing program, an e-invoice (UBL, CII), or a table of payments.", metavar="FILE"
        ),
    ],
    *,
    format_: Annotated[
        str | None, typer.Option("--format", help="Its format, where the header does not tell; also: payments.")
    ] = None,
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
    credit: Annotated[
        list[str] | None,
        typer.Option(
            help="A credit note and the invoice that it is taken off: CN-7=INV-3; CN-7= where the balances have it already.",
            metavar="NOTE=INVOICE",
        ),
    ] = None,
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help="Take the good rows though others of the file are wrong.")
    ] = False,
    accept_contradictions: Annotated[
        bool,
        typer.Option(
            "--accept-contradictions", help="The file is right and history is wrong: a paid invoice is open again."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    by: Reviewer = "",
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Bring the ledger up to date. Good rows are taken, bad ones are named with line and column; nothing is half-imported."""
    from pipeline.app import keep_clients
    from pipeline.invoices.dates import DateOrder
    from pipeline.invoices.importers import Answers, read_ledger
    from pipeline.invoices.payments import is_payments
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
        credits=_credits(credit or ()),
    )
    if format_ == "payments" or (format_ is None and mapping is None and is_payments(data)):
        _import_payments(shelf, file, data, answers, by=by, dry_run=dry_run, good_rows=good_rows, as_json=as_json)
        return
    layout = mapping.read_text("utf-8") if mapping else None
    read = read_ledger(data, file_name=file.name, format=format_, mapping=layout, answers=answers)
    booking = compare_ledger(shelf.db, read, shelf.config.invoices.currencies)
    written = 0
    allowed = booking.possible or (accept_contradictions and not booking.read.questions)
    good = len(booking.read.invoices)
    if not dry_run and allowed and good and _may_take(good, len(booking.read.problems), good_rows=good_rows):
        written = book_ledger(
            shelf.db, booking, data, source=file.name, now=shelf.clock(), even_contradictions=accept_contradictions
        )
    _tell(booking, written, as_json=as_json)
    if not allowed or booking.read.problems:
        taken = allowed and good and good_rows
        _offer(good, written, wanted=allowed and not dry_run)
        raise typer.Exit(65 if taken else 2)


def _credits(given: Sequence[str]) -> dict[str, str]:
    pairs = dict(one.split("=", 1) for one in given if "=" in one)
    if len(pairs) < len(given):
        raise UsageError("A credit note goes with its invoice.", fix="--credit CN-7=INV-3, or CN-7= for none.")
    return {note.strip(): invoice.strip() for note, invoice in pairs.items()}


def _may_take(good: int, wrong: int, *, good_rows: bool) -> bool:
    """Whether the good rows may be written though others are wrong: by the option, or by the answer on a terminal."""
    if not wrong or good_rows:
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return typer.confirm(f"{wrong} rows are wrong, {good} are good. Take the good ones?", default=False)


def _offer(good: int, written: int, *, wanted: bool) -> None:
    if wanted and good and not written:
        typer.echo("Nothing was written. --good-rows takes the good rows without the others.", err=True)


def _import_payments(
    shelf: "Shelf",
    file: Path,
    data: bytes,
    answers: "Answers",
    *,
    by: str,
    dry_run: bool,
    good_rows: bool,
    as_json: bool,
) -> None:
    from pipeline.cli.payments import payments_json, print_payments_diff
    from pipeline.invoices.payments import PaymentsDiff, read_payments
    from pipeline.run.bookkeeping import book_payments, compare_payments

    read = read_payments(data, answers)
    diff = PaymentsDiff(problems=list(read.problems)) if read.questions else compare_payments(shelf.db, read)
    good, taken = len(diff.added), False
    if not (read.questions or dry_run) and _may_take(good, len(diff.problems), good_rows=good_rows):
        diff = book_payments(shelf.db, read, data, source=file.name, actor=reviewer(by), now=shelf.clock())
        taken = True
    written = good if taken else 0
    if as_json:
        print_json("invoices.import", payments_json(diff, read, written))
    else:
        print_payments_diff(diff, read, written)
    if read.questions or diff.problems:
        _offer(good, written, wanted=not (read.questions or dry_run or taken))
        raise typer.Exit(65 if taken and (good or diff.known) else 2)


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


_OPTIONS = {"default_currency": "--currency", "credits": "--credit"}


def option_of(ask: str) -> str:
    """The option that answers a question about a file."""
    return _OPTIONS.get(ask, f"--{ask.replace('_', '-')}")


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
        typer.echo(f"  to be answered ({option_of(question.ask)}): {safe(question.message)}", err=True)
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
    """The invoices, how old what is open is, per currency, and how long each client takes to pay."""
    from pipeline.cli.ledgers import outstanding, print_invoices
    from pipeline.store import clients, ledger

    shelf = shelf_at(config, now)
    today = shelf.clock().astimezone(shelf.config.owner.hours().timezone).date()
    with shelf.db.read() as tx:
        every = ledger.invoices(tx, client_of(shelf, client))
        as_of = ledger.as_of(tx)
        names = {known.id: known.name for known in clients.all_clients(tx)}
    found = [i for i in every if i.open.amount > 0] if open_only else every
    waits = outstanding(every, names, today)
    if as_json:
        from pipeline.cli.ledgers import invoice_json
        from pipeline.invoices.ageing import age
        from pipeline.store.codec import plain

        ageing: Any = [plain(type(row), row) for row in age(found, today)]
        print_json(
            "invoices.list",
            {
                "as_of": as_of.isoformat() if as_of else None,
                "invoices": [invoice_json(i, today) for i in found],
                "ageing": ageing,
                "days_sales_outstanding": [
                    {"client": w.client_id, "name": w.name, "currency": w.currency, "days": str(w.days)} for w in waits
                ],
            },
        )
    else:
        print_invoices(found, names, waits, today, as_of)


def client_of(shelf: "Shelf | Desk", named: str | None) -> "ClientId | None":
    """The client of that number, address or part of a name; None for none named. Raises UsageError if it is not one."""
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
    by: Reviewer = "",
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
    if day > today:
        raise UsageError(f"{day} is still to come: a payment is booked once the money is there.")
    came_in = parse_amount(amount) if amount is not None else None
    if came_in is not None and came_in <= Decimal(0):
        raise UsageError("A payment is more than nothing.")
    owner, who = client_of(shelf, client), reviewer(by)
    after = pay_invoice(shelf.db, number, came_in, day, client_id=owner, now=shelf.clock(), actor=who)
    typer.echo(f"Invoice {safe(after.number)} is {after.status}: {after.open.amount} {after.open.currency} open.")


@invoices.command("payments")
def payments(
    *,
    client: Annotated[
        str | None, typer.Option(help="Only this client's: a number, an address or a part of the name.")
    ] = None,
    invoice: Annotated[str | None, typer.Option(help="Only those of this invoice.", metavar="NUMBER")] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """What was paid on which invoice, and where that is known from: a file, a hand, or the ledger's export alone."""
    from pipeline.cli.payments import payment_json, print_payments
    from pipeline.run.receipts import money_came_in
    from pipeline.store import clients, handwork, ledger

    shelf = shelf_at(config)
    with shelf.db.read() as tx:
        owner = client_of(shelf, client)
        booked = handwork.payments(tx, owner)
        every = ledger.invoices(tx, owner)
        names = {known.id: known.name for known in clients.all_clients(tx)}
    rows = [r for r in money_came_in(booked, every) if invoice is None or r.payment.invoice == invoice]
    if as_json:
        print_json("invoices.payments", {"payments": [payment_json(row, names) for row in rows]})
    else:
        print_payments(rows, names)


@invoices.command("promises")
def promises(*, config: ConfigPath = None, now: Now = None, as_json: AsJson = False) -> None:
    """Who promised to pay what by when, and what became of it."""
    from pipeline.cli.ledgers import print_promises, promise_json
    from pipeline.run.chases import promises_today

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
    from pipeline.run.chases import chases_today, coming

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
