"""`firmly queue edit` and `redraft`: other words for a draft."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import ConfigPath, Now, ProposalNumber, Reviewer, proposal_at, reviewer, safe
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.domain.proposal import Finding


def register(queue: typer.Typer) -> None:
    """Add the commands of this room to `firmly queue`."""
    queue.command("edit")(edit)
    queue.command("redraft")(redraft)


def edit(
    number: ProposalNumber,
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    file: Annotated[
        Path | None, typer.Option(help="Take the new body from a file (- for standard input).", allow_dash=True)
    ] = None,
) -> None:
    """Write the draft anew in $VISUAL or $EDITOR. The guard reads what you wrote; your word wins over its warnings."""
    from pipeline.review import take_edit
    from pipeline.run.proposing import inspect_words

    desk, proposal = proposal_at(config, now, number)
    body = proposal.draft.body
    text = from_editor(body) if file is None else _from_file(file)
    if text.strip() == body.strip():
        typer.echo("Nothing was changed.")
        return
    findings = inspect_words(desk, proposal, text)
    edited = take_edit(desk.db, proposal, text, findings, reviewer=reviewer(by), now=desk.clock())
    typer.echo(f"Proposal {edited.id} has your words (version {edited.version}).")
    _print_findings(edited.draft.findings)


def _from_file(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {type(error).__name__}.", fix="Save it as UTF-8 text.") from None


def from_editor(body: str) -> str:
    """The body as the owner's editor leaves it. Raises UsageError if there is no editor, or it fails."""
    import shlex
    import subprocess
    import tempfile

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("Neither $VISUAL nor $EDITOR is set.", fix="export EDITOR=nano, or use --file.")
    with tempfile.TemporaryDirectory(prefix="firmly-") as directory:
        path = Path(directory) / "reply.txt"
        path.write_text(body, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)  # noqa: S603 the owner's own editor
        except (OSError, subprocess.CalledProcessError) as error:
            raise UsageError(f"The editor {editor!r} failed ({type(error).__name__}); nothing was changed.") from None
        return path.read_text(encoding="utf-8")


def _print_findings(findings: "tuple[Finding, ...]") -> None:
    for finding in findings:
        typer.echo(f"  {finding.severity}: {safe(finding.message)}")


def redraft(
    number: ProposalNumber,
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    stance: Annotated[str, typer.Option(help="softer, as_decided or firmer.")] = "as_decided",
) -> None:
    """Write the draft again, in another stance if you like."""
    from pipeline.domain.strategy import Stance
    from pipeline.review import take_redraft
    from pipeline.run.proposing import redraft as write_again

    if stance not in set(Stance):
        raise UsageError(f"There is no stance {stance!r}.", fix=f"There are {', '.join(Stance)}.")
    desk, proposal = proposal_at(config, now, number)
    draft = write_again(desk, proposal, Stance(stance))
    again = take_redraft(desk.db, proposal, draft, reviewer=reviewer(by), now=desk.clock())
    typer.echo(f"Proposal {again.id} has a new draft (version {again.version}, {again.draft.stance}):\n")
    typer.echo(safe(again.draft.body))
    _print_findings(again.draft.findings)
