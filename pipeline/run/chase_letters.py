"""The letter of a ladder step: its play, its facts, and where it goes."""

from dataclasses import replace

from sqlalchemy import Connection

from pipeline.decide import facts_for as owner_facts
from pipeline.domain.claims import ClaimSource
from pipeline.domain.client import Client, Context
from pipeline.domain.ids import AccountId
from pipeline.domain.ladder import Step
from pipeline.domain.proposal import Addressing
from pipeline.domain.strategy import Action, Facts, Strategy
from pipeline.invoices.claims import claimed_totals
from pipeline.invoices.facts import facts_for as invoice_facts
from pipeline.playbook import template_language
from pipeline.run.chases import Chase
from pipeline.run.desk import Desk
from pipeline.run.proposing import desktop_of
from pipeline.store import clients, ledger

_BILLING = ("account", "billing", "finance", "invoice", "payable", "bookkeep", "buchhalt")


def chase_strategy(desk: Desk, chase: Chase, step: Step) -> Strategy | None:
    """The letter of a step with its facts; None where the step is a person's."""
    name = desk.playbook.events["resume"] if step is Step.RESUME else desk.playbook.ladder.step(step).play
    if name is None:
        return None
    state = chase.state
    numbers = state.resume if step is Step.RESUME else state.invoices
    facts = chase_facts(desk, chase, numbers, step)
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


def chase_facts(desk: Desk, chase: Chase, numbers: tuple[str, ...], step: Step) -> Facts:
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


def chase_addressing(tx: Connection, desk: Desk, client: Client, strategy: Strategy) -> Addressing | None:
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
