"""Where the files lie that come with Firmly and that owners may replace: prompts, sample mailbox, example config."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_SHIPPED = {
    "prompts": (_PACKAGE / "_data" / "prompts", _PACKAGE.parent / "prompts"),
    "mailbox": (_PACKAGE / "_data" / "mailbox", _PACKAGE.parent / "fixtures" / "mailbox"),
    "config.example.toml": (_PACKAGE / "_data" / "config.example.toml", _PACKAGE.parent / "config.example.toml"),
}


def shipped(name: str) -> Path:
    """The directory or file `name` as shipped: from the installed package, else from the checkout around it.

    Raises FileNotFoundError if the installation is broken, KeyError for a name that was never shipped.
    """
    for place in _SHIPPED[name]:
        if place.exists():
            return place
    message = f"This installation lacks its {name}; install firmly again."
    raise FileNotFoundError(message)
