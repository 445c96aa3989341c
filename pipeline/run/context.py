"""What is known of a mail and its client, read from the store for a judge, a decision or a page."""

from dataclasses import replace

from sqlalchemy import Connection

from pipeline.clients import Roster
from pipeline.config.models import Owner
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context, EarlierMail
from pipeline.domain.ids import MailId
from pipeline.domain.mail import Direction, Message
from pipeline.store import clients, ledger, memory, steps, threads
from pipeline.store.codec import load
from pipeline.store.mails import MailRow

TURNS = 8
"""So many earlier mails of the thread are looked at."""
_EXAMPLES = 2
"""So many labels that a person struck, and as many that they confirmed, are shown to a judge."""


def message_of(tx: Connection, mail_id: MailId) -> Message | None:
    """The parsed mail; None if it has not been parsed."""
    stored = steps.output(tx, mail_id, "parse")
    return None if stored is None else load(Message, stored)


def assessment_of(tx: Connection, mail_id: MailId) -> Assessment | None:
    """What the judge said of a mail; None if it was not judged."""
    stored = steps.output(tx, mail_id, "classify")
    return None if stored is None else load(Assessment, stored)


def corrected(tx: Connection, row: MailRow, assessment: Assessment) -> Assessment:
    """What the judge said, without the labels that a person struck from this mail or never wants for this client."""
    if row.client_id is None or not assessment.behaviours:
        return assessment
    never = {correction.label for correction in memory.corrections(tx, row.client_id)}
    struck = {label for mail, label in memory.struck(tx, row.client_id) if mail == (row.message_id or f"mail:{row.id}")}
    kept = tuple(b for b in assessment.behaviours if b.label not in never | struck)
    return assessment if len(kept) == len(assessment.behaviours) else replace(assessment, behaviours=kept)


def context_of(tx: Connection, row: MailRow) -> Context:
    """Client, earlier turns of the thread, and ledger, as known when this mail is looked at."""
    earlier = earlier_mails(tx, row)
    if row.client_id is None:
        return Context(client=None, thread=earlier)
    return Context(
        client=clients.client(tx, row.client_id),
        thread=earlier,
        invoices=tuple(ledger.invoices(tx, row.client_id)),
        boundaries=memory.boundaries(tx, row.client_id),
        incidents=memory.incidents(tx, row.client_id),
        ledger_as_of=ledger.as_of(tx),
        never=tuple((c.label, c.words) for c in memory.corrections(tx, row.client_id)),
        corrected=memory.corrected(tx, row.client_id, _EXAMPLES),
    )


def earlier_mails(tx: Connection, row: MailRow) -> tuple[EarlierMail, ...]:
    """The turns of the thread before this mail, oldest first, at most `TURNS`."""
    if row.thread_id is None:
        return ()
    before = [m for m in threads.mails_of(tx, row.thread_id) if (m.written_at, m.id) < (row.written_at, row.id)][
        -TURNS:
    ]
    parsed = steps.outputs(tx, [m.id for m in before], "parse")
    return tuple(
        EarlierMail(
            m.message_id or None, m.written_at, m.direction is Direction.INBOUND, load(Message, parsed[m.id]).newest
        )
        for m in before
        if m.id in parsed
    )


def roster_of(tx: Connection, owner: Owner) -> Roster:
    """Everybody who is known by now."""
    by_email, by_domain = clients.addresses(tx)
    return Roster(own=owner.emails(), by_email=by_email, by_domain=by_domain)


def newer_in_thread(tx: Connection, row: MailRow) -> Direction | None:
    """Who wrote the newest later mail of the thread: a person at the client, the owner, or nobody."""
    if row.thread_id is None:
        return None
    later = [
        m
        for m in threads.mails_of(tx, row.thread_id)
        if (m.written_at, m.id) > (row.written_at, row.id)
        and (m.direction is Direction.OUTBOUND or steps.passed_screen(tx, m.id))
    ]
    return later[-1].direction if later else None


def newest_of_client(tx: Connection, row: MailRow) -> MailRow | None:
    """The newest mail of the thread that a person at the client wrote after this one; None if there is none."""
    if row.thread_id is None:
        return None
    later = (
        m
        for m in threads.mails_of(tx, row.thread_id)
        if (m.written_at, m.id) > (row.written_at, row.id)
        and m.direction is Direction.INBOUND
        and m.client_id == row.client_id
        and steps.passed_screen(tx, m.id)
    )
    return max(later, key=lambda m: (m.written_at, m.id), default=None)
