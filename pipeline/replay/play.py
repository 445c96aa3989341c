"""Read a history directory into a temporary store and run the real stages over it."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from pipeline.config.models import Clients, Config, FolderAccount, Run, Store
from pipeline.domain.client import Incident
from pipeline.domain.ids import Label, MailId, UntrustedText
from pipeline.domain.mail import Direction
from pipeline.domain.proposal import AttentionItem, Proposal
from pipeline.domain.verdict import Advice
from pipeline.invoices.importers import read_ledger
from pipeline.mail.headers import header_of
from pipeline.parse import parse_message
from pipeline.replay.directory import HistoryDirectory, MailFile, read_directory
from pipeline.replay.drafts import Fate, Fated, look_again
from pipeline.replay.labelled import LabelledJudge
from pipeline.review import waiting
from pipeline.run.bookkeeping import book_chases, book_ledger, compare_ledger
from pipeline.run.chases import settings_of
from pipeline.run.chasing import chase_due
from pipeline.run.context import message_of
from pipeline.run.desk import Desk
from pipeline.run.dossier import Dossier, dossiers
from pipeline.run.loop import backfill, fetch_all, work_through
from pipeline.run.remember import remember_sent
from pipeline.run.report import RunReport
from pipeline.signals.wording import sentences_of
from pipeline.store import clients, mails, memory
from pipeline.store.database import Database

ACCOUNT = "history"
_DAYS = 3650
"""So far back mail is read."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Replay:
    """What Firmly would have seen and said at `now`."""

    now: datetime
    dossiers: tuple[Dossier, ...]
    """Most at stake first."""
    drafts: tuple[Fated, ...]
    proposals: tuple[Proposal, ...]
    attention: tuple[AttentionItem, ...]
    warnings: tuple[str, ...]


Build = Callable[[Config, Callable[[], datetime]], Desk]
"""`pipeline.app.build_desk`: a run's parts from a config and a clock."""


def replay_history(path: Path, build: Build, now: datetime | None = None) -> Replay:
    """Replay a history directory as of `now` (aware; None: its own `now.txt`). Nothing in the directory is changed.

    Mail older than a first run would read is remembered and not answered, as `firmly backfill` does. Raises InputError
    for files that cannot be read.
    """
    history = read_directory(path, now)
    with tempfile.TemporaryDirectory(prefix="firmly-replay-") as place:
        return _replay(history, Path(place), build)


def _replay(history: HistoryDirectory, place: Path, build: Build) -> Replay:
    _copy(history, place / "mail")
    desk = build(_config(history, place), lambda: history.now)
    judge = LabelledJudge(desk.judge, history.labels, desk.playbook.taxonomy)
    desk = replace(desk, judge=judge)
    try:
        warnings = [*history.warnings, *_fill(desk.db, history)]
        report = backfill(desk, _DAYS)
        fetch_all(desk, report, allow_many=True)
        work_through(desk, report, None)
        _confirm(desk, judge, history)
        remember_sent(desk)
        chase_due(desk, report)
        _raise_bugs(report)
        found = tuple(sorted(dossiers(desk), key=lambda d: _stake(d, history.now.date()), reverse=True))
        fated = tuple(look_again(d, found, settings_of(desk), history.now) for d in history.drafts)
        inbox = waiting(desk.db)
        return Replay(
            now=history.now,
            dossiers=found,
            drafts=fated,
            proposals=_new(inbox.proposals, fated),
            attention=inbox.attention,
            warnings=(*warnings, *report.troubles, *_unknown_labels(judge, history)),
        )
    finally:
        desk.db.close()


def _copy(history: HistoryDirectory, box: Path) -> None:
    """The mails into a mailbox directory of our own, under names that keep equal ones apart."""
    for role, files in (("inbox", history.inbox), ("sent", history.sent)):
        if role == "inbox" or files is not None:
            (box / role).mkdir(parents=True)
        for file in files or ():
            shutil.copy2(file.path, box / role / f"{file.path.stem}.eml")


def _config(history: HistoryDirectory, place: Path) -> Config:
    (place / "clients").mkdir()
    account = FolderAccount(kind="folder", id=ACCOUNT, path=place / "mail", authserv_id=_own_server(history.inbox))
    return Config(
        owner=history.owner,
        accounts=(account,),
        clients=Clients(dir=place / "clients"),
        store=Store(path=place / "store.sqlite3", keep_raw_days=_DAYS),
        run=Run(first_days=7),
    )


