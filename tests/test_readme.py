"""What the README says is true."""

import re
from pathlib import Path

import pytest
from support.demo import Demo, firmly

ROOT = Path(__file__).parent.parent
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/operations.md", "CONTRIBUTING.md")}


def commands() -> list[tuple[str, ...]]:
    """Every `firmly …` that the documents tell people to type, as far as it goes without arguments."""
    found = set()
    for text in TEXTS.values():
        for line in re.findall(
            r"(?:^\$ (?:\.venv/bin/)?|`|ExecStart=\S*/)firmly ([a-z][^`\n]*)", text, flags=re.MULTILINE
        ):
            words = line.split("#")[0].split()
            found.add(tuple(word for word in words if re.fullmatch(r"[a-z]+|--?[a-z-]+", word)))
    return sorted(found)


def test_there_are_commands_to_check() -> None:
    """An expression that finds nothing would make the next test pass for ever."""
    assert ("queue", "list") in commands()
    assert len(commands()) > 12


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_documented_command_exists(command: tuple[str, ...], tmp_path: Path) -> None:
    """A renamed command or option would be found by the first stranger who types it."""
    names = [word for word in command if not word.startswith("-")]
    answer = next((a for upto in (2, 1) if (a := firmly(*names[:upto], "--help", home=tmp_path)).code == 0), None)
    assert answer is not None
    assert [option for option in command if option.startswith("--") and option not in answer.out] == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name: str) -> None:
    """A moved file leaves dead links behind."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXTS[name])
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


def test_the_excerpt_is_what_the_demo_prints(demo: Demo) -> None:
    """An excerpt from last year's demo is a promise that nobody keeps."""
    excerpt = re.search(r"<!-- demo -->\n```\n(.*?)```\n<!-- /demo -->", TEXTS["README.md"], flags=re.DOTALL)
    assert excerpt is not None
    assert len(excerpt[1].splitlines()) > 10
    printed = _without_ports(demo.printed)
    assert [line for line in excerpt[1].splitlines() if _without_ports(line).strip() not in printed] == []


def _without_ports(text: str) -> str:
    return re.sub(r"127\.0\.0\.1:\d+|SHA-256: +[0-9a-f]+", "", text)


def test_the_example_timer_and_cron_line_are_for_run() -> None:
    """A cron line that calls something else would do nothing every ten minutes."""
    assert re.search(r"^\*/10 .*firmly run$", TEXTS["docs/operations.md"], flags=re.MULTILINE)
    assert "ExecStart=%h/firmly/.venv/bin/firmly run" in TEXTS["docs/operations.md"]
