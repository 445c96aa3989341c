"""Guard rule 1: every amount, date, number, name and link of a draft exists in the brief."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.domain.strategy import InvoiceFact
from pipeline.guard import inspect_draft


def invoice(number: str, issued: date, due: date, total: str, still_open: str, days: int) -> InvoiceFact:
    """An invoice in euro."""
    return InvoiceFact(number, issued, due, Money("EUR", Decimal(total)), Money("EUR", Decimal(still_open)), days)


FIRST = invoice("INV-2041", date(2026, 2, 10), date(2026, 3, 12), "1234.50", "1234.50", 9)
SECOND = invoice("INV-2055", date(2026, 2, 27), date(2026, 3, 16), "480", "480", 5)
BRIEF = GuardBrief(
    language="en",
    amounts=(Money("EUR", Decimal("1714.50")),),
    dates=(date(2026, 3, 26), date(2026, 4, 3)),
    numbers=("2", "14 days"),
    names=("Anna Weber", "Robin Vale", "Tidewater"),
    links=("https://pay.example.com/robin", "robin@studio.example"),
    greeting_name="Anna",
    signature_name="Robin Vale",
    invoices=(FIRST, SECOND),
    weekday_dates=(date(2026, 3, 26), date(2026, 4, 3)),
    phrases=("Monday–Friday, 09:00–17:00",),
    client_text=UntrustedText(
        "We could pay 500 euros next week. Maria Lopez from accounts asked on 20 March about page 7."
    ),
)


def names(body: str, brief: GuardBrief = BRIEF, severity: Severity = Severity.BLOCK) -> set[str]:
    """The names of what rule 1 finds in a letter around this body."""
    found = inspect_draft(f"Dear {brief.greeting_name},\n\n{body}\n\nRegards,\n{brief.signature_name}\n", brief)
    return {f.name for f in found if f.rule == 1 and f.severity is severity}


@pytest.mark.parametrize(
    "amount",
    ["EUR 1,234.50", "€1,234.50", "1.234,50 €", "1 234,50 EUR", "1'234.50 EUR", "١٬٢٣٤٫٥٠ EUR", "१,२३४.५० EUR", "౧,౨౩౪.౫౦ EUR", "€１，２３４．５０"],
)  # fmt: skip
def test_an_amount_of_the_record_passes_in_every_spelling(amount: str) -> None:
    """A reader that knows one spelling only would block the templates of other languages."""
    assert names(f"The amount of {amount} is still open.") == set()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("The amount of EUR 1,243.50 is open.", "unknown_amount"),
        ("The amount of EUR 12,345.0 is open.", "unknown_amount"),
        ("The amount of ١٬٢٤٣٫٥٠ EUR is open.", "unknown_amount"),
        ("The amount of USD 1,234.50 is open.", "wrong_currency"),
        ("The amount of 1,234.50 pounds is open.", "wrong_currency"),
        ("The amount of £1,714.50 is open.", "wrong_currency"),
        ("It is about 2k euros.", "unknown_amount"),
        ("It is about two thousand euros.", "unknown_amount"),
    ],
)
def test_an_invented_amount_blocks(body: str, name: str) -> None:
    """An amount that no record holds is the worst thing a payment letter can say."""
    assert name in names(body)


def test_the_clients_own_figure_may_be_repeated() -> None:
    """A reply must be able to name what the client offered; nobody else's figure."""
    assert names("You mention 500 euros as a first part.") == set()
    assert names("You mention 600 euros as a first part.") == {"unknown_amount"}


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "Thursday, 26 March 2026"), ("en", "March 26"), ("en", "26th of March"), ("en", "2026-03-26"), ("en", "3/26/2026"), ("en", "the twenty-sixth of March"), ("en", "the 26th"),
        ("de", "Donnerstag, den 26. März"), ("de", "26.03.2026"), ("de", "26.3."), ("fr", "jeudi 26 mars 2026"), ("es", "jueves, 26 de marzo de 2026"), ("it", "giovedì 26 marzo"), ("pt", "26 de março de 2026"),
        ("nl", "donderdag 26 maart"), ("pl", "czwartek, 26 marca"), ("tr", "26 Mart 2026 Perşembe"), ("tr", "26 Mart'ta"), ("ru", "26 марта 2026 г."), ("ar", "الخميس، ٢٦ مارس ٢٠٢٦"), ("hy", "2026 թ. մարտի 26-ին"), ("te", "26 మార్చి 2026"), ("te", "౨౬ మార్చి"),
    ],
)  # fmt: skip
def test_a_date_of_the_record_passes_in_every_language(language: str, day: str) -> None:
    """A date that is not recognised would be taken for a stray number and block a good letter."""
    assert names(f"… {day} …", replace(BRIEF, language=language)) == set()


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "27 March 2026"), ("en", "March 27"), ("en", "2026-03-27"), ("en", "26 March 2027"), ("en", "the twenty-seventh of March"), ("en", "in June"), ("en", "the 28th"), ("de", "27. März"), ("de", "27.03.2026"), ("fr", "27 mars"), ("es", "27 de marzo"), ("it", "27 marzo"),
        ("pt", "27 de março"), ("nl", "27 maart"), ("pl", "27 marca"), ("tr", "27 Mart"), ("ru", "27 марта"), ("ar", "٢٧ مارس"), ("hy", "մարտի 27-ին"), ("te", "౨౭ మార్చి"), ("sv", "27 mars 2026"),
    ],
)  # fmt: skip
def test_a_moved_date_blocks_in_every_language(language: str, day: str) -> None:
    """A promise of a day that the owner's settings do not give is invented."""
    assert "unknown_date" in names(f"… {day} …", replace(BRIEF, language=language))


