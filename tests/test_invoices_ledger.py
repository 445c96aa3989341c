"""The ledger once it is read: what changed, how old it is, what was paid, promised and answered."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.assessment import PaymentKind, PaymentStatement
from pipeline.domain.client import WorkingHours
from pipeline.domain.ids import ClientId, UntrustedText
from pipeline.domain.ladder import Pause, PauseReason
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money, Payment, Promise, PromiseStatus
from pipeline.invoices.ageing import age, days_sales_outstanding
from pipeline.invoices.diff import compare
from pipeline.invoices.importers import Answers, Ask
from pipeline.invoices.payments import PaymentsDiff, is_payments, place_payments, read_payments
from pipeline.invoices.promises import settle_promises
from pipeline.invoices.replies import absence, effect_of
from pipeline.workdays import WorkCalendar

CALENDAR = WorkCalendar(WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE"))
A = Invoice("A-1", "kim@client.example", date(2026, 2, 2), date(2026, 3, 2), Money("EUR", Decimal("900.00")))
PAID = replace(A, paid=Decimal("900.00"), paid_on=date(2026, 3, 1), status=InvoiceStatus.PAID)
MADE = datetime(2026, 3, 3, 10, tzinfo=UTC)


# --- diff


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PAID, A, "open again"),
        (replace(A, status=InvoiceStatus.VOID), A, "open again"),
        (
            PAID,
            replace(PAID, total=Money("EUR", Decimal("800.00")), paid=Decimal("800.00")),
            "less is paid|total changed",
        ),
        (A, replace(A, total=Money("USD", Decimal("900.00"))), "currency"),
        (A, replace(A, client_email="ann@other.example"), "was for kim@client.example"),
        (replace(A, paid=Decimal(500)), replace(A, paid=Decimal(100)), "less is paid"),
        (A, replace(A, issued=date(2026, 2, 20)), "its date changed"),
    ],
)
def test_a_file_that_contradicts_history_asks(old: Invoice, new: Invoice, words: str) -> None:
    """An old export would reopen what is paid, and chase it."""
    diff = compare([old], [new])

    assert (diff.added, diff.updated) == ((), ())
    assert [c.change.old for c in diff.contradictions] == [old]
    assert any(word in diff.contradictions[0].message for word in words.split("|"))


def test_a_diff_tells_new_changed_and_unchanged() -> None:
    """An import would duplicate an invoice, or change one without showing it."""
    b, c = replace(A, number="B-2"), replace(A, number="C-3")

    diff = compare([A, b], [PAID, b, c])

    assert diff.added == (c,)
    assert [(u.new, u.fields) for u in diff.updated] == [(PAID, ("paid", "paid_on", "status"))]
    assert diff.unchanged == (b,)


def test_two_clients_may_have_the_same_number() -> None:
    """Another client's invoice of the same number would be taken for a contradiction, or overwrite ours."""
    theirs = replace(A, client_email="ann@other.example")

    diff = compare([A, theirs], [PAID])

    assert [u.old for u in diff.updated] == [A]


def test_the_same_client_by_name_where_an_export_has_no_address() -> None:
    """FreshBooks has no addresses: every reimport would add everything again."""
    named = replace(A, client_name="Kim Ltd")

    diff = compare([named], [replace(PAID, client_email="", client_name="KIM LTD")])

    assert diff.updated[0].new.client_email == "kim@client.example"
    assert diff.contradictions == ()


def test_an_e_invoice_does_not_reopen_what_is_paid() -> None:
    """A format without payment state would say that nothing is paid."""
    diff = compare([PAID], [A], knows_payments=False)

    assert diff.unchanged == (PAID,)


def test_an_export_without_payment_dates_keeps_the_one_that_is_known() -> None:
    """Every paid invoice would lose its date, and with it the client's record of paying late."""
    assert compare([PAID], [replace(PAID, paid_on=None)]).unchanged == (PAID,)


