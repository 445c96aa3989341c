"""What holds a mail: which of several reasons gives the kind, and which are named after it."""

import pytest
from support.memory import NOW, mail
from support.world import shared

from pipeline.decide import Desktop, Situation, choose_strategy
from pipeline.domain.assessment import Assessment, Behaviour, LegalKind
from pipeline.domain.client import Context, WorkingHours
from pipeline.domain.ids import Label, ThreadId, UntrustedText
from pipeline.domain.strategy import Action, Strategy
from pipeline.parse import parse_message


def label(name: str, confidence: int, *, sure: bool = True) -> Behaviour:
    """A behaviour that a judge found."""
    return Behaviour(Label(name), confidence, UntrustedText("our lawyer will sue you"), sure=sure)


def decided(*behaviours: Behaviour, legal: LegalKind | None = None, bank_details: bool = False) -> Strategy:
    """What is done about a mail with these labels."""
    assessment = Assessment(
        judge="scripted",
        language="en",
        tone=Label("neutral"),
        intent=Label("question"),
        behaviours=behaviours,
        needs_reply=True,
        legal=legal,
        bank_details=bank_details,
    )
    desktop = Desktop("Robin Example", WorkingHours("Europe/Berlin"), "en", (1, 4), 3)
    situation = Situation(parse_message(mail()), assessment, Context(client=None), ThreadId(1), None, NOW)
    found = choose_strategy(situation, shared()[1], desktop)
    assert found.action is Action.HOLD
    return found


def test_a_threat_of_a_suit_is_not_called_aggression_on_a_guess() -> None:
    """An item titled after the doubtful label would send the owner to the wrong advice."""
    found = decided(label("aggression", 3, sure=False), label("legal_risk", 10), legal=LegalKind.THREAT)
    assert (found.hold_kind, found.label) == ("legal", "legal_risk")
    assert found.because == (
        "legal_risk (confidence 10 of 10) is held for a person.",
        "Also aggression (confidence 3 of 10, unsure).",
    )


def test_sure_aggression_comes_before_an_unsure_legal_risk() -> None:
    """An order that always put the law first would call an insult a lawsuit."""
    found = decided(label("legal_risk", 4, sure=False), label("aggression", 8))
    assert (found.hold_kind, found.label) == ("aggression", "aggression")
    assert found.because[1] == "Also legal_risk (confidence 4 of 10, unsure)."


def test_equals_keep_the_order_of_the_playbook() -> None:
    """The owner's order decides where the judge sees no difference."""
    found = decided(label("legal_risk", 9), label("aggression", 9))
    assert found.hold_kind == "aggression"
    assert found.because[1] == "Also legal_risk (confidence 9 of 10)."


@pytest.mark.parametrize(("confidence", "sure", "kind"), [(3, False, "bank_details"), (9, True, "aggression")])
def test_new_bank_details_are_told_beside_any_insult(confidence: int, sure: bool, kind: str) -> None:  # noqa: FBT001 a parameter of the table
    """An insult must not hide the warning of invoice fraud: nor may a guess at an insult stand before it."""
    found = decided(label("aggression", confidence, sure=sure), bank_details=True)
    assert found.hold_kind == kind
    assert "Call the client on a number you know" in " ".join(found.because)
    assert "aggression" in " ".join(found.because)


def test_an_unsure_label_alone_still_holds() -> None:
    """A doubtful insult is a person's to read, not a letter's to answer."""
    found = decided(label("aggression", 3, sure=False))
    assert found.because == ("aggression (confidence 3 of 10) is held for a person.",)
