"""Rules 7 to 9: language, length and the parts that every letter has."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from pipeline.domain.proposal import Finding
from pipeline.guard.findings import Case, block, open_matches, warn
from pipeline.guard.scripts import script_of
from pipeline.guard.text import Token

MIN_WORDS = 40
MAX_WORDS = 150
MAX_WORDS_EXIT = 220
MAX_QUESTIONS = 2
INSPECTED_CHARS = 8_000
"""Longer drafts are far over every limit; only so much of them is read."""

_QUESTION = re.compile(r"[?؟？;՞]+")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{3}")
_HEADER = re.compile(
    r"^(?:subject|re|to|from|cc|bcc|date|reply-to|betreff|an|von|objet|asunto|para|oggetto|assunto|onderwerp|temat|konu|kime|тема|кому|الموضوع|إلى|թեմա|విషయం)\s?:",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{[^{}\n]{0,60}\}|\[(?!\s?(?:…|\.\.\.)\s?\])[^\[\]\n]*[^\W\d_][^\[\]\n]*\]|<[^<>\n]{1,80}>|(?<![^\W_])X{3,}(?![^\W_])|"
    r"(?<![^\W_])(?:TODO|TBD|TBC|FIXME|PLACEHOLDER|LOREM)(?![^\W_])|_{3,}|\.{5,}|%\([a-z_]+\)s|(?<!\w)%[sd](?!\w)|\$\{|(?<!\w)\$[a-z_]{3,}",
)
_BIDI_MARKS = frozenset("\u200e\u200f\u061c")
_JOINERS = frozenset("\u200c\u200d")
_SEEN_SHARE = 0.2
_BRACKETED = frozenset("\n\r\t")


def control_characters(case: Case) -> Iterator[Finding]:
    """Rule 9: nothing invisible in a letter, save the joiners and direction marks that some scripts need."""
    text = case.reading.text
    scripts = {script_of(c) for c in set(text)}
    eastern = bool(scripts & {"Arabic", "Hebrew", "Devanagari", "Telugu"})
    for at, char in enumerate(text):
        if char in _BRACKETED or (eastern and char in (_BIDI_MARKS | _JOINERS)):
            continue
        if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}:
            name = f"U+{ord(char):04X}"
            yield block(
                9, "control_character", f"Take out the invisible character {name}.", f"character {at + 1}: {name}"
            )
            return


def header_lines(case: Case) -> Iterator[Finding]:
    """Rule 9: a draft is the body only; its headers come from code."""
    for line in [x for x in case.reading.flat.split("\n") if x.strip()][:4]:
        if _HEADER.match(line.strip()):
            yield block(
                9,
                "header_line",
                "The body must not begin with a header such as Subject: begin with the greeting.",
                line.strip()[:80],
            )
            return


def wrong_language(case: Case) -> Iterator[Finding]:
    """Rule 7: the letter is in the client's language and script, every sentence of it."""
    reading, lexicon = case.reading, case.reading.lexicon
    mixed = next((t for t in reading.tokens if t.is_word and _mixes_scripts(reading.flat[t.start : t.end])), None)
    if mixed is not None:
        message = "A word mixes letters of two alphabets: write it in one."
        yield block(7, "wrong_script", message, reading.excerpt(mixed.start, mixed.end))
    if lexicon is None:
        return
    words = [t for t in reading.tokens if t.is_word and not reading.is_quoted(t.start) and not _named(case, t)]
    letters = [script_of(reading.flat[t.start]) for t in words]
    if letters and sum(s == lexicon.script for s in letters) < 0.6 * len(letters):
        yield block(
            7,
            "wrong_script",
            f"The letter must be written in {reading.language}, in its own script.",
            reading.excerpt(words[0].start, words[0].end),
        )
        return
    if _profile(case, words, least=4):
        yield block(
            7,
            "wrong_language",
            f"The letter must be written in {reading.language}.",
            reading.excerpt(words[0].start, words[0].end),
        )
        return
    for _, group in groupby(words, key=lambda t: t.sentence):
        inside = list(group)
        foreign_script = len(inside) >= 5 and not any(
            script_of(reading.flat[t.start]) == lexicon.script for t in inside
        )
        if foreign_script or (len(inside) >= 6 and _profile(case, inside, least=3)):
            message = f"This sentence is not in {reading.language}: write it in the language of the letter."
            yield block(7, "wrong_language", message, reading.excerpt(inside[0].start, inside[-1].end))
            return


def _named(case: Case, token: Token) -> bool:
    return any(s <= token.start < e for s, e in case.reading.literals.spans) or any(
        c.start <= token.start < c.end for c in case.reading.contacts
    )


def _profile(case: Case, words: list[Token], *, least: int) -> bool:
    """Whether another language's stop words clearly outnumber those of the letter's own."""
    own = case.reading.language
    hits = {name: sum(t.folded in lex.stopwords for t in words) for name, lex in case.words.lexicons.items()}
    mine = hits.pop(own, 0)
    best = max(hits.values(), default=0)
    return best >= least and best > 2 * mine


