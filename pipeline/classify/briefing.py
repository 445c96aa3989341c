"""What a judge with an endpoint is told of a mail: its newest text, the thread in short, and what is on record.

Only this thread and this client; no attachments, no addresses. Records of ours come as lines, text of mails as values
that the prompt puts between fences.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.classify.answer import TURNS
from pipeline.classify.quotes import Seen
from pipeline.domain.client import Client, Context, EarlierMail, Engagement
from pipeline.domain.ledger import Invoice, PromiseStatus
from pipeline.domain.mail import Message
from pipeline.llm.fence import Fence, head_and_tail, in_one_line, joined, name_for, seen

LONGEST_NEWEST = 8000
"""Characters of the newest text that a model sees; 64 kB is the most that requirement S16 allows for all."""
LONGEST_TURN = 600
LONGEST_QUOTED = 1500
_MOST_TURNS = len(TURNS)
_MOST_INVOICES = 12
_MOST_INCIDENTS = 6
_LONGEST_LINE = 240


@dataclass(frozen=True, slots=True)
class Briefing:
    """The values of a prompt, and what may be quoted."""

    variables: Mapping[str, object]
    newest: Seen
    earlier: Mapping[str, tuple[EarlierMail, Seen]]
    """By the name of the turn in the prompt, `M1` the oldest."""


def brief(message: Message, context: Context, fence: Fence) -> Briefing:
    """The values of `classify.md` for a mail."""
    pieces = head_and_tail(seen(message.newest), LONGEST_NEWEST)
    newest = joined(pieces, len(seen(message.newest)))
    turns = dict(zip(TURNS, context.thread[-_MOST_TURNS:], strict=False))
    shown = {name: head_and_tail(seen(turn.newest), LONGEST_TURN) for name, turn in turns.items()}
    texts = {name: joined(part, len(seen(turns[name].newest))) for name, part in shown.items()}
    # The thread as we have it is better than what the sender left standing of it.
    quoted = "" if turns else joined(head_and_tail(seen(message.quoted), LONGEST_QUOTED), len(seen(message.quoted)))
    subject = in_one_line(message.subject, _LONGEST_LINE)
    examples = tuple(
        {"label": e.label, "right": e.right, "text": in_one_line(e.quote, _LONGEST_LINE)} for e in context.corrected
    )
    fenced = (newest, subject, quoted, *texts.values(), *(str(example["text"]) for example in examples))
    variables: dict[str, object] = {
        "fence": name_for(fenced, fence),
        "known": tuple(known_lines(context)),
        "examples": examples,
        "thread": tuple(
            {"id": name, "from_client": turn.from_client, "date": _when(turn.sent_at), "text": texts[name]}
            for name, turn in turns.items()
        ),
        "quoted": quoted,
        "sent_at": _when(message.sent_at) if message.sent_at else "at an unknown time",
        "subject": subject,
        "newest": newest,
    }
    return Briefing(variables, Seen(pieces), {name: (turn, Seen(shown[name])) for name, turn in turns.items()})


def known_lines(context: Context) -> Iterator[str]:
    """What is on record about a client, a line each. Nothing in it is text of a mail."""
    for line in _known(context):
        yield in_one_line(line, _LONGEST_LINE)


def _known(context: Context) -> Iterator[str]:
    if context.client is not None:
        yield from _client(context.client)
    for label, words in context.never:
        yield f"never {label} for this client, says the owner: {words}"
    for invoice in context.invoices[-_MOST_INVOICES:]:
        yield _invoice(invoice)
    for promise in context.promises:
        if promise.status in {PromiseStatus.OPEN, PromiseStatus.BROKEN}:
            yield f"{promise.status.value} promise of {promise.made_at:%Y-%m-%d} to pay on {promise.date}"
    for boundary in context.boundaries:
        yield f"we stated a boundary about {boundary.label} on {boundary.stated_at:%Y-%m-%d}"
    for incident in context.incidents[-_MOST_INCIDENTS:]:
        yield f"confirmed {incident.label} on {incident.at:%Y-%m-%d}"


def _client(client: Client) -> Iterator[str]:
    yield f"client: {client.name}"
    for engagement in client.engagements:
        yield f"agreed: {_engagement(engagement)}"


def _engagement(engagement: Engagement) -> str:
    parts = [engagement.project, *engagement.scope]
    if engagement.revision_rounds is not None:
        used = "" if engagement.rounds_used is None else f", {engagement.rounds_used} used"
        parts.append(f"{engagement.revision_rounds} revision rounds{used}")
    if engagement.price is not None:
        parts.append(f"price {engagement.price} {engagement.currency or ''}".strip())
    if engagement.ends is not None:
        parts.append(f"ends {engagement.ends}")
    return "; ".join(parts)


def _invoice(invoice: Invoice) -> str:
    paid = f", paid on {invoice.paid_on}" if invoice.paid_on else ""
    return (
        f"invoice {invoice.number}: {invoice.total.amount} {invoice.total.currency}, due {invoice.due}, "
        f"{invoice.status.value}, open {invoice.open.amount}{paid}"
    )


def _when(moment: datetime) -> str:
    """With the weekday, because mails say `Friday`."""
    return f"{moment:%A %Y-%m-%d %H:%M}"
