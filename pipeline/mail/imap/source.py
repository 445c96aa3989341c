"""The port `MailSource` over IMAP: EXAMINE and BODY.PEEK only, so no flag ever changes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import TypeVar

from imapclient.datetime_util import format_criteria_date

from pipeline.mail.headers import arrival_of
from pipeline.mail.imap.session import Row, WithSession
from pipeline.mail.imap.trouble import Refused, for_now, is_passing
from pipeline.mail.ports import Fetched, FolderState, Listed, Role

_LISTING = ("RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[HEADER]")
_GONE = object()
_T = TypeVar("_T")


class ImapSource(WithSession):
    """Reads a mailbox. Errors as the port says."""

    def examine(self, role: Role) -> FolderState | None:
        """Open a folder read-only. None if the mailbox has no such folder and the config names none."""
        return self._session.examine(role)

    def uids(self, role: Role, *, after: int, since: date | None = None) -> list[int]:
        """UIDs greater than `after`, ascending; `since` goes by the day that the server's own clock shows (RFC 9051)."""
        if not self._session.select(role):
            return []
        criteria = [f"UID {after + 1}:*"]
        if since is not None:
            criteria.append(f"SINCE {format_criteria_date(since).decode()}")
        try:
            found = self._session.search(*criteria, every=since is not None)
        except Refused as refusal:
            raise for_now(self._settings, "searching", refusal.words) from None
        return [uid for uid in found if uid > after]  # "n:*" holds the last mail even when n is beyond it

    def listing(self, role: Role, uids: Sequence[int]) -> Iterator[list[Listed]]:
        """Headers in batches, ascending. A mail whose header the server refuses has an empty one, so that it is not lost."""
        for batch in _batches(sorted(set(uids)), self._settings.batch_mails):
            if not self._session.select(role):
                return
            rows = self._rows(batch, lambda _uid: _LISTING)
            yield [_listed(uid, row) for uid, row in rows.items() if row is None or b"BODY[HEADER]" in row]

    def bodies(self, role: Role, mails: Sequence[Listed]) -> Iterator[list[Fetched]]:
        """The bytes in batches by count and size, ascending; one entry a mail, with the reason where there are none."""
        largest = self._settings.max_mail_bytes
        over = {mail.uid for mail in mails if mail.size_bytes > largest}
        partial, whole = f"BODY.PEEK[]<0.{largest}>", "BODY.PEEK[]"
        for batch in self._by_size(mails):
            if not self._session.select(role):
                return
            rows = self._rows(batch, lambda uid: (partial if uid in over else whole,))
            yield [_fetched(uid, rows.get(uid, {}), truncated=uid in over) for uid in batch]

    def _by_size(self, mails: Sequence[Listed]) -> Iterator[list[int]]:
        """UIDs, ascending, in batches within both bounds; a mail over the size limit is fetched in part, and alone."""
        batch: list[int] = []
        held = 0
        for uid, size in sorted({mail.uid: mail.size_bytes for mail in mails}.items()):
            alone = size > self._settings.max_mail_bytes
            full = len(batch) == self._settings.batch_mails or held + size > self._settings.batch_bytes
            if batch and (alone or full):
                yield batch
                batch, held = [], 0
            batch.append(uid)
            held += size
            if alone:
                yield batch
                batch, held = [], 0
        if batch:
            yield batch

    def _rows(self, uids: Sequence[int], items: Callable[[int], Sequence[str]]) -> dict[int, Row | None]:
        """Rows by UID; gone mails are missing, and None stands for a mail that the server refuses to give.

        One broken mail makes a server refuse the whole batch, so the batch is then asked mail by mail. A refusal that
        passes, or one of every mail, is the server's trouble: `MailServerError`, and nothing is skipped.
        """
        try:
            return dict(self._session.fetch(uids, *items(uids[0])))
        except Refused as refusal:
            self._raise_if_passing(refusal)
        rows: dict[int, Row | None] = {}
        refusal_of_last = ""
        for uid in uids:
            try:
                rows.update(self._session.fetch([uid], *items(uid)))
            except Refused as refusal:
                self._raise_if_passing(refusal)
                rows[uid] = None
                refusal_of_last = refusal.words
        if len(uids) > 1 and len(rows) == len(uids) and not any(rows.values()):
            raise for_now(self._settings, "fetching", refusal_of_last)
        return rows

    def _raise_if_passing(self, refusal: Refused) -> None:
        if is_passing(refusal.words):
            raise for_now(self._settings, "fetching", refusal.words) from None


def _batches(items: Sequence[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _listed(uid: int, row: Row | None) -> Listed:
    row = row or {}
    header = row.get(b"BODY[HEADER]") or b""
    size = row.get(b"RFC822.SIZE")
    return Listed(uid, header, size if isinstance(size, int) else 0, _arrived_at(row.get(b"INTERNALDATE"), header))


def _arrived_at(internaldate: object, header: bytes) -> datetime:
    """INTERNALDATE in UTC; where the server gave none that can be read, what the header says."""
    if isinstance(internaldate, datetime) and internaldate.tzinfo is not None:
        try:
            return internaldate.astimezone(UTC)
        except (ValueError, OverflowError):  # an offset of days, or the year 1
            pass
    return arrival_of(header) or datetime(1970, 1, 1, tzinfo=UTC)


def _fetched(uid: int, row: Row | None, *, truncated: bool) -> Fetched:
    if row is None:
        return Fetched(uid, None, problem="The server refuses to give this mail.")
    raw = next((value for item, value in row.items() if item.startswith(b"BODY[]")), _GONE)
    if raw is _GONE:
        return Fetched(uid, None, problem="The mail was removed from the folder before it could be fetched.")
    if not isinstance(raw, bytes) or not raw:
        return Fetched(uid, None, problem="The server gave an empty mail.")
    return Fetched(uid, raw, truncated=truncated)
