"""Calls to a model endpoint as they are written down: what was asked, what it cost, what an endpoint can do."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pipeline.domain.ledger import Money


class Rung(StrEnum):
    """How an endpoint is made to answer in JSON, best first."""

    STRICT = "json_schema"  # the server enforces the schema
    OBJECT = "json_object"  # the server enforces JSON; the schema stands in the prompt
    TEXT = "text"  # nothing is enforced; the schema stands in the prompt


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counts them. Zeros where it counts none."""

    tokens_in: int = 0
    """Of the prompt, those from the cache included."""
    tokens_out: int = 0
    """Of the answer, reasoning included."""
    tokens_cached: int = 0
    """Of `tokens_in`, those that came from the provider's cache."""

    def __add__(self, other: "Usage") -> "Usage":
        """The sum of two calls."""
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.tokens_cached + other.tokens_cached,
        )


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One request to an endpoint and what came back, whether or not it could be used."""

    at: datetime
    purpose: str
    """`classify`, `write` or `doctor`."""
    reference: str | None
    """The Message-ID of the mail that it was made for; None for a chase or a probe."""
    endpoint: str
    """The base URL, without credentials."""
    model: str
    """As asked for."""
    served_by: str
    """As the endpoint names the model that answered; empty if it did not."""
    prompt_hash: str
    request_hash: str
    """SHA-256 over all that was sent."""
    rung: Rung | None
    """None where no JSON was asked for."""
    usage: Usage
    cost: Money | None
    """None: unpriced."""
    latency_ms: int
    outcome: str
    """`answered` until the answer was looked at; then `used`, `unusable`, `cut off`, `refused`; or why there was none."""
    raw: str = ""
    """The answer's text as it came; empty if there was none."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What the calls since some moment came to."""

    calls: int = 0
    tokens: int = 0
    """In and out."""
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    """So many of the calls have no known price; their cost is not in `cost`."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was learned about one model behind one endpoint, so that it is asked the right way at once."""

    rung: Rung = Rung.STRICT
    tokens_field: str = "max_tokens"
    """Or `max_completion_tokens`, which some models insist on."""
    temperature: bool = True
    """False: the model refuses to be given a temperature."""
    stretch: int = 1
    """The answer's room is multiplied by this, because the model thinks aloud first."""
    learned_at: datetime | None = None
