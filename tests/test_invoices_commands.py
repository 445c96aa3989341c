"""`firmly invoices` and `firmly chase`, called as a person calls them, over a store in a directory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from support.memory import NOW, mail
from support.world import CLIENT, World, make_world
from typer.testing import CliRunner

from pipeline.cli import money as room
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, Money
from pipeline.errors import InputError, UsageError
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import handwork, ledger

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
[clients]
dir = "clients"
[judge]
kind = "embedded"
"""
CLIENT_FILE = f"""
name = "Harbour Bakery"
emails = ["{CLIENT}"]
business = true
[late_fee]
fixed = "25.00"
currency = "EUR"
"""
HEAD = "number,client_email,issued,due,currency,total,paid,status\n"
GOOD = f"R-8,{CLIENT},2026-10-20,2026-11-19,EUR,80.00,0,open\n"
BAD = f"R-9,{CLIENT},2026-10-20,the day after,EUR,80.00,0,open\n"


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Room:
    """A store with Harbour Bakery and one late invoice, and the commands over it."""

    world: World
    place: Path
    call: Callable[..., Said]

    def file(self, text: str, name: str = "november.csv") -> str:
        """An export on the disk."""
        path = self.place / name
        path.write_text(text)
        return str(path)

    @property
    def numbers(self) -> list[str]:
        """The invoices of the ledger."""
        with self.world.db.read() as tx:
            return sorted(invoice.number for invoice in ledger.invoices(tx))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Everything that a command needs; prompts and judge are read once for all tests."""
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "clients").mkdir()
    (tmp_path / "mail" / "inbox").mkdir(parents=True)
    world = make_world(tmp_path)
    due = NOW.date() - timedelta(days=20)
    late = Invoice("R-7", CLIENT, due - timedelta(days=14), due, Money("EUR", Decimal("950.00")), client_id=ClientId(1))
    with world.db.write() as tx:
        ledger.record_invoices(tx, [late], NOW)
        ledger.record_import(tx, "ledger.csv", "0" * 64, 1, NOW)
    app = typer.Typer()
    room.register(app)
    # What builds a desk from a config has tests of its own, and takes a second each time.
    monkeypatch.setattr(
        "pipeline.app.build_desk", lambda config, clock: replace(world.desk, config=config, clock=clock)
    )

    def call(*words: str) -> Said:
        at = () if words[:2] == ("invoices", "payments") else ("--now", NOW.isoformat())
        words = (*words, "--config", str(tmp_path / "config.toml"), *at)
        result = CliRunner().invoke(app, words, env={"USER": "robin"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return Room(world, tmp_path, call)


def test_bad_rows_keep_a_file_out_until_the_good_ones_are_asked_for(desk: Room) -> None:
    """A file taken in part without a word, and one that nobody can take in part, are both a trap."""
    file = desk.file(HEAD + GOOD + BAD)
    refused = desk.call("invoices", "import", file)
    assert (refused.code, desk.numbers) == (2, ["R-7"])
    assert "line 3" in refused.err
    assert "--good-rows" in refused.err
    taken = desk.call("invoices", "import", file, "--good-rows")
    assert (taken.code, desk.numbers) == (65, ["R-7", "R-8"])
    assert "1 written" in taken.out


def test_of_a_file_of_no_known_layout_only_the_cause_is_told(desk: Room) -> None:
    """Counts of nothing above the cause read as if the file had been understood and were empty."""
    said = desk.call("invoices", "import", desk.file("Kunde;Betrag\nHafen;12,00\n"))
    assert (said.code, said.out) == (2, "")
    assert "no header row of a known format" in said.err
    assert "number, client_email, issued, due, total" in said.err
    assert "--mapping" in said.err


def test_a_program_reads_the_offer_too(desk: Room) -> None:
    """Whoever reads JSON sees no standard error; the offer would be lost on them."""
    file = desk.file(HEAD + GOOD + BAD)
    refused = desk.call("invoices", "import", file, "--json")
    assert (refused.code, refused.json["written"], refused.json["offered"]) == (2, 0, 1)
    assert [problem["line"] for problem in refused.json["problems"]] == [3]
    taken = desk.call("invoices", "import", file, "--json", "--good-rows")
    assert (taken.code, taken.json["written"], taken.json["offered"]) == (65, 1, 0)
    assert desk.call("invoices", "import", desk.file(HEAD + GOOD, "good.csv"), "--json").json["offered"] == 0


def test_a_good_file_ends_well_and_a_dry_run_writes_nothing(desk: Room) -> None:
    """Scripts go by the exit code; a dry run that writes is the opposite of one."""
    file = desk.file(HEAD + GOOD)
    assert desk.call("invoices", "import", file, "--dry-run").code == 0
    assert desk.numbers == ["R-7"]
    assert desk.call("invoices", "import", file).code == 0
    assert desk.numbers == ["R-7", "R-8"]


def test_payments_with_bad_rows_are_offered_the_same_way(desk: Room) -> None:
    """Half a bank statement must not be booked behind anybody's back."""
    file = desk.file("Invoice Number,Amount,Date\nR-7,100.00,2026-11-16\nR-99,5.00,2026-11-16\n")
    refused = desk.call("invoices", "import", file, "--json")
    assert (refused.code, refused.json["offered"], refused.json["written"]) == (2, 1, 0)
    assert desk.call("invoices", "payments", "--json").json["payments"] == []
    assert desk.call("invoices", "import", file, "--good-rows").code == 65
    (paid,) = desk.call("invoices", "payments", "--json").json["payments"]
    assert (paid["invoice"], paid["amount"], paid["source"], paid["by"]) == ("R-7", "100.00", "november.csv", "robin")


