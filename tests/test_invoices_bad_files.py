"""Files with mistakes: each is told with line, column and fix, the good rows are offered, nothing is half read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.client import Client
from pipeline.domain.ids import ClientId
from pipeline.errors import InputError
from pipeline.invoices.importers import MAX_BYTES, Answers, Ask, LedgerRead, read_ledger, text
from pipeline.invoices.importers.known import match_clients

HEADER = "number,client_email,issued,due,currency,total,paid,paid_on,status"
GOOD = "A-1,kim@client.example,2026-02-02,2026-03-02,EUR,100.00,0,,open"


def own(*rows: str, **answers: object) -> LedgerRead:
    """A ledger in our own form: the header, a good row, and these."""
    written = "\n".join((HEADER, GOOD, *rows)) + "\n"
    return read_ledger(written.encode(), file_name="x.csv", answers=Answers(**answers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,100.00,120.00,,open", "paid", "negative balance"),
        ("B-2,kim@client.example,2026-03-02,2026-02-02,EUR,100.00,0,,open", "due", "before it was issued"),
        ("B-2,kim@client.example,2026-02-30,2026-03-02,EUR,100.00,0,,open", "issued", "no date"),
        ("B-2,kim@client.example,,2026-03-02,EUR,100.00,0,,open", "issued", "no date"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,XYZ,100.00,0,,open", "currency", "XYZ"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,hundred,0,,open", "total", "no amount"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,,0,,open", "total", "missing"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,100.005,0,,open", "total", "decimals"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,£100.00,0,,open", "total", "GBP"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,100.00,0,,mostly", "status", "mostly"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,100.00,40.00,,paid", "status", "40.00 of 100.00"),
        (",kim@client.example,2026-02-02,2026-03-02,EUR,100.00,0,,open", "number", "no invoice number"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02", "4", "4 fields"),
        ("B-2,kim@client.example,2026-02-02,2026-03-02,EUR,1,000.00,0,,open", "10", "10 fields"),
    ],
)
def test_a_bad_row_is_told_and_the_good_one_offered(row: str, column: str | None, words: str) -> None:
    """One bad row would lose the file, or slip through as money that nobody owes."""
    result = own(row)

    assert [i.number for i in result.invoices] == ["A-1"]
    assert [(p.line, p.column) for p in result.problems] == [(3, column)]
    assert words in result.problems[0].message
    assert result.problems[0].fix


def test_one_number_for_two_clients_is_nobodys() -> None:
    """The second client would be chased for the first one's invoice."""
    result = own(GOOD.replace("A-1", "B-2"), GOOD.replace("A-1", "B-2").replace("kim@", "ann@"))

    assert [i.number for i in result.invoices] == ["A-1"]
    assert [(p.line, p.column) for p in result.problems] == [(4, "number")]
    assert "line 3" in result.problems[0].message


def test_a_number_twice_with_other_figures_is_told() -> None:
    """The last row would win silently."""
    result = own(GOOD.replace("100.00", "90.00"))

    assert result.invoices == ()
    assert [(p.line, p.column) for p in result.problems] == [(3, "total")]


@pytest.mark.parametrize("cut", [20, 2], ids=["in the middle of a row", "in its last field"])
def test_a_truncated_file_keeps_only_whole_rows(cut: int) -> None:
    """A row that was cut off would be read as an invoice over less, or as one that is open."""
    text = f"{HEADER}\n{GOOD}\n{GOOD.replace('A-1', 'B-2')}"[:-cut]

    result = read_ledger(text.encode(), file_name="x.csv")

    assert [i.number for i in result.invoices] == ["A-1"]
    assert [p.line for p in result.problems] == [3]


def test_an_open_quotation_mark_is_told_with_its_line() -> None:
    """Everything after the mark would become one field."""
    result = own('B-2,"kim@client.example,2026-02-02,2026-03-02,EUR,100.00,0,,open')

    assert [i.number for i in result.invoices] == ["A-1"]
    assert result.problems[0].line == 3
    assert "quotation mark" in result.problems[0].fix


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_byte_order_mark_or_utf_16_is_read(encoding: str) -> None:
    """A spreadsheet's "Unicode text" would be an unknown header."""
    result = read_ledger(f"{HEADER}\n{GOOD}\n".encode(encoding), file_name="x.csv")

    assert [i.number for i in result.invoices] == ["A-1"]
    assert result.problems == ()


def test_another_encoding_is_asked_about_with_the_place() -> None:
    """`Müller` would become `MÃ¼ller`, and the client a stranger."""
    header = "number;client_email;client_name;issued;due;currency;total"
    data = f"{header}\nA-1;m@client.example;Müller;2026-02-02;2026-03-02;EUR;1\n".encode("cp1252")

    asked = read_ledger(data, file_name="x.csv")
    answered = read_ledger(data, file_name="x.csv", answers=Answers(encoding="cp1252"))

    assert [(q.ask, q.lines) for q in asked.questions] == [(Ask.ENCODING, (2,))]
    assert "column 23" in asked.questions[0].message
    assert "Müller" in asked.questions[0].message
    assert answered.questions == ()
    assert answered.invoices[0].client_name == "Müller"


