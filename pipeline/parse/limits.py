"""How much of one mail is read. Over a limit the rest is left out, and the message says `truncated`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one mail (requirement S16). Together they keep any mail under 5 seconds and 256 MB."""

    mail_bytes: int = 25 * 1024 * 1024
    header_block_bytes: int = 1024 * 1024
    header_bytes: int = 64 * 1024
    """Of one header field; what is longer is cut."""
    headers: int = 2_000
    """Fields of one part."""
    addresses: int = 1_000
    """Of one address field."""
    references: int = 200
    """Message-IDs of one field: the first and the newest are kept."""
    parts: int = 200
    depth: int = 10
    """Multiparts inside multiparts; what lies deeper becomes one opaque attachment."""
    text_bytes: int = 1024 * 1024
    """Of all text parts together, decoded from their transfer encoding."""
    lines: int = 50_000
    """Of the text of all parts together."""
    html_tags: int = 40_000
    """Of all HTML parts together. A tree parser takes time by the square of the depth on crafted input."""
    html_depth: int = 1_500
    """Elements open at once."""


DEFAULT = Limits()
