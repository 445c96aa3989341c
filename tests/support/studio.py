"""A home with a config, one client's mail in a folder, and an endpoint that answers by a script: for commands as cron calls them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers.scripted_endpoint import Answer, Body, ScriptedEndpoint, assessment, in_turn
from support import demo
from support.memory import mail

WORDS = "While you are in there, please add a booking form for free, it cannot take long."
CREEP = [{"label": "scope_creep", "confidence": 9, "quote": WORDS, "source": None}]
JUDGED = assessment(WORDS, behaviours=CREEP, needs_reply=True)
GOOD = json.dumps(JUDGED)
BODY = f"Hello Robin,\n\n{WORDS}\n\nMia\n"
NOW = "2026-11-17T09:30:00+01:00"


LETTER = (
    "Hello Mia,\n\nThank you for writing about the booking form. It was not part of what we agreed, so I would quote it"
    " separately before starting. Shall I write the quote, or leave it for later?\n\nKind regards,\nRobin Example"
)


@dataclass(frozen=True)
class Studio:
    """The home and its endpoint."""

    place: Path
    endpoint: ScriptedEndpoint

    def firmly(self, *words: str) -> demo.Answer:
        """A command with this config."""
        return demo.firmly(*words, home=self.place, FIRMLY_CONFIG=str(self.place / "config.toml"))


@contextmanager
def studio(tmp_path: Path, script: Callable[[Body], Answer] | Answer, *, sections: str = "") -> Iterator[Studio]:
    """A home with a config, a folder mailbox with one client's mail, and the endpoint running."""
    (tmp_path / "mail" / "inbox").mkdir(parents=True)
    (tmp_path / "mail" / "inbox" / "1.eml").write_bytes(mail(body=BODY, message_id="<1@harbour.example>"))
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / "harbour.toml").write_text('name = "Harbour Bakery"\nemails = ["mia@harbour.example"]\n')
    with ScriptedEndpoint(script) as endpoint:
        (tmp_path / "config.toml").write_text(
            f'{sections}\n[owner]\nname = "Robin Example"\nemail = "robin@studio.example"\n'
            '[[accounts]]\nkind = "folder"\nid = "main"\npath = "mail"\n'
            '[store]\npath = "firmly.sqlite3"\n'
            f'[llm]\nbase_url = "{endpoint.base_url}"\nmodel = "m"\n',
            encoding="utf-8",
        )
        yield Studio(tmp_path, endpoint)


def judged_by(answer: Answer, letter: Answer = LETTER) -> Callable[[Body], Answer]:
    """An endpoint that answers so about mails, and so when it is asked for a letter."""
    letters, mails = in_turn(letter), in_turn(answer)
    asked_for_json = re.compile(r"Answer with the JSON object\.")

    def script(body: Body) -> Answer:
        return mails(body) if asked_for_json.search(body["messages"][1]["content"]) else letters(body)

    return script
