"""What a letter's template may name, and the check that it names nothing else.

The vocabulary is `Facts`, the commitments of the playbook, and a few things that code makes of them. A template that
is checked when it is loaded cannot fail on a misspelt name in the middle of a run.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields

import jinja2
from jinja2 import nodes

from pipeline.domain.assessment import Ask
from pipeline.domain.ledger import Money
from pipeline.domain.strategy import Commitment, Facts, InvoiceFact, Record
from pipeline.promptfile import Section

DERIVED = ("invoice_table", "claim_table", "disputed", "undisputed", "last_written")
"""Made by code: the tables of the invoices and of what comes on top of them as text, those of them that are contested and the others, and the date of our
last mail in the thread."""

MAIL_RECORD = "mail"
"""A record that only says that there is an earlier mail of ours. It dates `last_written`; `records` leaves it out."""

VARIABLES = (*(field.name for field in fields(Facts)), *DERIVED)
"""What every template may name; the commitments of the playbook come on top."""

FILTERS = ("day", "money", "number", "join")
"""Filters of our own, in the language of the letter: a date in words, an amount, a figure, "a, b and c"."""

_LOOP = ("first", "last", "index", "index0", "length", "revindex")
_ATTRIBUTES = {
    *(field.name for kind in (Ask, Commitment, InvoiceFact, Money, Record) for field in fields(kind)),
    *_LOOP,
}


def template_values(facts: Facts, commitments: Iterable[str]) -> dict[str, object]:
    """Everything that a template may name, but for the two tables, which depend on a language.

    Every commitment of the playbook is there, None if these facts have no date for it, so that a template can ask.
    """
    written = [record.date for record in facts.records if record.what == MAIL_RECORD and record.date is not None]
    return {
        **{field.name: getattr(facts, field.name) for field in fields(facts)},
        "records": tuple(record for record in facts.records if record.what != MAIL_RECORD),
        "disputed": tuple(invoice for invoice in facts.invoices if invoice.disputed),
        "undisputed": tuple(invoice for invoice in facts.invoices if not invoice.disputed),
        "last_written": max(written, default=None),
        **{kind: facts.commitment(kind) for kind in commitments},
    }


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """`x is no label; did you mean y?`."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"{name} is {what}" + (f"; did you mean {near[0]}?" if near else ".")


def template_problems(section: Section, variables: Collection[str], partials: Collection[str]) -> Iterator[str]:
    """What is wrong with a template before it is ever filled: one sentence each, with the line of the file."""
    # Parsed, never rendered; and letters are plain text, so there is nothing to escape.
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    try:
        found = list(_below(environment.parse(section.text)))
    except jinja2.TemplateSyntaxError as error:
        yield f"line {section.line + error.lineno - 1}: {error.message or 'the template cannot be parsed'}."
        return
    bound = {"loop", *environment.globals, *(n.name for n in found if isinstance(n, nodes.Name) and n.ctx != "load")}
    methods = {id(node.node) for node in found if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr)}
    known: dict[type[nodes.Node], tuple[str, Collection[str], str]] = {
        nodes.Name: ("name", {*variables, *bound}, "no fact that a letter may name"),
        nodes.Getattr: ("attr", _ATTRIBUTES, "no part of a fact"),
        nodes.Filter: ("name", {*environment.filters, *FILTERS}, "no filter of jinja2 or ours"),
        nodes.Test: ("name", environment.tests, "no test of jinja2"),
    }
    told: set[str] = set()
    for node in found:
        if isinstance(node, nodes.Include) and isinstance(node.template, nodes.Const):
            name, right, what = str(node.template.value), partials, "no partial of the prompts"
        elif type(node) in known and id(node) not in methods:
            field, right, what = known[type(node)]
            name = getattr(node, field)
        else:
            continue
        if name not in right and name not in told:
            told.add(name)
            yield f"line {section.line + node.lineno - 1}: {unknown(name, sorted(right), what)}"


def _below(node: nodes.Node) -> Iterator[nodes.Node]:
    """All nodes below a node, in the order of the template."""
    for child in node.iter_child_nodes():
        yield child
        yield from _below(child)
