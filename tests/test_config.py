"""The config: what is refused, and how it is said."""

import tomllib
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.clientfile import ClientFile
from pipeline.config.hours import normal_hours
from pipeline.config.load import find_config, load_client_files, load_config, read_model
from pipeline.config.models import Config
from pipeline.config.values import Window
from pipeline.domain.calls import Usage
from pipeline.domain.ids import ClientId
from pipeline.errors import ConfigError, CredentialsError
from pipeline.llm.address import host_of, is_encrypted, is_loopback
from pipeline.llm.prices import Prices
from pipeline.resources import shipped

GOOD = """
[owner]
name = "Robin"
email = "robin@studio.example"
timezone = "Europe/Berlin"

[[accounts]]
kind = "imap"
id = "main"
host = "imap.studio.example"
user = "robin"
password = { env = "FIRMLY_TEST_SECRET" }
"""


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    """What loading this config complains about."""
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return caught.value.problems


def test_the_example_loads_as_it_is(tmp_path: Path) -> None:
    """An example that has gone out of date would be everybody's first error."""
    path = tmp_path / "config.toml"
    path.write_text(shipped("config.example.toml").read_text("utf-8"), encoding="utf-8")
    assert load_config(path).owner.working_hours == Window()


def endpoints() -> dict[str, str]:
    """The commented sections [llm] of the example, by the word that stands above each."""
    blocks = shipped("config.example.toml").read_text("utf-8").split("\n\n")
    found = [block.splitlines() for block in blocks if "# [llm]" in block.splitlines()]
    return {
        block[0].removeprefix("# ").partition(":")[0].partition(".")[0]: "\n".join(
            line.removeprefix("# ") for line in block[block.index("# [llm]") :]
        )
        for block in found
    }


def test_every_commented_setting_of_the_example_exists(tmp_path: Path) -> None:
    """A commented line that names a setting there is not would fail for whoever uncomments it."""
    blocks = shipped("config.example.toml").read_text("utf-8").partition("# --- A client file")[0].split("\n\n")
    lines = "\n\n".join(block for block in blocks if "# [llm]" not in block.splitlines()).splitlines()
    uncommented = [
        line.removeprefix("# ")
        for line in lines
        if not line.startswith("# ")
        or line.removeprefix("# ").startswith("[")
        or " = " in line.split("#")[1].split("  ")[0]
    ]
    text = "\n".join(line for line in uncommented if not line.startswith(("  ", "#")))
    assert tomllib.loads(text)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    assert len(load_config(tmp_path / "config.toml").accounts) == 2


def test_the_example_has_a_section_for_each_kind_of_endpoint() -> None:
    """The next test would pass without any."""
    assert list(endpoints()) == ["OpenAI", "Azure OpenAI", "Ollama", "vLLM", "llama", "OpenRouter and gateways like it"]


@pytest.mark.parametrize("kind", endpoints())
def test_each_endpoint_of_the_example_can_be_uncommented(tmp_path: Path, kind: str) -> None:
    """A section that does not load, or that stops at its own budget for want of a price, is the first thing an owner meets."""
    example = shipped("config.example.toml").read_text("utf-8")
    path = tmp_path / "config.toml"
    path.write_text(f"{example}\n{endpoints()[kind]}\n", encoding="utf-8")
    llm = load_config(path).llm
    assert llm is not None
    assert host_of(llm.base_url)
    assert is_encrypted(llm.base_url) or is_loopback(llm.base_url)
    if llm.daily_budget is not None:
        cost = Prices(llm.base_url, llm.price).cost(Usage(1000, 100), llm.model)
        assert cost is not None
        assert cost.amount > 0


def test_a_typo_is_named_with_what_was_meant(tmp_path: Path) -> None:
    """A misspelt key that is ignored changes nothing, and nobody knows why."""
    text = GOOD.replace("timezone", "timezoen").replace("host =", "hots =") + "\n[run]\nmax_nwe = 3\n"
    found = "\n".join(problems(tmp_path, text))
    assert "owner.timezoen is not a setting; did you mean timezone?" in found
    assert "run.max_nwe is not a setting; did you mean max_new?" in found
    assert "hots is not a setting; did you mean host?" in found
    assert "accounts[0].host is missing." in found
    assert "at least 1 item" not in found


def test_a_secret_in_plain_text_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """An error message with the password in it would end in cron's mail."""
    text = GOOD.replace('{ env = "FIRMLY_TEST_SECRET" }', '"hunter2-canary"')
    found = "\n".join(problems(tmp_path, text))
    assert "plain text" in found
    assert "canary" not in found


