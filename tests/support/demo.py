"""The demo, run once for all tests that look at what it prints or go on where it ended."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOW = "2026-11-17T09:00:00+01:00"


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Demo:
    """What the demo printed, and the directory that it kept."""

    printed: str
    complained: str
    code: int
    place: Path

    def firmly(self, *words: str, **environment: str) -> Answer:
        """Call a command with the kept config, at nine in the morning after the demo."""
        return firmly(*words, home=self.place, FIRMLY_CONFIG=str(self.place / "config.toml"), **environment)


def firmly(*words: str, home: Path, given: str = "", **environment: str) -> Answer:
    """Call firmly as a process of its own, with an empty home."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "COLUMNS": "100", **environment},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def run_demo(place: Path) -> Demo:
    """Run it, and keep it."""
    kept = place / "demo"
    answer = firmly("demo", "--keep", str(kept), home=place)
    return Demo(answer.out, answer.err, answer.code, kept)