def test_a_payment_is_booked_shown_and_never_more_than_is_open(desk: Room) -> None:
    """A slip of a digit would make a debt of ours out of theirs."""
    with pytest.raises(UsageError, match=r"950\.00 EUR open, and 9500"):
        desk.call("invoices", "pay", "R-7", "--amount", "9500")
    assert desk.call("invoices", "payments", "--json").json["payments"] == []
    said = desk.call("invoices", "pay", "R-7", "--amount", "200", "--on", "2026-11-16", "--by", "kim")
    assert "750.00 EUR open" in said.out
    (paid,) = desk.call("invoices", "payments", "--client", "harbour", "--invoice", "R-7", "--json").json["payments"]
    assert (paid["amount"], paid["received_on"], paid["source"], paid["by"]) == (
        "200.00",
        "2026-11-16",
        "by hand",
        "kim",
    )
    assert "by hand" in desk.call("invoices", "payments").out
    with pytest.raises(UsageError, match="still to come"):
        desk.call("invoices", "pay", "R-7", "--on", "2030-01-01")


def chase(desk: Room) -> Any:
    """What the ladder says of Harbour Bakery."""
    (client,) = desk.call("chase", "--json").json["clients"]
    return client


def test_an_invoice_is_taken_off_the_ladder_and_put_back(desk: Room) -> None:
    """What the owner settled on the phone must stop the letters at once, with a name, and can be undone."""
    assert chase(desk)["step"] == "L1"
    said = desk.call("invoices", "set", "R-7", "--no-chase", "--why", "we spoke", "--by", "kim")
    assert "not chased" in said.out
    held = chase(desk)
    assert (held["step"], held["paused_reason"]) == ("none", "owner")
    assert "kim" in " ".join(held["because"])
    desk.call("invoices", "set", "R-7", "--chase", "--hold-until", "2026-11-27")
    assert "2026-11-27" in " ".join(chase(desk)["because"])
    desk.call("invoices", "set", "R-7", "--clear")
    assert chase(desk)["step"] == "L1"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "Nothing was said"),
        (("--profile", "ruthless"), "no ladder profile"),
        (("--hold-until", "friday"), "no day"),
        (("--minimum", "-5"), "less than nothing"),
    ],
)
def test_what_cannot_be_set_is_refused(desk: Room, words: tuple[str, ...], why: str) -> None:
    """A setting that is taken and does nothing is found out by the client."""
    with pytest.raises(UsageError, match=why):
        desk.call("invoices", "set", "R-7", *words)


def test_a_dispute_is_lifted_by_its_mail_and_held_again(desk: Room) -> None:
    """A settled dispute that keeps the invoice for good costs the money; a lift that cannot be taken back, the client."""
    body = "I do not accept invoice R-7. [invoice_dispute]"
    desk.world.box.add(mail(body=body, message_id="<9@harbour.example>", at=NOW - timedelta(hours=1)))
    run_once(desk.world.desk, RunOptions())
    (pause,) = chase(desk)["pauses"]
    assert (pause["reason"], pause["mail"]) == ("dispute", 1)
    assert "firmly invoices lift m1" in desk.call("chase").out
    assert "dispute" in desk.call("invoices", "lift", "m1", "--why", "agreed by phone").out
    assert chase(desk)["step"] == "L1"
    desk.call("invoices", "lift", "m1", "--again")
    assert chase(desk)["paused_reason"] == "dispute"
    with pytest.raises(UsageError, match="There is no mail m99"):
        desk.call("invoices", "lift", "m99")


def test_a_claim_counts_once_a_person_confirmed_its_figures(desk: Room) -> None:
    """Interest in a letter that nobody confirmed is invented; one that cannot be withdrawn is a trap."""
    (desk.place / "clients" / "harbour.toml").write_text(CLIENT_FILE)
    desk.call("invoices", "import", desk.file(HEAD + GOOD))  # reads the clients' files
    asked = desk.call("invoices", "claim", "harbour", "--json").json
    assert [(f["number"], f["fixed"], f["in_all"]) for f in asked["figures"]] == [("R-7", "25.00", "975.00")]
    assert (asked["confirmed_by"], claimed(desk)) == (None, None)
    assert "--confirm" in desk.call("invoices", "claim", "harbour").out
    assert "Confirmed by kim" in desk.call("invoices", "claim", "harbour", "--confirm", "--by", "kim").out
    assert claimed(desk) == "kim"
    assert chase(desk)["claim"]["by"] == "kim"
    desk.call("invoices", "claim", "harbour", "--withdraw")
    assert claimed(desk) is None


def claimed(desk: Room) -> str | None:
    """Who confirmed what a letter may name."""
    with desk.world.db.read() as tx:
        found = handwork.claim_of(tx, ClientId(1))
    return found.by if found else None


def test_a_mapping_that_is_not_there_is_named(desk: Room) -> None:
    """A traceback tells nobody that the path was wrong."""
    with pytest.raises(InputError, match=r"layout\.toml cannot be read"):
        desk.call("invoices", "import", desk.file(HEAD + GOOD), "--mapping", str(desk.place / "layout.toml"))
