"""A model behind an endpoint that does what endpoints do: refuse a form, think aloud, fail, stall, answer nonsense."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import llm_fixtures as shared
import pytest
from pydantic import BaseModel, ConfigDict
from servers.scripted_endpoint import Answer, Body, Fault, ScriptedEndpoint, completion, in_turn, refusal_of

from pipeline.domain.calls import Abilities, Rung
from pipeline.errors import BadAnswer, ConfigError, CredentialsError, FirmlyError, ModelUnavailable
from pipeline.llm import Completion, Request
from pipeline.llm.question import MOST_CALLS

book, naps, model_of = shared.book, shared.naps, shared.model_of


class Form(BaseModel):
    """A small form."""

    model_config = ConfigDict(extra="forbid")

    label: Literal["a", "b"]


GOOD = '{"label": "a"}'
QUESTION = Request(
    purpose="classify", static="STATIC", mail="MAIL", prompt_hash="h", shape=Form, reference="<1@x.test>"
)
LETTER = replace(QUESTION, shape=None, purpose="write")

Ask = Callable[..., tuple[Completion | FirmlyError, ScriptedEndpoint]]


@pytest.fixture
def ask(model_of: shared.ModelOf) -> Ask:
    """Asks one question of an endpoint that gives these answers in turn; gives the completion or the error."""

    def run(
        *answers: Answer, request: Request = QUESTION, **llm: object
    ) -> tuple[Completion | FirmlyError, ScriptedEndpoint]:
        with ScriptedEndpoint(in_turn(*answers)) as endpoint:
            model = model_of(endpoint.base_url, **llm)
            try:
                return model.complete(request), endpoint
            except FirmlyError as error:
                return error, endpoint
            finally:
                model.close()

    return run


def done(result: Completion | FirmlyError) -> Completion:
    """The completion, which there must be."""
    assert isinstance(result, Completion), result
    return result


def formats(endpoint: ScriptedEndpoint) -> list[str]:
    """The response format of each request."""
    return [body.get("response_format", {}).get("type", "text") for body in endpoint.requests]


# --- structured output in layers


def test_the_schema_goes_out_strict_and_the_static_part_first(ask: Ask, book: shared.MemoryBook) -> None:
    """Without strict the server enforces nothing; with the mail first no prefix is ever cached."""
    result, endpoint = ask(completion(GOOD))
    assert done(result).answer == Form(label="a")
    assert done(result).calls == 1
    sent = endpoint.requests[0]
    assert [m["content"] for m in sent["messages"]] == ["STATIC", "MAIL"]
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert book.outcomes == ["used"]


@pytest.mark.parametrize(
    ("refusals", "rung"),
    [
        ([refusal_of("response_format")], Rung.OBJECT),
        ([refusal_of("", "json_schema is not supported by this model")] * 2, Rung.TEXT),
        ([Fault(422, {"detail": [{"loc": ["body", "response_format"], "msg": "unexpected"}]})], Rung.OBJECT),
        ([Fault(400, b"bad request")], Rung.OBJECT),
        ([refusal_of("", "No endpoints found that support response_format", status=404)], Rung.OBJECT),
    ],
    ids=["param", "words, twice", "fastapi", "no reason", "gateway"],
)
def test_a_refused_format_is_replaced_by_the_next(ask: Ask, refusals: list[Fault], rung: Rung) -> None:
    """Owners of small servers would get nothing but errors."""
    result, endpoint = ask(*refusals, completion(GOOD))
    assert done(result).rung is rung
    assert done(result).answer == Form(label="a")
    system = endpoint.requests[-1]["messages"][0]["content"]
    assert system.startswith("STATIC")
    assert '"enum":["a","b"]' in system


def test_what_worked_is_remembered_from_run_to_run(model_of: shared.ModelOf) -> None:
    """A cron job would pay for the refusals again on every run."""
    script = in_turn(
        refusal_of("response_format"), refusal_of("max_tokens"), refusal_of("temperature"), completion(GOOD)
    )
    with ScriptedEndpoint(script) as endpoint:
        model_of(endpoint.base_url).complete(QUESTION)
        before = len(endpoint.requests)
        model_of(endpoint.base_url).complete(QUESTION)
    last = endpoint.requests[-1]
    assert (before, len(endpoint.requests)) == (4, 5)
    assert last["response_format"] == {"type": "json_object"}
    assert last["max_completion_tokens"] == 200
    assert "temperature" not in last
    assert "max_tokens" not in last


def test_what_was_refused_is_tried_again_after_a_month(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """A server that learned json_schema in an update would stay on the weakest form for ever."""
    with ScriptedEndpoint(completion(GOOD)) as endpoint:
        book.learned[endpoint.base_url, "m"] = Abilities(rung=Rung.TEXT, learned_at=shared.NOW - timedelta(days=31))
        assert model_of(endpoint.base_url).complete(QUESTION).rung is Rung.STRICT


def test_an_endpoint_that_ignores_the_format_gets_the_schema_in_words(
    model_of: shared.ModelOf, book: shared.MemoryBook
) -> None:
    """Ollama's cloud answers 200 with prose: without the schema in the prompt the repair cannot know the form."""
    with ScriptedEndpoint(in_turn(completion("They are angry."), completion(GOOD))) as endpoint:
        model = model_of(endpoint.base_url)
        assert model.complete(QUESTION).answer == Form(label="a")
        assert model.complete(QUESTION).calls == 1
    repair = endpoint.requests[1]["messages"]
    assert '"enum":["a","b"]' in repair[0]["content"]
    assert repair[2] == {"role": "assistant", "content": "They are angry."}
    assert "no JSON object" in repair[3]["content"]
    assert formats(endpoint) == ["json_schema", "json_object", "json_object"]
    assert book.outcomes == ["unusable", "used", "used"]


