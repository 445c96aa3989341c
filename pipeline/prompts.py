"""Find prompts, check them, render them in a sandbox, and give them a version.

A name is the path below the prompts directory: `classify.md`, `plays/scope_creep.md`. A file in the owner's own
directory wins over the shipped file of the same name, one file at a time.

Mail content comes in as values only. `render` takes `TemplateText`, which only files of this library have.
"""

import difflib
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import PromptError
from pipeline.promptfile import PromptFile, Section, TemplateText, hash_of, split_prompt_file

__all__ = ["Prompt", "PromptLibrary", "PromptSettings", "PromptSource", "hash_of", "variables_named"]

_SUFFIXES = {".md", ".toml"}
_INLINE = {"<template>", "<introspection>", "<unknown>"}  # the file names that jinja2 gives to a template without one
_UNDEFINED = re.compile(r"'(?P<name>[^']+)' is undefined")
_JINJA2 = str(Path(jinja2.__file__).parent)


@dataclass(frozen=True, slots=True)
class PromptSource:
    """The text of a prompt and where it lies."""

    name: str
    path: Path
    text: str
    own: bool
    """True if it is the owner's file, False if it is the shipped one."""


class PromptSettings(BaseModel):
    """The front matter of a prompt for a model."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    description: str
    temperature: float | None = Field(default=None, ge=0, le=2)
    """None leaves it to `[llm] temperature`."""
    max_tokens: int | None = Field(default=None, ge=16)
    """Of the answer; None leaves it to `[llm] max_tokens`."""
    model: str | None = None
    """Another model than `[llm] model` for this prompt."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt for a model: a part that is the same for every mail, and a part that carries the mail."""

    source: PromptSource
    settings: PromptSettings
    static: Section
    """Comes first, byte for byte the same for every mail, so that a provider's prefix cache works."""
    mail: Section


class PromptLibrary:
    """The prompts that come with Firmly, with the owner's own files before them."""

    def __init__(self, own: Path | None, shipped: Path) -> None:
        """`own` may be missing or hold only a few of the files. Nothing is read yet."""
        self._roots = [(own, True)] if own is not None else []
        self._roots.append((shipped, False))
        self._kept: dict[TemplateText, jinja2.Template] = {}

    def names(self) -> tuple[str, ...]:
        """The names of all prompts, sorted."""
        found = {
            path.relative_to(root).as_posix()
            for root, _ in self._roots
            if root.is_dir()
            for path in root.rglob("*")
            if path.suffix in _SUFFIXES and path.is_file()
        }
        return tuple(sorted(found))

    def source(self, name: str) -> PromptSource:
        """Read a prompt. Raises PromptError if there is none of that name or it is no UTF-8 text."""
        names = self.names()
        if name not in names:
            raise PromptError(f"There is no prompt {name}{_near(name, names)}")
        path, own = next((root / name, own) for root, own in self._roots if (root / name).is_file())
        try:
            return PromptSource(name, path, path.read_text(encoding="utf-8"), own)
        except (OSError, UnicodeDecodeError) as error:
            raise PromptError(f"{path} cannot be read: {type(error).__name__}.", fix="Save it as UTF-8.") from None

    def prompt(self, name: str) -> Prompt:
        """Read a prompt for a model. Raises PromptError with all problems of the file."""
        source = self.source(name)
        try:
            file = split_prompt_file(source.text)
        except ValueError as error:
            raise PromptError(f"{source.path}: {error}.") from None
        problems = [f"{source.path}: {problem}" for problem in _form_problems(file)]
        if problems:
            raise PromptError(f"{source.path} has mistakes.", problems=tuple(problems))
        settings = PromptSettings.model_validate(dict(file.front))
        return Prompt(source, settings, file.sections["static"], file.sections["mail"])

    def render(
        self,
        template: TemplateText,
        variables: Mapping[str, object],
        *,
        name: str,
        first_line: int = 1,
        filters: Mapping[str, Callable[..., str]] | None = None,
    ) -> str:
        """Fill a template with values, which are never read as templates themselves.

        `name` and `first_line` (where the text begins in its file) are for messages. `{% include %}` reaches the
        library's partials: files whose own name begins with `_`. Raises PromptError that names file, line and variable.
        """
        try:
            return self._compiled(template, filters).render(variables)
        except jinja2.TemplateError as error:
            raise _explained(error, variables, name, first_line) from None
        except (TypeError, ArithmeticError) as error:
            if not _raised_by_template(error):
                raise
            raise _explained(error, variables, name, first_line) from None

    def _compiled(self, template: TemplateText, filters: Mapping[str, Callable[..., str]] | None) -> jinja2.Template:
        """The template ready to be filled. Prompts, which have no filters, are kept: one is filled for every mail."""
        kept = self._kept.get(template) if not filters else None
        if kept is not None:
            return kept
        environment = _environment(self._partial)
        environment.filters.update(filters or {})
        compiled = environment.from_string(template)
        if not filters:
            self._kept[template] = compiled
        return compiled

    def _partial(self, name: str) -> tuple[str, str, None] | None:
        """A partial for jinja2's loader: its text and its name. None if the library has none."""
        if not Path(name).name.startswith("_") or name not in self.names():
            return None
        return self.source(name).text, name, None


