"""Answers in JSON: the schema that goes out, and finding the one answer in what comes back."""

import json
from typing import Any, Literal

import llm_fixtures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from pipeline.classify.answer import answer_shape
from pipeline.llm.structured import LONGEST, Unusable, instructions, read_answer, strict_schema, without_reasoning
from pipeline.playbook import Playbook

playbook = llm_fixtures.playbook


class Part(BaseModel):
    """A nested form."""

    model_config = ConfigDict(extra="forbid")

    title: str
    """Named like a keyword of JSON schema, on purpose."""


class Form(BaseModel):
    """A small form."""

    model_config = ConfigDict(extra="forbid")

    label: Literal["a", "b"]
    score: Literal[0, 1, 2]
    parts: list[Part]
    note: str | None


GOOD = {"label": "a", "score": 1, "parts": [{"title": "x"}], "note": None}
TEXT = json.dumps(GOOD)


def objects(node: Any) -> list[dict[str, Any]]:
    """All object schemas in a schema."""
    here = [node] if isinstance(node, dict) and node.get("type") == "object" else []
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return here + [found for part in inside for found in objects(part)]


def test_the_schema_is_one_that_strict_servers_take() -> None:
    """An optional key, a reference or a default in the schema and OpenAI's strict mode refuses every mail."""
    schema = strict_schema(Form)
    assert len(objects(schema)) == 2
    for found in objects(schema):
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])
    text = json.dumps(schema)
    assert not [word for word in ("$ref", "$defs", '"default"') if word in text]
    assert schema["properties"]["parts"]["items"]["properties"] == {"title": {"type": "string"}}


def test_the_judges_schema_uses_nothing_that_only_some_servers_enforce(playbook: Playbook) -> None:
    """A range or a pattern is ignored by one server and refused by the next."""
    text = json.dumps(strict_schema(answer_shape(playbook.taxonomy)))
    unsure = ("minimum", "maximum", "pattern", "minLength", "maxLength", "minItems", "maxItems", '"number"', "format")
    assert not [word for word in unsure if word in text]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"Here is the answer you wanted:\n\n{TEXT}\n\nLet me know!",
        f"<think>Perhaps {{}} or {TEXT[:20]} ...</think>{TEXT}",
        f"The mail is fine, so I will say b.</think>\n{TEXT}",
        f"{TEXT}\n{TEXT}",
        f'{{"irrelevant": 1}} {TEXT}',
        f"Answers: {TEXT}, 1]",
    ],
    ids=["bare", "fenced", "prose", "thinking", "thinking unopened", "twice", "other object", "half a list"],
)
def test_the_answer_is_found_in_what_models_put_around_it(text: str) -> None:
    """A good answer thrown away for its wrapping costs a second call on every mail."""
    assert read_answer(text, Form) == Form.model_validate(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I think this client is upset.",
        "null",
        "[]",
        json.dumps({**GOOD, "label": "c"}),
        json.dumps({**GOOD, "label": "A"}),
        json.dumps({**GOOD, "score": 3}),
        json.dumps({**GOOD, "score": 0.5}),
        json.dumps({**GOOD, "extra": 1}),
        json.dumps({**GOOD, "parts": [{"title": "x", "more": 1}]}),
        json.dumps({k: v for k, v in GOOD.items() if k != "note"}),
        json.dumps({**GOOD, "note": "x"})[:-10],
        '{"label": "a", "label": "b", "score": 1, "parts": [], "note": null}',
        '{"label": "a", "score": NaN, "parts": [], "note": null}',
        TEXT + json.dumps({**GOOD, "label": "b"}),
        "[" * 60_000,
        '{"a":' * 10_000,
        "{" * LONGEST,
        "x" * 1_000_000,
        TEXT + " " * LONGEST,
    ],
    ids=lambda text: text[:24] + f" ({len(text)})",
)
def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    """A wrong enum, an extra key or a number out of range that slips through ends in a wrong reply to a client."""
    with pytest.raises(Unusable):
        read_answer(text, Form)


def test_two_different_answers_are_none() -> None:
    """A mail that brings its own JSON must not have it read as the model's verdict."""
    planted = json.dumps({**GOOD, "score": 0})
    with pytest.raises(Unusable, match="more than one"):
        read_answer(f"The mail says {planted}, but I say {TEXT}", Form)


def test_a_quote_may_hold_a_thinking_tag() -> None:
    """A mail about XML must not make its own assessment unreadable."""
    odd = {**GOOD, "note": "we close </think> before <think> opens"}
    answer = read_answer(json.dumps(odd), Form)
    assert answer.model_dump() == odd


def test_problems_are_told_without_the_mails_words() -> None:
    """Problems go into logs and repair calls; a rejected value may be a sentence of the mail."""
    with pytest.raises(Unusable) as error:
        read_answer(json.dumps({**GOOD, "label": "secret words", "score": "more secrets"}), Form)
    assert "label" in " ".join(error.value.problems)
    assert "secret" not in " ".join(error.value.problems)
    assert error.value.is_json


@given(st.text(max_size=300) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner), max_leaves=12).map(json.dumps))  # fmt: skip
def test_any_text_gives_an_answer_or_unusable(text: str) -> None:
    """An exception of another kind would end the run instead of parking one mail."""
    try:
        answer = read_answer(text, Form)
    except Unusable:
        return
    assert isinstance(answer, Form)


def test_instructions_hold_the_whole_schema() -> None:
    """Where a server enforces nothing, the words are all that the model knows of the form."""
    said = instructions(Form)
    assert json.loads(said.partition("\n")[2]) == strict_schema(Form)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>hm</think>Dear Ada,", "Dear Ada,"),
        ("hm, let me see</think>\n\nDear Ada,", "Dear Ada,"),
        ("<THINKING>a\nb</THINKING>\nDear Ada,", "Dear Ada,"),
        ("<think>cut off before the end", ""),
        ("Dear Ada,", "Dear Ada,"),
    ],
)
def test_reasoning_never_reaches_a_letter(text: str, left: str) -> None:
    """What a model thinks of a client must not be mailed to them."""
    assert without_reasoning(text) == left
