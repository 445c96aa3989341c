"""Secrets: from the environment, from a command, or from the system's keyring. Never from plain text in a config."""

import os
import subprocess
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pipeline.errors import ConfigError, CredentialsError

_HOW = 'one of { env = "NAME" }, { command = ["pass", "show", "mail"] } or { keyring = "service", user = "name" }'


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EnvSecret(_Source):
    """The value of an environment variable."""

    env: str

    def fetch(self) -> str:
        """Read the variable."""
        value = os.environ.get(self.env, "")
        if not value:
            raise CredentialsError(
                f"The environment variable {self.env} is empty or not set.",
                fix=f"Set {self.env} for the user that runs firmly; cron has an environment of its own.",
            )
        return value


class CommandSecret(_Source):
    """The first line that a command prints."""

    command: list[str]

    def fetch(self) -> str:
        """Run the command. What it prints is never repeated, not even when it fails."""
        shown = self.command[0] if self.command else ""
        try:
            answer = subprocess.run(  # noqa: S603 the owner's own command, as an argument list, without a shell
                self.command,
                capture_output=True,
                check=True,
                text=True,
                timeout=60,
            )
        except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
            raise CredentialsError(
                f"The command {shown!r} that should print a secret failed ({type(error).__name__}).",
                fix="Run it by hand as the user that runs firmly.",
            ) from None
        value = answer.stdout.split("\n", 1)[0].rstrip("\r")
        if not value:
            raise CredentialsError(f"The command {shown!r} that should print a secret printed nothing.")
        return value


class KeyringSecret(_Source):
    """An entry of the system's keyring (needs the extra `firmly[keyring]`)."""

    keyring: str
    user: str

    def fetch(self) -> str:
        """Ask the keyring."""
        try:
            import keyring  # noqa: PLC0415 an extra: only those who use it have it
        except ImportError:
            raise ConfigError(
                "The config takes a secret from the keyring, and the keyring library is not installed.",
                fix="pip install 'firmly[keyring]'",
            ) from None
        value: str | None = keyring.get_password(self.keyring, self.user)
        if not value:
            raise CredentialsError(
                f"The keyring has no entry for service {self.keyring!r}, user {self.user!r}.",
                fix=f"keyring set {self.keyring} {self.user}",
            )
        return value


def _as_source(value: Any) -> Any:
    """Refuse a secret in plain text without ever repeating it."""
    if isinstance(value, str):
        raise ValueError(f"a secret must not stand in the config in plain text; use {_HOW}")  # noqa: TRY004 pydantic wants ValueError
    if not isinstance(value, dict):
        return value
    for key, kind in (("env", EnvSecret), ("command", CommandSecret), ("keyring", KeyringSecret)):
        if key in value:
            return kind.model_validate(value)
    raise ValueError(f"must be {_HOW}")


Secret = Annotated[EnvSecret | CommandSecret | KeyringSecret, BeforeValidator(_as_source)]
