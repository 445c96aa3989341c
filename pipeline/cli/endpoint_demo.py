"""What `firmly demo --llm` adds to the demo: the owner's endpoint, looked at first, and what it did, told at the end."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.common import safe
from pipeline.errors import BadAnswer, UsageError

if TYPE_CHECKING:
    from pipeline.config.models import Config
    from pipeline.run.desk import Desk
    from pipeline.run.report import RunReport
    from pipeline.store.llm_calls import Totals

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_OF_ANSWERS = ("used", "unusable", "cut off", "refused")


def own_endpoint(path: Path | None) -> "Config":
    """The owner's own config: its endpoint is used, and who judges and writes; nothing else of it.

    Where it does not say what becomes of a mail that the model cannot judge, the embedded judge judges it: a demo has no
    person who waits for parked mail.
    """
    from pipeline.config.load import find_config, load_config

    own = load_config(find_config(path))
    if own.llm is None:
        raise UsageError("Your config has no section [llm].", fix="firmly config example shows one.")
    if "fallback" in own.judge.model_fields_set:
        return own
    return own.model_copy(update={"judge": own.judge.model_copy(update={"fallback": "embedded"})})


def meet_endpoint(desk: "Desk") -> None:
    """One real question before the walk, as `firmly doctor` asks it. Raises what is wrong with the endpoint."""
    from contextlib import closing

    from pipeline.app import model_of
    from pipeline.cli.checkup import endpoint_report
    from pipeline.llm import probe
    from pipeline.store.llm_calls import CallBook

    if desk.config.llm is None:
        return
    with closing(CallBook(desk.db)) as book, closing(model_of(desk.config, book, desk.clock)) as model:
        try:
            said = endpoint_report(probe(model, desk.config.llm))
        except BadAnswer as error:
            said = f"The model gave no usable answer to a simple question. {error.message}"
        typer.echo(f"  {safe(said)}")
    if desk.config.judge.fallback == "embedded":
        typer.echo(
            '  A mail on which its answer stays unusable is judged by the embedded judge, and marked ([judge] fallback = "embedded").'
        )


def tell_endpoint(desk: "Desk", reports: "tuple[RunReport, ...]", seconds: float) -> None:
    """Calls, tokens, rungs, repairs, refusals, and how often the embedded judge and the plain letter stood in."""
    from pipeline.review import waiting
    from pipeline.store import llm_calls

    with desk.db.read() as tx:
        totals = llm_calls.totals_since(tx, _BEGINNING)
        outcomes = llm_calls.outcomes(tx)
        asked, helped = llm_calls.repairs(tx)
    for line in (
        *_of_calls(totals, seconds),
        *_of_outcomes(outcomes),
        f"repair calls: {asked}, of which {helped} helped",
    ):
        typer.echo(f"  {line}")
    stood_in = sum(report.stood_in for report in reports)
    judged = sum(report.judged for report in reports)
    parked = sum(report.parked for report in reports)
    typer.echo(
        f"  judge: {judged - stood_in} mails by the model, {stood_in} by the embedded judge in its place, {parked} parked"
    )
    drafts = [proposal.draft for proposal in waiting(desk.db).proposals]
    replaced = sum(draft.fallback_because is not None for draft in drafts)
    typer.echo(
        f"  writer: {len(drafts) - replaced} letters by the model, {replaced} plain letters in the place of its drafts"
    )


def _of_calls(totals: "list[Totals]", seconds: float) -> "tuple[str, ...]":
    from decimal import Decimal

    by_purpose = Counter[str]()
    for one in totals:
        by_purpose[one.purpose] += one.calls
    tokens_in, cached, tokens_out = (
        sum(getattr(one.usage, name) for one in totals) for name in ("tokens_in", "tokens_cached", "tokens_out")
    )
    waited = sum(one.latency_ms for one in totals) / 1000
    cost = sum((one.cost for one in totals), Decimal(0))
    currency = next((one.currency for one in totals if one.currency), "")
    unpriced = sum(one.unpriced for one in totals)
    priced = f"{cost.normalize():f} {currency}".strip() + (f", {unpriced} calls unpriced" if unpriced else "")
    return (
        f"calls: {by_purpose.total()} ({', '.join(f'{number} to {name}' for name, number in sorted(by_purpose.items()))})",
        f"tokens: {tokens_in:,} in, {cached:,} of them cached, {tokens_out:,} out; cost: {priced}",
        f"seconds: {seconds:.0f} in all, {waited:.0f} of them in answers, calls side by side counted each",
    )


def _of_outcomes(outcomes: dict[tuple[str, str, str], int]) -> tuple[str, ...]:
    rungs, ends = Counter[str](), Counter[str]()
    for (_, rung, outcome), number in outcomes.items():
        rungs[rung or "plain text"] += number
        ends[outcome] += number
    failed = {name: number for name, number in sorted(ends.items()) if name not in _OF_ANSWERS}
    said = [*((name, ends[name]) for name in _OF_ANSWERS), *failed.items()]
    return (
        f"asked by: {', '.join(f'{name} {number}' for name, number in sorted(rungs.items()))}",
        f"answers: {', '.join(f'{number} {name}' for name, number in said)}",
    )
