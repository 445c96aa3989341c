"""The exit kit and the evidence as files in a directory of the owner's choice."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.domain.ids import ClientId, ProposalId
from pipeline.dossier.collect import Papers
from pipeline.dossier.render import render_final_report, render_handover, render_html, render_markdown
from pipeline.errors import InputError, UsageError
from pipeline.store import record
from pipeline.store.database import Database

_INDEX = ("file", "written_at", "direction", "message_id", "sha256", "subject")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection)."""


def write_exit_kit(db: Database, papers: Papers, proposal: ProposalId, directory: Path) -> tuple[Path, ...]:
    """The owner's list, the report for the client, the evidence. Gives what was written; raises as `write_evidence`."""
    texts = {
        "your-list.md": render_handover(papers, proposal),
        "final-report.md": render_final_report(papers),
    }
    return (*_write(directory, texts), *write_evidence(db, papers, directory / "evidence"))


def write_evidence(db: Database, papers: Papers, directory: Path) -> tuple[Path, ...]:
    """The papers, every mail whose bytes are still kept as `.eml`, and an index with SHA-256. Readable by the owner only.

    Raises UsageError for a directory that is not empty, InputError for one that cannot be written.
    """
    numbered = {mail.id: (place, mail) for place, mail in enumerate(papers.mails, 1)}
    texts: dict[str, str | bytes] = {"dossier.html": render_html(papers), "dossier.md": render_markdown(papers)}
    index = io.StringIO()
    rows = csv.writer(index, lineterminator="\r\n")
    rows.writerow(_INDEX)
    with db.read() as tx:
        raws = dict(record.raw_mails(tx, ClientId(papers.known.client.id)))
    for mail_id, (place, mail) in numbered.items():
        name = f"mails/{place:05d}.eml" if mail_id in raws else ""
        if name:
            texts[name] = raws[mail_id]
        cells = (name, mail.written_at.isoformat(), mail.direction, mail.message_id, mail.sha256, mail.subject)
        rows.writerow([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in cells])
    texts["index.csv"] = "\ufeff" + index.getvalue()
    return _write(directory, texts)


def write_alone(path: Path, text: str) -> None:
    """One paper into a file that is not there yet. Raises UsageError or InputError."""
    if path.exists():
        raise UsageError(f"{path} exists already.", fix="Give another name; nothing was written.")
    _write(path.parent, {path.name: text}, empty=False)


def _write(directory: Path, texts: Mapping[str, str | bytes], *, empty: bool = True) -> tuple[Path, ...]:
    try:
        if empty and directory.exists() and any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty.", fix="Give a directory that is not there yet.")
        for name, text in texts.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode() if isinstance(text, str) else text)
    except OSError as error:
        raise InputError(f"{directory} cannot be written: {error.strerror}.") from None
    return tuple(directory / name for name in texts)
