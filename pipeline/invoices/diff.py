"""A new reading of the ledger against the one that is known: what is new, what changed, what cannot be true."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.ledger import Invoice, InvoiceStatus

_SHOWN = ("issued", "due", "total", "paid", "paid_on", "status", "client_email", "client_name")
_DONE = frozenset({InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF})


@dataclass(frozen=True, slots=True)
class Change:
    """An invoice that the file tells otherwise than the ledger."""

    old: Invoice
    new: Invoice
    fields: tuple[str, ...]
    """Names of the fields that differ."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A change that history does not allow: the owner decides."""

    change: Change
    message: str


@dataclass(frozen=True, slots=True)
class LedgerDiff:
    """What an import would do. An invoice that the file lacks is left as it is: exports are often a part."""

    added: tuple[Invoice, ...] = ()
    updated: tuple[Change, ...] = ()
    unchanged: tuple[Invoice, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


def compare(old: Iterable[Invoice], new: Sequence[Invoice], *, knows_payments: bool = True) -> LedgerDiff:
    """What importing `new` over `old` would change. Invoices are the same by number and client.

    Where the file has no payment state (`knows_payments` false, as for e-invoices), what is known of payments
    stands. Clients are the same by id, else by address, else by name. What is only known to the ledger (the client's
    id, the contested part) is kept.
    """
    known: dict[str, list[Invoice]] = {}
    for invoice in old:
        known.setdefault(invoice.number, []).append(invoice)
    added: list[Invoice] = []
    updated: list[Change] = []
    unchanged: list[Invoice] = []
    contradictions: list[Contradiction] = []
    for invoice in new:
        before = known.get(invoice.number, [])
        match = next((b for b in before if same_client(b, invoice)), None)
        if match is None and not before:
            added.append(invoice)
            continue
        base = match or before[0]
        merged = _merged(base, invoice, knows_payments=knows_payments)
        change = Change(base, merged, tuple(f for f in _SHOWN if getattr(base, f) != getattr(merged, f)))
        if match is None:
            contradictions.append(Contradiction(change, _other_client(base, invoice)))
        elif message := _contradiction(base, merged):
            contradictions.append(Contradiction(change, message))
        elif change.fields:
            updated.append(change)
        else:
            unchanged.append(base)
    return LedgerDiff(tuple(added), tuple(updated), tuple(unchanged), tuple(contradictions))


def same_client(one: Invoice, other: Invoice) -> bool:
    """Whether two rows are for the same client, by the best that both have: id, address, name."""
    if one.client_id is not None and other.client_id is not None:
        return one.client_id == other.client_id
    if one.client_email and other.client_email:
        return one.client_email.casefold() == other.client_email.casefold()
    return bool(one.client_name) and one.client_name.casefold() == other.client_name.casefold()


def _merged(old: Invoice, new: Invoice, *, knows_payments: bool) -> Invoice:
    """The new row, with what only the ledger knows."""
    merged = replace(
        new,
        client_id=new.client_id if new.client_id is not None else old.client_id,
        client_email=new.client_email or old.client_email,
        client_name=new.client_name or old.client_name,
        paid_on=new.paid_on or (old.paid_on if new.paid == old.paid else None),
        disputed_amount=new.disputed_amount or old.disputed_amount,
    )
    if knows_payments:
        return merged
    return replace(merged, paid=max(new.paid, old.paid), paid_on=old.paid_on, status=old.status)


def _other_client(old: Invoice, new: Invoice) -> str:
    was, now = (i.client_email or i.client_name or "nobody" for i in (old, new))
    return f"Invoice {new.number} was for {was} and is for {now} in the file."


def _contradiction(old: Invoice, new: Invoice) -> str | None:
    """What history does not allow. Sentences for the owner, the first that holds."""
    rules: tuple[tuple[Callable[[Invoice, Invoice], bool], str], ...] = (
        (lambda a, b: a.total.currency != b.total.currency, "its currency changed"),
        (lambda a, b: a.status in _DONE and b.open.amount > 0, f"it was {old.status} and is open again"),
        (lambda a, b: a.status is InvoiceStatus.PAID and a.total != b.total, "it is paid, and its total changed"),
        (lambda a, b: b.paid < a.paid, "less is paid than before"),
        (lambda a, b: a.issued != b.issued, "its date changed: reissued invoices have a new number"),
    )
    found = next((words for holds, words in rules if holds(old, new)), None)
    if found is None:
        return None
    return f"Invoice {new.number}: {found} ({_short(old)} before, {_short(new)} in the file)."


def _short(invoice: Invoice) -> str:
    return f"{invoice.total.amount} {invoice.total.currency}, {invoice.paid} paid, {invoice.status}"
