"""One question on its way to a usable answer.

Question, redacted → the rung that is known to work → budget → wire → written down → read → restored → answer.

- The form is refused (a format, a field, a temperature): the next form, as far down as it goes.
- Cut off: once again with twice the room. Unusable: one repair call. Then BadAnswer.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import tenacity
from pydantic import BaseModel

from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities, ModelCall, Rung, Usage
from pipeline.domain.ledger import Money
from pipeline.errors import AnswerRefused, BadAnswer, FirmlyError, ModelUnavailable
from pipeline.llm.budget import Budget, estimate
from pipeline.llm.ladder import adjusted, lower, verdict
from pipeline.llm.learned import Learned
from pipeline.llm.openai import Reply, Shot, Wire
from pipeline.llm.ports import CallLog, Completion, Request
from pipeline.llm.prices import Prices
from pipeline.llm.redact import Vault
from pipeline.llm.retry import Breaker, Failed, Rests, rest_s
from pipeline.llm.structured import LONGEST, Unusable, instructions, read_answer, without_reasoning

MOST_CALLS = 6
"""Requests for one question that may reach a model, retries included; those refused for their form do not count."""

_MOST_STRETCH = 4
_SHOWN_BACK = 4000  # so many characters of an unusable answer go back with the repair call

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What all questions to one endpoint share."""

    settings: Llm
    wire: Wire
    log: CallLog
    learned: Learned
    budget: Budget
    prices: Prices
    retrying: tenacity.Retrying
    slots: threading.BoundedSemaphore
    breaker: Breaker
    rests: Rests
    clock: Callable[[], datetime]
    redacts: bool
    bounded: bool
    """Servers on this machine enforce lengths in a schema; providers refuse them (see `strict_schema`)."""


