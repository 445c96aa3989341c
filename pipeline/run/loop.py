"""One run, from the mailbox to the queue and on to delivery."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pipeline.deliver import deliver_approved
from pipeline.domain.ids import ProposalId
from pipeline.errors import BusyError, ExitCode, FirmlyError, StateError, TemporaryError
from pipeline.run.advising import advise_due
from pipeline.run.chasing import chase_due, not_yet, still_right
from pipeline.run.context import roster_of
from pipeline.run.desk import Desk
from pipeline.run.dossier import dossiers
from pipeline.run.fetch import FetchRules, backfill_mail, fetch_mail
from pipeline.run.lock import run_lock
from pipeline.run.notices import tell_owner
from pipeline.run.preventing import prevent_due
from pipeline.run.proposing import decide_due, draft_due
from pipeline.run.remember import remember_sent
from pipeline.run.report import RunReport
from pipeline.run.stages import classify_due, parse_due, place_due, screen_due
from pipeline.run.watching import watch_due
from pipeline.store import attention, changes, llm_calls, mails, queue, runs
from pipeline.store.verdicts import changed_since


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asks for."""

    limit: int | None = None
    """Judge at most so many mails."""
    allow_many: bool = False
    deliver: bool = True
    fetch: bool = True


Progress = Callable[[str], None]
"""Called with the name of each stage as it begins."""


def run_once(desk: Desk, options: RunOptions, progress: Progress = lambda _: None) -> RunReport:
    """Do all due work, once. Expected failures are in the report; a bug in one mail does not stop the others."""
    report = RunReport()
    started, calls_before = desk.clock(), newest_call(desk)
    if options.fetch:
        progress("fetch")
        fetch_all(desk, report, allow_many=options.allow_many)
    work_through(desk, report, options.limit, progress)
    remember_sent(desk)
    progress("ledger")
    watch_due(desk, report)
    progress("chase")
    chase_due(desk, report)
    if report.fetched or _news_since_last_run(desk):
        found = dossiers(desk)  # reads every client's history: once a day, and when something came or was changed
        prevent_due(desk, report, found)
        advise_due(desk, report, found)
    if options.deliver:
        progress("deliver")
        deliver_all(desk, report)
        progress("notices")
        tell_owner(desk, report)
    keep_house(desk)
    report.calls = newest_call(desk) - calls_before
    with desk.db.write() as tx:
        runs.add_run(tx, started, desk.clock(), report.exit_code, report.counts())
    return report


def newest_call(desk: Desk) -> int:
    """The number of the newest request to the endpoint, so that a run can say how many it made."""
    with desk.db.read() as tx:
        return llm_calls.newest_call(tx)


def work_through(desk: Desk, report: RunReport, limit: int | None, progress: Progress = lambda _: None) -> None:
    """Every stage after fetch, in order."""
    for name, stage in (
        ("parse", parse_due),
        ("place", place_due),
        ("screen", screen_due),
        ("classify", lambda desk, report: classify_due(desk, report, limit)),
        ("decide", decide_due),
        ("draft", draft_due),
    ):
        progress(name)
        stage(desk, report)
    with desk.db.read() as tx:
        sleeping = queue.due_to_wake(tx, desk.clock()) or attention.due_to_wake(tx, desk.clock())
    if sleeping:
        with desk.db.write() as tx:
            changes.wake(tx, desk.clock())
            attention.wake(tx, desk.clock())


def fetch_all(desk: Desk, report: RunReport, *, allow_many: bool = False) -> None:
    """Fetch every account; one that fails does not keep the others from being read."""
    run = desk.config.run
    rules = FetchRules(
        since=(desk.clock() - timedelta(days=run.first_days)).date(),
        max_new=None if allow_many else run.max_new,
        triage_strangers=desk.config.clients.unknown_senders == "triage",
    )
    with desk.db.read() as tx:
        roster = roster_of(tx, desk.config.owner)
    for mailbox in desk.mailboxes.values():
        try:
            with mailbox.source() as source:
                count = fetch_mail(desk.db, mailbox.id, source, roster, rules, desk.clock)
        except FirmlyError as error:
            report.trouble(error.exit_code, f"{mailbox.id}: {error.message} {error.fix}".strip())
        else:
            report.listed += count.listed
            report.fetched += count.new


def backfill(desk: Desk, days: int, progress: Progress = lambda _: None) -> RunReport:
    """Bring older mail into memory, judged and never answered."""
    report, calls_before = RunReport(), newest_call(desk)
    with desk.db.read() as tx:
        roster = roster_of(tx, desk.config.owner)
    today = desk.clock()
    rules = FetchRules(
        since=(today - timedelta(days=days)).date(),
        max_new=None,
        triage_strangers=desk.config.clients.unknown_senders == "triage",
        until=(today - timedelta(days=desk.config.run.first_days)).date(),
    )
    progress("fetch")
    for mailbox in desk.mailboxes.values():
        with mailbox.source() as source:
            count = backfill_mail(desk.db, mailbox.id, source, roster, rules, desk.clock)
        report.listed += count.listed
        report.fetched += count.new
    work_through(desk, report, None, progress)
    report.calls = newest_call(desk) - calls_before
    return report


def deliver_all(desk: Desk, report: RunReport) -> None:
    """Approved → Drafts or SMTP."""
    delivery = deliver_approved(
        desk.db,
        lambda account: desk.mailboxes[account].drop(),
        desk.clock,
        still_right=lambda proposal: still_right(desk, proposal),
        not_yet=lambda proposal, sends: not_yet(desk, proposal, sends=sends),
    )
    report.delivered += len(delivery.delivered)
    report.attention += len(delivery.uncertain)
    for error in delivery.troubles:
        report.failure(error)
        if isinstance(error, StateError):
            report.codes.add(ExitCode.PARKED)  # to a run it is no wrong usage: it wants a person


def _news_since_last_run(desk: Desk) -> bool:
    """Whether it is the first run of this day of the owner's, or somebody changed the memory since the last one."""
    zone = desk.config.owner.hours().timezone
    with desk.db.read() as tx:
        last = next(iter(runs.newest(tx, 1)), None)
        if last is None or last.finished_at.astimezone(zone).date() < desk.clock().astimezone(zone).date():
            return True
        return changed_since(tx, last.finished_at)


def keep_house(desk: Desk) -> int:
    """Drop raw mail older than [store] keep_raw_days, and what models answered about it; gives how many mails' bytes went."""
    before = desk.clock() - timedelta(days=desk.config.store.keep_raw_days)
    with desk.db.read() as tx:
        if not mails.has_raws_before(tx, before):
            return 0
    with desk.db.write() as tx:
        llm_calls.forget_answers(tx, before)
        return mails.forget_raws(tx, before)


def deliver_one(desk: Desk, proposal_id: ProposalId) -> FirmlyError | None:
    """Deliver one approved proposal now; gives what did not work (it stays approved, and the next run tries again).

    Under the run's lock: two hands on one approved reply could each find the other's half-done delivery and repeat it.
    """
    try:
        with run_lock(desk.db.path):
            delivery = deliver_approved(
                desk.db,
                lambda account: desk.mailboxes[account].drop(),
                desk.clock,
                still_right=lambda proposal: still_right(desk, proposal),
                not_yet=lambda proposal, sends: not_yet(desk, proposal, sends=sends),
                only=proposal_id,
            )
    except BusyError:
        return BusyError("A run is active; it, or the next one, delivers what you approved.")
    if delivery.waiting:
        return TemporaryError(f"It is approved and waits: {delivery.waiting[0][1]}", fix="A later run delivers it.")
    return next(iter(delivery.troubles), None)
