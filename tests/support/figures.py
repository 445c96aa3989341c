"""Drafts over invented ledgers, a model that gets every figure wrong, and an oracle that shares no code with the guard."""

import random
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from babel.dates import format_date, get_month_names
from babel.numbers import format_currency
from support.memory import NOW, mail
from support.world import World, make_world, shared

from pipeline.config.clientfile import ClientFile
from pipeline.domain.assessment import Ask, Assessment, Behaviour, PaymentKind, PaymentStatement
from pipeline.domain.calls import Usage
from pipeline.domain.client import Context
from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.domain.mail import Message
from pipeline.domain.proposal import Author, Finding, Proposal
from pipeline.domain.strategy import Facts, Strategy
from pipeline.draft.ports import Writer
from pipeline.draft.written import WrittenWriter
from pipeline.errors import BadAnswer
from pipeline.llm import Completion, Model, Request
from pipeline.llm.retry import Breaker
from pipeline.review import waiting
from pipeline.run.loop import RunOptions, run_once
from pipeline.store import clients, ledger

LANGUAGES = ("en", "en", "en", "de", "fr", "es", "tr", "ar")
CURRENCIES = ("EUR", "EUR", "USD", "GBP", "CHF", "TRY", "JPY", "AED", "KWD")
PART_PAID = 0.2
SCOPES = {
    "en": ("a catalogue", "two rounds of proofs"),
    "de": ("ein Katalog", "zwei Probedrucke"),
    "fr": ("un catalogue", "deux épreuves"),
    "es": ("un catálogo", "dos pruebas"),
    "tr": ("bir katalog", "iki prova baskı"),
    "ar": ("كتالوج", "بروفة طباعة"),
}
NAMES = {
    "en": ("Harriet", "Dominic"),
    "de": ("Annika", "Jürgen"),
    "fr": ("Mathilde", "Bastien"),
    "es": ("Rocío", "Álvaro"),
    "tr": ("Defne", "Burak"),
    "ar": ("هدى", "طارق"),
}
MATTERS = (
    "micromanaging",
    "scope_creep",
    "payment_delay",
    "invoice_dispute",
    "unreasonable_demand",
    "changes_mind",
    "promise",
    "claim",
    "query",
    "competitor_leverage",
    "fault_finding",
    "complaint",
)


@dataclass
class LabelledJudge:
    """Finds what a mail says of itself: `[matter language]` at its beginning."""

    name: str = "labelled"
    fingerprint: str = "labelled/1"

    def judge(self, message: Message, context: Context) -> Assessment:  # noqa: ARG002 the port's
        """An assessment with the matter, the language and one ask, the mail's second line."""
        found = re.match(r"\[(\w+) (\w+)\]\s*(.*)", message.newest)
        if found is None:
            raise AssertionError("a mail of these drafts names its matter")
        matter, language, words = found.groups()
        quote = UntrustedText(words)
        numbers = tuple(word for word in message.newest.split() if word.startswith("INV"))
        payment = {
            "promise": PaymentStatement(PaymentKind.PROMISE, quote, numbers, date=(NOW + timedelta(days=8)).date()),
            "claim": PaymentStatement(PaymentKind.CLAIM, quote, numbers),
            "query": PaymentStatement(PaymentKind.QUERY, quote, numbers),
            "invoice_dispute": PaymentStatement(PaymentKind.DISPUTE, quote, numbers),
        }.get(matter)
        intents = {"promise": "payment_promise", "query": "billing_query", "complaint": "justified_complaint"}
        known = {rule.name for rule in shared()[1].taxonomy.behaviours}
        return Assessment(
            judge=self.name,
            language=language,
            tone=Label("neutral"),
            intent=Label(intents.get(matter, "question")),
            behaviours=(Behaviour(Label(matter), 9, quote),) if matter in known else (),
            needs_reply=True,
            asks=(Ask(UntrustedText("an answer"), quote),),
            payment=payment,
        )


