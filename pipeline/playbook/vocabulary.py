"""What a letter's template may name, and the check that it names nothing else.

The vocabulary is `Facts`, the commitments of the playbook, and a few things that code makes of them. A template that
is checked when it is loaded cannot fail on a misspelt name in the middle of a run.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields

import jinja2
from jinja2 import meta, nodes

from pipeline.domain.assessment import Ask
from pipeline.domain.ledger import Money
from pipeline.domain.strategy import Commitment, Facts, InvoiceFact, Record
from pipeline.promptfile import Section

DERIVED = ("invoice_table", "disputed", "undisputed", "last_written")
"""Made by code: the table of the invoices as text, those of them that are contested and the others, and the date of our
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
    """Everything that a template may name, but for `invoice_table`, which depends on a language.

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
    environment.filters |= dict.fromkeys(FILTERS, str)
    try:
        tree = environment.parse(section.text)
        # Unknown functions come first, because jinja2 finds no undeclared names in a template that has one.
        found = [*_functions(tree, environment)] or [*_names(tree, variables)]
    except jinja2.TemplateSyntaxError as error:
        yield f"line {section.line + error.lineno - 1}: {error.message or 'the template cannot be parsed'}."
        return
    for line, problem in sorted([*found, *_attributes(tree), *_includes(tree, partials)]):
        yield f"line {section.line + line - 1}: {problem}"


Found = tuple[int, str]


def _names(tree: nodes.Template, variables: Collection[str]) -> Iterator[Found]:
    undeclared = meta.find_undeclared_variables(tree) - set(variables)
    for name in undeclared:
        line = min(node.lineno for node in tree.find_all(nodes.Name) if node.name == name)
        yield line, unknown(name, variables, "no fact that a letter may name")


def _attributes(tree: nodes.Template) -> Iterator[Found]:
    methods = {id(call.node) for call in tree.find_all(nodes.Call)}
    for node in tree.find_all(nodes.Getattr):
        if id(node) not in methods and node.attr not in _ATTRIBUTES:
            yield node.lineno, unknown(node.attr, _ATTRIBUTES, "no part of a fact")


def _functions(tree: nodes.Template, environment: jinja2.Environment) -> Iterator[Found]:
    for node in tree.find_all(nodes.Filter):
        if node.name not in environment.filters:
            yield node.lineno, unknown(node.name, environment.filters, "no filter of jinja2 or ours")
    for test in tree.find_all(nodes.Test):
        if test.name not in environment.tests:
            yield test.lineno, unknown(test.name, environment.tests, "no test of jinja2")


def _includes(tree: nodes.Template, partials: Collection[str]) -> Iterator[Found]:
    for node in tree.find_all(nodes.Include):
        if isinstance(node.template, nodes.Const) and node.template.value not in partials:
            yield node.lineno, unknown(str(node.template.value), partials, "no partial of the prompts")
