"""Mailbox → store. Headers first; bodies only of mail that concerns a client. The cursor moves with its rows."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pipeline.clients import Roster
from pipeline.domain.ids import AccountId, MailId
from pipeline.domain.mail import Direction
from pipeline.errors import BrakeError
from pipeline.glance import Glance, content_hash, glance_at, written_at
from pipeline.mail.ports import Fetched, FolderState, Listed, MailSource, Role
from pipeline.store import mails, sightings
from pipeline.store.database import Database
from pipeline.store.sightings import Cursor, NewMail, Sighted

_TRIES = 3
"""So often a mail is asked for before a person is told that the server does not give it."""


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What is read. `since` is where a first run starts; later runs go by the cursor."""

    since: date
    max_new: int | None
    """The brake; None with `--allow-many`."""
    triage_strangers: bool = False
    until: date = date.max
    """Where a backfill before the first run ends."""


@dataclass(frozen=True, slots=True)
class FetchCount:
    """What a fetch did."""

    listed: int = 0
    """UIDs that were not known."""
    new: int = 0
    """Mails that were added."""

    def __add__(self, other: "FetchCount") -> "FetchCount":
        """Both together."""
        return FetchCount(self.listed + other.listed, self.new + other.new)


@dataclass(frozen=True, slots=True)
class _Seen:
    listed: Listed
    glance: Glance


def fetch_mail(
    db: Database,
    account: AccountId,
    source: MailSource,
    roster: Roster,
    rules: FetchRules,
    clock: Callable[[], datetime],
) -> FetchCount:
    """Bring everything new of INBOX and Sent into the store.

    Raises BrakeError before anything is stored if more than `max_new` mails are new; what the source raises goes through,
    with everything that was committed so far kept.
    """
    total = FetchCount()
    folders = []
    for role in (Role.INBOX, Role.SENT):
        state = source.examine(role)
        if state is not None:
            folder = _Folder(db, account, source, roster, rules, clock, state)
            folders.append(folder)
            total += folder.fetch()
    return sum((folder.look_again(backfilled=False) for folder in folders), total)


