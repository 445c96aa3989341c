"""Which part of a mail an HTML element opens: the classes, ids and styles by which mail programs mark quotes and signatures."""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from pipeline.parse.lines import Kind

Attributes = dict[str, str | None]

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the mail the reader is."""

    kind: Kind = Kind.OPEN
    quote: int = 0
    """How many quotes lie around it."""
    gmail: bool = False
    """Inside a quote as Gmail frames it, which has a block quote of its own."""


def begins_history(attributes: Attributes) -> bool:
    """Whether everything from here on is the mail that is answered or forwarded."""
    name = attributes.get("class") or ""
    style = attributes.get("style") or ""
    return bool(
        (attributes.get("id") or "").lower() in _HISTORY_IDS
        or (name and _HISTORY_CLASS.search(name))
        or (style and _OUTLOOK_RULE.search(style))
    )


def place_of(node: LexborNode, tag: str, attributes: Attributes, around: Place) -> Place:
    """The place inside this element, which stands in the place `around`."""
    name = attributes.get("class") or ""
    style = attributes.get("style") or ""
    if around.kind is Kind.OPEN and _is_signature(name, attributes):
        return replace(around, kind=Kind.SIGNATURE)
    if name and _GMAIL_QUOTE.search(name) and tag != "blockquote":
        forwarded = around.kind is Kind.OPEN and not around.gmail and node.css_first("blockquote") is None
        return replace(around, kind=Kind.HISTORY if forwarded else around.kind, gmail=True)
    if tag == "blockquote":
        indents = style and "cite" not in (attributes.get("type") or "") and not name and _NO_BORDER.search(style)
        return around if indents else replace(around, quote=around.quote + 1)
    if (name and _QUOTE_CLASS.search(name)) or (style and _OUTLOOK_BAR.search(style)):
        return replace(around, quote=around.quote + 1)
    return around


def _is_signature(name: str, attributes: Attributes) -> bool:
    ident = (attributes.get("id") or "").lower()
    return ident in _SIGNATURE_IDS or bool(name and _SIGNATURE_CLASS.search(name))
