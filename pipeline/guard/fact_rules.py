"""Rule 1: every figure, link and reference number of the draft exists in the brief."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pipeline.domain.proposal import Finding
from pipeline.guard.contacts import ContactKind
from pipeline.guard.dates import beside
from pipeline.guard.figures import Day, Figure, Kind
from pipeline.guard.findings import Case, block, open_matches, warn
from pipeline.guard.phrases import Match

_OWN_THINGS_UP_TO = 10
_POINTED_AT_UP_TO = 4


def agrees(said: Day, known: Day) -> bool:
    """Whether a date as said is covered by a known one; only the year may be missing from what is known."""
    return (
        (said.day is None or said.day == known.day)
        and (said.month is None or said.month == known.month)
        and (said.year is None or known.year is None or said.year == known.year)
    )


def said_in(case: Case, match: Match) -> str:
    """The folded words of a match, with one space between."""
    return " ".join(t.folded for t in case.reading.tokens[match.first : match.last + 1])


def unknown_amounts(case: Case) -> Iterator[Finding]:
    """Amounts must be in the records, or in the client's own mail, in the same currency."""
    known = case.known
    every = known.money | known.client_money
    for figure in case.reading.figures:
        if figure.kind is not Kind.AMOUNT:
            continue
        if any((c, v) in every for c in figure.currencies for v in figure.values):
            continue
        used = {c for c, _ in every}
        if figure.currencies & used and figure.values & known.client_numbers:
            continue
        excerpt = case.reading.excerpt(figure.start, figure.end)
        if any(v in figure.values for _, v in every):
            yield block(
                1,
                "wrong_currency",
                "The amount is on record in another currency: use the currency of the record.",
                excerpt,
            )
        else:
            yield block(
                1,
                "unknown_amount",
                "This amount is in no record: use the amounts of the facts or leave it out.",
                excerpt,
            )


def unknown_dates(case: Case) -> Iterator[Finding]:
    """Dates must be the ledger's, the thread's or a commitment; a weekday beside a date must be that date's."""
    weekdays = [f for f in case.reading.figures if f.kind is Kind.WEEKDAY]
    for figure in case.reading.figures:
        if figure.kind is not Kind.DATE:
            continue
        excerpt = case.reading.excerpt(figure.start, figure.end)
        fitting = [k for k in case.known.days if any(agrees(s, k) for s in figure.days)]
        if not fitting:
            if figure.values & (case.known.numbers | case.known.client_numbers):
                continue
            yield block(
                1, "unknown_date", "This date is in no record: use the dates of the facts or leave it out.", excerpt
            )
            continue
        full = {date(k.year, k.month, k.day) for k in fitting if k.year and k.month and k.day and _exists(k)}
        for weekday in weekdays:
            if (
                full
                and beside(case.reading.flat, weekday, figure)
                and not any(Decimal(d.weekday()) in weekday.values for d in full)
            ):
                yield block(
                    1,
                    "wrong_weekday",
                    "The weekday does not belong to the date beside it: correct the weekday.",
                    excerpt,
                )


def _exists(day: Day) -> bool:
    try:
        date(day.year or 1, day.month or 1, day.day or 1)
    except ValueError:
        return False
    return True


def unknown_weekdays(case: Case) -> Iterator[Finding]:
    """A weekday without a date must be a commitment's, or stand in the owner's hours or the client's mail."""
    figures = case.reading.figures
    dates = [f for f in figures if f.kind is Kind.DATE]
    for figure in figures:
        if figure.kind is not Kind.WEEKDAY or any(beside(case.reading.flat, figure, d) for d in dates):
            continue
        numbers = {int(v) for v in figure.values}
        if numbers & case.known.weekdays or (figure.ranged and numbers & case.known.ranged_weekdays):
            continue
        excerpt = case.reading.excerpt(figure.start, figure.end)
        yield block(
            1, "wrong_weekday", "No date of the facts falls on this weekday: name the date from the facts.", excerpt
        )


def relative_dates(case: Case) -> Iterator[Finding]:
    """`Tomorrow` and `next week` depend on when the mail is read; only the client's own words may be repeated."""
    reading = case.reading
    dates = [f for f in reading.figures if f.kind is Kind.DATE]
    weekdays = [f for f in reading.figures if f.kind is Kind.WEEKDAY]
    for match in open_matches(case, "relative", anywhere=True):
        start, end = reading.tokens[match.first].start, reading.tokens[match.last].end
        said = said_in(case, match)
        inside = any(s <= start < e for s, e in reading.literals.spans)
        dated = any(beside(reading.flat, w, d) for w in weekdays if start <= w.start < end for d in dates)
        if inside or dated or f" {said}" in case.known.client_words:
            continue
        yield block(
            1,
            "relative_date",
            "A date must not depend on the day of reading: name the calendar date from the facts.",
            reading.excerpt(start, end),
        )
    for match in open_matches(case, "vague", negatable=False):
        yield warn(
            1,
            "vague_date",
            "This promises a time without naming it: give the date from the facts, or none.",
            reading.excerpt_of(match),
        )


