"""The writer that needs nobody: it fills a play's plain letter with facts. The keyless default, and the fallback."""

import re
from dataclasses import replace

import babel

from pipeline.domain.assessment import Ask
from pipeline.domain.ids import UntrustedText
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Author, Finding
from pipeline.domain.strategy import Facts, Strategy
from pipeline.draft.claims import claim_table
from pipeline.draft.formats import invoice_table, letter_filters, plain, quotable
from pipeline.playbook import Playbook, template_language, template_values
from pipeline.promptfile import hash_of
from pipeline.prompts import PromptLibrary

__all__ = ["QUOTE_CHARS", "TemplateWriter", "template_language"]

QUOTE_CHARS = 120
"""How much of a client's sentence a letter repeats at most."""

_BLANK_LINES = re.compile(r"\n{3,}")
_LINK = re.compile(r"://|\bwww\.|@", re.IGNORECASE)


class TemplateWriter:
    """Words a reply from the play's template: same strategy, same letter. Implements the port `Writer`."""

    author = Author.TEMPLATE

    def __init__(self, playbook: Playbook, library: PromptLibrary) -> None:
        """`library` renders, and has the partials that a letter may include."""
        self._playbook = playbook
        self._library = library
        self.fingerprint = hash_of(playbook.fingerprint, babel.__version__)

    def write(
        self,
        strategy: Strategy,
        message: Message | None,  # noqa: ARG002 the port's; all that a letter says of the mail is in the facts
        findings: tuple[Finding, ...] = (),  # noqa: ARG002 the port's; a template has no second try
    ) -> str:
        """The letter for this strategy, in the client's language or else in English (`template_language` says which).

        Raises PromptError if the template cannot be filled. The strategy is one to reply, with a play of the playbook.
        """
        if strategy.play is None or strategy.facts is None:
            raise ValueError("only a strategy with a play and facts can be written")
        play = self._playbook.plays[strategy.play]
        language = template_language(play, strategy.facts.language)
        section = play.template(language, strategy.stance)
        locale = _locale_of(language, strategy.facts.language)
        facts = _safe(strategy.facts, same_language=locale == strategy.facts.language)
        words = self._playbook.table_words(language)
        values = template_values(facts, self._playbook.commitments)
        text = self._library.render(
            section.text,
            {
                **values,
                "invoice_table": invoice_table(facts.invoices, facts.totals, words, locale),
                "claim_table": claim_table(facts, words, self._playbook.claim_words(language), locale),
            },
            name=f"plays/{play.name}.md",
            first_line=section.line,
            filters=letter_filters(locale),
        )
        return tidy(text)


def tidy(text: str) -> str:
    """Without spaces at line ends, without more than one blank line, with one line end at the end."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return _BLANK_LINES.sub("\n\n", lines) + "\n"


def _locale_of(written: str, wanted: str) -> str:
    """A letter in `de` for a client of `de-CH` has Swiss figures; one in English for a client of `pl` has English ones."""
    return (
        wanted
        if wanted.replace("_", "-").split("-")[0].lower() == written.split("-", maxsplit=1)[0].lower()
        else written
    )


def _safe(facts: Facts, *, same_language: bool) -> Facts:
    """The facts fit for a letter: what came from outside is one line of plain text, quotes are short and hold no link.

    Hours and update days come in words of the client's language and have no place in a letter in another one.
    """
    return replace(
        facts,
        greeting_name=plain(facts.greeting_name),
        client_name=plain(facts.client_name),
        project=plain(facts.project) if facts.project else None,
        scope=tuple(plain(item) for item in facts.scope),
        invoices=tuple(replace(invoice, number=plain(invoice.number)) for invoice in facts.invoices),
        records=tuple(replace(record, what=plain(record.what)) for record in facts.records),
        asks=tuple(_safe_ask(ask) for ask in facts.asks if not _LINK.search(ask.quote)),
        working_hours=facts.working_hours if same_language else None,
        update_days=facts.update_days if same_language else None,
    )


def _safe_ask(ask: Ask) -> Ask:
    return Ask(
        text=UntrustedText(quotable(ask.text, QUOTE_CHARS)),
        quote=UntrustedText(quotable(ask.quote, QUOTE_CHARS)),
    )
