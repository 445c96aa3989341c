"""Clients and the addresses by which their mail is recognised."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from pipeline.config.clientfile import ClientFile
from pipeline.domain.client import Client
from pipeline.domain.ids import ClientId
from pipeline.store.database import utc


def is_kept(tx: Connection, file: ClientFile) -> bool:
    """Whether a client is remembered exactly as their file describes them."""
    stored = tx.execute(text("SELECT file FROM clients WHERE name = :name"), {"name": file.name}).scalar()
    return bool(stored == _stored_form(file))


def _stored_form(file: ClientFile) -> str:
    return file.model_dump_json(exclude_defaults=True)


def keep(tx: Connection, file: ClientFile, now: datetime) -> ClientId:
    """Remember a client as their file describes them; writes nothing if that is known already.

    Clients are the same when they have the same name.
    """
    wanted = _stored_form(file)
    row = tx.execute(text("SELECT id, file FROM clients WHERE name = :name"), {"name": file.name}).first()
    if row is not None and row.file == wanted:
        return ClientId(int(row.id))
    client_id = ClientId(
        int(
            tx.execute(
                text(
                    "INSERT INTO clients (name, file, updated_at) VALUES (:name, :file, :now)"
                    " ON CONFLICT (name) DO UPDATE SET file = :file, updated_at = :now RETURNING id",
                ),
                {"name": file.name, "file": wanted, "now": utc(now)},
            ).scalar_one(),
        ),
    )
    last_holds = "ON CONFLICT (email) DO UPDATE SET client_id = :id"
    for table, column, values, clash in (
        ("contacts", "email", file.client_addresses(), last_holds),
        ("client_domains", "domain", tuple(d.lower().lstrip("@") for d in file.domains), "ON CONFLICT DO NOTHING"),
    ):
        tx.execute(text(f"DELETE FROM {table} WHERE client_id = :id"), {"id": client_id})
        for value in values:
            tx.execute(
                text(
                    f"INSERT INTO {table} ({column}, client_id) VALUES (:value, :id) {clash}",
                ),
                {"value": value, "id": client_id},
            )
    return client_id


def client_file(tx: Connection, client_id: ClientId) -> ClientFile | None:
    """What is written down about a client."""
    stored = tx.execute(text("SELECT file FROM clients WHERE id = :id"), {"id": client_id}).scalar()
    return None if stored is None else ClientFile.model_validate_json(stored)


def client(tx: Connection, client_id: ClientId) -> Client | None:
    """A client by id."""
    file = client_file(tx, client_id)
    return None if file is None else file.client(client_id)


def all_clients(tx: Connection) -> list[Client]:
    """All clients, by name."""
    rows = tx.execute(text("SELECT id, file FROM clients ORDER BY name")).all()
    return [ClientFile.model_validate_json(row.file).client(ClientId(int(row.id))) for row in rows]


def addresses(tx: Connection) -> tuple[dict[str, ClientId], dict[str, ClientId]]:
    """Which client an address, and which client a domain, belongs to. A domain that several clients name is nobody's."""
    by_email = {
        row.email: ClientId(int(row.client_id)) for row in tx.execute(text("SELECT email, client_id FROM contacts"))
    }
    by_domain = {
        row.domain: ClientId(int(row.client_id))
        for row in tx.execute(
            text("SELECT domain, max(client_id) AS client_id FROM client_domains GROUP BY domain HAVING count(*) = 1")
        )
    }
    return by_email, by_domain


def find(tx: Connection, named: str) -> Sequence[ClientId]:
    """Clients that somebody means by a number, an address or a part of the name."""
    if named.isdecimal():
        rows = tx.execute(text("SELECT id FROM clients WHERE id = :id"), {"id": int(named)})
    elif "@" in named:
        rows = tx.execute(text("SELECT client_id AS id FROM contacts WHERE email = :email"), {"email": named.lower()})
    else:
        rows = tx.execute(
            text("SELECT id FROM clients WHERE instr(lower(name), :part) ORDER BY name"),
            {"part": named.lower()},
        )
    return [ClientId(int(row.id)) for row in rows]
