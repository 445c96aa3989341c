"""What can be done on the page: exactly what was shown, once, by whoever saw it."""

import hashlib
import re
import sqlite3
import threading
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.memory import unreachable
from support.page import Visitor, receive, visit
from support.world import make_world

from pipeline.domain.ids import ClientId, Label, ProposalId
from pipeline.domain.proposal import ProposalStatus
from pipeline.mail.ports import Role
from pipeline.review import find_proposal
from pipeline.run.lock import run_lock
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.remember import state_boundary

SCOPE = "Could you also add the menu page, the shop and a blog? [scope_creep] Mia\n"


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    """Somebody with one proposal before them."""
    world = make_world(tmp_path)
    receive(world, SCOPE)
    return visit(world)


def status_of(visitor: Visitor, number: int = 1) -> ProposalStatus:
    """How a proposal stands."""
    return find_proposal(visitor.world.db, ProposalId(number)).status


def drafts_of(visitor: Visitor) -> list[bytes]:
    """What lies in Drafts on the server."""
    return [stored.raw for stored in visitor.world.box.folders[Role.DRAFTS]]


def test_approved_is_what_was_shown(visitor: Visitor) -> None:
    """A delivery of other words, another recipient or other bytes than the page showed would be caught here."""
    form = visitor.fields(1)
    assert visitor.post("/p/1/approve", form) == (303, "/?after=1")
    (raw,) = drafts_of(visitor)
    sent = message_from_bytes(raw, policy=default)
    assert sent.get_content().replace("\r\n", "\n").strip() == form["body"].strip()
    assert sent["To"].addresses[0].addr_spec == "mia@harbour.example"
    assert find_proposal(visitor.world.db, ProposalId(1)).approved_sha256 == hashlib.sha256(raw).hexdigest()
    assert hashlib.sha256(raw).hexdigest() in visitor.read("/p/1")


def test_a_second_click_delivers_nothing(visitor: Visitor) -> None:
    """A double click, or the back button and once more, must not lay a second draft."""
    form = visitor.fields(1)
    visitor.post("/p/1/approve", form)
    status, words = visitor.post("/p/1/approve", form)
    assert status == 409
    assert "changed meanwhile" in words
    assert len(drafts_of(visitor)) == 1


