"""What Firmly wants of whoever reads a mail."""

from typing import Protocol, runtime_checkable

from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.ids import Label
from pipeline.domain.mail import Message


class Judge(Protocol):
    """Says what is going on in one mail. The same input gives the same answer where the judge is deterministic."""

    name: str
    """For people: `embedded`, `one_call/gpt-5.5`."""
    fingerprint: str
    """Changes with everything that may change an answer: weights, prompt, model, thresholds, taxonomy."""

    def judge(self, message: Message, context: Context) -> Assessment:
        """Assess the newest text of a mail that passed the screen.

        Raises `BadAnswer` (this mail is parked), `ModelUnavailable` (the next run goes on), `CredentialsError`.
        """


@runtime_checkable
class Bounded(Protocol):
    """A judge that can say from which confidence on it takes a label as given."""

    def bounds(self, label: Label) -> tuple[float, float] | None:
        """From where on a person is asked, and from where on a behaviour is sure, 0 to 10; None for a label it does not know."""
