"""Which parts are the text and which are attachments, and the text as lines.

The rules are those of JMAP (RFC 8621, 4.1.4): a text part without a name, or the first one, is body unless it says that
it is an attachment. Of alternatives the plain text is read if it carries the text, for it holds the quote marks as the
sender's program set them and hides nothing; else the HTML.
"""

import re
from dataclasses import dataclass, field

from pipeline.domain.ids import UntrustedText
from pipeline.domain.mail import Attachment
from pipeline.parse import mime
from pipeline.parse.charset import decode, safe_label
from pipeline.parse.flowed import unflow
from pipeline.parse.html import read_html
from pipeline.parse.limits import Limits
from pipeline.parse.lines import Lines
from pipeline.parse.mime import Part, Tree

_NEVER_TEXT = frozenset(
    f"text/{name}"
    for name in (
        "calendar",
        "rtf",
        "enriched",
        "richtext",
        "csv",
        "xml",
        "vcard",
        "x-vcard",
        "directory",
        "css",
        "javascript",
        "x-amp-html",
    )
)
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_LOOKS_HTML = re.compile(rb"\s*(?:<!doctype html|<html[\s>])", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|\f")
_WORD = re.compile(r"\w+")
_STUB_CHARS = 400
"""Plain text shorter than this may be a mere pointer to the HTML beside it."""


@dataclass(slots=True)
class Body:
    """The text of a mail and what came with it."""

    lines: Lines = field(default_factory=Lines)
    attachments: list[Attachment] = field(default_factory=list)
    html_only: bool = False
    hidden: bool = False


def read_body(tree: Tree, limits: Limits) -> Body:
    """Read every text part into lines and list the rest. Notes limits and charset faults on the tree."""
    reader = _Reader(tree, limits)
    found = reader.read(tree.root)
    body = reader.body
    for text in found:
        body.lines.add(text.lines)
    if len(body.lines.texts) > limits.lines:
        del body.lines.texts[limits.lines :]
        del body.lines.kinds[limits.lines :]
        tree.note("limit:lines", truncated=True)
    body.html_only = bool(found) and all(text.html for text in found)
    body.hidden = any(text.hidden for text in found)
    return body


@dataclass(slots=True)
class _Text:
    lines: Lines
    html: bool = False
    hidden: bool = False

    def count(self) -> int:
        """How many letters and digits there are; of a long text an estimate, for only stubs are looked at closely."""
        size = sum(map(len, self.lines.texts))
        if size > 10 * _STUB_CHARS:
            return size // 2
        return sum(len(word) for line in self.lines.texts for word in _WORD.findall(line))


class _Reader:
    def __init__(self, tree: Tree, limits: Limits) -> None:
        self.body = Body()
        self._tree = tree
        self._limits = limits
        self._bytes_left = limits.text_bytes
        self._tags_left = limits.html_tags

    def read(self, part: Part, *, first: bool = True) -> list[_Text]:
        """Text of a part and of those inside it; attachments are listed on the way."""
        if part.kind == "multipart/alternative":
            return self._alternative(part)
        if part.children:
            return [text for at, child in enumerate(part.children) for text in self.read(child, first=at == 0)]
        if part.kind.startswith("multipart/"):
            return []
        if self._is_text(part, first=first):
            return [self._text(part)]
        self._attach(part)
        return []

    def _is_text(self, part: Part, *, first: bool) -> bool:
        if not part.kind.startswith("text/") or part.kind in _NEVER_TEXT:
            return False
        return not part.disposition.startswith("attachment") and (first or not part.filename)

    def _attach(self, part: Part) -> None:
        self.body.attachments.append(
            Attachment(
                filename=UntrustedText(" ".join(part.filename.split())),
                content_type=part.kind[:100],
                size_bytes=mime.size(self._tree, part),
            )
        )

    def _alternative(self, part: Part) -> list[_Text]:
        plain = [child for child in part.children if child.kind == "text/plain" and self._is_text(child, first=True)]
        rich = [child for child in part.children if child not in plain]
        found = [self._text(child) for child in plain]
        letters = sum(text.count() for text in found)
        if letters and not (letters < _STUB_CHARS and _html_size(rich) > 4 * letters + 400):
            for child in rich:
                self._list_attachments(child)
            return found
        options = [self.read(child) for child in rich if child.kind not in _NEVER_TEXT]
        for child in rich:
            if child.kind in _NEVER_TEXT:
                self._attach(child)
        best = max(options, key=lambda texts: sum(text.count() for text in texts), default=[])
        return best if sum(text.count() for text in best) > 3 * letters else found

    def _list_attachments(self, part: Part) -> None:
        for at, child in enumerate(part.children):
            if child.children or not self._is_text(child, first=at == 0):
                self._list_attachments(child)
        if not part.children and not part.kind.startswith("multipart/") and not self._is_text(part, first=True):
            self._attach(part)

    def _text(self, part: Part) -> _Text:
        data = mime.content(self._tree, part, self._bytes_left + 1)
        if len(data) > self._bytes_left:
            data = data[: self._bytes_left]
            self._tree.note("limit:text", truncated=True)
        self._bytes_left -= len(data)
        html = part.kind == "text/html" or (part.kind == "text/plain" and _LOOKS_HTML.match(data) is not None)
        charset = part.parameters.get("charset", "").strip("\"' ") or None
        if html and charset is None:
            meta = _META_CHARSET.search(data, 0, 2048)
            charset = meta[1].decode("ascii") if meta else None
        text, problem = decode(data, charset)
        if problem:
            self._tree.note(problem)
        self._note_encoding(part)
        if html:
            return self._html(text)
        lines = _LINE_END.sub("\n", text).split("\n") if "\r" in text or "\f" in text else text.split("\n")
        if part.parameters.get("format", "").lower() == "flowed":
            lines = unflow(lines, del_space=part.parameters.get("delsp", "").lower() == "yes")
        while lines and not lines[-1].strip():
            lines.pop()
        return _Text(Lines(lines))

    def _html(self, text: str) -> _Text:
        read = read_html(text, self._limits, self._tags_left)
        self._tags_left = max(0, self._tags_left - text.count("<"))
        if read.crafted:
            self._tree.note("limit:html", truncated=True)
        return _Text(read.lines, html=True, hidden=read.hidden)

    def _note_encoding(self, part: Part) -> None:
        encoding = part.fields.get("content-transfer-encoding").lower().strip()
        if encoding and encoding not in ("7bit", "8bit", "binary") and not mime.transfer_encoding(part):
            self._tree.note(f"encoding:{safe_label(encoding)}")


def _html_size(parts: list[Part]) -> int:
    """Bytes of the HTML among these parts and inside them, transfer encoding included."""
    size = 0
    waiting = list(parts)
    while waiting:
        part = waiting.pop()
        waiting.extend(part.children)
        if part.kind == "text/html":
            size += part.end - part.begin
    return size