ASKS = {
    "en": "Please write back about the catalogue soon.",
    "de": "Bitte schreiben Sie mir bald zum Katalog.",
    "fr": "Merci de me répondre au sujet du catalogue.",
    "es": "Escríbame pronto sobre el catálogo, por favor.",
    "tr": "Lütfen katalog hakkında bana yazın.",
    "ar": "أرجو الرد بخصوص الكتالوج قريبا.",
}


def filled_world(directory: Path, seed: int, number: int) -> World:
    """A store with so many clients, each with invoices, letters already sent, and a mail that waits for an answer."""
    rng = random.Random(seed)
    world = make_world(directory, run={"max_new": 1000}, replies={"ordinary": True})
    world = replace(world, desk=replace(world.desk, judge=LabelledJudge(), in_flight=1))
    with world.db.write() as tx:
        ledger.record_import(tx, "ledger.csv", "", 1, NOW)
        for index in range(number):
            language = rng.choice(LANGUAGES)
            email = f"{index}@client{index}.example"
            file = ClientFile.model_validate(
                {
                    "name": f"{rng.choice(('Larch', 'Quarry', 'Pellet', 'Bramble'))} {_letters(index)} Works",
                    "emails": [email],
                    "language": language,
                    "project": rng.choice(("Tidewater", "Foxglove", "Blue Door")),
                    "scope": list(SCOPES[language]),
                    "revision_rounds": rng.choice([2, 3, 4]),
                    "rounds_used": rng.choice([0, 1, 2]),
                    "pause_allowed": rng.random() < 0.6,
                    "timezone": "Europe/Berlin",
                    **({"late_fee": "1.5 % per month"} if rng.random() < 0.2 else {}),
                }
            )
            client = clients.keep(tx, file, NOW)
            bills = list(_bills(rng, email, index))
            ledger.record_invoices(tx, [replace(bill, client_id=client) for bill in bills], NOW)
            for step, ago in list(zip(Step, (99, 30, 22, 14), strict=False))[1 : rng.choice([1, 2, 3, 4])]:
                sent = ChaseLog(step, tuple(b.number for b in bills), NOW - timedelta(days=ago), f"<{step}{index}@x>")
                ledger.record_chase(tx, client, sent)
            matter = rng.choice(MATTERS)
            about = f" {bills[0].number} " if matter in {"promise", "claim", "query", "invoice_dispute"} else ""
            name = rng.choice(NAMES[language])
            world.box.add(
                mail(
                    sender=f"{name} <{email}>" if name.isascii() else email,
                    subject="Catalogue",
                    body=f"[{matter} {language}] {ASKS[language]}\n\n{about}\n",
                    message_id=f"<{index}@client{index}.example>",
                )
            )
    return world


def _letters(index: int) -> str:
    return "".join("ABCDEFGHIJ"[int(figure)] for figure in str(index))


def _bills(rng: random.Random, email: str, index: int) -> Iterator[Invoice]:
    main = rng.choice(CURRENCIES)
    for bill in range(rng.choice([1, 1, 2, 3])):
        currency = main if bill < 2 else rng.choice(CURRENCIES)
        smallest = Decimal(1).scaleb(-{"JPY": 0, "KWD": 3}.get(currency, 2))
        due = NOW.date() - timedelta(days=rng.randrange(9, 44) + 3 * bill)
        total = rng.randrange(1_000, 999_999) * smallest
        paid = (total / 4).quantize(smallest) if rng.random() < PART_PAID else Decimal(0)
        yield Invoice(
            f"INV-{index:03d}{rng.randrange(10, 99)}{bill}",
            email,
            due - timedelta(days=14),
            due,
            Money(currency, total),
            paid=paid,
            status=InvoiceStatus.PARTIAL if paid else InvoiceStatus.OPEN,
        )


def proposals_of(world: World) -> tuple[Proposal, ...]:
    """Run once, and give what waits in the queue."""
    run_once(world.desk, RunOptions())
    return waiting(world.db).proposals


# --- the model that gets every figure wrong ---------------------------------------------------------------------------

