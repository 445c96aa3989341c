"""One connection to an IMAP server: dialled, logged in, examined, asked, left.

Only CAPABILITY, STARTTLS, LOGIN, AUTHENTICATE, LIST, EXAMINE, UID SEARCH, UID FETCH (of PEEK items), APPEND and LOGOUT
are ever sent: nothing here can set a flag, move or delete.
"""

import imaplib
import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from imapclient.imap_utf7 import decode as decode_utf7

from pipeline.errors import ConfigError, FirmlyError, MailServerError
from pipeline.mail.endpoint import Auth, Security, answering, dial, tls_context
from pipeline.mail.imap.folders import Folder, choose_folder, near_names
from pipeline.mail.imap.settings import ImapSettings
from pipeline.mail.imap.trouble import Refused, dropped, for_now, is_passing, login_refused, printable, reading
from pipeline.mail.ports import FolderState, Role

Row = dict[bytes, Any]
"""What a server said of one mail, by FETCH item."""

_NEXT_RUN = "The next run goes on."
_SEARCH_WINDOW = 50_000
"""Mails per SEARCH: imaplib takes lines up to 1,000,000 bytes, which is 90,000 UIDs of ten digits."""

# imapclient logs whole answers at DEBUG, and bytes of servers at WARNING: mail must never reach a log.
logging.getLogger("imapclient").setLevel(logging.ERROR)


class _Wire(imaplib.IMAP4):
    """imaplib's connection, with our patience, a bound on literals, and a count of what left."""

    def __init__(self, client: "_Client") -> None:
        self._client = client
        self.sent_bytes = 0
        super().__init__(client.settings.host, client.settings.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 imaplib's signature
        settings = self._client.settings
        return dial(settings, self._client.context if settings.security is Security.TLS else None)

    def read(self, size: int) -> bytes:
        """Read a literal; one that nobody asked for is not even begun, because its space is reserved first."""
        settings = self._client.settings
        if size > 4 * max(settings.batch_bytes, settings.max_mail_bytes):
            raise self.abort("literal too large")
        return super().read(size)

    def send(self, data: Any) -> None:
        """Send, and count what the system has taken in full."""
        super().send(data)
        self.sent_bytes += len(data)


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient on our wire."""

    def __init__(self, settings: ImapSettings) -> None:
        self.settings = settings
        self.context = None if settings.security is Security.PLAIN else tls_context(settings)
        super().__init__(
            settings.host, settings.port, ssl=settings.security is Security.TLS, timeout=settings.timeout_s
        )
        self.normalise_times = False
        # imapclient sets this to 5, which formats every byte of every answer for the log: two thirds of its time.
        self.wire.debug = 0

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 imapclient's name
        self.wire = _Wire(self)
        return self.wire


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
        doing = "connecting"
        try:
            with answering(settings, doing):
                self._client = _Client(settings)
        except (imaplib.IMAP4.error, ValueError) as error:
            words = printable(str(error))
            if "* BYE" in words or is_passing(words):
                raise for_now(settings, doing, words) from None
            raise MailServerError(
                f"{settings.address} ({doing}): no IMAP server greeted us.", fix="Check host and port in the config."
            ) from None
        try:
            self._protect()
            self._log_in()
        except BaseException:
            self._broken = True
            self.close()
            raise

    def close(self) -> None:
        """Log out if the line still works, and close it. Never raises."""
        with suppress(OSError, imaplib.IMAP4.error, ValueError):
            if not self._broken:
                self._client.logout()
        with suppress(OSError):
            self._client.shutdown()

    def _protect(self) -> None:
        """Upgrade a STARTTLS line; a server (or somebody between) that does not offer it gets no login."""
        if self.settings.security is not Security.STARTTLS:
            return
        refusal = ConfigError(
            f"{self.settings.address} does not offer STARTTLS, so the login of {self.settings.username} is not sent.",
            fix='Try security = "tls" with its port (993); if STARTTLS worked here before, somebody may be on the line.',
        )
        if self._client.wire.state != "NONAUTH" or not self._client.has_capability("STARTTLS"):
            raise refusal
        with answering(self.settings, "STARTTLS"):
            try:
                self._client.starttls(self._client.context)
            except imaplib.IMAP4.abort as error:
                raise dropped(self.settings, "STARTTLS", error) from None
            except (imaplib.IMAP4.error, ValueError):
                raise refusal from None

    def _log_in(self) -> None:
        secret = self.settings.secret()
        with answering(self.settings, "login"):
            try:
                self._authenticate(secret)
            except LoginError as error:
                # imapclient calls a dropped line a LoginError too; only what it caught tells them apart.
                if isinstance(error.__context__, imaplib.IMAP4.abort):
                    raise dropped(self.settings, "login", error.__context__, secret) from None
                raise login_refused(self.settings, printable(str(error)), secret) from None
            except (
                imaplib.IMAP4.error,
                ValueError,
            ):  # a capability or a challenge that is none; the secret may be in it
                raise MailServerError(f"{self.settings.address} (login): the answer cannot be read.") from None

    def _authenticate(self, secret: str) -> None:
        client, user = self._client, self.settings.username
        if self.settings.auth is Auth.XOAUTH2:
            self._answer_once(client, "XOAUTH2", f"user={user}\1auth=Bearer {secret}\1\1", on_error="")
        elif self.settings.auth is Auth.OAUTHBEARER:
            name = user.replace("=", "=3D").replace(",", "=2C")
            self._answer_once(client, "OAUTHBEARER", f"n,a={name},\1auth=Bearer {secret}\1\1", on_error="\1")
        elif _fits_login(user) and _fits_login(secret, quoted=True) and not client.has_capability("LOGINDISABLED"):
            client.login(user, secret)
        else:
            client.plain_login(user, secret)

    @staticmethod
    def _answer_once(client: IMAPClient, mechanism: str, answer: str, *, on_error: str) -> None:
        """Answer the first challenge with the token; a second one is the server's error report, which wants an ack."""
        answers = iter((answer, on_error))
        client.sasl_login(mechanism, lambda _challenge: next(answers, None))

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

        Raises `Refused`, and `UncertainLine` when the line broke after the last byte of the mail had left.
        """
        doing = f"appending to {role}"
        name = self.folder_name(role)
        before = self._client.wire.sent_bytes
        try:
            with self._reading(doing):
                return printable(self._client.append(name, raw, flags).decode("ascii", "replace"))
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
    """The line broke after a whole mail had left. Caught inside this package."""


def _folder(attributes: Sequence[Any], delimiter: bytes | None, name: str) -> Folder:
    marks = frozenset(mark.lower() for mark in attributes if isinstance(mark, bytes))
    return Folder(name, (delimiter or b"").decode("ascii", "replace"), marks)


def _fits_login(text: str, *, quoted: bool = False) -> bool:
    """Whether LOGIN can carry this: imaplib quotes the password but not the user name, and takes ASCII only."""
    printable_ascii = all(" " <= c <= "~" for c in text)
    return printable_ascii and (quoted or not set(text) & set(' "\\(){}%*'))
