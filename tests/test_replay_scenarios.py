"""Every history of `fixtures/histories`, held against what a careful person says of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.histories import HISTORIES, replayed


def scenarios() -> list[Path]:
    """The history directories."""
    return sorted(path.parent for path in HISTORIES.glob("*/expected.json"))


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.name)
def test_history(path: Path) -> None:
    """A rule read too widely accuses somebody in a near miss; one read too narrowly misses its sign."""
    expected: dict[str, Any] = json.loads((path / "expected.json").read_text("utf-8"))
    said = replayed(path)
    found = {
        "ladder": {key: said["ladder"][key] for key in ("step", "invoices", "paused_reason")},
        "promises": [{"date": p["date"], "status": p["status"]} for p in said["promises"]],
        "signals": said["signals"],
        "verdict": said["verdict"],
        "verdict_kind": said["verdict_kind"],
        "drafts": {str(draft["id"]): draft["action"] for draft in said["drafts"]},
        "plays": [proposal["play"] for proposal in said["proposals"]],
        "attention": [item["kind"] for item in said["attention"]],
        "client": said["client"],
    }
    story = expected.pop("story")
    assert {key: found[key] for key in expected} == expected, story


def test_every_sign_has_a_near_miss() -> None:
    """A sign without a history that stays quiet would not show that it is read too widely."""
    names = [path.name for path in scenarios()]
    families = {name.removesuffix("-fires") for name in names if name.endswith("-fires")}
    alone = {
        f for f in families if not any(n.startswith(f.rpartition("-")[0]) and not n.endswith("-fires") for n in names)
    }
    assert len(names) >= 30
    assert alone == set()


def test_every_reason_has_its_rows() -> None:
    """A verdict or a signal that names no evidence could not be held against the mail."""
    for name in ("000-hands-on-fires", "002-controlling-fires", "003-5-later-each-time-fires"):
        said = replayed(HISTORIES / name)
        assert all(signal["evidence"] for signal in said["signals_because"])
        assert all(reason["evidence"] for reason in said["verdict_because"])
