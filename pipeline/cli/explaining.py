"""The road of one mail, and a scorecard, as people read them in a terminal."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.common import one_line, safe
from pipeline.cli.tables import console
from pipeline.domain.calls import ModelCall
from pipeline.domain.proposal import Proposal
from pipeline.playbook.titles import title_of
from pipeline.store.mails import MailRow
from pipeline.store.queue import Event
from pipeline.store.steps import Step


def print_road(
    row: MailRow | None,
    road: Sequence[Step],
    proposal: Proposal | None,
    history: Sequence[Event],
    calls: Sequence[ModelCall],
    say: Callable[[str], str],
) -> None:
    """What each stage made of the mail, what was asked of an endpoint, and what happened to the proposal.

    `say` words the names of labels and plays in our sentences.
    """
    out = console()
    if row is not None:
        typer.echo(
            f"Mail m{row.id} ({safe(row.message_id)}), {row.direction}, written {row.written_at.isoformat(timespec='minutes')}"
        )
        table = Table(expand=True)
        for column in ("Stage", "State", "What it said", "By"):
            table.add_column(column, no_wrap=column in {"Stage", "State"})
        for step in road:
            table.add_row(step.stage, step.state, escape(_said(step, say)), escape(step.fingerprint))
        out.print(table)
        print_calls(calls)
        for label in _labels_of(road):
            typer.echo(f"  firmly explain m{row.id}/{safe(label)} tells its rule and its threshold.")
    if proposal is not None:
        _print_proposal(proposal, say)
        for event in history:
            note = f" ({safe(event.note)})" if event.note else ""
            typer.echo(
                f"  {event.at.isoformat(timespec='minutes')} {safe(event.actor)}: {event.event} → {event.to_status}{note}"
            )


def _print_proposal(proposal: Proposal, say: Callable[[str], str]) -> None:
    strategy, draft = proposal.strategy, proposal.draft
    typer.echo(f"Proposal p{proposal.id}: play {title_of(strategy.play or '')}, because")
    for reason in strategy.because:
        typer.echo(f"  - {safe(say(reason))}")
    facts = strategy.facts
    for record in facts.records if facts else ():
        when = f", {record.date}" if record.date else ""
        typer.echo(
            f"  on record: {safe(record.what)}{when}{f' ({safe(record.message_id)})' if record.message_id else ''}"
        )
    for invoice in facts.invoices if facts else ():
        typer.echo(f"  invoice {safe(invoice.number)}")
    for commitment in facts.commitments if facts else ():
        typer.echo(f"  date {commitment.kind}: {commitment.date}, {safe(commitment.because)}")
    fallback = f" (instead of what was asked for: {safe(draft.fallback_because)})" if draft.fallback_because else ""
    typer.echo(
        f"  words by {draft.author}, prompts/plays/{strategy.play}.md, {draft.language}, {draft.stance}{fallback}"
    )
    for finding in draft.findings:
        typer.echo(f"  guard rule {finding.rule}, {finding.severity}: {safe(finding.message)}")


def print_calls(calls: Sequence[ModelCall]) -> None:
    """What was asked of an endpoint, and what it cost."""
    for call in calls:
        cost = f"{call.cost.amount} {call.cost.currency}" if call.cost else "no known price"
        typer.echo(
            f"  call to {safe(call.served_by or call.model)} ({call.purpose}), prompt {call.prompt_hash}:"
            f" {call.usage.tokens_in} tokens in ({call.usage.tokens_cached} cached), {call.usage.tokens_out} out,"
            f" {call.latency_ms} ms, {cost}, {call.outcome}"
        )
    if not calls:
        typer.echo("  no call to an endpoint: it cost nothing")


def _labels_of(road: Sequence[Step]) -> list[str]:
    outputs = [json.loads(step.output) for step in road if step.stage == "classify"]
    return [found["label"] for output in outputs if output for found in output["behaviours"]]


def _said(step: Step, say: Callable[[str], str]) -> str:
    """A step's output in a line or two."""
    if step.problem:
        return safe(step.problem)
    output: Any = json.loads(step.output)
    said = ""
    match step.stage:
        case "place":
            said = f"client {output['client_id']}, thread {output['thread_id']}"
        case "screen":
            said = f"{output['reason']}: {output['because']}" if output else "passed"
        case "classify":
            stood_in = [output["fallback_because"]] if output.get("fallback_because") else []
            head = ", ".join(
                (
                    f"tone {output['tone']}",
                    f"intent {title_of(output['intent'] or 'none')}",
                    f"by {output['judge']}",
                    *stood_in,
                )
            )
            said = "\n".join((head, *map(_label, output["behaviours"])))
        case "decide":
            said = "\n".join(
                (f"{output['action']} {title_of(output['play'] or '')}".strip(), *map(say, output["because"]))
            )
        case "draft":
            said = f"proposal {output}"
    return safe(said)


def _label(found: dict[str, Any]) -> str:
    doubt = "" if found["sure"] else " unsure"
    return f"{title_of(found['label'])} {found['confidence']}/10{doubt}: “{one_line(found['quote'], 120)}”"


def print_scorecard(card: dict[str, Any]) -> None:
    """A scorecard as a table."""
    out = console()
    micro, macro = card["behaviours"]["micro"], card["behaviours"]["macro"]
    typer.echo(f"{card['cases']} cases, judge {card['judge']}")
    low, high = micro["ci95"]
    typer.echo(
        f"behaviours, micro: precision {micro['precision']:.2f}, recall {micro['recall']:.2f}, F1 {micro['f1']:.2f}"
        f" (95 % interval {low:.2f} to {high:.2f}); macro F1 {macro['f1']:.2f}"
    )
    typer.echo(f"tone accuracy {card['tone']['accuracy']:.2f}")
    table = Table()
    for column in ("Label", "Precision", "Recall", "F1"):
        table.add_column(column, justify="left" if column == "Label" else "right")
    for label, score in card["behaviours"]["labels"].items():
        table.add_row(
            label, *(f"{score[k]:.2f}" if score[k] is not None else "-" for k in ("precision", "recall", "f1"))
        )
    out.print(table)
