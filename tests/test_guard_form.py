"""Guard rules 7 to 9: language, length, and the parts that every letter has."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.domain.strategy import InvoiceFact
from pipeline.guard import inspect_draft
from pipeline.guard.form_rules import count_words

BRIEF = GuardBrief(
    language="en", greeting_name="Anna", signature_name="Robin Vale", names=("Anna", "Robin Vale", "Harbour & Pine")
)
PROSE = (
    "Thank you for your message about the pages. I have read it and sorted your points by topic, so that none of them is lost. "
    "The texts come first, because the layout depends on them, and the photos follow after that. Please send me what is still missing in one message."
)
GERMAN = (
    "vielen Dank für Ihre Nachricht zu den Seiten. Ich habe sie gelesen und Ihre Punkte nach Themen geordnet, damit keiner verloren geht. "
    "Die Texte kommen zuerst, weil die Gestaltung von ihnen abhängt, und die Bilder folgen danach. Bitte schicken Sie mir, was noch fehlt, in einer Nachricht."
)


def letter(prose: str = PROSE, greeting: str = "Dear Anna,", closing: str = "Kind regards,\nRobin Vale") -> str:
    """A letter of three paragraphs."""
    return f"{greeting}\n\n{prose}\n\n{closing}\n"


def names(body: str, brief: GuardBrief = BRIEF, severity: Severity = Severity.BLOCK) -> set[str]:
    """The names of what is held against the letter."""
    return {f.name for f in inspect_draft(body, brief) if f.severity is severity}


def test_a_good_letter_has_no_findings() -> None:
    """All other tests of this file are worth something only if the letter itself passes."""
    assert inspect_draft(letter(), BRIEF) == ()


def test_a_letter_in_another_language_blocks() -> None:
    """A model that slips into English for a German client must not get through."""
    german = replace(BRIEF, language="de", greeting_name="Frau Kern")
    assert names(letter(GERMAN, "Guten Tag Frau Kern,", "Freundliche Grüße\nRobin Vale"), german) == set()
    assert "wrong_language" in names(letter(greeting="Guten Tag Frau Kern,"), german)
    assert "wrong_language" in names(letter(GERMAN))


def test_a_single_sentence_in_another_language_blocks() -> None:
    """One foreign sentence in a good letter is how an injected text looks."""
    assert "wrong_language" in names(
        letter(PROSE + " Bitte schicken Sie mir auch die Bilder, die wir noch nicht haben.")
    )


def test_a_quote_in_the_clients_language_passes() -> None:
    """An English fallback letter may quote a German ask."""
    ask = "Bitte schicken Sie mir auch die Bilder, die wir noch nicht haben"
    brief = replace(BRIEF, client_text=UntrustedText(ask))
    assert names(letter(f"{PROSE} You wrote: “{ask}”."), brief) == set()


@pytest.mark.parametrize("word", ["gu\u0430rantee", "p\u0430ypal", "Rоbin"])
def test_a_word_of_two_alphabets_blocks(word: str) -> None:
    """A Cyrillic letter inside a Latin word walks around every word list."""
    assert "wrong_script" in names(letter(f"{PROSE} The {word} stays."))


@pytest.mark.parametrize(("language", "text"), [("ar", "النص"), ("te", "పాఠం"), ("hy", "տեքստ"), ("ru", "текст")])
def test_a_letter_in_another_script_blocks(language: str, text: str) -> None:
    """Transliteration or English where another script is due."""
    assert "wrong_script" in names(letter(), replace(BRIEF, language=language))
    assert "wrong_script" in names(letter(" ".join([text] * 50)))


@pytest.mark.parametrize(
    ("language", "formal", "informal"),
    [("de", "Das schicke ich Ihnen.", "Das schicke ich dir."), ("fr", "Je vous écris.", "Je t'écris, tu le sais."), ("tr", "Size yazıyorum.", "Sana yazıyorum."), ("es", "Le escribo a usted.", "Te escribo a ti."), ("nl", "Ik schrijf u.", "Ik schrijf je."), ("ru", "Я пишу вам.", "Я пишу тебе."), ("pl", "Piszę do pani.", "Piszę do ciebie.")],
)  # fmt: skip
def test_the_form_of_address_is_kept(language: str, formal: str, informal: str) -> None:
    """A client who is a Sie must not become a du overnight, nor the other way round."""
    brief = replace(BRIEF, language=language)
    assert "formality" in names(informal, replace(brief, formal=True))
    assert "formality" not in names(formal, replace(brief, formal=True))
    assert "formality" in names(formal, replace(brief, formal=False)) or language == "it"
    assert "formality" not in names(informal, replace(brief, formal=False))
    assert "formality" in names(f"{informal} {formal}", brief, Severity.WARN)


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        (39, "reply", "too_short"),
        (40, "reply", None),
        (150, "reply", None),
        (151, "reply", "too_long"),
        (220, "exit", None),
        (221, "exit", "too_long"),
    ],
)
def test_the_length_has_limits(words: int, kind: str, expected: str | None) -> None:
    """Forty to 150 words, an exit letter 220; greeting and signature count."""
    prose = " ".join(["the pages and texts follow"] * 60).split()[: words - 6]
    found = names(letter(" ".join(prose)), replace(BRIEF, kind=kind)) & {"too_short", "too_long"}
    assert found == ({expected} if expected else set())


def test_the_rows_of_a_statement_do_not_count_in_an_answer_either() -> None:
    """A plain letter was a word too long by the table that the code itself had set; rows without an invoice still count."""
    money = Money("EUR", Decimal(900))
    numbers = ("F-31", "F-32", "F-33")
    brief = replace(
        BRIEF, invoices=tuple(InvoiceFact(n, date(2026, 2, 1), date(2026, 3, 3), money, money, 21) for n in numbers)
    )
    rows = "\n".join(f"{n}   March 3, 2026   EUR 900.00   21 days overdue" for n in numbers)
    table = f"Invoice   due   open   since\n{rows}\nTotal   EUR 900.00"
    prose = " ".join(" ".join([PROSE] * 3).split()[:140])
    assert count_words(letter(f"{prose}\n\n{table}")) > 150 >= count_words(letter(prose))
    assert "too_long" not in names(letter(f"{prose}\n\n{table}"), brief)
    assert "too_long" in names(letter(f"{prose}\n\n{table}"))


def test_rows_of_a_statement_do_not_count_in_a_chase() -> None:
    """A client with twenty open invoices still gets one letter."""
    rows = "\n".join(f"INV-{n}   in March   open   still" for n in range(100, 140))
    brief = replace(BRIEF, numbers=tuple(f"INV-{n}" for n in range(100, 140)))
    assert "too_long" not in names(letter(f"{PROSE}\n\n{rows}"), replace(brief, kind="chase"))
    assert "too_long" in names(letter(f"{PROSE}\n\n{rows}"), brief)


def test_words_are_counted_in_scripts_without_spaces() -> None:
    """A Japanese letter is not one word long."""
    body = "ページについてのご連絡をありがとうございます。" * 6
    assert "too_short" not in names(body, replace(BRIEF, language="ja"))
    assert "too_long" in names(body * 4, replace(BRIEF, language="ja"))


@pytest.mark.parametrize(("mark", "language"), [("?", "en"), ("؟", "ar"), ("՞", "hy")])
def test_two_questions_are_enough(mark: str, language: str) -> None:
    """A third question is never answered."""
    brief = replace(BRIEF, language=language)
    assert "too_many_questions" not in names(letter(f"a{mark} b{mark}"), brief)
    assert "too_many_questions" in names(letter(f"a{mark} b{mark} c{mark}"), brief)


@pytest.mark.parametrize(
    "gap",
    [
        "[Name]",
        "[insert date]",
        "{{ amount }}",
        "{name}",
        "<client>",
        "XXX",
        "TODO",
        "TBD",
        "Lorem ipsum",
        "____",
        "%(name)s",
        "${amount}",
    ],
)
def test_a_placeholder_blocks(gap: str) -> None:
    """A letter with a gap in it is the most embarrassing letter of all."""
    assert "placeholder" in names(letter(f"{PROSE} Here is {gap}."))


def test_an_omission_in_a_quote_is_no_placeholder() -> None:
    """`[…]` is how a quote is shortened."""
    assert "placeholder" not in names(letter(f"{PROSE} As you say, the pages […] stay."))


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [("Dear Anna,", set()), ("Hi Anna,", set()), ("Hello, Anna,", set()), ("Dear Ms Anna,", set()), ("Dear Peter,", {"wrong_greeting"}), ("Dear Anna and Peter,", {"wrong_greeting"}), ("Hello,", {"wrong_greeting"}), ("Dear all,", {"wrong_greeting"}), ("The pages are done.", {"no_greeting"})],
)  # fmt: skip
def test_the_greeting_is_there_and_names_the_client(greeting: str, expected: set[str]) -> None:
    """A wrong name in the first line ends the reading."""
    assert names(letter(greeting=greeting)) & {"wrong_greeting", "no_greeting", "unknown_name"} == expected


@pytest.mark.parametrize(
    ("language", "greeting", "name"),
    [("de", "Sehr geehrte Frau Dr. Kern,", "Frau Kern"), ("de", "Guten Tag, Frau Kern,", "Kern"), ("fr", "Chère Madame Roche,", "Madame Roche"), ("es", "Estimada Lucía:", "Lucía"), ("pl", "Szanowna Pani Anno,", "Anna"), ("tr", "Merhaba Ayşe Hanım,", "Ayşe Hanım"), ("ru", "Здравствуйте, Анна!", "Анна"), ("ar", "مرحبا ليلى،", "ليلى"), ("hy", "Հարգելի Անի,", "Անի"), ("te", "నమస్కారం లక్ష్మి గారు,", "లక్ష్మి")],
)  # fmt: skip
def test_greetings_of_other_languages_are_known(language: str, greeting: str, name: str) -> None:
    """A greeting that is not recognised would block every letter of that language."""
    found = names(letter(greeting=greeting), replace(BRIEF, language=language, greeting_name=name))
    assert found & {"wrong_greeting", "no_greeting", "unknown_name"} == set()


def test_without_a_known_name_the_greeting_names_nobody() -> None:
    """Nobody knows the name, so a name in the greeting is invented."""
    brief = replace(BRIEF, greeting_name="")
    assert names(letter(greeting="Hello,"), brief) == set()
    assert "unknown_name" in names(letter(greeting="Dear Peter,"), brief)


@pytest.mark.parametrize(
    ("closing", "passes"),
    [("Kind regards,\nRobin Vale", True), ("Best, Robin Vale", True), ("Kind regards,\nRobin Vale\nHarbour & Pine", True), ("Kind regards,\nMax Vale", False), ("Kind regards", False), ("Kind regards,\nThe Support Team", False)],
)  # fmt: skip
def test_the_letter_is_signed_by_the_owner(closing: str, passes: bool) -> None:  # noqa: FBT001 a table of cases
    """The owner approves it, so the owner's name stands under it."""
    assert ("no_signature" not in names(letter(closing=closing))) is passes


@pytest.mark.parametrize("line", ["Subject: your invoice", "To: anna@example.org", "Betreff: Rechnung", "Konu: fatura"])
def test_a_header_in_the_body_blocks(line: str) -> None:
    """Headers come from code; a subject line in the body is a model's habit."""
    assert "header_line" in names(f"{line}\n\n{letter()}")


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", "\ue000"])
def test_an_invisible_character_blocks(char: str) -> None:
    """What a reviewer cannot see must not leave."""
    assert "control_character" in names(letter(f"{PROSE} a{char}b"))


def test_joiners_and_direction_marks_belong_to_some_scripts() -> None:
    """Telugu and Persian need joiners, Arabic letters carry direction marks."""
    assert "control_character" not in names("వెబ్‌సైట్", replace(BRIEF, language="te"))
    assert "control_character" not in names("\u200fالفاتورة\u200f", replace(BRIEF, language="ar"))
