"""`firmly replay`: lenient about the files, exact about the rest, and without a trace."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import HISTORIES, SilentJudge, builder, replayed

from pipeline.errors import InputError
from pipeline.replay import replay_history, replay_json

COMPARED = ("ladder", "promises", "signals", "verdict", "verdict_kind", "verdict_reasons", "drafts", "incidents")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A copy of a history that may be changed."""
    return Path(shutil.copytree(HISTORIES / "002-controlling-fires", tmp_path / "history"))


def said(path: Path, **more: Any) -> dict[str, Any]:
    """The compared part of a replay."""
    whole = replayed(path, SilentJudge(), **more)
    return {key: whole[key] for key in COMPARED}


def test_the_directory_is_not_changed(history: Path) -> None:
    """A replay that left UIDs or drafts behind would change what the next one sees."""
    before = {path: path.read_bytes() for path in history.rglob("*") if path.is_file()}
    replayed(history, SilentJudge())
    assert {path: path.read_bytes() for path in history.rglob("*") if path.is_file()} == before


def test_labelled_mails_are_not_judged(history: Path) -> None:
    """A judge asked again about a confirmed mail would cost a call and could contradict the person."""
    judge = SilentJudge()
    whole = replayed(history, judge)
    assert judge.asked == []
    assert len(whole["incidents"]) == 4


def test_an_unconfirmed_label_moves_no_verdict(history: Path) -> None:
    """Without a person's word there is no incident, whatever a judge would say."""
    (history / "labels.json").unlink()
    assert said(history)["verdict"] == "keep"


@pytest.mark.parametrize(
    "form",
    [
        lambda labels: {key.strip("<>"): value for key, value in labels.items()},
        lambda labels: {k: {**v, "behaviours": [{"name": b} for b in v["behaviours"]]} for k, v in labels.items()},
        lambda labels: {k: {"behaviors": v["behaviours"], "intent": "other"} for k, v in labels.items()},
        lambda labels: {key: value["behaviours"] for key, value in labels.items()},
    ],
    ids=["no brackets", "objects", "American", "bare lists"],
)
def test_forms_of_labels(history: Path, form: Any) -> None:
    """A form of labels.json that is silently not read would lose every incident."""
    expected = said(history)
    labels = json.loads((history / "labels.json").read_text("utf-8"))
    (history / "labels.json").write_text(json.dumps(form(labels)), "utf-8")
    found = said(history)
    assert (found["verdict"], found["verdict_kind"]) == (expected["verdict"], expected["verdict_kind"])


def test_an_unknown_label_is_told(history: Path) -> None:
    """A misspelt label that vanished without a word would make a verdict look milder than it is."""
    labels = json.loads((history / "labels.json").read_text("utf-8"))
    labels[next(iter(labels))]["behaviours"] = ["controling"]
    (history / "labels.json").write_text(json.dumps(labels), "utf-8")
    assert any("controling" in warning for warning in replayed(history, SilentJudge())["warnings"])


def test_now_travels_in_time(history: Path) -> None:
    """With an earlier moment later mail has not come yet; counting it would tell the future."""
    early = said(history, now=datetime(2026, 11, 1, 12, tzinfo=UTC))
    assert (early["verdict"], len(early["incidents"])) == ("put_on_notice", 3)


def test_only_owner_and_mail_are_needed(tmp_path: Path) -> None:
    """Every other file is optional: a missing one is no error and no accusation."""
    (tmp_path / "inbox").mkdir()
    source = next((HISTORIES / "003-1-abuse-fires" / "inbox").glob("*.eml"))
    shutil.copy(source, tmp_path / "inbox")
    (tmp_path / "owner.toml").write_text('[owner]\nname = "Juno"\nemail = "juno@tarrow.example"\nshoe_size = 41\n')
    whole = replayed(tmp_path, SilentJudge())
    assert (whole["verdict"], whole["signals"], whole["client"]) == ("keep", [], None)
    assert any("shoe_size" in warning for warning in whole["warnings"])


def test_broken_files_are_named(history: Path) -> None:
    """A mistake in a file must name the file, not end in a traceback."""
    (history / "state.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"state\.json"):
        replayed(history)
    with pytest.raises(InputError, match="no directory"):
        replayed(history / "missing")


def test_each_client_by_name() -> None:
    """With several clients the whole is about one of them; the others must not be lost."""
    whole = replayed(HISTORIES / "bad-shared-domain", SilentJudge())
    assert set(whole["clients"]) == {"Quayside Prints", "Harrow Prints"}
    assert any("quayside-prints.example" in warning for warning in whole["warnings"])


@settings(max_examples=12)
@given(order=st.permutations(range(6)), name=st.sampled_from(["002-controlling-fires", "000-hands-on-fires"]))
def test_order_of_arrival_changes_nothing(
    order: list[int], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The server lists mails in any order: incidents, signals and verdict must be the same."""
    place = Path(shutil.copytree(HISTORIES / name, tmp_path_factory.mktemp("order") / "history"))
    expected = said(place)
    files = sorted((place / "inbox").glob("*.eml"))
    for number, file in enumerate(files):
        file.rename(file.with_name(f"{order[number % 6]}{number}-shuffled.eml"))
    assert said(place) == expected


@settings(max_examples=12)
@given(
    day=st.integers(1, 80), label=st.sampled_from(["justified_complaint"]), also=st.sampled_from(["", "fault_finding"])
)
def test_a_fair_complaint_moves_nothing(
    day: int, label: str, also: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A client who is right about a mistake of ours must never be nearer to a notice for it."""
    place = Path(shutil.copytree(HISTORIES / "003-4-demands-quiet", tmp_path_factory.mktemp("fair") / "history"))
    before = said(place)
    at = datetime(2026, 11, 16, 11, tzinfo=UTC) - timedelta(days=day)
    (place / "inbox" / "99-fair.eml").write_text(
        "From: odile@quayside-prints.example\nTo: juno@tarrow.example\nSubject: Wrong price\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <fair@quayside-prints.example>\n\nPage 3 has the wrong price.\n"
    )
    labels = json.loads((place / "labels.json").read_text("utf-8"))
    labels["<fair@quayside-prints.example>"] = {
        "tone": "frustrated",
        "behaviours": [also] if also else [],
        "intent": [label],
    }
    (place / "labels.json").write_text(json.dumps(labels), "utf-8")
    after = said(place)
    assert (after["verdict"], after["verdict_kind"], after["signals"]) == (
        before["verdict"],
        before["verdict_kind"],
        before["signals"],
    )


def test_the_same_directory_twice_says_the_same() -> None:
    """A rerun over the same mail must give the same, to the last row of evidence."""
    path = HISTORIES / "003-2-demeaning-again"
    first, second = (replay_json(replay_history(path, builder(SilentJudge()))) for _ in range(2))
    assert first == second


def test_the_sample_mailbox_is_a_history() -> None:
    """The demo's mailbox has the same form, with seven clients and a judge that reads everything."""
    whole = replayed(HISTORIES.parent / "mailbox", SilentJudge())
    assert len(whole["clients"]) == 7
    ostermolk = whole["clients"]["Ostermolk Treppenbau"]
    assert (ostermolk["ladder"]["step"], ostermolk["verdict"]) == ("L3", "stop_work")