def unknown_times(case: Case) -> Iterator[Finding]:
    """Clock times must be in the owner's hours or in the client's mail."""
    for figure in case.reading.figures:
        if figure.kind is not Kind.CLOCK:
            continue
        half_day = {v + 720 for v in figure.values if v < 720} | {v - 720 for v in figure.values if v >= 720}
        if figure.values & case.known.clocks or half_day & case.known.clocks:
            continue
        if {v / 60 for v in figure.values} & (case.known.numbers | case.known.client_numbers):
            continue
        excerpt = case.reading.excerpt(figure.start, figure.end)
        yield block(
            1,
            "unknown_time",
            "This time of day is in no record: use the working hours of the facts or leave it out.",
            excerpt,
        )


def unknown_percentages(case: Case) -> Iterator[Finding]:
    """Percentages must be in the contract's words or in the client's mail."""
    for figure in case.reading.figures:
        if figure.kind is Kind.PERCENT and not figure.values & case.known.percents:
            excerpt = case.reading.excerpt(figure.start, figure.end)
            yield block(1, "unknown_percent", "This percentage is in no record: leave it out.", excerpt)


def unknown_numbers(case: Case) -> Iterator[Finding]:
    """Plain numbers, in digits or words, must be known; a letter may count its own few points and questions."""
    known = case.known
    sums = known.client_numbers | frozenset(v for _, v in known.money | known.client_money)
    allowed = known.numbers | sums
    years = frozenset(Decimal(d.year) for d in known.days if d.year)
    for figure in case.reading.figures:
        if figure.kind is not Kind.NUMBER:
            continue
        if figure.timed:
            told: frozenset[Decimal] = known.durations
        elif figure.cents:  # `15.00` is not the count of 15
            told = sums | frozenset(v for v in known.numbers if v != v.to_integral_value())
        else:
            told = allowed | years
        if figure.values & told:
            continue
        if _counts_its_own(case, figure):
            continue
        excerpt = case.reading.excerpt(figure.start, figure.end)
        yield block(
            1, "unknown_number", "This number is in no record: use the figures of the facts or leave it out.", excerpt
        )
    for match in open_matches(case, "share", negatable=False):
        if f" {said_in(case, match)} " not in known.client_words:
            yield block(
                1, "unknown_number", "This share is in no record: leave it out.", case.reading.excerpt_of(match)
            )


def _counts_its_own(case: Case, figure: Figure) -> bool:
    """`Two options`, `one of the points`: numbers that structure a letter and state nothing of the world."""
    if case.reading.covered("allow:figure", figure.start):
        return True
    lexicon = case.reading.lexicon
    if lexicon is None or not all(v == v.to_integral_value() and v <= _OWN_THINGS_UP_TO for v in figure.values):
        return False
    if figure.timed or any(w.startswith(lexicon.units) for w in figure.following if lexicon.units):
        return False
    if figure.in_words and figure.values == {Decimal(1)}:
        return True
    if figure.preceding in lexicon.pointing and all(v <= _POINTED_AT_UP_TO for v in figure.values):
        return True
    return bool(lexicon.own_things) and any(w.startswith(lexicon.own_things) for w in figure.following)


def unknown_contacts(case: Case) -> Iterator[Finding]:
    """Links and addresses come from the config (the client's own may be repeated); bank details only from the config."""
    known = case.known
    for contact in case.reading.contacts:
        excerpt = case.reading.excerpt(contact.start, contact.end)
        if contact.kind in {ContactKind.BANK, ContactKind.PHONE}:
            if contact.key not in known.accounts:
                what = "bank account" if contact.kind is ContactKind.BANK else "phone number"
                name = "bank_details" if contact.kind is ContactKind.BANK else "unknown_phone"
                yield block(1, name, f"This {what} is not in the config: take it out.", excerpt)
            continue
        if contact.key in known.links or any(link.split("/")[0].split("@")[-1] == contact.key for link in known.links):
            continue
        if contact.key in known.client_links:
            yield warn(
                1, "client_link", "This link or address is the client's: check that it may be repeated.", excerpt
            )
            continue
        yield block(1, "unknown_link", "This link or address is not in the facts: take it out.", excerpt)
    for match in open_matches(case, "bank"):
        yield block(
            1,
            "bank_details",
            "Bank details stand on the invoice and come from the config only: take this out.",
            case.reading.excerpt_of(match),
        )


def unknown_references(case: Case) -> Iterator[Finding]:
    """Invoice and other reference numbers must be known to the letter."""
    for reference in case.reading.references:
        if reference.key not in case.known.references and reference.key.lstrip("#") not in case.known.references:
            excerpt = case.reading.excerpt(reference.start, reference.end)
            yield block(
                1,
                "unknown_reference",
                "This number of an invoice or document is in no record: use the one from the facts.",
                excerpt,
            )
