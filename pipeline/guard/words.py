"""The guard's word lists: `prompts/guard/common.toml` and one file per language, read, checked and indexed."""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

from pipeline.errors import ConfigError
from pipeline.guard.lexicon import Lexicon
from pipeline.guard.phrases import Phrase, PhraseBook, parse_phrase
from pipeline.guard.text import fold
from pipeline.guard.together import CONSEQUENCE, Statement, parse_statement, part_category
from pipeline.resources import shipped

CATEGORIES = frozenset(
    {
        *("guarantee", "absolute", "admission", "apology", "insult", "diagnosis", "sarcasm", "legal", "threat"),
        *(
            "silence",
            "quiet",
            "grant",
            "concession",
            "scope",
            "availability",
            "deadline",
            "stop",
            "late_fee",
            "attachment",
        ),
        *("chatter", "other_party", "relative", "vague", "placeholder", "negator", "negator_after", "no_negator"),
        *(
            "bank",
            "share",
            "figure",
            "person",
            "other_data",
            "attribution",
            "priced",
            "clerical",
            "supposed",
            "soon",
            "delivery",
            "reminder",
            "reported",
            "greeting",
            "anyone",
            "informal",
            "formal",
        ),
    },
)
"""The names that `[phrases]` may use; `prompts/guard/README.md` says what each is for."""

_KEYS = {
    "language": frozenset(
        {"script", "stopwords", "conjunctions", "and_or", "honorifics", "polite", "formal_cased", "inflected"}
    ),
    "calendar": frozenset({"months", "weekdays", "range"}),
    "numbers": None,
    "glued": None,
    "ordinals": None,
    "figures": frozenset({"units", "time", "own_things", "pointing", "percent", "clock", "am", "pm", "joiners", "due"}),
    "currencies": None,
    "phrases": CATEGORIES,
    "allow": CATEGORIES,
    "parts": None,
    "together": CATEGORIES,
    "common": frozenset({"languages", "everyday_labels", "given_names", "benign", "well_known", "company_forms"}),
}


@dataclass(frozen=True, slots=True)
class GuardWords:
    """All word lists, ready for use."""

    book: PhraseBook
    """Phrases of all languages; a match says which language and category it is of."""
    statements: tuple[Statement, ...]
    """What becomes a match of its category where parts of it stand together."""
    consequences: frozenset[str]
    """Languages whose list says what follows from silence (`goes_on`), so that a missing answer alone is not held against a letter."""
    lexicons: Mapping[str, Lexicon]
    everyday_labels: frozenset[str]
    """Labels that are ordinary words and may stand in a letter: `thanks`, `question`."""
    given_names: frozenset[str]
    benign: frozenset[str]
    """Tokens with figures that state none: `A4`, `B2B`, `CO2`."""
    well_known: frozenset[str]
    """Names of products and the like, which are no persons."""
    company_forms: frozenset[str]


def _problem(file: str, what: str, fix: str) -> ConfigError:
    return ConfigError(f"{file}: {what}", fix=fix)


