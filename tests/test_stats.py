"""`firmly stats`: figures that add up, for a period, by play, client and prompt."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event
from support.demo import NOW as DEMO_NOW
from support.demo import Demo
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.config.clientfile import ClientFile
from pipeline.domain.calls import ModelCall, Usage
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import Proposal
from pipeline.mail.ports import Role
from pipeline.review import approve, reject, snooze, take_edit, undo, waiting
from pipeline.run.loop import RunOptions, deliver_one, run_once
from pipeline.run.remember import confirm_label, strike_label
from pipeline.stats import Stats, stats_between
from pipeline.store import clients, llm_calls

OTHER = "ola@lighthouse.example"
CREEP = "While you are at it, please add a booking page to the site. [scope_creep]\n"
HOURS = "Please call me at ten at night, it cannot wait. [micromanaging]\n"
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two clients: three mails of the one, one of the other."""
    world = make_world(tmp_path)
    with world.db.write() as tx:
        clients.keep(tx, ClientFile(name="Lighthouse", emails=(OTHER,)), NOW)  # type: ignore[arg-type]
    for number, (sender, body) in enumerate(((CLIENT, CREEP), (CLIENT, CREEP), (CLIENT, HOURS), (OTHER, CREEP)), 1):
        world.box.add(mail(sender, body=body, message_id=f"<{number}@x.example>", subject=f"Thing {number}"))
    run_once(world.desk, RunOptions())
    return world


def proposals(world: World) -> list[Proposal]:
    """What waits, by number."""
    return sorted(waiting(world.db).proposals, key=lambda p: p.id)


def counted(world: World, days: int = 30) -> Stats:
    """The figures up to `LATER`."""
    return stats_between(world.db, LATER - timedelta(days=days), LATER)


def call(reference: str, *, cost: str | None = "0.25", prompt: str = "p1", purpose: str = "classify") -> ModelCall:
    """A call of an endpoint."""
    return ModelCall(
        at=NOW,
        purpose=purpose,
        reference=reference,
        endpoint="http://localhost/v1",
        model="m",
        served_by="m",
        prompt_hash=prompt,
        request_hash="r",
        rung=None,
        usage=Usage(100, 20, 50),
        cost=None if cost is None else Money("USD", Decimal(cost)),
        latency_ms=1,
        outcome="used",
        raw="",
    )


def test_every_decision_is_counted_once(world: World) -> None:
    """Figures that do not add up are worse than none."""
    owner = world.desk.config.owner
    one, two, three, four = proposals(world)
    approve(world.db, owner, one, reviewer="robin", now=NOW + timedelta(hours=1))
    edited = take_edit(world.db, two, "Hello Mia,\n\nmy own words.\n\nRobin Example", (), reviewer="robin", now=NOW)
    approve(world.db, owner, edited, reviewer="robin", now=NOW + timedelta(hours=3))
    reject(world.db, three, reviewer="robin", now=NOW)
    snooze(world.db, four, NOW + timedelta(days=1), reviewer="robin", now=NOW)
    total = counted(world).total
    assert (total.proposed, total.approved_unchanged, total.approved_edited) == (4, 1, 1)
    assert (total.rejected, total.snoozed, total.answered_by_hand) == (1, 1, 0)
    assert (total.replies, total.median, total.ninetieth) == (2, timedelta(hours=1), timedelta(hours=3))


def test_what_was_taken_back_does_not_count(world: World) -> None:
    """An approval that was undone, and then a no, is one no."""
    one = proposals(world)[0]
    approved = approve(world.db, world.desk.config.owner, one, reviewer="robin", now=NOW)
    undo(world.db, approved, reviewer="robin", now=NOW)
    reject(world.db, proposals(world)[0], reviewer="robin", now=NOW)
    total = counted(world).total
    assert (total.approved_unchanged, total.approved_edited, total.rejected) == (0, 0, 1)


def test_words_changed_in_drafts_count_as_edited(world: World) -> None:
    """The owner who mends every letter in their mail program would look content."""
    approved = approve(world.db, world.desk.config.owner, proposals(world)[0], reviewer="robin", now=NOW)
    deliver_one(world.desk, approved.id)
    at = NOW + timedelta(hours=2)
    words = approved.draft.body.replace("Hello", "Dear")
    sent = mail(OWNER, CLIENT, body=words, message_id="<9@studio.example>", in_reply_to="<1@x.example>", at=at)
    world.box.add(sent, Role.SENT, at=at)
    world.time[0] = at
    run_once(world.desk, RunOptions())
    total = counted(world).total
    assert (total.approved_unchanged, total.approved_edited, total.median) == (0, 1, timedelta(hours=2))
    assert total.changed_percent is not None
    assert 0 < total.changed_percent < 10


