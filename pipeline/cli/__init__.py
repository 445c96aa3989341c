"""The command line: input → one call → output. Rooms are imported when a command runs, so `--help` stays fast."""

from pipeline.cli.main import main

__all__ = ["main"]
