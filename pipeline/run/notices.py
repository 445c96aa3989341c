"""After a run: a word to the owner that something new wants them. Counts, and no client's name, subject or words."""

import os
import signal
import subprocess
from contextlib import suppress

from pipeline.domain.ids import AccountId
from pipeline.domain.proposal import Addressing
from pipeline.errors import ExitCode, FirmlyError, UncertainDelivery
from pipeline.mail.compose import compose_reply, make_message_id
from pipeline.run.desk import Desk
from pipeline.run.report import RunReport
from pipeline.store import notices
from pipeline.store.notices import NoticeState, Untold

_AUTOMATIC = b"Auto-Submitted: auto-generated\r\n"
"""RFC 3834: nobody's vacation program answers it."""


def tell_owner(desk: Desk, report: RunReport) -> None:
    """Tell what is new and waits, by the ways of [notices]; nothing where nothing is new. Never fails the run.

    It is written down before it is told, so that a crash in between costs a notice and never doubles one. What failed for
    certain is told by the next run.
    """
    settings = desk.config.notices
    if not settings.notify and desk.post is None:
        return
    with desk.db.read() as tx:
        new, waiting = notices.untold(tx), notices.waiting(tx)
    if not new.replies and not new.matters:
        return
    with desk.db.write() as tx:
        notice = notices.add_notice(tx, new, now=desk.clock())
    sentence = in_words(new)
    told = [
        *([_call(desk, report, sentence)] if settings.notify else []),
        *([_mail(desk, report, sentence, waiting)] if desk.post is not None else []),
    ]
    with desk.db.write() as tx:
        notices.record_notice(tx, notice, NoticeState.TOLD if any(told) else NoticeState.FAILED)


def in_words(new: Untold) -> str:
    """What is new, in figures."""
    replies = f"{new.replies} {'reply' if new.replies == 1 else 'replies'} to approve" if new.replies else ""
    matters = f"{new.matters} {'matter' if new.matters == 1 else 'matters'} without a draft" if new.matters else ""
    return "Firmly: " + " and ".join(part for part in (replies, matters) if part)


def _call(desk: Desk, report: RunReport, sentence: str) -> bool:
    """Run the owner's command with the sentence as its last argument; False if it certainly told nothing."""
    settings = desk.config.notices
    try:
        process = subprocess.Popen(  # noqa: S603 the owner's own command, without a shell
            [*settings.notify, sentence],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        report.trouble(ExitCode.OK, f"[notices] notify: {settings.notify[0]} cannot be started ({error.strerror}).")
        return False
    try:
        code = process.wait(settings.timeout_s)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it started goes with it
        process.wait()
        report.trouble(
            ExitCode.OK,
            f"[notices] notify: {settings.notify[0]} took longer than {settings.timeout_s:g} s and was stopped.",
        )
    else:
        if code != 0:
            report.trouble(ExitCode.OK, f"[notices] notify: {settings.notify[0]} ended with code {code}.")
    return True


def _mail(desk: Desk, report: RunReport, sentence: str, waiting: int) -> bool:
    """Send one short mail from the owner to the owner; False if it certainly did not leave."""
    owner, account = desk.config.owner, desk.config.notices.mail
    if desk.post is None or account is None:
        return False
    to_oneself = Addressing(
        account_id=AccountId(account),
        from_email=owner.email,
        from_name="Firmly",
        to_email=owner.email,
        to_name=owner.name,
        subject=sentence,
    )
    body = f"{sentence}.\n\nIn all {waiting} wait. firmly review, or firmly serve, shows them.\n"
    message_id = make_message_id(owner.email.rpartition("@")[2])
    raw = _AUTOMATIC + compose_reply(to_oneself, body, message_id=message_id, date=desk.clock())
    try:
        with desk.post() as drop:
            drop.put(raw, message_id=message_id, sender=owner.email, recipients=(owner.email,))
    except FirmlyError as error:
        report.trouble(ExitCode.OK, f"[notices] mail: {error.message}")
        return isinstance(error, UncertainDelivery)
    return True
