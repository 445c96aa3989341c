"""Prompts: the form of their files, the library, rendering in the sandbox, and the prompts that come with Firmly."""

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import PromptError
from pipeline.playbook import Taxonomy, load_playbook
from pipeline.promptfile import Section, TemplateText, hash_of, split_prompt_file
from pipeline.prompts import PromptLibrary, variables_named
from pipeline.resources import shipped

FILE = '+++\ntitle = "A"\n+++\n\n## en\n\nHello\n\n\n## en softer\nHi\nthere\n'


@pytest.fixture
def library(tmp_path: Path) -> PromptLibrary:
    """A library with one partial, nothing of the owner's."""
    (tmp_path / "plays").mkdir()
    (tmp_path / "_close.md").write_text("Kind regards,\n{{ nam }}")
    (tmp_path / "plays" / "secret.md").write_text("not a partial")
    return PromptLibrary(None, tmp_path)


@pytest.fixture(scope="module")
def own() -> PromptLibrary:
    """The prompts that come with Firmly."""
    return PromptLibrary(None, shipped("prompts"))


@pytest.fixture(scope="module")
def taxonomy(own: PromptLibrary) -> Taxonomy:
    """The shipped taxonomy."""
    return load_playbook(lambda name: own.source(name).text, own.names()).taxonomy


# --- the form of a file


