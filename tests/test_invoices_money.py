"""Amounts and dates as people write them: exact, and asked about where two readings are possible."""

import ast
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ledger import Invoice, Money
from pipeline.errors import InputError
from pipeline.invoices.dates import DateOrder, parse_dates
from pipeline.invoices.money import (
    AmbiguousAmount,
    check_currency,
    currency_in,
    decimal_mark,
    parse_amount,
    to_places,
)

AMOUNTS = st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2)
DATES = st.dates(date(2001, 1, 1), date(2068, 12, 31))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1 234,5 €", "1234.5"),
        ("$13.50", "13.50"),
        ("EUR -12,00", "-12.00"),
        ("(20.00)", "-20.00"),
        ("20.00-", "-20.00"),
        ("−5", "-5"),
        ("1.234.567", "1234567"),
        ("12,34,567.80", "1234567.80"),
        ("0.123", "0.123"),
        (".50", "0.50"),
        ("١٢٣٫٥", "123.5"),
        ("0", "0"),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text: str, amount: str) -> None:
    """A sign, a space or another country's marks would change the sum."""
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12.345", "$1.000"])
def test_an_amount_with_two_readings_is_asked_about(text: str) -> None:
    """A thousandfold would be guessed."""
    with pytest.raises(AmbiguousAmount, match="two ways"):
        parse_amount(text)


@pytest.mark.parametrize(("decimal", "amount"), [(".", "1.234"), (",", "1234")])
def test_the_decimal_mark_settles_it(decimal: str, amount: str) -> None:
    """The owner's answer would be ignored."""
    assert str(parse_amount("1.234", decimal=decimal)) == amount


@pytest.mark.parametrize(
    "text", ["", "abc", "1,2,3", "--5", "1.2.3,4", "12.5.6", "1e5", "NaN", "Infinity", "1,23,4.5", "€"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """A typing error or scientific notation would become money."""
    with pytest.raises(InputError):
        parse_amount(text)


@given(AMOUNTS, st.sampled_from([("en_US", "."), ("de_DE", ","), ("fr_FR", ","), ("hi_IN", "."), ("de_CH", ".")]))
def test_amounts_come_back_from_every_locale(amount: Decimal, locale: tuple[str, str]) -> None:
    """A locale's own grouping (spaces, apostrophes, lakhs) would be refused or misread."""
    text = format_decimal(amount, "#,##0.00" if locale[0] != "hi_IN" else "#,##,##0.00", locale[0])

    assert parse_amount(text, decimal=locale[1]) == amount
    assert parse_amount(text) == amount


@given(st.text(max_size=30), st.sampled_from([None, ".", ","]))
def test_any_text_is_an_exact_amount_or_an_error(text: str, decimal: str | None) -> None:
    """A strange cell would end in a traceback, or in a NaN that no comparison catches."""
    try:
        amount = parse_amount(text, decimal=decimal)
    except InputError:
        return
    assert amount.is_finite()


def test_a_column_tells_its_decimal_mark() -> None:
    """One clear amount decides for the others; two that disagree are a question."""
    assert decimal_mark(["1.234", "99,50", "x"]) == ","
    assert decimal_mark(["1.234", "12"]) is None
    with pytest.raises(InputError, match=r"99,50.*99\.5|99\.5.*99,50"):
        decimal_mark(["99,50", "99.5"])


@pytest.mark.parametrize(
    ("text", "code"),
    [("€5", "EUR"), ("5 GBP", "GBP"), ("$5", None), ("US$5", "USD"), ("C$5", "CAD"), ("5 kr", None), ("5 ABC", None)],
)
def test_a_sign_names_a_currency_only_if_it_is_the_only_one(text: str, code: str | None) -> None:
    """A dollar sign would make Canadian invoices American."""
    assert currency_in(text) == code


def test_currencies_are_those_of_iso_4217() -> None:
    """A misspelt code would make a currency of its own, with totals of its own."""
    assert (check_currency("eur"), check_currency(" £ ")) == ("EUR", "GBP")
    with pytest.raises(InputError, match="EURO"):
        check_currency("EURO")


def test_amounts_have_the_decimals_of_their_currency() -> None:
    """Yen with sen, or dinars cut to two places."""
    assert str(to_places(Decimal("5.0000"), "EUR")) == "5.00"
    assert str(to_places(Decimal("5.125"), "KWD")) == "5.125"
    with pytest.raises(InputError, match="JPY"):
        to_places(Decimal("5.5"), "JPY")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-04", "2026-03-04"),
        ("2026/3/4", "2026-03-04"),
        ("20260304", "2026-03-04"),
        ("2026-03-04T10:00:00Z", "2026-03-04"),
        ("2026-03-04 10:00", "2026-03-04"),
        ("4.3.2026", "2026-03-04"),
        ("04.03.26", "2026-03-04"),
        ("31/03/2026", "2026-03-31"),
        ("03-31-2026", "2026-03-31"),
        ("4 Mar 2026", "2026-03-04"),
        ("04-Mar-26", "2026-03-04"),
        ("March 4, 2026", "2026-03-04"),
        ("4. März 2026", "2026-03-04"),
        ("4 Şubat 2026", "2026-02-04"),
        ("05/05/2026", "2026-05-05"),
    ],
)
def test_a_date_that_can_be_only_one_day_is_read(text: str, day: str) -> None:
    """A form that a program writes would be refused, or read as another day."""
    assert parse_dates([text]).dates == (date.fromisoformat(day),)


@pytest.mark.parametrize("text", ["2026-02-30", "31.04.2026", "13/13/2026", "45000", "soon", "4 Foo 2026"])
def test_what_is_no_date_is_told(text: str) -> None:
    """The thirtieth of February, or a spreadsheet's serial number, would become some day."""
    read = parse_dates([text])

    assert (read.dates, read.unreadable, read.ask) == ((None,), (0,), ())


@given(st.lists(DATES, min_size=1, max_size=12), st.sampled_from(list(DateOrder)))
def test_a_column_is_read_in_its_order_or_asked_about(days: list[date], order: DateOrder) -> None:
    """A row that was read in another order than its file."""
    form = "%d/%m/%Y" if order is DateOrder.DMY else "%m/%d/%Y"
    texts = [day.strftime(form) for day in days]

    read, answered = parse_dates(texts), parse_dates(texts, order)

    assert answered.dates == tuple(days)
    clear = any(day.day > 12 for day in days)
    for position, day in enumerate(days):
        assert (read.dates[position] == day) if clear or day.day == day.month else position in read.ask


@given(st.lists(st.text(max_size=15), max_size=5))
def test_any_texts_are_dates_or_told(texts: list[str]) -> None:
    """A strange cell would vanish: no date, no problem, no question."""
    read = parse_dates(texts)

    for position, (text, found) in enumerate(zip(texts, read.dates, strict=True)):
        assert found or not text.strip() or position in (*read.unreadable, *read.ask)


@given(DATES, st.integers(-400, 400))
def test_days_overdue_are_whole_calendar_days(due: date, late: int) -> None:
    """An hour or a change of the clocks would make a day."""
    invoice = Invoice("A", "k@client.example", due, due, Money("EUR", Decimal(1)))

    assert invoice.days_overdue(due + timedelta(days=late)) == late


def test_no_float_anywhere_near_money() -> None:
    """One float in a sum, and totals are off by cents that a client will find."""
    room = Path(__file__).parent.parent / "pipeline"
    for file in (*room.glob("invoices/**/*.py"), room / "domain" / "ledger.py", room / "domain" / "ladder.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = node.id if isinstance(node, ast.Name) else None
            assert name != "float", file
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), file
