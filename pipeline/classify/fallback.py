"""Two judges: the one that the config names, and the embedded one in its place where it gives nothing usable.

For models that are too weak to judge mail: their mails would all be parked. What the second judge said is marked as
such wherever it is shown. A refusal goes to a person all the same, because what a filter stops is the mail that a
second, milder reader might call harmless; and while the endpoint is down nobody stands in: the next run asks again.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from pipeline.classify.ports import Bounded, Judge
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.ids import Label
from pipeline.domain.mail import Message
from pipeline.errors import AnswerRefused, BadAnswer
from pipeline.llm.retry import Breaker
from pipeline.promptfile import hash_of

MOST_IN_A_ROW = 3
"""So many mails in a row without a usable answer, and the model is left alone for a while: each costs its full room."""
REST_S = 900.0


class FallbackJudge:
    """Implements the port `Judge` over two others. Safe for threads if they are."""

    def __init__(self, first: Judge, second: Judge, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives monotonic seconds."""
        self._first = first
        self._second = second
        self._useless = Breaker(clock, limit=MOST_IN_A_ROW, rest_s=REST_S)
        self.name = first.name
        self.fingerprint = hash_of(first.fingerprint, second.fingerprint)

    def bounds(self, label: Label) -> tuple[float, float] | None:
        """See `Bounded`: those of the first judge."""
        return self._first.bounds(label) if isinstance(self._first, Bounded) else None

    def judge(self, message: Message, context: Context) -> Assessment:
        """Ask the first judge, and the second where its answer is unusable. Other errors as the port says."""
        if self._useless.open:
            return self._instead(
                message, context, f"it gave {MOST_IN_A_ROW} unusable answers in a row and is left alone"
            )
        try:
            assessment = self._first.judge(message, context)
        except AnswerRefused:
            raise
        except BadAnswer as error:
            self._useless.note(failed=True)
            return self._instead(message, context, error.message)
        unfounded = is_unfounded(assessment)
        self._useless.note(failed=unfounded)
        if unfounded:
            return self._instead(message, context, "None of the words that it quotes stands in the mail.")
        return assessment

    def _instead(self, message: Message, context: Context, because: str) -> Assessment:
        assessment = self._second.judge(message, context)
        return replace(assessment, fallback_because=f"in the place of {self._first.name}: {because.rstrip('.')}")


def is_unfounded(assessment: Assessment) -> bool:
    """Whether a judge named labels or a payment, and had to be denied all of them for want of words in the mail."""
    return bool(assessment.dropped) and not assessment.behaviours and assessment.payment is None
