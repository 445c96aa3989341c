"""A client's whole history from a directory, through the real stages, in a temporary store: what Firmly would have said.

The form of the directory: design, section 7. Nothing in it is changed, and nothing is kept.
"""

from pipeline.replay.play import Replay, replay_history
from pipeline.replay.report import replay_json

__all__ = ["Replay", "replay_history", "replay_json"]
