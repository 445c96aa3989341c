"""The brief of a draft: everything that the strategy's facts hold becomes allowed, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from pipeline.domain.client import EarlierMail
from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.mail import Message
from pipeline.domain.proposal import GuardBrief
from pipeline.domain.strategy import Facts, Strategy

_KINDS = {"chase": "chase", "exit": "exit"}
_FORMAL = frozenset({"L4", "L5"})
_BEFORE_STOP = frozenset({"L0", "L1", "L2"})


def brief_for(
    strategy: Strategy,
    *,
    message: Message | None,
    labels: Sequence[str],
    other_clients: Sequence[str] = (),
    thread: Sequence[EarlierMail] = (),
    names: Sequence[str] = (),
    legal_allowed: bool = False,
    has_attachment: bool = False,
    formal: bool | None = None,
) -> GuardBrief:
    """What a draft for this strategy may state.

    `message` and `thread` are the mail and the earlier turns that it answers (None and empty for a chase): their words may be
    repeated, bank details excepted. `labels` are the taxonomy's names, `other_clients` names, addresses and invoice
    numbers of other clients, `names` further people and companies that may be named. `legal_allowed` is the owner's flag for legal
    words; it counts from L4 on. Raises ValueError for a strategy without facts: there is nothing to draft then.
    """
    facts = strategy.facts
    if facts is None:
        raise ValueError("a strategy without facts has no draft to guard")
    facts = _as_formal_as(strategy.step, facts)
    until = (facts.claimed_until,) if facts.claimed_until else ()
    promised = (*(c.date for c in facts.commitments), *facts.promised, *until)
    recorded = tuple(r.date for r in facts.records if r.date is not None)
    return GuardBrief(
        language=facts.language,
        kind=_KINDS.get(strategy.origin.partition(":")[0], "reply"),
        step=strategy.step,
        amounts=_amounts(facts),
        dates=(*promised, *recorded, *(d for i in facts.invoices for d in (i.issued, i.due))),
        numbers=_numbers(facts),
        names=tuple(n for n in (facts.owner_name, facts.greeting_name, facts.client_name, facts.project, *names) if n),
        links=facts.links,
        scope=facts.scope,
        client_text=_client_text(facts, message, thread),
        greeting_name=facts.greeting_name,
        signature_name=facts.owner_name,
        labels=tuple(labels),
        other_clients=tuple(other_clients),
        stop_allowed=facts.pause_allowed and strategy.step not in _BEFORE_STOP,
        late_fee=facts.late_fee,
        legal_allowed=legal_allowed,
        has_attachment=has_attachment,
        formal=formal,
        invoices=facts.invoices,
        phrases=tuple(
            p
            for p in (facts.working_hours, facts.update_days, facts.claim_title, *(r.what for r in facts.records))
            if p
        ),
        weekday_dates=(*promised, *recorded),
    )


def _as_formal_as(step: str | None, facts: Facts) -> Facts:
    """The facts without interest and fixed sums before L4, whoever put them there: no such letter names any."""
    if step in _FORMAL or not (facts.claimed or any(i.claim for i in facts.invoices)):
        return facts
    invoices = tuple(replace(i, claim=None) for i in facts.invoices)
    return replace(facts, invoices=invoices, claimed=(), claimed_until=None, claim_title=None)


def _amounts(facts: Facts) -> tuple[Money, ...]:
    paid = (Money(i.total.currency, i.total.amount - i.open.amount) for i in facts.invoices)
    owed = (m for i in facts.invoices for m in (i.total, i.open))
    return tuple(dict.fromkeys((*facts.totals, *facts.claimed, *owed, *(p for p in paid if p.amount > Decimal(0)))))


def _numbers(facts: Facts) -> tuple[str, ...]:
    counts = [facts.revision_rounds, facts.rounds_left]
    if facts.revision_rounds is not None and facts.rounds_left is not None:
        counts.append(facts.revision_rounds - facts.rounds_left)
    if len(facts.invoices) > 1:
        counts.append(len(facts.invoices))
    ages = (i.days_overdue for i in facts.invoices)
    return tuple(
        dict.fromkeys((*(i.number for i in facts.invoices), *(str(n) for n in (*counts, *ages) if n is not None)))
    )


def _client_text(facts: Facts, message: Message | None, thread: Sequence[EarlierMail]) -> UntrustedText:
    """What the client wrote: subject, newest text, the words behind each ask, and their earlier turns."""
    parts: list[str] = [] if message is None else [message.subject, message.newest]
    parts += (a.quote for a in facts.asks)
    parts += (m.newest for m in thread)
    return UntrustedText("\n\n".join(p for p in parts if p))
