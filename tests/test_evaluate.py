"""Gold cases and scorecards: the figures by which judges are compared."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.assessment import Assessment, Behaviour
from pipeline.domain.client import Context
from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.mail import Message
from pipeline.errors import BadAnswer, CredentialsError, FirmlyError, InputError, ModelUnavailable
from pipeline.evaluate import Consumption, load_cases, score_cases, scorecard_json
from pipeline.evaluate.cases import as_message

CASE = {
    "id": "c1",
    "lang": "en",
    "from_name": "Mia Holt",
    "subject": "The menu",
    "body": "Hello.\n\nOn Mon, Robin wrote:\n> Could you send it?",
    "tone": "neutral",
    "behaviours": [],
}


class ScriptedJudge:
    """Answers by subject; an error is raised."""

    name = "scripted"
    fingerprint = "f1"

    def __init__(self, answers: dict[str, Assessment | FirmlyError]) -> None:
        """Keep the script."""
        self.answers = answers

    def judge(self, message: Message, context: Context) -> Assessment:  # noqa: ARG002 the port has it
        """The answer for this subject."""
        answer = self.answers[message.subject]
        if isinstance(answer, FirmlyError):
            raise answer
        return answer


def said(*labels: str, unsure: tuple[str, ...] = (), tone: str = "neutral", intent: str | None = "other") -> Assessment:
    """An answer with these labels."""
    quote = UntrustedText("three words here")
    return Assessment(
        judge="scripted",
        language="en",
        tone=Label(tone),
        intent=Label(intent) if intent else None,
        behaviours=tuple(Behaviour(Label(label), 8, quote, sure=label not in unsure) for label in (*labels, *unsure)),
        needs_reply=True,
    )


def write(path: Path, *cases: dict[str, Any]) -> Path:
    """A file of cases, numbered by subject."""
    path.write_text("".join(json.dumps({**CASE, **case}) + "\n" for case in cases), encoding="utf-8")
    return path


def card_of(tmp_path: Path, *pairs: tuple[dict[str, Any], Assessment | FirmlyError]) -> dict[str, Any]:
    """The scorecard of these cases and answers."""
    numbered = [{**case, "id": f"c{n}", "subject": f"s{n}"} for n, (case, _) in enumerate(pairs)]
    judge = ScriptedJudge({f"s{n}": answer for n, (_, answer) in enumerate(pairs)})
    return scorecard_json(score_cases(load_cases(write(tmp_path / "g.jsonl", *numbered)), judge))


def test_counts_are_those_made_by_hand(tmp_path: Path) -> None:
    """A wrong count would crown the wrong prompt."""
    card = card_of(
        tmp_path,
        ({"behaviours": ["aggression", "distrust"]}, said("aggression")),
        ({"behaviours": ["distrust"]}, said("distrust", "scope_creep")),
        ({"behaviours": []}, said()),
        ({"behaviours": []}, said("distrust")),
    )
    behaviours = card["behaviours"]
    assert [behaviours["micro"][k] for k in ("precision", "recall", "f1")] == [0.5, 0.6667, 0.5714]
    assert behaviours["labels"]["aggression"]["f1"] == 1.0
    assert [behaviours["labels"]["distrust"][k] for k in ("precision", "recall")] == [0.5, 0.5]
    assert [behaviours["labels"]["scope_creep"][k] for k in ("precision", "recall")] == [0.0, None]
    assert behaviours["macro"]["f1"] == 0.75  # aggression 1, distrust 0.5; no case carries scope_creep
    assert [behaviours["ordinary"][k] for k in ("precision", "recall")] == [1.0, 0.5]
    low, high = behaviours["micro"]["ci95"]
    assert low < 0.5714 < high


def test_the_form_is_the_published_one(tmp_path: Path) -> None:
    """Scripts read these keys."""
    card = card_of(tmp_path, ({"behaviours": ["aggression"]}, said("aggression")))
    assert card["schema"] == "firmly.eval/1"
    assert {"cases", "judge", "model", "prompt", "behaviours", "tone", "intent", "usage"} <= card.keys()
    assert {"micro", "macro", "ordinary", "labels"} <= card["behaviours"].keys()
    assert card["behaviours"]["micro"].keys() == {"precision", "recall", "f1", "ci95"}
    assert json.loads(json.dumps(card)) == card


def test_the_same_answers_give_the_same_card(tmp_path: Path) -> None:
    """An interval that moves by itself hides whether a prompt got better."""
    pairs = [({"behaviours": ["aggression"]}, said("aggression" if n % 3 else "distrust")) for n in range(12)]
    first, second = card_of(tmp_path, *pairs), card_of(tmp_path, *pairs)
    assert first["behaviours"] == second["behaviours"]


def test_alternatives_count_neither_way(tmp_path: Path) -> None:
    """A label that can be defended would else punish the judge that sees it, and the one that does not."""
    alt = {
        "behaviours": ["distrust"],
        "alt": ["aggression", "hostile", "question"],
        "intent": "other",
        "tone": "frustrated",
    }
    with_it = card_of(tmp_path, (alt, said("distrust", "aggression", tone="hostile", intent="question")))
    without = card_of(tmp_path, (alt, said("distrust", tone="frustrated")))
    assert with_it["behaviours"]["micro"]["f1"] == without["behaviours"]["micro"]["f1"] == 1.0
    assert (with_it["tone"]["cases"], without["tone"]["accuracy"]) == (0, 1.0)
    ordinary = card_of(tmp_path, ({"alt": ["aggression"]}, said("aggression")))
    assert ordinary["behaviours"]["ordinary"]["recall"] == 1.0


def test_unsure_labels_are_not_given_but_reported(tmp_path: Path) -> None:
    """What a person is asked about is no accusation, and no find either."""
    card = card_of(
        tmp_path,
        ({"behaviours": ["distrust"]}, said(unsure=("distrust",))),
        ({"behaviours": []}, said(unsure=("aggression",))),
    )
    assert card["behaviours"]["labels"]["distrust"]["recall"] == 0.0
    assert card["behaviours"]["ordinary"]["recall"] == 1.0
    assert card["behaviours"]["unsure"] == {"labels": 2, "right": 1, "mails": 2}


@pytest.mark.parametrize("error", [BadAnswer("refused"), ModelUnavailable("down")])
def test_a_case_without_answer_is_wrong_and_named(tmp_path: Path, error: FirmlyError) -> None:
    """A judge that fails on the hard cases must not look better for it."""
    card = card_of(
        tmp_path,
        ({"behaviours": ["distrust"], "intent": "other"}, error),
        ({"behaviours": []}, error),
        ({"behaviours": [], "intent": "other"}, said()),
    )
    assert card["behaviours"]["micro"]["recall"] == 0.0
    assert card["behaviours"]["ordinary"]["recall"] == 0.5
    assert (card["tone"]["accuracy"], card["intent"]["accuracy"]) == (0.3333, 0.5)
    assert [failed["id"] for failed in card["failed"]] == ["c0", "c1"]


def test_refused_credentials_end_the_evaluation(tmp_path: Path) -> None:
    """A wrong key would else be reported as a bad model."""
    with pytest.raises(CredentialsError):
        card_of(tmp_path, ({}, CredentialsError("no")))


def test_order_and_workers_change_nothing(tmp_path: Path) -> None:
    """Answers that come back in another order would be scored against other cases."""
    path = write(
        tmp_path / "g.jsonl",
        *({"id": f"c{n}", "subject": f"s{n}", "behaviours": ["distrust"] * (n % 2)} for n in range(20)),
    )
    judge = ScriptedJudge({f"s{n}": said(*["distrust"] * (n % 2)) for n in range(20)})
    seen: list[tuple[int, int]] = []
    card = score_cases(load_cases(path), judge, workers=8, progress=lambda done, every: seen.append((done, every)))
    assert scorecard_json(card)["behaviours"]["micro"]["f1"] == 1.0
    assert seen[-1] == (20, 20)


def test_consumption_is_read_after_the_last_call(tmp_path: Path) -> None:
    """Costs read too early would be those of the run before."""
    done: list[int] = []

    def spent() -> Consumption:
        return Consumption(len(done), 900, 100, Decimal("0.0123"), "USD")

    cases = load_cases(write(tmp_path / "g.jsonl", {}))
    judge = ScriptedJudge({"The menu": said()})
    card = score_cases(cases, judge, consumption=spent, progress=lambda number, _all: done.append(number))
    usage = scorecard_json(card)["usage"]
    assert (usage["calls"], usage["tokens"], usage["cost"], usage["currency"]) == (1, 1000, "0.0123", "USD")


def test_a_case_reaches_the_judge_as_a_real_mail(tmp_path: Path) -> None:
    """Quoted history that is judged as new text would count our own words against the client."""
    path = write(
        tmp_path / "g.jsonl",
        {"from_name": 'Mia "M"\nHolt', "subject": "Ünï\nBcc: x", "sent_at": "2026-06-10T09:00:00+02:00"},
    )
    message = as_message(load_cases(path)[0])
    assert message.newest == "Hello."
    assert "Could you send it?" in message.quoted
    assert message.subject == "Ünï Bcc: x"
    assert message.sent_at is not None
    assert message.sent_at.utcoffset() is not None


def test_a_list_and_lines_are_read_alike_and_filtered(tmp_path: Path) -> None:
    """Both forms are documented; `--lang de` must not keep English cases."""
    cases = [{**CASE, "id": "a"}, {**CASE, "id": "b", "lang": "de-AT"}]
    listed = tmp_path / "g.json"
    listed.write_text(json.dumps(cases), encoding="utf-8")
    assert load_cases(listed) == load_cases(write(tmp_path / "g.jsonl", *cases))
    assert [case.id for case in load_cases(listed, lang="de")] == ["b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"id": "a"', "line 2, column"),
        ("3", "line 2: this is no JSON object"),
        (json.dumps({"id": "a", "lang": "en"}), "line 2: from_name, subject, body, tone, behaviours is missing"),
        (json.dumps({**CASE, "behaviours": "aggression"}), "line 2: behaviours must be a list"),
        (json.dumps({**CASE, "tone": 3}), "line 2: tone must be a string"),
        (json.dumps({**CASE, "needs_reply": "yes"}), "line 2: needs_reply must be a bool"),
        (json.dumps({**CASE, "sent_at": "yesterday"}), "line 2: sent_at is no ISO 8601"),
        (json.dumps({**CASE, "sent_at": "2026-06-10T09:00:00"}), "line 2: sent_at has no offset"),
        (json.dumps({**CASE, "id": "zero"}), "stands at"),
    ],
)
def test_a_bad_case_is_named_with_its_line(tmp_path: Path, content: str, words: str) -> None:
    """Nobody finds one bad line in five hundred by themselves."""
    path = tmp_path / "g.jsonl"
    path.write_text(json.dumps({**CASE, "id": "zero"}) + "\n" + content + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"g\.jsonl") as caught:
        load_cases(path)
    assert words in caught.value.message
    assert caught.value.fix


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    """A traceback is no help to somebody who mistyped a path."""
    with pytest.raises(InputError, match="cannot be read"):
        load_cases(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        load_cases(tmp_path / "latin.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InputError, match="holds no case"):
        load_cases(tmp_path / "empty.jsonl")
    with pytest.raises(InputError, match="language 'xx'"):
        load_cases(write(tmp_path / "g.jsonl", {}), lang="xx")