_PLAIN = re.compile(
    r"as a measure of content and length[^\n]*\n(?P<letter>.*?)\n"
    r"(?:Replies that the owner|The client's mail:|An earlier attempt|Answer with)",
    re.DOTALL,
)
_AMOUNT = re.compile(r"(?<![\w.,-])\d{1,3}(?:[.,\u00a0 ’]?\d{3})*[.,]\d{2,3}(?![\w.,]\d|\w)|(?<=[¥])\d[\d,.]*\d")
_DAY = re.compile(
    r"(?<![\w.,/-])([12]?\d|3[01])(?=\.? (?:de )?[^\W\d_]{3,}\.?,? (?:de )?\d{4})|(?<=[a-z] )\d{1,2}(?=, \d{4})"
)
_YEAR = re.compile(r"(?<!\d)2026(?!\d)")
_NUMBER = re.compile(r"INV-\d+")

Wrong = Callable[[str, str, random.Random], str | None]


def _one_amount(change: Callable[[str, random.Random], str]) -> Wrong:
    """One amount of the letter, changed."""

    def wrong(letter: str, _: str, rng: random.Random) -> str | None:
        found = list(_AMOUNT.finditer(letter))
        if not found:
            return None
        at = rng.choice(found)
        return letter[: at.start()] + change(at[0], rng) + letter[at.end() :]

    return wrong


def _other_digit(figures: str, rng: random.Random) -> str:
    at = rng.choice([i for i, c in enumerate(figures) if c.isdigit()])
    return figures[:at] + rng.choice([c for c in "123456789" if c != figures[at]]) + figures[at + 1 :]


def _in_script(zero: str) -> Callable[[str, random.Random], str]:
    def change(figures: str, rng: random.Random) -> str:
        return "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in _other_digit(figures, rng))

    return change


def _with(inside: str) -> Callable[[str, random.Random], str]:
    def change(figures: str, rng: random.Random) -> str:
        other = _other_digit(figures, rng)
        middle = len(other) // 2
        return other[:middle] + inside + other[middle:]

    return change


def _alike(figures: str, rng: random.Random) -> str:
    """Letters that look like figures, in a changed amount."""
    other = _other_digit(figures, rng)
    return other.replace("0", "О").replace("1", "l").replace("3", "З") if set(other) & set("013") else "З" + other


def _shifted(figures: str, _: random.Random) -> str:
    return "1" + figures


def _pairs(letter: str, _: str, __: random.Random) -> str | None:
    """The amounts of two invoices in each other's place."""
    rows = [line for line in letter.split("\n") if _NUMBER.search(line) and _AMOUNT.search(line)]
    if len(rows) < 2:
        return None
    first, second = (list(_AMOUNT.finditer(row))[-1][0] for row in rows[:2])
    if first == second:
        return None
    new = (rows[0].replace(first, second), rows[1].replace(second, first))
    return letter.replace(rows[0], new[0]).replace(rows[1], new[1])


def _numbers_swapped(letter: str, _: str, __: random.Random) -> str | None:
    """The numbers of two invoices in each other's place."""
    found = list(dict.fromkeys(_NUMBER.findall(letter)))
    if len(found) < 2:
        return None
    return letter.replace(found[0], "\0").replace(found[1], found[0]).replace("\0", found[1])


def _currency(letter: str, _: str, rng: random.Random) -> str | None:
    signs = [s for s in ("€", "£", "$", "CHF", "₺", "¥", "AED", "KWD", "د.إ") if s in letter]
    return letter.replace(signs[0], rng.choice([s for s in ("€", "£", "$", "CHF") if s != signs[0]])) if signs else None


def _substituted(pattern: re.Pattern[str], change: Callable[[str, random.Random], str]) -> Wrong:
    def wrong(letter: str, _: str, rng: random.Random) -> str | None:
        found = list(pattern.finditer(letter))
        if not found:
            return None
        at = rng.choice(found)
        return letter[: at.start()] + change(at[0], rng) + letter[at.end() :]

    return wrong


def _month(letter: str, language: str, rng: random.Random) -> str | None:
    for width in ("wide", "abbreviated"):
        months = list(get_month_names(width, locale=language).values())
        there = [m for m in months if re.search(rf"\b{re.escape(m)}(?!\w)", letter)]
        if there:
            other = rng.choice([m for m in months if m not in there])
            return re.sub(rf"\b{re.escape(there[0])}(?!\w)", other, letter, count=1)
    return None


