"""A run from mailbox to queue to Drafts, over a mailbox in memory and a judge that says what the test wants."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.memory import NOW, mail, unreachable
from support.world import CLIENT, OWNER, World, make_world, with_judge

from pipeline.domain.ids import MailId
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.errors import BadAnswer, CredentialsError, ExitCode, ModelUnavailable, StateError
from pipeline.mail.ports import Role
from pipeline.review import approve, reject, settle_uncertain, snooze, take_edit, undo, waiting
from pipeline.run.loop import RunOptions, deliver_one, run_once
from pipeline.run.report import RunReport
from pipeline.store import attention, changes, queue, steps

CREEP = "While you are at it, please add a booking page to the site. [scope_creep]\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One client, an empty mailbox."""
    return make_world(tmp_path)


def run(world: World) -> RunReport:
    """One run, as cron calls it."""
    return run_once(world.desk, RunOptions())


def creep(world: World, number: int = 1, **more: str) -> None:
    """A client's mail that wants a reply."""
    world.box.add(mail(body=CREEP, message_id=f"<{number}@harbour.example>", subject=f"Page {number}", **more))  # type: ignore[arg-type]


def pending(world: World) -> tuple[Proposal, ...]:
    """What waits."""
    return waiting(world.db).proposals


def status(world: World, proposal: Proposal) -> ProposalStatus:
    """How a proposal stands now."""
    with world.db.read() as tx:
        found = queue.proposal(tx, proposal.id)
    assert found is not None
    return found.status


def approved(world: World) -> Proposal:
    """The one proposal that waits, approved."""
    (proposal,) = pending(world)
    return approve(world.db, world.desk.config.owner, proposal, reviewer="robin", now=world.time[0])


def test_a_difficult_mail_becomes_a_proposal_and_then_a_draft(world: World) -> None:
    """The whole road: a stage that drops its mail would end it here."""
    creep(world)
    report = run(world)
    assert (report.fetched, report.judged, report.proposed, report.exit_code) == (1, 1, 1, ExitCode.OK)
    proposal = approved(world)
    assert deliver_one(world.desk, proposal.id) is None
    (draft,) = world.box.folders[Role.DRAFTS]
    assert b"In-Reply-To: <1@harbour.example>" in draft.raw
    assert f"To: {CLIENT}".encode() in draft.raw
    assert status(world, proposal) is ProposalStatus.DELIVERED


def test_a_second_run_does_nothing(world: World) -> None:
    """Cron calls every few minutes: anything done twice would be done a hundred times a day."""
    creep(world)
    run(world)
    with world.db.read() as tx:
        before = tx.execute(text("SELECT count(*), max(updated_at) FROM steps")).one()
    world.time[0] += timedelta(minutes=5)
    report = run(world)
    assert not any(report.counts().values())
    assert len(world.judge.calls) == 1
    with world.db.read() as tx:
        assert tx.execute(text("SELECT count(*), max(updated_at) FROM steps")).one() == before


def test_machines_mail_reaches_no_judge(world: World) -> None:
    """A newsletter that is judged costs money, and one that is answered costs face."""
    world.box.add(mail(message_id="<1@h.example>", headers={"List-Id": "<news.harbour.example>", "Precedence": "bulk"}))
    world.box.add(mail(message_id="<2@h.example>", headers={"Auto-Submitted": "auto-replied"}))
    assert run(world).skipped == 2
    assert world.judge.calls == []


def test_ordinary_mail_gets_no_reply(world: World) -> None:
    """A tool that answers every thank-you is switched off within a day."""
    world.box.add(mail(message_id="<1@harbour.example>"))
    assert run(world).proposed == 0


def test_aggression_is_held_for_a_person(world: World) -> None:
    """A draft in answer to a threat is the wrong thing to find in the morning."""
    world.box.add(mail(body="I know where you live. [aggression]", message_id="<1@harbour.example>"))
    report = run(world)
    assert (report.proposed, report.attention) == (0, 1)
    assert [item.kind for item in waiting(world.db).attention] == ["aggression"]


def test_only_the_newest_mail_of_a_thread_is_answered(world: World) -> None:
    """Three mails in a row would get three replies."""
    for number in range(3):
        creep(world, number, **({"in_reply_to": "<0@harbour.example>"} if number else {}))
    assert run(world).proposed == 1
    with world.db.read() as tx:
        assert {row.mail_id for row in tx.execute(text("SELECT mail_id FROM proposals"))} == {3}


