"""What a mail is for, in words: requests, limits, demands, questions about progress."""

import pytest
from support.world import shared

from pipeline.domain.strategy import Stance
from pipeline.signals import wording


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Could you send me the texts by Friday?", True),
        ("I still need the portraits of the six therapists.", True),
        ("Bitte schicken Sie mir die Texte.", True),
        ("Merci de m'envoyer les textes.", True),
        ("The draft is on the page. Let me know if you have any questions.", False),
        ("Thank you, the texts are here.", False),
        ("How are you? The covers are done.", False),
        ("Reminder: the copy for the About page is outstanding.", True),
        ("I can't start until I have the texts.", True),
        ("I'll send it next Friday.", False),
        ("Please find the proof attached.", False),
    ],
)
def test_requests(text: str, *, asks: bool) -> None:
    """A polite closing counted as a request would accuse a client of not answering a courtesy."""
    assert bool(wording.requests_in(text)) is asks


@pytest.mark.parametrize(
    ("text", "free", "presses"),
    [
        ("I need this tonight.", False, True),
        ("Call me back.", False, True),
        ("Why are you not answering?", False, True),
        ("Send it by Monday 8 am.", False, True),
        ("Can you do it by tomorrow?", False, False),
        ("Can you do it by tomorrow?", True, True),
        ("Ich brauche das sofort.", False, True),
        ("I saw your draft today, lovely.", False, False),
        ("We had a long day today. See you next week.", False, False),
        ("No rush, but could you look at it tonight or whenever?", False, False),
        ("Needs doing, but Monday is fine.", False, False),
    ],
)
def test_demands(text: str, *, free: bool, presses: bool) -> None:
    """Writing on a Sunday is no demand; wanting it before Monday is."""
    assert wording.presses(text, tomorrow_is_free=free) is presses


def test_every_boundary_letter_states_one() -> None:
    """The owner who sends our own English letter by hand has stated that boundary; the reader of Sent must see it."""
    plays = shared()[1].plays.values()
    letters = {
        play.name: play.template("en", Stance.AS_DECIDED).text
        for play in plays
        if play.sets_boundary and play.label in shared()[1].behaviours and not play.name.startswith("payment")
    }
    silent = {name for name, text in letters.items() if wording.boundary_in(text) is None}
    assert silent == {"nudge"}  # which asks for an answer and states no limit


@pytest.mark.parametrize(
    "text",
    [
        "Please send all feedback in a single email by Thursday.",
        "Please don't speak to me like that again.",
        "Extra pages are billed separately.",
        "I'm not able to work weekends.",
        "The price we agreed stands.",
        "Ab jetzt lese ich Nachrichten montags bis freitags.",
    ],
)
def test_limits_in_the_owners_own_words(text: str) -> None:
    """A limit that is overlooked would leave a client untold, and every later verdict too mild."""
    assert wording.boundary_in(text) == text


@pytest.mark.parametrize(
    "text", ["Thank you, I will look at it.", "Yes, page 3 is done.", "Great news, congratulations on the opening!"]
)
def test_ordinary_replies_state_no_boundary(text: str) -> None:
    """A friendly answer taken for a limit would turn the next mail into a breach."""
    assert wording.boundary_in(text) is None


@pytest.mark.parametrize(
    ("text", "checks"),
    [("How far are you?", True), ("Any news?", True), ("Is it ready yet?", True), ("The blue is lovely.", False)],
)
def test_progress(text: str, *, checks: bool) -> None:
    """Praise counted as a chase would make a friendly client a hasty one."""
    assert wording.checks_progress(text) is checks
