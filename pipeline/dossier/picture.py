"""The timeline as a picture: what happened in which lane, as coordinates. The template draws them; this only computes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from pipeline.domain.ledger import Invoice, PromiseStatus
from pipeline.domain.mail import Direction
from pipeline.dossier.collect import Papers
from pipeline.dossier.entries import Entry, Kind, money
from pipeline.dossier.mood import mood_of

WIDTH, LEFT, RIGHT = 960, 90, 12
_BIN = 5
"""Mails that fall into the same five pixels are one column, however many they are."""
_TALLEST = 22
_TOP = 30
_LANE = 30
_LANES = ("mail", "behaviour", "told", "promises", "notes")
_INVOICE = 11
_MOST_INVOICES = 24
"""The newest ones; more would be a picture of nothing but bars."""
_MOODS = {1: "warm", 0: "neutral", -1: "tense", -2: "frustrated", -3: "hostile"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at one moment, or over a time (`width`). `css` is its class, `title` what a pointer shows."""

    x: float
    y: float
    css: str
    title: str
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A month on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that the template draws, and the same in a sentence."""

    width: int
    height: int
    left: int
    ticks: tuple[Tick, ...]
    lanes: tuple[tuple[float, str], ...]
    columns: tuple[Mark, ...]
    points: tuple[Mark, ...]
    bars: tuple[Mark, ...]
    invoices_y: int | None
    """Where the word beside the bars stands; None without invoices."""
    said: str


def picture_of(papers: Papers, entries: Sequence[Entry]) -> Picture | None:
    """The picture of a client's papers; None where there is nothing with a date."""
    if not entries:
        return None
    invoices = sorted(papers.known.ledger.invoices, key=lambda i: (i.issued, i.number))[-_MOST_INVOICES:]
    days = [entry.at for entry in entries] + [_midnight(i.due) for i in invoices] + [papers.at]
    scale = _Scale(min(days) - timedelta(days=1), max(days) + timedelta(days=1))
    height = _TOP + _LANE * len(_LANES) + _INVOICE * len(invoices) + 24
    return Picture(
        width=WIDTH,
        height=height,
        left=LEFT,
        ticks=tuple(_ticks(scale)),
        lanes=tuple((_y(lane), lane) for lane in _LANES),
        invoices_y=_TOP + _LANE * len(_LANES) + _INVOICE if invoices else None,
        columns=tuple(_columns(papers, scale)),
        points=tuple(_points(papers, entries, scale)),
        bars=tuple(_bars(invoices, papers.at, scale)),
        said=_said(papers, entries),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        return round(LEFT + (at - self.start) / (self.end - self.start) * (WIDTH - LEFT - RIGHT), 1)


def _y(lane: str) -> float:
    return _TOP + _LANE * _LANES.index(lane) + _LANE / 2


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ticks(scale: _Scale) -> Iterable[Tick]:
    """The first of each month, or of as many months as leave room for their names."""
    months = max(1, (scale.end - scale.start).days // 30)
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120) if months / s <= 14 or s == 120)
    month = scale.start.year * 12 + scale.start.month
    while (first := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) < scale.end:
        if month % step == 0:
            yield Tick(scale.x(first), f"{first:%b %Y}")
        month += 1


def _columns(papers: Papers, scale: _Scale) -> Iterable[Mark]:
    """Their mails grow upwards, ours downwards; the colour is the gravest tone among them."""
    bins: dict[tuple[int, Direction], list[int]] = defaultdict(list)
    for mail in papers.mails:
        if mail.by_person:
            bins[int(scale.x(mail.written_at) // _BIN), mail.direction].append(mood_of(mail.tone) if mail.tone else 0)
    most = max(map(len, bins.values()), default=1)
    for (place, direction), moods in sorted(bins.items()):
        inbound = direction is Direction.INBOUND
        height = round(max(2.0, len(moods) / most * _TALLEST / 2), 1)
        top = _y("mail") - height if inbound else _y("mail")
        who = f"{len(moods)} from them, the gravest {_MOODS[min(moods)]}" if inbound else f"{len(moods)} from us"
        css = f"mood-{_MOODS[min(moods)]}" if inbound else "ours"
        yield Mark(place * _BIN, top, css, who, width=_BIN - 1, height=height)


_LANE_OF = {
    Kind.DID: ("behaviour", "did"),
    Kind.SEEN: ("behaviour", "seen"),
    Kind.TOLD: ("told", "told"),
    Kind.NOTED: ("notes", "noted"),
}


def _points(papers: Papers, entries: Iterable[Entry], scale: _Scale) -> Iterable[Mark]:
    """One mark a moment; what falls on the same spot of a lane is one mark that says how many."""
    found: dict[tuple[int, str, str], list[Mark]] = defaultdict(list)
    for entry in entries:
        if entry.kind in _LANE_OF:
            lane, css = _LANE_OF[entry.kind]
            mark = Mark(scale.x(entry.at), _y(lane), css, f"{entry.at:%Y-%m-%d}: {entry.text}")
            found[int(mark.x // _BIN), lane, css].append(mark)
    for promise in papers.known.promises:
        css = {PromiseStatus.KEPT: "kept", PromiseStatus.BROKEN: "broken"}.get(promise.status, "promised")
        at = min(max(_midnight(promise.date), scale.start), scale.end)
        title = f"payment promised for {promise.date}: {promise.status}"
        found[int(scale.x(at) // _BIN), "promises", css].append(Mark(scale.x(at), _y("promises"), css, title))
    for _, same in sorted(found.items(), key=lambda item: item[0][2] != "seen"):  # what is confirmed lies on top
        more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
        yield replace(same[0], title=same[0].title + more)


def _bars(invoices: Sequence[Invoice], now: datetime, scale: _Scale) -> Iterable[Mark]:
    """One bar an invoice up to its due day, and one from there until it was paid, or today."""
    for place, invoice in enumerate(invoices):
        y = _TOP + _LANE * len(_LANES) + _INVOICE * place
        issued, due = scale.x(_midnight(invoice.issued)), scale.x(_midnight(invoice.due))
        is_open = invoice.open.amount > 0
        title = f"{invoice.number}: {money(invoice.total)}, due {invoice.due}, {invoice.status}"
        yield Mark(issued, y, "terms", title, width=max(1.0, round(due - issued, 1)), height=_INVOICE - 4)
        end = now if is_open else _midnight(invoice.paid_on) if invoice.paid_on else None
        if end is not None and scale.x(end) > due:
            css = "overdue" if is_open else "late"
            yield Mark(due, y, css, title, width=round(scale.x(end) - due, 1), height=_INVOICE - 4)


def _said(papers: Papers, entries: Sequence[Entry]) -> str:
    counted = Counter(entry.kind for entry in entries)
    return (
        f"From {entries[0].at:%d %b %Y} to {entries[-1].at:%d %b %Y}. Mails: {len(papers.mails)}. Confirmed behaviours:"
        f" {counted[Kind.DID]}. Letters and limits of ours: {counted[Kind.TOLD]}. Promises to pay: {counted[Kind.PROMISED]}."
        f" Invoices: {counted[Kind.INVOICED]}. Notes: {counted[Kind.NOTED]}."
    )
