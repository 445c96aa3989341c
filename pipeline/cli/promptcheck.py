"""What `firmly prompts check` looks for in the prompts for a model, and which labels and languages lack a letter.

What a prompt may name is taken from the code that fills it: judge and writer are asked with a sample mail over the
shipped prompts, and what they pass is what there is. The same values then fill the owner's prompt. Each piece of
strangers' text in the sample carries a mark, which shows whether it stands between fences.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from pipeline.app import playbook_of
from pipeline.classify.one_call import OneCallJudge
from pipeline.domain.assessment import Ask
from pipeline.domain.client import Context, EarlierMail
from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.proposal import Finding, Severity
from pipeline.domain.strategy import Action, Facts, Strategy
from pipeline.draft.template import TemplateWriter
from pipeline.draft.written import WrittenWriter
from pipeline.errors import PromptError
from pipeline.llm import Completion, Request
from pipeline.parse import parse_message
from pipeline.playbook import Playbook, template_language
from pipeline.promptfile import Section, TemplateText
from pipeline.prompts import PromptLibrary, variables_named

MODEL_PROMPTS = ("classify.md", "write.md")

Values = Mapping[str, object]

_FENCE = "mail-0123456789abcdef"
_NEEDED = {"classify.md": ("newest",), "write.md": ("moves", "facts", "owner_name")}
_MARK = re.compile(r"mark-(\w+)")
_EDGE = re.compile(rf"<(/?){_FENCE}\b[^>]*>")
_MAIL = (
    "From: Kim <kim@client.example>\r\nSubject: mark-subject\r\nMessage-ID: <2@client.example>\r\n"
    "Date: Fri, 20 Nov 2026 09:00:00 +0100\r\n\r\nmark-newest is what I write.\r\n\r\n"
    "On Thu, 19 Nov 2026 at 10:00, Robin <robin@studio.example> wrote:\r\n> mark-quoted was written before.\r\n"
)


class _Nobody:
    """A model that is never asked."""

    name = "nobody"

    def complete(self, request: Request) -> Completion:
        raise AssertionError(request.purpose)


class _Watched(PromptLibrary):
    """The shipped prompts, which keep the values that they are filled with."""

    def __init__(self, root: Path) -> None:
        super().__init__(None, root)
        self.filled: dict[str, list[Values]] = {}

    def render(
        self,
        template: TemplateText,
        variables: Values,
        *,
        name: str,
        first_line: int = 1,
        filters: Mapping[str, Callable[..., str]] | None = None,
    ) -> str:
        self.filled.setdefault(name, []).append(variables)
        return super().render(template, variables, name=name, first_line=first_line, filters=filters)


def check_model_prompts(library: PromptLibrary, shipped: Path) -> tuple[list[str], list[str]]:
    """Mistakes in the prompts for a model, and notes: what they could name and do not."""
    problems: list[str] = []
    notes: list[str] = []
    samples = _samples(shipped)
    for name in MODEL_PROMPTS:
        try:
            prompt = library.prompt(name)
        except PromptError as error:
            problems += error.problems or (error.message,)
            continue
        static, *mails = samples[name]
        problems += _problems(library, name, prompt.static, [static])
        found = _problems(library, name, prompt.mail, mails)
        problems += found
        if not found:
            problems += _outside(library, name, prompt.mail, mails)
            notes += _unused(name, prompt.mail, mails[0])
    return problems, notes


def labels_without_play(playbook: Playbook) -> list[str]:
    """Behaviours that nothing answers: no play, and no hold that gives them to a person."""
    held = {label for hold in playbook.holds.values() for label in hold.behaviours}
    return [
        f"taxonomy.toml: {rule.name} has no play; add it to [plays] of playbook.toml."
        for rule in playbook.taxonomy.active("behaviour")
        if rule.name not in held and playbook.play_for(rule.name) is None
    ]


def languages_without_letter(playbook: Playbook, languages: Iterable[str]) -> list[str]:
    """The languages that are written here in which a play has no plain letter, a line for each language."""
    notes = []
    for language in sorted(set(languages)):
        base = language.split("-")[0].lower()
        lacking = [p.name for p in playbook.plays.values() if template_language(p, language).split("-")[0] != base]
        if lacking:
            notes.append(f"no plain letter in {language}, so it would be English: {', '.join(sorted(lacking))}.")
    return notes


def _problems(library: PromptLibrary, name: str, section: Section, samples: list[Values]) -> list[str]:
    """What keeps a section from being filled: it cannot be parsed, or names what there is not."""
    known = samples[0]
    try:
        named = variables_named(section.text, name=name, first_line=section.line)
        unknown = [
            f"{name}, line {line}: there is no {variable} here{_near(variable, known)}"
            for variable, line in named.items()
            if variable not in known
        ]
        if not unknown:
            for values in samples:
                library.render(section.text, values, name=name, first_line=section.line)
    except PromptError as error:
        return [error.message]
    return unknown


def _outside(library: PromptLibrary, name: str, section: Section, samples: list[Values]) -> Iterator[str]:
    """Strangers' words that do not stand between fences, and what the prompt cannot do without."""
    told: set[str] = set()
    for values in samples:
        text = library.render(section.text, values, name=name, first_line=section.line)
        depth, at = 0, 0
        for edge in [*_EDGE.finditer(text), None]:
            outside = text[at : edge.start() if edge else len(text)] if depth == 0 else ""
            told |= {found[1] for found in _MARK.finditer(outside)}
            if edge is not None:
                depth, at = (depth - 1 if edge[1] else depth + 1), edge.end()
    for mark in sorted(told):
        yield (
            f"{name}: {mark} stands outside the fence, where a client's words are read as yours;"
            f" put <{{{{ fence }}}}> before it and </{{{{ fence }}}}> after it."
        )
    used = variables_named(section.text, name=name, first_line=section.line)
    for variable in _NEEDED[name]:
        if variable not in used:
            yield f"{name}: {{{{ {variable} }}}} is missing; without it the answer has nothing to go by."


