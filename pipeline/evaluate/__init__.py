"""How often a judge is right on mails whose labels are known.

cases   gold cases (design, section 7) from a file, and the `Message` of one
score   a judge's answers beside the labels
thresholds  from which confidence on a label is sure, fitted to what the owner confirmed and struck
card    precision, recall, F1 with their intervals, as `firmly eval --json` prints them
"""

from pipeline.evaluate.card import scorecard_json
from pipeline.evaluate.cases import GoldCase, load_cases
from pipeline.evaluate.score import Consumption, Scorecard, Scored, score_cases
from pipeline.evaluate.thresholds import Fit, LabelDecision, fit_thresholds

__all__ = [
    "Consumption",
    "Fit",
    "GoldCase",
    "LabelDecision",
    "Scorecard",
    "Scored",
    "fit_thresholds",
    "load_cases",
    "score_cases",
    "scorecard_json",
]
