"""The papers of a client: `firmly clients dossier`, `exit` and `purge`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import (
    AsJson,
    ConfigPath,
    Now,
    Reviewer,
    desk_at,
    print_json,
    records_at,
    reviewer,
    safe,
    shelf_at,
)
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from pipeline.cli.common import Shelf
    from pipeline.domain.ids import ClientId
    from pipeline.dossier import Papers
    from pipeline.run.desk import Records

Named = Annotated[str, typer.Argument(help="A number, an address or a part of the name.", metavar="CLIENT")]


def clients_shelf(config: Path | None, now: str | None) -> "Shelf":
    """The store with the clients of today's files in it."""
    from pipeline.app import keep_clients

    shelf = shelf_at(config, now)
    keep_clients(shelf.db, shelf.config, shelf.clock)
    return shelf


def client_meant(shelf: "Shelf | Records", named: str) -> "ClientId":
    """The client that somebody means. Raises UsageError for none or several."""
    from pipeline.run.clientbook import find_client

    return find_client(shelf.db, named)


def papers_of(config: Path | None, now: str | None, named: str) -> tuple["Records", "Papers"]:
    """Everything that is known of a client."""
    from pipeline.dossier import collect_papers

    desk = records_at(config, now)
    return desk, collect_papers(desk, client_meant(desk, named))


def dossier(
    named: Named,
    *,
    format_: Annotated[str, typer.Option("--format", help="md or html.")] = "md",
    out: Annotated[Path | None, typer.Option("--out", help="Write it into this file, readable by you only.")] = None,
    evidence: Annotated[
        Path | None, typer.Option(help="Write both forms, every mail and an index with SHA-256 into this directory.")
    ] = None,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """The records that you want if they attack you or you pursue a debt: every claim with message, date and words."""
    from pipeline.cli.clientcards import entry_json
    from pipeline.dossier import entries_of, render_html, render_markdown
    from pipeline.dossier.kit import write_alone, write_evidence

    if format_ not in {"md", "html"}:
        raise UsageError(f"There is no form {format_!r}.", fix="There are md and html.")
    desk, papers = papers_of(config, now, named)
    written = list(write_evidence(desk.db, papers, evidence)) if evidence else []
    text = render_html(papers) if format_ == "html" else render_markdown(papers)
    if out is not None:
        write_alone(out, text)
        written.append(out)
    if as_json:
        entries = [entry_json(entry) for entry in entries_of(papers)]
        body = {"client": papers.known.client.id, "name": papers.known.client.name, "entries": entries}
        print_json("clients.dossier", {**body, "files": [str(path) for path in written]})
    elif written:
        typer.echo(f"{len(written)} files written; {safe(written[0])} is the first.")
    else:
        typer.echo(safe(text), nl=False)


def exit_(
    named: Named,
    *,
    kit: Annotated[
        Path | None, typer.Option(help="Write your list, the final report and the evidence into this directory.")
    ] = None,
    because: Annotated[list[str] | None, typer.Option(help="A fact of yours that goes before those on record.")] = None,
    last_day: Annotated[str | None, typer.Option(help="Your last day for them (ISO).", metavar="DATE")] = None,
    to: Annotated[str | None, typer.Option(help="The address, if not their first one.")] = None,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    as_json: AsJson = False,
) -> None:
    """Propose the letter that ends the work, with a reason from the record. Nothing is tied to a payment; you decide."""
    from pipeline.dossier import collect_papers
    from pipeline.dossier.kit import write_exit_kit
    from pipeline.run.parting import Parting, propose_parting

    desk = desk_at(config, now)
    client_id = client_meant(desk, named)
    parting = Parting(tuple(because or ()), _day(last_day), to)
    proposal = propose_parting(desk, client_id, parting, actor=reviewer(by))
    written = write_exit_kit(desk.db, collect_papers(desk, client_id), proposal, kit) if kit else ()
    if as_json:
        print_json("clients.exit", {"client": client_id, "proposal": proposal, "files": [str(p) for p in written]})
        return
    typer.echo(
        f"The letter waits as proposal p{proposal}: firmly queue show p{proposal}. Nothing leaves before you approve it."
    )
    if written:
        typer.echo(f"{len(written)} files written into {safe(kit)}; begin with your-list.md.")
    typer.echo("Whether you hand over an account before a payment is your decision; Firmly ties nothing to it.")


def _day(text: str | None) -> "date | None":
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no day.", fix="Write it as 2026-11-17.") from None


def purge(
    named: Annotated[str, typer.Argument(help="A number, an address or a part of the name.", metavar="CLIENT")] = "",
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Only write the store anew, after a purge that another process held up.")
    ] = False,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Forget a client whole: mails, letters, invoices, memory. The store is written anew, so that no byte is left in it."""
    from pipeline.run.clientbook import forget_client
    from pipeline.store import clients as known

    shelf = clients_shelf(config, now)
    if finish:
        shelf.db.compact()
        typer.echo("The store is written anew.")
        return
    client_id = client_meant(shelf, named)
    with shelf.db.read() as tx:
        client = known.client(tx, client_id)
    name = client.name if client else named
    if not yes:
        typer.confirm(f"Forget {safe(name)} and everything of theirs? This cannot be undone.", abort=True)
    purged = forget_client(shelf.db, shelf.config, client_id)
    if as_json:
        body = {"name": name, "rows": dict(purged.rows), "file": str(purged.file) if purged.file else None}
        print_json("clients.purge", {**body, "backups": [str(path) for path in purged.backups]})
        return
    typer.echo(f"{safe(name)} is forgotten: {sum(purged.rows.values())} rows.")
    if purged.file:
        typer.echo(f"Delete {safe(purged.file)}, or the next call knows them again.")
    for path in purged.backups:
        typer.echo(f"This copy still has everything: {safe(path)}")
    typer.echo("Their mail stays in your mailbox; papers and kits that you wrote elsewhere stay where they are.")
