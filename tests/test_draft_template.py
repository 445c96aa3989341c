"""The template writer and its formats: languages, stances, hostile text, tables."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline.domain.assessment import Ask
from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import Author
from pipeline.domain.strategy import Action, Commitment, Facts, InvoiceFact, Record, Stance, Strategy
from pipeline.draft.formats import invoice_table, letter_filters, letter_locale, money_in_words, plain, quotable
from pipeline.draft.ports import Writer
from pipeline.draft.template import QUOTE_CHARS, TemplateWriter
from pipeline.errors import PromptError
from pipeline.playbook import FILTERS, Playbook, TableWords, load_playbook
from pipeline.promptfile import Section, TemplateText
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped

FACTS = Facts(greeting_name="Dana", owner_name="Robin Vale", language="en")
WORDS = TableWords(number="Invoice", issued="Issued", due="Due", open="Open", total="Total")
LETTER = """Hello {{ greeting_name }},{% for ask in asks %}
“{{ ask.quote }}”{% endfor %}



{{ project }} {{ records | map(attribute="what") | join }} {{ working_hours or "-" }} {{ update_days or "-" }}
{% if answer_by %}{{ answer_by | day }} {{ totals | money }}{% endif %}
"""


@pytest.fixture(scope="module")
def library() -> PromptLibrary:
    """The shipped prompts."""
    return PromptLibrary(None, shipped("prompts"))


@pytest.fixture(scope="module")
def playbook(library: PromptLibrary) -> Playbook:
    """The shipped playbook, its one play `test` made for these tests."""
    read = load_playbook(lambda name: library.source(name).text, library.names())
    templates: Mapping[Any, Section] = {
        ("en", Stance.AS_DECIDED): Section(TemplateText(LETTER), 30),
        ("en", Stance.FIRMER): Section(TemplateText("Firmer"), 60),
        ("de", Stance.AS_DECIDED): Section(TemplateText("Hallo " + LETTER), 90),
    }
    play = replace(read.plays["scope_creep"], name="test", templates=templates)
    return replace(read, plays={"test": play})


@pytest.fixture(scope="module")
def writer(playbook: Playbook, library: PromptLibrary) -> TemplateWriter:
    """The writer under test."""
    return TemplateWriter(playbook, library)


def strategy(facts: Facts, stance: Stance = Stance.AS_DECIDED) -> Strategy:
    """A strategy to reply with the play `test`."""
    return Strategy(Action.REPLY, (), "reply:1:1", play="test", stance=stance, facts=facts)


def euro(amount: str) -> Money:
    """An amount in euros."""
    return Money("EUR", Decimal(amount))


def invoice(number: str, amount: str, currency: str = "EUR") -> InvoiceFact:
    """An overdue invoice, nothing of it paid."""
    money = Money(currency, Decimal(amount))
    return InvoiceFact(number, date(2026, 2, 3), date(2026, 3, 3), money, money, 37)


# --- the writer


def test_it_is_a_writer(writer: Writer) -> None:
    """Whatever takes a writer must be able to take this one."""
    assert writer.author is Author.TEMPLATE
    assert writer.write(strategy(FACTS), None, ()) == writer.write(strategy(FACTS), None)


def test_blank_lines_and_line_ends_are_tidied(writer: TemplateWriter) -> None:
    """Conditions in a template leave gaps, which must not be seen in the letter."""
    text = writer.write(strategy(replace(FACTS, project="Tidewater")), None)
    assert text == "Hello Dana,\n\nTidewater  - -\n"


def test_a_stance_chooses_its_letter_and_falls_back(writer: TemplateWriter) -> None:
    """Softer is not written here: the letter as decided takes its place, never another language's."""
    assert writer.write(strategy(FACTS, Stance.FIRMER), None) == "Firmer\n"
    assert writer.write(strategy(FACTS, Stance.SOFTER), None).startswith("Hello Dana,")
    german = replace(FACTS, language="de")
    assert writer.write(strategy(german, Stance.FIRMER), None).startswith("Hallo")