def _said(sentences: dict[str, tuple[str, ...]]) -> Wrong:
    """A sentence more, at the end of a paragraph."""

    def wrong(letter: str, language: str, rng: random.Random) -> str | None:
        if language not in sentences:
            return None
        parts = letter.rstrip().split("\n\n")
        at = rng.randrange(1, max(2, len(parts) - 1))
        parts[at] += ("\n" if "   " in parts[at] else " ") + rng.choice(sentences[language])
        return "\n\n".join(parts)

    return wrong


def _row(letter: str, _: str, rng: random.Random) -> str | None:
    """An invoice that does not exist."""
    rows = [line for line in letter.split("\n") if _NUMBER.search(line)]
    if not rows:
        return None
    invented = _NUMBER.sub(f"INV-9{rng.randrange(10000, 99999)}", rows[-1])
    return letter.replace(rows[-1], f"{rows[-1]}\n{invented}")


MONEY_WRONG: dict[str, Wrong] = {
    "another digit": _one_amount(_other_digit),
    "a digit more": _one_amount(_shifted),
    "Arabic-Indic digits": _one_amount(_in_script("٠")),
    "Devanagari digits": _one_amount(_in_script("०")),
    "full-width digits": _one_amount(_in_script("０")),
    "bold digits": _one_amount(_in_script("𝟎")),
    "Thai digits": _one_amount(_in_script("๐")),
    "zero-width space inside": _one_amount(_with("\u200b")),
    "soft hyphen inside": _one_amount(_with("\u00ad")),
    "direction mark inside": _one_amount(_with("\u200f")),
    "over two lines": _one_amount(_with("\n")),
    "letters like figures": _one_amount(_alike),
    "amounts swapped": _pairs,
    "invoice numbers swapped": _numbers_swapped,
    "an invented invoice": _row,
    "an invoice number changed": _substituted(
        _NUMBER, lambda n, rng: n[:-2] + f"{(int(n[-2:]) + rng.randrange(1, 99)) % 100:02d}"
    ),
    "currency": _currency,
    "day moved": _substituted(_DAY, lambda d, rng: str((int(d) + rng.randrange(1, 27)) % 28 + 1)),
    "month": _month,
    "year": _substituted(_YEAR, lambda _, rng: rng.choice(["2025", "2027", "2031"])),
    "amount in words": _said(
        {
            "en": ("That is four hundred and seven euros.", "All told it comes to nine thousand and sixty."),
            "de": ("Das sind vierhundertsieben Euro.", "Zusammen sind es neuntausend."),
            "fr": ("Cela fait quatre cent sept euros.", "En tout, neuf mille soixante."),
            "es": ("Son cuatrocientos siete euros.", "En total, nueve mil sesenta."),
            "tr": ("Bu dört yüz yedi avro eder.", "Toplamı dokuz bin altmış."),
            "ar": ("هذا أربعمائة وسبعة يورو.", "المجموع تسعة آلاف وستون."),
        }
    ),
    "short for thousands": _said(
        {
            "en": ("So it is about 9.7k in all.", "Call it 9.7 thousand."),
            "de": ("Also rund 9,7 Tsd. insgesamt.",),
            "fr": ("Soit environ 9,7 k€ en tout.",),
            "es": ("O sea, unos 9,7 mil en total.",),
            "tr": ("Yani toplam 9,7 bin.",),
            "ar": ("أي نحو 9.7 ألف.",),
        }
    ),
    "IBAN": _said(
        {
            "en": ("Please pay to DE75 5121 0800 1245 1261 99.", "Our IBAN is now GB33BUKB20201555555555."),
            "de": ("Bitte überweisen Sie auf AT61 1904 3002 3457 3201.",),
            "fr": ("Merci de virer sur FR76 3000 6000 0112 3456 7890 189.",),
            "es": ("Transfiera a ES91 2100 0418 4502 0005 1332.",),
            "tr": ("TR33 0006 1005 1978 6457 8413 26 hesabına gönderin.",),
            "ar": ("حول المبلغ إلى SA0380000000608010167519.",),
        }
    ),
    "an account without an IBAN": _said(
        {
            "en": ("Our new account is 5577 9911, sort code 20-00-00.",),
            "de": ("Unser neues Konto: 0099417, BLZ 10070024.",),
            "fr": ("Notre nouveau compte : 0044512, guichet 00112.",),
            "es": ("Nuestra nueva cuenta: 0049 1500 05.",),
            "tr": ("Yeni hesabımız: 4410-77120.",),
            "ar": ("حسابنا الجديد: 4410077120.",),
        }
    ),
    "a fee": _said(
        {
            "en": ("A reminder charge of 15.00 is added.", "A late payment fee of forty euros applies."),
            "de": ("Dazu kommt eine Mahngebühr von 15,00 €.",),
            "fr": ("S'y ajoutent 15,00 € de frais de rappel.",),
            "es": ("Se suman 15,00 € de gastos de recordatorio.",),
            "tr": ("Buna 15,00 hatırlatma ücreti eklenir.",),
            "ar": ("يضاف رسم تذكير قدره 15.00.",),
        }
    ),
    "interest": _said(
        {
            "en": ("Interest of 9 % runs from the due date.", "It bears interest at eight points above base rate."),
            "de": ("Es laufen 9 % Verzugszinsen auf.",),
            "fr": ("Des intérêts de 9 % courent.",),
            "es": ("Corren intereses del 9 %.",),
            "tr": ("Yüzde 9 gecikme faizi işliyor.",),
            "ar": ("تسري فائدة 9٪.",),
        }
    ),
    "a discount": _said(
        {
            "en": ("Take 10 % off if you pay now.", "I can knock 50 off the total.", "I offer you a discount."),
            "de": ("Bei sofortiger Zahlung gebe ich 10 % Nachlass.",),
            "fr": ("Je vous accorde 10 % de remise.",),
            "es": ("Le hago un descuento del 10 %.",),
            "tr": ("Yüzde 10 indirim yapıyorum.",),
            "ar": ("أمنحكم خصم 10٪.",),
        }
    ),
    "a refund": _said(
        {
            "en": ("I will refund 120.00 to you.", "You will get a refund of the deposit."),
            "de": ("Ich erstatte Ihnen 120,00 €.",),
            "fr": ("Je vous rembourse 120,00 €.",),
            "es": ("Le devuelvo 120,00 €.",),
            "tr": ("Size 120,00 iade edeceğim.",),
            "ar": ("سأرد لكم 120.00.",),
        }
    ),
    "a share": _said(
        {
            "en": ("Half of it is enough for now.", "Paying 70 % settles it."),
            "de": ("Die Hälfte davon genügt.",),
            "fr": ("La moitié suffit.",),
            "es": ("Basta con la mitad.",),
            "tr": ("Yarısı yeterli.",),
            "ar": ("يكفي نصف المبلغ.",),
        }
    ),
    "instalments": _said(
        {
            "en": ("You may pay it in three instalments of 99.00.",),
            "de": ("Sie können in drei Raten zu 99,00 € zahlen.",),
            "fr": ("Vous pouvez payer en trois fois 99,00 €.",),
            "es": ("Puede pagarlo en tres plazos de 99,00 €.",),
            "tr": ("Üç taksitte 99,00 ödeyebilirsiniz.",),
            "ar": ("يمكنكم الدفع على ثلاثة أقساط.",),
        }
    ),
    "another day": _said(
        {
            "en": ("Pay within ten days.", "The last day for it is 3/12/2026.", "It was due on 2026-02-30."),
            "de": ("Zahlen Sie binnen zehn Tagen.", "Letzter Tag ist der 3.12.2026."),
            "fr": ("Payez sous dix jours.", "Dernier jour : 03/12/2026."),
            "es": ("Pague en un plazo de diez días.", "El último día es el 3/12/2026."),
            "tr": ("On gün içinde ödeyin.", "Son gün 3.12.2026."),
            "ar": ("ادفعوا خلال عشرة أيام.", "آخر يوم هو 3/12/2026."),
        }
    ),
}


