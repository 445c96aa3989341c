"""Interest and fixed sums as people read them before they confirm them, and as programs read them."""

from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.common import safe
from pipeline.cli.tables import console
from pipeline.domain.claims import Claim, ClaimBasis, ClaimSource
from pipeline.domain.ledger import Money, totals_of
from pipeline.invoices.claims import NoClaim
from pipeline.run.desk import Desk
from pipeline.run.handwork import Quote
from pipeline.store import clients


def _money(money: Money | None) -> str:
    return f"{money.amount} {money.currency}" if money else ""


def claim_json(desk: Desk, quote: Quote, confirmed_by: str | None) -> dict[str, Any]:
    """The figures for programs; `figures` is empty and `reason` says why where there are none."""
    claim = quote.claim
    if isinstance(claim, NoClaim):
        return {
            "client": quote.client_id,
            "name": _name(desk, quote),
            "reason": claim.reason,
            "basis": None,
            "until": None,
            "figures": [],
            "to_check": [],
            "confirmed_by": None,
        }
    basis = claim.basis
    return {
        "client": quote.client_id,
        "name": _name(desk, quote),
        "reason": None,
        "basis": {
            "source": basis.source,
            "title": basis.title,
            "jurisdiction": basis.jurisdiction,
            "as_of": basis.as_of.isoformat() if basis.as_of else None,
            "checked": basis.checked or None,
            "percent": str(basis.percent) if basis.percent is not None else None,
            "reference": basis.reference,
            "reference_percent": str(basis.reference_percent) if basis.reference_percent is not None else None,
            "reference_as_of": basis.reference_as_of.isoformat() if basis.reference_as_of else None,
        },
        "until": claim.until.isoformat(),
        "figures": [
            {
                "number": fact.number,
                "due": fact.due.isoformat(),
                "days": fact.days,
                "currency": fact.base.currency,
                "open": str(fact.base.amount),
                "interest": str(fact.interest.amount) if fact.interest else None,
                "fixed": str(fact.fixed.amount) if fact.fixed else None,
                "in_all": str(fact.in_all.amount),
            }
            for fact in claim.facts
        ],
        "to_check": list(quote.to_check),
        "confirmed_by": confirmed_by,
    }


def _name(desk: Desk, quote: Quote) -> str:
    with desk.db.read() as tx:
        client = clients.client(tx, quote.client_id)
    return client.name if client else ""


def print_quote(desk: Desk, quote: Quote, confirmed_by: str | None) -> None:
    """What it rests on, the figures, and what is left to do."""
    claim = quote.claim
    if isinstance(claim, NoClaim):
        typer.echo(f"{safe(claim.reason)} {safe(claim.fix)}".strip())
        return
    for line in _ground(claim.basis):
        typer.echo(safe(line))
    console().print(_table(claim, _name(desk, quote)))
    for sentence in quote.to_check:
        typer.echo(f"To be checked: {safe(sentence)}")
    if confirmed_by is not None:
        days = desk.playbook.claims.confirmed_days
        typer.echo(
            f"Confirmed by {safe(confirmed_by)}: the formal letter (L4) names these figures for {days} days, while the"
            " invoices stay as they are."
        )
        if claim.basis.source is ClaimSource.STATUTE and not desk.config.invoices.legal_words:
            typer.echo("The law itself is not named: [invoices] legal_words is off.")
    else:
        typer.echo("No letter names any of this. If it is right, say so: the same command with --confirm.")


def _ground(basis: ClaimBasis) -> list[str]:
    if basis.source is ClaimSource.CONTRACT:
        rate = f", {basis.percent.normalize():f}% a year" if basis.percent is not None else ""
        return [f"From the contract: {basis.title}{rate}."]
    lines = [
        f"{basis.title} ({basis.jurisdiction}), as of {basis.as_of}, read in: {basis.checked}. A fact of that day, no advice."
    ]
    if basis.note:
        lines.append(basis.note)
    if basis.percent is not None:
        lines.append(
            f"{basis.percent}% a year: the {basis.reference}, {basis.reference_percent}% since {basis.reference_as_of}, and the"
            " points of the law."
        )
    elif basis.reference is not None:
        lines.append(f"No interest: it needs the {basis.reference}. --rate 1.27 --rate-as-of 2026-07-01")
    return lines


def _table(claim: Claim, name: str) -> Table:
    table = Table(title=f"{escape(safe(name))}: late payment up to and with {claim.until}", title_justify="left")
    for column in ("Invoice", "Due", "Open", "Days late", "Interest", "Fixed sum", "In all"):
        table.add_column(column, justify="left" if column in {"Invoice", "Due"} else "right")
    for fact in claim.facts:
        table.add_row(
            escape(safe(fact.number)),
            fact.due.isoformat(),
            _money(fact.base),
            str(fact.days),
            _money(fact.interest),
            _money(fact.fixed),
            _money(fact.in_all),
        )
    table.add_section()
    for total in totals_of(fact.in_all for fact in claim.facts):
        table.add_row("in all", "", "", "", "", "", _money(total))
    return table
