"""A model behind an OpenAI-compatible endpoint. How it is asked stands in `question`."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pipeline.config.models import Llm
from pipeline.domain.calls import Abilities
from pipeline.llm.address import host_of, is_loopback
from pipeline.llm.budget import Budget, Limits
from pipeline.llm.learned import Learned
from pipeline.llm.openai import Wire
from pipeline.llm.ports import CallLog, Completion, EndpointMemory, Request
from pipeline.llm.prices import Prices
from pipeline.llm.question import Endpoint, Question
from pipeline.llm.retry import Breaker, Rests, retrying


class EndpointModel:
    """Implements the port `Model`. Safe for threads; at most `[llm] in_flight` requests are open at a time."""

    def __init__(
        self,
        settings: Llm,
        *,
        log: CallLog,
        memory: EndpointMemory,
        clock: Callable[[], datetime],
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        wire: Wire | None = None,
    ) -> None:
        """`clock` gives the time of day, aware. Raises ConfigError if the address is none; nothing is opened yet."""
        host_of(settings.base_url)
        self.name = settings.model
        prices = Prices(settings.base_url, settings.price)
        here = is_loopback(settings.base_url)
        self._endpoint = Endpoint(
            settings=settings,
            wire=wire or Wire(settings),
            log=log,
            learned=Learned(memory, settings.base_url, clock),
            budget=Budget(limits or Limits(), prices, log, clock),
            prices=prices,
            retrying=retrying(sleep),
            slots=threading.BoundedSemaphore(settings.in_flight),
            breaker=Breaker(time.monotonic),
            rests=Rests(time.monotonic),
            clock=clock,
            redacts=settings.redact == "always" or (settings.redact == "auto" and not here),
            bounded=here,
        )

    def complete(self, request: Request) -> Completion:
        """Ask, and give an answer of the right form. Errors as the port says."""
        return Question(self._endpoint, request).answer()

    def outgoing(self, request: Request) -> Mapping[str, Any]:
        """The body that would leave for this request, redacted, for a person to read. Nothing is sent."""
        return self._endpoint.wire.body(Question(self._endpoint, request).shot(self.abilities(request.model)))

    def abilities(self, model: str | None = None) -> Abilities:
        """What is known by now of a model behind this endpoint, by default the configured one."""
        return self._endpoint.learned.of(model or self.name)

    def forget(self, model: str | None = None) -> None:
        """Begin again at the top of the ladder, as `firmly doctor` does."""
        self._endpoint.learned.forget(model or self.name)

    def close(self) -> None:
        """Close the connections; the next question opens new ones."""
        self._endpoint.wire.close()
