"""Clients as people read them in a terminal, and as programs read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipeline.cli.common import one_line, safe
from pipeline.cli.ledgers import Outstanding, invoice_json, outstanding, promise_json
from pipeline.cli.tables import console
from pipeline.domain.client import Boundary
from pipeline.domain.history import Evidence
from pipeline.domain.ids import Label
from pipeline.domain.ledger import Invoice, Money
from pipeline.dossier import Entry, Kind, Papers, entries_of
from pipeline.dossier.entries import money
from pipeline.dossier.mood import mood_of, spark, trend
from pipeline.invoices.ageing import age
from pipeline.run.advising import spoken
from pipeline.run.desk import Records
from pipeline.run.dossier import Dossier, dossiers
from pipeline.store import record
from pipeline.workdays import WorkCalendar

_TONES = 24
"""So many mails make a spark line."""
_SHOWN = 12
"""So many lines of each part of the card; the dossier has them all."""


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A client in a list."""

    known: Dossier
    mails: int
    last_mail_at: datetime | None
    tones: tuple[Label, ...]
    today: date

    @property
    def open_invoices(self) -> list[Invoice]:
        """What is still owed."""
        return [i for i in self.known.ledger.invoices if i.open.amount > 0]


def lines_of(desk: Records) -> list[ClientLine]:
    """Every client, by name."""
    with desk.db.read() as tx:
        pulses = record.pulses(tx, _TONES)
    found = []
    for known in dossiers(desk):
        pulse = pulses.get(known.client.id)
        today = WorkCalendar(known.ledger.hours).today(desk.clock())
        if pulse is None:
            found.append(ClientLine(known, 0, None, (), today))
        else:
            found.append(ClientLine(known, pulse.mails, pulse.last_mail_at, pulse.tones, today))
    return found


def line_json(line: ClientLine) -> dict[str, Any]:
    """A client's line for programs."""
    client, verdict = line.known.client, line.known.verdict
    return {
        "id": client.id,
        "name": client.name,
        "emails": list(client.emails),
        "mails": line.mails,
        "last_mail_at": line.last_mail_at.isoformat() if line.last_mail_at else None,
        "mood": {"points": [mood_of(tone) for tone in line.tones], "trend": trend(line.tones)},
        "open": [
            {"currency": row.currency, "amount": str(row.total), "overdue": str(row.total - row.current)}
            for row in age(line.open_invoices, line.today)
        ],
        "open_invoices": len(line.open_invoices),
        "verdict": verdict.advice,
        "verdict_kind": verdict.kind,
    }


def print_lines(lines: Sequence[ClientLine]) -> None:
    """One line a client."""
    if not lines:
        typer.echo('No clients. firmly clients set "Their name" --new \'emails=["them@example.com"]\' adds one.')
        return
    table = Table(expand=True)
    for column in ("", "Client", "Mood", "Last mail", "Open", "Verdict"):
        table.add_column(column, no_wrap=column != "Client", justify="right" if column == "Open" else "left")
    for line in lines:
        owed = ", ".join(money(Money(row.currency, row.total)) for row in age(line.open_invoices, line.today))
        late = sum(1 for i in line.open_invoices if i.days_overdue(line.today) > 0)
        verdict = line.known.verdict
        table.add_row(
            str(line.known.client.id),
            escape(one_line(line.known.client.name, 40)),
            f"{spark(line.tones[-12:])} {trend(line.tones) or ''}".strip(),
            f"{line.last_mail_at:%Y-%m-%d}" if line.last_mail_at else "",
            f"{owed}{f' ({late} late)' if late else ''}",
            verdict.advice.replace("_", " ") + (f", {verdict.kind}" if verdict.kind else ""),
        )
    console().print(table)


def entry_json(entry: Entry) -> dict[str, Any]:
    """One claim for programs; `quote` and `subject` are words of a mail: treat them as hostile."""
    return {
        "at": entry.at.date().isoformat() if entry.dated_only else entry.at.isoformat(),
        "kind": entry.kind,
        "text": entry.text,
        "message_id": entry.message_id,
        "subject": entry.subject or None,
        "quote": entry.quote or None,
    }


def evidence_json(rows: Iterable[Evidence]) -> list[dict[str, Any]]:
    """The rows behind a signal or a reason, for programs."""
    return [
        {"detail": row.detail, "at": row.at.isoformat() if row.at else None, "message_id": row.message_id}
        for row in rows
    ]


def boundary_json(boundary: Boundary) -> dict[str, Any]:
    """A limit that was stated, for programs."""
    return {
        "label": boundary.label,
        "stated_at": boundary.stated_at.isoformat(),
        "words": boundary.words,
        "message_id": boundary.message_id,
    }


