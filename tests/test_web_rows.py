"""What stands behind a figure or a word of advice: the rows, each with its mail; and the ladder's calendar."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from support.demo import Demo
from support.memory import mail
from support.page import Visitor, receive, visit
from support.world import World, make_world

from pipeline.app import build_desk, fixed_clock
from pipeline.cli.common import moment_of
from pipeline.cli.tables import print_proposal, view_of
from pipeline.config.load import load_config
from pipeline.domain.claims import Claim, ClaimBasis, ClaimFact, ClaimSource
from pipeline.domain.ids import ClientId, ProposalId
from pipeline.domain.ladder import Step
from pipeline.domain.ledger import Money, Payment
from pipeline.invoices.plan import Planned, in_weeks
from pipeline.mail.ports import Role
from pipeline.review import find_proposal
from pipeline.run.clientbook import set_client
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import clients, handwork

SCOPE = "Could you also add the menu page, the shop and a blog? [scope_creep] Mia\n"
NOW = "2026-11-17T09:00:00+01:00"


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    """Somebody with one proposal before them."""
    world = make_world(tmp_path)
    receive(world, SCOPE)
    return visit(world)


@pytest.fixture
def full(demo: Demo, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody before the page as the demo leaves it."""
    place = shutil.copytree(demo.place, tmp_path / "demo")
    now = moment_of(NOW, "--now")
    desk = build_desk(load_config(place / "config.toml"), fixed_clock(now))
    yield visit(World(desk, None, None, [now]))  # type: ignore[arg-type]  # the page asks for neither mailbox nor judge
    desk.db.close()


def test_advice_leads_to_its_rows(visitor: Visitor) -> None:
    """Advice about a client without a place that says why, or a row whose mail cannot be opened."""
    told = {"csrf": visitor.key.csrf, "label": "scope_creep"}
    visitor.post("/clients/1/limit", {**told, "words": "New pages need their own yes.", "at": "2026-11-10T10:00"})
    visitor.post("/m/1/label", {**told, "back": "/p/1", "is": "right"})
    page = LexborHTMLParser(visitor.read("/clients/1"))
    (reason, *_) = page.css(".card a[href*='#reason-']")
    (ground, *_) = page.css(".ground")
    assert ground.css_first("h3").text() == reason.text()
    assert (reason.attributes["href"] or "").endswith(f"#{ground.css_first('h3').attributes['id']}")
    assert ground.css_first("code").text().startswith("verdict.profiles.")
    row = ground.css_first("li")
    assert row.css_first("a").attributes["href"] == "/m/1"
    assert "17 Nov 2026" in row.text()


def test_signals_lead_to_their_rows(full: Visitor) -> None:
    """A signal on a card that leads nowhere, or to the rows of another."""
    links = 0
    with full.world.db.read() as tx:
        numbers = [client.id for client in clients.all_clients(tx)]
    for number in numbers:
        page = LexborHTMLParser(full.read(f"/clients/{number}"))
        for link in page.css(".card a[href*='#reason-'], .card a[href*='#signal-']"):
            links += 1
            place = (link.attributes["href"] or "").partition("#")[2]
            assert page.css_first(f"#{place}").text() == link.text()
            assert page.css(f"section[aria-labelledby={place}] li")
    assert links > 0


def test_a_limit_can_be_added(visitor: Visitor) -> None:
    """What was said on the phone could not be written down on the page, and would never count."""
    said = {"csrf": visitor.key.csrf, "label": "scope_creep", "words": " New pages\r\nneed their own yes. "}
    assert visitor.post("/clients/1/limit", {**said, "at": "2026-11-16T15:30"}) == (303, "/clients/1#boundaries")
    told = LexborHTMLParser(visitor.read("/clients/1")).css_first(".told").text()
    assert "scope creep, Mon 16 Nov 2026, 15:30: New pages need their own yes." in " ".join(told.split())


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/clients/1/limit", {"words": "  "}),
        ("/clients/1/limit", {"label": "no_such_label"}),
        ("/clients/1/limit", {"at": "2027-01-01T09:00"}),
        ("/clients/1/limit", {"at": "yesterday"}),
        ("/clients/99/limit", {}),
    ],
)
def test_a_limit_that_is_none_is_refused(visitor: Visitor, path: str, change: dict[str, str]) -> None:
    """A limit without words, about nothing, to come, or of nobody would move verdicts, or break the page."""
    form = {"csrf": visitor.key.csrf, "label": "scope_creep", "words": "No.", **change}
    assert visitor.post(path, form)[0] == 409
    assert "None seen yet" in visitor.read("/clients/1")


