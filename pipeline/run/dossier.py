"""Everything that is known of a client at one moment: history, signals, ladder, promises, verdict."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from pipeline.domain.client import Boundary, Client, Engagement, Incident, LookBack
from pipeline.domain.history import History, Signal
from pipeline.domain.ids import ClientId, Label
from pipeline.domain.ladder import ClientLedger, LadderState, PauseReason, Step
from pipeline.domain.ledger import Invoice, InvoiceStatus, Promise
from pipeline.domain.verdict import ClientRecord, Stop, Unpaid, Verdict
from pipeline.errors import UsageError
from pipeline.invoices.ladder import climb
from pipeline.invoices.promises import settle_promises
from pipeline.invoices.standing import standings
from pipeline.playbook import VerdictRules
from pipeline.run.chases import settings_of
from pipeline.run.desk import Records
from pipeline.run.history import Read, Reader, first_day
from pipeline.run.ledgers import client_ledger
from pipeline.signals import Measures, later_each_time, measure, read_signals, requests_of
from pipeline.store import clients, ledger, memory
from pipeline.verdict import judge_client
from pipeline.workdays import WorkCalendar

_REVERSES = Label("changes_mind")
_YEAR = timedelta(days=365)
_SAME_LETTER = timedelta(days=1)
_DEAD = frozenset({InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.DRAFT})


@dataclass(frozen=True, slots=True)
class Dossier:
    """One client at one moment."""

    client: Client
    ledger: ClientLedger
    ladder: LadderState
    promises: tuple[Promise, ...]
    """Settled as of today, or of the last import where the ledger is too old to say."""
    history: History
    signals: tuple[Signal, ...]
    measures: Measures
    record: ClientRecord
    verdict: Verdict
    strict: Verdict
    """What the articles say literally; where it is more severe, the chosen profile has softened it."""
    ledger_as_of: datetime | None


def dossiers(desk: Records) -> list[Dossier]:
    """Every client, by name."""
    with desk.db.read() as tx:
        return [_dossier(tx, desk, client) for client in clients.all_clients(tx)]


def dossier_of(tx: Connection, desk: Records, client_id: ClientId) -> Dossier:
    """One client. Raises UsageError if there is none of that number."""
    client = clients.client(tx, client_id)
    if client is None:
        raise UsageError(f"There is no client {client_id}.", fix="firmly clients list shows them.")
    return _dossier(tx, desk, client)


def _dossier(tx: Connection, desk: Records, client: Client) -> Dossier:
    now, settings = desk.clock(), settings_of(desk)
    owner = desk.config.owner
    authservs = {mailbox.id: mailbox.authserv_id for mailbox in desk.mailboxes.values()}
    disputes = frozenset(desk.playbook.precedence.disputes)
    books = client_ledger(tx, client, owner.hours(), now, disputes=disputes, authservs=authservs)
    as_of = ledger.as_of(tx)
    fresh = as_of is not None and now - as_of <= settings.fresh_for
    promises = _settled(books, settings.check_after_workdays, now if fresh or as_of is None else min(now, as_of))
    rules = _profile(desk)
    severities = {rule.name: rule.severity or 1 for rule in desk.playbook.taxonomy.behaviours}
    reader = Reader(owner, now, authservs, frozenset(severities), frozenset(rules.never_counts))
    found = reader.read(tx, client, books)
    history = reader.history(client, books, promises, found)
    theirs = now.astimezone(history.client_hours.timezone)
    unpaid = _unpaid(books, desk, now) if fresh else ()
    record = _record(tx, client, books, found, _Known(history, promises, unpaid, fresh, theirs, reader))
    return Dossier(
        client=client,
        ledger=books,
        ladder=climb(books, settings, now, as_of),
        promises=promises,
        history=history,
        signals=read_signals(history, desk.playbook.signals, now),
        measures=measure(history, now),
        record=record,
        verdict=judge_client(record, rules, severities, theirs),
        strict=judge_client(record, desk.playbook.verdicts.profiles.get("strict", rules), severities, theirs),
        ledger_as_of=as_of,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found out about a client on the way to the record."""

    history: History
    promises: tuple[Promise, ...]
    unpaid: tuple[Unpaid, ...]
    fresh: bool
    now: datetime
    """On the client's clock."""
    reader: Reader


