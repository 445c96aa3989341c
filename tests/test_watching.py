"""Exports that appear in a directory."""

from datetime import date
from pathlib import Path

from support.world import World, make_world

from pipeline.domain.ledger import InvoiceStatus
from pipeline.errors import ExitCode
from pipeline.review import waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import handwork, ledger

HEAD = "number,client_email,issued,due,currency,total,paid,paid_on,status\n"
OPEN = HEAD + "R-1,mia@harbour.example,2026-10-01,2026-11-30,EUR,100.00,0,,open\n"
PAID = HEAD + "R-1,mia@harbour.example,2026-10-01,2026-11-30,EUR,100.00,100.00,2026-11-16,paid\n"


def watched(tmp_path: Path) -> tuple[World, Path]:
    """A world that watches a directory."""
    place = tmp_path / "exports"
    place.mkdir()
    return make_world(tmp_path, invoices={"watch": str(place)}), place


def status(world: World) -> list[InvoiceStatus]:
    """How the invoices stand."""
    with world.db.read() as tx:
        return [invoice.status for invoice in ledger.invoices(tx)]


def test_a_new_export_is_imported_once(tmp_path: Path) -> None:
    """An old file read again on every run would look like a fresh ledger."""
    world, place = watched(tmp_path)
    (place / "november.csv").write_text(OPEN)
    run_once(world.desk, RunOptions())
    with world.db.read() as tx:
        first = ledger.as_of(tx)
    world.time[0] = world.time[0].replace(hour=20)
    run_once(world.desk, RunOptions())
    with world.db.read() as tx:
        assert ledger.as_of(tx) == first
    assert status(world) == [InvoiceStatus.OPEN]


def test_a_changed_export_is_imported_again(tmp_path: Path) -> None:
    """A payment that is in the file and not in the ledger leads to a reminder for paid money."""
    world, place = watched(tmp_path)
    (place / "november.csv").write_text(OPEN)
    run_once(world.desk, RunOptions())
    (place / "november.csv").write_text(PAID)
    run_once(world.desk, RunOptions())
    assert status(world) == [InvoiceStatus.PAID]


def test_a_file_that_contradicts_history_asks(tmp_path: Path) -> None:
    """Last month's export, saved again, must not open what is paid."""
    world, place = watched(tmp_path)
    (place / "november.csv").write_text(PAID)
    run_once(world.desk, RunOptions())
    (place / "older.csv").write_text(OPEN)
    run_once(world.desk, RunOptions())
    run_once(world.desk, RunOptions())
    assert status(world) == [InvoiceStatus.PAID]
    assert [item.kind for item in waiting(world.db).attention] == ["ledger_file"]


def test_a_table_of_payments_is_booked_once(tmp_path: Path) -> None:
    """A bank's table beside the export must count on the run that finds it, once, and not be read as invoices."""
    world, place = watched(tmp_path)
    (place / "a-ledger.csv").write_text(OPEN)
    (place / "b-payments.csv").write_text("Client,Invoice Number,Amount,Date\nHarbour Bakery,R-1,40.00,2026-11-13\n")
    for _ in range(2):
        run_once(world.desk, RunOptions())
    with world.db.read() as tx:
        (invoice,) = ledger.invoices(tx)
        (booked,) = handwork.payments(tx)
    assert (str(invoice.open.amount), invoice.status) == ("60.00", InvoiceStatus.PARTIAL)
    assert (booked.source, booked.payment.received_on) == ("b-payments.csv", date(2026, 11, 13))
    assert waiting(world.db).attention == ()


def test_a_payment_that_fits_no_invoice_is_told(tmp_path: Path) -> None:
    """Money that is matched to nothing in silence leads to a reminder for what was paid."""
    world, place = watched(tmp_path)
    (place / "a-ledger.csv").write_text(OPEN)
    (place / "b-payments.csv").write_text("Client,Invoice Number,Amount,Date\nHarbour Bakery,R-2,40.00,2026-11-13\n")
    run_once(world.desk, RunOptions())
    (item,) = waiting(world.db).attention
    assert item.kind == "ledger_file"
    assert "R-2" in item.message
    assert status(world) == [InvoiceStatus.OPEN]


def test_a_missing_directory_is_said_and_the_run_goes_on(tmp_path: Path) -> None:
    """A share that is not mounted would go unnoticed until a client complains."""
    world = make_world(tmp_path, invoices={"watch": str(tmp_path / "nowhere")})
    assert run_once(world.desk, RunOptions()).exit_code is ExitCode.CONFIG
