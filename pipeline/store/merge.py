"""Two clients become one: everything of the second is the first one's from then on."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, text

from pipeline.config.clientfile import ClientFile, Project
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Invoice
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.errors import StateError, UsageError
from pipeline.store import changes, clients, ledger, queue
from pipeline.store.codec import load
from pipeline.store.purge import references

_WAITS = frozenset({ProposalStatus.PENDING, ProposalStatus.SNOOZED})


def merged_file(kept: ClientFile, other: ClientFile) -> ClientFile:
    """What is written down about both, under the first one's name. Where both say something, the first one's word holds."""
    emails = dict.fromkeys((*kept.client_addresses(), *other.client_addresses()))
    listed = {contact.email for contact in kept.contacts}
    return kept.model_copy(
        update={
            "emails": tuple(emails),
            "domains": tuple(dict.fromkeys((*kept.domains, *other.domains))),
            "contacts": (*kept.contacts, *(contact for contact in other.contacts if contact.email not in listed)),
            "engagements": (*kept.engagements, *_own_project(other), *other.engagements),
            "milestones": (*kept.milestones, *other.milestones),
            "notes": (*kept.notes, *other.notes),
        }
    )


def _own_project(file: ClientFile) -> tuple[Project, ...]:
    """What a file says of its one project, as a project of several."""
    own = Project(
        project=file.project or file.name,
        scope=file.scope,
        revision_rounds=file.revision_rounds,
        rounds_used=file.rounds_used,
        price=file.price,
        currency=file.currency,
    )
    return () if file.project is None and own == Project(project=own.project) else (own,)


def merge_clients(tx: Connection, kept: ClientId, other: ClientId, *, actor: str, now: datetime) -> None:
    """Give mails, letters, invoices and memory of `other` to `kept`, and forget the second name.

    Raises UsageError for a client that is not there, StateError where both have what can stand only once and a person's
    hand is on it: an invoice of the same number, or two letters that are on their way.
    """
    ours, theirs = clients.client_file(tx, kept), clients.client_file(tx, other)
    if ours is None or theirs is None or kept == other:
        raise UsageError("A merge takes two clients.", fix="firmly clients list shows them with their numbers.")
    _merge_invoices(tx, kept, other, now)
    _make_room(tx, kept, other, actor=actor, now=now)
    _rename_keys(tx, kept, other)
    for key in references(tx):
        if key.target == "clients":
            move = text(f"UPDATE OR IGNORE {key.table} SET {key.column} = :kept WHERE {key.column} = :other")
            tx.execute(move, {"kept": kept, "other": other})
            tx.execute(text(f"DELETE FROM {key.table} WHERE {key.column} = :other"), {"other": other})
    tx.execute(text("DELETE FROM clients WHERE id = :other"), {"other": other})
    clients.keep(tx, merged_file(ours, theirs), now)


def _merge_invoices(tx: Connection, kept: ClientId, other: ClientId, now: datetime) -> None:
    """The ledger's rows carry the client in their key."""
    known = {invoice.number: invoice for invoice in ledger.invoices(tx, kept)}
    for row in tx.execute(text("SELECT invoice FROM invoices WHERE client_id = :other"), {"other": other}).all():
        theirs = load(Invoice, row.invoice)
        ours = known.get(theirs.number)
        moved = replace(theirs, client_id=kept)
        if ours is not None and replace(ours, client_email="", client_name="") != replace(
            moved, client_email="", client_name=""
        ):
            raise StateError(
                f"Both clients have an invoice {theirs.number}, and they differ; nothing was merged.",
                fix="Correct one of them in your invoicing program and import the ledger again.",
            )
        ledger.forget_invoice(tx, theirs)
        if ours is None:
            ledger.record_invoices(tx, [moved], now)


def _make_room(tx: Connection, kept: ClientId, other: ClientId, *, actor: str, now: datetime) -> None:
    """There is one live letter an origin: of two, the one that nobody has approved gives way; else a person decides."""
    rows = tx.execute(text("SELECT id FROM proposals WHERE client_id = :other"), {"other": other}).all()
    for row in rows:
        theirs = queue.proposal(tx, row.id)
        ours = queue.live(tx, _origin(theirs.origin, kept, other)) if theirs else None
        if theirs is None or ours is None or queue.live(tx, theirs.origin) != theirs:
            continue
        loser = _loser(ours, theirs)
        changes.move(
            tx, loser, "superseded", ProposalStatus.SUPERSEDED, actor=actor, now=now, note="clients were merged"
        )


def _loser(ours: Proposal, theirs: Proposal) -> Proposal:
    for proposal in (theirs, ours):
        if proposal.status in _WAITS:
            return proposal
    raise StateError(
        f"Proposals {ours.id} and {theirs.id} are both on their way; nothing was merged.",
        fix="firmly queue undo or firmly queue settle for one of them, then merge again.",
    )


def _origin(origin: str, kept: ClientId, other: ClientId) -> str:
    """`reply:<thread>:<client>`, `chase:<client>` and `exit:<client>` end in the client; `nudge:<thread>` does not."""
    head, _, last = origin.rpartition(":")
    return origin if origin.startswith("nudge:") or last != str(other) else f"{head}:{kept}"


def _rename_keys(tx: Connection, kept: ClientId, other: ClientId) -> None:
    """Text that names a client by number: origins, and the subjects of attention items."""
    rows = tx.execute(text("SELECT id, origin FROM proposals WHERE client_id = :other"), {"other": other}).all()
    for row in rows:
        tx.execute(
            text("UPDATE proposals SET origin = :origin WHERE id = :id"),
            {"origin": _origin(row.origin, kept, other), "id": row.id},
        )
    head = f"client:{other}"  # or client:3:…, where there may be several of a kind
    tx.execute(
        text(
            "UPDATE OR IGNORE attention SET subject = :kept || substr(subject, length(:head) + 1)"
            " WHERE subject = :head OR substr(subject, 1, length(:head) + 1) = :head || ':'"
        ),
        {"kept": f"client:{kept}", "head": head},
    )
