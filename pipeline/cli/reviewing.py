"""`firmly review`: the queue in a terminal, one at a time, with single keys."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.common import desk_at, later, one_line, reviewer, safe
from pipeline.domain.ids import AttentionId, ProposalId
from pipeline.domain.proposal import AttentionItem, Proposal
from pipeline.domain.strategy import Stance
from pipeline.errors import FirmlyError, UsageError

if TYPE_CHECKING:
    from pipeline.run.desk import Desk

_FOLDED = frozenset({"aggression", "legal"})
_STANCES = {"1": Stance.SOFTER, "2": Stance.AS_DECIDED, "3": Stance.FIRMER}
_KEYS = "a approve · e edit · x reject · s snooze · r redraft · 1 2 3 softer, as it is, firmer · u undo · j k next, before · l label · / search · ? keys · q quit"
_ITEM_KEYS = (
    "o open the mail · a seen to · x it was nothing · s snooze · u undo · j k next, before · / search · ? keys · q quit"
)
_HELP = (
    "a approves exactly what is shown and hands it over; nothing leaves without it. e opens your editor, x says no reply,\n"
    "s hides it for a while, r writes another draft, 1 2 3 choose softer, as it is, or firmer, l confirms, adds or strikes\n"
    "a label, u takes the last decision back until it is delivered, / searches, j and k go on and back, q ends."
)


def sit_down(config: Path | None, now: str | None) -> None:
    """Go through the queue. Raises UsageError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("firmly review needs a terminal.", fix="firmly queue does the same in scripts.")
    from pipeline.cli.keys import single_keys

    desk = desk_at(config, now)
    with single_keys() as (next_key, by_line):
        _Session(desk, next_key, by_line).run()