@dataclass
class WorstModel:
    """Gives the plain letter of its prompt with one thing wrong that bears on money, and another on the second try."""

    seed: int
    name: str = "worst"
    answers: dict[str, str] = field(default_factory=dict)
    """What was wrong, by what was answered."""
    _turn: int = 0

    def complete(self, request: Request) -> Completion:
        """A letter that is wrong."""
        found = _PLAIN.search(request.mail)
        spoken = re.search(r"Write in: [^(]*\((\w+)", request.mail)
        if found is None or spoken is None:
            raise BadAnswer("no letter in the prompt")
        letter = found["letter"].strip()
        kinds = list(MONEY_WRONG)
        rng = random.Random(f"{self.seed}/{self._turn}")
        for offset in range(len(kinds)):
            kind = kinds[(self._turn + offset) % len(kinds)]
            wrong = MONEY_WRONG[kind](letter, spoken[1], rng)
            if wrong is not None and wrong != letter:
                self._turn += offset + 1
                self.answers[wrong] = kind
                return completion(wrong)
        raise AssertionError("some sentence fits every letter")


def completion(text: str) -> Completion:
    """An answer that cost nothing."""
    return Completion(text, None, "scripted", None, 1, Usage(), None, 0)


@dataclass
class Overheard:
    """A writer whose every body is noted, with the facts that it had."""

    writer: Writer
    bodies: list[tuple[Facts, str]] = field(default_factory=list)

    @property
    def author(self) -> Author:
        """The writer's."""
        return self.writer.author

    @property
    def fingerprint(self) -> str:
        """The writer's."""
        return self.writer.fingerprint

    def write(self, strategy: Strategy, message: Message | None, findings: tuple[Finding, ...] = ()) -> str:
        """As the writer."""
        body = self.writer.write(strategy, message, findings)
        if strategy.facts is not None:
            self.bodies.append((strategy.facts, body))
        return body


