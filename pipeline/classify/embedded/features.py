"""What the heads see of a mail. Training and judging run this same code, so the two can never disagree."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.embedded.sentences import fold, split_sentences

Vector = NDArray[np.float32]

WIDTH = 512
"""Dimensions of one sentence vector."""
_HEAD_CHARS = 3000
_TAIL_CHARS = 1500
_FIRST_SENTENCES, _LAST_SENTENCES = 50, 30
_QUOTED_CHARS = 1200
_WORD = re.compile(r"(?:\w|[\u0900-\u0963\u0966-\u0dff])+|[?!]")
"""Words with the vowel signs of the Indic scripts, which `\\w` leaves out, and the marks of asking and shouting."""
_WITHIN = re.compile(r"[\u0300-\u036f\u064b-\u0652\u0670\u200c\u200d՛՜՞]")
"""Marks inside a word that do not make it another: combining accents, Arabic vowels, joiners, Armenian stress."""
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_DIGIT = re.compile(r"\d")
_CAPITALS = re.compile(r"\b[^\W\d_]{3,}\b")
_QUESTION = "?؟՞"


class Encodes(Protocol):
    """Turns texts into vectors of `WIDTH`, one row a text."""

    def encode(self, texts: Sequence[str]) -> Vector:
        """Vectors of length 1, shape (len(texts), WIDTH)."""


@dataclass(frozen=True, slots=True)
class Features:
    """One mail as numbers: `dense` of shape (4 * WIDTH + 7,), the 7 for style; words and characters as hash → count."""

    dense: Vector
    words: Counter[int]
    characters: Counter[int]


def shorten(text: str) -> str:
    """Head and tail of a long mail: what is wanted stands at the beginning or at the end."""
    if len(text) <= _HEAD_CHARS + _TAIL_CHARS:
        return text
    return f"{text[:_HEAD_CHARS]}\n\n{text[-_TAIL_CHARS:]}"


def read_mail(subject: str, newest: str, quoted: str, encoder: Encodes) -> tuple[list[str], Vector, Features]:
    """The sentences of a mail, their vectors and the features of the whole."""
    body = shorten(newest)
    sentences = split_sentences(body) or [fold(subject) or "-"]
    if len(sentences) > _FIRST_SENTENCES + _LAST_SENTENCES:
        sentences = sentences[:_FIRST_SENTENCES] + sentences[-_LAST_SENTENCES:]
    whole = f"{fold(subject)}. {fold(body)}"
    history = fold(quoted)[:_QUOTED_CHARS]
    vectors = encoder.encode([whole, history or "-", *sentences])
    earlier = vectors[1] if history else np.zeros(WIDTH, dtype=np.float32)
    return sentences, vectors[2:], combine(vectors[0], vectors[2:], earlier, f"{subject}\n{body}")


def combine(whole: Vector, sentences: Vector, earlier: Vector, text: str) -> Features:
    """Whole mail, mean and maximum over its sentences, the history, the style; and its n-grams."""
    dense = np.concatenate(
        [whole, sentences.mean(axis=0), sentences.max(axis=0), earlier, _style(text, len(sentences))]
    )
    words = _WORD.findall(_plain(text))
    return Features(dense.astype(np.float32), Counter(_word_grams(words)), Counter(_character_grams(words)))


def _word_grams(words: Sequence[str]) -> Iterable[int]:
    """Hashes (CRC-32) of words and of word pairs."""
    for word in words:
        yield crc32(f"w {word}".encode())
    for first, second in pairwise(words):
        yield crc32(f"w {first} {second}".encode())


def _character_grams(words: Sequence[str]) -> Iterable[int]:
    """Hashes of the 2 to 5 characters that follow one another within a word, blanks at its ends included."""
    for word in words:
        padded = f" {word} "
        for size in range(2, 6):
            if size >= len(padded):
                yield crc32(f"c{padded}".encode())
                break
            for start in range(len(padded) - size + 1):
                yield crc32(f"c{padded[start : start + size]}".encode())


def _plain(text: str) -> str:
    """Lower case, compatible forms folded, addresses and digits masked: no head may learn a name's number."""
    masked = _DIGIT.sub("0", _ADDRESS.sub(" url ", text))
    return _WITHIN.sub("", unicodedata.normalize("NFKC", masked)).casefold()


def _style(text: str, sentences: int) -> Vector:
    """How it is written: question marks, exclamation marks, capitals, length. Scaled to lie mostly between 0 and 1."""
    questions = sum(text.count(mark) for mark in _QUESTION)
    words = _CAPITALS.findall(text)
    shouted = sum(word.isupper() and not word.islower() for word in words)
    return np.array(
        [
            np.log1p(questions) / 2,
            float(questions >= 3),
            questions / max(1, sentences),
            np.log1p(text.count("!")) / 2,
            shouted / max(1, len(words)),
            np.log1p(len(text)) / 8,
            float("..." in text or "…" in text),
        ],
        dtype=np.float32,
    ).clip(0, 2)
