"""`firmly eval --calibrate`: thresholds from the labels that the owner confirmed and struck."""

from pathlib import Path

import typer

from pipeline.cli.common import print_json, shelf_at
from pipeline.domain.ids import Label
from pipeline.evaluate import Fit, LabelDecision, fit_thresholds
from pipeline.evaluate.thresholds import LEAST_DECISIONS, LEAST_OF_EACH
from pipeline.playbook.titles import title_of
from pipeline.store import decisions


def calibrate_judge(config: Path | None, judge: str, *, as_json: bool) -> None:
    """Print what this judge's labels say; the owner puts the thresholds into their own taxonomy.toml."""
    from pipeline.app import library_of, taxonomy_of

    shelf = shelf_at(config)
    behaviours = {rule.name for rule in taxonomy_of(library_of(shelf.config)).behaviours}
    with shelf.db.read() as tx:
        rows = [row for row in decisions.decided_labels(tx) if row.label in behaviours and _by(judge, row.judge)]
    fits = fit_thresholds(
        [LabelDecision(Label(r.label), r.confidence, r.sure, r.confirmed) for r in rows if r.confidence is not None],
        [Label(r.label) for r in rows if r.confidence is None and r.confirmed],
    )
    if as_json:
        print_json("eval.calibrate", {"judge": judge, "decisions": len(rows), "labels": [_json(fit) for fit in fits]})
        return
    _print(judge, fits, len(rows))


def _by(judge: str, spoke: str) -> bool:
    """Whether an assessment is this judge's: confidences of different judges cannot be compared."""
    return spoke == judge or spoke.startswith((f"{judge}/", f"{judge}:"))


def _json(fit: Fit) -> dict[str, object]:
    return {
        "label": fit.label,
        "confirmed": fit.confirmed,
        "struck": fit.struck,
        "missed": fit.missed,
        "mistakes_now": fit.mistakes_now,
        "sure": fit.sure,
        "mistakes_then": fit.mistakes_then,
    }


def _print(judge: str, fits: tuple[Fit, ...], decided: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from pipeline.cli.tables import console

    typer.echo(f"{decided} labels of the judge {judge} were confirmed, added or struck by you.")
    if not fits:
        typer.echo("Confirm or strike labels in firmly review, on the page, or with firmly queue label.")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("Label", "Confirmed", "Struck", "Missed", "Mistakes now", "Fitted: sure", "Mistakes then"):
        table.add_column(column, justify="left" if column == "Label" else "right")
    for fit in fits:
        fitted = ("-", "-") if fit.sure is None else (str(fit.sure), str(fit.mistakes_then))
        table.add_row(
            title_of(fit.label), str(fit.confirmed), str(fit.struck), str(fit.missed), str(fit.mistakes_now), *fitted
        )
    console().print(table)
    better = [fit for fit in fits if fit.mistakes_then is not None and fit.mistakes_then < fit.mistakes_now]
    if better:
        typer.echo("Into your own taxonomy.toml (firmly prompts edit taxonomy.toml), at each label:")
        for fit in better:
            typer.echo(f"  {fit.label}: sure = {fit.sure}")
    elif any(fit.sure is not None for fit in fits):
        typer.echo("No threshold would make fewer mistakes than today's.")
    if any(fit.sure is None for fit in fits):
        typer.echo(
            f"- : fewer than {LEAST_DECISIONS} decisions, or fewer than {LEAST_OF_EACH} of one kind; more of them are needed."
        )
