"""A client's memory: what a person confirms, strikes and corrects, and boundaries once they were seen sent."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world, shared

from pipeline.classify.one_call import OneCallJudge
from pipeline.config.clientfile import ClientFile
from pipeline.domain.client import Corrected
from pipeline.domain.ids import ClientId, Label, MailId, UntrustedText
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.mail import Direction
from pipeline.domain.verdict import Advice
from pipeline.errors import UsageError
from pipeline.llm import Completion, Request
from pipeline.mail.ports import Role
from pipeline.review import approve, waiting
from pipeline.run.context import context_of, message_of
from pipeline.run.dossier import Dossier, dossiers, stops_of
from pipeline.run.loop import RunOptions, deliver_one, run_once
from pipeline.run.remember import (
    add_incident,
    confirm_label,
    correct,
    remember_sent,
    state_boundary,
    strike_label,
    write_note,
)
from pipeline.store import clients, mails, memory
from pipeline.workdays import WorkCalendar

CREEP = "While you are at it, please add a booking page to the site. [scope_creep]\n"
HARBOUR = ClientId(1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One client, an empty mailbox."""
    return make_world(tmp_path)


def creep(world: World, number: int = 1, **more: object) -> None:
    """A client's mail that wants a reply."""
    world.box.add(mail(body=CREEP, message_id=f"<{number}@harbour.example>", subject=f"Page {number}", **more))  # type: ignore[arg-type]


def run(world: World) -> None:
    """One run, as cron calls it."""
    run_once(world.desk, RunOptions())


def dossier(world: World) -> Dossier:
    """The one client's."""
    (found,) = dossiers(world.desk)
    return found


def confirm(world: World, label: str, mail_id: int = 1) -> bool:
    """A person says that it is right."""
    return confirm_label(world.db, world.desk.playbook.taxonomy, MailId(mail_id), label, actor="robin", now=NOW)


def strike(world: World, label: str, mail_id: int = 1) -> bool:
    """A person says that it is wrong."""
    return strike_label(world.db, world.desk.playbook.taxonomy, MailId(mail_id), label, actor="robin", now=NOW)


def test_only_a_confirmed_label_moves_the_verdict(world: World) -> None:
    """A judge's word alone would put clients on notice for its mistakes; a struck label is gone again."""
    creep(world)
    run(world)
    assert dossier(world).verdict.advice is Advice.KEEP
    assert confirm(world, "scope_creep")
    assert not confirm(world, "scope_creep")
    assert dossier(world).verdict.advice is Advice.SET_BOUNDARIES
    (incident,) = dossier(world).record.incidents
    assert (incident.message_id, incident.quote) == ("<1@harbour.example>", CREEP[:40])
    assert strike(world, "scope_creep")
    assert dossier(world).verdict.advice is Advice.KEEP


def test_a_person_may_add_a_label_that_no_judge_gave(world: World) -> None:
    """What the judge missed is added by hand, with the beginning of the mail as its quote."""
    creep(world)
    run(world)
    confirm(world, "aggression")
    (incident,) = dossier(world).record.incidents
    assert (incident.label, incident.quote[:5]) == ("aggression", "While")


def test_labels_and_mails_that_do_not_exist(world: World) -> None:
    """A typing error must be told, not remembered."""
    creep(world)
    run(world)
    with pytest.raises(UsageError, match="rudeness"):
        confirm(world, "rudeness")
    with pytest.raises(UsageError, match="no mail 7"):
        confirm(world, "demeaning", 7)


def test_a_correction_keeps_a_label_away(world: World) -> None:
    """A rule such as "never call this client's extras scope creep": the next such mail gets no letter; until it is taken back."""
    number = correct(world.db, HARBOUR, Label("scope_creep"), "Extras are in the retainer.", actor="robin", now=NOW)
    creep(world)
    run(world)
    assert waiting(world.db).proposals == ()
    with world.db.write() as tx:
        assert [c.words for c in memory.corrections(tx, HARBOUR)] == ["Extras are in the retainer."]
        assert memory.withdraw_correction(tx, number, NOW)
        assert not memory.withdraw_correction(tx, number, NOW)
    creep(world, 2)
    run(world)
    assert len(waiting(world.db).proposals) == 1


def test_what_was_corrected_is_told_to_the_judge_of_this_client_alone(world: World) -> None:
    """An endpoint that never hears of a correction makes the same mistake again; another client's words are a leak."""
    with world.db.write() as tx:
        clients.keep(tx, ClientFile(name="Lighthouse", emails=("ola@lighthouse.example",)), NOW)  # type: ignore[arg-type]
    creep(world)
    run(world)
    strike(world, "scope_creep")
    correct(world.db, HARBOUR, Label("demeaning"), "Her jokes are meant well.", actor="robin", now=NOW)
    creep(world, 2)
    world.box.add(mail("ola@lighthouse.example", body=CREEP, message_id="<3@lighthouse.example>"))
    run(world)
    with world.db.read() as tx:
        hers, his = (context_of(tx, row) for row in (mails.mail(tx, MailId(2)), mails.mail(tx, MailId(3))) if row)
        message = message_of(tx, MailId(2))
    assert message is not None
    assert hers.corrected == (Corrected(Label("scope_creep"), right=False, quote=UntrustedText(CREEP[:40])),)
    assert (his.corrected, his.never) == ((), ())
    judge = OneCallJudge(Silent(), shared()[0], world.desk.playbook.taxonomy, fence=lambda: "FENCE")
    told, plain = judge.request_for(message, hers), judge.request_for(message, his)
    assert told.static == plain.static
    assert 'example label="scope_creep" is="wrong">\nWhile you are at it' in told.mail
    assert "never demeaning for this client, says the owner: Her jokes are meant well." in told.mail
    assert "example" not in plain.mail


