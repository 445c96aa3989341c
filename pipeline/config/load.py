"""Find, read and check the config. All problems at once; a near miss gets a suggestion; no value of a secret is repeated."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_args

import platformdirs
from pydantic import BaseModel, ValidationError

from pipeline.config.clientfile import ClientFile
from pipeline.config.models import Account, Config
from pipeline.errors import ConfigError

APP = "firmly"
Model = TypeVar("Model", bound=BaseModel)


def find_config(given: Path | None) -> Path:
    """The config file: `--config`, `$FIRMLY_CONFIG`, `./config.toml`, the platform's config directory; the first there is.

    Raises ConfigError that names every place that was looked at.
    """
    named = os.environ.get("FIRMLY_CONFIG")
    if given is not None or named:
        path = given or Path(named or "")
        if not path.is_file():
            raise ConfigError(f"There is no config file {path}.", fix="firmly init writes one by asking.")
        return path
    places = [Path("config.toml"), platformdirs.user_config_path(APP) / "config.toml"]
    for place in places:
        if place.is_file():
            return place
    raise ConfigError(
        f"No config found: looked for {' and '.join(str(place) for place in places)}.",
        fix="firmly init writes one by asking; firmly demo needs none.",
    )


def load_config(path: Path) -> Config:
    """Read and check a config file. Paths in it are relative to it. Raises ConfigError with all problems."""
    config = read_model(path, Config)
    return _anchored(config, path.resolve().parent)


def load_client_files(directory: Path) -> list[tuple[Path, ClientFile]]:
    """Every client file of a directory, in the order of their names. Raises ConfigError with the problems of all."""
    files: list[tuple[Path, ClientFile]] = []
    problems: list[str] = []
    for path in sorted(directory.glob("*.toml")):
        try:
            files.append((path, read_model(path, ClientFile)))
        except ConfigError as error:
            problems += error.problems or (error.message,)
    problems += _shared_addresses(files)
    if problems:
        raise ConfigError("The client files have mistakes.", problems=tuple(problems))
    return files


def _shared_addresses(files: Iterable[tuple[Path, ClientFile]]) -> list[str]:
    """An address belongs to one client."""
    owners: dict[str, Path] = {}
    problems = []
    for path, file in files:
        for email in file.client_addresses():
            other = owners.setdefault(email, path)
            if other != path:
                problems.append(f"{path.name}: {email} stands in {other.name} too; an address belongs to one client.")
    return problems


def read_model(path: Path, model: type[Model]) -> Model:
    """Read a TOML file into a model. Raises ConfigError with every problem of the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {type(error).__name__}.") from None
    try:
        data = tomllib.loads(text, parse_float=Decimal)  # prices never pass through a float
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}.", fix="Check quotes and brackets near that line."
        ) from None
    return checked(data, model, path.name)


def checked(data: Mapping[str, Any], model: type[Model], name: str) -> Model:
    """Settings that were read from somewhere, as their model. Raises ConfigError with every problem, each behind `name`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = tuple(f"{name}: {problem}" for problem in _problems(error, model, data))
        raise ConfigError(f"{name} has mistakes.", problems=problems) from None


def _problems(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> Iterable[str]:
    """Say each problem with its dotted path, in our words, without the value that was given."""
    everything = error.errors(include_input=False, include_context=False, include_url=False)
    for found in everything:
        if found["type"] == "too_short" and any(_below(other["loc"], found["loc"]) for other in everything):
            continue  # a list whose entries are wrong is not short as well
        where = _dotted(found["loc"], data)
        if found["type"] == "extra_forbidden":
            key = str(found["loc"][-1])
            near = difflib.get_close_matches(key, _keys_at(model, found["loc"][:-1]), n=1)
            yield f"{where} is not a setting" + (f"; did you mean {near[0]}?" if near else ".")
        elif found["type"] == "missing":
            yield f"{where} is missing."
        elif found["type"] == "union_tag_not_found":
            yield f'{where} needs a kind: "imap" or "folder".'
        else:
            message = found["msg"].removeprefix("Value error, ").rstrip(".")
            yield f"{where}: {message}." if where else f"{message}."


def _below(location: tuple[int | str, ...], top: tuple[int | str, ...]) -> bool:
    return len(location) > len(top) and location[: len(top)] == top


def _dotted(location: tuple[int | str, ...], data: Mapping[str, Any]) -> str:
    """The place as the owner wrote it: `accounts[0].port`, without the names of pydantic's union branches."""
    text = ""
    here: Any = data
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
            here = here[step] if isinstance(here, list) and step < len(here) else None
        elif isinstance(here, dict) and step not in here and step != location[-1]:
            continue
        else:
            text += f".{step}" if text else step
            here = here.get(step) if isinstance(here, dict) else None
    return text


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that would be right at a place: those of the model there, or of every model it may be."""
    models: list[type[BaseModel]] = [model]
    for step in location:
        if isinstance(step, int):
            continue
        narrowed = [
            m for known in models if step in known.model_fields for m in _models_in(known.model_fields[step].annotation)
        ]
        models = narrowed or models
    return [key for known in models for key in known.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _anchored(config: Config, base: Path) -> Config:
    """Relative paths are relative to the config file, wherever firmly is called from (cron has its own directory)."""

    def at(path: Path | None) -> Path | None:
        return None if path is None else base / path.expanduser()

    accounts: list[Account] = []
    for account in config.accounts:
        if account.kind == "folder":
            accounts.append(account.model_copy(update={"path": at(account.path)}))
        else:
            smtp = account.smtp and account.smtp.model_copy(update={"ca_file": at(account.smtp.ca_file)})
            accounts.append(account.model_copy(update={"ca_file": at(account.ca_file), "smtp": smtp}))
    return config.model_copy(
        update={
            "accounts": tuple(accounts),
            "clients": config.clients.model_copy(update={"dir": at(config.clients.dir)}),
            "invoices": config.invoices.model_copy(update={"watch": at(config.invoices.watch)}),
            "store": config.store.model_copy(update={"path": at(config.store.path)}),
            "prompts_dir": at(config.prompts_dir),
        },
    )


def store_path(config: Config) -> Path:
    """Where the database lies: as configured, else in the platform's data directory."""
    return config.store.path or platformdirs.user_data_path(APP) / "firmly.sqlite3"
