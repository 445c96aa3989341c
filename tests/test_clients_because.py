"""`firmly explain` for verdicts, signals and labels: rule, threshold, rows, what was asked and what it cost."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.cli.because import explain_because
from pipeline.domain.calls import ModelCall, Usage
from pipeline.domain.history import SignalName
from pipeline.domain.ids import ClientId, Label, MailId
from pipeline.domain.ledger import Money
from pipeline.errors import UsageError
from pipeline.mail.ports import Role
from pipeline.run.explaining import explain_label, explain_signal, explain_verdict
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.remember import confirm_label, state_boundary, strike_label
from pipeline.store import llm_calls

HARBOUR = ClientId(1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three questions of ours that nobody answered, one mail that asks for more, and what a call about it cost."""
    world = make_world(tmp_path, run={"first_days": 120})
    for number in (1, 2, 3):
        at = NOW - timedelta(days=20 + number)
        words = "Hello Mia,\n\ncould you send me the text for the page?\n\nRobin\n"
        raw = mail(OWNER, CLIENT, f"Text {number}", words, message_id=f"<{number}@studio.example>", at=at)
        world.box.add(raw, Role.SENT, at=at)
    creep = "While you are at it, please add a page. [scope_creep]\n"
    at = NOW - timedelta(days=30)
    world.box.add(mail(body=creep, message_id="<c@harbour.example>", subject="More", at=at), at=at)
    run_once(world.desk, RunOptions(deliver=False))
    with world.db.write() as tx:
        llm_calls.add_call(tx, call())
    return world


def call() -> ModelCall:
    """One call for the mail that asks for more."""
    return ModelCall(
        at=NOW,
        purpose="classify",
        reference="<c@harbour.example>",
        endpoint="http://localhost/v1",
        model="m",
        served_by="m-1",
        prompt_hash="abc",
        request_hash="r",
        rung=None,
        usage=Usage(1000, 50, 800),
        cost=Money("EUR", Decimal("0.0012")),
        latency_ms=400,
        outcome="used",
    )


def number_of_mail(world: World) -> MailId:
    """The mail that asks for more."""
    with world.db.read() as tx:
        return MailId(
            int(tx.exec_driver_sql("SELECT id FROM mails WHERE message_id = '<c@harbour.example>'").scalar_one())
        )


def said(world: World, named: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints."""
    explain_because(world.desk, named, as_json=False)
    return capsys.readouterr().out


def test_a_signal_names_its_rule_its_thresholds_and_its_rows(world: World) -> None:
    """Without the three mails nobody could check that they were questions; without the figures nobody could change them."""
    found = explain_signal(world.desk, HARBOUR, "unresponsive")
    assert found.thresholds == {"signals.unresponsive": {"requests": 3, "workdays": 10}}
    assert found.found is not None
    assert [row.message_id for row in found.found.evidence] == [f"<{n}@studio.example>" for n in (3, 2, 1)]


@pytest.mark.parametrize("name", list(SignalName))
def test_every_signal_can_be_explained_when_it_is_not_there(world: World, name: SignalName) -> None:
    """What it would take is asked as often as why it is there; a signal without a rule would be a bug on that day."""
    found = explain_signal(world.desk, HARBOUR, name)
    assert found.rule.endswith(".")
    assert f"signals.{name}" in found.thresholds


def test_a_verdict_names_the_setting_that_fired(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The path in playbook.toml is what an owner who disagrees has to find."""
    verdict = explain_verdict(world.desk, HARBOUR)
    paths = [(path, value) for _, path, value in verdict.thresholds]
    assert ("verdict.profiles.default.put_on_notice.unanswered_requests", 3) in paths
    assert [past.advice for past in verdict.past] == ["put_on_notice"]
    text = said(world, "verdict:harbour", capsys)
    assert "put_on_notice.unanswered_requests = 3" in text
    assert "<1@studio.example>" in text
    assert "it cost nothing" in text


def test_every_trigger_is_a_setting(world: World) -> None:
    """A trigger whose name is no setting could not be explained, nor changed."""
    number = number_of_mail(world)
    for label in ("scope_creep", "demeaning", "invoice_dispute", "legal_risk", "controlling"):
        confirm_label(world.db, world.desk.playbook.taxonomy, number, label, actor="robin", now=NOW)
    words, at = "Told her.", NOW - timedelta(days=40)
    state_boundary(world.db, HARBOUR, Label("demeaning"), words, at=at, actor="robin", now=NOW)
    verdict = explain_verdict(world.desk, HARBOUR)
    assert len(verdict.thresholds) == len(verdict.known.verdict.reasons) > 4
    assert verdict.counted["scope_creep"] == 1


def test_a_label_has_its_rule_its_quote_and_what_it_cost(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A label that cannot be held against its definition and its words is an opinion."""
    number = number_of_mail(world)
    text = said(world, f"m{number}/scope_creep", capsys)
    assert "what just is not" in text
    assert "9 of 10" in text
    assert "“While you are at it, please add a page" in text
    assert "nobody has confirmed it" in text
    assert "0.0012 EUR" in text
    assert "prompt abc" in text
    strike_label(world.db, world.desk.playbook.taxonomy, number, "scope_creep", actor="robin", now=NOW)
    decided = explain_label(world.desk, number, "scope_creep").decided
    assert decided is not None
    assert (decided.confirmed, decided.actor) == (False, "robin")


@pytest.mark.parametrize("named", ["verdict:Harbour", "signal:1/off_hours", "m1/scope_creep"])
def test_for_programs(world: World, capsys: pytest.CaptureFixture[str], named: str) -> None:
    """A name of a schema that is missing would break whoever reads it."""
    explain_because(world.desk, named, as_json=True)
    body = json.loads(capsys.readouterr().out)
    assert body["schema"].startswith("firmly.explain.")
    assert "calls" in body


@pytest.mark.parametrize("named", ["verdict:nobody", "signal:Harbour/rude", "m1/rude", "m99/scope_creep", "thing:1"])
def test_what_is_not_there_is_said(world: World, named: str) -> None:
    """A typing error must not end in a traceback."""
    with pytest.raises(UsageError):
        explain_because(world.desk, named, as_json=False)
