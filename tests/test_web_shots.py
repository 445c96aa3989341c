"""The pictures of the README: there, in light and in dark, and made by the command in this repository."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHOTS = ROOT / "docs" / "shots"


def test_the_readme_shows_pictures_that_are_there() -> None:
    """A picture that was renamed, or that is there in one colour scheme only, would be missed by a stranger alone."""
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r'(?:src|srcset)="(docs/shots/[^"]+)"', text)
    names = {Path(name).stem.rpartition("-")[0] for name in named}
    assert {"queue", "proposal", "client", "payments"} <= names
    assert {f"docs/shots/{name}-{scheme}.png" for name in names for scheme in ("light", "dark")} == set(named)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_picture_is_made_by_the_command() -> None:
    """A picture that nobody makes anew shows last year's page."""
    made = set(re.findall(r'^    \("(\w+)", ', (ROOT / "docs" / "shots.py").read_text("utf-8"), re.MULTILINE))
    assert {path.stem for path in SHOTS.iterdir()} == {
        f"{name}-{scheme}" for name in made for scheme in ("light", "dark")
    }
