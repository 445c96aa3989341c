"""The table of interest and fixed sums in a formal letter, built by code from figures that a person confirmed."""

from decimal import Decimal

from babel import Locale
from babel.numbers import format_percent

from pipeline.domain.strategy import Facts, InvoiceFact
from pipeline.draft.formats import in_columns, letter_locale, money_in_words
from pipeline.playbook.settings import ClaimWords, TableWords


def claim_table(facts: Facts, words: TableWords, claims: ClaimWords, language: str) -> str:
    """Each invoice with what comes on top: days late, rate, interest, fixed sum, all together; below them the totals.

    A column that no invoice needs is left out. In languages written from right to left, where aligned columns fall
    apart, each invoice is a line in words. Empty where nothing was confirmed.
    """
    if not facts.claimed:
        return ""
    locale = letter_locale(language)
    rows = [_cells(fact, locale) for fact in facts.invoices]
    sums = [money_in_words(total, locale) for total in facts.claimed] if len(rows) > 1 else []
    head = (words.number, claims.days, claims.rate, claims.interest, claims.fixed, claims.in_all)
    if locale.text_direction == "rtl":
        return "\n".join([*(_in_words(head, row) for row in rows), *(f"- {words.total}: {text}" for text in sums)])
    lines = [head, *rows, *((words.total, "", "", "", "", text) for text in sums)]
    kept = [place for place in range(len(head)) if any(row[place] for row in rows)]
    return in_columns([[line[place] for place in kept] for line in lines])


def rate_in_words(percent: Decimal, locale: Locale) -> str:
    """A percentage with all its digits: `11.27%`."""
    written: str = format_percent(percent / 100, locale=locale, decimal_quantization=False)
    return written.replace("\u202f", "\u00a0")


def _cells(fact: InvoiceFact, locale: Locale) -> tuple[str, ...]:
    claim = fact.claim
    if claim is None:
        return (fact.number, "", "", "", "", money_in_words(fact.open, locale))
    return (
        fact.number,
        str(claim.days),
        rate_in_words(claim.percent, locale) if claim.percent is not None else "",
        money_in_words(claim.interest, locale) if claim.interest else "",
        money_in_words(claim.fixed, locale) if claim.fixed else "",
        money_in_words(claim.in_all, locale),
    )


def _in_words(head: tuple[str, ...], cells: tuple[str, ...]) -> str:
    said = (f"{word} {cell}" for word, cell in zip(head[1:], cells[1:], strict=True) if cell)
    return f"- {head[0]} {cells[0]}: {'، '.join(said)}"
