"""One client whole: what stands behind the verdict and the signals, limits, money, letters, mails. Changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pipeline.domain.history import Evidence
from pipeline.domain.ids import ClientId, MailId
from pipeline.errors import UsageError
from pipeline.run.explaining import VerdictBecause, explain_verdict
from pipeline.run.receipts import CameIn, money_came_in
from pipeline.store import handwork, ledger, listing
from pipeline.store import mails as stored
from pipeline.store.handwork import LedgerEvent
from pipeline.web.reading import card_of
from pipeline.web.room import Room

_LATELY = timedelta(days=365)
"""So far back what people did about invoices is shown."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason of a verdict, or a signal, with its rows."""

    id: str
    """Of its place on the page."""
    title: str
    sentence: str
    settings: tuple[tuple[str, object], ...]
    """What had to be reached, as paths in playbook.toml with their values."""
    rows: tuple[Evidence, ...]


def show_client(room: Room, request: Request) -> Response:
    """One client with everything that is known of them. Raises UsageError if there is none of that number."""
    client_id = ClientId(request.path_params["number"])
    since = room.desk.clock() - _LATELY
    with room.desk.db.read() as tx:
        card = card_of(tx, room.desk, client_id)
        if card is None:
            raise UsageError(f"There is no client {client_id}.")
        because = explain_verdict(room.desk, client_id)
        grounds = _grounds(because)
        invoices = ledger.invoices(tx, client_id)
        named = [
            *(row.message_id for ground in grounds for row in ground.rows),
            *(boundary.message_id for boundary in card.boundaries),
            *(promise.message_id for promise in card.promises),
        ]
        mails = listing.mails_of_client(tx, client_id)
        lines = listing.of_client(tx, client_id)
        came_in: list[CameIn] = money_came_in(handwork.payments(tx, client_id), invoices)
        events: tuple[LedgerEvent, ...] = tuple(reversed(handwork.events(tx, client_id, since=since)))
        said_in = _numbers(tx, named)
    return room.page(
        request,
        "client.html",
        card=card,
        because=because,
        grounds=grounds,
        mails=mails,
        lines=lines,
        invoices=invoices,
        came_in=came_in,
        events=events,
        said_in=said_in,
    )


def _grounds(because: VerdictBecause) -> tuple[Ground, ...]:
    """The reasons with what had to be reached, then the signals."""
    reasons = (
        Ground(f"reason-{place}", reason.trigger, reason.sentence, ((path, value),), reason.evidence)
        for place, (reason, path, value) in enumerate(because.thresholds, 1)
    )
    signals = (Ground(f"signal-{s.name}", s.name, s.sentence, (), s.evidence) for s in because.known.signals)
    return (*reasons, *signals)


def _numbers(tx: Connection, names: Iterable[str | None]) -> Mapping[str, MailId]:
    """The numbers of the mails of these Message-IDs; what is not in the store is left out."""
    found = {}
    for name in {name for name in names if name}:
        known_by, _, number = name.rpartition("mail:")  # a mail without a Message-ID is known by its number
        numbered = not known_by and number != name and number.isdigit()
        row = stored.mail(tx, MailId(int(number))) if numbered else stored.mail_by_message_id(tx, name)
        if row is not None:
            found[name] = row.id
    return found
