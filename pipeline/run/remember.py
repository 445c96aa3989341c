"""What goes into a client's memory: boundaries once their letter was seen sent, and what a person says of a mail."""

from datetime import datetime

from sqlalchemy import Connection

from pipeline.domain.client import Boundary, Incident
from pipeline.domain.ids import ClientId, Label, MailId, UntrustedText
from pipeline.errors import UsageError
from pipeline.playbook import Taxonomy
from pipeline.run.context import assessment_of, message_of
from pipeline.run.desk import Desk
from pipeline.run.rulebook import write_rules
from pipeline.signals.wording import boundary_in, sentences_of
from pipeline.store import mails, memory
from pipeline.store.database import Database

_LONGEST = 300
"""Characters of a letter that are kept as the words of a boundary."""


def remember_sent(desk: Desk) -> int:
    """Record the boundaries of letters that were seen sent; gives how many. Writes nothing where there is none."""
    plays = {name: play for name, play in desk.playbook.plays.items() if play.sets_boundary}
    behaviours = {rule.name for rule in desk.playbook.taxonomy.behaviours}
    with desk.db.read() as tx:
        letters = [
            letter
            for letter in memory.unremembered_letters(tx, tuple(sorted(plays)))
            if plays[letter.strategy.play or ""].label in behaviours
        ]
    if not letters:
        return 0
    recorded = 0
    with desk.db.write() as tx:
        for letter in letters:
            label = letter.strategy.label or plays[letter.strategy.play or ""].label
            words = boundary_in(letter.body) or " ".join(sentences_of(letter.body)[1:2])
            recorded += memory.record_boundary(
                tx,
                letter.client_id,
                Boundary(Label(label or ""), letter.sent_at, words[:_LONGEST], letter.message_id or None),
                actor="firmly",
                now=desk.clock(),
                proposal_id=letter.proposal_id,
            )
    return recorded


def confirm_label(db: Database, taxonomy: Taxonomy, mail_id: MailId, label: str, *, actor: str, now: datetime) -> bool:
    """A person says that this label is right, or adds it: it is an incident from now on. True if that is new.

    Raises UsageError for a mail that is nobody's or a label that the taxonomy lacks.
    """
    return _decide(db, taxonomy, mail_id, label, confirmed=True, actor=actor, now=now)


def strike_label(db: Database, taxonomy: Taxonomy, mail_id: MailId, label: str, *, actor: str, now: datetime) -> bool:
    """A person says that this label is wrong: it is no incident, whatever a judge says. Raises as `confirm_label`."""
    return _decide(db, taxonomy, mail_id, label, confirmed=False, actor=actor, now=now)


def _decide(
    db: Database, taxonomy: Taxonomy, mail_id: MailId, label: str, *, confirmed: bool, actor: str, now: datetime
) -> bool:
    name = taxonomy.current(label, "behaviour") or taxonomy.current(label, "intent")
    if name is None:
        known = ", ".join(rule.name for rule in (*taxonomy.behaviours, *taxonomy.intents))
        raise UsageError(f"There is no label {label!r}.", fix=f"Use one of: {known}.")
    with db.write() as tx:
        client_id, incident = _incident(tx, mail_id, name)
        return memory.record_incident(tx, client_id, incident, confirmed=confirmed, actor=actor, now=now)


def _incident(tx: Connection, mail_id: MailId, label: Label) -> tuple[ClientId, Incident]:
    """The incident that a label of a mail is, with the judge's quote, else the beginning of the mail."""
    row = mails.mail(tx, mail_id)
    if row is None or row.client_id is None:
        raise UsageError(f"There is no mail {mail_id} of a client.", fix="firmly queue list shows the mails.")
    assessment, message = assessment_of(tx, mail_id), message_of(tx, mail_id)
    quote = next((b.quote for b in (assessment.behaviours if assessment else ()) if b.label == label), None)
    first = " ".join(sentences_of(message.newest)[:1]) if message else ""
    words = quote or UntrustedText(first[:_LONGEST])
    return row.client_id, Incident(label, row.written_at, row.message_id or f"mail:{mail_id}", words)


def write_note(db: Database, client_id: ClientId, words: str, *, at: datetime, actor: str, now: datetime) -> int:
    """A call on Sunday leaves no mail: keep what the owner writes down of it."""
    with db.write() as tx:
        return memory.add_note(tx, client_id, words, at=at, actor=actor, now=now)


def add_incident(
    db: Database, client_id: ClientId, label: Label, words: str, *, at: datetime, actor: str, now: datetime
) -> bool:
    """Something that happened outside of mail, as the person who was there confirms it."""
    incident = Incident(label, at, None, UntrustedText(words))
    with db.write() as tx:
        return memory.record_incident(tx, client_id, incident, confirmed=True, actor=actor, now=now)


def state_boundary(
    db: Database, client_id: ClientId, label: Label, words: str, *, at: datetime, actor: str, now: datetime
) -> bool:
    """The person says that they stated a limit, as on the phone. True if that is new."""
    with db.write() as tx:
        return memory.record_boundary(tx, client_id, Boundary(label, at, words[:_LONGEST]), actor=actor, now=now)


def strike_boundary(db: Database, client_id: ClientId, boundary: Boundary, *, actor: str, now: datetime) -> None:
    """The person says that this sentence stated no limit."""
    with db.write() as tx:
        memory.strike_boundary(tx, client_id, boundary, actor=actor, now=now)


def correct(db: Database, client_id: ClientId, label: Label, words: str, *, actor: str, now: datetime) -> int:
    """A rule such as "never call this client's jokes demeaning": the label is not given for this client any more.

    Gives the rule's number. It stands in the client's file of rules, too.
    """
    with db.write() as tx:
        number = memory.add_correction(tx, client_id, label, words[:_LONGEST], actor=actor, now=now)
        write_rules(db, tx, client_id)
    return number


def withdraw_rule(db: Database, client_id: ClientId, number: int, *, now: datetime) -> None:
    """The rule holds no longer. Raises UsageError if it is none in force for this client."""
    with db.write() as tx:
        if number not in {rule.id for rule in memory.corrections(tx, client_id)}:
            raise UsageError(f"There is no rule {number} in force for this client.")
        memory.withdraw_correction(tx, number, now)
        write_rules(db, tx, client_id)