def test_money_and_what_was_done_are_on_the_client_page(visitor: Visitor) -> None:
    """A payment without its source, or an act on the ladder without a name, would be caught here."""
    world = visitor.world
    paid = Payment("2026-7", Decimal("120.50"), date(2026, 11, 3), "EUR")
    with world.db.write() as tx:
        handwork.add_payments(tx, [(ClientId(1), paid)], source="november.csv", actor="robin", now=world.time[0])
        handwork.record_event(
            tx, ClientId(1), "set", actor="sam", now=world.time[0], invoice="2026-8", note="not chased: <b>talks</b>"
        )
    page = LexborHTMLParser(visitor.read("/clients/1"))
    row = page.css_first("#receipts + .scroll tbody tr").text(separator="|")
    assert ("120.50 EUR" in row, "november.csv" in row, "Tue 03 Nov 2026" in row) == (True, True, True)
    assert "sam: set 2026-8 (not chased: <b>talks</b>)" in page.css_first("#events + ul").text()


def test_confirmed_claims_are_on_the_payments_page(visitor: Visitor) -> None:
    """Interest that letters name from now on, and that no page shows."""
    fact = ClaimFact(
        "2026-7", date(2026, 9, 1), 77, Money("EUR", Decimal(900)), interest=Money("EUR", Decimal("17.12"))
    )
    claim = Claim(ClaimBasis(ClaimSource.CONTRACT, "Our contract, 5 % a year"), date(2026, 11, 17), (fact,))
    assert "Our contract" not in visitor.read("/payments")
    with visitor.world.db.write() as tx:
        handwork.record_claim(tx, ClientId(1), claim, actor="robin", now=visitor.world.time[0])
    row = LexborHTMLParser(visitor.read("/payments")).css_first("#claims + .scroll tbody tr").text()
    assert ("17.12" in row, "Our contract, 5 % a year" in row, "robin" in row) == (True, True, True)
    with visitor.world.db.write() as tx:
        handwork.withdraw_claim(tx, ClientId(1), visitor.world.time[0])
    assert "Our contract" not in visitor.read("/payments")


def test_the_calendar_has_every_letter_and_leads_to_its_client(full: Visitor) -> None:
    """A letter that the grid leaves out, puts on another day, or leads to another client than the table does."""
    page = LexborHTMLParser(full.read("/payments"))
    grid = {
        (cell.css_first("time").attributes["datetime"], link.attributes["href"], link.text()[:2])
        for cell in page.css(".month td")
        for link in cell.css("li a")
    }
    table = page.css_first('[aria-label="The ladder\'s letters"]')
    rows = [row.css("td") for row in table.css("tbody tr")]
    days = [row[0].text() for row in rows]
    assert len(grid) == len(rows) > 0
    assert {href for _, href, _ in grid} == {row[1].css_first("a").attributes["href"] for row in rows}
    assert {f"{date.fromisoformat(day or ''):%a %d %b %Y}" for day, _, _ in grid} == set(days)
    assert page.css_first(".month [aria-current=date] time").attributes["datetime"] == "2026-11-17"


@given(
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.integers(1, 60),
    st.lists(st.integers(-2, 62), max_size=8),
)
def test_weeks_are_whole_and_leave_nothing_out(first: date, days: int, letters: list[int]) -> None:
    """A week without seven days, one that does not begin on Monday, or a letter that falls between two weeks."""
    planned = [Planned(first + timedelta(n), f"Client {n}", Step.L1, (), ()) for n in letters]
    weeks = in_weeks(planned, first, days)
    every = [day for week in weeks for day in week]
    assert {(len(week), week[0].day.weekday()) for week in weeks} == {(7, 0)}
    assert [day.day for day in every] == [every[0].day + timedelta(n) for n in range(len(every))]
    assert sorted(p.client for day in every for p in day.planned) == sorted(p.client for p in planned)
    assert all(p.day == day.day for day in every for p in day.planned)
    inside = [day.day for day in every if day.inside]
    assert {first, first + timedelta(days - 1), *(p.day for p in planned)} <= set(inside)
    assert len(every) - len(inside) <= 12


