"""A client's papers with 2,000 mails: the page, the Markdown and the card, warm and as a command of its own.

Run: python -m benchmarks.dossier [mails]. Prints one JSON object. Budget: the dossier and the card in under a second. The
ratio is to reading the same mails' parsed form out of the store and doing nothing with it.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from pipeline.app import build_desk
from pipeline.config.clientfile import ClientFile
from pipeline.config.load import load_config
from pipeline.domain.assessment import Assessment, Behaviour
from pipeline.domain.ids import AccountId, ClientId, Label, MailId, UntrustedText
from pipeline.domain.mail import Direction, Message, Pass, Screening
from pipeline.dossier import collect_papers, render_html, render_markdown
from pipeline.parse import parse_message
from pipeline.run.desk import Desk
from pipeline.store import clients, mails, sightings, steps, threads
from pipeline.store.codec import dump, load
from pipeline.store.sightings import NewMail, Sighted
from pipeline.store.steps import StepState

NOW = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
WHO = ClientId(1)
CONFIG = """
[owner]
name = "Robin Example"
email = "robin@studio.example"
timezone = "Europe/Berlin"
[[accounts]]
kind = "folder"
id = "main"
path = "mail"
[store]
path = "store.sqlite3"
[judge]
kind = "embedded"
"""
THEIRS = "Hello Robin,\n\nwhile you are at it, please add page {n} to the site, it is only small. When will it be done?\n\nMia\n"
OURS = "Hello Mia,\n\nthank you. Page {n} is done; could you send me the text for the next one by Friday?\n\nRobin\n"


def fill(desk: Desk, count: int) -> None:
    """So many mails of one client, half of them ours, four a thread, judged as a run would have judged them."""
    with desk.db.write() as tx:
        clients.keep(tx, ClientFile.model_validate({"name": "Harbour", "emails": ["mia@harbour.example"]}), NOW)
        for n in range(count):
            ours, first = n % 2 == 1, n - n % 4
            name, at = f"<{n}@harbour.example>", NOW - timedelta(hours=1 + 8 * (count - n))
            sender, to = "robin@studio.example", "mia@harbour.example"
            answers = "" if n == first else f"In-Reply-To: <{n - 1}@harbour.example>\n"
            raw = (
                f"From: {sender if ours else to}\nTo: {to if ours else sender}\nSubject: {'Re: ' if n != first else ''}Page {first}\n"
                f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: {name}\n{answers}\n{(OURS if ours else THEIRS).format(n=n)}"
            ).encode()
            direction = Direction.OUTBOUND if ours else Direction.INBOUND
            new = NewMail(name, str(n), str(n), f"{n:064x}", raw, direction, at, at)
            sightings.add_sightings(tx, AccountId("main"), "sent" if ours else "inbox", 1, [Sighted(n + 1, new)], at)
            row = mails.mail_by_message_id(tx, name)
            if row is not None:
                record(tx, row.id, raw, n)


def record(tx: Connection, mail_id: MailId, raw: bytes, n: int) -> None:
    """What the stages before the decision leave."""
    message = parse_message(raw)
    threads.place(tx, mail_id, [f"<{n}@harbour.example>", *message.in_reply_to], f"page {n - n % 4}", None)
    mails.record_client(tx, mail_id, WHO)
    steps.record(tx, mail_id, "parse", StepState.DONE, now=NOW, output=dump(Message, message))
    if n % 2 == 0:
        found = Behaviour(Label("scope_creep"), 8, UntrustedText("while you are at it, please add page"))
        judged = Assessment("embedded/1", "en", Label("neutral"), Label("question"), (found,) if n % 6 == 0 else ())
        steps.record(tx, mail_id, "screen", StepState.DONE, now=NOW, output=dump(Screening, Pass()))
        steps.record(tx, mail_id, "classify", StepState.DONE, now=NOW, output=dump(Assessment, judged))


def read_only(desk: Desk) -> int:
    """What any paper has to do at least: the mails' parsed form out of the store."""
    with desk.db.read() as tx:
        rows = mails.of_client(tx, WHO, datetime(1990, 1, 1, tzinfo=UTC))
        return len([load(Message, out) for out in steps.outputs(tx, [row.id for row in rows], "parse").values()])


def seconds(work: Callable[[], object], rounds: int = 5) -> dict[str, float]:
    """The medians: on the wall's clock, and of the processor, this process and the commands that it calls together."""
    wall, cpu = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), _used()
        work()
        wall.append(time.perf_counter() - start)
        cpu.append(_used() - used)
    return {"wall_s": round(statistics.median(wall), 3), "cpu_s": round(statistics.median(cpu), 3)}


def _used() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def main(count: int) -> None:
    """Fill, measure inside this process, measure the commands."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "config.toml"
        path.write_text(CONFIG)
        (Path(place) / "mail" / "inbox").mkdir(parents=True)
        desk = build_desk(load_config(path), lambda: NOW)
        fill(desk, count)
        first = seconds(lambda: render_html(collect_papers(desk, WHO)), rounds=1)
        papers = collect_papers(desk, WHO)
        bare = seconds(lambda: read_only(desk))
        whole = seconds(lambda: render_html(collect_papers(desk, WHO)))
        found = {
            "bare read": bare,
            "html, the first time": first,
            "html, read and rendered": whole,
            "html, rendered": seconds(lambda: render_html(papers)),
            "markdown, rendered": seconds(lambda: render_markdown(papers)),
        }
        environment = {**os.environ, "FIRMLY_CONFIG": str(path)}
        for name, words in (
            ("help", ("--help",)),
            ("dossier", ("clients", "dossier", "1", "--format", "html")),
            ("show", ("clients", "show", "1")),
        ):
            command = [sys.executable, "-m", "pipeline", *words]
            if name != "help":
                command += ["--now", NOW.isoformat()]
            found[f"command {name}"] = seconds(
                lambda command=command: subprocess.run(command, env=environment, capture_output=True, check=True),
                rounds=3,
            )
    ratio = round(whole["cpu_s"] / bare["cpu_s"], 2)
    print(json.dumps({"benchmark": "dossier", "mails": count, "html_to_bare_read": ratio, **found}, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
