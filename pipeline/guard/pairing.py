"""Rule 1 for statements: an invoice stands with its own amount, date and age, not with another's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pipeline.domain.proposal import Finding
from pipeline.domain.strategy import InvoiceFact
from pipeline.guard.fact_rules import agrees
from pipeline.guard.figures import Day, Figure, Kind
from pipeline.guard.findings import Case, block
from pipeline.guard.form_rules import is_table_line
from pipeline.guard.known import on_top
from pipeline.guard.phrases import Match


@dataclass(frozen=True, slots=True)
class _Mention:
    """An invoice number in the draft."""

    start: int
    invoice: InvoiceFact


def mixed_up_invoices(case: Case) -> Iterator[Finding]:
    """In a line or sentence that names invoices, each figure must belong to the invoice it stands with."""
    by_number = {i.number: i for i in case.brief.invoices}
    mentions = [_Mention(s, by_number[n]) for s, _, n in sorted(case.reading.literals.mentions) if n in by_number]
    if not mentions:
        return
    named = {m.invoice.number for m in mentions}
    last: _Mention | None = None
    for start, end in _units(case):
        inside = [m for m in mentions if start <= m.start < end]
        if "\n\n" in case.reading.flat[last.start if last else 0 : start]:
            last = None
        if not inside and last is not None and len(named) == 1:
            inside = [last]  # `Invoice 7 is open. Its amount is …`: the figures of the next sentences are still its own
        last = inside[0] if len(inside) == 1 else None
        if not inside:
            continue
        figures = [
            f
            for f in case.reading.figures
            if start <= f.start < end and f.kind in {Kind.AMOUNT, Kind.DATE, Kind.NUMBER}
        ]
        for group, following in _groups(inside, figures):
            yield from _check(case, group, following, (start, end))


def broken_claims(case: Case) -> Iterator[Finding]:
    """A row that tells what an invoice comes to with interest and fixed sum has each of these figures, as it was confirmed."""
    by_number = {i.number: i for i in case.brief.invoices if i.claim}
    for start, end in _units(case):
        inside = {n for s, _, n in case.reading.literals.mentions if start <= s < end}
        invoice = by_number.get(next(iter(inside))) if len(inside) == 1 else None
        if invoice is None or invoice.claim is None or not is_table_line(case.reading.flat[start:end]):
            continue
        figures = [f for f in case.reading.figures if start <= f.start < end]
        amounts = [f for f in figures if f.kind is Kind.AMOUNT]
        rates = [f for f in figures if f.kind is Kind.PERCENT]
        if not rates and not any(f.values & {m.amount for m in on_top(invoice)} for f in amounts):
            continue
        missing = any(not any(m.amount in f.values for f in amounts) for m in on_top(invoice))
        if missing or len(amounts) > len(on_top(invoice)):
            message = "This row does not have the interest, the fixed sum and the total as they were confirmed: take the table as it is."
            yield block(1, "broken_claim", message, case.reading.excerpt(start, end))


def _units(case: Case) -> list[tuple[int, int]]:
    """Sentences as spans; a statement's rows are sentences of their own."""
    reading = case.reading
    starts = [reading.tokens[r.start].start for r in reading.sentences]
    return [*pairwise([*starts, len(reading.flat)])]


def _groups(mentions: Sequence[_Mention], figures: Sequence[Figure]) -> list[tuple[list[InvoiceFact], list[Figure]]]:
    """Invoices named without a figure between them, each group with the figures up to the next group.

    Figures before the first mention belong to the first group: `EUR 300 for invoice 7`, unless every later group
    would then be left without: `EUR 300 for invoice 7 and EUR 400 for invoice 8` is read backwards.
    """
    events = sorted(
        [(m.start, m.invoice, None) for m in mentions] + [(f.start, None, f) for f in figures], key=lambda e: e[0]
    )
    backwards = bool(events) and events[0][1] is None and events[-1][1] is not None
    if backwards:
        events.reverse()
    groups: list[tuple[list[InvoiceFact], list[Figure]]] = []
    leading: list[Figure] = []
    for _, invoice, figure in events:
        if invoice is not None:
            if not groups or groups[-1][1]:
                groups.append(([], []))
            groups[-1][0].append(invoice)
        elif figure is not None:
            (groups[-1][1] if groups else leading).append(figure)
    if groups:
        groups[0][1][:0] = leading
    if backwards:
        for invoices, followed in groups:
            invoices.reverse()
            followed.reverse()
    return groups


