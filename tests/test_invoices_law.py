"""Interest and fixed sums: only with everything that they need, to the cent, and in a letter as a person confirmed them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.world import shared

from pipeline.domain.claims import Claim, ClaimFact, ClaimSource, ConfirmedClaim, LateTerms
from pipeline.domain.client import Client
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import Severity
from pipeline.domain.strategy import Action, Commitment, Facts, InvoiceFact, Stance, Strategy
from pipeline.draft.formats import letter_locale, money_in_words
from pipeline.draft.template import TemplateWriter
from pipeline.errors import ConfigError
from pipeline.guard import brief_for, inspect_draft
from pipeline.guard.figures import Kind
from pipeline.guard.reading import Reading
from pipeline.invoices.claims import (
    NoClaim,
    basis_of,
    claimed_totals,
    standing_claims,
    to_check,
    with_claims,
    work_out,
)
from pipeline.invoices.law import ReferenceRate, read_law

LAW = read_law((Path(__file__).parent.parent / "prompts" / "law.toml").read_text())
RATE = ReferenceRate(Decimal("3.75"), date(2025, 12, 31))
UNTIL = date(2026, 4, 14)
GB = Client(ClientId(1), "Kim Ltd", ("kim@client.example",), jurisdiction="GB", business=True)
FACT = InvoiceFact(
    "A-1",
    date(2026, 1, 1),
    date(2026, 1, 31),
    Money("GBP", Decimal("2500.00")),
    Money("GBP", Decimal("2000.00")),
    73,
)
CONTRACT = replace(
    GB,
    late_fee="1% per month",
    late_terms=LateTerms(Decimal(12), Money("GBP", Decimal("15.00"))),
)


def claim_on(client: Client, *facts: InvoiceFact, rate: ReferenceRate | None = RATE) -> Claim | NoClaim:
    """What comes on top for this client on the day."""
    basis = basis_of(client, LAW, rate)
    return basis if isinstance(basis, NoClaim) else work_out(client, basis, facts or (FACT,), LAW, UNTIL)


def claimed(client: Client, *facts: InvoiceFact, rate: ReferenceRate | None = RATE) -> Claim:
    """The same, where there is something."""
    found = claim_on(client, *facts, rate=rate)
    assert isinstance(found, Claim)
    return found


def confirmed(claim: Claim) -> ConfirmedClaim:
    """A claim that a person confirmed."""
    return ConfirmedClaim(claim, "Robin", datetime(2026, 4, 14, 10, tzinfo=UTC))


def test_a_statutory_claim_is_exact() -> None:
    """Interest on the whole instead of the open balance, a wrong band, or a rounding of a penny."""
    claim = claimed(GB)

    assert claim.facts == (
        ClaimFact(
            "A-1",
            date(2026, 1, 31),
            73,
            Money("GBP", Decimal("2000.00")),
            Decimal("11.75"),
            Money("GBP", Decimal("47.00")),  # 2000.00 x 11.75 % x 73 / 365
            Money("GBP", Decimal("70.00")),
        ),
    )
    assert claim.facts[0].in_all == Money("GBP", Decimal("2117.00"))
    assert (claim.basis.title, claim.basis.as_of, claim.basis.reference_as_of) == (
        LAW[2].title,
        LAW[2].as_of,
        RATE.as_of,
    )


def test_the_contract_goes_before_the_law() -> None:
    """The client would be asked for the statute's rate where both sides agreed on another."""
    claim = claimed(CONTRACT)

    assert claim.basis.source is ClaimSource.CONTRACT
    assert claim.facts[0].interest == Money("GBP", Decimal("48.00"))  # 2000.00 x 12 % x 73 / 365
    assert claim.facts[0].fixed == Money("GBP", Decimal("15.00"))


@pytest.mark.parametrize(("total", "fixed"), [("999.99", "40.00"), ("1000.00", "70.00"), ("10000.00", "100.00")])
def test_the_fixed_sum_goes_by_the_amount(total: str, fixed: str) -> None:
    """The band of a thousand pounds would be the one below."""
    claim = claimed(GB, replace(FACT, total=Money("GBP", Decimal(total))), rate=None)

    assert (claim.facts[0].fixed, claim.facts[0].interest) == (Money("GBP", Decimal(fixed)), None)


