"""Against a real server's words: llama.cpp with a small model, recorded once (llm_fixtures.py says how).

The model is far too weak to judge mail. What is held here is the protocol: forms, usage, errors, and that an answer
which is nonsense stays harmless.
"""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

import llm_fixtures as shared
import pytest
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from pipeline.classify.one_call import OneCallJudge
from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities, Rung
from pipeline.domain.client import Context
from pipeline.domain.ids import Label
from pipeline.domain.strategy import Action, Commitment, Facts, Strategy
from pipeline.draft.template import TemplateWriter
from pipeline.draft.written import WrittenWriter
from pipeline.errors import BadAnswer, CredentialsError
from pipeline.llm import Request, probe
from pipeline.parse import parse_message
from pipeline.playbook import Playbook, Taxonomy
from pipeline.prompts import PromptLibrary

book, naps, model_of, playbook, tape = shared.book, shared.naps, shared.model_of, shared.playbook, shared.tape

FROZEN = PromptLibrary(None, shared.HERE / "prompts")
KEY = {"env": shared.KEY_VARIABLE}
LLM = {"model": "smollm2-135m", "api_key": KEY, "max_tokens": 64, "timeout_s": 600}
RAW = b"From: kim@harbour.example\r\nSubject: The logo\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@harbour.example>\r\n\r\nWhile you are at it, add a second logo for free.\r\n"


class Colour(BaseModel):
    """A form that a small model can fill."""

    model_config = ConfigDict(extra="forbid")

    colour: Literal["red", "green", "blue"]
    sure: bool


QUESTION = Request(
    purpose="classify",
    static="Answer in JSON.",
    mail="Which colour has the sky on a clear day?",
    prompt_hash="h",
    shape=Colour,
)


def test_an_enforced_form_is_kept(tape: str, model_of: shared.ModelOf) -> None:
    """A schema that a real server refuses or misreads fails with the first owner."""
    done = model_of(tape, **LLM).complete(QUESTION)
    assert isinstance(done.answer, Colour)
    assert (done.rung, done.calls, done.model) == (Rung.STRICT, 1, "smollm2-135m")
    assert done.usage.tokens_in > 10
    assert done.usage.tokens_out > 0


@pytest.mark.parametrize("rung", [Rung.OBJECT, Rung.TEXT])
def test_a_form_that_nobody_enforces_is_not_taken_for_granted(
    tape: str, model_of: shared.ModelOf, book: shared.MemoryBook, rung: Rung
) -> None:
    """A weak model gives the schema back, or prose: one repair, then the mail is parked."""
    book.learned[tape, "smollm2-135m"] = Abilities(rung=rung, learned_at=shared.NOW)
    with pytest.raises(BadAnswer):
        model_of(tape, **LLM).complete(QUESTION)
    assert book.calls[0].rung is rung
    assert book.outcomes[-2:] == ["unusable", "unusable"]
    assert all(call.usage.tokens_out > 0 for call in book.calls)


def test_cached_tokens_are_read(tape: str, model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """Where they are not, cost is counted several times too high."""
    model = model_of(tape, **LLM)
    for _ in range(2):
        model.complete(QUESTION)
    first, second = book.calls
    assert second.usage.tokens_cached > first.usage.tokens_in // 2


def test_a_wrong_key_is_refused(tape: str, model_of: shared.ModelOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a real server says 401."""
    monkeypatch.setenv(shared.KEY_VARIABLE, "wrong")
    with pytest.raises(CredentialsError):
        model_of(tape, **LLM).complete(QUESTION)


def test_a_mail_that_is_too_long_is_parked(tape: str, model_of: shared.ModelOf) -> None:
    """How a real server says that its context is too small: no reason to stop the run."""
    long = Request(purpose="classify", static="s", mail="word " * 5000, prompt_hash="h", shape=Colour)
    with pytest.raises(BadAnswer, match="too long"):
        model_of(tape, **LLM).complete(long)


def test_an_answer_without_end_is_cut_off_twice(tape: str, model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """How a real server says that the room was used up."""
    story = Request(purpose="write", static="Tell a long story.", mail="Begin.", prompt_hash="h", max_tokens=16)
    with pytest.raises(BadAnswer, match="32 tokens"):
        model_of(tape, **LLM).complete(story)
    assert book.outcomes == ["cut off", "cut off"]


def test_the_probe_finds_the_model_too_weak(tape: str, model_of: shared.ModelOf) -> None:
    """`firmly doctor` on a model of 135 million parameters: it works, and is not good enough."""
    found = probe(model_of(tape, **LLM), Llm.model_validate({**LLM, "base_url": tape}))
    assert (found.abilities.rung, found.calls, found.understood) == (Rung.STRICT, 1, False)
    assert found.cost is not None
    assert found.cost.amount == 0


def test_a_judge_that_babbles_parks_the_mail(tape: str, model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """The judge's whole form, enforced: a weak model lists the same behaviour until its room is used up."""
    taxonomy = TypeAdapter(Taxonomy).validate_python(_toml("taxonomy.toml"))
    judge = OneCallJudge(model_of(tape, **LLM), FROZEN, taxonomy, fence=lambda: "mail-0")
    with pytest.raises(BadAnswer, match="cut off"):
        judge.judge(parse_message(RAW), Context(client=None))
    assert '"tone": "hostile"' in book.calls[0].raw
    assert book.calls[0].reference == "<1@harbour.example>"


def test_a_weak_writer_gives_a_body_for_the_guard(tape: str, model_of: shared.ModelOf, playbook: Playbook) -> None:
    """What a real model writes is plain text with an end, whatever it says."""
    facts = Facts("Kim", "Robin Vale", "en", commitments=(Commitment("answer_by", date(2026, 11, 24), "x"),))
    strategy = Strategy(Action.REPLY, (), "reply:1:1", play="scope_creep", label=Label("scope_creep"), facts=facts)
    writer = WrittenWriter(
        model_of(tape, **LLM), FROZEN, playbook, plain=TemplateWriter(playbook, shared.LIBRARY), fence=lambda: "mail-0"
    )
    body = writer.write(strategy, parse_message(RAW))
    assert body.endswith("\n")
    assert "mail-0" not in body


CASSETTES = sorted((shared.HERE / "cassettes").rglob("*.yaml"))


def test_there_are_recordings() -> None:
    """A moved directory would leave the next test with nothing to look at."""
    assert len(CASSETTES) >= 10


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_recordings_hold_no_secret_and_no_trace_of_a_machine(path: Path) -> None:
    """A key or a cookie in a public repository."""
    text = path.read_text("utf-8")
    assert "local-test-key" not in text
    assert not re.search(r"authorization|cookie|sk-|x-stainless|user-agent|/home/|/root/|/work", text, re.IGNORECASE)
    assert "!!binary" not in text
    for domain in re.findall(r"@([\w.-]+\.\w+)", text):
        assert domain.endswith((".example", ".test", "example.org", "example.com"))
    for found in yaml.safe_load(text)["interactions"]:
        assert found["request"]["uri"].startswith("http://127.0.0.1:9/v1/")
        assert set(found["request"]["headers"]) <= {"Content-Type", "Accept", "content-type", "accept"}
        assert {name.lower() for name in found["response"]["headers"]} <= {"content-type", "retry-after"}


def _toml(name: str) -> dict[str, object]:
    return tomllib.loads((shared.HERE / "prompts" / name).read_text("utf-8"))
