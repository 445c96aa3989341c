"""An HTML body to lines of text as a person would have read them: what is hidden is left out and reported.

The tree comes from lexbor. It takes time by the square of depth, of formatting left open and of attributes, so crafted
mark-up (`<div>` 20,000 deep) is measured first and read by a plain tag stripper instead.
"""

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.parse.limits import Limits
from pipeline.parse.lines import Kind, Lines
from pipeline.parse.style import Look, Sheet, read_sheet

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_SELF_CLOSING = frozenset("p li dt dd tr td th option tbody thead tfoot".split())
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})[^<>]*")
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})[\s/][^<>]{4000,}>?")
_UNCLOSED = re.compile(r"<[^<>]*(?=<|\Z)")
_BROKEN_VALUE = re.compile(r"=\s*(?:\"[^\"<>]*>|'[^'<>]*>)[^<>]*")
_MOST_RAGGED = 20_000
_ANY_TAG = re.compile(r"<[^<>]*>?")
_DROPPED = re.compile(r"<(script|style|title|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAKING = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|blockquote|table)\b", re.IGNORECASE)

_SKIPPED = frozenset(
    "head title style script template svg math object iframe audio video canvas select option datalist textarea input button map".split()
)
_PARAGRAPH = frozenset("p h1 h2 h3 h4 h5 h6 blockquote ul ol dl table pre figure address".split())
_BLOCK = _PARAGRAPH | frozenset(
    "div section article header footer main aside nav tr li dt dd form fieldset legend center caption figcaption body details summary".split()
)
_CELLS = frozenset(("td", "th"))

_QUOTE_CLASS = re.compile(
    r"(?:^|\s)(?:gmail_attr|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote|front-blockquote|mailru-blockquote|\w*yahoo_quoted)(?:\s|$)"
)
_GMAIL_QUOTE = re.compile(r"(?:^|\s)gmail_quote(?:_container)?(?:\s|$)")
_HISTORY_CLASS = re.compile(r"(?:^|\s)(?:ms-outlook-mobile-reference-message|moz-forward-container)(?:\s|$)")
_HISTORY_IDS = frozenset(
    (
        "divrplyfwdmsg",
        "appendonsend",
        "mail-editor-reference-message-container",
        "olk_src_body_section",
        "replyforwardmessage",
    )
)
_SIGNATURE_CLASS = re.compile(
    r"(?:^|\s)(?:gmail_signature|moz-signature|protonmail_signature_block|zmail_signature)(?:\s|$)"
)
_SIGNATURE_IDS = frozenset(("signature", "applemailsignature", "ms-outlook-mobile-signature", "composer_signature"))
# Outlook for Windows frames the mail that is answered: a thin line above its header block, or a bar at its left.
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+\S+\s+1(?:\.0)?pt;\s*padding:\s*3")
_OUTLOOK_BAR = re.compile(r"border:\s*none;\s*border-left:\s*solid\s+\S+\s+1(?:\.[05])?pt;\s*padding:\s*0")
_NO_BORDER = re.compile(r"border(?:-left)?(?:-width)?:\s*(?:none|0)")

