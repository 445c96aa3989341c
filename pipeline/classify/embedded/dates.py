"""Calendar dates in a sentence, in the languages of the judge. Relative ones count from the day on the sender's clock."""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import cache

from pipeline.classify.embedded.language import FIRST

_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_NUMERIC = re.compile(r"(?<![\d.,/])(\d{1,2})([./])(\d{1,2})(?:\2(20\d\d|\d\d))?(?![\d/]|[.,]\d)")
_NEXT = re.compile(
    r"\b(?:next|following|nächst\w*|kommend\w*|folgend\w*|prochaine?|próxim\w+|que\sviene|prossim\w+|que\svem|volgende|gelecek|önümüzdeki"
    r"|przyszł\w+|następn\w+|следующ\w+)\b|القادم|المقبل|հաջորդ|వచ్చే",
    re.IGNORECASE,
)
_MONTH_END = re.compile(
    r"\b(?:end\sof\s(?:the\s|this\s)?month|month[\s-]?end|Monatsende|Ende\s(?:des|dieses)\sMonats|fin\s(?:du|de\sce|de)\smois"
    r"|(?:fin|final(?:es)?)\s(?:de\s(?:este\s)?|do\s|deste\s)m[eê]s|fine\s(?:del\s|di\s(?:questo\s)?)?mese|eind[e]?\s(?:van\sde(?:ze)?\s)?maand"
    r"|ay\ssonu\w*|ko[nń]\w+\smiesiąca|конц\w\sмесяца)\b|نهاية\sالشهر|ամսվա\sվերջ|నెలాఖరు",
    re.IGNORECASE,
)
_WEEK_END = re.compile(
    r"\b(?:end\sof\s(?:the|this|next|the\sfollowing)\sweek|week's\send|Ende\s(?:der|dieser|nächster|der\s(?:nächsten|kommenden))\sWoche"
    r"|fin\sde\s(?:la|cette)\ssemaine|(?:fin|final(?:es)?)\s(?:de\s(?:la|esta)|da|desta)\s(?:próxima\s)?semana|fine\s(?:della\s)?settimana"
    r"|eind[e]?\svan\s(?:de(?:ze)?|volgende)\sweek|ko[nń]\w+\s(?:tego\s)?tygodnia|конц\w\s(?:этой\s)?недели)\b|نهاية\s(?:هذا\s)?الأسبوع",
    re.IGNORECASE,
)
_PAST = (
    r"(?:last|past|letzt\w*|vergangen\w*|vorig\w*|derni(?:er|ère)|pass(?:é|ée|ado|ada|ato|ata)|pasad[oa]|scors[oa]|últim[oa]|afgelopen|vorige|geçen"
    r"|ostatni\w*|zeszł\w+|ubiegł\w+|прошл\w+|الماضي\w*|անցած|గత)"
)
_BEFORE = re.compile(rf"(?<!\w){_PAST}\s?$", re.IGNORECASE)
_BEHIND = re.compile(rf"\s?{_PAST}(?!\w)", re.IGNORECASE)
"""A weekday that is over: `last Friday`, `jeudi dernier`."""
_NEXT_WEEK = re.compile(
    r"(?:next|following)\sweek|(?:nächst|kommend|folgend)\w*\sWoche|semaine\s(?:prochaine|suivante)|próxima\ssemana|semana\s(?:que\svi?e[mn]e?|próxima)"
    r"|(?:prossima\ssettimana|settimana\sprossima)|volgende\sweek|(?:gelecek|önümüzdeki)\shafta|haftaya|przyszł\w+\styg\w+|следующ\w+\sнедел\w+"
    r"|الأسبوع\s(?:القادم|المقبل)|հաջորդ\sշաբաթ|వచ్చే\sవారం",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\b(?:the\s(\d{1,2})(?:st|nd|rd|th)\b|(?:am|zum|vom|der)\s(\d{1,2})\.(?!\d)|(?:le|el|il|al|dia|día|de|på)\s(\d{1,2})(?:e|er|de)?(?![\d.,:/%]|\s?(?:h|%|€|euro|uur|Uhr)))",
    re.IGNORECASE,
)
"""A day of the month by itself: `the 15th`, `am 15.`, `le 15`."""
_PAST_DAYS, _AHEAD_DAYS = 60, 400
"""A day without its year is the one between 60 days ago and the coming 305; nobody promises further than 400 days ahead."""
_LONGEST_PHRASE = 4
"""Words of a relative date: `the day after tomorrow` has four, `in two weeks` three."""


