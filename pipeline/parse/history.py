"""Where a quoted or forwarded mail begins: separators, quoted header blocks and attribution lines.

Every check looks at a bounded number of bounded lines, so a body costs time linear in its length.
"""

import re
from collections.abc import Sequence

from pipeline.parse.labels import ALL, LANGUAGES, REPLY_ABOVE

_MOST_CHARS = 2000
_MOST_JOINED = 4
_MOST_BLOCK = 14

_LABELS: dict[str, str] = {
    label: kind
    for kind in ("cc", "subject", "to", "date", "from_")  # a label of two kinds counts as the last one named here
    for label in getattr(ALL, kind)
}
_ORIGINALS = frozenset(ALL.original)
_ORIGINALS_FRONT = tuple(_ORIGINALS)
_DRAWN = "-*_‐‑– \t~"
_DASHES = "-_=*#~‐‑–—─> \t"


def _alternatives(words: set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_VERBS = set(ALL.wrote)
# Languages that put the verb before the name: `Am … schrieb Jane Doe:`.
_MIDDLE_VERBS = {
    verb for code in ("de", "nl", "da", "no", "sv", "ar", "he", "fa", "hr", "hu") for verb in LANGUAGES[code].wrote
}
_OPENS = set(ALL.opens)
_UNSPACED = {"在", "于", "於", "ב", "בתאריך", "ביום", "เมื่อ"}

_RE_OPEN = re.compile(rf"(?:(?:{_alternatives(_OPENS - _UNSPACED)})[\s,]|(?:{_alternatives(_UNSPACED)}))")
_VERBS_LAST = tuple(_VERBS)
_RE_AFTER_VERB = re.compile(r"\s*(?:\([^()]{0,12}\)|/\w{1,3}|\sle suivant|\sthe following)$")
_RE_MIDDLE_VERB = re.compile(rf"\s(?:{_alternatives(_MIDDLE_VERBS)})\s+(?=\S)")
_RE_ANY_VERB = re.compile(rf"(?:^|[\s>)])(?:{_alternatives(_VERBS)})(?=$|[\s:(,])")
_RE_ADDRESS = re.compile(r"[^\s<>()\[\]\":,;]+@[^\s<>()\[\]\"]+")
_RE_LAST_ADDRESS = re.compile(r"[<(\[][^<>()\[\]]*@[^<>()\[\]]*[>)\]][^<>()\[\]@\d]{0,30}$")
_RE_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_RE_DAY = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}(?!\d)")
_RE_TIME = re.compile(r"(?<![\d.])\d{1,2}\s?[:.h]\s?\d{2}(?!\.?\d)")
_RE_DATED_START = re.compile(r"\W{0,3}(?:\w{1,15}[.,]{0,2}\s+){0,2}\W{0,3}\d")
_RE_NAME_VERB = re.compile(rf"(?P<name>[^:]{{1,80}}?)\s(?:{_alternatives(_VERBS)})\s")
_RE_HINT = re.compile(r"[\d@]")
_RE_LABEL = re.compile(r"([^:：՝]{1,44})[:：՝]")
_RE_RULE = re.compile(r"[-_=*─—–]{5,}")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u061c\u200b]")


def bare(line: str) -> str:
    """A line as the rules look at it: its first 2,000 characters, no bidi marks, no space around it."""
    line = line[:_MOST_CHARS].strip()
    return line if line.isascii() else _BIDI.sub("", line).strip()


def lowered(text: str) -> str:
    """Lower case as the tables have it; the Turkish capital İ would become an i and a combining dot."""
    return text.replace("İ", "i").lower()


def is_rule(line: str) -> bool:
    """Whether a bare line is nothing but a drawn line."""
    return _RE_RULE.fullmatch(line) is not None


def label_kind(line: str) -> str | None:
    """`from_`, `date`, `to`, `cc` or `subject` if a bare line begins with a header label of any language."""
    head = _RE_LABEL.match(line)
    return _LABELS.get(lowered(head[1].strip(" *_\t\xa0|"))) if head else None


def separator(lines: Sequence[str], at: int) -> bool:
    """Whether the bare line at `at` is a divider such as `-----Original Message-----` or `Begin forwarded message:`."""
    line = lines[at]
    if not 3 <= len(line) <= 200:
        return False
    drawn = line[0] in _DASHES
    inner = line.strip(_DASHES).strip()
    if not inner or (not drawn and len(inner) > 60):
        return False
    words = lowered(inner.rstrip(":： ")).replace("\xa0", " ")
    if drawn and line[-1] in _DASHES:
        return (
            words.startswith(_ORIGINALS_FRONT) or words == "original" or any(phrase in words for phrase in REPLY_ABOVE)
        )
    if words not in _ORIGINALS:
        return False
    if inner[-1] in ":：" or drawn:
        return True
    return any(label_kind(line) for line in lines[at + 1 : at + 4])