def test_a_file_is_settings_and_sections() -> None:
    """A parser that loses a section, its text or the line for messages would break every prompt."""
    file = split_prompt_file(FILE)
    assert file.front == {"title": "A"}
    assert file.sections == {
        "en": Section(TemplateText("Hello"), 7),
        "en softer": Section(TemplateText("Hi\nthere"), 11),
    }


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    """A prompt saved by a Windows editor must read like any other."""
    assert split_prompt_file("\ufeff" + FILE.replace("\n", "\r\n")) == split_prompt_file(FILE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("## en\nHello\n", "line 1: the file must begin"),
        ("", "line 1: the file must begin"),
        ('+++\ntitle = "A"\n', "not closed"),
        ("+++\ntitle = \n+++\n", "not valid TOML"),
        ("+++\n+++\nHello\n## en\nHello\n", "line 3: text before the first heading"),
        ("+++\n+++\n## en\nA\n##  en\nB\n", "line 5: the heading ## en stands twice"),
        ("+++\n+++\n## en\n\n## de\nHallo\n", "line 3: there is no text under ## en"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text: str, says: str) -> None:
    """An owner who edits a prompt must learn where the mistake is."""
    with pytest.raises(ValueError, match=re.escape(says)):
        split_prompt_file(text)


def test_a_hash_ignores_what_nobody_reads_and_nothing_else() -> None:
    """A version that changes with line ends would tell people of changes that are none, and hide none that are."""
    assert hash_of("a \r\nb\n") == hash_of("a\nb")
    assert len({hash_of("a", "b"), hash_of("ab"), hash_of("a", "", "b"), hash_of("a b"), hash_of("b", "a")}) == 5
    assert len(hash_of("a")) == 12


# --- the library


def test_an_owners_file_wins_over_the_shipped_one(tmp_path: Path) -> None:
    """An owner edits one prompt and keeps the others."""
    for root, names in (("own", ["b.md"]), ("shipped", ["a.md", "b.md", "plays/c.md", "notes.txt"])):
        for name in names:
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(root)
    library = PromptLibrary(tmp_path / "own", tmp_path / "shipped")
    assert library.names() == ("a.md", "b.md", "plays/c.md")
    assert [(library.source(name).text, library.source(name).own) for name in ("a.md", "b.md")] == [
        ("shipped", False),
        ("own", True),
    ]


def test_an_own_directory_that_does_not_exist_is_no_error(tmp_path: Path) -> None:
    """A config may name a prompts directory before the owner puts anything there."""
    (tmp_path / "a.md").write_text("x")
    assert PromptLibrary(tmp_path / "none", tmp_path).source("a.md").text == "x"


@pytest.mark.parametrize("name", ["clasify.md", "../secret.md", "/etc/passwd", "plays"])
def test_only_files_of_the_library_can_be_read(name: str, own: PromptLibrary) -> None:
    """A name must not lead out of the prompts directory, and a misspelt one gets a suggestion."""
    with pytest.raises(PromptError, match="There is no prompt") as error:
        own.source(name)
    assert ("did you mean classify.md?" in error.value.message) == (name == "clasify.md")


def test_a_prompt_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A file in another encoding must end in a sentence, not in a traceback."""
    (tmp_path / "a.md").write_bytes(b"\xff\xfe")
    with pytest.raises(PromptError, match=r"a\.md cannot be read"):
        PromptLibrary(None, tmp_path).source("a.md")


def test_a_prompt_tells_all_its_problems_at_once(tmp_path: Path) -> None:
    """Misspelt settings and headings are fixed in one go."""
    (tmp_path / "a.md").write_text('+++\ndescription = "x"\ntemprature = 1\nmax_tokens = 1\n+++\n## statik\nHello\n')
    with pytest.raises(PromptError) as error:
        PromptLibrary(None, tmp_path).prompt("a.md")
    told = "\n".join(error.value.problems)
    assert "temprature is not a setting; did you mean temperature?" in told
    assert "max_tokens:" in told
    assert "the section ## mail is missing" in told
    assert "## statik is no section of a prompt; did you mean static?" in told


def test_a_prompt_without_front_matter_names_its_file(tmp_path: Path) -> None:
    """The message must say which of forty files is broken."""
    (tmp_path / "a.md").write_text("## static\nHello\n")
    with pytest.raises(PromptError, match=r"a\.md: line 1"):
        PromptLibrary(None, tmp_path).prompt("a.md")


# --- rendering


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("\n{{ greting_name }}", "plays/x.md, line 11: 'greting_name' is undefined; did you mean greeting_name?"),
        ("{{ zzz }}", "plays/x.md, line 10: 'zzz' is undefined."),
        ("a\nb\n{% if %}", "plays/x.md, line 12: Expected an expression"),
        ("{{ day.mont }}", "plays/x.md, line 10: 'datetime.date object' has no attribute 'mont'."),
        ("{{ greeting_name | nofilter }}", "plays/x.md, line 10: No filter named 'nofilter'."),
        ("{{ greeting_name + 1 }}", "plays/x.md, line 10: can only concatenate str"),
        ("{{ 1 / 0 }}", "plays/x.md, line 10: division by zero."),
        ("{{ range(10 ** 9) | list }}", "Range too big"),
        ("{{ greeting_name.__class__ }}", "is unsafe"),
        ("{{ day.__init__.__globals__ }}", "is unsafe"),
        ("{{ [].append(1) }}", "is unsafe"),
        ("{% include '_close.md' %}", "_close.md, line 2: 'nam' is undefined"),
        ("{% include 'plays/secret.md' %}", "there is no partial plays/secret.md"),
        ("{% include '../../etc/_passwd' %}", "there is no partial ../../etc/_passwd"),
    ],
)
def test_a_template_that_cannot_be_filled_says_where_and_why(template: str, says: str, library: PromptLibrary) -> None:
    """An owner's edit must fail with file, line and name, and reach nothing outside of its values."""
    values = {"greeting_name": "Dana", "day": date(2026, 3, 3)}
    with pytest.raises(PromptError) as error:
        library.render(TemplateText(template), values, name="plays/x.md", first_line=10)
    assert says in error.value.message


def test_a_bug_in_a_filter_is_not_called_the_owners_mistake(library: PromptLibrary) -> None:
    """Bugs are never wrapped: ours must surface with their traceback."""

    def broken(value: str) -> str:
        return value + 1  # type: ignore[operator]

    with pytest.raises(TypeError):
        library.render(TemplateText("{{ 'a' | broken }}"), {}, name="x", filters={"broken": broken})


def test_values_are_never_read_as_templates(library: PromptLibrary) -> None:
    """A client who writes template code must find it in the letter as text."""
    hostile = "{{ owner_name }}{% include '_close.md' %}{# <b>&"
    assert library.render(TemplateText("{{ quote }}"), {"quote": hostile, "owner_name": "x"}, name="x") == hostile


def test_a_partial_is_included_with_the_same_values(library: PromptLibrary) -> None:
    """Owners share a closing line between letters."""
    rendered = library.render(TemplateText("Hello\n{% include '_close.md' %}"), {"nam": "Robin"}, name="x")
    assert rendered == "Hello\nKind regards,\nRobin"


def test_variables_from_outside_are_named_with_their_lines() -> None:
    """The check of a prompt must see a name inside a loop and not the loop's own, and say where it stands."""
    text = TemplateText("{% for a in b %}\n{{ a.c }}\n{% endfor %}{{ d }}\n{{ d }}")
    assert variables_named(text, name="x.md", first_line=10) == {"b": 10, "d": 12}
    with pytest.raises(PromptError, match=r"x.md, line 11: No filter named 'day'"):
        variables_named(TemplateText("\n{{ a | day }}"), name="x.md", first_line=10)
    with pytest.raises(PromptError, match=r"x.md, line 11: "):
        variables_named(TemplateText("\n{{ a"), name="x.md", first_line=10)


# --- the prompts that come with Firmly


def labels(taxonomy: Taxonomy) -> dict[str, object]:
    """What the static part of classify.md may name."""
    return {
        "tones": taxonomy.active("tone"),
        "intents": taxonomy.active("intent"),
        "behaviours": taxonomy.active("behaviour"),
    }


def test_classify_names_every_label_and_stays_short(own: PromptLibrary, taxonomy: Taxonomy) -> None:
    """A label that the prompt leaves out is never found; every word costs tokens on each mail (budget: 1,200)."""
    static = own.prompt("classify.md").static
    text = own.render(static.text, labels(taxonomy), name="classify.md")
    rules = [*taxonomy.tones, *taxonomy.intents, *taxonomy.behaviours]
    assert [rule.name for rule in rules if f"\n{rule.name}:" not in text] == []
    # 5,050 characters were 1,200 tokens of o200k_base; no tokenizer is fetched in tests.
    assert len(text) <= 5_070


def test_classify_leaves_out_what_is_switched_off(own: PromptLibrary, taxonomy: Taxonomy) -> None:
    """An owner who switches a label off must not pay for it or get it."""
    static = own.prompt("classify.md").static
    fewer = {**labels(taxonomy), "behaviours": taxonomy.active("behaviour")[1:]}
    assert f"\n{taxonomy.behaviours[0].name}:" not in own.render(static.text, fewer, name="classify.md")


def test_the_static_parts_depend_on_nothing_but_the_taxonomy(own: PromptLibrary) -> None:
    """One changing word in the prefix and no provider's cache works."""
    named = variables_named(own.prompt("classify.md").static.text, name="classify.md")
    assert set(named) == {"tones", "intents", "behaviours"}
    assert not variables_named(own.prompt("write.md").static.text, name="write.md")
