"""An HTML body to lines of text as a person would have read them: what is hidden is left out and reported.

The tree comes from lexbor. Crafted mark-up (`<div>` 20,000 deep) is read without a tree.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.parse.crafted import MOST_NODES, is_crafted, strip_tags, without_long_tags
from pipeline.parse.limits import Limits
from pipeline.parse.lines import Kind, Lines
from pipeline.parse.places import Place, begins_history, place_of
from pipeline.parse.style import Look, Sheet, read_sheet

_SKIPPED = frozenset(
    "head title style script template svg math object iframe audio video canvas select option datalist textarea input button map".split()
)
_PARAGRAPH = frozenset("p h1 h2 h3 h4 h5 h6 blockquote ul ol dl table pre figure address".split())
_BLOCK = _PARAGRAPH | frozenset(
    "div section article header footer main aside nav tr li dt dd form fieldset legend center caption figcaption body details summary".split()
)
_CELLS = frozenset(("td", "th"))

_URL_LIKE = re.compile(
    r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}(?:[/?#]\S*)?|[^\s@]+@[^\s@]+\.[^\s@]+", re.IGNORECASE
)
_URL_FRONT = re.compile(r"^(?:https?://)?(?:www\.)?|^mailto:", re.IGNORECASE)
_LETTER = re.compile(r"\w")
_SENTENCE = re.compile(r"(?:[^\W\d_]{2,}[\s,]+){5}")


@dataclass(slots=True)
class HtmlText:
    """What a person would have read. `hidden`: text was there that nobody would have seen; `crafted`: no tree was built."""

    lines: Lines
    hidden: bool = False
    crafted: bool = False


def read_html(html: str, limits: Limits, tags_left: int) -> HtmlText:
    """Lines of an HTML body with quote marks and kinds. `tags_left` of the mail's allowance of tags are not used yet."""
    html = without_long_tags(html)
    if is_crafted(html, limits, tags_left):
        return HtmlText(Lines(strip_tags(html)), crafted=True)
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    if root is None:
        return HtmlText(Lines())
    walker = _Walker(read_sheet(tree))
    walker.walk(root)
    return HtmlText(walker.lines, hidden=walker.hidden, crafted=walker.nodes > MOST_NODES)


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
        self._place = Place()
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
            if self.nodes > MOST_NODES:
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
        if begins_history(attributes):
            if not self._place.quote:  # inside a quote it is the history of the quoted mail
                self._break()
                self._history = True
            return
        place = place_of(node, tag, attributes, self._place)
        if place != self._place:
            self._break()
            stack.append(("place", self._place))
            self._place = place

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
        elif action == "place" and isinstance(value, Place):
            self._break()
            self._place = value

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
        quoted = min(self._place.quote, 20)
        self.lines.texts.append(f"{'>' * quoted} {text}".rstrip() if quoted else text.rstrip())
        if self._history:
            self.lines.kinds.append(Kind.HISTORY)
        else:
            self.lines.kinds.append(Kind.QUOTED if quoted and self._place.kind is Kind.OPEN else self._place.kind)


def _bare(url: str) -> str:
    return _URL_FRONT.sub("", url.strip()).rstrip("/.").lower()
