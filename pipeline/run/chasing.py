"""The ladder → proposals: one letter a client, withdrawn when its reason goes away, drafted anew when its figures change."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.decide import facts_for as owner_facts
from pipeline.domain.claims import ClaimSource
from pipeline.domain.client import Client, Context
from pipeline.domain.ids import AccountId
from pipeline.domain.ladder import ClientLedger, LadderSettings, LadderState, PauseReason, Step
from pipeline.domain.ledger import Promise
from pipeline.domain.proposal import Addressing, Author, Proposal, ProposalStatus
from pipeline.domain.strategy import Action, Facts, Strategy
from pipeline.errors import FirmlyError
from pipeline.invoices.claims import claimed_totals
from pipeline.invoices.facts import facts_for as invoice_facts
from pipeline.invoices.ladder import climb
from pipeline.invoices.plan import Planned, plan
from pipeline.invoices.promises import settle_promises
from pipeline.invoices.recheck import Outcome, Recheck, recheck
from pipeline.invoices.settings import ladder_settings
from pipeline.playbook import template_language
from pipeline.run.desk import Desk
from pipeline.run.drafting import write_draft
from pipeline.run.ledgers import client_ledger
from pipeline.run.proposing import brief_of, desktop_of, language_warnings, other_clients
from pipeline.run.report import RunReport
from pipeline.store import attention, changes, clients, ledger, queue
from pipeline.workdays import WorkCalendar

_FOR_A_PERSON = {PauseReason.STALE, PauseReason.HUMAN, PauseReason.PAUSE_NOT_ALLOWED}
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_BILLING = ("account", "billing", "finance", "invoice", "payable", "bookkeep", "buchhalt")


@dataclass(frozen=True, slots=True)
class Chase:
    """What the ladder says of one client today."""

    ledger: ClientLedger
    state: LadderState
    as_of: datetime | None


def settings_of(desk: Desk) -> LadderSettings:
    """The playbook's ladder with the config's profile and freshness."""
    section = desk.config.invoices
    fresh_for = int(section.fresh_for[:-1]) * _UNITS[section.fresh_for[-1]]
    return ladder_settings(desk.playbook, profile=section.ladder, fresh_for=fresh_for)


def chases_today(desk: Desk) -> list[Chase]:
    """Every client with an invoice that is open or whose payment ends a stop of work, by name."""
    settings = settings_of(desk)
    now = desk.clock()
    found = []
    with desk.db.read() as tx:
        as_of = ledger.as_of(tx)
        for client in clients.all_clients(tx):
            books = client_ledger(
                tx,
                client,
                desk.config.owner.hours(),
                now,
                disputes=frozenset(desk.playbook.precedence.disputes),
                authservs={mailbox.id: mailbox.authserv_id for mailbox in desk.mailboxes.values()},
            )
            if books.invoices:
                found.append(Chase(books, climb(books, settings, now, as_of), as_of))
    return found


def chase_due(desk: Desk, report: RunReport) -> None:
    """Propose the letters that are due, and take back those whose reason went away. One client's trouble is one client's."""
    for chase in chases_today(desk):
        try:
            _chase_one(desk, chase, report)
        except FirmlyError as error:
            report.trouble(error.exit_code, f"{chase.ledger.client.name}: {error.message} {error.fix}".strip())
        except Exception as error:  # noqa: BLE001 reported with exit code 1; the other clients' invoices must not wait for it
            report.bug(
                error, f"Chasing {chase.ledger.client.name} met a bug ({type(error).__name__}); the rest went on."
            )


def _chase_one(desk: Desk, chase: Chase, report: RunReport) -> None:
    client, state = chase.ledger.client, chase.state
    with desk.db.read() as tx:
        live = queue.live(tx, f"chase:{client.id}")
        letters = [p for p in queue.letters_to(tx, client.id) if p.strategy.step is not None]
        unsent = [p for p in letters if p.status is ProposalStatus.DELIVERED]
    for letter in unsent:
        if check_again(desk, chase, letter).outcome is Outcome.WITHDRAW:
            words = f"Proposal {letter.id} lies unsent in Drafts and is no longer right: look at it before you send it."
            report.attention += _tell(desk, chase, "draft_outdated", words, f"proposal:{letter.id}")
    if live is not None and not _still_stands(desk, chase, live, report):
        return
    if state.resume:
        _propose(desk, chase, Step.RESUME, live, report)
    elif state.step is Step.L5:
        report.attention += _tell(
            desk, chase, "human", f"{client.name}: {' '.join(state.because)}", str(state.invoices)
        )
    elif state.step is not None:
        _propose(desk, chase, state.step, live, report)
        if state.step is Step.L4:
            _offer_claim(desk, chase, report)
    elif state.paused_reason in _FOR_A_PERSON:
        stale = state.paused_reason is PauseReason.STALE
        subject = "ledger" if stale else f"client:{client.id}:{state.invoices}"
        words = state.because[0] if stale else f"{client.name}: {' '.join(state.because)}"
        report.attention += _tell(desk, chase, f"ladder_{state.paused_reason}", words, subject)


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
    """Just before a chase leaves: the reason why it must not, or None."""
    if proposal.strategy.step is None or proposal.client_id is None:
        return None
    chase = next((c for c in chases_today(desk) if c.ledger.client.id == proposal.client_id), None)
    if chase is None:
        return f"Proposal {proposal.id} was withdrawn: the client has no open invoice any more."
    verdict = check_again(desk, chase, proposal)
    if verdict.outcome in {Outcome.WITHDRAW, Outcome.REDRAFT}:
        return f"Proposal {proposal.id} was withdrawn before it left: {verdict.reason}."
    return None


def _offer_claim(desk: Desk, chase: Chase, report: RunReport) -> None:
    """Say once that a formal letter could name interest or a fixed sum, where the client file gives what that needs."""
    client, numbers = chase.ledger.client, ", ".join(chase.state.invoices)
    facts = _facts(desk, chase, chase.state.invoices, Step.L4)
    grounds = client.late_terms is not None or (client.jurisdiction is not None and client.late_fee is None)
    if not client.business or not grounds or facts.claimed:
        return
    words = (
        f"{client.name}: the formal letter about {numbers} names no interest and no fixed sum, because nobody has"
        f" confirmed any. firmly invoices claim {client.id} shows what there would be."
    )
    report.attention += _tell(desk, chase, "claim_to_confirm", words, f"client:{client.id}:{chase.state.invoices}")


def _tell(desk: Desk, chase: Chase, kind: str, message: str, subject: str) -> bool:
    with desk.db.write() as tx:
        return attention.raise_attention(
            tx, kind, message, now=desk.clock(), client_id=chase.ledger.client.id, subject=subject
        )


def _propose(desk: Desk, chase: Chase, step: Step, live: Proposal | None, report: RunReport) -> None:
    """Draft the letter of a step; in the place of an older draft of this client that nobody has put a hand to."""
    client = chase.ledger.client
    strategy = _strategy(desk, chase, step)
    if strategy is None:
        return
    with desk.db.read() as tx:
        others = other_clients(tx, Context(client=client))
        addressing = _addressing(tx, desk, client, strategy)
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


def _strategy(desk: Desk, chase: Chase, step: Step) -> Strategy | None:
    """The letter of a step with its facts; None where the step is a person's."""
    name = desk.playbook.events["resume"] if step is Step.RESUME else desk.playbook.ladder.step(step).play
    if name is None:
        return None
    state = chase.state
    numbers = state.resume if step is Step.RESUME else state.invoices
    facts = _facts(desk, chase, numbers, step)
    moves = tuple((number, Step.RESUME.value) for number in numbers) if step is Step.RESUME else _plain(state.moves)
    return Strategy(
        action=Action.REPLY,
        because=state.because or (f"{', '.join(numbers)}: paid after the stop of work.",),
        origin=f"chase:{chase.ledger.client.id}",
        play=name,
        label=desk.playbook.plays[name].label,
        step=step.value,
        moves=moves,
        facts=facts,
    )


