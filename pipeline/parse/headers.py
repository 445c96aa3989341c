"""The header block of a mail or a part: fields, encoded words, parameters, Message-IDs, dates.

Own decoders over bytes instead of `email.policy.default`, which raises on real mail, and instead of
`email.message.Message`, whose parser walks every line of the body (see `benchmarks/parse.py`).
"""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import decode_params, parsedate_to_datetime

from pipeline.parse.charset import clean, decode
from pipeline.parse.limits import Limits

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WORD_HEAD = re.compile(r"=\?([A-Za-z0-9._:+-]{1,60})(?:\*[A-Za-z0-9-]{0,40})?\?([BbQq])\?")
_MESSAGE_ID = re.compile(r"<([^<>]{1,1000})>")
_BARE_ID = re.compile(r"[^\s<>,;()\"]{1,500}@[^\s<>,;()\"]{1,500}")
_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,100})\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACES = re.compile(r"\s+")
_BASE64_NOISE = re.compile(rb"[^A-Za-z0-9+/]")
_PADDING = re.compile(rb"=[^\r\n]*[\r\n]*")
_ZONE_NAME = re.compile(r"\s\([^()]*\)\s*$")


class Headers:
    """The fields of one header block, by lower-case name, in their order, undecoded."""

    __slots__ = ("_fields", "defects")

    def __init__(self, fields: dict[str, list[bytes]], defects: list[str]) -> None:
        self._fields = fields
        self.defects = defects

    def __len__(self) -> int:
        """How many different fields there are."""
        return len(self._fields)

    def __contains__(self, name: str) -> bool:
        """Whether the field is there, even if it is empty."""
        return name in self._fields

    def all(self, name: str) -> list[str]:
        """Every value of the field, topmost first: unfolded, 8-bit decoded, encoded words as they are."""
        return [_unfold(value) for value in self._fields.get(name, ())]

    def get(self, name: str, default: str = "") -> str:
        """The first value of the field that is not empty, as `all` gives it."""
        for value in self._fields.get(name, ()):
            text = _unfold(value)
            if text:
                return text
        return default

    def text(self, name: str) -> str:
        """The first non-empty value with encoded words decoded and white space folded: for people to read."""
        return words(self.get(name))


def split(raw: bytes, start: int, end: int, limits: Limits) -> tuple[Headers, int]:
    """The header block that begins at `start`, and the offset at which the body begins."""
    defects: list[str] = []
    stop = min(end, start + limits.header_block_bytes)
    spans, position = _spans(raw, start, stop, limits.headers, defects)
    if position >= stop and stop < end:
        defects.append("limit:header-block")
    fields: dict[str, list[bytes]] = {}
    for name, begin, close in spans:
        if close - begin > limits.header_bytes:
            defects.append("limit:header")
            close = begin + limits.header_bytes  # noqa: PLW2901 the field is cut here
        fields.setdefault(name, []).append(raw[begin:close])
    return Headers(fields, list(dict.fromkeys(defects))), position


def _spans(
    raw: bytes, position: int, stop: int, most: int, defects: list[str]
) -> tuple[list[tuple[str, int, int]], int]:
    """(name, begin, end) of every field's value, folded lines included, and where the body begins."""
    spans: list[tuple[str, int, int]] = []
    while position < stop:
        next_line = raw.find(b"\n", position, stop) + 1 or stop
        first = raw[position]
        if first in b"\r\n" and not raw[position:next_line].strip(b"\r\n"):
            return spans, next_line
        field = _FIELD.match(raw, position, next_line)
        if field is None and first in b" \t" and not spans:
            field = _FIELD.match(raw, position + 1, next_line)
        if field is not None:
            if len(spans) == most:
                defects.append("limit:headers")
                return spans, _body_start(raw, position, stop)
            spans.append((field[1].decode("ascii").lower(), field.end(), next_line))
        elif not spans:
            if not raw.startswith((b"From ", b">From "), position):
                return spans, position
        elif first in b" \t" or _more_fields(raw, next_line, stop):
            if first not in b" \t":
                defects.append("header:malformed-line")
            name, begin, _ = spans[-1]
            spans[-1] = (name, begin, next_line)
        else:
            defects.append("header:no-blank-line")
            return spans, position
        position = next_line
    return spans, position


def _more_fields(raw: bytes, position: int, stop: int) -> bool:
    """Whether the very next line is a field again: then the odd line before it is a badly wrapped one."""
    field = _FIELD.match(raw, position, stop)
    return field is not None and raw[field.end() : field.end() + 2] != b"//"


def _body_start(raw: bytes, position: int, stop: int) -> int:
    found = [at + len(blank) for blank in (b"\n\n", b"\n\r\n") if (at := raw.find(blank, position - 1, stop)) >= 0]
    return min(found, default=stop)


