"""The writer with an endpoint: the play's moves and typed facts go in, the body of a letter comes out.

It sees of the mail what a person would answer to, the newest text and what is asked, between fences; everything else
are facts of ours. What it writes is held against the same facts by the guard, and by a person.
"""

from collections.abc import Callable, Iterator

from babel import Locale

from pipeline.domain.claims import ClaimFact
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Author, Finding
from pipeline.domain.strategy import Facts, Strategy
from pipeline.draft.body import body_of
from pipeline.draft.claims import claim_table, rate_in_words
from pipeline.draft.formats import day_in_words, invoice_table, letter_locale, money_in_words
from pipeline.draft.ports import Writer
from pipeline.llm import Model, Request
from pipeline.llm.fence import Fence, head_and_tail, in_one_line, joined, name_for, random_name, seen
from pipeline.playbook import Play, Playbook
from pipeline.playbook.vocabulary import MAIL_RECORD
from pipeline.promptfile import hash_of
from pipeline.prompts import PromptLibrary

LONGEST_NEWEST = 6000
"""Characters of the newest text that a model sees."""
MOST_EXAMPLES = 3
"""Replies of the owner's that show the manner."""

_PROMPT = "write.md"
_LONGEST_EXAMPLE = 1200
_LONGEST_LINE = 300

Examples = Callable[[Strategy], tuple[str, ...]]
"""Gives replies that the owner approved before, for their manner, best first."""


class WrittenWriter:
    """Implements the port `Writer` over a `Model`. Safe for threads."""

    author = Author.MODEL

    def __init__(
        self,
        model: Model,
        library: PromptLibrary,
        playbook: Playbook,
        *,
        plain: Writer,
        writer_model: str | None = None,
        examples: Examples = lambda _: (),
        fence: Fence = random_name,
    ) -> None:
        """`plain` words the play's plain letter, which the model sees as a measure. Raises PromptError."""
        self._model = model
        self._library = library
        self._playbook = playbook
        self._plain = plain
        self._examples = examples
        self._fence = fence
        self._prompt = library.prompt(_PROMPT)
        self._asked = self._prompt.settings.model or writer_model
        static = self._prompt.static
        self._static = library.render(static.text, {}, name=_PROMPT, first_line=static.line)
        self._hash = hash_of(self._static, self._prompt.mail.text)
        settings = repr(self._prompt.settings)
        self.fingerprint = hash_of(self._hash, self._asked or model.name, settings, playbook.fingerprint)

    def write(self, strategy: Strategy, message: Message | None, findings: tuple[Finding, ...] = ()) -> str:
        """The body for this strategy. Errors as the ports of writers and models say."""
        request, fence = self._asking(strategy, message, findings)
        return body_of(self._model.complete(request).text, fence)

    def request_for(self, strategy: Strategy, message: Message | None, findings: tuple[Finding, ...] = ()) -> Request:
        """What would be asked for this strategy, for `firmly prompts preview`. Nothing is sent."""
        return self._asking(strategy, message, findings)[0]

    def _asking(
        self, strategy: Strategy, message: Message | None, findings: tuple[Finding, ...]
    ) -> tuple[Request, str]:
        if strategy.play is None or strategy.facts is None:
            raise ValueError("only a strategy with a play and facts can be written")
        play, facts = self._playbook.plays[strategy.play], strategy.facts
        text = seen(message.newest) if message else ""
        newest = joined(head_and_tail(text, LONGEST_NEWEST), len(text))
        asks = tuple(
            f'{in_one_line(ask.text, _LONGEST_LINE)}: "{in_one_line(ask.quote, _LONGEST_LINE)}"' for ask in facts.asks
        )
        examples = tuple(example[:_LONGEST_EXAMPLE] for example in self._examples(strategy)[:MOST_EXAMPLES])
        fence = name_for((newest, *examples, *asks), self._fence)
        variables = {
            **self._of_play(strategy, play, facts),
            "facts": tuple(in_one_line(line, _LONGEST_LINE) for line in fact_lines(facts)),
            "newest": newest,
            "asks": asks,
            "examples": examples,
            "findings": tuple(_finding(finding) for finding in findings),
            "fence": fence,
        }
        mail, settings = self._prompt.mail, self._prompt.settings
        request = Request(
            purpose="write",
            static=self._static,
            mail=self._library.render(mail.text, variables, name=_PROMPT, first_line=mail.line),
            prompt_hash=self._hash,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            model=self._asked,
            reference=message.message_id if message else None,
        )
        return request, fence

    def _of_play(self, strategy: Strategy, play: Play, facts: Facts) -> dict[str, object]:
        """What to write, by code and playbook."""
        others = (self._playbook.play_for(label) for label in strategy.also)
        words = self._playbook.table_words(facts.language)
        return {
            "language": facts.language,
            "language_name": letter_locale(facts.language).get_display_name("en"),
            "greeting_name": in_one_line(facts.greeting_name, _LONGEST_LINE),
            "owner_name": facts.owner_name,
            "title": play.title,
            "moves": play.moves,
            "stance": strategy.stance.value,
            "also": tuple(other.title for other in others if other is not None and other.name != play.name),
            "table": "\n\n".join(
                table
                for table in (
                    invoice_table(facts.invoices, facts.totals, words, facts.language),
                    claim_table(facts, words, self._playbook.claim_words(facts.language), facts.language),
                )
                if table
            ),
            "plain": self._plain.write(strategy, None).strip(),
        }


