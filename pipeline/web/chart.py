"""Mood over time as points of a small chart. The template draws them; this only computes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.ids import Label
from pipeline.dossier import mood
from pipeline.store.listing import MailLine

WIDTH, HEIGHT, MARGIN = 280, 64, 8
LEFT = 56
"""Room for the names of the best and the worst mood."""
_TOP, _BOTTOM = 1, -3


@dataclass(frozen=True, slots=True)
class Point:
    """One judged mail."""

    x: float
    y: float
    mail: MailLine


@dataclass(frozen=True, slots=True)
class Chart:
    """The points, oldest first, and the same in a sentence."""

    points: tuple[Point, ...]
    said: str

    @property
    def path(self) -> str:
        """The points as SVG wants them."""
        return " ".join(f"{p.x:.1f},{p.y:.1f}" for p in self.points)


def mood_of(mails: Sequence[MailLine]) -> Chart | None:
    """The chart of a client's judged mails; None if there are none. Equal steps from mail to mail."""
    judged = sorted((m for m in mails if m.tone and m.direction == "inbound"), key=lambda m: (m.written_at, m.id))
    if not judged:
        return None
    step = (WIDTH - LEFT - MARGIN) / max(len(judged) - 1, 1)
    points = tuple(
        Point(LEFT + place * step, _height(mood.mood_of(Label(mail.tone))), mail) for place, mail in enumerate(judged)
    )
    tones = Counter(mail.tone for mail in judged)
    counted = ", ".join(f"{number} {tone}" for tone, number in tones.most_common())
    many = f"{len(judged)} mails" if len(judged) > 1 else "1 mail"
    return Chart(points, f"Tone of {many} since {judged[0].written_at:%d %b %Y}: {counted}.")


def _height(mood: int) -> float:
    return MARGIN + (_TOP - mood) / (_TOP - _BOTTOM) * (HEIGHT - 2 * MARGIN)