def variables_named(template: TemplateText, *, name: str, first_line: int = 1) -> Mapping[str, int]:
    """The variables that a template takes from outside, each with the line of the file that first names it.

    `name` and `first_line` as for `render`. Raises PromptError if it cannot be parsed or uses an unknown filter.
    """
    try:
        tree = _environment(lambda _: None).parse(template)
        outside = meta.find_undeclared_variables(tree)
    except jinja2.TemplateError as error:
        raise _explained(error, {}, name, first_line) from None
    lines: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        if node.name in outside:
            lines[node.name] = min(lines.get(node.name, node.lineno), node.lineno)
    return {variable: line + first_line - 1 for variable, line in sorted(lines.items(), key=lambda item: item[1])}


def _environment(partial: Callable[[str], tuple[str, str, None] | None]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=False,  # prompts and letters are plain text; escaping would put &amp; into them
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(partial),
    )


def _form_problems(file: PromptFile) -> Iterable[str]:
    """What is wrong with the settings and headings of a prompt for a model."""
    try:
        PromptSettings.model_validate(dict(file.front))
    except ValidationError as error:
        for found in error.errors(include_input=False, include_context=False, include_url=False):
            key = ".".join(str(step) for step in found["loc"])
            if found["type"] == "extra_forbidden":
                yield f"{key} is not a setting{_near(key, PromptSettings.model_fields)}"
            else:
                yield f"{key}: {found['msg']}."
    for title in ("static", "mail"):
        if title not in file.sections:
            yield f"the section ## {title} is missing."
    for title in file.sections.keys() - {"static", "mail"}:
        yield f"## {title} is no section of a prompt{_near(title, ('static', 'mail'))}"


def _explained(error: Exception, variables: Mapping[str, object], name: str, first_line: int) -> PromptError:
    """The error with file, line and variable, and the nearest names that there are."""
    file, line = _place(error)
    where = f"{name}, line {line + first_line - 1}" if file in _INLINE else f"{file}, line {line}"
    if isinstance(error, jinja2.TemplateNotFound):
        return PromptError(f"{where}: there is no partial {error.name}; the name of a partial begins with _.")
    said = error.message if isinstance(error, jinja2.TemplateSyntaxError) else None
    reason = (said or str(error)).rstrip(".")
    undefined = _UNDEFINED.match(reason)
    near = _near(undefined["name"], variables) if undefined else "."
    return PromptError(f"{where}: {reason}{near}")


def _place(error: Exception) -> tuple[str, int]:
    """Template file and line; jinja2 rewrites tracebacks so that they show both."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.filename or error.name or "<template>", error.lineno
    places = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.endswith(".py")]
    return (places[-1].filename, places[-1].lineno or 1) if places else ("<template>", 1)


def _raised_by_template(error: Exception) -> bool:
    """Whether a template did what its values do not allow, such as `{{ project + 1 }}`; a bug in a filter is ours."""
    innermost = traceback.extract_tb(error.__traceback__)[-1].filename
    return innermost.startswith(_JINJA2) or not innermost.endswith(".py")


def _near(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else "."
