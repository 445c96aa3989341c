"""What Firmly wants of a model endpoint, and what the endpoint's adapter wants of the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from pipeline.domain.calls import Abilities, ModelCall, Rung, Spending, Usage
from pipeline.domain.ledger import Money


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of a model."""

    purpose: str
    """`classify`, `write` or `doctor`: under which the call is written down."""
    static: str
    """The part that is the same for every mail; goes first, so that a provider's prefix cache works."""
    mail: str
    """The part that carries the mail."""
    prompt_hash: str
    shape: type[BaseModel] | None = None
    """The answer's form; None asks for plain text."""
    max_tokens: int | None = None
    """Of the answer; None leaves it to the endpoint's config."""
    temperature: float | None = None
    model: str | None = None
    reference: str | None = None
    """The Message-ID of the mail at hand."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A usable answer."""

    text: str
    """Without reasoning; for a request with a shape, the JSON itself."""
    answer: BaseModel | None
    """An instance of the request's shape."""
    model: str
    """As the endpoint names the model that answered, else as it was asked for."""
    rung: Rung | None
    calls: int
    """How many requests were sent for it, refused ones included."""
    usage: Usage
    """Of all of them."""
    cost: Money | None
    """Of all of them; None: unpriced."""
    latency_ms: int


class Model(Protocol):
    """Somebody who answers. May be called from several threads at once."""

    name: str
    """The model as the config names it."""

    def complete(self, request: Request) -> Completion:
        """Ask, and give an answer of the right form.

        Raises `BadAnswer` (refused, unusable after one repair, cut off twice), `ModelUnavailable` (down, slow, over
        its rate or over the daily budget), `CredentialsError` (401, 403) and `ConfigError` (no such model or address).
        """


class CallLog(Protocol):
    """Where calls are written down. May be called from several threads at once."""

    def record(self, call: ModelCall) -> int:
        """Write a call down before its answer is looked at. Gives its id."""

    def conclude(self, call_id: int, outcome: str) -> None:
        """Say what became of the answer."""

    def spending_since(self, moment: datetime) -> Spending:
        """What all calls since then came to."""


class EndpointMemory(Protocol):
    """What is remembered about an endpoint from one run to the next."""

    def recall(self, base_url: str, model: str) -> Abilities | None:
        """What was learned, or None."""

    def remember(self, base_url: str, model: str, abilities: Abilities) -> None:
        """Replace what was learned."""