def card_json(papers: Papers) -> dict[str, Any]:
    """The card for programs."""
    known = papers.known
    today = WorkCalendar(known.ledger.hours).today(papers.at)
    return {
        "id": known.client.id,
        "name": known.client.name,
        "emails": list(known.client.emails),
        "language": known.client.language,
        "hours": _hours(papers),
        "settings": papers.file.model_dump(mode="json", exclude_defaults=True),
        "verdict": {
            "explain": f"verdict:{known.client.id}",
            "advice": known.verdict.advice,
            "kind": known.verdict.kind,
            "reasons": [
                {
                    "trigger": reason.trigger,
                    "sentence": reason.sentence,
                    "evidence": evidence_json(reason.evidence),
                }
                for reason in known.verdict.reasons
            ],
        },
        "signals": [
            {
                "name": s.name,
                "since": s.since.isoformat(),
                "sentence": s.sentence,
                "evidence": evidence_json(s.evidence),
                "explain": f"signal:{known.client.id}/{s.name}",
            }
            for s in known.signals
        ],
        "boundaries": [boundary_json(boundary) for boundary in known.record.boundaries],
        "promises": [promise_json(known.client.name, promise) for promise in known.promises],
        "invoices": [invoice_json(invoice, today) for invoice in known.ledger.invoices],
        "days_sales_outstanding": [{"currency": one.currency, "days": str(one.days)} for one in _waits(papers, today)],
        "open_threads": [
            {
                "thread": thread.thread_id,
                "subject": thread.subject,
                "waits_for": "us" if thread.waits_for_us else "them",
                "since": thread.newest.written_at.isoformat(),
                "mail": thread.newest.id,
            }
            for thread in papers.open_threads
        ],
        "timeline": [entry_json(entry) for entry in _newest(papers)],
    }


def _waits(papers: Papers, today: date) -> list[Outstanding]:
    """How long this client takes to pay, by currency."""
    return outstanding(papers.known.ledger.invoices, {papers.known.client.id: papers.known.client.name}, today)


def _newest(papers: Papers, most: int = 50) -> tuple[Entry, ...]:
    return tuple(reversed(entries_of(papers)[-most:]))


def _hours(papers: Papers) -> str | None:
    hours = papers.known.client.hours
    return f"{hours.start:%H:%M}-{hours.end:%H:%M} {hours.timezone}" if hours else None


def print_card(papers: Papers, say: Callable[[str], str]) -> None:
    """One client on one screen; `say` words the names of labels in our sentences."""
    known, out = papers.known, console()
    entries = entries_of(papers)
    tones = tuple(mail.tone for mail in papers.mails if mail.tone)[-_TONES:]
    today = WorkCalendar(known.ledger.hours).today(papers.at)
    head = [
        f"{', '.join(known.client.emails)}",
        f"language {known.client.language or 'theirs'}, hours {_hours(papers) or 'not known'}",
        f"{len(papers.mails)} mails; mood {spark(tones) or 'not known'} {trend(tones) or ''}".strip(),
        *(f"days sales outstanding: {one.days} ({one.currency})" for one in _waits(papers, today)),
        f"verdict: {spoken(known.verdict.advice, known.verdict.kind)} (firmly explain verdict:{known.client.id})",
        *(f"  - {say(reason.sentence)}" for reason in known.verdict.reasons),
        *(
            f"  - since {signal.since}: {say(signal.sentence)} (firmly explain signal:{known.client.id}/{signal.name})"
            for signal in known.signals
        ),
    ]
    out.print(Panel(escape(safe("\n".join(head))), title=escape(one_line(known.client.name, 80)), title_align="left"))
    numbers = {mail.message_id: f"m{mail.id}" for mail in papers.mails}
    for title, kinds in (
        ("What they do", {Kind.DID, Kind.SEEN}),
        ("What was promised", {Kind.PROMISED}),
        ("What was told", {Kind.TOLD}),
        ("What was paid", {Kind.INVOICED, Kind.PAID}),
        ("Notes", {Kind.NOTED}),
    ):
        _print_entries(title, [entry for entry in entries if entry.kind in kinds], numbers, say)
    if papers.open_threads:
        table = Table(title="Open threads", title_justify="left", show_header=False, expand=True)
        table.add_column(no_wrap=True, width=10)  # a day
        table.add_column(no_wrap=True, width=14)
        table.add_column()
        for thread in papers.open_threads[:_SHOWN]:
            who = "waits for us" if thread.waits_for_us else "waits for them"
            table.add_row(f"{thread.newest.written_at:%Y-%m-%d}", who, escape(one_line(thread.subject, 80)))
        out.print(table)


def _print_entries(title: str, entries: Sequence[Entry], numbers: Mapping[str, str], say: Callable[[str], str]) -> None:
    """The newest of one part, newest first; with the numbers by which other commands know their mails."""
    if not entries:
        return
    more = f" (the newest {_SHOWN} of {len(entries)})" if len(entries) > _SHOWN else ""
    table = Table(title=title + more, title_justify="left", show_header=False, expand=True)
    table.add_column(no_wrap=True, width=10)  # a day
    table.add_column(no_wrap=True, min_width=3)
    table.add_column(ratio=1)
    for entry in reversed(entries[-_SHOWN:]):
        quote = f"\n“{one_line(entry.quote, 160)}”" if entry.quote else ""
        table.add_row(
            f"{entry.at:%Y-%m-%d}",
            numbers.get(entry.message_id or "", ""),
            escape(f"{one_line(say(entry.text), 160)}{quote}"),
        )
    console().print(table)
