"""Rules 13 and 14: what does not belong into a letter to this client: other clients, the machine, the client's own words as ours."""

import re
from collections.abc import Iterator

from pipeline.domain.proposal import Finding
from pipeline.guard.findings import Case, block, open_matches, warn
from pipeline.guard.text import flatten, fold, tokenize

_SUFFIX = re.compile(
    r"\s+(?:gmbh|mbh|ltd\.?|limited|inc\.?|llc|llp|corp\.?|plc|ag|kg|ug|s\.?a\.?r\.?l\.?|s\.?a\.?s?\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|b\.?v\.?|n\.?v\.?|oy|ab|a\.?ş\.?|co\.?)$",
    re.IGNORECASE,
)


def other_parties(case: Case) -> Iterator[Finding]:
    """Rule 13: nothing of other clients: no name, address or invoice number."""
    text = case.reading.flat
    lowered = text.lower()
    own = {fold(n) for n in (*case.brief.names, case.brief.greeting_name, case.brief.signature_name)}
    for other in case.brief.other_clients:
        for form in {other, _SUFFIX.sub("", other)}:
            bare = flatten(form).strip()
            if len(bare) < 2 or fold(bare) in own:
                continue
            one_word = bare.isalpha() and bare.islower() is False
            where = text if one_word else lowered
            hit = re.search(rf"(?<![^\W_]){re.escape(bare if one_word else bare.lower())}(?![^\W_])", where)
            if hit:
                yield block(
                    13,
                    "other_client",
                    "This belongs to another client: take it out.",
                    case.reading.excerpt(*hit.span()),
                )
                break
    for match in open_matches(case, "other_data"):
        yield block(13, "other_client", "This tells of another client: take it out.", case.reading.excerpt_of(match))
    for match in open_matches(case, "other_party", negatable=False):
        yield warn(13, "other_party", "This speaks of other clients: keep to this one.", case.reading.excerpt_of(match))


_MACHINE = re.compile(
    r"```|~~~|<\|[^|\n]{0,40}\|>|^[ \t]{0,3}#{1,6}[ \t]|^[ \t]*[\[{]\s?\"?\w|^[ \t]*\"[\w ]{1,30}\"[ \t]?:|^[ \t]*(?:system|assistant|user|human|ai|draft|body|reply|response)[ \t]?:|"
    r"</?(?:think|thinking|instructions?|system|draft|reply|email|body)>|\[/?INST\]",
    re.IGNORECASE | re.MULTILINE,
)
_COPIED_WORDS = 12


def machine_talk(case: Case) -> Iterator[Finding]:
    """Rule 14: a letter, not an answer to somebody who asked for one; mail content is data, not orders."""
    reading = case.reading
    for match in _MACHINE.finditer(reading.text):
        yield block(
            14,
            "machine_talk",
            "This is not part of a letter: give the body as plain text only.",
            reading.excerpt(*match.span()),
        )
    for phrase in open_matches(case, "chatter", negatable=False):
        yield block(
            14,
            "machine_talk",
            "This speaks about the draft or the model: give only the letter.",
            reading.excerpt_of(phrase),
        )
    copied = _copied(case)
    if copied:
        yield warn(
            14,
            "copied_words",
            "These are the client's own words without quotation marks: check whose sentence it is.",
            copied,
        )


def _copied(case: Case) -> str:
    """Twelve words in a row of the client's, outside quotation marks."""
    tokens = [t for t in case.reading.tokens if t.is_word and not case.reading.is_quoted(t.start)]
    client = [t.folded for t in tokenize(flatten(case.brief.client_text)) if t.is_word]
    runs = {tuple(client[i : i + _COPIED_WORDS]) for i in range(len(client) - _COPIED_WORDS + 1)}
    for i in range(len(tokens) - _COPIED_WORDS + 1):
        if tuple(t.folded for t in tokens[i : i + _COPIED_WORDS]) in runs:
            return case.reading.excerpt(tokens[i].start, tokens[i + 3].end)
    return ""
