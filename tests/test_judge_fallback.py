"""A model that is too weak to judge: the embedded judge in its place, said wherever it is shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from servers.scripted_endpoint import Fault, ScriptedEndpoint, completion
from support.memory import mail
from support.world import World, make_world, shared

from pipeline.app import judge_of
from pipeline.classify.fallback import MOST_IN_A_ROW, FallbackJudge
from pipeline.classify.one_call import OneCallJudge
from pipeline.classify.ports import Judge
from pipeline.config.models import Llm
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.ids import Label, MailId
from pipeline.domain.mail import Message
from pipeline.errors import AnswerRefused, BadAnswer, FirmlyError, ModelUnavailable
from pipeline.llm import EndpointModel
from pipeline.parse import parse_message
from pipeline.review import waiting
from pipeline.run.context import assessment_of
from pipeline.run.loop import RunOptions, run_once
from pipeline.store.llm_calls import CallBook

NOBODY = Context(client=None)
CREEP = "Quick one while you are in there: could you also add a booking form and a second landing page? It should not take long, so no need for a new quote, just squeeze it in for free."
MAIL = parse_message(mail(body=CREEP))


class Scripted:
    """A judge that says the next thing of its script."""

    fingerprint = "f1"

    def __init__(self, name: str, *script: FirmlyError | Assessment) -> None:
        """The last thing is said again and again."""
        self.name = name
        self.script = list(script)
        self.asked = 0

    def judge(self, message: Message, context: Context) -> Assessment:
        """Say it."""
        del message, context
        self.asked += 1
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, FirmlyError):
            raise said
        return said


def said(judge: str = "one_call/m", dropped: tuple[str, ...] = ()) -> Assessment:
    """An assessment without labels."""
    return Assessment(judge, "en", Label("neutral"), None, (), dropped=dropped)


UNUSABLE = BadAnswer("The model's answer cannot be used, and neither can the repaired one.")


def both(*script: FirmlyError | Assessment, now: list[float] | None = None) -> tuple[FallbackJudge, Scripted, Scripted]:
    """The two judges, and how they are asked."""
    first, second = Scripted("one_call/m", *script), Scripted("embedded", said("embedded/1"))
    clock = now or [0.0]
    return FallbackJudge(first, second, clock=lambda: clock[0]), first, second


def test_an_unusable_answer_is_judged_by_the_other_and_says_so() -> None:
    """Shown as the model's, a reviewer would trust or blame the wrong reader."""
    judge, _, _ = both(UNUSABLE)
    found = judge.judge(MAIL, NOBODY)
    assert found.judge == "embedded/1"
    assert (
        found.judged_by
        == "embedded/1, in the place of one_call/m: The model's answer cannot be used, and neither can the repaired one"
    )


def test_labels_without_any_word_in_the_mail_are_no_answer() -> None:
    """A weak model behind a server that enforces the form always answers in form, with words that nobody wrote."""
    judge, _, second = both(said(dropped=("aggression",)), said())
    assert judge.judge(MAIL, NOBODY).fallback_because is not None
    assert judge.judge(MAIL, NOBODY) == said()
    assert second.asked == 1


@pytest.mark.parametrize("error", [AnswerRefused("declined"), ModelUnavailable("down")], ids=["refusal", "down"])
def test_a_refusal_and_an_outage_are_nobodys_to_stand_in_for(error: FirmlyError) -> None:
    """The abusive mail that a filter refuses would be called neutral; an outage of an hour would split the record."""
    judge, _, second = both(error)
    with pytest.raises(type(error)):
        judge.judge(MAIL, NOBODY)
    assert second.asked == 0


def test_a_hopeless_model_is_left_alone_for_a_while() -> None:
    """Two hundred mails, each with its full room and a repair, for nothing."""
    now = [0.0]
    judge, first, second = both(UNUSABLE, now=now)
    found = [judge.judge(MAIL, NOBODY) for _ in range(20)]
    assert (first.asked, second.asked) == (MOST_IN_A_ROW, 20)
    assert "left alone" in str(found[-1].fallback_because)
    now[0] = 901.0
    judge.judge(MAIL, NOBODY)
    assert first.asked == MOST_IN_A_ROW + 1


def test_a_good_answer_in_between_counts() -> None:
    """Three bad answers in a whole day are no reason to stop asking."""
    judge, first, _ = both(UNUSABLE, UNUSABLE, said(), UNUSABLE, UNUSABLE, said())
    for _ in range(6):
        judge.judge(MAIL, NOBODY)
    assert first.asked == 6


def with_endpoint(tmp_path: Path, endpoint: ScriptedEndpoint, **judge: str) -> tuple[World, EndpointModel]:
    """A world that judges by an endpoint, put together as the config says."""
    world = make_world(tmp_path, judge=judge, llm={"base_url": endpoint.base_url, "model": "weak"})
    library, playbook, _ = shared()
    book = CallBook(world.db)
    model = EndpointModel(Llm(base_url=endpoint.base_url, model="weak"), log=book, memory=book, clock=world.desk.clock)
    built: Judge = judge_of(world.desk.config, playbook, library, model)
    return replace(world, desk=replace(world.desk, judge=built)), model


def test_the_config_chooses_between_a_person_and_the_embedded_judge(tmp_path: Path) -> None:
    """Without a word in the config a mail that no model can read must reach a person, not a guess."""
    with ScriptedEndpoint(completion("I think they are nice.")) as endpoint:
        world, model = with_endpoint(tmp_path, endpoint)
        world.box.add(mail(body=CREEP))
        report = run_once(world.desk, RunOptions())
        model.close()
    assert isinstance(world.desk.judge, OneCallJudge)
    assert (report.parked, report.judged, int(report.exit_code)) == (1, 0, 65)


def test_what_the_embedded_judge_made_of_it_is_marked_on_the_proposal(tmp_path: Path) -> None:
    """The person who approves must know that the configured model had no part in it."""
    with ScriptedEndpoint(completion("I think they are nice.")) as endpoint:
        world, model = with_endpoint(tmp_path, endpoint, fallback="embedded")
        world.box.add(mail(body=CREEP))
        report = run_once(world.desk, RunOptions())
        model.close()
    assert (report.parked, report.judged, int(report.exit_code)) == (0, 1, 0)
    (proposal,) = waiting(world.db).proposals
    assert any("in the place of one_call/weak" in warning for warning in proposal.warnings)
    with world.db.read() as tx:
        stored = assessment_of(tx, proposal.mail_id or MailId(0))
    assert stored is not None
    assert stored.judge.startswith("embedded")


def test_an_endpoint_that_is_down_keeps_the_mail_for_the_next_run(tmp_path: Path) -> None:
    """Judged by the other at every outage, the same thread would be read by two judges in turn."""
    with ScriptedEndpoint(Fault(402, {"error": {"message": "no credit"}})) as endpoint:
        world, model = with_endpoint(tmp_path, endpoint, fallback="embedded")
        world.box.add(mail(body=CREEP))
        report = run_once(world.desk, RunOptions())
        assert (report.parked, report.judged, int(report.exit_code)) == (0, 0, 75)
        model.close()