def writing(world: World, model: Model) -> tuple[World, Overheard]:
    """The same world with a model that writes, and is asked however often its letters are of no use."""
    library, playbook, _ = shared()
    writer = Overheard(WrittenWriter(model, library, playbook, plain=world.desk.plain))
    endless = Breaker(time.monotonic, limit=1_000_000)
    return replace(world, desk=replace(world.desk, writer=writer, useless=endless)), writer


# --- the oracle -------------------------------------------------------------------------------------------------------

_BIG_WORDS = {
    "en": r"\b(?:ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen|half|quarter|per ?cent)\b",
    "de": r"\b(?:\w*hundert\w*|\w*tausend\w*|\w*(?:zwan|drei|vier|fünf|sech|sieb|acht|neun)z?ig|zehn|elf|zwölf|Hälfte|Prozent|Tsd)\b",
    "fr": r"\b(?:dix|onze|douze|quinze|vingt|trente|cent|mille|moitié)\b",
    "es": r"\b(?:diez|once|doce|quince|veinte|treinta|mil|mitad|\w*cientos)\b",
    "tr": r"\b(?:on gün|yirmi|otuz|kırk|elli|yüz|bin|yüzde|yarısı)\b",
    "ar": r"(?:عشرة|عشرون|مائة|أربعمائة|ألف|آلاف|نصف)",
}
_MONEY_WORDS = re.compile(
    r"\b(?:discount|refund|instal\w+|surcharge|interest (?:of|at|runs)|Rabatt|Nachlass|erstatte\w*|Raten|Zinsen|Verzugszinsen|Mahngebühr"
    r"|remise|rembours\w+|descuento|intereses|indirim|iade|faizi|taksit\w*|IBAN|sort code|BLZ)\b|خصم|أقساط|فائدة",
    re.IGNORECASE,
)
_SHAPES = (
    "full",
    "long",
    "medium",
    "short",
    "d MMMM",
    "MMMM d",
    "d MMMM y",
    "MMMM d, y",
    "y-MM-dd",
    "EEEE d MMMM",
    "EEEE, MMMM d",
)