def _mixes_scripts(word: str) -> bool:
    scripts = {script_of(c) for c in word} - {None}
    return len(
        scripts & {"Latin", "Greek", "Cyrillic", "Armenian", "Arabic", "Hebrew", "Telugu", "Devanagari", "Georgian"}
    ) > 1 and (script_of(word[0]) != "Latin" or not scripts & {"Armenian", "Telugu", "Arabic", "Devanagari", "Hebrew"})


def formality(case: Case) -> Iterator[Finding]:
    """Rule 7: the client is addressed as always: du or Sie, tu or vous, sen or siz."""
    reading, lexicon = case.reading, case.reading.lexicon
    if lexicon is None:
        return
    informal = [m for m in open_matches(case, "informal", negatable=False) if m.phrase.language == reading.language]
    formal = [m for m in open_matches(case, "formal", negatable=False) if m.phrase.language == reading.language]
    cased = [
        t
        for i, t in enumerate(reading.tokens)
        if reading.text[t.start : t.end] in lexicon.formal_cased and i and reading.tokens[i - 1].sentence == t.sentence
    ]
    wants = case.brief.formal
    if wants is True and informal:
        yield block(
            7,
            "formality",
            "This client is addressed formally: change the familiar form.",
            reading.excerpt_of(informal[0]),
        )
    elif wants is False and (formal or cased) and not informal:
        excerpt = reading.excerpt_of(formal[0]) if formal else reading.excerpt(cased[0].start, cased[0].end)
        yield block(7, "formality", "This client is addressed by the familiar form: change the formal one.", excerpt)
    elif wants is None and informal and (formal or cased):
        yield warn(
            7, "formality", "Formal and familiar address are mixed: use one of them.", reading.excerpt_of(informal[0])
        )


def is_table_line(line: str) -> bool:
    """Whether a line is a row of a statement: cells parted by bars, tabs or wide gaps, or a list item with figures."""
    bare = line.strip()
    if not bare:
        return False
    cells = _cells(bare)
    listed = re.match(r"(?:[-*•·–]|\d{1,2}[.)])\s", bare) is not None
    return len(cells) >= 3 or set(bare) <= set("-=+| :") or (listed and sum(c.isdigit() for c in bare) >= 4)


def _cells(line: str) -> list[str]:
    return [c for c in re.split(r"\||\t| {3,}", line.strip()) if c.strip()]


def count_words(text: str) -> int:
    """Words as a reader counts them; scripts without spaces by their usual letters a word."""
    spaced = _SPACELESS.sub(" ", text)
    compact = len(_SPACELESS.findall(text))
    return sum(any(c.isalnum() for c in w) for w in spaced.split()) + (compact + 1) // 2


def length(case: Case) -> Iterator[Finding]:
    """Rule 8: 40 to 150 words (an exit letter 220), a statement's rows not counted, and at most two questions."""
    prose = count_words(_without_statement(case))
    most = MAX_WORDS_EXIT if case.brief.kind == "exit" else MAX_WORDS
    if prose > most or len(case.reading.text) >= INSPECTED_CHARS:
        yield block(8, "too_long", f"The letter has {prose} words, {most} are allowed: shorten it.")
    elif count_words(case.reading.text) < MIN_WORDS:
        yield block(8, "too_short", f"The letter has {prose} words, it needs {MIN_WORDS}: say what happens next.")
    questions = _questions(case)
    if questions > MAX_QUESTIONS:
        yield block(
            8, "too_many_questions", f"The letter asks {questions} questions: keep the {MAX_QUESTIONS} that matter."
        )


def _without_statement(case: Case) -> str:
    """The text without the rows of a statement, also its heading and the row of the sum, which have two cells only.

    In a letter that is no chase, a block counts as a statement only if a known invoice stands in it.
    """
    kept: list[str] = []
    at = 0
    for rows in case.reading.text.split("\n\n"):
        lines = rows.split("\n")
        named = any(at <= start < at + len(rows) for start, _, _ in case.reading.literals.mentions)
        at += len(rows) + 2
        if (named or case.brief.kind == "chase") and any(map(is_table_line, lines)):
            lines = [x for x in lines if not is_table_line(x) and len(_cells(x)) < 2]
        kept += lines
    return "\n".join(kept)


def _questions(case: Case) -> int:
    reading = case.reading
    hidden = [(c.start, c.end) for c in reading.contacts] + reading.quotes
    return sum(
        not any(s <= m.start() < e for s, e in hidden) and (m.group() != ";" or reading.language == "el")
        for m in _QUESTION.finditer(reading.flat)
    )


def placeholders(case: Case) -> Iterator[Finding]:
    """Rule 9: nothing left to fill in."""
    reading = case.reading
    for match in _PLACEHOLDER.finditer(reading.flat):
        if not reading.is_quoted(match.start()) and not any(s <= match.start() < e for s, e in reading.literals.spans):
            yield block(
                9,
                "placeholder",
                "A placeholder was left in the letter: fill it from the facts or take it out.",
                reading.excerpt(*match.span()),
            )
            return
    for phrase in open_matches(case, "placeholder", negatable=False):
        yield block(
            9,
            "placeholder",
            "A placeholder was left in the letter: fill it from the facts or take it out.",
            reading.excerpt_of(phrase),
        )
        return
