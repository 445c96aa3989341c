"""`firmly invoices import`: an export, an e-invoice or a table of payments into the ledger."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import AsJson, ConfigPath, Now, Reviewer, print_json, reviewer, safe, shelf_at
from pipeline.errors import InputError, UsageError

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf
    from pipeline.domain.ledger import Invoice
    from pipeline.invoices.importers import Answers
    from pipeline.run.bookkeeping import Booking


def register(invoices: typer.Typer) -> None:
    """Add the command to `firmly invoices`."""
    invoices.command("import")(import_)


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
    layout = _layout_of(mapping) if mapping else None
    read = read_ledger(data, file_name=file.name, format=format_, mapping=layout, answers=answers)
    booking = compare_ledger(shelf.db, read, shelf.config.invoices.currencies)
    allowed = booking.possible or (accept_contradictions and not booking.read.questions)
    good, wrong = len(booking.read.invoices), len(booking.read.problems)
    written = 0
    taken = not dry_run and allowed and good > 0 and _may_take(good, wrong, good_rows=good_rows)
    if taken:
        written = book_ledger(
            shelf.db, booking, data, source=file.name, now=shelf.clock(), even_contradictions=accept_contradictions
        )
    _tell(booking, written, good if allowed and wrong and not (taken or dry_run) else 0, as_json=as_json)
    if wrong or not allowed:
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


def _offer(offered: int) -> None:
    if offered:
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
    offered = 0 if read.questions or dry_run or taken else good
    if as_json:
        print_json("invoices.import", payments_json(diff, read, written, offered))
    else:
        print_payments_diff(diff, read, written)
        _offer(offered)
    if read.questions or diff.problems:
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


def _layout_of(mapping: Path) -> str:
    try:
        return mapping.read_text("utf-8")
    except OSError as error:
        raise InputError(f"The mapping {mapping} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"The mapping {mapping} is no UTF-8.", fix="Save it as UTF-8.") from None


_OPTIONS = {"default_currency": "--currency", "credits": "--credit"}


def option_of(ask: str) -> str:
    """The option that answers a question about a file."""
    return _OPTIONS.get(ask, f"--{ask.replace('_', '-')}")


def _tell(booking: "Booking", written: int, offered: int, *, as_json: bool) -> None:
    from pipeline.invoices.importers import UNKNOWN

    diff, read = booking.diff, booking.read
    if as_json:
        print_json(
            "invoices.import",
            {
                "format": read.format,
                "written": written,
                "offered": offered,
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
    if (
        read.format != UNKNOWN
    ):  # nothing was read of a file of no known format: the problems below are all there is to say
        typer.echo(
            f"{read.format}: {len(diff.added)} new, {len(diff.updated)} changed, {len(diff.unchanged)} as they were;"
            f" {written} written."
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
    _offer(offered)


def _shown(invoice: "Invoice", name: str) -> str:
    value = getattr(invoice, name)
    return f"{value.amount} {value.currency}" if name == "total" else str(value)
