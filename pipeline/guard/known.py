"""Everything that a draft may state, in a form that figures can be compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.domain.ledger import Money
from pipeline.domain.proposal import GuardBrief
from pipeline.domain.strategy import InvoiceFact
from pipeline.guard.contacts import ContactKind, compact, same_link
from pipeline.guard.figures import Day, Figure, Kind
from pipeline.guard.literals import squeezed
from pipeline.guard.reading import Reading, base_language, contact_keys
from pipeline.guard.text import fold
from pipeline.guard.words import GuardWords


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of the brief and what the client wrote, ready for comparison."""

    money: frozenset[tuple[str, Decimal]]
    """Currency and amount, from the records."""
    client_money: frozenset[tuple[str, Decimal]]
    days: tuple[Day, ...]
    dates: tuple[date, ...]
    """The full dates among `days`."""
    weekdays: frozenset[int]
    ranged_weekdays: frozenset[int]
    """Weekdays that may be named only as the ends of a range, as in the working hours."""
    clocks: frozenset[Decimal]
    percents: frozenset[Decimal]
    numbers: frozenset[Decimal]
    client_numbers: frozenset[Decimal]
    durations: frozenset[Decimal]
    """Numbers of days, hours or the like: ages of invoices, terms, and what the client named."""
    links: frozenset[str]
    client_links: frozenset[str]
    accounts: frozenset[str]
    """Account and phone numbers, without spaces."""
    references: frozenset[str]
    names: frozenset[str]
    """Folded words of allowed names, and all words of the client."""
    client_words: str
    """The client's text, folded and squeezed, with a space at both ends."""


def _whole(day: date) -> Day:
    return Day(day.year, day.month, day.day)


def _of_kind(figures: Iterable[Figure], kind: Kind) -> frozenset[Decimal]:
    return frozenset(v for f in figures if f.kind is kind for v in f.values)


def _money(figures: Iterable[Figure]) -> frozenset[tuple[str, Decimal]]:
    return frozenset((c, v) for f in figures if f.kind is Kind.AMOUNT for c in f.currencies for v in f.values)


def trusted_wordings(brief: GuardBrief) -> tuple[str, ...]:
    """What may stand in a draft word for word: numbers with letters, hours, scope, names, the contract's late fee."""
    invoices = {i.number for i in brief.invoices}
    numbers = tuple(n for n in brief.numbers if n not in invoices and not n.strip().isdecimal())
    late_fee = (brief.late_fee,) if brief.late_fee else ()
    named = (*brief.names, *(n for n in (brief.greeting_name, brief.signature_name) if n))
    return tuple(
        w
        for w in (*numbers, *brief.phrases, *brief.scope, *late_fee, *named)
        if any(c.isdigit() or c.isalpha() for c in w)
    )


def know(brief: GuardBrief, words: GuardWords) -> Known:
    """Collect what is known: the brief's own figures, those inside its wordings, and those the client used."""
    trusted = Reading(" ;\n\n".join((*trusted_wordings(brief), *brief.numbers)), words, brief.language)
    client = Reading(brief.client_text, words, _language_of(brief.client_text, brief, words))
    figures = trusted.figures
    invoice_dates = [d for i in brief.invoices for d in (i.issued, i.due)]
    dates = (*brief.dates, *brief.weekday_dates, *invoice_dates)
    money = {(m.currency, m.amount) for m in brief.amounts}
    for invoice in brief.invoices:
        money |= {(m.currency, m.amount) for m in (invoice.total, invoice.open)}
        money.add((invoice.total.currency, invoice.total.amount - invoice.open.amount))
        money |= {(m.currency, m.amount) for m in on_top(invoice)}
    said = [f for f in figures if f.kind is Kind.WEEKDAY]
    heard = [f for f in client.figures if f.kind is Kind.WEEKDAY]
    by_day = brief.weekday_dates or brief.dates
    return Known(
        money=frozenset(money) | _money(figures),
        client_money=_money(client.figures),
        days=(*map(_whole, dates), *(d for f in (*figures, *client.figures) for d in f.days)),
        dates=tuple(dict.fromkeys(dates)),
        weekdays=frozenset(d.weekday() for d in by_day)
        | {int(v) for f in (*(s for s in said if not s.ranged), *heard) for v in f.values},
        ranged_weekdays=frozenset(int(v) for f in said if f.ranged for v in f.values),
        clocks=_of_kind((*figures, *client.figures), Kind.CLOCK),
        percents=_of_kind((*figures, *client.figures), Kind.PERCENT) | claimed_rates(brief),
        numbers=_of_kind(figures, Kind.NUMBER) | frozenset(Decimal(n) for n in _counts(brief)),
        client_numbers=_of_kind(client.figures, Kind.NUMBER),
        durations=frozenset(v for f in (*figures, *client.figures) if f.timed for v in f.values)
        | frozenset(Decimal(n) for n in _ages(brief)),
        links=frozenset(same_link(x) for x in brief.links)
        | contact_keys(trusted.contacts, ContactKind.LINK, ContactKind.EMAIL),
        client_links=contact_keys(client.contacts, ContactKind.LINK, ContactKind.EMAIL),
        accounts=frozenset(compact(x) for x in (*brief.numbers, *brief.links, *brief.phrases)),
        references=frozenset(c.key for c in (*trusted.references, *client.references))
        | {n.upper() for n in brief.numbers},
        names=frozenset(fold(w) for n in (*trusted_wordings(brief), *brief.links) for w in n.replace("-", " ").split())
        | frozenset(t.folded for t in (*trusted.tokens, *client.tokens)),
        client_words=f" {squeezed(client.flat)} ",
    )


def on_top(invoice: InvoiceFact) -> tuple[Money, ...]:
    """Interest, fixed sum and all together, as a person confirmed them for this invoice; empty where nobody did."""
    claim = invoice.claim
    if claim is None:
        return ()
    return tuple(money for money in (claim.interest, claim.fixed, claim.in_all) if money is not None)


def claimed_rates(brief: GuardBrief) -> frozenset[Decimal]:
    """The yearly rates of confirmed interest, in per cent."""
    return frozenset(i.claim.percent for i in brief.invoices if i.claim and i.claim.percent is not None)


def _counts(brief: GuardBrief) -> list[int]:
    """Days overdue, and how many invoices there are, in all and contested or not."""
    contested = sum(i.disputed for i in brief.invoices)
    return [*_ages(brief), len(brief.invoices), contested, len(brief.invoices) - contested]


def _ages(brief: GuardBrief) -> list[int]:
    """Days that the invoices are late, and those that interest was counted for."""
    claimed = (i.claim.days for i in brief.invoices if i.claim)
    return [*(i.days_overdue for i in brief.invoices), *claimed]


def _language_of(text: str, brief: GuardBrief, words: GuardWords) -> str:
    """The language whose stop words the client's text holds most of; the brief's where none stands out."""
    folded = [fold(w.strip(".,;:!?()")) for w in text.split()[:400]]
    hits = {name: sum(w in lex.stopwords for w in folded) for name, lex in words.lexicons.items()}
    own = base_language(brief.language)
    best = max(hits, key=lambda n: (hits[n], n == own), default=own)
    return best if hits.get(best, 0) > hits.get(own, 0) else own
