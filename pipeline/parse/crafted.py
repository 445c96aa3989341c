"""Mark-up that would keep a tree builder busy: it is measured before a tree is built, and stripped of its tags instead.

lexbor takes time by the square of depth, of formatting left open and of attributes.
"""

import re
from collections import Counter
from html import unescape

from pipeline.parse.limits import Limits

MOST_NODES = 200_000
"""Nodes of a tree that are read; a mail beyond that was written by no person."""

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_SELF_CLOSING = frozenset("p li dt dd tr td th option tbody thead tfoot".split())
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})[^<>]*")
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})[\s/][^<>]{4000,}>?")
_UNCLOSED = re.compile(r"<[^<>]*(?=<|\Z)")
_BROKEN_VALUE = re.compile(r"=\s*(?:\"[^\"<>]*>|'[^'<>]*>)[^<>]*")
_MOST_RAGGED = 20_000
_ANY_TAG = re.compile(r"<[^<>]*>?")
_DROPPED = re.compile(r"<(script|style|title|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAKING = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|blockquote|table)\b", re.IGNORECASE)


def without_long_tags(html: str) -> str:
    """A picture inside its tag, or a flood of attributes, is left out of the tag."""
    return _LONG_TAG.sub(r"<\1>", html) if len(html) > 4000 else html


def is_crafted(html: str, limits: Limits, tags_left: int) -> bool:
    """Whether no tree should be built. `tags_left` of the mail's allowance of tags are not used yet."""
    tags = html.count("<")
    return max(tags, html.count(">")) > tags_left or _is_ragged(html) or (tags > 500 and _is_heavy(html, tags, limits))


def strip_tags(html: str) -> list[str]:
    """Lines of text without a tree."""
    text = _ANY_TAG.sub(" ", _BREAKING.sub(lambda tag: "\n" + tag[0], _DROPPED.sub(" ", html)))
    return [" ".join(line.split()) for line in unescape(text).split("\n")]


def _is_ragged(html: str) -> bool:
    """Whether brackets stand where none belong, inside tags and attribute values: there a flood of attributes can hide."""
    if len(html) < _MOST_RAGGED:
        return False
    return sum(len(run[0]) for pattern in (_UNCLOSED, _BROKEN_VALUE) for run in pattern.finditer(html)) > _MOST_RAGGED


def _is_heavy(html: str, tags: int, limits: Limits) -> bool:
    """Whether the mark-up would keep a tree builder busy: too deep, or formatting left open that every block repeats."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    formatting: Counter[str] = Counter()
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _VOID or name in _SELF_CLOSING:
            continue
        if tag[1]:
            if opened[name]:
                opened[name] -= 1
                depth -= 1
        else:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
            if name in _FORMATTING:
                formatting[tag[0]] += 1
    left_open = sum(opened[name] for name in _FORMATTING)
    repeated = min(left_open, sum(min(count, 3) for count in formatting.values()))
    return deepest > limits.html_depth or repeated * tags > 5 * MOST_NODES
