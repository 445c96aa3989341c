"""The ladder as a table of dated histories: each row is a mistake that would cost the owner a client or money."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import ClientId, UntrustedText
from pipeline.domain.ladder import (
    ChaseLog,
    ClientLedger,
    InvoiceOverride,
    LadderSettings,
    Pause,
    PauseReason,
    Step,
)
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money, Promise
from pipeline.invoices.ladder import climb, log_of

BERLIN = WorkingHours(ZoneInfo("Europe/Berlin"))
BERLIN_HOLIDAYS = WorkingHours(ZoneInfo("Europe/Berlin"), holidays_region="DE-BE")
CAIRO = WorkingHours(ZoneInfo("Africa/Cairo"), days=(6, 0, 1, 2, 3))  # Friday and Saturday are free
SYDNEY = WorkingHours(ZoneInfo("Australia/Sydney"))
NEW_YORK = WorkingHours(ZoneInfo("America/New_York"), start=time(8, 30), end=time(16, 0), holidays_region="US-NY")


def at(text: str) -> datetime:
    """An instant in UTC; a day alone means 10:00."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T10:00").replace(tzinfo=UTC)


def bill(number: str = "A-1", due: str = "2026-03-02", total: str = "1000.00", **more: Any) -> Invoice:
    """An open invoice, issued two weeks before it is due; Monday 2026-03-02 unless said."""
    day = date.fromisoformat(due)
    currency = more.pop("currency", "EUR")
    if "paid" in more:
        more["paid"] = Decimal(more["paid"])
    if "paid_on" in more:
        more["paid_on"] = date.fromisoformat(more["paid_on"])
    return Invoice(number, "kim@client.example", day - timedelta(days=14), day, Money(currency, Decimal(total)), **more)


def paid(number: str = "A-1", on: str = "2026-03-05", **more: Any) -> Invoice:
    """An invoice that was paid in full."""
    invoice = bill(number, **more)
    return bill(number, **more, paid=str(invoice.total.amount), paid_on=on, status=InvoiceStatus.PAID)


def promise(day: str, made: str, *invoices: str) -> Promise:
    """A dated promise to pay."""
    return Promise(
        ClientId(1), f"<p{made}@client.example>", at(made), date.fromisoformat(day), UntrustedText("q"), invoices
    )


def sent(step: str, day: str, *invoices: str) -> ChaseLog:
    """A step that was seen in Sent."""
    return ChaseLog(Step(step), invoices or ("A-1",), at(day))


def hold(reason: str, since: str, invoice: str | None = "A-1", until: str | None = None, **more: Any) -> Pause:
    """A pause, for A-1 unless said."""
    return Pause(PauseReason(reason), at(since), invoice, date.fromisoformat(until) if until else None, **more)


@dataclass(frozen=True)
class History:
    """A client's history up to `now`, and what the ladder has to say."""

    name: str
    now: str
    step: str | None
    reason: str | None = None
    numbers: tuple[str, ...] = ()
    invoices: tuple[Invoice, ...] = (bill(),)
    log: tuple[ChaseLog, ...] = ()
    pauses: tuple[Pause, ...] = ()
    promises: tuple[Promise, ...] = ()
    overrides: tuple[InvoiceOverride, ...] = ()
    hours: WorkingHours = BERLIN
    pause_allowed: bool = True
    profile: str | None = None
    l0: bool = False
    fresh_hours: int = 1
    due_on: str | None = None

    @property
    def ledger(self) -> ClientLedger:
        """The history as the ladder takes it."""
        client = Client(
            ClientId(1),
            "Kim Client",
            ("kim@client.example",),
            pause_allowed=self.pause_allowed,
            ladder_profile=self.profile,
            l0_opt_in=self.l0,
        )
        return ClientLedger(
            client, self.hours, self.invoices, self.log, self.pauses, self.promises, overrides=self.overrides
        )


A = ("A-1",)
L1 = (sent("L1", "2026-03-04"),)
L1_L3 = (*L1, sent("L3", "2026-03-11"))
L1_L3_L4 = (*L1_L3, sent("L4", "2026-04-01"))
TWICE = (promise("2026-03-05", "2026-03-04", "A-1"), promise("2026-03-10", "2026-03-09", "A-1"))

