"""What the ladder looks at for one client: the ledger, and what their mail says about paying.

Promises and pauses are read out of the steps of the client's mails each time: the same mails give the same ledger, in
whatever order they came, and a mail that is judged again is heard again.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.domain.assessment import Assessment, LegalKind, PaymentKind, PaymentStatement
from pipeline.domain.client import Client, WorkingHours
from pipeline.domain.ids import Label
from pipeline.domain.ladder import ClientLedger, Pause, PauseReason
from pipeline.domain.ledger import Promise
from pipeline.domain.mail import Direction, Screening, Skip, SkipReason
from pipeline.store import ledger, mails, steps
from pipeline.store.codec import load
from pipeline.store.mails import MailRow

_LOOK_BACK = timedelta(days=200)
_REASONS = {
    PaymentKind.CLAIM: PauseReason.CLAIM,
    PaymentKind.DISPUTE: PauseReason.DISPUTE,
    PaymentKind.QUERY: PauseReason.QUERY,
    PaymentKind.INSOLVENCY: PauseReason.INSOLVENCY,
}
_SILENCES = {SkipReason.AUTO_REPLY: PauseReason.OUT_OF_OFFICE, SkipReason.BOUNCE: PauseReason.BOUNCE}


def client_ledger(
    tx: Connection, client: Client, owner_hours: WorkingHours, now: datetime, disputes: frozenset[Label]
) -> ClientLedger:
    """Everything that the ladder looks at for a client. `disputes` are the behaviours that contest an invoice."""
    rows = mails.of_client(tx, client.id, now - _LOOK_BACK)
    gone = ledger.lifted(tx)
    rows = [row for row in rows if row.direction is Direction.INBOUND and row.id not in gone]
    judged = {i: load(Assessment, out) for i, out in steps.outputs(tx, [r.id for r in rows], "classify").items()}
    screened = {i: load_screening(out) for i, out in steps.outputs(tx, [r.id for r in rows], "screen").items()}
    promises: list[Promise] = []
    pauses: list[Pause] = []
    for row in rows:
        if row.id in judged:
            promises += _promises(row, judged[row.id], client)
            pauses += _said(row, judged[row.id], disputes)
        skipped = screened.get(row.id)
        if isinstance(skipped, Skip) and skipped.reason in _SILENCES:
            until = skipped.absent_until.date() if skipped.absent_until else None
            pauses.append(
                Pause(_SILENCES[skipped.reason], row.written_at, until=until, message_id=row.message_id or None)
            )
    return ClientLedger(
        client=client,
        hours=client.hours or owner_hours,
        invoices=tuple(ledger.invoices(tx, client.id)),
        log=ledger.chases(tx, client.id),
        pauses=tuple(pauses),
        promises=tuple(promises),
        overrides=ledger.overrides(tx, client.id),
    )


def load_screening(stored: str) -> Screening:
    """What the screen said."""
    found: Screening = load(Screening, stored)  # type: ignore[arg-type]
    return found


def _promises(row: MailRow, assessment: Assessment, client: Client) -> list[Promise]:
    said = assessment.payment
    if said is None or said.kind is not PaymentKind.PROMISE or said.date is None:
        return []
    return [
        Promise(
            client_id=client.id,
            message_id=row.message_id or f"mail:{row.id}",
            made_at=row.written_at,
            date=said.date,
            quote=said.quote,
            invoices=said.invoices,
            amount=said.amount,
            currency=said.currency,
        )
    ]


def _said(row: MailRow, assessment: Assessment, disputes: frozenset[Label]) -> list[Pause]:
    """The pauses that a mail asks for."""
    pauses = []
    said = assessment.payment
    if said is not None and said.kind in _REASONS:
        pauses += _each(_REASONS[said.kind], row, said)
    elif any(b.label in disputes and b.sure for b in assessment.behaviours):
        pauses.append(Pause(PauseReason.DISPUTE, row.written_at, message_id=row.message_id or None))
    if assessment.legal is LegalKind.THREAT:
        pauses.append(Pause(PauseReason.LEGAL, row.written_at, message_id=row.message_id or None))
    return pauses


def _each(reason: PauseReason, row: MailRow, said: PaymentStatement) -> list[Pause]:
    """One pause per invoice that the mail names; one for all where it names none."""
    amount = said.amount if reason is PauseReason.DISPUTE and len(said.invoices) == 1 else None
    return [
        Pause(reason, row.written_at, invoice=number, amount=amount, message_id=row.message_id or None)
        for number in said.invoices or (None,)
    ]
