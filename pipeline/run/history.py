"""The mails of one client as a `History`: what signals and boundaries are read from.

Built anew each time out of the steps of the client's mails and threaded as one batch, so that the same mails give the
same history in whatever order they came in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from pipeline.classify.embedded.dates import find_dates
from pipeline.config.models import Owner
from pipeline.domain.client import Boundary, Client
from pipeline.domain.history import Deadline, History, Turn
from pipeline.domain.ids import AccountId, Label
from pipeline.domain.ladder import ClientLedger
from pipeline.domain.ledger import Promise
from pipeline.domain.mail import AuthVerdict, Direction, Message, Skip, SkipReason
from pipeline.run.ledgers import load_screening
from pipeline.screen import authentication_verdict
from pipeline.signals import wording
from pipeline.store import mails, memory, steps
from pipeline.store.codec import load
from pipeline.store.mails import MailRow
from pipeline.thread import base_subject, group
from pipeline.workdays import WorkCalendar

_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)
_RE_WORD = re.compile(r"[^\W\d_]{4,}")
_LEAST_LINE = 20
"""Characters of a quoted line that tell whose mail it is from."""
_LEAST_ATTACHMENT = 5_000
"""Bytes; smaller ones are logos of a signature."""
_PRESSED_LATELY = timedelta(days=400)
"""What pressed or asked for news longer ago is in no signal's window; to read for it costs most of a long history's time."""
_SOON_AFTER = timedelta(days=30)
"""A mail of ours outside the thread answers an incident that is at most so old."""


@dataclass(frozen=True, slots=True)
class Read:
    """A client's mail with what was read out of it."""

    row: MailRow
    message: Message
    turn: Turn


@dataclass(frozen=True, slots=True)
class Reader:
    """What is the same for all clients: the owner, the moment, whose word on a sender is trusted."""

    owner: Owner
    now: datetime
    authservs: Mapping[AccountId, str | None]
    behaviours: frozenset[Label]
    never_counts: frozenset[Label]

    def read(self, tx: Connection, client: Client, ledger: ClientLedger) -> tuple[Read, ...]:
        """Every mail of and to a client, oldest first, each once."""
        rows = [*mails.of_client(tx, client.id, _BEGINNING), *mails.strangers_in_threads(tx, client.id)]
        parsed = {i: load(Message, out) for i, out in steps.outputs(tx, [r.id for r in rows], "parse").items()}
        screened = {i: load_screening(out) for i, out in steps.outputs(tx, [r.id for r in rows], "screen").items()}
        unique = {row.message_id or f"mail:{row.id}": row for row in reversed(rows) if row.id in parsed}
        kept = sorted(unique.values(), key=lambda r: (r.written_at, r.message_id))
        threads = {i: number for number, thread in enumerate(group([parsed[r.id] for r in kept])) for i in thread}
        labels = _labels(tx, client)
        bounced = _bounced(tx)
        found = []
        for place, row in enumerate(kept):
            message, screening = parsed[row.id], screened.get(row.id)
            turn = Turn(
                message_id=row.message_id or f"mail:{row.id}",
                at=min(row.written_at, self.now),
                direction=row.direction,
                thread=threads[place],
                dated=message.sent_at is not None and row.written_at <= self.now,
            )
            if row.direction is Direction.OUTBOUND:
                found.append(Read(row, message, self._ours(turn, message, ledger, bounced)))
                continue
            skip = screening if isinstance(screening, Skip) else None
            away = skip is not None and skip.reason is SkipReason.AUTO_REPLY
            if row.client_id is None:
                if skip is None or skip.reason is SkipReason.STRANGER:
                    found.append(Read(row, message, replace(turn, by_person=False, stands_in=True)))
                continue
            turn = replace(
                turn,
                by_person=skip is None or skip.reason in {SkipReason.OVER_LIMIT, SkipReason.TOO_OLD},
                absent=away,
                absent_until=skip.absent_until.date() if skip and skip.absent_until else None,
                labels=labels.get(turn.message_id, frozenset()),
                forged=authentication_verdict(message, self.authservs.get(row.account)) is AuthVerdict.FAIL,
            )
            found.append(Read(row, message, self._theirs(turn, message)))
        return _with_answers(found)

    def _ours(self, turn: Turn, message: Message, ledger: ClientLedger, bounced: frozenset[str]) -> Turn:
        numbers = {invoice.number for invoice in ledger.invoices}
        about_money = wording.speaks_of_payment(message.subject) or any(n in message.subject for n in numbers)
        asking = [
            sentence
            for sentence in wording.requests_in(message.newest)
            if not wording.speaks_of_payment(sentence) and not any(number in sentence for number in numbers)
        ]
        return replace(
            turn,
            asks=bool(asking),
            asks_approval=wording.asks_approval(asking),
            chases_payment=about_money or any(entry.message_id == turn.message_id for entry in ledger.log),
            bounced=turn.message_id in bounced,
        )

    def _theirs(self, turn: Turn, message: Message) -> Turn:
        if self.now - turn.at > _PRESSED_LATELY:
            return turn
        calendar = WorkCalendar(self.owner.hours())
        tomorrow = calendar.today(turn.at) + timedelta(days=1)
        words = f"{message.subject}.\n\n{message.newest}"
        return replace(
            turn,
            presses=wording.presses(words, tomorrow_is_free=not calendar.is_workday(tomorrow)),
            checks_progress=wording.checks_progress(words),
        )

    def history(
        self, client: Client, ledger: ClientLedger, promises: tuple[Promise, ...], found: Sequence[Read]
    ) -> History:
        """What signals are read from."""
        return History(
            client=client,
            owner_hours=self.owner.hours(),
            client_hours=client.hours or self.owner.hours(),
            turns=tuple(read.turn for read in found),
            invoices=ledger.invoices,
            promises=promises,
            deadlines=(*_milestones(client), *self._named_days(client, found)),
            has_sent=any(read.turn.direction is Direction.OUTBOUND for read in found),
            never_counts=self.never_counts,
        )

    def _named_days(self, client: Client, found: Iterable[Read]) -> Iterable[Deadline]:
        """The days that we named for our work in mails of our own."""
        language = (client.language or self.owner.language).partition("-")[0]
        for read in found:
            turn = read.turn
            if turn.direction is not Direction.OUTBOUND or turn.chases_payment or turn.bounced:
                continue
            for sentence in wording.statements_in(read.message.newest):
                for day in find_dates(sentence, language, read.message.sent_at or turn.at):
                    if day > turn.at.date():
                        yield Deadline(day, turn.at, turn.message_id)

    def stated_boundaries(self, found: Sequence[Read]) -> tuple[Boundary, ...]:
        """The limits that the owner's own mails state, each for the behaviours of the mail that it answers."""
        if not any(r.turn.counts and self._difficult(r.turn) for r in found):
            return ()
        stated = []
        for read in found:
            turn = read.turn
            if turn.direction is not Direction.OUTBOUND or turn.bounced:
                continue
            words = wording.boundary_in(read.message.newest)
            if words is None:
                continue
            stated += [
                Boundary(label, turn.at, words, turn.message_id) for label in sorted(self._answered(read, found))
            ]
        return tuple(stated)

    def _answered(self, read: Read, found: Sequence[Read]) -> frozenset[Label]:
        """What the mails that this one of ours answers were confirmed to be."""
        difficult = [r for r in found if r.turn.counts and self._difficult(r.turn)]
        direct = [r for r in difficult if r.turn.message_id in read.message.in_reply_to]  # whatever the clocks say
        before = [r for r in difficult if r.turn.at < read.turn.at]
        here = [r for r in before if r.turn.thread == read.turn.thread]
        recent = [r for r in before if read.turn.at - r.turn.at <= _SOON_AFTER]
        chosen = (direct or here or recent)[-1:]
        return frozenset(label for r in chosen for label in self._difficult(r.turn))

    def _difficult(self, turn: Turn) -> frozenset[Label]:
        return (turn.labels & self.behaviours) - self.never_counts


