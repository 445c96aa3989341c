"""The stages of one mail: what is due is taken, worked on outside, and written inside one short transaction."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from pipeline.clients import recognise_client
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.ids import ClientId
from pipeline.domain.mail import Direction, Message, Pass, Screening, Skip, SkipReason
from pipeline.errors import BadAnswer, ConfigError, CredentialsError, EndpointFailed, FirmlyError, TemporaryError
from pipeline.parse import parse_message
from pipeline.run.context import context_of, message_of, roster_of
from pipeline.run.desk import Desk
from pipeline.run.observe import observe_sent
from pipeline.run.report import RunReport
from pipeline.screen import screen_message
from pipeline.store import attention, llm_calls, mails, steps, threads
from pipeline.store.codec import dump
from pipeline.store.mails import MailRow
from pipeline.store.steps import StepState
from pipeline.thread import base_subject, is_reply_subject, thread_ids

STAGES = ("parse", "place", "screen", "classify", "decide", "draft")
"""In the order of the road. `place` finds client and thread."""

_NOT_THE_MAILS_FAULT = (TemporaryError, CredentialsError, ConfigError)
"""What is wrong with the endpoint, the key or the config: the mail is due again as soon as that is mended."""

_TRIES = 3
_SUBJECT_DAYS = timedelta(days=60)
_BACKOFF = timedelta(minutes=10)
_FEW = 50


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a mail belongs."""

    client_id: ClientId | None
    thread_id: int


def before(stage: str) -> str | None:
    """The stage that must be done first."""
    index = STAGES.index(stage)
    return STAGES[index - 1] if index else None


def each_due(
    desk: Desk,
    stage: str,
    report: RunReport,
    work: Callable[[MailRow], None],
    *,
    limit: int | None = None,
) -> None:
    """Call `work` for every mail that is due; a mail that fails is put aside and the rest goes on."""
    done = 0
    tried: set[int] = set()
    while limit is None or done < limit:
        with desk.db.read() as tx:
            batch = [row for row in steps.due(tx, stage, before(stage), desk.clock()) if row.id not in tried]
        if not batch:
            return
        for row in batch[: None if limit is None else limit - done]:
            tried.add(row.id)
            done += 1
            try:
                work(row)
            except FirmlyError as error:
                put_aside(desk, row, stage, report, error)
                if isinstance(error, _NOT_THE_MAILS_FAULT):
                    return
            except Exception as error:  # noqa: BLE001 one mail's bug must not stop the others; it is reported, with exit code 1
                put_aside(desk, row, stage, report, error)


def put_aside(desk: Desk, row: MailRow, stage: str, report: RunReport, error: Exception) -> None:
    """Write down that a step failed: to be tried again, or parked for a person."""
    now = desk.clock()
    with desk.db.write() as tx:
        tries = steps.attempts(tx, row.id, stage) + 1
        expected = isinstance(error, FirmlyError)
        problem = error.message if isinstance(error, FirmlyError) else f"a bug ({type(error).__name__})"
        temporary = isinstance(error, _NOT_THE_MAILS_FAULT)
        if temporary or (not expected and tries < _TRIES):
            pause = timedelta(0) if temporary else _BACKOFF
            steps.record(tx, row.id, stage, StepState.RETRY, now=now, problem=problem, not_before=now + pause)
        else:
            park(tx, row, stage, problem, now)
            report.parked += 1
    if isinstance(error, FirmlyError):
        if not isinstance(error, BadAnswer):
            report.trouble(error.exit_code, _sentence(error))
    else:
        report.bug(error, f"Mail {row.id} met a bug in the stage {stage} ({type(error).__name__}); the rest went on.")


def park(tx: Connection, row: MailRow, stage: str, problem: str, now: datetime) -> None:
    """Give a mail to a person."""
    steps.record(tx, row.id, stage, StepState.PARKED, now=now, problem=problem)
    attention.raise_attention(
        tx,
        "parked",
        f"Mail {row.id} stopped at {stage}: {problem}",
        now=now,
        mail_id=row.id,
        client_id=row.client_id,
    )


def _sentence(error: FirmlyError) -> str:
    return f"{error.message} {error.fix}".strip()


def parse_due(desk: Desk, report: RunReport) -> None:
    """Bytes → Message."""

    def work(row: MailRow) -> None:
        with desk.db.read() as tx:
            raw = mails.raw_of(tx, row.id)
        if raw is None:
            raise BadAnswer("its bytes are no longer kept ([store] keep_raw_days).")
        message = parse_message(raw, truncated=row.truncated)
        with desk.db.write() as tx:
            steps.record(tx, row.id, "parse", StepState.DONE, now=desk.clock(), output=dump(Message, message))
        report.parsed += 1

    each_due(desk, "parse", report, work)


