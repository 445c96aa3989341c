"""What Firmly wants of whoever words a reply."""

from typing import Protocol

from pipeline.domain.mail import Message
from pipeline.domain.proposal import Author, Finding
from pipeline.domain.strategy import Strategy


class Writer(Protocol):
    """Words the body of a reply, greeting to closing line and signature name. Headers are not its business."""

    author: Author
    fingerprint: str
    """Changes with everything that may change the words: prompt, model, templates."""

    def write(self, strategy: Strategy, message: Message | None, findings: tuple[Finding, ...] = ()) -> str:
        """The body for this strategy; `findings` are what the guard had against the attempt before.

        `message` is None for a chase that answers no mail. Raises `BadAnswer`, `ModelUnavailable`, `PromptError`.
        """