@pytest.mark.parametrize(
    ("language", "figures"),
    [
        ("en", "Tuesday, March 3, 2026 €1,200.50"),
        ("en-GB", "Tuesday, 3 March 2026 €1,200.50"),
        ("de", "Dienstag, 3. März 2026 1.200,50\u00a0€"),
        ("de-CH", "Dienstag, 3. März 2026 EUR\u00a01’200.50"),
        ("pl", "Tuesday, March 3, 2026 €1,200.50"),
        ("xx-nonsense", "Tuesday, March 3, 2026 €1,200.50"),
    ],
)
def test_figures_are_written_as_the_letters_language_does(language: str, figures: str, writer: TemplateWriter) -> None:
    """An English letter with Polish figures, or a Swiss one with German figures, looks careless."""
    facts = replace(
        FACTS,
        language=language,
        totals=(euro("1200.50"),),
        commitments=(Commitment("answer_by", date(2026, 3, 3), "x"),),
    )
    assert figures in writer.write(strategy(facts), None)


def test_words_of_another_language_stay_out(writer: TemplateWriter) -> None:
    """Hours come in words of the client's language; in the English letter for a Polish client they have no place."""
    facts = replace(FACTS, language="pl", working_hours="poniedziałek–piątek", update_days="wtorek")
    assert writer.write(strategy(facts), None).endswith("- -\n")
    assert "poniedziałek–piątek wtorek" in writer.write(strategy(replace(facts, language="de-AT")), None)


def test_text_from_mail_stays_text(writer: TemplateWriter) -> None:
    """Template code, line breaks, direction marks and links of a client must not work in our letter."""
    hostile = UntrustedText("{{ owner_name }}\r\nBcc: x\u202e\u0007 {% endif %}")
    facts = replace(
        FACTS,
        greeting_name="Da\u202ena\n{{ 7 * 7 }}",
        project="Tide\u0000water",
        records=(Record("approval\u2066 of\nit"),),
        asks=(Ask(hostile, hostile), Ask(hostile, UntrustedText("pay at https://evil.example/x now"))),
    )
    text = writer.write(strategy(facts), None)
    assert text.startswith("Hello Dana {{ 7 * 7 }},\n“{{ owner_name }} Bcc: x {% endif %}”\n")
    assert "Tidewater approval of it" in text
    assert "evil.example" not in text


def test_a_template_that_fails_names_file_and_line(playbook: Playbook, library: PromptLibrary) -> None:
    """An owner who breaks a letter must find the place in the file, not in the section."""
    play = playbook.plays["test"]
    broken = Section(TemplateText("Hello\n{{ project | day }}"), 30)
    plays = {"test": replace(play, templates={("en", Stance.AS_DECIDED): broken})}
    with pytest.raises(PromptError, match=r"plays/test\.md, line 31: day takes a date, not nothing"):
        TemplateWriter(replace(playbook, plays=plays), library).write(strategy(FACTS), None)


def test_a_strategy_without_facts_is_a_bug(writer: TemplateWriter) -> None:
    """Only a decision to reply comes here; anything else must not end as an empty letter."""
    with pytest.raises(ValueError, match="only a strategy with a play and facts"):
        writer.write(Strategy(Action.NONE, (), "reply:1:1"), None)


def test_the_fingerprint_follows_the_playbook(playbook: Playbook, library: PromptLibrary) -> None:
    """A changed letter must show in what a stored draft says of its making."""
    one, two = (TemplateWriter(replace(playbook, fingerprint=mark), library).fingerprint for mark in "ab")
    assert one != two


# --- formats


def test_the_filters_are_those_that_the_playbook_checks_for() -> None:
    """A filter that the check does not know would be refused in every owner's letter."""
    assert set(letter_filters("en")) == set(FILTERS)


