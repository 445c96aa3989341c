"""`firmly clients …`: who they are, how it is going, and what their owner says about it."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.clientpapers import (
    Named,
    client_meant,
    clients_shelf,
    dossier,
    exit_,
    papers_of,
    purge,
)
from pipeline.cli.common import (
    AsJson,
    ConfigPath,
    Now,
    Reviewer,
    desk_at,
    moment_of,
    number_of,
    print_json,
    records_at,
    reviewer,
    safe,
)
from pipeline.domain.ids import Label, MailId
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.run.desk import Desk

At = Annotated[str | None, typer.Option("--at", help="When it happened (ISO 8601); now, if not given.", metavar="ISO")]

clients = typer.Typer(
    help="Who they are and how it is going: list, show, set, note, label, correct, boundary, merge, dossier, exit, purge.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    for name, command in (("dossier", dossier), ("exit", exit_), ("purge", purge)):
        clients.command(name)(command)
    app.add_typer(clients, name="clients")


@clients.command("list")
def list_(*, config: ConfigPath = None, now: Now = None, as_json: AsJson = False) -> None:
    """Every client in a line: how their mail sounds, what is open, what the verdict says."""
    from pipeline.cli.clientcards import line_json, lines_of, print_lines

    lines = lines_of(records_at(config, now))
    if as_json:
        print_json("clients.list", {"clients": [line_json(line) for line in lines]})
    else:
        print_lines(lines)


@clients.command("show")
def show(named: Named, *, config: ConfigPath = None, now: Now = None, as_json: AsJson = False) -> None:
    """The card: what they do, what was promised, told and paid, what is open, and the last of the timeline."""
    from pipeline.cli.clientcards import card_json, print_card
    from pipeline.cli.tables import speaker_of

    desk, papers = papers_of(config, now, named)
    if as_json:
        print_json("clients.show", card_json(papers))
    else:
        print_card(papers, speaker_of(desk))


@clients.command("set")
def set_(
    named: Named,
    settings: Annotated[
        list[str], typer.Argument(help="language=de, pause_allowed=true, notes= (takes it back).", metavar="KEY=VALUE…")
    ],
    *,
    new: Annotated[bool, typer.Option("--new", help="Add a client of this name.")] = False,
    config: ConfigPath = None,
    now: Now = None,
) -> None:
    """Write down something about a client; the keys are those of a client file. Who has a file is changed in the file."""
    from pipeline.run.clientbook import set_client

    shelf = clients_shelf(config, now)
    file = set_client(shelf.db, shelf.config, named, settings, new=new, now=shelf.clock())
    typer.echo(f"{safe(file.name)}: {', '.join(safe(word) for word in settings)}")


@clients.command("note")
def note(
    named: Named,
    words: Annotated[str, typer.Argument(help="What happened.", metavar="WORDS")],
    *,
    at: At = None,
    label: Annotated[str | None, typer.Option(help="It was this behaviour: counts as a confirmed incident.")] = None,
    boundary: Annotated[str | None, typer.Option(help="You stated a limit about this behaviour.")] = None,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Keep what leaves no mail: a call on Sunday, a meeting. It is dated, and it is evidence."""
    from pipeline.run.remember import add_incident, state_boundary, write_note

    desk = desk_at(config, now)
    client_id, moment, who = client_meant(desk, named), _happened(at, desk.clock()), reviewer(by)
    incident = _behaviour(desk, label) if label else None
    stated = _behaviour(desk, boundary) if boundary else None
    number = write_note(desk.db, client_id, words, at=moment, actor=who, now=desk.clock())
    if incident is not None:
        add_incident(desk.db, client_id, incident, words, at=moment, actor=who, now=desk.clock())
    if stated is not None:
        state_boundary(desk.db, client_id, stated, words, at=moment, actor=who, now=desk.clock())
    typer.echo(f"Note {number} is kept, dated {moment.isoformat(timespec='minutes')}.")


def _happened(at: str | None, now: "datetime") -> "datetime":
    moment = moment_of(at, "--at") if at else now
    if moment > now:
        raise UsageError(f"{moment.isoformat()} is still to come.", fix="A note is of something that happened.")
    return moment


def _behaviour(desk: "Desk", name: str) -> Label:
    found = desk.playbook.taxonomy.current(name, "behaviour")
    if found is None:
        known = ", ".join(rule.name for rule in desk.playbook.taxonomy.behaviours)
        raise UsageError(f"There is no behaviour {name!r}.", fix=f"There are {known}.")
    return found


