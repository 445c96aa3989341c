"""A client's papers: every claim with message, date and words, and nothing of a mail that acts."""

import csv
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.domain.client import Boundary, Incident
from pipeline.domain.ids import ClientId, Label, UntrustedText
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.dossier import Kind, Papers, collect_papers, entries_of, render_html, render_markdown
from pipeline.dossier.kit import write_evidence
from pipeline.dossier.mood import spark, trend
from pipeline.dossier.picture import picture_of
from pipeline.dossier.render import code, render_final_report
from pipeline.errors import UsageError
from pipeline.mail.ports import Role
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import clients, ledger, memory

HOSTILE = 'x</title><script>alert(1)</script><img src=x onerror=1> [a](http://evil.example) `b` ~~~ "> \u202egnp'
QUOTE = "while you are at it ``add`` <b>a page</b> http://evil.example"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A mail with a hostile subject, one of ours, an incident, a chase, a boundary, a note, two invoices."""
    world = make_world(tmp_path)
    world.box.add(
        mail(
            subject=HOSTILE,
            body="While you are at it, please add a page. [scope_creep]\n",
            message_id="<1@harbour.example>",
        )
    )
    ours = mail(OWNER, CLIENT, "The page", "Could you send me the text?\n", message_id="<2@studio.example>")
    world.box.add(ours, Role.SENT)
    due = date(2026, 10, 1)
    paid = Invoice(
        "2026-6", CLIENT, due - timedelta(30), due, Money("EUR", Decimal("100.00")), Decimal("100.00"), due + timedelta(9),
        InvoiceStatus.PAID, ClientId(1),
    )  # fmt: skip
    late = Invoice("2026-7", CLIENT, due, due + timedelta(14), Money("EUR", Decimal("950.00")), client_id=ClientId(1))
    with world.db.write() as tx:
        ledger.record_invoices(tx, [paid, late], NOW)
        ledger.record_import(tx, "ledger.csv", "0" * 64, 2, NOW)
        ledger.record_chase(tx, ClientId(1), ChaseLog(Step.L1, ("2026-7",), NOW, "<l1@studio.example>"))
        incident = Incident(Label("micromanaging"), NOW, "<1@harbour.example>", UntrustedText(QUOTE))
        memory.record_incident(tx, ClientId(1), incident, confirmed=True, actor="robin", now=NOW)
        limit = Boundary(Label("scope_creep"), NOW, "More pages are a new quote.")
        memory.record_boundary(tx, ClientId(1), limit, actor="robin", now=NOW)
        memory.add_note(tx, ClientId(1), "Mia called on Sunday.", at=NOW, actor="robin", now=NOW)
    run_once(world.desk, RunOptions())
    return world


@pytest.fixture
def papers(world: World) -> Papers:
    """What is known of Harbour Bakery."""
    return collect_papers(world.desk, ClientId(1))


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_every_claim_has_its_day_and_its_message(papers: Papers) -> None:
    """A claim without a source is an opinion, and worth nothing before a court."""
    entries = {(entry.kind, entry.message_id): entry for entry in entries_of(papers)}
    assert entries[Kind.DID, "<1@harbour.example>"].quote == QUOTE
    assert entries[Kind.TOLD, "<l1@studio.example>"].text == "Payment letter L1 for 2026-7."
    assert (Kind.ANSWERED, "<2@studio.example>") in entries
    texts = [entry.text for entry in entries_of(papers)]
    assert "Paid 100.00 EUR of invoice 2026-6, 9 days late." in texts
    assert "We stated a limit (scope_creep)." in texts


def test_what_only_a_judge_says_is_called_that(papers: Papers) -> None:
    """A machine's guess that reads like a finding would sink the whole file."""
    (seen,) = [entry for entry in entries_of(papers) if entry.kind is Kind.SEEN]
    assert seen.text == "A judge says scope_creep (9 of 10); nobody has confirmed it."
    assert seen.text in render_markdown(papers)


def test_what_the_judge_doubts_is_left_out(world: World) -> None:
    """Two in ten is noise; in a file about a person it reads like a charge."""
    with world.db.write() as tx:
        tx.execute(
            text(
                "UPDATE steps SET output = json_set(output, '$.behaviours[0].sure', json('false')) WHERE stage = 'classify' AND mail_id = 1"
            )
        )
    assert collect_papers(world.desk, ClientId(1)).unconfirmed == ()


def test_a_hostile_mail_stays_inert_on_the_page(papers: Papers) -> None:
    """The page is opened from disk, where a script could read every other file."""
    page = render_html(papers)
    assert "evil.example" in page
    found = Tags(page)
    assert found.tags & {"script", "img", "a", "iframe", "object", "form", "link", "b", "base"} == set()
    assert not any(name.startswith("on") or name in {"src", "href"} for name in found.attributes)
    assert "\u202e" not in page


def test_a_hostile_mail_stays_inert_in_markdown(papers: Papers) -> None:
    """Markdown ends up in issue trackers and note programs, which render links and HTML."""
    outside = without_code(render_markdown(papers))
    assert "evil.example" not in outside
    assert not re.search(r"<\w|\]\(|~~~", outside)


