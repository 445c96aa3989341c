"""`firmly queue …`: the queue for scripts and for people who like commands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import rewording
from pipeline.cli.common import (
    AsJson,
    ConfigPath,
    Now,
    ProposalNumber,
    Reviewer,
    is_item,
    item_of,
    later,
    number_of,
    print_json,
    proposal_at,
    reviewer,
    shelf_at,
)
from pipeline.domain.ids import AttentionId, ProposalId
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.cli.common import Shelf
    from pipeline.domain.proposal import Proposal, ProposalStatus

queue = typer.Typer(
    help="What waits for you: list, show, approve, edit, reject, snooze, redraft.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    rewording.register(queue)
    app.add_typer(queue, name="queue")


def _find(config: Path | None, now: str | None, number: str) -> tuple["Shelf", "Proposal"]:
    from pipeline.review import find_proposal

    shelf = shelf_at(config, now)
    return shelf, find_proposal(shelf.db, ProposalId(number_of(number, "p")))


@queue.command("list")
def list_(
    *,
    config: ConfigPath = None,
    now: Now = None,
    limit: Annotated[int, typer.Option(min=1, help="So many replies at most.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many first.")] = 0,
    everything: Annotated[bool, typer.Option("--all", help="All replies, whatever --limit says.")] = False,
    search: Annotated[str, typer.Option(help="Only what holds all these words.", metavar="WORDS")] = "",
    status: Annotated[
        str | None,
        typer.Option(help="Instead of what waits, the newest in a state: snoozed, delivered, sent, rejected …"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What waits for a person: matters without a draft, then replies, what matters most first."""
    from pipeline.cli.tables import attention_json, print_queue, proposal_json
    from pipeline.review import page_in_state, page_of_queue

    shelf = shelf_at(config, now)
    most = None if everything else limit
    if status is None:
        inbox = page_of_queue(shelf.db, _severity(shelf), words=search, offset=offset, limit=most)
    else:
        inbox = page_in_state(shelf.db, _state(status), offset=offset, limit=most)
    shown = offset + len(inbox.proposals)
    if as_json:
        print_json(
            "queue.list",
            {
                "attention": [attention_json(item) for item in inbox.attention],
                "proposals": [proposal_json(proposal) for proposal in inbox.proposals],
                "total": inbox.total,
                "offset": offset,
                "next_offset": shown if shown < inbox.total else None,
            },
        )
        return
    print_queue(shelf, inbox)
    if shown < inbox.total:
        typer.echo(f"{inbox.total - shown} more: firmly queue list --offset {shown}, or --all.")


def _severity(shelf: "Shelf") -> dict[str, int]:
    from pipeline.app import library_of, taxonomy_of

    return {rule.name: rule.severity or 1 for rule in taxonomy_of(library_of(shelf.config)).behaviours}


def _state(said: str) -> "ProposalStatus":
    from pipeline.domain.proposal import ProposalStatus

    if said not in set(ProposalStatus):
        raise UsageError(f"There is no state {said!r}.", fix=f"There are {', '.join(ProposalStatus)}.")
    return ProposalStatus(said)


