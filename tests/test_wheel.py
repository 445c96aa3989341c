"""The wheel works without the checkout around it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.demo import firmly_process

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked into a directory of its own."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """Prompts or mails that were left out of the wheel would be found by whoever installs it."""
    where = subprocess.run(
        [sys.executable, "-c", "import pipeline; print(pipeline.__file__)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.strip().startswith(str(installed))
    answer = firmly_process("demo", home=tmp_path, PYTHONPATH=str(installed))
    assert answer.code == 0, answer.err
    assert "is delivered: in Drafts on the server" in answer.out


def test_the_wheel_has_what_owners_may_replace(installed: Path) -> None:
    """Everything in prompts/ is promised to be editable: it must be there to copy."""
    shipped = {p.relative_to(ROOT / "prompts") for p in (ROOT / "prompts").rglob("*") if p.is_file()}
    packed = {
        p.relative_to(installed / "pipeline/_data/prompts")
        for p in (installed / "pipeline/_data/prompts").rglob("*")
        if p.is_file()
    }
    assert packed == shipped
    assert (installed / "pipeline/_data/config.example.toml").is_file()


def test_the_wheel_has_no_tests_and_no_training_mails(installed: Path) -> None:
    """A wheel with the gold cases in it would leak them into whatever is trained next."""
    names = [p.relative_to(installed).parts[0] for p in installed.rglob("*.py")]
    assert set(names) == {"pipeline"}
    assert not list(installed.rglob("*.jsonl"))
