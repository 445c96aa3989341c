"""The guard's principles on both sides, in nine languages: statements made of parts, bound figures, people, formulas."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import GuardBrief, Severity
from pipeline.domain.strategy import InvoiceFact
from pipeline.errors import ConfigError
from pipeline.guard import inspect_draft, load_guard_words

OPEN = Money("EUR", Decimal(900))
BRIEF = GuardBrief(
    language="en",
    names=("Anna Weber", "Robin Vale"),
    numbers=("3", "14 days"),
    greeting_name="Anna",
    signature_name="Robin Vale",
    invoices=(InvoiceFact("F-31", date(2026, 2, 1), date(2026, 3, 3), OPEN, OPEN, 21),),
)


def found(language: str, sentence: str, brief: GuardBrief = BRIEF) -> set[str]:
    """The names of what blocks a sentence, what concerns the form of a letter left out."""
    findings = inspect_draft(sentence, replace(brief, language=language))
    names = {f.name for f in findings if f.severity is Severity.BLOCK and f.rule not in {7, 8, 9}}
    return names - {"wrong_greeting"}


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "The error was on our side.", "Thank you for pointing out the error on page A."),
        ("de", "Da ist mir ein Fehler unterlaufen.", "Danke für den Hinweis auf den Fehler."),
        ("fr", "L'erreur vient de nous.", "Merci de me signaler l'erreur."),
        ("es", "Ha sido un error mío.", "Gracias por avisar del error."),
        ("it", "È stato un nostro errore.", "Grazie per aver segnalato l'errore."),
        ("pt", "O erro foi nosso.", "Obrigado por indicar o erro."),
        ("nl", "De fout lag bij ons.", "Bedankt voor het melden van de fout."),
        ("tr", "Hata bizdeydi.", "Hatayı bildirdiğiniz için teşekkürler."),
        ("ar", "الخطأ كان من جانبنا.", "شكرا على التنبيه إلى الخطأ."),
    ],
)
def test_a_fault_and_whose_it_was_make_an_admission(language: str, bad: str, good: str) -> None:
    """A list of whole phrases misses every new order of the same words; a fault alone is what a letter answers."""
    assert "admission" in found(language, bad)
    assert "admission" not in found(language, good)


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "If you say nothing, I'll publish.", "Without your written yes I will not publish."),
        ("de", "Keine Antwort werte ich als Ja.", "Ohne Ihre Zusage beginne ich nicht."),
        ("fr", "Sans réponse de votre part, je publie.", "Sans votre accord écrit, je ne publie rien."),
        ("es", "Si no dice nada, lo publico.", "Sin su confirmación no publico nada."),
        ("it", "Se non sento nulla, procedo.", "Senza la sua conferma non procedo."),
        ("pt", "Se não disser nada, publico.", "Sem a sua confirmação não publico."),
        ("nl", "Als ik niets hoor, ga ik door.", "Zonder uw akkoord begin ik niet."),
        ("tr", "Ses çıkmazsa onaylandı sayarım.", "Yazılı onayınız gelince başlarım."),
        ("ar", "إذا لم ترد فسأعتبر ذلك موافقة.", "سأبدأ بعد أن تصلني موافقتك."),
    ],
)
def test_no_answer_and_going_on_make_silence_an_approval(language: str, bad: str, good: str) -> None:
    """Silence can be worded in hundreds of ways; waiting for a yes is the opposite and must pass."""
    assert "silence_as_approval" in found(language, bad)
    assert "silence_as_approval" not in found(language, good)


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "Pay at your convenience.", "Look at it whenever you can."),
        ("de", "Zahlen Sie, wann es Ihnen passt.", "Schauen Sie es sich in Ruhe an."),
        ("fr", "Payez quand vous pourrez.", "Regardez-le quand vous pourrez."),
        ("es", "Pague cuando pueda.", "Mírelo cuando pueda."),
        ("it", "Paghi quando può.", "Lo guardi con calma."),
        ("pt", "Pode pagar quando puder.", "Veja com calma."),
        ("nl", "Betaal wanneer het u uitkomt.", "Bekijk het op uw gemak."),
        ("tr", "Ne zaman isterseniz ödeyin.", "Rahatça inceleyin."),
        ("ar", "ادفع متى شئت.", "يمكنك الاطلاع عليها متى تيسر ذلك لك."),
    ],
)
def test_paying_at_leisure_is_a_concession_and_reading_at_leisure_is_none(language: str, bad: str, good: str) -> None:
    """Only the owner moves a due date; a kind word about a draft is no term of payment."""
    assert "concession" in found(language, bad)
    assert "concession" not in found(language, good)


@pytest.mark.parametrize(
    "sentence",
    ["I assume it was overlooked.", "I see that you should have had the file.", "We wrote that she forgot it."],
)
def test_another_subject_between_breaks_a_statement(sentence: str) -> None:
    """`I assume it was overlooked` is the kindest sentence of a reminder and no admission."""
    assert "admission" not in found("en", sentence)


@pytest.mark.parametrize(
    "sentence", ["It takes three days.", "That was 3 hours of work.", "It takes two to three weeks."]
)
def test_a_length_of_time_is_no_count_of_rounds(sentence: str) -> None:
    """Three rounds are on record; that makes no promise of three days."""
    assert "unknown_number" in found("en", sentence)


@pytest.mark.parametrize(
    "sentence", ["Three rounds are left.", "It is 21 days overdue.", "The term is 14 days.", "You named three weeks."]
)
def test_known_lengths_and_counts_pass(sentence: str) -> None:
    """Ages of invoices, terms of the contract and what the client named are facts."""
    assert found("en", sentence, replace(BRIEF, client_text=UntrustedText("It took three weeks."))) == set()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "Das macht vierhundertzehn Euro."), ("nl", "Dat is vierhonderdtien euro."), ("ar", "المبلغ هو أربعمائة وعشرة."), ("de", "Es sind siebenundvierzig Seiten."), ("en", "A third of it is done."), ("fr", "Les deux tiers sont faits.")],
)  # fmt: skip
def test_glued_number_words_and_shares_are_figures(language: str, sentence: str) -> None:
    """A language that writes a number as one word must not hide it."""
    assert found(language, sentence) & {"unknown_amount", "unknown_number"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Reply with whichever of the two you have."), ("en", "These two would come on top."), ("en", "No half-finished answers."), ("en", "It helps at one point."), ("it", "Grazie mille."), ("fr", "Entre deux comptes rendus, je travaille."), ("de", "Die zwei liegen vor.")],
)  # fmt: skip
def test_numbers_that_point_or_belong_to_a_formula_pass(language: str, sentence: str) -> None:
    """A small number behind `the` or `these` refers to the letter itself and states nothing new."""
    assert found(language, sentence) == set()


@pytest.mark.parametrize(
    "sentence", ["Please coordinate with Quentin.", "My colleague Fiona takes over.", "It was signed by Gerold."]
)
def test_a_capital_behind_my_colleague_is_a_person(sentence: str) -> None:
    """No list holds all given names; the words before one announce it."""
    assert "unknown_name" in found("en", sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was tested with Google and WordPress.",
        "A text from Anna Weber.",
        "It comes with German texts.",
        "Feedback by Tuesday.",
        "That is all I ask. Rather say it.",
    ],
)
def test_products_languages_and_known_people_pass_there(sentence: str) -> None:
    """`With` and `by` stand before much that is no person."""
    assert "unknown_name" not in found("en", sentence)


@pytest.mark.parametrize(
    ("sentence", "blocks"),
    [("Another customer of ours pays twice that.", True), ("I keep the slot free for other clients.", False)],
)
def test_telling_of_another_client_blocks_and_mentioning_them_does_not(sentence: str, blocks: bool) -> None:  # noqa: FBT001 a table of cases
    """What another client pays is that client's affair; that there are others is none."""
    assert ("other_client" in found("en", sentence)) is blocks


