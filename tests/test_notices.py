"""A word to the owner after a run: counts only, once, and never at the run's cost."""

import fcntl
import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from pydantic import ValidationError
from servers.smtp import PASSWORD, Answers, SmtpSink
from sqlalchemy import text
from support.memory import NOW, mail
from support.world import OWNER, World, make_world

from pipeline.app import post_of
from pipeline.config.models import Config
from pipeline.domain.ids import AttentionId
from pipeline.errors import ExitCode
from pipeline.review import Inbox, reject, snooze, snooze_attention, waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.report import RunReport

CANARY = "Zugvogelkanarie"
CREEP = f"While you are at it, please add the {CANARY} page to the site. [scope_creep]\n"


def script(directory: Path, body: str) -> str:
    """A program of the test's."""
    path = directory / "notify"
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def world_with(directory: Path, body: str, **notices: object) -> World:
    """A world that calls a program with the notice, and a client's mail that wants a reply."""
    told = directory / "told"
    program = script(directory, f"import sys, json, time, os\ntold = {str(told)!r}\n{body}")
    world = make_world(directory, notices={"notify": [program, "--title", "Firmly"], **notices})
    arrive(world, 1)
    return world


WRITES = "with open(told, 'a') as file: file.write(json.dumps(sys.argv[1:]) + '\\n')"


def arrive(world: World, number: int, body: str = CREEP) -> None:
    """A mail whose every part has the canary in it."""
    sender = f"{CANARY} <mia@harbour.example>"
    world.box.add(mail(sender, body=body, subject=f"{CANARY} {number}", message_id=f"<{number}@{CANARY}.example>"))


def run(world: World) -> RunReport:
    """One run, as cron calls it."""
    return run_once(world.desk, RunOptions())


def told(directory: Path) -> list[list[str]]:
    """What the program was called with, call by call."""
    path = directory / "told"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_new_things_are_told_once(tmp_path: Path) -> None:
    """A notice every ten minutes about the same reply is switched off within the hour."""
    world = world_with(tmp_path, WRITES)
    run(world)
    run(world)
    assert told(tmp_path) == [["--title", "Firmly", "Firmly: 1 reply to approve"]]
    arrive(world, 2)
    arrive(world, 3, "I know where you live. [aggression]\n")
    run(world)
    assert told(tmp_path)[1:] == [["--title", "Firmly", "Firmly: 1 reply to approve and 1 matter without a draft"]]


def test_no_clients_words_are_told(tmp_path: Path) -> None:
    """A notice stands on a locked screen, in a log, in a mail on the way."""
    world = world_with(tmp_path, WRITES)
    run(world)
    said = (tmp_path / "told").read_text("utf-8")
    assert CANARY not in said
    assert "mia" not in said.lower()
    assert "Harbour" not in said


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """An idle run every ten minutes would fill the store with notices about nothing."""
    world = world_with(tmp_path, WRITES)
    run(world)
    count = "SELECT (SELECT count(*) FROM notices), (SELECT count(*) FROM events)"
    with world.db.read() as tx:
        before = tuple(tx.execute(text(count)).one())
    run(world)
    with world.db.read() as tx:
        assert tuple(tx.execute(text(count)).one()) == before == (1, 1)


def test_what_was_dealt_with_before_is_not_told(tmp_path: Path) -> None:
    """A notice about a reply that is answered already sends the person to an empty queue."""
    world = make_world(tmp_path)
    arrive(world, 1)
    run(world)
    reject(world.db, waiting(world.db).proposals[0], reviewer="robin", now=NOW)
    program = script(tmp_path, f"import sys, json\ntold = {str(tmp_path / 'told')!r}\n{WRITES}")
    config = world.desk.config.model_copy(
        update={"notices": world.desk.config.notices.model_copy(update={"notify": (program,)})}
    )
    run_once(replace(world.desk, config=config), RunOptions())
    assert told(tmp_path) == []


def test_what_wakes_is_told_again(tmp_path: Path) -> None:
    """Snoozed until tomorrow, and tomorrow nobody says a word."""
    world = world_with(tmp_path, WRITES)
    arrive(world, 2, "I know where you live. [aggression]\n")
    run(world)
    until = NOW + timedelta(hours=3)
    snooze(world.db, waiting(world.db).proposals[0], until, reviewer="robin", now=NOW)
    snooze_attention(world.db, AttentionId(1), until, reviewer="robin", now=NOW)
    assert waiting(world.db) == Inbox((), (), 0)
    run(world)
    assert len(told(tmp_path)) == 1
    world.time[0] = NOW + timedelta(hours=4)
    run(world)
    assert told(tmp_path)[1][-1] == "Firmly: 1 reply to approve and 1 matter without a draft"


