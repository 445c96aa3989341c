"""How much of what must not leave the guard blocks, and how many good letters it blocks by mistake.

Clean letters in thirteen languages are filled with invented facts; each mutation changes one thing in one of them, as a
weak model or a hostile mail would. Prints detection by kind, and what was missed.

    python benchmarks/guard_mutations.py [--missed]
"""

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date, get_day_names
from babel.numbers import format_currency, format_decimal
from guard_letters import BAD_SENTENCES, LETTERS, SIGNED_BY, Letter

from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.domain.strategy import InvoiceFact
from pipeline.guard import inspect_draft

LABELS = (
    "micromanaging", "distrust", "knows_better", "scope_creep", "anxious_questions", "surprised_by_terms",
    "pressing_for_fix", "fault_finding", "unresponsive", "controlling", "payment_delay", "aggression", "demeaning",
    "dishonesty", "unreasonable_demand", "invoice_dispute", "changes_mind", "ignores_advice", "competitor_leverage",
    "legal_risk",
)  # fmt: skip
OTHER_CLIENTS = ("Nordhafen Logistik GmbH", "Bluebell Bakery", "office@bluebell.example", "INV-2026-777")
GOAL_DETECTED = 0.99
GOAL_FALSE = 0.03


@dataclass(frozen=True)
class Clean:
    """A good letter with its brief."""

    letter: Letter
    body: str
    brief: GuardBrief


def facts(letter: Letter, rng: random.Random) -> tuple[dict[str, str], GuardBrief]:
    """Invented facts for a letter: the words for its gaps, and the brief."""
    language = letter.language
    locale = language
    today = date(2026, 1, 12) + timedelta(days=rng.randrange(300))
    currency = rng.choice({"en": ("EUR", "GBP", "USD"), "tr": ("TRY", "EUR"), "pl": ("PLN", "EUR"), "te": ("INR",), "hy": ("AMD", "EUR"), "ru": ("RUB", "EUR"), "ar": ("AED", "SAR", "EUR"), "pt": ("EUR", "BRL")}.get(language, ("EUR",)))  # fmt: skip
    invoices = []
    while len(invoices) < 2:
        overdue = rng.choice([n for n in range(4, 60) if n not in {12, 14, 15}])  # figures that a mutation invents
        total = Money(
            currency, Decimal(rng.randrange(120, 9000)) + rng.choice((Decimal(0), Decimal("0.50"), Decimal("0.85")))
        )
        due = today - timedelta(days=overdue)
        number = f"{rng.choice(('INV', 'RE', 'F'))}-{due.year}-{rng.randrange(10, 700):03d}"
        fact = InvoiceFact(number, due - timedelta(days=14), due, total, total, overdue)
        if all(i.number != number and abs(i.days_overdue - overdue) > 16 and i.total != total for i in invoices):
            invoices.append(fact)
    answer = today + timedelta(days=rng.randrange(3, 12))
    update = answer + timedelta(days=rng.randrange(2, 6))
    total = Money(currency, invoices[0].total.amount + invoices[1].total.amount)
    client, owner = rng.choice(letter.people)
    days = get_day_names("wide", locale=locale)
    hours = f"{days[0]}–{days[4]}, 09:00–17:00"
    money = {
        i: format_currency(m.amount, m.currency, locale=locale).replace("\u202f", "\u00a0")
        for i, m in enumerate((invoices[0].total, invoices[1].total, total))
    }
    style = rng.choice(("full", "long")) if language != "hy" else "long"
    words = {
        "name": client,
        "owner": owner,
        "project": "Tidewater",
        "inv": invoices[0].number,
        "inv2": invoices[1].number,
        "amount": money[0],
        "amount2": money[1],
        "total": money[2],
        "due": format_date(invoices[0].due, "long", locale=locale),
        "due2": format_date(invoices[1].due, "long", locale=locale),
        "days": format_decimal(invoices[0].days_overdue, locale=locale),
        "answer": format_date(answer, style, locale=locale),
        "update": format_date(update, style, locale=locale),
        "hours": hours,
        "weekday": days[update.weekday()],
    }
    brief = GuardBrief(
        language=language,
        kind=letter.kind,
        step=letter.step,
        amounts=(total, *(i.total for i in invoices)),
        dates=(answer, update, *(d for i in invoices for d in (i.issued, i.due))),
        numbers=(*(i.number for i in invoices), "2", str(invoices[0].days_overdue)),
        names=(client, owner, "Tidewater", "Harbour & Pine"),
        links=("https://pay.example.com/robin",),
        scope=letter.scope,
        client_text=UntrustedText(letter.client_text),
        greeting_name=client,
        signature_name=owner,
        labels=LABELS,
        other_clients=OTHER_CLIENTS,
        invoices=tuple(invoices),
        phrases=(hours,),
        weekday_dates=(answer, update),
        stop_allowed=letter.stop_allowed,
    )
    return words, brief


