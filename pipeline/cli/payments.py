"""Payments as people read them in a terminal, and as programs read them."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.common import one_line, safe
from pipeline.cli.importing import option_of
from pipeline.cli.tables import console
from pipeline.domain.ids import ClientId
from pipeline.invoices.payments import PaymentsDiff, PaymentsRead
from pipeline.run.receipts import CameIn


def payment_json(row: CameIn, names: Mapping[ClientId, str]) -> dict[str, Any]:
    """A payment for programs. Amounts are strings: decimals, never floats."""
    return {
        "invoice": row.payment.invoice,
        "client": row.client_id,
        "name": names.get(row.client_id) if row.client_id is not None else None,
        "amount": str(row.payment.amount),
        "currency": row.payment.currency,
        "received_on": row.payment.received_on.isoformat() if row.payment.received_on else None,
        "source": row.source,
        "by": row.by or None,
    }


def print_payments(rows: Sequence[CameIn], names: Mapping[ClientId, str]) -> None:
    """One line a payment."""
    if not rows:
        typer.echo("No payments. firmly invoices import FILE and firmly invoices pay NUMBER book them.")
        return
    table = Table(expand=True)
    for column in ("Invoice", "Client", "Amount", "Received", "From", "By"):
        table.add_column(column, justify="right" if column == "Amount" else "left")
    for row in rows:
        table.add_row(
            escape(safe(row.payment.invoice)),
            escape(one_line(names.get(row.client_id, "") if row.client_id is not None else "", 28)),
            f"{row.payment.amount} {row.payment.currency}",
            row.payment.received_on.isoformat() if row.payment.received_on else "not said",
            escape(one_line(row.source, 40)),
            escape(one_line(row.by, 20)),
        )
    console().print(table)


def payments_json(diff: PaymentsDiff, read: PaymentsRead, written: int, offered: int) -> dict[str, Any]:
    """What a file of payments did, in the form of every import."""
    return {
        "format": "payments",
        "written": written,
        "offered": offered,
        "added": [f"{payment.invoice}: {payment.amount} {payment.currency}" for _, payment in diff.added],
        "updated": [{"number": c.new.number, "fields": list(c.fields)} for c in diff.updated.values()],
        "unchanged": [f"{payment.invoice}: {payment.amount}" for payment in diff.known],
        "contradictions": [],
        "problems": [{"line": p.line, "column": p.column, "message": p.message, "fix": p.fix} for p in diff.problems],
        "questions": [{"ask": q.ask, "message": q.message, "options": list(q.options)} for q in read.questions],
    }


def print_payments_diff(diff: PaymentsDiff, read: PaymentsRead, written: int) -> None:
    """What a file of payments did, or would do."""
    typer.echo(f"payments: {len(diff.added)} new, {len(diff.known)} known; {written} written.")
    for change in diff.updated.values():
        old, new = change.old, change.new
        if (old.paid, old.status) == (new.paid, new.status):
            continue
        typer.echo(
            f"  {safe(new.number)}: paid {old.paid} → {new.paid} {new.total.currency}, {old.status} → {new.status}"
        )
    for payment in diff.explained:
        typer.echo(f"  {safe(payment.invoice)}: {payment.amount} is a part of what the ledger already had as paid")
    for question in read.questions:
        typer.echo(f"  to be answered ({option_of(question.ask)}): {safe(question.message)}", err=True)
    for problem in diff.problems:
        typer.echo(f"  {safe(problem)}", err=True)
