"""Where a sentence of a mail begins and ends. People leave out full stops, write lists and answer line by line."""

import re

_TERMINATOR = re.compile(r"(?<=[.!?…؟।:;։])[\"'»”’)\]]*\s+|(?<=[。！？])")
_BULLET = re.compile(r"^\s*(?:[-–—*•·‣]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\d{1,2}|\w|e\.g|i\.e|z\.B|d\.h|u\.a|etc|ca|vs|no|nr|inv|art|abs|mr|mrs|ms|dr|prof|st|sr|sra|mme|dott|sig"
    r"|sayın|bkz|tel|ul|np|tzn|bzw|ggf|inkl|approx|incl|dept|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.$",
    re.IGNORECASE,
)
_SOFT_BREAK = 55
"""A line at least this long that ends without a full stop was wrapped by the mail program, in characters."""


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, in order, white space folded; each is a substring of the folded text."""
    sentences: list[str] = []
    for block in _blocks(text):
        sentences.extend(_split_block(block))
    return sentences


def fold(text: str) -> str:
    """White space folded to single blanks: the form in which quotes are compared."""
    return " ".join(text.split())


def _blocks(text: str) -> list[str]:
    """Lines joined where a mail program wrapped them; bullets and short lines stand alone."""
    blocks: list[str] = []
    wrapped = False
    for line in text.splitlines():
        folded = fold(line)
        if not folded:
            wrapped = False
            continue
        goes_on = wrapped and not _BULLET.match(line) and (folded[0].islower() or len(blocks[-1]) >= _SOFT_BREAK)
        if goes_on:
            blocks[-1] = f"{blocks[-1]} {folded}"
        else:
            blocks.append(folded)
        wrapped = (goes_on or len(folded) >= _SOFT_BREAK or folded[-1] in ",;-–—") and folded[-1] not in ".!?…:"
    return blocks


def _split_block(block: str) -> list[str]:
    """One block at its sentence ends; abbreviations and ordinals (`am 12. Juni`) hold on to what follows."""
    parts: list[str] = []
    start = 0
    for match in _TERMINATOR.finditer(block):
        candidate = block[start : match.end()].strip()
        if not candidate or _ABBREVIATION.search(candidate):
            continue
        if candidate[-1] in ":;" and len(candidate) < 80:  # a heading or half a sentence: read on
            continue
        parts.append(candidate)
        start = match.end()
    rest = block[start:].strip()
    if rest:
        parts.append(rest)
    return parts