def test_newer_mail_supersedes_a_draft_that_nobody_touched(world: World) -> None:
    """The person would approve an answer to yesterday's question."""
    creep(world, 1)
    run(world)
    (first,) = pending(world)
    creep(world, 2, in_reply_to="<1@harbour.example>")
    run(world)
    (second,) = pending(world)
    assert status(world, first) is ProposalStatus.SUPERSEDED
    assert second.addressing.in_reply_to == "<2@harbour.example>"


def test_newer_mail_leaves_a_persons_words_alone(world: World) -> None:
    """Half an hour of careful wording would be gone."""
    creep(world, 1)
    run(world)
    (first,) = pending(world)
    take_edit(world.db, first, "Hello Mia,\n\nlet us talk on Tuesday.\n\nRobin Example", (), reviewer="robin", now=NOW)
    creep(world, 2, in_reply_to="<1@harbour.example>")
    run(world)
    (still,) = pending(world)
    assert still.id == first.id
    assert "Newer mail" in still.warnings[0]


def test_an_answer_by_hand_withdraws_the_proposal(world: World) -> None:
    """The client would get two answers."""
    creep(world)
    run(world)
    (proposal,) = pending(world)
    answer = mail(
        OWNER,
        CLIENT,
        body="Let us talk.",
        message_id="<2@studio.example>",
        in_reply_to="<1@harbour.example>",
        at=NOW + timedelta(minutes=5),
    )
    world.box.add(answer, Role.SENT, at=NOW + timedelta(minutes=5))
    run(world)
    assert status(world, proposal) is ProposalStatus.WITHDRAWN


def test_sent_is_seen_by_its_message_id(world: World) -> None:
    """A delivered draft is not sent; only the Sent folder knows."""
    creep(world)
    run(world)
    proposal = approved(world)
    deliver_one(world.desk, proposal.id)
    (draft,) = world.box.folders[Role.DRAFTS]
    world.box.add(draft.raw, Role.SENT)
    run(world)
    assert status(world, proposal) is ProposalStatus.SENT


def test_sent_is_seen_through_another_message_id(world: World) -> None:
    """Mail programs give an edited draft a new id; the boundary would never count as stated."""
    creep(world)
    run(world)
    proposal = approved(world)
    deliver_one(world.desk, proposal.id)
    words = proposal.draft.body.replace("Kind regards", "All the best")
    sent = mail(
        OWNER,
        CLIENT,
        body=words,
        message_id="<9@studio.example>",
        in_reply_to="<1@harbour.example>",
        at=NOW + timedelta(hours=1),
    )
    world.box.add(sent, Role.SENT)
    run(world)
    assert status(world, proposal) is ProposalStatus.SENT


def test_an_edit_voids_the_approval(world: World) -> None:
    """What was approved and what leaves would be two things."""
    creep(world)
    run(world)
    proposal = approved(world)
    take_edit(world.db, proposal, "Hello Mia,\n\nother words.\n\nRobin Example", (), reviewer="robin", now=NOW)
    deliver_one(world.desk, proposal.id)
    assert world.box.folders[Role.DRAFTS] == []
    assert status(world, proposal) is ProposalStatus.PENDING


def tamper_with(world: World, proposal: Proposal) -> None:
    """Put other words into the bytes that would leave."""
    with world.db.write() as tx:
        tx.execute(
            text(
                "UPDATE proposals SET outgoing = CAST(replace(CAST(outgoing AS TEXT), 'Hello', 'Hi') AS BLOB) WHERE id = :id"
            ),
            {"id": proposal.id},
        )


def test_changed_bytes_never_leave(world: World) -> None:
    """A store that was tampered with, or a bug, must not put words into the owner's mouth."""
    creep(world)
    run(world)
    proposal = approved(world)
    tamper_with(world, proposal)
    trouble = deliver_one(world.desk, proposal.id)
    assert isinstance(trouble, StateError)
    assert "not what was approved" in trouble.message
    assert world.box.folders[Role.DRAFTS] == []


def test_changed_bytes_keep_no_other_reply_from_leaving(world: World) -> None:
    """One damaged row would end every run before the other replies are delivered, and nobody would be told why."""
    creep(world)
    creep(world, 2)
    run(world)
    first, second = (
        approve(world.db, world.desk.config.owner, p, reviewer="robin", now=NOW)
        for p in sorted(pending(world), key=lambda p: p.id)
    )
    tamper_with(world, first)
    report = run(world)
    assert (report.exit_code, report.delivered) == (ExitCode.PARKED, 1)
    assert "not what was approved" in report.troubles[0]
    assert (status(world, first), status(world, second)) == (ProposalStatus.APPROVED, ProposalStatus.DELIVERED)


