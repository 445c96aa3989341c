"""`firmly prompts …`: the templates, what is wrong with them, and what a mail would send."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import AsJson, ConfigPath, print_json, safe
from pipeline.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from pipeline.config.models import Config
    from pipeline.prompts import PromptLibrary

prompts = typer.Typer(help="The templates: list, show, edit, check, preview, diff.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A prompt, as list shows it: plays/scope_creep.md.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(prompts, name="prompts")


def _library(config: Path | None) -> "tuple[Config | None, PromptLibrary]":
    from pipeline.app import library_of
    from pipeline.cli.judging import config_if_any

    settings = config_if_any(config)
    return settings, library_of(settings)


@prompts.command("list")
def list_(*, config: ConfigPath = None, as_json: AsJson = False) -> None:
    """Every prompt, and whether it is yours or the shipped one."""
    from pipeline.promptfile import hash_of

    _, library = _library(config)
    found = [library.source(name) for name in library.names()]
    if as_json:
        print_json(
            "prompts.list", {"prompts": [{"name": s.name, "own": s.own, "hash": hash_of(s.text)} for s in found]}
        )
        return
    for source in found:
        typer.echo(f"{source.name}  {hash_of(source.text)}{'  yours: ' + str(source.path) if source.own else ''}")


@prompts.command("show")
def show(name: Name, *, config: ConfigPath = None) -> None:
    """Print a prompt."""
    _, library = _library(config)
    typer.echo(library.source(name).text, nl=False)


@prompts.command("edit")
def edit(name: Name, *, config: ConfigPath = None) -> None:
    """Open your copy of a prompt in $EDITOR; makes it from the shipped one the first time. Then checks everything."""
    import shlex
    import subprocess

    settings, library = _library(config)
    if settings is None or settings.prompts_dir is None:
        raise UsageError(
            "The config names no place for your own prompts.", fix='Add prompts_dir = "prompts" at its top.'
        )
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("Neither $VISUAL nor $EDITOR is set.", fix="export EDITOR=nano")
    source = library.source(name)
    target = settings.prompts_dir / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.text, encoding="utf-8")
    subprocess.run([*shlex.split(editor), str(target)], check=False)  # noqa: S603 the owner's own editor
    check(config=config)


@prompts.command("check")
def check(*, config: ConfigPath = None) -> None:
    """Read every prompt and tell everything that is wrong: unknown variables, labels without a play, a missing fence.

    Notes say what is right and may still not be meant: variables that a prompt does not use, languages without a letter.
    """
    from pipeline.app import guard_words_of, playbook_of
    from pipeline.cli.promptcheck import check_model_prompts, labels_without_play, languages_without_letter
    from pipeline.invoices.law import read_law
    from pipeline.resources import shipped

    settings, library = _library(config)
    problems: list[str] = []
    notes: list[str] = []
    try:
        playbook = playbook_of(library)
    except ConfigError as error:
        problems += error.problems or (error.message,)
    else:
        problems += labels_without_play(playbook)
        notes += languages_without_letter(playbook, _languages(settings))
    try:
        guard_words_of(library)
    except ConfigError as error:
        problems += error.problems or (error.message,)
    try:
        read_law(library.source("law.toml").text)
    except ConfigError as error:
        problems += error.problems or (error.message,)
    found, unused = check_model_prompts(library, shipped("prompts"))
    problems += found
    for note in (*unused, *notes):
        typer.echo(f"note: {safe(note)}")
    if problems:
        raise ConfigError("The prompts have mistakes.", problems=tuple(problems))
    typer.echo(f"{len(library.names())} prompts are right.")


def _languages(settings: "Config | None") -> set[str]:
    """The languages that letters are written in, as far as the config says."""
    from pipeline.config.load import load_client_files

    if settings is None:
        return set()
    clients = (file.language for _, file in load_client_files(settings.clients.dir))
    return {settings.owner.language, *(language for language in clients if language)}


@prompts.command("preview")
def preview(
    mail: Annotated[
        str,
        typer.Argument(
            help="One mail as bytes (.eml), - for standard input, or m17, one of the store.", metavar="MAIL"
        ),
    ],
    *,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Exactly what would leave this machine about a mail, with token counts per part. Nothing is sent."""
    from pipeline.cli.previewing import preview_mail

    settings, _ = _library(config)
    if settings is None or settings.llm is None:
        raise UsageError(
            "Nothing leaves this machine: the config names no endpoint.", fix="firmly config example shows [llm]."
        )
    shown = preview_mail(settings, mail)
    how, counted = _tokens([part.text for part in shown.parts])
    if as_json:
        body: list[dict[str, Any]] = [
            {"purpose": part.purpose, "role": part.role, "tokens": count, "text": part.text}
            for part, count in zip(shown.parts, counted, strict=True)
        ]
        print_json(
            "prompts.preview",
            {
                "endpoint": settings.llm.base_url,
                "model": settings.llm.model,
                "tokens_by": how,
                "notes": list(shown.notes),
                "parts": body,
            },
        )
        return
    for note in shown.notes:
        typer.echo(safe(note))
    for part, count in zip(shown.parts, counted, strict=True):
        typer.echo(f"--- {part.purpose}, {part.role}: {count} tokens ({how})")
        typer.echo(safe(part.text))
    if shown.parts:
        typer.echo(f"--- {sum(counted)} tokens in all, to {safe(settings.llm.base_url)}")


def _tokens(texts: list[str]) -> tuple[str, list[int]]:
    """Tokens by OpenAI's vocabulary where its package is installed, else a careful estimate."""
    try:
        import bpe_openai
    except ImportError:
        return "estimated, 3 characters a token", [len(text) // 3 + 1 for text in texts]
    encoding = bpe_openai.get_encoding("o200k_base")
    return "o200k_base", [len(encoding.encode(text)) for text in texts]


@prompts.command("diff")
def diff(*, config: ConfigPath = None) -> None:
    """What your own prompts change against the shipped ones."""
    import difflib

    from pipeline.resources import shipped

    _, library = _library(config)
    own = [source for name in library.names() if (source := library.source(name)).own]
    for source in own:
        original = shipped("prompts") / source.name
        before = original.read_text("utf-8").splitlines(keepends=True) if original.is_file() else []
        after = source.text.splitlines(keepends=True)
        typer.echo("".join(difflib.unified_diff(before, after, f"shipped/{source.name}", str(source.path))), nl=False)
    if not own:
        typer.echo("You have no prompts of your own.")