# --- answers that cannot be used


@pytest.mark.parametrize(
    "bad",
    [
        "Ich kann das nicht beurteilen.",
        "",
        '{"label": "c"}',
        '{"label": "a", "more": 1}',
        '{"label": NaN}',
        "x" * 1_000_000,
        json.dumps({"label": "a"})[:-3],
    ],
    ids=["prose", "empty", "enum", "extra key", "NaN", "1 MB", "half"],
)
def test_a_bad_answer_gets_one_repair_and_then_the_mail_is_parked(ask: Ask, book: shared.MemoryBook, bad: str) -> None:
    """An answer that is taken although it is wrong, or asked about for ever, costs a client or money."""
    result, endpoint = ask(completion(bad))
    assert isinstance(result, BadAnswer)
    assert len(endpoint.requests) == 2
    assert book.outcomes == ["unusable", "unusable"]
    repaired, _ = ask(completion(bad), completion(GOOD))
    assert done(repaired).answer == Form(label="a")
    assert sum(len(m["content"]) for m in endpoint.requests[1]["messages"]) < 10_000


@pytest.mark.parametrize(
    "answer",
    [
        completion(None, refusal="I can't help with that."),
        completion("", finish="content_filter"),
        Fault(400, {"error": {"code": "content_filter", "message": "The response was filtered", "param": "prompt"}}),
        Fault(403, {"error": {"code": 403, "message": "Your input was flagged by moderation"}}),
    ],
    ids=["refusal", "filtered answer", "filtered prompt", "gateway's moderation"],
)
def test_a_refusal_is_no_answer_and_is_not_repeated(ask: Ask, answer: Answer) -> None:
    """An abusive mail that a filter refuses must reach a person, not be called neutral."""
    result, endpoint = ask(answer)
    assert isinstance(result, BadAnswer)
    assert "refused" in result.message
    assert len(endpoint.requests) == 1


def test_an_answer_that_is_cut_off_gets_twice_the_room_once(ask: Ask, book: shared.MemoryBook) -> None:
    """Doubling for ever burns tokens; not doubling parks every mail of a model that thinks first."""
    result, endpoint = ask(completion('{"label":', finish="length"), completion(GOOD))
    assert done(result).answer == Form(label="a")
    assert [body["max_tokens"] for body in endpoint.requests] == [200, 400]
    assert next(iter(book.learned.values())).stretch == 2
    again, endpoint = ask(completion('{"label":', finish="length"))
    assert isinstance(again, BadAnswer)
    assert "400 tokens" in again.message
    assert len(endpoint.requests) == 2


