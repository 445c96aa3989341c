"""Assessment × context × playbook → what to do. Pure: the same facts give the same strategy, and it says why."""

from pipeline.decide.facts import Desktop, facts_for
from pipeline.decide.strategy import Situation, choose_strategy

__all__ = ["Desktop", "Situation", "choose_strategy", "facts_for"]
