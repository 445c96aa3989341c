"""Input that is not as it should be, in an ordinary run: right or unknown, never a wrong accusation."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world

from pipeline.config.clientfile import ClientFile
from pipeline.domain.ids import ClientId, MailId
from pipeline.domain.verdict import Advice
from pipeline.errors import UsageError
from pipeline.mail.ports import Role
from pipeline.run.clientbook import forget_client, set_client
from pipeline.run.dossier import Dossier, dossiers
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.remember import confirm_label
from pipeline.store import clients, mails

QUESTION = "Hello Mia,\n\ncould you send me the text for page {n}?\n\nRobin\n"
ANSWER = "Hello Robin,\n\nthe text is attached, sorry that it took so long.\n\n{who}\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Harbour Bakery, and a mailbox that is read as far back as the histories reach."""
    return make_world(tmp_path, run={"first_days": 120})


def keep(world: World, name: str, **more: object) -> ClientId:
    """A client, as their file describes them."""
    with world.db.write() as tx:
        return clients.keep(tx, ClientFile.model_validate({"name": name, **more}), NOW)


def ask(world: World, number: int, *, days: int = 30) -> None:
    """A question of ours, in a thread of its own."""
    at = NOW - timedelta(days=days)
    raw = mail(OWNER, CLIENT, f"Page {number}", QUESTION.format(n=number), message_id=f"<{number}@us.example>", at=at)
    world.box.add(raw, Role.SENT, at=at)


def come(world: World, body: str, *, sender: str = CLIENT, number: int = 1, days: float = 5, **more: object) -> None:
    """A mail comes in."""
    at = NOW - timedelta(days=days)
    words: dict[str, object] = {"message_id": f"<in{number}@x.example>", "at": at, **more}
    world.box.add(mail(sender, body=body, **words), at=at)  # type: ignore[arg-type]


def run(world: World) -> None:
    """One run."""
    run_once(world.desk, RunOptions(deliver=False))


def known(world: World, name: str = "Harbour Bakery") -> Dossier:
    """What is known of a client."""
    return next(d for d in dossiers(world.desk) if d.client.name == name)


def signals(world: World) -> list[str]:
    """Harbour Bakery's."""
    return [signal.name for signal in known(world).signals]


def owners(world: World) -> dict[str, int | None]:
    """Whose mail is whose, by Message-ID; mail that was not fetched is not in it."""
    with world.db.read() as tx:
        rows = [mails.mail(tx, MailId(number)) for number in range(1, 20)]
    return {row.message_id: row.client_id for row in rows if row is not None}


def silent(world: World) -> None:
    """Three questions that nobody answered: what a client is called unresponsive for."""
    for number in (1, 2, 3):
        ask(world, number)


def test_silence_is_seen(world: World) -> None:
    """The other tests would prove nothing if an ordinary run never called anybody unresponsive."""
    silent(world)
    run(world)
    assert signals(world) == ["unresponsive"]


def test_without_a_sent_folder_nobody_is_silent(world: World) -> None:
    """Where our own mail is not read, an unanswered question cannot be told from an answered one."""
    come(world, "Hello Robin, how are you?\n", days=60)
    run(world)
    found = known(world)
    assert (found.signals, found.record.requests, found.record.boundaries) == ((), (), ())


def test_a_free_mail_domain_is_nobodys(world: World) -> None:
    """A client file with gmail.com in it must not make every stranger there that client."""
    keep(world, "Kiosk", emails=["kim@gmail.com"], domains=["gmail.com"])
    come(world, "[aggression] I will find you.\n", sender="other@gmail.com")
    come(world, "Hello.\n", sender="kim@gmail.com", number=2)
    run(world)
    assert owners(world) == {"<in2@x.example>": 2}


@pytest.mark.parametrize("first", ["Press A", "Press B"])
def test_a_domain_of_two_clients_is_nobodys(world: World, first: str) -> None:
    """Whoever was written down last would be charged with what a stranger of the shared office wrote."""
    for name in (first, "Press B" if first == "Press A" else "Press A"):
        keep(world, name, emails=[f"{name[-1].lower()}@prints.example"], domains=["prints.example"])
    come(world, "[aggression] I will find you.\n", sender="someone@prints.example")
    come(world, "Hello.\n", sender="a@prints.example", number=2)
    run(world)
    assert owners(world) == {"<in2@x.example>": known(world, "Press A").client.id}


def test_two_addresses_are_one_client(world: World) -> None:
    """An answer from the second address is an answer."""
    keep(world, "Harbour Bakery", emails=[CLIENT, "mia@home.example"])
    silent(world)
    for number in (1, 2, 3):
        ids = {"number": number, "in_reply_to": f"<{number}@us.example>"}
        come(world, ANSWER.format(who="Mia"), sender="mia@home.example", **ids)  # type: ignore[arg-type]
    run(world)
    assert signals(world) == []
    assert len(known(world).history.turns) == 6