_URL_LIKE = re.compile(
    r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}(?:[/?#]\S*)?|[^\s@]+@[^\s@]+\.[^\s@]+", re.IGNORECASE
)
_URL_FRONT = re.compile(r"^(?:https?://)?(?:www\.)?|^mailto:", re.IGNORECASE)
_LETTER = re.compile(r"\w")
_SENTENCE = re.compile(r"(?:[^\W\d_]{2,}[\s,]+){5}")
_MOST_NODES = 200_000


@dataclass(slots=True)
class HtmlText:
    """What a person would have read. `hidden`: text was there that nobody would have seen; `crafted`: no tree was built."""

    lines: Lines
    hidden: bool = False
    crafted: bool = False


def read_html(html: str, limits: Limits, tags_left: int) -> HtmlText:
    """Lines of an HTML body with quote marks and kinds. `tags_left` of the mail's allowance of tags are not used yet."""
    if len(html) > 4000:
        html = _LONG_TAG.sub(r"<\1>", html)  # a picture inside its tag, or a flood of attributes
    tags = html.count("<")
    if max(tags, html.count(">")) > tags_left or _is_ragged(html) or (tags > 500 and _is_crafted(html, tags, limits)):
        return HtmlText(Lines(_stripped(html)), crafted=True)
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    if root is None:
        return HtmlText(Lines())
    walker = _Walker(read_sheet(tree))
    walker.walk(root)
    return HtmlText(walker.lines, hidden=walker.hidden, crafted=walker.nodes > _MOST_NODES)


def _is_ragged(html: str) -> bool:
    """Whether brackets stand where none belong, inside tags and attribute values: there a flood of attributes can hide."""
    if len(html) < _MOST_RAGGED:
        return False
    return sum(len(run[0]) for pattern in (_UNCLOSED, _BROKEN_VALUE) for run in pattern.finditer(html)) > _MOST_RAGGED


def _is_crafted(html: str, tags: int, limits: Limits) -> bool:
    """Whether the mark-up would keep a tree builder busy: too deep, or formatting left open that every block repeats."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    formatting: Counter[str] = Counter()
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _VOID or name in _SELF_CLOSING:
            continue
        if tag[1]:
            if opened[name]:
                opened[name] -= 1
                depth -= 1
        else:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
            if name in _FORMATTING:
                formatting[tag[0]] += 1
    left_open = sum(opened[name] for name in _FORMATTING)
    repeated = min(left_open, sum(min(count, 3) for count in formatting.values()))
    return deepest > limits.html_depth or repeated * tags > 5 * _MOST_NODES


def _stripped(html: str) -> list[str]:
    text = _ANY_TAG.sub(" ", _BREAKING.sub(lambda tag: "\n" + tag[0], _DROPPED.sub(" ", html)))
    return [" ".join(line.split()) for line in unescape(text).split("\n")]


@dataclass(slots=True)
class _List:
    ordered: bool
    count: int = 0


class _Walker:
    """One pass over the tree, with an own stack: no depth of mark-up ends in a RecursionError."""

    def __init__(self, sheet: Sheet) -> None:
        self.lines = Lines()
        self.hidden = False
        self.nodes = 0
        self._sheet = sheet
        self._look = Look()
        self._kind = Kind.OPEN
        self._quote = 0
        self._gmail = False
        self._history = False
        self._lists: list[_List] = []
        self._prefix = ""
        self._pieces: list[str] = []
        self._space = False
        self._blank = False
        self._cell = False
        self._link: list[str] | None = None

    def walk(self, root: LexborNode) -> None:
        stack: list[LexborNode | tuple[str, object]] = [root]
        while stack:
            item = stack.pop()
            if isinstance(item, tuple):
                self._leave(*item)
                continue
            following = item.next
            if following is not None and item is not root:
                stack.append(following)
            self.nodes += 1
            if self.nodes > _MOST_NODES:
                break
            tag = item.tag
            if tag == "-text":
                self._text(item.text_content or "")
            elif tag == "-comment":
                self._comment(item)
            elif tag is not None and self._enter(item, tag, stack):
                child = item.child
                if child is not None:
                    stack.append(child)
        self._break()

    def _enter(self, node: LexborNode, tag: str, stack: list[LexborNode | tuple[str, object]]) -> bool:
        """Open an element; what has to be undone at its end goes on the stack. False if its content is not read."""
        if tag in _SKIPPED:
            return False
        if tag == "br":
            self._new_line()
            return False
        attributes = node.attributes
        if attributes or tag == "pre" or self._sheet:
            look = self._sheet.look(node, tag, attributes, self._look)
            if look is None:
                self.hidden = self.hidden or _LETTER.search(node.text(deep=True)) is not None
                return False
            if look is not self._look:
                stack.append(("look", self._look))
                self._look = look
            if tag == "img":
                self._image(attributes)
                return False
        self._open(node, tag, attributes, stack)
        return True

    def _open(
        self,
        node: LexborNode,
        tag: str,
        attributes: dict[str, str | None],
        stack: list[LexborNode | tuple[str, object]],
    ) -> None:
        if tag in _BLOCK:
            self._break(blank=tag in _PARAGRAPH and not self._lists)
            stack.append(("block", tag))
            if tag in ("ul", "ol"):
                self._lists.append(_List(tag == "ol"))
            elif tag == "li":
                self._prefix = self._bullet()
        elif tag in _CELLS:
            self._cell = bool(self._pieces)
            self._space = self._space or self._cell
        elif tag == "hr":
            self._break()
            self._pieces.append("_" * 20)
            self._break()
        elif tag == "a" and self._link is None:
            href = (attributes.get("href") or "").strip()
            if href.lower().startswith(("http:", "https:", "mailto:")):
                self._link = []
                stack.append(("link", href))
        if tag == "blockquote" or attributes:
            self._mark(node, tag, attributes, stack)

    def _mark(
        self,
        node: LexborNode,
        tag: str,
        attributes: dict[str, str | None],
        stack: list[LexborNode | tuple[str, object]],
    ) -> None:
        """Notice what the mark-up says about quotes, signatures and history."""
        name = attributes.get("class") or ""
        ident = (attributes.get("id") or "").lower()
        style = attributes.get("style") or ""
        kind, quote, gmail = self._kind, self._quote, self._gmail
        if ident in _HISTORY_IDS or (name and _HISTORY_CLASS.search(name)) or (style and _OUTLOOK_RULE.search(style)):
            if not self._quote:  # inside a quote it is the history of the quoted mail
                self._break()
                self._history = True
            return
        if kind is Kind.OPEN and (ident in _SIGNATURE_IDS or (name and _SIGNATURE_CLASS.search(name))):
            kind = Kind.SIGNATURE
        elif name and _GMAIL_QUOTE.search(name) and tag != "blockquote":
            if kind is Kind.OPEN and not gmail and node.css_first("blockquote") is None:
                kind = Kind.HISTORY  # a forwarded mail
            gmail = True
        elif tag == "blockquote":
            quote += (
                0
                if style and "cite" not in (attributes.get("type") or "") and not name and _NO_BORDER.search(style)
                else 1
            )
        elif (name and _QUOTE_CLASS.search(name)) or (style and _OUTLOOK_BAR.search(style)):
            quote += 1
        if (kind, quote, gmail) != (self._kind, self._quote, self._gmail):
            self._break()
            stack.append(("mark", (self._kind, self._quote, self._gmail)))
            self._kind, self._quote, self._gmail = kind, quote, gmail

    def _leave(self, action: str, value: object) -> None:
        if action == "look" and isinstance(value, Look):
            self._look = value
        elif action == "block":
            self._break(blank=value in _PARAGRAPH and not self._lists)
            self._prefix = ""
            if value in ("ul", "ol"):
                self._lists.pop()
                self._blank = self._blank or not self._lists
        elif action == "link":
            text = "".join(self._link or ()).strip()
            self._link = None
            self._show_target(text, str(value))
        elif action == "mark" and isinstance(value, tuple):
            self._break()
            self._kind, self._quote, self._gmail = value

    def _bullet(self) -> str:
        if not self._lists:
            return "- "
        current = self._lists[-1]
        current.count += 1
        return "  " * (len(self._lists[:6]) - 1) + (f"{current.count}. " if current.ordered else "- ")

    def _text(self, text: str) -> None:
        if self._look.unseen:
            self.hidden = self.hidden or _LETTER.search(text) is not None
            return
        if self._look.preformatted and "\n" in text:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._put(first)
            for line in rest:
                self._new_line()
                self._put(line)
            return
        self._put(text)

    def _put(self, text: str) -> None:
        if self._look.preformatted:
            if text:
                self._say(text)
            return
        words = text.split()
        if not words:
            self._space = self._space or (bool(self._pieces) and text != "")
            return
        if text[0].isspace():
            self._space = True
        self._say(" ".join(words))
        self._space = text[-1].isspace()

    def _say(self, text: str) -> None:
        if self._pieces:
            if self._cell:
                self._pieces.append(" | ")
            elif self._space:
                self._pieces.append(" ")
        elif self._prefix:
            self._pieces.append(self._prefix)
            self._prefix = ""
        self._cell = self._space = False
        self._pieces.append(text)
        if self._link is not None:
            self._link.append(text)

    def _image(self, attributes: dict[str, str | None]) -> None:
        """Emoji are sent as pictures; other pictures say nothing that a person wrote."""
        alt = (attributes.get("alt") or "").strip()
        if 0 < len(alt) <= 8 and not _LETTER.search(alt):
            self._say(alt)

    def _show_target(self, text: str, href: str) -> None:
        """After a link whose words are themselves an address, the real one, where it is another."""
        if text and _URL_LIKE.fullmatch(text) and _bare(text) != _bare(href):
            self._pieces.append(f" <{href[:500]}>")

    def _comment(self, node: LexborNode) -> None:
        comment = node.comment_content or ""
        if _SENTENCE.search(comment) and "{" not in comment and "[if" not in comment:
            self.hidden = True

    def _new_line(self) -> None:
        if self._pieces:
            self._break()
        else:
            self._blank = True

    def _break(self, *, blank: bool = False) -> None:
        if self._pieces:
            if self._blank and self.lines.texts:
                self._emit("")
            self._emit("".join(self._pieces))
            self._pieces = []
            self._blank = False
        self._blank = self._blank or blank
        self._space = self._cell = False

    def _emit(self, text: str) -> None:
        quoted = min(self._quote, 20)
        self.lines.texts.append(f"{'>' * quoted} {text}".rstrip() if quoted else text.rstrip())
        if self._history:
            self.lines.kinds.append(Kind.HISTORY)
        else:
            self.lines.kinds.append(Kind.QUOTED if quoted and self._kind is Kind.OPEN else self._kind)


def _bare(url: str) -> str:
    return _URL_FRONT.sub("", url.strip()).rstrip("/.").lower()
