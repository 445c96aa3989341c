"""The trained heads: logistic regressions over the features, with their calibration and thresholds. numpy only."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.embedded.features import Features
from pipeline.errors import ConfigError

WEIGHTS = Path(__file__).with_name("heads.npz")
CARD = Path(__file__).with_name("heads.json")
_FIX = "install firmly again, or train the heads again: python -m training.train"
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Card:
    """What `heads.json` says: the names of the heads in order, and how their raw scores are read."""

    sha256: str
    behaviours: tuple[str, ...]
    tones: tuple[str, ...]
    intents: tuple[str, ...]
    dense_share: Mapping[str, float]
    """How much the sentence vectors count beside the n-grams: for `en`, for `other` languages, for those `unknown` to the encoder."""
    known: frozenset[str]
    """Languages that the encoder was taught."""
    dense_scale: _Floats
    gram_scale: _Floats
    slope: float
    offsets: _Floats
    """Behaviour score → probability: sigmoid(slope * score + offset of the label)."""
    thresholds: Mapping[str, float]
    """Probability from which a label is sure."""
    unsure: float
    """Share of the threshold from which a label is named at all."""


@dataclass(frozen=True, slots=True)
class Grams:
    """One block of the n-gram vocabulary: hashes in ascending order with their inverse document frequencies."""

    hashes: NDArray[np.uint32]
    idf: _Floats

    def vector(self, counts: Counter[int]) -> tuple[NDArray[np.int64], _Floats]:
        """Places and values of the known n-grams: (1 + ln count) · idf, of length 1."""
        if not counts:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        seen = np.fromiter(counts, dtype=np.uint32, count=len(counts))
        often = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        places = np.searchsorted(self.hashes, seen).clip(max=len(self.hashes) - 1)
        known = self.hashes[places] == seen
        places, values = places[known], (1 + np.log(often[known]))
        values = values * self.idf[places]
        length = float(np.linalg.norm(values))
        return places, values / length if length else values


@dataclass(frozen=True, slots=True)
class Scores:
    """What the heads say of one text: a probability per behaviour, and a score per tone and per intent."""

    behaviours: dict[str, float]
    tones: dict[str, float]
    intents: dict[str, float]


class Heads:
    """The heads of `heads.npz` as described by `heads.json`."""

    def __init__(self, weights: Path = WEIGHTS, card: Path = CARD) -> None:
        """Load and verify. Raises ConfigError if a file is missing or the weights are not those of the card."""
        try:
            facts = json.loads(card.read_text(encoding="utf-8"))
            raw = weights.read_bytes()
        except OSError as error:
            raise ConfigError(f"The embedded judge lacks its file {Path(error.filename).name}.", fix=_FIX) from error
        self.card = read_card(facts)
        if hashlib.sha256(raw).hexdigest() != self.card.sha256:
            raise ConfigError(f"{weights.name} is not the file that {card.name} describes (SHA-256 differs).", fix=_FIX)
        with np.load(weights, allow_pickle=False) as arrays:
            self._words = Grams(arrays["word_hashes"], arrays["word_idf"].astype(np.float64))
            self._characters = Grams(arrays["character_hashes"], arrays["character_idf"].astype(np.float64))
            self._dense: _Floats = arrays["dense"].astype(np.float64)
            self._dense_bias: _Floats = arrays["dense_bias"].astype(np.float64)
            self._grams = arrays["grams"]
            self._gram_bias: _Floats = arrays["gram_bias"].astype(np.float64)

    def raw(self, features: Features, language: str) -> _Floats:
        """The mixed score of every head, in the order behaviours, tones, intents."""
        dense = features.dense @ self._dense + self._dense_bias
        words, word_values = self._words.vector(features.words)
        characters, character_values = self._characters.vector(features.characters)
        grams = (
            word_values @ self._grams[words].astype(np.float64)
            + character_values @ self._grams[characters + len(self._words.hashes)].astype(np.float64)
            + self._gram_bias
        )
        share = dense_share(self.card, language)
        mixed: _Floats = share * dense / self.card.dense_scale + (1 - share) * grams / self.card.gram_scale
        return mixed

    def score(self, features: Features, language: str) -> Scores:
        """Calibrated probabilities of the behaviours, and the scores of tones and intents."""
        card = self.card
        mixed = self.raw(features, language)
        first, second = len(card.behaviours), len(card.behaviours) + len(card.tones)
        probability = 1 / (1 + np.exp(-(card.slope * mixed[:first] + card.offsets)))
        return Scores(
            _named(card.behaviours, probability),
            _named(card.tones, mixed[first:second]),
            _named(card.intents, mixed[second:]),
        )


def dense_share(card: Card, language: str) -> float:
    """The share of the sentence vectors for mail in this language."""
    primary = language.split("-", maxsplit=1)[0]
    if primary == "en":
        return card.dense_share["en"]
    return card.dense_share["other" if primary in card.known else "unknown"]


def read_card(facts: Mapping[str, Any]) -> Card:
    """The card from its JSON."""
    return Card(
        sha256=facts["sha256"],
        behaviours=tuple(facts["behaviours"]),
        tones=tuple(facts["tones"]),
        intents=tuple(facts["intents"]),
        dense_share=facts["dense_share"],
        known=frozenset(facts["encoder_languages"]),
        dense_scale=np.array(facts["dense_scale"], dtype=np.float64),
        gram_scale=np.array(facts["gram_scale"], dtype=np.float64),
        slope=float(facts["slope"]),
        offsets=np.array(facts["offsets"], dtype=np.float64),
        thresholds=facts["thresholds"],
        unsure=float(facts["unsure"]),
    )


def _named(names: Sequence[str], values: _Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
