"""Signals: what times, threads and ledger say, one mail more or less at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.world import shared

from pipeline.domain.client import Client, Engagement, WorkingHours
from pipeline.domain.history import Deadline, History, SignalName, Turn
from pipeline.domain.ids import ClientId, Label, UntrustedText
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money, Promise, PromiseStatus
from pipeline.domain.mail import Direction
from pipeline.signals import later_each_time, measure, read_signals, requests_of

BERLIN = WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE-BE")
RIYADH = WorkingHours(ZoneInfo("Asia/Riyadh"), days=(0, 1, 2, 3, 6), start=time(8), end=time(16))
NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
RULES = shared()[1].signals
CLIENT = Client(ClientId(1), "Quayside Prints", ("odile@quayside-prints.example",))


def turn(number: int, at: datetime, direction: Direction = Direction.INBOUND, **flags: object) -> Turn:
    """One mail, in a thread of its own unless said otherwise."""
    return Turn(f"<{number}@x.example>", at, direction, **{"thread": number, **flags})  # type: ignore[arg-type]


def ask(number: int, days_ago: int, **flags: object) -> Turn:
    """A request of ours."""
    return turn(number, NOW - timedelta(days=days_ago), Direction.OUTBOUND, **{"asks": True, **flags})  # type: ignore[arg-type]


def history(*turns: Turn, client: Client = CLIENT, hours: WorkingHours = BERLIN, **more: object) -> History:
    """A history with these mails."""
    ordered = tuple(sorted(turns, key=lambda t: (t.at, t.message_id)))
    return History(client, BERLIN, hours, ordered, never_counts=frozenset({Label("pressing_for_fix")}), **more)  # type: ignore[arg-type]


def names(of: History, now: datetime = NOW) -> list[SignalName]:
    """The signals that fire."""
    return [signal.name for signal in read_signals(of, RULES, now)]


def paid(number: str, days_late: int | None, due: date, total: str = "100") -> Invoice:
    """A paid invoice; None: nobody knows when."""
    on = None if days_late is None else due + timedelta(days=days_late)
    amount = Decimal(total)
    return Invoice(number, "", due - timedelta(days=20), due, Money("EUR", amount), amount, on, InvoiceStatus.PAID)


def test_nothing_says_nothing() -> None:
    """An unknown client must not start with a signal."""
    assert names(history()) == []


def test_workdays_are_the_clients() -> None:
    """Ten workdays in Berlin are not ten in Riyadh, where Friday and Saturday are free and a holiday is not."""
    asked = tuple(ask(i, days) for i, days in ((1, 15), (2, 5), (3, 2)))
    assert names(history(*asked)) == [SignalName.UNRESPONSIVE]
    unity_day = datetime(2026, 10, 5, 9, tzinfo=UTC)  # the ten workdays before it hold no holiday on a weekday
    early = tuple(replace(t, at=unity_day - timedelta(days=14 - i)) for i, t in enumerate(asked))
    assert names(history(*early), unity_day) == [SignalName.UNRESPONSIVE]
    (request, *_) = requests_of(history(*asked, hours=RIYADH), NOW)
    assert request.workdays == 11


@pytest.mark.parametrize(
    ("days", "fires"), [((14, 5, 2), True), ((13, 5, 2), False), ((14, 5), False)], ids=["ten", "nine", "two requests"]
)
def test_unresponsive_counts_requests_and_workdays(days: tuple[int, ...], *, fires: bool) -> None:
    """Three requests, the first ten workdays old: one less of either is patience, not silence."""
    found = names(history(*(ask(i, d) for i, d in enumerate(days))))
    assert (SignalName.UNRESPONSIVE in found) is fires


@pytest.mark.parametrize(
    "spoil",
    [
        {"bounced": True},
        {"chases_payment": True},
        {"asks": False},
    ],
    ids=["bounced", "a chase", "no request"],
)
def test_what_is_no_request(spoil: dict[str, bool]) -> None:
    """A mail that never arrived, or asked for money, proves no silence."""
    assert names(history(ask(1, 20, **spoil), ask(2, 16), ask(3, 5))) == []


@pytest.mark.parametrize(
    ("reply", "answered"),
    [
        ({"thread": 1}, True),
        ({"thread": 9, "answers": frozenset({"<1@x.example>"})}, True),
        ({"thread": 9}, False),
        ({"thread": 1, "by_person": False}, False),
        ({"thread": 1, "forged": True}, False),
        ({"thread": 1, "labels": frozenset({Label("unresponsive")})}, False),
    ],
    ids=["in the thread", "from another thread", "about something else", "a machine", "forged", "empty-handed"],
)
def test_what_answers(reply: dict[str, object], *, answered: bool) -> None:
    """An answer overlooked accuses a client who answered; an auto-reply taken for one hides a silence."""
    asked = history(ask(1, 20), ask(2, 16), ask(3, 5), turn(8, NOW - timedelta(days=3), **reply))
    assert (SignalName.UNRESPONSIVE not in names(asked)) is answered
    (first, *_) = requests_of(asked, NOW)
    assert (first.answered_at is not None) is answered


def test_without_a_sent_folder_silence_is_unknown() -> None:
    """No Sent folder looks like never having asked; it must not look like never having been answered."""
    assert names(history(ask(1, 20), ask(2, 16), ask(3, 5), has_sent=False)) == []


def test_absence_is_no_silence() -> None:
    """Days on which their own auto-reply says that they are away do not count; without a return date it is a week."""
    away = turn(9, NOW - timedelta(days=14), by_person=False, absent=True, absent_until=date(2026, 11, 16))
    asked = (ask(1, 14), ask(2, 13), ask(3, 12))
    assert names(history(*asked, away)) == []
    assert [r.workdays for r in requests_of(history(*asked, replace(away, absent_until=None)), NOW)] == [6, 6, 6]


@pytest.mark.parametrize(
    ("gap_hours", "ended_days_ago", "fires"), [(18, 0, True), (19, 0, False), (18, 30, True), (18, 31, False)]
)
def test_high_frequency_is_a_window(gap_hours: int, ended_days_ago: int, *, fires: bool) -> None:
    """Ten mails in seven days to the hour, for a month after the last of them."""
    end = NOW - timedelta(days=ended_days_ago)
    mails = (turn(i, end - timedelta(hours=gap_hours * i)) for i in range(10))
    assert (SignalName.HIGH_FREQUENCY in names(history(*mails))) is fires


def test_high_frequency_counts_people() -> None:
    """Newsletters, forged mail and mail of ours are nobody's eagerness."""
    mails = [turn(i, NOW - timedelta(hours=i)) for i in range(9)]
    others = [
        turn(20, NOW - timedelta(hours=1), by_person=False),
        turn(21, NOW - timedelta(hours=2), forged=True),
        turn(22, NOW - timedelta(hours=3), Direction.OUTBOUND),
        turn(23, NOW - timedelta(hours=4), dated=False),
    ]
    assert names(history(*mails, *others)) == []
    signal = read_signals(history(*mails, turn(9, NOW - timedelta(days=1))), RULES, NOW)[0]
    assert len(signal.evidence) == 10


