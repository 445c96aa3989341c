"""A client with a long history, written into the store as a run would have left it."""

from datetime import timedelta

from sqlalchemy import Connection
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World

from pipeline.domain.assessment import Assessment, Behaviour
from pipeline.domain.ids import AccountId, ClientId, Label, MailId, UntrustedText
from pipeline.domain.mail import Direction, Message, Pass, Screening
from pipeline.parse import parse_message
from pipeline.store import mails, sightings, steps, threads
from pipeline.store.codec import dump
from pipeline.store.sightings import NewMail, Sighted
from pipeline.store.steps import StepState

THEIRS = "Hello Robin,\n\nwhile you are at it, please add page {n} to the site, it is only small. When will it be done?\n\nMia\n"
OURS = "Hello Mia,\n\nthank you. Page {n} is done; could you send me the text for the next one by Friday?\n\nRobin\n"


def write_history(world: World, number: int, *, client: int = 1) -> None:
    """So many mails of Harbour Bakery, half of them ours, four a thread, the newest an hour ago."""
    with world.db.write() as tx:
        for n in range(number):
            ours, first = n % 2 == 1, n - n % 4
            at = NOW - timedelta(hours=1 + 8 * (number - n))
            raw = mail(
                OWNER if ours else f"Mia Tide <{CLIENT}>",
                CLIENT if ours else OWNER,
                f"{'Re: ' if n != first else ''}Page {first}",
                (OURS if ours else THEIRS).format(n=n),
                message_id=f"<{n}@harbour.example>",
                in_reply_to=None if n == first else f"<{n - 1}@harbour.example>",
                at=at,
            )
            direction = Direction.OUTBOUND if ours else Direction.INBOUND
            new = NewMail(f"<{n}@harbour.example>", str(n), str(n), f"{n:064x}", raw, direction, at, at)
            sightings.add_sightings(tx, AccountId("main"), "sent" if ours else "inbox", 1, [Sighted(n + 1, new)], at)
            found = mails.mail_by_message_id(tx, f"<{n}@harbour.example>")
            if found is None:
                raise AssertionError
            _steps(tx, found.id, raw, n, client)


def _steps(tx: Connection, mail_id: MailId, raw: bytes, n: int, client: int) -> None:
    """What the stages before the decision leave."""
    message = parse_message(raw)
    ids = [f"<{n}@harbour.example>", *message.in_reply_to]
    threads.place(tx, mail_id, ids, f"page {n - n % 4}", None)
    mails.record_client(tx, mail_id, ClientId(client))
    steps.record(tx, mail_id, "parse", StepState.DONE, now=NOW, output=dump(Message, message))
    steps.record(tx, mail_id, "place", StepState.DONE, now=NOW)
    if n % 2 == 0:
        quote = UntrustedText("while you are at it, please add page")
        labels = (Behaviour(Label("scope_creep"), 8, quote),) if n % 6 == 0 else ()
        tone = Label(("neutral", "warm", "impatient", "frustrated")[n // 2 % 4])
        judged = Assessment("embedded/1:test", "en", tone, Label("question"), labels)
        steps.record(tx, mail_id, "screen", StepState.DONE, now=NOW, output=dump(Screening, Pass()))
        steps.record(tx, mail_id, "classify", StepState.DONE, now=NOW, output=dump(Assessment, judged))
