"""The queue in parts: nothing is left out silently, and words of any script are found."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.demo import NOW as DEMO_NOW
from support.demo import Demo
from support.memory import NOW, mail
from support.world import World, make_world

from pipeline.config.clientfile import ClientFile
from pipeline.domain.ids import AccountId, AttentionId, ClientId
from pipeline.domain.proposal import Addressing, Author, Draft, ProposalStatus
from pipeline.domain.strategy import Action, Strategy
from pipeline.errors import StateError, UsageError
from pipeline.review import (
    close_attention,
    page_in_state,
    page_of_queue,
    reopen_attention,
    snooze_attention,
    waiting,
)
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import changes, clients, listing

SEVERITY = {"scope_creep": 2, "aggression": 5}
TO = Addressing(AccountId("main"), "robin@studio.example", "Robin", "mia@harbour.example", "Mia", "Re: Seite")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One client, nothing in the queue."""
    return make_world(tmp_path)


def propose(
    world: World, number: int, body: str = "Hello.\n", *, label: str = "scope_creep", name: str = "Mia"
) -> None:
    """A proposal that waits."""
    strategy = Strategy(Action.REPLY, (), f"reply:{number}:1", play=label, label=label)  # type: ignore[arg-type]
    with world.db.write() as tx:
        changes.add_proposal(
            tx,
            strategy,
            Draft(body, Author.TEMPLATE, "en"),
            replace(TO, to_name=name),
            client_id=ClientId(1),
            mail_id=None,
            thread_id=None,
            warnings=(),
            now=NOW + timedelta(seconds=number),
        )


def found(world: World, words: str) -> int:
    """How many proposals a search finds; the page and its count agree."""
    page = page_of_queue(world.db, SEVERITY, words=words)
    assert len(page.proposals) == page.total
    return page.total