def without_code(text: str) -> str:
    """Markdown without its code spans, as CommonMark finds them: a run of backticks up to the next run of that length."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", text, flags=re.DOTALL)


@given(st.text(max_size=60) | st.text("`\n|<a \\", max_size=12))
def test_any_words_stay_inside_their_code_span(words: str) -> None:
    """One backtick too many in a subject would end the span, and the rest would be markup."""
    assert without_code(f"x {code(words)} y").replace("(nothing)", "") == "x  y"


def test_the_final_report_says_nothing_behind_their_back(papers: Papers) -> None:
    """It goes to the client: a label, a note or a verdict in it would be the last thing they ever read from us."""
    report = render_final_report(papers)
    assert "`2026-7`" in report
    assert "`The page`" in report
    for inside in ("scope_creep", "micromanaging", "Sunday", "confirmed", "advice", "Advice", "tone"):
        assert inside not in report


def test_the_picture_shows_what_is_late(papers: Papers) -> None:
    """A timeline that hides the open invoice, or draws outside its frame, is decoration."""
    picture = picture_of(papers, entries_of(papers))
    assert picture is not None
    assert {mark.css for mark in picture.bars} == {"terms", "late", "overdue"}
    assert {mark.css for mark in picture.columns} == {"mood-neutral", "ours"}
    for mark in (*picture.columns, *picture.points, *picture.bars):
        assert 0 <= mark.x <= mark.x + mark.width <= picture.width
        assert 0 <= mark.y <= mark.y + mark.height <= picture.height
    assert "Mails: 2. Confirmed behaviours: 1." in picture.said


def test_a_client_without_anything_has_papers_too(tmp_path: Path) -> None:
    """The first look at a new client must not be a traceback."""
    empty = collect_papers(make_world(tmp_path).desk, ClientId(1))
    assert picture_of(empty, ()) is None
    assert "<svg" not in render_html(empty)
    assert "No invoice is on record." in render_markdown(empty)
    with pytest.raises(UsageError):
        collect_papers(make_world(tmp_path).desk, ClientId(99))


def test_the_evidence_can_be_checked(world: World, papers: Papers, tmp_path: Path) -> None:
    """Bytes that do not match their hash prove nothing; a subject must not run as a formula in a spreadsheet."""
    world.box.add(mail(subject="=HYPERLINK(1)", message_id="<3@harbour.example>"))
    run_once(world.desk, RunOptions())
    papers = collect_papers(world.desk, ClientId(1))
    write_evidence(world.db, papers, tmp_path / "e")
    rows = list(csv.DictReader((tmp_path / "e" / "index.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 3
    for row in rows:
        assert hashlib.sha256((tmp_path / "e" / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert "'=HYPERLINK(1)" in {row["subject"] for row in rows}
    with pytest.raises(UsageError, match="not empty"):
        write_evidence(world.db, papers, tmp_path / "e")


def test_raw_bytes_that_are_gone_are_said_to_be(world: World) -> None:
    """A file name for bytes that [store] keep_raw_days has dropped would send somebody looking."""
    world.time[0] = datetime(2030, 1, 1, tzinfo=UTC)
    run_once(world.desk, RunOptions())
    assert "bytes no longer kept" in render_markdown(collect_papers(world.desk, ClientId(1)))


def test_a_struck_label_and_a_corrected_one_are_not_in_the_papers(world: World) -> None:
    """What the owner called wrong must not be quoted against the client later."""
    with world.db.write() as tx:
        memory.add_correction(tx, ClientId(1), Label("scope_creep"), "agreed", actor="robin", now=NOW)
    assert collect_papers(world.desk, ClientId(1)).unconfirmed == ()


def test_open_threads_say_who_waits(papers: Papers) -> None:
    """Their question and our unanswered one are both open, and not the same thing."""
    assert {(t.newest.message_id, t.waits_for_us) for t in papers.open_threads} == {
        ("<1@harbour.example>", True),
        ("<2@studio.example>", False),
    }


@pytest.mark.parametrize(
    ("tones", "said"),
    [
        (["neutral"] * 9, None),
        (["neutral"] * 10, "steady"),
        (["warm"] * 5 + ["frustrated"] * 5, "worse"),
        (["hostile"] * 5 + ["warm"] * 5, "better"),
        (["own tone"] * 12, "steady"),
    ],
)
def test_the_trend_needs_ten_mails_and_a_clear_change(tones: list[str], said: str | None) -> None:
    """One bad morning is no trend."""
    assert trend([Label(t) for t in tones]) == said
    assert len(spark([Label(t) for t in tones])) == len(tones)


def test_the_name_of_a_client_is_no_markup(tmp_path: Path) -> None:
    """Names come from exports and address books, too."""
    world = make_world(tmp_path)
    with world.db.write() as tx:
        file = clients.client_file(tx, ClientId(1))
        assert file is not None
        clients.keep(tx, file.model_copy(update={"name": "A <i>& B</i>", "emails": ("a@b.example",)}), NOW)
    page = render_html(collect_papers(world.desk, ClientId(2)))
    assert "i" not in Tags(page).tags
