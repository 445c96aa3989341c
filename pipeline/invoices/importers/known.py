"""A read ledger against what the owner has set up: whose invoices they are, and in which currencies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.client import Client
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice
from pipeline.invoices.importers.result import LedgerRead, Problem


def match_clients(read: LedgerRead, clients: Sequence[Client], currencies: Collection[str] = ()) -> LedgerRead:
    """The read with every invoice's client filled in: by address, else by mail domain, else by the client's name.

    An invoice of nobody we know, or in a currency that is not among `currencies` (empty: any), becomes a problem.
    """
    roster = _Roster.of(clients)
    good: list[tuple[Invoice, int]] = []
    problems = list(read.problems)
    for invoice, line in zip(read.invoices, read.lines, strict=True):
        client = roster.client_of(invoice)
        if client is None:
            who = invoice.client_email or invoice.client_name or "nobody"
            fix = "Add the client, or one more address of theirs, and import again."
            column = read.columns.get("client_email" if invoice.client_email else "client_name")
            problems.append(Problem(f"Invoice {invoice.number} is for {who}, no client of yours.", fix, line, column))
        elif currencies and invoice.total.currency not in currencies:
            used = read.columns.get("currency")
            fix = f"Correct the file, or add the currency to those you invoice in ({', '.join(sorted(currencies))})."
            problems.append(
                Problem(
                    f"Invoice {invoice.number} is in {invoice.total.currency}, which you do not use.", fix, line, used
                ),
            )
        else:
            good.append((replace(invoice, client_id=client), line))
    return replace(
        read,
        invoices=tuple(invoice for invoice, _ in good),
        lines=tuple(line for _, line in good),
        problems=tuple(sorted(problems, key=lambda problem: problem.line or 0)),
    )


@dataclass(frozen=True, slots=True)
class _Roster:
    """The clients by what an export may name them by; where two share it, the first one listed."""

    by_email: Mapping[str, ClientId]
    by_domain: Mapping[str, ClientId]
    by_name: Mapping[str, ClientId]

    @classmethod
    def of(cls, clients: Sequence[Client]) -> "_Roster":
        """The index of these clients."""
        backwards = clients[::-1]
        return cls(
            {email.casefold(): client.id for client in backwards for email in client.emails},
            {domain.casefold(): client.id for client in backwards for domain in client.domains},
            {client.name.casefold(): client.id for client in backwards},
        )

    def client_of(self, invoice: Invoice) -> ClientId | None:
        """Whose the invoice is: by address, else by mail domain, else by name."""
        email = invoice.client_email.casefold()
        found = self.by_email.get(email)
        if found is None and "@" in email:
            found = self.by_domain.get(email.rpartition("@")[2])
        if found is None and invoice.client_name:
            found = self.by_name.get(invoice.client_name.casefold())
        return found
