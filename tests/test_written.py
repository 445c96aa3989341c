"""The writer with an endpoint: what it tells the model, and what of an answer is a letter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import llm_fixtures as shared
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.scripted_endpoint import ScriptedEndpoint, completion, gold_answers

from pipeline.domain.assessment import Ask
from pipeline.domain.calls import Usage
from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Author, Finding, Severity
from pipeline.domain.strategy import Action, Commitment, Facts, InvoiceFact, Record, Stance, Strategy
from pipeline.draft.body import body_of
from pipeline.draft.template import TemplateWriter
from pipeline.draft.written import WrittenWriter
from pipeline.errors import BadAnswer
from pipeline.guard import brief_for, inspect_draft, load_guard_words
from pipeline.llm import Completion, Request
from pipeline.parse import parse_message
from pipeline.playbook import Playbook

book, naps, model_of, playbook = shared.book, shared.naps, shared.model_of, shared.playbook

LETTER = "Dear Kim,\n\nThank you for your message.\n\nKind regards,\nRobin Vale"
INVOICE = InvoiceFact(
    "R-17", date(2026, 10, 1), date(2026, 10, 31), Money("EUR", Decimal(1200)), Money("EUR", Decimal(900)), 20
)
FACTS = Facts(
    greeting_name="Kim",
    owner_name="Robin Vale",
    language="en",
    client_name="Harbour Ltd",
    project="Menu page",
    scope=("three pages", "one logo"),
    revision_rounds=2,
    rounds_left=1,
    update_days="Tuesday and Friday",
    asks=(Ask(UntrustedText("a daily log"), UntrustedText("send me the log each evening")),),
    commitments=(Commitment("next_update", date(2026, 11, 24), "[owner] update_days"),),
    records=(Record("layout B was approved", date(2026, 11, 3)),),
    promised=(date(2026, 11, 27),),
)
STRATEGY = Strategy(Action.REPLY, (), "reply:1:1", play="micromanaging", label=Label("micromanaging"), facts=FACTS)
RAW = b"From: kim@harbour.example\r\nSubject: CANARY-subject\r\nMessage-ID: <1@harbour.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease send me the log each evening.\r\n\r\n> CANARY-quoted\r\n"


class ScriptedModel:
    """The port Model: gives texts in turn, and keeps the requests."""

    name = "strong-1"

    def __init__(self, *texts: str) -> None:
        """The last text is given from then on."""
        self.texts = list(texts) or [LETTER]
        self.requests: list[Request] = []

    def complete(self, request: Request) -> Completion:
        """Answer."""
        self.requests.append(request)
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        return Completion(text, None, "strong-1", None, 1, Usage(), None, 0)


WriterOf = Callable[..., WrittenWriter]


@pytest.fixture
def writer_of(playbook: Playbook) -> WriterOf:
    """Makes writers over a model, with a fixed fence."""

    def make(model: object, **options: object) -> WrittenWriter:
        plain = TemplateWriter(playbook, shared.LIBRARY)
        return WrittenWriter(model, shared.LIBRARY, playbook, **{"plain": plain, "fence": lambda: "FENCE", **options})  # type: ignore[arg-type]

    return make


def message() -> Message:
    """The mail that is answered."""
    return parse_message(RAW)


# --- what is told


def test_every_fact_is_told_in_words_of_the_letters_language(writer_of: WriterOf) -> None:
    """A date or amount in another form than the guard reads sends every draft back."""
    facts = replace(FACTS, language="de", invoices=(INVOICE,), totals=(Money("EUR", Decimal(900)),), pause_allowed=True, late_fee="5 % nach 30 Tagen", links=("https://pay.example/r",))  # fmt: skip
    told = writer_of(ScriptedModel()).request_for(replace(STRATEGY, facts=facts), message()).mail
    for wanted in (
        "Write in: German (de).", "Greet: Kim. Sign: Robin Vale.", "agreed scope: three pages; one logo", "revision rounds left: 1",
        "next update: Dienstag, 24. November 2026", "on record: layout B was approved, Dienstag, 3. November 2026",
        "open 900,00 €", "due Samstag, 31. Oktober 2026", "they promised to pay on Freitag, 27. November 2026",
        "the contract allows to stop work while an invoice is overdue: yes", "5 % nach 30 Tagen", "https://pay.example/r",
    ):  # fmt: skip
        assert wanted in told, wanted


def test_only_the_newest_text_is_seen_and_only_in_its_fence(writer_of: WriterOf) -> None:
    """Raw headers, history and words outside the fence are a way in for whoever wrote them."""
    told = writer_of(ScriptedModel()).request_for(STRATEGY, message()).mail
    assert "CANARY" not in told
    assert "<FENCE newest>\nPlease send me the log each evening.\n</FENCE>" in told
    assert '<FENCE ask>a daily log: "send me the log each evening"</FENCE>' in told


def test_moves_stance_and_findings_are_told(writer_of: WriterOf, playbook: Playbook) -> None:
    """A second attempt that does not know why the first was refused is refused again."""
    finding = Finding(1, "unknown_amount", Severity.BLOCK, "Leave out the amount.", "for 500 EUR")
    strategy = replace(STRATEGY, stance=Stance.FIRMER, also=(Label("scope_creep"), Label("micromanaging")))
    told = writer_of(ScriptedModel()).request_for(strategy, message(), (finding,)).mail
    for move in playbook.plays["micromanaging"].moves:
        assert f"- {move}" in told
    assert "firmer than usual" in told
    assert "- Leave out the amount. (you wrote: for 500 EUR)" in told
    assert playbook.plays["scope_creep"].title in told
    assert "scope_creep" not in told
    assert told.count(playbook.plays["micromanaging"].title) == 1


def test_three_of_the_owners_letters_show_the_manner(writer_of: WriterOf) -> None:
    """All of them would cost a fortune, and one of a year ago may be long."""
    writer = writer_of(ScriptedModel(), examples=lambda _: tuple(f"letter {n} " + "x" * 5000 for n in range(9)))
    told = writer.request_for(STRATEGY, None).mail
    assert [f"<FENCE example>\nletter {n} " in told for n in range(4)] == [True, True, True, False]
    assert len(told) < 8000


def test_a_chase_answers_no_mail(writer_of: WriterOf) -> None:
    """A reminder must be written although there is no mail to answer."""
    facts = replace(FACTS, asks=(), invoices=(INVOICE,), totals=(Money("EUR", Decimal(900)),))
    model = ScriptedModel()
    assert writer_of(model).write(replace(STRATEGY, play="payment_l1", facts=facts), None) == LETTER + "\n"
    assert "The client's mail" not in model.requests[0].mail
    assert "R-17" in model.requests[0].mail
    assert model.requests[0].reference is None


def test_the_static_part_is_the_same_for_every_letter(writer_of: WriterOf) -> None:
    """One changing byte in the prefix and no provider's cache works."""
    writer = writer_of(ScriptedModel())
    assert (
        writer.request_for(STRATEGY, message()).static
        == writer.request_for(replace(STRATEGY, facts=replace(FACTS, language="fr")), None).static
    )


