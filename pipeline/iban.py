"""International bank account numbers in a text, known by their check digits (ISO 13616)."""

import re
from collections.abc import Iterator

_SHAPE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.ASCII)
_GAPS = re.compile(r"[ \u00a0-]")
_LENGTHS = range(15, 35)  # Norway has 15 characters, Malta 31; the standard allows 34


def find_ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where account numbers begin and end, with or without spaces between their groups."""
    for match in _SHAPE.finditer(text):
        # The pattern may run on into the next word; the longest beginning that passes the check is the account.
        for stop in range(match.end(), match.start() + _LENGTHS.start - 1, -1):
            bare = _GAPS.sub("", text[match.start() : stop])
            if text[stop - 1].isalnum() and len(bare) in _LENGTHS and _check_digits_hold(bare):
                yield match.start(), stop
                break


def _check_digits_hold(bare: str) -> bool:
    """Moved to the end, with letters as 10 to 35, the number is 1 modulo 97."""
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97 == 1
