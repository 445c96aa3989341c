"""The limits of a day and of an hour: no call is begun that could go past them.

A call is counted before it is made by an estimate on the high side: a token for every three characters, and the
whole room of the answer. What is in flight is counted with what is written down, so that calls side by side cannot
pass it together. Other processes count too, by the log.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from pipeline.config.models import Llm
from pipeline.domain.calls import Usage
from pipeline.errors import ConfigError, ModelUnavailable
from pipeline.llm.ports import CallLog
from pipeline.llm.prices import Prices

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a day and an hour may take. None is no limit. The day is the owner's calendar day."""

    cost: Decimal | None = None
    """In the currency of the price list, or of the config's price."""
    tokens: int | None = None
    """In and out."""
    hourly_calls: int | None = None
    """Requests within the last hour, refused and failed ones included."""
    timezone: tzinfo = UTC

    @classmethod
    def of(cls, settings: Llm, timezone: tzinfo) -> "Limits":
        """The limits of a config, on the owner's clock."""
        cost = None if settings.daily_budget is None else Decimal(str(settings.daily_budget))
        return cls(cost, settings.daily_tokens, settings.hourly_calls, timezone)

    @property
    def any(self) -> bool:
        """Whether there is anything to watch."""
        return not (self.cost is None and self.tokens is None and self.hourly_calls is None)


def estimate(characters: int, max_tokens: int) -> Usage:
    """The most that a call is taken to use before it is made."""
    return Usage(tokens_in=characters // 3 + 1, tokens_out=max_tokens)


class Budget:
    """Guards the limits of one endpoint. Safe for threads."""

    def __init__(self, limits: Limits, prices: Prices, log: CallLog, clock: Callable[[], datetime]) -> None:
        """`clock` gives the time of day, aware."""
        self._limits = limits
        self._prices = prices
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._calls = 0
        self._tokens = 0
        self._cost = Decimal(0)

    @contextmanager
    def reserve(self, usage: Usage, model: str) -> Iterator[None]:
        """Hold room for one call while it is made and written down.

        Raises ModelUnavailable if it does not fit into what the day has left, and ConfigError if there is a limit in
        money and the model has no known price.
        """
        if not self._limits.any:
            yield
            return
        tokens, cost = usage.tokens_in + usage.tokens_out, self._priced(usage, model)
        with self._lock:
            self._check(tokens, cost)
            self._calls += 1
            self._tokens += tokens
            self._cost += cost
        try:
            yield
        finally:
            with self._lock:
                self._calls -= 1
                self._tokens -= tokens
                self._cost -= cost

    def _priced(self, usage: Usage, model: str) -> Decimal:
        if self._limits.cost is None:
            return Decimal(0)
        cost = self._prices.cost(usage, model)
        if cost is None:
            raise ConfigError(
                f"[llm] daily_budget is set, and the price of the model {model} is not known.",
                fix="Give it in [llm.price], or limit the day by daily_tokens instead.",
            )
        return cost.amount

    def _check(self, tokens: int, cost: Decimal) -> None:
        now = self._clock().astimezone(self._limits.timezone)
        if self._limits.hourly_calls is not None:
            made = self._log.spending_since(now - _HOUR).calls + self._calls
            if made >= self._limits.hourly_calls:
                raise ModelUnavailable(
                    f"The model's hourly limit is reached: {made} of {self._limits.hourly_calls} calls within the last hour.",
                    fix="A later run goes on; or raise [llm] hourly_calls.",
                )
        spent = self._log.spending_since(now.replace(hour=0, minute=0, second=0, microsecond=0))
        if self._limits.tokens is not None and spent.tokens + self._tokens + tokens > self._limits.tokens:
            raise ModelUnavailable(
                f"The model's daily budget is reached: {spent.tokens} of {self._limits.tokens} tokens are used, "
                f"and the next call may take {tokens}.",
                fix="It goes on tomorrow; or raise [llm] daily_tokens.",
            )
        if self._limits.cost is not None and spent.cost + self._cost + cost > self._limits.cost:
            raise ModelUnavailable(
                f"The model's daily budget is reached: {spent.cost:.2f} of {self._limits.cost:.2f} "
                f"{self._prices.currency} are spent, and the next call may cost {cost:.4f}.",
                fix="It goes on tomorrow; or raise [llm] daily_budget.",
            )