def clean_letters(rng: random.Random, each: int) -> Iterator[Clean]:
    """Every letter with several sets of facts."""
    for letter in LETTERS:
        for _ in range(each):
            words, brief = facts(letter, rng)
            yield Clean(letter, letter.text.format(**words).strip() + "\n", brief)


Mutation = Callable[[Clean, random.Random], str | None]


def _before_close(body: str, sentence: str) -> str:
    """The sentence at the end of the last paragraph before the closing."""
    head, _, close = body.rstrip().rpartition("\n\n")
    return f"{head} {sentence}\n\n{close}\n"


def _swap(old: str, new: str) -> Mutation:
    def mutate(clean: Clean, rng: random.Random) -> str | None:  # noqa: ARG001 the shape of all mutations
        return clean.body.replace(old, new) if old in clean.body else None

    return mutate


def _amount(clean: Clean, change: Callable[[Money], Money]) -> str | None:
    invoice = clean.brief.invoices[0]
    locale = clean.letter.language
    old = format_currency(invoice.total.amount, invoice.total.currency, locale=locale).replace("\u202f", "\u00a0")
    money = change(invoice.total)
    new = format_currency(money.amount, money.currency, locale=locale).replace("\u202f", "\u00a0")
    return clean.body.replace(old, new) if old in clean.body and old != new else None


def digit_swapped(clean: Clean, rng: random.Random) -> str | None:
    """One digit of an amount is another."""
    return _amount(clean, lambda m: Money(m.currency, m.amount + rng.choice((10, 100, -20, 3))))


def currency_changed(clean: Clean, rng: random.Random) -> str | None:
    """The right figure in the wrong money."""
    return _amount(clean, lambda m: Money("CHF" if m.currency != "CHF" else rng.choice(("EUR", "USD")), m.amount))


def invoices_mixed_up(clean: Clean, rng: random.Random) -> str | None:  # noqa: ARG001 as above
    """An invoice with the amount of the other one."""
    one, two = clean.brief.invoices
    locale = clean.letter.language
    first, second = (
        format_currency(i.total.amount, i.total.currency, locale=locale).replace("\u202f", "\u00a0") for i in (one, two)
    )
    if first not in clean.body or one.number not in clean.body:
        return None
    if second in clean.body:
        return clean.body.replace(first, "\x00").replace(second, first).replace("\x00", second)
    return clean.body.replace(first, second)


def date_moved(clean: Clean, rng: random.Random) -> str | None:
    """A promised or a due date is another day."""
    locale = clean.letter.language
    for day in clean.brief.dates:
        for style in ("full", "long"):
            old = format_date(day, style, locale=locale)
            moved = day + timedelta(days=rng.choice((1, 2, 7, 30)))
            if old in clean.body and moved not in clean.brief.dates:
                return clean.body.replace(old, format_date(moved, style, locale=locale))
    return None


