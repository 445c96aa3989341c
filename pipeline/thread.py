"""Mails to threads: by Message-ID, References and In-Reply-To, and by subject only for replies that carry no ids.

The base subject follows RFC 5256, section 2.1, with the reply and forward marks of more languages than English. What a
store does mail by mail (`thread_ids`, `reply_subject_key`) and what a batch does (`group`) give the same threads.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.domain.mail import Message

# Each mark is followed by a colon, perhaps after a counter: `Re[2]:`, `AW (3):`. Lower case.
_REPLY = (
    "re",
    "aw",
    "antw",
    "antwort",
    "sv",
    "vs",
    "vá",
    "vál",
    "odp",
    "ynt",
    "yan",
    "cevap",
    "res",
    "resp",
    "rép",
    "réf",
    "rif",
    "r",
    "bls",
    "balas",
    "atb",
    "απ",
    "σχετ",
    "ответ",
    "отв",
    "відповідь",
    "отговор",
    "رد",
    "ردّ",
    "الرد",
    "پاسخ",
    "تعقيب",
    "תגובה",
    "השב",
    "回复",
    "回覆",
    "回信",
    "答复",
    "答覆",
    "返信",
    "返",
    "답장",
    "회신",
    "पुन",
    "ప్రత్యుత్తరం",
    "పున",
    "պատ",
    "պատասխան",
    "trả lời",
    "ตอบกลับ",
    "ตอบ",
)
_FORWARD = (
    "fwd",
    "fw",
    "wg",
    "tr",
    "rv",
    "renv",
    "enc",
    "i",
    "inoltro",
    "doorst",
    "vb",
    "vl",
    "videresend",
    "pd",
    "továbbítás",
    "ilt",
    "i̇lt",
    "yönl",
    "πρθ",
    "προωθ",
    "пересл",
    "перенаправлено",
    "fs",
    "переслано",
    "إعادة توجيه",
    "اعادة توجيه",
    "إحالة",
    "העברה",
    "הועבר",
    "转发",
    "轉寄",
    "転送",
    "전달",
    "փոխ",
    "փոխանցում",
    "ఫార్వార్డ్",
    "chuyển tiếp",
)


def _front(marks: tuple[str, ...]) -> str:
    return "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))


_COUNTER = r"(?:\s?[\[(^*]\s?\d{1,4}\s?[\])]?|\d{1,2})?"
_RE_REPLY = re.compile(rf"\s*(?:{_front(_REPLY)})\.?\s?{_COUNTER}\s*[:：]\s*")
_RE_FORWARD = re.compile(rf"\s*(?:{_front(_FORWARD)})\.?\s?{_COUNTER}\s*[:：]\s*")
_RE_LIST_MARK = re.compile(r"\s*\[[^\[\]]{1,60}\]\s*(?=\S)")
_RE_TRAILER = re.compile(r"\s*\((?:fwd|weitergeleitet)\)\s*$")
_RE_SPACES = re.compile(r"\s+")
_UNSEEN = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF]
)
_MOST_MARKS = 50
_Age = tuple[datetime, tuple[str, ...]]


def base_subject(subject: str) -> str:
    """The subject without reply and forward marks, list names in brackets and case, white space folded."""
    return _strip(subject)[0]


def is_reply_subject(subject: str) -> bool:
    """Whether the outermost mark of the subject is that of a reply, in any of the known languages."""
    return _strip(subject)[1]


def reply_subject_key(subject: str) -> str | None:
    """The base subject of a reply, by which a reply without ids finds its thread; None if it is no reply or says nothing."""
    base, reply = _strip(subject)
    return base if reply and base else None


def _strip(subject: str) -> tuple[str, bool]:
    text = _RE_SPACES.sub(" ", subject[:2000].translate(_UNSEEN)).strip().lower()
    outermost = ""
    for _ in range(_MOST_MARKS):
        text = _RE_TRAILER.sub("", text)
        reply = _RE_REPLY.match(text)
        mark = reply or _RE_FORWARD.match(text)
        if mark is not None:
            outermost = outermost or ("reply" if reply else "forward")
            text = text[mark.end() :]
            continue
        listed = _RE_LIST_MARK.match(text)
        if listed is None:
            break
        text = text[listed.end() :]
    return text.strip(), outermost == "reply"


def thread_ids(message: Message) -> tuple[str, ...]:
    """Every Message-ID that this mail ties together, its own first: it belongs to each thread that knows one of them."""
    own = (message.message_id,) if message.message_id else ()
    return tuple(dict.fromkeys((*own, *message.in_reply_to, *message.references)))


def group(messages: Sequence[Message]) -> list[list[int]]:
    """The threads of a batch, as lists of indices into `messages`, each ascending, ordered by their first.

    The same mails give the same threads in whatever order they come. A reply without ids joins the newest earlier mail of
    the same base subject that shares an address with it.
    """
    forest = _Forest(len(messages))
    holder: dict[str, int] = {}
    for index, message in enumerate(messages):
        for one in thread_ids(message):
            forest.join(index, holder.setdefault(one, index))
    _join_by_subject(messages, forest)
    threads: defaultdict[int, list[int]] = defaultdict(list)
    for index in range(len(messages)):
        threads[forest.root(index)].append(index)
    return sorted(threads.values())


def _join_by_subject(messages: Sequence[Message], forest: "_Forest") -> None:
    orphans = [(index, key) for index, message in enumerate(messages) if (key := _orphan_key(message)) is not None]
    if not orphans:
        return
    wanted = {key for _, key in orphans}
    by_person: defaultdict[tuple[str, str], list[tuple[_Age, int]]] = defaultdict(list)
    for index, message in enumerate(messages):
        base = base_subject(message.subject)
        if base in wanted:
            for person in _people(message):
                by_person[base, person].append((_age(message), index))
    for mails in by_person.values():
        mails.sort()
    for index, key in orphans:
        mine = _age(messages[index])
        earlier = []
        for person in _people(messages[index]):
            mails = by_person[key, person]
            at = bisect_left(mails, (mine, -1))
            if at:
                earlier.append(mails[at - 1])
        if earlier:
            forest.join(index, max(earlier)[1])


def _orphan_key(message: Message) -> str | None:
    return None if message.in_reply_to or message.references else reply_subject_key(message.subject)


def _age(message: Message) -> _Age:
    """Sorts mails by time; undated ones come first, equal ones by their ids."""
    when = message.sent_at.astimezone(UTC) if message.sent_at else datetime.min.replace(tzinfo=UTC)
    return when, thread_ids(message)


def _people(message: Message) -> frozenset[str]:
    named = (message.from_, *message.to, *message.cc, *message.reply_to)
    return frozenset(address.email.lower() for address in named if address)


class _Forest:
    """Union-find with path halving; the smallest index of a tree is its root."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._parent[second] = first
