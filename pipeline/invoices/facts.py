"""The ledger's facts as a letter may state them."""

from collections.abc import Collection, Iterable
from datetime import date

from pipeline.domain.ladder import ClientLedger, Pause, Step
from pipeline.domain.ledger import Invoice, Money, totals_of
from pipeline.domain.strategy import InvoiceFact
from pipeline.invoices.claims import standing_claims, with_claims
from pipeline.invoices.pauses import chaseable


def facts_for(
    ledger: ClientLedger,
    today: date,
    numbers: Collection[str] | None = None,
    *,
    step: Step | None = None,
    confirmed_days: int = 0,
) -> tuple[tuple[InvoiceFact, ...], tuple[Money, ...]]:
    """The invoices with these numbers (None: all open ones), oldest due date first, and their totals per currency.

    `open` is what may be asked for now: a contested part is left out of it and of the totals, and the fact says
    `disputed`. `today` is a day on the client's calendar. A formal letter (L4) has interest and fixed sums too, as far
    as a person confirmed them within `confirmed_days`; the totals are without them.
    """
    chosen = [i for i in ledger.invoices if (i.number in numbers if numbers is not None else i.open.amount > 0)]
    facts = tuple(_fact(i, ledger.pauses, today) for i in sorted(chosen, key=lambda i: (i.due, i.number)))
    if step is Step.L4:
        facts = with_claims(facts, standing_claims(ledger.claim, ledger.client, facts, today, confirmed_days))
    return facts, totals_of(f.open for f in facts)


def _fact(invoice: Invoice, pauses: Iterable[Pause], today: date) -> InvoiceFact:
    claimed = chaseable(invoice, pauses)
    return InvoiceFact.of(invoice, today, claimed, disputed=claimed < invoice.open.amount)