def test_thoughts_without_an_answer_count_as_cut_off(ask: Ask) -> None:
    """A reasoning model that used all its room to think has not answered in an unusable way; it needs more room."""
    result, endpoint = ask(completion("", reasoning_content="Let me think."), completion(f"<think>so</think>{GOOD}"))
    assert done(result).answer == Form(label="a")
    assert endpoint.requests[1]["max_tokens"] == 400


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (refusal_of("max_tokens", "Use 'max_completion_tokens' instead."), "max_completion_tokens"),
        (refusal_of("temperature", "Only the default (1) value is supported."), "max_tokens"),
    ],
)
def test_refused_parameters_are_left_out_or_renamed(ask: Ask, refusal: Fault, expected: str) -> None:
    """Reasoning models refuse both; every mail would be parked for a setting."""
    result, endpoint = ask(refusal, completion(GOOD))
    assert done(result).rung is Rung.STRICT
    assert expected in endpoint.requests[1]
    assert ("temperature" in endpoint.requests[1]) is (expected != "max_tokens")


def test_a_letter_is_plain_text_without_reasoning(ask: Ask) -> None:
    """What the model thought about the client would stand in the draft."""
    result, endpoint = ask(completion("<think>he is rude</think>\nDear Ada,\n\nThank you."), request=LETTER)
    assert done(result).text == "Dear Ada,\n\nThank you."
    assert done(result).answer is None
    assert formats(endpoint) == ["text"]


def test_content_in_parts_is_read(ask: Ask) -> None:
    """Some gateways send content as a list; taking it for empty would park every mail."""
    parts = completion(None)
    parts["choices"][0]["message"]["content"] = [{"type": "text", "text": GOOD[:5]}, {"type": "text", "text": GOOD[5:]}]
    assert done(ask(parts)[0]).answer == Form(label="a")


# --- failures


BUSY = Fault(429, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, {"Retry-After": "7"})
FAILING = Fault(503, b"<html>down</html>")


def test_a_busy_endpoint_is_asked_again_when_it_says(ask: Ask, naps: shared.Naps, book: shared.MemoryBook) -> None:
    """Asking earlier than Retry-After gets keys blocked."""
    result, _ = ask(BUSY, FAILING, completion(GOOD))
    assert done(result).calls == 3
    assert naps.seconds[0] == 7.0
    assert 0 <= naps.seconds[1] <= 20
    assert book.outcomes == ["HTTP 429", "HTTP 503", "used"]


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        (FAILING, 4),
        (Fault(408), 4),
        (Fault(drop=True), 4),
        (Fault(429, {"error": {"code": "insufficient_quota", "message": "no credit"}}), 1),
        (Fault(402, {"error": {"message": "Insufficient credits", "code": 402}}), 1),
        (Fault(429, b"", {"Retry-After": "300"}), 1),
        (Fault(200, {"error": {"message": "upstream failed", "code": 502}}), 4),
        (completion(None, finish="error"), 4),
    ],
    ids=["503", "408", "dropped", "no quota", "no credit", "come back in 5 min", "error in 200", "finish error"],
)
def test_a_failing_endpoint_leaves_the_mail_for_the_next_run(ask: Ask, answer: Answer, calls: int) -> None:
    """Hammering a server that has said no, or parking mail because of an outage."""
    result, endpoint = ask(answer)
    assert isinstance(result, ModelUnavailable)
    assert len(endpoint.requests) == calls


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Fault(401, {"error": {"message": "bad key sk-123"}}), CredentialsError),
        (Fault(403, {"error": {"message": "not your project"}}), CredentialsError),
        (Fault(404, {"error": {"message": "model m does not exist", "code": "model_not_found"}}), ConfigError),
        (Fault(307, b"", {"Location": "http://127.0.0.1:9/v1/chat/completions"}), ConfigError),
        (Fault(200, b"<html>Welcome</html>"), ConfigError),
        (Fault(200, {"ok": True}), ConfigError),
        (Fault(400, {"error": {"message": "unknown service tier"}}), ConfigError),
        (Fault(413), BadAnswer),
        (
            Fault(400, {"error": {"message": "maximum context length is 4096", "code": "context_length_exceeded"}}),
            BadAnswer,
        ),
    ],
    ids=["401", "403", "no model", "redirect", "html", "other json", "400 to all", "413", "too long"],
)
def test_each_failure_has_its_name(ask: Ask, answer: Answer, error: type[FirmlyError]) -> None:
    """A wrong key that looks like an outage is retried by cron for weeks."""
    result, _ = ask(answer)
    assert type(result) is error
    assert "sk-123" not in result.message + result.fix


