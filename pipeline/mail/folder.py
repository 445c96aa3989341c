"""A directory as a mailbox: `inbox/*.eml`, `sent/*.eml`, and `drafts/`, where replies are laid.

The owner's mails are never changed. Their UIDs stand beside them in `.firmly-uids.json`: a file that was seen before,
by name, size and time of writing, keeps its UID; another one gets the next; and when the list is lost all UIDs are void
(another UIDVALIDITY). In a directory that may not be written UIDs follow the names, and any change of the files voids
them. A disk that fails, or is full, is an error instead: numbers that are not on it would be given twice. So a mail may be
seen again, and never goes unseen.

Line ends are CRLF in what is given out, as a server would have them. A mail arrived at the date of its topmost
Received field, else at its Date, else when the file was last written: copying files changes the last.
"""

import errno
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.errors import ConfigError, MailServerError
from pipeline.mail.headers import arrival_of, header_of, message_id_of, with_crlf
from pipeline.mail.ports import Fetched, FolderState, Found, Listed, Role

_STATE = ".firmly-uids.json"
_BATCH = 200
_BATCH_BYTES = 16 * 2**20
_MAX_MAIL_BYTES = 25 * 2**20
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_FOR_DIRECTORIES = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})
"""What fsync says of a directory where a file system has nothing to flush for it."""

_Stamp = tuple[int, int]
"""Size in bytes and time of last writing in ns: a file that has another was written anew."""


@dataclass(slots=True)
class _Numbers:
    """The UIDs of one folder, by file name."""

    uidvalidity: int = field(default_factory=lambda: secrets.randbelow(2**31 - 1) + 1)
    next_uid: int = 1
    uids: dict[str, tuple[int, _Stamp]] = field(default_factory=dict)

    def number(self, stamps: dict[str, _Stamp]) -> bool:
        """Keep the UIDs of these files, number the new ones by name, forget the others. True if anything changed."""
        kept = {name: known for name, known in self.uids.items() if stamps.get(name) == known[1]}
        changed = len(kept) < len(self.uids) or len(kept) < len(stamps)
        for name in sorted(set(stamps) - set(kept)):
            kept[name] = (self.next_uid, stamps[name])
            self.next_uid += 1
        self.uids = kept
        return changed


