"""docs/json.md shows what the program prints."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.demo import NOW, Demo

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^## firmly ([^\n]+)\n\n```json\n(.*?)```", PAGE, flags=re.MULTILINE | re.DOTALL))
ARGUMENTS = {
    "queue show": ["p2"],
    "queue approve": ["p2"],
    "explain": ["p2"],
    "classify": [str(ROOT / "fixtures/mailbox/inbox/0603-loopfinch-while-youre-in-there.eml")],
    "redo": ["m12", "--from", "decide"],
    "invoices import": ["mailbox/invoices.csv"],
    "invoices claim": ["Ostermolk"],
    "clients show": ["Loopfinch"],
    "clients correct": ["Loopfinch", "--never", "demeaning"],
    "clients boundary": ["Loopfinch", "New pages are a separate quote.", "--about", "scope_creep"],
    "clients dossier": ["Loopfinch", "--out", "dossier.md"],
    "clients exit": ["Loopfinch"],
    "clients purge": ["Grindlow", "--yes"],
    "chase --plan": ["10d"],
}
TIMELESS = {"invoices payments", "explain", "classify", "prompts list", "eval --calibrate"}


def keys(value: Any, path: str = "") -> set[str]:
    """The dotted names of all fields, lists taken as one entry."""
    if isinstance(value, dict):
        return {f"{path}.{key}" for key in value} | {
            k for key, part in value.items() for k in keys(part, f"{path}.{key}")
        }
    if isinstance(value, list):
        return {k for part in value for k in keys(part, f"{path}[]")}
    return set()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_has_the_fields_of_the_answer(name: str, demo: Demo, tmp_path: Path) -> None:
    """A renamed field breaks everybody's script, and the page would still promise the old one."""
    shutil.copytree(demo.place, tmp_path / "kept")
    kept = replace(demo, place=tmp_path / "kept")
    time = [] if name in TIMELESS else ["--now", NOW]
    answer = kept.firmly(*name.split(), *ARGUMENTS.get(name, []), *time, "--json").json
    example = json.loads(EXAMPLES[name])
    assert answer["schema"] == example["schema"]
    assert keys(example) <= keys(answer)
    assert set(answer) == set(example)


def test_every_json_command_is_documented() -> None:
    """A command that is not on the page has no promise to keep."""
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "pipeline" / "cli").glob("*.py"))
    printed = set(re.findall(r'print_json\(\s*"([a-z.]+)"', sources)) | {"run", "deliver", "redo"}
    documented = {
        json.loads(example)["schema"].removeprefix("firmly.").partition("/")[0] for example in EXAMPLES.values()
    }
    assert printed - documented - {"eval", "replay", "prompts.preview"} == set()
