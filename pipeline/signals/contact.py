"""What the times of mails show: how often, at what hours, and how long before the day that we named."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from pipeline.domain.history import Deadline, Evidence, History, Signal, SignalName, Turn
from pipeline.domain.ids import Label
from pipeline.playbook import SignalRules
from pipeline.signals.requests import requests_of
from pipeline.workdays import WorkCalendar

_DEMANDS = Label("unreasonable_demand")
_WATCHES = Label("micromanaging")
_BASELINE = timedelta(days=84)


def unresponsive(history: History, rules: SignalRules, now: datetime) -> Signal | None:
    """Requests of ours without an answer, the first of them long ago."""
    if not history.has_sent:
        return None
    waiting = [r for r in requests_of(history, now) if r.answered_at is None]
    rule = rules.unresponsive
    if len(waiting) < rule.requests or waiting[0].workdays < rule.workdays:
        return None
    return Signal(
        SignalName.UNRESPONSIVE,
        waiting[0].asked_at.date(),
        f"{len(waiting)} requests wait for an answer, the first for {waiting[0].workdays} workdays.",
        tuple(Evidence(f"waits for {r.workdays} workdays", r.asked_at, r.message_id) for r in waiting),
    )


def high_frequency(history: History, rules: SignalRules, now: datetime) -> Signal | None:
    """Many mails in few days, beside what is usual with this client."""
    rule = rules.high_frequency
    written = [t for t in history.turns if t.counts and t.dated and t.at <= now]
    burst = _burst(written, rule.mails, timedelta(days=rule.days), now, timedelta(days=rules.recent_days))
    if not burst:
        return None
    usual = [t for t in written if burst[0].at - _BASELINE <= t.at < burst[0].at]
    weeks = min((burst[0].at - written[0].at).days / 7, _BASELINE.days / 7)
    before = f"; in the weeks before, {len(usual) / weeks:.1f} a week" if weeks >= 1 else ""
    return Signal(
        SignalName.HIGH_FREQUENCY,
        burst[0].at.date(),
        f"{len(burst)} mails in {rule.days} days{before}.",
        _rows(burst, "a mail"),
    )


def off_hours(history: History, rules: SignalRules, now: datetime) -> Signal | None:
    """Mails outside the owner's hours that want something before the owner is back. Arriving late is nothing."""
    if history.client.off_hours_allowed:
        return None
    calendar, rule = WorkCalendar(history.owner_hours), rules.off_hours
    late = [
        t
        for t in history.turns
        if t.counts
        and t.dated
        and t.at <= now
        and (t.presses or _DEMANDS in t.labels)
        and not t.labels & history.never_counts
        and not calendar.is_open(t.at)
    ]
    burst = _burst(late, rule.mails, timedelta(days=rule.days), now, timedelta(days=rules.recent_days))
    if not burst:
        return None
    theirs = history.client_hours.timezone
    return Signal(
        SignalName.OFF_HOURS,
        burst[0].at.date(),
        f"{len(burst)} mails in {rule.days} days came outside working hours and wanted something before the next.",
        tuple(
            Evidence(
                f"{t.at.astimezone(history.owner_hours.timezone):%a %H:%M} here,"
                f" {t.at.astimezone(theirs):%a %H:%M} for them",
                t.at,
                t.message_id,
            )
            for t in burst
        ),
    )


def chases_before_deadline(history: History, rules: SignalRules, now: datetime) -> Signal | None:
    """Mails that ask how far the work is, before a day that we had named for it."""
    calendar = WorkCalendar(history.owner_hours)
    since = now - timedelta(days=rules.pattern_days)
    found: list[tuple[Turn, Deadline]] = []
    for turn in history.turns:
        if not (turn.counts and turn.dated and since <= turn.at <= now):
            continue
        if turn.labels & history.never_counts or not (turn.checks_progress or _WATCHES in turn.labels):
            continue
        day = calendar.today(turn.at)
        ahead = [d for d in history.deadlines if _pending(d, turn.at, day)]
        if ahead:
            found.append((turn, min(ahead, key=lambda d: d.day)))
    if len(found) < rules.chases_before_deadline:
        return None
    return Signal(
        SignalName.CHASES_BEFORE_DEADLINE,
        found[0][0].at.date(),
        f"{len(found)} mails ask for work before the day that it was promised for.",
        tuple(
            Evidence(f"{(d.day - calendar.today(t.at)).days} days before {d.day}", t.at, t.message_id) for t, d in found
        ),
    )


def _pending(deadline: Deadline, at: datetime, day: date) -> bool:
    """Whether this day was promised by then, and neither come nor met."""
    if deadline.said_at is not None and deadline.said_at >= at:
        return False
    return day < deadline.day and (deadline.met_on is None or day < deadline.met_on)


def _burst(turns: Sequence[Turn], mails: int, days: timedelta, now: datetime, recent: timedelta) -> tuple[Turn, ...]:
    """The newest window of `days` that holds at least `mails` of these turns and ended at most `recent` ago."""
    ordered = sorted(turns, key=lambda t: (t.at, t.message_id))
    for last in range(len(ordered) - 1, mails - 2, -1):
        if now - ordered[last].at > recent:
            break
        window = tuple(t for t in ordered[: last + 1] if ordered[last].at - t.at <= days)
        if len(window) >= mails:
            return window
    return ()


def _rows(turns: Sequence[Turn], what: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(what, t.at, t.message_id) for t in turns)
