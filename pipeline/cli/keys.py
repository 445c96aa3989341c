"""Single keys of a terminal, without Enter. What a terminal sends for an arrow key or a pasted text is no key."""

import os
import re
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import typer

_SEQUENCE_S = 0.05
"""A terminal sends the bytes of one key together; what comes later is another key."""
_SEQUENCE = re.compile(rb"\[[0-?]*[ -/]*[@-~]|O.|[^[O]", re.DOTALL)
"""What follows an ESC: a control sequence (ECMA-48, 5.4), a function key, or a key that was pressed with Alt."""
_PASTES_MARKED, _PASTES_PLAIN = "\x1b[?2004h", "\x1b[?2004l"
"""A terminal that knows bracketed paste (xterm's control sequences) then puts pasted text between these two:"""
_PASTE, _PASTE_END = b"[200~", b"\x1b[201~"


@contextmanager
def single_keys() -> Iterator[tuple[Callable[[], str], Callable[[], AbstractContextManager[None]]]]:
    """Keys without Enter, for the whole sitting; and a way back to lines, for an editor or a search.

    The terminal is told before anything is shown, and nothing that was typed is thrown away: a key pressed early counts.
    """
    terminal = sys.stdin.fileno()
    usual = termios.tcgetattr(terminal)

    def keys_again() -> None:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        typer.echo(_PASTES_MARKED, nl=False)

    def lines_again() -> None:
        typer.echo(_PASTES_PLAIN, nl=False)
        termios.tcsetattr(terminal, termios.TCSADRAIN, usual)

    @contextmanager
    def by_line() -> Iterator[None]:
        lines_again()
        try:
            yield
        finally:
            keys_again()

    keys_again()
    try:
        yield lambda: _next_key(terminal), by_line
    finally:
        lines_again()


def _next_key(terminal: int) -> str:
    """One key; empty at the end of input or at Ctrl-C; an ESC for everything that is no single key."""
    try:
        typed = os.read(terminal, 1)
        if typed == b"\x1b":
            _read_away(terminal)
        return typed.decode("ascii", "replace")
    except KeyboardInterrupt:
        return ""


def _read_away(terminal: int) -> None:
    """What follows an ESC: to its end, or until nothing more comes."""
    came = b""
    while select.select([terminal], [], [], _SEQUENCE_S)[0]:
        more = os.read(terminal, 1)
        came += more
        whole = came.endswith(_PASTE_END) if came.startswith(_PASTE) else _SEQUENCE.fullmatch(came)
        if whole or not more:
            return
