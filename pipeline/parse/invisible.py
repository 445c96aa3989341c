"""Characters that a reader does not see, taken out of what judges read (requirement S15)."""

import re

# U+E0000 to U+E007F spell a whole ASCII text unseen. Regional flags use a few of them after U+1F3F4.
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f")
# Zero-width signs that no script needs, soft hyphens, bidi controls, variation selectors, fillers.
# U+200C and U+200D stay where they join something: Persian, Indic scripts and emoji are written with them.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0100-\U000e01ef]+"
)
_JOINERS = re.compile("(.?)[\u200c\u200d]+(?=(.?))", re.DOTALL)


def strip_unseen(text: str) -> tuple[str, bool]:
    """`text` without characters that show nothing, and whether tag characters (a hidden message) were among them."""
    if text.isascii():
        return text, False
    hidden = False
    if max(text) >= "\U000e0000":
        text = _FLAG.sub("\U0001f3f4", text)
        hidden = _TAGS.search(text) is not None
        text = _TAGS.sub("", text)
    text = _UNSEEN.sub("", text)
    return _JOINERS.sub(_joined, text) if "\u200c" in text or "\u200d" in text else text, hidden


def _joined(found: re.Match[str]) -> str:
    """One joiner is kept beside a character that is not ASCII; elsewhere joiners join nothing and hide something."""
    if found[1].isascii() and found[2].isascii():
        return found[1]
    return found[0][: len(found[1]) + 1]
