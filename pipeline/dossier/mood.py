"""How a client's mail sounded lately: one figure a tone, a spark line, a trend."""

from collections.abc import Sequence
from statistics import mean

from pipeline.domain.ids import Label

MOOD = {"warm": 1, "neutral": 0, "anxious": -1, "impatient": -1, "frustrated": -2, "hostile": -3}
"""A tone of the owner's own making counts as neutral: nothing is known of where it stands."""

_BARS = "▁▂▄▆█"
_LOWEST = -3
_LATELY = 5
"""So many of the newest mails are held against those before them."""
_CLEAR = 0.5
"""Of one step of mood; less is chance."""


def mood_of(tone: Label) -> int:
    """Where a tone stands, -3 (hostile) to 1 (warm)."""
    return MOOD.get(tone, 0)


def spark(tones: Sequence[Label]) -> str:
    """One block a mail, oldest first: the higher the friendlier."""
    return "".join(_BARS[mood_of(tone) - _LOWEST] for tone in tones)


def trend(tones: Sequence[Label]) -> str | None:
    """`better`, `steady` or `worse`: the last five mails against those before; None where there are too few to say."""
    before, lately = tones[:-_LATELY], tones[-_LATELY:]
    if len(before) < _LATELY:
        return None
    change = mean(map(mood_of, lately)) - mean(map(mood_of, before))
    if abs(change) < _CLEAR:
        return "steady"
    return "better" if change > 0 else "worse"