def test_an_answer_by_hand_is_a_reply(world: World) -> None:
    """Who answers everything themselves would seem never to answer."""
    at = NOW + timedelta(minutes=30)
    answer = mail(OWNER, CLIENT, body="Let us talk.", message_id="<9@s.example>", in_reply_to="<1@x.example>", at=at)
    world.box.add(answer, Role.SENT, at=at)
    world.time[0] = at
    run_once(world.desk, RunOptions())
    total = counted(world).total
    assert (total.answered_by_hand, total.withdrawn, total.median) == (1, 0, timedelta(minutes=30))


def test_groups_sum_to_the_total(world: World) -> None:
    """A proposal that falls between two groups is lost."""
    found = counted(world)
    for groups in (found.plays, found.clients, found.prompts):
        assert sum(group.figures.proposed for group in groups) == 4
    assert {group.key: group.figures.proposed for group in found.plays} == {"scope_creep": 3, "micromanaging": 1}
    assert {group.name: group.figures.proposed for group in found.clients} == {"Harbour Bakery": 3, "Lighthouse": 1}
    assert [group.name for group in found.prompts] == ["template"]


def test_cost_by_client_play_and_prompt(world: World) -> None:
    """Who pays for the tokens of which client, and what the new prompt costs more, could not be told."""
    with world.db.write() as tx:
        for reference, prompt in (("<1@x.example>", "p1"), ("<3@x.example>", "p2"), ("", "p1")):
            llm_calls.add_call(tx, call(reference, prompt=prompt))
        llm_calls.add_call(tx, call("<4@x.example>", cost=None))
    found = counted(world)
    assert (found.total.calls, found.total.tokens, found.total.cost) == (4, 480, {"USD": Decimal("0.75")})
    assert found.total.unpriced == 1
    by_client = {group.name: (group.figures.calls, group.figures.cost) for group in found.clients}
    assert by_client == {"Harbour Bakery": (2, {"USD": Decimal("0.50")}), "Lighthouse": (1, {})}
    by_play = {group.key: group.figures.calls for group in found.plays}
    assert by_play == {"scope_creep": 2, "micromanaging": 1}
    assert sorted((one.prompt, one.currency, one.calls) for one in found.asked) == [
        ("p1", "", 1),
        ("p1", "USD", 2),
        ("p2", "USD", 1),
    ]


def test_a_period_leaves_out_what_was_before(world: World) -> None:
    """Last year's habits would drown this month's."""
    found = stats_between(world.db, NOW + timedelta(seconds=1), LATER)
    assert (found.total.proposed, found.plays) == (0, ())


def test_labels_are_counted(world: World) -> None:
    """Whether there is enough to fit thresholds to is told nowhere else."""
    taxonomy = world.desk.playbook.taxonomy
    one, two = proposals(world)[:2]
    assert one.mail_id is not None
    assert two.mail_id is not None
    confirm_label(world.db, taxonomy, one.mail_id, "scope_creep", actor="robin", now=NOW)
    strike_label(world.db, taxonomy, two.mail_id, "scope_creep", actor="robin", now=NOW)
    found = counted(world)
    assert (found.confirmed, found.struck) == (1, 1)


def test_history_is_not_read_again(world: World) -> None:
    """Five years on, a week's figures would take a minute: the plan has to go by the index over time."""
    plans: list[str] = []

    def explain(_: object, cursor: object, statement: str, given: object, *__: object) -> None:
        if statement.startswith(("WITH touched", "SELECT a.purpose")):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)  # type: ignore[attr-defined]
            plans.extend(str(row[3]) for row in cursor.fetchall())  # type: ignore[attr-defined]

    event.listen(world.db.engine, "before_cursor_execute", explain)
    counted(world, days=7)
    event.remove(world.db.engine, "before_cursor_execute", explain)
    assert any("events_by_time" in step for step in plans)
    assert any("llm_calls_by_time" in step for step in plans)
    assert [step for step in plans if step.startswith("SCAN") and step.split()[1] not in {"t", "a", "touched"}] == []


def test_the_command_prints_a_table_and_refuses_nonsense(demo: Demo) -> None:
    """A wrong date must not show all of history as if it were asked for."""
    shown = demo.firmly("stats", "--now", DEMO_NOW)
    assert "17 proposed" in shown.out
    assert "micromanaging" in shown.out
    assert demo.firmly("stats", "--since", "yesterday").code == 2
    since = demo.firmly("stats", "--since", "2026-11-17", "--now", DEMO_NOW, "--json").json
    assert datetime.fromisoformat(since["since"]).astimezone(UTC).hour in {22, 23}
