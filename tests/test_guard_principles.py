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


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "If I hear nothing, the page goes live.", "I haven't heard from you about the invoice."),
        ("en", "I'll proceed unless you tell me not to.", "If I don't hear from you, I'll write once more."),
        ("de", "Höre ich nichts, lege ich los.", "Falls ich nichts von Ihnen höre, frage ich noch einmal nach."),
        ("de", "Keine Antwort bedeutet Zustimmung.", "Ohne Ihre schriftliche Zustimmung beginne ich damit nicht."),
        ("fr", "Sans retour de votre part, nous publierons.", "Je n'ai pas encore reçu de réponse de votre part."),
        ("es", "Salvo indicación contraria, seguiremos así.", "Todavía no tengo respuesta suya."),
        ("it", "Se non ricevo risposta, pubblico la pagina.", "Non ho ancora una risposta da lei."),
        ("pt", "Se nada disser, dou o trabalho por aprovado.", "Ainda não tenho resposta sua."),
        ("nl", "Als ik niets hoor, ga ik verder.", "Ik heb nog geen antwoord van u."),
        ("tr", "Cevap vermezseniz kabul etmiş sayılırsınız.", "Sitenin yanıt vermediğini ben de görüyorum."),
        ("ar", "عدم الرد يعني القبول.", "لم يصلني رد منك بعد."),
    ],
)
def test_a_missing_answer_counts_only_with_what_follows_from_it(language: str, bad: str, good: str) -> None:
    """Most reminders say that no answer came; only taking it for a yes is forbidden."""
    assert "silence_as_approval" in found(language, bad)
    assert "silence_as_approval" not in found(language, good)


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "I'll deliver the files right away.", "Once it is in, you'll be told right away."),
        ("en", "I'll fix it as soon as possible.", "When the documents arrive, I'll look at them straight away."),
        ("en", "You get a new deadline.", "Please tell me a new date."),
        ("de", "Ich liefere so schnell wie möglich.", "Ich sage Ihnen sofort Bescheid."),
        ("fr", "Je vous livre tout au plus vite.", "Vous souhaitez l'avoir au plus vite, je le comprends."),
        ("es", "Se lo entrego cuanto antes.", "Entiendo que lo quiera cuanto antes."),
        ("it", "Glielo consegno al più presto.", "La avviso subito."),
        ("pt", "Entrego tudo o mais depressa possível.", "Aviso de imediato."),
        ("nl", "Ik lever het zo snel mogelijk.", "Ik laat het u meteen weten."),
        ("tr", "En kısa sürede teslim ederim.", "Hemen haber veririm."),
        ("ar", "سأسلم الملفات في أقرب وقت.", "سأخبرك فورا."),
    ],
)
def test_haste_is_a_promise_only_with_work_that_is_delivered(language: str, bad: str, good: str) -> None:
    """An answer may come at once; a delivery without a date is a deadline that no record holds."""
    assert "new_deadline" in found(language, bad)
    assert "new_deadline" not in found(language, good)


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "The contract is attached.", "Could the attachment have been too big?"),
        ("en", "Attached you will find the schedule.", "Should the payment have crossed with this mail, thank you."),
        ("de", "Den Vertrag finden Sie im Anhang.", "Vielleicht ist der Anhang verloren gegangen."),
        ("fr", "Vous trouverez le contrat en pièce jointe.", "La pièce jointe s'est peut-être perdue."),
        ("es", "Adjunto el contrato.", "Quizá se perdió el adjunto."),
        ("it", "In allegato trova il contratto.", "Forse l'allegato è andato perso."),
        ("pt", "Segue em anexo o contrato.", "Talvez o anexo se tenha perdido."),
        ("nl", "In de bijlage vindt u het contract.", "Misschien is de bijlage verloren gegaan."),
        ("tr", "Sözleşme ektedir.", "Belki ek dosya kaybolmuştur."),
        ("ar", "أرفقت لكم نسخة من العقد.", "ربما ضاع المرفق."),
    ],
)
def test_an_attachment_is_claimed_and_not_only_mentioned(language: str, bad: str, good: str) -> None:
    """A reminder asks whether the invoice got lost; that attaches nothing."""
    assert "missing_attachment" in found(language, bad)
    assert "missing_attachment" not in found(language, good)


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "I'll add another page for you.", "I'll add the order number to the invoice."),
        ("en", "I'll make all the requested changes.", "Please collect all your changes in one mail."),
        ("en", "I'm going to redesign the logo as well.", "I'll also look at the second point."),
        ("de", "Ich baue die Galerie auch noch ein.", "Die Bestellnummer ergänze ich gern auf der Rechnung."),
        ("fr", "J'ajoute une page de plus.", "Si un numéro de commande manque, je l'ajoute à la facture."),
        ("es", "También le hago la traducción.", "Si falta un número de pedido, lo añado a la factura."),
        (
            "it",
            "Aggiungo volentieri un'altra pagina.",
            "Se manca un riferimento sulla fattura, lo aggiungo volentieri.",
        ),
        ("pt", "Acrescento também outra página.", "Se faltar um elemento na fatura, acrescento-o."),
        ("nl", "De webshop neem ik er meteen bij.", "Een ordernummer voeg ik toe aan de factuur."),
        ("tr", "Bir sayfa daha eklerim.", "Sipariş numarası eksikse faturaya eklerim."),
        ("ar", "سأضيف صفحة أخرى أيضا.", "إذا كان رقم الطلب ناقصا فسأضيفه إلى الفاتورة."),
    ],
)
def test_completing_a_paper_is_no_new_work(language: str, bad: str, good: str) -> None:
    """The same verb adds a page to the site and an order number to an invoice."""
    assert "new_scope" in found(language, bad)
    assert "new_scope" not in found(language, good)


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("en", "I forgot to check the links.", "If I have overlooked a message, please send it again."),
        ("fr", "Je me suis trompé de page.", "Si je me suis trompé de facture, dites-le-moi."),
        ("es", "Olvidé revisar los enlaces.", "Si ya está pagada, olvide esta nota."),
        ("it", "Ho sbagliato io.", "Se ho sbagliato fattura, me lo dica."),
        ("ar", "لقد أخطأت في الطلب.", "إن كنت قد أخطأت في الفاتورة فأرجو أن تخبرني."),
    ],
)
def test_what_is_only_supposed_is_not_admitted(language: str, bad: str, good: str) -> None:
    """`If I have missed your payment` is courtesy."""
    assert "admission" in found(language, bad)
    assert "admission" not in found(language, good)


