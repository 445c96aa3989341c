"""What the ladder looks at for one client: the ledger, and what their mail says about paying.

Promises and pauses are read out of the steps of the client's mails each time: the same mails give the same ledger, in
whatever order they came, and a mail that is judged again is heard again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from pipeline.domain.assessment import Assessment, LegalKind
from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import AccountId, Label
from pipeline.domain.ladder import ClientLedger, Pause, PauseReason
from pipeline.domain.ledger import Invoice, Payment, Promise
from pipeline.domain.mail import AuthVerdict, Direction, Message, Screening, Skip, SkipReason
from pipeline.invoices.replies import absence, effect_of
from pipeline.screen import authentication_verdict
from pipeline.store import handwork, ledger, mails, steps
from pipeline.store.codec import load
from pipeline.store.mails import MailRow

_LOOK_BACK = timedelta(days=200)


def client_ledger(
    tx: Connection,
    client: Client,
    owner_hours: WorkingHours,
    now: datetime,
    *,
    disputes: frozenset[Label],
    authservs: Mapping[AccountId, str | None],
) -> ClientLedger:
    """Everything that the ladder looks at for a client.

    `disputes` are the behaviours that contest an invoice; `authservs` says whose word on a sender is trusted, by account.
    """
    rows = mails.of_client(tx, client.id, now - _LOOK_BACK)
    gone = handwork.lifted(tx)
    rows = [row for row in rows if row.direction is Direction.INBOUND and row.id not in gone]
    judged = {i: load(Assessment, out) for i, out in steps.outputs(tx, [r.id for r in rows], "classify").items()}
    screened = {i: load_screening(out) for i, out in steps.outputs(tx, [r.id for r in rows], "screen").items()}
    invoices = tuple(ledger.invoices(tx, client.id))
    said: list[Promise | Pause] = []
    for row in rows:
        if row.id in judged and not _forged(tx, row, judged[row.id], authservs):
            said += _said(row, judged[row.id], client, invoices, disputes)
        skipped = screened.get(row.id)
        if isinstance(skipped, Skip) and skipped.reason is SkipReason.AUTO_REPLY:
            until = skipped.absent_until.date() if skipped.absent_until else None
            away = absence(row.written_at, until, row.message_id or None)
            said.append(replace(away, mail_id=row.id))
        elif isinstance(skipped, Skip) and skipped.reason is SkipReason.BOUNCE:
            bounce = Pause(PauseReason.BOUNCE, row.written_at, message_id=row.message_id or None, mail_id=row.id)
            said.append(bounce)
    return ClientLedger(
        client=client,
        hours=client.hours or owner_hours,
        invoices=invoices,
        log=ledger.chases(tx, client.id),
        pauses=tuple(one for one in said if isinstance(one, Pause)),
        promises=tuple(one for one in said if isinstance(one, Promise)),
        payments=_payments(tx, client, invoices),
        overrides=handwork.overrides(tx, client.id),
        claim=handwork.claim_of(tx, client.id),
    )


def _forged(tx: Connection, row: MailRow, assessment: Assessment, authservs: Mapping[AccountId, str | None]) -> bool:
    """Whether a mail that would move the ladder fails DMARC: a forged "we have paid" stops no reminder."""
    if assessment.payment is None and assessment.legal is None and not assessment.behaviours:
        return False
    stored = steps.output(tx, row.id, "parse")
    if stored is None:
        return False
    return authentication_verdict(load(Message, stored), authservs.get(row.account)) is AuthVerdict.FAIL


def load_screening(stored: str) -> Screening:
    """What the screen said."""
    found: Screening = load(Screening, stored)  # type: ignore[arg-type]
    return found


def _said(
    row: MailRow, assessment: Assessment, client: Client, invoices: Sequence[Invoice], disputes: frozenset[Label]
) -> list[Promise | Pause]:
    """What a mail does to the ladder."""
    message_id = row.message_id or f"mail:{row.id}"
    found: list[Promise | Pause] = []
    if assessment.payment is not None:
        found += effect_of(
            assessment.payment,
            client_id=client.id,
            message_id=message_id,
            received_at=row.written_at,
            invoices=invoices,
        )
    elif any(b.label in disputes and b.sure for b in assessment.behaviours):
        found.append(Pause(PauseReason.DISPUTE, row.written_at, message_id=message_id))
    if assessment.legal is LegalKind.THREAT:
        found.append(Pause(PauseReason.LEGAL, row.written_at, message_id=message_id))
    return [replace(one, mail_id=row.id) if isinstance(one, Pause) else one for one in found]


def _payments(tx: Connection, client: Client, invoices: Sequence[Invoice]) -> tuple[Payment, ...]:
    """Single payments on record. What an export says is paid beyond them has no day: it counts in the client's favour."""
    booked = [one.payment for one in handwork.payments(tx, client.id)]
    rests = []
    for invoice in invoices:
        told = sum((p.amount for p in booked if p.invoice == invoice.number), Decimal(0))
        if told and invoice.paid > told:
            rests.append(Payment(invoice.number, invoice.paid - told))
    return (*booked, *rests)
