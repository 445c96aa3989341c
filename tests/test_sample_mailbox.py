"""The sample mailbox that `firmly demo` shows: its mails are well formed, its story is consistent, its labels exist."""

import csv
import email
import json
import re
import tomllib
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from pathlib import Path

import pytest

from pipeline.config.load import load_client_files
from pipeline.domain.ledger import InvoiceStatus
from pipeline.domain.mail import SkipReason
from pipeline.resources import shipped

ROOT = Path(__file__).parent.parent / "fixtures" / "mailbox"
NOW = datetime.fromisoformat((ROOT / "now.txt").read_text(encoding="utf-8").strip())
PATHS = sorted(ROOT.glob("*/*.eml"), key=lambda path: path.name)
INBOX = [path for path in PATHS if path.parent.name == "inbox"]
EXPECTED = json.loads((ROOT / "expected.json").read_text(encoding="utf-8"))
INVOICE_NUMBER = re.compile(r"RV-\d{4}-\d{3}")


def parsed(path: Path) -> EmailMessage:
    """The mail as the stdlib reads it."""
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage) -> str:
    """The mail's words, quoted history included."""
    body = mail.get_body(("plain", "html"))
    return body.get_content() if body else ""


def day_of(mail: EmailMessage) -> datetime:
    """The Date header."""
    return datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z")


def ids_in(mail: EmailMessage, header: str) -> list[str]:
    """The message ids in a header."""
    return re.findall(r"<[^<>\s]+@[^<>\s]+>", mail.get(header, ""))