@pytest.mark.parametrize(
    ("language", "number", "listed"),
    [
        ("en", "1,234.5", "a, b, and c"),
        ("de", "1.234,5", "a, b und c"),
        ("fr", "1\u00a0234,5", "a, b et c"),
        ("es", "1.234,5", "a, b y c"),
        ("tr", "1.234,5", "a, b ve c"),
        ("ar", "1,234.5", "a و b و c"),
    ],
)
def test_numbers_and_lists_are_written_as_the_language_does(language: str, number: str, listed: str) -> None:
    """`1.234` is a thousand in one language and a bit over one in the next."""
    filters = letter_filters(language)
    assert (filters["number"](Decimal("1234.5")), filters["join"](["a", "b", "c"])) == (number, listed)


def test_several_amounts_are_a_list() -> None:
    """Totals in two currencies must never be added up or lose one of them."""
    assert money_in_words((euro("1200"), Money("USD", Decimal(80))), letter_locale("en")) == "€1,200.00 and $80.00"
    assert money_in_words((), letter_locale("en")) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "2026-03-03"),
        ("day", None),
        ("money", 5),
        ("money", "5 EUR"),
        ("money", (5,)),
        ("number", "5"),
        ("number", True),
        ("join", (date(2026, 3, 3),)),
    ],
)
def test_a_filter_refuses_what_it_is_not_for(name: str, value: object, library: PromptLibrary) -> None:
    """`None` in a letter, or an amount without currency, must be an error that names no value."""
    template = TemplateText(f"{{{{ value | {name} }}}}")
    with pytest.raises(PromptError, match=rf"x, line 1: {name} takes"):
        library.render(template, {"value": value}, name="x", filters=letter_filters("en"))


def test_a_table_is_aligned_and_sums_up_by_currency() -> None:
    """Columns that do not line up, or a total over two currencies, make a statement worthless."""
    invoices = (invoice("2026-014", "1200"), invoice("7", "80.5"), invoice("2026-021", "99", "USD"))
    totals = (euro("1280.5"), Money("USD", Decimal(99)))
    lines = invoice_table(invoices, totals, WORDS, "en").split("\n")
    assert lines == [
        "Invoice    Issued        Due                Open",
        "2026-014   Feb 3, 2026   Mar 3, 2026   €1,200.00",
        "7          Feb 3, 2026   Mar 3, 2026      €80.50",
        "2026-021   Feb 3, 2026   Mar 3, 2026      $99.00",
        "Total                                  €1,280.50",
        "Total                                     $99.00",
    ]


def test_one_invoice_needs_no_total_and_none_no_table() -> None:
    """A total under a single line says the same thing twice."""
    assert "Total" not in invoice_table((invoice("1", "5"),), (euro("5"),), WORDS, "en")
    assert invoice_table((), (), WORDS, "en") == ""


def test_right_to_left_tables_are_lines_in_words() -> None:
    """Aligned columns fall apart in Arabic; each line must begin with an Arabic word, so that it runs the right way."""
    words = TableWords(number="فاتورة", issued="صادرة في", due="تستحق في", open="المتبقي", total="المجموع")
    lines = invoice_table((invoice("A-1", "5"), invoice("A-2", "6")), (euro("11"),), words, "ar").split("\n")
    assert [line.split(" ")[1] for line in lines] == ["فاتورة", "فاتورة", "المجموع:"]
    assert "3 مارس 2026" in lines[0]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a \t b\r\n c ", "a b c"),
        ("a\u0000\u0007\u202eb\u2066c\u00ad\U000e0041", "abc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_plain_text_has_nothing_that_acts(text: str, clean: str) -> None:
    """Direction marks and tags would let a client rewrite our sentence; joiners are spelling and stay."""
    assert plain(text) == clean


def test_a_quote_is_short_and_keeps_its_marks_to_itself() -> None:
    """A quote that closes our quotation marks would speak outside of them; a whole mail is no quote."""
    assert quotable(" “Can you ”guarantee” it?” ", 120) == "Can you 'guarantee' it?"
    assert quotable("please send it.", 120) == "please send it"
    long = quotable("word " * 60, QUOTE_CHARS)
    assert len(long) <= QUOTE_CHARS
    assert long.endswith("word…")
    assert len(quotable("x" * 300, QUOTE_CHARS)) <= QUOTE_CHARS
