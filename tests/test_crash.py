"""A crash at any commit and at any call to the outside loses nothing and doubles nothing."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import event, text
from support.memory import mail
from support.world import World, make_world

from pipeline.domain.proposal import ProposalStatus
from pipeline.mail.ports import Role
from pipeline.review import approve, waiting
from pipeline.run.loop import RunOptions, run_once


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Fuse:
    """Counts the points at which a process can die, and burns at one of them."""

    burns_at: int
    passed: int = 0
    names: list[str] = field(default_factory=list)

    def pass_by(self, name: str) -> None:
        """One more point."""
        self.passed += 1
        self.names.append(name)
        if self.passed == self.burns_at:
            raise Crash(name)


class Watched(list[str]):
    """A list of calls that tells the fuse of each."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse

    def append(self, call: str) -> None:
        """One call to the outside."""
        super().append(call)
        self.fuse.pass_by(call)


def small_world(directory: Path) -> World:
    """Two threads, one newsletter, one threat, and own mail."""
    directory.mkdir()
    world = make_world(directory)
    for number in (1, 2):
        body = f"Please add page {number} while you are at it. [scope_creep]\n"
        world.box.add(mail(body=body, subject=f"Page {number}", message_id=f"<{number}@harbour.example>"))
    world.box.add(
        mail(message_id="<3@harbour.example>", headers={"List-Id": "<n.harbour.example>", "Precedence": "bulk"})
    )
    world.box.add(mail(body="You will regret this. [aggression]", message_id="<4@harbour.example>"))
    world.box.add(mail("robin@studio.example", "mia@harbour.example", message_id="<5@studio.example>"), Role.SENT)
    return world


def day(world: World) -> None:
    """A run, a person who approves everything, and a run that delivers."""
    run_once(world.desk, RunOptions())
    for proposal in waiting(world.db).proposals:
        if proposal.status is ProposalStatus.PENDING:
            approve(world.db, world.desk.config.owner, proposal, reviewer="robin", now=world.time[0])
    run_once(world.desk, RunOptions())


def numbers(world: World) -> dict[str, int]:
    """What must come out the same, wherever it was stopped."""
    queries = {
        "mails": "SELECT count(*) FROM mails",
        "sightings": "SELECT count(*) FROM sightings",
        "assessments": "SELECT count(*) FROM steps WHERE stage = 'classify' AND state = 'done'",
        "proposals": "SELECT count(*) FROM proposals",
        "delivered": "SELECT count(*) FROM proposals WHERE status = 'delivered'",
        "attention": "SELECT count(*) FROM attention",
    }
    with world.db.read() as tx:
        found = {name: int(tx.execute(text(query)).scalar_one()) for name, query in queries.items()}
        assert tx.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert tx.execute(text("PRAGMA foreign_key_check")).first() is None
    return {**found, "drafts": len(world.box.folders[Role.DRAFTS])}


def test_stopped_anywhere_the_day_ends_the_same(tmp_path: Path) -> None:
    """A commit in the wrong order, or an effect before its record, would lose or double a mail at one of these points."""
    undisturbed = small_world(tmp_path / "undisturbed")
    day(undisturbed)
    expected = numbers(undisturbed)
    assert expected == {
        "mails": 5,
        "sightings": 5,
        "assessments": 3,
        "proposals": 2,
        "delivered": 2,
        "attention": 1,
        "drafts": 2,
    }
    for point in count(1):
        world = small_world(tmp_path / str(point))
        fuse = Fuse(point)
        world.box.calls = Watched(fuse)
        world.judge.calls = Watched(fuse)
        event.listen(world.db.engine, "commit", lambda _connection, fuse=fuse: fuse.pass_by("commit"))
        try:
            day(world)
        except Crash:
            fuse.burns_at = 0
            day(world)
            day(world)
        else:
            assert fuse.passed < point
            break
        assert numbers(world) == expected, (point, fuse.names[point - 1])
        assert len(world.judge.calls) <= expected["assessments"] + 2, (point, fuse.names[point - 1])
    assert point > 30