def test_two_clicks_at_once_deliver_once(visitor: Visitor) -> None:
    """Two requests that both find the proposal pending would be caught here."""
    form = visitor.fields(1)
    answers: list[int] = []
    clicks = [threading.Thread(target=lambda: answers.append(visitor.post("/p/1/approve", form)[0])) for _ in range(4)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert sorted(answers) == [303, 409, 409, 409]
    assert len(drafts_of(visitor)) == 1


@pytest.mark.parametrize("field", ["version", "shown", "status"])
def test_another_version_is_not_approved(visitor: Visitor, field: str) -> None:
    """An approval that is bound to less than version, status and shown bytes would be caught here."""
    form = visitor.fields(1)
    status, words = visitor.post("/p/1/approve", {**form, field: "7"})
    assert (status, status_of(visitor)) == (409, ProposalStatus.PENDING)
    assert "changed meanwhile" in words


def test_edit_in_one_tab_refuses_the_other(visitor: Visitor) -> None:
    """Two tabs: the second must not approve words that the first has replaced."""
    stale = visitor.fields(1)
    visitor.post("/p/1/edit", {**stale, "body": "Hello Mia,\n\nlet us talk on the phone.\n\nRobin Example"})
    status, words = visitor.post("/p/1/approve", stale)
    assert status == 409
    assert "let us talk on the phone" in words
    assert drafts_of(visitor) == []


def test_typed_words_are_shown_before_they_leave(visitor: Visitor) -> None:
    """Approving with unsaved words must neither drop the words nor send them unread."""
    form = {**visitor.fields(1), "body": "Hello Mia,\r\n\r\nI typed this just now.\r\n\r\nRobin Example"}
    assert visitor.post("/p/1/approve", form) == (303, "/p/1?after=1")
    assert drafts_of(visitor) == []
    assert "I typed this just now." in visitor.read("/p/1")


def test_white_space_of_forms_is_no_edit(visitor: Visitor) -> None:
    """Forms send CRLF; taking that for an edit would void every approval."""
    form = visitor.fields(1)
    visitor.post("/p/1/approve", {**form, "body": form["body"].replace("\n", "\r\n") + "\r\n"})
    assert status_of(visitor) is ProposalStatus.DELIVERED


def test_refused_edit_keeps_the_typed_words(visitor: Visitor) -> None:
    """Words typed while another tab decided must stay on the page, not vanish."""
    stale = visitor.fields(1)
    visitor.post("/p/1/reject", stale)
    visitor.post("/p/1/undo", {**stale, "status": "rejected"})
    visitor.post("/p/1/edit", {**stale, "body": "First words of another tab, long enough."})
    status, words = visitor.post("/p/1/edit", {**stale, "body": "Half a letter that took me ten minutes."})
    assert status == 409
    assert "Half a letter that took me ten minutes." in words


def test_reject_snooze_and_undo(visitor: Visitor) -> None:
    """A decision that cannot be taken back, or a snooze that never wakes, would be caught here."""
    visitor.post("/p/1/reject", {**visitor.fields(1), "reason": "on the phone"})
    assert status_of(visitor) is ProposalStatus.REJECTED
    assert "Undo" in visitor.read("/?after=1")
    visitor.post("/p/1/undo", {"csrf": visitor.key.csrf, "version": "1", "status": "rejected"})
    visitor.post("/p/1/snooze", {**visitor.fields(1), "until": "tomorrow"})
    assert status_of(visitor) is ProposalStatus.SNOOZED
    visitor.world.time[0] += timedelta(days=1)
    run_once(visitor.world.desk, RunOptions())
    assert status_of(visitor) is ProposalStatus.PENDING


@pytest.mark.parametrize(("until", "at"), [("at", ""), ("at", "yesterday"), ("at", "2020-01-01T09:00"), ("", "")])
def test_snooze_needs_a_time_to_come(visitor: Visitor, until: str, at: str) -> None:
    """A snooze into the past would hide a proposal for ever."""
    status, _ = visitor.post("/p/1/snooze", {**visitor.fields(1), "until": until, "at": at})
    assert (status, status_of(visitor)) == (409, ProposalStatus.PENDING)


def test_stances_give_another_draft(visitor: Visitor) -> None:
    """A stance button that changes nothing, or that keeps an old version approvable, would be caught here."""
    before = visitor.fields(1)
    visitor.post("/p/1/redraft", {**before, "stance": "firmer"})
    after = visitor.fields(1)
    assert (after["version"], after["body"] != before["body"]) == ("2", True)


def test_the_guard_answers_while_typing(visitor: Visitor) -> None:
    """An amount that no record knows must be named before the words are saved, and asking must save nothing."""
    answer = visitor.http.post(
        "/p/1/check",
        data={"csrf": visitor.key.csrf, "body": "Hello Mia,\n\nthat costs 4,711.00 EUR.\n\nRobin Example"},
        headers={"Origin": "http://127.0.0.1:8765"},
    )
    assert any("4,711" in finding["excerpt"] or "4,711" in finding["message"] for finding in answer.json())
    assert visitor.fields(1)["version"] == "1"


def test_a_blocked_draft_has_no_approve_button(visitor: Visitor) -> None:
    """A draft that the guard blocks must not look approvable, and must not be approved by a made-up form."""
    with sqlite3.connect(visitor.world.db.path) as store:
        found = '[{"rule":1,"name":"unknown_amount","severity":"block","message":"No record knows it.","excerpt":""}]'
        store.execute("UPDATE drafts SET findings = ?", (found,))
    form = visitor.fields(1)
    assert 'id="approve"' not in visitor.read("/p/1")
    assert visitor.post("/p/1/approve", form)[0] == 409
    assert drafts_of(visitor) == []


def test_a_server_that_is_down_keeps_the_approval(visitor: Visitor) -> None:
    """An approval that is lost, or called delivered, because the server is away would be caught here."""
    visitor.world.box.put_fails = unreachable()
    status, words = visitor.post("/p/1/approve", visitor.fields(1))
    assert (status, status_of(visitor)) == (409, ProposalStatus.APPROVED)
    assert "does not answer" in words
    visitor.world.box.put_fails = None
    run_once(visitor.world.desk, RunOptions())
    assert (status_of(visitor), len(drafts_of(visitor))) == (ProposalStatus.DELIVERED, 1)


def test_a_run_under_way_delivers(visitor: Visitor) -> None:
    """The page and a run that deliver the same approval at the same time could lay it down twice."""
    with run_lock(visitor.world.db.path):
        status, words = visitor.post("/p/1/approve", visitor.fields(1))
    assert (status, status_of(visitor)) == (409, ProposalStatus.APPROVED)
    assert "A run is active" in words
    assert drafts_of(visitor) == []


def test_labels_are_confirmed_and_struck(visitor: Visitor) -> None:
    """A label that a person struck and that still shows as found, or an approval that confirms one, would be caught."""
    form = {"csrf": visitor.key.csrf, "label": "scope_creep", "back": "/p/1"}
    assert visitor.post("/m/1/label", {**form, "is": "right"}) == (303, "/p/1#going-on")
    assert "confirmed" in visitor.read("/p/1")
    visitor.post("/m/1/label", {**form, "is": "wrong"})
    assert 'class="chip struck"' in visitor.read("/p/1")
    assert visitor.post("/m/1/label", {**form, "is": "right", "back": "//evil.example"})[1] == "/m/1#going-on"


def test_held_mail_stays_folded_and_has_no_draft(tmp_path: Path) -> None:
    """An insult in plain sight, or a draft for it, would be caught here."""
    world = make_world(tmp_path)
    receive(world, "You are a useless thief and I will ruin you. [aggression]\n")
    visitor = visit(world)
    page = visitor.read("/a/1")
    assert (
        page.index('<details class="folded">')
        < page.index("useless thief")
        < page.index("</details>", page.index("useless thief"))
    )
    assert "Approve" not in page
    assert "fine choice" in page
    assert visitor.post("/a/1/close", {"csrf": visitor.key.csrf, "was": "seen"}) == (303, "/?seen=1")
    assert "All done" in visitor.read("/")


def test_search_and_order(tmp_path: Path) -> None:
    """A search that finds what is not there, or a list that hides the gravest below the newest, would be caught."""
    world = make_world(tmp_path)
    receive(world, "Where is the file? Every hour please. [micromanaging]\n", number=1, subject="Small thing")
    receive(world, "Your invoice is wrong, we contest it. [invoice_dispute]\n", number=2, subject="Large thing")
    visitor = visit(world)
    page = visitor.read("/")
    assert page.index("Large thing") < page.index("Small thing")
    found = visitor.read("/?q=SMALL")
    assert "Small thing" in found
    assert "Large thing" not in found
    assert "Nothing that waits" in visitor.read("/?q=%25%27%22%3Cb%3E")


def held(tmp_path: Path) -> Visitor:
    """Somebody with one mail before them that is held."""
    world = make_world(tmp_path)
    receive(world, "You are a useless thief and I will ruin you. [aggression]\n")
    return visit(world)


def test_held_mail_can_be_put_off_and_comes_back(tmp_path: Path) -> None:
    """A mail put off until tomorrow that stays in sight today, or never comes back, would be caught here."""
    visitor = held(tmp_path)
    form = {"csrf": visitor.key.csrf, "until": "tomorrow"}
    assert visitor.post("/a/1/snooze", form) == (303, "/?seen=1")
    assert "All done" in visitor.read("/")
    assert "comes back Wed 18 Nov 2026" in visitor.read("/?seen=1")
    assert 'href="/a/1"' in visitor.read("/done")
    visitor.world.time[0] += timedelta(days=1)
    run_once(visitor.world.desk, RunOptions())
    assert 'href="/a/1"' in visitor.read("/")


def test_what_was_seen_can_be_taken_back(tmp_path: Path) -> None:
    """A key pressed by mistake must not bury a threat."""
    visitor = held(tmp_path)
    visitor.post("/a/1/close", {"csrf": visitor.key.csrf, "was": "nothing"})
    assert "is dismissed" in visitor.read("/?seen=1")
    assert visitor.post("/a/1/undo", {"csrf": visitor.key.csrf}) == (303, "/a/1")
    assert 'href="/a/1"' in visitor.read("/")


def test_putting_off_into_the_past_is_refused(tmp_path: Path) -> None:
    """A held mail that is put off into the past would never come back."""
    visitor = held(tmp_path)
    status, words = visitor.post("/a/1/snooze", {"csrf": visitor.key.csrf, "until": "at", "at": "2020-01-01T09:00"})
    assert (status, "Not done" in words) == (409, True)
    assert 'href="/a/1"' in visitor.read("/")


def test_figures_lead_to_their_rows(visitor: Visitor) -> None:
    """A figure whose link shows other rows, or none, would be caught here."""
    visitor.post("/p/1/approve", visitor.fields(1))
    page = visitor.read("/stats")
    link = re.search(r'<a href="(/stats\?what=approved_unchanged&amp;by=client[^"]*)">1</a>', page)
    assert link
    assert 'href="/p/1"' in visitor.read(link[1].replace("&amp;", "&").partition("#")[0])
    assert 'href="/p/1"' not in visitor.read("/stats?what=rejected")
    link = re.search(r'<a href="(/runs\?at=[^"]*did=proposed)#steps">1</a>', visitor.read("/runs"))
    assert link
    assert 'href="/p/1"' in visitor.read(link[1].replace("&amp;", "&"))
    link = re.search(r'<a href="(/runs\?at=[^"]*did=judged)#steps">1</a>', visitor.read("/runs"))
    assert link
    assert 'href="/m/1"' in visitor.read(link[1].replace("&amp;", "&"))


def test_names_of_labels_are_words(visitor: Visitor) -> None:
    """A name of the program in a sentence for people would be caught here."""
    page = visitor.read("/p/1")
    shown = LexborHTMLParser(page).css_first(".why")
    assert "Scope creep (confidence 9 of 10)" in shown.text()
    assert "More work than was agreed" in shown.text()
    assert "scope_creep" not in shown.text()


def test_a_stated_limit_can_be_struck(visitor: Visitor) -> None:
    """A sentence that was taken for a limit, and that nobody can take back, would go on to move verdicts."""
    at = visitor.world.time[0] - timedelta(days=3)
    state_boundary(
        visitor.world.db,
        ClientId(1),
        Label("scope_creep"),
        "New pages need their own yes.",
        at=at,
        actor="robin",
        now=visitor.world.time[0],
    )
    assert "New pages need their own yes." in visitor.read("/clients/1")
    assert "New pages need their own yes." in visitor.read("/p/1")
    form = {"csrf": visitor.key.csrf, "label": "scope_creep", "at": at.isoformat()}
    assert visitor.post("/clients/1/boundary", form) == (303, "/clients/1#boundaries")
    assert "New pages need their own yes." not in visitor.read("/clients/1")
    assert visitor.post("/clients/1/boundary", form)[0] == 409
