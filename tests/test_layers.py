"""The house rule: a level imports only from lower levels, or inside its own room; and the maps of rooms are whole."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "pipeline"

LEVELS = {
    "__version__": 0,
    "errors": 0,
    "domain": 0,
    "resources": 0,
    "promptfile": 0,
    "iban": 0,
    "config": 1,
    "prompts": 1,
    "playbook": 1,
    "workdays": 1,
    "parse": 2,
    "glance": 2,
    "thread": 2,
    "clients": 2,
    "screen": 2,
    "signals": 2,
    "decide": 2,
    "verdict": 2,
    "guard": 2,
    "invoices": 2,
    "mail": 3,
    "llm": 3,
    "store": 3,
    "classify": 4,
    "draft": 4,
    "run": 5,
    "review": 5,
    "deliver": 5,
    "evaluate": 5,
    "stats": 5,
    "replay": 6,
    "dossier": 6,
    "app": 6,
    "cli": 7,
    "__main__": 8,
    "web": 7,
}
PEERS = {
    ("cli", "web"),  # `firmly serve` starts the page
    ("replay", "run"),  # a replay is a run over a directory
    ("run", "deliver"),  # the loop ends in a delivery, and `firmly deliver` is one by itself
    ("review", "run"),  # a person's redraft is drafted and guarded as the run drafts
}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The room a module stands in: the first name below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The rooms that a module imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "pipeline" else [f"pipeline.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("pipeline."))


@pytest.mark.parametrize("name", ["domain", "run", "store"])
def test_a_map_names_every_module(name: str) -> None:
    """A map that lacks the newest rooms sends a reader through thirty files."""
    words = set(
        re.findall(r"\w+", ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text("utf-8"))) or "")
    )
    assert {path.stem for path in (PACKAGE / name).glob("*.py")} - {"__init__"} - words == set()


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    """A stage that reaches for a port, or a domain type that knows the store, would be caught here."""
    here = room(path)
    if here == "__init__":
        return
    up = [
        other
        for other in imported(path)
        if other != here and not LEVELS[other] < LEVELS[here] and (here, other) not in PEERS
    ]
    assert up == []


@pytest.mark.parametrize(
    "path", [p for p in modules() if LEVELS.get(room(p), 9) < 5], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_no_wall_clock_below_the_run(path: Path) -> None:
    """A stage that reads the clock itself could not be replayed or tested with `--now`."""
    found = [
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]
    assert found == []