def weekday_changed(clean: Clean, rng: random.Random) -> str | None:
    """The weekday beside a date, or alone, is another."""
    names = get_day_names("wide", locale=clean.letter.language)
    for day in clean.brief.weekday_dates:
        name = names[day.weekday()]
        other = names[(day.weekday() + rng.choice((1, 2, 3))) % 7]
        dated = format_date(day, "full", locale=clean.letter.language)
        if dated in clean.body:
            return clean.body.replace(dated, dated.replace(name, other))
    return None


def number_changed(clean: Clean, rng: random.Random) -> str | None:
    """An invoice number with another digit."""
    number = clean.brief.invoices[0].number
    return (
        clean.body.replace(number, number[:-1] + str((int(number[-1]) + rng.randrange(1, 9)) % 10))
        if number in clean.body
        else None
    )


def signed_by_somebody_else(clean: Clean, rng: random.Random) -> str | None:
    """Another name under the letter."""
    name = clean.brief.signature_name
    head, found, tail = clean.body.rpartition(name)
    return head + rng.choice(SIGNED_BY.get(clean.letter.language, SIGNED_BY["en"])) + tail if found else None


def greeted_as_somebody_else(clean: Clean, rng: random.Random) -> str | None:
    """Another name in the salutation."""
    first, _, rest = clean.body.partition("\n")
    name = clean.brief.greeting_name
    return (
        first.replace(name, rng.choice(SIGNED_BY.get(clean.letter.language, SIGNED_BY["en"])).split()[0]) + "\n" + rest
        if name in first
        else None
    )


def greeting_missing(clean: Clean, rng: random.Random) -> str | None:  # noqa: ARG001 as above
    """The letter begins without a salutation."""
    return clean.body.partition("\n")[2].lstrip()


def wrong_language(clean: Clean, rng: random.Random) -> str | None:
    """A letter in another language, with this one's facts."""
    other = rng.choice([x for x in LETTERS if x.language != clean.letter.language])
    words, _ = facts(replace(other, people=((clean.brief.greeting_name, clean.brief.signature_name),)), rng)
    neutral = {
        "answer": "—",
        "update": "—",
        "due": "—",
        "due2": "—",
        "amount": "—",
        "amount2": "—",
        "total": "—",
        "hours": "—",
        "weekday": "—",
        "days": "",
        "inv": clean.brief.invoices[0].number,
        "inv2": clean.brief.invoices[1].number,
    }
    return other.text.format(**{**words, **neutral}).strip() + "\n"


def cut_short(clean: Clean, rng: random.Random) -> str | None:  # noqa: ARG001 as above
    """Greeting and closing with hardly anything between."""
    parts = clean.body.rstrip().split("\n\n")
    return "\n\n".join((parts[0], parts[1].split(". ")[0] + ".", parts[-1])) + "\n"


def drawn_out(clean: Clean, rng: random.Random) -> str | None:  # noqa: ARG001 as above
    """Everything said three times."""
    parts = clean.body.rstrip().split("\n\n")
    return "\n\n".join((parts[0], *(parts[1:-1] * 5), parts[-1])) + "\n"


INSERTED = {
    "placeholder": (
        "[Name]",
        "{{ amount }}",
        "[insert date here]",
        "XXX",
        "<client name>",
        "TODO: amount",
        "[Your Name]",
    ),
    "iban": ("DE89 3704 0044 0532 0130 00", "IBAN: GB29NWBK60161331926819.", "FR1420041010050500013M02606"),
    "link": (
        "https://pay.example.net/robin",
        "www.example.org/pay",
        "pay-robin.example",
        "http://xn--exmple-cua.example/x",
        "billing@example.net",
        "example[.]net/pay",
    ),
    "phone": ("+44 20 7946 0958", "+49 30 901820"),
    "label": ("scope_creep", "(fault_finding)", "micromanaging", "unreasonable demand"),
    "other client": ("Nordhafen Logistik", "Bluebell Bakery", "office@bluebell.example", "INV-2026-777"),
    "machine": ("As an AI language model, I wrote this.", "```", "Here is the draft you asked for:", '{"body": "x"}'),
    "control character": ("a\u202eb", "\x1b[31m", "\u200b", "\x07"),
}


