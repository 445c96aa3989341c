"""Approved → Drafts folder or SMTP. Exactly one draft, at most one sending, whatever crashes where.

`delivering` is committed before the server is asked. A proposal that is found in that state was interrupted: it is looked up by
its Message-ID. If it is nowhere, a draft is laid down again (APPEND is whole or not at all); a mail that a server may have
sent becomes `uncertain`, and a person decides.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.domain.ids import AccountId, ProposalId
from pipeline.domain.proposal import Proposal, ProposalStatus
from pipeline.errors import (
    ConfigError,
    CredentialsError,
    FirmlyError,
    MailServerError,
    RejectedByServer,
    StateError,
    UncertainDelivery,
)
from pipeline.mail.ports import Found, MailDrop, Role
from pipeline.store import attention, changes, queue
from pipeline.store.database import Database

_FORGOTTEN = timedelta(hours=6)
"""An interrupted draft this old may have been found, sent and deleted by the person: it is not laid down again by guess."""

_INTERRUPTED = "An earlier run was interrupted while the server was asked."


@dataclass(slots=True)
class Delivery:
    """What was delivered, and what was not."""

    delivered: list[ProposalId] = field(default_factory=list)
    uncertain: list[ProposalId] = field(default_factory=list)
    waiting: list[tuple[ProposalId, str]] = field(default_factory=list)
    """Approved, and not to leave yet, each with the reason."""
    troubles: list[FirmlyError] = field(default_factory=list)


def deliver_approved(
    db: Database,
    drops: Callable[[AccountId], MailDrop],
    clock: Callable[[], datetime],
    *,
    still_right: Callable[[Proposal], str | None] = lambda _: None,
    not_yet: Callable[[Proposal, bool], str | None] = lambda _, __: None,
    only: ProposalId | None = None,
) -> Delivery:
    """Deliver what is approved, and settle what an earlier run left open.

    `still_right` is asked just before: a sentence withdraws the proposal (the invoice was paid meanwhile). `not_yet` hears
    whether the mail would be sent, rather than laid into Drafts: a sentence lets it wait for the next run.
    """
    result = Delivery()
    with db.read() as tx:
        waiting = queue.with_status(tx, {ProposalStatus.APPROVED, ProposalStatus.DELIVERING})
    if only is not None:
        waiting = [proposal for proposal in waiting if proposal.id == only]
    for account in dict.fromkeys(proposal.addressing.account_id for proposal in waiting):
        mine = [proposal for proposal in waiting if proposal.addressing.account_id == account]
        try:
            with drops(account) as drop:
                courier = _Courier(db, drop, clock, still_right, not_yet, result)
                for proposal in mine:
                    try:
                        courier.take(proposal)
                    except StateError as error:  # one that is not as it was approved keeps no other from leaving
                        result.troubles.append(error)
        except (MailServerError, CredentialsError, ConfigError) as error:
            result.troubles.append(error)
    return result


@dataclass(frozen=True, slots=True)
class _Courier:
    """One session with one account's server."""

    db: Database
    drop: MailDrop
    clock: Callable[[], datetime]
    still_right: Callable[[Proposal], str | None]
    not_yet: Callable[[Proposal, bool], str | None]
    result: Delivery

    def take(self, proposal: Proposal) -> None:
        """Deliver one proposal, or find out what became of it."""
        if proposal.status is ProposalStatus.DELIVERING:
            self._settle(proposal)
            return
        reason = self.still_right(proposal)
        if reason is not None:
            self._withdraw(proposal, reason)
            return
        wait = self.not_yet(proposal, self.drop.sends)
        if wait is not None:
            self.result.waiting.append((proposal.id, wait))
            return
        raw = self._approved_bytes(proposal)
        with suppress(StateError):  # a person, or another run, was quicker
            self._put(self._moved(proposal, "delivering", ProposalStatus.DELIVERING), raw)

    def _put(self, proposal: Proposal, raw: bytes) -> None:
        """Hand the bytes over. What the server may have taken stays `delivering`: the next run looks for it."""
        try:
            found = self.drop.put(
                raw,
                message_id=proposal.message_id or "",
                sender=proposal.addressing.from_email,
                recipients=(proposal.addressing.to_email, *proposal.addressing.cc),
            )
        except UncertainDelivery as error:
            self.result.troubles.append(error)
            if self.drop.sends:
                self._ask_person(proposal)
        except RejectedByServer as error:
            self._moved(proposal, "refused", ProposalStatus.PENDING, note=error.message)
            self._tell(proposal, "refused", f"The server refused proposal {proposal.id}: {error.message}")
            self.result.troubles.append(error)
        except (MailServerError, CredentialsError, ConfigError) as error:
            self._moved(proposal, "put back", ProposalStatus.APPROVED, note=error.message)
            raise
        else:
            self._landed(proposal, found)

    def _settle(self, proposal: Proposal) -> None:
        """Find out what became of an interrupted delivery."""
        found = self.drop.find(proposal.message_id or "")
        if found is not None:
            self._landed(proposal, found)
        elif not self.drop.sends and self.clock() - proposal.updated_at < _FORGOTTEN:
            self._put(proposal, self._approved_bytes(proposal))
        else:
            self._ask_person(proposal)

    def _ask_person(self, proposal: Proposal) -> None:
        self._moved(proposal, "uncertain", ProposalStatus.UNCERTAIN, note=_INTERRUPTED)
        self._tell(
            proposal,
            "uncertain",
            f"Proposal {proposal.id} may or may not have left. Look into Sent and Drafts, then say"
            f" `firmly queue settle {proposal.id} --delivered` or `--again`.",
        )
        self.result.uncertain.append(proposal.id)

    def _withdraw(self, proposal: Proposal, reason: str) -> None:
        with suppress(StateError):
            self._moved(proposal, "withdrawn", ProposalStatus.WITHDRAWN, note=reason)
            self._tell(proposal, "withdrawn", reason)

    def _landed(self, proposal: Proposal, found: Found | None) -> None:
        where = f"{found.role}, UID {found.uid}" if found else "taken by the SMTP server"
        if self.drop.sends or (found is not None and found.role is Role.SENT):
            with self.db.write() as tx:
                changes.record_sent(tx, proposal, sent_at=self.clock(), now=self.clock(), note=where)
        else:
            self._moved(proposal, "delivered", ProposalStatus.DELIVERED, note=where)
        self.result.delivered.append(proposal.id)

    def _moved(self, proposal: Proposal, event: str, after: ProposalStatus, note: str = "") -> Proposal:
        """Commit a change of status; the proposal as it stands then."""
        with self.db.write() as tx:
            changes.move(tx, proposal, event, after, actor="firmly", now=self.clock(), note=note)
            moved = queue.proposal(tx, proposal.id)
        if moved is None:
            raise StateError(f"Proposal {proposal.id} is gone.")
        return moved

    def _tell(self, proposal: Proposal, kind: str, message: str) -> None:
        with self.db.write() as tx:
            attention.raise_attention(
                tx, kind, message, now=self.clock(), proposal_id=proposal.id, client_id=proposal.client_id
            )

    def _approved_bytes(self, proposal: Proposal) -> bytes:
        """The bytes that were approved, held against the approval once more."""
        with self.db.read() as tx:
            raw = queue.outgoing(tx, proposal.id)
        if raw is None or not proposal.message_id or hashlib.sha256(raw).hexdigest() != proposal.approved_sha256:
            raise StateError(f"What would leave for proposal {proposal.id} is not what was approved; nothing left.")
        return raw
