"""Address fields (RFC 5322) as they come, broken ones included, in one linear pass and without exceptions."""

import re

from pipeline.domain.ids import UntrustedText
from pipeline.domain.mail import Address
from pipeline.parse.headers import words

_TOKEN = re.compile(
    r"""
      (?P<quoted> " (?: [^"\\] | \\. )* "? )
    | (?P<angle> < [^<>]* >? )
    | (?P<comment> \( )
    | (?P<stop> [,;] )
    | (?P<colon> : )
    | (?P<word> (?: =\?[^?\s]+\?[BbQq]\?[^?]*\?= | [^\s"<>(),;:]+ ) )
    | (?P<space> \s+ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(
    r"(?:(?P<name>[^\"<>(),;:@=\\]*|\"[^\"\\=]*\"\s*)<)?(?P<email>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>?"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"@[^:<>\"]*:")


def addresses(value: str, most: int) -> tuple[Address, ...]:
    """The mailboxes of an address field, groups opened, at most `most`. What names no mailbox is left out.

    A comma inside an unquoted display name does not split it. Encoded words are decoded after the field was taken
    apart, so an encoded comma or bracket never makes an address.
    """
    value = value.strip()
    if not value:
        return ()
    plain = _PLAIN.fullmatch(value)
    if plain and (plain["name"] is not None) == value.endswith(">"):
        return (_address(plain["email"], (plain["name"] or "").strip().strip('"').strip()),)
    reader = _Reader(most)
    position = 0
    while position < len(value) and len(reader.found) < most:
        token = _TOKEN.match(value, position)
        if token is None:
            break
        position = token.end()
        if token.lastgroup == "comment":
            position = reader.comment(value, position)
        else:
            reader.take(token.lastgroup or "", token[0])
    reader.flush()
    return tuple(reader.found)


class _Reader:
    """Collects the pieces of one mailbox until a comma, a semicolon or the next mailbox closes it."""

    def __init__(self, most: int) -> None:
        self.found: list[Address] = []
        self._most = most
        self._phrase: list[str] = []
        self._comments: list[str] = []
        self._angle: str | None = None
        self._quoted = ""
        """The quoted string that ended just here, quotes included: perhaps the local part of an address."""

    def take(self, kind: str, text: str) -> None:
        if kind == "stop":
            self.flush(more=text == ",")
        elif kind == "colon":
            if self._angle is None and not any("@" in piece for piece in self._phrase):
                self._phrase.clear()  # the name of a group, or a stray `mailto:`
        elif kind == "angle":
            if self._angle is not None:
                self.flush()
            self._angle = text.strip("<>")
        elif kind == "quoted":
            self._append(_ESCAPED.sub(r"\1", text[1:].removesuffix('"')))
            self._quoted = text
            return
        elif kind == "word" and self._quoted and text[0] == "@":
            self._phrase.pop()
            self._angle = self._quoted + text
        elif kind == "space":
            self._append(" ")
        elif kind == "word":
            self._append(text)
        self._quoted = ""

    def _append(self, piece: str) -> None:
        if self._angle is not None and piece != " ":
            self.flush()  # `<a@x> Name <b@x>`: the comma between two mailboxes was forgotten
        self._phrase.append(piece)

    def comment(self, value: str, position: int) -> int:
        """Read a comment whose bracket was just opened, nested ones included; returns where it ends."""
        depth, begin = 1, position
        while position < len(value) and depth:
            character = value[position]
            if character == "\\":
                position += 1
            elif character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
            position += 1
        self._comments.append(value[begin : position - 1 if not depth else position])
        return min(position, len(value))

    def flush(self, *, more: bool = False) -> None:
        """Close the mailbox. With `more` a phrase without an address may be the front of `Doe, Jane <jane@…>`."""
        phrase = " ".join("".join(self._phrase).split())
        if self._angle is None:
            email, name = _bare(phrase)
            if not email:
                if more and phrase:
                    self._phrase = [phrase, ", "]
                else:
                    self._reset()
                return
        else:
            email, name = self._angle, phrase
        if len(self.found) < self._most and email.strip():
            self.found.append(_address(email, name or " ".join(self._comments).strip()))
        self._reset()

    def _reset(self) -> None:
        self._phrase = []
        self._comments = []
        self._angle = None


def _bare(phrase: str) -> tuple[str, str]:
    """An address without angle brackets and what stands around it as its name."""
    if "@" not in phrase:
        return "", ""
    if " @ " in phrase or phrase.endswith(" @") or " @" in phrase or "@ " in phrase:
        phrase = re.sub(r" ?@ ?", "@", phrase)
    pieces = phrase.split(" ")
    with_at = [piece for piece in pieces if "@" in piece]
    email = with_at[-1]
    return email, " ".join(piece for piece in pieces if piece is not email).strip(" ,")


def _address(email: str, name: str) -> Address:
    route = _ROUTE.match(email)
    if route:
        email = email[route.end() :]
    email = "".join(email.split()).removeprefix("mailto:").strip("'") if '"' not in email else email.strip()
    local, at, domain = email.rpartition("@")
    return Address(email=f"{local}{at}{domain.lower().rstrip('.')}", name=UntrustedText(words(name).strip("\"' ")))
