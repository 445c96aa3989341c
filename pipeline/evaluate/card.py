"""A scorecard in figures, in the form of design, section 7."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.ids import Label
from pipeline.evaluate.score import Scorecard, Scored

SCHEMA = "firmly.eval/1"
_ROUNDS = 2000
_SEED = 20261121
_Counts = NDArray[np.int64]


def scorecard_json(card: Scorecard) -> dict[str, Any]:
    """The card as plain JSON values. A figure without anything to count is null."""
    scored = card.scored
    labels = sorted({label for one in scored for label in one.case.behaviours | one.given})
    counts = _count(scored, labels)
    ordinary = np.array([_ordinary(one) for one in scored], dtype=np.int64)[:, None, :]
    picks = np.random.default_rng(_SEED).integers(0, len(scored), (_ROUNDS, len(scored)))
    used = card.consumption
    return {
        "schema": SCHEMA,
        "cases": len(scored),
        "judge": card.judge,
        "fingerprint": card.fingerprint,
        "model": card.model,
        "prompt": card.prompt,
        "behaviours": {
            "micro": _figures(counts, picks),
            "macro": _macro(counts, picks),
            "ordinary": _figures(ordinary, picks),
            "labels": {
                label: {
                    **_figures(counts[:, [place]], picks),
                    "cases": sum(label in one.case.behaviours for one in scored),
                    "unsure": sum(label in one.unsure for one in scored),
                }
                for place, label in enumerate(labels)
            },
            "unsure": _unsure(scored),
        },
        "tone": _accuracy(
            scored, picks, lambda one: one.case.tone, lambda one: one.answer.tone if one.answer else None
        ),
        "intent": _accuracy(
            scored, picks, lambda one: one.case.intent, lambda one: one.answer.intent if one.answer else None
        ),
        "needs_reply": _replies(scored),
        "failed": [{"id": one.case.id, "why": one.failure} for one in scored if one.answer is None],
        "usage": {
            "calls": used.calls,
            "tokens_in": used.tokens_in,
            "tokens_out": used.tokens_out,
            "tokens": used.tokens_in + used.tokens_out,
            "cost": None if used.cost is None else str(used.cost),
            "currency": used.currency,
            "seconds": round(card.seconds, 3),
        },
    }


def _count(scored: Sequence[Scored], labels: Sequence[Label]) -> _Counts:
    """Right, given and wanted for every case and label, shape (cases, labels, 3); alternatives count for nothing."""
    counts = np.zeros((len(scored), len(labels), 3), dtype=np.int64)
    for row, one in enumerate(scored):
        for column, label in enumerate(labels):
            if label in one.case.alternatives:
                continue
            given, wanted = label in one.given, label in one.case.behaviours
            counts[row, column] = given and wanted, given, wanted
    return counts


def _ordinary(one: Scored) -> tuple[bool, bool, bool]:
    """Right, given and wanted for `this mail is ordinary`. A case without answer is not called ordinary."""
    wanted = not one.case.behaviours
    given = one.answer is not None and not one.given - one.case.alternatives
    return given and wanted, given, wanted


def _figures(counts: _Counts, picks: NDArray[np.int64]) -> dict[str, Any]:
    """Precision, recall and F1 of the summed counts, with the 95 % interval of F1 over resampled cases."""
    by_case = counts.sum(axis=1)
    right, given, wanted = (int(value) for value in by_case.sum(axis=0))
    if not given and not wanted:
        return {"precision": None, "recall": None, "f1": None, "ci95": None}
    resampled = by_case[picks].sum(axis=1)
    return {
        "precision": round(right / given, 4) if given else None,
        "recall": round(right / wanted, 4) if wanted else None,
        "f1": round(2 * right / (given + wanted), 4),
        "ci95": _interval(_f1(resampled)),
    }


def _macro(counts: _Counts, picks: NDArray[np.int64]) -> dict[str, Any]:
    """The plain mean over the labels that some case carries; a precision of nothing given counts as 0."""
    wanted = counts[..., 2].sum(axis=0) > 0
    if not wanted.any():
        return {"precision": None, "recall": None, "f1": None, "ci95": None}
    total = counts[:, wanted].sum(axis=0)
    resampled = np.stack([_f1(counts[:, place][picks].sum(axis=1)) for place in np.flatnonzero(wanted)])
    return {
        "precision": round(float((total[:, 0] / np.maximum(1, total[:, 1])).mean()), 4),
        "recall": round(float((total[:, 0] / np.maximum(1, total[:, 2])).mean()), 4),
        "f1": round(float(_f1(total).mean()), 4),
        "ci95": _interval(resampled.mean(axis=0)),
    }


def _unsure(scored: Sequence[Scored]) -> dict[str, Any]:
    """Labels that a person would be asked about: how many, and how many of them are true."""
    named = [(one, label) for one in scored for label in one.unsure - one.case.alternatives]
    return {
        "labels": len(named),
        "right": sum(label in one.case.behaviours for one, label in named),
        "mails": sum(bool(one.unsure) for one in scored),
    }


def _accuracy(
    scored: Sequence[Scored],
    picks: NDArray[np.int64],
    wanted: Callable[[Scored], Label | None],
    given: Callable[[Scored], Label | None],
) -> dict[str, Any]:
    """Share of the labelled cases with the right answer. An alternative that was given takes its case out."""
    counts = np.zeros((len(scored), 2))
    for row, one in enumerate(scored):
        truth, answer = wanted(one), given(one)
        if truth is not None and (answer == truth or answer not in one.case.alternatives):
            counts[row] = answer == truth, 1
    if not counts[:, 1].any():
        return {"accuracy": None, "ci95": None, "cases": 0}
    right, cases = counts.sum(axis=0)
    resampled = counts[picks].sum(axis=1)
    return {
        "accuracy": round(float(right / cases), 4),
        "ci95": _interval(resampled[:, 0] / np.maximum(1, resampled[:, 1])),
        "cases": int(cases),
    }


def _replies(scored: Sequence[Scored]) -> dict[str, Any]:
    labelled = [one for one in scored if one.case.needs_reply is not None]
    right = sum(one.answer is not None and one.answer.needs_reply == one.case.needs_reply for one in labelled)
    return {"accuracy": round(right / len(labelled), 4) if labelled else None, "cases": len(labelled)}


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of rows of right, given, wanted; 0 where nothing is given or wanted."""
    scores: NDArray[np.float64] = 2 * counts[..., 0] / np.maximum(1, counts[..., 1] + counts[..., 2])
    return scores


def _interval(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 4) for value in np.quantile(values, [0.025, 0.975])]