def _own_amounts(invoice: InvoiceFact) -> set[Decimal]:
    own = {invoice.total.amount, invoice.open.amount, invoice.total.amount - invoice.open.amount}
    return own | {money.amount for money in on_top(invoice)}


def _check(case: Case, group: list[InvoiceFact], figures: list[Figure], unit: tuple[int, int]) -> Iterator[Finding]:
    others = [i for i in case.brief.invoices if i not in group]
    shared = {m.amount for m in case.brief.amounts} - {a for i in case.brief.invoices for a in _own_amounts(i)}
    message = "This figure belongs to another invoice: take each figure from the invoice it stands with."
    for figure in figures:
        if figure.kind is Kind.AMOUNT:
            wrong = _foreign_amount(case, figure, group, others, shared, unit)
        elif figure.kind is Kind.DATE:
            wrong = _foreign_date(case, figure, group, others) or _issued_as_due(case, figure, group)
        else:
            wrong = _foreign_age(figure, group, others)
        if wrong:
            yield block(1, "mixed_up_invoice", message, case.reading.excerpt(figure.start, figure.end))
    if len(group) > 1:
        amounts = [f for f in figures if f.kind is Kind.AMOUNT]
        if len(amounts) == len(group) and any(
            not f.values & _own_amounts(i) for f, i in zip(amounts, group, strict=True)
        ):
            known = {a for i in group for a in _own_amounts(i)}
            if all(f.values & known for f in amounts):
                yield block(1, "mixed_up_invoice", message, case.reading.excerpt(amounts[0].start, amounts[-1].end))


def _foreign_amount(
    case: Case,
    figure: Figure,
    group: list[InvoiceFact],
    others: list[InvoiceFact],
    shared: set[Decimal],
    unit: tuple[int, int],
) -> bool:
    own = {a for i in group for a in _own_amounts(i)} | {sum((i.open.amount for i in group), Decimal(0))}
    if figure.values & own:
        return False
    if any(figure.values & _own_amounts(i) for i in others):
        return True
    if figure.values & shared or any((c, v) in case.known.money for c in figure.currencies for v in figure.values):
        return False
    said = [m for m in case.reading.matches.get("attribution", ()) if _within(case, m, unit)]
    return not said  # the client's own figure beside our invoice, and nothing says that it is the client's


def _within(case: Case, match: Match, unit: tuple[int, int]) -> bool:
    return unit[0] <= case.reading.tokens[match.first].start < unit[1]


def _days(dates: Sequence[date]) -> list[Day]:
    return [Day(d.year, d.month, d.day) for d in dates]


def _covers(figure: Figure, days: Sequence[Day]) -> bool:
    return any(agrees(said, known) for said in figure.days for known in days)


def _foreign_date(case: Case, figure: Figure, group: list[InvoiceFact], others: list[InvoiceFact]) -> bool:
    theirs = [d for i in others for d in (i.issued, i.due)]
    every = [d for i in case.brief.invoices for d in (i.issued, i.due)]
    free = [
        d for d in (*case.brief.dates, *case.brief.weekday_dates) if d not in every or d in case.brief.weekday_dates
    ]
    own = _days([*(d for i in group for d in (i.issued, i.due)), *free])
    return not _covers(figure, own) and _covers(figure, _days(theirs))


def _issued_as_due(case: Case, figure: Figure, group: list[InvoiceFact]) -> bool:
    """`due on` directly before the date of issue of the only invoice named."""
    if len(group) != 1 or group[0].issued == group[0].due:
        return False
    only_issued = _covers(figure, _days([group[0].issued])) and not _covers(figure, _days([group[0].due]))
    before = [t.folded for t in case.reading.tokens if figure.start - 24 <= t.start < figure.start][-3:]
    lexicon = case.reading.lexicon
    return only_issued and lexicon is not None and any(w.startswith(lexicon.due) for w in before if lexicon.due)


def _foreign_age(figure: Figure, group: list[InvoiceFact], others: list[InvoiceFact]) -> bool:
    """Another invoice's days overdue; only where the number counts days, or it could be anything."""
    if not figure.following or any(figure.values & _ages(i) for i in group):
        return False
    days = figure.following[0].startswith(
        ("day", "tag", "jour", "dia", "giorn", "dag", "dni", "dzien", "gun", "дн", "ден", "يوم", "ايام", "օր", "రోజ")
    )
    return days and any(figure.values & _ages(i) for i in others)


def _ages(invoice: InvoiceFact) -> set[Decimal]:
    """Its days overdue, and those that interest was worked out for."""
    return {Decimal(invoice.days_overdue), *({Decimal(invoice.claim.days)} if invoice.claim else ())}