HISTORIES = [
    # the steps on their days
    History("not yet due", "2026-03-02", None, "not_due", due_on="2026-03-04"),
    History("one day late is grace", "2026-03-03", None, "not_due", due_on="2026-03-04"),
    History("seed: L1 on the second day", "2026-03-04", "L1", None, A, due_on="2026-03-04"),
    History("first contact of an old invoice is L1", "2026-07-01", "L1", None, A),
    History("seed: L3 is seven days after L1 was sent", "2026-03-11", "L3", None, A, log=L1),
    History("seed: not on the sixth day", "2026-03-10", None, "not_due", log=L1, due_on="2026-03-11"),
    History("a late L1 moves L3", "2026-03-20", "L3", None, A, log=(sent("L1", "2026-03-13"),)),
    History("patient: L2 on the seventh day", "2026-03-09", "L2", None, A, log=L1, profile="patient"),
    History("patient: L3 fourteen days after L1", "2026-03-18", "L3", None, A, profile="patient",
            log=(*L1, sent("L2", "2026-03-09"))),
    History("patient: no skipping of L2 after a long silence", "2026-05-04", "L2", None, A, log=L1, profile="patient"),
    History("L4 thirty days after the due date", "2026-04-01", "L4", None, A, log=L1_L3),
    History("L5 is a person's", "2026-04-16", "L5", "human", A, log=L1_L3_L4),
    History("missed steps are not caught up at once", "2026-07-03", None, "not_due",
            log=(sent("L1", "2026-07-01"),), due_on="2026-07-08"),
    History("five days between letters", "2026-07-10", None, "too_soon", due_on="2026-07-13",
            log=(sent("L1", "2026-07-01"), sent("L3", "2026-07-08"))),
    History("L0 needs the opt-in", "2026-02-27", None, "not_due"),
    History("L0 three days before", "2026-02-27", "L0", None, A, l0=True),
    History("a missed L0 is not caught up", "2026-03-02", None, "not_due", l0=True),
    History("no room for L0 between the holidays and the due date", "2026-04-02", None, "not_due", l0=True,
            invoices=(bill(due="2026-04-06"),), hours=BERLIN_HOLIDAYS, due_on="2026-04-08"),
    History("L1 sent twice by hand: the first counts", "2026-03-17", "L3", None, A,
            log=(*L1, sent("L1", "2026-03-12"))),
    # what the contract allows
    History("no L3 where work may not be stopped", "2026-03-11", None, "pause_not_allowed", log=L1,
            pause_allowed=False, due_on="2026-04-01"),
    History("L4 follows L1 there", "2026-04-01", "L4", None, A, log=L1, pause_allowed=False),
    History("an old invoice is given the stop's time before L4", "2026-07-08", None, "pause_not_allowed",
            log=(sent("L1", "2026-07-01"),), pause_allowed=False, due_on="2026-07-13"),
    # promises
    History("a promise pauses", "2026-03-04", None, "promise", promises=(promise("2026-03-10", "2026-03-03", "A-1"),)),
    History("on its date too", "2026-03-10", None, "promise", promises=(promise("2026-03-10", "2026-03-03", "A-1"),)),
    History("broken on Friday, checked on Monday", "2026-03-15", None, "promise",
            promises=(promise("2026-03-13", "2026-03-03", "A-1"),)),
    History("broken once: on with the next step, calmly", "2026-03-16", "L1", None, A,
            promises=(promise("2026-03-13", "2026-03-03", "A-1"),)),
    History("broken twice: L3 without waiting for its day", "2026-03-11", "L3", None, A, log=(sent("L1", "2026-03-06"),),
            promises=TWICE),
    History("broken twice, work may not be stopped: a person", "2026-03-11", None, "human",
            log=(sent("L1", "2026-03-06"),), promises=TWICE, pause_allowed=False),
    History("broken twice before any letter: the first is L1 all the same", "2026-03-11", "L1", None, A, promises=TWICE),
    History("kept: paid", "2026-03-11", None, "paid", invoices=(paid(on="2026-03-10"),), log=L1,
            promises=(promise("2026-03-10", "2026-03-05", "A-1"),)),
    History("a newer promise replaces the older", "2026-03-12", None, "promise", log=L1,
            promises=(promise("2026-03-10", "2026-03-05", "A-1"), promise("2026-03-13", "2026-03-10", "A-1"))),
    History("a promise for one invoice lets the other go on", "2026-03-04", "L1", None, ("B-2",),
            invoices=(bill(), bill("B-2")), promises=(promise("2026-03-10", "2026-03-03", "A-1"),)),
    # disputes, claims, absence
    History("a dispute pauses its invoice", "2026-03-04", None, "dispute", pauses=(hold("dispute", "2026-03-03"),)),
    History("a pause of tomorrow is none today", "2026-03-04", "L1", None, A, pauses=(hold("dispute", "2026-03-05"),)),
    History("and the rest goes on", "2026-03-04", "L1", None, ("B-2",), invoices=(bill(), bill("B-2")),
            pauses=(hold("dispute", "2026-03-03"),)),
    History("a disputed line leaves the rest of its invoice", "2026-03-04", "L1", None, A,
            pauses=(hold("dispute", "2026-03-03", amount=Decimal("200.00")),)),
    History("out of office until a date", "2026-03-04", None, "out_of_office",
            pauses=(hold("out_of_office", "2026-03-02", None, "2026-03-09"),)),
    History("back at the desk", "2026-03-09", "L1", None, A,
            pauses=(hold("out_of_office", "2026-03-02", None, "2026-03-09"),)),
    History("an absence without a date ends after a week", "2026-03-10", "L1", None, A,
            pauses=(hold("out_of_office", "2026-03-03", None),)),
    History("a claim waits for the transfer", "2026-03-09", None, "claim", pauses=(hold("claim", "2026-03-03"),)),
    History("and not for ever", "2026-03-10", "L1", None, A, pauses=(hold("claim", "2026-03-03"),)),
    History("a missing PO number waits for us", "2026-05-04", None, "query", pauses=(hold("query", "2026-03-03"),)),
    History("insolvency holds for all invoices", "2026-03-04", None, "insolvency", invoices=(bill(), bill("B-2")),
            pauses=(hold("insolvency", "2026-03-03"),)),
    History("a lawyer's letter weighs more than a promise", "2026-03-04", None, "legal",
            pauses=(hold("legal", "2026-03-03", None),), promises=(promise("2026-03-10", "2026-03-03"),)),
    History("the owner's word", "2026-03-04", None, "owner", overrides=(InvoiceOverride("A-1", chase=False),)),
    History("the owner's date", "2026-03-04", None, "owner",
            overrides=(InvoiceOverride("A-1", not_before=date(2026, 3, 20)),)),
    History("a profile for one invoice", "2026-03-09", "L2", None, A, log=L1,
            overrides=(InvoiceOverride("A-1", profile="patient"),)),
    # payments
    History("part payment: the rest is chased from its own due date", "2026-03-11", "L3", None, A, log=L1,
            invoices=(bill(paid="400.00", paid_on="2026-03-06", status=InvoiceStatus.PARTIAL),)),
    History("paid before the first letter", "2026-03-06", None, "paid", invoices=(paid(),)),
    History("paid in time: nothing ever was", "2026-03-06", None, None, invoices=(paid(on="2026-02-20"),)),
    History("void: nothing", "2026-03-06", None, None, invoices=(bill(status=InvoiceStatus.VOID),)),
    History("reissued: the new invoice has its own clock", "2026-03-11", None, "not_due", log=L1,
            invoices=(bill(status=InvoiceStatus.VOID), bill("A-1b", "2026-03-20"))),
    # several invoices, two currencies
    History("one letter for both, named by the highest step", "2026-03-11", "L3", None, ("A-1", "B-2"), log=L1,
            invoices=(bill(), bill("B-2", "2026-03-09", currency="USD"))),
    History("a one-day-late invoice is listed with the other", "2026-03-04", "L1", None, ("A-1", "B-2"),
            invoices=(bill(), bill("B-2", "2026-03-03"))),
    # whose day it is
    History("Saturday in Berlin", "2026-03-07", None, "free_day", invoices=(bill(due="2026-03-05"),),
            due_on="2026-03-09"),
    History("moved to Monday", "2026-03-09", "L1", None, A, invoices=(bill(due="2026-03-05"),)),
    History("Friday in Cairo is free", "2026-03-06", None, "free_day", invoices=(bill(due="2026-03-04"),), hours=CAIRO,
            due_on="2026-03-08"),
    History("Sunday in Cairo is not", "2026-03-08", "L1", None, A, invoices=(bill(due="2026-03-04"),), hours=CAIRO),
    History("Good Friday, Easter Monday", "2026-04-06", None, "free_day", invoices=(bill(due="2026-04-01"),),
            hours=BERLIN_HOLIDAYS, due_on="2026-04-07"),
    History("a holiday of one state: Women's Day in Berlin", "2027-03-08", None, "free_day", due_on="2027-03-09",
            invoices=(bill(due="2027-03-06"),), hours=BERLIN_HOLIDAYS),
    History("the third in Sydney, still the second here", "2026-03-03T14:00", "L1", None, A, hours=SYDNEY),
    History("Thanksgiving", "2026-11-26T15:00", None, "free_day", invoices=(bill(due="2026-11-24"),), hours=NEW_YORK,
            due_on="2026-11-27"),
    # the ledger
    History("an old ledger accuses nobody", "2026-03-04", None, "stale", fresh_hours=25),
    History("an old ledger is no matter where nothing is due", "2026-03-02", None, "not_due", fresh_hours=25),
]  # fmt: skip