def _plain(moves: tuple[tuple[str, Step], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((number, step.value) for number, step in moves)


def _facts(desk: Desk, chase: Chase, numbers: tuple[str, ...], step: Step) -> Facts:
    """The owner's facts with exactly the ladder's invoices in them, and in a formal letter what a person confirmed on top."""
    client = chase.ledger.client
    base = owner_facts(
        desktop_of(desk),
        desk.playbook,
        Context(client=client, promises=chase.ledger.promises),
        desk.clock(),
        assessment=None,
        message=None,
    )
    today = desk.clock().astimezone(chase.ledger.hours.timezone).date()
    days = desk.playbook.claims.confirmed_days
    invoices, totals = invoice_facts(chase.ledger, today, numbers, step=step, confirmed_days=days)
    claimed, confirmed = claimed_totals(invoices), chase.ledger.claim
    if not claimed or confirmed is None:
        return replace(base, invoices=invoices, totals=totals)
    basis = confirmed.claim.basis
    return replace(
        base,
        invoices=invoices,
        totals=totals,
        claimed=claimed,
        claimed_until=confirmed.claim.until,
        claim_title=basis.title if basis.source is ClaimSource.STATUTE and desk.config.invoices.legal_words else None,
    )


def _addressing(tx: Connection, desk: Desk, client: Client, strategy: Strategy) -> Addressing | None:
    """A new mail to whoever pays: the contact for accounts, else the address on the invoice, else the first one."""
    facts = strategy.facts
    file = clients.client_file(tx, client.id)
    contacts = file.contacts if file else ()
    payer = next((c for c in contacts if c.role and any(word in c.role.lower() for word in _BILLING)), None)
    billed = [
        i.client_email
        for i in ledger.invoices(tx, client.id)
        if facts and any(i.number == f.number for f in facts.invoices)
    ]
    to_email = payer.email if payer else next((email for email in (*billed, *client.emails) if email), None)
    if to_email is None or facts is None or strategy.play is None:
        return None
    language = template_language(desk.playbook.plays[strategy.play], facts.language)
    word = desk.playbook.table_words(language).number
    owner = desk.config.owner
    return Addressing(
        account_id=AccountId(next(iter(desk.mailboxes))),
        from_email=owner.email,
        from_name=owner.name,
        to_email=to_email,
        to_name=payer.name or "" if payer else "",
        subject=f"{word} {', '.join(fact.number for fact in facts.invoices)}",
    )


def promises_today(desk: Desk) -> list[tuple[str, Promise]]:
    """Every promise to pay, with what became of it by today, and the client's name."""
    settings = settings_of(desk)
    found = []
    for chase in chases_today(desk):
        books = chase.ledger
        calendar = WorkCalendar(books.hours)
        settled = settle_promises(
            books.promises,
            books.invoices,
            calendar.today(desk.clock()),
            calendar,
            payments=books.payments,
            check_after=settings.check_after_workdays,
        )
        found += [(books.client.name, promise) for promise in settled]
    return found


def coming(desk: Desk, days: int) -> tuple[Planned, ...]:
    """The letters of the coming days, if nobody pays and every letter leaves on its day."""
    return plan([chase.ledger for chase in chases_today(desk)], settings_of(desk), desk.clock(), days)
