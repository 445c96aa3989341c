"""What a draft may state, made from the strategy's facts; and whether a reply is due at all (rule 15)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pipeline.domain.assessment import Ask
from pipeline.domain.client import EarlierMail
from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.mail import AuthVerdict, Pass, Skip, SkipReason
from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.domain.strategy import Action, Commitment, Facts, InvoiceFact, Record, Strategy
from pipeline.guard import brief_for, inspect_draft, warrants_reply

INVOICE = InvoiceFact(
    "F-31", date(2026, 2, 1), date(2026, 3, 3), Money("EUR", Decimal(900)), Money("EUR", Decimal(600)), 21
)
FACTS = Facts(
    greeting_name="Anna",
    owner_name="Robin Vale",
    language="en",
    client_name="Harbour & Pine",
    project="Tidewater",
    invoices=(INVOICE,),
    totals=(Money("EUR", Decimal(600)),),
    scope=("five pages",),
    revision_rounds=3,
    rounds_left=1,
    working_hours="Monday–Friday, 09:00–17:00",
    update_days="Tuesday and Friday",
    asks=(Ask(UntrustedText("a shop"), UntrustedText("please add 40 products")),),
    commitments=(Commitment("next_update", date(2026, 3, 27), "x"),),
    records=(Record("approval of 12 layouts", date(2026, 1, 15)),),
    promised=(date(2026, 3, 18),),
    pause_allowed=True,
    late_fee="1% per month",
    links=("https://pay.example.com/robin",),
)


def strategy(origin: str = "reply:1:2", step: str | None = None, facts: Facts | None = FACTS) -> Strategy:
    """A strategy to reply with these facts."""
    return Strategy(Action.REPLY, (), origin, play="x", step=step, facts=facts)


def brief(origin: str = "reply:1:2", step: str | None = None) -> GuardBrief:
    """The brief of that strategy, without a mail."""
    return brief_for(strategy(origin, step), message=None, labels=("scope_creep",), other_clients=("Bluebell",))


def facts_against(body: str, *, thread: tuple[EarlierMail, ...] = ()) -> set[str]:
    """What rule 1 holds against a body under the brief of these facts."""
    made = brief_for(strategy(), message=None, labels=(), thread=thread)
    found = inspect_draft(f"Dear Anna,\n\n{body}\n\nRobin Vale", made)
    return {f.name for f in found if f.rule == 1 and f.severity is Severity.BLOCK}


@pytest.mark.parametrize(
    "body",
    [
        "F-31 of 1 February 2026 over EUR 900 was due on 3 March 2026; EUR 300 arrived, EUR 600 is open, 21 days overdue.",
        "The next update comes on Friday, 27 March. You named 18 March.",
        "Of three rounds, one is left and two are used.",
        "My update days are Tuesday and Friday.",
        "I work Monday–Friday, 09:00–17:00.",
        "On 15 January you gave your approval of 12 layouts.",
        "The scope is five pages. You wrote: “please add 40 products”.",
        "The fee is 1% per month. Pay at https://pay.example.com/robin.",
        "Tidewater is a project of Harbour & Pine.",
    ],
)
def test_everything_in_the_facts_may_be_stated(body: str) -> None:
    """A fact that the brief forgets would block the letter that was made for it."""
    assert facts_against(body) == set()


@pytest.mark.parametrize(
    "body", ["EUR 601 is open.", "The next update comes on 28 March.", "Two rounds are left of seven.", "I answer on Monday.", "I work until 18:00.", "It was approved with 13 layouts.", "You get six pages."]
)  # fmt: skip
def test_what_is_not_in_the_facts_may_not(body: str) -> None:
    """What is not in the facts does not exist."""
    assert facts_against(body) != set()


def test_earlier_turns_may_be_referred_to() -> None:
    """A thread's own figures are no inventions."""
    turn = EarlierMail(
        "<a@example.org>",
        datetime(2026, 3, 1, tzinfo=UTC),
        from_client=True,
        newest=UntrustedText("We need 80 copies by 9 May."),
    )
    assert facts_against("You asked for 80 copies by 9 May.") != set()
    assert facts_against("You asked for 80 copies by 9 May.", thread=(turn,)) == set()


@pytest.mark.parametrize(
    ("origin", "kind"), [("reply:1:2", "reply"), ("nudge:1", "reply"), ("chase:2", "chase"), ("exit:2", "exit")]
)
def test_the_kind_of_letter_follows_from_its_origin(origin: str, kind: str) -> None:
    """An exit letter under a reply's limit would always be too long."""
    assert brief(origin).kind == kind


@pytest.mark.parametrize(("step", "allowed"), [("L1", False), ("L2", False), ("L3", True), ("L4", True), (None, True)])
def test_a_stop_may_not_be_claimed_before_its_step(step: str | None, allowed: bool) -> None:  # noqa: FBT001 a table of cases
    """The contract allows a stop; the ladder says when."""
    assert brief("chase:2", step).stop_allowed is allowed


def test_a_strategy_without_facts_is_a_mistake_of_the_caller() -> None:
    """An empty brief would silently forbid or allow the wrong things."""
    with pytest.raises(ValueError, match="without facts"):
        brief_for(strategy(facts=None), message=None, labels=())


def test_a_mail_that_passed_the_screen_warrants_a_reply() -> None:
    """The usual case must not be held up."""
    assert warrants_reply(Pass()) == ()


@pytest.mark.parametrize("reason", list(SkipReason))
def test_what_the_screen_stopped_gets_no_reply(reason: SkipReason) -> None:
    """Two machines that answer each other never stop."""
    (finding,) = warrants_reply(Skip(reason, "List-Id"))
    assert (finding.rule, finding.severity) == (15, Severity.BLOCK)


def test_older_answered_and_forged_mails_get_no_reply() -> None:
    """Each of these would put a second or a wrong letter before the client."""
    assert warrants_reply(Pass(), newest_of_thread=False)[0].name == "older_mail"
    assert warrants_reply(Pass(), answered=True)[0].name == "already_answered"
    assert warrants_reply(Pass(), authentication=AuthVerdict.FAIL)[0].name == "forged_sender"