def test_a_refused_mail_is_not_taken_for_a_wrong_config(model_of: shared.ModelOf) -> None:
    """One odd mail must not stop the run once the endpoint has shown that it works."""
    with ScriptedEndpoint(in_turn(completion(GOOD), Fault(400, b"odd"))) as endpoint:
        model = model_of(endpoint.base_url)
        model.complete(QUESTION)
        with pytest.raises(BadAnswer):
            model.complete(QUESTION)


def test_nobody_there(model_of: shared.ModelOf, naps: shared.Naps) -> None:
    """A server that is not running is an outage, with its fix, after four tries."""
    with ScriptedEndpoint(GOOD) as endpoint:
        gone = endpoint.base_url
    with pytest.raises(ModelUnavailable, match="no connection"):
        model_of(gone).complete(QUESTION)
    assert len(naps.seconds) == 3


@pytest.mark.parametrize("drip_s", [0.0, 0.02], ids=["silent", "a byte now and then"])
def test_a_hanging_endpoint_is_left(model_of: shared.ModelOf, drip_s: float) -> None:
    """A read timeout alone never ends a response that drips: cron jobs would pile up."""
    release = threading.Event()

    def hang(_: Body) -> Answer:
        if not drip_s:
            release.wait(5)
        return Fault(200, completion("x" * 2000), drip_s=drip_s)

    with ScriptedEndpoint(hang) as endpoint:
        started = time.monotonic()
        with pytest.raises(ModelUnavailable, match="timeout"):
            model_of(endpoint.base_url, timeout_s=0.15).complete(QUESTION)
        release.set()
    assert time.monotonic() - started < 4


def test_one_question_never_costs_more_than_its_share(ask: Ask) -> None:
    """Retries, doubling and repair multiply: an endpoint in trouble would be asked a dozen times for one mail."""
    half = completion('{"label":', finish="length")
    result, endpoint = ask(FAILING, FAILING, half, FAILING, FAILING, completion("prose"), FAILING)
    assert type(result) is BadAnswer
    assert len(endpoint.requests) == MOST_CALLS


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Fault(401, {"error": {"message": "bad key"}}), CredentialsError),
        (Fault(429, {"error": {"code": "insufficient_quota", "message": "no credit"}}), ModelUnavailable),
        (Fault(429, b"", {"Retry-After": "300"}), ModelUnavailable),
    ],
    ids=["wrong key", "no credit", "come back in 5 min"],
)
def test_an_endpoint_that_said_not_now_is_not_asked_again(
    model_of: shared.ModelOf, answer: Fault, error: type[FirmlyError]
) -> None:
    """Forty letters of one run would knock forty times with a key that was refused, and get it blocked."""
    with ScriptedEndpoint(in_turn(answer, completion(GOOD))) as endpoint:
        model = model_of(endpoint.base_url)
        for _ in range(3):
            with pytest.raises(error):
                model.complete(QUESTION)
        assert len(endpoint.requests) == 1
        assert model.complete(replace(QUESTION, model="another")).answer == Form(label="a")


def test_an_endpoint_that_keeps_failing_is_left_alone(model_of: shared.ModelOf) -> None:
    """200 mails times 4 tries against a dead server is a run of an hour for nothing."""
    with ScriptedEndpoint(FAILING) as endpoint:
        model = model_of(endpoint.base_url)
        for _ in range(20):
            with pytest.raises(ModelUnavailable):
                model.complete(QUESTION)
    assert len(endpoint.requests) == 10


# --- what is written down, and what leaves