def _unused(name: str, section: Section, known: Values) -> Iterator[str]:
    used = variables_named(section.text, name=name, first_line=section.line)
    left = sorted(variable for variable in known if variable not in used)
    if left:
        yield f"{name} does not use {', '.join(left)}."


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else "."


def _samples(shipped: Path) -> dict[str, list[Values]]:
    """By prompt: the values of its static part, then those of its mail part, once for each kind of mail."""
    library = _Watched(shipped)
    playbook = playbook_of(library)
    message = parse_message(_MAIL.encode())
    turn = EarlierMail("<1@client.example>", datetime(2026, 11, 19, tzinfo=UTC), True, UntrustedText("mark-thread"))
    judge = OneCallJudge(_Nobody(), library, playbook.taxonomy, fence=lambda: _FENCE)
    for context in (Context(client=None), Context(client=None, thread=(turn,))):
        judge.request_for(message, context)
    writer = WrittenWriter(
        _Nobody(),
        library,
        playbook,
        plain=TemplateWriter(playbook, library),
        examples=lambda _: ("mark-examples",),
        fence=lambda: _FENCE,
    )
    ask = Ask(UntrustedText("a form"), UntrustedText("mark-asks"))
    facts = Facts(greeting_name="Kim", owner_name="Robin Example", language="en", project="Shop", asks=(ask,))
    play = next(play for play in playbook.plays.values() if play.label is not None and not play.needs)
    strategy = Strategy(Action.REPLY, (), "reply:1:1", play=play.name, label=Label(str(play.label)), facts=facts)
    writer.request_for(strategy, message, (Finding(1, "sample", Severity.BLOCK, "Say it otherwise."),))
    return {name: library.filled[name] for name in MODEL_PROMPTS}
