"""`classify`, `explain`, `eval`: what a judge says, why, and how often it is right."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import (
    AsJson,
    ConfigPath,
    Now,
    desk_at,
    is_item,
    item_of,
    number_of,
    one_line,
    print_json,
    safe,
    shelf_at,
)
from pipeline.errors import InputError, UsageError

if TYPE_CHECKING:
    from pipeline.classify.ports import Judge
    from pipeline.config.models import Config
    from pipeline.domain.mail import Message
    from pipeline.domain.proposal import AttentionItem
    from pipeline.evaluate import Consumption


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("classify")(classify)
    app.command("explain")(explain)
    app.command("eval")(evaluate)


def config_if_any(path: Path | None) -> "Config | None":
    """The config, or None where nobody has written one: judging needs none."""
    from pipeline.config.load import find_config, load_config
    from pipeline.errors import ConfigError

    if path is not None:
        return load_config(find_config(path))
    try:
        found = find_config(None)
    except ConfigError:
        return None
    return load_config(found)


@contextmanager
def _judge(path: Path | None, kind: str | None) -> "Iterator[tuple[Judge, Callable[[], Consumption]]]":
    """The judge that the config names, and what it has used. Calls are counted in a book that is thrown away."""
    import tempfile
    from decimal import Decimal

    from pipeline.app import judge_of, library_of, model_of, playbook_of, wall_clock, wants_endpoint
    from pipeline.evaluate import Consumption
    from pipeline.store.database import Database
    from pipeline.store.llm_calls import CallBook, totals_since

    config = None if kind == "embedded" else config_if_any(path)
    library = library_of(config)
    playbook = playbook_of(library)
    if config is None or not wants_endpoint(config, config.judge.kind):
        yield judge_of(None, playbook, library, None), Consumption
        return
    with tempfile.TemporaryDirectory(prefix="firmly-") as directory:
        db = Database(Path(directory) / "calls.sqlite3")
        db.upgrade(wall_clock())
        model = model_of(config, CallBook(db), wall_clock)

        def used() -> Consumption:
            with db.read() as tx:
                spent = totals_since(tx, datetime.min.replace(tzinfo=UTC))
            priced = bool(spent) and not any(one.unpriced for one in spent)
            return Consumption(
                calls=sum(one.calls for one in spent),
                tokens_in=sum(one.usage.tokens_in for one in spent),
                tokens_out=sum(one.usage.tokens_out for one in spent),
                cost=sum((one.cost for one in spent), Decimal(0)) if priced else None,
                currency=spent[0].currency if priced else None,
            )

        yield judge_of(config, playbook, library, model), used
        model.close()


def read_mail(path: Path) -> "Message":
    """One mail from a file, or from standard input. Raises InputError if it cannot be read."""
    from pipeline.parse import parse_message

    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    return parse_message(raw)


def classify(
    file: Annotated[
        Path, typer.Argument(help="One mail as bytes (.eml), or - for standard input.", metavar="FILE", allow_dash=True)
    ],
    *,
    config: ConfigPath = None,
    judge: Annotated[str | None, typer.Option(help="embedded, whatever the config says.")] = None,
    as_json: AsJson = False,
) -> None:
    """One mail through parse, screen and judge. No store; nothing is kept."""
    from pipeline.domain.client import Context
    from pipeline.domain.mail import Skip
    from pipeline.screen import screen_message

    message = read_mail(file)
    settings = None if judge == "embedded" else config_if_any(config)
    screening = screen_message(message, own_emails=settings.owner.emails() if settings else frozenset())
    skipped = screening if isinstance(screening, Skip) else None
    assessment = None
    if skipped is None:
        with _judge(config, judge) as (reader, _):
            assessment = reader.judge(message, Context(client=None))
    if as_json:
        from pipeline.domain.assessment import Assessment
        from pipeline.store.codec import plain

        body: dict[str, Any] = {
            "message_id": message.message_id,
            "subject": message.subject,
            "screen": {"reason": skipped.reason, "because": skipped.because} if skipped else None,
            "assessment": plain(Assessment, assessment) if assessment else None,
        }
        print_json("classify", body)
        return
    if assessment is None:
        typer.echo(
            f"No judge is asked: {skipped.reason if skipped else ''} ({safe(skipped.because) if skipped else ''})."
        )
        return
    typer.echo(
        f"{assessment.language}, tone {assessment.tone}, intent {assessment.intent or 'none'} (by {safe(assessment.judged_by)})"
    )
    for found in assessment.behaviours:
        typer.echo(
            f"  {found.label} {found.confidence}/10{'' if found.sure else ' (unsure)'}: “{one_line(found.quote, 160)}”"
        )
    if not assessment.behaviours:
        typer.echo("  no difficult behaviour")


def _behind(item: "AttentionItem") -> str:
    """What an attention item is about: its mail, else its reply. Raises UsageError for one about neither."""
    if item.mail_id is not None:
        return f"m{item.mail_id}"
    if item.proposal_id is not None:
        return f"p{item.proposal_id}"
    raise UsageError(f"The item a{item.id} is about no mail.", fix=f"firmly queue show a{item.id} prints it.")


def explain(
    number: Annotated[
        str,
        typer.Argument(
            help="p3 a proposal, a3 a matter without a draft, m17 a mail, m17/scope_creep a label, verdict:Mia, signal:Mia/unresponsive.",
            metavar="ID",
        ),
    ],
    *,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Which rule, rows, quote, threshold, prompt, model and cost led here."""
    if ":" in number or "/" in number:
        from pipeline.cli.because import explain_because

        explain_because(desk_at(config, now), number, as_json=as_json)
        return
    from pipeline.cli.tables import proposal_json, view_of
    from pipeline.domain.ids import MailId, ProposalId
    from pipeline.run.explaining import call_json
    from pipeline.run.stages import STAGES
    from pipeline.store import llm_calls, mails, queue, steps

    shelf = shelf_at(config)
    if is_item(number):
        number = _behind(item_of(shelf.db, number))
    with shelf.db.read() as tx:
        proposal = None if number.lower().startswith("m") else queue.proposal(tx, ProposalId(number_of(number, "p")))
        mail_id = proposal.mail_id if proposal else MailId(number_of(number, "m"))
        row = mails.mail(tx, mail_id) if mail_id is not None else None
        if proposal is None and row is None:
            raise UsageError(
                f"There is no proposal and no mail {number}.", fix="firmly queue list shows what there is."
            )
        road = sorted(steps.steps_of(tx, row.id) if row else [], key=lambda step: STAGES.index(step.stage))
        history = queue.events_of(tx, proposal.id) if proposal else []
        calls = llm_calls.calls_of(tx, row.message_id) if row and row.message_id else []
    if as_json:
        import json

        print_json(
            "explain",
            {
                "mail": row.id if row else None,
                "steps": [
                    {
                        "stage": s.stage,
                        "state": s.state,
                        "attempts": s.attempts,
                        "fingerprint": s.fingerprint,
                        "problem": s.problem,
                        "at": s.updated_at.isoformat(),
                        "output": json.loads(s.output) if s.stage != "parse" else None,
                    }
                    for s in road
                ],
                "calls": [call_json(call) for call in calls],
                "proposal": proposal_json(proposal, view_of(shelf, proposal)) if proposal else None,
                "events": [
                    {"at": e.at.isoformat(), "actor": e.actor, "event": e.event, "to": e.to_status, "note": e.note}
                    for e in history
                ],
            },
        )
        return
    from pipeline.cli.explaining import print_road
    from pipeline.cli.tables import speaker_of

    print_road(row, road, proposal, history, calls, speaker_of(shelf))


