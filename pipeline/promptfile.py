"""The form of the files in `prompts/`: TOML between `+++` lines, then sections under `## headings`.

    +++
    title = "More work than was agreed"
    +++

    ## en
    Hello {{ greeting_name }},

TOML, because the stdlib reads it and it has one way to write a list. Contains no templating and no I/O.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NewType

TemplateText = NewType("TemplateText", str)
"""Text of a prompt file, fit to be rendered. Mail content has another type, so a type checker refuses it as a template."""

_FENCE = "+++"
_HEADING = re.compile(r"^##[ \t]+(?P<title>.*?)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading."""

    text: TemplateText
    line: int
    """The line of the file on which the text begins, from 1, for messages."""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt file taken apart. Section titles are unique, white space in them is folded."""

    front: Mapping[str, Any]
    sections: Mapping[str, Section]


def split_prompt_file(text: str) -> PromptFile:
    """Take a prompt file apart.

    Raises ValueError, with a sentence that names the line, for a missing or broken front matter, text before the
    first heading, a heading that stands twice and a section without text.
    """
    lines = normal_text(text).split("\n")
    if lines[0].rstrip() != _FENCE:
        raise ValueError(f"line 1: the file must begin with a line {_FENCE}, TOML settings and another line {_FENCE}")
    try:
        close = next(i for i, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE)
    except StopIteration:
        raise ValueError(f"line 1: the settings are not closed by a second line {_FENCE}") from None
    try:
        front = tomllib.loads("\n".join(lines[1:close]))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the settings between the {_FENCE} lines are not valid TOML: {error}") from None
    return PromptFile(MappingProxyType(front), MappingProxyType(_sections(lines, close + 1)))


def _sections(lines: list[str], start: int) -> dict[str, Section]:
    """The sections from a line on, in the order of the file."""
    heads = [i for i in range(start, len(lines)) if _HEADING.match(lines[i])]
    for i in range(start, heads[0] if heads else len(lines)):
        if lines[i].strip():
            raise ValueError(f"line {i + 1}: text before the first heading (## …) belongs to no section")
    sections: dict[str, Section] = {}
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        matched = _HEADING.match(lines[head])
        title = " ".join(matched["title"].split()) if matched else ""
        if title in sections:
            raise ValueError(f"line {head + 1}: the heading ## {title} stands twice")
        body = "\n".join(lines[head + 1 : end])
        if not body.strip():
            raise ValueError(f"line {head + 1}: there is no text under ## {title}")
        above = len(body) - len(body.lstrip("\n"))
        sections[title] = Section(TemplateText(body.strip("\n")), head + 2 + above)
    return sections


def normal_text(text: str) -> str:
    """The text without byte order mark, with LF line ends and composed characters (NFC)."""
    return unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def hash_of(*parts: str) -> str:
    """The first 12 hex digits of the SHA-256 of these texts: what a stored answer names as its version.

    Line ends, a byte order mark, spaces at line ends and blank lines around the text do not count, because no
    reader and no model sees them. The border between parts counts.
    """
    digest = hashlib.sha256()
    for part in parts:
        normal = "\n".join(line.rstrip() for line in normal_text(part).split("\n")).strip("\n").encode()
        digest.update(b"%d:" % len(normal))
        digest.update(normal)
    return digest.hexdigest()[:12]
