"""What `firmly doctor` asks an endpoint: one real question, from the top of the ladder, and what the answer shows."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities, Usage
from pipeline.domain.ledger import Money
from pipeline.llm.address import is_encrypted, is_loopback
from pipeline.llm.model import EndpointModel
from pipeline.llm.ports import Request

_STATIC = "You read one email and say in JSON what it is about."
_MAIL = "Hello, could you send me invoice 17 again, please? Thank you, Ada"


class _Answer(BaseModel):
    """Small, and of the same kinds of fields as the real one."""

    model_config = ConfigDict(extra="forbid")

    language: str
    topic: Literal["billing", "design", "other"]
    confidence: Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What an endpoint showed in one question."""

    model: str
    """As the endpoint names the model that answered."""
    abilities: Abilities
    understood: bool
    """Whether the answer was right; a model that misses this one is too weak to judge mail."""
    calls: int
    latency_ms: int
    usage: Usage
    cost: Money | None
    """None: unpriced."""
    warnings: tuple[str, ...]
    """Sentences for the owner, each with its fix."""


def probe(model: EndpointModel, settings: Llm) -> ProbeReport:
    """Ask one question. Raises what `Model.complete` raises, which says what is wrong with the endpoint."""
    model.forget()
    request = Request(
        purpose="doctor",
        static=_STATIC,
        mail=_MAIL,
        prompt_hash="doctor",
        shape=_Answer,
        max_tokens=settings.max_tokens,
    )
    done = model.complete(request)
    answer = done.answer
    understood = isinstance(answer, _Answer) and answer.topic == "billing" and answer.language.lower().startswith("en")
    return ProbeReport(
        model=done.model,
        abilities=model.abilities(),
        understood=understood,
        calls=done.calls,
        latency_ms=done.latency_ms,
        usage=done.usage,
        cost=done.cost,
        warnings=tuple(shortcomings(settings, done.usage, done.cost, understood=understood)),
    )


def shortcomings(settings: Llm, usage: Usage, cost: Money | None, *, understood: bool) -> list[str]:
    """What an owner should know of an endpoint that works: sentences, each with its fix."""
    warnings = []
    if not is_loopback(settings.base_url) and not is_encrypted(settings.base_url):
        warnings.append("[llm] base_url is not encrypted (http): mail and key can be read on the way. Use https.")
    if not understood:
        warnings.append(
            "The model misread a simple question. It is too weak to judge mail; use a stronger one, or the embedded judge."
        )
    if cost is None:
        warnings.append("The price of this model is not known, so its cost is not counted. Give it in [llm.price].")
    if usage == Usage():
        warnings.append("The endpoint counts no tokens, so daily_tokens and daily_budget cannot work.")
    return warnings