@clients.command("label")
def label(
    mail: Annotated[str, typer.Argument(help="The number of a mail, as queue show has it: m17.", metavar="MAIL")],
    *,
    confirm: Annotated[list[str] | None, typer.Option(help="This label is right: an incident from now on.")] = None,
    strike: Annotated[list[str] | None, typer.Option(help="This label is wrong.")] = None,
    add: Annotated[list[str] | None, typer.Option(help="The judge missed this one.")] = None,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Say of a mail's labels what is right. Only confirmed labels move a verdict; approving a draft confirms none."""
    from pipeline.run.remember import confirm_label, strike_label

    right, wrong = [*(confirm or ()), *(add or ())], strike or []
    if not right and not wrong:
        raise UsageError("Say --confirm, --strike or --add with a label.")
    desk = desk_at(config, now)
    number, who, taxonomy = MailId(number_of(mail, "m")), reviewer(by), desk.playbook.taxonomy
    for name in right:
        confirm_label(desk.db, taxonomy, number, name, actor=who, now=desk.clock())
    for name in wrong:
        strike_label(desk.db, taxonomy, number, name, actor=who, now=desk.clock())
    said = [*(f"{name} confirmed" for name in right), *(f"{name} struck" for name in wrong)]
    typer.echo(f"Mail m{number}: {', '.join(said)}.")


@clients.command("correct")
def correct(
    named: Named,
    *,
    never: Annotated[str | None, typer.Option(help="This behaviour is not given for this client any more.")] = None,
    because: Annotated[str, typer.Option(help="Why, in your words.")] = "",
    withdraw: Annotated[int | None, typer.Option(help="The number of a rule that holds no longer.")] = None,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    as_json: AsJson = False,
) -> None:
    """A plain rule for one client, such as: never call their jokes demeaning. Without an option: the rules in force."""
    from pipeline.run.remember import correct as add_rule
    from pipeline.run.remember import withdraw_rule
    from pipeline.store import memory

    desk = desk_at(config, now)
    client_id = client_meant(desk, named)
    if never:
        words = because or f"never {never}"
        add_rule(desk.db, client_id, _behaviour(desk, never), words, actor=reviewer(by), now=desk.clock())
    if withdraw is not None:
        withdraw_rule(desk.db, client_id, withdraw, now=desk.clock())
    with desk.db.read() as tx:
        rules = memory.corrections(tx, client_id)
    if as_json:
        shown = [{"id": r.id, "never": r.label, "words": r.words, "by": r.actor} for r in rules]
        print_json("clients.correct", {"client": client_id, "rules": shown})
        return
    for rule in rules:
        typer.echo(f"  {rule.id}: never {rule.label} ({safe(rule.words)}, by {safe(rule.actor)})")
    if not rules:
        typer.echo("No rule is in force.")


@clients.command("boundary")
def boundary(
    named: Named,
    words: Annotated[str, typer.Argument(help="What you said, with --about.", metavar="WORDS")] = "",
    *,
    about: Annotated[str | None, typer.Option(help="You stated a limit about this behaviour.")] = None,
    strike: Annotated[int | None, typer.Option(help="The number of a limit that was none.")] = None,
    at: At = None,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    as_json: AsJson = False,
) -> None:
    """The limits that they were told, from letters and from your own mail: add one that Firmly cannot know, strike a wrong one."""
    from pipeline.cli.clientcards import boundary_json
    from pipeline.run.dossier import dossier_of
    from pipeline.run.remember import state_boundary, strike_boundary

    desk = desk_at(config, now)
    client_id, who = client_meant(desk, named), reviewer(by)
    if bool(about) != bool(words):
        raise UsageError(
            "A limit has words and a behaviour.", fix='firmly clients boundary Mia "No calls" --about LABEL'
        )
    if about:
        moment, stated = _happened(at, desk.clock()), _behaviour(desk, about)
        state_boundary(desk.db, client_id, stated, words, at=moment, actor=who, now=desk.clock())
    with desk.db.read() as tx:
        known = dossier_of(tx, desk, client_id).record.boundaries
    if strike is not None:
        if not 1 <= strike <= len(known):
            raise UsageError(f"There is no limit {strike}.", fix=f"firmly clients boundary {client_id} shows them.")
        strike_boundary(desk.db, client_id, known[strike - 1], actor=who, now=desk.clock())
        with desk.db.read() as tx:
            known = dossier_of(tx, desk, client_id).record.boundaries
    if as_json:
        print_json("clients.boundary", {"client": client_id, "boundaries": [boundary_json(b) for b in known]})
        return
    for place, limit in enumerate(known, 1):
        where = f" ({safe(limit.message_id)})" if limit.message_id else ""
        typer.echo(f"  {place}: {limit.stated_at:%Y-%m-%d} {limit.label}: “{safe(limit.words)}”{where}")
    if not known:
        typer.echo("No limit is on record.")


@clients.command("merge")
def merge(
    named: Named,
    other: Annotated[str, typer.Argument(help="The client who becomes a part of the first.", metavar="OTHER")],
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Two addresses, one client: mail, letters, invoices and memory of OTHER are CLIENT's from now on."""
    from pipeline.run.clientbook import join_clients

    shelf = clients_shelf(config, now)
    kept, gone = join_clients(shelf.db, shelf.config, named, other, actor=reviewer(by), now=shelf.clock())
    typer.echo(f"{safe(gone)} is a part of {safe(kept)} now.")
