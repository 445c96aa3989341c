"""Everything a run works with, put together by `pipeline.app`. Holds no logic."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.classify.ports import Judge
from pipeline.config.models import Config
from pipeline.domain.ids import AccountId
from pipeline.draft.ports import Writer
from pipeline.guard import GuardWords
from pipeline.llm.retry import Breaker
from pipeline.mail.ports import MailDrop, MailSource
from pipeline.playbook import Playbook
from pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One account: how to open it. Connections are made late and closed early."""

    id: AccountId
    source: Callable[[], MailSource]
    drop: Callable[[], MailDrop]
    authserv_id: str | None


@dataclass(frozen=True, slots=True)
class Records:
    """What it takes to read what is known: nothing here judges a mail or writes a letter, so that it is there at once."""

    db: Database
    config: Config
    mailboxes: Mapping[AccountId, Mailbox]
    playbook: Playbook
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Desk(Records):
    """The parts of a run."""

    guard_words: GuardWords
    judge: Judge
    writer: Writer
    plain: Writer
    """The writer that always works: the plays' plain templates."""
    in_flight: int
    """How many mails are judged at the same time."""
    post: Callable[[], MailDrop] | None = None
    """How to send the owner a mail from themselves; None where [notices] names no account that can."""
    closers: tuple[Callable[[], None], ...] = ()
    useless: Breaker = field(default_factory=lambda: Breaker(time.monotonic, limit=5, rest_s=900.0))
    """Opens when so many letters of the writer in a row could not be used: each costs two calls with their full room."""

    def close(self) -> None:
        """Let go of connections and files. What is asked for later opens them again."""
        for close in self.closers:
            close()
