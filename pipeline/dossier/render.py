"""Papers as a page and as plain Markdown. What strangers wrote stays inert in both.

HTML is escaped by the template engine, carries no script and loads nothing. In Markdown every foreign word stands in a
code span, where nothing is markup, a link or HTML (CommonMark 0.31, 6.1).
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import jinja2

from pipeline.domain.ids import ProposalId
from pipeline.domain.mail import Direction
from pipeline.dossier.collect import Papers
from pipeline.dossier.entries import Entry, Kind, entries_of, money
from pipeline.dossier.picture import picture_of
from pipeline.draft.formats import plain

_BACKTICKS = re.compile(r"`+")
_PLAIN_MAIL = {Kind.WROTE, Kind.ANSWERED}


def code(text: object) -> str:
    """Foreign words as a Markdown code span on one line; the fence is longer than any run of backticks inside."""
    words = plain(str(text))
    if not words:
        return "(nothing)"
    fence = "`" * (max(map(len, _BACKTICKS.findall(words)), default=0) + 1)
    return f"{fence} {words} {fence}" if "`" in words else f"{fence}{words}{fence}"


def _clock(zone: ZoneInfo) -> Callable[[object], str]:
    def when(moment: object) -> str:
        """A moment on the owner's clock, with its offset; a day as it is."""
        if isinstance(moment, datetime):
            return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %z")
        return moment.isoformat() if isinstance(moment, date) else ""

    return when


@cache
def _environment(*, html: bool) -> jinja2.Environment:
    # Markdown has no escaping of its own; every template there puts foreign words through `code`.
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline.dossier"),
        autoescape=html,  # noqa: S701 on for HTML; see above for Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(code=code, plain=plain, money=money)
    return environment


def fill(name: str, papers: Papers, **more: object) -> str:
    """One of the templates beside this module, filled with a client's papers. `*.html` is escaped, `*.md` fenced."""
    environment = _environment(html=name.endswith(".html"))
    zone = papers.known.history.owner_hours.timezone
    invoices = sorted(papers.known.ledger.invoices, key=lambda i: (i.issued, i.number))
    return environment.get_template(name).render(papers=papers, when=_clock(zone), invoices=invoices, **more)


def render_html(papers: Papers) -> str:
    """A page that stands alone: no script, nothing loaded from anywhere, a timeline as inline SVG."""
    entries = entries_of(papers)
    return fill("dossier.html", papers, entries=_claims(entries), picture=picture_of(papers, entries))


def render_markdown(papers: Papers) -> str:
    """The same without the picture."""
    return fill("dossier.md", papers, entries=_claims(entries_of(papers)))


def render_final_report(papers: Papers) -> str:
    """For the client's eyes: what was done and what is open. No label, tone, note or advice stands in it."""
    chased = {chase.message_id for chase in papers.chases}
    ours = [m for m in papers.mails if m.direction is Direction.OUTBOUND and m.message_id not in chased]
    return fill("final-report.md", papers, ours=ours)


def render_handover(papers: Papers, proposal: ProposalId) -> str:
    """For the owner's eyes: the letter's number, the accesses to hand over, what is open, and whose decision it is."""
    return fill("handover.md", papers, proposal=proposal, accesses=papers.file.accesses)


def _claims(entries: tuple[Entry, ...]) -> list[Entry]:
    """What is more than a mail; the mails have a list of their own."""
    return [entry for entry in entries if entry.kind not in _PLAIN_MAIL]