@queue.command("show")
def show(
    number: Annotated[str, typer.Argument(help="p3 for a reply, a3 for a matter without a draft.", metavar="ID")],
    *,
    config: ConfigPath = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """One proposal whole: the mail, the labels with their quotes, why this play, the draft, what the guard says.

    Of a matter without a draft: the mail, the labels, and why it wants you.
    """
    from pipeline.cli.tables import print_proposal, proposal_json, show_item, view_of

    if is_item(number):
        shelf = shelf_at(config, now)
        show_item(shelf, item_of(shelf.db, number), as_json=as_json)
        return
    shelf, proposal = _find(config, now, number)
    view = view_of(shelf, proposal)
    if as_json:
        print_json("queue.show", proposal_json(proposal, view))
    else:
        print_proposal(shelf, proposal, view)


@queue.command("approve")
def approve(
    number: ProposalNumber,
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    wait: Annotated[bool, typer.Option("--no-deliver", help="Only approve; the next run delivers.")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve the exact bytes of a reply, and lay it into Drafts (or send it, where SMTP is configured)."""
    from pipeline.review import approve as give_approval
    from pipeline.review import find_proposal
    from pipeline.run.chasing import still_right
    from pipeline.run.loop import deliver_one

    desk, proposal = proposal_at(config, now, number)
    approved = give_approval(
        desk.db,
        desk.config.owner,
        proposal,
        reviewer=reviewer(by),
        now=desk.clock(),
        still_right=lambda shown: still_right(desk, shown),
    )
    trouble = None if wait else deliver_one(desk, approved.id)
    final = find_proposal(desk.db, approved.id)
    if as_json:
        print_json(
            "queue.approve",
            {"id": final.id, "status": final.status, "sha256": final.approved_sha256, "message_id": final.message_id},
        )
    else:
        typer.echo(f"Proposal {final.id} is {final.status}. SHA-256 of what you approved: {final.approved_sha256}")
    if trouble is not None:
        raise trouble


@queue.command("reject")
def reject(
    number: ProposalNumber,
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")] = "",
) -> None:
    """No reply to this one."""
    from pipeline.review import reject as turn_down

    shelf, proposal = _find(config, now, number)
    turn_down(shelf.db, proposal, reviewer=reviewer(by), now=shelf.clock(), reason=reason)
    typer.echo(f"Proposal {proposal.id} is rejected. firmly queue undo {proposal.id} takes that back.")


@queue.command("snooze")
def snooze(
    number: Annotated[str, typer.Argument(help="p3 for a reply, a3 for a matter without a draft.", metavar="ID")],
    until: Annotated[str, typer.Argument(help="A time (ISO 8601), or how long: 3h, 2d.", metavar="UNTIL")],
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Out of sight until then."""
    from pipeline.review import snooze as put_to_sleep
    from pipeline.review import snooze_attention

    if is_item(number):
        shelf, item = shelf_at(config, now), AttentionId(number_of(number, "a"))
        moment = later(until, shelf.clock())
        snooze_attention(shelf.db, item, moment, reviewer=reviewer(by), now=shelf.clock())
        typer.echo(f"Attention item a{item} sleeps until {moment.isoformat(timespec='minutes')}.")
        return
    shelf, proposal = _find(config, now, number)
    moment = later(until, shelf.clock())
    put_to_sleep(shelf.db, proposal, moment, reviewer=reviewer(by), now=shelf.clock())
    typer.echo(f"Proposal {proposal.id} sleeps until {moment.isoformat(timespec='minutes')}.")


@queue.command("label")
def label(
    number: Annotated[str, typer.Argument(help="p3 for a reply, m17 for a mail.", metavar="ID")],
    name: Annotated[str, typer.Argument(help="A behaviour or intent: scope_creep.", metavar="LABEL")],
    *,
    strike: Annotated[bool, typer.Option("--strike", help="It is wrong.")] = False,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Confirm or add a label of a mail, or strike it. The draft stays as it is."""
    from pipeline.app import library_of, taxonomy_of
    from pipeline.domain.ids import MailId
    from pipeline.run.remember import confirm_label, strike_label

    if number.strip().lower().startswith("m"):
        shelf, mail_id = shelf_at(config, now), MailId(number_of(number, "m"))
    else:
        shelf, proposal = _find(config, now, number)
        if proposal.mail_id is None:
            raise UsageError("This letter answers no mail; there is no label to confirm.")
        mail_id = proposal.mail_id
    taxonomy = taxonomy_of(library_of(shelf.config))
    decide = strike_label if strike else confirm_label
    new = decide(shelf.db, taxonomy, mail_id, name, actor=reviewer(by), now=shelf.clock())
    typer.echo("Noted." if new else "That is noted already.")


@queue.command("undo")
def undo(
    number: Annotated[str, typer.Argument(help="p3 for a reply, a3 for a matter without a draft.", metavar="ID")],
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Take back an approval, a rejection or a snooze, as long as nothing was delivered; open a closed matter again."""
    from pipeline.review import reopen_attention
    from pipeline.review import undo as take_back

    if is_item(number):
        shelf, item = shelf_at(config, now), AttentionId(number_of(number, "a"))
        reopen_attention(shelf.db, item, reviewer=reviewer(by), now=shelf.clock())
        typer.echo(f"Attention item a{item} is open again.")
        return
    shelf, proposal = _find(config, now, number)
    take_back(shelf.db, proposal, reviewer=reviewer(by), now=shelf.clock())
    typer.echo(f"Proposal {proposal.id} is pending again.")


@queue.command("settle")
def settle(
    number: ProposalNumber,
    *,
    delivered: Annotated[
        bool, typer.Option("--delivered/--again", help="It is there; or it is not, and may be delivered again.")
    ],
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
) -> None:
    """Say what became of an uncertain delivery, after a look into Sent and Drafts."""
    from pipeline.review import settle_uncertain

    shelf, proposal = _find(config, now, number)
    settle_uncertain(shelf.db, proposal, delivered=delivered, reviewer=reviewer(by), now=shelf.clock())
    typer.echo(f"Proposal {proposal.id} is {'delivered' if delivered else 'approved; the next run delivers it'}.")


@queue.command("seen")
def seen(
    number: Annotated[str, typer.Argument(help="The number of an attention item: a3.", metavar="ID")],
    *,
    config: ConfigPath = None,
    now: Now = None,
    by: Reviewer = "",
    dismiss: Annotated[bool, typer.Option("--dismiss", help="It was nothing.")] = False,
) -> None:
    """Close an attention item: you have looked at it."""
    from pipeline.review import close_attention

    shelf = shelf_at(config, now)
    item = AttentionId(number_of(number, "a"))
    close_attention(shelf.db, item, dismissed=dismiss, reviewer=reviewer(by), now=shelf.clock())
    typer.echo(f"Attention item a{item} is closed.")
