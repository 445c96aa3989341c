"""How the queue went: what was decided, how fast, and what the models cost."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from pipeline.store import clients, decisions
from pipeline.store.database import Database
from pipeline.store.decisions import Asked, Decided


@dataclass(frozen=True, slots=True)
class Figures:
    """What the proposals of a group came to. Counts are of proposals, and of calls."""

    proposed: int
    approved_unchanged: int
    approved_edited: int
    rejected: int
    snoozed: int
    redrafted: int
    answered_by_hand: int
    withdrawn: int
    """Paid, or settled otherwise."""
    superseded: int
    changed_percent: int | None
    """Of the words of the drafts whose replies left, so many percent were changed; None where none left."""
    replies: int
    """Replies with a time: they answer a mail, and left."""
    median: timedelta | None
    """From the mail to the reply."""
    ninetieth: timedelta | None
    """Nine of ten replies took no longer."""
    calls: int
    tokens: int
    """In and out."""
    cost: dict[str, Decimal] = field(default_factory=dict)
    """By currency; calls without a known price are not in it."""
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one play, client or writer."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Stats:
    """A period, from `since` up to `until`."""

    since: datetime
    until: datetime
    total: Figures
    plays: tuple[Group, ...]
    clients: tuple[Group, ...]
    """The key is the client's number; empty for strangers."""
    prompts: tuple[Group, ...]
    """By the version of the writer: its prompt, model and playbook together. The name says who that is."""
    asked: tuple[Asked, ...]
    """By purpose, model and prompt."""
    confirmed: int
    """Labels that a person confirmed."""
    struck: int


def stats_between(db: Database, since: datetime, until: datetime) -> Stats:
    """Figures of what happened in a period, in total and by play, client and version of the writer."""
    with db.read() as tx:
        decided = decisions.decided_between(tx, since, until)
        asked = decisions.asked_between(tx, since, until)
        labels = decisions.labels_between(tx, since, until)
        names = {str(client.id): client.name for client in clients.all_clients(tx)}
    return Stats(
        since=since,
        until=until,
        total=_figures(decided, asked),
        plays=_groups(decided, asked, lambda d: d.play, lambda a: a.play, lambda key, _: key),
        clients=_groups(
            decided,
            asked,
            lambda d: str(d.client_id or ""),
            lambda a: str(a.client_id or ""),
            lambda key, _: names.get(key, ""),
        ),
        prompts=_groups(decided, (), lambda d: d.prompt, lambda _: "", lambda _, first: str(first.author)),
        asked=_by_prompt(asked),
        confirmed=labels.get("confirmed", 0),
        struck=labels.get("struck", 0),
    )


def _groups(
    decided: Sequence[Decided],
    asked: Sequence[Asked],
    of_decision: Callable[[Decided], str],
    of_call: Callable[[Asked], str],
    name: Callable[[str, Decided], str],
) -> tuple[Group, ...]:
    """The same figures by group, the largest first. Calls that led to no proposal of any group are in the total alone."""
    found: dict[str, list[Decided]] = {}
    for one in decided:
        found.setdefault(of_decision(one), []).append(one)
    groups = [
        Group(key, name(key, rows[0]), _figures(rows, [call for call in asked if of_call(call) == key]))
        for key, rows in found.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-len(found[group.key]), group.key)))


def _figures(decided: Sequence[Decided], asked: Sequence[Asked]) -> Figures:
    left = [d for d in decided if d.approved and d.distance is not None and d.of_words]
    times = sorted(
        d.replied_at - d.mail_at
        for d in decided
        if (d.approved or d.by_hand)
        and d.mail_at is not None
        and d.replied_at is not None
        and d.replied_at >= d.mail_at
    )
    cost: dict[str, Decimal] = {}
    for call in asked:
        if call.currency:
            cost[call.currency] = cost.get(call.currency, Decimal(0)) + call.cost
    words = sum(d.of_words or 0 for d in left)
    return Figures(
        proposed=sum(d.proposed for d in decided),
        approved_unchanged=sum(d.approved and not d.edited for d in decided),
        approved_edited=sum(d.approved and d.edited for d in decided),
        rejected=sum(d.rejected for d in decided),
        snoozed=sum(d.snoozed > 0 for d in decided),
        redrafted=sum(d.redrafted > 0 for d in decided),
        answered_by_hand=sum(d.by_hand for d in decided),
        withdrawn=sum(d.withdrawn for d in decided),
        superseded=sum(d.superseded for d in decided),
        changed_percent=round(100 * sum(d.distance or 0 for d in left) / words) if words else None,
        replies=len(times),
        median=_percentile(times, 50),
        ninetieth=_percentile(times, 90),
        calls=sum(call.calls for call in asked),
        tokens=sum(call.tokens_in + call.tokens_out for call in asked),
        cost=dict(sorted(cost.items())),
        unpriced=sum(call.unpriced for call in asked),
    )


def _percentile(ascending: Sequence[timedelta], percent: int) -> timedelta | None:
    """The nearest rank: the smallest of them that at least so many percent do not exceed."""
    if not ascending:
        return None
    return ascending[math.ceil(len(ascending) * percent / 100) - 1]


def _by_prompt(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """The calls of a purpose, model, prompt and currency together, whomever they were about."""
    found: dict[tuple[str, str, str, str], list[Asked]] = {}
    for call in asked:
        found.setdefault((call.purpose, call.model, call.prompt, call.currency), []).append(call)
    return tuple(
        Asked(
            purpose,
            model,
            prompt,
            None,
            "",
            calls=sum(call.calls for call in calls),
            used=sum(call.used for call in calls),
            tokens_in=sum(call.tokens_in for call in calls),
            tokens_out=sum(call.tokens_out for call in calls),
            tokens_cached=sum(call.tokens_cached for call in calls),
            cost=sum((call.cost for call in calls), Decimal(0)),
            currency=currency,
            unpriced=sum(call.unpriced for call in calls),
        )
        for (purpose, model, prompt, currency), calls in found.items()
    )


def span_in_words(span: timedelta | None) -> str:
    """A span of time in one unit or two: `45 min`, `3 h 10 min`, `2 d 4 h`."""
    if span is None:
        return "-"
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, left = divmod(hours, 24)
    return f"{days} d {left} h" if left else f"{days} d"