def test_values_are_not_repeated_in_any_problem(tmp_path: Path) -> None:
    """Pydantic's own messages show the rejected input; ours must not."""
    text = GOOD.replace('password = { env = "FIRMLY_TEST_SECRET" }', "password = { env = 17 }\nauth = 'canary'")
    assert "canary" not in "\n".join(problems(tmp_path, text))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"Europe/Berlin"', '"Mars/Olympus"'), "no time zone"),
        (('"robin@studio.example"', '"robin"'), "no mail address"),
        (('kind = "imap"\n', ""), "needs a kind"),
        (("[[accounts]]", "[[acounts]]"), "did you mean accounts?"),
    ],
)
def test_each_mistake_says_what_is_right(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    """A message that does not name the fix costs an evening."""
    assert words in "\n".join(problems(tmp_path, GOOD.replace(*change)))


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    """A traceback of the TOML parser helps nobody."""
    path = tmp_path / "config.toml"
    path.write_text(GOOD + "\n[run\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 14"):
        load_config(path)


def test_two_accounts_may_not_share_an_id(tmp_path: Path) -> None:
    """Two mailboxes under one id would share their cursors and lose mail."""
    assert "two accounts" in "\n".join(problems(tmp_path, GOOD + GOOD[GOOD.index("[[accounts]]") :]))


def test_paths_are_relative_to_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cron calls from another directory: the store would be made anew there."""
    (tmp_path / "config.toml").write_text(GOOD + '\n[store]\npath = "firmly.sqlite3"\n', encoding="utf-8")
    monkeypatch.chdir("/")
    assert load_config(tmp_path / "config.toml").store.path == tmp_path / "firmly.sqlite3"


def test_the_nearest_config_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config, then the environment, then this directory: a run with the wrong mailbox otherwise."""
    monkeypatch.chdir(tmp_path)
    for name in ("config.toml", "other.toml", "third.toml"):
        Path(name).write_text(GOOD, encoding="utf-8")
    assert find_config(None) == Path("config.toml")
    monkeypatch.setenv("FIRMLY_CONFIG", "other.toml")
    assert find_config(None) == Path("other.toml")
    assert find_config(Path("third.toml")) == Path("third.toml")


def test_a_missing_variable_is_a_credentials_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty password sent to a server may lock the account."""
    (tmp_path / "config.toml").write_text(GOOD, encoding="utf-8")
    monkeypatch.delenv("FIRMLY_TEST_SECRET", raising=False)
    account = load_config(tmp_path / "config.toml").accounts[0]
    assert account.kind == "imap"
    with pytest.raises(CredentialsError, match="FIRMLY_TEST_SECRET"):
        account.password.fetch()


def test_a_secret_comes_from_a_command_without_being_shown(tmp_path: Path) -> None:
    """A failing password manager must not print what it printed."""
    text = GOOD.replace('{ env = "FIRMLY_TEST_SECRET" }', '{ command = ["sh", "-c", "echo canary; exit 3"] }')
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    account = load_config(tmp_path / "config.toml").accounts[0]
    assert account.kind == "imap"
    with pytest.raises(CredentialsError) as caught:
        account.password.fetch()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "09:00-17:00",
        "mon-fri 09:00-17:00",
        "mon,tue,wed,thu,fri 9:00-17:00",
        ["09:00", "17:00"],
        {"start": "09:00", "end": "17:00"},
        {"days": "mon-fri", "start": "09:00", "end": "17:00"},
        {"days": [0, 1, 2, 3, 4], "start": time(9), "end": time(17)},
        dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00"),
    ],
)
def test_working_hours_in_all_their_spellings(written: object) -> None:
    """A spelling that is read wrongly moves every off-hours judgement."""
    assert Window.model_validate(normal_hours(written)) == Window()


@given(st.text(max_size=30))
def test_no_spelling_of_hours_is_a_crash(written: str) -> None:
    """A ValueError is a message for the owner; anything else is a traceback."""
    try:
        normal_hours(written)
    except ValueError:
        return
    raise AssertionError(written)


def test_a_client_file_in_full_and_in_short(tmp_path: Path) -> None:
    """Scope and late fee have a short form and a table; both must come to the same."""
    short = tmp_path / "short.toml"
    short.write_text('name = "H"\nemails = "mia@h.example"\nscope = ["five pages"]\nlate_fee = "1% a month"\n', "utf-8")
    long = tmp_path / "long.toml"
    long.write_text(
        'name = "H"\n[[contacts]]\nemail = "mia@h.example"\n[scope]\nitems = ["five pages"]\n[late_fee]\ntext = "1% a month"\n',
        "utf-8",
    )
    one, other = (read_model(path, ClientFile).client(ClientId(1)) for path in (short, long))
    assert one == other
    assert one.engagements[0].scope == ("five pages",)


def test_an_address_belongs_to_one_client(tmp_path: Path) -> None:
    """Whoever was loaded last would get the other's mail."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(f'name = "{name}"\nemails = ["mia@h.example"]\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_client_files(tmp_path)
    assert "mia@h.example stands in a.toml too" in caught.value.problems[0]


def test_a_price_never_passes_through_a_float(tmp_path: Path) -> None:
    """0.1 + 0.2 on an invoice is a letter to the tax office."""
    (tmp_path / "a.toml").write_text('name = "a"\nemails = ["m@h.example"]\nprice = 1200.10\n', encoding="utf-8")
    file = read_model(tmp_path / "a.toml", ClientFile)
    assert str(file.price) == "1200.10"


def test_sections_with_defaults_need_not_be_written() -> None:
    """A minimal config is four lines for the owner and six for the mailbox."""
    assert Config.model_validate(tomllib.loads(GOOD)).run.first_days == 7
