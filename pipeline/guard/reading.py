"""A draft, or a client's mail, read once for all rules: tokens, phrases, contacts, figures and what was quoted."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from pipeline.guard.contacts import Contact, ContactKind, contacts, references
from pipeline.guard.figures import Figure, blanked
from pipeline.guard.lexicon import Lexicon
from pipeline.guard.literals import find_literals, verbatim_quotes
from pipeline.guard.phrases import Match
from pipeline.guard.scan import scan_figures
from pipeline.guard.scripts import scripts_of
from pipeline.guard.text import Token, flatten, tokenize
from pipeline.guard.together import find_statements
from pipeline.guard.words import GuardWords, calendar_only

_NEGATION_REACH = 7
_NEGATION_BEHIND = 10
_LIST_REACH = 3


def base_language(tag: str) -> str:
    """The language subtag of a BCP 47 tag."""
    return tag.replace("_", "-").partition("-")[0].lower()


class Reading:
    """A text as the rules see it. Offsets are those of the text itself."""

    def __init__(
        self,
        text: str,
        words: GuardWords,
        language: str,
        *,
        wordings: Sequence[str] = (),
        invoices: Sequence[str] = (),
        quotable: str = "",
    ) -> None:
        """Read `text` in `language` (BCP 47). `quotable` is the mail whose words it may quote."""
        self.text = text
        self.words = words
        self.language = base_language(language)
        self.flat = flatten(text)
        self.lexicon: Lexicon | None = words.lexicons.get(self.language)
        self.quotes = verbatim_quotes(self.flat, quotable)
        self.literals = find_literals(self.flat, wordings, invoices)

    @cached_property
    def tokens(self) -> list[Token]:
        """All words, numbers and signs."""
        return tokenize(self.flat, self.lexicon.conjunctions if self.lexicon else frozenset())

    @cached_property
    def sentences(self) -> list[range]:
        """Token ranges of the sentences, in order."""
        result: list[range] = []
        start = 0
        for index in range(1, len(self.tokens) + 1):
            if index == len(self.tokens) or self.tokens[index].sentence != self.tokens[start].sentence:
                result.append(range(start, index))
                start = index
        return result

    @cached_property
    def sentence_range(self) -> dict[int, range]:
        """The token range of each sentence number."""
        return {self.tokens[r.start].sentence: r for r in self.sentences}

    @cached_property
    def languages(self) -> dict[int, frozenset[str]]:
        """For each sentence number, the languages whose phrases count there: the text's own, and what it looks like."""
        own = frozenset({"*", self.language}) if self.lexicon else frozenset({"*", "en"})
        return {n: own | self._looks_like(r) for n, r in self.sentence_range.items()}

    def _looks_like(self, sentence: range) -> frozenset[str]:
        folded = [self.tokens[i].folded for i in sentence if self.tokens[i].is_word]
        hits = {name: sum(f in lex.stopwords for f in folded) for name, lex in self.words.lexicons.items()}
        mine = hits.get(self.language, 0)
        most = max(hits.values(), default=0)
        foreign = {name for name, count in hits.items() if count == most and most > mine}
        scripts = {lex.script for name, lex in self.words.lexicons.items() if name == self.language}
        letters = "".join(folded)
        foreign |= {
            n
            for n, x in self.words.lexicons.items()
            if x.script not in scripts and x.script in scripts_of(letters) and x.script != "Latin"
        }
        return frozenset(foreign)

    @cached_property
    def contacts(self) -> list[Contact]:
        """Links, addresses, accounts and phone numbers; allowed wordings left out."""
        return contacts(blanked(self.flat, self.literals.spans))

    @cached_property
    def _unclaimed(self) -> str:
        return blanked(self.flat, self.literals.spans + [(c.start, c.end) for c in self.contacts] + self.quotes)

    @cached_property
    def references(self) -> list[Contact]:
        """Reference numbers that are no known literal."""
        return [c for c in references(self._unclaimed) if c.key.lower() not in self.words.benign]

    @cached_property
    def figures(self) -> list[Figure]:
        """Amounts, dates, times and numbers that are not part of an allowed wording, a contact or a verbatim quote."""
        benign = [(c.start, c.end) for c in references(self._unclaimed)]
        flat = blanked(self._unclaimed, benign)
        own = self.lexicon or calendar_only(self.language)
        others = [self.words.lexicons.get(name) for name in ("en", *self._foreign())]
        lexicons = {x.language: x for x in (own, *others) if x is not None}
        return scan_figures(flat, self.tokens, list(lexicons.values()))

    def _foreign(self) -> list[str]:
        return sorted({name for names in self.languages.values() for name in names} - {"*", self.language})

    @cached_property
    def matches(self) -> dict[str, list[Match]]:
        """Phrases found, by category, outside verbatim quotes and in the languages that count for their sentence."""
        result: dict[str, list[Match]] = {}
        for match in self.words.book.find(self.tokens, self.languages):
            if not self.is_quoted(self.tokens[match.first].start):
                result.setdefault(match.phrase.category, []).append(match)
        for match in list(find_statements(self.words.statements, result, self.tokens)):
            result.setdefault(match.phrase.category, []).append(match)
        return result

    def is_quoted(self, at: int) -> bool:
        """Whether this place lies inside a verbatim quote of the client's words."""
        return any(start <= at < end for start, end in self.quotes)

    def covered(self, category: str, at: int) -> bool:
        """Whether this place lies inside a phrase of that category."""
        tokens = self.tokens
        return any(tokens[m.first].start <= at < tokens[m.last].end for m in self.matches.get(category, ()))

    def excused(self, match: Match) -> bool:
        """Whether an `[allow]` phrase of the same category overlaps the match."""
        allowed = self.matches.get("allow:" + match.phrase.category, ())
        return any(a.first <= match.last and match.first <= a.last for a in allowed)

    def in_sentence(self, category: str, match: Match) -> bool:
        """Whether a phrase of that category stands in the sentence of the match."""
        sentence = self.tokens[match.first].sentence
        return any(self.tokens[m.first].sentence == sentence for m in self.matches.get(category, ()))

    def in_clause(self, category: str, match: Match) -> bool:
        """Whether a phrase of that category stands in a clause that the match touches."""
        tokens = self.tokens
        clauses = range(tokens[match.first].clause, tokens[match.last].clause + 1)
        return any(tokens[m.first].clause in clauses for m in self.matches.get(category, ()))

    def before(self, category: str, match: Match) -> bool:
        """Whether a phrase of that category stands before the match, in its sentence."""
        sentence = self.tokens[match.first].sentence
        return any(
            m.last < match.first and self.tokens[m.first].sentence == sentence for m in self.matches.get(category, ())
        )

    def negated(self, match: Match, *, anywhere: bool = False, beyond: Match | None = None) -> bool:
        """Whether a negation governs the match: `cannot offer a discount`, `garantieren kann ich das nicht`.

        `anywhere`: a negation in the same clause is enough, wherever it stands. A negation that belongs to the phrase
        (`at no cost`, `won't charge you`) makes it what it is and excuses nothing. Nor does one that belongs to
        `beyond`, or that follows it where `beyond` comes last: `I'll proceed unless you tell me not to`.
        """
        tokens = self.tokens
        other = range(0)
        if beyond is not None:
            other = range(beyond.first, beyond.last + 1 if beyond.first <= match.last else len(tokens))
        for negator in self._negators:
            if negator.first in other or match.says(negator.first, tokens[negator.first].folded):
                continue
            if negator.first <= match.last and self._governs(negator.last, max(match.first, negator.last)):
                return True
            if anywhere and tokens[negator.first].clause in {tokens[match.first].clause, tokens[match.last].clause}:
                return True
        for negator in self.matches.get("negator_after", ()):
            if negator.first in other or match.says(negator.first, tokens[negator.first].folded):
                continue
            same = tokens[negator.first].clause == tokens[match.last].clause
            if match.first <= negator.first <= match.last + _NEGATION_BEHIND and same:
                return True
        return False

    @cached_property
    def _negators(self) -> list[Match]:
        """Negations that are meant as such: `no doubt` and `not only` are none."""
        shams = self.matches.get("no_negator", ())
        return [n for n in self.matches.get("negator", ()) if not any(s.first <= n.first <= s.last for s in shams)]

    def _governs(self, negator: int, match: int) -> bool:
        first, second = self.tokens[negator], self.tokens[match]
        if first.sentence != second.sentence:
            return False
        if first.clause == second.clause:
            return match - negator <= _NEGATION_REACH
        between = self.tokens[negator + 1 : match]
        lengths: dict[int, int] = {}
        for token in between:
            lengths[token.clause] = lengths.get(token.clause, 0) + 1
        own = lengths.pop(second.clause, 0)
        lengths.pop(first.clause, None)
        rest = self.tokens[match : self.sentence_range[second.sentence].stop]
        joining = self.lexicon.and_or if self.lexicon else frozenset()
        is_list = any(t.folded in joining for t in (*between, *rest[:8]))
        return is_list and own <= 2 and all(n <= _LIST_REACH for n in lengths.values())

    def excerpt(self, start: int, end: int) -> str:
        """The words around a place, for the finding."""
        left = max(self.text.rfind(" ", 0, max(0, start - 20)), self.text.rfind("\n", 0, start)) + 1
        right = end + 20
        stop = min(
            (i for i in (self.text.find(" ", right), self.text.find("\n", end)) if i >= 0), default=len(self.text)
        )
        return " ".join(self.text[min(left, start) : max(stop, end)].split())[:160]

    def excerpt_of(self, match: Match) -> str:
        """The words around a phrase."""
        return self.excerpt(self.tokens[match.first].start, self.tokens[match.last].end)


def contact_keys(found: Iterable[Contact], *kinds: ContactKind) -> frozenset[str]:
    """The comparison keys of these kinds."""
    return frozenset(c.key for c in found if c.kind in kinds)
