"""The ladder → proposals: one letter a client, withdrawn when its reason goes away, drafted anew when its figures change."""

from datetime import timedelta

from pipeline.domain.client import Context
from pipeline.domain.ladder import PauseReason, Step
from pipeline.domain.proposal import Author, Proposal, ProposalStatus
from pipeline.invoices.recheck import Outcome, Recheck, recheck
from pipeline.run.chase_letters import chase_addressing, chase_facts, chase_strategy
from pipeline.run.chases import Chase, chase_of, chases_today, claim_subject, settings_of
from pipeline.run.desk import Desk
from pipeline.run.drafting import write_draft
from pipeline.run.proposing import brief_of, language_warnings, other_clients
from pipeline.run.report import RunReport
from pipeline.store import attention, changes, queue

_GIVEN_UP = timedelta(days=14)
"""A letter that lay unsent in Drafts for so long was most likely deleted there: the ladder goes on without it."""
_FOR_A_PERSON = {PauseReason.STALE, PauseReason.HUMAN, PauseReason.PAUSE_NOT_ALLOWED}


def chase_due(desk: Desk, report: RunReport) -> None:
    """Propose the letters that are due, and take back those whose reason went away."""
    for chase in chases_today(desk):
        with report.one_client("Chasing", chase.ledger.client.name):
            _chase_one(desk, chase, report)


def _chase_one(desk: Desk, chase: Chase, report: RunReport) -> None:
    client, state = chase.ledger.client, chase.state
    with desk.db.read() as tx:
        live = queue.live(tx, f"chase:{client.id}")
        letters = [p for p in queue.letters_to(tx, client.id) if p.strategy.step is not None]
        unsent = [p for p in letters if p.status is ProposalStatus.DELIVERED]
    waits = [letter for letter in unsent if _lies_in_drafts(desk, chase, letter, report)]
    if live is not None and not _still_stands(desk, chase, live, report):
        return
    step = Step.RESUME if state.resume else state.step
    if step is Step.L5:
        report.attention += _tell(
            desk, chase, "human", f"{client.name}: {' '.join(state.because)}", str(state.invoices)
        )
    elif step is not None and not waits:
        _propose(desk, chase, step, live, report)
        if step is Step.L4:
            _offer_claim(desk, chase, report)
    elif step is None and state.paused_reason in _FOR_A_PERSON:
        stale = state.paused_reason is PauseReason.STALE
        subject = "ledger" if stale else f"client:{client.id}:{state.invoices}"
        words = state.because[0] if stale else f"{client.name}: {' '.join(state.because)}"
        report.attention += _tell(desk, chase, f"ladder_{state.paused_reason}", words, subject)


def _lies_in_drafts(desk: Desk, chase: Chase, letter: Proposal, report: RunReport) -> bool:
    """Whether an approved letter that nobody has sent yet keeps another one from being drafted.

    It does while it is right: two letters in Drafts become two letters to the client. One that the money, or another
    figure, has overtaken is told to the person, and so is one that lies there for long; given up, it keeps nothing.
    """
    outcome = check_again(desk, chase, letter).outcome
    if any(entry.sent_at > letter.updated_at for entry in chase.ledger.log):
        outcome = Outcome.WITHDRAW  # a later letter has left since
    if outcome in {Outcome.WITHDRAW, Outcome.REDRAFT}:
        why = "its reason went away" if outcome is Outcome.WITHDRAW else "the ledger's figures have changed"
        words = f"Proposal {letter.id} lies unsent in Drafts and is no longer right ({why}): delete it there, do not send it."
        report.attention += _tell(desk, chase, "draft_outdated", words, f"proposal:{letter.id}")
        return False
    lain = desk.clock() - letter.updated_at
    if lain >= timedelta(days=desk.playbook.ladder.min_gap_days):
        since = f"{letter.updated_at:%Y-%m-%d}"
        words = f"Proposal {letter.id} to {chase.ledger.client.name} lies unsent in Drafts since {since}: it counts once it is sent."
        report.attention += _tell(desk, chase, "draft_unsent", words, f"proposal:{letter.id}")
    return lain < _GIVEN_UP


def _still_stands(desk: Desk, chase: Chase, live: Proposal, report: RunReport) -> bool:
    """Whether a proposal may be made or stay; takes back one whose reason went away. False: leave the client alone."""
    verdict = check_again(desk, chase, live)
    now = desk.clock()
    if verdict.outcome is Outcome.WITHDRAW:
        with desk.db.write() as tx:
            if live.status in {ProposalStatus.DELIVERING, ProposalStatus.UNCERTAIN}:
                attention.raise_attention(
                    tx,
                    "paid_meanwhile",
                    f"Proposal {live.id} may have left, and its reason went away ({verdict.reason}).",
                    now=now,
                    proposal_id=live.id,
                    client_id=live.client_id,
                )
                return False
            changes.move(
                tx, live, "withdrawn", ProposalStatus.WITHDRAWN, actor="firmly", now=now, note=str(verdict.reason)
            )
        report.withdrawn += 1
        return chase.state.resume != ()
    return verdict.outcome is Outcome.REDRAFT and live.status in {ProposalStatus.PENDING, ProposalStatus.SNOOZED}


