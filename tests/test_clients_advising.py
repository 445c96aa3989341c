"""A verdict that worsens is told once, with its reasons; and nothing is done about it."""

from datetime import timedelta
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import World, make_world

from pipeline.domain.ids import ClientId, Label, MailId
from pipeline.domain.proposal import AttentionItem
from pipeline.domain.verdict import Advice
from pipeline.review import close_attention, snooze_attention, waiting
from pipeline.run.clientbook import forget_client
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.remember import confirm_label, state_boundary, strike_label
from pipeline.store.verdicts import past_verdicts

HARBOUR = ClientId(1)
CREEP = "While you are at it, please add a booking page. [scope_creep]\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Harbour Bakery asks for more twice."""
    world = make_world(tmp_path)
    for number in (1, 2):
        at = NOW - timedelta(days=3 - number)
        world.box.add(mail(body=CREEP, message_id=f"<{number}@harbour.example>", subject=f"Page {number}", at=at))
    run(world)
    return world


def run(world: World) -> int:
    """One run; gives how many attention items it raised."""
    return run_once(world.desk, RunOptions(deliver=False)).attention


def confirm(world: World, number: int) -> None:
    """A person says that it is right."""
    confirm_label(
        world.db, world.desk.playbook.taxonomy, MailId(number), "scope_creep", actor="robin", now=world.time[0]
    )


def items(world: World) -> list[AttentionItem]:
    """The open items about verdicts."""
    return [item for item in waiting(world.db).attention if item.kind == "verdict"]


def kept(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the list of the runs themselves."""
    with world.db.read() as tx:
        tables = tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'runs'").scalars()
        return {
            name: [tuple(row) for row in tx.exec_driver_sql(f'SELECT * FROM "{name}" ORDER BY 1')]
            for name in tables.all()
        }


def test_unconfirmed_labels_raise_nothing(world: World) -> None:
    """A judge's word alone would alarm the owner about every client."""
    assert items(world) == []


def test_a_worsening_is_told_once_with_its_reasons(world: World) -> None:
    """An item at every run would be dismissed unread; one without reasons could not be judged."""
    confirm(world, 1)
    assert run(world) == 1
    (item,) = items(world)
    assert "set boundaries" in item.message
    assert "scope_creep" in item.message
    assert item.client_id == HARBOUR
    assert [run(world) for _ in range(3)] == [0, 0, 0]
    world.time[0] = NOW + timedelta(days=1)
    assert run(world) == 0


def test_an_item_that_was_looked_at_stays_closed_for_the_same_rows(world: World) -> None:
    """What a person has acknowledged comes back only with something new, even if the advice came and went between."""
    confirm(world, 1)
    run(world)
    (item,) = items(world)
    close_attention(world.db, item.id, dismissed=False, reviewer="robin", now=NOW)
    taxonomy = world.desk.playbook.taxonomy
    strike_label(world.db, taxonomy, MailId(1), "scope_creep", actor="robin", now=NOW)
    assert run(world) == 0
    confirm(world, 1)
    assert run(world) == 0
    assert items(world) == []
    with world.db.read() as tx:
        seen = [past.advice for past in past_verdicts(tx, HARBOUR)]
    assert seen == [Advice.SET_BOUNDARIES, Advice.KEEP, Advice.SET_BOUNDARIES]


def test_worse_again_replaces_what_was_said_before(world: World) -> None:
    """Two open items with two advices about one client would leave the reader to guess which holds."""
    confirm(world, 1)
    run(world)
    words, said = "Extra pages are a separate quote.", NOW - timedelta(days=9)
    state_boundary(world.db, HARBOUR, Label("scope_creep"), words, at=said, actor="robin", now=NOW)
    confirm(world, 2)
    assert run(world) == 1
    (item,) = items(world)
    assert "now put on notice, before it was set boundaries" in item.message


def test_an_open_item_goes_with_its_advice(world: World) -> None:
    """Advice that holds no longer must not stand in the queue."""
    confirm(world, 1)
    run(world)
    strike_label(world.db, world.desk.playbook.taxonomy, MailId(1), "scope_creep", actor="robin", now=NOW)
    run(world)
    assert items(world) == []


def test_a_snoozed_item_does_not_wake_to_advice_that_is_gone(world: World) -> None:
    """The owner would be told tomorrow to set a boundary over a label that they struck today; and nobody could see why not."""
    confirm(world, 1)
    run(world)
    (item,) = items(world)
    snooze_attention(world.db, item.id, NOW + timedelta(days=1), reviewer="robin", now=NOW)
    strike_label(world.db, world.desk.playbook.taxonomy, MailId(1), "scope_creep", actor="robin", now=NOW)
    run(world)
    world.time[0] = NOW + timedelta(days=2)
    run(world)
    assert items(world) == []
    with world.db.read() as tx:
        rows = tx.exec_driver_sql("SELECT actor, to_status FROM events WHERE attention_id = ? ORDER BY id", (item.id,))
        assert [tuple(row) for row in rows] == [("robin", "snoozed"), ("firmly", "acknowledged")]


def test_a_rerun_writes_no_verdict(world: World) -> None:
    """A row a run would fill the store with what is known already."""
    confirm(world, 1)
    run(world)
    before = kept(world)
    assert before["verdicts"]
    run(world)
    assert kept(world) == before


def test_a_purge_takes_the_advice_with_it(world: World) -> None:
    """The reasons name what the client did: they are theirs to have forgotten."""
    confirm(world, 1)
    run(world)
    forget_client(world.db, world.desk.config, HARBOUR)
    with world.db.read() as tx:
        assert past_verdicts(tx, HARBOUR) == ()