def fact_lines(facts: Facts) -> Iterator[str]:
    """Everything that a letter may state, a line each, dates and amounts worded as the letter's language words them."""
    locale = letter_locale(facts.language)
    yield from (f"{name}: {value}" for name, value in _plain_facts(facts) if value)
    for commitment in facts.commitments:
        yield f"{commitment.kind.replace('_', ' ')}: {day_in_words(commitment.date, locale)}"
    for record in facts.records:
        if record.what != MAIL_RECORD:
            on = f", {day_in_words(record.date, locale)}" if record.date else ""
            yield f"on record: {record.what}{on}"
    for invoice in facts.invoices:
        disputed = "; they contest it" if invoice.disputed else ""
        yield (
            f"invoice {invoice.number}: total {money_in_words(invoice.total, locale)}, "
            f"open {money_in_words(invoice.open, locale)}, due {day_in_words(invoice.due, locale)}{disputed}"
        )
        if invoice.claim:
            yield from _claim_lines(invoice.claim, locale)
    if facts.claimed and facts.claimed_until:
        law = f", under {facts.claim_title}" if facts.claim_title else ""
        yield (
            f"with interest up to {day_in_words(facts.claimed_until, locale)} and fixed sums{law}: "
            f"{money_in_words(facts.claimed, locale)}"
        )
    if facts.totals:
        yield f"open in all: {money_in_words(facts.totals, locale)}"
    for day in facts.promised:
        yield f"they promised to pay on {day_in_words(day, locale)}"


def _claim_lines(claim: ClaimFact, locale: Locale) -> Iterator[str]:
    """Interest and fixed sum of one invoice, as a person confirmed them."""
    if claim.interest and claim.percent is not None:
        rate = rate_in_words(claim.percent, locale)
        yield f"invoice {claim.number}: interest for {claim.days} days at {rate} a year {money_in_words(claim.interest, locale)}"
    if claim.fixed:
        yield f"invoice {claim.number}: fixed sum for late payment {money_in_words(claim.fixed, locale)}"


def _plain_facts(facts: Facts) -> Iterator[tuple[str, str | None]]:
    rounds = (facts.revision_rounds, facts.rounds_left)
    yield "client", facts.client_name
    yield "project", facts.project
    yield "agreed scope", "; ".join(facts.scope)
    yield "revision rounds agreed", None if rounds[0] is None else str(rounds[0])
    yield "revision rounds left", None if rounds[1] is None else str(rounds[1])
    yield "our working hours", facts.working_hours
    yield "our update days", facts.update_days
    yield "the contract allows to stop work while an invoice is overdue", "yes" if facts.pause_allowed else None
    yield "late fee, in the contract's words", facts.late_fee
    yield "links that may be named", " ".join(facts.links)


def _finding(finding: Finding) -> str:
    excerpt = f" (you wrote: {in_one_line(finding.excerpt, _LONGEST_LINE)})" if finding.excerpt else ""
    return in_one_line(finding.message, _LONGEST_LINE) + excerpt