def ledger() -> list[dict[str, str]]:
    """The rows of the sample ledger."""
    with (ROOT / "invoices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_each_mail_is_well_formed(path: Path) -> None:
    """A mail with a broken part, a raw 8-bit header, a CR or a missing header would fail in the demo, not in its story."""
    raw = path.read_bytes()
    mail = parsed(path)
    defects = [d for part in mail.walk() for d in (*part.defects, *(d for v in part.values() for d in v.defects))]
    assert defects == []
    head = raw.split(b"\n\n", 1)[0]
    assert head.isascii()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert max(map(len, raw.split(b"\n"))) <= 998
    assert mail["From"]
    assert mail["To"]
    assert len(ids_in(mail, "Message-ID")) == 1
    assert text_of(mail).strip()


def test_message_ids_are_unique() -> None:
    """Two mails with one Message-ID would be stored as one."""
    ids = [parsed(path)["Message-ID"] for path in PATHS]
    assert len(set(ids)) == len(ids)


def test_names_sort_by_time_and_nothing_lies_in_the_future() -> None:
    """A UID order that differs from the Date order would make the wrong mail the newest of its thread."""
    dates = [day_of(parsed(path)) for path in PATHS]
    assert dates == sorted(dates)
    assert dates[-1] < NOW


def test_a_first_run_of_seven_days_sees_most_of_it() -> None:
    """A story that drifts into the past would leave the demo's first run with an empty queue."""
    recent = [path for path in INBOX if day_of(parsed(path)) >= NOW - timedelta(days=7)]
    assert len(recent) >= 22


def test_threads_hold_together() -> None:
    """A reply whose References do not end in its In-Reply-To, or that answers a later mail, would split its thread."""
    sent_at = {parsed(path)["Message-ID"]: day_of(parsed(path)) for path in PATHS}
    replies = [mail for mail in map(parsed, PATHS) if mail["In-Reply-To"]]
    assert len(replies) >= 10
    for mail in replies:
        parent = ids_in(mail, "In-Reply-To")
        assert parent == ids_in(mail, "References")[-1:]
        assert sent_at.get(parent[0], day_of(mail) - timedelta(1)) < day_of(mail)
    answered = {parent for mail in map(parsed, INBOX) for parent in ids_in(mail, "In-Reply-To")}
    assert len(answered & {parsed(path)["Message-ID"] for path in PATHS if path.parent.name == "sent"}) >= 5


def test_the_bounce_names_a_mail_that_was_sent() -> None:
    """A delivery report for an unknown mail could not be shown beside the mail that failed."""
    reports = [mail for mail in map(parsed, INBOX) if mail.get_content_type() == "multipart/report"]
    assert len(reports) == 1
    returned = reports[0].as_string()
    sent = [path.name for path in PATHS if path.parent.name == "sent" and parsed(path)["Message-ID"] in returned]
    assert len(sent) == 1


def test_no_domain_outside_the_reserved_ones() -> None:
    """A domain that somebody may own must not stand in a published sample."""
    for path in PATHS:
        mail = parsed(path)
        texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        words = " ".join([*texts, *(str(value) for value in mail.values())])
        hosts = re.findall(r"@([\w.-]+\w)|https?://([\w.-]+\w)", words)
        assert {host for pair in hosts for host in pair if host and not host.endswith(".example")} == set(), path.name


def test_senders_are_clients_or_expected_as_nobody() -> None:
    """A client file that misses one of its people would hide that person's mail from the demo."""
    files = {path.stem: file for path, file in load_client_files(ROOT / "clients")}
    assert len(files) == 7
    for path in INBOX:
        _, address = getaddresses([parsed(path)["From"]])[0]
        owners = [
            stem
            for stem, file in files.items()
            if address in file.client_addresses() or address.rpartition("@")[2] in file.domains
        ]
        client = EXPECTED[path.name]["client"]
        assert owners == ([client] if client else []), path.name


def test_owner_wrote_every_sent_mail() -> None:
    """A sent mail from another address would be read as a client's."""
    owner = tomllib.loads((ROOT / "owner.toml").read_text(encoding="utf-8"))
    senders = {parsed(path)["From"].addresses[0].addr_spec for path in PATHS if path.parent.name == "sent"}
    assert senders == {owner["email"]}


def test_expected_labels_exist() -> None:
    """A misspelt label in the gold would be counted as the judge's mistake."""
    taxonomy = tomllib.loads((shipped("prompts") / "taxonomy.toml").read_text(encoding="utf-8"))
    names = {kind: {label["name"] for label in taxonomy[kind]} for kind in ("tones", "intents", "behaviours")}
    assert set(EXPECTED) == {path.name for path in INBOX}
    for name, gold in EXPECTED.items():
        assert set(gold) == {"tone", "behaviours", "intent", "client", "screened", "alt", "note"}, name
        assert gold["tone"] in names["tones"], name
        assert gold["intent"] in names["intents"], name
        assert {*gold["behaviours"], *gold["alt"]} <= names["behaviours"], name
        assert not {*gold["behaviours"]} & {*gold["alt"]}, name
        assert gold["screened"] is None or SkipReason(gold["screened"]), name


def test_the_ledger_adds_up() -> None:
    """A status that contradicts the amounts would show strangers a wrong chase."""
    rows = ledger()
    assert list(rows[0]) == "number client_email issued due currency total paid paid_on status".split()
    known = {address for _, file in load_client_files(ROOT / "clients") for address in file.client_addresses()}
    for row in rows:
        total, paid, status = Decimal(row["total"]), Decimal(row["paid"]), InvoiceStatus(row["status"])
        assert date.fromisoformat(row["issued"]) < date.fromisoformat(row["due"])
        assert row["client_email"] in known
        assert bool(row["paid_on"]) == (paid > 0)
        assert (paid == total) == (status is InvoiceStatus.PAID)
        assert (0 < paid < total) == (status is InvoiceStatus.PARTIAL)
    overdue = [r for r in rows if date.fromisoformat(r["due"]) < NOW.date() and r["status"] in {"open", "partial"}]
    assert len(overdue) == 5


def test_mails_name_only_invoices_of_the_ledger() -> None:
    """A mail about an invoice that is not in the ledger, or is another client's, could not be matched."""
    owner_of = {row["number"]: row["client_email"].rpartition("@")[2] for row in ledger()}
    named = 0
    for mail in map(parsed, PATHS):
        people = " ".join(str(mail[header]) for header in ("From", "To") if mail[header])
        for number in INVOICE_NUMBER.findall(f"{mail['Subject']} {text_of(mail)}"):
            assert owner_of[number] in people
            named += 1
    assert named >= 15


def test_the_state_points_to_real_mail_and_invoices() -> None:
    """A ladder log about a mail that was never sent would let the demo skip the first reminder."""
    state = json.loads((ROOT / "state.json").read_text(encoding="utf-8"))
    sent = {parsed(path)["Message-ID"]: day_of(parsed(path)) for path in PATHS if path.parent.name == "sent"}
    for entry in state["ladder_log"]:
        assert sent[entry["message_id"]] == datetime.fromisoformat(entry["sent_at"])
        assert set(entry["invoices"]) <= {row["number"] for row in ledger()}
    assert NOW - datetime.fromisoformat(state["ledger_as_of"]) < timedelta(hours=24)
