"""The day on which the writer of an out-of-office notice is back, where the notice says it in plain words."""

import re
from datetime import datetime, time, timedelta

from pipeline.domain.mail import Message

_MOST_CHARS = 3000
_MOST_DAYS = 400
_WORD = r"[^\s\d_.,;:!?()<>\"/]{2,14}"  # not \w: that leaves out the vowel signs of Telugu
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./-]\d{{1,2}}(?:[./-](?:\d{{4}}|\d{{2}}))?\.?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.|er|º|ª)?\s+(?:de\s+|of\s+)?{_WORD}\.?(?:,?\s+(?:de\s+)?\d{{4}})?"
    rf"|{_WORD}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?!\d|[.:]\d)|{_WORD})"
)
_EAST = r"(?:\d{4}\s?[年년]\s?)?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
_WEEKDAY = rf"(?:the\s+|den\s+|il\s+|el\s+|le\s+)?(?:{_WORD}\.?,?\s+(?:the\s+|den\s+)?(?=\d|{_WORD}\s+\d))?"

# (language of dateparser, what stands before or after the date, whether the date is the first day back).
_BACK_BEFORE: tuple[tuple[str, str], ...] = (
    (
        "en",
        r"(?:back|returning|return|available again)(?:\s+(?:in|to|at)\s+(?:the\s+|my\s+)?(?:office|desk|work))?\s+(?:on|from)",
    ),
    ("de", r"(?:wieder\s+(?:ab|am)|ab\s+dem|zurück\s+(?:am|ab)|wieder\s+\w+(?:\s+\w+)?\s+(?:ab|am))"),
    ("fr", r"(?:de\s+retour\s+(?:au\s+bureau\s+)?(?:le|à\s+partir\s+du)|à\s+partir\s+du|dès\s+le)"),
    ("es", r"(?:de\s+vuelta\s+el|regres\w+\s+(?:a\s+la\s+oficina\s+)?el|a\s+partir\s+del|volveré\s+el)"),
    ("it", r"(?:torn\w+\s+(?:in\s+ufficio\s+)?il|rientr\w+\s+il|a\s+partire\s+dal|di\s+nuovo\s+\w+\s+dal)"),
    ("pt", r"(?:de\s+volta\s+(?:em|no\s+dia|a)|retorno\s+(?:em|dia|a)|a\s+partir\s+de|regresso\s+a)"),
    ("nl", r"(?:terug\s+op|weer\s+\w+\s+(?:op|vanaf)|vanaf)"),
    ("pl", r"(?:wracam|wrócę|ponownie\s+\w+\s+od|od\s+dnia)"),
    ("ru", r"(?:вернусь|буду\s+(?:снова\s+)?(?:на\s+месте|доступ\w+)\s+с|выйду\s+на\s+работу)"),
    ("uk", r"(?:повернуся)"),
    ("ar", r"(?:سأعود\s+(?:في|يوم|إلى\s+المكتب\s+في|بتاريخ)|العودة\s+(?:في|يوم|بتاريخ)|اعتبارا\s+من|ابتداء\s+من)"),
    ("fi", r"(?:takaisin|palaan)"),
    ("da", r"tilbage(?:\s+igen)?(?:\s+(?:den|d\.))?"),
    ("nb", r"tilbake(?:\s+igjen)?(?:\s+(?:den|d\.))?"),
    ("sv", r"(?:åter(?:\s+på\s+kontoret)?|tillbaka(?:\s+igen)?)(?:\s+den)?"),
)
_UNTIL_BEFORE: tuple[tuple[str, str], ...] = (
    ("en", r"(?:until|till|through|up\s+to(?:\s+and\s+including)?)"),
    ("de", r"bis(?:\s+(?:zum|einschließlich(?:\s+zum)?|inkl\.?|incl\.?))?"),
    ("fr", r"jusqu['’]?\s?au"),
    ("es", r"hasta\s+el(?:\s+día)?"),
    ("it", r"fino\s+al(?:\s+giorno)?"),
    ("pt", r"até(?:\s+(?:o\s+dia|ao\s+dia|dia))?"),
    ("nl", r"(?:tot\s+en\s+met|t/m|tot)"),
    ("pl", r"do(?:\s+dnia)?"),
    ("ru", r"(?:до|по)"),
    ("uk", r"(?:до|по)"),
    ("ar", r"(?:حتى|إلى\s+غاية|لغاية)(?:\s+(?:يوم|تاريخ))?"),
    ("hy", r"մինչև(?:\s+ս\.\s?թ\.)?"),
    ("da", r"til(?:\s+og\s+med)?(?:\s+den)?"),
    ("nb", r"til(?:\s+og\s+med)?(?:\s+den)?"),
    ("sv", r"till(?:\s+och\s+med)?(?:\s+den)?"),
    ("cs", r"do"),
    ("ro", r"până\s+(?:pe|la|în)(?:\s+data\s+de)?"),
    ("el", r"(?:έως|μέχρι)(?:\s+(?:τις|την|και\s+τις))?"),
)
_BACK_AFTER: tuple[tuple[str, str], ...] = (
    ("de", r"\s+(?:wieder|zurück)\b"),
    ("tr", r"\s*(?:tarihinde|['’]?(?:de|da|te|ta)|günü)\s+(?:ofiste|döneceğim|dönüyorum|geri|tekrar|işe)"),
    ("te", r"\s*(?:న|నాడు|తేదీన)\s+(?:తిరిగి|వస్తాను)"),
)
_UNTIL_AFTER: tuple[tuple[str, str], ...] = (
    ("tr", r"\s*(?:tarihine|gününe|['’]?(?:[yn]?[ea]))\s+kadar"),
    ("te", r"\s*(?:తేదీ\s+)?(?:వరకు|వరకూ)"),
    ("fi", r"\s*(?:asti|saakka)"),
    ("hu", r"\s*-?ig\b"),
    ("hi", r"\s*तक"),
)
_EASTERN = re.compile(rf"({_EAST})\s?(?:\([^()]{{1,5}}\))?\s?(まで|까지|之前|为止|為止)?|(?:至|到)\s?({_EAST})")


