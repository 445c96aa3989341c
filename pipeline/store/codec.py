"""Dataclasses of the domain to JSON and back, by their types."""

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(kind: Any, value: object) -> str:
    """`value`, which is of type `kind`, as JSON. Decimals become strings; nothing passes through a float."""
    return _adapter(kind).dump_json(value).decode()


def load(kind: type[T], stored: str | bytes) -> T:
    """What `dump` wrote."""
    return cast("T", _adapter(cast("Any", kind)).validate_json(stored))


def plain(kind: Any, value: object) -> Any:
    """`value` as JSON-ready dicts, lists and strings, for `--json`."""
    return _adapter(kind).dump_python(value, mode="json")
