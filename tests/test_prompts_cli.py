"""`firmly prompts …`, and what a prompt may cost."""

import json
import re
from pathlib import Path

import bpe_openai
import pytest
from support.demo import firmly
from support.memory import mail
from support.studio import GOOD, NOW, judged_by, studio

from pipeline.app import library_of, playbook_of
from pipeline.classify.one_call import OneCallJudge
from pipeline.domain.client import Context
from pipeline.llm import Completion, Request
from pipeline.parse import parse_message

CONFIG = """
prompts_dir = "mine"
[owner]
name = "Robin"
email = "robin@studio.example"
[[accounts]]
kind = "folder"
id = "main"
path = "mail"
[llm]
base_url = "http://127.0.0.1:9/v1"
model = "some-model"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A config with a place for own prompts."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "mine").mkdir()
    return tmp_path


class Silent:
    """A model that is never asked."""

    name = "some-model"

    def complete(self, request: Request) -> Completion:
        raise AssertionError(request.purpose)


def test_the_static_prompt_keeps_its_budget_and_its_bytes() -> None:
    """Every mail pays for every token of it, and a byte that moves spoils the provider's cache."""
    library = library_of(None)
    judge = OneCallJudge(Silent(), library, playbook_of(library).taxonomy)
    requests = [
        judge.request_for(
            parse_message(mail(subject=f"Number {n}", body=f"Mail {n} about page {n}.")), Context(client=None)
        )
        for n in range(100)
    ]
    assert len({request.static for request in requests}) == 1
    encoding = bpe_openai.get_encoding("o200k_base")
    static = len(encoding.encode(requests[0].static))
    assert static <= 1200
    assert static / (static + len(encoding.encode(requests[0].mail))) >= 0.8


def test_own_prompts_win_and_mistakes_are_named_together(home: Path) -> None:
    """An edit that breaks a template must be found before the next cron call."""
    (home / "mine" / "plays").mkdir()
    (home / "mine" / "plays" / "scope_creep.md").write_text(
        "+++\ntitle = 'x'\n+++\n## en\nHello {{ greting_name }}\n", encoding="utf-8"
    )
    answer = firmly("prompts", "check", "--config", "config.toml", home=home)
    assert answer.code == 78
    assert "greting_name" in answer.err
    assert "greeting_name" in answer.err
    listed = firmly("prompts", "list", "--config", "config.toml", "--json", home=home).json["prompts"]
    assert [p["name"] for p in listed if p["own"]] == ["plays/scope_creep.md"]
    assert "+Hello {{ greting_name }}" in firmly("prompts", "diff", "--config", "config.toml", home=home).out


def edited(home: Path, name: str, *changes: tuple[str, str]) -> Path:
    """The owner's copy of a prompt, with changes that must apply."""
    text = firmly("prompts", "show", name, "--config", "config.toml", home=home).out
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (home / "mine" / name).write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("classify.md", [("{{ newest }}", "{{ newst }}")], ["classify.md, line ", "there is no newst here; did you mean newest?"]),
        ("classify.md", [("{{ r.name }}: {{ r.definition }}", "{{ r.name }}: {{ r.meaning }}")], ["classify.md, line 38", "meaning"]),
        ("classify.md", [("{% for r in tones -%}", "{% for r in moods -%}")], ["there is no moods here"]),
        ("classify.md", [("<{{ fence }} newest>\n", ""), ("{{ newest }}\n</{{ fence }}>", "{{ newest }}")], ["newest stands outside the fence", "subject stands outside the fence"]),
        ("classify.md", [("{{ newest }}", "")], ["{{ newest }} is missing"]),
        ("classify.md", [("{% if known -%}", "{% if known %")], ["classify.md, line "]),
        ("write.md", [("<{{ fence }} ask>{{ ask }}</{{ fence }}>", "{{ ask }}")], ["asks stands outside the fence"]),
        ("write.md", [("max_tokens = 700", "max_token = 700")], ["max_token is not a setting; did you mean max_tokens?"]),
        ("write.md", [("{{ owner_name }}", "{{ owner.name }}")], ["there is no owner here"]),
        ("law.toml", [("as_of = ", "as_off = "), ('points = "9"', 'points = "nine"')], ["law.toml, law.0.as_of", "law.toml, law.1.points"]),
    ],
    ids=["unknown", "unknown part", "unknown in static", "no fence", "no mail", "syntax", "ask", "setting", "object", "law"],
)  # fmt: skip
def test_check_names_what_would_go_wrong(
    home: Path, name: str, changes: list[tuple[str, str]], said: list[str]
) -> None:
    """Found by cron at night instead, with mail waiting, or never: words of strangers outside a fence look like a prompt."""
    answer = firmly("prompts", "check", "--config", "config.toml", home=edited(home, name, *changes))
    assert answer.code == 78
    for words in said:
        assert words in answer.err
    assert "Traceback" not in answer.err


