"""What a search in the queue looks through: one line of folded text a proposal, of any script.

No full-text index: a scan of ten thousand waiting proposals takes less than a page may, words of one or two characters
(Chinese has many) are found like longer ones, and forgetting a client has no shadow tables to scrub.
"""

import json
import unicodedata

from sqlalchemy import Connection, text

from pipeline.domain.ids import ProposalId

_LONGEST_MAIL = 2000
"""Characters of the client's mail that are looked through."""


def fold(words: str) -> str:
    """Text as a search compares it: one line, no difference of case or of compatible characters."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def record_words(tx: Connection, proposal_id: ProposalId) -> None:
    """Write down what a search finds this proposal by: people, subject, play, its newest draft, the mail that it answers."""
    row = tx.execute(
        text(
            "SELECT json_extract(p.addressing, '$.to_name') AS name, json_extract(p.addressing, '$.to_email') AS email,"
            " json_extract(p.addressing, '$.subject') AS subject, json_extract(p.strategy, '$.play') AS play,"
            " json_extract(p.strategy, '$.label') AS label, d.body, json_extract(s.output, '$.newest') AS mail"
            " FROM proposals p JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version"
            " LEFT JOIN steps s ON s.mail_id = p.mail_id AND s.stage = 'parse' WHERE p.id = :id",
        ),
        {"id": proposal_id},
    ).one()
    kinds = " ".join(f"{kind} {kind.replace('_', ' ')}" for kind in (row.play, row.label) if kind)
    parts = (row.name, row.email, row.subject, kinds, row.body, (row.mail or "")[:_LONGEST_MAIL])
    tx.execute(
        text(
            "INSERT INTO proposal_words (proposal_id, words) VALUES (:id, :words)"
            " ON CONFLICT (proposal_id) DO UPDATE SET words = :words",
        ),
        {"id": proposal_id, "words": fold(" ".join(part for part in parts if part))},
    )


def condition(tx: Connection, words: str) -> tuple[str, dict[str, str]]:
    """SQL over `p` (proposals) that is true where all of these words are found, and its parameters.

    A client's name is looked up in the list of clients, so that a client who is renamed is found under the new name.
    """
    if not words.strip():
        return "TRUE", {}
    named = [(int(row.id), fold(row.name)) for row in tx.execute(text("SELECT id, name FROM clients"))]
    clauses, given = [], {}
    for number, word in enumerate(fold(words).split()):
        given[f"word{number}"] = word
        given[f"named{number}"] = json.dumps([client for client, name in named if word in name])
        clauses.append(
            f"(EXISTS (SELECT 1 FROM proposal_words w WHERE w.proposal_id = p.id AND instr(w.words, :word{number}))"
            f" OR p.client_id IN (SELECT value FROM json_each(:named{number})))"
        )
    return " AND ".join(clauses), given