def place_due(desk: Desk, report: RunReport) -> None:
    """Message → client and thread."""
    with desk.db.read() as tx:
        roster = roster_of(tx, desk.config.owner)

    def work(row: MailRow) -> None:
        now = desk.clock()
        with desk.db.write() as tx:
            message = message_of(tx, row.id)
            if message is None:
                raise BadAnswer("it was never parsed.")
            client_id = recognise_client(message, roster, row.direction)
            mails.record_client(tx, row.id, client_id)
            ids = thread_ids(message) or (f"<mail-{row.id}@firmly.invalid>",)
            subject = base_subject(message.subject)
            fallback = None
            if client_id is not None and subject and is_reply_subject(message.subject) and len(ids) == 1:
                fallback = threads.by_subject(tx, client_id, subject, row.written_at - _SUBJECT_DAYS)
            thread_id = threads.place(tx, row.id, ids, subject, fallback)
            steps.record(
                tx, row.id, "place", StepState.DONE, now=now, output=dump(Placed, Placed(client_id, thread_id))
            )

    each_due(desk, "place", report, work)


def screen_due(desk: Desk, report: RunReport) -> None:
    """Message → Pass, or Skip with its reason. What a skipped mail says of our own mail goes on from here."""

    def work(row: MailRow) -> None:
        now = desk.clock()
        with desk.db.write() as tx:
            message = message_of(tx, row.id)
            if message is None:
                raise BadAnswer("it was never parsed.")
            screening = _screen(row, message, desk)
            stopped = isinstance(screening, Skip)
            steps.record(
                tx,
                row.id,
                "screen",
                StepState.STOPPED if stopped else StepState.DONE,
                now=now,
                output=dump(Screening, screening),
            )
            if row.direction is Direction.OUTBOUND:
                report.withdrawn += observe_sent(tx, row, message, now)
            if isinstance(screening, Skip) and screening.reason is SkipReason.OVER_LIMIT:
                park(tx, row, "screen", screening.because, now)
                report.parked += 1
        report.skipped += stopped

    each_due(desk, "screen", report, work)


def _screen(row: MailRow, message: Message, desk: Desk) -> Screening:
    if row.direction is Direction.OUTBOUND:
        return Skip(SkipReason.OWN_MAIL, "written by the owner")
    screening = screen_message(message, own_emails=desk.config.owner.emails())
    if isinstance(screening, Pass) and row.client_id is None and desk.config.clients.unknown_senders == "ignore":
        return Skip(SkipReason.STRANGER, "no client has this address, and [clients] unknown_senders is ignore")
    return screening


def classify_due(desk: Desk, report: RunReport, limit: int | None = None) -> None:
    """Message → Assessment. Judges work side by side; their results are committed one by one, in this thread.

    No more mails are under way than the judge takes at once, so a crash costs no more answers than that.
    """
    running: dict[Future[Assessment], MailRow] = {}
    in_order = True
    with ThreadPoolExecutor(max_workers=desk.in_flight, thread_name_prefix="judge") as pool:
        for row, message, context in islice(_to_judge(desk), limit):
            while len(running) >= desk.in_flight:
                in_order = _take_finished(desk, running, report) and in_order
            if not in_order:
                break  # endpoint, key or config: the other mails would fare no better
            running[pool.submit(desk.judge.judge, message, context)] = row
        while running:
            _take_finished(desk, running, report)


def _to_judge(desk: Desk) -> Iterator[tuple[MailRow, Message, Context]]:
    """The mails that are due, each once, oldest first; read a few at a time, so that a long queue needs little memory."""
    taken: set[int] = set()
    while True:
        with desk.db.read() as tx:
            due = steps.due(tx, "classify", "screen", desk.clock(), limit=2 * _FEW + desk.in_flight)
            batch = [row for row in due if row.id not in taken][:_FEW]
            inputs = [(row, message_of(tx, row.id), context_of(tx, row)) for row in batch]
        if not inputs:
            return
        for row, message, context in inputs:
            taken.add(row.id)
            if message is not None:
                yield row, message, context


def _take_finished(desk: Desk, running: dict[Future[Assessment], MailRow], report: RunReport) -> bool:
    """Wait for one answer at least, and write down all that are there; False if the judge is out of order."""
    finished, _ = wait(running, return_when=FIRST_COMPLETED)
    written = [_write_down(desk, running.pop(future), future, report) for future in finished]
    return all(written)


def _write_down(desk: Desk, row: MailRow, future: Future[Assessment], report: RunReport) -> bool:
    """Commit one answer, or put its mail aside; False if what failed was not the mail's fault."""
    try:
        assessment = future.result()
    except Exception as error:  # noqa: BLE001 put_aside reports it; one mail's bug must not stop the others
        found = _whose_fault(desk, row, error) if isinstance(error, EndpointFailed) else error
        put_aside(desk, row, "classify", report, found)
        return not isinstance(found, _NOT_THE_MAILS_FAULT)
    with desk.db.write() as tx:
        steps.record(
            tx,
            row.id,
            "classify",
            StepState.DONE,
            now=desk.clock(),
            output=dump(Assessment, assessment),
            fingerprint=desk.judge.fingerprint,
        )
    report.judged += 1
    report.stood_in += assessment.fallback_because is not None
    return True


def _whose_fault(desk: Desk, row: MailRow, error: EndpointFailed) -> FirmlyError:
    """The mail's, if the endpoint failed on it time and again and answered others in between; else an outage."""
    with desk.db.read() as tx:
        last = next((step for step in steps.steps_of(tx, row.id) if step.stage == "classify"), None)
        if last is None or last.attempts + 1 < _TRIES or not llm_calls.any_used_since(tx, "classify", last.updated_at):
            return error
    return BadAnswer(f"The model endpoint answers other mails and failed on this one {_TRIES} times: {error.message}")
