"""A read ledger against what the owner has set up: whose invoices they are, and in which currencies."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from pipeline.domain.client import Client
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice
from pipeline.invoices.importers.result import LedgerRead, Problem


def match_clients(read: LedgerRead, clients: Sequence[Client], currencies: Collection[str] = ()) -> LedgerRead:
    """The read with every invoice's client filled in: by address, else by mail domain, else by the client's name.

    An invoice of nobody we know, or in a currency that is not among `currencies` (empty: any), becomes a problem.
    """
    good: list[tuple[Invoice, int]] = []
    problems = list(read.problems)
    for invoice, line in zip(read.invoices, read.lines, strict=True):
        client = _client_of(invoice, clients)
        if client is None:
            who = invoice.client_email or invoice.client_name or "nobody"
            fix = "Add the client, or one more address of theirs, and import again."
            problems.append(Problem(f"Invoice {invoice.number} is for {who}, no client of yours.", fix, line))
        elif currencies and invoice.total.currency not in currencies:
            fix = f"Correct the file, or add the currency to those you invoice in ({', '.join(sorted(currencies))})."
            problems.append(
                Problem(f"Invoice {invoice.number} is in {invoice.total.currency}, which you do not use.", fix, line),
            )
        else:
            good.append((replace(invoice, client_id=client), line))
    return replace(
        read,
        invoices=tuple(invoice for invoice, _ in good),
        lines=tuple(line for _, line in good),
        problems=tuple(problems),
    )


def _client_of(invoice: Invoice, clients: Sequence[Client]) -> ClientId | None:
    email, name = invoice.client_email.casefold(), invoice.client_name.casefold()
    domain = email.rpartition("@")[2]
    by_address = (c.id for c in clients if email and email in {e.casefold() for e in c.emails})
    by_domain = (c.id for c in clients if domain and domain in {d.casefold() for d in c.domains})
    by_name = (c.id for c in clients if name and name == c.name.casefold())
    return next((found for ids in (by_address, by_domain, by_name) for found in ids), None)
