"""Names of labels and plays as people read them: `scope_creep` is scope creep."""

import re
from collections.abc import Callable, Iterable


def title_of(name: str) -> str:
    """A name in words."""
    return name.replace("_", " ")


def speaker(names: Iterable[str]) -> Callable[[str], str]:
    """Who words these names wherever they stand in a sentence of ours, and leaves other names (of settings) as they are."""
    known = sorted((name for name in names if "_" in name), key=len, reverse=True)
    if not known:
        return lambda sentence: sentence
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b")
    return lambda sentence: named.sub(lambda found: title_of(found[0]), sentence)