def test_a_cut_off_utf_16_file_keeps_its_whole_rows() -> None:
    """A file that ends inside a character would be lost as a whole, or raise."""
    result = read_ledger(f"{HEADER}\n{GOOD}\n{GOOD.replace('A-1', 'B-2')}\n".encode("utf-16")[:-3], file_name="x.csv")

    assert ("utf-16" in result.problems[0].message, result.problems[0].line) == (True, 3)
    assert [i.number for i in result.invoices] == ["A-1"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_spreadsheet_saved_with_another_delimiter(delimiter: str) -> None:
    """European spreadsheets write semicolons and decimal commas."""
    text = f"{HEADER}\n{GOOD}\n".replace(",", delimiter).replace("100.00", "1.100,00")

    assert [str(i.total.amount) for i in read_ledger(text.encode(), file_name="x.csv").invoices] == ["1100.00"]


def test_excels_sep_line_is_understood() -> None:
    """`sep=;` would be taken for the header, and lines would be counted one off."""
    bad = GOOD.replace("A-1", "B-2").replace("EUR", "XYZ")
    text = f"sep=;\n{HEADER}\n{GOOD}\n{bad}\n".replace(",", ";")

    result = read_ledger(text.encode(), file_name="x.csv")

    assert [i.number for i in result.invoices] == ["A-1"]
    assert result.problems[0].line == 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"x" * (MAX_BYTES + 1), "25 MB"),
        (b"a,b\n1,2\n", "no header row"),
        (b"hello", "no header row"),
    ],
    ids=["empty", "blank", "xlsx", "pdf", "huge", "other table", "prose"],
)
def test_what_is_no_ledger_is_told(data: bytes, words: str) -> None:
    """A PDF, a spreadsheet or two hundred megabytes would end in a traceback or in no memory."""
    result = read_ledger(data, file_name="ledger.csv")

    assert result.invoices == ()
    assert words in result.problems[0].message
    assert result.problems[0].fix


def test_ambiguous_dates_are_asked_and_never_guessed() -> None:
    """03/04 read the wrong way is a month: a client is chased who owes nothing yet."""
    rows = ("B-2,kim@client.example,02/03/2026,03/04/2026,EUR,10.00,0,,open",)

    asked, day_first, month_first = own(*rows), own(*rows, date_order="dmy"), own(*rows, date_order="mdy")

    assert [i.number for i in asked.invoices] == ["A-1"]
    assert [(q.ask, q.options, q.lines) for q in asked.questions] == [(Ask.DATE_ORDER, ("dmy", "mdy"), (3,))]
    assert day_first.invoices[1].due.isoformat() == "2026-04-03"
    assert month_first.invoices[1].due.isoformat() == "2026-03-04"


def test_one_clear_date_decides_for_its_file() -> None:
    """The owner would be asked what the file itself says."""
    result = own(
        "B-2,kim@client.example,02/03/2026,03/04/2026,EUR,10.00,0,,open",
        "C-3,kim@client.example,02/03/2026,31/03/2026,EUR,10.00,0,,open",
    )

    assert [i.due.isoformat() for i in result.invoices] == ["2026-03-02", "2026-04-03", "2026-03-31"]
    assert result.questions == ()


def test_dates_that_prove_both_orders_are_asked_about() -> None:
    """A file glued from two programs would be read by whichever came first."""
    result = own(
        "B-2,kim@client.example,2026-01-01,31/03/2026,EUR,10.00,0,,open",
        "C-3,kim@client.example,2026-01-01,03/31/2026,EUR,10.00,0,,open",
        "D-4,kim@client.example,2026-01-01,03/04/2026,EUR,10.00,0,,open",
    )

    assert [i.number for i in result.invoices] == ["A-1", "B-2", "C-3"]
    assert [(q.ask, q.lines) for q in result.questions] == [(Ask.DATE_ORDER, (5,))]


def test_ambiguous_amounts_are_asked_and_one_clear_amount_decides() -> None:
    """1.234 read the wrong way is a thousandfold."""
    row = "{},kim@client.example,2026-02-02,2026-03-02,EUR,{},,,open".format
    header = HEADER.replace(",", ";")
    unclear = f"{header}\n{row('B-2', '1.234').replace(',', ';')}\n"
    clear = f"{unclear}{row('C-3', '99§50').replace(',', ';').replace('§', ',')}\n"

    asked = read_ledger(unclear.encode(), file_name="x.csv")
    decided = read_ledger(clear.encode(), file_name="x.csv")

    assert (asked.invoices, [q.ask for q in asked.questions]) == ((), [Ask.DECIMAL])
    assert [str(i.total.amount) for i in decided.invoices] == ["1234.00", "99.50"]


def test_two_decimal_marks_in_one_file_are_asked_about() -> None:
    """A file glued from two programs would turn 99,50 into 9950."""
    result = own('B-2,kim@client.example,2026-02-02,2026-03-02,EUR,"99,50",0,,open')

    assert result.invoices == ()
    assert [q.ask for q in result.questions] == [Ask.DECIMAL]