def test_a_stale_view_changes_nothing(world: World) -> None:
    """Two tabs, a double click: the second must not approve what the first rejected."""
    creep(world)
    run(world)
    (seen_twice,) = pending(world)
    reject(world.db, seen_twice, reviewer="robin", now=NOW)
    with pytest.raises(StateError):
        approve(world.db, world.desk.config.owner, seen_twice, reviewer="robin", now=NOW)
    assert status(world, seen_twice) is ProposalStatus.REJECTED


def test_undo_takes_back_until_delivery(world: World) -> None:
    """A slip of the finger must cost nothing before the server has the mail."""
    creep(world)
    run(world)
    proposal = approved(world)
    undo(world.db, proposal, reviewer="robin", now=NOW)
    again = approved(world)
    deliver_one(world.desk, again.id)
    with world.db.read() as tx:
        delivered = queue.proposal(tx, again.id)
    assert delivered is not None
    with pytest.raises(StateError):
        undo(world.db, delivered, reviewer="robin", now=NOW)


def test_a_snoozed_proposal_comes_back(world: World) -> None:
    """Snoozed for ever is lost."""
    creep(world)
    run(world)
    (proposal,) = pending(world)
    snooze(world.db, proposal, NOW + timedelta(hours=3), reviewer="robin", now=NOW)
    assert pending(world) == ()
    world.time[0] = NOW + timedelta(hours=4)
    run(world)
    assert [p.id for p in pending(world)] == [proposal.id]


def test_an_unreachable_server_puts_the_approval_back(world: World) -> None:
    """An approved reply that is tried once and forgotten is a reply that never leaves."""
    creep(world)
    run(world)
    proposal = approved(world)
    world.box.put_fails = unreachable()
    assert deliver_one(world.desk, proposal.id) is not None
    assert status(world, proposal) is ProposalStatus.APPROVED
    world.box.put_fails = None
    run(world)
    assert len(world.box.folders[Role.DRAFTS]) == 1


def test_a_lost_answer_makes_one_draft(world: World) -> None:
    """The server took it and the line went down: a second APPEND would make two drafts."""
    creep(world)
    run(world)
    proposal = approved(world)
    world.box.put_loses_answer = True
    deliver_one(world.desk, proposal.id)
    world.box.put_loses_answer = False
    run(world)
    assert len(world.box.folders[Role.DRAFTS]) == 1
    assert status(world, proposal) is ProposalStatus.DELIVERED


def test_an_interrupted_delivery_that_left_nothing_is_done_again(world: World) -> None:
    """A kill between `delivering` and APPEND must not leave the reply in limbo."""
    creep(world)
    run(world)
    proposal = approved(world)
    with world.db.write() as tx:
        changes.move(tx, proposal, "delivering", ProposalStatus.DELIVERING, actor="firmly", now=NOW)
    run(world)
    assert len(world.box.folders[Role.DRAFTS]) == 1
    assert status(world, proposal) is ProposalStatus.DELIVERED


def test_an_old_interrupted_delivery_is_a_persons(world: World) -> None:
    """Days later they may have found, sent and deleted it: nothing is done twice by guess."""
    creep(world)
    run(world)
    proposal = approved(world)
    with world.db.write() as tx:
        changes.move(tx, proposal, "delivering", ProposalStatus.DELIVERING, actor="firmly", now=NOW)
    world.time[0] = NOW + timedelta(days=2)
    run(world)
    assert status(world, proposal) is ProposalStatus.UNCERTAIN
    (uncertain,) = pending(world)
    settle_uncertain(world.db, uncertain, delivered=False, reviewer="robin", now=world.time[0])
    run(world)
    assert len(world.box.folders[Role.DRAFTS]) == 1


def test_one_unusable_answer_parks_one_mail(world: World) -> None:
    """A model that refuses one mail must not stop the other nine."""
    world.judge.fails["refuse me"] = BadAnswer("The model refused.")
    world.box.add(mail(body="refuse me", message_id="<0@harbour.example>"))
    creep(world, 1)
    report = run(world)
    assert (report.parked, report.proposed, report.exit_code) == (1, 1, ExitCode.PARKED)
    assert run(world).exit_code is ExitCode.OK
    assert [item.kind for item in waiting(world.db).attention] == ["parked"]


def test_an_endpoint_that_is_down_loses_nothing(world: World) -> None:
    """The mail is judged as soon as the endpoint is back."""
    world.judge.fails["booking"] = ModelUnavailable("The endpoint does not answer.")
    creep(world)
    assert run(world).exit_code is ExitCode.TEMPORARY
    world.judge.fails.clear()
    world.time[0] += timedelta(minutes=5)
    assert run(world).proposed == 1


def test_refused_credentials_have_their_own_code(world: World) -> None:
    """A wrong key is no matter of waiting."""
    world.judge.fails["booking"] = CredentialsError("The endpoint refused the key.")
    creep(world)
    assert run(world).exit_code is ExitCode.CREDENTIALS


