"""What would leave this machine about one mail: for the judge, and for the writer where a letter is due."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.app import guard_words_of, library_of, model_of, playbook_of, wall_clock, wants_endpoint, writer_of
from pipeline.classify.one_call import OneCallJudge
from pipeline.cli.judging import read_mail
from pipeline.config.load import store_path
from pipeline.config.models import Config
from pipeline.domain.client import Context
from pipeline.domain.ids import MailId
from pipeline.domain.mail import Message, Skip
from pipeline.domain.strategy import Strategy
from pipeline.draft.template import TemplateWriter
from pipeline.draft.written import WrittenWriter
from pipeline.errors import UsageError
from pipeline.llm import EndpointModel, Request
from pipeline.run.context import context_of, message_of
from pipeline.run.examples import style_examples
from pipeline.screen import screen_message
from pipeline.store import mails, steps
from pipeline.store.codec import load
from pipeline.store.database import Database
from pipeline.store.llm_calls import CallBook

_NUMBER = re.compile(r"m\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a request."""

    purpose: str
    """`classify` or `write`."""
    role: str
    """`system` and `user` are messages; `schema` is the form of the answer, `settings` the rest of the request."""
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would leave, and in the light of which records."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A mail with what the store knows of it."""

    message: Message
    context: Context
    strategy: Strategy | None
    note: str


def preview_mail(config: Config, mail: str) -> Preview:
    """Put together the requests about a mail, a file or the number of a stored one. Nothing is sent, and nothing is kept.

    Raises UsageError for a number that is not there, InputError for a file that cannot be read.
    """
    with _store(config) as db:
        known = _stored(db, int(mail[1:])) if _NUMBER.fullmatch(mail) and not Path(mail).exists() else _file(db, mail)
        skip = screen_message(known.message, own_emails=config.owner.emails())
        if isinstance(skip, Skip):
            return Preview((), (f"Nothing leaves: {skip.reason}, {skip.because}.",))
        with closing(CallBook(db)) as book, closing(model_of(config, book, wall_clock)) as model:
            parts = tuple(_parts(config, db, model, known))
        return Preview(parts, (known.note,))


@contextmanager
def _store(config: Config) -> Iterator[Database]:
    """The store, or an empty one that is thrown away where there is none yet."""
    with tempfile.TemporaryDirectory(prefix="firmly-") as directory:
        path = store_path(config)
        with closing(Database(path if path.exists() else Path(directory) / "empty.sqlite3")) as db:
            db.upgrade(wall_clock())
            yield db


def _file(db: Database, name: str) -> _Known:
    message = read_mail(Path(name))
    with db.read() as tx:
        row = mails.mail_by_message_id(tx, message.message_id) if message.message_id else None
    if row is not None:
        return _stored(db, row.id)
    return _Known(message, Context(client=None), None, "This mail is not in the store, so no records go with it.")


def _stored(db: Database, number: int) -> _Known:
    with db.read() as tx:
        row = mails.mail(tx, MailId(number))
        message = message_of(tx, row.id) if row else None
        if row is None or message is None:
            raise UsageError(f"There is no mail m{number}.", fix="Give a file, or a number that firmly explain shows.")
        decided = steps.output(tx, row.id, "decide")
        return _Known(
            message,
            context_of(tx, row),
            load(Strategy, decided) if decided else None,
            f"As mail m{row.id} of the store, with what is on record now.",
        )


def _parts(config: Config, db: Database, model: EndpointModel, known: _Known) -> Iterator[Part]:
    for request in _requests(config, db, model, known):
        body = dict(model.outgoing(request))
        for message in body.pop("messages"):
            yield Part(request.purpose, message["role"], message["content"])
        form = body.pop("response_format", None)
        if form is not None:
            yield Part(request.purpose, "schema", json.dumps(form, ensure_ascii=False))
        yield Part(request.purpose, "settings", json.dumps(body, ensure_ascii=False))


def _requests(config: Config, db: Database, model: EndpointModel, known: _Known) -> Iterator[Request]:
    library = library_of(config)
    playbook = playbook_of(library)
    if wants_endpoint(config, config.judge.kind):
        yield OneCallJudge(model, library, playbook.taxonomy).request_for(known.message, known.context)
    strategy = known.strategy
    if strategy and strategy.play and strategy.facts and wants_endpoint(config, config.writer.kind):
        examples = style_examples(db, playbook, guard_words_of(library))
        writer = writer_of(config, model, library, playbook, TemplateWriter(playbook, library), examples)
        if isinstance(writer, WrittenWriter):
            yield writer.request_for(strategy, known.message)
