"""`[invoices] watch`: exports that appear in a directory are imported by the next run."""

import hashlib
from pathlib import Path

from pipeline.errors import ExitCode, FirmlyError
from pipeline.invoices.importers import MAX_BYTES, read_ledger
from pipeline.invoices.payments import is_payments, read_payments
from pipeline.run.bookkeeping import book_ledger, book_payments, compare_ledger
from pipeline.run.desk import Desk
from pipeline.run.report import RunReport
from pipeline.store import attention, ledger

_EXPORTS = frozenset({".csv", ".tsv", ".txt", ".xml"})


def watch_due(desk: Desk, report: RunReport) -> None:
    """Import every export that is new or changed. One that leaves a question open becomes an attention item, and the rest goes on."""
    directory = desk.config.invoices.watch
    if directory is None:
        return
    if not directory.is_dir():
        report.trouble(ExitCode.CONFIG, f"[invoices] watch names {directory}, and there is no such directory.")
        return
    for path in sorted(p for p in directory.iterdir() if p.suffix.lower() in _EXPORTS and p.is_file()):
        try:
            _import_one(desk, report, path)
        except (FirmlyError, OSError) as error:
            words = error.message if isinstance(error, FirmlyError) else f"cannot be read ({type(error).__name__})"
            report.trouble(ExitCode.PARKED, f"{path.name}: {words}")


def _import_one(desk: Desk, report: RunReport, path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        report.trouble(ExitCode.PARKED, f"{path.name} is larger than an export is; it was not read.")
        return
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    with desk.db.read() as tx:
        if ledger.last_import(tx, path.name) == sha256:
            return
    if is_payments(data):
        _import_payments(desk, report, path, data, sha256)
        return
    booking = compare_ledger(desk.db, read_ledger(data, file_name=path.name), desk.config.invoices.currencies)
    open_matters = [q.message for q in booking.read.questions] + [c.message for c in booking.diff.contradictions]
    trouble = open_matters or [str(problem) for problem in booking.read.problems]
    _tell(desk, report, path, sha256, trouble)
    if booking.possible and booking.read.invoices:
        book_ledger(desk.db, booking, data, source=path.name, now=desk.clock())


def _import_payments(desk: Desk, report: RunReport, path: Path, data: bytes, sha256: str) -> None:
    """A table of payments: what fits the ledger is booked, the rest is told."""
    read = read_payments(data)
    trouble = [question.message for question in read.questions]
    if not read.questions:
        diff = book_payments(desk.db, read, data, source=path.name, actor="firmly", now=desk.clock())
        trouble = [str(problem) for problem in diff.problems]
    _tell(desk, report, path, sha256, trouble)


def _tell(desk: Desk, report: RunReport, path: Path, sha256: str, trouble: list[str]) -> None:
    if not trouble:
        return
    with desk.db.write() as tx:
        report.attention += attention.raise_attention(
            tx,
            "ledger_file",
            f"{path.name}: {trouble[0]} firmly invoices import {path} tells all.",
            now=desk.clock(),
            subject=f"{path.name}:{sha256}",
        )