def _labels(tx: Connection, client: Client) -> dict[str, frozenset[Label]]:
    found: dict[str, frozenset[Label]] = {}
    for incident in memory.incidents(tx, client.id):
        if incident.message_id is not None:
            found[incident.message_id] = found.get(incident.message_id, frozenset()) | {incident.label}
    return found


def _bounced(tx: Connection) -> frozenset[str]:
    """Mails of ours that failed to arrive, as delivery reports (RFC 3464) say."""
    reports = [load(Message, parsed).report for parsed in memory.bounced_reports(tx)]
    return frozenset(r.original_message_id for r in reports if r and r.original_message_id and r.action == "failed")


def _milestones(client: Client) -> Iterable[Deadline]:
    return (Deadline(m.due, None, m.name, m.delivered_on) for m in client.milestones if m.due is not None)


def _with_answers(found: list[Read]) -> tuple[Read, ...]:
    """Mails that begin a thread of their own and still answer ours: they quote it, bring something, or speak of it."""
    ours = [read for read in found if read.turn.direction is Direction.OUTBOUND and read.turn.asks]
    spoken = {read.turn.thread for read in ours}
    return tuple(
        replace(read, turn=replace(read.turn, answers=frozenset(o.turn.message_id for o in ours if _answers(read, o))))
        if read.turn.counts and read.turn.thread not in spoken
        else read
        for read in found
    )


def _answers(reply: Read, request: Read) -> bool:
    if reply.turn.at <= request.turn.at:
        return False
    if any(a.size_bytes >= _LEAST_ATTACHMENT for a in reply.message.attachments):
        return True
    quoted = reply.message.quoted
    if any(len(line.strip()) >= _LEAST_LINE and line.strip() in quoted for line in request.message.newest.splitlines()):
        return True
    mine, theirs = (set(_RE_WORD.findall(base_subject(r.message.subject))) for r in (request, reply))
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def first_day(found: Sequence[Read], ledger: ClientLedger) -> date | None:
    """Since when the client is known: the first mail or invoice."""
    days = [r.turn.at.date() for r in found if r.turn.dated] + [i.issued for i in ledger.invoices]
    return min(days, default=None)