def backfill_mail(
    db: Database,
    account: AccountId,
    source: MailSource,
    roster: Roster,
    rules: FetchRules,
    clock: Callable[[], datetime],
) -> FetchCount:
    """Bring older mail, back to `rules.since`, into memory. It is remembered and never answered."""
    total = FetchCount()
    folders = []
    for role in (Role.INBOX, Role.SENT):
        state = source.examine(role)
        if state is not None:
            folder = _Folder(db, account, source, roster, rules, clock, state)
            folders.append(folder)
            total += folder.backfill()
    return sum((folder.look_again(backfilled=True) for folder in folders), total)


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder in one session."""

    db: Database
    account: AccountId
    source: MailSource
    roster: Roster
    rules: FetchRules
    clock: Callable[[], datetime]
    state: FolderState
    passed_over: list[_Seen] = field(default_factory=list)
    """Strangers' mail that answers something; whether that is ours may be known only once Sent was read."""

    def fetch(self) -> FetchCount:
        """New mail, from the cursor on; the whole window again where the folder was renumbered."""
        with self.db.read() as tx:
            cursor = sightings.cursor(tx, self.account, self.state.role)
        if cursor is None:
            return self._take(self.source.uids(self.state.role, after=0, since=self.rules.since), self.rules.since)
        if cursor.uidvalidity != self.state.uidvalidity:
            return self._take(
                self.source.uids(self.state.role, after=0, since=cursor.since), cursor.since, renumbered=True
            )
        again = self._try_again()
        if self.state.uidnext is not None and self.state.uidnext <= cursor.last_uid + 1:
            return again
        return again + self._take(self.source.uids(self.state.role, after=cursor.last_uid), cursor.since)

    def _try_again(self) -> FetchCount:
        """Mails whose bytes the server did not give the last time."""
        with self.db.read() as tx:
            uids = sightings.without_bytes(tx, self.account, self.state.role, self.state.uidvalidity, (1, _TRIES - 1))
        return self._store(self._look(uids), cursor_since=None) if uids else FetchCount()

    def backfill(self) -> FetchCount:
        """Older mail; the cursor stays where it is."""
        uids = self.source.uids(self.state.role, after=0, since=self.rules.since)
        with self.db.read() as tx:
            missing = sightings.unseen(
                tx,
                self.account,
                self.state.role,
                self.state.uidvalidity,
                uids,
                strangers_too=True,
            )
            cursor = sightings.cursor(tx, self.account, self.state.role)
        if cursor is not None and cursor.uidvalidity == self.state.uidvalidity:
            seen = self._look([uid for uid in missing if uid <= cursor.last_uid])
        else:  # no run yet: what the first run will read is left to it
            seen = (self._before(batch) for batch in self._look(missing))
        return self._store(seen, cursor_since=None, backfilled=True)

    def _before(self, batch: Sequence[_Seen]) -> list[_Seen]:
        return [one for one in batch if one.listed.arrived_at.date() < self.rules.until]

    def _take(self, uids: Sequence[int], since: date, *, renumbered: bool = False) -> FetchCount:
        with self.db.read() as tx:
            missing = sightings.unseen(tx, self.account, self.state.role, self.state.uidvalidity, uids)
        seen: Iterable[list[_Seen]] = self._look(missing)
        if self.rules.max_new is not None and len(missing) > self.rules.max_new and not renumbered:
            seen = list(seen)  # counted before anything is stored; only this rare case holds the headers
            wanted = sum(self._wanted(one) for batch in seen for one in batch)
            if wanted > self.rules.max_new:
                raise BrakeError(
                    f"{wanted} new mails of clients in {self.state.name}, more than [run] max_new = {self.rules.max_new};"
                    " nothing was fetched.",
                    fix="If that is right, run once with --allow-many.",
                )
        count = self._store(seen, cursor_since=since, recognise=renumbered)
        top = max([*uids, (self.state.uidnext or 1) - 1], default=0)
        self._move_cursor(top, since)
        return count

    def _move_cursor(self, last_uid: int, since: date) -> None:
        """Past everything that was listed, mail that went meanwhile included; a cursor that is there already stays."""
        wanted = Cursor(self.state.uidvalidity, last_uid, since)
        with self.db.read() as tx:
            current = sightings.cursor(tx, self.account, self.state.role)
        if current != wanted:
            with self.db.write() as tx:
                sightings.record_cursor(tx, self.account, self.state.role, wanted)

    def _look(self, uids: Sequence[int]) -> Iterator[list[_Seen]]:
        for batch in self.source.listing(self.state.role, uids):
            yield [_Seen(listed, glance_at(listed.header)) for listed in batch]

    def _wanted(self, one: _Seen) -> bool:
        """Whether the body is fetched: clients' mail, own mail to clients, and strangers where they are triaged."""
        glance = one.glance
        if not one.listed.header:
            return True  # nobody knows whose it is: the attempt at its body records what is wrong
        if self.state.role is Role.SENT or self.roster.direction(glance.senders) is Direction.OUTBOUND:
            return self.roster.first_client(glance.recipients) is not None
        if self.roster.first_client(glance.senders) is not None or _is_report(glance):
            return True  # a bounce may speak of our own mail
        return not glance.bulk and bool(glance.senders) and self._stranger_is_wanted(one)

    def _stranger_is_wanted(self, one: _Seen) -> bool:
        if self.rules.triage_strangers or self._answers_us(one.glance):
            return True
        if one.glance.answers:
            self.passed_over.append(one)
        return False

    def look_again(self, *, backfilled: bool) -> FetchCount:
        """Strangers' mail that answers a mail of ours to a client, after all.

        It is an assistant's, or the client's from another address: not to know of it would call the client silent.
        """
        late = [one for one in self.passed_over if self._answers_us(one.glance)]
        state = self.source.examine(self.state.role) if late else None
        if state is None or state.uidvalidity != self.state.uidvalidity:
            return FetchCount()
        return self._store([late], cursor_since=None, backfilled=backfilled)

    def _answers_us(self, glance: Glance) -> bool:
        if not glance.answers:
            return False
        with self.db.read() as tx:
            return mails.has_ours(tx, glance.answers)

    def _store(
        self,
        seen: Iterable[list[_Seen]],
        *,
        cursor_since: date | None,
        recognise: bool = False,
        backfilled: bool = False,
    ) -> FetchCount:
        total = FetchCount()
        for batch in seen:
            known = self._known(batch) if recognise else {}
            wanted = [one for one in batch if self._wanted(one) and one.glance.header_key not in known]
            by_uid = {one.listed.uid: one for one in batch}
            pending = [one.listed.uid for one in batch]
            for fetched in self._bodies(wanted):
                upto = fetched[-1].uid if fetched else pending[-1]
                bodies = {body.uid: body for body in fetched}
                passed = [uid for uid in pending if uid <= upto]
                pending = pending[len(passed) :]
                total += self._commit(
                    [self._sighted(by_uid[uid], bodies.get(uid), known, backfilled=backfilled) for uid in passed],
                    cursor_since,
                )
            if pending:
                total += self._commit(
                    [self._sighted(by_uid[uid], None, known, backfilled=backfilled) for uid in pending],
                    cursor_since,
                )
        return total

    def _bodies(self, wanted: Sequence[_Seen]) -> Iterator[list[Fetched]]:
        if wanted:
            yield from self.source.bodies(self.state.role, [one.listed for one in wanted])

    def _known(self, batch: Sequence[_Seen]) -> dict[str, MailId]:
        with self.db.read() as tx:
            return sightings.known_by_header(tx, self.account, [one.glance.header_key for one in batch])

    def _sighted(self, one: _Seen, body: Fetched | None, known: dict[str, MailId], *, backfilled: bool) -> Sighted:
        uid = one.listed.uid
        if one.glance.header_key in known:
            return Sighted(uid, known[one.glance.header_key])
        if body is None:
            return Sighted(uid, None, sightings.STRANGER)
        if body.raw is None:
            return Sighted(uid, None, f"no body: {body.problem}")
        glance = one.glance
        direction = Direction.OUTBOUND if self.state.role is Role.SENT else self.roster.direction(glance.senders)
        old = one.listed.arrived_at.date() < self.rules.since - timedelta(days=1)
        return Sighted(
            uid,
            NewMail(
                message_id=glance.message_id,
                content_hash=content_hash(glance, body.raw),
                header_key=glance.header_key,
                raw_sha256=hashlib.sha256(body.raw).hexdigest(),
                raw=body.raw,
                direction=direction,
                arrived_at=one.listed.arrived_at,
                written_at=written_at(glance.date, one.listed.arrived_at),
                truncated=body.truncated,
                backfilled=backfilled or (old and direction is Direction.INBOUND),
            ),
        )

    def _commit(self, sighted: Sequence[Sighted], cursor_since: date | None) -> FetchCount:
        """The rows and the cursor that has passed them, in one transaction."""
        if not sighted:
            return FetchCount()
        now = self.clock()
        with self.db.write() as tx:
            new = sightings.add_sightings(tx, self.account, self.state.role, self.state.uidvalidity, sighted, now)
            if cursor_since is not None:
                cursor = Cursor(self.state.uidvalidity, sighted[-1].uid, cursor_since)
                sightings.record_cursor(tx, self.account, self.state.role, cursor)
        return FetchCount(len(sighted), new)


def _is_report(glance: Glance) -> bool:
    """Mail from the mail system itself."""
    return any(sender.startswith(("mailer-daemon@", "postmaster@")) for sender in glance.senders)
