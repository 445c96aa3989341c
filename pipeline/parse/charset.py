"""Bytes of a mail to text, whatever their label says.

Order, measured on the public fixture sets: a stateful or UTF-16 charset as declared (its bytes look like ASCII or
hold NULs), else valid UTF-8 wins over any label, else the declared charset after aliasing to the superset that
senders mean, else Windows-1252 with replacement marks.
"""

import re
from codecs import lookup
from functools import lru_cache

# Labels that senders use for a superset of what they name, or by a name that Python does not know.
_ALIASES = {
    "ascii": "cp1252",
    "us_ascii": "cp1252",
    "ansi": "cp1252",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "latin1": "cp1252",
    "latin_1": "cp1252",
    "8bit": "cp1252",
    "7bit": "cp1252",
    "unknown_8bit": "cp1252",
    "x_unknown": "cp1252",
    "unicode_1_1_utf_7": "utf_7",
    "iso_8859_9": "cp1254",
    "iso8859_9": "cp1254",
    "iso_8859_11": "cp874",
    "tis_620": "cp874",
    "windows_874": "cp874",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_6_i": "iso8859_6",
    "iso_8859_6_e": "iso8859_6",
    "gb2312": "gb18030",
    "gb_2312_80": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "ks_c_5601": "cp949",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601_1989": "cp949",
    "euc_kr": "cp949",
    "x_windows_949": "cp949",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    "big5": "big5hkscs",
    "x_big5": "big5hkscs",
    "x_mac_roman": "mac_roman",
    "macintosh": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic",
    "iso_2022_jp_ms": "iso2022_jp_2",
    "cp65001": "utf_8",
    "utf8mb4": "utf_8",
}
# Codecs of Python that are no charsets of mail: punycode and idna take quadratic time, escapes make surrogates.
_NOT_FOR_MAIL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_STATEFUL = ("iso2022", "iso_2022", "hz", "utf_7", "utf7", "csiso2022")
_WIDE = ("utf_16", "utf16", "utf_32", "utf32", "ucs_2", "ucs2", "unicode")
_EAST_ASIAN = ("gb18030", "cp949", "cp932", "big5hkscs", "euc_jp")
# Lone surrogates, and control characters no text needs: NUL, bells, escapes. Tab, line ends and form feed stay.
_UNWANTED = re.compile("[\0-\b\v\x0e-\x1f\x7f]|[\ud800-\udfff]")


@lru_cache(maxsize=256)
def _codec(label: str) -> str | None:
    """The Python codec for a charset label, or None if there is none for mail."""
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    name = _ALIASES.get(name, name)
    for candidate in (
        name,
        re.sub(r"^(?:cp|windows|x_windows|ibm|x_cp|win)_?(?=\d)", "cp", name),
        name.removeprefix("x_"),
    ):
        if candidate in _NOT_FOR_MAIL:
            return None
        try:
            if "text".encode(candidate).decode(lookup(candidate).name) == "text":
                return candidate
        except (LookupError, ValueError):
            continue
    return None


def decode(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """Text of `data`, and what was wrong with the label: `charset:foo-8` for an unknown one, None if nothing was.

    The text has no lone surrogates, no NULs and no control characters but tab, line ends and form feed.
    """
    text, problem = _decode(data, declared)
    return clean(text), problem


def _decode(data: bytes, declared: str | None) -> tuple[str, str | None]:
    codec = _codec(declared) if declared else None
    if codec is not None and (codec.startswith(_STATEFUL) or (codec.startswith(_WIDE) and b"\0" in data)):
        return data.decode(codec, "replace"), None
    problem = f"charset:{safe_label(declared)}" if declared and codec is None else None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        if codec in _EAST_ASIAN and not text.isascii() and max(text) < "\u0800":
            return data.decode(codec, "replace"), None  # two-byte pairs of these charsets can pass for UTF-8 by chance
        return text, problem
    if codec is None or codec.startswith(_WIDE) or codec in ("utf_8", "utf8", "utf_8_sig"):
        if declared is None:
            problem = "charset:undeclared"
        elif problem is None:
            problem = "charset:not-as-declared"
        if _mostly_utf8(data):  # cut in the middle of a character, or a few bad bytes in an otherwise sound text
            return data.decode("utf-8", "replace"), problem
        codec = "cp1252"
    return data.decode(codec, "replace"), problem


def _mostly_utf8(data: bytes) -> bool:
    marks = data.decode("utf-8", "replace").count("\ufffd")
    beyond_ascii = len(data) - len(data.translate(None, bytes(range(128, 256))))
    return marks * 10 <= beyond_ascii


def clean(text: str) -> str:
    """`text` without control characters and with replacement marks where lone surrogates stood."""
    if text.isprintable() or _UNWANTED.search(text) is None:
        return text
    return _UNWANTED.sub(lambda found: "\ufffd" if found[0] >= "\ud800" else "", text)


def safe_label(label: str | None) -> str:
    """A label from a mail in a form that may stand in `defects`: short, and of harmless characters only."""
    return re.sub(r"[^a-z0-9._+/-]", "", (label or "").lower())[:30] or "unnamed"
