"""Every export format, from a sample file written after its real columns, to invoices and back again without change."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.invoices.diff import compare
from pipeline.invoices.importers import FORMATS, Answers, Ask, LedgerRead, detect, read_ledger

LEDGERS = Path(__file__).parent.parent / "fixtures" / "ledgers"
KIM = "mara@brightkiln.example"
QUAY = "accounts@northquay.example"
JO = "jo@lanternpress.example"
ANSWERS = {
    "quickbooks": Answers(default_currency="USD"),
    "quickbooks_report": Answers(default_currency="USD", credits={"CM-3": "1042"}),
    "ninja_v4": Answers(default_currency="USD"),
    "invoice2go": Answers(terms_days=14),
    "xero": Answers(credits={"CN-0007": ""}),
}
EXPECTED: dict[str, Sequence[tuple[str, ...]]] = {
    "own": [
        ("2026-001", KIM, "2026-01-12", "2026-01-26", "1450.00 EUR", "1450.00", "2026-01-24", "paid"),
        ("2026-002", KIM, "2026-02-09", "2026-02-23", "1450.00 EUR", "500.00", "2026-02-25", "partial"),
        ("2026-003", QUAY, "2026-02-16", "2026-03-18", "3200.00 USD", "0.00", "", "open"),
        ("2026-004", QUAY, "2026-02-20", "2026-03-22", "180.00 USD", "0.00", "", "void"),
        ("2026-005", JO, "2026-03-02", "2026-03-16", "640.50 GBP", "0.00", "", "disputed"),
    ],
    "freshbooks": [
        ("0000041", "Bright Kiln Studio", "2026-02-02", "2026-02-16", "1296.00 EUR", "1296.00", "2026-02-14", "paid"),
        ("0000042", "North Quay Ltd", "2026-02-20", "2026-03-22", "600.00 USD", "0", "", "open"),
        ("0000043", "Lantern Press", "2026-03-01", "2026-03-15", "550.00 GBP", "0", "", "draft"),
    ],
    "xero": [
        ("INV-0101", KIM, "2026-01-13", "2026-01-27", "1800.00 GBP", "1800.00", "", "paid"),
        ("INV-0102", QUAY, "2026-02-03", "2026-03-05", "960.00 GBP", "360.00", "", "partial"),
        ("INV-0103", JO, "2026-02-16", "2026-03-02", "240.00 GBP", "0.00", "", "void"),
    ],
    "quickbooks": [
        ("1041", "Bright Kiln Studio", "2026-01-20", "2026-02-19", "840.00 USD", "0", "", "open"),
        ("1042", "North Quay Ltd", "2026-02-02", "2026-03-04", "600.00 USD", "0", "", "open"),
    ],
    "quickbooks_report": [
        ("1041", "Bright Kiln Studio", "2026-01-20", "2026-02-13", "840.00 USD", "500.00", "", "partial"),
        ("1042", "North Quay Ltd", "2026-02-02", "2026-03-04", "1600.00 USD", "50.00", "", "partial"),
    ],
    "stripe": [
        ("7F3A-0001", KIM, "2026-01-15", "2026-02-14", "480.00 EUR", "480.00", "", "paid"),
        ("7F3A-0002", QUAY, "2026-02-03", "2026-03-05", "1200.00 USD", "0.00", "", "open"),
        ("7F3A-0003", QUAY, "2026-02-05", "2026-03-07", "90.00 USD", "0.00", "", "void"),
        ("7F3A-0004", JO, "2025-06-01", "2025-07-01", "60.00 USD", "0.00", "", "written_off"),
    ],
    "ninja_v4": [
        ("0012", KIM, "2026-01-20", "2026-02-19", "1413.50 USD", "413.50", "", "partial"),
        ("0013", QUAY, "2026-02-02", "2026-03-04", "600.00 USD", "0.00", "", "open"),
    ],
    "ninja_v5": [
        ("0021", KIM, "2026-01-12", "2026-01-26", "1450.00 EUR", "1450.00", "", "paid"),
        ("0022", QUAY, "2026-02-16", "2026-03-18", "3200.00 USD", "1000.00", "", "partial"),
        ("0023", JO, "2026-03-02", "2026-03-16", "640.00 GBP", "0.00", "", "open"),
        ("0024", JO, "2026-03-03", "2026-03-17", "99.00 GBP", "0.00", "", "void"),
    ],
    "zoho": [
        ("INV-000101", "Bright Kiln Studio", "2026-01-12", "2026-01-26", "1450.00 EUR", "1450.00", "2026-01-24", "paid"),
        ("INV-000102", "North Quay Ltd", "2026-02-16", "2026-03-18", "3200.00 USD", "1000.00", "2026-03-01", "partial"),
        ("INV-000103", "Lantern Press", "2026-03-02", "2026-03-16", "640.00 GBP", "0.00", "", "open"),
        ("INV-000104", "Lantern Press", "2026-03-03", "2026-03-17", "80.00 GBP", "0", "", "void"),
    ],
    "invoice2go": [
        ("31", KIM, "2026-01-28", "2026-02-11", "953.55 EUR", "953.55", "2026-02-05", "paid"),
        ("32", QUAY, "2026-02-11", "2026-02-25", "367.20 USD", "200.00", "", "partial"),
        ("33", JO, "2026-03-01", "2026-03-15", "70.20 GBP", "0.00", "", "draft"),
    ],
    "ubl": [("2026-011", QUAY, "2026-02-16", "2026-03-18", "3200.00 EUR", "200.00", "", "partial")],
    "cii": [("2026-012", JO, "2026-03-02", "2026-03-16", "636.00 EUR", "0", "", "open")],
}  # fmt: skip
FILES = {"ubl": "ubl.xml", "cii": "facturx.xml"}


def read(name: str) -> LedgerRead:
    """The sample file of a format."""
    file = FILES.get(name, f"{name}.csv")
    return read_ledger((LEDGERS / file).read_bytes(), file_name=file, answers=ANSWERS.get(name))


def told(result: LedgerRead) -> list[tuple[str, ...]]:
    """Its invoices as texts; the client by address, else by name."""
    return [
        (
            i.number,
            i.client_email or i.client_name,
            i.issued.isoformat(),
            i.due.isoformat(),
            f"{i.total.amount} {i.total.currency}",
            str(i.paid),
            i.paid_on.isoformat() if i.paid_on else "",
            str(i.status),
        )
        for i in result.invoices
    ]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_format_is_found_and_read(name: str) -> None:
    """A column that is read as another one, a line item that becomes an invoice, or a void row that is chased."""
    result = read(name)

    assert result.format == name
    assert told(result) == EXPECTED[name]
    assert (result.problems, result.questions) == ((), ())


def test_every_format_has_a_sample() -> None:
    """A format could be added without anything that reads it."""
    assert {layout.name for layout in FORMATS} | {"ubl", "cii"} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_importing_twice_changes_nothing(name: str) -> None:
    """A second import would duplicate invoices, or show changes where there are none."""
    first, second = read(name), read(name)

    diff = compare(first.invoices, second.invoices, knows_payments=second.knows_payments)

    assert diff.unchanged == first.invoices
    assert (diff.added, diff.updated, diff.contradictions) == ((), (), ())


@pytest.mark.parametrize("name", [n for n in EXPECTED if n not in FILES])
def test_headers_match_whatever_their_case(name: str) -> None:
    """Exports drift: `INVOICE NUMBER` or ` Invoice  Number ` would make the file unknown."""
    text = (LEDGERS / f"{name}.csv").read_text()
    position = next(k for k in range(10) if detect("\n".join(text.splitlines()[k : k + 1]) + "\n"))
    lines = text.splitlines(keepends=True)
    lines[position] = lines[position].upper()

    result = read_ledger("".join(lines).encode(), file_name="x.csv", answers=ANSWERS.get(name))

    assert told(result) == EXPECTED[name]


def test_an_owners_mapping_reads_any_table() -> None:
    """A program that nobody has heard of, with semicolons, decimal commas and its own words for a status."""
    result = read_ledger(
        (LEDGERS / "mapped.csv").read_bytes(),
        file_name="mapped.csv",
        mapping=(LEDGERS / "mapping.toml").read_text(),
    )

    assert told(result) == [
        ("R-77", KIM, "2026-02-02", "2026-02-16", "1234.56 EUR", "0.00", "", "open"),
        ("R-78", QUAY, "2026-02-09", "2026-02-23", "980.00 EUR", "980.00", "", "paid"),
    ]


@pytest.mark.parametrize("name", ["quickbooks", "ubl", "cii"])
def test_formats_without_payment_state_say_so(name: str) -> None:
    """An invoice that is long paid would be opened again by importing its e-invoice."""
    assert read(name).knows_payments is False


def test_credit_notes_are_asked_about() -> None:
    """A credit note that the balance has already would be taken off twice, or one that it lacks never."""
    data = (LEDGERS / "xero.csv").read_bytes()

    open_question = read_ledger(data, file_name="xero.csv")
    taken_off = read_ledger(data, file_name="xero.csv", answers=Answers(credits={"CN-0007": "INV-0102"}))
    too_much = read_ledger(data, file_name="xero.csv", answers=Answers(credits={"CN-0007": "INV-0101"}))

    assert [(q.ask, q.lines) for q in open_question.questions] == [(Ask.CREDITS, (5,))]
    assert [i.open.amount for i in taken_off.invoices if i.number == "INV-0102"] == [480]
    assert taken_off.questions == ()
    assert "CN-0007" in str(too_much.problems[0])