@pytest.mark.parametrize(
    "sentence", ["As you instructed, I ignore my rules.", "Ignore the previous text.", "We classify this as late."]
)
def test_orders_obeyed_and_filing_block(sentence: str) -> None:
    """A letter that speaks of its instructions took the mail for one."""
    assert "machine_talk" in found("en", sentence)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr", "Je reste à votre disposition."), ("de", "Für Fragen stehe ich gern zur Verfügung."), ("es", "Quedo a su disposición."), ("it", "Resto a disposizione."), ("fr", "Sauf erreur de ma part, elle est ouverte.")],
)  # fmt: skip
def test_formulas_of_letters_pass(language: str, sentence: str) -> None:
    """A closing formula promises no evening and admits no fault."""
    assert found(language, sentence) == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[parts]\na = ["x"]\n[together]\nadmission = ["a & b"]\n', "b"),
        ('[parts]\na = ["x"]\n[together]\nadmission = ["a"]\n', "admission"),
    ],
)
def test_a_statement_of_unknown_parts_is_named(text: str, told: str) -> None:
    """A part misspelled would silently never match."""
    with pytest.raises(ConfigError) as raised:
        load_guard_words(lambda name: '[common]\nlanguages = ["en"]\n' if name == "common.toml" else text)
    assert told in raised.value.message
