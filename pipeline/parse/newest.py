"""What the sender wrote this time: the body without quoted history and signature, answers between quotes kept.

Line by line, with label tables per language (`labels.py`); no library knows Turkish or Arabic, and each of those that
were tried hangs on some input. When in doubt a line stays with the sender: text lost is worse than text too many.
"""

import re
from dataclasses import dataclass

from pipeline.parse.history import attribution, bare, header_block, is_rule, label_kind, may_end_attribution, separator
from pipeline.parse.lines import Kind, Lines
from pipeline.parse.signature import afterthought, is_telephone_line, signature_start

_OWN, _QUOTE, _HISTORY, _SIGNATURE = "o", "q", "h", "s"
_RE_QUOTE_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?)+")
_RE_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S+[.!?。؟]")
_RE_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Split:
    """The three parts of a body. Their words together are the words of the body, quote marks aside."""

    newest: str
    quoted: str
    signature: str


def split_newest(body: Lines, *, sender: str = "") -> Split:
    """Tell the newest words of a body from quoted history and signature. Linear in the number of lines.

    `sender`: the name in From; a line that is nothing but that name begins a signature.
    """
    lines = [bare(text) for text in body.texts]
    roles = _roles(lines, body.kinds, sender)
    if not any(role == _OWN and line for role, line in zip(roles, lines, strict=True)) and any(
        kind is Kind.SIGNATURE and _RE_SENTENCE.fullmatch(line) for kind, line in zip(body.kinds, lines, strict=False)
    ):
        # Some programs let people type inside the signature's element.
        kinds: list[Kind] = [Kind.OPEN if kind is Kind.SIGNATURE else kind for kind in body.kinds]
        roles = _roles(lines, kinds, sender)
    newest = _text(body.texts, roles, _OWN)
    signature = _text(body.texts, roles, _SIGNATURE)
    quoted = _text(body.texts, roles, _QUOTE + _HISTORY, marked=True)
    return Split(newest, quoted, signature)


def _text(texts: list[str], roles: list[str], wanted: str, *, marked: bool = False) -> str:
    """The lines of these roles, quote marks taken off if they are `marked`; a blank line where others stood between."""
    found: list[str] = []
    gap = False
    for text, role in zip(texts, roles, strict=True):
        if role in wanted:
            if gap and found:
                found.append("")
            found.append((_RE_QUOTE_MARKS.sub("", text) if marked else text).rstrip())
            gap = False
        else:
            gap = True
    return _RE_BLANK_LINES.sub("\n\n", "\n".join(found)).strip("\n")


def _roles(lines: list[str], kinds: list[Kind], sender: str) -> list[str]:
    """One role for every line. Blank lines take the role of the line above."""
    roles = _find_history(lines, kinds)
    _take_wrapped_quotes(lines, roles)
    _find_signatures(lines, roles, sender)
    return roles


def _find_history(lines: list[str], kinds: list[Kind]) -> list[str]:
    roles: list[str] = []
    spoken = 0  # lines of own words so far
    position, count = 0, len(lines)
    following = _following(lines)
    labels = [label_kind(line) for line in lines]
    while position < count:
        line = lines[position]
        kind = kinds[position] if kinds else Kind.OPEN
        if kind is not Kind.OPEN:
            roles.append({Kind.QUOTED: _QUOTE, Kind.HISTORY: _HISTORY, Kind.SIGNATURE: _SIGNATURE}[kind])
            position += 1
            continue
        if not line:
            roles.append(roles[-1] if roles else _OWN)
            position += 1
            continue
        if line[0] == ">":
            roles.append(_QUOTE)
            position += 1
            continue
        begin, end, attributed = _marker(lines, kinds, roles, position, following, labels)
        if end <= position:
            roles.append(_OWN)
            spoken += 1
            position += 1
            continue
        begin = _with_rules_above(lines, roles, begin)
        spoken -= sum(roles[at] == _OWN and lines[at] != "" for at in range(begin, position))
        del roles[begin:]
        after = following[end] if end < count else count
        quote_follows = after < count and _is_quote(lines, kinds, after)
        if quote_follows or (attributed and not spoken):
            roles.extend(_QUOTE * (end - begin))
            position = end
        else:
            roles.extend(_HISTORY * (count - begin))
            position = count
    return roles


