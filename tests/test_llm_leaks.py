"""Requirements S7 and R12: no client's words in another client's prompt, and no answer, however broken, that does harm."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from servers.scripted_endpoint import Answer, Body, ScriptedEndpoint, assessment, completion
from support.memory import NOW, mail
from support.studio import GOOD, LETTER, WORDS
from support.world import make_world, shared

from pipeline.classify.one_call import OneCallJudge
from pipeline.config.clientfile import ClientFile
from pipeline.config.models import Llm
from pipeline.domain.calls import Usage
from pipeline.domain.client import Context
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice, Money
from pipeline.draft.written import WrittenWriter
from pipeline.llm import Completion, EndpointModel, Request
from pipeline.llm.structured import Unusable, read_answer
from pipeline.parse import parse_message
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import clients, ledger
from pipeline.store.llm_calls import CallBook

CLIENTS = 50
_CANARY = re.compile(r"canary(\d+)x")


def canary(number: int) -> str:
    """A word that stands for everything that is this client's."""
    return f"canary{number}x"


def test_fifty_clients_and_no_word_of_one_in_what_leaves_about_another(tmp_path: Path) -> None:
    """One client's price or trouble in another's prompt can end in another's letter, and it is a breach of confidence anyway."""
    words = {n: f"{WORDS} {canary(n)} asks for it." for n in range(CLIENTS)}

    def answer(body: Body) -> Answer:
        text = body["messages"][1]["content"]
        if "Answer with the JSON object." not in text:
            return completion(LETTER)
        newest = text.rsplit(" newest>", 1)[-1]
        number = int(_CANARY.findall(newest)[0])
        creep = {"label": "scope_creep", "confidence": 9, "quote": words[number], "source": None}
        return completion(json.dumps(assessment(words[number], behaviours=[creep], needs_reply=True)))

    with ScriptedEndpoint(answer) as endpoint:
        world = make_world(tmp_path, run={"max_new": 500})
        library, playbook, _ = shared()
        book = CallBook(world.db)
        model = EndpointModel(Llm(base_url=endpoint.base_url, model="m"), log=book, memory=book, clock=world.desk.clock)
        writer = WrittenWriter(model, library, playbook, plain=world.desk.plain)
        judge = OneCallJudge(model, library, playbook.taxonomy)
        world = replace(world, desk=replace(world.desk, judge=judge, writer=writer, in_flight=4))
        _fill(world, words)
        report = run_once(world.desk, RunOptions())
        model.close()
        book.close()
    assert (report.judged, report.proposed >= CLIENTS) == (2 * CLIENTS, True)
    seen: set[int] = set()
    for body in endpoint.requests:
        found = {int(number) for message in body["messages"] for number in _CANARY.findall(message["content"])}
        assert len(found) == 1, found
        assert not _CANARY.search(body["messages"][0]["content"])
        seen |= found
    assert len(seen) == CLIENTS


def _fill(world: Any, words: dict[int, str]) -> None:
    """Fifty clients with project, scope, an invoice, and a thread of two mails; all of it marked, all about the same subject."""
    with world.db.write() as tx:
        for n in words:
            file = ClientFile.model_validate(
                {
                    "name": f"Client {canary(n)}",
                    "emails": [f"kim@c{n}.example"],
                    "project": f"Shop {canary(n)}",
                    "scope": [f"page {canary(n)}"],
                }
            )
            clients.keep(tx, file, NOW)
        by_email, _ = clients.addresses(tx)
        invoices = [
            Invoice(f"R-{canary(n)}", f"kim@c{n}.example", date(2026, 10, 1), date(2026, 10, 27), Money("EUR", Decimal(1000 + n)), client_id=ClientId(by_email[f"kim@c{n}.example"]))
            for n in words
        ]  # fmt: skip
        ledger.record_invoices(tx, invoices, NOW)
        ledger.record_import(tx, "ledger.csv", "", CLIENTS, NOW)
    for n, text in words.items():
        sender, first = f"Kim {canary(n)} <kim@c{n}.example>", f"<a-{n}@c.example>"
        world.box.add(mail(sender=sender, subject="The form", body=text, message_id=first, at=NOW - timedelta(hours=2)))
        world.box.add(
            mail(sender=sender, subject="Re: The form", body=text, message_id=f"<b-{n}@c.example>", in_reply_to=first)
        )


# --- answers, however broken

_ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """An answer that was good once: a field changed, added, left out or doubled, then cut, wrapped or garbled."""
    body = json.loads(GOOD)
    for _ in range(draw(st.integers(0, 3))):
        target = draw(
            st.sampled_from([body, *body.get("behaviours", [])] if isinstance(body.get("behaviours"), list) else [body])
        )
        if not isinstance(target, dict) or not target:
            continue
        key = draw(st.sampled_from([*sorted(target), "more"]))
        if draw(st.booleans()):
            target[key] = draw(_ANY)
        else:
            target.pop(key, None)
    text = json.dumps(body)
    start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return draw(
        st.sampled_from(
            [text, text[start:end], text[:end], text + text, f"```json\n{text}\n```", f"<think>{text[:end]}</think>{text}", f"Sure!\n{text}\nBye",
             text[:start] + draw(st.text(max_size=12)) + text[start:], "[" * 5000 + text, text.replace('"', "“")]
        )
    )  # fmt: skip


class _Says:
    """A model whose answer is whatever could be read out of a text."""

    name = "m"

    text = ""

    def complete(self, request: Request) -> Completion:
        assert request.shape is not None
        return Completion(self.text, read_answer(self.text, request.shape), "m", None, 1, Usage(), None, 0)


LIBRARY, PLAYBOOK, _ = shared()
SAYS = _Says()
JUDGE = OneCallJudge(SAYS, LIBRARY, PLAYBOOK.taxonomy)
MAIL = parse_message(mail(body=WORDS, message_id="<1@harbour.example>"))


@settings(max_examples=1000)
@given(broken() | st.text(max_size=200) | _ANY.map(lambda value: json.dumps(value, default=str)))
def test_whatever_a_model_answers_is_an_assessment_borne_out_by_the_mail_or_unusable(text: str) -> None:
    """An answer that crashes the judge stops the run; one that is believed without its words accuses a client."""
    SAYS.text = text
    try:
        found = JUDGE.judge(MAIL, Context(client=None))
    except Unusable:
        return
    whole = " ".join(MAIL.newest.split())
    assert str(found.tone) in {rule.name for rule in PLAYBOOK.taxonomy.active("tone")}
    for behaviour in found.behaviours:
        assert behaviour.quote in whole
        assert 0 <= behaviour.confidence <= 10
    for ask in found.asks:
        assert ask.quote in whole