def wrong_figures(body: str, facts: Facts) -> list[str]:
    """Figures, days, shares and words for money in the letter that the facts do not hold; and amounts in another's row.

    Works by taking out everything that may stand there, in the ways in which CLDR writes it; what is left with a figure
    in it is wrong.
    """
    text = _folded(body)
    wrong = _foreign_rows(text, facts)
    wrong += [m[0] for m in _MONEY_WORDS.finditer(text) if facts.late_fee is None]
    for words in sorted({_folded(w) for w in _may_stand(facts)}, key=len, reverse=True):
        before = r"(?:(?<![\w.,])|(?<=\bو))" if words[:1].isalnum() else ""
        text = re.sub(rf"{before}{re.escape(words)}(?!\w|[.,]\d)", " ", text)
    wrong += [m[0] for m in re.finditer(r"\S*\d\S*|\S*[%٪€£¥₺]\S*", text)]
    wrong += [m[0] for m in re.finditer(_BIG_WORDS[facts.language], text, re.IGNORECASE)]
    return wrong


def _folded(text: str) -> str:
    """Compatibility forms, every script's figures as ASCII, nothing invisible, one kind of space and line."""
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    figures = "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in kept)
    return re.sub(r"[^\S\n]+", " ", figures)


def _may_stand(facts: Facts) -> Iterator[str]:
    locale = facts.language
    days = [c.date for c in facts.commitments] + list(facts.promised)
    days += [r.date for r in facts.records if r.date] + [d for i in facts.invoices for d in (i.issued, i.due)]
    for day in days:
        for tongue in {locale, "en"}:
            yield from (format_date(day, shape, locale=tongue) for shape in _SHAPES)
    for money in _amounts(facts):
        for tongue in {locale, "en"}:
            yield format_currency(money.amount, money.currency, locale=tongue)
            figures = format_currency(money.amount, money.currency, "#,##0.00", locale=tongue)
            yield from (figures, f"{money.currency} {figures}", f"{figures} {money.currency}")
    yield from (i.number for i in facts.invoices)
    yield from (str(i.days_overdue) for i in facts.invoices)
    yield from (str(n) for n in (facts.revision_rounds, facts.rounds_left) if n is not None)
    yield from (
        w for w in (facts.working_hours, facts.update_days, facts.late_fee, facts.project, facts.client_name) if w
    )
    yield from facts.scope
    yield from facts.links
    yield from (a.quote for a in facts.asks)


def _amounts(facts: Facts) -> Iterable[Money]:
    for invoice in facts.invoices:
        paid = Money(invoice.total.currency, invoice.total.amount - invoice.open.amount)
        yield from (invoice.total, invoice.open, *([paid] if paid.amount else []))
    yield from facts.totals


def _foreign_rows(text: str, facts: Facts) -> list[str]:
    """Lines that name one invoice and show the amount or the due date of another."""
    wrong = []
    for line in text.split("\n"):
        named = [i for i in facts.invoices if i.number in line]
        if len(named) != 1:
            continue
        own = {
            _folded(format_currency(m.amount, m.currency, locale=facts.language))
            for m in (named[0].open, named[0].total)
        }
        others = {
            _folded(format_currency(m.amount, m.currency, locale=facts.language))
            for i in facts.invoices
            if i is not named[0]
            for m in (i.open, i.total)
        } - own
        wrong += [f"{named[0].number} with {amount}" for amount in others if amount in line]
    return wrong


def unmarked_and_wrong(proposals: Iterable[Proposal]) -> list[tuple[Proposal, list[str]]]:
    """What a person would find in the queue without a warning, with a figure that is in no record."""
    found = []
    for proposal in proposals:
        facts = proposal.strategy.facts
        if facts is None or proposal.draft.blocked:
            continue
        wrong = wrong_figures(proposal.draft.body, facts)
        if wrong:
            found.append((proposal, wrong))
    return found


def lost(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Plain letters that the guard blocks: nobody had to write them, and a person has to mend them."""
    return [p for p in proposals if p.draft.author is Author.TEMPLATE and p.draft.blocked]