def test_labels_and_changed_words_lead_to_their_rows(visitor: Visitor) -> None:
    """A figure of the statistics that leads nowhere, or to rows of another figure."""
    told = {"csrf": visitor.key.csrf, "back": "/p/1", "label": "scope_creep"}
    visitor.post("/m/1/label", {**told, "is": "right"})
    visitor.post("/m/1/label", {**told, "label": "micromanaging", "is": "wrong"})
    page = visitor.read("/stats")
    for what, label in (("confirmed", "scope creep"), ("struck", "micromanaging")):
        assert re.search(rf'<a href="/stats\?what={what}#rows">1</a>', page)
        (row,) = LexborHTMLParser(visitor.read(f"/stats?what={what}")).css("#rows + ul li")
        assert row.text().startswith(label)
        assert 'href="/m/1"' in (row.html or "")
    assert "None." in visitor.read("/stats?what=changed")


OTHERS = {"Cc": "Jo <jo@harbour.example>, ben@quarry.example, Robin <robin@studio.example>"}


@pytest.fixture
def addressed(tmp_path: Path) -> Visitor:
    """Somebody before the reply to a mail that other people got as well, one of them another client."""
    world = make_world(tmp_path)
    set_client(
        world.db, world.desk.config, "Ben Quarry", ['emails=["ben@quarry.example"]'], new=True, now=world.time[0]
    )
    world.box.add(mail(body=SCOPE, message_id="<m1@harbour.example>", headers=OTHERS))
    run_once(world.desk, RunOptions(deliver=False))
    return visit(world)


def test_nobody_is_copied_unless_chosen(addressed: Visitor) -> None:
    """People of the Cc line who get a reply that nobody wanted them to get, or of whom nobody is told."""
    page = LexborHTMLParser(addressed.read("/p/1"))
    said = " ".join(page.css_first(".others summary").text().split())
    assert said == "Also addressed: Jo, ben@quarry.example; they are not copied"
    assert "your client Ben Quarry" in page.css_first(".others ul").text()
    addressed.post("/p/1/approve", addressed.fields(1))
    (stored,) = addressed.world.box.folders[Role.DRAFTS]
    assert message_from_bytes(stored.raw, policy=default)["Cc"] is None


def test_a_copy_is_in_the_bytes_that_are_approved(addressed: Visitor) -> None:
    """A copy that was chosen and is not in the mail, or one that an older approval or page would let out."""
    before = addressed.fields(1)
    chosen = {name: before[name] for name in ("csrf", "version", "status")} | {"email": "jo@harbour.example"}
    assert addressed.post("/p/1/copy", {**chosen, "is": "copied"}) == (303, "/p/1?after=1")
    assert addressed.post("/p/1/approve", before)[0] == 409
    after = addressed.fields(1)
    assert after["body"] == before["body"]
    assert addressed.post("/p/1/approve", after)[0] == 303
    (stored,) = addressed.world.box.folders[Role.DRAFTS]
    letter = message_from_bytes(stored.raw, policy=default)
    assert [a.addr_spec for a in letter["Cc"].addresses] == ["jo@harbour.example"]
    approved = find_proposal(addressed.world.db, ProposalId(1)).approved_sha256
    assert approved == hashlib.sha256(stored.raw).hexdigest()


def test_a_copy_to_another_client_is_said_and_taken_back(addressed: Visitor) -> None:
    """A letter about one client that reaches another without a word of warning, or a copy that cannot be taken back."""
    form = {**addressed.fields(1), "email": "ben@quarry.example"}
    addressed.post("/p/1/copy", {**form, "is": "copied"})
    assert "This goes to another client of yours, too" in addressed.read("/p/1")
    form = {**addressed.fields(1), "email": "ben@quarry.example"}
    addressed.post("/p/1/copy", {**form, "is": "left out"})
    assert find_proposal(addressed.world.db, ProposalId(1)).addressing.cc == ()


@pytest.mark.parametrize("email", ["mallory@elsewhere.example", "robin@studio.example", "mia@harbour.example", ""])
def test_only_who_was_addressed_can_be_copied(addressed: Visitor, email: str) -> None:
    """A form that names anybody at all would make the page a way to send mail to strangers."""
    status, words = addressed.post("/p/1/copy", {**addressed.fields(1), "email": email, "is": "copied"})
    assert (status, "not addressed to them" in words) == (409, True)


def test_the_terminal_says_who_is_not_copied(addressed: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reviews in a terminal would not know that others wait for the answer, or get it."""
    desk = addressed.world.desk
    form = {**addressed.fields(1), "email": "jo@harbour.example", "is": "copied"}
    addressed.post("/p/1/copy", form)
    shown = find_proposal(desk.db, ProposalId(1))
    print_proposal(desk, shown, view_of(desk, shown))
    said = capsys.readouterr().out
    assert ("Cc:      jo@harbour.example" in said, "Also addressed: ben@quarry.example; they" in said) == (True, True)
