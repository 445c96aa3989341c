"""Rules 7 to 9: language, length and the parts that every letter has."""

import re
import unicodedata
from collections.abc import Iterator

from pipeline.domain.proposal import Finding
from pipeline.guard.findings import Case, block, open_matches, warn
from pipeline.guard.reading import script_of
from pipeline.guard.text import Token, fold

MIN_WORDS = 40
MAX_WORDS = 150
MAX_WORDS_EXIT = 220
MAX_QUESTIONS = 2
INSPECTED_CHARS = 12_000
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
    for sentence in reading.sentences:
        number = reading.tokens[sentence.start].sentence
        inside = [t for t in words if t.sentence == number]
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
    cells = [c for c in re.split(r"\||\t| {3,}", bare) if c.strip()]
    listed = re.match(r"(?:[-*•·–]|\d{1,2}[.)])\s", bare) is not None
    return len(cells) >= 3 or set(bare) <= set("-=+| :") or (listed and sum(c.isdigit() for c in bare) >= 4)


def count_words(text: str) -> int:
    """Words as a reader counts them; scripts without spaces by their usual letters a word."""
    spaced = _SPACELESS.sub(" ", text)
    compact = len(_SPACELESS.findall(text))
    return sum(any(c.isalnum() for c in w) for w in spaced.split()) + (compact + 1) // 2


def length(case: Case) -> Iterator[Finding]:
    """Rule 8: 40 to 150 words (an exit letter 220), a statement's rows not counted, and at most two questions."""
    lines = case.reading.text.split("\n")
    chase = case.brief.kind == "chase"
    prose = count_words("\n".join(x for x in lines if not (chase and is_table_line(x))))
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


def _lines(case: Case) -> list[tuple[int, int]]:
    """Offsets of the lines that hold something."""
    result: list[tuple[int, int]] = []
    at = 0
    for line in case.reading.flat.split("\n"):
        if line.strip():
            result.append((at, at + len(line)))
        at += len(line) + 1
    return result


def greeting(case: Case) -> Iterator[Finding]:
    """Rule 9 and 1: the letter opens with a greeting, and with the name that code gives."""
    lines = _lines(case)
    if not lines:
        yield block(9, "no_greeting", "The letter has no greeting: begin with one.")
        return
    start, end = lines[0]
    reading = case.reading
    matches = [m for m in reading.matches.get("greeting", ()) if start <= reading.tokens[m.first].start < end]
    wanted = {fold(w) for w in _name_words(case.brief.greeting_name)}
    first_line = [t for t in reading.tokens if start <= t.start < end and t.is_word]
    if not matches:
        if not wanted or not first_line or {t.folded for t in first_line} - wanted - _fillers(case):
            yield block(9, "no_greeting", "The letter has no greeting: begin with one.", reading.text[start:end][:80])
        return
    greeted = {i for m in matches for i in range(m.first, m.last + 1)}
    named = [
        t
        for i, t in enumerate(reading.tokens)
        if start <= t.start < _salutation_end(case, start, end) and t.is_word and i not in greeted
    ]
    said = [t for t in named if t.folded not in _fillers(case)]
    if not wanted:
        strange = [t for t in said if reading.text[t.start].isupper() and t.folded not in case.known.names]
        if strange:
            yield block(
                1, "unknown_name", "The greeting names somebody who is not in the facts.", reading.text[start:end][:80]
            )
        return
    if not said or not any(_same_name(t.folded, w, case) for t in said for w in wanted):
        anyone = any(start <= reading.tokens[m.first].start < end for m in reading.matches.get("anyone", ()))
        if said or not anyone:
            yield block(
                1, "wrong_greeting", f"The greeting must name {case.brief.greeting_name}.", reading.text[start:end][:80]
            )
        return
    allowed = wanted | {fold(w) for n in case.brief.names for w in _name_words(n)}
    if any(not any(_same_name(t.folded, w, case) for w in allowed) for t in said if reading.text[t.start].isupper()):
        yield block(
            1,
            "wrong_greeting",
            f"The greeting must name {case.brief.greeting_name} only.",
            reading.text[start:end][:80],
        )


def _salutation_end(case: Case, start: int, end: int) -> int:
    """The salutation goes to its comma, colon, exclamation or full stop; what follows on the line is the letter."""
    name_ends = start
    for mark in re.finditer(r"[,:!;]|\.(?=\s+\S)|-(?=\s)", case.reading.flat[start:end]):
        text = case.reading.flat[start : start + mark.start()]
        last = fold(text.split()[-1]) if text.split() else ""
        if mark.group() == "." and case.reading.lexicon and last in case.reading.lexicon.honorifics:
            continue
        name_ends = start + mark.start()
        # `Hello, Anna,` and `Здравствуйте, Анна!`: a greeting before the comma, the name after it
        if any(
            t.start >= start and t.end <= name_ends and t.is_word and t.folded not in _greeting_words(case)
            for t in case.reading.tokens
        ):
            return name_ends
    return end


def _greeting_words(case: Case) -> set[str]:
    reading = case.reading
    return {reading.tokens[i].folded for m in reading.matches.get("greeting", ()) for i in range(m.first, m.last + 1)}


def _fillers(case: Case) -> frozenset[str]:
    lexicon = case.reading.lexicon
    honorifics = lexicon.honorifics if lexicon else frozenset()
    reading = case.reading
    anyone = {reading.tokens[i].folded for m in reading.matches.get("anyone", ()) for i in range(m.first, m.last + 1)}
    return honorifics | anyone


def _name_words(name: str) -> list[str]:
    return [w.strip(".,") for w in name.replace("-", " ").split() if w.strip(".,")]


def _same_name(said: str, known: str, case: Case) -> bool:
    """Whether two names are one; languages that decline names may change the last letters."""
    if said == known or said.partition("'")[0] == known:
        return True
    lexicon = case.reading.lexicon
    if lexicon is None or not lexicon.inflected or min(len(said), len(known)) < 3:
        return False
    shared = max(3, min(len(said), len(known)) - 2)
    return said[:shared] == known[:shared] and abs(len(said) - len(known)) <= 3


def signature(case: Case) -> Iterator[Finding]:
    """Rule 9 and 1: the letter closes with the owner's name, and nobody else's."""
    wanted = [fold(w) for w in _name_words(case.brief.signature_name)]
    lines = _lines(case)[-5:]
    if not wanted or not lines:
        return
    for start, end in reversed(lines):
        said = [t.folded for t in case.reading.tokens if start <= t.start < end and t.is_word]
        if said[-len(wanted) :] == wanted and len(said) <= len(wanted) + 6:
            return
        if said[: len(wanted)] == wanted and len(said) <= len(wanted) + 6:
            return
    start, end = lines[-1]
    line = case.reading.text[start:end].strip()
    message = f"The letter must close with the name {case.brief.signature_name}."
    yield block(9, "no_signature", message, line[:80])
