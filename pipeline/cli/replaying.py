"""`firmly replay`: a client's whole history from a directory, and what Firmly would have said."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import AsJson, Now, moment_of, one_line, print_json, safe

if TYPE_CHECKING:
    from pipeline.replay import Replay
    from pipeline.run.dossier import Dossier


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("replay")(replay)


def replay(
    directory: Annotated[
        Path, typer.Argument(help="inbox/*.eml, sent/*.eml, clients/*.toml, invoices.csv, owner.toml …", metavar="DIR")
    ],
    *,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """A history directory in a temporary store: ladder, promises, signals, verdict, proposals. Nothing is kept."""
    from pipeline.app import build_desk
    from pipeline.replay import replay_history, replay_json

    found = replay_history(directory, build_desk, moment_of(now, "--now") if now else None)
    if as_json:
        print_json("replay", replay_json(found))
        return
    for dossier in found.dossiers:
        _print_client(dossier)
    for fated in found.drafts:
        typer.echo(f"draft {safe(fated.draft.id)}: {fated.fate}. {safe(fated.reason)}")
    _print_queue(found)
    for warning in found.warnings:
        typer.echo(f"note: {safe(warning)}", err=True)


def _print_client(dossier: "Dossier") -> None:
    verdict, ladder = dossier.verdict, dossier.ladder
    kind = f" ({verdict.kind})" if verdict.kind else ""
    typer.echo(f"{safe(dossier.client.name)}: {verdict.advice.replace('_', ' ')}{kind}")
    for reason in verdict.reasons:
        typer.echo(f"  because: {safe(reason.sentence)}")
    for signal in dossier.signals:
        typer.echo(f"  signal {signal.name} since {signal.since}: {safe(signal.sentence)}")
    for promise in dossier.promises:
        typer.echo(f"  promised for {promise.date}: {promise.status}")
    step = ladder.step.value if ladder.step else "no step"
    paused = f", {ladder.paused_reason}" if ladder.paused_reason and not ladder.step else ""
    numbers = f" for {safe(', '.join(ladder.invoices))}" if ladder.invoices else ""
    typer.echo(f"  ladder: {step}{paused}{numbers}")


def _print_queue(found: "Replay") -> None:
    for item in found.attention:
        typer.echo(f"attention, {item.kind}: {one_line(item.message, 160)}")
    for proposal in found.proposals:
        play = proposal.strategy.play or ""
        typer.echo(
            f"proposal, {play}: to {safe(proposal.addressing.to_email)}, {one_line(proposal.addressing.subject, 80)}"
        )
