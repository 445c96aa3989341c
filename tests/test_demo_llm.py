"""`firmly demo --llm` against a strong model that answers by heart, against a weak one, and against none."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.scripted_endpoint import Answer, Body, Fault, ScriptedEndpoint, assessment, completion
from support import demo

OWNER = (
    '[owner]\nname = "Robin"\nemail = "robin@studio.example"\n[[accounts]]\nkind = "folder"\nid = "a"\npath = "mail"\n'
)


def walk(home: Path, script: Callable[[Body], Answer] | Answer, extra: str = "") -> demo.Answer:
    """Run it with a config that names this endpoint."""
    with ScriptedEndpoint(script) as endpoint:
        llm = f'[llm]\nbase_url = "{endpoint.base_url}"\nmodel = "m"\n'
        (home / "config.toml").write_text(OWNER + llm + extra, encoding="utf-8")
        return demo.firmly("demo", "--llm", "--config", "config.toml", home=home)


def figures(printed: str) -> dict[str, str]:
    """What is told of the endpoint at the end, line by line."""
    lines = printed.partition("▸ What the endpoint did.")[2].split("\n\n")[0].splitlines()
    return {name.strip(): said.strip() for name, _, said in (line.partition(":") for line in lines if ":" in line)}


def probe_or(answer: Callable[[Body], Answer]) -> Callable[[Body], Answer]:
    """Answers the doctor's question rightly."""

    def script(body: Body) -> Answer:
        if "invoice 17" in body["messages"][1]["content"]:
            return completion(json.dumps({"language": "en", "topic": "billing", "confidence": 10}))
        return answer(body)

    return script


PLAIN = re.compile(
    r"as a measure of content and length[^\n]*\n(?P<letter>.*?)\n(?:Replies that the owner|The client's mail:|An earlier attempt|Answer with)",
    re.DOTALL,
)


def strong(body: Body) -> Answer:
    """Sees scope creep in each mail, quotes its first words, and writes the plain letter that it was shown."""
    text = body["messages"][1]["content"]
    if "Answer with the JSON object." not in text:
        found = PLAIN.search(text)
        return completion(found["letter"].strip() if found else "")
    newest = text[: text.rindex("</mail-")].rpartition(" newest>")[2]
    quote = " ".join(newest.split("\n\n", 1)[1].split()[:6])
    creep = {"label": "scope_creep", "confidence": 9, "quote": quote, "source": None}
    return completion(json.dumps(assessment(quote, behaviours=[creep], needs_reply=True)))


def test_a_strong_model_judges_and_writes_all_of_it(tmp_path: Path) -> None:
    """The demo would end with templates everywhere, and nobody would see what a model is good for."""
    answer = walk(tmp_path, probe_or(strong))
    assert answer.code == 0, answer.err
    told = figures(answer.out)
    assert told["judge"].endswith(" 0 by the embedded judge in its place, 0 parked")
    assert re.match(r"[1-9]\d* letters by the model, ", told["writer"])
    assert "0 unusable, 0 cut off, 0 refused" in told["answers"]
    assert "json_schema" in told["asked by"]
    assert told["repair calls"] == "0, of which 0 helped"


def test_a_weak_model_leaves_a_queue_of_sound_letters(tmp_path: Path) -> None:
    """A model that answers nonsense must cost a few calls, and the mails still be judged and answered."""
    answer = walk(tmp_path, completion("I am a small model and I like mail [your name]."))
    assert answer.code == 0, answer.err
    told = figures(answer.out)
    assert told["judge"].startswith("0 mails by the model, ")
    assert told["judge"].endswith(", 0 parked")
    assert told["writer"].startswith("0 letters by the model, ")
    assert int(re.findall(r"\d+", told["writer"])[1]) >= 5
    assert int(re.findall(r"\d+", told["calls"])[0]) <= 1 + 3 * 2 + 5 * 2 + 4
    assert "▸ firmly queue approve" in answer.out
    assert "The model gave no usable answer to a simple question." in answer.out
    assert "is judged by the embedded judge, and marked" in answer.out


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault(401, {"error": {"message": "no"}}), 77), (Fault(404, {"error": {"message": "no"}}), 78)]
)
def test_an_endpoint_that_does_not_work_ends_the_demo_at_once(tmp_path: Path, fault: Fault, code: int) -> None:
    """Five minutes of walking towards an empty queue, with the reason far above on the screen."""
    answer = walk(tmp_path, fault)
    assert answer.code == code
    assert "firmly backfill" not in answer.out


def test_the_configs_own_word_on_fallback_holds(tmp_path: Path) -> None:
    """Who asked for parked mail gets parked mail, in the demo too."""
    script = probe_or(lambda _: completion("I am a small model."))
    answer = walk(tmp_path, script, '[judge]\nfallback = "park"\n')
    assert "marked ([judge]" not in answer.out
    assert not figures(answer.out).get("judge", "").endswith(" 0 parked")
