"""What people did to the ledger and the ladder: words about single invoices, lifted pauses, payments, confirmed claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from pipeline.domain.claims import Claim, ConfirmedClaim
from pipeline.domain.ids import ClientId, MailId
from pipeline.domain.ladder import InvoiceOverride
from pipeline.domain.ledger import Payment
from pipeline.store.codec import dump, load
from pipeline.store.database import moment, utc


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One thing that a person did, and when."""

    at: datetime
    actor: str
    event: str
    invoice: str
    mail_id: MailId | None
    note: str


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment on record, with where it comes from."""

    payment: Payment
    client_id: ClientId | None
    source: str
    """The file's name; empty where it was booked by hand."""
    actor: str
    added_at: datetime


def record_event(
    tx: Connection,
    client_id: ClientId,
    event: str,
    *,
    actor: str,
    now: datetime,
    invoice: str = "",
    mail_id: MailId | None = None,
    note: str = "",
) -> None:
    """Write down who did what."""
    tx.execute(
        text(
            "INSERT INTO ledger_events (client_id, at, actor, event, invoice, mail_id, note)"
            " VALUES (:client, :at, :actor, :event, :invoice, :mail, :note)"
        ),
        {
            "client": client_id,
            "at": utc(now),
            "actor": actor,
            "event": event,
            "invoice": invoice,
            "mail": mail_id,
            "note": note,
        },
    )


def events(tx: Connection, client_id: ClientId, *, since: datetime) -> tuple[LedgerEvent, ...]:
    """What was done about a client's invoices since then, oldest first."""
    rows = tx.execute(
        text("SELECT * FROM ledger_events WHERE client_id = :client AND at >= :since ORDER BY id"),
        {"client": client_id, "since": utc(since)},
    )
    return tuple(LedgerEvent(moment(row.at), row.actor, row.event, row.invoice, row.mail_id, row.note) for row in rows)


def overrides(tx: Connection, client_id: ClientId) -> tuple[InvoiceOverride, ...]:
    """What the owner said about single invoices."""
    rows = tx.execute(text("SELECT * FROM invoice_settings WHERE client_id = :client"), {"client": client_id})
    return tuple(
        InvoiceOverride(
            number=row.invoice,
            chase=bool(row.chase),
            profile=row.profile,
            not_before=date.fromisoformat(row.not_before) if row.not_before else None,
            minimum=Decimal(row.minimum) if row.minimum else None,
            by=row.actor,
            said_at=moment(row.said_at) if row.said_at else None,
            why=row.why,
        )
        for row in rows
    )


def record_override(tx: Connection, client_id: ClientId, override: InvoiceOverride) -> None:
    """Keep what the owner says about an invoice, in the place of what they said before."""
    forget_override(tx, client_id, override.number)
    tx.execute(
        text(
            "INSERT INTO invoice_settings (client_id, invoice, chase, profile, not_before, minimum, actor, said_at, why)"
            " VALUES (:client, :invoice, :chase, :profile, :not_before, :minimum, :actor, :said_at, :why)",
        ),
        {
            "client": client_id,
            "invoice": override.number,
            "chase": override.chase,
            "profile": override.profile,
            "not_before": override.not_before.isoformat() if override.not_before else None,
            "minimum": str(override.minimum) if override.minimum is not None else None,
            "actor": override.by,
            "said_at": utc(override.said_at) if override.said_at else None,
            "why": override.why,
        },
    )


def forget_override(tx: Connection, client_id: ClientId, number: str) -> bool:
    """The invoice goes the way of all others again; gives whether anything was said about it."""
    gone = tx.execute(
        text("DELETE FROM invoice_settings WHERE client_id = :client AND invoice = :invoice"),
        {"client": client_id, "invoice": number},
    )
    return gone.rowcount > 0


def lifted(tx: Connection) -> frozenset[MailId]:
    """Mails whose pause the owner lifted."""
    return frozenset(MailId(int(row.mail_id)) for row in tx.execute(text("SELECT mail_id FROM lifted_pauses")))


def lift_pause(tx: Connection, mail_id: MailId, *, actor: str, now: datetime) -> bool:
    """What this mail says no longer keeps the ladder; False if that was said before."""
    done = tx.execute(
        text(
            "INSERT INTO lifted_pauses (mail_id, lifted_at, actor) VALUES (:mail, :now, :actor) ON CONFLICT DO NOTHING"
        ),
        {"mail": mail_id, "now": utc(now), "actor": actor},
    )
    return done.rowcount > 0


def hold_again(tx: Connection, mail_id: MailId) -> bool:
    """What this mail says counts again; False if nobody had lifted it."""
    return tx.execute(text("DELETE FROM lifted_pauses WHERE mail_id = :mail"), {"mail": mail_id}).rowcount > 0


def payments(tx: Connection, client_id: ClientId | None = None) -> tuple[BookedPayment, ...]:
    """Single payments on record, all or those of a client, in the order in which they were booked."""
    where = "" if client_id is None else "WHERE client_id = :client"
    rows = tx.execute(
        text(f"SELECT * FROM payments {where} ORDER BY id"), {} if client_id is None else {"client": client_id}
    )
    return tuple(
        BookedPayment(
            Payment(
                row.invoice,
                Decimal(row.amount),
                date.fromisoformat(row.received_on) if row.received_on else None,
                row.currency,
            ),
            row.client_id,
            row.source,
            row.actor,
            moment(row.added_at),
        )
        for row in rows
    )


def add_payments(
    tx: Connection,
    found: Sequence[tuple[ClientId | None, Payment]],
    *,
    source: str,
    actor: str,
    now: datetime,
) -> None:
    """Write down payments; each has its currency by now."""
    for client_id, payment in found:
        tx.execute(
            text(
                "INSERT INTO payments (client_id, invoice, amount, currency, received_on, source, actor, added_at)"
                " VALUES (:client, :invoice, :amount, :currency, :received_on, :source, :actor, :now)"
            ),
            {
                "client": client_id,
                "invoice": payment.invoice,
                "amount": str(payment.amount),
                "currency": payment.currency,
                "received_on": payment.received_on.isoformat() if payment.received_on else None,
                "source": source,
                "actor": actor,
                "now": utc(now),
            },
        )


def claim_of(tx: Connection, client_id: ClientId) -> ConfirmedClaim | None:
    """The interest and fixed sums that a person confirmed last; None if they were withdrawn, or never confirmed."""
    row = tx.execute(
        text("SELECT * FROM claims WHERE client_id = :client AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1"),
        {"client": client_id},
    ).first()
    return None if row is None else ConfirmedClaim(load(Claim, row.claim), row.actor, moment(row.confirmed_at))


def record_claim(tx: Connection, client_id: ClientId, claim: Claim, *, actor: str, now: datetime) -> None:
    """A person confirmed these figures; they take the place of earlier ones."""
    withdraw_claim(tx, client_id, now)
    tx.execute(
        text("INSERT INTO claims (client_id, claim, actor, confirmed_at) VALUES (:client, :claim, :actor, :now)"),
        {"client": client_id, "claim": dump(Claim, claim), "actor": actor, "now": utc(now)},
    )


def withdraw_claim(tx: Connection, client_id: ClientId, now: datetime) -> bool:
    """No letter names these figures any more; False if there were none."""
    done = tx.execute(
        text("UPDATE claims SET withdrawn_at = :now WHERE client_id = :client AND withdrawn_at IS NULL"),
        {"client": client_id, "now": utc(now)},
    )
    return done.rowcount > 0