def test_pages_together_are_the_queue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that stops at a thousand hides what waits longest."""
    monkeypatch.setattr(listing, "BLOCK", 8)
    for number in range(21):
        propose(world, number)
    parts = [page_of_queue(world.db, SEVERITY, offset=offset, limit=5) for offset in range(0, 25, 5)]
    ids = [p.id for part in parts for p in part.proposals]
    assert [len(part.proposals) for part in parts] == [5, 5, 5, 5, 1]
    assert ids == [p.id for p in page_of_queue(world.db, SEVERITY).proposals]
    assert len(set(ids)) == len(waiting(world.db).proposals) == parts[0].total == 21


def test_the_gravest_comes_first(world: World) -> None:
    """The command and the page would each have an order of their own."""
    propose(world, 1)
    propose(world, 2, label="aggression")
    assert [p.strategy.label for p in page_of_queue(world.db, SEVERITY).proposals] == ["aggression", "scope_creep"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Die ÜBERWEISUNG kommt später.", "überweisung"),
        ("Οδός και ΣΕΛΙΔΑ", "σελιδα"),
        ("付款将于周五到账。", "周五"),
        ("تحويل قيمة الفاتورة", "الفاتورة"),
        ("the booking\npage", "booking page"),
        ("STRASSE", "straße"),
        ("nothing of it", "scope creep"),
    ],
)
def test_any_script_is_found_in_any_case(world: World, body: str, words: str) -> None:
    """SQLite folds ASCII alone: half of the world would search in vain."""
    propose(world, 1, body)
    propose(world, 2, "something else", label="micromanaging")
    assert found(world, words) == 1


def test_all_words_have_to_be_there(world: World) -> None:
    """Whoever types a second word wants fewer lines, not more."""
    propose(world, 1, "alpha beta")
    propose(world, 2, "alpha gamma")
    assert (found(world, "alpha"), found(world, "gamma alpha"), found(world, "beta gamma")) == (2, 1, 0)


def test_a_client_is_found_under_the_new_name(world: World) -> None:
    """Renamed in January, and nothing that waited before could be found."""
    propose(world, 1)
    assert found(world, "harbour bakery") == 1
    with world.db.write() as tx:
        tx.exec_driver_sql("UPDATE clients SET name = 'Ølhavn' WHERE id = 1")
        clients.keep(tx, ClientFile.model_validate({"name": "Other", "emails": ["o@other.example"]}), NOW)
    assert (found(world, "ølhavn"), found(world, "bakery")) == (1, 0)


def test_a_new_draft_is_found_by_its_new_words(world: World) -> None:
    """The list would show a letter for words that are no longer in it."""
    propose(world, 1, "alpha")
    (before,) = waiting(world.db).proposals
    with world.db.write() as tx:
        changes.record_draft(tx, before, Draft("omega", Author.PERSON, "en"), event="edited", actor="r", now=NOW)
    assert (found(world, "alpha"), found(world, "omega")) == (0, 1)


def test_words_of_the_clients_mail_are_found(world: World) -> None:
    """People remember what the client wrote, not what the draft says."""
    body = "While you are at it, please add the Zugvogelkanarie. [scope_creep]\n"
    world.box.add(mail(body=body, message_id="<1@harbour.example>"))
    run_once(world.desk, RunOptions())
    assert found(world, "zugvogelkanarie") == 1


def test_percent_and_quotes_are_words(world: World) -> None:
    """Signs that SQL or a search language knows would find everything, or break the page."""
    propose(world, 1, 'fifty per cent, "quoted"')
    assert (found(world, "%"), found(world, "_"), found(world, '"quoted"'), found(world, "' OR 1=1 --")) == (0, 1, 1, 0)


def test_attention_sleeps_wakes_and_opens_again(world: World) -> None:
    """A matter that cannot be put off is closed to get it out of sight, and forgotten."""
    world.box.add(mail(body="I know where you live. [aggression]", message_id="<1@harbour.example>"))
    run_once(world.desk, RunOptions())
    item = AttentionId(1)
    with pytest.raises(UsageError):
        snooze_attention(world.db, item, NOW, reviewer="robin", now=NOW)
    snooze_attention(world.db, item, NOW + timedelta(hours=2), reviewer="robin", now=NOW)
    assert waiting(world.db).attention == ()
    assert [i.id for i in page_in_state(world.db, ProposalStatus.SNOOZED).attention] == [1]
    world.time[0] = NOW + timedelta(hours=3)
    run_once(world.desk, RunOptions())
    assert [i.id for i in waiting(world.db).attention] == [1]
    close_attention(world.db, item, dismissed=True, reviewer="robin", now=NOW)
    with pytest.raises(StateError, match="dismissed"):
        snooze_attention(world.db, item, NOW + timedelta(days=1), reviewer="robin", now=NOW)
    reopen_attention(world.db, item, reviewer="robin", now=NOW)
    assert [i.id for i in waiting(world.db).attention] == [1]
    with world.db.read() as tx:
        actors = [
            row.actor for row in tx.exec_driver_sql("SELECT actor FROM events WHERE attention_id = 1 ORDER BY id")
        ]
    assert actors == ["robin", "firmly", "robin", "robin"]


def test_the_command_says_how_much_is_left(demo: Demo) -> None:
    """Who sees three lines believes that three things wait."""
    shown = demo.firmly("queue", "list", "--limit", "3", "--now", DEMO_NOW)
    assert "13 more: firmly queue list --offset 3, or --all." in shown.out
    first = demo.firmly("queue", "list", "--limit", "3", "--now", DEMO_NOW, "--json").json
    assert (len(first["proposals"]), first["total"], first["next_offset"]) == (3, 16, 3)
    last = demo.firmly("queue", "list", "--offset", "15", "--now", DEMO_NOW, "--json").json
    assert (len(last["proposals"]), last["attention"], last["next_offset"]) == (1, [], None)
    assert "payment delay" in demo.firmly("queue", "list", "--all", "--now", DEMO_NOW).out
    assert demo.firmly("queue", "list", "--status", "nonsense").code == 2
