"""The judge that works without an endpoint: no network, no key."""

from pipeline.classify.embedded.judge import EmbeddedJudge

__all__ = ["EmbeddedJudge"]
