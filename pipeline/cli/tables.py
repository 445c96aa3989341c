"""The queue and a proposal as people read them in a terminal, and as programs read them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipeline.cli.common import one_line, print_json, safe
from pipeline.config.models import Owner
from pipeline.domain.assessment import Assessment
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Addressing, AttentionItem, Proposal, ProposalStatus
from pipeline.draft.formats import day_in_words, letter_locale
from pipeline.playbook.titles import speaker, title_of
from pipeline.review import Inbox, outgoing_body
from pipeline.run.addressing import not_copied
from pipeline.run.context import assessment_of, message_of
from pipeline.store import clients, lessons, mails, queue
from pipeline.store.lessons import Lesson
from pipeline.store.mails import MailRow

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf
    from pipeline.run.desk import Desk, Records


@dataclass(frozen=True, slots=True)
class View:
    """Everything that is shown of one proposal."""

    row: MailRow | None
    message: Message | None
    assessment: Assessment | None
    client_name: str
    problem: str
    sha256: str | None
    lesson: Lesson | None


def view_of(shelf: "Shelf | Desk", proposal: Proposal) -> View:
    """Read what belongs to a proposal."""
    with shelf.db.read() as tx:
        row = mails.mail(tx, proposal.mail_id) if proposal.mail_id is not None else None
        client = clients.client(tx, proposal.client_id) if proposal.client_id is not None else None
        return View(
            row=row,
            message=message_of(tx, row.id) if row else None,
            assessment=assessment_of(tx, row.id) if row else None,
            client_name=client.name if client else "",
            problem=queue.problem_of(tx, proposal.id),
            sha256=proposal.approved_sha256,
            lesson=lessons.lesson_of(tx, proposal.id),
        )


def attention_json(item: AttentionItem) -> dict[str, Any]:
    """An attention item for programs."""
    return {
        "id": item.id,
        "kind": item.kind,
        "message": item.message,
        "status": item.status,
        "created_at": item.created_at.isoformat(),
        "snoozed_until": item.snoozed_until.isoformat() if item.snoozed_until else None,
        "mail": item.mail_id,
        "client": item.client_id,
        "proposal": item.proposal_id,
    }


def proposal_json(proposal: Proposal, view: View | None = None) -> dict[str, Any]:
    """A proposal for programs; with a view, the mail and its labels too."""
    strategy, draft = proposal.strategy, proposal.draft
    body: dict[str, Any] = {
        "id": proposal.id,
        "origin": proposal.origin,
        "status": proposal.status,
        "version": proposal.version,
        "play": strategy.play,
        "label": strategy.label,
        "step": strategy.step,
        "because": list(strategy.because),
        "from": proposal.addressing.from_email,
        "to": proposal.addressing.to_email,
        "subject": proposal.addressing.subject,
        "body": draft.body,
        "author": draft.author,
        "language": draft.language,
        "stance": draft.stance,
        "fallback_because": draft.fallback_because,
        "findings": [
            {"rule": f.rule, "name": f.name, "severity": f.severity, "message": f.message, "excerpt": f.excerpt}
            for f in draft.findings
        ],
        "warnings": list(proposal.warnings),
        "mail": proposal.mail_id,
        "client": proposal.client_id,
        "thread": proposal.thread_id,
        "created_at": proposal.created_at.isoformat(),
        "snoozed_until": proposal.snoozed_until.isoformat() if proposal.snoozed_until else None,
        "message_id": proposal.message_id,
        "sha256": proposal.approved_sha256,
    }
    if view is not None:
        body["client_name"] = view.client_name
        body |= _mail_json(view.message, view.assessment)
        body["left"] = _lesson_json(view.lesson) if view.lesson else None
    return body


def _mail_json(message: Message | None, assessment: Assessment | None) -> dict[str, Any]:
    return {
        "tone": assessment.tone if assessment else None,
        "behaviours": [
            {"label": b.label, "confidence": b.confidence, "quote": b.quote, "sure": b.sure}
            for b in (assessment.behaviours if assessment else ())
        ],
        "mail_subject": message.subject if message else None,
        "mail_text": message.newest if message else None,
    }


def _lesson_json(lesson: Lesson) -> dict[str, Any]:
    found = lesson.difference
    return {
        "how": lesson.how,
        "sent_at": lesson.sent_at.isoformat() if lesson.sent_at else None,
        "body": lesson.words,
        "words_changed": found.distance,
        "words_offered": found.of_words,
        "gone": list(found.gone),
        "come": list(found.come),
    }


def console() -> Console:
    """A console as wide as its terminal, or 100 columns in a pipe; colours only on a terminal."""
    shown = Console(highlight=False)
    return shown if shown.is_terminal else Console(highlight=False, width=100)


def print_queue(shelf: "Shelf | Desk", inbox: Inbox) -> None:
    """What waits, as a table."""
    out = console()
    if not inbox.attention and not inbox.proposals:
        out.print("Nothing waits for you.")
        return
    say = speaker_of(shelf)
    names: dict[int, str] = {}
    with shelf.db.read() as tx:
        names = {int(client.id): client.name for client in clients.all_clients(tx)}
    if inbox.attention:
        table = Table(title="Wants you, without a draft", title_justify="left", expand=True)
        for column in ("", "Mail", "What", "Client", "Why"):
            table.add_column(column, no_wrap=column != "Why")
        for item in inbox.attention:
            table.add_row(
                f"a{item.id}",
                f"m{item.mail_id}" if item.mail_id is not None else "",
                title_of(item.kind),
                escape(one_line(names.get(item.client_id or 0, ""), 24)),
                escape(safe(say(item.message))),
            )
        out.print(table)
    if inbox.proposals:
        table = Table(title="Replies to approve", title_justify="left", expand=True)
        for column in ("", "Client", "Play", "Subject", "Draft"):
            table.add_column(column, no_wrap=column != "Subject")
        for proposal in inbox.proposals:
            table.add_row(
                f"p{proposal.id}",
                escape(one_line(names.get(proposal.client_id or 0, proposal.addressing.to_email), 24)),
                title_of(proposal.strategy.play or ""),
                escape(one_line(proposal.addressing.subject, 60)),
                _state(proposal),
            )
        out.print(table)


def speaker_of(shelf: "Shelf | Desk | Records") -> Callable[[str], str]:
    """Who words the names of labels and plays in a sentence of ours."""
    from pipeline.app import library_of, taxonomy_of

    library = library_of(shelf.config)
    taxonomy = taxonomy_of(library)
    labels = (rule.name for kind in ("tone", "intent", "behaviour") for rule in taxonomy.rules(kind))
    plays = (PurePath(name).stem for name in library.names() if name.startswith("plays/"))
    return speaker((*labels, *plays))


def _dates_in(proposal: Proposal) -> list[str]:
    """The promised and asked-for dates that the letter names, each with the setting that it comes from."""
    facts, draft = proposal.strategy.facts, proposal.draft
    if facts is None:
        return []
    same = facts.language.split("-")[0] == draft.language.split("-")[0]
    locale = letter_locale(facts.language if same else draft.language)
    said = ((day_in_words(c.date, locale), c.because) for c in facts.commitments)
    return [f"it says {day}: {because}" for day, because in said if day in draft.body]


def _state(proposal: Proposal) -> str:
    if proposal.status is not ProposalStatus.PENDING:
        return proposal.status
    if proposal.draft.blocked:
        return "blocked by the guard"
    notes = len(proposal.warnings)
    return f"{proposal.draft.author}, {notes} note{'s' if notes > 1 else ''}" if notes else proposal.draft.author


def _copies(owner: Owner, message: Message | None, addressing: Addressing) -> str:
    """Who gets a copy, and who else was addressed and gets none."""
    copied = f"Cc:      {', '.join(addressing.cc)}\n" if addressing.cc else ""
    left = ", ".join(one_line(a.email, 80) for a in not_copied(owner, message, addressing)) if message else ""
    return f"{copied}{f'Also addressed: {left}; they are not copied.{chr(10)}' if left else ''}"


def _print_mail(out: Console, row: MailRow | None, message: Message | None, assessment: Assessment | None) -> None:
    """The mail, and what a judge made of it."""
    if message is not None and row is not None:
        sender = message.from_
        head = (
            f"From:    {one_line(sender.name if sender else '', 60)} <{one_line(sender.email if sender else '', 80)}>\n"
            f"Subject: {one_line(message.subject, 80)}\n"
            f"Date:    {row.written_at.isoformat(timespec='minutes')}\n\n"
        )
        hidden = "\n\n(hidden text was removed)" if message.hidden_text else ""
        out.print(
            Panel(escape(head + safe(message.newest) + hidden), title=f"The mail (m{row.id})", title_align="left")
        )
    if assessment is not None:
        lines = [
            f"tone {assessment.tone}, intent {title_of(assessment.intent or 'none')}, judged by {assessment.judged_by}"
        ]
        lines += [
            f"{title_of(b.label)} ({b.confidence}/10{'' if b.sure else ', unsure'}): “{one_line(b.quote, 200)}”"
            for b in assessment.behaviours
        ]
        out.print(Panel(escape("\n".join(lines)), title="What is going on", title_align="left"))


def show_item(shelf: "Shelf | Desk", item: AttentionItem, *, as_json: bool) -> None:
    """One matter without a draft, with the mail that it is about."""
    with shelf.db.read() as tx:
        row = mails.mail(tx, item.mail_id) if item.mail_id is not None else None
        message = message_of(tx, row.id) if row else None
        assessment = assessment_of(tx, row.id) if row else None
    if as_json:
        print_json("queue.show.item", attention_json(item) | _mail_json(message, assessment))
        return
    out = console()
    _print_mail(out, row, message, assessment)
    why = escape(safe(speaker_of(shelf)(item.message)))
    out.print(Panel(why, title=f"Why this wants you (a{item.id}, {title_of(item.kind)})", title_align="left"))
    typer.echo(f"Status: {item.status}.")


def print_proposal(shelf: "Shelf | Desk", proposal: Proposal, view: View) -> None:
    """One proposal whole."""
    out = console()
    _print_mail(out, view.row, view.message, view.assessment)
    heading = f"play {title_of(proposal.strategy.play or '')}, stance {title_of(proposal.draft.stance)}"
    because = "\n".join((heading, *map(speaker_of(shelf), proposal.strategy.because)))
    dates = _dates_in(proposal)
    out.print(Panel(escape(safe("\n".join((because, *dates)))), title="Why this reply", title_align="left"))
    addressing = proposal.addressing
    letter = (
        f"From:    {addressing.from_name} <{addressing.from_email}>\nTo:      {addressing.to_name} <{addressing.to_email}>\n"
        f"{_copies(shelf.config.owner, view.message, addressing)}"
        f"Subject: {addressing.subject}\n\n{outgoing_body(shelf.config.owner, proposal)}"
    )
    out.print(
        Panel(
            escape(safe(letter)),
            title=f"What would leave (p{proposal.id}, version {proposal.version})",
            title_align="left",
        )
    )
    notes = [f"{f.severity}: {f.message}" for f in proposal.draft.findings] or ["nothing"]
    notes += [f"note: {warning}" for warning in proposal.warnings]
    if proposal.draft.fallback_because:
        notes.append(f"the plain template took the place of another draft: {proposal.draft.fallback_because}")
    if view.problem:
        notes.append(f"last delivery: {view.problem}")
    out.print(Panel(escape(safe("\n".join(notes))), title="The guard says", title_align="left"))
    if view.lesson is not None and view.lesson.difference.distance:
        found = view.lesson.difference
        changed = [
            f"{found.distance} of {found.of_words} words of the draft were changed ({title_of(view.lesson.how)})"
        ]
        changed += [f"- {sentence}" for sentence in found.gone] + [f"+ {sentence}" for sentence in found.come]
        out.print(Panel(escape(safe("\n".join(changed))), title="What became of the words", title_align="left"))
    typer.echo(f"Status: {proposal.status}.")
