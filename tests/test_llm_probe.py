"""What `firmly doctor` learns of an endpoint."""

import json

import llm_fixtures as shared
import pytest
from servers.scripted_endpoint import Body, Fault, ScriptedEndpoint, completion, in_turn, refusal_of

from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities, Rung, Usage
from pipeline.errors import CredentialsError
from pipeline.llm import ProbeReport, probe
from pipeline.llm.probe import shortcomings

book, naps, model_of = shared.book, shared.naps, shared.model_of

RIGHT = json.dumps({"language": "en", "topic": "billing", "confidence": 9})
WRONG = json.dumps({"language": "en", "topic": "design", "confidence": 9})


def report(model_of: shared.ModelOf, *answers: Fault | Body, **llm: object) -> ProbeReport:
    """The report on an endpoint that gives these answers."""
    with ScriptedEndpoint(in_turn(*answers)) as endpoint:
        return probe(
            model_of(endpoint.base_url, **llm), Llm.model_validate({"model": "m", **llm, "base_url": endpoint.base_url})
        )


def test_a_good_endpoint_has_no_warnings(model_of: shared.ModelOf) -> None:
    """A doctor who always finds something is not read."""
    found = report(model_of, completion(RIGHT))
    assert (found.understood, found.calls, found.abilities.rung, found.warnings) == (True, 1, Rung.STRICT, ())
    assert found.model == "scripted-1"
    assert found.usage.tokens_cached == 800


def test_the_probe_begins_at_the_top_whatever_was_remembered(model_of: shared.ModelOf, book: shared.MemoryBook) -> None:
    """After an update of the server the doctor is how an owner gets the better form back."""
    with ScriptedEndpoint(completion(RIGHT)) as endpoint:
        book.learned[endpoint.base_url, "m"] = Abilities(rung=Rung.TEXT, learned_at=shared.NOW)
        probe(model_of(endpoint.base_url), Llm(base_url=endpoint.base_url, model="m"))
    assert book.learned[endpoint.base_url, "m"].rung is Rung.STRICT


def test_what_an_endpoint_cannot_do_is_said(model_of: shared.ModelOf) -> None:
    """Owners of a model that is too weak would blame Firmly for its judgements."""
    found = report(
        model_of, refusal_of("response_format"), refusal_of("temperature"), completion(WRONG, usage={}), daily_budget=1
    )
    assert (found.abilities.rung, found.abilities.temperature, found.calls) == (Rung.OBJECT, False, 3)
    assert not found.understood
    said = " ".join(found.warnings)
    assert "too weak" in said
    assert "counts no tokens" in said


def test_an_open_line_and_an_unknown_price_are_said() -> None:
    """A key in clear text over the network, or a budget that counts nothing, must not stay unnoticed."""
    said = " ".join(shortcomings(Llm(base_url="http://llm.example/v1", model="m"), Usage(1, 1), None, understood=True))
    assert "not encrypted" in said
    assert "price" in said


def test_a_wrong_key_is_an_error_and_no_report(model_of: shared.ModelOf) -> None:
    """A report with holes would hide the one thing to fix."""
    with pytest.raises(CredentialsError):
        report(model_of, Fault(401))