def check_again(desk: Desk, chase: Chase, proposal: Proposal) -> Recheck:
    """Whether a drafted letter is still right: asked at every run, at approval and before it leaves."""
    facts = proposal.strategy.facts
    step = Step(proposal.strategy.step or Step.L1)
    if step is Step.RESUME or facts is None:
        return Recheck(Outcome.SEND)
    return recheck(step, facts.invoices, chase.ledger, settings_of(desk), desk.clock(), chase.as_of)


def still_right(desk: Desk, proposal: Proposal) -> str | None:
    """At approval, and just before a chase leaves: the reason why it must not, or None."""
    verdict = _verdict(desk, proposal)
    if verdict is None or verdict.outcome not in {Outcome.WITHDRAW, Outcome.REDRAFT}:
        return None
    return f"Proposal {proposal.id} is overtaken by the ledger: {verdict.reason}."


def not_yet(desk: Desk, proposal: Proposal, *, sends: bool) -> str | None:
    """Why an approved chase waits, or None: a stale ledger lets none leave, and nothing is sent outside the client's hours.

    A draft may be laid into Drafts at any hour: it is sent by a person.
    """
    verdict = _verdict(desk, proposal)
    if verdict is None or verdict.outcome is not Outcome.WAIT:
        return None
    if verdict.reason is PauseReason.STALE:
        return "the ledger is too old to look whether it was paid; import it."
    if not sends:
        return None
    when = f" until {verdict.opens_at:%Y-%m-%d %H:%M %Z}" if verdict.opens_at else ""
    return f"nothing is sent to this client now ({verdict.reason}){when}."


def _verdict(desk: Desk, proposal: Proposal) -> Recheck | None:
    """The last look at the ledger; None for what is no chase."""
    if proposal.strategy.step is None or proposal.client_id is None:
        return None
    chase = chase_of(desk, proposal.client_id)
    return Recheck(Outcome.WITHDRAW, PauseReason.PAID) if chase is None else check_again(desk, chase, proposal)


def _offer_claim(desk: Desk, chase: Chase, report: RunReport) -> None:
    """Say once that a formal letter could name interest or a fixed sum, where the client file gives what that needs."""
    client, numbers = chase.ledger.client, ", ".join(chase.state.invoices)
    facts = chase_facts(desk, chase, chase.state.invoices, Step.L4)
    grounds = client.late_terms is not None or (client.jurisdiction is not None and client.late_fee is None)
    if not client.business or not grounds or facts.claimed:
        return
    words = (
        f"{client.name}: the formal letter about {numbers} names no interest and no fixed sum, because nobody has"
        f" confirmed any. firmly invoices claim {client.id} shows what there would be."
    )
    report.attention += _tell(desk, chase, "claim_to_confirm", words, claim_subject(chase))


def _tell(desk: Desk, chase: Chase, kind: str, message: str, subject: str) -> bool:
    with desk.db.write() as tx:
        return attention.raise_attention(
            tx, kind, message, now=desk.clock(), client_id=chase.ledger.client.id, subject=subject
        )


def _propose(desk: Desk, chase: Chase, step: Step, live: Proposal | None, report: RunReport) -> None:
    """Draft the letter of a step; in the place of an older draft of this client that nobody has put a hand to."""
    client = chase.ledger.client
    strategy = chase_strategy(desk, chase, step)
    if strategy is None:
        return
    with desk.db.read() as tx:
        others = other_clients(tx, Context(client=client))
        addressing = chase_addressing(tx, desk, client, strategy)
    if addressing is None:
        report.attention += _tell(
            desk,
            chase,
            "no_address",
            f"{client.name} has no address that a reminder could go to.",
            f"client:{client.id}",
        )
        return
    brief = brief_of(desk, strategy, None, Context(client=client), others)
    draft = write_draft(desk, strategy, None, brief, trouble=report.failure)
    now = desk.clock()
    with desk.db.write() as tx:
        if live is not None and live.draft.author is Author.PERSON:
            changes.add_warning(tx, live, "The ledger's figures have changed since you wrote this.", now)
            return
        if live is not None:
            changes.move(
                tx, live, "superseded", ProposalStatus.SUPERSEDED, actor="firmly", now=now, note="the figures changed"
            )
        changes.add_proposal(
            tx,
            strategy,
            draft,
            addressing,
            client_id=client.id,
            mail_id=None,
            thread_id=None,
            warnings=language_warnings(desk.playbook, strategy),
            now=now,
        )
    report.proposed += 1