def _unfold(value: bytes) -> str:
    value = value.strip()
    if b"\n" in value:
        value = _FOLD.sub(b"", value).replace(b"\r", b" ").replace(b"\n", b" ")
    if value.isascii():
        text = value.decode("ascii")
        return text if text.isprintable() else clean(text)
    return decode(value)[0]


def words(value: str) -> str:
    """`value` with encoded words (RFC 2047) decoded, adjacent ones joined before decoding, on one line.

    Line ends and other control characters inside an encoded word become spaces: no decoded header holds two lines.
    """
    if "=?" in value:
        value = "".join(_decoded(value))
    return " ".join(_SPACES.split(value.strip())) if "  " in value or not value.isprintable() else value.strip()


def _decoded(value: str) -> Iterator[str]:
    """The pieces of `value`; linear in its length, for each `find` goes on where the last one stopped."""
    position = 0
    pending: list[bytes] = []
    charset = ""
    for head, data, begin, end in _encoded_words(value):
        between = value[position:begin]
        if pending and between.strip() == "":
            if head != charset:
                yield decode(b"".join(pending), charset)[0]
                pending = []
        else:
            if pending:
                yield decode(b"".join(pending), charset)[0]
                pending = []
            yield between
        charset = head
        pending.append(data)
        position = end
    if pending:
        yield decode(b"".join(pending), charset)[0]
    yield value[position:]


def _encoded_words(value: str) -> Iterator[tuple[str, bytes, int, int]]:
    """(charset, decoded bytes, begin, end) of every encoded word."""
    position = 0
    while (begin := value.find("=?", position)) >= 0:
        head = _WORD_HEAD.match(value, begin)
        if head is None:
            position = begin + 2
            continue
        close = value.find("?=", head.end())
        if close < 0:
            return
        payload = value[head.end() : close].encode("utf-8", "replace")
        data = base64(payload) if head[2] in "Bb" else binascii.a2b_qp(payload.replace(b" ", b"_"), header=True)
        yield head[1].lower(), data, begin, close + 2
        position = close + 2


def base64(data: bytes) -> bytes:
    """Base64 with what is not of its alphabet left out. After padding, only a new line goes on with more of it."""
    end = data.find(b"=")
    if end < 0 or end >= len(data.rstrip()) - 2:
        return _base64(data)
    return b"".join(_base64(piece) for piece in _PADDING.split(data, maxsplit=1000))


def _base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = _BASE64_NOISE.sub(b"", data)
        if len(kept) % 4 == 1:
            kept = kept[:-1]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A Content-Type or Content-Disposition value: the value in lower case, and its parameters, decoded.

    RFC 2231 continuations and charsets are understood, and so are encoded words where RFC 2047 forbids them.
    """
    value = value[:8192]
    kind, _, rest = value.partition(";")
    found: dict[str, str] = {}
    extended: list[tuple[str, str]] = []
    for name, given in _PARAMETER.findall(";" + rest):
        text = _ESCAPED.sub(r"\1", given[1:].removesuffix('"')) if given.startswith('"') else given.strip()
        if "*" in name:
            extended.append((name, text))
        else:
            found.setdefault(name.lower(), words(text) if "=?" in text else text)
    if extended:
        found.update(_extended(extended))
    return kind.strip().lower(), found


def _extended(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """RFC 2231 parameters. The standard library assembles them; its known faults are caught here (gh-151857)."""
    try:
        assembled = decode_params([("", ""), *pairs])
    except (IndexError, ValueError, TypeError):
        return {name.split("*")[0].lower(): text for name, text in pairs if name.split("*")[0]}
    found = {}
    for name, value in assembled[1:]:
        if isinstance(value, tuple):
            charset, _, text = value
            found[name.lower()] = decode(text.strip('"').encode("latin-1", "replace"), charset or None)[0]
        else:
            found[name.lower()] = clean(value.strip('"'))
    return found


def message_ids(value: str, most: int) -> tuple[str, ...]:
    """The Message-IDs in a References, In-Reply-To or Message-ID value, each with its angle brackets, no repeats.

    White space inside an id (old Outlook folds them) is taken out. A value without any brackets is read by words.
    Of more than `most`, the first and the last ones are kept, as RFC 5322 advises for shortening.
    """
    found = ["<" + "".join(inner.split()) + ">" for inner in _MESSAGE_ID.findall(value)]
    if not found and "<" not in value:
        found = [f"<{word}>" for word in _BARE_ID.findall(value)]
    ids = [one for one in dict.fromkeys(found) if one != "<>"]
    if len(ids) > most:
        ids = [ids[0], *ids[1 - most :]]
    return tuple(ids)


def date(value: str) -> datetime | None:
    """A Date value with the sender's offset (RFC 5322; -0000 is UTC), or None if it cannot be read or is no date."""
    try:
        when = parsedate_to_datetime(_ZONE_NAME.sub("", value[:200]))
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        when.astimezone(UTC)  # a date whose UTC form leaves the calendar breaks later arithmetic
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return when
