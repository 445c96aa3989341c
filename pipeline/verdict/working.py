"""The advice that goes on with the client: boundaries, a notice, a stop until the money is there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.domain.history import Evidence, Request
from pipeline.domain.ledger import Promise, PromiseStatus
from pipeline.domain.verdict import Advice, ClientRecord, Reason
from pipeline.playbook import VerdictRules
from pipeline.playbook.thresholds import PutOnNotice, SetBoundaries
from pipeline.verdict.counting import Counted


def set_boundaries(counted: Counted, rules: SetBoundaries) -> Iterator[Reason]:
    """The same behaviour several times, or one severe incident."""
    for label in counted.labels():
        rows = counted.labelled(label)
        if len(rows) >= rules.same_behaviour:
            trigger, why = "same_behaviour", f"{label}, {len(rows)} times."
        elif counted.severities[label] >= rules.severity:
            trigger, why = "severity", f"{label}, severity {counted.severities[label]} of 5."
        else:
            continue
        yield Reason(Advice.SET_BOUNDARIES, f"set_boundaries.{trigger}", why, counted.evidence(rows))


def put_on_notice(record: ClientRecord, counted: Counted, rules: PutOnNotice) -> Iterator[Reason]:
    """It goes on after a boundary was stated, a first grave occurrence, or our work is kept waiting."""
    for label in counted.labels():
        after = counted.after_boundary(label)
        if len(after) >= rules.same_behaviour_after_boundary:
            why = f"{label}, {len(after)} times since the boundary was stated."
            yield _notice("same_behaviour_after_boundary", why, counted.evidence(after))
    for label in rules.on_first:
        rows = counted.labelled(label)
        if rows:
            yield _notice("on_first", f"{label}: the first time is told to the client.", counted.evidence(rows))
    waiting = [r for r in record.requests if r.answered_at is None and r.asked_at <= counted.now]
    if len(waiting) >= rules.unanswered_requests and waiting[0].workdays >= rules.unanswered_workdays:
        why = f"{len(waiting)} requests without an answer, the first for {waiting[0].workdays} workdays."
        yield _notice("unanswered_requests", why, _rows(waiting))
    slow = [r for r in counted.requests if r.approval and r.workdays > rules.slow_approval_workdays]
    if len(slow) >= rules.slow_approvals:
        why = f"{len(slow)} approvals took more than {rules.slow_approval_workdays} workdays."
        yield _notice("slow_approvals", why, _rows(slow))


def stop_work(record: ClientRecord, rules: VerdictRules, now: datetime) -> Iterator[Reason]:
    """Unpaid a week after the first reminder, or promises broken again. Payment clears both."""
    after = timedelta(days=rules.stop_work.days_after_l1)
    unpaid = [u for u in record.unpaid if not u.paused and now.date() - u.reminded_on >= after]
    if unpaid and record.pause_allowed:
        why = f"Unpaid {after.days} days after the first reminder, and the contract allows a stop."
        yield Reason(
            Advice.STOP_WORK,
            "stop_work.days_after_l1",
            why,
            tuple(Evidence(f"invoice {u.number}, first reminder", u.reminded_on) for u in unpaid),
        )
    since = (now - timedelta(days=rules.window_days)).date()
    broken = [p for p in record.promises if p.status is PromiseStatus.BROKEN and p.date >= since]
    if len(broken) >= rules.stop_work.broken_promises and any(_unpaid(p, record) for p in broken):
        yield Reason(
            Advice.STOP_WORK,
            "stop_work.broken_promises",
            f"{len(broken)} promises to pay were broken.",
            tuple(Evidence(f"promised for {p.date}", p.made_at, p.message_id) for p in broken),
        )


def _unpaid(promise: Promise, record: ClientRecord) -> bool:
    """Whether something that it was about is still open."""
    return bool(record.open_invoices & set(promise.invoices) if promise.invoices else record.open_invoices)


def _notice(trigger: str, why: str, rows: tuple[Evidence, ...]) -> Reason:
    return Reason(Advice.PUT_ON_NOTICE, f"put_on_notice.{trigger}", why, rows)


def _rows(requests: list[Request]) -> tuple[Evidence, ...]:
    return tuple(Evidence(f"waited {r.workdays} workdays", r.asked_at, r.message_id) for r in requests)