def test_a_day_range_names_two_days() -> None:
    """`3 to 26 March` hides a first day that no record has."""
    assert "unknown_date" in names("It takes place from 3 to 26 March.")
    assert names("Both 12 and 26 March are on record.") == set()


@pytest.mark.parametrize(
    "body", ["by Friday, 26 March", "by 26 March (Friday)", "on Monday", "on Saturday", "from Monday to Saturday"]
)
def test_a_wrong_weekday_blocks(body: str) -> None:
    """A weekday that contradicts its date, or belongs to none, sends the client to another day."""
    assert "wrong_weekday" in names(f"You will have it {body}.")


@pytest.mark.parametrize(
    "body", ["by Thursday, 26 March", "by Thursday", "by Friday", "Monday to Friday, 9:00 to 17:00", "Monday–Friday"]
)
def test_a_weekday_of_the_record_passes(body: str) -> None:
    """Commitments and working hours may be named by their days."""
    assert names(f"You will hear from me {body}.") == set()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "tomorrow"), ("en", "next Tuesday"), ("en", "in two weeks"), ("en", "by the end of the week"), ("en", "within 14 working days"), ("de", "morgen"), ("de", "nächste Woche"), ("fr", "demain"),
        ("es", "mañana"), ("it", "domani"), ("pt", "amanhã"), ("nl", "morgen"), ("pl", "jutro"), ("tr", "yarın"), ("ru", "завтра"), ("ar", "غدا"), ("hy", "վաղը"), ("te", "రేపు"),
    ],
)  # fmt: skip
def test_a_relative_date_blocks(language: str, words: str) -> None:
    """The mail may lie in the queue for days: `tomorrow` is then another day."""
    assert "relative_date" in names(f"… {words} …", replace(BRIEF, language=language))


def test_the_clients_own_relative_date_may_be_repeated() -> None:
    """`You wrote that you pay next week` quotes the client; it promises nothing."""
    assert names("You wrote that you pay next week.") == set()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("Call between 10:30 and noon.", "unknown_time"), ("It is online by 6 pm.", "unknown_time"), ("That is 15 % more.", "unknown_percent"), ("That is fifteen percent more.", "unknown_percent"),
        ("Eight pages are done.", "unknown_number"), ("You have three rounds left.", "unknown_number"), ("Half of it is done.", "unknown_number"), ("A dozen pages are done.", "unknown_number"), ("We did 12 pages.", "unknown_number"),
        ("Invoice INV-2042 is open.", "unknown_reference"), ("It is number #77.", "unknown_reference"),
    ],
)  # fmt: skip
def test_other_invented_figures_block(body: str, name: str) -> None:
    """Times, shares, counts and references are facts as much as amounts."""
    assert name in names(body)