def test_a_failing_command_is_said_and_harms_nothing(tmp_path: Path) -> None:
    """A typo in the notifier must not turn a good run into a failed one."""
    world = world_with(tmp_path, "sys.exit(3)")
    report = run(world)
    assert (report.exit_code, report.proposed) == (ExitCode.OK, 1)
    assert report.troubles == [f"[notices] notify: {tmp_path / 'notify'} ended with code 3."]
    assert run(world).troubles == []


def test_a_hanging_command_is_stopped_with_its_children(tmp_path: Path) -> None:
    """A notifier that waits for a desktop would hold the run's lock for ever, and leave a process a run."""
    body = (
        "import fcntl\nif not os.fork():\n    lock = open(told, 'w')\n    fcntl.flock(lock, fcntl.LOCK_EX)\n    time.sleep(3)\n"
        "    open(told + '.survived', 'w').close()\ntime.sleep(60)"
    )
    world = world_with(tmp_path, body, timeout_s=0.5)
    report = run(world)
    assert report.exit_code is ExitCode.OK
    assert "took longer than 0.5 s" in report.troubles[0]
    with (tmp_path / "told").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # free as soon as the child is gone
    assert not (tmp_path / "told.survived").exists()


def test_a_missing_command_is_tried_again(tmp_path: Path) -> None:
    """Installed an hour later, it should tell what came meanwhile."""
    world = world_with(tmp_path, WRITES)
    (tmp_path / "notify").rename(tmp_path / "gone")
    report = run(world)
    assert report.exit_code is ExitCode.OK
    assert "cannot be started" in report.troubles[0]
    (tmp_path / "gone").rename(tmp_path / "notify")
    run(world)
    assert len(told(tmp_path)) == 1


def test_a_dry_run_tells_nothing(tmp_path: Path) -> None:
    """Nothing is kept of it, so there is nothing to come to the queue for."""
    world = world_with(tmp_path, WRITES)
    run_once(world.desk, RunOptions(deliver=False))
    assert told(tmp_path) == []


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """A mail server."""
    with SmtpSink() as server:
        yield server


def mailing(directory: Path, port: int) -> World:
    """A world whose account lays drafts, and may send notices."""
    world = make_world(directory)
    smtp = {"host": "127.0.0.1", "port": port, "security": "plain", "password": {"env": "FIRMLY_TEST_SECRET"}}
    account = {
        "kind": "imap",
        "id": "main",
        "host": "127.0.0.1",
        "security": "plain",
        "user": "robin",
        "password": {"env": "FIRMLY_TEST_SECRET"},
        "smtp": smtp,
    }
    owner = {"name": "Robin Example", "email": OWNER}
    config = Config.model_validate({"owner": owner, "accounts": [account], "notices": {"mail": "main"}})
    arrive(world, 1)
    return replace(world, desk=replace(world.desk, config=config, post=post_of(config, lambda: None)))


def test_one_short_mail_to_oneself(tmp_path: Path, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves without an approval, so it goes to the owner alone, says figures alone, and asks no machine for an answer."""
    monkeypatch.setenv("FIRMLY_TEST_SECRET", PASSWORD)
    world = mailing(tmp_path, sink.port)
    run(world)
    run(world)
    (envelope,) = sink.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == (OWNER, [OWNER])
    assert isinstance(envelope.content, bytes)
    got = message_from_bytes(envelope.content)
    assert (got["To"], got["Subject"]) == (f'"Robin Example" <{OWNER}>', "Firmly: 1 reply to approve")
    assert got["Auto-Submitted"] == "auto-generated"
    assert "In all 1 wait" in got.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert CANARY.encode() not in envelope.content
    assert b"mia" not in envelope.content.lower()


def test_a_server_that_refuses_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail that certainly did not leave was not told; the run itself is fine."""
    monkeypatch.setenv("FIRMLY_TEST_SECRET", PASSWORD)
    with SmtpSink(Answers(data="451 later")) as busy:
        world = mailing(tmp_path, busy.port)
        report = run(world)
    assert report.exit_code is ExitCode.OK
    assert report.troubles[0].startswith("[notices] mail: ")
    with SmtpSink() as ready:
        account = world.desk.config.accounts[0]
        moved = account.model_copy(update={"smtp": account.smtp.model_copy(update={"port": ready.port})})  # type: ignore[union-attr]
        config = world.desk.config.model_copy(update={"accounts": (moved,)})
        run_once(replace(world.desk, config=config, post=post_of(config, lambda: None)), RunOptions())
        assert len(ready.mails) == 1


def test_an_account_that_cannot_send_is_refused_in_the_config() -> None:
    """The owner would wait for notices that no server will ever see."""
    account = {"kind": "folder", "id": "main", "path": "mail"}
    with pytest.raises(ValidationError, match=r"needs an account of that id with a section \[accounts.smtp\]"):
        Config.model_validate(
            {"owner": {"name": "R", "email": OWNER}, "accounts": [account], "notices": {"mail": "main"}}
        )
