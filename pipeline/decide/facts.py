"""What a reply may state: facts from the record, and dates computed from the owner's settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names
from babel.lists import format_list

from pipeline.domain.assessment import Ask, Assessment, PaymentKind
from pipeline.domain.client import Context, EarlierMail, Engagement, WorkingHours
from pipeline.domain.ledger import Invoice, InvoiceStatus, totals_of
from pipeline.domain.mail import Message
from pipeline.domain.strategy import Commitment, Facts, InvoiceFact, Record
from pipeline.playbook import Playbook
from pipeline.workdays import WorkCalendar

_QUOTE_CHARS = 160


@dataclass(frozen=True, slots=True)
class Desktop:
    """What the owner has set for all their replies."""

    owner_name: str
    hours: WorkingHours
    language: str
    update_days: tuple[int, ...]
    """Weekdays of the fixed update slots, Monday is 0."""
    answer_in_workdays: int
    links: tuple[str, ...] = ()


def facts_for(
    desktop: Desktop,
    playbook: Playbook,
    context: Context,
    now: datetime,
    *,
    assessment: Assessment | None,
    message: Message | None,
) -> Facts:
    """The facts for a reply to this mail, or, without one, for a letter to this client."""
    client = context.client
    language = _language(desktop, context, assessment)
    engagement = _engagement(context, message)
    today = WorkCalendar(desktop.hours).today(now)
    open_invoices = _open(context.invoices)
    about = _about(open_invoices, assessment, today)
    return Facts(
        greeting_name=greeting_name(message, context),
        owner_name=desktop.owner_name,
        language=language,
        client_name=client.name if client else "",
        project=engagement.project if engagement and client and engagement.project != client.name else None,
        invoices=tuple(_invoice_fact(invoice, today, assessment) for invoice in about),
        totals=totals_of(invoice.open for invoice in about),
        scope=engagement.scope if engagement else (),
        revision_rounds=engagement.revision_rounds if engagement else None,
        rounds_left=_rounds_left(engagement),
        working_hours=hours_in_words(desktop.hours, language),
        update_days=days_in_words(desktop.update_days, language),
        asks=_asks(assessment),
        commitments=commitments(desktop, playbook, now),
        records=_records(context.thread),
        promised=_promised(context, assessment),
        pause_allowed=client.pause_allowed if client else False,
        late_fee=client.late_fee if client else None,
        links=desktop.links,
    )


def _language(desktop: Desktop, context: Context, assessment: Assessment | None) -> str:
    """The client's set language wins, then the language they wrote, then the owner's."""
    if context.client and context.client.language:
        return context.client.language
    if assessment and assessment.language not in {"", "und"}:
        return assessment.language
    return desktop.language


_TITLES = {
    "dr",
    "prof",
    "mr",
    "mrs",
    "ms",
    "mx",
    "herr",
    "frau",
    "sr",
    "sra",
    "señor",
    "señora",
    "m",
    "mme",
    "sig",
    "ing",
    "dipl-ing",
}


def greeting_name(message: Message | None, context: Context) -> str:
    """How the writer is greeted: the first name they go by, or title and surname; a company's name is no greeting."""
    sender = message.from_ if message else None
    name = " ".join((sender.name if sender else "").split())
    if "," in name:  # "Hartmann, Ilse" as directories write it
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}"
    words = [word.strip("'\"“”") for word in name.split()]
    company = bool(context.client and name.casefold() == context.client.name.casefold() and len(words) != 2)
    if not words or "@" in name or company:
        return ""
    if words[0].rstrip(".").casefold() in _TITLES:
        return f"{words[0].rstrip('.')} {words[-1]}" if len(words) > 1 and _is_name(words[-1]) else ""
    return words[0] if _is_name(words[0]) else ""


def _is_name(word: str) -> bool:
    return len(word) > 1 and word.replace("-", "").replace("'", "").isalpha() and not (word.isupper() and len(word) > 2)


def _engagement(context: Context, message: Message | None) -> Engagement | None:
    """The engagement that the mail is about: the one it names, else the first."""
    engagements = context.client.engagements if context.client else ()
    words = f"{message.subject} {message.newest}".casefold() if message else ""
    named = [e for e in engagements if e.project.casefold() in words]
    return next(iter((*named, *engagements)), None)


