"""Which script a letter belongs to."""

_RANGES = (
    ("Latin", "A", "\u024f"),
    ("Greek", "\u0370", "\u03ff"),
    ("Cyrillic", "\u0400", "\u052f"),
    ("Armenian", "\u0530", "\u058f"),
    ("Hebrew", "\u0590", "\u05ff"),
    ("Arabic", "\u0600", "\u077f"),
    ("Devanagari", "\u0900", "\u097f"),
    ("Telugu", "\u0c00", "\u0c7f"),
    ("Thai", "\u0e00", "\u0e7f"),
    ("Georgian", "\u10a0", "\u10ff"),
    ("Latin", "\u1e00", "\u1eff"),
    ("Kana", "\u3040", "\u30ff"),
    ("Han", "\u3400", "\u9fff"),
    ("Hangul", "\uac00", "\ud7af"),
    ("Arabic", "\ufb50", "\ufefc"),
)


def script_of(char: str) -> str | None:
    """The script of a letter, by block; None for what is no letter or belongs to none of these."""
    if not char.isalpha():
        return None
    return next((name for name, low, high in _RANGES if low <= char <= high), "Other")


def scripts_of(text: str) -> set[str]:
    """The scripts that occur in a text."""
    return {s for s in map(script_of, set(text)) if s}