def _profile(desk: Records) -> VerdictRules:
    return desk.playbook.verdicts.profiles[desk.playbook.verdicts.profile]


def _settled(books: ClientLedger, check_after: int, at: datetime) -> tuple[Promise, ...]:
    """A promise is judged by a ledger that is as young as its day: an older one shows no payment and no breach."""
    calendar = WorkCalendar(books.hours)
    return settle_promises(
        books.promises,
        books.invoices,
        calendar.today(at),
        calendar,
        payments=books.payments,
        check_after=check_after,
    )


def _unpaid(books: ClientLedger, desk: Records, now: datetime) -> tuple[Unpaid, ...]:
    """Open invoices that have had their first reminder."""
    calendar = WorkCalendar(books.hours)
    reminded: dict[str, date] = {}
    for entry in sorted(books.log, key=lambda e: e.sent_at):
        if entry.step not in {Step.L0, Step.RESUME}:
            for number in entry.invoices:
                reminded.setdefault(number, calendar.today(entry.sent_at))
    return tuple(
        Unpaid(
            s.invoice.number,
            reminded[s.invoice.number],
            paused=s.blocked is not None and s.blocked is not PauseReason.HUMAN,
        )
        for s in standings(books, settings_of(desk), calendar, now)
        if s.invoice.number in reminded
    )


def _record(
    tx: Connection, client: Client, books: ClientLedger, found: tuple[Read, ...], known: _Known
) -> ClientRecord:
    forged = {read.turn.message_id for read in found if read.turn.forged}
    now = known.now
    incidents = tuple(
        Incident(i.label, min(i.at, now), i.message_id, i.quote)
        for i in memory.incidents(tx, client.id)
        if i.message_id not in forged
    )
    owed = [i for i in books.invoices if i.status not in _DEAD and i.total.amount > 0]
    still_open = frozenset(i.number for i in owed if i.open.amount > 0) if known.fresh else frozenset()
    since = first_day(found, books)
    return ClientRecord(
        incidents=incidents,
        boundaries=_boundaries(tx, client, found, known),
        requests=requests_of(known.history, now) if known.history.has_sent else (),
        promises=known.promises,
        open_invoices=still_open,
        unpaid=known.unpaid,
        stops=stops_of(books, WorkCalendar(books.hours), settled=known.fresh),
        later_each_time=later_each_time(books.invoices, now.date()),
        collected=known.fresh and not still_open and any(i.open.amount <= 0 for i in owed),
        pause_allowed=client.pause_allowed,
        reversals=_reversals(client, incidents, found),
        look_back=_look_back(tx, client, now.date()),
        contract_ends=min((e.ends for e in client.engagements if e.ends and e.ends >= now.date()), default=None),
        known_days=(now.date() - since).days if since else 0,
    )


def _boundaries(tx: Connection, client: Client, found: tuple[Read, ...], known: _Known) -> tuple[Boundary, ...]:
    """Those on record, and those that the owner's own mails state, each once: a letter of ours is in Sent as well."""
    recorded, struck = memory.boundaries(tx, client.id), memory.struck_boundaries(tx, client.id)
    read = known.reader.stated_boundaries(found)
    wrong = {(b.label, b.message_id or b.stated_at) for b in struck}
    kept = [
        *(b for b in recorded if b.message_id is None or not any(_same(b, other) for other in read)),
        *(b for b in read if (b.label, b.message_id) not in wrong),
    ]
    return tuple(sorted(kept, key=lambda b: (b.stated_at, b.label)))


def _same(one: Boundary, other: Boundary) -> bool:
    """The same limit: an edited draft gets another id and another minute when it is sent."""
    return one.label == other.label and abs(one.stated_at - other.stated_at) < _SAME_LETTER