def _rounds_left(engagement: Engagement | None) -> int | None:
    if engagement is None or engagement.revision_rounds is None or engagement.rounds_used is None:
        return None
    return max(0, engagement.revision_rounds - engagement.rounds_used)


def _open(invoices: Iterable[Invoice]) -> list[Invoice]:
    return sorted((i for i in invoices if i.open.amount > 0), key=lambda i: (i.due, i.number))


def _about(invoices: Sequence[Invoice], assessment: Assessment | None, today: date) -> list[Invoice]:
    """Those that the mail names; else those that are overdue; else all that are open."""
    named = set(assessment.payment.invoices) if assessment and assessment.payment else set()
    mentioned = [invoice for invoice in invoices if invoice.number in named]
    overdue = [invoice for invoice in invoices if invoice.days_overdue(today) > 0]
    return mentioned or overdue or list(invoices)


def _invoice_fact(invoice: Invoice, today: date, assessment: Assessment | None) -> InvoiceFact:
    payment = assessment.payment if assessment else None
    contested = payment is not None and payment.kind is PaymentKind.DISPUTE and invoice.number in payment.invoices
    disputed = contested or invoice.status is InvoiceStatus.DISPUTED
    return InvoiceFact.of(invoice, today, invoice.open.amount, disputed=disputed)


def _asks(assessment: Assessment | None) -> tuple[Ask, ...]:
    """The asks whose quotes are short enough to be repeated in a letter."""
    return tuple(ask for ask in (assessment.asks if assessment else ()) if len(ask.quote) <= _QUOTE_CHARS)


def _promised(context: Context, assessment: Assessment | None) -> tuple[date, ...]:
    """The dates on which the client promised to pay: the one that this mail names, else those on record."""
    said = assessment.payment if assessment else None
    if said is not None and said.kind is PaymentKind.PROMISE and said.date is not None:
        return (said.date,)
    return tuple(promise.date for promise in context.promises)


def _records(thread: Sequence[EarlierMail]) -> tuple[Record, ...]:
    """The owner's own earlier mails of the thread, newest first: what a letter may point back to."""
    return tuple(
        Record(what="mail", date=mail.sent_at.date(), message_id=mail.message_id)
        for mail in reversed(thread)
        if not mail.from_client
    )


def commitments(desktop: Desktop, playbook: Playbook, now: datetime) -> tuple[Commitment, ...]:
    """The dates that letters may promise or ask for, by the playbook's rules and the owner's settings."""
    calendar = WorkCalendar(desktop.hours)
    today = calendar.today(now)
    found = []
    for kind, rule in playbook.commitments.items():
        if rule.rule == "update_days":
            day = _next_slot(calendar, desktop.update_days, today)
            because = "[owner] update_days"
        elif rule.rule == "answer_in_workdays":
            day = calendar.workday_after(today, desktop.answer_in_workdays)
            because = f"[owner] answer_in_workdays = {desktop.answer_in_workdays}"
        else:
            day = calendar.workday_after(today, rule.workdays or 1)
            because = f"playbook: {kind} = {rule.workdays} workdays"
        if day is not None:
            found.append(Commitment(kind, day, because))
    return tuple(found)


def _next_slot(calendar: WorkCalendar, slots: Sequence[int], today: date) -> date | None:
    """The next update slot after today that is a workday; None if there is none within five weeks."""
    days = (today + timedelta(days=offset) for offset in range(1, 36))
    return next((day for day in days if day.weekday() in slots and calendar.is_workday(day)), None)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def days_in_words(days: Sequence[int], language: str) -> str | None:
    """Weekdays as a list in words: `Tuesday and Friday`. None for no days."""
    if not days:
        return None
    locale = _locale(language)
    names = get_day_names("wide", locale=locale)
    return format_list([names[day] for day in sorted(days)], locale=locale)


def hours_in_words(hours: WorkingHours, language: str) -> str:
    """Working hours as a letter may name them: `Monday–Friday, 09:00–17:00`."""
    names = get_day_names("wide", locale=_locale(language))
    run = list(hours.days) == list(range(hours.days[0], hours.days[-1] + 1)) and len(hours.days) > 2
    days = f"{names[hours.days[0]]}–{names[hours.days[-1]]}" if run else days_in_words(hours.days, language)
    return f"{days}, {hours.start:%H:%M}–{hours.end:%H:%M}"
