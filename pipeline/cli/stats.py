"""`firmly stats`: how the queue went in a period."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import AsJson, ConfigPath, Now, one_line, print_json, shelf_at
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pipeline.stats import Figures, Group, Stats
    from pipeline.store.decisions import Asked

_COLUMNS = ("New", "As is", "Edited", "Rejected", "Snoozed", "By hand", "To reply")
_SPENT = ("Calls", "Cost")
"""Shown where a model was asked at all."""
_MOST = 15
"""Lines of a table; --json has them all."""


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("stats")(stats)


def stats(
    *,
    days: Annotated[int, typer.Option(min=1, max=36500, help="How many days back.")] = 30,
    since: Annotated[
        str | None, typer.Option(help="From this day on, instead of --days: 2026-11-01.", metavar="DATE")
    ] = None,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """What was approved unchanged, edited, rejected; how fast replies were; what models cost: by play, client and prompt."""
    from pipeline.stats import stats_between

    shelf = shelf_at(config, now)
    end = shelf.clock() + timedelta(seconds=1)  # what is decided this very second counts
    zone = shelf.config.owner.hours().timezone
    begin = end - timedelta(days=days) if since is None else _midnight(since, zone)
    found = stats_between(shelf.db, begin, end)
    if as_json:
        print_json("stats", _json(found))
    else:
        _print(found, zone)


def _midnight(said: str, zone: "ZoneInfo") -> datetime:
    try:
        return datetime.combine(date.fromisoformat(said), time(), zone)
    except ValueError:
        raise UsageError(f"--since {said!r} is no day.", fix="Write it as 2026-11-01.") from None


def _json(found: "Stats") -> dict[str, Any]:
    return {
        "since": found.since.isoformat(timespec="seconds"),
        "until": found.until.isoformat(timespec="seconds"),
        "total": _figures_json(found.total),
        "plays": [{"play": group.key, **_figures_json(group.figures)} for group in found.plays],
        "clients": [
            {"client": int(group.key) if group.key else None, "name": group.name, **_figures_json(group.figures)}
            for group in found.clients
        ],
        "prompts": [
            {"prompt": group.key, "author": group.name, **_decisions_json(group.figures)} for group in found.prompts
        ],
        "calls": [_calls_json(calls) for calls in found.asked],
        "labels": {"confirmed": found.confirmed, "struck": found.struck},
    }


def _decisions_json(figures: "Figures") -> dict[str, Any]:
    return {
        "proposed": figures.proposed,
        "approved_unchanged": figures.approved_unchanged,
        "approved_edited": figures.approved_edited,
        "rejected": figures.rejected,
        "snoozed": figures.snoozed,
        "redrafted": figures.redrafted,
        "answered_by_hand": figures.answered_by_hand,
        "withdrawn": figures.withdrawn,
        "superseded": figures.superseded,
        "changed_percent": figures.changed_percent,
        "time_to_reply": {
            "replies": figures.replies,
            "median_s": _seconds(figures.median),
            "p90_s": _seconds(figures.ninetieth),
        },
    }


def _figures_json(figures: "Figures") -> dict[str, Any]:
    return {
        **_decisions_json(figures),
        "calls": figures.calls,
        "tokens": figures.tokens,
        "cost": [{"amount": format(amount, "f"), "currency": currency} for currency, amount in figures.cost.items()],
        "unpriced_calls": figures.unpriced,
    }


def _calls_json(calls: "Asked") -> dict[str, Any]:
    return {
        "purpose": calls.purpose,
        "model": calls.model,
        "prompt": calls.prompt,
        "calls": calls.calls,
        "used": calls.used,
        "tokens_in": calls.tokens_in,
        "tokens_out": calls.tokens_out,
        "tokens_cached": calls.tokens_cached,
        "cost": format(calls.cost, "f") if calls.currency else None,
        "currency": calls.currency or None,
        "unpriced_calls": calls.unpriced,
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _print(found: "Stats", zone: "ZoneInfo") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from pipeline.cli.tables import console

    out, total = console(), found.total
    columns = (*_COLUMNS, *_SPENT) if total.calls else _COLUMNS
    typer.echo(f"{found.since.astimezone(zone):%Y-%m-%d %H:%M} to {found.until.astimezone(zone):%Y-%m-%d %H:%M}")
    typer.echo(f"{total.proposed} proposed: {_decided(total)}")
    changed = "" if total.changed_percent is None else f"; {total.changed_percent} % of the drafts' words were changed"
    typer.echo(f"From mail to reply: {_times(total)}{changed}.")
    typer.echo(f"Labels: {found.confirmed} confirmed, {found.struck} struck.")
    typer.echo(f"Models: {_spent(total)}.")
    for title, first, groups in (
        ("By play", "Play", found.plays),
        ("By client", "Client", found.clients),
        ("By version of the writer (prompt, model, playbook)", "Version", found.prompts),
    ):
        if not groups:
            continue
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        table.add_column(first, min_width=20)
        for column in columns:
            table.add_column(column, justify="right")
        for group in groups[:_MOST]:
            table.add_row(escape(one_line(_name(first, group), 34)), *_row(group.figures)[: len(columns)])
        out.print(table)
        if len(groups) > _MOST:
            typer.echo(f"{len(groups) - _MOST} more; --json has them all.")


def _row(figures: "Figures") -> tuple[str, ...]:
    from pipeline.stats import span_in_words

    counts = (
        figures.proposed,
        figures.approved_unchanged,
        figures.approved_edited,
        figures.rejected,
        figures.snoozed,
        figures.answered_by_hand,
    )
    spent = (str(figures.calls) if figures.calls else "", _cost(figures) if figures.calls else "")
    return (*(str(count) if count else "·" for count in counts), span_in_words(figures.median), *spent)


def _name(first: str, group: "Group") -> str:
    if first == "Version":
        return f"{group.name} {group.key}".strip()
    if first == "Client":
        return group.name or "strangers"
    return group.name.replace("_", " ") or "none"


def _decided(total: "Figures") -> str:
    said = (
        (total.approved_unchanged, "approved as they were"),
        (total.approved_edited, "approved in your words"),
        (total.rejected, "rejected"),
        (total.snoozed, "snoozed at least once"),
        (total.answered_by_hand, "answered by hand"),
        (total.withdrawn, "withdrawn"),
        (total.superseded, "overtaken by newer mail"),
    )
    return (
        ", ".join(f"{number} {words}" for number, words in said if number) + "."
        if any(n for n, _ in said)
        else "nothing decided yet."
    )


def _times(total: "Figures") -> str:
    from pipeline.stats import span_in_words

    if not total.replies:
        return "no reply yet"
    return f"{span_in_words(total.median)} in the middle, nine of ten within {span_in_words(total.ninetieth)} ({total.replies} {'reply' if total.replies == 1 else 'replies'})"


def _spent(total: "Figures") -> str:
    if not total.calls:
        return "no calls"
    unpriced = f", {total.unpriced} calls without a known price" if total.unpriced else ""
    return f"{total.calls} calls, {total.tokens:,} tokens, {_cost(total) or 'no price'}{unpriced}"


def _cost(figures: "Figures") -> str:
    return " + ".join(f"{amount:.4f} {currency}" for currency, amount in figures.cost.items()) or "-"
