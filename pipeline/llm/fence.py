"""How text of strangers stands in a prompt: between lines that carry a name which the sender could not know.

Templating is no defence against a mail that gives orders; the fence only says where the mail ends, and nothing in the
mail can say so, because the name is new for every request and stands nowhere in it.
"""

import secrets
from collections.abc import Callable

from pipeline.parse.invisible import strip_unseen

Fence = Callable[[], str]
"""Makes a name for a fence; a fixed one makes requests repeatable in tests."""


def random_name() -> str:
    """64 bits in hex."""
    return f"mail-{secrets.token_hex(8)}"


def name_for(texts: tuple[str, ...], make: Fence = random_name) -> str:
    """A name that stands in none of the texts. Raises ValueError if `make` gives none, which a random one does not."""
    for _ in range(8):
        name = make()
        if not any(name in text for text in texts):
            return name
    raise ValueError("no name for a fence could be found that the text does not hold")


def seen(text: str) -> str:
    """The text as a person sees it: without characters that show nothing."""
    return strip_unseen(text)[0]


def in_one_line(text: str, limit: int) -> str:
    """The text as one line of at most `limit` characters, for a name, a subject or a line of facts."""
    line = " ".join(seen(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def head_and_tail(text: str, limit: int) -> tuple[str, ...]:
    """The text, or its first two thirds and its last third of `limit` characters: people greet, explain, and then ask."""
    if len(text) <= limit:
        return (text,)
    head, tail = limit * 2 // 3, limit - limit * 2 // 3
    return text[:head].rstrip(), text[-tail:].lstrip()


def joined(pieces: tuple[str, ...], whole: int) -> str:
    """The pieces of a text of `whole` characters, with a line between them that says how much was left out."""
    left_out = whole - sum(len(piece) for piece in pieces)
    return f"\n[… {left_out} characters left out …]\n".join(pieces)