SUNDAY = datetime(2026, 11, 8, 19, tzinfo=UTC)


def test_off_hours_need_a_demand() -> None:
    """People write when they have time: arriving on a Sunday is nothing, wanting an answer then is something."""
    late = [turn(i, SUNDAY - timedelta(days=7 * i), presses=True) for i in range(3)]
    assert names(history(*late)) == [SignalName.OFF_HOURS]
    assert names(history(*(replace(t, presses=False) for t in late))) == []
    assert names(history(*(replace(t, at=t.at + timedelta(hours=15)) for t in late))) == []
    assert names(history(*(replace(t, labels=frozenset({Label("pressing_for_fix")})) for t in late))) == []
    assert names(history(*late, client=replace(CLIENT, off_hours_allowed=True))) == []
    assert names(history(*(replace(t, dated=False) for t in late))) == []


def test_off_hours_are_the_owners() -> None:
    """A weekday evening is off hours, and so is a holiday of the owner's, whatever the client's calendar says."""
    holiday = datetime(2026, 10, 3, 10, tzinfo=UTC)
    mails = [turn(i, holiday + timedelta(minutes=i), presses=True) for i in range(3)]
    assert names(history(*mails, hours=RIYADH), holiday + timedelta(days=1)) == [SignalName.OFF_HOURS]


