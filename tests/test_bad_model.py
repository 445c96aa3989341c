"""`firmly run` against an endpoint in trouble: what each trouble costs, and the sentence and exit code that cron sees."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from servers.scripted_endpoint import Answer, Body, Fault, ScriptedEndpoint, assessment, completion
from support.memory import NOW as WORLD_NOW
from support.memory import mail
from support.studio import GOOD, LETTER, NOW, judged_by, studio
from support.world import World, make_world, shared

from pipeline.classify.one_call import OneCallJudge
from pipeline.config.models import Llm
from pipeline.draft.written import WrittenWriter
from pipeline.llm import EndpointModel, Limits
from pipeline.review import waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.report import RunReport
from pipeline.store.llm_calls import CallBook

TWICE = "The model's answer cannot be used, and neither can the repaired one."
REFUSED = "The model refused to answer about this mail."


@pytest.mark.parametrize(
    ("answer", "code", "sentence"),
    [
        (completion("I think that Mia is nice."), 65, TWICE),
        (completion(""), 65, TWICE),
        (completion("Ich kann diese E-Mail leider nicht als JSON bewerten."), 65, TWICE),
        (completion(GOOD.replace("{", '{"mood": 3, ', 1)), 65, TWICE),
        (completion(GOOD.replace('"neutral"', '"furious"')), 65, TWICE),
        (completion(GOOD.replace(": 9", ": NaN")), 65, TWICE),
        (completion(GOOD.replace(": 9", ": 9.5")), 65, TWICE),
        (completion("x" * 1_000_000), 65, TWICE),
        (completion(GOOD[:-9], finish="length"), 65, "was cut off at"),
        (completion(None, refusal="I cannot help with that."), 65, REFUSED),
        (completion("", finish="content_filter"), 65, REFUSED),
        (Fault(401, {"error": {"message": "no such key"}}), 77, "The model endpoint refused the key (HTTP 401)."),
        (Fault(404, {"error": {"message": "no model m"}}), 78, "does not take our requests for the model m"),
        (Fault(200, b"<html>Hello</html>"), 78, "does not take our requests for the model m"),
        (Fault(429, b"", {"Retry-After": "3600"}), 75, "The model endpoint gave no answer (HTTP 429)."),
        (Fault(402, {"error": {"message": "pay"}}), 75, "no credit left"),
    ],
    ids=["prose", "empty", "another language", "extra key", "wrong enum", "NaN", "a fraction", "1 MB", "cut off", "refusal",
         "filter", "wrong key", "no model", "a website", "come back in an hour", "no credit"],
)  # fmt: skip
def test_what_cron_sees_of_a_bad_judge(tmp_path: Path, answer: Answer, code: int, sentence: str) -> None:
    """A mail that is judged by nonsense, or a trouble that exits with 0, is seen by nobody."""
    with studio(tmp_path, answer) as here:
        run = here.firmly("run", "--now", NOW)
        listed = here.firmly("queue", "list", "--json").json
    assert run.code == code
    assert listed["proposals"] == []
    said = [item["message"] for item in listed["attention"]] if code == 65 else [run.err]
    assert any(sentence in one for one in said), said
    assert len(listed["attention"]) == (1 if code == 65 else 0)


@pytest.mark.parametrize(
    "bad",
    [
        LETTER.replace("Mia", "[Client name]"),
        LETTER.replace("Shall I", "Invoice R-99 over 450.00 EUR is still open. Shall I"),
        LETTER.replace("Shall I", "I will refund what you have paid so far. Shall I"),
        LETTER.replace("Robin Example", "Alex Nobody"),
        completion(None, refusal="I cannot help with that."),
        completion("", finish="stop"),
        Fault(500, {"error": {"code": "insufficient_quota", "message": "none left"}}),
    ],
    ids=["placeholder", "invented invoice", "refund", "another name", "refusal", "empty", "no credit"],
)
def test_a_letter_that_must_not_leave_is_replaced_and_marked(tmp_path: Path, bad: Answer) -> None:
    """A promise that nobody made would stand in the queue, one key away from the client."""
    with studio(tmp_path, judged_by(GOOD, bad)) as here:
        run = here.firmly("run", "--now", NOW)
        (proposal,) = here.firmly("queue", "list", "--json").json["proposals"]
    assert run.code == (75 if isinstance(bad, Fault) else 0)
    assert proposal["author"] == "template"
    assert proposal["fallback_because"]
    assert "R-99" not in proposal["body"]
    assert "refund" not in proposal["body"]
    assert proposal["body"].rstrip().endswith("Robin Example")


def test_a_good_letter_is_the_models(tmp_path: Path) -> None:
    """The test above would pass with a writer that is never asked."""
    with studio(tmp_path, judged_by(GOOD, LETTER)) as here:
        assert here.firmly("run", "--now", NOW).code == 0
        (proposal,) = here.firmly("queue", "list", "--json").json["proposals"]
    assert (proposal["author"], proposal["fallback_because"]) == ("model", None)


@pytest.mark.parametrize(
    ("name", "before", "after", "sentence"),
    [
        ("classify.md", "{% if known -%}", "{% if known -%", "classify.md, line "),
        ("write.md", "{{ owner_name }}", "{{ owner_nam }}", "owner_nam"),
        ("plays/scope_creep.md", "{{ owner_name }}", "{{ owner_name }", "plays/scope_creep.md"),
        ("taxonomy.toml", "[[", "[[[", "taxonomy.toml"),
    ],
)
def test_a_template_with_a_mistake_is_named_by_file_and_nothing_is_sent(
    tmp_path: Path, name: str, before: str, after: str, sentence: str
) -> None:
    """A typo in a prompt must not send half a prompt, nor stop cron without a word."""
    shipped = Path(__file__).parents[1] / "prompts" / name
    with studio(tmp_path, GOOD, sections='prompts_dir = "prompts"') as here:
        own = here.place / "prompts" / name
        own.parent.mkdir(parents=True)
        own.write_text(shipped.read_text("utf-8").replace(before, after, 1), encoding="utf-8")
        run = here.firmly("run", "--now", NOW)
        checked = here.firmly("prompts", "check")
    assert run.code == checked.code == 78
    assert sentence in checked.err
    assert sentence in run.err


@dataclass(frozen=True)
class Asked:
    """A world, and the endpoint that it asks."""

    world: World
    endpoint: ScriptedEndpoint
    model: EndpointModel


@contextmanager
def endpoint_world(tmp_path: Path, script: Callable[[Body], Answer] | Answer, **limits: Any) -> Iterator[Asked]:
    """A world that judges by an endpoint without sleeping, and writes its calls into its own store."""
    with ScriptedEndpoint(script) as endpoint:
        world = make_world(tmp_path, run={"max_new": 500})
        library, playbook, _ = shared()
        model = EndpointModel(
            Llm(base_url=endpoint.base_url, model="m", in_flight=2),
            log=(book := CallBook(world.db)),
            memory=book,
            clock=world.desk.clock,
            limits=Limits(**limits),
            sleep=lambda _: None,
        )
        desk = replace(
            world.desk,
            judge=OneCallJudge(model, library, playbook.taxonomy),
            closers=(model.close, book.close, world.db.close),
        )
        world = replace(world, desk=desk)
        with closing(desk):
            yield Asked(world, endpoint, model)


def fill(world: World, count: int) -> None:
    """So many mails of one client, each in a thread of its own."""
    for number in range(count):
        world.box.add(
            mail(subject=f"Form {number}", body=f"Word {number} of [scope_creep].", message_id=f"<{number}@h.example>")
        )


def run_at(world: World, minutes: int) -> RunReport:
    """A run so many minutes after the first mail."""
    world.time[0] = WORLD_NOW + timedelta(minutes=minutes)
    return run_once(world.desk, RunOptions())


NOTHING = completion(json.dumps(assessment()))


def test_a_flood_stops_at_the_hours_limit_and_says_so(tmp_path: Path) -> None:
    """Ten thousand mails overnight are a bill of ten thousand calls."""
    with endpoint_world(tmp_path, NOTHING, hourly_calls=12) as asked:
        fill(asked.world, 36)
        first, second, third = (run_at(asked.world, minutes) for minutes in (0, 30, 61))
    assert (first.judged, first.calls, first.parked, int(first.exit_code)) == (12, 12, 0, 75)
    assert any("hourly limit" in sentence for sentence in first.troubles)
    assert (second.judged, third.judged) == (0, 12)
    assert len(asked.endpoint.requests) == 24


def test_one_mail_on_which_the_endpoint_fails_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """The oldest mail is asked about first: if it fails every time, no other mail would ever be judged."""

    def script(body: Body) -> Answer:
        return Fault(500, b"") if "Word 0 of" in body["messages"][1]["content"] else NOTHING

    with endpoint_world(tmp_path, script) as asked:
        fill(asked.world, 4)
        reports = [run_at(asked.world, 0), run_at(asked.world, 10)]
        asked.world.box.add(mail(body="A new word.", message_id="<new@h.example>"))
        reports += [run_at(asked.world, 20), run_at(asked.world, 30)]
        (item,) = waiting(asked.world.db).attention
    assert sum(report.judged for report in reports) == 4
    assert [int(report.exit_code) for report in reports] == [75, 75, 65, 0]
    assert "failed on this one 3 times" in item.message


def test_an_endpoint_that_fails_on_all_mails_parks_none(tmp_path: Path) -> None:
    """After an outage of a day every mail would lie on the owner's desk."""
    with endpoint_world(tmp_path, Fault(500, b"")) as asked:
        fill(asked.world, 3)
        reports = [run_at(asked.world, 10 * run) for run in range(6)]
        assert waiting(asked.world.db).attention == ()
    assert {int(report.exit_code) for report in reports} == {75}


