"""What inline styles and simple style sheets hide from a reader: just enough CSS for that."""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_MOST_CSS = 100_000
_MOST_RULES = 300
_SIMPLE = re.compile(r"(?P<tag>[a-zA-Z][a-zA-Z0-9]*)?(?P<by>[.#][\w-]+)?")
_COMPLEX = re.compile(r"[\w.#*\s>-]+")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_INTERESTING = re.compile(
    r"display|visib|opacity|font|color|background|height|width|left|top|right|indent|clip|white-space|position",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})(?![0-9a-f])")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+))?")
_NAMED = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255),
    "yellow": (255, 255, 0),
    "navy": (0, 0, 128),
}
_EXTENTS = ("height", "max-height", "width", "max-width")
_OFFSETS = ("left", "top", "right", "bottom", "margin-left", "margin-top")
_CLIPPED = ("rect(0,0,0,0", "rect(0000", "rect(1px,1px,1px,1px", "inset(50%", "inset(100%")
_Colour = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks where the walker stands: what children inherit. Colours are None where they are not known."""

    text: _Colour = (0, 0, 0)
    ground: _Colour = (255, 255, 255)
    tiny: bool = False
    invisible: bool = False
    transparent: bool = False
    preformatted: bool = False

    @property
    def unseen(self) -> bool:
        """Whether text would show nothing to a reader: no size, not visible, or in the colour of its ground."""
        if self.tiny or self.invisible or self.transparent:
            return True
        if self.text is None or self.ground is None:
            return False
        return all(abs(one - other) <= 10 for one, other in zip(self.text, self.ground, strict=True))


class Sheet:
    """The rules of a mail's style sheets that can hide text, by tag, class and id."""

    __slots__ = ("_by_node", "_rules")

    def __init__(self, rules: dict[str, dict[str, str]], by_node: dict[int, dict[str, str]]) -> None:
        self._rules = rules
        self._by_node = by_node

    def __bool__(self) -> bool:
        """Whether there is any rule."""
        return bool(self._rules or self._by_node)

    def look(self, node: LexborNode, tag: str, attributes: dict[str, str | None], around: Look) -> Look | None:
        """How text looks inside this element, or None if nothing inside it is ever shown."""
        declared = self._declared(node, tag, attributes) if self else {}
        style = attributes.get("style")
        if style:
            declared = {**declared, **declarations(style)}
        if "hidden" in attributes or _vanishes(declared):
            return None
        if "bgcolor" in attributes:
            declared.setdefault("background-color", attributes["bgcolor"] or "")
        if tag == "font" and "color" in attributes:
            declared.setdefault("color", attributes["color"] or "")
        if tag == "pre":
            declared.setdefault("white-space", "pre")
        return _inherit(around, declared) if declared else around

    def _declared(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> dict[str, str]:
        found: dict[str, str] = {}
        keys = [tag]
        for name in (attributes.get("class") or "").split()[:20]:
            keys += ["." + name, f"{tag}.{name}"]
        ident = attributes.get("id")
        if ident:
            keys += ["#" + ident, f"{tag}#{ident}"]
        for key in keys:
            rule = self._rules.get(key)
            if rule:
                found.update(rule)
        if self._by_node:
            found.update(self._by_node.get(node.mem_id, {}))
        return found


def read_sheet(tree: LexborHTMLParser) -> Sheet:
    """The style sheets inside a mail. Rules under `@media` and the like count as not given."""
    rules: dict[str, dict[str, str]] = {}
    by_node: dict[int, dict[str, str]] = {}
    css = "".join(node.text(deep=True) for node in tree.css("style"))[:_MOST_CSS] if tree.css_first("style") else ""
    used = 0
    for selectors, body in _blocks(css):
        if not _INTERESTING.search(body):
            continue
        used += 1
        if used > _MOST_RULES:
            break
        declared = declarations(body)
        for selector in selectors.split(",")[:20]:
            _file(selector.strip(), declared, rules, by_node, tree)
    return Sheet(rules, by_node)


def _file(
    selector: str,
    declared: dict[str, str],
    rules: dict[str, dict[str, str]],
    by_node: dict[int, dict[str, str]],
    tree: LexborHTMLParser,
) -> None:
    simple = _SIMPLE.fullmatch(selector)
    if simple and selector:
        key = (simple["tag"] or "").lower() + (simple["by"] or "")
        rules[key] = {**rules.get(key, {}), **declared}
    elif _vanishes(declared) and len(by_node) < 500 and _COMPLEX.fullmatch(selector) and len(selector.split()) <= 4:
        try:
            nodes = tree.css(selector)
        except SelectolaxError:
            return
        for node in nodes[:500]:
            by_node[node.mem_id] = {**by_node.get(node.mem_id, {}), **declared}


def _blocks(css: str) -> list[tuple[str, str]]:
    """(selectors, declarations) of the top-level rules; at-rules with blocks inside are passed over."""
    found = []
    depth = begin = opened = 0
    css = _CSS_COMMENT.sub(" ", css).replace("<!--", " ").replace("-->", " ")
    for brace in re.finditer(r"[{}]", css):
        if brace[0] == "{":
            depth += 1
            if depth == 1:
                opened = brace.end()
        elif depth:
            depth -= 1
            if depth == 0:
                selectors = css[begin : opened - 1].rpartition(";")[2].strip()
                if selectors and not selectors.startswith("@"):
                    found.append((selectors, css[opened : brace.start()]))
                begin = brace.end()
    return found


def declarations(style: str) -> dict[str, str]:
    """Declarations of a style attribute, names and values in lower case, `!important` taken off."""
    found = {}
    for declaration in style[:4000].lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def _vanishes(declared: dict[str, str]) -> bool:
    """Whether an element with these declarations shows nothing, whatever its children say."""
    return bool(declared) and (_is_off(declared) or _is_shrunk(declared) or _is_off_screen(declared))


def _is_off(declared: dict[str, str]) -> bool:
    opacity = _number(declared.get("opacity"))
    return (
        declared.get("display") == "none"
        or declared.get("content-visibility") == "hidden"
        or (opacity is not None and opacity <= 0.05)
        or "scale(0)" in declared.get("transform", "")
    )


def _is_shrunk(declared: dict[str, str]) -> bool:
    clip = (declared.get("clip", "") + declared.get("clip-path", "")).replace(" ", "")
    return clip.startswith(_CLIPPED) or (
        declared.get("overflow", "").startswith("hidden") and any(_number(declared.get(name)) == 0 for name in _EXTENTS)
    )


def _is_off_screen(declared: dict[str, str]) -> bool:
    placed = declared.get("position") in ("absolute", "fixed")
    return (
        (placed and any((_number(declared.get(name)) or 0) <= -500 for name in _OFFSETS))
        or (_number(declared.get("text-indent")) or 0) <= -500
        or (_number(declared.get("margin-left")) or 0) <= -2000
    )


def _inherit(around: Look, declared: dict[str, str]) -> Look:
    changes: dict[str, object] = {}
    if "font-size" in declared:
        size = _number(declared["font-size"])
        relative = declared["font-size"].endswith(("%", "em")) and not declared["font-size"].endswith("rem")
        if size is not None and not (relative and around.tiny and size > 0):
            changes["tiny"] = size == 0 or (size <= 1 and not relative)
    if "visibility" in declared:
        changes["invisible"] = declared["visibility"] in ("hidden", "collapse")
    if "color" in declared:
        colour = declared["color"]
        changes["transparent"] = colour == "transparent" or _is_clear(colour)
        changes["text"] = around.text if colour in ("inherit", "currentcolor") else _colour(colour)
    if (
        "background-image" in declared
        or "url(" in declared.get("background", "")
        or "gradient" in declared.get("background", "")
    ):
        changes["ground"] = None
    else:
        ground = declared.get("background-color") or declared.get("background") or ""
        if (
            ground
            and not ground.startswith(("transparent", "none", "inherit", "initial", "0"))
            and not _is_clear(ground)
        ):
            changes["ground"] = _colour(ground)
    if "white-space" in declared:
        changes["preformatted"] = (
            declared["white-space"].startswith(("pre", "break-spaces")) and declared["white-space"] != "pre-line"
        )
    return replace(around, **changes) if changes else around  # type: ignore[arg-type]


def _number(value: str | None) -> float | None:
    found = _NUMBER.match(value) if value else None
    return float(found[0]) if found else None


def _is_clear(colour: str) -> bool:
    found = _RGB.match(colour)
    return found is not None and found[4] is not None and float(found[4].strip(".") or 0) == 0


def _colour(value: str) -> _Colour:
    """The colour at the start of a value, or None if it is none that is known."""
    found = _HEX.match(value)
    if found:
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    found = _RGB.match(value)
    if found:
        return min(255, int(found[1][:3])), min(255, int(found[2][:3])), min(255, int(found[3][:3]))
    return _NAMED.get(value.split(" ", maxsplit=1)[0]) if value else None
