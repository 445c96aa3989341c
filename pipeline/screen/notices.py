"""The words of `notices.toml`: how automatic answers and newsletters give themselves away, in any language."""

import re
import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("notices.toml").read_text(encoding="utf-8"))

AUTOMATIC_SUBJECTS: tuple[str, ...] = tuple(_DATA["automatic_subjects"])
"""Beginnings of subjects that only programs write."""
ABSENCE_SUBJECTS: tuple[str, ...] = tuple(_DATA["absence_subjects"])
"""Beginnings of subjects that people write too."""
ABSENCE_WORDS = re.compile("|".join(_DATA["absence_words"]), re.IGNORECASE)
UNSUBSCRIBE_WORDS = re.compile("|".join(_DATA["unsubscribe_words"]), re.IGNORECASE)