@pytest.mark.parametrize(
    ("client", "fact", "words"),
    [
        (replace(GB, business=False), FACT, "not marked as a business"),
        (replace(CONTRACT, business=False), FACT, "not marked as a business"),
        (replace(GB, jurisdiction=None), FACT, "whose law"),
        (replace(GB, jurisdiction="FR"), FACT, "says nothing about FR"),
        (replace(GB, jurisdiction="US-NY"), FACT, "nothing to ask"),
        (replace(GB, late_fee="as agreed by hand"), FACT, "names a late fee in words"),
        (GB, replace(FACT, disputed=True), "no late invoice"),
        (GB, replace(FACT, due=UNTIL), "no late invoice"),
        (GB, replace(FACT, open=Money("GBP", Decimal(0))), "no late invoice"),
    ],
    ids=[
        "a consumer", "a consumer with a contract", "no jurisdiction", "an unknown one", "an act without sums",
        "a contract in words", "contested", "not late", "nothing open",
    ],
)  # fmt: skip
def test_no_claim_without_everything_it_needs(client: Client, fact: InvoiceFact, words: str) -> None:
    """A statute would be cited to a consumer, to somebody in another country, or beside the contract."""
    found = claim_on(client, fact)

    assert isinstance(found, NoClaim)
    assert words in found.reason


def test_a_fixed_sum_is_never_converted() -> None:
    """Forty euros would be asked of an invoice in dollars."""
    fact = replace(FACT, total=Money("USD", Decimal(500)), open=Money("USD", Decimal(500)))

    assert isinstance(claim_on(replace(GB, jurisdiction="DE"), fact, rate=None), NoClaim)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"open": Money("GBP", Decimal("1999.99"))}, False),
        ({"due": date(2026, 2, 1)}, False),
        ({"disputed": True}, False),
        ({"number": "B-2"}, False),
    ],
    ids=["as confirmed", "part paid since", "another due date", "contested since", "another invoice"],
)
def test_confirmed_figures_hold_only_while_the_invoice_is_as_it_was(changed: dict[str, object], kept: bool) -> None:  # noqa: FBT001 a column of the table
    """A letter would ask for interest on money that has come, in figures that nobody confirmed."""
    facts = (replace(FACT, **changed),)  # type: ignore[arg-type]

    assert bool(standing_claims(confirmed(claimed(GB)), GB, facts, UNTIL, 14)) is kept


@pytest.mark.parametrize(
    ("client", "today"),
    [
        (replace(GB, business=False), UNTIL),
        (replace(GB, jurisdiction="DE"), UNTIL),
        (replace(GB, late_fee="1% per month"), UNTIL),
        (GB, date(2026, 4, 29)),
    ],
    ids=["no business any more", "another country", "a contract came to light", "fifteen days old"],
)
def test_confirmed_figures_fall_with_what_they_rest_on(client: Client, today: date) -> None:
    """A mark that was taken back would go on charging interest."""
    assert standing_claims(confirmed(claimed(GB)), client, (FACT,), today, 14) == {}


def test_a_contract_that_changed_undoes_what_was_confirmed() -> None:
    """The old rate would be asked for under the new contract."""
    changed = replace(CONTRACT, late_terms=LateTerms(Decimal(6)))

    assert standing_claims(confirmed(claimed(CONTRACT)), CONTRACT, (FACT,), UNTIL, 14) != {}
    assert standing_claims(confirmed(claimed(CONTRACT)), changed, (FACT,), UNTIL, 14) == {}


def test_what_has_grown_old_is_to_be_checked() -> None:
    """A law of three years ago and a rate of last year would be asserted as today's."""
    basis = claimed(GB).basis

    assert to_check(basis, UNTIL, law_days=365, rate_days=190) == ()
    old = to_check(basis, date(2027, 6, 1), law_days=365, rate_days=190)
    assert [words in sentence for words, sentence in zip(("law.toml", "base rate"), old, strict=True)] == [True, True]


