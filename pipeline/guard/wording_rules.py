"""Rules 2 to 6 and 10 to 12: what a reply must not say, found by the word lists."""

import re
from collections.abc import Iterator
from decimal import Decimal

from pipeline.domain.proposal import Finding
from pipeline.guard.dates import beside
from pipeline.guard.figures import Figure, Kind
from pipeline.guard.findings import Case, block, open_matches, warn
from pipeline.guard.known import claimed_rates, on_top
from pipeline.guard.phrases import Match, PhraseBook, parse_phrase
from pipeline.guard.reading import Reading
from pipeline.guard.together import CONSEQUENCE

_LEGAL_STEPS = frozenset({"L4", "L5"})


def guarantees(case: Case) -> Iterator[Finding]:
    """Rule 2: no guarantee, in any language, and no absolutes; saying that nothing is guaranteed is right."""
    for match in open_matches(case, "guarantee"):
        if case.reading.before("attribution", match) and case.reading.in_clause("attribution", match):
            continue  # `you ask for a guarantee`
        yield block(
            2, "guarantee", "Nothing is guaranteed: say what will be done instead.", case.reading.excerpt_of(match)
        )
    for match in open_matches(case, "absolute", negatable=False):
        yield block(
            2,
            "absolute",
            "No absolutes such as always or never: say what will be done.",
            case.reading.excerpt_of(match),
        )


def admissions(case: Case) -> Iterator[Finding]:
    """Rule 3: no admission of fault, liability or breach; one plain apology is enough."""
    for match in open_matches(case, "admission"):
        if case.reading.in_clause("supposed", match):
            continue  # `if I have overlooked a mail`: supposed, not said
        message = "No admission of fault or liability: say what will be put right, without whose fault it was."
        yield block(3, "admission", message, case.reading.excerpt_of(match))
    apologies = _apart(open_matches(case, "apology"))
    if len(apologies) > 1:
        yield warn(
            3,
            "apologies",
            "One apology is enough: keep one and take out the others.",
            case.reading.excerpt_of(apologies[1]),
        )


def _apart(matches: list[Match]) -> list[Match]:
    """Matches that do not overlap: `I am so sorry` is one apology however many phrases see it."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (m.first, -m.last)):
        if not kept or match.first > kept[-1].last:
            kept.append(match)
    return kept


def insults(case: Case) -> Iterator[Finding]:
    """Rule 4: no insult; a diagnosis of the person and sarcasm are for the reviewer to judge."""
    for match in open_matches(case, "insult", negatable=False):
        if case.reading.in_sentence("reported", match):
            continue  # `calling us incompetent was not acceptable`
        yield block(
            4, "insult", "This belittles the client: take it out and keep to the work.", case.reading.excerpt_of(match)
        )
    for match in open_matches(case, "diagnosis"):
        message = "This seems to say what the client is like or feels: speak of the work instead."
        yield warn(4, "diagnosis", message, case.reading.excerpt_of(match))
    for match in open_matches(case, "sarcasm"):
        yield warn(4, "sarcasm", "This can be read as sarcasm: say it plainly.", case.reading.excerpt_of(match))


def leaked_labels(case: Case) -> Iterator[Finding]:
    """Rule 4: the names under which Firmly files behaviour must not reach the client, in any spelling."""
    phrases = []
    for label in case.brief.labels:
        words = label.replace("_", " ").replace("-", " ").split()
        if "_" in label and re.search(rf"(?<!\w){re.escape(label)}(?!\w)", case.reading.text, re.IGNORECASE):
            yield block(4, "leaked_label", "This is an internal label: take it out.", label)
        elif words and label not in case.words.everyday_labels:
            phrases += parse_phrase(" ".join(words), category="label")
    for match in PhraseBook(phrases).find(case.reading.tokens):
        if not case.reading.is_quoted(case.reading.tokens[match.first].start):
            yield block(4, "leaked_label", "This is an internal label: take it out.", case.reading.excerpt_of(match))


def legal_words(case: Case) -> Iterator[Finding]:
    """Rule 5: legal and collection words only from L4 and with the owner's flag; some threats never."""
    allowed = case.brief.legal_allowed and case.brief.step in _LEGAL_STEPS
    for match in [] if allowed else open_matches(case, "legal", negatable=False):
        message = "Legal and collection words need step L4 and the owner's flag: take them out."
        yield block(5, "legal_words", message, case.reading.excerpt_of(match))
    for match in open_matches(case, "threat", negatable=False):
        message = (
            "Police, publicity, reviews, credit, employers or locked files are never held over a client: take it out."
        )
        yield block(5, "threat", message, case.reading.excerpt_of(match))


def silence(case: Case) -> Iterator[Finding]:
    """Rule 6: silence is never taken as approval."""
    unanswered = [m for m in open_matches(case, "silence", negatable=False) if _has_consequence(case.reading, m)]
    for match in (*unanswered, *open_matches(case, "quiet", anywhere=True)):
        message = "Silence is no approval: ask for a written yes and say what waits until then."
        yield block(6, "silence_as_approval", message, case.reading.excerpt_of(match))


def _has_consequence(reading: Reading, match: Match) -> bool:
    """Whether something is done or taken for granted in the sentence of a missing answer.

    `I have not heard from you` and `without your yes I do not begin` say the opposite. A language without the part
    `goes_on` has only whole statements among its phrases.
    """
    if match.phrase.language not in reading.words.consequences:
        return True
    sentence = reading.tokens[match.first].sentence
    consequences = reading.matches.get(CONSEQUENCE, ())
    return any(
        reading.tokens[c.first].sentence == sentence and not reading.negated(c, anywhere=True, beyond=match)
        for c in consequences
    )