class FolderMailbox:
    """What reading and laying drafts share: which file has which UID."""

    def __init__(self, directory: Path, *, max_mail_bytes: int = _MAX_MAIL_BYTES) -> None:
        """Nothing is read before the `with`."""
        self._directory = directory
        self._max_mail_bytes = max_mail_bytes

    def __enter__(self) -> Self:
        """Look whether the directory is there. Raises `ConfigError`."""
        if not (self._directory / Role.INBOX).is_dir():
            raise ConfigError(
                f"The mailbox directory {self._directory} has no directory {Role.INBOX}.",
                fix=f"Make {self._directory / Role.INBOX} and put mails there as .eml files, or correct the path.",
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Nothing is held open."""

    def examine(self, role: Role) -> FolderState | None:
        """Number what lies in a folder; None if there is no such directory."""
        numbers = self._numbers(role)
        if numbers is None:
            return None
        return FolderState(role, role.value, numbers.uidvalidity, numbers.next_uid)

    def _numbers(self, role: Role) -> _Numbers | None:
        folder = self._directory / role
        if not folder.is_dir():
            return None
        try:
            stamps = {path.name: _stamp(path) for path in folder.iterdir() if _is_mail(path)}
        except OSError as error:
            raise MailServerError(f"{folder} cannot be read: {error.strerror}.") from error
        known = self._load()
        numbers = known.setdefault(role, _Numbers())
        if numbers.number(stamps) and not self._save(known):
            return _by_name(stamps)
        return numbers

    def _load(self) -> dict[Role, _Numbers]:
        """The numbers on file. A file that is missing, damaged or of another shape means that there are none."""
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            stored = json.loads((self._directory / _STATE).read_text(encoding="ascii"))
            return {Role(role): _numbers_from(numbers) for role, numbers in stored["folders"].items()}
        return {}

    def _save(self, known: dict[Role, _Numbers]) -> bool:
        """Write the numbers down; False in a directory that may not be written. Raises MailServerError if the disk fails."""
        folders = {
            role.value: {"uidvalidity": n.uidvalidity, "next_uid": n.next_uid, "uids": n.uids}
            for role, n in known.items()
        }
        text = json.dumps({"schema": 1, "folders": folders}, indent=1)
        try:
            _write_atomically(self._directory / _STATE, text.encode("ascii"))
        except OSError as error:
            if isinstance(error, PermissionError) or error.errno in _READ_ONLY:
                return False
            raise MailServerError(
                f"The numbers of the mails in {self._directory} cannot be written to {_STATE}: {error.strerror}.",
                fix="Nothing of it was read, and nothing is lost; look after the disk, and run again.",
            ) from error
        return True

    def _paths(self, role: Role) -> dict[int, Path]:
        """The files of a folder by UID, ascending."""
        numbers = self._numbers(role) or _Numbers()
        return {uid: self._directory / role / name for name, (uid, _) in sorted(numbers.uids.items(), key=_uid)}


class FolderSource(FolderMailbox):
    """Reads a directory. Errors as the port says."""

    def uids(self, role: Role, *, after: int, since: date | None = None) -> list[int]:
        """UIDs greater than `after`, ascending; with `since`, only those that arrived on that day (UTC) or later."""
        paths = {uid: path for uid, path in self._paths(role).items() if uid > after}
        if since is None:
            return list(paths)
        listed = (self._listed(uid, path) for uid, path in paths.items())
        return [mail.uid for mail in listed if mail is not None and mail.arrived_at.date() >= since]

    def listing(self, role: Role, uids: Sequence[int]) -> Iterator[list[Listed]]:
        """Headers in batches of at most 200, ascending. Files that are gone are left out."""
        wanted = sorted(set(uids))
        for start in range(0, len(wanted), _BATCH):
            paths = self._paths(role)
            some = [uid for uid in wanted[start : start + _BATCH] if uid in paths]
            yield [mail for uid in some if (mail := self._listed(uid, paths[uid])) is not None]

    def bodies(self, role: Role, mails: Sequence[Listed]) -> Iterator[list[Fetched]]:
        """The bytes in batches of at most 200 mails and 16 MB, ascending; one entry a mail."""
        batch: list[Fetched] = []
        held = 0
        paths = self._paths(role)
        for mail in sorted({mail.uid: mail for mail in mails}.values(), key=lambda mail: mail.uid):
            fetched = self._fetched(mail.uid, paths.get(mail.uid))
            size = len(fetched.raw or b"")
            if batch and (len(batch) == _BATCH or held + size > _BATCH_BYTES):
                yield batch
                batch, held = [], 0
            batch.append(fetched)
            held += size
        if batch:
            yield batch

    def _listed(self, uid: int, path: Path) -> Listed | None:
        try:
            raw, size = self._read(path)
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None
        except OSError:
            return Listed(uid, b"", 0, datetime(1970, 1, 1, tzinfo=UTC))  # `bodies` says what is wrong with it
        header = header_of(raw)
        return Listed(uid, header, size, arrival_of(header) or written_at)

    def _fetched(self, uid: int, path: Path | None) -> Fetched:
        if path is None:
            return Fetched(uid, None, problem="The mail was removed from the folder before it could be read.")
        try:
            raw, size = self._read(path)
        except OSError as error:
            return Fetched(uid, None, problem=f"The file cannot be read: {error.strerror}.")
        if not raw:
            return Fetched(uid, None, problem="The file is empty.")
        return Fetched(uid, raw, truncated=size > self._max_mail_bytes)

    def _read(self, path: Path) -> tuple[bytes, int]:
        """The mail, with CRLF line ends, up to the size limit; and its size in full, which is the file's if it is over."""
        with path.open("rb") as file:
            raw = with_crlf(file.read(self._max_mail_bytes + 1))
        size = len(raw) if len(raw) <= self._max_mail_bytes else max(len(raw), path.stat().st_size)
        return raw[: self._max_mail_bytes], size


class FolderDrop(FolderMailbox):
    """Lays drafts into `drafts/`. Errors as the port says."""

    sends = False

    def find(self, message_id: str) -> Found | None:
        """Look for a mail by its Message-ID in `sent`, `drafts` and `trash`, in this order."""
        for role in (Role.SENT, Role.DRAFTS, Role.TRASH):
            if (found := self._find_in(role, message_id)) is not None:
                return found
        return None

    def put(self, raw: bytes, *, message_id: str, sender: str, recipients: Sequence[str]) -> Found:  # noqa: ARG002 the port's
        """Write a draft, all of it or nothing; a draft with this Message-ID that is there already is left as it is."""
        if (found := self._find_in(Role.DRAFTS, message_id)) is not None:
            return found
        drafts = self._directory / Role.DRAFTS
        name = hashlib.sha256(message_id.encode()).hexdigest()[:32] + ".eml"
        try:
            drafts.mkdir(exist_ok=True)
            _write_atomically(drafts / name, raw)
        except OSError as error:
            raise MailServerError(f"The draft cannot be written into {drafts}: {error.strerror}.") from error
        found = self._find_in(Role.DRAFTS, message_id)
        if found is None:
            raise MailServerError(f"The draft cannot be read back from {drafts}.")
        return found

    def _find_in(self, role: Role, message_id: str) -> Found | None:
        numbers = self._numbers(role) or _Numbers()
        for name, (uid, _) in sorted(numbers.uids.items(), key=_uid):
            with suppress(OSError), (self._directory / role / name).open("rb") as file:
                if message_id_of(header_of(file.read(self._max_mail_bytes))) == message_id:
                    return Found(role, numbers.uidvalidity, uid)
        return None


def _is_mail(path: Path) -> bool:
    return path.suffix.lower() == ".eml" and path.is_file()


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _uid(item: tuple[str, tuple[int, _Stamp]]) -> int:
    return item[1][0]


def _numbers_from(stored: dict[str, object]) -> _Numbers:
    uids = stored["uids"]
    if not isinstance(uids, dict):
        raise TypeError
    return _Numbers(
        _whole(stored["uidvalidity"]),
        _whole(stored["next_uid"]),
        {str(name): (_whole(uid), (_whole(size), _whole(at))) for name, (uid, (size, at)) in uids.items()},
    )


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _by_name(stamps: dict[str, _Stamp]) -> _Numbers:
    """Numbers that need no file: the files as they are now are the UIDVALIDITY."""
    digest = hashlib.sha256(json.dumps(sorted(stamps.items())).encode()).digest()
    numbers = _Numbers(int.from_bytes(digest[:4]) >> 1 or 1)
    numbers.number(stamps)
    return numbers


def _write_atomically(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, rename over: a crash leaves the old file or the new one. Raises OSError."""
    handle, beside = tempfile.mkstemp(prefix=".firmly-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _flush_directory(path.parent)


def _flush_directory(path: Path) -> None:
    """Have the new name on disk, too. Raises OSError if the disk fails."""
    try:
        directory = os.open(path, os.O_RDONLY)
    except PermissionError:  # Windows cannot open a directory
        return
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno not in _NOT_FOR_DIRECTORIES:
            raise
    finally:
        os.close(directory)