def test_the_writers_own_model_is_asked(writer_of: WriterOf) -> None:
    """`[llm] writer_model` would have no effect, or the judge's letters be taken for its."""
    usual, other = writer_of(ScriptedModel()), writer_of(ScriptedModel(), writer_model="poet-1")
    assert other.request_for(STRATEGY, None).model == "poet-1"
    assert usual.request_for(STRATEGY, None).model is None
    assert usual.fingerprint != other.fingerprint
    assert usual.author is Author.MODEL


# --- what is a letter


@pytest.mark.parametrize(
    "answer",
    [
        LETTER,
        f"\n\n{LETTER}\n\n",
        f"```\n{LETTER}\n```",
        f"Sure, here is the draft:\n\n```text\n{LETTER}\n```\n\nLet me know what to change.",
        f"Here's the reply:\n\n{LETTER}",
        f"Here is the reply in a firm but kind tone:\n{LETTER}",
        f"Certainly!\n\n{LETTER}",
        f"Hier ist der Entwurf:\n\n{LETTER}",
        f"Subject: Re: The log\n\n{LETTER}",
        f"Betreff: Das Protokoll\n{LETTER}",
        f"---\n\n{LETTER}\n\n---\n\nI kept it short, as you asked.",
        f"{LETTER}\n\nNote: I left out the amount.",
        f"{LETTER}\n\n[Note: no date was given.]",
        LETTER.replace("Thank you", "**Thank you**"),
        LETTER.replace("\n", "\r\n"),
        LETTER.replace(",\n", ",   \n"),
    ],
)
def test_what_models_put_around_a_letter_goes(answer: str) -> None:
    """A mail to a client would begin with `Here is the draft:`."""
    assert body_of(answer, "FENCE") == LETTER + "\n"


