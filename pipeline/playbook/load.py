"""Read the taxonomy, the playbook and the plays, and tell everything that is wrong with them at once."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import PlaybookError
from pipeline.playbook.model import Playbook
from pipeline.playbook.plays import FALLBACK, Play, PlayFront, read_letters
from pipeline.playbook.settings import Ladder, PlaybookFile, with_defaults
from pipeline.playbook.taxonomy import Taxonomy, taxonomy_problems
from pipeline.playbook.vocabulary import VARIABLES, unknown
from pipeline.promptfile import hash_of, split_prompt_file

TAXONOMY = "taxonomy.toml"
PLAYBOOK = "playbook.toml"
_PLAYS = "plays/"

Shape = TypeVar("Shape")


def load_playbook(read: Callable[[str], str], names: Iterable[str], *, check_letters: bool = True) -> Playbook:
    """Read the whole playbook.

    `names` are the files that there are, `read` gives the text of one of them; `PromptLibrary` has both. Without
    `check_letters` the templates of the letters are not parsed, which is most of the time that it takes. Raises
    PlaybookError with all problems of all files together, and passes on a PromptError of `read`.
    """
    known = sorted(names)
    reader = _Reader(read, known)
    taxonomy = reader.taxonomy()
    file = reader.playbook(taxonomy)
    plays = reader.plays(taxonomy, check_letters=check_letters)
    if reader.problems or taxonomy is None or file is None:
        raise PlaybookError(
            "The playbook has mistakes.", fix="firmly prompts check lists them.", problems=tuple(reader.problems)
        )
    return Playbook(
        taxonomy=taxonomy,
        plays=MappingProxyType(plays),
        holds=file.holds,
        precedence=file.precedence,
        behaviours=file.plays,
        intents=file.intents,
        payments=file.payments,
        events={field.name: getattr(file.events, field.name) for field in fields(file.events)},
        replies=file.replies,
        commitments=file.commitments,
        ladder=file.ladder,
        promises=file.promises,
        pauses=file.pauses,
        claims=file.claims,
        signals=file.signals,
        nudges=file.nudges,
        verdicts=file.verdict,
        invoice_tables=file.invoice_table,
        claim_tables=file.claim_table,
        fingerprint=hash_of(*(part for name, text in sorted(reader.texts.items()) for part in (name, text))),
    )


def load_taxonomy(read: Callable[[str], str], names: Iterable[str]) -> Taxonomy:
    """The labels alone, for what only names them. Raises as `load_playbook`."""
    reader = _Reader(read, sorted(names))
    taxonomy = reader.taxonomy()
    if taxonomy is None or reader.problems:
        raise PlaybookError(
            "The taxonomy has mistakes.", fix="firmly prompts check lists them.", problems=tuple(reader.problems)
        )
    return taxonomy


class _Reader:
    """Reads one file after the other and gathers what is wrong; a broken file never hides the problems of the next."""

    def __init__(self, read: Callable[[str], str], names: list[str]) -> None:
        self._read = read
        self._names = names
        self._plays = [name.removeprefix(_PLAYS).removesuffix(".md") for name in names if _is_play(name)]
        self._commitments: list[str] | None = None
        self.texts: dict[str, str] = {}
        self.problems: list[str] = []

    def taxonomy(self) -> Taxonomy | None:
        taxonomy = self._checked(TAXONOMY, self._toml(TAXONOMY), Taxonomy, {})
        if taxonomy is not None:
            self.problems += [f"{TAXONOMY}: {problem}" for problem in taxonomy_problems(taxonomy)]
        return taxonomy

    def playbook(self, taxonomy: Taxonomy | None) -> PlaybookFile | None:
        data = self._toml(PLAYBOOK)
        if data is not None:
            table = data.get("commitments", {})
            self._commitments = list(table) if isinstance(table, dict) else []
        context = {"taxonomy": taxonomy, "plays": self._plays}
        file = self._checked(PLAYBOOK, None if data is None else with_defaults(data), PlaybookFile, context)
        if file is not None:
            self.problems += [f"{PLAYBOOK}: {problem}" for problem in _playbook_problems(file)]
        return file

    def plays(self, taxonomy: Taxonomy | None, *, check_letters: bool) -> dict[str, Play]:
        # Without a readable playbook its commitments are unknown; to call each of them a mistake would bury the cause.
        if self._commitments is None:
            return {}
        variables = (*VARIABLES, *self._commitments)
        partials = [name for name in self._names if name.rpartition("/")[2].startswith("_")]
        plays: dict[str, Play] = {}
        for name in self._plays:
            path = f"{_PLAYS}{name}.md"
            try:
                file = split_prompt_file(self._text(path))
            except ValueError as error:
                self.problems.append(f"{path}: {error}.")
                continue
            context = {"taxonomy": taxonomy, "variables": variables}
            front = self._checked(path, dict(file.front), PlayFront, context)
            letters, problems = read_letters(file, variables, partials, check=check_letters)
            self.problems += [f"{path}: {problem}" for problem in problems]
            if front is not None:
                plays[name] = Play(
                    name=name,
                    title=front.title,
                    kind=front.kind,
                    moves=front.moves,
                    label=front.label,
                    needs=front.needs,
                    sets_boundary=front.sets_boundary,
                    templates=MappingProxyType(letters),
                )
        return plays

    def _text(self, name: str) -> str:
        self.texts[name] = self._read(name)
        return self.texts[name]

    def _toml(self, name: str) -> dict[str, Any] | None:
        if name not in self._names:
            self.problems.append(f"{name} is missing.")
            return None
        try:
            return tomllib.loads(self._text(name).removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError as error:
            self.problems.append(f"{name} is not valid TOML: {error}.")
            return None

    def _checked(
        self, name: str, data: dict[str, Any] | None, shape: type[Shape], context: Mapping[str, object]
    ) -> Shape | None:
        if data is None:
            return None
        try:
            return TypeAdapter(shape).validate_python(data, context=dict(context))
        except ValidationError as error:
            self.problems += [f"{name}: {problem}" for problem in _sentences(error, shape)]
            return None


def _is_play(name: str) -> bool:
    return name.startswith(_PLAYS) and name.endswith(".md") and not name.rpartition("/")[2].startswith("_")


def _playbook_problems(file: PlaybookFile) -> Iterable[str]:
    """Contradictions inside the playbook that its shape does not show."""
    yield from _ladder_problems(file.ladder)
    if file.verdict.profile not in file.verdict.profiles:
        yield f"verdict.profile: {unknown(file.verdict.profile, file.verdict.profiles, 'no profile')}"
    if FALLBACK not in file.invoice_table:
        yield f"invoice_table.{FALLBACK} is missing; it is what letters in other languages fall back on."
    for name, rule in file.commitments.items():
        if name in VARIABLES:
            yield f"commitments.{name}: {name} is a fact already; templates could not tell the two apart."
        if (rule.rule == "workdays") != (rule.workdays is not None):
            yield f'commitments.{name}: workdays is given with rule = "workdays", and only with it.'


def _ladder_problems(ladder: Ladder) -> Iterable[str]:
    steps = [step.step for step in ladder.steps]
    for step in sorted({step for step in steps if steps.count(step) > 1}):
        yield f"ladder.steps: {step} stands twice."
    for profile, timings in ladder.profiles.items():
        for step, timing in timings.items():
            if step not in steps:
                yield f"ladder.profiles.{profile}.{step}: {unknown(step, steps, 'no step of ladder.steps')}"
            elif timing.after != "due" and (timing.after not in timings or timing.after >= step):
                yield f"ladder.profiles.{profile}.{step}: after must be due or an earlier step of the same profile."
    if ladder.send_from >= ladder.send_until:
        yield "ladder: send_from must be before send_until."


def _sentences(error: ValidationError, shape: type) -> Iterable[str]:
    """Every problem with its dotted path, in our words, without the value that was given."""
    for found in error.errors(include_input=False, include_context=False, include_url=False):
        path = _dotted(found["loc"])
        if found["type"] == "unexpected_keyword_argument":
            yield unknown(path, _paths(shape, found["loc"][:-1]), "not a setting")
        elif found["type"] in {"missing", "missing_argument"}:
            yield f"{path} is missing."
        else:
            message = found["msg"].removeprefix("Value error, ").rstrip(".")
            yield f"{path}: {message}" + ("" if message.endswith("?") else ".")


def _dotted(location: tuple[int | str, ...]) -> str:
    """The place as the owner wrote it: `ladder.steps[0].play`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location if step != "[key]")
    return "".join(steps).removeprefix(".")


def _paths(shape: Any, location: tuple[int | str, ...]) -> list[str]:
    """The dotted paths that would be right in the table at a place."""
    here: list[Any] = [shape]
    for step in location:
        here = [part for kind in here for part in _inside(kind, step)]
    prefix = _dotted(location)
    names = [field.name for kind in here for table in _tables(kind) for field in fields(table)]
    return [f"{prefix}.{name}" if prefix else name for name in names]


def _inside(kind: Any, step: int | str) -> list[Any]:
    """The types that may stand at a key or index of a type."""
    found: list[Any] = []
    for table in _tables(kind):
        hint = get_type_hints(table).get(str(step))
        found += [hint] if hint is not None else []
    return found or [part for part in get_args(kind) if _tables(part) or get_args(part)]


def _tables(kind: Any) -> list[type]:
    return [kind] if isinstance(kind, type) and is_dataclass(kind) else []