@given(
    open_=st.decimals("0.01", "999999.99", places=2),
    percent=st.decimals("0.01", "30", places=2),
    days=st.integers(1, 4000),
)
def test_interest_is_simple_exact_and_never_a_float(open_: Decimal, percent: Decimal, days: int) -> None:
    """A float would cost a cent now and then, which is one wrong figure in a formal letter."""
    terms = replace(CONTRACT, late_terms=LateTerms(percent))
    due = date.fromordinal(UNTIL.toordinal() - days)
    found = claim_on(terms, replace(FACT, due=due, open=Money("GBP", open_)))
    exact = open_ * percent * days / Decimal(36500)
    if isinstance(found, NoClaim):
        assert exact < Decimal("0.005") + Decimal("1e-20")
        return
    (fact,) = found.facts
    assert fact.interest is not None
    assert type(fact.interest.amount) is Decimal
    assert abs(fact.interest.amount - exact) <= Decimal("0.005")
    assert fact.in_all.amount == open_ + fact.interest.amount


# --- the letter


def l4(language: str, client: Client = GB, *, step: str = "L4", law: bool = True, currency: str = "GBP") -> Strategy:
    """A formal letter about two invoices, one with interest and a fixed sum on top."""
    first = replace(FACT, total=Money(currency, Decimal("2500.00")), open=Money(currency, Decimal("2000.00")))
    second = replace(first, number="B-2", disputed=True, open=Money(currency, Decimal("100.00")), due=date(2026, 2, 28))
    facts = with_claims((first, second), {f.number: f for f in claimed(client, FACT).facts})
    return Strategy(
        Action.REPLY,
        (),
        "chase:1",
        play="payment_l4",
        step=step,
        facts=Facts(
            greeting_name="Dana",
            owner_name="Robin Vale",
            language=language,
            client_name="Harbour",
            invoices=facts,
            totals=(Money("GBP", Decimal("2100.00")),),
            claimed=claimed_totals(facts),
            claimed_until=UNTIL,
            claim_title=LAW[2].title if law else None,
            late_fee=client.late_fee,
            commitments=(Commitment("answer_by", date(2026, 4, 20), "x"),),
        ),
    )


def written(strategy: Strategy) -> str:
    """The plain letter."""
    library, playbook, _ = shared()
    return TemplateWriter(playbook, library).write(strategy, None)


def blocked(body: str, strategy: Strategy, *, legal: bool = True) -> list[str]:
    """What blocks it."""
    brief = brief_for(strategy, message=None, labels=(), legal_allowed=legal)
    return [f.name for f in inspect_draft(body, brief, shared()[2]) if f.severity is Severity.BLOCK]


@pytest.mark.parametrize("stance", list(Stance))
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "tr", "ar"])
@pytest.mark.parametrize("client", [GB, CONTRACT], ids=["law", "contract"])
def test_the_formal_letter_passes_the_guard_with_its_table(language: str, stance: Stance, client: Client) -> None:
    """The guard would take the confirmed figures for invented ones, and the letter would never leave."""
    strategy = replace(l4(language, client, law=client is GB), stance=stance)

    assert blocked(written(strategy), strategy) == []


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", ["A-1", "73", "11.75%", "£47.00", "£70.00", "£2,117.00"]),
        ("de", ["A-1", "73", "11,75\u00a0%", "47,00\u00a0£", "70,00\u00a0£", "2.117,00\u00a0£"]),
        ("tr", ["A-1", "73", "%11,75", "£47,00", "£70,00", "£2.117,00"]),
    ],
)
def test_the_table_is_in_the_language_of_the_letter(language: str, row: list[str]) -> None:
    """A client would read 2,117 as two pounds and a bit."""
    lines = [line.split("   ") for line in written(l4(language)).splitlines() if line.startswith("A-1")]

    assert [cell.strip() for cell in lines[1] if cell.strip()] == row


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("£47.00", "£74.00"),
        ("£47.00", "£2,000.00"),
        ("£70.00", "£100.00"),
        ("£2,117.00", "£2,171.00"),
        ("11.75%", "17.75%"),
        ("   73   ", "   78   "),
        ("April 14", "April 15"),
        ("£2,217.00", "£2,227.00"),
        ("£", "€"),
    ],
)
def test_every_wrong_figure_on_top_is_caught(right: str, wrong: str) -> None:
    """A model that mistypes the interest would claim money that nobody owes."""
    strategy = l4("en")
    body = written(strategy)
    before, _, table = body.partition("With what late payment adds")

    assert blocked(before + "With what late payment adds" + table.replace(right, wrong), strategy) != []


