"""`firmly invoices …` and `firmly chase`: the ledger, and what the ladder says today."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import AsJson, ConfigPath, Now, Reviewer, desk_at, print_json, reviewer, safe, shelf_at
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf
    from pipeline.domain.ids import ClientId
    from pipeline.run.chases import Chase
    from pipeline.run.desk import Desk

invoices = typer.Typer(help="The ledger: import it, look at it, book payments.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    from pipeline.cli import handwork, importing

    importing.register(invoices)
    handwork.register(invoices)
    app.add_typer(invoices, name="invoices")
    app.command("chase")(chase)


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
    if came_in is not None and came_in <= 0:
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
