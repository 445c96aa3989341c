"""The database file."""

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from support.world import make_world

from pipeline.errors import SchemaError, StoreUnavailable
from pipeline.store import database
from pipeline.store.database import Database, migrations

NOW = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)


def schema(path: Path) -> list[tuple[str, str]]:
    """Everything that a file defines."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()
    connection.close()
    return rows


def test_a_new_store_is_the_owners_alone(tmp_path: Path) -> None:
    """Clients' mail, readable by everybody on the machine."""
    path = tmp_path / "state" / "store.sqlite3"
    Database(path).upgrade(NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_power_loss_is_survived_by_setting(tmp_path: Path) -> None:
    """synchronous=NORMAL may lose commits that were already acted on."""
    db = Database(tmp_path / "store.sqlite3")
    db.upgrade(NOW)
    with db.read() as tx:
        settings = {
            name: tx.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "foreign_keys", "journal_mode")
        }
    assert settings == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    """A migration that runs again would fail every run after the first."""
    db = Database(tmp_path / "store.sqlite3")
    assert db.upgrade(NOW) == tuple(number for number, _ in migrations())
    assert db.upgrade(NOW) == ()


def test_step_by_step_and_at_once_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgraded store that differs from a fresh one fails in the field only."""
    everything = migrations()
    fresh, grown = Database(tmp_path / "fresh.sqlite3"), Database(tmp_path / "grown.sqlite3")
    fresh.upgrade(NOW)
    for upto in range(1, len(everything) + 1):
        monkeypatch.setattr(database, "migrations", lambda upto=upto: everything[:upto])
        grown.upgrade(NOW)
    assert schema(fresh.path) == schema(grown.path)


def test_a_backup_is_made_before_an_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that turns out wrong must be revocable."""
    db = Database(tmp_path / "store.sqlite3")
    db.upgrade(NOW)
    more = [*migrations(), (len(migrations()) + 1, "CREATE TABLE later (id INTEGER PRIMARY KEY);")]
    monkeypatch.setattr(database, "migrations", lambda: more)
    db.upgrade(NOW)
    (backup,) = tmp_path.glob("store.sqlite3.before-*.backup")
    assert ("later", "CREATE TABLE later (id INTEGER PRIMARY KEY)") not in schema(backup)


def test_a_failing_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a migration is a store that no version can read."""
    db = Database(tmp_path / "store.sqlite3")
    db.upgrade(NOW)
    before = schema(db.path)
    more = [*migrations(), (len(migrations()) + 1, "CREATE TABLE later (id INTEGER);\nINSERT INTO nowhere VALUES (1);")]
    monkeypatch.setattr(database, "migrations", lambda: more)
    with pytest.raises(Exception, match="nowhere"):
        db.upgrade(NOW)
    assert schema(db.path) == before


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """An old program writing into a new schema would corrupt it silently."""
    db = Database(tmp_path / "store.sqlite3")
    db.upgrade(NOW)
    with db.write() as tx:
        tx.exec_driver_sql("PRAGMA user_version = 999")
    with pytest.raises(SchemaError, match="newer Firmly"):
        db.upgrade(NOW)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A path that points at the browser's history must not get our tables."""
    path = tmp_path / "store.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(SchemaError, match="not one of Firmly's"):
        Database(path).upgrade(NOW)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A traceback of the driver would show, and nobody would know what to do."""
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"not a database, " * 100)
    with pytest.raises(SchemaError, match="damaged or no SQLite"):
        Database(path).upgrade(NOW)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The message must name the path and the fix."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be created"):
        Database(tmp_path / "file" / "store.sqlite3").upgrade(NOW)


def test_an_exception_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    """A half-written step would be neither done nor due."""
    db = Database(tmp_path / "store.sqlite3")
    db.upgrade(NOW)

    def half() -> None:
        with db.write() as tx:
            tx.exec_driver_sql("INSERT INTO threads DEFAULT VALUES")
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        half()
    with db.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM threads").scalar_one() == 0


def test_the_schema_itself_refuses_two_live_proposals_of_one_origin(tmp_path: Path) -> None:
    """If the code forgets, the index remembers: the client would get two replies."""
    world = make_world(tmp_path)
    row = "INSERT INTO proposals (origin, status, version, strategy, addressing, warnings, created_at, updated_at) VALUES ('reply:1:1', :s, 1, '', '', '', '', '')"
    with world.db.write() as tx:
        tx.execute(text(row), {"s": "rejected"})
        tx.execute(text(row), {"s": "pending"})
    with pytest.raises(IntegrityError), world.db.write() as tx:
        tx.execute(text(row), {"s": "approved"})


def test_a_backup_is_whole_and_private(tmp_path: Path) -> None:
    """A copy of the file alone would miss what is still in the WAL."""
    world = make_world(tmp_path)
    target = tmp_path / "backup.sqlite3"
    world.db.backup(target)
    assert schema(target) == schema(world.db.path)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with Database(target).read() as tx:
        assert tx.exec_driver_sql("SELECT name FROM clients").scalar_one() == "Harbour Bakery"
