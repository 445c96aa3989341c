"""Strategy → draft: the writer, the guard, once more with the findings, then the plain template."""

from collections.abc import Callable
from dataclasses import replace

from pipeline.domain.mail import Message
from pipeline.domain.proposal import Author, Draft, Finding, GuardBrief, Severity
from pipeline.domain.strategy import Strategy
from pipeline.errors import BadAnswer, ConfigError, CredentialsError, FirmlyError, TemporaryError
from pipeline.guard import inspect_draft
from pipeline.playbook import template_language
from pipeline.run.desk import Desk


def write_draft(
    desk: Desk,
    strategy: Strategy,
    message: Message | None,
    brief: GuardBrief,
    *,
    wishes: tuple[Finding, ...] = (),
    trouble: Callable[[FirmlyError], None] = lambda _: None,
) -> Draft:
    """The best draft that passes the guard; the plain template where the writer gives none, marked as such.

    `wishes` are what a person wants changed; a writer reads them as it reads what the guard found. `trouble` hears of what is
    wrong with the endpoint or its key: a plain letter never waits for it. A draft that the guard still blocks is given too,
    with its findings: a person may mend it, and cannot approve it as it is.
    """
    words, plain = desk.guard_words, desk.plain
    because = None
    if desk.writer.author is not Author.TEMPLATE:
        if desk.useless.open and not wishes:  # a person who asks for another draft is not put off
            because = f"None of the model's last {desk.useless.limit} letters could be used; it is left alone for now."
        else:
            written = _written(desk, strategy, message, brief, wishes, trouble)
            if isinstance(written, Draft):
                return written
            because = written
    body = plain.write(strategy, message)
    plain_language = template_language(desk.playbook.plays[strategy.play or ""], brief.language)
    brief = replace(brief, language=plain_language)
    found = inspect_draft(body, brief, words)
    return Draft(body, Author.TEMPLATE, plain_language, strategy.stance, found, because, prompt=plain.fingerprint)


def _written(
    desk: Desk,
    strategy: Strategy,
    message: Message | None,
    brief: GuardBrief,
    wishes: tuple[Finding, ...],
    trouble: Callable[[FirmlyError], None],
) -> Draft | str:
    """The writer's draft, or why there is none that can be used."""
    findings, because = wishes, ""
    for _ in range(2):
        try:
            body = desk.writer.write(strategy, message, findings)
        except BadAnswer as error:
            because = error.message
            break
        except (TemporaryError, CredentialsError, ConfigError) as error:
            trouble(error)
            return error.message
        findings = inspect_draft(body, brief, desk.guard_words)
        if not blocks(findings):
            desk.useless.note(failed=False)
            return Draft(
                body, desk.writer.author, brief.language, strategy.stance, findings, prompt=desk.writer.fingerprint
            )
        because = "; ".join(f.message for f in findings if f.severity is Severity.BLOCK)
        findings = (*wishes, *findings)
    desk.useless.note(failed=True)
    return because


def blocks(findings: tuple[Finding, ...]) -> bool:
    """Whether one of the findings blocks."""
    return any(finding.severity is Severity.BLOCK for finding in findings)