def find_dates(sentence: str, language: str, sent_at: datetime | None) -> list[date]:
    """The days that a sentence names, absolute ones first. Without `sent_at` only dates with their year can be told."""
    text = sentence.translate(_ARABIC_DIGITS)
    language = language.split("-", maxsplit=1)[0]
    today = sent_at.date() if sent_at else None
    found = [*_numeric(text, language, today), *_named(text, language, today)]
    if not found and today:
        found = _days_of_month(text, today) or [*_weekdays(text, language, today), *_month_end(text, today)]
        found = found or _week_end(text, today)
    if not found and sent_at and language in FIRST:
        found = _relative(text, language, sent_at)
    return found


def _numeric(text: str, language: str, today: date | None) -> list[date]:
    """ISO dates, and day and month in figures. In English a month may come first: what can be read both ways is no date."""
    found = [_day(int(y), int(m), int(d), today) for y, m, d in _ISO.findall(text)]
    for first, mark, second, year in _NUMERIC.findall(text):
        day, month = int(first), int(second)
        if language == "en" and mark == "/" and day != month:
            if month > 12:
                day, month = month, day
            elif day <= 12:
                continue
        elif mark == "." and not year and language == "en":
            continue  # 12.50 is a sum
        found.append(_day(int(year) + (2000 if len(year) == 2 else 0) if year else None, month, day, today))
    return [day for day in found if day]


def _named(text: str, language: str, today: date | None) -> list[date]:
    """`12 June 2026`, `June 12th`, `12. Juni`: month names as CLDR has them, endings of inflection allowed."""
    pattern, months = _months(language)
    found = []
    for match in pattern.finditer(text):
        month = months[(match["m1"] or match["m2"]).casefold()]
        day, year = match["d1"] or match["d2"], match["y1"] or match["y2"]
        found.append(_day(int(year) if year else None, month, int(day), today))
    return [day for day in found if day]


def _days_of_month(text: str, today: date) -> list[date]:
    """The next such day: this month's while it is ahead, else next month's."""
    found = []
    for groups in _ORDINAL.findall(text):
        day = int(next(group for group in groups if group))
        month = today if day >= today.day else today.replace(day=1) + timedelta(days=31)
        if 1 <= day <= calendar.monthrange(month.year, month.month)[1]:
            found.append(month.replace(day=day))
    return found


def _weekdays(text: str, language: str, today: date) -> list[date]:
    """The coming weekday of that name; with `next`, the one in the following week (weeks begin on Monday); with `last`, the one before."""
    pattern, names = _weekday_names(language)
    found = []
    for match in pattern.finditer(text):
        ahead = (names[match.group(1).casefold()] - today.weekday()) % 7 or 7
        near = text[max(0, match.start() - 20) : match.end() + 15]
        if _BEFORE.search(text[: match.start()]) or _BEHIND.match(text[match.end() :]):
            found.append(today - timedelta(days=7 - ahead % 7))
            continue
        if (_NEXT.search(near) or _NEXT_WEEK.search(text)) and today.weekday() + ahead < 7:
            ahead += 7
        found.append(today + timedelta(days=ahead))
    return found


def _month_end(text: str, today: date) -> list[date]:
    if not _MONTH_END.search(text):
        return []
    return [today.replace(day=calendar.monthrange(today.year, today.month)[1])]


def _week_end(text: str, today: date) -> list[date]:
    """`by the end of the week`: Friday, on which banks still work; the next week's where it says so or Friday has passed."""
    if not _WEEK_END.search(text):
        return []
    friday = today + timedelta(days=4 - today.weekday())
    return [friday + timedelta(days=7) if _NEXT_WEEK.search(text) or friday < today else friday]