def _marker(
    lines: list[str], kinds: list[Kind], roles: list[str], at: int, following: list[int], labels: list[str | None]
) -> tuple[int, int, bool]:
    """(begin, end, whether it is an attribution) of what announces history on the line at `at`; end 0 if nothing does."""
    line = lines[at]
    after = following[at + 1] if at + 1 < len(lines) else len(lines)
    before_quote = after < len(lines) and _is_quote(lines, kinds, after)
    if before_quote or may_end_attribution(line):
        first = len(roles)
        while first and roles[first - 1] == _OWN and at - first < 3:
            first -= 1
        begin = attribution(lines, at, first, before_quote=before_quote)
        if begin is not None:
            return begin, at + 1, True
    if separator(lines, at):
        return at, at + 1, False
    if labels[at] is not None:
        end, sure = header_block(lines, labels, at)
        after = following[end]
        if sure or (end > at and after < len(lines) and _is_quote(lines, kinds, after)):
            return at, end, False
    return at, 0, False


def _following(lines: list[str]) -> list[int]:
    """For every line the index of the first line from it on that is not blank; the number of lines if there is none."""
    following = [len(lines)] * (len(lines) + 1)
    for at in range(len(lines) - 1, -1, -1):
        following[at] = at if lines[at] else following[at + 1]
    return following


def _is_quote(lines: list[str], kinds: list[Kind], at: int) -> bool:
    return lines[at][0] == ">" or (bool(kinds) and kinds[at] is Kind.QUOTED)


def _with_rules_above(lines: list[str], roles: list[str], begin: int) -> int:
    """The drawn line and the blank lines above a marker belong to it."""
    above = begin
    while (
        above
        and roles[above - 1] == _OWN
        and (not lines[above - 1] or is_rule(lines[above - 1]) or separator(lines, above - 1))
    ):
        above -= 1
        if lines[above]:
            begin = above
    return begin


def _take_wrapped_quotes(lines: list[str], roles: list[str]) -> None:
    """A quoted line that a program wrapped leaves an unmarked rest between two marked lines: that is no answer."""
    at = 1
    while at < len(lines) - 1:
        if roles[at] != _OWN or not lines[at] or roles[at - 1] != _QUOTE or lines[at - 1][:1] != ">":
            at += 1
            continue
        end = at + 1
        while end < len(lines) and end - at < 3 and roles[end] == _OWN and lines[end]:
            end += 1
        if end < len(lines) and end - at <= 2 and lines[end][:1] == ">":
            above = lines[at - 1].lstrip("> ")
            if len(above) >= 50 and above[-1] not in ".?!:;" and (lines[at][0].islower() or len(above) >= 70):
                roles[at:end] = [_QUOTE] * (end - at)
        at = end


def _find_signatures(lines: list[str], roles: list[str], sender: str) -> None:
    at, spoken = 0, False
    while at < len(lines):
        if roles[at] != _OWN:
            at += 1
            continue
        end = at
        while end < len(lines) and roles[end] == _OWN:
            end += 1
        _sign(lines, roles, (at, end), sender, spoken=spoken)
        spoken = spoken or any(lines[at:end])
        at = end


def _sign(lines: list[str], roles: list[str], span: tuple[int, int], sender: str, *, spoken: bool) -> None:
    """Mark the signature of one stretch of own lines."""
    begin, end = span
    stretch = lines[begin:end]
    for at, line in enumerate(stretch):
        if not line or not is_telephone_line(line):
            continue
        if not spoken and not any(stretch[:at]):
            roles[begin + at] = _SIGNATURE  # the answer stands below it
            continue
        closed = next((below for below in range(at, len(stretch)) if not stretch[below]), len(stretch))
        resumed = afterthought(stretch, closed, prose=False)
        roles[begin + at : begin + closed] = [_SIGNATURE] * (closed - at)
        roles[begin + closed : begin + resumed] = [_HISTORY] * (resumed - closed)
        stretch = stretch[:at]
        break
    start = signature_start(stretch, before=spoken, sender=sender)
    if start is not None:
        resumed = afterthought(stretch, start, prose=True)
        roles[begin + start : begin + resumed] = [_SIGNATURE] * (resumed - start)