def test_a_refused_key_costs_one_call_a_run_and_stops_no_letter(tmp_path: Path) -> None:
    """Every mail and every letter of a run knocking with a key that was refused gets it blocked."""
    with endpoint_world(tmp_path, Fault(401, {"error": {"message": "no"}})) as asked:
        world = asked.world
        library, playbook, _ = shared()
        writer = WrittenWriter(asked.model, library, playbook, plain=world.desk.plain)
        world = replace(world, desk=replace(world.desk, judge=world.judge, writer=writer))
        fill(world, 5)
        report = run_at(world, 0)
        drafts = [proposal.draft for proposal in waiting(world.db).proposals]
    assert (len(drafts), len(asked.endpoint.requests), int(report.exit_code)) == (5, 1, 77)
    assert all("refused the key" in str(draft.fallback_because) for draft in drafts)


def test_a_writer_whose_letters_are_never_used_is_left_alone(tmp_path: Path) -> None:
    """Two calls with their full room for every letter of a long queue, and not one of them would be kept."""
    with endpoint_world(tmp_path, completion(LETTER.replace("Mia", "[Client name]"))) as asked:
        world = asked.world
        library, playbook, _ = shared()
        writer = WrittenWriter(asked.model, library, playbook, plain=world.desk.plain)
        world = replace(world, desk=replace(world.desk, judge=world.judge, writer=writer))
        fill(world, 9)
        run_at(world, 0)
        drafts = [proposal.draft for proposal in waiting(world.db).proposals]
    assert len(drafts) == 9
    assert all(draft.fallback_because for draft in drafts)
    assert len(asked.endpoint.requests) == 2 * 5