def test_a_missing_currency_or_due_date_is_asked_for() -> None:
    """A currency or payment terms that nobody agreed would be invented."""
    row = "B-2,kim@client.example,2026-02-02,,,10.00,0,,open"

    first = own(row)
    answered = own(row, default_currency="USD", terms_days=14)

    assert [q.ask for q in first.questions] == [Ask.CURRENCY]
    assert [q.ask for q in own(row, default_currency="USD").questions] == [Ask.TERMS]
    assert (answered.invoices[1].total.currency, answered.invoices[1].due.isoformat()) == ("USD", "2026-02-16")


def test_a_partly_paid_invoice_without_its_amount_is_told() -> None:
    """FreshBooks says `partial` and not how much: the whole would be chased."""
    text = (
        "Client Name,Invoice #,Date Issued,Date Due,Invoice Status,Line Total,Currency\n"
        "Kim,1,2026-02-02,2026-03-02,partial,10.00,EUR\n"
    )

    result = read_ledger(text.encode(), file_name="x.csv")

    assert result.invoices == ()
    assert (result.problems[0].line, result.problems[0].column) == (2, "Invoice Status")


def test_totals_and_blank_rows_are_no_invoices() -> None:
    """A total row would be chased as the largest invoice of all."""
    result = own("", ",,,,,,,,", "Total,,,,,100.00,0,,")

    assert [i.number for i in result.invoices] == ["A-1"]
    assert result.problems == ()


def test_strangers_and_unused_currencies_are_told() -> None:
    """An invoice for nobody would vanish, or a mistyped currency would make a new debt."""
    read = own(
        "B-2,who@else.example,2026-02-02,2026-03-02,EUR,100.00,0,,open",
        "C-3,pay@client.example,2026-02-02,2026-03-02,JPY,100,0,,open",
        "D-4,PAY@client.example,2026-02-02,2026-03-02,EUR,100.00,0,,open",
    )
    client = Client(ClientId(9), "Kim", ("kim@client.example",), domains=("client.example",))

    result = match_clients(read, [client], {"EUR", "USD"})

    assert [(i.number, i.client_id) for i in result.invoices] == [("A-1", 9), ("D-4", 9)]
    assert [p.line for p in result.problems] == [3, 4]
    assert result.lines == (2, 5)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("[columns", "TOML"),
        ('[columns]\nnumber = "N"', "issued, total"),
        ('[columns]\nnumber = "N"\nissud = "D"', "issud"),
        ('[columns]\nnumber = 3\nissued = "D"\ntotal = "T"', "texts"),
        ('date_order = "ymd"\n[columns]\nnumber = "N"\nissued = "D"\ntotal = "T"', "ymd"),
        ('[columns]\nnumber = "N"\nissued = "D"\ntotal = "T"\n[status]\noffen = "opened"', "opened"),
    ],
)
def test_a_mistake_in_a_mapping_is_told(mapping: str, words: str) -> None:
    """A misspelt field would silently leave its column out."""
    with pytest.raises(InputError, match=words):
        read_ledger(b"N,D,T\n", file_name="x.csv", mapping=mapping)


def test_an_unknown_format_name_is_told() -> None:
    """A misspelt --format would read nothing and say nothing."""
    with pytest.raises(InputError, match="freshbok"):
        read_ledger(b"x", file_name="x.csv", format="freshbok")


@given(st.binary(max_size=400))
def test_any_bytes_give_a_result(data: bytes) -> None:
    """A damaged download would end in a traceback."""
    result = read_ledger(data, file_name="x.csv")

    assert result.invoices or result.problems or result.questions


@given(st.text(alphabet='ab1,;"\n\r\t .-€$(é', max_size=200))
def test_any_rows_under_a_header_give_a_result(body: str) -> None:
    """A field with quotes, line breaks or signs in it would end in a traceback, or in an invoice without a total."""
    result = read_ledger(f"{HEADER}\n{body}".encode(), file_name="x.csv")

    assert all(i.total.amount.is_finite() and i.due >= i.issued for i in result.invoices)
    assert all(p.message and p.fix for p in result.problems)


def test_a_file_of_endless_rows_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows would fill the memory of a small machine, and cron with it."""
    monkeypatch.setattr(text, "MAX_ROWS", 3)
    header = b"number,client_email,issued,due,currency,total\n"
    row = b"A-1,kim@client.example,2026-01-01,2026-01-31,EUR,5.00\n"

    read = read_ledger(header + row * 4, file_name="long.csv")

    assert read.invoices == ()
    assert [(p.line, "more than 3 rows" in p.message) for p in read.problems] == [(5, True)]


@given(st.text(alphabet='ab,"\r\n 1', max_size=60))
def test_records_are_those_of_a_file_opened_for_csv(written: str) -> None:
    """A quotation mark over two lines would be cut in half, and the line numbers of every error after it be wrong."""
    found, problems = text.records(written, ",")
    if problems:
        return
    rows = csv.reader(io.StringIO(written, newline=""), strict=True)
    expected = [tuple(cell.strip() for cell in row) for row in rows if any(cell.strip() for cell in row)]

    assert [record.fields for record in found] == expected
