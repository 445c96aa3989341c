"""Thresholds fitted to the labels that the owner confirmed and struck."""

from pathlib import Path

from support.memory import NOW, mail
from support.world import make_world

from pipeline.domain.ids import Label, MailId
from pipeline.evaluate import LabelDecision, fit_thresholds
from pipeline.run.loop import RunOptions, run_once
from pipeline.run.remember import confirm_label, strike_label
from pipeline.store import decisions

CREEP = Label("scope_creep")


def decided(*confirmed: int, struck: tuple[int, ...] = ()) -> list[LabelDecision]:
    """Labels of these confidences, sure from 5 on."""
    return [
        *(LabelDecision(CREEP, c, c >= 5, confirmed=True) for c in confirmed),
        *(LabelDecision(CREEP, c, c >= 5, confirmed=False) for c in struck),
    ]


def test_the_threshold_with_the_fewest_mistakes() -> None:
    """A judge that is too sure of itself would go on accusing, whatever the owner strikes."""
    (fit,) = fit_thresholds(decided(8, 8, 9, 9, 10, struck=(5, 5, 6, 6, 7)))
    assert (fit.mistakes_now, fit.sure, fit.mistakes_then) == (5, 8, 0)


def test_of_equal_thresholds_the_careful_one() -> None:
    """To be asked costs a second; a wrong accusation costs a client."""
    (fit,) = fit_thresholds(decided(9, 9, 9, 9, 9, struck=(2, 2, 2, 2, 2)))
    assert fit.sure == 9


def test_few_decisions_fit_nothing() -> None:
    """Two mails are chance; a threshold that jumps with each of them is worse than the trained one."""
    (fit,) = fit_thresholds(decided(9, 9, struck=(8,)))
    assert (fit.sure, fit.mistakes_then) == (None, None)
    (fit,) = fit_thresholds(decided(*[9] * 20, struck=(8,)))
    assert fit.sure is None


def test_decisions_are_kept_with_what_the_judge_said(tmp_path: Path) -> None:
    """A label that was added by hand has no confidence, and must not be taken for one that the judge gave."""
    world = make_world(tmp_path)
    for number in (1, 2):
        body = f"While you are at it, please add page {number}. [scope_creep]\n"
        world.box.add(mail(body=body, message_id=f"<{number}@harbour.example>", subject=f"Page {number}"))
    run_once(world.desk, RunOptions())
    taxonomy = world.desk.playbook.taxonomy
    confirm_label(world.db, taxonomy, MailId(1), "scope_creep", actor="robin", now=NOW)
    confirm_label(world.db, taxonomy, MailId(1), "micromanaging", actor="robin", now=NOW)
    strike_label(world.db, taxonomy, MailId(2), "scope_creep", actor="robin", now=NOW)
    with world.db.read() as tx:
        rows = decisions.decided_labels(tx)
    assert sorted((r.label, r.confirmed, r.judge, r.confidence or 0, r.sure) for r in rows) == [
        ("micromanaging", True, "scripted", 0, False),
        ("scope_creep", False, "scripted", 9, True),
        ("scope_creep", True, "scripted", 9, True),
    ]
