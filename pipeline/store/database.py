"""The database file: opening, transactions, migrations, backups."""

import os
import re
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from pipeline.errors import SchemaError, StoreUnavailable

APPLICATION_ID = 0x4669726D
"""`Firm` in ASCII, in the header of the file: tells a Firmly store from any other SQLite file."""

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")


def migrations() -> list[tuple[int, str]]:
    """All migrations, (number, SQL), ascending; the numbers count from 1 without a gap."""
    files = resources.files("pipeline.store") / "migrations"
    found = sorted((int(m[1]), f.read_text("utf-8")) for f in files.iterdir() if (m := _NAME.match(f.name)))
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise SchemaError("The migrations of this installation are not complete; install firmly again.")
    return found


class Database:
    """One SQLite file. Contains no knowledge of what is in its tables."""

    def __init__(self, path: Path) -> None:
        """Open lazily; nothing is touched before the first transaction."""
        self.path = path
        self.engine = _engine(path)
        weakref.finalize(self, self.engine.dispose)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing is written."""
        with _our_errors(self.path), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One short transaction: committed at the end, rolled back on any exception."""
        with _our_errors(self.path), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            try:
                connection.commit()
            except BaseException:
                connection.invalidate()  # nobody knows what the driver made of it: the next transaction opens a new one
                raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def version(self) -> int:
        """The number of the newest migration that the file has; 0 for a new file.

        Raises SchemaError for a file that is no Firmly store.
        """
        with self.read() as tx:
            version = int(tx.execute(text("PRAGMA user_version")).scalar_one())
            application = int(tx.execute(text("PRAGMA application_id")).scalar_one())
            tables = int(tx.execute(text("SELECT count(*) FROM sqlite_schema")).scalar_one())
        if (version or tables) and application != APPLICATION_ID:
            raise SchemaError(
                f"{self.path} is a database, and not one of Firmly's.", fix="Set [store] path to another file."
            )
        return version

    def upgrade(self, now: datetime) -> tuple[int, ...]:
        """Bring the file to the newest schema, one transaction a migration, after a backup. Gives what was applied.

        Raises SchemaError if the file is newer than this program.
        """
        _make_private(self.path)
        have, wanted = self.version(), migrations()
        if have > len(wanted):
            raise SchemaError(
                f"{self.path} was written by a newer Firmly (schema {have}, this one knows {len(wanted)}).",
                fix="Install the newer version, or restore the backup that was made before the upgrade.",
            )
        if have == len(wanted):
            return ()
        if have:
            self.backup(self.path.with_name(f"{self.path.name}.before-{len(wanted):04d}.{now:%Y%m%dT%H%M%S}.backup"))
        for number, script in wanted[have:]:
            with self.write() as tx:
                for statement in _statements(script):
                    tx.exec_driver_sql(statement)
                broken = tx.execute(text("PRAGMA foreign_key_check")).first()
                if broken is not None:
                    raise SchemaError(f"Migration {number} would leave {self.path} inconsistent; nothing was changed.")
                tx.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                tx.exec_driver_sql(f"PRAGMA user_version = {number}")
        return tuple(number for number, _ in wanted[have:])

    def backup(self, target: Path) -> None:
        """A consistent copy by SQLite's own online backup, readable by the owner only."""
        _make_private(target)
        with _our_errors(target), self.read() as tx:
            source = tx.connection.driver_connection
            copy = sqlite3.connect(target)
            try:
                if isinstance(source, sqlite3.Connection):
                    source.backup(copy)
            finally:
                copy.close()

    def compact(self) -> None:
        """Write the file anew without its freed pages, and empty the WAL: what was deleted is in neither of them any more.

        Raises StoreUnavailable if another process keeps old pages in use.
        """
        with _our_errors(self.path), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA temp_store = MEMORY")  # the copy on the way holds mail, too
            connection.exec_driver_sql("VACUUM")
            in_use = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if in_use:
            raise StoreUnavailable(
                f"Another process reads {self.path}, so deleted rows are still in the file beside it ({self.path.name}-wal).",
                fix="Stop it (firmly serve, a run, a SQLite browser), then call firmly clients purge --finish.",
            )


def _engine(path: Path) -> Engine:
    """One connection is held open: closing the last one writes the whole WAL back, which costs more than a commit."""
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=QueuePool, pool_size=1, max_overflow=20)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun by `write`, not guessed by the driver
        for pragma in (
            "page_size = 16384",  # counts for a new file only; mails are larger than SQLite's usual page
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "busy_timeout = 10000",
            "secure_delete = ON",
            "wal_autocheckpoint = 8000",  # pages: a first fetch is written into the database file a few times, not at every batch
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _make_private(path: Path) -> None:
    """Create the file 0600 in a directory 0700, whatever the umask is; leave what exists."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"The store {path} cannot be created: {error.strerror}.",
            fix="Check [store] path and the disk's free space.",
        ) from error


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one at a time, as SQLite itself tells where one ends."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _our_errors(path: Path) -> Iterator[None]:
    """Say the driver's expected failures in our words. Its own message may hold values, so it is not repeated."""
    try:
        yield
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorname", "") or ""
        if code.startswith(
            ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_CANTOPEN")
        ):
            raise StoreUnavailable(
                f"The store {path} cannot be used right now ({code}).",
                fix="Check the disk's free space and permissions; nothing is lost, the next run goes on.",
            ) from None
        raise
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorname", "") in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
            raise SchemaError(
                f"{path} is damaged or no SQLite database.",
                fix="Restore a backup (firmly db backup makes them).",
            ) from None
        raise


def utc(moment: datetime) -> str:
    """A moment as the store writes it: ISO 8601 in UTC, to the second, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def moment(stored: str) -> datetime:
    """The moment that the store wrote."""
    return datetime.fromisoformat(stored)
