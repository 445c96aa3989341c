"""Every history of `fixtures/histories`, held against what a careful person says of it."""

import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.histories import HISTORIES, replayed
from support.world import shared

from pipeline.domain.history import SignalName
from pipeline.playbook import VerdictRules

SIGNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # The signs and exit rules of the four articles (domain, section 1): histories that fire, and near misses.
    "000 ultra hands-on": (
        ("000-hands-on-fires", "000-frequency-fires"),
        ("000-hands-on-quiet", "000-frequency-quiet"),
    ),
    "000 distrustful": (("000-distrust-fires",), ("000-distrust-quiet",)),
    "000 could do it better": (("000-knows-better-fires",), ("000-knows-better-quiet",)),
    "000 fire: involvement prolongs projects": (("000-duration-fires",), ("000-duration-quiet",)),
    "000 fire: unpaid rework": (("000-rework-fires", "000-rounds-on-file"), ("000-rework-quiet",)),
    "000 fire: scope grows": (("000-growth-fires", "000-scope-fires"), ("000-growth-quiet", "000-scope-quiet")),
    "000 fire: no time for others": (("000-time-fires",), ("000-time-quiet",)),
    "001 anxious": (("001-anxious-fires",), ("001-anxious-quiet",)),
    "001 mistakes of ours never count": ((), ("001-complaints-never-count",)),
    "001 surprised by costs": ((), ("001-surprised-never-counts",)),
    "001 presses for a fix": ((), ("001-live-fault-never-counts",)),
    "001 finds fault with everything": (("001-fault-finding-fires",), ("001-fault-finding-quiet",)),
    "001 difficult only when unmet": ((), ("001-good-client-bad-day",)),
    "002 will not let you do your job": (("002-approvals-fires",), ("002-approvals-quiet",)),
    "002 unresponsive": (
        ("002-unresponsive-fires",),
        (
            "002-unresponsive-answered",
            "002-unresponsive-away",
            "002-unresponsive-bounced",
            "002-unresponsive-chases",
            "002-unresponsive-young",
            "002-no-sent-folder",
        ),
    ),
    "002 controlling": (("002-controlling-fires",), ("002-controlling-quiet",)),
    "002 pays later": (
        ("002-pay-later-fires", "002-pay-later-in-part", "002-broken-twice-fires"),
        (
            "002-pay-later-paid",
            "002-pay-later-promised",
            "002-pay-later-stale",
            "002-no-pause-allowed",
            "002-promise-kept",
            "002-soon-is-no-promise",
            "002-broken-once",
        ),
    ),
    "002 never pays after a stop": (
        ("002-stop-unpaid-fires", "002-second-stop-fires"),
        ("002-stop-unpaid-quiet", "002-second-stop-quiet"),
    ),
    "002 aggravation outweighs pay": (("000-rate-fires",), ("000-rate-quiet",)),
    "003-1 abuse": (("003-1-abuse-fires",), ("003-1-abuse-unconfirmed", "003-1-angry-at-the-result")),
    "003-2 belittles": (
        ("003-2-demeaning-again", "003-2-demeaning-first"),
        ("003-2-demeaning-twice-untold",),
    ),
    "003-3 lies": (("003-3-lie-fires",), ("003-3-slip-quiet",)),
    "003-4 unreasonable demands": (("003-4-demands-fires",), ("003-4-demands-quiet", "003-4-industry-allows")),
    "003-5 always pays late": (
        ("003-5-later-each-time-fires",),
        ("003-5-late-but-better", "003-5-later-each-time-young"),
    ),
    "003-6 cheapens the bill": (("003-6-bargain-collected", "003-6-bargain-open"), ("003-6-billing-question",)),
    "003-7 keeps changing mind": (("003-7-reversals-fires", "003-7-pattern-fires"), ("003-7-reversals-hourly",)),
    "003-8 ignores advice": (("003-8-advice-fires",), ("003-8-advice-once",)),
    "003-9 rivals": (("003-9-rivals-fires",), ("003-9-rivals-once",)),
    "003-10 legal trouble": (("003-10-legal-fires",), ("003-10-legal-quiet",)),
}
ONLY_STRICT = {"part_ways_recommended.on_first"}
"""Empty in the profile `default`, which softens it to a notice; test_verdict looks at the profile `strict`."""
SETTINGS_OF_ANOTHER = {
    "put_on_notice.unanswered_workdays",
    "put_on_notice.slow_approval_workdays",
    "part_ways_recommended.blocks_days",
    "part_ways_recommended.stops_days",
    "part_ways_recommended.later_each_time_last_days",
    "part_ways_review.projects",
    "part_ways_review.months",
    "part_ways_review.change_orders_refused",
    "part_ways_review.revenue_share_percent",
}
"""Figures that belong to the trigger beside them."""
SEVERITY = ("keep", "set_boundaries", "put_on_notice", "stop_work", "part_ways")


@cache
def seen(path: Path) -> dict[str, Any]:
    """A replay, once for all tests."""
    return replayed(path)


def graveness(said: dict[str, Any]) -> tuple[int, int]:
    """How much a history says against the client: the verdict, then the signals."""
    return SEVERITY.index(said["verdict"]), len(said["signals"])


def scenarios() -> list[Path]:
    """The history directories."""
    return sorted(path.parent for path in HISTORIES.glob("*/expected.json"))


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.name)
def test_history(path: Path) -> None:
    """A rule read too widely accuses somebody in a near miss; one read too narrowly misses its sign."""
    expected: dict[str, Any] = json.loads((path / "expected.json").read_text("utf-8"))
    said = seen(path)
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


def test_the_table_of_signs_is_complete() -> None:
    """A sign without a history that stays quiet would not show that it is read too widely; a history in no row tests nothing."""
    named = [name for fires, quiet in SIGNS.values() for name in (*fires, *quiet)]
    there = {path.name for path in scenarios()}
    assert len(named) == len(set(named)) >= 30
    assert {name for name in there if name[:3].isdigit()} == set(named)
    assert all(quiet for _, quiet in SIGNS.values())


@pytest.mark.parametrize("sign", SIGNS)
def test_a_near_miss_says_less_than_its_sign(sign: str) -> None:
    """A near miss that weighs as much as the sign is no near miss."""
    fires, quiet = ([graveness(seen(HISTORIES / name)) for name in names] for names in SIGNS[sign])
    assert not fires or min(fires) > (0, 0)
    assert min(quiet) < max(fires) if fires else min(quiet) == (0, 0)


def test_every_trigger_and_every_signal_fires_somewhere() -> None:
    """A setting of the playbook that no history reaches may be dead, or may accuse everybody, unseen."""
    whole = [seen(path) for path in scenarios()]
    fired = {reason["trigger"] for said in whole for reason in said["verdict_because"]}
    rules = shared()[1].verdicts.profiles["default"]
    tables = [f.name for f in fields(VerdictRules) if hasattr(getattr(rules, f.name), "__dataclass_fields__")]
    triggers = {f"{table}.{setting.name}" for table in tables for setting in fields(getattr(rules, table))}
    assert triggers - SETTINGS_OF_ANOTHER - ONLY_STRICT == fired
    assert {signal for said in whole for signal in said["signals"]} == set(SignalName)


def test_every_reason_has_its_rows() -> None:
    """A verdict or a signal that names no evidence could not be held against the mail."""
    for name in ("000-hands-on-fires", "002-controlling-fires", "003-5-later-each-time-fires"):
        said = seen(HISTORIES / name)
        assert all(signal["evidence"] for signal in said["signals_because"])
        assert all(reason["evidence"] for reason in said["verdict_because"])
