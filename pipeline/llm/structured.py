"""JSON answers: the schema that is sent, the text that stands in for it, and getting the answer out of what came.

Nothing here talks to a server. An answer is found only if exactly one JSON object of the right form stands in the
text: where a model repeats an object from the mail beside its own, there are two, and neither is believed.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

LONGEST = 65_536
"""Characters of an answer that are looked at; no honest answer comes near."""

_LEFT_OUT = frozenset({"title", "default", "description"})  # docstrings are for readers of the code
_BOUNDS = frozenset({"maxLength", "maxItems"})
_STARTS = 64  # so many braces are tried as the beginning of the answer
_SHOWN = 8  # so many problems are told in a repair call
_THINKING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(r"^.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_UNCLOSED = re.compile(r"^\s*<(?:think|thinking|reasoning)>.*", re.DOTALL | re.IGNORECASE)


class Unusable(Exception):
    """The text holds no answer of the right form. `problems` are for the model, one a line, without values."""

    def __init__(self, *problems: str, is_json: bool = False) -> None:
        """Keep the problems; `is_json` says whether the text was a JSON object at all."""
        super().__init__(*problems)
        self.problems = problems
        self.is_json = is_json


@cache
def strict_schema(shape: type[BaseModel], *, bounded: bool = False) -> dict[str, Any]:
    """The JSON schema of a shape in the subset that every server takes: no `$ref`, no defaults, no prose, no extra keys.

    OpenAI's strict mode wants every property required; absence is said by null. Kept for the next mail; not to be changed.
    `bounded` keeps lengths, which Azure refuses (its page on structured outputs lists maxLength and maxItems as not
    supported), and which keep a small model behind a server that enforces grammars from filling its room with one string.
    """
    schema = shape.model_json_schema()
    definitions = schema.pop("$defs", {})
    plain: dict[str, Any] = _plain(schema, definitions, _LEFT_OUT if bounded else _LEFT_OUT | _BOUNDS)
    return plain


def _plain(node: Any, definitions: dict[str, Any], left_out: frozenset[str]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions, left_out) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rpartition("/")[2]], definitions, left_out)
    plain = {key: _plain(value, definitions, left_out) for key, value in node.items() if key not in left_out}
    if "properties" in node:
        # A property may itself be called title or default, so properties are taken from the node as it was.
        plain["properties"] = {name: _plain(value, definitions, left_out) for name, value in node["properties"].items()}
        plain["required"] = list(node["properties"])
        plain["additionalProperties"] = False
    return plain


@cache
def instructions(shape: type[BaseModel]) -> str:
    """The schema as a part of the prompt, for servers that do not enforce one."""
    schema = json.dumps(strict_schema(shape), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"


def without_reasoning(text: str) -> str:
    """The text without what a model thought aloud, closed or not, in the tags that are in use."""
    text = _THINKING.sub("", text)
    return _UNCLOSED.sub("", _UNOPENED.sub("", text)).strip()


def read_answer(text: str, shape: type[BaseModel]) -> BaseModel:
    """The one object of this shape in a text, be it wrapped in prose, a code fence or reasoning. Raises Unusable."""
    if len(text) > LONGEST:
        raise Unusable(f"The answer is longer than {LONGEST} characters.")
    found: list[BaseModel] = []
    problems: tuple[str, ...] = ()
    for candidate in _candidates(text):
        try:
            answer = shape.model_validate(candidate)
        except ValidationError as error:
            problems = problems or tuple(_sentences(error))
            continue
        if answer not in found:
            found.append(answer)
    if len(found) == 1:
        return found[0]
    if found:
        raise Unusable("There is more than one answer; give exactly one JSON object.", is_json=True)
    if problems:
        raise Unusable(*problems, is_json=True)
    raise Unusable("There is no JSON object in the answer.")


def _candidates(text: str) -> Iterator[dict[str, Any]]:
    """The whole text if it is one object, because a quote in it may hold any tag; else what stands in it."""
    try:
        whole = _decoder().decode(text)
    except (ValueError, RecursionError):
        yield from _objects(without_reasoning(text))
        return
    if isinstance(whole, dict):
        yield whole


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_no_doubles)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects of a text, in order."""
    decoder = _decoder()
    at = text.find("{")
    for _ in range(_STARTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says the same key twice: readers differ on which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _sentences(error: ValidationError) -> Iterator[str]:
    """What is wrong, without the rejected values: they may be words of the mail."""
    for found in error.errors(include_input=False, include_url=False)[:_SHOWN]:
        place = ".".join(str(step) for step in found["loc"]) or "the object"
        yield f"{place}: {found['msg']}"
