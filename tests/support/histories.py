"""Replays of history directories, with everything that is the same for all of them read once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event
from support.world import _hasty, shared

from pipeline.classify.embedded import EmbeddedJudge
from pipeline.classify.ports import Judge
from pipeline.config.models import Config
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.ids import AccountId, Label
from pipeline.domain.mail import Message
from pipeline.draft.template import TemplateWriter
from pipeline.mail.folder import FolderDrop, FolderSource
from pipeline.replay import replay_history, replay_json
from pipeline.run.desk import Desk, Mailbox
from pipeline.store.database import Database

HISTORIES = Path(__file__).parents[2] / "fixtures" / "histories"


@cache
def embedded() -> EmbeddedJudge:
    """The judge without an endpoint, loaded once."""
    return EmbeddedJudge.for_taxonomy(shared()[1].taxonomy)


@dataclass
class SilentJudge:
    """Finds nothing, and counts how often it was asked."""

    name: str = "silent"
    fingerprint: str = "silent/1"
    asked: list[str] = field(default_factory=list)

    def judge(self, message: Message, context: Context) -> Assessment:  # noqa: ARG002 the port's
        self.asked.append(message.message_id or "")
        return Assessment(judge=self.name, language="en", tone=Label("neutral"), intent=None, behaviours=())


def builder(judge: Judge) -> Callable[[Config, Callable[[], datetime]], Desk]:
    """What `build_desk` does, without reading the prompts each time."""

    def build(config: Config, clock: Callable[[], datetime]) -> Desk:
        library, playbook, words = shared()
        (account,) = config.accounts
        assert account.kind == "folder"
        assert config.store.path is not None
        db = Database(config.store.path)
        event.listen(db.engine, "connect", _hasty)
        db.upgrade(clock())
        plain = TemplateWriter(playbook, library)
        mailbox = Mailbox(
            AccountId(account.id),
            lambda: FolderSource(account.path),
            lambda: FolderDrop(account.path),
            account.authserv_id,
        )
        return Desk(
            db=db,
            config=config,
            mailboxes={mailbox.id: mailbox},
            playbook=playbook,
            guard_words=words,
            judge=judge,
            writer=plain,
            plain=plain,
            in_flight=1,
            clock=clock,
        )

    return build


def replayed(path: Path, judge: Judge | None = None, now: datetime | None = None) -> dict[str, Any]:
    """What `firmly replay --json` says of a directory."""
    return replay_json(replay_history(path, builder(judge or embedded()), now))
