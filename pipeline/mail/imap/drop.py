"""The port `MailDrop` over IMAP: a reply is appended to Drafts, where the person sends it from."""

import re
from collections.abc import Sequence

from imapclient import DRAFT, SEEN

from pipeline.errors import ConfigError, FirmlyError, MailServerError, RejectedByServer, UncertainDelivery
from pipeline.mail.headers import message_id_of
from pipeline.mail.imap.session import UncertainLine, WithSession
from pipeline.mail.imap.trouble import Refused, for_now, is_passing
from pipeline.mail.ports import FolderState, Found, Role

_APPENDUID = re.compile(r"\[APPENDUID (\d+) (\d+)\]", re.IGNORECASE)
_NO_FOLDER = re.compile(r"\[(?:TRYCREATE|NONEXISTENT)\]", re.IGNORECASE)
_FULL = re.compile(r"\[OVERQUOTA\]|quota|mailbox is full", re.IGNORECASE)
_MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_LOOKED_THROUGH = 100
"""Newest mails of a folder that are read one by one: some servers' search lags behind what was just appended."""
_BATCH = 500


class ImapDrop(WithSession):
    """Lays drafts before the person. Errors as the port says; `ConfigError` where there is no folder for drafts."""

    sends = False

    def find(self, message_id: str) -> Found | None:
        """Look for a mail by its Message-ID in Sent, Drafts and Trash, in this order: a sent mail says the most."""
        for role in (Role.SENT, Role.DRAFTS, Role.TRASH):
            state = self._session.examine(role)
            if state is not None and (uid := self._uid_of(message_id)):
                return Found(role, state.uidvalidity, uid)
        return None

    def put(self, raw: bytes, *, message_id: str, sender: str, recipients: Sequence[str]) -> Found:  # noqa: ARG002 the port's
        """Append to Drafts, and fetch the Message-ID back before saying so.

        `raw` has CRLF line ends. Raises `UncertainDelivery` when the line broke after the last byte of the mail had
        left, and when the server said yes but the draft cannot be read back.
        """
        if self._session.folder_name(Role.DRAFTS) is None:
            raise self._no_drafts()
        try:
            answer = self._session.append(Role.DRAFTS, raw, (DRAFT, SEEN))
        except UncertainLine as error:
            raise UncertainDelivery(
                f"{error} The draft had been sent in full, so it may lie in Drafts.",
                fix="The next run looks for it by its Message-ID.",
            ) from None
        except Refused as refusal:
            raise self._not_taken(refusal) from None
        return self._verified(message_id, answer)

    def _verified(self, message_id: str, answer: str) -> Found:
        """Where the draft lies, once its Message-ID was read back."""
        unsure = UncertainDelivery(
            f"{self._settings.address}: the server took the draft, but it cannot be read back from Drafts.",
            fix="The next run looks for it by its Message-ID.",
        )
        try:
            state = self._session.examine(Role.DRAFTS)
            uid = self._appended_uid(message_id, answer, state) or self._uid_of(message_id)
        except MailServerError as error:
            raise unsure from error
        if state is None or not uid:
            raise unsure
        return Found(Role.DRAFTS, state.uidvalidity, uid)

    def _appended_uid(self, message_id: str, answer: str, state: FolderState | None) -> int:
        """The UID that the server named (UIDPLUS), if the mail there is ours; else 0."""
        named = _APPENDUID.search(answer)
        if named and state is not None and int(named[1]) == state.uidvalidity:
            return self._first_with(message_id, [int(named[2])])
        return 0

    def _uid_of(self, message_id: str) -> int:
        """The UID of the mail in the open folder; 0 if it is not there.

        HEADER matches substrings (RFC 9051), so every hit is read. A server that refuses the search is read through
        in full: a guess would lay a second draft.
        """
        quoted = message_id.replace("\\", "\\\\").replace('"', '\\"')
        try:
            hits = self._session.search("HEADER", "Message-ID", f'"{quoted}"', every=True)
            newest = self._session.search(newest=_LOOKED_THROUGH)
        except Refused as refusal:
            if is_passing(refusal.words):
                raise for_now(self._settings, "searching", refusal.words) from None
            hits, newest = [], self._every_uid()
        return self._first_with(message_id, [*hits, *sorted(set(newest) - set(hits), reverse=True)])

    def _every_uid(self) -> list[int]:
        try:
            return self._session.search()
        except Refused as refusal:
            raise for_now(self._settings, "searching", refusal.words) from None

    def _first_with(self, message_id: str, uids: Sequence[int]) -> int:
        for start in range(0, len(uids), _BATCH):
            try:
                rows = self._session.fetch(uids[start : start + _BATCH], _MESSAGE_ID)
            except Refused as refusal:
                raise for_now(self._settings, "fetching", refusal.words) from None
            for uid, row in rows.items():
                header = next((value for item, value in row.items() if item.startswith(b"BODY[")), None)
                if isinstance(header, bytes) and message_id_of(header) == message_id:
                    return uid
        return 0

    def _not_taken(self, refusal: Refused) -> FirmlyError:
        if _NO_FOLDER.search(refusal.words):
            return self._no_drafts()
        if _FULL.search(refusal.words):
            return RejectedByServer(
                f"{self._settings.host}: the mailbox of {self._settings.username} is full; the draft was not taken.",
                fix="Make room in the mailbox, then deliver again.",
            )
        if is_passing(refusal.words):
            return for_now(self._settings, "appending to drafts", refusal.words)
        return RejectedByServer(f"{self._settings.host} refused the draft: {refusal.words}")

    def _no_drafts(self) -> ConfigError:
        return ConfigError(
            f"{self._settings.host} has no folder for drafts that Firmly recognises, and Firmly makes none.",
            fix='Make one in your mail program, or name it in the account\'s folders: drafts = "…".',
        )