@pytest.mark.parametrize(
    ("bad", "good", "name"),
    [
        ("Your questions are annoying.", "I understand how annoying that is.", "insult"),
        ("You are incompetent.", "Calling my colleague incompetent was not acceptable.", "insult"),
        ("I guarantee it.", "You asked for a guarantee; I can't give one.", "guarantee"),
        ("I'll pick up the bill.", "Good that we can pick up the thread.", "concession"),
        ("All work on the project is stopped.", "I am holding back any reminders meanwhile.", "stop_work"),
        ("We meet at five.", "Approving posts one at a time means less waiting.", "unknown_time"),
        ("Your customers should hear about this.", "Your customers can order by phone.", "threat"),
        ("My colleague Falconer & Sons waits.", "The other pages are ready.", "unknown_name"),
    ],
)
def test_a_statement_is_about_somebody_and_said_by_us(bad: str, good: str, name: str) -> None:
    """The word alone is ordinary; it takes whose it is, and that it is said rather than reported."""
    assert name in found("en", bad)
    assert name not in found("en", good)


@pytest.mark.parametrize("language", ["de", "en", "tr", "ar", "fr"])
@pytest.mark.parametrize("written", ["1,234.567 KWD", "KWD 1.234,567", "KWD 1 234,567"])
def test_three_decimals_are_read_in_every_language(language: str, written: str) -> None:
    """Dinars have thousandths: read as 1,234 and 567 the plain letter itself would be blocked."""
    owed = Money("KWD", Decimal("1234.567"))
    brief = replace(BRIEF, amounts=(owed,), invoices=(replace(BRIEF.invoices[0], total=owed, open=owed),))
    assert found(language, written, brief) == set()


@pytest.mark.parametrize("written", ["JP£71,670", "71,670 JP£"])
def test_a_sign_that_no_currency_has_is_another_currency(written: str) -> None:
    """`JP¥` made into `JP£` must not be read as a bare number that happens to be known."""
    yen = Money("JPY", Decimal(71670))
    brief = replace(BRIEF, amounts=(yen,), invoices=(replace(BRIEF.invoices[0], total=yen, open=yen),))
    assert "wrong_currency" in found("ar", written, brief)
    assert found("ar", "JP¥71,670", brief) == set()


def test_two_decimals_make_a_sum_and_not_a_count() -> None:
    """A fee of 15.00 must not pass because an invoice is 15 days late."""
    brief = replace(BRIEF, invoices=(replace(BRIEF.invoices[0], days_overdue=15),))
    assert "unknown_number" in found("ar", "هناك مبلغ قدره 15.00 بعد.", brief)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "Zusammen sind es neuntausend."), ("de", "Das sind vierhundertsieben Euro."), ("de", "Es waren einunddreißig Änderungen."), ("de", "Das sind achtzig Euro."), ("nl", "Dat is tachtig euro."), ("tr", "İşin yüzde sekseni bitti.")],
)  # fmt: skip
def test_numbers_written_as_one_word_are_read(language: str, sentence: str) -> None:
    """A gap in the list of numbers lets a sum through."""
    assert found(language, sentence) & {"unknown_number", "unknown_amount", "unknown_percent"}


def test_a_turkish_capital_does_not_hide_the_invoices() -> None:
    """İ has two small letters: with shifted places no invoice number was seen, and dates could be swapped unseen."""
    second = replace(BRIEF.invoices[0], number="F-32", due=date(2026, 3, 9))
    brief = replace(BRIEF, invoices=(*BRIEF.invoices, second))
    assert "mixed_up_invoice" in found("tr", "İlk fatura F-31 için vade 9 Mart 2026.", brief)
    assert found("tr", "İlk fatura F-31 için vade 3 Mart 2026.", brief) == set()
