"""How it is going with a client, from confirmed incidents and facts. Pure: the same record gives the same advice."""

from pipeline.verdict.judge import judge_client

__all__ = ["judge_client"]
