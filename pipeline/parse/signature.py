"""Where a signature begins at the end of what somebody wrote: delimiters, telephones, closing formulas, legal notices."""

import re
import unicodedata
from collections.abc import Sequence

from pipeline.parse.history import is_rule, lowered
from pipeline.parse.labels import ALL, DEVICES

_MOST_AFTER_DELIMITER = 20
_MOST_AFTER_CLOSING = 14
_MOST_AFTER_THANKS = 8

_CLOSINGS = frozenset(ALL.closings)
_THANKS = frozenset(ALL.thanks) - _CLOSINGS
_SENT_FROM = tuple(front for front in ALL.sent_from if "…" not in front)
_SENT_AROUND = tuple((front, end) for front, dots, end in (one.partition("…") for one in ALL.sent_from) if dots)
_SENT_FROM_END = ALL.sent_from_end
_CONFIDENTIAL = ALL.confidential
_RE_DEVICE = re.compile(
    "|".join(
        (rf"(?<!\w){re.escape(name)}" + (r"(?!\w)" if len(name) <= 4 else "")) if name.isascii() else re.escape(name)
        for name in DEVICES
    )
)
_FORMULA_WORDS = max(len(formula.split()) for formula in _CLOSINGS | _THANKS)

_LINKS = frozenset("aus nach from van von de und and uit vom depuis desde da fra från".split())
_DELIMITERS = frozenset(("--", "—", "–", "——", "–-"))
_RE_LONG_DASH = re.compile(r"[—–─]{2,}")
_RE_SHORT_RULE = re.compile(r"_{2,}|-{3,}|={3,}|\*{3,}")
_RE_CONTACT = re.compile(r"@|https?:|www\.|\+?\(?\d[\d\s()/.-]{6,}|mailing list|unsubscribe", re.IGNORECASE)
_RE_AFTERTHOUGHT = re.compile(r"(?:p\.?\s?[sd]|n\.?\s?b|з\.?\s?ы)\b[.:,\s-]*\S", re.IGNORECASE)
_RE_PROSE = re.compile(r"(?:\S+\s+){7,}\S+[.?!。؟।։]")
_RE_LINK = re.compile(r"<[^<>]*>|\(https?:[^()]*\)|\[(?:https?:|cid:)[^\[\]]*\]|https?:\S+")
_RE_SECRET = re.compile(
    r"confiden|privileg|intended|unauthor|recipient|virus|environment|vertraul|umwelt|empfänger|destinat|environn|"
    r"riservat|bestemd|vertrouwel|geadresseerde|poufn|adresat|конфиденц|адресат|gizli|alıcı|سري|المستلم|luottamuksel|"
    r"fortroli|konfiden|机密|保密|機密|기밀|důvěrn|dôvern|bizalmas|εμπιστευτ|חסוי|povjerljiv|medio ambiente|ambiente|"
    r"գաղտնի|గోప్య|konfidentiell|秘密",
    re.IGNORECASE,
)


def is_telephone_line(line: str) -> bool:
    """Whether a bare line is what a telephone or mail program puts under a mail: `Sent from my …`, in any language."""
    if not 6 <= len(line) <= 250:
        return False
    text = _RE_LINK.sub(" ", line).strip(" \t*_-–—()[]|")
    text = lowered(text.rstrip(".!… "))
    if not text or len(text) > 90 or "," in text or ". " in text or "?" in text:
        return False
    words = len(text.split())
    if text.startswith("sent from my ") and words <= 7:
        return True
    if words > 12:
        return False
    named = text.startswith(_SENT_FROM) or text.endswith(_SENT_FROM_END)
    named = named or any(text.startswith(front) and text.endswith(end) for front, end in _SENT_AROUND)
    return named and _RE_DEVICE.search(text) is not None


def signature_start(lines: Sequence[str], *, before: bool, sender: str) -> int | None:
    """The index in `lines` (bare lines of one stretch of a person's own words) at which their signature begins.

    `before`: there are words of theirs above these lines. `sender`: their name in From, or nothing. None if no signature
    is recognised.
    """
    filled = [at for at, line in enumerate(lines) if line]
    found = [start for start in (_delimiter(lines, filled), _notice(lines, filled, before=before)) if start is not None]
    end = min(found, default=len(lines))
    above = [at for at in filled if at < end]
    closings = (_closing(lines, above, before=before), _name_block(lines, above, sender, before=before))
    return min((start for start in (*found, *closings) if start is not None), default=None)


def afterthought(lines: Sequence[str], start: int, *, prose: bool) -> int:
    """Where the person's own words go on below the signature; the end of `lines` if they do not.

    A postscript always is theirs. With `prose`, so is a paragraph that reads like one and is no legal notice, unless the
    signature was drawn off with `--`: what programs put below that is signature.
    """
    prose = prose and start < len(lines) and lines[start] not in _DELIMITERS
    for at in range(start, len(lines)):
        line = lines[at]
        if line and (
            _RE_AFTERTHOUGHT.match(line) or (prose and at > start and _is_apart(lines, at) and _reads_on(line))
        ):
            return at
    return len(lines)


