"""The example config names every setting."""

import re
from collections.abc import Iterator

import pytest

from pipeline.config import clientfile, models
from pipeline.resources import shipped


def settings() -> Iterator[str]:
    """Each field of each section, as `Section.field`."""
    for room in (models, clientfile):
        for kind in vars(room).values():
            if isinstance(kind, type) and issubclass(kind, models.Section):
                yield from (f"{kind.__name__}.{field}" for field in kind.model_fields)


@pytest.mark.parametrize("setting", sorted(set(settings())))
def test_every_setting_stands_in_the_example(setting: str) -> None:
    """A setting that the example does not name is found by nobody."""
    key = setting.partition(".")[2]
    text = shipped("config.example.toml").read_text("utf-8")
    assert re.search(rf"\b{key} = |^(?:# )*\[+(?:\w+\.)?{key}\]|, {key}\b", text, flags=re.MULTILINE)
