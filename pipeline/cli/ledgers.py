"""The ledger and the ladder as people read them in a terminal, and as programs read them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.common import one_line, safe
from pipeline.cli.tables import console
from pipeline.domain.ledger import Invoice, Money, Promise
from pipeline.invoices.ageing import age
from pipeline.invoices.plan import Planned
from pipeline.run.chasing import Chase

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf


def _money(money: Money) -> str:
    return f"{money.amount} {money.currency}"


def invoice_json(invoice: Invoice, today: date) -> dict[str, Any]:
    """An invoice for programs. Amounts are strings: decimals, never floats."""
    return {
        "number": invoice.number,
        "client": invoice.client_id,
        "client_email": invoice.client_email,
        "issued": invoice.issued.isoformat(),
        "due": invoice.due.isoformat(),
        "currency": invoice.total.currency,
        "total": str(invoice.total.amount),
        "paid": str(invoice.paid),
        "open": str(invoice.open.amount),
        "paid_on": invoice.paid_on.isoformat() if invoice.paid_on else None,
        "status": invoice.status,
        "days_overdue": max(0, invoice.days_overdue(today)) if invoice.open.amount > 0 else 0,
    }


def print_invoices(shelf: "Shelf", invoices: Sequence[Invoice], today: date, as_of: datetime | None) -> None:
    """Invoices, then the ageing table."""
    out = console()
    if not invoices:
        typer.echo("No invoices. firmly invoices import FILE brings them in.")
        return
    table = Table(expand=True)
    for column in ("Invoice", "Client", "Due", "Total", "Open", "Overdue", "Status"):
        table.add_column(column, justify="right" if column in {"Total", "Open", "Overdue"} else "left")
    from pipeline.store import clients

    with shelf.db.read() as tx:
        names = {client.id: client.name for client in clients.all_clients(tx)}
    for i in sorted(invoices, key=lambda i: (i.due, i.number)):
        late = i.days_overdue(today) if i.open.amount > 0 else 0
        who = names.get(i.client_id) if i.client_id is not None else None
        table.add_row(
            escape(safe(i.number)),
            escape(one_line(who or i.client_email or i.client_name, 28)),
            i.due.isoformat(),
            _money(i.total),
            _money(i.open),
            f"{late} d" if late > 0 else "",
            i.status,
        )
    out.print(table)
    ageing = Table(title="What is open, by days overdue", title_justify="left")
    for column in ("", "current", "1-30", "31-60", "61-90", "over 90", "in all"):
        ageing.add_column(column, justify="right")
    for row in age(invoices, today):
        cells = (row.current, row.days_1_30, row.days_31_60, row.days_61_90, row.over_90, row.total)
        ageing.add_row(row.currency, *map(str, cells))
    out.print(ageing)
    typer.echo(f"The ledger is of {as_of.isoformat(timespec='minutes')}." if as_of else "Nothing was ever imported.")


def promise_json(client: str, promise: Promise) -> dict[str, Any]:
    """A promise for programs."""
    return {
        "client": client,
        "message_id": promise.message_id,
        "date": promise.date.isoformat(),
        "status": promise.status,
        "invoices": list(promise.invoices),
        "amount": str(promise.amount) if promise.amount is not None else None,
        "currency": promise.currency,
        "quote": promise.quote,
    }


def print_promises(found: Sequence[tuple[str, Promise]]) -> None:
    """Promises, newest date last."""
    if not found:
        typer.echo("Nobody has promised to pay on a date.")
        return
    table = Table(expand=True)
    for column in ("Client", "By", "Status", "Words"):
        table.add_column(column, no_wrap=column in {"By", "Status"})
    for name, promise in sorted(found, key=lambda pair: pair[1].date):
        table.add_row(
            escape(one_line(name, 30)), promise.date.isoformat(), promise.status, escape(one_line(promise.quote, 120))
        )
    console().print(table)


def chase_json(chase: Chase) -> dict[str, Any]:
    """What the ladder says of a client, for programs."""
    state = chase.state
    return {
        "client": chase.ledger.client.id,
        "name": chase.ledger.client.name,
        "step": state.step or "none",
        "invoices": list(state.invoices),
        "due_on": state.due_on.isoformat() if state.due_on else None,
        "window_opens_at": state.window_opens_at.isoformat() if state.window_opens_at else None,
        "paused_reason": state.paused_reason,
        "because": list(state.because),
        "resume": list(state.resume),
        "pauses": [
            {"reason": p.reason, "invoice": p.invoice, "message_id": p.message_id, "since": p.since.isoformat()}
            for p in chase.ledger.pauses
        ],
    }


def print_chases(chases: Sequence[Chase]) -> None:
    """One block a client."""
    if not chases:
        typer.echo("No invoices, nothing to chase.")
    for chase in chases:
        state = chase.state
        says = f"{state.step} today" if state.step else f"nothing today ({state.paused_reason or 'nothing is due'})"
        typer.echo(f"{safe(chase.ledger.client.name)}: {says}")
        for reason in state.because:
            typer.echo(f"    {safe(reason)}")
        for pause in chase.ledger.pauses:
            about = f" of invoice {pause.invoice}" if pause.invoice else ""
            typer.echo(f"    {pause.reason}{about} since {pause.since:%Y-%m-%d}, by {safe(pause.message_id or 'hand')}")


def planned_json(planned: Planned) -> dict[str, Any]:
    """A coming letter for programs."""
    return {
        "day": planned.day.isoformat(),
        "client": planned.client,
        "step": planned.step,
        "invoices": list(planned.invoices),
        "totals": [{"currency": t.currency, "amount": str(t.amount)} for t in planned.totals],
    }


def print_plan(planned: Sequence[Planned]) -> None:
    """The coming letters as a calendar."""
    if not planned:
        typer.echo("No letter in these days, if everybody pays on time.")
        return
    table = Table(title="If nobody pays and every letter leaves on its day", title_justify="left", expand=True)
    for column in ("Day", "Client", "Step", "Invoices", "In all"):
        table.add_column(column, no_wrap=column in {"Day", "Step"})
    for p in planned:
        table.add_row(
            f"{p.day:%a %Y-%m-%d}",
            escape(one_line(p.client, 30)),
            p.step,
            escape(", ".join(p.invoices)),
            ", ".join(map(_money, p.totals)),
        )
    console().print(table)
