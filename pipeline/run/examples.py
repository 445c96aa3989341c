"""Replies that the owner approved before, for the manner of the next one. A client's facts are shown to that client alone."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection

from pipeline.domain.ids import ClientId, ThreadId
from pipeline.domain.strategy import Strategy
from pipeline.draft.neutral import (
    Vocabulary,
    facts_in_words,
    neutral,
    shared_words,
    words_of,
    words_of_letters,
)
from pipeline.guard import GuardWords
from pipeline.playbook import Playbook
from pipeline.store import clients, lessons, threads
from pipeline.store.database import Database
from pipeline.store.lessons import Example

MOST = 3
"""So many replies show a manner; more of them cost more than they tell."""
_LOOKED_AT = 12


def style_examples(db: Database, playbook: Playbook, words: GuardWords) -> Callable[[Strategy], tuple[str, ...]]:
    """Who gives up to three approved replies of the same play and language, the same client's first.

    Replies to the same client are given as they left. From those to others every fact is left out (`draft.neutral`).
    """
    letters = cache(lambda language: words_of_letters(playbook, language))

    def examples(strategy: Strategy) -> tuple[str, ...]:
        if strategy.play is None or strategy.facts is None:
            return ()
        language = lessons.primary(strategy.facts.language)
        with db.read() as tx:
            client_id = _client_of(tx, strategy.origin)
            found = lessons.examples(tx, strategy.play, language, client_id, limit=_LOOKED_AT)
            own = [one.words for one in found if client_id is not None and one.client_id == client_id][:MOST]
            others = [one for one in found if client_id is None or one.client_id != client_id]
            if len(own) == MOST or not others:
                return tuple(own)
            vocabulary = _vocabulary(tx, language, client_id, letters(language), words)
        told = (neutral(one.words, vocabulary) for one in others)
        return tuple([*own, *(words for words in told if words is not None)][:MOST])

    return examples


def _client_of(tx: Connection, origin: str) -> ClientId | None:
    """Whom an origin is about: `reply:<thread>:<client>`, `chase:<client>`, `exit:<client>`, `nudge:<thread>`."""
    kind, _, rest = origin.partition(":")
    last = rest.rpartition(":")[2]
    if not last.isdigit():
        return None
    if kind == "nudge":
        of_thread = threads.mails_of(tx, ThreadId(int(last)))
        return next((row.client_id for row in of_thread if row.client_id is not None), None)
    return ClientId(int(last))


def _vocabulary(
    tx: Connection, language: str, client_id: ClientId | None, letters: frozenset[str], words: GuardWords
) -> Vocabulary:
    """What may be shown of letters to others while this client is written to."""
    sent = lessons.letters_in(tx, language)
    lexicon = words.lexicons.get(language)
    to_this_client = [one.words for one in sent if client_id is not None and one.client_id == client_id]
    shared = shared_words((one.client_id or one.to_email, one.words) for one in sent)
    return Vocabulary(
        plain=letters | shared | words_of(" ".join(to_this_client)),
        never=(_names(tx, sent) - (lexicon.stopwords if lexicon else frozenset())) | facts_in_words(lexicon),
    )


def _names(tx: Connection, sent: list[Example]) -> frozenset[str]:
    """The words in names, addresses and projects of all clients, and in those of everybody who was written to."""
    said = [part for one in sent for part in (one.to_name, one.to_email)]
    for client in clients.all_clients(tx):
        file = clients.client_file(tx, client.id)
        said += [client.name, *client.emails, *client.domains, *(one.project for one in client.engagements)]
        said += [contact.name or "" for contact in file.contacts] if file else []
    return words_of(" ".join(said).replace("-", " "))