def stops_of(books: ClientLedger, calendar: WorkCalendar, *, settled: bool) -> tuple[Stop, ...]:
    """The stops of work that were announced, oldest first. A letter during a stop belongs to that stop.

    With `settled` false the ledger is too old to say that something is unpaid, and nothing counts as such.
    """
    by_number = {invoice.number: invoice for invoice in books.invoices}
    resumed = [entry.sent_at for entry in books.log if entry.step is Step.RESUME]
    stops: list[Stop] = []
    begun: list[datetime] = []
    for entry in sorted((e for e in books.log if e.step is Step.L3), key=lambda e: e.sent_at):
        day = calendar.today(entry.sent_at)
        invoices = [by_number[number] for number in entry.invoices if number in by_number]
        paid = not settled or all(i.open.amount <= 0 for i in invoices)
        if stops and not _ended(stops[-1], begun[-1], entry.sent_at, by_number, resumed, day):
            last = stops[-1]
            stops[-1] = Stop(last.on, (*last.invoices, *entry.invoices), last.paid and paid)
        else:
            stops.append(Stop(day, entry.invoices, paid))
            begun.append(entry.sent_at)
    return tuple(stops)


def _ended(
    stop: Stop, begun: datetime, at: datetime, by_number: dict[str, Invoice], resumed: list[datetime], day: date
) -> bool:
    """Whether a stop was over when the next letter left: work was resumed, or all of it was paid by then."""
    if any(begun < moment <= at for moment in resumed):
        return True
    invoices = [by_number[number] for number in stop.invoices if number in by_number]
    return all(i.open.amount <= 0 and (i.paid_on is None or i.paid_on <= day) for i in invoices)


def _reversals(
    client: Client, incidents: tuple[Incident, ...], found: tuple[Read, ...]
) -> tuple[tuple[str, tuple[Incident, ...]], ...]:
    """Changes of mind by fixed-price project: the only project, or the one that the mail names."""
    fixed = [e for e in client.engagements if e.fixed_price or (e.fixed_price is None and e.price is not None)]
    reversed_ = [i for i in incidents if i.label == _REVERSES]
    words = {r.turn.message_id: f"{r.message.subject}\n{r.message.newest}".casefold() for r in found}

    def about(incident: Incident, engagement: Engagement) -> bool:
        return len(client.engagements) == 1 or engagement.project.casefold() in words.get(incident.message_id or "", "")

    return tuple((e.project, tuple(i for i in reversed_ if about(i, e))) for e in fixed)


def _look_back(tx: Connection, client: Client, today: date) -> LookBack:
    """The owner's figures, completed by what is on file: rounds beyond the agreed ones, the share of the revenue."""
    given = client.look_back
    beyond = [
        e.rounds_used - e.revision_rounds
        for e in client.engagements
        if e.rounds_used is not None and e.revision_rounds is not None and e.rounds_used > e.revision_rounds
    ]
    return LookBack(
        duration_ratio=given.duration_ratio,
        unpaid_rework_rounds=given.unpaid_rework_rounds if given.unpaid_rework_rounds is not None else sum(beyond),
        scope_growth_percent=given.scope_growth_percent,
        change_orders_refused=given.change_orders_refused,
        hours_share_percent=given.hours_share_percent,
        revenue_share_percent=given.revenue_share_percent
        if given.revenue_share_percent is not None
        else _revenue_share(tx, client, today),
        effective_rate_percent=given.effective_rate_percent,
        projects=max(given.projects, len(beyond)),
    )


def _revenue_share(tx: Connection, client: Client, today: date) -> int | None:
    """Of what was invoiced in the last year, in per cent; None where there are several currencies or none."""
    year = [i for i in ledger.invoices(tx) if i.status not in _DEAD and today - i.issued <= _YEAR]
    if len({i.total.currency for i in year}) != 1:
        return None
    total = sum((i.total.amount for i in year), Decimal(0))
    mine = sum((i.total.amount for i in year if i.client_id == client.id), Decimal(0))
    return int(100 * mine / total) if total else None
