"""Every plain letter that comes with Firmly, in each language and stance, with much on record and with little."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from pipeline.domain.assessment import Ask
from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import Severity
from pipeline.domain.strategy import Action, Commitment, Facts, InvoiceFact, Record, Stance, Strategy
from pipeline.draft.template import TemplateWriter
from pipeline.guard import brief_for, inspect_draft
from pipeline.playbook import Kind, Playbook, load_playbook
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped

OWNER = "Robin Vale"
TODAY = date(2026, 4, 9)
TRANSLATED = (
    "payment_l1",
    "payment_l2",
    "payment_l3",
    "scope_creep",
    "micromanaging",
    "invoice_dispute",
    "justified_complaint",
    "unreasonable_demand",
    "unresponsive",
    "nudge",
    "changes_mind",
    "payment_l0",
    "promise_confirmation",
    "claim_acknowledged",
    "resume",
)
"""The commonest plays, and all of a payment that goes its way: they have letters in every language."""
LANGUAGES = ("en", "de", "fr", "es", "tr", "ar")


@dataclass(frozen=True)
class Words:
    """Facts as they would stand on record in a language."""

    hours: str
    days: str
    scope: tuple[str, ...]
    records: tuple[str, ...]
    asks: tuple[str, ...]
    late_fee: str


WORDS = {
    "en": Words(
        "Monday–Friday, 09:00–17:00",
        "Tuesday and Friday",
        ("five page templates", "a contact form", "two rounds of changes"),
        ("approval of the second layout", "the texts for the start page"),
        ("could you also add a small shop to the site", "please send me the log files of last night too"),
        "1% of the open amount per month",
    ),
    "de": Words(
        "Montag–Freitag, 09:00–17:00",
        "Dienstag und Freitag",
        ("fünf Seitenvorlagen", "ein Kontaktformular", "zwei Korrekturrunden"),
        ("Freigabe des zweiten Entwurfs", "die Texte für die Startseite"),
        ("könnten Sie noch einen kleinen Shop einbauen", "bitte schicken Sie mir auch die Protokolle"),
        "1 % des offenen Betrags je Monat",
    ),
    "fr": Words(
        "lundi–vendredi, 09:00–17:00",
        "mardi et vendredi",
        ("cinq gabarits de page", "un formulaire de contact", "deux séries de corrections"),
        ("validation de la deuxième maquette", "les textes de la page d'accueil"),
        ("pourriez-vous ajouter aussi une petite boutique", "envoyez-moi aussi les journaux de cette nuit"),
        "1 % du montant dû par mois",
    ),
    "es": Words(
        "lunes–viernes, 09:00–17:00",
        "martes y viernes",
        ("cinco plantillas de página", "un formulario de contacto", "dos rondas de cambios"),
        ("aprobación del segundo diseño", "los textos de la página de inicio"),
        ("podría añadir también una pequeña tienda", "envíeme también los registros de anoche"),
        "1 % del importe pendiente al mes",
    ),
    "tr": Words(
        "Pazartesi–Cuma, 09:00–17:00",
        "Salı ve Cuma",
        ("beş sayfa şablonu", "bir iletişim formu", "iki düzeltme turu"),
        ("ikinci taslağın onayı", "ana sayfa metinleri"),
        ("siteye küçük bir mağaza da ekleyebilir misiniz", "dün gecenin kayıtlarını da gönderin lütfen"),
        "açık tutarın aylık %1'i",
    ),
    "ar": Words(
        "الاثنين–الجمعة، 09:00–17:00",
        "الثلاثاء والجمعة",
        ("خمسة قوالب للصفحات", "نموذج تواصل", "جولتان من التعديلات"),
        ("اعتماد التصميم الثاني", "نصوص الصفحة الرئيسية"),
        ("هل يمكنكم إضافة متجر صغير إلى الموقع", "أرجو إرسال سجلات الليلة الماضية أيضا"),
        "1% من المبلغ المتبقي شهريا",
    ),
}


def invoice(number: str, due: date, total: str, still_open: str, currency: str = "EUR") -> InvoiceFact:
    """An invoice with a due day in the past."""
    money = (Money(currency, Decimal(total)), Money(currency, Decimal(still_open)))
    return InvoiceFact(number, date(2026, 2, 3), due, *money, (TODAY - due).days)


def full(language: str) -> Facts:
    """Everything on record: three invoices in two currencies, one of them contested, all dates."""
    words = WORDS[language]
    contested = replace(invoice("2026-019", date(2026, 3, 24), "2350.50", "1350.50"), disputed=True)
    days = {"next_update": 10, "answer_by": 14, "we_answer_by": 13, "dispute_answer": 16, "last_day": 23}
    return Facts(
        greeting_name="Dana",
        owner_name=OWNER,
        language=language,
        client_name="Harbour & Pine",
        project="Tidewater",
        invoices=(
            invoice("2026-014", date(2026, 3, 3), "1200", "1200"),
            contested,
            invoice("2026-021", date(2026, 3, 31), "80", "80", "USD"),
        ),
        totals=(Money("EUR", Decimal("2550.50")), Money("USD", Decimal(80))),
        scope=words.scope,
        revision_rounds=2,
        rounds_left=1,
        working_hours=words.hours,
        update_days=words.days,
        asks=tuple(Ask(UntrustedText(ask), UntrustedText(ask)) for ask in words.asks),
        commitments=tuple(Commitment(kind, date(2026, 4, day), "x") for kind, day in days.items()),
        records=(
            *(Record(what, date(2026, 3, 10)) for what in words.records),
            Record("mail", date(2026, 4, 2), "<a@example.org>"),
        ),
        promised=(date(2026, 3, 20), date(2026, 4, 3)),
        pause_allowed=True,
        late_fee=words.late_fee,
        links=("https://pay.example.com/robin",),
    )


def some(language: str) -> Facts:
    """A usual case: no pause in the contract, no record but our last mail, nothing asked, one invoice."""
    return replace(
        full(language),
        invoices=full(language).invoices[:1],
        totals=(Money("EUR", Decimal(1200)),),
        pause_allowed=False,
        late_fee=None,
        records=(Record("mail", date(2026, 4, 2)),),
        asks=(),
        links=(),
        promised=(date(2026, 4, 3),),
    )


def least(language: str, needs: tuple[str, ...]) -> Facts:
    """A stranger: only what the play cannot do without."""
    bare = Facts(greeting_name="", owner_name=OWNER, language=language)
    return replace(
        bare, **{name: getattr(some(language), name) for name in (*needs, "totals") if name in needs or needs}
    )


@cache
def playbook() -> tuple[Playbook, TemplateWriter]:
    """The shipped playbook and the writer."""
    library = PromptLibrary(None, shipped("prompts"))
    read = load_playbook(lambda name: library.source(name).text, library.names())
    return read, TemplateWriter(read, library)


def plays() -> list[tuple[str, str]]:
    """Every play with every language that it has."""
    return [(name, language) for name, play in playbook()[0].plays.items() for language in play.languages]


def letters() -> Iterator[tuple[Stance, str]]:
    """Every stance, with each amount of facts."""
    return ((stance, amount) for stance in Stance for amount in ("full", "some", "least"))


@cache
def write(name: str, language: str, stance: Stance, amount: str) -> tuple[Strategy, str]:
    """A letter and the strategy that it was written for."""
    read, writer = playbook()
    play = read.plays[name]
    facts = {"full": full, "some": some}.get(amount, lambda code: least(code, play.needs))(language)
    origin = {Kind.REPLY: "reply:1:1", Kind.CHASE: "chase:1", Kind.NUDGE: "nudge:1", Kind.EXIT: "exit:1"}[play.kind]
    step = next((step.step for step in read.ladder.steps if step.play == name), None)
    strategy = Strategy(Action.REPLY, (), origin, play=name, step=step, stance=stance, facts=facts)
    return strategy, writer.write(strategy, None)


def prose(text: str) -> str:
    """A letter without the rows of its tables."""
    rows = re.compile(r"\S {3,}\S|^- .*\d{4}.*\d{4}|^- المجموع")
    return "\n".join(line for line in text.split("\n") if not rows.search(line))


def words(text: str) -> int:
    """Words as a reader counts them: a French colon between spaces is none."""
    return sum(any(c.isalnum() for c in word) for word in text.split())


def form_mistakes(name: str, language: str, stance: Stance, amount: str) -> Iterator[object]:
    """What keeps a letter from being sent as it is."""
    _, text = write(name, language, stance, amount)
    body = prose(text)
    lines = text.rstrip("\n").split("\n")
    if (
        lines[0].rstrip(",،:").endswith("Dana") == (amount == "least")
        or lines[0][-1] not in ",،:"
        or lines[-1] != OWNER
    ):
        yield lines[0], lines[-1]
    yield from re.findall(r"\{|\}|\bNone\b|\[\]|\(\)|“”|„“|« *»|\\|\n{3}", text)
    yield from re.findall(r"\S {2,}\S|^ .*| [,.;!]|\.\.|,,|,\.|:\s*\.", body, re.MULTILINE)
    if words(body) > (220 if name == "exit" else 150) or words(text) < 40:
        yield words(body)
    asked = sum(ask.count("?") for ask in WORDS[language].asks)
    if len(re.findall(r"[?؟]", body)) > 2 + asked:
        yield "too many questions"


@pytest.mark.parametrize(("name", "language"), plays())
def test_a_letter_stands_on_its_own(name: str, language: str) -> None:
    """No gap, no placeholder, no missing sentence: a letter must be fit to send with whatever is on record."""
    mistakes = [(*which, what) for which in letters() for what in form_mistakes(name, language, *which)]
    assert mistakes == []


@pytest.mark.parametrize(("name", "language"), plays())
def test_a_letter_passes_the_guard(name: str, language: str) -> None:
    """The plain letter is the fallback of every blocked draft; were it blocked itself, nothing would be left."""
    labels = [rule.name for rule in playbook()[0].taxonomy.behaviours]
    blocked = []
    for which in letters():
        strategy, text = write(name, language, *which)
        findings = inspect_draft(text, brief_for(strategy, message=None, labels=labels, formal=True))
        blocked += [(*which, f.name, f.excerpt) for f in findings if f.severity is Severity.BLOCK]
    assert blocked == []


@pytest.mark.parametrize(("name", "language"), plays())
def test_a_projects_name_is_set_off(name: str, language: str) -> None:
    """“Thank you for following Practice website so closely” is no sentence: a name on record is quoted, beside a noun."""
    bare = [
        (stance, amount, sentence)
        for stance, amount in letters()
        for sentence in re.findall(r"[^.\n]*(?<![“„«\u00a0])Tidewater[^.\n]*", write(name, language, stance, amount)[1])
    ]
    assert bare == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stance", list(Stance))
def test_an_invoice_is_called_undisputed_only_beside_a_disputed_one(language: str, stance: Stance) -> None:
    """Where a mail names no invoice, the only open one may be the very one that is contested."""
    letter, named = (write("invoice_dispute", language, stance, amount)[1] for amount in ("some", "full"))
    assert "2026-014" not in letter
    assert "2026-014" in named


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commonest_letters_are_there_in_every_language(language: str) -> None:
    """A German client must not be reminded in English."""
    assert [name for name in TRANSLATED if language not in playbook()[0].plays[name].languages] == []


@pytest.mark.parametrize("name", ["payment_l3", "payment_l4", "payment_delay", "resume"])
@pytest.mark.parametrize("stance", list(Stance))
def test_a_pause_is_spoken_of_only_where_it_is_allowed(name: str, stance: Stance) -> None:
    """Stopping work without the contract's permission is a breach of our own."""
    pause = re.compile(r"\bpaus|\bon hold\b|\bresume|\bback at work", re.IGNORECASE)
    assert pause.search(write(name, "en", stance, "full")[1])
    assert not pause.search(write(name, "en", stance, "some")[1])


def test_the_stances_are_different_letters() -> None:
    """A reviewer who asks for softer or firmer must get other words."""
    read, _ = playbook()
    same = [
        (name, language)
        for name, play in read.plays.items()
        for language in play.languages
        if len({play.template(language, stance).text for stance in Stance}) < len(Stance)
    ]
    assert same == []


@pytest.mark.parametrize(("name", "language"), [pair for pair in plays() if pair[0] == "claim_acknowledged"])
def test_one_open_invoice_is_not_spoken_of_as_several(name: str, language: str) -> None:
    """“They show as open:” over a single line reads as if nobody had looked."""
    said = {
        amount: [write(name, language, stance, amount)[1].partition("2026-014")[0].split("\n")[1:] for stance in Stance]
        for amount in ("some", "full")
    }
    assert [
        line
        for one, several in zip(said["some"], said["full"], strict=True)
        for line in one
        if line in several and line.endswith(":")
    ] == []
