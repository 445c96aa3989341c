"""The demo, run once for all tests that look at what it prints or go on where it ended."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cli import main

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
        """Call a command with the kept config."""
        return firmly(*words, home=self.place, FIRMLY_CONFIG=str(self.place / "config.toml"), **environment)


class _Stream(io.TextIOWrapper):
    """Standard output that is no terminal, and can be read afterwards."""

    def __init__(self) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding="utf-8", newline="\n", write_through=True)

    @property
    def text(self) -> str:
        """All that was written."""
        return self.kept.getvalue().decode()


def _surroundings(home: Path, environment: dict[str, str]) -> dict[str, str]:
    """A small environment with an empty home."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "COLUMNS": "100", **environment}


def firmly(*words: str, home: Path, given: str = "", **environment: str) -> Answer:
    """Call firmly as its entry point is called, inside this process: a new one costs a second."""
    out, err = _Stream(), _Stream()
    before, directory, stdin, argv = dict(os.environ), Path.cwd(), sys.stdin, sys.argv
    os.environ.clear()
    os.environ.update(_surroundings(home, environment))
    os.chdir(home)
    sys.stdin, sys.argv = io.TextIOWrapper(io.BytesIO(given.encode())), ["firmly", *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdin, sys.argv = stdin, argv
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(before)
    return Answer(code, out.text, err.text)


def firmly_process(*words: str, home: Path, **environment: str) -> Answer:
    """Call firmly as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env=_surroundings(home, environment),
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def run_demo(place: Path) -> Demo:
    """Run it, and keep it."""
    kept = place / "demo"
    answer = firmly_process("demo", "--keep", str(kept), home=place)
    return Demo(answer.out, answer.err, answer.code, kept)
