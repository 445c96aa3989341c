"""Server time of the page with 10,000 proposals: all waiting, and all but fifty at an end.

Run: python -m benchmarks.queue_page [proposals]. Prints one JSON object. Budget: the queue page in 100 ms or less, and
as many queries with a long history as with none.
"""

import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, text
from starlette.testclient import TestClient

from pipeline.app import build_desk, library_of
from pipeline.config.clientfile import ClientFile
from pipeline.config.models import Config
from pipeline.domain.ids import AccountId, ClientId, Label
from pipeline.domain.proposal import Addressing, Author, Draft
from pipeline.domain.strategy import Action, Facts, Strategy
from pipeline.run.desk import Desk
from pipeline.store import changes, clients
from pipeline.web.app import build_page
from pipeline.web.gate import Key

NOW = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
HOST = "127.0.0.1:8765"
LETTER = "Hello Mia,\n\n" + "A line of the letter that is about as long as lines are.\n" * 12 + "\nRobin\n"


def desk_in(directory: Path) -> Desk:
    """A store with one client."""
    config = Config.model_validate(
        {
            "owner": {"name": "Robin Example", "email": "robin@studio.example"},
            "accounts": [{"kind": "folder", "id": "main", "path": str(directory / "mail")}],
            "store": {"path": str(directory / "store.sqlite3")},
            "judge": {"kind": "embedded"},
        }
    )
    desk = build_desk(config, lambda: NOW)
    with desk.db.write() as tx:
        clients.keep(tx, ClientFile.model_validate({"name": "Harbour", "emails": ["mia@harbour.example"]}), NOW)
    return desk


def fill(desk: Desk, count: int) -> None:
    """So many proposals that wait, of every label."""
    labels = [rule.name for rule in desk.playbook.taxonomy.behaviours]
    facts = Facts("Mia", "Robin Example", "en", client_name="Harbour", scope=("Home page", "Shop", "Texts") * 4)
    draft = Draft(LETTER, Author.TEMPLATE, "en")
    to = Addressing(AccountId("main"), "robin@studio.example", "Robin", "mia@harbour.example", "Mia", "Re: Something")
    with desk.db.write() as tx:
        for number in range(count):
            label = Label(labels[number % len(labels)])
            strategy = Strategy(
                Action.REPLY, ("it is so.",), f"reply:{number}:1", play=str(label), label=label, facts=facts
            )
            addressing = replace(to, subject=f"Re: Something {number}")
            moment = NOW - timedelta(minutes=count - number)
            changes.add_proposal(
                tx,
                strategy,
                draft,
                addressing,
                client_id=ClientId(1),
                mail_id=None,
                thread_id=None,
                warnings=(),
                now=moment,
            )


def measure(http: TestClient, desk: Desk, path: str, rounds: int = 15) -> dict[str, float]:
    """Median and worst milliseconds of a page, and its queries."""
    queries = [0]

    def count(*_: object) -> None:
        queries[0] += 1

    assert http.get(path).status_code == 200
    event.listen(desk.db.engine, "before_cursor_execute", count)
    assert http.get(path).status_code == 200
    event.remove(desk.db.engine, "before_cursor_execute", count)
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        http.get(path)
        took.append((time.perf_counter() - start) * 1000)
    return {"median_ms": round(statistics.median(took), 1), "worst_ms": round(max(took), 1), "queries": queries[0]}


def main(count: int) -> None:
    """Fill, measure, finish all but fifty, measure again."""
    with tempfile.TemporaryDirectory() as place:
        desk, key = desk_in(Path(place)), Key()
        page = build_page(
            desk, library_of(None), key=key, hosts=frozenset({HOST}), cookie="firmly", reviewer="benchmark"
        )
        http = TestClient(page, base_url=f"http://{HOST}")
        http.get(f"/enter?token={key.token}")
        found: dict[str, dict[str, float]] = {}
        fill(desk, 50)
        found["queue, 50 wait"] = measure(http, desk, "/")
        with desk.db.write() as tx:
            tx.execute(text("DELETE FROM events"))
            tx.execute(text("DELETE FROM drafts"))
            tx.execute(text("DELETE FROM proposals"))
        fill(desk, count)
        found[f"queue, {count} wait"] = measure(http, desk, "/")
        found[f"queue, {count} wait, page 100"] = measure(http, desk, "/?page=100")
        found[f"search, {count} wait"] = measure(http, desk, "/?q=something+4711")
        found[f"proposal, {count} wait"] = measure(http, desk, "/p/100")
        with desk.db.write() as tx:
            tx.execute(text("UPDATE proposals SET status = 'delivered' WHERE id % 200 != 0"))
        found[f"queue, 50 wait, {count - 50} done"] = measure(http, desk, "/")
        found[f"proposal, 50 wait, {count - 50} done"] = measure(http, desk, "/p/200")
    print(json.dumps({"benchmark": "queue_page", "proposals": count, "pages": found}, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
