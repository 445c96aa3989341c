"""`firmly clients`, called as a person calls it, over a store in a directory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from support.history import write_history
from support.memory import NOW
from support.world import CLIENT, World, make_world
from typer.testing import CliRunner

from pipeline.cli import clients as room
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, Money
from pipeline.errors import ConfigError, FirmlyError, InputError, UsageError
from pipeline.review import waiting
from pipeline.run.rulebook import take_over_rules
from pipeline.store import clients, ledger, memory

CONFIG = """
[owner]
name = "Robin Example"
email = "robin@studio.example"
timezone = "Europe/Berlin"
[[accounts]]
kind = "folder"
id = "main"
path = "mail"
[store]
path = "store.sqlite3"
[judge]
kind = "embedded"
"""


@dataclass
class Desk:
    """A store with Harbour Bakery and eight mails, and the commands over it."""

    world: World
    call: Callable[..., str]

    def json(self, *words: str) -> Any:
        return json.loads(self.call(*words, "--json"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Everything that a command needs; prompts and judge are read once for all tests."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "mail" / "inbox").mkdir(parents=True)
    world = make_world(tmp_path)
    write_history(world, 8)
    due = NOW.date() - timedelta(days=20)
    invoice = Invoice(
        "2026-7", CLIENT, due - timedelta(days=14), due, Money("EUR", Decimal("950.00")), client_id=ClientId(1)
    )
    with world.db.write() as tx:
        ledger.record_invoices(tx, [invoice], NOW)
        ledger.record_import(tx, "ledger.csv", "0" * 64, 1, NOW)
    app = typer.Typer()
    room.register(app)
    # What builds a desk from a config has tests of its own, and takes a second each time.
    for name in ("build_desk", "build_records"):
        monkeypatch.setattr(
            f"pipeline.app.{name}", lambda config, clock: replace(world.desk, config=config, clock=clock)
        )

    def call(*words: str, given: str = "") -> str:
        place = ["--config", str(tmp_path / "config.toml"), "--now", NOW.isoformat()]
        result = CliRunner().invoke(app, ["clients", *words, *place], input=given, env={"USER": "robin"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return Desk(world, call)


def test_the_list_says_how_it_is_going(desk: Desk) -> None:
    """Who is late and who is tense must be seen without opening anything."""
    (line,) = desk.json("list")["clients"]
    assert line["name"] == "Harbour Bakery"
    assert line["open"] == [{"currency": "EUR", "amount": "950.00", "overdue": "950.00"}]
    assert line["mails"] == 8
    assert len(line["mood"]["points"]) == 4
    assert "950.00 EUR (1 late)" in desk.call("list")


def test_a_note_is_evidence_with_its_date(desk: Desk) -> None:
    """A call on Sunday leaves no mail; without the note it never happened."""
    desk.call(
        "note", "harbour", "She shouted on the phone.", "--at", "2026-11-15T11:00:00+01:00", "--label", "aggression"
    )
    card = desk.json("show", "harbour")
    noted = [e for e in card["timeline"] if e["kind"] == "noted"]
    assert [(e["at"], e["quote"]) for e in noted] == [("2026-11-15T10:00:00+00:00", "She shouted on the phone.")]
    assert card["verdict"]["advice"] != "keep"


def test_a_note_about_tomorrow_is_refused(desk: Desk) -> None:
    """Evidence with a date that has not come would discredit all the rest."""
    with pytest.raises(UsageError, match="still to come"):
        desk.call("note", "harbour", "x", "--at", "2030-01-01")


def test_labels_are_confirmed_struck_and_added(desk: Desk) -> None:
    """Only a person's word moves a verdict, and it must be possible to take it back."""
    desk.call("label", "m1", "--confirm", "scope_creep", "--add", "micromanaging")
    assert _confirmed(desk) == {"scope_creep", "micromanaging"}
    desk.call("label", "m1", "--strike", "micromanaging")
    assert _confirmed(desk) == {"scope_creep"}
    with pytest.raises(UsageError, match="no label"):
        desk.call("label", "m1", "--confirm", "rude")


def _confirmed(desk: Desk) -> set[str]:
    with desk.world.db.read() as tx:
        return {incident.label for incident in memory.incidents(tx, ClientId(1))}


def test_a_struck_label_is_gone_from_the_card(desk: Desk) -> None:
    """What was judged wrong must not come back as "a judge says" in the papers."""
    seen = [e["message_id"] for e in desk.json("show", "1")["timeline"] if e["kind"] == "seen"]
    assert "<0@harbour.example>" in seen
    desk.call("label", "m1", "--strike", "scope_creep")
    assert "<0@harbour.example>" not in [
        e["message_id"] for e in desk.json("show", "1")["timeline"] if e["kind"] == "seen"
    ]