def mutations() -> dict[str, list[Mutation]]:
    """All kinds, each with its mutations."""
    kinds: dict[str, list[Mutation]] = {
        "digit swapped": [digit_swapped],
        "currency changed": [currency_changed],
        "invoices mixed up": [invoices_mixed_up],
        "date moved": [date_moved],
        "weekday changed": [weekday_changed],
        "invoice number changed": [number_changed],
        "signed by somebody else": [signed_by_somebody_else],
        "greeted as somebody else": [greeted_as_somebody_else],
        "greeting missing": [greeting_missing],
        "wrong language": [wrong_language],
        "too short": [cut_short],
        "too long": [drawn_out],
    }
    for kind, texts in INSERTED.items():
        kinds[kind] = [lambda clean, _, text=text: _before_close(clean.body, text) for text in texts]
    for kind, by_language in BAD_SENTENCES.items():
        kinds[kind] = [
            lambda clean, _, language=language, sentence=sentence: (
                _before_close(clean.body, sentence) if clean.letter.language == language else None
            )
            for language, sentences in by_language.items()
            for sentence in sentences
        ]
    return kinds


def wrongly_blocked(clean: list[Clean]) -> list[tuple[Clean, str]]:
    """Good letters that the guard blocks, each with the first reason."""
    wrong: list[tuple[Clean, str]] = []
    for one in clean:
        blocked = [f for f in inspect_draft(one.body, one.brief) if f.severity is Severity.BLOCK]
        if blocked:
            wrong.append((one, f"{blocked[0].name}: {blocked[0].excerpt}"))
    return wrong


def try_mutations(clean: list[Clean], rng: random.Random) -> tuple[dict[str, list[int]], list[tuple[str, str, str]]]:
    """For each kind how many were blocked and tried; and what was missed."""
    detected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    missed: list[tuple[str, str, str]] = []
    for kind, mutate in mutations().items():
        for change in mutate:
            tried = [(c, m) for c in rng.sample(clean, len(clean)) if (m := change(c, rng)) is not None and m != c.body]
            for one, body in tried[: max(4, 40 // len(mutate))]:
                caught = any(f.severity is Severity.BLOCK for f in inspect_draft(body, one.brief))
                detected[kind][0] += caught
                detected[kind][1] += 1
                if not caught:
                    missed.append((kind, one.letter.language, body))
    return detected, missed


def main() -> int:
    """Print the figures; exit 1 if a goal is missed."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--missed", action="store_true", help="show what was missed")
    arguments.add_argument("--each", type=int, default=12, help="sets of facts for each letter")
    options = arguments.parse_args()
    rng = random.Random(20260412)
    started = time.perf_counter()
    clean = list(clean_letters(rng, options.each))
    wrong = wrongly_blocked(clean)
    detected, missed = try_mutations(clean, rng)
    took = time.perf_counter() - started
    right, every = (sum(n[i] for n in detected.values()) for i in (0, 1))
    for kind, (caught, tried) in sorted(detected.items(), key=lambda k: k[1][0] / k[1][1]):
        print(f"{kind:28} {caught:4} of {tried:4} blocked  {caught / tried:6.1%}")
    print(f"{'mutations':28} {right:4} of {every:4} blocked  {right / every:6.1%}   (goal {GOAL_DETECTED:.0%})")
    share = len(wrong) / len(clean)
    print(
        f"{'clean letters':28} {len(wrong):4} of {len(clean):4} blocked  {share:6.1%}   (goal at most {GOAL_FALSE:.0%})"
    )
    print(f"{1000 * took / (len(clean) + every):.1f} ms a letter")
    if options.missed:
        for one, why in wrong:
            print(f"\n--- clean, blocked [{one.letter.language}] {why}")
        for kind, language, body in missed:
            print(f"\n--- missed [{language}] {kind}\n{body}")
    return int(right / every < GOAL_DETECTED or share > GOAL_FALSE)


if __name__ == "__main__":
    sys.exit(main())
