"""IMAP and SMTP servers that say what a test tells them to: for servers that are broken, hostile, old or overloaded."""

import socket
import threading
from contextlib import suppress
from typing import BinaryIO, Self

DEFAULTS = {
    "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
    "LOGIN": "{tag} OK logged in\r\n",
    "LIST": '* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST (\\Drafts) "/" Drafts\r\n{tag} OK done\r\n',
    "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n{tag} OK [READ-ONLY] done\r\n",
    "UID SEARCH": "* SEARCH 1 2 3\r\n{tag} OK done\r\n",
    "LOGOUT": "* BYE bye\r\n{tag} OK done\r\n",
}


class _Scripted:
    """One connection after another, line by line; started by `with`."""

    def __init__(self, script: dict[str, str], greeting: str) -> None:
        self._script = script
        self._greeting = greeting
        self.commands: list[str] = []

    def __enter__(self) -> Self:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Cut the line and wait."""
        for end in (self._listener, self._line):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._line, _ = self._listener.accept()
                with self._line, self._line.makefile("rb") as reader:
                    self._line.sendall(self._greeting.encode("latin-1"))
                    self._talk(self._line, reader)

    def _talk(self, line: socket.socket, reader: BinaryIO) -> None:
        raise NotImplementedError

    def _answer(self, command: str) -> str | None:
        known = [start for start in self._script if command.upper().startswith(start)]
        return self._script[max(known, key=len)] if known else None


class ScriptedImap(_Scripted):
    """Started by `with`. `script` maps the beginning of a command to the answer; the longest match wins.

    In an answer `{tag}` stands for the command's tag; an empty answer cuts the line. A command that ends in a literal
    is asked for it first, unless its answer begins with `{tag}`; AUTHENTICATE is asked for one line.
    """

    def __init__(self, script: dict[str, str] | None = None, *, greeting: str = "* OK ready\r\n") -> None:
        """Answers that are not given are those of a small healthy server."""
        super().__init__(DEFAULTS | (script or {}), greeting)

    def _talk(self, line: socket.socket, reader: BinaryIO) -> None:
        while heard := reader.readline():
            tag, _, command = heard.decode("latin-1").strip().partition(" ")
            self.commands.append(command)
            answer = (self._answer(command) or "").replace("{tag}", tag)
            if command.endswith("}") and not answer.startswith(tag):
                line.sendall(b"+ go on\r\n")
                reader.read(int(command[command.rindex("{") + 1 : -1]) + 2)
            if command.startswith("AUTHENTICATE"):
                line.sendall(b"+ \r\n")
                self.commands.append(reader.readline().decode("ascii").strip())
            if not answer:
                break
            line.sendall(answer.encode("latin-1"))

    def _answer(self, command: str) -> str | None:
        answer = super()._answer(command)
        return "{tag} BAD unknown\r\n" if answer is None else answer


SMTP_DEFAULTS = {
    "EHLO": "250-scripted.example.org\r\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER\r\n",
    "AUTH": "235 in\r\n",
    "QUIT": "221 bye\r\n",
    "DATA": "354 go\r\n",
    "": "250 ok\r\n",
}


class ScriptedSmtp(_Scripted):
    """Started by `with`. `script` maps the beginning of a command, or `.` for the end of a mail, to the answer.

    An empty answer cuts the line.
    """

    def __init__(self, script: dict[str, str], *, greeting: str = "220 ready\r\n") -> None:
        """Answers that are not given are those of a small healthy server."""
        super().__init__(SMTP_DEFAULTS | script, greeting)

    def _talk(self, line: socket.socket, reader: BinaryIO) -> None:
        while heard := reader.readline():
            command = heard.decode("latin-1").strip()
            self.commands.append(command)
            answer = self._answer(command) or ""
            if not answer:
                break
            line.sendall(answer.encode("latin-1"))
            if answer.startswith("354"):
                while reader.readline() not in {b".\r\n", b""}:
                    pass
                final = self._answer(".") or ""
                if not final:
                    break
                line.sendall(final.encode("latin-1"))