@pytest.mark.parametrize("mode", ["ignore", "triage"])
def test_an_assistant_with_an_unknown_address_answers_for_the_client(tmp_path: Path, mode: str) -> None:
    """The client who lets somebody else answer would be called silent; what that person writes is not the client's doing."""
    world = make_world(tmp_path, run={"first_days": 120}, clients={"unknown_senders": mode})
    silent(world)
    for number in (1, 2, 3):
        ids = {"number": number, "in_reply_to": f"<{number}@us.example>", "subject": f"Re: Page {number}"}
        come(world, ANSWER.format(who="Pat"), sender="pat@office.example", **ids)  # type: ignore[arg-type]
    come(world, "[aggression] Who are you?\n", sender="stranger@else.example", number=9)
    run(world)
    assert signals(world) == []
    assert known(world).record.incidents == ()
    assert [m for m in known(world).history.turns if m.counts] == []
    assert [turn.stands_in for turn in known(world).history.turns].count(True) == 3


def test_what_an_unknown_address_wrote_is_purged_with_the_thread(world: World) -> None:
    """It quotes the client, and hangs on nobody."""
    ask(world, 1)
    come(world, "Canary words.\n", sender="pat@office.example", in_reply_to="<1@us.example>")
    run(world)
    assert b"Canary" in world.db.path.read_bytes() + _wal(world)
    forget_client(world.db, world.desk.config, ClientId(1))
    assert b"Canary" not in world.db.path.read_bytes() + _wal(world)


def _wal(world: World) -> bytes:
    path = world.db.path.with_name(f"{world.db.path.name}-wal")
    return path.read_bytes() if path.exists() else b""


def test_a_list_the_client_writes_to_says_nothing_of_them(world: World) -> None:
    """Ten newsletters in a week are no anxious client, and a list's words are no tone of theirs."""
    for number in range(12):
        come(
            world,
            "[scope_creep] Our news, and an offer for today only!\n",
            number=number,
            days=3,
            headers={"List-Id": "<news.harbour.example>", "List-Unsubscribe": "<mailto:off@harbour.example>"},
        )
    run(world)
    assert signals(world) == []
    assert world.judge.calls == []


def test_a_forwarded_mail_is_not_the_forwarders_tone(world: World) -> None:
    """Somebody else's insults, passed on with a question, would be the client's."""
    inner = (
        "Could you answer him?\n\n---------- Forwarded message ---------\nFrom: Rex <rex@rival.example>\n"
        "Date: Mon, 9 Nov 2026 at 10:00\nSubject: You\nTo: <mia@harbour.example>\n\n[aggression] I will find you.\n"
    )
    come(world, inner, subject="Fwd: You")
    run(world)
    assert world.judge.calls == ["Fwd: You"]
    with world.db.read() as tx:
        output = tx.exec_driver_sql("SELECT output FROM steps WHERE stage = 'classify'").scalar_one()
    assert "aggression" not in output


def test_another_subject_in_the_same_thread_is_an_answer(world: World) -> None:
    """People answer under a subject of their own; the thread holds."""
    silent(world)
    for number in (1, 2, 3):
        ids = {"number": number, "in_reply_to": f"<{number}@us.example>", "subject": f"Something else {number}"}
        come(world, ANSWER.format(who="Mia"), **ids)  # type: ignore[arg-type]
    run(world)
    assert signals(world) == []


@pytest.mark.parametrize("days", [-4, 4])
def test_a_clock_that_is_days_off(world: World, days: int) -> None:
    """A Date in the future, or before the question, must not undo an answer, nor make mail out of hours of it."""
    silent(world)
    for number in (1, 2, 3):
        at = NOW - timedelta(days=5)
        raw = mail(
            body=ANSWER.format(who="Mia"),
            message_id=f"<late{number}@x.example>",
            in_reply_to=f"<{number}@us.example>",
            at=at + timedelta(days=9 * days),
        )
        world.box.add(raw, at=at)
    run(world)
    assert signals(world) == []
    assert all(turn.at <= NOW for turn in known(world).history.turns)


def test_the_order_of_arrival_changes_nothing(tmp_path: Path) -> None:
    """A server lists mail in any order: requests, incidents and verdict must come out the same."""
    creep = [("While you are at it, add a page. [scope_creep]\n", f"<in{n}@x.example>", 20 - n) for n in range(3)]
    found = set()
    for place, order in enumerate(permutations(creep)):
        world = make_world(tmp_path / str(place), run={"first_days": 120})
        _arrive(world, order)
        ask(world, 1)
        run(world)
        for number in range(1, 4):
            _confirm_creep(world, number)
        said = known(world)
        found.add((said.verdict, said.signals, said.record.incidents))
    assert len(found) == 1
    ((verdict, _, incidents),) = found
    assert (verdict.advice, len(incidents)) == (Advice.SET_BOUNDARIES, 3)


def _arrive(world: World, order: Iterable[tuple[str, str, int]]) -> None:
    for body, message_id, days in order:
        at: datetime = NOW - timedelta(days=days)
        world.box.add(mail(body=body, message_id=message_id, at=at), at=at)


def _confirm_creep(world: World, number: int) -> None:
    with world.db.read() as tx:
        row = mails.mail_by_message_id(tx, f"<in{number - 1}@x.example>")
    assert row is not None
    confirm_label(world.db, world.desk.playbook.taxonomy, row.id, "scope_creep", actor="robin", now=NOW)


def test_an_address_belongs_to_one_client(world: World) -> None:
    """Given to a second client, it would take the first one's mail with it, unseen."""
    with pytest.raises(UsageError, match="belongs to Harbour Bakery"):
        set_client(world.db, world.desk.config, "Kiosk", [f'emails=["{CLIENT}"]'], new=True, now=NOW)
    assert [d.client.name for d in dossiers(world.desk)] == ["Harbour Bakery"]