def test_a_balance_is_no_interest() -> None:
    """A model would call the open amount interest, in a figure that the ledger knows."""
    strategy = l4("en")
    body = written(strategy).replace("Please pay", "Interest of £2,000.00 has accrued. Please pay")

    assert "late_fee" in blocked(body, strategy)


@pytest.mark.parametrize("step", ["L1", "L2", "L3"])
def test_before_l4_nothing_on_top_is_known(step: str) -> None:
    """A friendly reminder would come with interest, because somebody left the figures in its facts."""
    strategy = l4("en", step=step)

    assert {"late_fee", "unknown_amount"} <= set(blocked(written(strategy), strategy))


def test_a_law_is_named_only_where_legal_words_are_allowed() -> None:
    """A statute would be cited by an owner who has not had their wording read."""
    strategy = l4("de")
    strategy = replace(strategy, facts=replace(strategy.facts, claim_title="BGB §§ 286, 288"))  # type: ignore[type-var]

    assert "legal_words" in blocked(written(strategy), strategy, legal=False)
    assert blocked(written(strategy), strategy) == []
    assert blocked(written(l4("de", law=False)), l4("de", law=False), legal=False) == []


# --- the table of laws


def test_every_shipped_entry_is_dated_sourced_and_for_businesses() -> None:
    """A law without a date or a source would be passed on as a fact."""
    assert all(fact.b2b and fact.checked and fact.as_of >= date(2026, 1, 1) for fact in LAW)


@pytest.mark.parametrize(("text", "words"), [("[[law", "TOML"), ('[[law]]\njurisdiction = "X"\nfee = 3', "fee")])
def test_a_mistake_in_the_table_is_told(text: str, words: str) -> None:
    """A misspelt key would drop a condition of the law."""
    with pytest.raises(ConfigError) as caught:
        read_law(text)

    assert words in " ".join((str(caught.value), *caught.value.problems))


LANGUAGES = ("en", "en-GB", "de", "fr", "es", "tr", "ar")
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "PLN", "TRY", "MXN", "ZAR", "AED", "SAR", "EGP", "INR", "CZK")  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guard_reads_every_amount_that_a_letter_writes(language: str) -> None:
    """Dollars written the French way were a number without a currency: euros in their place went unseen."""
    read = shared()[2]
    unread = []
    for currency in CURRENCIES:
        text = money_in_words(Money(currency, Decimal("1234.50")), letter_locale(language))
        figures = Reading(f"x {text} y", read, language).figures
        if not any(
            f.kind is Kind.AMOUNT and currency in f.currencies and f.values == {Decimal("1234.50")} for f in figures
        ):
            unread.append((currency, text))
    assert unread == []


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_passes_the_guard_in_every_month(language: str, month: int) -> None:
    """The guard took `Jan 5` for a person's name: no reminder of January would have left."""
    due = date(2026, month, 5)
    fact = InvoiceFact("A-1", date(2026, month, 1), due, Money("EUR", Decimal(900)), Money("EUR", Decimal(900)), 2)
    facts = Facts("Dana", "Robin Vale", language, invoices=(fact,), totals=(fact.open,))
    strategy = Strategy(Action.REPLY, (), "chase:1", play="payment_l1", step="L1", facts=facts)

    assert blocked(written(strategy), strategy) == []