def test_chases_come_before_the_day() -> None:
    """A question on the day itself, after delivery, or before anything was promised is no chase."""
    said = NOW - timedelta(days=20)
    due = Deadline(date(2026, 11, 20), said, "<ours@x.example>")
    asked = [turn(i, NOW - timedelta(days=i + 1), checks_progress=True) for i in range(3)]
    assert names(history(*asked, deadlines=(due,))) == [SignalName.CHASES_BEFORE_DEADLINE]
    assert names(history(*asked)) == []
    assert names(history(*asked, deadlines=(replace(due, day=date(2026, 11, 14)),))) == []
    assert names(history(*asked, deadlines=(replace(due, met_on=date(2026, 11, 15)),))) == []
    assert names(history(*asked, deadlines=(replace(due, said_at=NOW),))) == []
    assert names(history(*(replace(t, checks_progress=False) for t in asked), deadlines=(due,))) == []


def test_rounds_on_file_are_growth() -> None:
    """Rounds beyond the agreed ones count together with confirmed extras."""
    engagement = Engagement("Catalogue", revision_rounds=2, rounds_used=4)
    client = replace(CLIENT, engagements=(engagement,))
    creep = turn(1, NOW - timedelta(days=3), labels=frozenset({Label("scope_creep")}))
    assert names(history(creep, client=client)) == [SignalName.SCOPE_GROWTH]
    assert names(history(client=client)) == []


@pytest.mark.parametrize(
    ("late", "row"),
    [
        ((3, 8, 15), 3),
        ((3, 8, 8), 1),
        ((0, 8, 15), 2),
        ((3, 8, 15, 2), 1),
        ((3, 8, None, 15), 1),
        ((9, 3, 8, 15), 3),
        ((-2,), 0),
    ],
)
def test_later_each_time(late: tuple[int | None, ...], row: int) -> None:
    """The row ends with an invoice that was on time, no later than the last, or paid on an unknown day."""
    invoices = tuple(paid(f"Q-{i}", days, date(2026, 1 + i, 10)) for i, days in enumerate(late))
    assert len(later_each_time(invoices, NOW.date())) == row


def test_open_and_void_invoices_are_no_trend() -> None:
    """What is open may be paid tomorrow; what is void was never late."""
    row = (paid("Q-1", 3, date(2026, 7, 10)), paid("Q-2", 8, date(2026, 8, 10)))
    still = replace(paid("Q-3", 60, date(2026, 9, 10)), status=InvoiceStatus.OPEN, paid=Decimal(0), paid_on=None)
    assert len(later_each_time((*row, still), NOW.date())) == 2
    assert len(later_each_time((*row, replace(still, status=InvoiceStatus.VOID)), NOW.date())) == 2


def test_only_broken_promises_count() -> None:
    """A promise that runs, was kept or was replaced breaks nothing."""
    promise = Promise(
        ClientId(1), "<p@x.example>", NOW - timedelta(days=9), date(2026, 11, 10), UntrustedText("on the 10th")
    )
    for status in PromiseStatus:
        found = names(history(promises=(replace(promise, status=status),)))
        assert (SignalName.BROKEN_PROMISE in found) is (status is PromiseStatus.BROKEN)


def test_latency_both_ways() -> None:
    """Medians in workdays: a weekend between question and answer is nobody's delay."""
    friday = datetime(2026, 11, 6, 10, tzinfo=UTC)
    mails = (
        turn(1, friday, Direction.OUTBOUND, asks=True, asks_approval=True),
        turn(2, friday + timedelta(days=3), thread=1),
        turn(3, friday + timedelta(days=5), Direction.OUTBOUND, thread=1),
    )
    found = measure(history(*mails), NOW)
    assert (found.their_answer_workdays, found.our_answer_workdays, found.approvals_workdays) == (1, 2, (1,))


@given(st.lists(st.tuples(st.integers(0, 80), st.booleans(), st.booleans()), max_size=14), st.randoms())
def test_order_of_evidence_is_by_time(mails: list[tuple[int, bool, bool]], random: object) -> None:
    """The same mails give the same signals however their numbers came about, and every row is one of the mails."""
    turns = [
        turn(i, NOW - timedelta(days=days, hours=i), presses=presses, checks_progress=checks)
        for i, (days, presses, checks) in enumerate(mails)
    ]
    expected = read_signals(history(*turns), RULES, NOW)
    random.shuffle(turns)  # type: ignore[attr-defined]
    assert read_signals(history(*turns), RULES, NOW) == expected
    known = {t.message_id for t in turns}
    assert all(row.message_id in known for signal in expected for row in signal.evidence)