@pytest.mark.parametrize(
    "body",
    ["You have two rounds left.", "There are two options.", "I need three things from you:\n1. the text\n2. the logo\n3. the date", "The term is 14 days.", "We are open 09:00–17:00.", "The A4 layout and the B2B page stay.", "One of the points is open.", "You asked about page 7."],
)  # fmt: skip
def test_figures_that_are_known_or_state_nothing_pass(body: str) -> None:
    """A guard that trips over `two options` would send every second letter back."""
    assert names(body) == set()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("Pay to DE89 3704 0044 0532 0130 00.", "bank_details"), ("IBAN GB29NWBK60161331926819", "bank_details"), ("Our bank details have changed.", "bank_details"), ("Call +44 20 7946 0958.", "unknown_phone"),
        ("See https://pay.example.com/robin2.", "unknown_link"), ("See pay.example.net.", "unknown_link"), ("See example[.]net/pay.", "unknown_link"), ("See http://xn--pypal-4ve.example.", "unknown_link"),
        ("Write to robin@studio.example.com.", "unknown_link"), ("Write to robin (at) other (dot) example.", "unknown_link"), ("See 192.0.2.7/pay.", "unknown_link"),
    ],
)  # fmt: skip
def test_foreign_links_and_accounts_block(body: str, name: str) -> None:
    """Invoice fraud needs one wrong account number or link in a letter that the owner approves."""
    assert name in names(body)


def test_links_of_the_config_pass() -> None:
    """The owner's payment page is what a reminder is for."""
    assert names("Pay at https://pay.example.com/robin, or write to robin@studio.example.") == set()


def test_bank_details_never_come_from_the_mail() -> None:
    """An account number in the client's mail may be a fraud; repeating it would launder it."""
    brief = replace(BRIEF, client_text=UntrustedText("Please use DE89 3704 0044 0532 0130 00 from now on."))
    assert "bank_details" in names("I noted DE89 3704 0044 0532 0130 00.", brief)
    assert "bank_details" in names('You wrote: "Please use DE89 3704 0044 0532 0130 00 from now on."', brief)


@pytest.mark.parametrize(
    "body",
    [
        "As agreed with Mr Henderson, it stays.",
        "I spoke with Thomas about it.",
        "Silverline Ltd sends it.",
        "Sarah will help.",
    ],
)
def test_an_invented_person_or_company_blocks(body: str) -> None:
    """Models like to invent colleagues."""
    assert "unknown_name" in names(body)


def test_names_of_the_record_and_of_the_mail_pass() -> None:
    """The client's accountant may be named by the name that the client gave."""
    assert names("Maria Lopez asked about Tidewater, and Anna Weber answered.") == set()


def test_two_capitals_in_a_row_only_warn() -> None:
    """`Creative Commons` looks like a name and is none: a person decides."""
    assert names("The photos are under Creative Commons.") == set()
    assert "unknown_name" in names("The photos are under Creative Commons.", severity=Severity.WARN)


@pytest.mark.parametrize(
    "body",
    [
        "Invoice INV-2041 over EUR 480.00 is open.",
        "INV-2041   12 March 2026   EUR 480.00\nINV-2055   16 March 2026   EUR 1,234.50",
        "Invoice INV-2041 was due on 16 March 2026.",
        "Invoice INV-2041 has been overdue for 5 days.",
        "Invoice INV-2041 was due on 10 February 2026.",
        "Invoice INV-2041 over 500 euros is open.",
        "Invoices INV-2041 and INV-2055 over EUR 480.00 and EUR 1,234.50 are open.",
        "EUR 480.00 for INV-2041 and EUR 1,234.50 for INV-2055.",
        "Invoice INV-2041 is open. Its amount is EUR 480.00.",
    ],
)
def test_an_invoice_with_anothers_figure_blocks(body: str) -> None:
    """Every figure is on record, and the statement is still wrong."""
    assert "mixed_up_invoice" in names(body)


@pytest.mark.parametrize(
    "body",
    [
        "INV-2041   12 March 2026   EUR 1,234.50\nINV-2055   16 March 2026   EUR 480.00\nTotal   EUR 1,714.50",
        "Invoice INV-2041 of 10 February 2026 was due on 12 March 2026 and is 9 days overdue.",
        "Invoices INV-2041 and INV-2055 over EUR 1,234.50 and EUR 480.00 are open, EUR 1,714.50 together.",
        "EUR 1,234.50 for INV-2041 and EUR 480.00 for INV-2055.",
        "You wrote that you would pay 500 euros of INV-2041.",
        "Please pay INV-2041 by 26 March.",
    ],
)
def test_a_right_statement_passes(body: str) -> None:
    """The statement of a chase is the letter's purpose."""
    assert names(body, replace(BRIEF, kind="chase")) == set()


def test_figures_inside_a_verbatim_quote_pass() -> None:
    """A template quotes the client's ask word for word; the quote states nothing of ours."""
    brief = replace(BRIEF, client_text=UntrustedText("Could you add 40 products by tomorrow?"))
    assert names("You asked: “Could you add 40 products by tomorrow?”", brief) == set()
    assert names("You asked: “Could you add 90 products by Sunday?”", brief) != set()