def test_check_notes_what_a_prompt_leaves_out_and_languages_without_a_letter(home: Path) -> None:
    """To leave the thread out may be a wish, so it is told and no mistake."""
    edited(home, "write.md", ("{{ title }}", "a letter"))
    (home / "clients").mkdir()
    (home / "clients" / "one.toml").write_text('name = "One"\nemails = ["a@one.example"]\nlanguage = "hu"\n')
    answer = firmly("prompts", "check", "--config", "config.toml", home=home)
    assert answer.code == 0
    assert "note: write.md does not use title." in answer.out
    assert "note: no plain letter in hu, so it would be English: " in answer.out


def test_a_new_label_needs_a_play(home: Path) -> None:
    """A behaviour that is found and never answered looks like one that never happens."""
    shipped = firmly("prompts", "show", "taxonomy.toml", "--config", "config.toml", home=home).out
    label = '\n[[behaviours]]\nname = "ghosting"\ndefinition = "vanishes"\nseverity = 2\n'
    (home / "mine" / "taxonomy.toml").write_text(shipped + label, encoding="utf-8")
    answer = firmly("prompts", "check", "--config", "config.toml", home=home)
    assert answer.code == 78
    assert "ghosting has no play" in answer.err


def test_a_doubled_label_is_named(home: Path) -> None:
    """Two definitions of one label: which of them holds would be chance."""
    shipped = firmly("prompts", "show", "taxonomy.toml", "--config", "config.toml", home=home).out
    (home / "mine" / "taxonomy.toml").write_text(
        shipped + '\n[[behaviours]]\nname = "distrust"\ndefinition = "again"\nseverity = 1\n', encoding="utf-8"
    )
    answer = firmly("run", "--config", "config.toml", home=home)
    assert answer.code == 78
    assert "distrust stands twice" in answer.err


def test_edit_copies_the_shipped_prompt_first(home: Path) -> None:
    """An editor on an empty file would replace a letter by nothing."""
    answer = firmly("prompts", "edit", "plays/nudge.md", "--config", "config.toml", home=home, EDITOR="true")
    assert answer.code == 0
    assert "## en" in (home / "mine" / "plays" / "nudge.md").read_text("utf-8")


def test_preview_shows_all_that_would_leave(home: Path) -> None:
    """What a person cannot see, they cannot refuse to send."""
    (home / "mail.eml").write_bytes(
        mail(body="Please pay to DE89 3704 0044 0532 0130 00 from now on.", message_id="<1@h.example>")
    )
    answer = firmly("prompts", "preview", "mail.eml", "--config", "config.toml", "--json", home=home)
    assert [part["role"] for part in answer.json["parts"]] == ["system", "user", "schema", "settings"]
    assert "Please pay to" in answer.json["parts"][1]["text"]


def test_preview_shows_the_very_requests_that_a_run_sends(tmp_path: Path) -> None:
    """A preview that differs from what is sent in one word is worse than none."""
    with studio(tmp_path, judged_by(GOOD)) as here:
        here.firmly("run", "--now", NOW)
        sent = [dict(body) for body in here.endpoint.requests]
        shown = here.firmly("prompts", "preview", "m1", "--json").json
        plain = here.firmly("prompts", "preview", "mail/inbox/1.eml")
    parts: dict[str, dict[str, str]] = {"classify": {}, "write": {}}
    for part in shown["parts"]:
        parts[part["purpose"]][part["role"]] = without_fence(part["text"])
        assert part["tokens"] > 0
    for body, purpose in zip(sent, parts, strict=True):
        messages = {m["role"]: without_fence(m["content"]) for m in body.pop("messages")}
        assert messages.items() <= parts[purpose].items()
        form = body.pop("response_format", None)
        assert (json.loads(parts[purpose]["schema"]) if form else None) == form
        body.pop("stream", None)
        assert json.loads(parts[purpose]["settings"]) == body
    assert "--- write, user: " in plain.out
    assert "tokens in all, to http://127.0.0.1" in plain.out


def without_fence(text: str) -> str:
    """The text with one name for all fences: the real ones are new for every request."""
    return re.sub(r"mail-[0-9a-f]{16}", "FENCE", text)


def test_preview_of_mail_that_no_model_sees(home: Path) -> None:
    """A newsletter is never sent, and preview must not look as if it were."""
    (home / "n.eml").write_bytes(mail(headers={"List-Id": "<n.h.example>", "Precedence": "bulk"}))
    answer = firmly("prompts", "preview", "n.eml", "--config", "config.toml", home=home)
    assert answer.code == 0
    assert answer.out.startswith("Nothing leaves: ")


def test_without_an_endpoint_nothing_leaves(home: Path) -> None:
    """And that is what preview says."""
    (home / "config.toml").write_text(CONFIG[: CONFIG.index("[llm]")], encoding="utf-8")
    (home / "mail.eml").write_bytes(mail())
    answer = firmly("prompts", "preview", "mail.eml", "--config", "config.toml", home=home)
    assert answer.code == 2
    assert "Nothing leaves this machine" in answer.err