def _relative(text: str, language: str, sent_at: datetime) -> list[date]:
    """`tomorrow`, `in three days`: the longest run of words that `dateparser` reads as relative to now."""
    import dateparser  # noqa: PLC0415 half a second to import, and few mails need it

    hint = _relative_hint(language)
    if not hint.search(_bare(text)):
        return []
    words = re.findall(r"[^\s,.!?;:()]+", text)[:80]
    base = sent_at.replace(tzinfo=None)
    for size in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size])
            if (size == 1 and len(phrase) < 3) or not hint.search(_bare(phrase)):
                continue
            parsed = dateparser.parse(
                phrase,
                languages=[language],
                settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future", "PARSERS": ["relative-time"]},
            )
            if parsed and parsed.date() == base.date() and not _today_words(language) & set(_bare(phrase).split()):
                continue  # "an hour", "5 mins", "from now on" fall on this day and do not name it
            if parsed and 0 <= (parsed.date() - base.date()).days <= _AHEAD_DAYS:
                return [parsed.date()]
    return []


_UNITS = ("year", "month", "week", "day", "hour", "minute", "second", "century", "decade", "fortnight")


@cache
def _relative_hint(language: str) -> re.Pattern[str]:
    """What every relative date has in it: a figure, the word for a unit of time, or a word like `tomorrow`.

    A look costs a thousandth of a try at parsing, and most sentences name no day.
    """
    from dateparser.languages.loader import default_loader  # noqa: PLC0415 as above

    data = default_loader.get_locale(language).info
    words = {word for unit in _UNITS for word in data.get(unit, ()) if len(word) > 2}
    words |= {word for phrases in data["relative-type"].values() for word in phrases}
    bare = sorted({re.escape(_bare(word)) for word in words}, key=len, reverse=True)
    return re.compile("|".join((r"\d", *bare)))


@cache
def _today_words(language: str) -> frozenset[str]:
    """`today`, `heute`: what names the day on which it is written."""
    from dateparser.languages.loader import default_loader  # noqa: PLC0415 as above

    said = default_loader.get_locale(language).info["relative-type"].get("0 day ago", ())
    return frozenset(word for phrase in said for word in _bare(phrase).split())


def _bare(text: str) -> str:
    """Lower case, without accents: `dateparser` reads `manana` like `mañana`."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c) != "Mn")


def _day(year: int | None, month: int, day: int, today: date | None) -> date | None:
    """The date if there is such a day; without a year, the nearest one that a sender can mean."""
    years = [year] if year else [today.year - 1, today.year, today.year + 1] if today else []
    for candidate in years:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year or (today and -_PAST_DAYS <= (found - today).days <= 365 - _PAST_DAYS):
            return found
    return None


@cache
def _months(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in _locale(language).months[context][width].items():
                names.setdefault(name.casefold().rstrip("."), number)
    if language == "en":
        names["sept"] = 9
    month = "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th|\.|er|º|°)?\s?(?:of\s|de\s|d')?\s?(?P<m1>{month})(?!\w)\.?(?:,?\s(?:de\s)?(?P<y1>20\d\d))?"
        rf"|(?P<m2>{month})(?:\.|ի)?\s(?P<d2>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,?\s(?P<y2>20\d\d))?)",
        re.IGNORECASE,
    ), names


@cache
def _weekday_names(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for number, name in _locale(language).days[context]["wide"].items():
            names.setdefault(name.casefold(), number)
            if language in {"pl", "ru"} and name[-1] in "aа":  # środa → środę, пятница → пятницу
                names.setdefault(name.casefold()[:-1] + ("ę" if language == "pl" else "у"), number)
            if language == "pt":  # segunda-feira is often said without its second half
                names.setdefault(name.casefold().removesuffix("-feira"), number)
    if language == "en":
        names |= {"mon": 0, "tues": 1, "tue": 1, "weds": 2, "wed": 2, "thurs": 3, "thu": 3, "fri": 4}
    if language == "ar":
        names |= {name.removeprefix("ال"): number for name, number in names.items()}
    weekday = "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True))
    ending = r"(?:s|ն|ին|ի)?" if language != "te" else r"\w*"
    return re.compile(rf"(?<!\w)({weekday}){ending}(?!\w)", re.IGNORECASE), names


@cache
def _locale(language: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 babel's Locale, imported late
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 a tenth of a second

    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