def _own_server(inbox: Iterable[MailFile]) -> str | None:
    """The server that wrote the topmost Authentication-Results of most mails: nothing that a sender writes stands there."""
    names: Counter[str] = Counter()
    for file in inbox:
        results = parse_message(header_of(file.path.read_bytes())).authentication_results
        words = results[0].partition(";")[0].split() if results else []
        names.update(words[:1])
    return min(names, key=lambda name: (-names[name], name)) if names else None


def _fill(db: Database, history: HistoryDirectory) -> list[str]:
    """Clients, ledger and what was sent on the ladder."""
    now = history.now
    with db.write() as tx:
        for file in history.clients:
            clients.keep(tx, file, now)
    if history.invoices is None:
        return []
    booking = compare_ledger(db, read_ledger(history.invoices, file_name="invoices.csv"))
    problems = [
        f"invoices.csv: {one}" for one in (*booking.read.problems, *(q.message for q in booking.read.questions))
    ]
    if not booking.read.questions:
        as_of = history.ledger_as_of or now
        book_ledger(
            db, booking, history.invoices, source="invoices.csv", now=now, as_of=as_of, even_contradictions=True
        )
        book_chases(db, history.ladder_log)
    return problems


def _confirm(desk: Desk, judge: LabelledJudge, history: HistoryDirectory) -> None:
    """The labels that a person confirmed become incidents."""
    with desk.db.write() as tx:
        for message_id, given in sorted(history.labels.items()):
            row = mails.mail_by_message_id(tx, message_id)
            if row is None or row.client_id is None or row.direction is Direction.OUTBOUND:
                continue
            first = _first_words(tx, row.id)
            for label in (*judge.behaviours(given), *judge.intents(given)):
                quote = UntrustedText(given.quotes.get(label, first))
                incident = Incident(Label(label), row.written_at, message_id, quote)
                memory.record_incident(
                    tx, row.client_id, incident, confirmed=True, actor="labels.json", now=desk.clock()
                )


def _first_words(tx: Connection, mail_id: MailId) -> str:
    message = message_of(tx, mail_id)
    return " ".join(sentences_of(message.newest)[:1])[:_LONGEST] if message else ""


def _raise_bugs(report: RunReport) -> None:
    """In a replay nobody waits for the next run: a bug is told at once."""
    if report.bugs:
        raise report.bugs[0]


def _unknown_labels(judge: LabelledJudge, history: HistoryDirectory) -> tuple[str, ...]:
    """Labels that nobody defined: left out, and told."""
    behaviours = {name for rule in judge.taxonomy.behaviours for name in (rule.name, *rule.was)}
    intents = {name for rule in judge.taxonomy.intents for name in (rule.name, *rule.was)}
    return tuple(
        f"labels.json: {message_id} has {word!r}, which is no label of the taxonomy."
        for message_id, given in sorted(history.labels.items())
        for words, known in ((given.behaviours, behaviours), (given.intents, intents))
        for word in words
        if word not in known
    )


def _stake(dossier: Dossier, today: date) -> tuple[object, ...]:
    """What is owed and late, what is owed, how severe it is, how much was written."""
    invoices = dossier.ledger.invoices
    late = sum(i.open.amount for i in invoices if i.days_overdue(today) > 0)
    owed = sum(i.open.amount for i in invoices)
    severity = tuple(Advice).index(dossier.verdict.advice)
    return late, owed, severity, len(dossier.history.turns), dossier.client.name


def _new(proposals: tuple[Proposal, ...], fated: tuple[Fated, ...]) -> tuple[Proposal, ...]:
    """What is proposed beside the drafts that stay."""
    kept = [f.draft for f in fated if f.fate in {Fate.KEEP, Fate.ALERT}]
    numbers = {number for draft in kept for number in draft.invoices if draft.step}
    answered = {draft.in_reply_to for draft in kept if draft.in_reply_to}

    def stands(proposal: Proposal) -> bool:
        facts = proposal.strategy.facts
        chased = proposal.strategy.step is not None and facts and {f.number for f in facts.invoices} & numbers
        return bool(chased) or proposal.addressing.in_reply_to in answered

    return tuple(p for p in proposals if not stands(p))