def test_a_bug_in_one_mail_is_tried_again_and_then_parked(world: World) -> None:
    """A poison mail must neither stop the run nor be tried for ever."""
    world.judge.fails["poison"] = ZeroDivisionError("with the mail's words in it")
    world.box.add(mail(body="poison", message_id="<0@harbour.example>"))
    creep(world, 1)
    codes = []
    for _ in range(4):
        report = run(world)
        codes.append(report.exit_code)
        assert "words" not in " ".join(report.troubles)
        world.time[0] += timedelta(minutes=30)
    assert codes == [ExitCode.BUG, ExitCode.BUG, ExitCode.BUG, ExitCode.OK]
    assert len(pending(world)) == 1


def test_a_mailbox_that_is_down_keeps_the_rest_going(world: World) -> None:
    """Mail that was fetched before must still be judged."""
    creep(world)
    run_once(world.desk, RunOptions(limit=None, deliver=False))
    broken = replace(world.desk.mailboxes["main"], source=_raises)  # type: ignore[index]
    desk = replace(world.desk, mailboxes={"main": broken})  # type: ignore[dict-item]
    assert run_once(desk, RunOptions()).exit_code is ExitCode.TEMPORARY


def test_mail_that_is_here_is_judged_while_the_mailbox_is_down(world: World) -> None:
    """A folder that the config misnames would stop all judging until somebody reads cron's mail."""
    creep(world)
    run_once(world.desk, RunOptions(limit=1))
    with world.db.write() as tx:
        steps.forget(tx, MailId(1), ("classify", "decide", "draft"))
    broken = replace(world.desk.mailboxes["main"], source=_raises)  # type: ignore[index]
    desk = replace(world.desk, mailboxes={"main": broken})  # type: ignore[dict-item]
    report = run_once(desk, RunOptions(deliver=False))
    assert (report.exit_code, report.judged) == (ExitCode.TEMPORARY, 1)


def _raises() -> None:
    raise unreachable()


def test_backfilled_mail_is_judged_and_not_answered(world: World) -> None:
    """Old mail is memory; a reply to last spring's mail would be an embarrassment."""
    creep(world)
    run_once(world.desk, RunOptions(limit=1))
    with world.db.write() as tx:
        tx.execute(text("UPDATE mails SET backfilled = 1"))
        tx.execute(text("DELETE FROM drafts"))
        tx.execute(text("DELETE FROM events"))
        tx.execute(text("DELETE FROM proposals"))
        steps.forget(tx, MailId(1), ("classify", "decide", "draft"))
    report = run(world)
    assert (report.judged, report.proposed) == (1, 0)


def test_limit_judges_so_many_and_the_next_run_goes_on(world: World) -> None:
    """A careful first run on a paid endpoint."""
    for number in range(3):
        creep(world, number)
    assert run_once(world.desk, RunOptions(limit=2)).judged == 2
    assert run(world).judged == 1


def test_attention_is_raised_once(world: World) -> None:
    """The same item every five minutes would be ignored within an hour."""
    world.box.add(mail(body="You will regret this. [aggression]", message_id="<1@harbour.example>"))
    run(world)
    with world.db.write() as tx:
        again = attention.raise_attention(tx, "aggression", "again", now=NOW, mail_id=MailId(1))
    assert again is False


def test_every_mail_is_somewhere(world: World) -> None:
    """Conservation: a mail that no state counts is a mail that was lost."""
    world.judge.fails["refuse me"] = BadAnswer("The model refused.")
    world.box.add(mail(body="refuse me", message_id="<0@harbour.example>"))
    world.box.add(mail(message_id="<n@h.example>", headers={"List-Id": "<n.h.example>", "Precedence": "bulk"}))
    creep(world, 1)
    world.box.add(mail(message_id="<2@harbour.example>"))
    run(world)
    with world.db.read() as tx:
        ended = tx.execute(
            text(
                "SELECT count(*) FROM mails m WHERE EXISTS (SELECT 1 FROM steps s WHERE s.mail_id = m.id"
                " AND (s.state IN ('stopped', 'parked') OR (s.stage = 'draft' AND s.state = 'done')))"
            )
        ).scalar_one()
        total = tx.execute(text("SELECT count(*) FROM mails")).scalar_one()
    assert ended == total == 4


def test_another_judge_is_asked_only_for_new_mail(world: World) -> None:
    """A changed prompt never redrafts old mail by itself."""
    creep(world)
    run(world)
    other = replace(world.judge, name="other", fingerprint="other/1", calls=[])
    run(with_judge(world, other))
    assert other.calls == []