def test_what_only_the_ledger_knows_survives_an_import() -> None:
    """The client's id and the contested part are in no export."""
    known = replace(A, client_id=ClientId(4), disputed_amount=Decimal(50))

    new = compare([known], [replace(A, due=date(2026, 3, 9))]).updated[0].new

    assert (new.client_id, new.disputed_amount, new.due) == (4, Decimal(50), date(2026, 3, 9))


# --- ageing


@pytest.mark.parametrize(
    ("today", "bucket"),
    [
        (date(2026, 3, 2), "current"),
        (date(2026, 3, 3), "days_1_30"),
        (date(2026, 4, 1), "days_1_30"),
        (date(2026, 4, 2), "days_31_60"),
        (date(2026, 5, 2), "days_61_90"),
        (date(2026, 5, 31), "days_61_90"),
        (date(2026, 6, 1), "over_90"),
    ],
)
def test_an_invoice_ages_by_the_day(today: date, bucket: str) -> None:
    """The due day would count as overdue, or the thirtieth day as the thirty-first."""
    (row,) = age([A], today)

    assert getattr(row, bucket) == row.total == Decimal("900.00")


@given(st.lists(st.tuples(st.sampled_from(["EUR", "USD"]), st.integers(1, 10**7), st.integers(-50, 200)), max_size=20))
def test_ageing_loses_no_cent(bills: list[tuple[str, int, int]]) -> None:
    """A currency added to another, or an invoice in no bucket."""
    today = date(2026, 6, 1)
    invoices = [
        replace(A, number=str(n), due=date.fromordinal(today.toordinal() - late), total=Money(c, Decimal(cents) / 100))
        for n, (c, cents, late) in enumerate(bills)
    ]

    table = {row.currency: row.total for row in age(invoices, today)}

    assert table == {
        c: sum(Decimal(cents) / 100 for code, cents, _ in bills if code == c) for c in {code for code, _, _ in bills}
    }


def test_a_young_client_does_not_owe_for_a_year() -> None:
    """One invoice of last month, still open, would be a year of waiting."""
    assert days_sales_outstanding([A], date(2026, 3, 4)) == {"EUR": Decimal("30.0")}
    assert days_sales_outstanding([A], A.issued) == {"EUR": Decimal("1.0")}


def test_days_sales_outstanding_by_currency() -> None:
    """Void invoices as sales, one currency in another's figure, or an ancient bill as a habit."""
    today = date(2026, 3, 31)
    invoices = [
        A,
        PAID,
        replace(A, total=Money("USD", Decimal(100))),
        replace(A, status=InvoiceStatus.VOID),
        replace(A, issued=date(2019, 1, 1)),
    ]

    assert days_sales_outstanding(invoices, today, 90) == {"EUR": Decimal("45.0"), "USD": Decimal("90.0")}
    assert days_sales_outstanding([replace(A, status=InvoiceStatus.DRAFT)], today) == {}


# --- promises


def promised(day: int, **more: object) -> Promise:
    """A promise of 3 March for a day of that month."""
    fields = {"invoices": ("A-1",), "made_at": MADE} | more
    return Promise(
        ClientId(1),
        "<p@client.example>",
        date=date(2026, 3, day),
        quote=UntrustedText("q"),
        **fields,  # type: ignore[arg-type]
    )


def part(amount: str, on: int | None) -> Invoice:
    """A-1, partly paid on a day of March."""
    day = date(2026, 3, on) if on else None
    return replace(A, paid=Decimal(amount), paid_on=day, status=InvoiceStatus.PARTIAL)


