"""What a person can do on the page. Every act says which version it means; another one is refused, not guessed."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline import review
from pipeline.domain.ids import AttentionId, ClientId, MailId, ProposalId
from pipeline.domain.proposal import Proposal
from pipeline.domain.strategy import Stance
from pipeline.errors import FirmlyError, StateError, UsageError
from pipeline.run.chasing import still_right
from pipeline.run.loop import deliver_one
from pipeline.run.proposing import inspect_words, redraft
from pipeline.run.remember import confirm_label, state_boundary, strike_boundary, strike_label
from pipeline.store import clients
from pipeline.web.pages import show_proposal
from pipeline.web.reading import card_of, others_of, place_of, shown_sha256
from pipeline.web.room import Room
from pipeline.workdays import WorkCalendar

Form = Mapping[str, str]
Act = Callable[[Room, Request, Form], Response]

CHANGED = "This changed meanwhile, and nothing was done. What you see now is how it stands."
_OWN_PAGE = re.compile(r"/[pam]/[0-9]{1,18}")
_SAME = str.maketrans({"\r": ""})


def same_words(one: str, other: str) -> bool:
    """Whether two bodies say the same. Forms send CRLF, and white space at the ends is nobody's wish."""
    return one.translate(_SAME).strip() == other.translate(_SAME).strip()


def _meant(room: Room, request: Request, form: Form) -> Proposal:
    """The proposal, if it is still as the page showed it. Raises StateError."""
    proposal = review.find_proposal(room.desk.db, ProposalId(request.path_params["number"]))
    if form.get("version") != str(proposal.version) or form.get("status") != proposal.status.value:
        raise StateError(CHANGED)
    return proposal


def _onward(room: Room, proposal: Proposal, do: Callable[[], None]) -> Response:
    """Do it, and go on to what stands next in the queue."""
    with room.desk.db.read() as tx:
        place = place_of(tx, room.desk, proposal.id)
    do()
    following = place.after or place.before
    return _to(f"/p/{following}?after={proposal.id}" if following else f"/?after={proposal.id}")


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)


def _refusing(act: Act) -> Act:
    """Show the proposal as it stands, with the reason, where an act cannot be done; typed words are kept."""

    def done(room: Room, request: Request, form: Form) -> Response:
        try:
            return act(room, request, form)
        except (StateError, UsageError) as error:
            words = " ".join((error.message, error.fix if "firmly " not in error.fix else "")).strip()
            return show_proposal(room, request, refused=words, body=form.get("body"))

    return done


@_refusing
def approve(room: Room, request: Request, form: Form) -> Response:
    """Approve exactly what was shown, and deliver it. Words that were typed and not saved are saved and shown first."""
    desk, proposal = room.desk, _meant(room, request, form)
    if form.get("shown") != shown_sha256(desk.config.owner, proposal):
        raise StateError(CHANGED)
    if not same_words(form.get("body", ""), proposal.draft.body):
        _save(room, proposal, form["body"])
        return _to(f"/p/{proposal.id}?after={proposal.id}")
    reason = still_right(desk, proposal)
    if reason is not None:
        raise StateError(f"{reason} Nothing was approved.")

    def do() -> None:
        review.approve(desk.db, desk.config.owner, proposal, reviewer=room.reviewer, now=desk.clock())
        _deliver(room, proposal.id)

    return _onward(room, proposal, do)


@_refusing
def copy(room: Room, request: Request, form: Form) -> Response:
    """Copy the reply to somebody else whom the mail was addressed to, or to them no longer. Nobody else can be named."""
    proposal, email = _meant(room, request, form), form.get("email", "")
    with room.desk.db.read() as tx:
        others = others_of(tx, room.desk.config.owner, proposal)
    if email not in {other.email for other in others}:
        raise UsageError("The mail was not addressed to them.")
    wanted = form.get("is") == "copied"
    cc = tuple(o.email for o in others if (wanted if o.email == email else o.copied))
    if cc != proposal.addressing.cc:
        review.copy_to(room.desk.db, proposal, cc, reviewer=room.reviewer, now=room.desk.clock())
    return _to(f"/p/{proposal.id}?after={proposal.id}")