def _compile(pairs: tuple[tuple[str, str], ...], *, before: bool) -> list[tuple[str, re.Pattern[str]]]:
    """Patterns with the date as their one group."""
    if before:
        return [
            (language, re.compile(rf"(?<!\w){words}\s+{_WEEKDAY}({_DATE})", re.IGNORECASE)) for language, words in pairs
        ]
    return [(language, re.compile(rf"(?<![\w.])({_DATE}){words}", re.IGNORECASE)) for language, words in pairs]


_PATTERNS = [
    *(
        (language, pattern, 0)
        for language, pattern in (*_compile(_BACK_BEFORE, before=True), *_compile(_BACK_AFTER, before=False))
    ),
    *(
        (language, pattern, 1)
        for language, pattern in (*_compile(_UNTIL_BEFORE, before=True), *_compile(_UNTIL_AFTER, before=False))
    ),
]
_RE_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:[./-](\d{4}|\d{2}))?")
_RE_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_RE_EAST = re.compile(r"(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})")


def absent_until(message: Message) -> datetime | None:
    """Midnight, on the sender's clock, of the first day on which the writer of an automatic answer is back.

    "Back on the 12th" gives the 12th, "until the 12th" the 13th. The latest date named wins. None if no date is named, if
    it cannot be told day from month, or if it is not within 400 days after the mail's own Date.
    """
    if message.sent_at is None:
        return None
    text = message.newest[:_MOST_CHARS]
    found = []
    for language, pattern, days in _PATTERNS:
        for match in pattern.finditer(text):
            day = _day(match[1], language, message.sent_at)
            if day is not None:
                found.append(day + timedelta(days=days))
    for match in _EASTERN.finditer(text):
        if match[2] or match[3]:
            day = _day(match[1] or match[3], "ja", message.sent_at)
            if day is not None:
                found.append(day + timedelta(days=1))
    usable = [day for day in found if timedelta() < day - message.sent_at <= timedelta(days=_MOST_DAYS)]
    return max(usable, default=None)


def _day(words: str, language: str, sent_at: datetime) -> datetime | None:
    """Midnight of the day that the words name, on the sender's clock."""
    for pattern, order in ((_RE_ISO, "ymd"), (_RE_EAST, "ymd"), (_RE_NUMERIC, "dmy")):
        numbers = pattern.match(words)
        if numbers is None:
            continue
        if order == "ymd":
            year, month, date = numbers.groups()
        else:
            date, separator, month, year = numbers.groups()
            if language == "en" and separator != "." and int(month) <= 12 and int(date) <= 12:
                return None  # May 4th or April 5th
            if int(month) > 12:
                date, month = month, date
        return _midnight(year, int(month), int(date), sent_at)
    return _in_words(words, language, sent_at)


def _midnight(year: str | None, month: int, date: int, sent_at: datetime) -> datetime | None:
    """Without a year, the first such day that is not before the mail."""
    number = int(year) if year else sent_at.year
    if year and len(year) == 2:
        number += 2000
    try:
        day = datetime(number, month, date, tzinfo=sent_at.tzinfo)
        return day if year or day.date() >= sent_at.date() else day.replace(year=number + 1)
    except ValueError:
        return None


def _in_words(words: str, language: str, sent_at: datetime) -> datetime | None:
    import dateparser  # noqa: PLC0415 it costs a start that no command but this rare path needs

    named = any(letter.isdigit() for letter in words)
    settings: dict[str, object] = {
        "RELATIVE_BASE": sent_at.replace(tzinfo=None),
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    if named:
        settings["REQUIRE_PARTS"] = ["day", "month"]
    parsed = dateparser.parse(words.strip(" ."), languages=[language], settings=settings)
    if parsed is None or (not named and parsed.date() > sent_at.date() + timedelta(days=7)):
        return None  # words without a number are a weekday or nothing that is plain
    return datetime.combine(parsed.date(), time(), tzinfo=sent_at.tzinfo)
