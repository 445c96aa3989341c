"""The whole road with a strong model: an endpoint that answers from labels that a person gave."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from servers.scripted_endpoint import ScriptedEndpoint, assessment, gold_answers
from sqlalchemy import text
from support.memory import NOW, mail
from support.world import World, make_world, shared

from pipeline.classify.one_call import OneCallJudge
from pipeline.config.models import Llm
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, Money
from pipeline.domain.proposal import Author, Proposal
from pipeline.draft.written import WrittenWriter
from pipeline.llm import EndpointModel
from pipeline.review import waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import ledger
from pipeline.store.llm_calls import CallBook

BEHAVIOURS = [rule.name for rule in shared()[1].taxonomy.behaviours]
HELD = {label for hold in shared()[1].holds.values() for label in hold.behaviours}


SENTENCES = {
    "en": "This is the {}th matter that I have to bring up with you today.",
    "de": "Das ist der {}. Punkt, den ich heute mit Ihnen besprechen muss.",
    "fr": "Voici le point numéro {} dont je dois vous parler aujourd'hui.",
    "es": "Este es el asunto número {} que tengo que tratar hoy con usted.",
    "tr": "Bugün sizinle konuşmam gereken {}. konu budur, bilginize.",
    "ar": "هذا هو الموضوع رقم {} الذي يجب أن أتحدث معكم عنه اليوم.",
}


def words(label: str, language: str = "en") -> str:
    """A mail that the endpoint knows by these words."""
    return SENTENCES[language].format(BEHAVIOURS.index(label))


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    """A strong model on loopback, which knows the mails of these tests by heart."""
    answers = {
        words(label, language): assessment(
            words(label, language),
            language=language,
            behaviours=[{"label": label, "confidence": 9, "quote": words(label, language), "source": None}],
            needs_reply=True,
        )
        for label in BEHAVIOURS
        for language in SENTENCES
    }
    with ScriptedEndpoint(gold_answers(answers)) as server:
        yield server


@pytest.fixture
def world(tmp_path: Path, endpoint: ScriptedEndpoint) -> Iterator[World]:
    """A world that judges and writes with the endpoint."""
    world = make_world(tmp_path, run={"max_new": 500})
    library, playbook, _ = shared()
    book = CallBook(world.db)
    model = EndpointModel(
        Llm(base_url=endpoint.base_url, model="strong"), log=book, memory=book, clock=world.desk.clock
    )
    writer = WrittenWriter(model, library, playbook, plain=world.desk.plain)
    judge = OneCallJudge(model, library, playbook.taxonomy)
    yield replace(world, desk=replace(world.desk, judge=judge, writer=writer, in_flight=4))
    model.close()


def overdue(world: World) -> None:
    """An invoice that is three weeks late."""
    invoice = Invoice(
        "R-17",
        "mia@harbour.example",
        date(2026, 10, 1),
        date(2026, 10, 27),
        Money("EUR", Decimal("1200.00")),
        client_id=ClientId(1),
    )
    with world.db.write() as tx:
        ledger.record_invoices(tx, [invoice], NOW)
        ledger.record_import(tx, "ledger.csv", "", 1, NOW)


def replies(world: World) -> dict[str, Proposal]:
    """What is proposed in answer to mail, by the subject of the mail."""
    return {p.addressing.subject.removeprefix("Re: "): p for p in waiting(world.db).proposals if p.mail_id is not None}


def test_every_behaviour_reaches_its_play_with_the_right_facts(world: World, endpoint: ScriptedEndpoint) -> None:
    """A label that nobody answers, or a letter with another client's figures, would show here."""
    overdue(world)
    for label in BEHAVIOURS:
        # what only a record can show is judged with the thread before it
        world.box.add(mail(subject=label, body="Here is the plan.", message_id=f"<a-{label}@harbour.example>"))
        world.box.add(
            mail(
                subject=label,
                body=words(label),
                message_id=f"<{label}@harbour.example>",
                in_reply_to=f"<a-{label}@harbour.example>",
            )
        )
    _with_ordinary(endpoint)
    run_once(world.desk, RunOptions())
    found = replies(world)
    playbook = shared()[1]
    assert {label: found[label].strategy.play for label in found} == {
        label: playbook.behaviours[label] for label in BEHAVIOURS if label not in HELD
    }
    assert sorted(item.kind for item in waiting(world.db).attention) == ["aggression", "legal"]
    for proposal in found.values():
        assert proposal.draft.author is Author.MODEL, proposal.draft.fallback_because
        assert not proposal.draft.blocked
        assert "Robin Example" in proposal.draft.body
    assert "R-17" in found["payment_delay"].draft.body


def test_one_call_a_mail_and_none_for_machines(world: World, endpoint: ScriptedEndpoint) -> None:
    """Twice the calls is twice the bill."""
    for label in BEHAVIOURS[:5]:
        world.box.add(mail(subject=label, body=words(label), message_id=f"<{label}@harbour.example>"))
    world.box.add(
        mail(message_id="<n@harbour.example>", headers={"List-Id": "<n.harbour.example>", "Precedence": "bulk"})
    )
    run_once(world.desk, RunOptions())
    judged = [body for body in endpoint.requests if "response_format" in body]
    assert len(judged) == 5
    assert len({body["messages"][0]["content"] for body in judged}) == 1
    with world.db.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM llm_calls WHERE purpose = 'classify'")).scalar_one() == 5


@pytest.mark.parametrize("language", [language for language in SENTENCES if language != "en"])
def test_every_reply_is_in_the_clients_language(world: World, endpoint: ScriptedEndpoint, language: str) -> None:
    """An English letter to a client who writes German says: I did not read you."""
    overdue(world)
    plays = shared()[1].plays
    answered = [label for label in BEHAVIOURS if label not in HELD and language in plays[label].languages]
    assert len(answered) >= 6
    _with_ordinary(endpoint)
    for label in answered:
        first = mail(subject=label, body="Here is the plan.", message_id=f"<a-{label}@harbour.example>")
        newest = mail(
            subject=label,
            body=words(label, language),
            message_id=f"<{label}@harbour.example>",
            in_reply_to=f"<a-{label}@harbour.example>",
        )
        world.box.add(first)
        world.box.add(newest)
    run_once(world.desk, RunOptions())
    found = replies(world)
    assert found.keys() == set(answered)
    for proposal in found.values():
        assert proposal.draft.author is Author.MODEL, proposal.draft.fallback_because
        assert proposal.draft.language == language
        assert not proposal.draft.blocked


def _with_ordinary(endpoint: ScriptedEndpoint) -> None:
    """Let the endpoint know the ordinary mails too."""
    known = endpoint.script
    ordinary = gold_answers({"Here is the plan.": assessment()})

    def script(body: dict[str, object]) -> object:
        newest = str(body["messages"][1]["content"]).rsplit(" newest>", 1)[-1]  # type: ignore[index]
        return (
            ordinary(body)
            if "response_format" in body and "Here is the plan." in newest.split("</")[0]
            else known(body)
        )

    endpoint.script = script  # type: ignore[assignment]