def test_a_rule_for_one_client_is_one_command_and_can_be_withdrawn(desk: Desk) -> None:
    """A rule such as "their jokes are not demeaning" that nobody can take back is a trap."""
    (rule,) = desk.json("correct", "harbour", "--never", "scope_creep", "--because", "we agreed to it")["rules"]
    assert (rule["never"], rule["words"]) == ("scope_creep", "we agreed to it")
    assert [e for e in desk.json("show", "1")["timeline"] if e["kind"] == "seen"] == []
    assert desk.json("correct", "harbour", "--withdraw", str(rule["id"]))["rules"] == []
    with pytest.raises(UsageError, match="no rule"):
        desk.call("correct", "harbour", "--withdraw", "99")


def test_a_rule_stands_in_a_file_that_can_be_edited(desk: Desk) -> None:
    """A correction that nobody can read cannot be checked; a block that the owner deletes or adds must count."""
    desk.call("correct", "Harbour", "--never", "demeaning", "--because", 'Her "jokes" are meant well.')
    (path,) = (desk.world.db.path.parent / "rules").iterdir()
    assert path.name == "1-harbour-bakery.toml"
    text = path.read_text("utf-8")
    assert 'client = "Harbour Bakery"' in text
    assert 'words = "Her \\"jokes\\" are meant well."' in text
    assert (path.stat().st_mode & 0o777) == 0o600
    taxonomy = desk.world.desk.playbook.taxonomy
    assert take_over_rules(desk.world.db, taxonomy, NOW) == 0
    path.write_text(text.replace('"demeaning"', '"aggression"'), "utf-8")
    assert take_over_rules(desk.world.db, taxonomy, NOW) == 2
    assert [rule["never"] for rule in desk.json("correct", "Harbour")["rules"]] == ["aggression"]
    path.write_text(text.replace('"demeaning"', '"rudeness"'), "utf-8")
    with pytest.raises(ConfigError, match="mistakes") as told:
        take_over_rules(desk.world.db, taxonomy, NOW)
    assert "rudeness" in told.value.problems[0]
    path.write_text(text, "utf-8")
    assert take_over_rules(desk.world.db, taxonomy, NOW) == 2
    number = desk.json("correct", "Harbour")["rules"][0]["id"]
    desk.call("correct", "Harbour", "--withdraw", str(number))
    assert not path.exists()


def test_a_rule_whose_words_were_laid_out_anew_is_the_same_rule(desk: Desk) -> None:
    """Two spaces in the file would withdraw the rule and add it again at every call, and fill the store."""
    desk.call("correct", "Harbour", "--never", "demeaning", "--because", "Her jokes are meant well.")
    (path,) = (desk.world.db.path.parent / "rules").iterdir()
    path.write_text(path.read_text("utf-8").replace("Her jokes", "Her  jokes"), "utf-8")
    assert take_over_rules(desk.world.db, desk.world.desk.playbook.taxonomy, NOW) == 0