def _read(read: Callable[[str], str], file: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(read(file))
    except tomllib.TOMLDecodeError as error:
        raise _problem(file, f"is no valid TOML: {error}", "Correct the line that it names.") from None
    for table, entries in data.items():
        if table not in _KEYS:
            raise _problem(file, f"has a table [{table}] that nothing reads.", f"Tables: {', '.join(_KEYS)}.")
        allowed = _KEYS[table]
        if allowed is None:
            continue
        for key in entries:
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Keys: {', '.join(sorted(allowed))}."
                raise _problem(file, f"[{table}] has a key {key} that nothing reads.", hint)
    return data


def _strings(file: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise _problem(file, f"{key} must be a list of words.", 'Write it as ["one", "two"].')
    return tuple(value)


def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(w) for w in words)


def _stems(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({fold(w.removesuffix("*")) for w in words}))


def _calendar(
    file: str, language: str, table: Mapping[str, Any]
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Names of months, their abbreviations, and weekdays: CLDR's and those of the file."""
    locale = Locale.parse(language)
    months: dict[str, int] = {}
    short: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        months.update({fold(name): number for number, name in locale.months[context]["wide"].items()})
        short.update({fold(name).rstrip("."): number for number, name in locale.months[context]["abbreviated"].items()})
        weekdays.update({fold(name): number for number, name in locale.days[context]["wide"].items()})
    for key, names, first, count in (("months", months, 1, 12), ("weekdays", weekdays, 0, 7)):
        extra = table.get(key, [])
        if extra and len(extra) != count:
            raise _problem(
                file, f"[calendar] {key} must have {count} entries.", "One string each, forms parted by spaces."
            )
        for number, written in enumerate(extra, start=first):
            names.update({fold(form): number for form in written.split()})
    return months, short, weekdays


def _lexicon(file: str, language: str, data: Mapping[str, Any]) -> Lexicon:
    own, figures = data.get("language", {}), data.get("figures", {})
    calendar = data.get("calendar", {})
    months, short, weekdays = _calendar(file, language, calendar)
    return Lexicon(
        language=language,
        script=own.get("script", "Latin"),
        stopwords=_folded(_strings(file, own, "stopwords")),
        conjunctions=_folded(_strings(file, own, "conjunctions")),
        and_or=_folded(_strings(file, own, "and_or")),
        honorifics=_folded(_strings(file, own, "honorifics")),
        polite=_folded(_strings(file, own, "polite")),
        formal_cased=frozenset(_strings(file, own, "formal_cased")),
        inflected=bool(own.get("inflected", False)),
        months=months,
        short_months=short,
        weekdays=weekdays,
        range_words=_folded(_strings(file, calendar, "range")),
        numbers={fold(w): Decimal(str(v)) for w, v in data.get("numbers", {}).items()},
        glued={fold(w): Decimal(str(v)) for w, v in data.get("glued", {}).items()},
        ordinals={fold(w): int(v) for w, v in data.get("ordinals", {}).items()},
        joiners=_folded(_strings(file, figures, "joiners")),
        units=_stems(_strings(file, figures, "units")),
        time=_stems(_strings(file, figures, "time")),
        own_things=_stems(_strings(file, figures, "own_things")),
        pointing=_folded(_strings(file, figures, "pointing")),
        due=_stems(_strings(file, figures, "due")),
        percent=_stems(_strings(file, figures, "percent")),
        clock=_folded(_strings(file, figures, "clock")),
        am=_folded(_strings(file, figures, "am")),
        pm=_folded(_strings(file, figures, "pm")),
        currencies={fold(word): frozenset(codes.split()) for word, codes in data.get("currencies", {}).items()},
    )


def _phrases(file: str, language: str, data: Mapping[str, Any]) -> list[Phrase]:
    found: list[Phrase] = []
    for table, prefix in (("phrases", ""), ("allow", "allow:"), ("parts", part_category(""))):
        for category in data.get(table, {}):
            for written in _strings(file, data[table], category):
                try:
                    found += parse_phrase(written, category=prefix + category, language=language)
                except ValueError as error:
                    raise _problem(file, f"[{table}] {category}: {error}.", "Begin it with a word or a stem.") from None
    return found


def _statements(file: str, language: str, data: Mapping[str, Any]) -> list[Statement]:
    found: list[Statement] = []
    parts = data.get("parts", {})
    for category in data.get("together", {}):
        for written in _strings(file, data["together"], category):
            try:
                statement = parse_statement(written, category=category, language=language)
            except ValueError as error:
                raise _problem(file, f"[together] {category}: {error}.", "Write it as `fault & ours`.") from None
            for name in statement.parts:
                if name not in parts:
                    near = difflib.get_close_matches(name, parts, 1)
                    hint = f"Did you mean {near[0]}?" if near else f"Parts: {', '.join(sorted(parts))}."
                    raise _problem(file, f"[together] {category} names a part {name} that [parts] lacks.", hint)
            found.append(statement)
    return found


def load_guard_words(read: Callable[[str], str]) -> GuardWords:
    """Read and check all word lists. `read` takes `common.toml` or `<language>.toml` and gives the file's text.

    Raises `ConfigError` that names the file and the entry; whatever `read` raises passes through.
    """
    common = _read(read, "common.toml")
    settings = common.get("common", {})
    languages = _strings("common.toml", settings, "languages")
    phrases = _phrases("common.toml", "*", common)
    statements = _statements("common.toml", "*", common)
    lexicons: dict[str, Lexicon] = {}
    for language in languages:
        file = f"{language}.toml"
        data = _read(read, file)
        lexicons[language] = _lexicon(file, language, data)
        phrases += _phrases(file, language, data)
        statements += _statements(file, language, data)
    return GuardWords(
        book=PhraseBook(phrases),
        statements=tuple(statements),
        consequences=frozenset(p.language for p in phrases if p.category == CONSEQUENCE),
        lexicons=lexicons,
        everyday_labels=frozenset(_strings("common.toml", settings, "everyday_labels")),
        given_names=_folded(_strings("common.toml", settings, "given_names")),
        benign=_folded(_strings("common.toml", settings, "benign")),
        well_known=_folded(_strings("common.toml", settings, "well_known")),
        company_forms=_folded(_strings("common.toml", settings, "company_forms")),
    )


@lru_cache(maxsize=32)
def calendar_only(language: str) -> Lexicon | None:
    """For a language without a word list: the names of its months and weekdays. None if CLDR does not know it."""
    try:
        return _lexicon("", language, {})
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=1)
def shipped_words() -> GuardWords:
    """The word lists that come with Firmly, read once."""
    folder = shipped("prompts") / "guard"
    return load_guard_words(lambda name: (folder / name).read_text(encoding="utf-8"))