@pytest.mark.parametrize("history", HISTORIES, ids=lambda h: h.name)
def test_history(history: History) -> None:
    """A wrong step, a wrong invoice in the letter, or the wrong reason for silence."""
    now = at(history.now)
    state = climb(history.ledger, LadderSettings(), now, now - timedelta(hours=history.fresh_hours))

    assert state.step == history.step
    assert state.paused_reason == history.reason
    assert state.invoices == history.numbers
    if history.due_on:
        assert state.due_on == date.fromisoformat(history.due_on)


def test_never_imported_is_stale() -> None:
    """A ledger that was never imported would be chased as if it were fresh."""
    state = climb(History("", "2026-03-04", None).ledger, LadderSettings(), at("2026-03-04"), None)

    assert state.paused_reason is PauseReason.STALE


def test_a_new_invoice_in_a_stop_letter_has_had_its_first_reminder_only() -> None:
    """A newly late invoice that rides along in an L3 letter would count as stopped, and skip its own steps."""
    history = History("", "2026-03-11", "L3", log=L1, invoices=(bill(), bill("B-2", "2026-03-09")))
    now = at(history.now)

    state = climb(history.ledger, LadderSettings(), now, now)

    assert state.moves == (("A-1", Step.L3), ("B-2", Step.L1))
    assert [(e.step, e.invoices) for e in log_of(state, now)] == [(Step.L1, ("B-2",)), (Step.L3, ("A-1",))]


