"""Mailbox → store."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.domain.ids import AccountId
from pipeline.errors import BrakeError
from pipeline.mail.ports import Role
from pipeline.run.context import roster_of
from pipeline.run.fetch import FetchCount, FetchRules, backfill_mail, fetch_mail

RULES = FetchRules(since=date(2026, 11, 10), max_new=200)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One client, an empty mailbox."""
    return make_world(tmp_path)


def fetch(world: World, rules: FetchRules = RULES) -> FetchCount:
    """Fetch once."""
    with world.db.read() as tx:
        roster = roster_of(tx, world.desk.config.owner)
    with world.box.source() as source:
        return fetch_mail(world.db, AccountId("main"), source, roster, rules, world.desk.clock)


def backfill(world: World, rules: FetchRules) -> FetchCount:
    """Backfill once."""
    with world.db.read() as tx:
        roster = roster_of(tx, world.desk.config.owner)
    with world.box.source() as source:
        return backfill_mail(world.db, AccountId("main"), source, roster, rules, world.desk.clock)


def mails_in(world: World) -> int:
    """How many mails the store has."""
    with world.db.read() as tx:
        return int(tx.execute(text("SELECT count(*) FROM mails")).scalar_one())


def test_bodies_are_fetched_of_clients_mail_only(world: World) -> None:
    """A doctor's letter that lands in the store would be caught here."""
    world.box.add(mail(message_id="<1@harbour.example>"))
    world.box.add(mail("doctor@clinic.example", body="Your results", message_id="<2@clinic.example>"))
    assert fetch(world) == FetchCount(listed=2, new=1)
    with world.db.read() as tx:
        raws = [bytes(row.bytes) for row in tx.execute(text("SELECT bytes FROM raws"))]
    assert len(raws) == 1
    assert b"Your results" not in raws[0]


def test_own_mail_to_clients_is_read_and_other_own_mail_is_not(world: World) -> None:
    """A Sent folder read whole would store the owner's private letters."""
    world.box.add(mail(OWNER, CLIENT, message_id="<1@studio.example>"), Role.SENT)
    world.box.add(mail(OWNER, "mum@family.example", message_id="<2@studio.example>"), Role.SENT)
    assert fetch(world).new == 1


def test_a_second_fetch_asks_for_nothing(world: World) -> None:
    """A cursor that does not move would fetch everything again every five minutes."""
    world.box.add(mail(message_id="<1@harbour.example>"))
    fetch(world)
    world.box.calls.clear()
    assert fetch(world) == FetchCount()
    assert not [call for call in world.box.calls if call.startswith(("uids", "listing", "bodies"))]


def test_without_uidnext_a_search_tells(world: World) -> None:
    """A server that does not say UIDNEXT must not hide new mail."""
    world.box.says_uidnext = False
    fetch(world)
    world.box.add(mail(message_id="<1@harbour.example>"))
    assert fetch(world).new == 1


def test_the_same_mail_in_two_folders_is_one_mail(world: World) -> None:
    """A mail to oneself and a client would be judged twice."""
    raw = mail(OWNER, f"{CLIENT}, {OWNER}", message_id="<1@studio.example>")
    world.box.add(raw)
    world.box.add(raw, Role.SENT)
    fetch(world)
    assert mails_in(world) == 1


def test_a_reused_message_id_with_other_words_is_another_mail(world: World) -> None:
    """Identity by Message-ID alone would lose mail of broken senders."""
    world.box.add(mail(body="one", message_id="<same@harbour.example>"))
    world.box.add(mail(body="two", message_id="<same@harbour.example>"))
    fetch(world)
    assert mails_in(world) == 2


def test_mail_without_a_message_id_is_kept_apart_by_its_content(world: World) -> None:
    """Two mails without an id are two mails; the same one twice is one."""
    for body in ("one", "two", "one"):
        world.box.add(mail(body=body))
    fetch(world)
    assert mails_in(world) == 2


def test_a_renumbered_folder_is_recognised_without_fetching_bodies(world: World) -> None:
    """After a server's restore every old mail would be judged and answered again."""
    for number in range(5):
        world.box.add(mail(body=f"mail {number}", message_id=f"<{number}@harbour.example>"))
    fetch(world)
    world.box.renumber()
    world.box.calls.clear()
    assert fetch(world).new == 0
    assert not [call for call in world.box.calls if call.startswith("bodies")]
    world.box.add(mail(body="new", message_id="<new@harbour.example>"))
    assert fetch(world).new == 1


def test_the_brake_stops_before_anything_is_stored(world: World) -> None:
    """A flood would be paid for before anybody noticed."""
    for number in range(6):
        world.box.add(mail(message_id=f"<{number}@harbour.example>"))
    with pytest.raises(BrakeError, match="6 new mails"):
        fetch(world, replace(RULES, max_new=5))
    assert mails_in(world) == 0
    assert fetch(world, replace(RULES, max_new=None)).new == 6


def test_strangers_do_not_count_for_the_brake(world: World) -> None:
    """A thousand newsletters are no reason to stop reading clients' mail."""
    for number in range(6):
        world.box.add(mail("news@shop.example", message_id=f"<{number}@shop.example>"))
    world.box.add(mail(message_id="<1@harbour.example>"))
    assert fetch(world, replace(RULES, max_new=5)).new == 1


def test_bytes_that_the_server_withholds_are_asked_for_again(world: World) -> None:
    """A cursor that passes an unreadable mail would lose it for good."""
    uid = world.box.add(mail(message_id="<1@harbour.example>"))
    world.box.broken.add(uid)
    assert fetch(world).new == 0
    world.box.broken.clear()
    assert fetch(world).new == 1


def test_bytes_that_never_come_are_not_asked_for_for_ever(world: World) -> None:
    """A mail that breaks the server would be fetched on every run of the year."""
    world.box.broken.add(world.box.add(mail(message_id="<1@harbour.example>")))
    for _ in range(3):
        fetch(world)
    world.box.calls.clear()
    fetch(world)
    assert not [call for call in world.box.calls if call.startswith("bodies")]


def test_a_first_run_starts_so_many_days_back(world: World) -> None:
    """The first run over an old mailbox would draft replies to last year's mail."""
    world.box.add(mail(message_id="<old@harbour.example>"), at=NOW - timedelta(days=30))
    world.box.add(mail(message_id="<new@harbour.example>"))
    assert fetch(world).new == 1


def test_backfill_before_the_first_run_leaves_the_present_to_it(world: World) -> None:
    """Mail of this week that entered as history would never be answered."""
    world.box.add(mail(message_id="<old@harbour.example>"), at=NOW - timedelta(days=30))
    world.box.add(mail(message_id="<new@harbour.example>"))
    rules = FetchRules(since=date(2026, 9, 1), max_new=None, until=RULES.since)
    assert backfill(world, rules).new == 1
    assert fetch(world).new == 1
    with world.db.read() as tx:
        rows = {row.message_id: row.backfilled for row in tx.execute(text("SELECT message_id, backfilled FROM mails"))}
    assert rows == {"<old@harbour.example>": 1, "<new@harbour.example>": 0}


def test_backfill_after_a_run_brings_what_is_older(world: World) -> None:
    """A backfill that went by the cursor would find nothing."""
    world.box.add(mail(message_id="<old@harbour.example>"), at=NOW - timedelta(days=30))
    world.box.add(mail(message_id="<new@harbour.example>"))
    fetch(world)
    assert backfill(world, FetchRules(since=date(2026, 9, 1), max_new=None, until=RULES.since)).new == 1
    assert fetch(world) == FetchCount()