def evaluate(
    *,
    cases: Annotated[Path | None, typer.Option(help="Gold cases, JSON lines or a JSON list.")] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Fit thresholds to the labels that you confirmed and struck.")
    ] = False,
    config: ConfigPath = None,
    judge: Annotated[str | None, typer.Option(help="embedded, whatever the config says.")] = None,
    lang: Annotated[str | None, typer.Option(help="Only cases in this language.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score a judge on gold cases: precision, recall and F1 with a 95 % interval, tone, intent, cost."""
    from pipeline.evaluate import load_cases, score_cases, scorecard_json

    if calibrate:
        from pipeline.cli.calibrating import calibrate_judge

        with _judge(config, judge) as (reader, _):
            calibrate_judge(config, reader.name, as_json=as_json)
        return
    if cases is None:
        raise UsageError("Give gold cases with --cases FILE, or --calibrate.", fix="fixtures/gold has the benchmark.")
    with _judge(config, judge) as (reader, used):
        card = score_cases(
            load_cases(cases, lang=lang),
            reader,
            workers=1 if reader.name == "embedded" else 4,
            model=None if reader.name == "embedded" else reader.name.partition("/")[2],
            prompt=None if reader.name == "embedded" else reader.fingerprint,
            consumption=used,
        )
    if as_json:
        print_json("eval", scorecard_json(card))
        return
    from pipeline.cli.explaining import print_scorecard

    print_scorecard(scorecard_json(card))
