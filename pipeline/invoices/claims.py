"""Interest and fixed sums for late payment: from the contract, else from the statute, and only with what each needs.

Nothing here is named to anybody before a person confirmed the very figures, and only a formal letter (L4) names them.
The contract goes before the statute; consumers and unknown jurisdictions get neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pipeline.domain.claims import Claim, ClaimBasis, ClaimFact, ClaimSource, ConfirmedClaim
from pipeline.domain.client import Client
from pipeline.domain.ledger import Money, totals_of
from pipeline.domain.strategy import InvoiceFact
from pipeline.invoices.law import LawFact, ReferenceRate
from pipeline.invoices.money import to_places

_YEAR = 365


@dataclass(frozen=True, slots=True)
class NoClaim:
    """Why nothing can be asked for on top, and what would have to be said first."""

    reason: str
    fix: str = ""


def basis_of(client: Client, law: Sequence[LawFact], rate: ReferenceRate | None = None) -> ClaimBasis | NoClaim:
    """What a claim on this client may rest on."""
    if not client.business:
        return NoClaim(
            f"{client.name} is not marked as a business, and consumers are asked for nothing on top.",
            "If they are one, write business = true into the client file.",
        )
    if client.late_terms is not None:
        return ClaimBasis(ClaimSource.CONTRACT, client.late_fee or "", client.late_terms.percent_a_year)
    if client.late_fee is not None:
        return NoClaim(
            f"The contract with {client.name} names a late fee in words ({client.late_fee}); it goes before any law.",
            'Give it in figures to have it worked out: late_fee = { percent = 1, per = "month" } or { fixed = 40, currency = "EUR" }.',
        )
    if client.jurisdiction is None:
        return NoClaim(
            f"Nobody has said whose law applies to {client.name}.",
            'Write jurisdiction = "DE" or the like into the client file, after checking that it does.',
        )
    entry = next((fact for fact in law if fact.jurisdiction == client.jurisdiction), None)
    if entry is None or not entry.b2b:
        known = ", ".join(fact.jurisdiction for fact in law if fact.b2b)
        return NoClaim(
            f"law.toml says nothing about {client.jurisdiction}.",
            f"It has {known}. Add an entry of your own (firmly prompts edit law.toml), with its source and day.",
        )
    known_rate = rate if entry.points is not None else None
    return ClaimBasis(
        source=ClaimSource.STATUTE,
        title=entry.title,
        percent=None if known_rate is None or entry.points is None else known_rate.percent + entry.points,
        jurisdiction=entry.jurisdiction,
        as_of=entry.as_of,
        checked=entry.checked,
        note=entry.note,
        reference=entry.reference,
        reference_percent=known_rate.percent if known_rate else None,
        reference_as_of=known_rate.as_of if known_rate else None,
    )


def work_out(
    client: Client, basis: ClaimBasis, facts: Sequence[InvoiceFact], law: Sequence[LawFact], until: date
) -> Claim | NoClaim:
    """The figures for these invoices up to and with the day `until`.

    Interest is simple, on the uncontested balance, from the day after the due date, over 365 days, rounded to the
    currency. A fixed sum is named only in the currency of the invoice. A contested invoice, and one that is not late,
    gets neither.
    """
    late = [fact for fact in facts if fact.due < until and not fact.disputed and fact.open.amount > 0]
    if not late:
        return NoClaim(f"{client.name} has no late invoice that nobody contests.")
    found = (_worked_out(fact, basis, _fixed(fact, client, basis, law), until) for fact in late)
    claims = tuple(claim for claim in found if claim.interest or claim.fixed)
    if not claims:
        why = (
            "the reference rate is not known"
            if basis.reference and basis.percent is None
            else "there is nothing to ask"
        )
        return NoClaim(
            f"{basis.title}: {why}, and no fixed sum is in the invoices' currency.",
            "Enter the rate with its day: --rate 1.27 --rate-as-of 2026-07-01." if basis.reference else "",
        )
    return Claim(basis, until, claims)


def to_check(basis: ClaimBasis, today: date, *, law_days: int, rate_days: int) -> tuple[str, ...]:
    """What a claim rests on and was not looked at for too long: sentences for the person who is to confirm it."""
    found = []
    if basis.as_of is not None and (today - basis.as_of).days > law_days:
        found.append(f"law.toml speaks of {basis.title} as of {basis.as_of}, more than {law_days} days ago.")
    if basis.reference_as_of is not None and (today - basis.reference_as_of).days > rate_days:
        found.append(f"The {basis.reference} is of {basis.reference_as_of}, more than {rate_days} days ago.")
    return tuple(found)


def standing_claims(
    confirmed: ConfirmedClaim | None, client: Client, facts: Sequence[InvoiceFact], today: date, confirmed_days: int
) -> dict[str, ClaimFact]:
    """The confirmed figures that still hold, by invoice number.

    A part payment, a new due date or a dispute undoes those of its invoice; a contract or a mark that changed, or too
    many days, undo all: nobody confirmed what would have to stand there now.
    """
    if confirmed is None or today - confirmed.claim.until > timedelta(days=confirmed_days):
        return {}
    basis = confirmed.claim.basis
    if not client.business or not _same_ground(basis, client):
        return {}
    by_number = {claim.number: claim for claim in confirmed.claim.facts}
    return {
        fact.number: claim
        for fact in facts
        if (claim := by_number.get(fact.number))
        and (claim.base, claim.due) == (fact.open, fact.due)
        and not fact.disputed
    }


def with_claims(facts: Sequence[InvoiceFact], claims: dict[str, ClaimFact]) -> tuple[InvoiceFact, ...]:
    """The same invoices with what a person confirmed on top."""
    return tuple(replace(fact, claim=claims.get(fact.number)) for fact in facts)


def claimed_totals(facts: Sequence[InvoiceFact]) -> tuple[Money, ...]:
    """What is asked for in all, one sum per currency; empty where nothing comes on top of the invoices."""
    if not any(fact.claim for fact in facts):
        return ()
    return totals_of(fact.claim.in_all if fact.claim else fact.open for fact in facts)


def _same_ground(basis: ClaimBasis, client: Client) -> bool:
    if basis.source is ClaimSource.CONTRACT:
        terms = client.late_terms
        return terms is not None and (client.late_fee, terms.percent_a_year) == (basis.title, basis.percent)
    return client.late_fee is None and client.jurisdiction == basis.jurisdiction


def _fixed(fact: InvoiceFact, client: Client, basis: ClaimBasis, law: Sequence[LawFact]) -> Money | None:
    currency = fact.total.currency
    if basis.source is ClaimSource.CONTRACT:
        fixed = client.late_terms.fixed if client.late_terms else None
        return fixed if fixed is not None and fixed.currency == currency else None
    entry = next(entry for entry in law if entry.jurisdiction == basis.jurisdiction)
    sums = (s for s in entry.fixed if s.currency == currency and (s.below is None or fact.total.amount < s.below))
    found = next(sums, None)
    return None if found is None else Money(currency, to_places(found.amount, currency))


def _worked_out(fact: InvoiceFact, basis: ClaimBasis, fixed: Money | None, until: date) -> ClaimFact:
    days = (until - fact.due).days
    interest = None
    if basis.percent is not None:
        currency = fact.open.currency
        yearly = fact.open.amount * basis.percent / 100
        owed = (yearly * days / _YEAR).quantize(to_places(Decimal(1), currency), ROUND_HALF_UP)
        interest = Money(currency, owed) if owed else None
    percent = basis.percent if interest else None
    return ClaimFact(fact.number, fact.due, days, fact.open, percent, interest, fixed)
