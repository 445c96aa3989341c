"""What the tests of endpoints, judges and writers share: a call log in memory, a model over a server, cassettes.

To record a cassette again: remove its file and run its test with FIRMLY_RECORD=1. That starts llama.cpp in this
process (see servers/llama.py); without it nothing is asked and an unknown request fails.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import vcr
from servers.llama import KEY, LlamaServer
from vcr.request import Request as Recorded

from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities, ModelCall, Spending
from pipeline.llm import EndpointModel
from pipeline.playbook import Playbook, load_playbook
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
RECORDING = bool(os.environ.get("FIRMLY_RECORD"))
KEY_VARIABLE = "FIRMLY_TEST_KEY"


class MemoryBook:
    """The ports CallLog and EndpointMemory."""

    def __init__(self) -> None:
        """Begin empty."""
        self.calls: list[ModelCall] = []
        self.learned: dict[tuple[str, str], Abilities] = {}
        self._lock = threading.Lock()

    def record(self, call: ModelCall) -> int:
        """Keep a call."""
        with self._lock:
            self.calls.append(call)
            return len(self.calls) - 1

    def conclude(self, call_id: int, outcome: str) -> None:
        """Change a call's outcome."""
        with self._lock:
            self.calls[call_id] = replace(self.calls[call_id], outcome=outcome)

    def spending_since(self, moment: datetime) -> Spending:
        """Sum up."""
        with self._lock:
            calls = [call for call in self.calls if call.at >= moment]
        return Spending(
            len(calls),
            sum(call.usage.tokens_in + call.usage.tokens_out for call in calls),
            sum((call.cost.amount for call in calls if call.cost), Decimal(0)),
            sum(call.cost is None for call in calls),
        )

    def recall(self, base_url: str, model: str) -> Abilities | None:
        """Look up."""
        return self.learned.get((base_url, model))

    def remember(self, base_url: str, model: str, abilities: Abilities) -> None:
        """Keep."""
        self.learned[base_url, model] = abilities

    @property
    def outcomes(self) -> list[str]:
        """Of all calls, in order."""
        return [call.outcome for call in self.calls]


class Naps:
    """Stands in for sleep, and remembers."""

    def __init__(self) -> None:
        """Begin rested."""
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        """Do not sleep."""
        self.seconds.append(seconds)


@pytest.fixture
def book() -> MemoryBook:
    """Where the calls of a test are written down."""
    return MemoryBook()


@pytest.fixture
def naps() -> Naps:
    """The sleeps of a test, none of which is slept."""
    return Naps()


LIBRARY = PromptLibrary(None, shipped("prompts"))


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    """The shipped taxonomy and plays."""
    return load_playbook(lambda name: LIBRARY.source(name).text, LIBRARY.names())


ModelOf = Callable[..., EndpointModel]


@pytest.fixture
def model_of(book: MemoryBook, naps: Naps) -> Iterator[ModelOf]:
    """Makes models over a base URL that write into `book`; keywords go to `[llm]`, but for those of EndpointModel."""
    made: list[EndpointModel] = []

    def make(base_url: str, *, limits: Any = None, wire: Any = None, now: datetime = NOW, **llm: Any) -> EndpointModel:
        settings = Llm.model_validate({"model": "m", "max_tokens": 200, **llm, "base_url": base_url})
        model = EndpointModel(settings, log=book, memory=book, clock=lambda: now, limits=limits, sleep=naps, wire=wire)
        made.append(model)
        return model

    yield make
    for model in made:
        model.close()


def _same_body(one: Recorded, other: Recorded) -> None:
    assert json.loads(one.body) == json.loads(other.body)


def _scrubbed(response: dict[str, Any]) -> dict[str, Any]:
    """Only the headers that mean something to us: servers set cookies and name themselves in the others."""
    kept = {
        name: value for name, value in response["headers"].items() if name.lower() in {"content-type", "retry-after"}
    }
    body = json.loads(response["body"]["string"])
    for noise in ("timings", "id", "created", "system_fingerprint"):
        body.pop(noise, None)
    return {**response, "headers": kept, "body": {"string": json.dumps(body).encode()}}


@contextmanager
def recorded_endpoint(cassette: Path, context: int = 4096) -> Iterator[str]:
    """The base URL of an endpoint that is llama.cpp when recording, and the cassette else. All of it must be played."""
    recorder = vcr.VCR(
        record_mode="once" if RECORDING else "none",
        match_on=["method", "path", "json"],
        filter_headers=["authorization", "user-agent", "host", "cookie"],
        before_record_request=_bare,
        before_record_response=_scrubbed,
        decode_compressed_response=True,
    )
    recorder.register_matcher("json", _same_body)
    if RECORDING and not cassette.exists():
        with LlamaServer(context) as server, recorder.use_cassette(str(cassette)):
            yield server.base_url
        return
    with recorder.use_cassette(str(cassette)) as tape:
        yield "http://127.0.0.1:9/v1"  # the discard port: nothing answers there
    assert tape.all_played


def _bare(request: Recorded) -> Recorded:
    """Without the port of the day and the library's marks of the machine."""
    request.uri = "http://127.0.0.1:9/v1/" + request.path.rpartition("/v1/")[2]
    for name in [name for name in request.headers if name.lower() not in {"content-type", "accept"}]:
        del request.headers[name]
    return request


@pytest.fixture
def tape(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base URL behind the cassette of this test."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    module = request.module.__name__.removeprefix("test_")
    with recorded_endpoint(HERE / "cassettes" / module / f"{request.node.name}.yaml") as base_url:
        yield base_url