def _deliver(room: Room, proposal_id: ProposalId) -> None:
    """Hand it over now. What does not work out stays approved, with the reason; the next run tries again."""
    with room.delivering:
        trouble = deliver_one(room.desk, proposal_id)
    if trouble is not None:
        raise StateError(f"It is approved, and was not handed over yet: {trouble.message}")


def _save(room: Room, proposal: Proposal, body: str) -> None:
    words = body.translate(_SAME)
    findings = inspect_words(room.desk, proposal, words)
    review.take_edit(room.desk.db, proposal, words, findings, reviewer=room.reviewer, now=room.desk.clock())


@_refusing
def edit(room: Room, request: Request, form: Form) -> Response:
    """The person's own words. Saying the same changes nothing."""
    proposal = _meant(room, request, form)
    if same_words(form.get("body", ""), proposal.draft.body):
        return _to(f"/p/{proposal.id}")
    _save(room, proposal, form["body"])
    return _to(f"/p/{proposal.id}?after={proposal.id}")


def check(room: Room, request: Request, form: Form) -> Response:
    """What the guard says of words that are being typed. Keeps nothing."""
    proposal = review.find_proposal(room.desk.db, ProposalId(request.path_params["number"]))
    findings = inspect_words(room.desk, proposal, form.get("body", "").translate(_SAME))
    return JSONResponse(
        [{"severity": f.severity, "message": f.message, "excerpt": f.excerpt, "name": f.name} for f in findings]
    )


@_refusing
def write_again(room: Room, request: Request, form: Form) -> Response:
    """Another draft: another stance, or what the person asks for."""
    proposal = _meant(room, request, form)
    stance = next((s for s in Stance if s.value == form.get("stance")), proposal.draft.stance)
    wish = " ".join(form.get("wish", "").split())[:500]
    try:
        draft = redraft(room.desk, proposal, stance, wish)
    except FirmlyError as error:
        raise StateError(f"No other draft was written: {error.message}") from error
    review.take_redraft(room.desk.db, proposal, draft, reviewer=room.reviewer, now=room.desk.clock())
    return _to(f"/p/{proposal.id}?after={proposal.id}")


@_refusing
def reject(room: Room, request: Request, form: Form) -> Response:
    """No reply."""
    proposal = _meant(room, request, form)
    reason = " ".join(form.get("reason", "").split())[:300]
    now = room.desk.clock()
    return _onward(
        room,
        proposal,
        lambda: review.reject(room.desk.db, proposal, reviewer=room.reviewer, now=now, reason=reason),
    )


@_refusing
def snooze(room: Room, request: Request, form: Form) -> Response:
    """Out of sight until then."""
    proposal = _meant(room, request, form)
    until = wake_at(room, form.get("until", ""), form.get("at", ""))
    now = room.desk.clock()
    return _onward(
        room, proposal, lambda: review.snooze(room.desk.db, proposal, until, reviewer=room.reviewer, now=now)
    )


def wake_at(room: Room, until: str, at: str) -> datetime:
    """`3h`, `tomorrow` and `workday` (their start, on the owner's clock), or the moment `at`. Raises UsageError."""
    hours, now = room.desk.config.owner.hours(), room.desk.clock()
    here = now.astimezone(hours.timezone)
    if until == "3h":
        return now + timedelta(hours=3)
    if until == "tomorrow":
        return datetime.combine(here.date() + timedelta(days=1), hours.start, hours.timezone)
    if until == "workday":
        return datetime.combine(WorkCalendar(hours).workday_after(here.date()), hours.start, hours.timezone)
    return _on_my_clock(room, at, "Say when it should come back.")


