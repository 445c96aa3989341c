"""A draft as the guard reads it: the same text with digits and marks made plain, cut into words, clauses, sentences.

`flatten` keeps every offset, so that a finding can show the words of the draft as they stand there.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_APOSTROPHES = "’‘ʼ`´′＇"
_DASHES = "‐‑‒–—―−－"
_PLAIN = {ord(c): "'" for c in _APOSTROPHES} | {ord(c): "-" for c in _DASHES}
_PLAIN |= {ord("٫"): ".", ord("٬"): ",", ord("٪"): "%", ord("،"): ",", ord("؛"): ";", ord("\r"): " "}

LETTER = r"[^\W\d_]"
_MARKS = r"\u0300-\u036f\u055a-\u055c\u055e\u055f\u0610-\u061a\u0640\u064b-\u065f\u0670\u0900-\u0dff\u200c\u200d"
_WORD_CHAR = rf"(?:{LETTER}|[{_MARKS}])"
_TOKEN = re.compile(rf"(?P<word>{_WORD_CHAR}+(?:'{_WORD_CHAR}+)*)|(?P<number>\d+)|(?P<sign>[%€$£?!.,;:()\n؟։।…-])")
_ELISION = frozenset(
    {
        "l",
        "d",
        "c",
        "j",
        "m",
        "n",
        "s",
        "t",
        "qu",
        "jusqu",
        "lorsqu",
        "puisqu",
        "un",
        "all",
        "dell",
        "nell",
        "sull",
        "dall",
    }
    | {"quell", "quest", "tutt", "quant"},
)
_STRIPPED = re.compile(r"[\u0300-\u036f\u055a-\u055f\u0610-\u061a\u0640\u064b-\u065f\u0670\u200c\u200d]")
_FOLDED = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ى": "ي", "ة": "ه"}
_ABBREVIATIONS = frozenset(
    "nr no mr mrs ms dr prof st ca bzw ggf vgl inkl zzgl zb etc e.g i.e approx inv ref mme mlle sr sra srta dott sig av bd "
    "n num núm ul tel max min vs hr fr str г т н д р тыс руб стр "
    "jan janv feb fev févr fevr mar mrz mrt apr avr abr jun juin jul juil aug sep sept oct okt ott nov dec déc dez dic ene gen".split(),
)


class _Flat(dict[int, str]):
    """Character by character, always one for one; filled as characters come up."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = _PLAIN.get(code)
        if plain is None:
            digit = unicodedata.decimal(char, None)
            if digit is not None:
                plain = str(digit)
            elif unicodedata.category(char) == "Zs":
                plain = " "
            else:
                compatible = unicodedata.normalize("NFKC", char)
                plain = compatible if len(compatible) == 1 else char
        self[code] = plain
        return plain


_FLAT = _Flat()


def flatten(text: str) -> str:
    """The text with digits of any script, wide forms, dashes, apostrophes and spaces made plain; same length."""
    return text.translate(_FLAT)


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """A word for comparison: case, accents, vowel points and stretching removed, as different keyboards write it."""
    folded = _STRIPPED.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFC", "".join(_FOLDED.get(c, c) for c in folded))


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign, with its place in the text and the sentence and clause it belongs to."""

    folded: str
    start: int
    end: int
    sentence: int
    clause: int
    is_word: bool


def _pieces(match: re.Match[str]) -> Iterable[tuple[str, int, int]]:
    """A word, cut after an elided article (`l'avocat`) and before a Turkish case ending (`Mart'ta`)."""
    text, start = match.group(), match.start()
    head, apostrophe, tail = text.partition("'")
    if apostrophe and fold(head) in _ELISION and tail:
        yield fold(head) + "'", start, start + len(head) + 1
        start, text = start + len(head) + 1, tail
    yield fold(text), start, start + len(text)


def _is_row(line: str) -> bool:
    """Whether a line is a row of a table or a list rather than running text."""
    bare = line.strip()
    first = bare.split(" ", 1)[0]
    return "|" in bare or "\t" in bare or "   " in bare or bare[:1] in "-*•·" or any(c.isdigit() for c in first)


def line_breaks(flat: str) -> set[int]:
    """Offsets of the line ends that end a sentence; the others are soft wraps inside running text."""
    breaks: set[int] = set()
    lines = flat.split("\n")
    at = 0
    for line, following in pairwise(lines):
        at += len(line)
        bare = line.rstrip()
        soft = len(bare) >= 45 and following.strip() and bare[-1] not in ".!?:…؟։"
        if not soft or _is_row(line) or _is_row(following):
            breaks.add(at)
        at += 1
    return breaks


_CLOSERS = "\"'”»“)]*_ "


def _ends_sentence(flat: str, at: int, previous: str) -> bool:
    """Whether the mark at `at` ends a sentence: `12. März`, `z. B.`, `3.5` and `Nr. 7` do not."""
    end = at + 1
    while end < len(flat) and flat[end] in _CLOSERS and flat[end] != " ":
        end += 1
    if end < len(flat) and not flat[end].isspace():
        return False
    if flat[at] != ".":
        return True
    following = flat[end : end + 40].lstrip()[:1]
    if previous.isdigit() and following and len(previous) <= 2:
        return False
    if (len(previous) == 1 and previous.isalpha()) or previous in _ABBREVIATIONS:
        return False
    return not following.islower()


def tokenize(flat: str, conjunctions: frozenset[str] = frozenset()) -> list[Token]:
    """Words, numbers and signs in order, each with its sentence and clause number; linear in the text's length."""
    breaks = line_breaks(flat)
    tokens: list[Token] = []
    sentence = clause = 0
    previous = ""
    for match in _TOKEN.finditer(flat):
        kind = match.lastgroup
        if kind == "sign":
            sign = match.group()
            if sign in ".!?؟։।…" and _ends_sentence(flat, match.start(), previous):
                sentence, clause = sentence + 1, clause + 1
            elif sign == "\n":
                if match.start() in breaks:
                    sentence, clause = sentence + 1, clause + 1
            elif sign in ",;:()" or (sign == "-" and flat[match.start() - 1 : match.start()] in {" ", ""}):
                clause += sign != "," or flat[match.end() : match.end() + 1].isspace()
            elif sign in "%€$£":
                tokens.append(Token(sign, match.start(), match.end(), sentence, clause, is_word=False))
            previous = sign if sign != "\n" else previous
            continue
        for folded, start, end in _pieces(match):
            if folded in conjunctions:
                clause += 1
            tokens.append(Token(folded, start, end, sentence, clause, is_word=kind == "word"))
            previous = folded
    return tokens
