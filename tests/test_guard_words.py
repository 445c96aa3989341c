"""The word lists, the way they are matched, and how long it takes."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.errors import ConfigError
from pipeline.guard import inspect_draft, load_guard_words, shipped_words
from pipeline.guard.inspect import RULES

COMMON = '[common]\nlanguages = ["en"]\n'
BRIEF = GuardBrief(language="en", greeting_name="Anna", signature_name="Robin Vale")


def load(common: str = COMMON, english: str = "") -> None:
    """Read word lists from texts."""
    load_guard_words(lambda name: common if name == "common.toml" else english)


def names(english: str, body: str) -> set[str]:
    """What a draft gets under a word list of one's own."""
    words = load_guard_words(lambda name: COMMON if name == "common.toml" else english)
    return {f.name for f in inspect_draft(body, BRIEF, words)}


def test_the_shipped_lists_cover_thirteen_languages() -> None:
    """A file that is not in the list of languages would never be read."""
    folder = Path(__file__).parent.parent / "prompts" / "guard"
    assert set(shipped_words().lexicons) == {p.stem for p in folder.glob("??.toml")}
    assert len(shipped_words().lexicons) == 13


def test_every_rule_that_reads_a_draft_is_in_the_table() -> None:
    """A rule that is written and not listed guards nothing."""
    assert {number for number, _ in RULES} == set(range(1, 15))


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("[phrases\n", "en.toml"),
        ("[phrazes]\n", "phrazes"),
        ("[phrases]\nguarantees = []\n", "guarantees"),
        ('[phrases]\nguarantee = "x"\n', "guarantee"),
        ('[phrases]\nguarantee = ["..."]\n', "guarantee"),
        ('[calendar]\nmonths = ["Jan"]\n', "12"),
    ],
)
def test_a_broken_list_is_named(english: str, told: str) -> None:
    """An owner who edits a list must be told the file and the entry, not get a guard that lets things pass."""
    with pytest.raises(ConfigError) as raised:
        load(english=english)
    assert told in raised.value.message
    assert "en.toml" in raised.value.message


@pytest.mark.parametrize(
    ("phrase", "matching", "other"),
    [
        ("solemn vow", "A solemn vow.", "A solemn old vow."),
        ("vow*", "We vowed it.", "We avow it."),
        ("*vow", "We avow it.", "We vowed it."),
        ("my|our vow", "It is our vow.", "It is your vow."),
        ("my|our|d'un vow", "It is our vow.", "It is your vow."),
        ("my|our|d'un vow", "It is d'un vow.", "It is l'un vow."),
        ("our very? vow", "It is our vow.", "It is our old vow."),
        ("our _ vow", "It is our old vow.", "It is our vow."),
        ("our ... vow", "It is our good, old and solemn vow.", "It is ours. A vow."),
    ],
)
def test_phrases_match_as_the_readme_says(phrase: str, matching: str, other: str) -> None:
    """The lists are data; a sign that means something else than documented makes every list wrong."""
    english = f'[phrases]\nguarantee = ["{phrase}"]\n'
    assert "guarantee" in names(english, matching)
    assert "guarantee" not in names(english, other)


def test_an_exclamation_mark_makes_a_phrase_firm() -> None:
    """In languages that negate inside the verb, `we do not charge` would otherwise excuse itself."""
    negator = 'negator = ["not"]\n'
    assert "guarantee" not in names(f'[phrases]\nguarantee = ["our vow"]\n{negator}', "This is not our vow.")
    assert "guarantee" in names(f'[phrases]\nguarantee = ["!our vow"]\n{negator}', "This is not our vow.")


def test_a_phrase_is_found_whatever_the_accents_and_apostrophes() -> None:
    """Keyboards differ; a word list that wants the right accent is walked around by accident."""
    assert "guarantee" in names('[phrases]\nguarantee = ["déjà promis"]\n', "DEJA PROMIS")
    assert "guarantee" in names('[phrases]\nguarantee = ["j\'assure"]\n', "J’assure que oui")


def test_an_exception_excuses_only_where_it_stands() -> None:
    """`as always` excuses its own always, not the next one."""
    english = '[phrases]\nabsolute = ["always"]\n[allow]\nabsolute = ["as always"]\n'
    assert "absolute" not in names(english, "As always, thank you.")
    assert "absolute" in names(english, "As always, thank you. It always works.")


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """A draft comes from a model: anything may be in it, and the guard must answer."""
    findings = inspect_draft(text, BRIEF)
    assert any(f.severity is Severity.BLOCK for f in findings)


ALPHABET = st.sampled_from("aA1 .,'-\n?!€%/@:“”\"([{<#*|_ıàуو౧５\u00a0\u200d")


@settings(max_examples=25)
@given(st.text(alphabet=ALPHABET, min_size=1, max_size=12))
def test_a_long_body_takes_no_longer_than_it_should(piece: str) -> None:
    """A pattern that tries again and again lets one hostile mail stop the whole run."""
    body = (piece * 50_000)[:50_000]
    started = time.process_time()
    assert any(f.severity is Severity.BLOCK for f in inspect_draft(body, BRIEF))
    assert time.process_time() - started < 3  # far over the usual tenths: this is about explosions, not about speed
