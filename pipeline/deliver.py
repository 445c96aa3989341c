"""Approved → Drafts folder or SMTP. Exactly one draft, at most one sending, whatever crashes where.

`delivering` is committed before the server is asked. A proposal that is found in that state was interrupted: it is looked up by
its Message-ID, and if it is nowhere and the server may have taken it, a person decides.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.ids import AccountId
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.errors import (
    CredentialsError,
    FirmlyError,
    MailServerError,
    RejectedByServer,
    StateError,
    UncertainDelivery,
)
from pipeline.mail.ports import Found, MailDrop, Role
from pipeline.store import attention, queue
from pipeline.store.database import Database


@dataclass(slots=True)
class Delivery:
    """What was delivered, and what was not."""

    delivered: list[Proposal] = field(default_factory=list)
    uncertain: list[Proposal] = field(default_factory=list)
    troubles: list[FirmlyError] = field(default_factory=list)


def deliver_approved(
    db: Database,
    drops: Callable[[AccountId], MailDrop],
    clock: Callable[[], datetime],
    *,
    still_right: Callable[[Proposal], str | None] = lambda _: None,
    only: Proposal | None = None,
) -> Delivery:
    """Deliver what is approved, and settle what an earlier run left open.

    `still_right` is asked just before: a sentence withdraws the proposal (the invoice was paid meanwhile).
    """
    result = Delivery()
    with db.read() as tx:
        waiting = queue.with_status(tx, {ProposalStatus.APPROVED, ProposalStatus.DELIVERING})
    if only is not None:
        waiting = [proposal for proposal in waiting if proposal.id == only.id]
    for account in dict.fromkeys(proposal.addressing.account_id for proposal in waiting):
        mine = [proposal for proposal in waiting if proposal.addressing.account_id == account]
        try:
            with drops(account) as drop:
                for proposal in mine:
                    _deliver_one(db, drop, proposal, clock, still_right, result)
        except (MailServerError, CredentialsError) as error:
            result.troubles.append(error)
    return result


def _deliver_one(
    db: Database,
    drop: MailDrop,
    proposal: Proposal,
    clock: Callable[[], datetime],
    still_right: Callable[[Proposal], str | None],
    result: Delivery,
) -> None:
    if proposal.status is ProposalStatus.DELIVERING:
        _settle_interrupted(db, drop, proposal, clock, result)
        return
    reason = still_right(proposal)
    if reason is not None:
        with db.write() as tx, suppress(StateError):
            queue.move(tx, proposal, "withdrawn", ProposalStatus.WITHDRAWN, actor="firmly", now=clock(), note=reason)
            attention.raise_attention(
                tx,
                "withdrawn",
                reason,
                now=clock(),
                proposal_id=proposal.id,
                client_id=proposal.client_id,
            )
        return
    raw, message_id = _approved_bytes(db, proposal)
    try:
        with db.write() as tx:
            queue.move(tx, proposal, "delivering", ProposalStatus.DELIVERING, actor="firmly", now=clock())
    except StateError:
        return  # a person, or another run, was quicker
    _put(db, drop, proposal, raw, message_id, clock, result)


def _put(
    db: Database,
    drop: MailDrop,
    proposal: Proposal,
    raw: bytes,
    message_id: str,
    clock: Callable[[], datetime],
    result: Delivery,
) -> None:
    underway = _as(db, proposal)
    recipients = (proposal.addressing.to_email, *proposal.addressing.cc)
    try:
        found = drop.put(raw, message_id=message_id, sender=proposal.addressing.from_email, recipients=recipients)
    except UncertainDelivery as error:
        _settle_interrupted(db, drop, underway, clock, result, because=error.message)
    except RejectedByServer as error:
        with db.write() as tx:
            queue.move(
                tx,
                underway,
                "refused",
                ProposalStatus.APPROVED,
                actor="firmly",
                now=clock(),
                note=error.message,
            )
            attention.raise_attention(
                tx,
                "refused",
                error.message,
                now=clock(),
                proposal_id=proposal.id,
                client_id=proposal.client_id,
            )
        result.troubles.append(error)
    except (MailServerError, CredentialsError) as error:
        with db.write() as tx:
            queue.move(
                tx,
                underway,
                "put back",
                ProposalStatus.APPROVED,
                actor="firmly",
                now=clock(),
                note=error.message,
            )
        raise
    else:
        _landed(db, drop, underway, found, clock, result)


def _settle_interrupted(
    db: Database,
    drop: MailDrop,
    proposal: Proposal,
    clock: Callable[[], datetime],
    result: Delivery,
    *,
    because: str = "An earlier run was interrupted while the server was asked.",
) -> None:
    """Look it up by its Message-ID. Found: it was delivered. Absent: nobody knows, and nothing is done twice by guess."""
    try:
        found = drop.find(proposal.message_id or "")
    except MailServerError:
        return  # the next run looks again; it stays `delivering`
    if found is not None:
        _landed(db, drop, proposal, found, clock, result)
        return
    with db.write() as tx:
        queue.move(tx, proposal, "uncertain", ProposalStatus.UNCERTAIN, actor="firmly", now=clock(), note=because)
        attention.raise_attention(
            tx,
            "uncertain",
            f"Proposal {proposal.id} may or may not have reached the server. {because} Look into Drafts and Sent, then say"
            f" firmly queue settle {proposal.id} --delivered or --again.",
            now=clock(),
            proposal_id=proposal.id,
            client_id=proposal.client_id,
        )
    result.uncertain.append(proposal)


def _landed(
    db: Database,
    drop: MailDrop,
    proposal: Proposal,
    found: Found | None,
    clock: Callable[[], datetime],
    result: Delivery,
) -> None:
    sent = drop.sends or (found is not None and found.role is Role.SENT)
    after = ProposalStatus.SENT if sent else ProposalStatus.DELIVERED
    where = f"{found.role} {found.uidvalidity}/{found.uid}" if found else "SMTP"
    with db.write() as tx:
        queue.move(tx, proposal, after.value, after, actor="firmly", now=clock(), note=where)
    result.delivered.append(proposal)


def _as(db: Database, proposal: Proposal) -> Proposal:
    """The proposal as it stands now."""
    with db.read() as tx:
        now = queue.proposal(tx, proposal.id)
    if now is None:
        raise StateError(f"Proposal {proposal.id} is gone.")
    return now


def _approved_bytes(db: Database, proposal: Proposal) -> tuple[bytes, str]:
    """The bytes that were approved, checked against the approval once more."""
    with db.read() as tx:
        raw = queue.outgoing(tx, proposal.id)
    if raw is None or proposal.message_id is None or hashlib.sha256(raw).hexdigest() != proposal.approved_sha256:
        raise StateError(f"What would leave for proposal {proposal.id} is not what was approved; nothing left.")
    return raw, proposal.message_id
