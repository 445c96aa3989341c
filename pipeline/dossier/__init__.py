"""A client's papers: everything that is known, each claim with its date, its message and its words, as Markdown and HTML."""

from pipeline.dossier.collect import Papers, collect_papers
from pipeline.dossier.entries import Entry, Kind, entries_of
from pipeline.dossier.render import render_html, render_markdown

__all__ = ["Entry", "Kind", "Papers", "collect_papers", "entries_of", "render_html", "render_markdown"]
