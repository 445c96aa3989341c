"""One connection to an IMAP server: dialled, logged in, examined, asked, left.

Only CAPABILITY, STARTTLS, LOGIN, AUTHENTICATE, LIST, EXAMINE, UID SEARCH, UID FETCH (of PEEK items), APPEND and LOGOUT
are ever sent: nothing here can set a flag, move or delete.
"""

import imaplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from imapclient.imap_utf7 import decode as decode_utf7

from pipeline.errors import ConfigError, FirmlyError, MailServerError
from pipeline.mail.imap.folders import Folder, choose_folder, near_names
from pipeline.mail.imap.login import log_in
from pipeline.mail.imap.settings import ImapSettings
from pipeline.mail.imap.trouble import Refused, Unreadable, for_now, is_passing, printable, reading
from pipeline.mail.ports import FolderState, Role

Row = dict[bytes, Any]
"""What a server said of one mail, by FETCH item."""

_NEXT_RUN = "The next run goes on."
_SEARCH_WINDOW = 50_000
"""Mails per SEARCH: imaplib takes lines up to 1,000,000 bytes, which is 90,000 UIDs of ten digits."""


class Session:
    """A logged-in connection. Not for more than one thread."""

    def __init__(self, settings: ImapSettings) -> None:
        """Connect and log in. Raises `MailServerError`, `ConfigError`, `CredentialsError`."""
        self.settings = settings
        self._examined: FolderState | None = None
        self._uidvalidity: dict[Role, int] = {}
        self._exists = 0
        self._folders: list[Folder] | None = None
        self._broken = False
        self._client = log_in(settings)

    def close(self) -> None:
        """Log out if the line still works, and close it. Never raises."""
        with suppress(OSError, imaplib.IMAP4.error, ValueError):
            if not self._broken:
                self._client.logout()
        with suppress(OSError):
            self._client.shutdown()

    def examine(self, role: Role) -> FolderState | None:
        """Open the folder for a role read-only; None if there is none. `ConfigError` if a configured one is missing."""
        name = self.folder_name(role)
        if name is None:
            return None
        doing = f"opening {role}"
        self._examined = None
        try:
            with self._reading(doing):
                answer = self._client.select_folder(name, readonly=True)
                exists = answer[b"EXISTS"]
        except Refused as refusal:
            raise self._not_opened(role, name, doing, refusal) from None
        if b"UIDVALIDITY" not in answer:
            raise MailServerError(f"{self.settings.address} ({doing}): the server has no lasting UIDs for this folder.")
        self._exists = exists
        self._examined = FolderState(role, name, answer[b"UIDVALIDITY"], answer.get(b"UIDNEXT"))
        self._uidvalidity[role] = self._examined.uidvalidity
        return self._examined

    def _not_opened(self, role: Role, name: str, doing: str, refusal: Refused) -> FirmlyError:
        if is_passing(refusal.words) or role not in self.settings.folders:
            return for_now(self.settings, doing, refusal.words)
        folders = self._list()
        if any(folder.name == name and folder.selectable for folder in folders):
            return for_now(self.settings, doing, refusal.words)
        near = ", ".join(f'"{other}"' for other in near_names(name, folders))
        return ConfigError(
            f'{self.settings.host} has no folder "{name}", which the config names for {role}.',
            fix=f"There are: {near}." if near else "The server shows no folders at all.",
        )

    def folder_name(self, role: Role) -> str | None:
        """What the folder for a role is called on this server; None if it has none."""
        if role in self.settings.folders:
            return self.settings.folders[role]
        return "INBOX" if role is Role.INBOX else choose_folder(role, self._list())

    def _list(self) -> list[Folder]:
        if self._folders is None:
            doing = "listing folders"
            try:
                with self._reading(doing):
                    self._folders = [_folder(*row) for row in self._list_rows()]
            except Refused as refusal:
                raise for_now(self.settings, doing, refusal.words) from None
        return self._folders

    def _list_rows(self) -> Iterable[tuple[Sequence[bytes], bytes | None, str]]:
        """LIST as imapclient gives it. One malformed name makes it fail as a whole; then names are decoded one by one."""
        try:
            rows: list[tuple[Sequence[bytes], bytes | None, Any]] = self._client.list_folders()
        except ValueError:
            self._client.folder_encode = False
            try:
                rows = self._client.list_folders()
            finally:
                self._client.folder_encode = True
        else:
            return rows
        readable = []
        for attributes, delimiter, name in rows:
            with suppress(ValueError):
                readable.append((attributes, delimiter, decode_utf7(name)))
        return readable

    def select(self, role: Role) -> bool:
        """Make sure that the folder for a role is open; False if there is none.

        UIDs of this session are void when the folder was renumbered since it was examined: `MailServerError`.
        """
        if self._examined is not None and self._examined.role is role:
            return True
        known = self._uidvalidity.get(role)
        state = self.examine(role)
        if state is not None and known not in {None, state.uidvalidity}:
            raise MailServerError(f"{self.settings.address}: {state.name} was renumbered meanwhile.", fix=_NEXT_RUN)
        return state is not None

    def search(self, *criteria: str, newest: int | None = None, every: bool = False) -> list[int]:
        """UIDs in the open folder that match, ascending, out of its `newest` mails or all.

        Asked in windows of sequence numbers, from the top down: an expunge in between can only move mails into the
        next window, never out of it. The first window with a mail that does not match ends the search, unless the
        criteria can match below it (`every`). Raises `Refused`.
        """
        found: set[int] = set()
        bottom = 1 if newest is None else max(1, self._exists - newest + 1)
        for high in range(self._exists, bottom - 1, -_SEARCH_WINDOW):
            low = max(bottom, high - _SEARCH_WINDOW + 1)
            window = () if low == 1 and high == self._exists else (f"{low}:{high}",)
            uids = self._search_once(*window, *criteria)
            found |= uids
            if len(uids) < high - low + 1 and not every:
                break
        return sorted(found)

    def _search_once(self, *criteria: str) -> set[int]:
        with self._reading("searching"):
            # Not imapclient's search: it fails on an answer in two lines.
            status, lines = self._client.wire.uid("SEARCH", *(criteria or ("ALL",)))
            if status != "OK":
                raise Refused(printable(str(lines[0])))
            return {int(number) for line in lines if line for number in line.split()}

    def fetch(self, uids: Sequence[int], *items: str) -> dict[int, Row]:
        """What the server says of these mails of the open folder; those that are gone are missing. Raises `Refused`."""
        with self._reading("fetching"):
            self._client.wire.response("FETCH")  # rows that came before a refusal would mix with these
            rows: dict[int, Row] = self._client.fetch(list(uids), list(items))
            _, expunged = self._client.wire.response("EXPUNGEISSUED")
        if expunged != [None]:  # Dovecot then shows a gone mail as a row of NILs
            rows = {uid: row for uid, row in rows.items() if None not in row.values()}
        return rows

    def append(self, role: Role, raw: bytes, flags: Sequence[bytes]) -> str:
        """Append a mail to the folder for a role and give the server's words.

        Raises `Refused`, and `UncertainLine` when no clear answer came after the last byte of the mail had left.
        """
        doing = f"appending to {role}"
        name = self.folder_name(role)
        before = self._client.wire.sent_bytes
        try:
            with self._reading(doing):
                return printable(self._client.append(name, raw, flags).decode("ascii", "replace"))
        except Unreadable:
            raise UncertainLine(f"{self.settings.address} ({doing}): the answer cannot be read.") from None
        except MailServerError as error:
            if self._client.wire.sent_bytes - before >= len(raw):
                raise UncertainLine(error.message) from None
            raise

    @contextmanager
    def _reading(self, doing: str) -> Iterator[None]:
        """`reading`, and a note that no LOGOUT is to be tried on a line that broke."""
        try:
            with reading(self.settings, doing):
                yield
        except MailServerError:
            self._broken = True
            raise


class UncertainLine(Exception):
    """A whole mail had left, and no clear answer came. Caught inside this package."""


class WithSession:
    """Whoever works over one session: it is dialled at the beginning of the `with` and left at its end."""

    def __init__(self, settings: ImapSettings) -> None:
        """Nothing is dialled before the `with`."""
        self._settings = settings

    def __enter__(self) -> Self:
        """Connect and log in."""
        self._session = Session(self._settings)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Log out; never raises."""
        self._session.close()


def _folder(attributes: Sequence[Any], delimiter: bytes | None, name: str) -> Folder:
    marks = frozenset(mark.lower() for mark in attributes if isinstance(mark, bytes))
    return Folder(name, (delimiter or b"").decode("ascii", "replace"), marks)
