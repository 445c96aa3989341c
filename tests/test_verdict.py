"""Verdicts: each trigger as a setting, one incident more or less at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.world import shared

from pipeline.domain.client import Boundary, Incident, LookBack
from pipeline.domain.history import Request
from pipeline.domain.ids import ClientId, Label, UntrustedText
from pipeline.domain.ledger import Promise, PromiseStatus
from pipeline.domain.verdict import Advice, ClientRecord, PaidLate, PartingKind, Stop, Unpaid, Verdict
from pipeline.verdict import judge_client

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
PLAYBOOK = shared()[1]
DEFAULT, STRICT = PLAYBOOK.verdicts.profiles["default"], PLAYBOOK.verdicts.profiles["strict"]
SEVERITIES = {rule.name: rule.severity or 1 for rule in PLAYBOOK.taxonomy.behaviours}
EMPTY = ClientRecord()
ORDER = [(advice, kind) for advice in Advice for kind in ([*PartingKind] if advice is Advice.PART_WAYS else [None])]


def incident(label: str, days_ago: float, number: int = 0) -> Incident:
    """A confirmed label."""
    at = NOW - timedelta(days=days_ago)
    return Incident(Label(label), at, f"<{label}.{days_ago}.{number}@x.example>", UntrustedText("their words"))


def told(label: str, days_ago: float) -> Boundary:
    """A boundary that was stated."""
    return Boundary(Label(label), NOW - timedelta(days=days_ago), "our words")


def judged(record: ClientRecord, rules: object = DEFAULT) -> Verdict:
    """The verdict now."""
    return judge_client(record, rules, SEVERITIES, NOW)  # type: ignore[arg-type]


def brief(record: ClientRecord, rules: object = DEFAULT) -> tuple[str, str | None]:
    """Advice and kind."""
    verdict = judged(record, rules)
    return verdict.advice.value, verdict.kind.value if verdict.kind else None


def of(*incidents: Incident, boundaries: Sequence[Boundary] = (), **more: object) -> ClientRecord:
    """A record with these incidents."""
    return ClientRecord(incidents=incidents, boundaries=tuple(boundaries), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        ((), "keep"),
        ((("distrust", 1), ("distrust", 2)), "keep"),
        ((("distrust", 1), ("knows_better", 2), ("micromanaging", 3)), "keep"),
        ((("distrust", 1), ("distrust", 2), ("distrust", 3)), "set_boundaries"),
        ((("distrust", 1), ("distrust", 2), ("distrust", 91)), "keep"),
        ((("distrust", 1), ("distrust", 2), ("distrust", 90)), "set_boundaries"),
        ((("scope_creep", 1),), "set_boundaries"),
        ((("demeaning", 1),), "put_on_notice"),
        ((("question", 1), ("question", 2), ("question", 3)), "keep"),
        ((("surprised_by_terms", 1), ("surprised_by_terms", 2), ("surprised_by_terms", 3)), "keep"),
        ((("aggression", 100),), "keep"),
    ],
)
def test_plain_counts(incidents: tuple[tuple[str, float], ...], expected: str) -> None:
    """The same behaviour three times or one severe one, inside ninety days, and intents are no behaviours."""
    assert judged(of(*(incident(label, days) for label, days in incidents))).advice.value == expected


def test_one_mail_counts_once() -> None:
    """The same label of the same mail, confirmed by two roads, is one incident."""
    once = incident("distrust", 1)
    assert brief(of(once, once, once)) == ("keep", None)


@pytest.mark.parametrize("boundary_days", [None, 5, 40])
def test_a_notice_needs_a_boundary_before(boundary_days: int | None) -> None:
    """Two incidents after the limit was stated; before it, nobody was told."""
    rows = (incident("micromanaging", 30), incident("micromanaging", 10))
    boundaries = [told("micromanaging", boundary_days)] if boundary_days else []
    expected = "put_on_notice" if boundary_days == 40 else "keep"
    assert brief(of(*rows, boundaries=boundaries))[0] == expected
    assert brief(of(*rows, boundaries=[told("distrust", 40)]))[0] == "keep"


@pytest.mark.parametrize("label", ["aggression", "legal_risk", "dishonesty"])
def test_immediate_triggers(label: str) -> None:
    """Threat, liability and a material lie need no second time."""
    assert brief(of(incident(label, 3))) == ("part_ways", "immediate")


def test_demeaning_again_after_they_were_told() -> None:
    """The second time is immediate only where the first was answered."""
    rows = (incident("demeaning", 40), incident("demeaning", 3))
    assert brief(of(*rows)) == ("put_on_notice", None)
    assert brief(of(*rows, boundaries=[told("demeaning", 39)])) == ("part_ways", "immediate")
    assert brief(of(rows[0], boundaries=[told("demeaning", 39)])) == ("put_on_notice", None)


@pytest.mark.parametrize(("days", "kind"), [((29, 15, 1), "recommended"), ((40, 15, 1), None)])
def test_blocks_after_explaining(days: tuple[int, ...], kind: str | None) -> None:
    """Three new blocks within thirty days after it was explained."""
    rows = (incident("controlling", d) for d in days)
    assert brief(of(*rows, boundaries=[told("controlling", 60)]))[1] == kind


@pytest.mark.parametrize(
    ("record", "fires"),
    [
        (ClientRecord(unpaid=(Unpaid("Q", date(2026, 11, 10)),), pause_allowed=True), True),
        (ClientRecord(unpaid=(Unpaid("Q", date(2026, 11, 11)),), pause_allowed=True), False),
        (ClientRecord(unpaid=(Unpaid("Q", date(2026, 11, 10)),)), False),
        (ClientRecord(unpaid=(Unpaid("Q", date(2026, 11, 10), paused=True),), pause_allowed=True), False),
        (EMPTY, False),
    ],
    ids=["seven days", "six", "not allowed", "paused", "paid"],
)
def test_stop_work_follows_the_first_reminder(record: ClientRecord, *, fires: bool) -> None:
    """Seven days after L1, unpaid, allowed, nothing pausing: payment clears it."""
    assert (brief(record) == ("stop_work", None)) is fires


def promise(day: int, status: PromiseStatus = PromiseStatus.BROKEN) -> Promise:
    """A promise about Q."""
    return Promise(
        ClientId(1),
        f"<p{day}@x.example>",
        NOW - timedelta(days=30),
        date(2026, 11, day),
        UntrustedText("we pay"),
        ("Q",),
        status=status,
    )


def test_broken_promises() -> None:
    """Two, while what they were about is open."""
    two = (promise(5), promise(12))
    assert brief(ClientRecord(promises=two, open_invoices=frozenset({"Q"}))) == ("stop_work", None)
    assert brief(ClientRecord(promises=two)) == ("keep", None)
    assert brief(ClientRecord(promises=two, open_invoices=frozenset({"R"}))) == ("keep", None)
    assert brief(ClientRecord(promises=two[:1], open_invoices=frozenset({"Q"}))) == ("keep", None)
    kept = (promise(5), promise(12, PromiseStatus.PARTIAL))
    assert brief(ClientRecord(promises=kept, open_invoices=frozenset({"Q"}))) == ("keep", None)


@pytest.mark.parametrize(
    ("stops", "kind"),
    [
        ((Stop(date(2026, 10, 18), ("Q",), paid=False),), "recommended"),
        ((Stop(date(2026, 10, 19), ("Q",), paid=False),), None),
        ((Stop(date(2026, 10, 1), ("Q",), paid=True),), None),
        ((Stop(date(2025, 11, 18), ("Q",), paid=True), Stop(date(2026, 11, 10), ("R",), paid=False)), "recommended"),
        ((Stop(date(2025, 11, 17), ("Q",), paid=True), Stop(date(2026, 11, 10), ("R",), paid=False)), None),
    ],
    ids=["thirty days", "twenty-nine", "paid", "second in a year", "second after a year"],
)
def test_stops(stops: tuple[Stop, ...], kind: str | None) -> None:
    """Unpaid thirty days after the stop, or a second stop in twelve months."""
    assert brief(ClientRecord(stops=stops))[1] == kind


@pytest.mark.parametrize(("last", "kind"), [(15, "recommended"), (14, None)])
def test_later_each_time(last: int, kind: str | None) -> None:
    """The last of three must be more than fourteen days late."""
    row = tuple(PaidLate(f"Q{i}", date(2026, 8 + i, 1), late) for i, late in enumerate((2, 8, last)))
    assert brief(ClientRecord(later_each_time=row))[1] == kind
    assert brief(ClientRecord(later_each_time=row[1:]))[1] is None


def test_bargained_down_and_collected() -> None:
    """Hold firm and collect first; leaving before the money is there would cost it."""
    row = incident("invoice_dispute", 3)
    assert brief(of(row)) == ("put_on_notice", None)
    assert brief(of(row, collected=True)) == ("part_ways", "recommended")
    assert brief(ClientRecord(collected=True)) == ("keep", None)


def request(workdays: int, *, answered: bool = False, approval: bool = False, days_ago: int = 20) -> Request:
    """A request of ours."""
    at = NOW - timedelta(days=days_ago)
    return Request(f"<r{workdays}.{days_ago}@x.example>", at, workdays, NOW if answered else None, approval)


def test_unanswered_requests_and_slow_approvals() -> None:
    """Three requests, the first ten workdays old; three sign-offs of more than three workdays each."""
    assert brief(ClientRecord(requests=(request(10), request(4), request(1))))[0] == "put_on_notice"
    assert brief(ClientRecord(requests=(request(9), request(4), request(1))))[0] == "keep"
    slow = tuple(request(4, answered=True, approval=True, days_ago=d) for d in (40, 30, 20))
    assert brief(ClientRecord(requests=slow))[0] == "put_on_notice"
    assert brief(ClientRecord(requests=(*slow[:2], request(3, answered=True, approval=True))))[0] == "keep"
    assert brief(ClientRecord(requests=tuple(replace(r, approval=False) for r in slow)))[0] == "keep"


@pytest.mark.parametrize(
    ("figures", "known_days", "kind"),
    [
        ({"duration_ratio": 1.5}, 60, "review"),
        ({"duration_ratio": 1.5}, 59, None),
        ({"duration_ratio": 1.5, "projects": 2}, 0, "review"),
        ({"hours_share_percent": 40}, 60, None),
        ({"hours_share_percent": 40, "revenue_share_percent": 25}, 60, None),
        ({"scope_growth_percent": 50}, 60, None),
        ({}, 900, None),
    ],
)
def test_review_needs_regularity_and_figures(figures: dict[str, float], known_days: int, kind: str | None) -> None:
    """Two projects or two months, and what nobody has counted accuses nobody."""
    record = ClientRecord(look_back=LookBack(**figures), known_days=known_days)  # type: ignore[arg-type]
    assert brief(record)[1] == kind


def test_reversals_per_project() -> None:
    """Three in one fixed-price project; spread over two they are ordinary."""
    rows = tuple(incident("changes_mind", d) for d in (200, 50, 5))
    assert brief(of(*rows, reversals=(("Catalogue", rows),)))[1] == "recommended"
    assert brief(of(*rows, reversals=(("Catalogue", rows[:2]), ("Shop", rows[2:])))) == ("keep", None)


@pytest.mark.parametrize(
    "label", ["payment_delay", "invoice_dispute", "changes_mind", "ignores_advice", "competitor_leverage"]
)
def test_strict_takes_one_time_as_enough(label: str) -> None:
    """The strict profile is the articles literally; the default tells them first."""
    record = of(incident(label, 3))
    assert brief(record, STRICT) == ("part_ways", "recommended")
    assert brief(record)[0] != "part_ways"


def test_the_most_severe_wins_and_the_others_are_told() -> None:
    """Money and manners run side by side; a person sees every reason, worst first."""
    record = of(incident("scope_creep", 3), unpaid=(Unpaid("Q", date(2026, 11, 1)),), pause_allowed=True)
    verdict = judged(record)
    assert verdict.advice is Advice.STOP_WORK
    assert [r.advice for r in verdict.reasons] == [Advice.STOP_WORK, Advice.SET_BOUNDARIES]


def test_evidence_is_ordered_by_weight() -> None:
    """The half-life orders the rows, newest of equal severity first, and changes no count."""
    rows = [incident("distrust", d) for d in (80, 10, 40)]
    (reason,) = judged(of(*rows)).reasons
    ages = [(NOW - row.at).days for row in reason.evidence if isinstance(row.at, datetime)]
    assert ages == [10, 40, 80]


LABELS = sorted(SEVERITIES)
INCIDENTS = st.lists(st.builds(incident, st.sampled_from(LABELS), st.integers(0, 120), st.integers(0, 9)), max_size=12)
BOUNDARIES = st.lists(st.builds(told, st.sampled_from(LABELS), st.integers(0, 120)), max_size=4)


@given(INCIDENTS, BOUNDARIES, st.integers(0, 120), st.integers(0, 9))
def test_a_fair_complaint_never_moves_a_verdict(
    incidents: list[Incident], boundaries: list[Boundary], days: int, number: int
) -> None:
    """Whatever else is on record: complaining of our mistake, a live fault or a surprise adds nothing."""
    record = of(*incidents, boundaries=boundaries)
    for label in ("justified_complaint", "pressing_for_fix", "surprised_by_terms"):
        assert brief(of(*incidents, incident(label, days, number + 100), boundaries=boundaries)) == brief(record)


@given(INCIDENTS, BOUNDARIES, st.randoms())
def test_order_changes_nothing(incidents: list[Incident], boundaries: list[Boundary], random: object) -> None:
    """The same record in any order gives the same verdict with the same reasons and rows."""
    expected = judged(of(*incidents, boundaries=boundaries))
    random.shuffle(incidents)  # type: ignore[attr-defined]
    random.shuffle(boundaries)  # type: ignore[attr-defined]
    assert judged(of(*incidents, boundaries=boundaries)) == expected


@given(INCIDENTS, BOUNDARIES, st.sampled_from(LABELS), st.integers(0, 80))
def test_more_incidents_never_soften(
    incidents: list[Incident], boundaries: list[Boundary], label: str, days: int
) -> None:
    """One more confirmed incident never makes the advice milder, and strict is never milder than default."""
    record = of(*incidents, boundaries=boundaries)
    more = of(*incidents, incident(label, days, 50), boundaries=boundaries)

    def rank(verdict: Verdict) -> int:
        return ORDER.index((verdict.advice, verdict.kind))

    assert rank(judged(more)) >= rank(judged(record))
    assert rank(judged(record, STRICT)) >= rank(judged(record))
