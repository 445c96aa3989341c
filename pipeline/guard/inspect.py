"""All rules in one table, and the one function that holds a draft against them."""

from collections.abc import Callable, Iterable

from pipeline.domain.proposal import Finding, GuardBrief, Severity
from pipeline.guard import fact_rules, foreign_rules, form_rules, name_rules, pairing, salutation, wording_rules
from pipeline.guard.findings import Case
from pipeline.guard.known import know, trusted_wordings
from pipeline.guard.reading import Reading
from pipeline.guard.words import GuardWords, shipped_words

Rule = Callable[[Case], Iterable[Finding]]

RULES: tuple[tuple[int, Rule], ...] = (
    (1, fact_rules.unknown_amounts),
    (1, fact_rules.unknown_dates),
    (1, fact_rules.unknown_weekdays),
    (1, fact_rules.relative_dates),
    (1, fact_rules.unknown_times),
    (1, fact_rules.unknown_percentages),
    (1, fact_rules.unknown_numbers),
    (1, fact_rules.unknown_contacts),
    (1, fact_rules.unknown_references),
    (1, name_rules.unknown_names),
    (1, pairing.mixed_up_invoices),
    (1, pairing.broken_claims),
    (2, wording_rules.guarantees),
    (3, wording_rules.admissions),
    (4, wording_rules.insults),
    (4, wording_rules.leaked_labels),
    (5, wording_rules.legal_words),
    (6, wording_rules.silence),
    (7, form_rules.wrong_language),
    (7, form_rules.formality),
    (8, form_rules.length),
    (9, form_rules.control_characters),
    (9, form_rules.header_lines),
    (9, form_rules.placeholders),
    (9, salutation.greeting),
    (9, salutation.signature),
    (10, wording_rules.concessions),
    (11, wording_rules.stop_and_fee_claims),
    (12, wording_rules.attachments),
    (13, foreign_rules.other_parties),
    (14, foreign_rules.machine_talk),
)
"""Rules 1 to 14 of the domain document; rule 15, whether a reply is due at all, is `warrants_reply`."""

_A_KIND = 5
"""Findings of one kind that are shown; the rest say the same."""


def inspect_draft(body: str, brief: GuardBrief, words: GuardWords | None = None) -> tuple[Finding, ...]:
    """What the guard has against a draft, blocking findings first, in the order of the rules; empty if nothing.

    `words` are the word lists (`load_guard_words`); None means those that come with Firmly. Linear in the length of the body; of a
    body over `form_rules.INSPECTED_CHARS` characters, which is blocked for its length, the beginning is read.
    """
    words = words or shipped_words()
    reading = Reading(
        body[: form_rules.INSPECTED_CHARS],
        words,
        brief.language,
        wordings=trusted_wordings(brief),
        invoices=tuple(i.number for i in brief.invoices),
        quotable=brief.client_text,
    )
    case = Case(reading, brief, know(brief, words), words)
    found: dict[Finding, None] = {}
    count: dict[str, int] = {}
    for _, rule in RULES:
        for finding in rule(case):
            if finding not in found and count.get(finding.name, 0) < _A_KIND:
                count[finding.name] = count.get(finding.name, 0) + 1
                found[finding] = None
    return tuple(sorted(found, key=lambda f: f.severity is not Severity.BLOCK))
