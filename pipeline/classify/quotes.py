"""Finds a model's quote in the mail that it read, and gives the mail's own words for it."""

from collections.abc import Sequence

from pipeline.domain.ids import UntrustedText

FEWEST_WORDS = 3

_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"})
_AROUND = " \"'«»‹›…."


class Seen:
    """What a judge saw of a mail, in one or more pieces, searchable with white space folded.

    Models set typographic quotation marks and dashes as they like; those count as the same sign. What is given back is
    always the mail's own wording.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        """The pieces as shown; a quote never runs from one into the next."""
        self._pieces = [" ".join(piece.split()) for piece in pieces]
        # The table maps one character to one character, so places in the copy are places in the piece.
        self._searched = [piece.translate(_ALIKE) for piece in self._pieces]

    def find(self, quote: str) -> UntrustedText | None:
        """The mail's words for this quote; None if they are not there or fewer than three."""
        wanted = " ".join(quote.split()).translate(_ALIKE)
        for candidate in (wanted, wanted.strip(_AROUND)):
            if len(candidate.split()) < FEWEST_WORDS:
                continue
            for piece, searched in zip(self._pieces, self._searched, strict=True):
                at = searched.find(candidate)
                if at >= 0:
                    return UntrustedText(piece[at : at + len(candidate)])
        return None