def concessions(case: Case) -> Iterator[Finding]:
    """Rule 10: no new discount, scope, deadline, availability or refund; refusing one is right."""
    reading = case.reading
    for match in open_matches(case, "grant"):
        message = "No discount, refund or free work may be offered here: take it out."
        yield block(10, "concession", message, reading.excerpt_of(match))
    for match in open_matches(case, "concession"):
        if not reading.before("attribution", match):
            message = "This reads as a discount or refund: say plainly that the agreed price stands, or leave it out."
            yield block(10, "concession", message, reading.excerpt_of(match))
    for match in open_matches(case, "scope"):
        if not reading.in_sentence("priced", match) and not reading.in_sentence("clerical", match):
            message = "This adds work to what was agreed: offer a separate quote instead."
            yield block(10, "new_scope", message, reading.excerpt_of(match))
    for match in open_matches(case, "availability", anywhere=True):
        if _is_known_date(case, match):
            continue
        message = "This promises to be reachable outside the working hours: name the hours of the facts instead."
        yield block(10, "new_availability", message, reading.excerpt_of(match))
    hurried = [m for m in open_matches(case, "soon") if _promises_work(reading, m)]
    for match in (*open_matches(case, "deadline"), *hurried):
        yield block(
            10,
            "new_deadline",
            "This promises a time that is in no record: use the date of the facts.",
            reading.excerpt_of(match),
        )


def _promises_work(reading: Reading, match: Match) -> bool:
    """Whether `right away` goes with work that is delivered, and is not what the client wishes: an answer may come at once."""
    return reading.in_clause("delivery", match) and not reading.in_clause("attribution", match)


def _is_known_date(case: Case, match: Match) -> bool:
    """Whether the weekday that the phrase names stands beside a date: `on Sunday, 8 March`."""
    reading = case.reading
    start, end = reading.tokens[match.first].start, reading.tokens[match.last].end
    days = [f for f in reading.figures if f.kind is Kind.WEEKDAY and start <= f.start < end]
    dates = [f for f in reading.figures if f.kind is Kind.DATE]
    return bool(days) and any(beside(reading.flat, day, date) for day in days for date in dates)


def stop_and_fee_claims(case: Case) -> Iterator[Finding]:
    """Rule 11: stopped work only with the contract's permission; a late fee in its words, or as a person confirmed it."""
    reading = case.reading
    for match in [] if case.brief.stop_allowed else open_matches(case, "stop"):
        if reading.in_clause("reminder", match):
            continue  # what rests is the reminders, as it has to while an objection is open
        yield block(
            11, "stop_work", "Stopping work is not allowed here: take the claim out.", reading.excerpt_of(match)
        )
    for match in open_matches(case, "late_fee"):
        if case.brief.late_fee is None and not any(i.claim for i in case.brief.invoices):
            yield block(11, "late_fee", "The contract names no late fee: take it out.", reading.excerpt_of(match))
        elif not _fee_agrees(case, match):
            message = "The late fee must stand as the contract words it: use its words and figures."
            yield block(11, "late_fee", message, reading.excerpt_of(match))


def _fee_agrees(case: Case, match: Match) -> bool:
    """Whether the figures in the sentence of a fee are its own.

    Percentages are the contract's or those of confirmed interest; amounts, where interest was confirmed, are the contract's or have
    one of the confirmed figures among them: the balance of an invoice is no interest.
    """
    contract = Reading(case.brief.late_fee or "", case.words, case.brief.language).figures
    reading = case.reading
    sentence = reading.sentence_range[reading.tokens[match.first].sentence]
    start, end = reading.tokens[sentence.start].start, reading.tokens[sentence.stop - 1].end
    inside = [f for f in reading.figures if start <= f.start <= end]
    allowed = {
        Kind.PERCENT: _values(contract, Kind.PERCENT) | claimed_rates(case.brief),
        Kind.NUMBER: _values(contract, Kind.NUMBER) | case.known.numbers,
    }
    if not all(f.values & allowed[f.kind] for f in inside if f.kind in allowed):
        return False
    confirmed = {m.amount for i in case.brief.invoices for m in on_top(i)}
    amounts = [f for f in inside if f.kind is Kind.AMOUNT]
    own = confirmed | _claimed(case) | _values(contract, Kind.AMOUNT)
    return not (confirmed and amounts) or any(f.values & own for f in amounts)


def _claimed(case: Case) -> set[Decimal]:
    """What is asked for in all with what a person confirmed, by currency."""
    sums: dict[str, Decimal] = {}
    for invoice in case.brief.invoices:
        owed = invoice.claim.in_all if invoice.claim else invoice.open
        sums[owed.currency] = sums.get(owed.currency, Decimal(0)) + owed.amount
    return set(sums.values()) if any(i.claim for i in case.brief.invoices) else set()


def _values(figures: list[Figure], kind: Kind) -> frozenset[Decimal]:
    return frozenset(v for f in figures if f.kind is kind for v in f.values)


def attachments(case: Case) -> Iterator[Finding]:
    """Rule 12: nothing is called attached that is not."""
    if not case.brief.has_attachment:
        for match in open_matches(case, "attachment"):
            if case.reading.in_clause("supposed", match):
                continue  # `perhaps the attachment got lost`
            yield block(
                12,
                "missing_attachment",
                "Nothing is attached to this mail: take the words out.",
                case.reading.excerpt_of(match),
            )
