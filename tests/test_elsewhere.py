"""What happens in the owner's own mail program, over a directory, the demo's server and a real Dovecot."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from servers.mailboxes import MailboxKit
from support.memory import NOW
from support.world import CLIENT, OWNER, World, make_world

from pipeline.domain.ids import AccountId, ProposalId
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.domain.strategy import Stance
from pipeline.mail.ports import Role
from pipeline.review import approve, find_proposal, take_edit, take_redraft, waiting
from pipeline.run.desk import Mailbox
from pipeline.run.loop import RunOptions, deliver_one, run_once
from pipeline.run.proposing import redraft
from pipeline.store import lessons

pytest_plugins = ("servers.fixtures",)

CREEP = "While you are at it, please add a booking page to the site. [scope_creep]"
MORE = "And please call me tonight, it cannot wait. [micromanaging]"
OWN = "Hello Mia,\r\n\r\nlet us talk about the page on Tuesday.\r\n\r\nRobin Example"


@pytest.fixture
def world(tmp_path: Path, mailbox: MailboxKit) -> World:
    """One client's mail, read from a real mailbox, and the proposal that it led to."""
    place = tmp_path / "state"
    place.mkdir()
    made = make_world(place)
    main = AccountId("main")
    desk = replace(made.desk, mailboxes={main: Mailbox(main, mailbox.source, mailbox.drop, None)})
    world = replace(made, desk=desk)
    write(mailbox, Role.INBOX, CLIENT, OWNER, CREEP, "<1@harbour.example>")
    run(world)
    return world


def write(
    mailbox: MailboxKit,
    role: Role,
    sender: str,
    to: str,
    body: str,
    message_id: str,
    *,
    answers: str = "",
    minutes: int = 0,
) -> None:
    """A mail as a server holds it, so many minutes after the first."""
    at = NOW + timedelta(minutes=minutes)
    mailbox.add(role, raw_mail(sender, to, body, message_id, answers=answers, at=at), at=at)


def raw_mail(sender: str, to: str, body: str, message_id: str, *, answers: str, at: datetime) -> bytes:
    """Its bytes."""
    threading = f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n" if answers else ""
    head = (
        f"Received: from mx.example.com by mail.example.org; {format_datetime(at)}\r\nFrom: {sender}\r\nTo: {to}\r\n"
        f"Subject: {'Re: ' if answers else ''}The page\r\nDate: {format_datetime(at)}\r\nMessage-ID: {message_id}\r\n{threading}\r\n"
    )
    return (head + body.replace("\r\n", "\n").replace("\n", "\r\n") + "\r\n").encode()


def run(world: World, minutes: int = 0) -> None:
    """A run so many minutes later."""
    world.time[0] = NOW + timedelta(minutes=minutes)
    report = run_once(world.desk, RunOptions())
    assert report.troubles == []


def proposal(world: World, number: int = 1) -> Proposal:
    """A proposal as it stands."""
    return find_proposal(world.db, ProposalId(number))


def delivered(world: World) -> Proposal:
    """The first proposal, approved and laid into Drafts."""
    approved = approve(world.db, world.desk.config.owner, proposal(world), reviewer="robin", now=NOW)
    assert deliver_one(world.desk, approved.id) is None
    assert proposal(world).status is ProposalStatus.DELIVERED
    return approved


def test_an_answer_from_the_mail_program_withdraws_the_proposal(world: World, mailbox: MailboxKit) -> None:
    """The client would be answered twice."""
    write(mailbox, Role.SENT, OWNER, CLIENT, OWN, "<2@s.example>", answers="<1@harbour.example>", minutes=5)
    run(world, 10)
    assert proposal(world).status is ProposalStatus.WITHDRAWN
    assert waiting(world.db).proposals == ()