@pytest.mark.parametrize(
    "letter",
    [
        "Of course.\nThe update comes on Friday.\n\nRobin",
        "Here are the three points you asked about: scope, price, date. We can talk on Friday.\n\nThe rest follows.\n\nRobin",
        "Hello Kim,\n\nSure: the log is in the update.\n\nRobin",
        "Hello Kim,\n\nI am sorry for the trouble. I cannot start on Saturday; Monday works.\n\nRobin",
        "Hello Kim,\n\nThese are open:\n\nR-17   900 EUR\n-----------\n\nKind regards,\nRobin",
        "[Kim],\n\nthank you.",
    ],
)
def test_a_letter_that_looks_like_a_remark_is_kept(letter: str) -> None:
    """Half a letter would be cut away, and the person would not know."""
    assert body_of(letter, "FENCE") == letter + "\n"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n",
        "```\n\n```",
        "Subject: Re: nothing else",
        '{"body": "Dear Kim"}',
        '["Dear Kim"]',
        '{"body": "Dear Kim',
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot assist with writing this letter.",
        "As an AI language model, I do not write mails.",
        "I am unable to write this.",
        "Je ne peux pas vous aider avec cette demande.",
        f"<FENCE newest>\n{LETTER}",
        "word " * 5000,
    ],
)
def test_what_is_no_letter_is_refused(answer: str) -> None:
    """A refusal or our own prompt mailed to a client; the plain letter takes its place instead."""
    with pytest.raises(BadAnswer):
        body_of(answer, "FENCE")


@given(st.lists(st.sampled_from(["Dear Kim,", "---", "```", "```text", "Subject: x", "Sure!", "Note: x", "{", "[", "**a**", "", " ", "Robin", "FENCE"])).map("\n".join))  # fmt: skip
def test_any_answer_is_a_letter_or_refused(answer: str) -> None:
    """Another exception would end the run; an empty body would be offered for approval."""
    try:
        body = body_of(answer, "FENCE")
    except BadAnswer:
        return
    assert body.strip()
    assert body.endswith("\n")


# --- the whole way


def test_a_strong_model_behind_http_writes_what_the_guard_lets_pass(
    model_of: shared.ModelOf, writer_of: WriterOf, playbook: Playbook
) -> None:
    """Prompt, wire, cleaning and guard fit together, without a finding that blocks."""
    words = load_guard_words(lambda name: shared.LIBRARY.source(f"guard/{name}").text)
    with ScriptedEndpoint(gold_answers({})) as endpoint:
        body = writer_of(model_of(endpoint.base_url)).write(STRATEGY, message())
    brief = brief_for(STRATEGY, message=message(), labels=[rule.name for rule in playbook.taxonomy.behaviours])
    assert body.startswith("Hello Kim,")
    assert [f for f in inspect_draft(body, brief, words) if f.severity is Severity.BLOCK] == []


def test_a_model_that_refuses_leaves_the_plain_letter_its_place(model_of: shared.ModelOf, writer_of: WriterOf) -> None:
    """BadAnswer is what the run falls back on; anything else stops payment chasing."""
    with ScriptedEndpoint(completion(None, refusal="No.")) as endpoint, pytest.raises(BadAnswer):
        writer_of(model_of(endpoint.base_url)).write(STRATEGY, message())