def _is_apart(lines: Sequence[str], at: int) -> bool:
    above = lines[at - 1]
    return not above or is_rule(above) or _RE_SHORT_RULE.fullmatch(above) is not None


def _reads_on(line: str) -> bool:
    return _RE_PROSE.fullmatch(line) is not None and _RE_SECRET.search(line) is None


def _delimiter(lines: Sequence[str], filled: list[int]) -> int | None:
    for order, at in enumerate(filled[-_MOST_AFTER_DELIMITER - 1 :], max(0, len(filled) - _MOST_AFTER_DELIMITER - 1)):
        line = lines[at]
        after = filled[order + 1 :]
        if line in _DELIMITERS or _RE_LONG_DASH.fullmatch(line):
            if all(len(lines[next_at]) <= 200 for next_at in after):
                return at
        elif _RE_SHORT_RULE.fullmatch(line) and 0 < len(after) <= 10:
            rest = [lines[next_at] for next_at in after]
            if any(_RE_CONTACT.search(text) for text in rest) and all(len(text) <= 120 for text in rest):
                return at
    return None


def _notice(lines: Sequence[str], filled: list[int], *, before: bool) -> int | None:
    """A legal notice that begins a paragraph below other words."""
    for order, at in enumerate(filled):
        if order == 0 and not before:
            continue
        if at and lines[at - 1] and not is_rule(lines[at - 1]):
            continue
        text = lowered(lines[at].strip("*_ "))
        if text.startswith(_CONFIDENTIAL) and _RE_SECRET.search(" ".join(lines[at : at + 6])):
            return at
    return None


def _closing(lines: Sequence[str], filled: list[int], *, before: bool) -> int | None:
    """A formula near the end, below other words: a mail that is nothing but a greeting keeps it."""
    first = max(0 if before else 1, len(filled) - _MOST_AFTER_CLOSING - 1)
    for order in range(first, len(filled)):
        line = lines[filled[order]]
        if len(line) > 70:
            continue
        strength = _formula(line)
        if not strength:
            continue
        after = [lines[at] for at in filled[order + 1 :]]
        if strength == 2 and (not after or _signs(after)):
            return filled[order]
        if strength == 1 and 0 < len(after) <= _MOST_AFTER_THANKS and _is_name(after[0]) and _signs(after):
            return filled[order]
    return None


def _name_block(lines: Sequence[str], filled: list[int], sender: str, *, before: bool) -> int | None:
    """The sender's full name on a line of its own, below other words, with nothing but short lines after it."""
    words = lowered(sender).split()
    if len(words) < 2:
        return None
    for order in range(max(0 if before else 1, len(filled) - _MOST_AFTER_THANKS - 1), len(filled)):
        if lowered(_trimmed(lines[filled[order]])).split() != words:
            continue
        after = [lines[at] for at in filled[order + 1 :]]
        above = lines[filled[order - 1]] if order else ""
        signed = order > (0 if before else 1) and lowered(_trimmed(above)) in words
        apart = signed or not lines[filled[order] - 1] or not filled[order]
        if apart and not above.endswith(":") and all(len(line) <= 80 and line[-1] not in ".?!" for line in after):
            return filled[order - 1 if signed else order]
    return None


def _signs(after: list[str]) -> bool:
    """Whether lines below a closing formula look like name, post and telephone rather than like more letter."""
    if len(after[0]) > 60 or after[0].endswith("?"):
        return False
    return sum(len(line.split()) >= 9 and line[-1] in ".?!" for line in after) <= 1


def _formula(line: str) -> int:
    """2 for a closing formula, perhaps with a name behind it; 1 for a word of thanks and nothing else; else 0."""
    text = _trimmed(line)
    words = text.split()
    if not words or len(words) > _FORMULA_WORDS + 3:
        return 0
    lower = lowered(" ".join(words))
    if lower in _CLOSINGS:
        return 2
    if lower in _THANKS:
        return 1
    for count in range(min(_FORMULA_WORDS, len(words) - 1), 0, -1):
        front = lowered(" ".join(words[:count])).rstrip(",.!;-– ")
        if front in _CLOSINGS:
            rest = words[count:]
            return 2 if len(rest) <= 3 and all(not word[0].islower() or word in _LINKS for word in rest) else 0
    return 0


def _trimmed(line: str) -> str:
    """Without punctuation, signs and emoji at both ends. Vowel signs stay: a regular expression takes them for no letters."""
    begin, end = 0, len(line)
    while begin < end and unicodedata.category(line[begin])[0] in "PSZC":
        begin += 1
    while end > begin and (unicodedata.category(line[end - 1])[0] in "PSZC" or line[end - 1] == "\ufe0f"):
        end -= 1
    return line[begin:end]


def _is_name(line: str) -> bool:
    words = line.strip(" *_").split()
    return 0 < len(words) <= 4 and len(line) <= 45 and line[-1] not in ".?!:;" and not words[0][0].islower()