@pytest.mark.parametrize(
    ("promise", "invoice", "today", "status"),
    [
        (promised(13), A, 13, "open"),
        (promised(13), A, 14, "open"),
        (promised(13), A, 15, "open"),
        (promised(13), A, 16, "broken"),
        (promised(13), PAID, 4, "kept"),
        (promised(13), replace(PAID, paid_on=date(2026, 3, 16)), 20, "kept"),
        (promised(13), replace(PAID, paid_on=date(2026, 3, 17)), 20, "broken"),
        (promised(13), part("100.00", 10), 16, "partial"),
        (promised(13), part("100.00", 2), 16, "broken"),
        (promised(13), part("100.00", None), 16, "partial"),
        (promised(13, amount=Decimal(100), currency="EUR"), part("100.00", 10), 11, "kept"),
        (promised(13, amount=Decimal(200), currency="EUR"), part("100.00", 10), 16, "partial"),
        (promised(13), replace(A, status=InvoiceStatus.VOID), 16, "superseded"),
        (promised(13, invoices=()), A, 16, "broken"),
        (promised(13, status=PromiseStatus.BROKEN), PAID, 20, "broken"),
    ],
    ids=[
        "on its date", "Saturday", "Sunday", "Monday: checked", "paid before", "paid on the day it is checked",
        "paid too late", "something came", "what came before does not count", "undated money counts for them",
        "the promised part came", "half of the promised part", "void: nothing to keep", "names no invoice: all open",
        "settled stays settled",
    ],
)  # fmt: skip
def test_what_became_of_a_promise(promise: Promise, invoice: Invoice, today: int, status: str) -> None:
    """A kept promise called broken costs a client; a broken one called open costs the money."""
    (found,) = settle_promises([promise], [invoice], date(2026, 3, today), CALENDAR)

    assert found.status == status


def test_payments_tell_more_than_the_last_date() -> None:
    """An instalment after the date would make the one before it late too."""
    payments = [Payment("A-1", Decimal(400), date(2026, 3, 12)), Payment("A-1", Decimal(500), date(2026, 3, 25))]
    promise = promised(13, amount=Decimal(400), currency="EUR")
    invoice = replace(PAID, paid_on=date(2026, 3, 25))

    with_rows = settle_promises([promise], [invoice], date(2026, 3, 26), CALENDAR, payments=payments)
    without = settle_promises([promise], [invoice], date(2026, 3, 26), CALENDAR)

    assert (with_rows[0].status, without[0].status) == (PromiseStatus.KEPT, PromiseStatus.BROKEN)


@pytest.mark.parametrize(
    ("made_on", "first"),
    [(10, "superseded"), (13, "superseded"), (14, "broken")],
    ids=["before its date", "on its date", "after it lapsed"],
)
def test_a_later_promise_replaces_one_that_has_not_lapsed(made_on: int, first: str) -> None:
    """A client could undo a broken promise by making a new one."""
    later = promised(20, made_at=datetime(2026, 3, made_on, 9, tzinfo=UTC))

    settled = settle_promises([promised(13), later], [A], date(2026, 3, 16), CALENDAR)

    assert [p.status for p in settled] == [first, "open"]


def test_a_promise_about_another_invoice_replaces_nothing() -> None:
    """Promising B would let the promise for A lapse unseen."""
    later = promised(20, invoices=("B-2",), made_at=datetime(2026, 3, 10, 9, tzinfo=UTC))
    b = replace(A, number="B-2")

    settled = settle_promises([promised(13), later], [A, b], date(2026, 3, 16), CALENDAR)

    assert [p.status for p in settled] == ["broken", "open"]


# --- payments


KIM = ClientId(1)
NAMES = {KIM: "Kim Ltd", ClientId(2): "Ann"}
NINJA = b"Client,Invoice Number,Amount,Date\nKim,A-1,$400.00,2026-03-01\nKim,A-1,$500.00,2026-03-05\nAnn,B-2,1.00,2026-03-05\n"


def placed(
    data: bytes, *invoices: Invoice, booked: tuple[tuple[ClientId | None, Payment], ...] = ()
) -> tuple[PaymentsDiff, tuple[tuple[ClientId | None, Payment], ...]]:
    """What a file of payments does to a ledger, and what is on record after it."""
    diff = place_payments(read_payments(data), invoices, booked, NAMES)
    return diff, (*booked, *diff.added)