def test_a_draft_that_was_edited_is_kept_and_seen_sent(world: World, mailbox: MailboxKit) -> None:
    """Half an hour of careful wording overwritten, or a boundary that counts in words that nobody sent."""
    words = delivered(world).draft.body.replace("Kind regards", "One more thing: I look forward to it.\n\nAll the best")
    mailbox.remove(Role.DRAFTS, "Re: The page")
    write(mailbox, Role.DRAFTS, OWNER, CLIENT, words, "<9@s.example>", answers="<1@harbour.example>", minutes=20)
    before = mailbox.state(Role.DRAFTS)
    run(world, 30)
    run(world, 40)
    assert mailbox.state(Role.DRAFTS) == before
    assert proposal(world).status is ProposalStatus.DELIVERED
    mailbox.remove(Role.DRAFTS, "Re: The page")
    write(mailbox, Role.SENT, OWNER, CLIENT, words, "<9@s.example>", answers="<1@harbour.example>", minutes=50)
    run(world, 60)
    assert proposal(world).status is ProposalStatus.SENT
    with world.db.read() as tx:
        lesson = lessons.lesson_of(tx, ProposalId(1))
    assert lesson is not None
    assert "One more thing: I look forward to it." in lesson.difference.come


def test_a_draft_that_was_thrown_away_does_not_come_back(world: World, mailbox: MailboxKit) -> None:
    """Who deletes a draft has decided."""
    delivered(world)
    mailbox.remove(Role.DRAFTS, "Re: The page")
    before = mailbox.state(Role.DRAFTS)
    run(world, 30)
    assert mailbox.state(Role.DRAFTS) == before


def test_newer_mail_marks_what_a_person_wrote_and_a_redraft_answers_it(world: World, mailbox: MailboxKit) -> None:
    """The person would approve an answer to yesterday's question, or lose their words to a machine's."""
    take_edit(world.db, proposal(world), OWN, (), reviewer="robin", now=NOW)
    write(mailbox, Role.INBOX, CLIENT, OWNER, MORE, "<2@harbour.example>", answers="<1@harbour.example>", minutes=30)
    run(world, 40)
    marked = proposal(world)
    assert (marked.status, marked.draft.body.split()) == (ProposalStatus.PENDING, OWN.split())
    assert any("Newer mail" in warning for warning in marked.warnings)
    again = take_redraft(
        world.db, marked, redraft(world.desk, marked, Stance.AS_DECIDED), reviewer="robin", now=world.time[0]
    )
    assert again.addressing.in_reply_to == "<2@harbour.example>"
    assert (again.strategy.label, again.version) == ("micromanaging", 3)
    assert again.warnings == ()
    approved = approve(world.db, world.desk.config.owner, again, reviewer="robin", now=world.time[0])
    assert deliver_one(world.desk, approved.id) is None


def test_newer_mail_finds_an_earlier_reply_in_drafts(world: World, mailbox: MailboxKit) -> None:
    """Two drafts in one thread, and nobody says which is the older."""
    delivered(world)
    before = mailbox.state(Role.DRAFTS)
    write(mailbox, Role.INBOX, CLIENT, OWNER, MORE, "<2@harbour.example>", answers="<1@harbour.example>", minutes=30)
    run(world, 40)
    newer = proposal(world, 2)
    assert newer.addressing.in_reply_to == "<2@harbour.example>"
    assert "Your reply p1 to an earlier mail of this thread lies in Drafts, unsent." in newer.warnings
    assert mailbox.state(Role.DRAFTS) == before


def test_an_approval_that_newer_mail_overtook_does_not_leave(world: World, mailbox: MailboxKit) -> None:
    """Approved while the server was down, sent an hour later in answer to something else."""
    approve(world.db, world.desk.config.owner, proposal(world), reviewer="robin", now=NOW)
    before = mailbox.state(Role.DRAFTS)
    write(mailbox, Role.INBOX, CLIENT, OWNER, MORE, "<2@harbour.example>", answers="<1@harbour.example>", minutes=30)
    run(world, 40)
    overtaken = proposal(world)
    assert (overtaken.status, overtaken.approved_sha256) == (ProposalStatus.PENDING, None)
    assert any("Newer mail" in warning for warning in overtaken.warnings)
    assert mailbox.state(Role.DRAFTS) == before
