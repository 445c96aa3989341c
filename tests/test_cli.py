"""The command line, called as a process: what a person and cron see."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.demo import NOW, Demo, firmly
from support.memory import mail

from pipeline.cli.common import print_json
from pipeline.run.lock import run_lock

SAMPLE = Path(__file__).parent.parent / "fixtures" / "mailbox"


@pytest.fixture
def kept(demo: Demo, tmp_path: Path) -> Demo:
    """A copy of what the demo kept, to change at will."""
    shutil.copytree(demo.place, tmp_path / "kept")
    return replace(demo, place=tmp_path / "kept")


def first(kept: Demo, *, blocked: bool = False) -> str:
    """The number of the first proposal that waits."""
    proposals = kept.firmly("queue", "list", "--json", "--now", NOW).json["proposals"]
    return next(str(p["id"]) for p in proposals if blocked == any(f["severity"] == "block" for f in p["findings"]))


def test_the_demo_ends_well_and_says_nothing_wrong(demo: Demo) -> None:
    """The first thing that a stranger types."""
    assert demo.code == 0
    assert demo.complained == ""
    assert "is delivered: in Drafts on the server" in demo.printed
    assert "once more: nothing is done twice.\n  nothing to do" in demo.printed


def test_a_quiet_run_prints_nothing(kept: Demo) -> None:
    """A cron job that talks on every run is a cron job whose mail is filtered away."""
    assert kept.firmly("run", "--now", NOW).code == 0
    answer = kept.firmly("run", "--now", NOW)
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_new_mail_makes_the_run_speak(kept: Demo) -> None:
    """And one that never talks is no use."""
    kept.firmly("run", "--now", NOW)
    raw = mail(
        "dax@loopfinch.example",
        "runa@velderholt.example",
        "One more thing",
        "While you are in there anyway, add a wholesale page too, it should not cost extra. Same invoice please.",
        message_id="<new@loopfinch.example>",
    )
    (kept.place / "mailbox" / "inbox" / "9999-new.eml").write_bytes(raw)
    answer = kept.firmly("run", "--now", NOW, "--json")
    assert answer.json["counts"]["fetched"] == 1
    assert answer.json["counts"]["judged"] == 1


def test_a_dry_run_keeps_nothing(kept: Demo) -> None:
    """Looking must not be touching."""
    kept.firmly("run", "--now", NOW)
    (kept.place / "mailbox" / "inbox" / "9999-new.eml").write_bytes(
        mail("dax@loopfinch.example", "runa@velderholt.example", message_id="<new@loopfinch.example>")
    )
    assert kept.firmly("run", "--dry-run", "--json", "--now", NOW).json["counts"]["fetched"] == 1
    assert kept.firmly("run", "--json", "--now", NOW).json["counts"]["fetched"] == 1


def test_approve_lays_one_draft_into_the_folder(kept: Demo) -> None:
    """The point of it all, by command."""
    answer = kept.firmly("queue", "approve", first(kept), "--now", NOW, "--json")
    assert answer.json["status"] == "delivered"
    (draft,) = (kept.place / "mailbox" / "drafts").glob("*.eml")
    assert answer.json["message_id"].encode() in draft.read_bytes()
    again = kept.firmly("queue", "approve", str(answer.json["id"]), "--now", NOW)
    assert again.code == 2
    assert "not pending" in again.err
    assert len(list((kept.place / "mailbox" / "drafts").glob("*.eml"))) == 1


def test_edit_takes_the_persons_words(kept: Demo) -> None:
    """$EDITOR is where people write; what they wrote must be what leaves."""
    number = first(kept)
    script = kept.place / "editor"
    script.write_text('#!/bin/sh\nprintf "Hello,\\n\\nlet us talk on the phone.\\n\\nRuna Velderholt\\n" > "$1"\n')
    script.chmod(0o700)
    assert kept.firmly("queue", "edit", number, "--now", NOW, EDITOR=str(script)).code == 0
    kept.firmly("queue", "approve", number, "--now", NOW)
    (draft,) = (kept.place / "mailbox" / "drafts").glob("*.eml")
    assert b"let us talk on the phone" in draft.read_bytes()


def test_words_that_look_like_headers_stay_in_the_body(kept: Demo) -> None:
    """A header injected through the editor would copy strangers."""
    number = first(kept)
    text = "Bcc: spy@evil.example\r\nSubject: hello\r\n\r\nHello,\n\nRuna Velderholt"
    (kept.place / "body.txt").write_text(text)
    kept.firmly("queue", "edit", number, "--file", "body.txt", "--now", NOW)
    kept.firmly("queue", "approve", number, "--now", NOW)
    (draft,) = (kept.place / "mailbox" / "drafts").glob("*.eml")
    head, _, _ = draft.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    assert b"evil.example" not in head


def test_stances_snooze_reject_and_undo(kept: Demo) -> None:
    """The other keys of the queue."""
    number = first(kept)
    softer = kept.firmly("queue", "redraft", number, "--stance", "softer", "--now", NOW)
    assert "softer" in softer.out
    assert kept.firmly("queue", "snooze", number, "2d", "--now", NOW).code == 0
    listed = kept.firmly("queue", "list", "--json", "--now", NOW).json["proposals"]
    assert number not in {str(p["id"]) for p in listed}
    assert kept.firmly("queue", "undo", number, "--now", NOW).code == 0
    assert kept.firmly("queue", "reject", number, "--reason", "spoke on the phone", "--now", NOW).code == 0
    assert kept.firmly("queue", "approve", number, "--now", NOW).code == 2


def test_attention_is_closed_once(kept: Demo) -> None:
    """What was looked at must go away, and a second look must say so."""
    item = kept.firmly("queue", "list", "--json").json["attention"][0]["id"]
    assert kept.firmly("queue", "seen", f"a{item}").code == 0
    assert kept.firmly("queue", "seen", f"a{item}").code == 2


def test_explain_names_quote_play_and_judge(kept: Demo) -> None:
    """The first question of everybody is "why this?"."""
    number = first(kept)
    words = kept.firmly("explain", f"p{number}").out
    assert "confidence" in words
    assert "“" in words
    body = kept.firmly("explain", f"p{number}", "--json").json
    assert body["schema"] == "firmly.explain/1"
    assert body["steps"][3]["output"]["judge"].startswith("embedded")
    assert [step["stage"] for step in body["steps"]] == ["parse", "place", "screen", "classify", "decide", "draft"]


def test_redo_judges_again_and_doubles_nothing(kept: Demo) -> None:
    """After an edit of the prompts, one mail is done again; its old proposal gives way."""
    shown = kept.firmly("queue", "show", first(kept), "--json", "--now", NOW).json
    kept.firmly("redo", f"m{shown['mail']}", "--from", "classify", "--now", NOW)
    proposals = kept.firmly("queue", "list", "--json", "--now", NOW).json["proposals"]
    assert len([p for p in proposals if p["origin"] == shown["origin"]]) == 1
    assert kept.firmly("redo", "m1", "--from", "nowhere").code == 2


def test_people_read_labels_as_words(kept: Demo) -> None:
    """`scope_creep` in a sentence is the program's word, not the reader's; only what can be typed keeps it."""
    for words, label in (
        (("clients", "show", "Loopfinch", "--now", NOW), "scope_creep"),
        (("explain", "p2"), "payment_delay"),
    ):
        said = [line for line in kept.firmly(*words).out.splitlines() if "firmly explain" not in line]
        told = "\n".join(line.replace("prompts/plays/", "") for line in said if "words by" not in line)
        assert label.replace("_", " ") in told
        assert label not in told


def test_an_item_is_shown_with_its_mail(kept: Demo) -> None:
    """A held mail whose item leads nowhere can only be found by searching the mail program."""
    items = kept.firmly("queue", "list", "--json", "--now", NOW).json["attention"]
    item = next(one for one in items if one["mail"] is not None)
    number, mail_number = f"a{item['id']}", f"m{item['mail']}"
    assert mail_number in kept.firmly("queue", "list", "--now", NOW).out
    shown = kept.firmly("queue", "show", number)
    assert f"The mail ({mail_number})" in shown.out
    assert "What is going on" in shown.out
    assert kept.firmly("queue", "show", number, "--json").json["mail_text"]
    assert kept.firmly("explain", number, "--json").json["mail"] == item["mail"]
    for command in (("queue", "show"), ("explain",)):
        assert "no attention item a999" in kept.firmly(*command, "a999").err


def test_redo_proposes_no_second_reply_by_accident(kept: Demo) -> None:
    """A mail whose reply was handed over would be answered twice by whoever only wanted it judged again."""
    number = first(kept)
    shown = kept.firmly("queue", "show", number, "--json", "--now", NOW).json
    kept.firmly("queue", "approve", number, "--now", NOW)
    refused = kept.firmly("redo", f"m{shown['mail']}", "--from", "classify", "--now", NOW)
    assert refused.code == 2
    assert f"p{number}" in refused.err
    assert "--anew" in refused.err
    listed = kept.firmly("queue", "list", "--json", "--now", NOW).json["proposals"]
    assert shown["origin"] not in {p["origin"] for p in listed}
    kept.firmly("redo", f"m{shown['mail']}", "--from", "classify", "--anew", "--now", NOW)
    listed = kept.firmly("queue", "list", "--json", "--now", NOW).json["proposals"]
    (second,) = [p for p in listed if p["origin"] == shown["origin"]]
    assert f"Your reply p{number} to this mail is delivered already: this would be a second one." in second["warnings"]


def test_a_run_that_reached_no_mailbox_does_not_say_that_nothing_is_to_do(kept: Demo) -> None:
    """Nobody looked: the sentence above the error would be a guess, and a soothing one."""
    (kept.place / "mailbox").rename(kept.place / "elsewhere")
    answer = kept.firmly("run", "--now", NOW)
    assert answer.code != 0
    assert "Nothing to do" not in answer.out
    assert answer.err


@pytest.mark.parametrize("path", sorted((SAMPLE / "inbox").glob("*.eml")), ids=lambda p: p.stem)
def test_classify_answers_for_every_sample(path: Path, tmp_path: Path) -> None:
    """Any mail gives an answer, without a config and without a store."""
    expected = json.loads((SAMPLE / "expected.json").read_text("utf-8"))[path.name]
    answer = firmly("classify", str(path), "--json", home=tmp_path)
    assert answer.code == 0
    assert answer.json["schema"] == "firmly.classify/1"
    if expected["screened"] in {"bulk", "auto_reply", "bounce"}:
        assert answer.json["screen"]["reason"] == expected["screened"]
        assert answer.json["assessment"] is None
    else:
        quotes = [b["quote"] for b in answer.json["assessment"]["behaviours"]]
        assert all(len(quote.split()) >= 3 for quote in quotes)
    assert list(tmp_path.iterdir()) == []


def test_mail_cannot_touch_the_terminal(tmp_path: Path) -> None:
    """An escape sequence in a subject could rewrite what the screen says."""
    raw = mail(
        subject="x",
        body="\x1b[2J\x1b]0;owned\x07 While you are there, add a page for free. \u202egnp.exe",
        message_id="<1@h.example>",
    )
    answer = firmly("classify", "-", home=tmp_path, given=raw.decode())
    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out


def test_json_for_programs_cannot_touch_the_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON escapes ESC and leaves its one-byte sisters, DEL and turned writing as they are: a terminal obeys some of them."""
    words = "\x9b2J\x7f \u202egnp.exe \U000f0000 \ud800 Zoë"
    print_json("queue.show", {"subject": words})
    out = capsys.readouterr().out
    assert all(character.isprintable() for character in out.replace("\n", ""))
    assert "Zoë" in out
    assert json.loads(out)["subject"] == words


