"""The parts of a mail (RFC 2045 to 2049) as offsets into its bytes: nothing is copied or decoded until it is wanted.

Multiparts are split from the outside in by searching for their delimiter lines, so that an inner multipart that is
never closed cannot swallow the outer one, a 20 MB attachment costs one search, and depth and number are bounded.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.parse import headers
from pipeline.parse.limits import Limits

_MULTIPART_TEXT = "text/plain"
_KIND = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_FIRST_DELIMITER = re.compile(rb"\n--([^\s-][^\r\n]{0,69}?)[ \t]*\r?\n")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_MOST_DELIMITERS = 20_000


@dataclass(slots=True)
class Part:
    """One part: its header fields and where its body lies in the mail's bytes."""

    fields: headers.Headers
    begin: int
    end: int
    kind: str = "text/plain"
    """Content type, lower case; `text/plain` where the header is missing, `application/octet-stream` where it is broken."""
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_parameters: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)

    @property
    def filename(self) -> str:
        """What the part calls itself, or nothing."""
        return (self.disposition_parameters.get("filename") or self.parameters.get("name") or "").strip()


@dataclass(slots=True)
class Tree:
    """All parts of one mail. `defects` are short names without mail content."""

    raw: bytes
    root: Part
    defects: list[str]
    count: int = 1
    truncated: bool = False

    def note(self, defect: str, *, truncated: bool = False) -> None:
        """Remember a defect once; with `truncated`, also that something was left out for a limit."""
        if defect not in self.defects:
            self.defects.append(defect)
        self.truncated = self.truncated or truncated


def read_tree(raw: bytes, limits: Limits) -> Tree:
    """Take the mail apart into its parts, at most `limits.parts` of them and `limits.depth` multiparts deep."""
    fields, body = headers.split(raw, 0, len(raw), limits)
    tree = Tree(raw, _part(fields, body, len(raw), "text/plain"), list(fields.defects))
    tree.truncated = any(defect.startswith("limit:") for defect in fields.defects)
    budget = _MOST_DELIMITERS
    waiting = [(tree.root, 1)]
    while waiting:
        part, depth = waiting.pop()
        if not part.kind.startswith("multipart/"):
            continue
        if depth > limits.depth:
            part.kind = "application/octet-stream"
            tree.note("limit:depth", truncated=True)
            continue
        room = limits.parts - tree.count
        spans, seen = _spans(tree, part, room, budget)
        budget -= seen
        for begin, end in spans:
            fields, body = headers.split(raw, begin, end, limits)
            for defect in fields.defects:
                tree.note(defect, truncated=defect.startswith("limit:"))
            default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
            part.children.append(_part(fields, min(body, end), end, default))
        tree.count += len(spans)
        waiting.extend((child, depth + 1) for child in reversed(part.children))
    return tree


def _part(fields: headers.Headers, begin: int, end: int, default: str) -> Part:
    part = Part(fields, begin, end, kind=default)
    value = fields.get("content-type")
    if value:
        kind, part.parameters = headers.parameters(value)
        if _KIND.fullmatch(kind):
            part.kind = kind
        elif kind in ("text", "html", "plain"):
            part.kind = "text/html" if kind == "html" else "text/plain"
        else:
            part.kind = "application/octet-stream" if "/" in kind and not kind.startswith("text/") else default
    value = fields.get("content-disposition")
    if value:
        part.disposition, part.disposition_parameters = headers.parameters(value)
    return part


def _spans(tree: Tree, part: Part, room: int, budget: int) -> tuple[list[tuple[int, int]], int]:
    """Where the children of a multipart begin and end, at most `room`, and how many delimiter lines were looked at."""
    marker = _marker(tree, part)
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    seen = 0
    for at, line_end, closing in _delimiters(tree.raw, marker, part.begin, part.end) if marker else ():
        seen += 1
        if opened is not None:
            spans.append((opened, _before_line_end(tree.raw, opened, at)))
        opened = None if closing else line_end
        if closing:
            break
        if len(spans) >= room or seen >= budget:
            tree.note("limit:parts", truncated=True)
            return spans, seen
    if opened is not None and room > len(spans):
        tree.note("mime:unclosed")
        spans.append((opened, part.end))
    if not spans:
        tree.note("mime:no-parts")
        part.kind = _MULTIPART_TEXT
    return spans, seen


def _marker(tree: Tree, part: Part) -> bytes:
    """The delimiter of a multipart, two hyphens included. Without a boundary parameter the first line that looks like one."""
    boundary = part.parameters.get("boundary", "").rstrip()
    if boundary:
        return b"--" + boundary.encode("utf-8", "replace")
    tree.note("mime:no-boundary")
    guess = _FIRST_DELIMITER.search(tree.raw, part.begin - 1, min(part.end, part.begin + 4096))
    return b"--" + guess[1] if guess else b""


def _delimiters(raw: bytes, marker: bytes, begin: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """(offset, end of line, whether it closes) of every delimiter line. `begin` follows a header block, so it is over 0."""
    candidates = 0
    at = raw.find(b"\n" + marker, begin - 1, end) + 1
    while at > 0 and candidates < _MOST_DELIMITERS:
        candidates += 1
        line_end = raw.find(b"\n", at, end) + 1 or end
        tail = raw[at + len(marker) : min(line_end, at + len(marker) + 80)].strip()
        if tail in (b"", b"--"):
            yield at, line_end, bool(tail)
        at = raw.find(b"\n" + marker, line_end - 1, end) + 1


def _before_line_end(raw: bytes, begin: int, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046, 5.1.1)."""
    if at > begin and raw[at - 1] == 0x0A:
        at -= 1
        if at > begin and raw[at - 1] == 0x0D:
            at -= 1
    return max(begin, at)


def content(tree: Tree, part: Part, most: int | None = None) -> bytes:
    """The part's bytes with their transfer encoding undone, whatever is wrong with it; at most about `most` bytes."""
    encoding = transfer_encoding(part)
    end = part.end
    if most is not None:
        end = min(end, part.begin + (most if encoding == "" else 4 * most))
    data = tree.raw[part.begin : end]
    if encoding == "base64":
        if data[:400].strip().count(b" ") > 3 and part.kind.startswith("text/"):
            tree.note("encoding:not-base64")
            return data
        return headers.base64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    return data


def transfer_encoding(part: Part) -> str:
    """`base64`, `quoted-printable`, or nothing for the identity encodings and for unknown ones."""
    name = re.split(r"[\s;(]", part.fields.get("content-transfer-encoding").lower().strip("\"'"), maxsplit=1)[0]
    if name in ("base64", "b64"):
        return "base64"
    if name in ("quoted-printable", "quoted_printable", "quotedprintable", "qp"):
        return "quoted-printable"
    return ""


def size(tree: Tree, part: Part) -> int:
    """How many bytes the part has once decoded; base64 is counted and not decoded."""
    if transfer_encoding(part) == "base64":
        return len(tree.raw[part.begin : part.end].translate(None, _NOT_BASE64)) * 3 // 4
    return len(content(tree, part))