@dataclass
class Question:
    """One request on its way to an answer. Used by one thread."""

    endpoint: Endpoint
    request: Request
    calls: int = 0
    counted: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: Money | None = None
    unpriced: bool = False
    latency_ms: int = 0
    repair: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        """Take out of the mail what must not leave."""
        self.model = self.request.model or self.endpoint.settings.model
        self.vault = Vault()
        self.mail = self.vault.redact(self.request.mail) if self.endpoint.redacts else self.request.mail
        self.call_id = 0

    def answer(self) -> Completion:
        """Ask until there is an answer of the right form, or it is clear that there will be none."""
        shape = self.request.shape
        asked = self.endpoint.learned.of(self.model)
        doubled = repaired = False
        while True:
            reply, asked = self._reply(asked)
            if reply.refused:
                self._conclude("refused")
                raise AnswerRefused("The model refused to answer about this mail.", fix="Read it yourself.")
            if reply.cut_off:
                self._conclude("cut off")
                if doubled:
                    room = self._room(asked)
                    raise BadAnswer(f"The model's answer was cut off at {room} tokens.", fix="Raise [llm] max_tokens.")
                doubled = True
                asked = replace(asked, stretch=min(_MOST_STRETCH, asked.stretch * 2))
                continue
            try:
                answer = self._read(reply, shape)
            except Unusable as unusable:
                self._conclude("unusable")
                if repaired:
                    raise BadAnswer(
                        "The model's answer cannot be used, and neither can the repaired one.", fix="Read it yourself."
                    ) from None
                repaired = True
                self.repair = self._repair(reply, unusable)
                if asked.rung is Rung.STRICT or not unusable.is_json:
                    # A server that enforced the form could not have answered like this: it ignores the format.
                    asked = replace(asked, rung=lower(asked.rung))
                continue
            self._conclude("used")
            self.endpoint.learned.keep(self.model, asked)
            return self._completion(reply, answer, asked)

    def messages(self, rung: Rung) -> tuple[Message, ...]:
        """What is sent: the static part first, then the mail, then the repair if there is one."""
        static = self.request.static
        if self.request.shape is not None and rung is not Rung.STRICT:
            static = f"{static}\n\n{instructions(self.request.shape)}"
        return (
            {"role": "system", "content": static},
            {"role": "user", "content": self.mail},
            *self.repair,
        )

    def _reply(self, asked: Abilities) -> tuple[Reply, Abilities]:
        """The next reply, in a form that the endpoint takes, and what was learned on the way."""
        json_wanted = self.request.shape is not None
        while True:
            try:
                reply = self._retried(asked)
            except Failed as failed:
                other = adjusted(asked, failed, json=json_wanted)
                if other is None:
                    raise self._given_up(failed) from None
                asked = other
                self.counted -= 1
                continue
            known = self.endpoint.learned.of(self.model)
            self.endpoint.learned.keep(
                self.model, replace(asked, stretch=known.stretch, rung=self._proved(asked, known))
            )
            return reply, asked

    def _given_up(self, failed: Failed) -> FirmlyError:
        """What a failure means; an endpoint that is not to be asked again for a while is left alone."""
        before = self.endpoint.learned.of(self.model).learned_at is not None
        error = verdict(failed, self.model, answered_before=before)
        rest = rest_s(failed, error)
        if rest is not None:
            self.endpoint.rests.begin(self.model, rest, error)
        return error

    def _proved(self, asked: Abilities, known: Abilities) -> Rung:
        """A rung that was left because of an answer is proved by the next answer, not by a reply alone."""
        return known.rung if self.repair or self.request.shape is None else asked.rung

    def _retried(self, asked: Abilities) -> Reply:
        for attempt in self.endpoint.retrying:
            with attempt:
                reply = self._once(asked)
        return reply

    def _once(self, asked: Abilities) -> Reply:
        if self.counted >= MOST_CALLS:
            raise BadAnswer(f"The model endpoint gave no usable answer in {MOST_CALLS} calls.", fix="Read it yourself.")
        self.endpoint.rests.check(self.model)
        if self.endpoint.breaker.open:
            raise ModelUnavailable(
                f"The model endpoint failed {self.endpoint.breaker.limit} times in a row; it is left alone for now.",
                fix="The next run tries again; firmly doctor looks into it.",
            )
        self.calls += 1
        self.counted += 1
        shot = self.shot(asked)
        with self.endpoint.slots, self.endpoint.budget.reserve(self._estimate(shot), self.model):
            try:
                reply = self.endpoint.wire.send(shot)
            except Failed as failed:
                self.endpoint.breaker.note(failed=failed.temporary)
                self._record(shot, Usage(), failed.outcome)
                raise
            self.endpoint.breaker.note(failed=False)
            self.latency_ms += reply.latency_ms
            self._record(shot, reply.usage, "answered", reply)
        return reply

    def shot(self, asked: Abilities) -> Shot:
        """The request as it goes out to an endpoint with these abilities."""
        settings, request = self.endpoint.settings, self.request
        temperature = settings.temperature if request.temperature is None else request.temperature
        return Shot(
            model=self.model,
            messages=self.messages(asked.rung),
            rung=asked.rung if request.shape is not None else None,
            shape=request.shape,
            max_tokens=self._room(asked),
            tokens_field=asked.tokens_field,
            temperature=temperature if asked.temperature else None,
            prompt_hash=request.prompt_hash,
            bounded=self.endpoint.bounded,
        )

    def _room(self, asked: Abilities) -> int:
        return (self.request.max_tokens or self.endpoint.settings.max_tokens) * asked.stretch

    def _estimate(self, shot: Shot) -> Usage:
        sent = sum(len(message["content"]) for message in shot.messages)
        if shot.rung is Rung.STRICT and shot.shape is not None:
            sent += len(instructions(shot.shape))
        return estimate(sent, shot.max_tokens)

    def _record(self, shot: Shot, usage: Usage, outcome: str, reply: Reply | None = None) -> None:
        """Write a call down, before anybody looks at its answer."""
        cost = self.endpoint.prices.cost(usage, self.model)
        self.usage += usage
        if cost is None:
            self.unpriced = True
        else:
            self.cost = Money(cost.currency, cost.amount + (self.cost.amount if self.cost else 0))
        sent = json.dumps(shot.body(), sort_keys=True, ensure_ascii=False).encode()
        self.call_id = self.endpoint.log.record(
            ModelCall(
                at=self.endpoint.clock(),
                purpose=self.request.purpose,
                reference=self.request.reference,
                endpoint=self.endpoint.settings.base_url,
                model=self.model,
                served_by=reply.served_by if reply else "",
                prompt_hash=self.request.prompt_hash,
                request_hash=hashlib.sha256(sent).hexdigest(),
                rung=shot.rung,
                usage=usage,
                cost=cost,
                latency_ms=reply.latency_ms if reply else 0,
                outcome=outcome,
                raw=reply.text[:LONGEST] if reply else "",
            )
        )

    def _conclude(self, outcome: str) -> None:
        self.endpoint.log.conclude(self.call_id, outcome)

    def _read(self, reply: Reply, shape: type[BaseModel] | None) -> BaseModel | str:
        if shape is not None:
            return read_answer(reply.text, shape)
        text = without_reasoning(reply.text)
        if not text:
            raise Unusable("The answer was empty.")
        if len(text) > LONGEST:
            raise Unusable(f"The answer is longer than {LONGEST} characters.")
        return text

    def _repair(self, reply: Reply, unusable: Unusable) -> tuple[Message, ...]:
        problems = "\n".join(f"- {problem}" for problem in unusable.problems)
        again = (
            f"That answer cannot be used:\n{problems}\nAnswer again, in the form that was asked for, and nothing else."
        )
        said = reply.text[:_SHOWN_BACK].strip() or "(nothing)"
        return ({"role": "assistant", "content": said}, {"role": "user", "content": again})

    def _completion(self, reply: Reply, answer: BaseModel | str, asked: Abilities) -> Completion:
        if isinstance(answer, str):
            text, parsed = self.vault.restore(answer), None
        else:
            parsed = type(answer).model_validate(_restored(answer.model_dump(mode="json"), self.vault))
            text = parsed.model_dump_json()
        return Completion(
            text=text,
            answer=parsed,
            model=reply.served_by or self.model,
            rung=asked.rung if self.request.shape is not None else None,
            calls=self.calls,
            usage=self.usage,
            cost=None if self.unpriced else self.cost,
            latency_ms=self.latency_ms,
        )


def _restored(value: Any, vault: Vault) -> Any:
    if isinstance(value, str):
        return vault.restore(value)
    if isinstance(value, list):
        return [_restored(item, vault) for item in value]
    if isinstance(value, dict):
        return {key: _restored(item, vault) for key, item in value.items()}
    return value
