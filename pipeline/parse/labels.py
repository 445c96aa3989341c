"""The words of `labels.toml`, by language: what mail programs write around quotes, forwards and signatures."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Words:
    """One language, or all of them together. Labels stand before a colon in a quoted header block."""

    from_: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    """Also every label that proves nothing by itself: priority, attachments, reply-to."""
    subject: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    """How an attribution begins: `On … wrote:`."""
    wrote: tuple[str, ...] = ()
    """Its verb, wherever it stands in the line."""
    original: tuple[str, ...] = ()
    """What stands between the dashes above a quoted or forwarded mail."""
    sent_from: tuple[str, ...] = ()
    """How the line begins that a telephone puts under a mail; the rest of it names a device or program."""
    sent_from_end: tuple[str, ...] = ()
    """How that line ends, where the language puts the verb last."""
    closings: tuple[str, ...] = ()
    """Formulas that close a letter and have no other use on a line of their own."""
    thanks: tuple[str, ...] = ()
    """Words that close a letter if a name follows, and are a sentence of their own if none does."""
    confidential: tuple[str, ...] = ()
    """How a legal notice under a mail begins."""


_DATA = tomllib.loads(Path(__file__).with_name("labels.toml").read_text(encoding="utf-8"))

LANGUAGES: dict[str, Words] = {
    code: Words(**{("from_" if name == "from" else name): tuple(words) for name, words in table.items()})
    for code, table in _DATA["language"].items()
}
ALL = Words(
    **{
        one.name: tuple(dict.fromkeys(word for words in LANGUAGES.values() for word in getattr(words, one.name)))
        for one in fields(Words)
    }
)
"""Every language at once: a mail is not asked which it is in."""

DEVICES: tuple[str, ...] = tuple(_DATA["devices"])
"""Names of telephones and mail programs, of which one stands in a line such as `Sent from my …`."""

REPLY_ABOVE: tuple[str, ...] = tuple(_DATA["reply_above"])
"""What help desks write above a ticket's history."""
