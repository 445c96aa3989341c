"""Writes docs/json.md: one example of each command's JSON, taken from the demo. `make json-docs` calls it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

NOW = "2026-11-17T09:00:00+01:00"
SAMPLE = Path("fixtures/mailbox/inbox/0603-loopfinch-while-youre-in-there.eml")
COMMANDS: dict[str, tuple[str, ...]] = {
    "queue list": ("queue", "list", "--now", NOW),
    "queue show": ("queue", "show", "p2", "--now", NOW),
    "queue show a1": ("queue", "show", "a1", "--now", NOW),
    "explain": ("explain", "p2"),
    "explain verdict:Ostermolk": ("explain", "verdict:Ostermolk", "--now", NOW),
    "explain signal:Noorsen/unresponsive": ("explain", "signal:Noorsen/unresponsive", "--now", NOW),
    "explain m12/payment_delay": ("explain", "m12/payment_delay", "--now", NOW),
    "queue approve": ("queue", "approve", "p2", "--now", NOW),
    "classify": ("classify", str(SAMPLE.resolve())),
    "run": ("run", "--now", NOW),
    "deliver": ("deliver", "--now", NOW),
    "redo": ("redo", "m12", "--from", "decide", "--anew", "--now", NOW),
    "invoices list": ("invoices", "list", "--now", NOW),
    "invoices payments": ("invoices", "payments"),
    "invoices claim": ("invoices", "claim", "Ostermolk", "--now", NOW),
    "invoices promises": ("invoices", "promises", "--now", NOW),
    "invoices import": ("invoices", "import", "mailbox/invoices.csv", "--now", NOW),
    "clients list": ("clients", "list", "--now", NOW),
    "clients show": ("clients", "show", "Loopfinch", "--now", NOW),
    "clients correct": ("clients", "correct", "Loopfinch", "--never", "demeaning", "--now", NOW),
    "clients boundary": (
        *("clients", "boundary", "Loopfinch", "New pages are a separate quote.", "--about", "scope_creep"),
        *("--now", NOW),
    ),
    "clients dossier": ("clients", "dossier", "Loopfinch", "--out", "dossier.md", "--now", NOW),
    "clients exit": ("clients", "exit", "Loopfinch", "--now", NOW),
    "clients purge": ("clients", "purge", "Grindlow", "--yes", "--now", NOW),
    "prompts list": ("prompts", "list"),
    "stats": ("stats", "--now", NOW),
    "eval --calibrate": ("eval", "--calibrate"),
    "chase": ("chase", "--now", NOW),
    "chase --plan": ("chase", "--plan", "10d", "--now", NOW),
}
INTRO = """\
# JSON output

Every command with `--json` prints one object whose `schema` names the command and a version; a field is added without a new version, and none
changes its meaning or goes away without one. Times are ISO 8601, amounts are strings with a decimal point. Words of mails are as sent: treat them as
hostile. The examples are from the demo (`make demo ARGS="--keep ./demo"`), with long lists cut to their first entry; `tests/test_json_docs.py` holds them
against the program, and `make json-docs` writes this page.
"""


def shortened(value: Any) -> Any:
    """The same shape with one entry a list, and long texts cut."""
    if isinstance(value, dict):
        return {key: shortened(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shortened(max(value, key=lambda part: len(json.dumps(part))))] if value else []
    return f"{value[:60]}…" if isinstance(value, str) and len(value) > 61 else value


def main() -> None:
    """Run the demo, ask every command, write the page."""
    page = INTRO
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place) / "demo"
        firmly = [sys.executable, "-m", "pipeline"]
        subprocess.run([*firmly, "demo", "--keep", str(kept)], check=True, capture_output=True)
        environment = {**os.environ, "FIRMLY_CONFIG": str(kept / "config.toml")}
        for name, words in COMMANDS.items():
            done = subprocess.run(
                [*firmly, *words, "--json"], cwd=kept, env=environment, capture_output=True, text=True, check=False
            )
            example = json.dumps(shortened(json.loads(done.stdout)), ensure_ascii=False, indent=2)
            page += f"\n## firmly {name}\n\n```json\n{example}\n```\n"
    Path("docs/json.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
