"""Who is asked again, when, and how often. tenacity does the waiting; nobody else retries.

Retried: no connection, timeouts, 408, 409, 429 and 5xx. Not retried: 429 with `insufficient_quota` (no waiting helps),
and a Retry-After beyond a minute (the next run will do it). The numbers are those of a cron job with many mails, which
holds the lock while it waits and comes again in minutes: 4 attempts, waits that grow from 1 to 20 seconds with jitter,
90 seconds in all. An endpoint that refused the key, has no credit left or asked for more patience than that is not
asked again in this process until its time is over.
"""

import email.utils
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from pipeline.errors import CredentialsError, FirmlyError

ATTEMPTS = 4
TOTAL_S = 90.0
LONGEST_WAIT_S = 60.0
LONGEST_REST_S = 3600.0
"""More patience than an hour is not shown, whatever a Retry-After says."""
REFUSED_REST_S = 900.0
"""For a refused key or spent credit: nothing changes within a run, and knocking on gets keys blocked."""

_RETRYABLE = frozenset({408, 409, 425, 429})
_jitter = tenacity.wait_random_exponential(multiplier=1, max=20)

T = TypeVar("T")


class Failed(Exception):
    """A request that brought no answer. Holds no words of the request or the mail."""

    def __init__(
        self,
        outcome: str,
        *,
        status: int | None = None,
        code: str = "",
        about: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        """`status` is None if there was no response; `about` is the server's own message, in lower case."""
        super().__init__(outcome)
        self.outcome = outcome
        self.status = status
        self.code = code
        self.about = about
        self.retry_after_s = retry_after_s

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status is None or self.status in _RETRYABLE or self.status >= 500

    @property
    def exhausted(self) -> bool:
        """Whether the account has no credit left: no waiting helps."""
        return self.code in {"insufficient_quota", "billing_hard_limit_reached"}

    @property
    def worth_waiting(self) -> bool:
        """Whether it may succeed within this run."""
        far = self.retry_after_s is not None and self.retry_after_s > LONGEST_WAIT_S
        return self.temporary and not self.exhausted and not far


def retry_after_s(value: str | None, date: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3): a number, or a date. None if unreadable.

    A date is counted from the response's own Date header, so that the two clocks need not agree.
    """
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        then, now = email.utils.parsedate_to_datetime(value), email.utils.parsedate_to_datetime(date or "")
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Failed) and error.retry_after_s is not None:
        return error.retry_after_s
    return float(_jitter(state))


def retrying(sleep: Callable[[float], None]) -> tenacity.Retrying:
    """The one policy of retries. The last failure is raised as it came."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, Failed) and error.worth_waiting),
        wait=_wait,
        stop=tenacity.stop_after_attempt(ATTEMPTS) | tenacity.stop_before_delay(TOTAL_S),
        sleep=sleep,
        reraise=True,
    )


def rest_s(failed: Failed, error: FirmlyError) -> float | None:
    """How long the endpoint is to be left alone after this failure; None: it may be asked again at once."""
    if isinstance(error, CredentialsError) or failed.status == 402 or failed.exhausted:
        return REFUSED_REST_S
    if failed.temporary and not failed.worth_waiting and failed.retry_after_s is not None:
        return min(failed.retry_after_s, LONGEST_REST_S)
    return None


class Rests:
    """Which models are to be left alone, until when, and what they said. Safe for threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._resting: dict[str, tuple[float, FirmlyError]] = {}

    def begin(self, model: str, seconds: float, error: FirmlyError) -> None:
        """Leave a model alone for so long."""
        with self._lock:
            self._resting[model] = (self._clock() + seconds, error)

    def check(self, model: str) -> None:
        """Raise again what the model said, while it rests."""
        with self._lock:
            until, error = self._resting.get(model, (0.0, None))
            if error is not None and self._clock() < until:
                raise type(error)(error.message, fix=error.fix)


@dataclass
class Breaker:
    """Stops asking an endpoint that has failed many times in a row, and tries again after a rest."""

    clock: Callable[[], float]
    """Monotonic seconds."""
    limit: int = 10
    rest_s: float = 60.0

    def __post_init__(self) -> None:
        """Begin with a clean slate."""
        self._lock = threading.Lock()
        self._failures = 0
        self._last = 0.0

    @property
    def open(self) -> bool:
        """Whether it is of no use to ask now."""
        with self._lock:
            return self._failures >= self.limit and self.clock() - self._last < self.rest_s

    def note(self, *, failed: bool) -> None:
        """Take note of how a request went. An endpoint that answers, even with no, is there."""
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            self._last = self.clock()
