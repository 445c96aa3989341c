"""The judge that works without an endpoint: no network, no key.

The judge is imported when it is asked for: its numerics take longer to import than a client's card takes to read, and the
rules beside it (dates, money) need none of them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.classify.embedded.judge import EmbeddedJudge

__all__ = ["EmbeddedJudge"]


def __getattr__(name: str) -> Any:
    if name == "EmbeddedJudge":
        from pipeline.classify.embedded.judge import EmbeddedJudge  # noqa: PLC0415 late, see above

        return EmbeddedJudge
    raise AttributeError(name)