def test_a_wrong_number_is_a_usage_error(kept: Demo) -> None:
    """A traceback for a typo would be everybody's first impression."""
    for words in (
        ("queue", "show", "p999"),
        ("queue", "show", "seven"),
        ("queue", "show", "²"),
        ("queue", "show", "9" * 30),
        ("queue", "snooze", "p1", "²d"),
        ("queue", "snooze", "p1", "9999999999d"),
        ("queue", "snooze", "a1", "tomorrow"),
        ("explain", "m999"),
        ("redo", "m999", "--from", "decide"),
    ):
        answer = kept.firmly(*words)
        assert answer.code == 2, words
        assert "Traceback" not in answer.err


def test_a_missing_config_names_the_places(tmp_path: Path) -> None:
    """The first call without a config must say what to do."""
    answer = firmly("run", home=tmp_path)
    assert answer.code == 78
    assert "firmly init" in answer.err


def test_doctor_looks_at_everything(kept: Demo) -> None:
    """Each thing on its own line, and the exit code of the worst."""
    answer = kept.firmly("doctor")
    assert answer.code == 78  # the sample's last run was in November 2026 by its own clock, or the folder has no Trash
    assert "mailbox demo" in answer.out
    assert "store" in answer.out


def test_doctor_notes_that_nobody_is_read(kept: Demo) -> None:
    """Without a client and with strangers ignored every run is quiet for ever; a 0 behind an ok does not say so."""
    shutil.rmtree(kept.place / "clients")
    (kept.place / "clients").mkdir()
    assert "note   client files" not in kept.firmly("doctor").out  # the store knows them still
    for path in kept.place.glob("*.sqlite3*"):
        path.unlink()
    out = kept.firmly("doctor").out
    assert "note   client files" in out
    assert "clients set" in out


def test_config_check_tells_all_problems_together(kept: Demo) -> None:
    """One problem a call is a morning lost."""
    path = kept.place / "config.toml"
    path.write_text(path.read_text("utf-8").replace("timezone", "timezoen") + "\n[nonsense]\nx = 1\n", encoding="utf-8")
    answer = kept.firmly("config", "check")
    assert answer.code == 78
    assert "did you mean timezone" in answer.err
    assert "nonsense" in answer.err


def test_backups_never_write_over_anything(kept: Demo) -> None:
    """The one copy from before the disaster must not be replaced by the one from after it."""
    assert kept.firmly("db", "backup", "copy.sqlite3").code == 0
    assert kept.firmly("db", "backup", "copy.sqlite3").code == 2


def test_a_second_run_at_the_same_time_ends_at_once(kept: Demo) -> None:
    """Overlapping cron calls would judge and draft everything twice."""
    with run_lock(kept.place / "firmly.sqlite3"):
        answer = kept.firmly("run", "--now", NOW)
    assert answer.code == 75
    assert "Another run is active" in answer.err


def test_the_version_is_told() -> None:
    """The first line of every bug report."""
    assert firmly("--version", home=Path("/")).out.startswith("firmly 0.")