class Silent:
    """A model that is asked nothing."""

    name = "m"

    def complete(self, request: Request) -> Completion:
        raise AssertionError(request)


def test_a_struck_label_stays_struck_when_the_mail_is_decided_anew(world: World) -> None:
    """A redo must not bring back what a person took out."""
    creep(world)
    run(world)
    strike(world, "scope_creep")
    with world.db.write() as tx:
        tx.execute(text("UPDATE proposals SET status = 'rejected'"))
        tx.execute(text("DELETE FROM steps WHERE stage IN ('decide', 'draft')"))
    run(world)
    assert waiting(world.db).proposals == ()


def test_a_boundary_is_stated_when_its_letter_is_seen_sent(world: World) -> None:
    """A letter that lies in Drafts has stated nothing; once in Sent it is recorded, once, with its words."""
    creep(world)
    run(world)
    (proposal,) = waiting(world.db).proposals
    approved = approve(world.db, world.desk.config.owner, proposal, reviewer="robin", now=NOW)
    assert deliver_one(world.desk, proposal.id) is None
    assert remember_sent(world.desk) == 0
    (draft,) = world.box.folders[Role.DRAFTS]
    world.time[0] += timedelta(hours=1)
    world.box.add(draft.raw, Role.SENT, NOW + timedelta(hours=1))
    run(world)
    with world.db.read() as tx:
        (boundary,) = memory.boundaries(tx, HARBOUR)
    assert (boundary.label, approved.id) == ("scope_creep", proposal.id)
    assert boundary.words in " ".join(approved.draft.body.split())
    assert remember_sent(world.desk) == 0


def test_a_boundary_by_hand_is_read_from_sent(world: World) -> None:
    """The owner who answers in their own words has stated it too, for what was confirmed of the mail."""
    creep(world, at=NOW - timedelta(days=3))
    words = "Hi Mia,\n\nthe booking page is outside the agreed scope; I will send a separate quote.\n\nRobin\n"
    world.box.add(
        mail(
            OWNER,
            CLIENT,
            "Re: Page 1",
            words,
            message_id="<2@studio.example>",
            in_reply_to="<1@harbour.example>",
            at=NOW - timedelta(days=2),
        ),
        Role.SENT,
    )
    run(world)
    assert dossier(world).record.boundaries == ()
    confirm(world, "scope_creep")
    (boundary,) = dossier(world).record.boundaries
    assert (boundary.label, boundary.words[:20]) == ("scope_creep", "the booking page is ")


def test_calls_leave_no_mail(world: World) -> None:
    """A call on Sunday is a note, and what a person confirms of it counts as a mail would."""
    write_note(world.db, HARBOUR, "Shouted on the phone.", at=NOW, actor="robin", now=NOW)
    for _ in range(2):
        add_incident(
            world.db, HARBOUR, Label("demeaning"), "a remark", at=NOW - timedelta(days=5), actor="robin", now=NOW
        )
    state_boundary(
        world.db,
        HARBOUR,
        Label("demeaning"),
        "Told her on the phone.",
        at=NOW - timedelta(days=4),
        actor="robin",
        now=NOW,
    )
    assert dossier(world).verdict.advice is Advice.PUT_ON_NOTICE
    add_incident(world.db, HARBOUR, Label("demeaning"), "again", at=NOW - timedelta(days=1), actor="robin", now=NOW)
    assert dossier(world).verdict.advice is Advice.PART_WAYS
    with world.db.read() as tx:
        assert [note.words for note in memory.notes(tx, HARBOUR)] == ["Shouted on the phone."]


def test_one_stop_of_work_is_one_stop(world: World) -> None:
    """A second letter during a stop belongs to it; after payment or a resume letter a stop is a new one."""
    books = dossier(world).ledger
    calendar = WorkCalendar(world.desk.config.owner.hours())
    first = ChaseLog(Step.L3, ("A",), NOW - timedelta(days=90))
    again = ChaseLog(Step.L3, ("A", "B"), NOW - timedelta(days=60))
    resume = ChaseLog(Step.RESUME, ("A",), NOW - timedelta(days=70))
    open_a = open_invoice("A")
    during = replace(books, invoices=(open_a,), log=(first, again))
    assert len(stops_of(during, calendar, settled=True)) == 1
    resumed = replace(during, log=(first, resume, again))
    assert len(stops_of(resumed, calendar, settled=True)) == 2
    assert all(stop.paid for stop in stops_of(resumed, calendar, settled=False))


def open_invoice(number: str) -> Invoice:
    """An open invoice."""
    return Invoice(number, CLIENT, date(2026, 8, 1), date(2026, 8, 15), Money("EUR", Decimal(100)))


def test_memory_of_own_mail_only(world: World) -> None:
    """History is read for one client: mail of a stranger, or twice seen in two folders, is not in it twice."""
    creep(world)
    world.box.add(mail("nobody@else.example", body="Hello", message_id="<s@else.example>"))
    world.box.add(mail(body=CREEP, message_id="<1@harbour.example>", subject="Page 1"), Role.SENT)
    run(world)
    turns = dossier(world).history.turns
    assert [(t.message_id, t.direction) for t in turns] == [("<1@harbour.example>", Direction.INBOUND)]
