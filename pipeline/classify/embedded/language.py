"""Which language a mail is written in. No network; the model of `py3langid` lies in its wheel."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

FIRST = ("en", "de", "fr", "es", "it", "pt", "nl", "tr", "ar", "pl", "ru", "hy", "te")
"""Languages with words and templates here; they win where the text does not say much."""
_FURTHER = (
    "bg", "ca", "cs", "da", "el", "et", "fa", "fi", "he", "hi", "hr", "hu", "id", "ja", "ko", "lt", "lv", "no", "ro", "sk",
    "sl", "sr", "sv", "th", "uk", "ur", "vi", "zh",
)  # fmt: skip
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\d_\W]+")
_SHORT = 25
"""Below this many letters only the script can be trusted."""
_CLEAR = 0.95


def detect_language(text: str, expected: str | None = None) -> str:
    """BCP 47 code of the text's language; `expected` (the client's) decides where the text is too short to tell."""
    letters = _NOISE.sub(" ", text[:4000]).strip()
    if not letters:
        return expected or "en"
    best, share = _identifier().classify(letters)
    if len(letters) < _SHORT and best not in {"ar", "hy", "ru", "te"} and expected:
        return expected
    if best in FIRST or (share >= _CLEAR and len(letters) >= _SHORT):
        return str(best)
    return str(_identifier(narrow=True).classify(letters)[0])


@cache
def _identifier(*, narrow: bool = False) -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 loads a model of 20 MB on import and use

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(FIRST) if narrow else [*FIRST, *_FURTHER])
    return identifier