def test_every_call_is_written_down_before_it_is_looked_at(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """A crash while parsing would lose what was paid for and what was said."""
    seen: list[str] = []
    concluded = book.conclude

    def conclude(call_id: int, outcome: str) -> None:
        seen.append(book.calls[call_id].outcome)
        concluded(call_id, outcome)

    book.conclude = conclude  # type: ignore[method-assign]
    with ScriptedEndpoint(in_turn(completion("prose"), completion(GOOD))) as endpoint:
        completed = model_of(endpoint.base_url, price={"input": 1.0, "output": 10.0, "cached_input": 0.1}).complete(
            QUESTION
        )
    assert seen == ["answered", "answered"]
    first = book.calls[0]
    assert (first.raw, first.reference, first.served_by) == ("prose", "<1@x.test>", "scripted-1")
    assert (completed.usage.tokens_in, completed.usage.tokens_out, completed.usage.tokens_cached) == (2000, 200, 1600)
    # Twice: 200 fresh at 1, 800 cached at 0.1, 100 out at 10, per million.
    assert completed.cost is not None
    assert str(completed.cost.amount) == "0.00256"


def test_what_must_not_leave_comes_back_in_the_answer(model_of: shared.ModelOf) -> None:
    """An account number sent to a provider; or a quote with a placeholder, which is in no mail."""

    class Quoting(BaseModel):
        quote: str

    mail = "Please pay to DE89 3704 0044 0532 0130 00, the card 4111 1111 1111 1111 is blocked. Password: hunter22!"
    echo = lambda body: completion(json.dumps({"quote": body["messages"][1]["content"]}))  # noqa: E731 one line says it
    with ScriptedEndpoint(echo) as endpoint:
        kept = model_of(endpoint.base_url, redact="always").complete(replace(QUESTION, mail=mail, shape=Quoting))
        model_of(endpoint.base_url).complete(replace(QUESTION, mail=mail, shape=Quoting))
    left, local = (body["messages"][1]["content"] for body in endpoint.requests)
    assert left == "Please pay to [IBAN_1], the card [CARD_1] is blocked. Password: [SECRET_1]"
    assert local == mail, "an endpoint on this machine sees the mail as it is"
    assert kept.answer == Quoting(quote=mail)


def test_what_would_leave_can_be_seen_without_sending(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """An owner who asks what is sent to a provider must see the redacted text, and pay nothing for asking."""
    model = model_of("https://llm.example/v1")
    body = model.outgoing(replace(QUESTION, mail="IBAN DE89 3704 0044 0532 0130 00"))
    system, user = body["messages"]
    assert body["response_format"]["type"] == "json_schema"
    assert (system["content"], user["content"]) == ("STATIC", "IBAN [IBAN_1]")
    assert book.calls == []


def test_calls_side_by_side_share_one_model(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """A run judges several mails at once; answers must not be mixed up, and no more than `in_flight` be open."""
    lock, now, most = threading.Lock(), [0], [0]

    def script(body: Body) -> Answer:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.005)
        with lock:
            now[0] -= 1
        return completion(body["messages"][1]["content"])

    with ScriptedEndpoint(script) as endpoint:
        model = model_of(endpoint.base_url, in_flight=3)
        with ThreadPoolExecutor(12) as pool:
            texts = [f"letter {n}" for n in range(40)]
            answers = list(pool.map(lambda text: model.complete(replace(LETTER, mail=text)).text, texts))
    assert answers == texts
    assert most[0] == 3
    assert book.outcomes == ["used"] * 40


@pytest.mark.parametrize(
    "url", ["ftp://x.test/v1", "api.openai.com/v1", "http://", "https://me:pw@x.test/v1", "http://[::1"]
)
def test_an_address_that_is_none_is_said_before_anything_is_sent(model_of: shared.ModelOf, url: str) -> None:
    """A key in the address would end up in logs; a typing mistake in a confusing outage."""
    with pytest.raises(ConfigError) as error:
        model_of(url)
    assert "pw" not in error.value.message


def test_the_key_is_sent_and_never_shown(
    model_of: shared.ModelOf, book: shared.MemoryBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in the log of calls would be in every backup."""
    monkeypatch.setenv("THE_KEY", "sk-canary")
    with ScriptedEndpoint(completion(GOOD)) as endpoint:
        model = model_of(endpoint.base_url, api_key={"env": "THE_KEY"})
        model.complete(QUESTION)
    assert endpoint.headers[0]["authorization"] == "Bearer sk-canary"
    assert "sk-canary" not in repr(book.calls)
    assert "sk-canary" not in repr(model)
