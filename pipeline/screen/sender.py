"""Whether a mail is from whom it says: what the owner's own server found (RFC 8601), and what only looks like a client."""

import re
import unicodedata
from collections.abc import Iterable

from pipeline.domain.mail import AuthVerdict, Message

_RE_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]+@[^\s<>()\[\]\",;:]+\.[^\s<>()\[\]\",;:]+")
_RE_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_RE_METHOD = re.compile(r"\s*([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_RE_HEADER_FROM = re.compile(r"header\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
# Large mail houses own one name under many endings: the other ending is no imitation.
_MANY_ENDINGS = frozenset(
    ("yahoo", "outlook", "hotmail", "live", "icloud", "proton", "protonmail", "googlemail", "gmail", "yandex", "orange")
)
_LOOKALIKES = {
    **dict(zip("асеорхуіјѕһԁԛԝкмтвнгп", "aceopxyijshdqwkmtbhrn", strict=True)),
    **dict(zip("αεικνορτυχω", "aeiknoptuxw", strict=True)),
    **dict(zip("օսոռհցյ", "ouonhgj", strict=True)),
    "0": "o",
    "1": "l",
    "3": "e",
    "5": "s",
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "ß": "ss",
}


def authentication_verdict(message: Message, authserv_id: str | None) -> AuthVerdict:
    """DMARC as the owner's own server saw it (requirement S12).

    Only the topmost Authentication-Results header counts, and only if it names the configured `authserv_id`: whatever
    stands below another server's header may have come with the mail. A `header.from` of another domain than the mail's
    From, `none`, an error or no DMARC result at all is `UNCHECKED`.
    """
    if authserv_id is None or not message.authentication_results:
        return AuthVerdict.UNCHECKED
    server, *results = _without_comments(message.authentication_results[0]).split(";")
    if server.split()[:1] != [] and server.split()[0].strip('"').lower() != authserv_id.strip().lower():
        return AuthVerdict.UNCHECKED
    if not server.split():
        return AuthVerdict.UNCHECKED
    verdicts = []
    for result in results:
        method = _RE_METHOD.match(result)
        if method is None or method[1].lower() != "dmarc":
            continue
        checked = _RE_HEADER_FROM.search(result)
        verdicts.append((method[2].lower(), checked[1].lower().rpartition("@")[2].rstrip(".") if checked else None))
    if any(verdict == "fail" for verdict, _ in verdicts):
        return AuthVerdict.FAIL
    domain = domain_of(message.from_.email) if message.from_ else ""
    passed = [checked for verdict, checked in verdicts if verdict == "pass"]
    if domain and passed and all(checked in (None, domain) for checked in passed):
        return AuthVerdict.PASS
    return AuthVerdict.UNCHECKED


def _without_comments(value: str) -> str:
    """The header without comments in parentheses, nested ones included, and without what quoted strings hold."""
    kept, depth = [], 0
    for piece in re.split(
        r"([()])",
        _RE_QUOTED.sub(lambda found: found[0].strip('"').replace(";", " ").replace("(", " ").replace(")", " "), value),
    ):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(piece)
    return " ".join(kept)


def sender_warnings(message: Message, known_domains: Iterable[str]) -> tuple[str, ...]:
    """Sentences for the reviewer on who gets the reply (requirement S11); none if nothing is odd.

    Args:
        message: the mail that would be answered.
        known_domains: the domains of the owner's clients, and the owner's own.
    """
    if message.from_ is None:
        return ()
    email, domain = message.from_.email.lower(), domain_of(message.from_.email)
    found = []
    for address in message.reply_to:
        other = domain_of(address.email)
        if other and not _related(other, domain):
            found.append(f"Reply-To leads to another domain: {other} instead of {domain}.")
    found.extend(
        f"The sender's name shows another address: {shown[:100]} instead of {email}."
        for shown in _RE_ADDRESS.findall(message.from_.name)
        if shown.lower().strip(".'") != email
    )
    known = {one.lower().strip(".") for one in known_domains}
    for where in dict.fromkeys((domain, *(domain_of(address.email) for address in message.reply_to))):
        found.extend(_about_domain(where, known))
    return tuple(dict.fromkeys(found))


def domain_of(email: str) -> str:
    """The domain of an address, lower case; empty if it has none."""
    return email.rpartition("@")[2].lower().strip(".") if "@" in email else ""


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _about_domain(domain: str, known: set[str]) -> list[str]:
    shown = ".".join(_unpuny(label) for label in domain.split("."))
    found = []
    if any(len(_scripts(label)) > 1 for label in shown.split(".")):
        found.append(f"The domain {domain} mixes letters of several scripts.")
    if domain and not any(_related(domain, one) for one in known):
        near = next((one for one in sorted(known) if _near(shown, one)), None)
        if near:
            found.append(f"The domain {domain} is not known and looks like {near}.")
    return found


def _unpuny(label: str) -> str:
    """An `xn--` label as it is shown to people; unchanged if it cannot be decoded."""
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return label


def _scripts(label: str) -> set[str]:
    """The scripts of a label's letters. Japanese and Korean mix theirs by custom."""
    scripts = {unicodedata.name(letter, "UNKNOWN ").split(" ")[0] for letter in label[:253] if letter.isalpha()}
    east = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}
    return (scripts - east) | ({"CJK"} if scripts & east else set()) if scripts - east - {"LATIN"} else scripts - east


def _near(domain: str, known: str) -> bool:
    """Whether a person could take one for the other: same look, one slip of the hand, or another ending."""
    if _skeleton(domain) == _skeleton(known):
        return True
    name, ending = _split(domain)
    known_name, known_ending = _split(known)
    if len(known_name) < 5 or max(len(name), len(known_name)) > 63:
        return False
    if name == known_name:
        return ending != known_ending and known_name not in _MANY_ENDINGS
    return _one_slip(_skeleton(name), _skeleton(known_name))


def _split(domain: str) -> tuple[str, str]:
    """The name that was registered and its ending, by the rule of thumb that short second levels belong to the ending."""
    labels = domain.split(".")
    if len(labels) >= 3 and len(labels[-1]) == 2 and (len(labels[-2]) <= 3):
        return labels[-3], ".".join(labels[-2:])
    return (labels[-2], labels[-1]) if len(labels) >= 2 else (domain, "")


def _skeleton(text: str) -> str:
    """Letters that look alike brought to one form (the idea of UTS 39)."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(one))
    plain = "".join(_LOOKALIKES.get(one, one) for one in plain)
    return plain.replace("rn", "m").replace("vv", "w").replace("-", "").replace("i", "l")


def _one_slip(one: str, other: str) -> bool:
    """At most one letter added, left out or changed, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    front = next(
        (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )
    left, right = one[front:], other[front:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
