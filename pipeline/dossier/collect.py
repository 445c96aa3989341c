"""Reads everything that is known of a client out of the store, at one moment."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.config.clientfile import ClientFile
from pipeline.domain.client import Incident
from pipeline.domain.ids import ClientId, Label, ThreadId, UntrustedText
from pipeline.domain.ladder import ChaseLog
from pipeline.domain.mail import Direction
from pipeline.errors import UsageError
from pipeline.run.desk import Records
from pipeline.run.dossier import Dossier, dossier_of
from pipeline.store import clients, ledger, memory, record
from pipeline.store.memory import Correction, Note
from pipeline.store.record import JudgedLabel, LetterRecord, MailRecord


@dataclass(frozen=True, slots=True)
class OpenThread:
    """A thread in which somebody waits for an answer."""

    thread_id: ThreadId
    subject: UntrustedText
    newest: MailRecord

    @property
    def waits_for_us(self) -> bool:
        """The newest mail is theirs."""
        return self.newest.direction is Direction.INBOUND


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything that is known of one client at one moment."""

    at: datetime
    owner_name: str
    file: ClientFile
    known: Dossier
    """Ledger, promises, signals, verdict."""
    mails: tuple[MailRecord, ...]
    """Oldest first."""
    letters: tuple[LetterRecord, ...]
    chases: tuple[ChaseLog, ...]
    incidents: tuple[Incident, ...]
    """What a person confirmed."""
    notes: tuple[Note, ...]
    corrections: tuple[Correction, ...]
    unconfirmed: tuple[tuple[MailRecord, JudgedLabel], ...]
    """What a judge is sure of and nobody has confirmed or struck; the owner's corrections are left out."""
    open_threads: tuple[OpenThread, ...]
    """Longest waiting first."""


def collect_papers(desk: Records, client_id: ClientId) -> Papers:
    """Read it all in one view of the store. Raises UsageError for a client that is not there."""
    with desk.db.read() as tx:
        file = clients.client_file(tx, client_id)
        if file is None:
            raise UsageError(f"There is no client {client_id}.", fix="firmly clients list shows them.")
        mails = tuple(record.mails_on_record(tx, client_id))
        incidents = memory.incidents(tx, client_id)
        corrections = memory.corrections(tx, client_id)
        decided = {(i.message_id or "", i.label) for i in incidents} | memory.struck(tx, client_id)
        known = dossier_of(tx, desk, client_id)
        asking = {request.message_id for request in known.record.requests if request.answered_at is None}
        return Papers(
            at=desk.clock(),
            owner_name=desk.config.owner.name,
            file=file,
            known=known,
            mails=mails,
            letters=tuple(record.letters_on_record(tx, client_id)),
            chases=ledger.chases(tx, client_id),
            incidents=incidents,
            notes=memory.notes(tx, client_id),
            corrections=corrections,
            unconfirmed=_unconfirmed(mails, decided, {c.label for c in corrections}),
            open_threads=_open_threads(mails, asking),
        )


def _unconfirmed(
    mails: tuple[MailRecord, ...], decided: set[tuple[str, Label]], never: set[Label]
) -> tuple[tuple[MailRecord, JudgedLabel], ...]:
    return tuple(
        (mail, label)
        for mail in mails
        for label in mail.labels
        if label.sure and (mail.message_id, label.label) not in decided and label.label not in never
    )


def _open_threads(mails: tuple[MailRecord, ...], asking: set[str]) -> tuple[OpenThread, ...]:
    """Threads whose newest mail by a person is theirs, or asks them for something."""
    newest: dict[ThreadId, MailRecord] = {}
    for mail in mails:
        if mail.by_person and mail.thread_id is not None:
            newest[mail.thread_id] = mail
    found = (
        OpenThread(thread_id, mail.subject, mail)
        for thread_id, mail in newest.items()
        if mail.direction is Direction.INBOUND or mail.message_id in asking
    )
    return tuple(sorted(found, key=lambda t: t.newest.written_at))