def header_block(lines: Sequence[str], labels: Sequence[str | None], at: int) -> tuple[int, bool]:
    """Where the quoted header block that begins at `at` ends, and whether it surely is one; (at, False) if there is none.

    It needs a sender and three kinds of labels with a subject or an address among them or a date with its time straight
    below the sender (a booking has `From`, `To` and `Date` too), or sender, date and an address. Two labels are not sure.
    `labels`: what `label_kind` says of every line.
    """
    stop = min(len(lines), at + _MOST_BLOCK)
    if labels[at] in (None, "cc") or len({*labels[at:stop]} - {None}) < 2:
        return at, False
    kinds: set[str] = set()
    address = wrapped = False
    position = end = at
    strangers = 0
    while position < stop:
        line = lines[position]
        kind = labels[position]
        if kind is not None:
            kinds.add(kind)
            address = address or wrapped or "@" in line
            strangers, wrapped = 0, False
            end = position + 1
        elif strangers == 2 or (line and line[0] == ">"):
            break
        else:
            strangers += 1  # a blank line, or the rest of a long list of recipients
            wrapped = wrapped or "@" in line
        position += 1
    if "from_" not in kinds and not {"to", "date", "subject"} <= kinds:
        return at, False
    below = lines[at + 1] if labels[at] == "from_" and at + 1 < stop and labels[at + 1] == "date" else ""
    timed = _RE_TIME.search(below) is not None
    sure = {"from_", "date"} <= kinds and address
    return end, sure or (len(kinds) >= 3 and ("subject" in kinds or address or timed))


def may_end_attribution(line: str) -> bool:
    """Whether a bare line ends like an attribution: with a colon, between drawn dashes, or with a verb after an address."""
    last = line[-1]
    if last in ":：՝":
        return True
    if last in _DRAWN:
        return line[0] in _DRAWN
    return "@" in line and line.endswith(_VERBS_LAST)


def attribution(lines: Sequence[str], at: int, first: int, *, before_quote: bool) -> int | None:
    """Where the attribution that ends on line `at` begins (it may be wrapped over four), or None if there is none.

    `first`: lines before it belong to something else. `before_quote`: the next line of text is marked as a quote.
    """
    top = max(first, at - _MOST_JOINED + 1)
    if not before_quote and not any(_RE_HINT.search(line) for line in lines[top : at + 1]):
        return None
    weak = strong = None
    text = ""
    for start in range(at, top - 1, -1):
        if not lines[start] or lines[start][0] == ">" or (strong is not None and lines[start][-1] != ","):
            break
        text = lines[start][:400] + (" " + text if text else "")
        strength = _strength(text, before_quote=before_quote)
        if strength == 2:
            strong = start  # a line above that ends with a comma may be its true beginning
        elif strength == 1 and weak is None:
            weak = start
    return weak if strong is None else strong


def _strength(line: str, *, before_quote: bool) -> int:
    """2: an attribution from its first word on; 1: the end of one, or one without a usual beginning; 0: none."""
    text = lowered(line.strip(_DRAWN).rstrip(":：՝ \t*_"))
    if not text or len(line) > 700:
        return 0
    colon = line.rstrip("*_ ")[-1] in ":：՝"
    address = "@" in text and _RE_ADDRESS.search(text) is not None
    time = _RE_TIME.search(text) is not None
    dated = time or _RE_YEAR.search(text) is not None or _RE_DAY.search(text) is not None
    verb_last = text.endswith(_VERBS_LAST) or _RE_AFTER_VERB.sub("", text).endswith(_VERBS_LAST)
    opened = _RE_OPEN.match(text) is not None
    begins = opened or _RE_DATED_START.match(text) is not None
    strength = 0
    if begins and _begun(line, text, verb_last=verb_last, colon=colon, dated=dated, time=time, address=address):
        strength = 2
    elif (verb_last and (address or (dated and time and colon))) or (
        colon and dated and (address or time) and _named(line, text, address=address)
    ):
        strength = 1
    elif before_quote and len(text) <= 200:
        said = colon and (address or time or _RE_ANY_VERB.search(text) is not None)
        told = colon and begins and _RE_HINT.search(text) is not None and len(text.split()) <= 8
        strength = (2 if opened and dated else 1) if verb_last or said or told else 0
    return strength


def _begun(line: str, text: str, *, verb_last: bool, colon: bool, dated: bool, time: bool, address: bool) -> bool:
    """An attribution that begins with a preposition or a date."""
    if verb_last:
        return dated or address
    if not colon or not dated:
        return False
    if time and address and _RE_LAST_ADDRESS.search(text):
        return True
    middle = _RE_MIDDLE_VERB.search(text)
    if middle is None:
        return False
    name = line.strip(_DRAWN)[middle.end() :]
    return (address or len(name.split()) <= 6) and not name[:1].islower()


def _named(line: str, text: str, *, address: bool) -> bool:
    """`Jane Doe <jane@…> schrieb am …:` and `Jane Doe wrote on … at …:`."""
    if address:
        after = re.split(r"[>)\]]", text, maxsplit=1)[-1][:60]
        return _RE_ANY_VERB.search(" " + after.lstrip(" ,")) is not None
    named = _RE_NAME_VERB.match(lowered(line))
    return named is not None and len(named["name"].split()) <= 5 and line[:1].isupper()
