"""Figures for the card."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from training.train import Problem

FIRST_HANDS = frozenset({"contrast_pairs", "corporate", "creative", "web"})
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def prf(given: Flags, wanted: Flags) -> tuple[float, float, float]:
    """Precision, recall and F1 over all cells; 0 where there is nothing to divide by."""
    right = int((given & wanted).sum())
    precision = right / max(1, int(given.sum()))
    recall = right / max(1, int(wanted.sum()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def bootstrap(figure: Callable[[NDArray[np.int64]], float], cases: int, rounds: int = 1000) -> list[float]:
    """95 % interval of a figure over resampled cases."""
    random = np.random.default_rng(20260101)
    values = [figure(random.integers(0, cases, cases)) for _ in range(rounds)]
    return [round(float(value), 3) for value in np.quantile(values, [0.025, 0.975])]


def report(
    problem: "Problem", mixed: Floats, probability: Floats, plain: Floats, thresholds: Floats, tones: int
) -> dict[str, Any]:
    """Behaviours by hand and in plain cross-validation, tone, intent, false flags; of all mails, and of English ones."""
    count = len(problem.behaviours)
    wanted = problem.labels[:, :count]
    english = np.array([mail.language == "en" for mail in problem.mails])
    first = np.array([mail.hand in FIRST_HANDS for mail in problem.mails])
    return {
        "left_out": "each hand in turn: all mails of one author, or of one author in one family of languages",
        "all": _behaviours(probability >= thresholds, wanted),
        "english": _behaviours((probability >= thresholds)[english], wanted[english]),
        "other_languages_unseen": _behaviours((probability >= thresholds)[~english], wanted[~english]),
        "four_first_hands": _behaviours((probability >= thresholds)[first], wanted[first]),
        "plain_three_folds": _behaviours(plain >= thresholds, wanted),
        "labels": {
            name: _rounded(prf((probability >= thresholds)[:, [i]], wanted[:, [i]]))
            for i, name in enumerate(problem.behaviours)
        },
        "tone": _accuracy(mixed[:, count : count + tones], problem.labels[:, count : count + tones]),
        "intent": _accuracy(mixed[:, count + tones :], problem.labels[:, count + tones :]),
    }


def _behaviours(given: Flags, wanted: Flags) -> dict[str, Any]:
    macro = [prf(given[:, [i]], wanted[:, [i]])[2] for i in range(wanted.shape[1]) if wanted[:, i].any()]
    ordinary = ~wanted.any(axis=1)
    return {
        "mails": len(wanted),
        "micro": _rounded(prf(given, wanted)),
        "ci95": bootstrap(lambda rows: prf(given[rows], wanted[rows])[2], len(wanted)),
        "macro_f1": round(float(np.mean(macro)), 3),
        "ordinary_flagged": round(float(given[ordinary].any(axis=1).mean()), 3),
    }


def _accuracy(scores: Floats, wanted: Flags) -> dict[str, Any]:
    right = wanted[np.arange(len(wanted)), scores.argmax(axis=1)]
    return {
        "accuracy": round(float(right.mean()), 3),
        "ci95": bootstrap(lambda rows: float(right[rows].mean()), len(right)),
    }


def _rounded(figures: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("precision", "recall", "f1"), (round(figure, 3) for figure in figures), strict=True))