def test_a_payments_file_is_joined_with_invoices() -> None:
    """E-invoices know no payments: paid ones would be chased for ever."""
    mine = replace(A, client_id=KIM)
    diff, _ = placed(NINJA, mine, replace(mine, number="B-2"))

    (change,) = diff.updated.values()
    assert (change.new.paid, change.new.paid_on, change.new.status) == (
        Decimal(900),
        date(2026, 3, 5),
        InvoiceStatus.PAID,
    )
    assert [(p.line, "B-2" in p.message) for p in diff.problems] == [(4, True)]


def test_a_payments_file_is_imported_once() -> None:
    """Every cron run over the same file would pay the invoice again."""
    twice = b"invoice,amount,date\nA-1,100.00,2026-03-01\nA-1,100.00,2026-03-01\n"
    first, record = placed(twice, A)
    (change,) = first.updated.values()
    second, _ = placed(twice, change.new, booked=record)

    assert (len(first.added), change.new.paid) == (2, Decimal("200.00"))
    assert (len(second.added), len(second.known), second.updated) == (0, 2, {})


def test_a_payment_that_the_export_has_already_is_not_added() -> None:
    """The ledger says 500 paid, the bank's file says 500 on Monday: a thousand would be booked."""
    known = replace(A, paid=Decimal("500.00"), status=InvoiceStatus.PARTIAL)
    diff, _ = placed(b"invoice,amount,date\nA-1,500.00,2026-03-02\n", known)

    (change,) = diff.updated.values()
    assert (change.new.paid, change.new.paid_on, change.fields) == (Decimal("500.00"), date(2026, 3, 2), ("paid_on",))
    assert len(diff.explained) == 1


@pytest.mark.parametrize(
    ("row", "invoices", "words"),
    [
        ("A-1,900.01,2026-03-01,", (A,), "negative balance"),
        ("A-1,900,2026-03-01,JPY", (A,), "is in EUR, the payment in JPY"),
        ("A-1,900,2026-03-01,XXQ", (A,), "no currency code"),
        ("A-1,-5,2026-03-01,", (A,), "is no payment"),
        ("A-1,0,2026-03-01,", (A,), "is no payment"),
        ("Z-9,5,2026-03-01,", (A,), "There is no invoice Z-9"),
        ("A-1,5,2026-03-01,", (replace(A, status=InvoiceStatus.VOID),), "is void"),
        ("A-1,5.0012,2026-03-01,", (A,), "more decimals"),
        ("A-1,5,2026-03-01,", (replace(A, client_id=KIM), replace(A, client_id=ClientId(2))), "Several clients"),
    ],
)
def test_a_payment_that_fits_nothing_is_told_with_its_line(row: str, invoices: tuple[Invoice, ...], words: str) -> None:
    """Nine hundred yen would pay nine hundred euros, or a payment would vanish without a word."""
    diff, _ = placed(f"invoice,amount,date,currency\n{row}\n".encode(), *invoices)

    assert (diff.added, diff.updated) == ([], {})
    assert [
        (p.line, words in f"{p.message} {p.fix}")
        for p in (*read_payments(f"invoice,amount,date,currency\n{row}\n".encode()).problems, *diff.problems)
    ] == [(2, True)]


def test_the_client_tells_two_invoices_of_one_number_apart() -> None:
    """Ann's payment would settle Kim's invoice."""
    hers = replace(A, client_id=ClientId(2))
    diff, _ = placed(b"client,invoice,amount,date\nAnn,A-1,5.00,2026-03-01\n", replace(A, client_id=KIM), hers)

    assert [client for client, _ in diff.added] == [ClientId(2)]


def test_a_part_payment_leaves_a_contested_invoice_contested() -> None:
    """Half of it paid, the dispute would be over for the ladder."""
    diff, _ = placed(b"invoice,amount,date\nA-1,5.00,2026-03-01\n", replace(A, status=InvoiceStatus.DISPUTED))

    (change,) = diff.updated.values()
    assert change.new.status is InvoiceStatus.DISPUTED


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (NINJA, True),
        (b"\xef\xbb\xbfinvoice;amount;date\nA-1;5,00;1.3.2026\n", True),
        (b"number,client_email,issued,due,currency,total\n", False),
        (b"", False),
    ],
    ids=["ninja", "semicolons", "a ledger", "empty"],
)
def test_a_file_of_payments_is_told_from_a_ledger(data: bytes, expected: bool) -> None:  # noqa: FBT001 a column of the table
    """A ledger would be read as payments, or payments refused as a ledger of no known form."""
    assert is_payments(data) is expected


