"""The ledger and the ladder as people read them in a terminal, and as programs read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.common import one_line, safe
from pipeline.cli.tables import console
from pipeline.domain.ids import ClientId, MailId
from pipeline.domain.ladder import Pause, Step
from pipeline.domain.ledger import Invoice, Money, Promise, PromiseStatus
from pipeline.invoices.ageing import age, days_sales_outstanding
from pipeline.invoices.plan import Planned, in_weeks
from pipeline.run.chases import Chase
from pipeline.store.handwork import LedgerEvent


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


@dataclass(frozen=True, slots=True)
class Outstanding:
    """How long a client takes to pay in one currency."""

    client_id: ClientId | None
    name: str
    currency: str
    days: Decimal


def outstanding(
    invoices: Sequence[Invoice], names: Mapping[ClientId, str], today: date, period_days: int = 365
) -> list[Outstanding]:
    """Days sales outstanding, a line for each client and currency with sales in the period; the slowest first."""
    by_client: dict[tuple[ClientId | None, str], list[Invoice]] = {}
    for invoice in invoices:
        by_client.setdefault((invoice.client_id, _who(invoice, names)), []).append(invoice)
    found = [
        Outstanding(client_id, name, currency, days)
        for (client_id, name), theirs in by_client.items()
        for currency, days in days_sales_outstanding(theirs, today, period_days).items()
    ]
    return sorted(found, key=lambda o: (-o.days, o.name, o.currency))


def _who(invoice: Invoice, names: Mapping[ClientId, str]) -> str:
    known = names.get(invoice.client_id) if invoice.client_id is not None else None
    return known or invoice.client_email or invoice.client_name


def print_invoices(
    invoices: Sequence[Invoice],
    names: Mapping[ClientId, str],
    waits: Sequence[Outstanding],
    today: date,
    as_of: datetime | None,
) -> None:
    """Invoices, then the ageing table, then how long each client takes."""
    out = console()
    if not invoices:
        typer.echo("No invoices. firmly invoices import FILE brings them in.")
        return
    table = Table(expand=True)
    for column in ("Invoice", "Client", "Due", "Total", "Open", "Overdue", "Status"):
        table.add_column(column, justify="right" if column in {"Total", "Open", "Overdue"} else "left")
    for i in sorted(invoices, key=lambda i: (i.due, i.number)):
        late = i.days_overdue(today) if i.open.amount > 0 else 0
        table.add_row(
            escape(safe(i.number)),
            escape(one_line(_who(i, names), 28)),
            i.due.isoformat(),
            _money(i.total),
            _money(i.open) if i.open.amount else "",
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
    _print_outstanding(waits)
    typer.echo(f"The ledger is of {as_of.isoformat(timespec='minutes')}." if as_of else "Nothing was ever imported.")


def _print_outstanding(waits: Sequence[Outstanding]) -> None:
    if not waits:
        return
    table = Table(title="Days sales outstanding", title_justify="left")
    for column in ("Client", "", "Days"):
        table.add_column(column, justify="right" if column == "Days" else "left")
    for one in waits:
        table.add_row(escape(one_line(one.name, 40)), one.currency, str(one.days))
    console().print(table)


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
    state, claim = chase.state, chase.ledger.claim
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
            {
                "reason": pause.reason,
                "invoice": pause.invoice,
                "amount": str(pause.amount) if pause.amount is not None else None,
                "mail": pause.mail_id,
                "message_id": pause.message_id,
                "since": pause.since.isoformat(),
                "until": until.isoformat() if until else None,
            }
            for pause, until in chase.pauses
        ],
        "promises": [
            {**promise_json(chase.ledger.client.name, promise), "mail": mail_id} for promise, mail_id in chase.promises
        ],
        "claim": {"until": claim.claim.until.isoformat(), "by": claim.by, "title": claim.claim.basis.title}
        if claim
        else None,
        "said": [
            {
                "at": event.at.isoformat(),
                "by": event.actor,
                "what": event.event,
                "invoice": event.invoice or None,
                "mail": event.mail_id,
                "note": event.note,
            }
            for event in chase.events
        ],
    }


def print_chases(chases: Sequence[Chase]) -> None:
    """One block a client."""
    if not chases:
        typer.echo("No invoices, nothing to chase.")
    for chase in chases:
        state = chase.state
        if state.resume:
            says = f"work can resume, {', '.join(state.resume)} paid"
        else:
            says = f"{state.step} today" if state.step else f"nothing today ({state.paused_reason or 'nothing is due'})"
        typer.echo(f"{safe(chase.ledger.client.name)}: {safe(says)}")
        for reason in state.because:
            typer.echo(f"    {safe(reason)}")
        for pause, until in chase.pauses:
            typer.echo(f"    {safe(_pause_in_words(chase, pause, until))}")
        for promise, mail_id in chase.promises:
            if promise.status is PromiseStatus.OPEN:
                typer.echo(f"    {safe(_promise_in_words(promise, mail_id))}")
        for event in chase.events:
            typer.echo(f"    {safe(_event_in_words(event))}")


def _pause_in_words(chase: Chase, pause: Pause, until: date | None) -> str:
    """`dispute about 200.00 EUR of invoice A-1 since 2026-11-10, by m17; firmly invoices lift m17 once it is settled`."""
    invoice = next((i for i in chase.ledger.invoices if i.number == pause.invoice), None)
    part = f" about {pause.amount} {invoice.total.currency}" if pause.amount is not None and invoice else ""
    about = f"{part} of invoice {pause.invoice}" if pause.invoice else " of every invoice"
    end = f" until {until}" if until else ""
    mail = (
        f"m{pause.mail_id} {pause.message_id or ''}".strip()
        if pause.mail_id is not None
        else pause.message_id or "hand"
    )
    lift = f"; firmly invoices lift m{pause.mail_id} once it is settled" if pause.mail_id is not None else ""
    return f"{pause.reason}{about} since {pause.since:%Y-%m-%d}{end}, by {mail}{lift}"


def _promise_in_words(promise: Promise, mail_id: MailId | None) -> str:
    """`promise to pay invoice A-1 on 2026-11-20, made 2026-11-16, by m17 <…>; firmly invoices lift m17 once it is settled`."""
    what = f"invoice {', '.join(promise.invoices)}" if promise.invoices else "what is open"
    said = f"promise to pay {what} on {promise.date}, made {promise.made_at:%Y-%m-%d}, by "
    if mail_id is None:
        return f"{said}{promise.message_id}"
    return f"{said}m{mail_id} {promise.message_id}; firmly invoices lift m{mail_id} once it is settled"


def _event_in_words(event: LedgerEvent) -> str:
    about = f" {event.invoice}" if event.invoice else f" m{event.mail_id}" if event.mail_id is not None else ""
    note = f" ({event.note})" if event.note else ""
    return f"{event.at:%Y-%m-%d}: {event.actor}: {event.event}{about}{note}"


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
    for week in in_weeks(planned, planned[0].day, days=1):
        letters = [p for day in week for p in day.planned]
        for p in letters:
            table.add_row(
                f"{p.day:%a %Y-%m-%d}{f'  week {p.day.isocalendar().week}' if p is letters[0] else ''}",
                escape(one_line(p.client, 30)),
                "L5, yours" if p.step is Step.L5 else p.step,
                escape(", ".join(p.invoices)),
                ", ".join(map(_money, p.totals)),
            )
        if letters:
            table.add_section()
    console().print(table)
