"""How often a judge is right on mails whose labels are known.

cases   gold cases (design, section 7) from a file, and the `Message` of one
score   a judge's answers beside the labels
card    precision, recall, F1 with their intervals, as `firmly eval --json` prints them
"""

from pipeline.evaluate.card import scorecard_json
from pipeline.evaluate.cases import GoldCase, load_cases
from pipeline.evaluate.score import Consumption, Scorecard, Scored, score_cases

__all__ = ["Consumption", "GoldCase", "Scorecard", "Scored", "load_cases", "score_cases", "scorecard_json"]
