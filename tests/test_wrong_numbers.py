"""No wrong figure reaches the queue unmarked, whoever wrote the letter."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.figures import (
    WorstModel,
    filled_world,
    lost,
    proposals_of,
    unmarked_and_wrong,
    writing,
    wrong_figures,
)

from pipeline.domain.ledger import Money
from pipeline.domain.proposal import Author
from pipeline.domain.strategy import Facts, InvoiceFact

FIGURES = 1
"""The guard's rule of amounts, dates, numbers, names and addresses."""
EUR = Money("EUR", Decimal("1250.00"))
FACTS = Facts(
    greeting_name="Ada",
    owner_name="Robin Example",
    language="en",
    invoices=(
        InvoiceFact("INV-1", date(2026, 10, 1), date(2026, 10, 15), EUR, EUR, 33),
        InvoiceFact(
            "INV-2", date(2026, 10, 2), date(2026, 10, 16), Money("EUR", Decimal(80)), Money("EUR", Decimal(80)), 32
        ),
    ),
)


@pytest.mark.parametrize(
    "words",
    [
        "€1,520.00",
        "١٬٢٥١ €",
        "€1,2\u200b60.00",
        "four hundred euros",
        "10 %",
        "GB33BUKB20201555555555",
        "October 17, 2026",
        "INV-1 is open with €80.00",
        "a discount",
    ],
)
def test_the_oracle_sees_what_the_facts_do_not_hold(words: str) -> None:
    """An oracle that sees nothing would make every count below a zero."""
    assert wrong_figures(f"Hello Ada,\n\nplease note: {words}.\n", FACTS)


def test_the_oracle_lets_facts_stand() -> None:
    """One that sees ghosts would be switched off."""
    body = "INV-1   Oct 15, 2026   €1,250.00\n\nINV-1 was due on Thursday, October 15, 2026 and is 33 days overdue."
    assert wrong_figures(body, FACTS) == []


def test_plain_letters_state_facts_and_pass_the_guard(tmp_path: Path) -> None:
    """A template that words a figure in a way that the guard does not know would hold up every letter of its kind."""
    found = proposals_of(filled_world(tmp_path, 11, 12))
    assert len(found) >= 15
    assert unmarked_and_wrong(found) == []
    assert [f for p in lost(found) for f in p.draft.findings if f.rule == FIGURES] == []


def test_a_model_that_gets_every_figure_wrong_reaches_nobody(tmp_path: Path) -> None:
    """Whatever it swaps, moves, shares out, adds or hides, what waits in the queue is the plain letter, and says so."""
    model = WorstModel(3)
    world, heard = writing(filled_world(tmp_path, 12, 20), model)
    found = proposals_of(world)
    assert len(heard.bodies) >= 30
    assert len(set(model.answers.values())) >= 25
    written = [model.answers.get(p.draft.body.strip(), p.draft.body) for p in found if p.draft.author is Author.MODEL]
    assert Counter(written) == Counter()
    assert unmarked_and_wrong(found) == []
    assert all(p.draft.fallback_because for p in found)