def test_a_payments_file_is_told_and_asked_about_like_a_ledger() -> None:
    """A payment that cannot be read would be dropped, and the invoice chased."""
    read = read_payments(b"invoice,amount,date\n,5.00,2026-03-01\nA-1,x,2026-03-01\nA-1,5.00,03/04/2026\n")
    answered = read_payments(b"invoice,amount,date\nA-1,5.00,03/04/2026\n", Answers(date_order="dmy"))  # type: ignore[arg-type]

    assert [p.line for p in read.problems] == [2, 3]
    assert [(q.ask, q.lines) for q in read.questions] == [(Ask.DATE_ORDER, (4,))]
    assert answered.payments[0].received_on == date(2026, 4, 3)
    assert read_payments(b"a,b\n").problems[0].line == 1


# --- replies


def said(kind: PaymentKind, **more: object) -> tuple[Promise | Pause, ...]:
    """What a statement about paying does to a client with two open invoices."""
    statement = PaymentStatement(kind, UntrustedText("words of theirs"), **more)  # type: ignore[arg-type]
    return effect_of(
        statement,
        client_id=ClientId(1),
        message_id="<m@client.example>",
        received_at=MADE,
        invoices=[A, replace(A, number="B-2"), replace(PAID, number="C-3")],
    )


def test_only_a_date_makes_a_promise() -> None:
    """`Soon`, or a day that has passed, would silence the ladder."""
    (promise,) = said(PaymentKind.PROMISE, date=date(2026, 3, 13), invoices=("A-1", "Z-9"))

    assert isinstance(promise, Promise)
    assert (promise.date, promise.invoices) == (date(2026, 3, 13), ("A-1",))
    assert said(PaymentKind.PROMISE) == ()
    assert said(PaymentKind.PROMISE, date=date(2026, 3, 2)) == ()


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (PaymentKind.CLAIM, {"invoices": ("A-1",)}, [("claim", "A-1", None)]),
        (PaymentKind.CLAIM, {}, [("claim", None, None)]),
        (PaymentKind.QUERY, {"invoices": ("A-1", "B-2")}, [("query", "A-1", None), ("query", "B-2", None)]),
        (PaymentKind.DISPUTE, {"invoices": ("A-1",), "amount": Decimal(50)}, [("dispute", "A-1", Decimal(50))]),
        (PaymentKind.DISPUTE, {"invoices": ("A-1",), "amount": Decimal(5000)}, [("dispute", "A-1", None)]),
        (
            PaymentKind.DISPUTE,
            {"invoices": ("A-1",), "amount": Decimal(50), "currency": "USD"},
            [("dispute", "A-1", None)],
        ),
        (PaymentKind.DISPUTE, {"amount": Decimal(50)}, [("dispute", None, None)]),
        (PaymentKind.DISPUTE, {"invoices": ("C-3",)}, [("dispute", None, None)]),
        (PaymentKind.INSOLVENCY, {"invoices": ("A-1",)}, [("insolvency", None, None)]),
    ],
)
def test_what_a_reply_pauses(
    kind: PaymentKind, more: dict[str, object], expected: list[tuple[str, str | None, Decimal | None]]
) -> None:
    """A contested invoice would be chased on, or a whole client silenced by one line."""
    pauses = said(kind, **more)

    assert [(p.reason, p.invoice, p.amount) for p in pauses if isinstance(p, Pause)] == expected


def test_an_absence_is_the_clients() -> None:
    """An out-of-office answer would pause one invoice and let the others go on."""
    assert absence(MADE, date(2026, 3, 20)) == Pause(PauseReason.OUT_OF_OFFICE, MADE, None, date(2026, 3, 20))
