"""What every page works with, and how a page is filled."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import jinja2
from babel import Locale
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.domain.ledger import Money
from pipeline.draft.formats import letter_locale, money_in_words
from pipeline.playbook import Kind
from pipeline.playbook.titles import speaker, title_of
from pipeline.prompts import PromptLibrary
from pipeline.run.desk import Desk
from pipeline.stats import span_in_words
from pipeline.store import listing
from pipeline.web.gate import Key
from pipeline.web.words import clean


@dataclass(frozen=True, slots=True)
class Room:
    """One `firmly serve`."""

    desk: Desk
    library: PromptLibrary
    key: Key
    reviewer: str
    banner: str = ""
    """A sentence that stands on every page."""
    delivering: Lock = field(default_factory=Lock)
    """Two tabs deliver one after the other."""
    templates: jinja2.Environment = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the templates once."""
        object.__setattr__(self, "templates", _environment(self.desk))

    def page(self, request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A template filled with values; everything in it is escaped."""
        with self.desk.db.read() as tx:
            waiting, wanting = listing.count_waiting(tx), listing.open_attention(tx)
        html = self.templates.get_template(name).render(
            csrf=self.key.csrf,
            here=request.url.path,
            waiting=waiting,
            wanting=wanting,
            now=self.desk.clock(),
            banner=self.banner,
            owner=self.desk.config.owner,
            labels=[rule.name for rule in self.desk.playbook.taxonomy.active("behaviour")],
            **values,
        )
        return HTMLResponse(html, status_code=status)


def _environment(desk: Desk) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    owner = desk.config.owner
    zone = owner.hours().timezone
    locale = letter_locale(owner.language)

    def when(moment: dt.datetime) -> str:
        return f"{moment.astimezone(zone):%a %d %b %Y, %H:%M}"

    def brief(moment: dt.datetime) -> str:
        here, today = moment.astimezone(zone), desk.clock().astimezone(zone)
        if here.date() == today.date():
            return f"{here:%H:%M}"
        return f"{here:%d %b}" if here.year == today.year else f"{here:%d %b %Y}"

    def money(value: Money | Iterable[Money], locale: Locale = locale) -> str:
        return money_in_words(value, locale)

    labels = {str(rule.name) for kind in ("tone", "intent", "behaviour") for rule in desk.playbook.taxonomy.rules(kind)}
    worded = speaker(labels | set(desk.playbook.plays))

    def spoken(sentence: str) -> str:
        """A sentence of ours with the names of labels and plays in it as words: `scope_creep` as `scope creep`."""
        plain = worded(sentence)
        return plain[:1].upper() + plain[1:]

    def title(play: str) -> str:
        """What a play is for, in the words of its own file."""
        known = desk.playbook.plays.get(play)
        return known.title if known else title_of(play)

    def gist(play: str) -> str:
        """The same in few words: the label that it answers, else its title up to the colon."""
        known = desk.playbook.plays.get(play)
        if known and known.label and known.kind is Kind.REPLY:
            return title_of(known.label)
        return title(play).partition(":")[0]

    environment.filters.update(
        clean=clean,
        when=when,
        brief=brief,
        money=money,
        words=_words,
        day=_day,
        dated=lambda at: when(at) if isinstance(at, dt.datetime) else _day(at),
        span=span_in_words,
        spoken=spoken,
        title=title,
        gist=gist,
    )
    return environment


def _day(value: dt.date) -> str:
    return f"{value:%a %d %b %Y}"


def _words(name: object) -> str:
    """A name of the program in words: `scope_creep` as `scope creep`."""
    return title_of(str(name))
