"""What the ladder says of every client: the books, the state, what keeps it, and who did what about it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from pipeline.domain.client import Client
from pipeline.domain.ids import ClientId, MailId
from pipeline.domain.ladder import ClientLedger, LadderSettings, LadderState, Pause
from pipeline.domain.ledger import Promise
from pipeline.invoices.calendar import chase_calendar
from pipeline.invoices.ladder import climb
from pipeline.invoices.pauses import active_pauses
from pipeline.invoices.plan import Planned, plan
from pipeline.invoices.promises import settle_promises
from pipeline.invoices.settings import ladder_settings
from pipeline.run.desk import Desk, Records
from pipeline.run.ledgers import client_ledger
from pipeline.store import clients, handwork, ledger, mails
from pipeline.store.handwork import LedgerEvent
from pipeline.workdays import WorkCalendar

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Chase:
    """What the ladder says of one client today."""

    ledger: ClientLedger
    state: LadderState
    as_of: datetime | None
    pauses: tuple[tuple[Pause, date | None], ...] = ()
    """What keeps it now, each with the day on which it ends."""
    events: tuple[LedgerEvent, ...] = ()
    """What people did about its invoices lately, oldest first."""
    promises: tuple[tuple[Promise, MailId | None], ...] = ()
    """What was promised, with what became of it by now, and the mail that says it."""


def claim_subject(chase: Chase) -> str:
    """Under which name a person is asked to confirm interest and fixed sums, once for the same invoices."""
    return f"client:{chase.ledger.client.id}:{chase.state.invoices}"


def settings_of(desk: Records) -> LadderSettings:
    """The playbook's ladder with the config's profile and freshness."""
    section = desk.config.invoices
    fresh_for = int(section.fresh_for[:-1]) * _UNITS[section.fresh_for[-1]]
    return ladder_settings(desk.playbook, profile=section.ladder, fresh_for=fresh_for)


def chases_today(desk: Desk) -> list[Chase]:
    """Every client with an invoice, by name."""
    with desk.db.read() as tx:
        billed = ledger.billed_clients(tx)  # the mail of the others need not be read, at every run
        found = (_chase(tx, desk, client) for client in clients.all_clients(tx) if client.id in billed)
        return [chase for chase in found if chase is not None]


def chase_of(desk: Desk, client_id: ClientId) -> Chase | None:
    """One client alone; None for a client without invoices, or that is not there."""
    with desk.db.read() as tx:
        client = clients.client(tx, client_id)
        return None if client is None else _chase(tx, desk, client)


def _chase(tx: Connection, desk: Desk, client: Client) -> Chase | None:
    settings, now, as_of = settings_of(desk), desk.clock(), ledger.as_of(tx)
    books = client_ledger(
        tx,
        client,
        desk.config.owner.hours(),
        now,
        disputes=frozenset(desk.playbook.precedence.disputes),
        authservs={mailbox.id: mailbox.authserv_id for mailbox in desk.mailboxes.values()},
    )
    if not books.invoices:
        return None
    calendar = chase_calendar(books.hours, settings.window_start, settings.window_end)
    active = active_pauses(books.pauses, settings, calendar, now)
    lately = handwork.events(tx, client.id, since=now - _LATELY)
    promises = tuple((one, _mail_of(tx, one)) for one in _settled(books, settings, now))
    return Chase(books, climb(books, settings, now, as_of), as_of, active, lately, promises)


def _settled(books: ClientLedger, settings: LadderSettings, now: datetime) -> tuple[Promise, ...]:
    calendar = WorkCalendar(books.hours)
    return settle_promises(
        books.promises,
        books.invoices,
        calendar.today(now),
        calendar,
        payments=books.payments,
        check_after=settings.check_after_workdays,
    )


def _mail_of(tx: Connection, promise: Promise) -> MailId | None:
    row = mails.mail_by_message_id(tx, promise.message_id)
    return row.id if row else None


def promises_today(desk: Desk) -> list[tuple[str, Promise]]:
    """Every promise to pay, with what became of it by today, and the client's name."""
    return [(chase.ledger.client.name, promise) for chase in chases_today(desk) for promise, _ in chase.promises]


def coming(desk: Desk, days: int) -> tuple[Planned, ...]:
    """The letters of the coming days, if nobody pays and every letter leaves on its day."""
    return plan([chase.ledger for chase in chases_today(desk)], settings_of(desk), desk.clock(), days)
