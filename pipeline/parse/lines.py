"""The body as lines, each with what its mark-up says about it."""

from dataclasses import dataclass, field
from enum import Enum, auto


class Kind(Enum):
    """What a line is for sure, before its words are looked at. Plain text is all `OPEN`."""

    OPEN = auto()
    """Not known: the words decide."""
    QUOTED = auto()
    """Marked as a quote, by `>` or by the mark-up; answers may stand between such lines."""
    SIGNATURE = auto()
    """The mail program marked it as the signature."""
    HISTORY = auto()
    """The mail program marked it as the mail that is answered or forwarded."""


@dataclass(slots=True)
class Lines:
    """Lines without their ends. `kinds` is empty (all `OPEN`) or as long as `texts`."""

    texts: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)

    def add(self, other: "Lines") -> None:
        """Append another part's lines, with a blank line between the two."""
        if self.texts and other.texts:
            self._append([""], [])
        self._append(other.texts, other.kinds)

    def _append(self, texts: list[str], kinds: list[Kind]) -> None:
        if kinds or self.kinds:
            self.kinds = self.kinds or [Kind.OPEN] * len(self.texts)
            self.kinds.extend(kinds or [Kind.OPEN] * len(texts))
        self.texts.extend(texts)
