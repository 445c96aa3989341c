"""Nudges and early reports: before it hurts, and never twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.config.clientfile import ClientFile
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.proposal import Author, Proposal, ProposalStatus
from pipeline.errors import ExitCode
from pipeline.mail.ports import Role
from pipeline.playbook.thresholds import NudgeRules
from pipeline.review import approve, find_proposal, reject, take_edit, waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.report import RunReport
from pipeline.store import clients, ledger, runs

QUESTION = "Hello Mia,\n\ncould you send me the text for the menu page?\n\nRobin\n"
ASKED = NOW - timedelta(days=10)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """We asked Mia for a text ten days ago."""
    world = make_world(tmp_path, run={"first_days": 120})
    ask(world)
    return world


def ask(world: World, number: int = 1, *, days: int = 10) -> None:
    """A question of ours in a thread of its own."""
    at = NOW - timedelta(days=days)
    raw = mail(OWNER, CLIENT, f"Menu {number}", QUESTION, message_id=f"<{number}@studio.example>", at=at)
    world.box.add(raw, Role.SENT, at=at)


def prevent(world: World) -> RunReport:
    """A run: the first of its day also prevents, as one does that brings mail."""
    return run_once(world.desk, RunOptions())


def nudges(world: World) -> list[Proposal]:
    """The nudges that wait."""
    return [p for p in waiting(world.db).proposals if p.origin.startswith("nudge:")]


def test_silence_on_our_question_becomes_a_nudge_in_its_thread(world: World) -> None:
    """A nudge that names nothing, or begins a new thread, is one more mail to ignore."""
    assert prevent(world).proposed == 1
    (nudge,) = nudges(world)
    assert nudge.addressing.to_email == CLIENT
    assert nudge.addressing.in_reply_to == "<1@studio.example>"
    assert nudge.addressing.subject == "Re: Menu 1"
    assert "could you send me the text for the menu page" in nudge.draft.body
    assert not nudge.draft.blocked


def test_one_a_thread_and_week_whatever_became_of_it(world: World) -> None:
    """A nudge that comes back the morning after it was rejected is a nag."""
    prevent(world)
    assert prevent(world).proposed == 0
    (nudge,) = nudges(world)
    reject(world.db, nudge, reviewer="robin", now=NOW)
    world.time[0] = NOW + timedelta(days=6)
    assert prevent(world).proposed == 0
    world.time[0] = NOW + timedelta(days=8)
    assert prevent(world).proposed == 1


def test_the_figures_of_nudges_are_settings(tmp_path: Path) -> None:
    """An agency that asks after two days, or never before ten, must be able to say so."""
    world = make_world(tmp_path, run={"first_days": 120})
    ask(world, days=3)
    patient = run_once(world.desk, RunOptions()).proposed
    hasty = replace(world.desk.playbook, nudges=NudgeRules(after_workdays=2))
    world.time[0] = NOW + timedelta(hours=1)
    ask(world, 2, days=3)
    again = run_once(replace(world.desk, playbook=hasty), RunOptions()).proposed
    assert (patient, again) == (0, 2)


@pytest.mark.parametrize("days", [3, 60])
def test_neither_too_soon_nor_about_ancient_things(tmp_path: Path, days: int) -> None:
    """Three days are no silence; after two months a person has to call."""
    world = make_world(tmp_path, run={"first_days": 120})
    ask(world, days=days)
    assert prevent(world).proposed == 0


def test_a_letter_that_meets_a_bug_ends_no_run(world: World) -> None:
    """The run would end before it delivers what was approved, at every run, and nobody would see that it ever ran."""

    class Broken:
        author, fingerprint = Author.TEMPLATE, "broken"

        def write(self, *_: object) -> str:
            raise RuntimeError

    report = run_once(replace(world.desk, plain=Broken(), writer=Broken()), RunOptions())
    assert (report.exit_code, report.proposed) == (ExitCode.BUG, 0)
    assert report.troubles == ["Preventing for Harbour Bakery met a bug (RuntimeError); the rest went on."]
    with world.db.read() as tx:
        assert [run.exit_code for run in runs.newest(tx, 9)] == [ExitCode.BUG]


def test_an_answer_takes_the_nudge_back(world: World) -> None:
    """To be reminded of what one sent yesterday is an insult; what a person has edited is theirs."""
    ask(world, 2)
    prevent(world)
    first, second = nudges(world)
    take_edit(world.db, second, "Hello Mia,\n\nany news?\n\nRobin Example", (), reviewer="robin", now=NOW)
    for number in (1, 2):
        world.box.add(
            mail(
                body="Here it is.\n",
                message_id=f"<a{number}@harbour.example>",
                in_reply_to=f"<{number}@studio.example>",
            )
        )
    assert prevent(world).withdrawn == 1
    assert find_proposal(world.db, first.id).status is ProposalStatus.WITHDRAWN
    assert find_proposal(world.db, second.id).status is ProposalStatus.PENDING


def test_our_own_later_mail_restarts_the_clock(world: World) -> None:
    """We have written since: the client has had a day, not ten."""
    at = NOW - timedelta(days=1)
    later = mail(OWNER, CLIENT, "Re: Menu 1", "Here is the first page.\n", message_id="<9@studio.example>", in_reply_to="<1@studio.example>", at=at)  # fmt: skip
    world.box.add(later, Role.SENT, at=at)
    assert prevent(world).proposed == 0


def test_who_likes_to_ask_is_told_first(world: World) -> None:
    """The best answer to "how far are you?" is the one that was there before; it is said once."""
    file = ClientFile.model_validate(
        {
            "name": "Harbour Bakery",
            "emails": [CLIENT],
            "milestones": [{"name": "Menu", "due": NOW.date() + timedelta(days=1)}],
        }
    )
    with world.db.write() as tx:
        clients.keep(tx, file, NOW)
    for number in range(3):
        at = NOW - timedelta(days=4 - number)
        words = "Hello Robin,\n\nhow far are you with the menu page? When will it be done?\n\nMia\n"
        world.box.add(
            mail(subject=f"Menu? {number}", body=words, message_id=f"<c{number}@harbour.example>", at=at), at=at
        )
    assert prevent(world).attention == 1
    assert prevent(world).attention == 0
    (item,) = [i for i in waiting(world.db).attention if i.kind == "report_first"]
    assert str(date(2026, 11, 18)) in item.message


def test_a_nudge_in_drafts_is_no_reminder_for_money(world: World) -> None:
    """Held against the ladder it would be called outdated at every run, with nothing wrong with it."""
    prevent(world)
    (nudge,) = nudges(world)
    approve(world.db, world.desk.config.owner, nudge, reviewer="robin", now=NOW)
    due = NOW.date() - timedelta(days=1)
    invoice = Invoice("7", CLIENT, due, due, Money("EUR", Decimal(100)), client_id=ClientId(1))
    with world.db.write() as tx:
        ledger.record_invoices(tx, [invoice], NOW)
        ledger.record_import(tx, "ledger.csv", "0" * 64, 1, NOW)
    run_once(world.desk, RunOptions())
    run_once(world.desk, RunOptions())
    assert find_proposal(world.db, nudge.id).status is ProposalStatus.DELIVERED
    assert [item.kind for item in waiting(world.db).attention] == []