@dataclass(slots=True)
class _Session:
    """One sitting: where one is in the queue, and what was done last."""

    desk: "Desk"
    next_key: Callable[[], str]
    by_line: Callable[[], AbstractContextManager[None]]
    at: int = 0
    words: str = ""
    last: AttentionId | Proposal | None = None
    """What was decided last: an attention item by its number, a proposal as it was before."""
    opened: set[int] = field(default_factory=set)
    going: bool = True
    shown: object = None

    def run(self) -> None:
        """Show, take a key, do it; until `q` or until nothing waits."""
        while self.going:
            waiting = self._waiting()
            if not waiting:
                typer.echo("Nothing waits for you." if not self.words else "Nothing that waits holds these words.")
                if not self.words:
                    return
                self.words = ""
                continue
            self.at = max(0, min(self.at, len(waiting) - 1))
            one = self._one(waiting[self.at])
            if self.shown != one:
                self._show(one, len(waiting))
                self.shown = one
            key = self.next_key()
            if not key:
                return
            try:
                self._do(one, key)
            except FirmlyError as error:
                typer.echo(f"{safe(error.message)} {safe(error.fix)}".strip())
                self.shown = None

    def _waiting(self) -> list[AttentionItem | ProposalId]:
        """What waits, in the order of the page: what has no draft, and then the gravest first."""
        from pipeline.store import attention, listing

        severity = {str(rule.name): rule.severity or 1 for rule in self.desk.playbook.taxonomy.behaviours}
        with self.desk.db.read() as tx:
            items = [
                item for item in attention.open_items(tx) if self.words in f"{item.kind} {item.message}".casefold()
            ]
            return [*items, *listing.order_of_waiting(tx, severity, words=self.words, limit=listing.BLOCK)]

    def _one(self, waiting: AttentionItem | ProposalId) -> AttentionItem | Proposal:
        from pipeline.review import find_proposal

        return waiting if isinstance(waiting, AttentionItem) else find_proposal(self.desk.db, waiting)

    def _show(self, one: AttentionItem | Proposal, total: int) -> None:
        from pipeline.cli.tables import print_proposal, view_of

        typer.echo(f"\n{'─' * 40}  {self.at + 1} of {total}\n")
        if isinstance(one, Proposal):
            print_proposal(self.desk, one, view_of(self.desk, one))
            typer.echo(_KEYS)
            return
        typer.echo(f"a{one.id} {one.kind}: {safe(one.message)}")
        if one.kind not in _FOLDED or one.id in self.opened:
            self._show_mail(one)
        elif one.mail_id is not None:
            typer.echo("The mail is rough and stays folded. Reading it tomorrow is a fine choice.")
        typer.echo(f"\n{_ITEM_KEYS}")

    def _show_mail(self, item: AttentionItem) -> None:
        from pipeline.run.context import message_of

        with self.desk.db.read() as tx:
            message = message_of(tx, item.mail_id) if item.mail_id is not None else None
        if message is not None:
            sender = message.from_.email if message.from_ else ""
            typer.echo(f"\n{one_line(message.subject, 100)}\n{one_line(sender, 100)}\n\n{safe(message.newest)}")

    def _do(self, one: AttentionItem | Proposal, key: str) -> None:
        common: dict[str, Callable[[], None]] = {
            "j": lambda: self._walk(1),
            "k": lambda: self._walk(-1),
            "q": self._quit,
            "/": self._search,
            "u": self._undo,
            "?": lambda: typer.echo(_HELP),
        }
        if key in common:
            common[key]()
        elif isinstance(one, Proposal):
            self._decide(one, key)
        else:
            self._attend(one, key)

    def _walk(self, step: int) -> None:
        self.at += step
        self.shown = None

    def _quit(self) -> None:
        self.going = False

    def _ask(self, question: str) -> str:
        """A line of words. Raises UsageError where the person would rather not say."""
        with self.by_line():
            try:
                return input(question).strip()
            except (EOFError, KeyboardInterrupt):
                typer.echo("")
                raise UsageError("Nothing was done.") from None

    def _search(self) -> None:
        self.words = self._ask("Search: ").casefold()
        self.at, self.shown = 0, None

    def _attend(self, item: AttentionItem, key: str) -> None:
        from pipeline import review as doors

        db, now, who = self.desk.db, self.desk.clock(), reviewer()
        if key == "o":
            self.opened.add(item.id)
            self.shown = None
        elif key in {"a", "x"}:
            doors.close_attention(db, item.id, dismissed=key == "x", reviewer=who, now=now)
            self.last = item.id
        elif key == "s":
            until = later(self._ask("Until (3h, 2d, or a time): "), now)
            doors.snooze_attention(db, item.id, until, reviewer=who, now=now)
            self.last = item.id

    def _decide(self, proposal: Proposal, key: str) -> None:
        from pipeline import review as doors

        db, now, who = self.desk.db, self.desk.clock(), reviewer()
        if key == "a":
            self._approve(proposal)
        elif key == "e":
            self._edit(proposal)
        elif key == "x":
            doors.reject(db, proposal, reviewer=who, now=now)
            self.last = proposal
            typer.echo(f"p{proposal.id} is rejected; u takes that back.")
        elif key == "s":
            until = later(self._ask("Until (3h, 2d, or a time): "), now)
            doors.snooze(db, proposal, until, reviewer=who, now=now)
            self.last = proposal
        elif key == "r" or key in _STANCES:
            self._redraft(proposal, key)
        elif key == "l":
            self._label(proposal)

    def _approve(self, proposal: Proposal) -> None:
        from pipeline import review as doors
        from pipeline.run.chasing import still_right
        from pipeline.run.loop import deliver_one

        doors.approve(
            self.desk.db,
            self.desk.config.owner,
            proposal,
            reviewer=reviewer(),
            now=self.desk.clock(),
            still_right=lambda shown: still_right(self.desk, shown),
        )
        self.last = proposal
        trouble = deliver_one(self.desk, proposal.id)
        if trouble is not None:
            raise trouble
        after = doors.find_proposal(self.desk.db, proposal.id)
        typer.echo(f"p{after.id} is {after.status}. SHA-256 of what you approved: {after.approved_sha256}")

    def _edit(self, proposal: Proposal) -> None:
        from pipeline.cli.rewording import from_editor
        from pipeline.review import take_edit
        from pipeline.run.proposing import inspect_words

        with self.by_line():
            words = from_editor(proposal.draft.body)
        if words.strip() != proposal.draft.body.strip():
            findings = inspect_words(self.desk, proposal, words)
            take_edit(self.desk.db, proposal, words, findings, reviewer=reviewer(), now=self.desk.clock())
        self.shown = None

    def _redraft(self, proposal: Proposal, key: str) -> None:
        from pipeline.review import take_redraft
        from pipeline.run.proposing import redraft

        if key == "r" and self.desk.writer is self.desk.plain:
            typer.echo(
                "Plain letters cannot follow a wish; that needs an endpoint. This one is filled anew from today's facts."
            )
        asked = key == "r" and self.desk.writer is not self.desk.plain
        wish = self._ask("What should be different? ") if asked else ""
        draft = redraft(self.desk, proposal, _STANCES.get(key, proposal.draft.stance), wish)
        take_redraft(self.desk.db, proposal, draft, reviewer=reviewer(), now=self.desk.clock())

    def _label(self, proposal: Proposal) -> None:
        from pipeline.run.remember import confirm_label, strike_label

        if proposal.mail_id is None:
            raise UsageError("This letter answers no mail; there is no label to confirm.")
        said = self._ask("Label to confirm or add; -label strikes it: ").replace(" ", "_")
        decide = strike_label if said.startswith("-") else confirm_label
        decide(
            self.desk.db,
            self.desk.playbook.taxonomy,
            proposal.mail_id,
            said.removeprefix("-"),
            actor=reviewer(),
            now=self.desk.clock(),
        )
        typer.echo("Noted.")

    def _undo(self) -> None:
        from pipeline import review as doors

        if self.last is None:
            raise UsageError("There is nothing to take back.")
        db, now, who = self.desk.db, self.desk.clock(), reviewer()
        if isinstance(self.last, Proposal):
            doors.undo(db, doors.find_proposal(db, self.last.id), reviewer=who, now=now)
        else:
            doors.reopen_attention(db, self.last, reviewer=who, now=now)
        self.last = None