def test_a_letter_lists_an_invoice_without_moving_it_when_its_step_has_not_come() -> None:
    """The reminder for B would use up A's L3, which is due only tomorrow."""
    log = (sent("L1", "2026-03-04"),)
    history = History("", "2026-03-10", "L1", log=log, invoices=(bill(), bill("B-2", "2026-03-08")))
    now = at(history.now)

    state = climb(history.ledger, LadderSettings(), now, now)

    assert state.step is Step.L1
    assert state.invoices == ("A-1", "B-2")
    assert state.moves == (("B-2", Step.L1),)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-04T06:00", "2026-03-04T08:00"),  # before nine in Berlin
        ("2026-03-04T09:30", "2026-03-04T09:30"),
        ("2026-03-04T16:00", "2026-03-05T08:00"),  # seventeen o'clock is closed
        ("2026-03-06T20:00", "2026-03-09T08:00"),  # Friday evening
        ("2026-03-27T20:00", "2026-03-30T07:00"),  # the clocks change on that Sunday
    ],
)
def test_a_letter_leaves_inside_the_clients_window(now: str, opens: str) -> None:
    """A chase at night, at the weekend, or an hour off after the clocks change."""
    state = climb(History("", now, "L1").ledger, LadderSettings(), at(now), at(now))

    assert state.step is Step.L1
    assert state.window_opens_at == at(opens)


def test_a_letter_may_be_proposed_before_its_window_opens() -> None:
    """A cron job at six in the morning would never propose anything."""
    history = History("", "2026-03-04T05:00", "L1")

    state = climb(history.ledger, LadderSettings(), at(history.now), at(history.now))

    assert (state.step, state.paused_reason) == (Step.L1, None)


@pytest.mark.parametrize(
    ("invoices", "log", "expected"),
    [
        ((paid(on="2026-03-12"),), L1_L3, ("A-1",)),
        ((paid(on="2026-03-12"),), (*L1_L3, sent("resume", "2026-03-13")), ()),
        ((paid(on="2026-03-05"),), L1, ()),
        ((bill(),), L1_L3, ()),
        ((paid(on="2026-03-12"), bill("B-2")), (*L1_L3, sent("L3", "2026-03-18", "B-2")), ()),
        ((bill(status=InvoiceStatus.VOID),), L1_L3, ()),
    ],
    ids=["paid after L3", "said once", "never stopped", "still open", "another stop holds", "void is no payment"],
)
def test_work_resumes_once_the_stop_is_paid(
    invoices: tuple[Invoice, ...], log: tuple[ChaseLog, ...], expected: tuple[str, ...]
) -> None:
    """A client who paid would not hear that work goes on, or would hear it while another stop still holds."""
    history = History("", "2026-03-19", None, invoices=invoices, log=log)

    assert climb(history.ledger, LadderSettings(), at("2026-03-19"), at("2026-03-19")).resume == expected


@pytest.mark.parametrize(
    ("now", "invoices", "log", "expected"),
    [
        ("2026-04-01", (bill(),), L1_L3, True),
        ("2026-03-04", (bill(),), (), False),
        ("2026-03-04", (bill(), bill("B-2", "2026-04-20"), bill("C-3", "2026-05-20")), (), True),
    ],
    ids=["L4 always", "one invoice is none", "three open invoices"],
)
def test_a_statement_is_due(
    now: str, invoices: tuple[Invoice, ...], log: tuple[ChaseLog, ...], *, expected: bool
) -> None:
    """A client with several open invoices would get a letter without the statement that sorts them."""
    state = climb(History("", now, None, invoices=invoices, log=log).ledger, LadderSettings(), at(now), at(now))

    assert state.statement is expected