def _on_my_clock(room: Room, at: str, otherwise: str) -> datetime:
    """A moment as a form has it, on the owner's clock where it names no zone. Raises UsageError with `otherwise`."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(otherwise) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=room.desk.config.owner.hours().timezone)


@_refusing
def undo(room: Room, request: Request, form: Form) -> Response:
    """Take the last decision back."""
    proposal = _meant(room, request, form)
    review.undo(room.desk.db, proposal, reviewer=room.reviewer, now=room.desk.clock())
    return _to(f"/p/{proposal.id}?after={proposal.id}")


@_refusing
def settle(room: Room, request: Request, form: Form) -> Response:
    """Say what became of an uncertain delivery."""
    proposal = _meant(room, request, form)
    if form.get("found") not in {"yes", "no"}:
        raise UsageError("Say whether it is there.")
    delivered = form["found"] == "yes"
    review.settle_uncertain(room.desk.db, proposal, delivered=delivered, reviewer=room.reviewer, now=room.desk.clock())
    if not delivered:
        _deliver(room, proposal.id)
    return _to(f"/p/{proposal.id}?after={proposal.id}")


def label(room: Room, request: Request, form: Form) -> Response:
    """Confirm, strike or add a label of a mail. Drafts stay as they are."""
    decide = confirm_label if form.get("is") == "right" else strike_label
    decide(
        room.desk.db,
        room.desk.playbook.taxonomy,
        MailId(request.path_params["number"]),
        form.get("label", ""),
        actor=room.reviewer,
        now=room.desk.clock(),
    )
    back = form.get("back", "")
    return _to(f"{back}#going-on" if _OWN_PAGE.fullmatch(back) else f"/m/{request.path_params['number']}#going-on")


def strike_limit(room: Room, request: Request, form: Form) -> Response:
    """The person says that a sentence stated no limit."""
    client_id = ClientId(request.path_params["number"])
    with room.desk.db.read() as tx:
        card = card_of(tx, room.desk, client_id)
    told = card.boundaries if card else ()
    meant = next((b for b in told if (b.label, b.stated_at.isoformat()) == (form.get("label"), form.get("at"))), None)
    if meant is None:
        raise StateError(CHANGED)
    strike_boundary(room.desk.db, client_id, meant, actor=room.reviewer, now=room.desk.clock())
    return _to(f"/clients/{client_id}#boundaries")


def state_limit(room: Room, request: Request, form: Form) -> Response:
    """The person says that they stated a limit, as on the phone: about which behaviour, when, and in which words."""
    desk, client_id = room.desk, ClientId(request.path_params["number"])
    with desk.db.read() as tx:
        if clients.client(tx, client_id) is None:
            raise UsageError(f"There is no client {client_id}.")
    about = desk.playbook.taxonomy.current(form.get("label", ""), "behaviour")
    words = " ".join(form.get("words", "").split())
    if about is None or not words:
        raise UsageError("A limit has words, and a behaviour that it is about.")
    now, at = desk.clock(), form.get("at", "")
    moment = _on_my_clock(room, at, f"{at!r} is no day and time.") if at else now
    if moment > now:
        raise UsageError("That is still to come: a limit counts from when it was said.")
    state_boundary(desk.db, client_id, about, words, at=moment, actor=room.reviewer, now=now)
    return _to(f"/clients/{client_id}#boundaries")


def close(room: Room, request: Request, form: Form) -> Response:
    """An attention item was looked at."""
    item = AttentionId(request.path_params["number"])
    review.close_attention(
        room.desk.db, item, dismissed=form.get("was") == "nothing", reviewer=room.reviewer, now=room.desk.clock()
    )
    return _after_item(item, form)


def _after_item(item: AttentionId, form: Form) -> Response:
    following = form.get("following", "")
    return _to(f"/a/{following}?seen={item}" if following.isdigit() else f"/?seen={item}")


def put_off(room: Room, request: Request, form: Form) -> Response:
    """An attention item out of sight until then."""
    item = AttentionId(request.path_params["number"])
    until = wake_at(room, form.get("until", ""), form.get("at", ""))
    review.snooze_attention(room.desk.db, item, until, reviewer=room.reviewer, now=room.desk.clock())
    return _after_item(item, form)


def reopen(room: Room, request: Request, form: Form) -> Response:  # noqa: ARG001 every act is given its form
    """Take back that an attention item was seen, dismissed or put off."""
    item = AttentionId(request.path_params["number"])
    review.reopen_attention(room.desk.db, item, reviewer=room.reviewer, now=room.desk.clock())
    return _to(f"/a/{item}")