def test_a_rule_whose_file_cannot_be_written_is_not_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that is left says otherwise: the next call would take the rule back, after it was said to hold."""
    desk.call("correct", "Harbour", "--never", "demeaning")
    (path,) = (desk.world.db.path.parent / "rules").iterdir()
    before = path.read_text("utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("pathlib.Path.replace", full)
        with pytest.raises(InputError, match="No space left"):
            desk.call("correct", "Harbour", "--never", "scope_creep")
    assert path.read_text("utf-8") == before
    assert [rule["never"] for rule in desk.json("correct", "Harbour")["rules"]] == ["demeaning"]


def test_limits_are_listed_added_and_struck(desk: Desk) -> None:
    """A sentence read as a limit that was none would turn the next mail into a breach, for good."""
    mails = desk.json("boundary", "Harbour")["boundaries"]
    desk.call("boundary", "Harbour", "No calls at night.", "--about", "unreasonable_demand", "--at", "2026-11-10T10:00")
    more = desk.json("boundary", "Harbour")["boundaries"]
    assert [limit["words"] for limit in more if limit not in mails] == ["No calls at night."]
    place = [limit["words"] for limit in more].index("No calls at night.") + 1
    desk.call("boundary", "Harbour", "--strike", str(place))
    assert desk.json("boundary", "Harbour")["boundaries"] == mails
    with pytest.raises(UsageError, match="no limit 9"):
        desk.call("boundary", "Harbour", "--strike", "9")
    with pytest.raises(UsageError, match="behaviour"):
        desk.call("boundary", "Harbour", "No calls at night.")


def test_a_limit_of_the_owners_own_mail_can_be_struck(desk: Desk) -> None:
    """Limits that are read out of Sent stand in no row; striking one must hold at the next look, too."""
    with desk.world.db.write() as tx:
        raw = memory.incidents(tx, ClientId(1))
    assert raw == ()
    desk.call("label", "m1", "--confirm", "scope_creep")
    words = "From now on, every extra page is quoted separately."
    with desk.world.db.write() as tx:
        tx.exec_driver_sql(
            "UPDATE steps SET output = json_set(output, '$.newest', ?) WHERE mail_id = 2 AND stage = 'parse'", (words,)
        )
    (limit,) = desk.json("boundary", "Harbour")["boundaries"]
    assert (limit["words"], limit["message_id"]) == (words, "<1@harbour.example>")
    desk.call("boundary", "Harbour", "--strike", "1")
    assert desk.json("boundary", "Harbour")["boundaries"] == []


def test_set_changes_and_takes_back(desk: Desk) -> None:
    """Settings typed by hand must come back as typed, and an empty value must undo them."""
    desk.call("set", "harbour", "language=de", "pause_allowed=true", 'scope.items=["six pages"]', "price=1200.50")
    with desk.world.db.read() as tx:
        client = clients.client(tx, ClientId(1))
    assert client is not None
    assert (client.language, client.pause_allowed, client.engagements[0].scope) == ("de", True, ("six pages",))
    assert client.engagements[0].price == Decimal("1200.50")
    desk.call("set", "harbour", "language=")
    assert desk.json("show", "harbour")["language"] is None


@pytest.mark.parametrize("wrong", ["langauge=de", "pause_allowed=perhaps", "emails=[]", "name=Other", "language"])
def test_set_refuses_what_is_no_setting(desk: Desk, wrong: str) -> None:
    """A misspelt setting that is swallowed is found out when the wrong letter has left."""
    with pytest.raises((ConfigError, UsageError)):
        desk.call("set", "harbour", wrong)


def test_set_adds_a_client_once(desk: Desk) -> None:
    """A second client of the same name would split a history."""
    desk.call("set", "Lighthouse", 'emails=["ola@lighthouse.example"]', "--new")
    assert [c["name"] for c in desk.json("list")["clients"]] == ["Harbour Bakery", "Lighthouse"]
    with pytest.raises(UsageError, match="already"):
        desk.call("set", "lighthouse", 'emails=["o@lighthouse.example"]', "--new")


def test_a_client_with_a_file_is_changed_in_the_file(desk: Desk, tmp_path: Path) -> None:
    """The file is read at every call: a change beside it would vanish without a word."""
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / "harbour.toml").write_text(f'name = "Harbour Bakery"\nemails = ["{CLIENT}"]\n')
    with pytest.raises(UsageError, match=r"harbour\.toml"):
        desk.call("set", "harbour", "language=de")


def test_purge_forgets_and_names_what_is_left(desk: Desk, tmp_path: Path) -> None:
    """Whoever asks to be forgotten must not live on in a file that nobody mentioned."""
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / "harbour.toml").write_text(f'name = "Harbour Bakery"\nemails = ["{CLIENT}"]\n')
    desk.world.db.backup(tmp_path / "old.backup")
    answer = desk.json("purge", "harbour", "--yes")
    assert answer["rows"]["mails"] == 8
    assert answer["backups"] == [str(tmp_path / "old.backup")]
    assert answer["file"] == str(tmp_path / "clients" / "harbour.toml")


def test_purge_asks_first(desk: Desk) -> None:
    """There is no undo."""
    desk.call("purge", "harbour", given="n\n")
    assert len(desk.json("list")["clients"]) == 1


def test_the_exit_is_a_proposal_and_a_kit(desk: Desk, tmp_path: Path) -> None:
    """The end of the work must be one letter to approve, and one directory to keep."""
    answer = desk.json("exit", "harbour", "--kit", str(tmp_path / "kit"), "--last-day", "2026-12-18")
    (proposal,) = waiting(desk.world.db).proposals
    assert (proposal.id, proposal.origin) == (answer["proposal"], "exit:1")
    assert {Path(f).name for f in answer["files"]} >= {"your-list.md", "final-report.md", "dossier.html", "index.csv"}
    assert (tmp_path / "kit" / "your-list.md").stat().st_mode & 0o077 == 0
    assert "Nothing leaves before you approve it" in desk.call("exit", "harbour")


def test_the_dossier_is_written_once(desk: Desk, tmp_path: Path) -> None:
    """Evidence that is written over is no evidence."""
    desk.call("dossier", "harbour", "--format", "html", "--out", str(tmp_path / "d.html"))
    assert "<svg" in (tmp_path / "d.html").read_text("utf-8")
    with pytest.raises(UsageError, match="exists already"):
        desk.call("dossier", "harbour", "--out", str(tmp_path / "d.html"))
    assert desk.call("dossier", "harbour").startswith("# `Harbour Bakery`")


@pytest.mark.parametrize(
    "words", [("show", "nobody"), ("exit", "9"), ("dossier", "1", "--format", "pdf"), ("merge", "1", "1")]
)
def test_what_is_not_there_is_said(desk: Desk, words: tuple[str, ...]) -> None:
    """A traceback for a typo would be the first impression."""
    with pytest.raises(FirmlyError):
        desk.call(*words)
