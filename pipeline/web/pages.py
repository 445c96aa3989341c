"""What can be looked at. Nothing here changes anything."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline.domain.ids import AttentionId, ClientId, MailId, ProposalId
from pipeline.domain.proposal import AttentionItem, ProposalStatus
from pipeline.domain.strategy import Stance
from pipeline.errors import UsageError
from pipeline.promptfile import hash_of
from pipeline.review import find_proposal
from pipeline.store import attention, clients, listing, queue, runs
from pipeline.store.queue import Event
from pipeline.web.reading import (
    attention_view,
    card_of,
    find_item,
    mail_view,
    proposal_view,
    severities,
)
from pipeline.web.room import Room

PAGE = 50
"""Lines of a list."""
_FOLDED = frozenset({"aggression", "legal"})
"""What is shown only to who asks for it."""
STANCES = ((Stance.SOFTER, "softer"), (Stance.AS_DECIDED, "as it is"), (Stance.FIRMER, "firmer"))


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of the proposal before, read from its own history."""

    id: ProposalId
    subject: str
    event: Event
    status: ProposalStatus
    version: int
    undoable: bool


def notice_of(room: Room, request: Request) -> Notice | None:
    """What `?after=` says of a proposal; the store's words, not the link's."""
    number = request.query_params.get("after", "")
    if not number.isdigit() or len(number) > 12:
        return None
    try:
        proposal = find_proposal(room.desk.db, ProposalId(int(number)))
    except UsageError:
        return None
    with room.desk.db.read() as tx:
        event = queue.events_of(tx, proposal.id)[-1]
    undoable = proposal.status in {ProposalStatus.APPROVED, ProposalStatus.REJECTED, ProposalStatus.SNOOZED}
    return Notice(proposal.id, proposal.addressing.subject, event, proposal.status, proposal.version, undoable)


def item_of(room: Room, request: Request) -> AttentionItem | None:
    """What `?seen=` says of an attention item."""
    number = request.query_params.get("seen", "")
    if not number.isdigit() or len(number) > 12:
        return None
    with room.desk.db.read() as tx:
        return attention.item(tx, AttentionId(int(number)))


def show_queue(room: Room, request: Request) -> Response:
    """What waits, by what matters."""
    words = request.query_params.get("q", "").strip()[:200]
    number = request.query_params.get("page", "1")
    page = max(1, int(number)) if number.isdigit() and len(number) < 6 else 1
    with room.desk.db.read() as tx:
        items = attention.open_items(tx) if page == 1 and not words else []
        ids = listing.order_of_waiting(
            tx, severities(room.desk), words=words.lower(), limit=PAGE, offset=(page - 1) * PAGE
        )
        lines = listing.lines(tx, ids)
        found = listing.count_waiting(tx, words.lower())
        names = {item.client_id: client_name(tx, item.client_id) for item in items}
        last = runs.last_success(tx)
    late = last is None or room.desk.clock() - last > timedelta(hours=24)
    return room.page(
        request,
        "queue.html",
        items=items,
        names=names,
        lines=lines,
        words=words,
        found=found,
        page=page,
        more=found > page * PAGE,
        notice=notice_of(room, request),
        seen=item_of(room, request),
        last_run=last,
        late=late,
    )


def client_name(tx: Any, client_id: ClientId | None) -> str:
    """A client's name; empty for a stranger."""
    client = clients.client(tx, client_id) if client_id is not None else None
    return client.name if client else ""


def show_proposal(room: Room, request: Request, *, refused: str = "", body: str | None = None) -> Response:
    """One proposal. `refused`: why what was asked for was not done; `body`: words that were typed and are not saved."""
    view = proposal_view(room.desk, ProposalId(request.path_params["number"]))
    return room.page(
        request,
        "proposal.html",
        status=409 if refused else 200,
        view=view,
        refused=refused,
        typed=body,
        notice=None if refused else notice_of(room, request),
        stances=STANCES,
        can_be_asked=room.desk.writer is not room.desk.plain,
    )


def show_attention(room: Room, request: Request) -> Response:
    """One attention item; what may hurt stays folded until it is opened."""
    with room.desk.db.read() as tx:
        item = find_item(tx, request.path_params["number"])
        order = [other.id for other in attention.open_items(tx)]
    view, card = attention_view(room.desk, item)
    after = order[order.index(item.id) + 1 :] if item.id in order else order
    return room.page(
        request,
        "attention.html",
        item=item,
        mail=view,
        card=card,
        folded=item.kind in _FOLDED,
        following=after[0] if after else None,
        seen=item_of(room, request),
    )


def show_mail(room: Room, request: Request) -> Response:
    """One mail with what was said of it."""
    view, card = mail_view(room.desk, MailId(request.path_params["number"]))
    with room.desk.db.read() as tx:
        proposals = listing.lines(tx, [p.id for p in queue.of_mail(tx, view.row.id)])
    return room.page(request, "mail.html", mail=view, card=card, proposals=proposals)


def show_done(room: Room, request: Request) -> Response:
    """What was decided, newest first."""
    shown = (
        ProposalStatus.SNOOZED,
        ProposalStatus.REJECTED,
        ProposalStatus.DELIVERED,
        ProposalStatus.SENT,
        ProposalStatus.WITHDRAWN,
        ProposalStatus.SUPERSEDED,
    )
    with room.desk.db.read() as tx:
        groups = [(status, listing.newest_with(tx, status)) for status in shown]
        counts = queue.counts(tx)
        put_off = attention.snoozed_items(tx)
    return room.page(request, "done.html", groups=[g for g in groups if g[1]], counts=counts, put_off=put_off)


def show_clients(room: Room, request: Request) -> Response:
    """Everybody, by name."""
    with room.desk.db.read() as tx:
        cards = [card_of(tx, room.desk, client.id) for client in clients.all_clients(tx)]
    return room.page(request, "clients.html", cards=[card for card in cards if card])


def show_prompts(room: Room, request: Request) -> Response:
    """The templates, and which of them are the owner's own."""
    sources = [room.library.source(name) for name in room.library.names()]
    return room.page(request, "prompts.html", sources=[(s, hash_of(s.text)[:12]) for s in sources])


def show_prompt(room: Room, request: Request) -> Response:
    """One template as it is. Editing is done in an editor."""
    name = request.path_params["name"]
    if name not in room.library.names():
        raise UsageError("There is no prompt of that name.")
    source = room.library.source(name)
    return room.page(request, "prompt.html", source=source, hash=hash_of(source.text))


def show_help(room: Room, request: Request) -> Response:
    """The keys, and what happens to mail here."""
    return room.page(request, "help.html")
