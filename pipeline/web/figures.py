"""The pages that count: payments, runs, costs, and how it goes. Every figure leads to what stands behind it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from pipeline.domain.ledger import Invoice
from pipeline.invoices.ageing import age, days_sales_outstanding
from pipeline.invoices.plan import in_weeks, plan
from pipeline.run.chases import chases_today, settings_of
from pipeline.stats import stats_between
from pipeline.store import clients, decisions, handwork, ledger, listing, llm_calls, runs
from pipeline.store.decisions import Decided
from pipeline.web.pages import PAGE
from pipeline.web.reading import find_item
from pipeline.web.room import Room

_DAYS = 30
"""So far back and ahead costs and the ladder's calendar go."""
_BUCKETS = (
    ("current", "not due", None, 0),
    ("days_1_30", "1–30 days", 1, 30),
    ("days_31_60", "31–60 days", 31, 60),
    ("days_61_90", "61–90 days", 61, 90),
    ("over_90", "over 90 days", 91, None),
)
_STEPS = {
    "listed": ("parse", ""),
    "fetched": ("parse", ""),
    "parsed": ("parse", "done"),
    "skipped": ("screen", "stopped"),
    "judged": ("classify", "done"),
    "parked": ("", "parked"),
}
"""The steps behind a figure of a run; what only a server has seen is not kept."""
_EVENTS = frozenset({"proposed", "delivered", "withdrawn", "superseded", "redrafted"})
_WHAT: Mapping[str, Callable[[Decided], object]] = {
    "proposed": lambda d: d.proposed,
    "approved_unchanged": lambda d: d.approved and not d.edited,
    "approved_edited": lambda d: d.approved and d.edited,
    "rejected": lambda d: d.rejected,
    "snoozed": lambda d: d.snoozed,
    "answered_by_hand": lambda d: d.by_hand,
    "withdrawn": lambda d: d.withdrawn,
    "superseded": lambda d: d.superseded,
    "changed": lambda d: d.approved and d.distance is not None and d.of_words,
    "replies": lambda d: (d.approved or d.by_hand) and d.mail_at and d.replied_at,
}
"""What a figure of the statistics counts."""
_LABELS = frozenset({"confirmed", "struck"})
_GROUPS: Mapping[str, Callable[[Decided], str]] = {
    "play": lambda d: d.play,
    "client": lambda d: str(d.client_id or ""),
    "prompt": lambda d: d.prompt,
}


def show_payments(room: Room, request: Request) -> Response:
    """What is owed, how old it is, and what the ladder will say."""
    desk = room.desk
    today = desk.clock().astimezone(desk.config.owner.hours().timezone).date()
    with desk.db.read() as tx:
        every = ledger.invoices(tx)
        as_of = ledger.as_of(tx)
        names = {client.id: client.name for client in clients.all_clients(tx)}
        claims = [(number, claim) for number in names if (claim := handwork.claim_of(tx, number))]
    invoices = [invoice for invoice in every if invoice.open.amount > 0]
    outstanding = {
        number: days_sales_outstanding([i for i in every if i.client_id == number], today) for number in names
    }
    chases = chases_today(desk)
    calendar = plan([chase.ledger for chase in chases], settings_of(desk), desk.clock(), _DAYS)
    bucket, currency = request.query_params.get("age", ""), request.query_params.get("in", "")
    shown = [i for i in invoices if _in_bucket(i, bucket, today) and currency in {"", i.open.currency}]
    return room.page(
        request,
        "payments.html",
        ageing=age(invoices, today),
        buckets=_BUCKETS,
        bucket=bucket,
        currency=currency,
        invoices=sorted(shown, key=lambda i: i.due),
        names=names,
        outstanding=sorted(((n, d) for n, d in outstanding.items() if d), key=lambda o: -max(o[1].values())),
        chases=chases,
        calendar=calendar,
        weeks=in_weeks(calendar, today, _DAYS) if calendar else (),
        claims=claims,
        as_of=as_of,
        today=today,
        days=_DAYS,
    )


def _in_bucket(invoice: Invoice, bucket: str, today: date) -> bool:
    low, high = next(((low, high) for name, _, low, high in _BUCKETS if name == bucket), (None, None))
    days = invoice.days_overdue(today)
    return (low is None or days >= low) and (high is None or days <= high)


def show_runs(room: Room, request: Request) -> Response:
    """The newest runs; one of them with what it did, or what stands behind one of its figures."""
    did = request.query_params.get("did", "")
    lines, items, steps = [], [], []
    with room.desk.db.read() as tx:
        rows = runs.newest(tx, PAGE)
        chosen = next((r for r in rows if r.started_at.isoformat() == request.query_params.get("at")), None)
        if chosen is not None:
            between = (chosen.started_at, chosen.finished_at)
            if did in _EVENTS:
                lines = listing.proposals_that(tx, did, *between)
            elif did == "attention":
                items = [find_item(tx, number) for number in listing.attention_raised(tx, *between)]
            else:
                stage, state = _STEPS.get(did, ("", ""))
                found = listing.steps_between(tx, *between)
                steps = [s for s in found if stage in {"", s.stage} and state in {"", s.state}]
    return room.page(request, "runs.html", rows=rows, chosen=chosen, did=did, steps=steps, lines=lines, items=items)


def show_costs(room: Room, request: Request) -> Response:
    """What the endpoint cost lately, and the calls behind a figure."""
    since = room.desk.clock() - timedelta(days=_DAYS)
    purpose, model = request.query_params.get("for", ""), request.query_params.get("model", "")
    with room.desk.db.read() as tx:
        totals = llm_calls.totals_since(tx, since)
        calls = listing.calls(tx, purpose=purpose, model=model) if purpose and model else []
    sums: dict[str, Decimal] = {}
    for total in totals:
        if total.currency:
            sums[total.currency] = sums.get(total.currency, Decimal(0)) + total.cost
    return room.page(
        request, "costs.html", totals=totals, sums=sums, calls=calls, purpose=purpose, model=model, days=_DAYS
    )


def show_stats(room: Room, request: Request) -> Response:
    """What became of the proposals, how fast and for how much; and the proposals behind a figure."""
    until = room.desk.clock()
    since = until - timedelta(days=_DAYS)
    found = stats_between(room.desk.db, since, until + timedelta(seconds=1))
    what, by, key = (request.query_params.get(name, "") for name in ("what", "by", "key"))
    lines, said = [], []
    with room.desk.db.read() as tx:
        if what in _LABELS:
            said = decisions.labels_said(tx, what, since, until + timedelta(seconds=1))
        elif what in _WHAT:
            decided = decisions.decided_between(tx, since, until + timedelta(seconds=1))
            meant = [d for d in decided if _WHAT[what](d) and (by not in _GROUPS or _GROUPS[by](d) == key)]
            lines = listing.lines(tx, [d.proposal_id for d in meant])
    named = {str(group.key): group.name for groups in (found.plays, found.clients, found.prompts) for group in groups}
    of = named.get(key, key) if by else ""
    return room.page(request, "stats.html", found=found, what=what, of=of, lines=lines, said=said, days=_DAYS)
