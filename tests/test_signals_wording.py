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


@pytest.mark.parametrize("language", ["de", "fr", "es", "tr", "ar"])
def test_most_boundary_letters_in_other_languages(language: str) -> None:
    """Lists that only know their own examples would miss how limits are really put; our letters were written apart from them."""
    playbook = shared()[1]
    letters = [
        play.template(language, Stance.AS_DECIDED).text
        for play in playbook.plays.values()
        if play.sets_boundary and play.label in playbook.behaviours and language in play.languages
        if not play.name.startswith("payment") and play.name != "nudge"
    ]
    assert sum(wording.boundary_in(text) is not None for text in letters) >= len(letters) - 1


@pytest.mark.parametrize(
    "text",
    [
        "Please send all feedback in a single email by Thursday.",
        "Please don't speak to me like that again.",
        "Extra pages are billed separately.",
        "I'm not able to work weekends.",
        "The price we agreed stands.",
        "Ab jetzt lese ich Nachrichten montags bis freitags.",
        "Ab sofort beantworte ich Nachrichten werktags zwischen 9 und 17 Uhr.",
        "Bitte schicken Sie Änderungswünsche nur noch gesammelt in einer E-Mail.",
        "Ohne schriftliche Freigabe arbeiten wir nicht weiter.",
        "Das liegt außerhalb unserer Vereinbarung.",
        "Weitere Änderungen berechne ich gesondert.",
        "Am Wochenende bin ich nicht erreichbar.",
        "In diesem Ton führe ich das Gespräch nicht weiter.",
        "Ich bin von Montag bis Freitag erreichbar.",
        "Zusätzliche Seiten sind nicht im Angebot enthalten.",
        "Désormais, je réponds aux messages pendant les heures de bureau.",
        "Merci d'envoyer vos retours uniquement par e-mail, en une seule fois.",
        "Sans validation écrite, nous ne pouvons pas continuer.",
        "Cela sort du cadre de notre accord.",
        "Toute page supplémentaire fera l'objet d'un devis séparé.",
        "Je ne travaille pas le week-end.",
        "À partir d'aujourd'hui je ne prends plus d'appels le soir.",
        "A partir de ahora respondo a los mensajes en horario laboral.",
        "Por favor, envíe los cambios solo por correo y en un único mensaje.",
        "Sin su aprobación por escrito no podemos continuar.",
        "Eso queda fuera de lo acordado.",
        "Cada página adicional se presupuesta aparte.",
        "No trabajo los fines de semana.",
        "D'ora in poi rispondo ai messaggi in orario d'ufficio.",
        "La prego di inviare le modifiche solo via e-mail, in un unico messaggio.",
        "Senza approvazione scritta non possiamo proseguire.",
        "Questo è fuori dal nostro accordo.",
        "Ogni pagina in più richiede un preventivo a parte.",
        "Nel fine settimana non lavoro.",
        "A partir de agora respondo às mensagens no horário comercial.",
        "Por favor, envie as alterações apenas por e-mail, numa única mensagem.",
        "Sem aprovação por escrito não podemos continuar.",
        "Isso está fora do nosso acordo.",
        "Cada página adicional terá um orçamento à parte.",
        "Não trabalho aos fins de semana.",
        "Vanaf nu beantwoord ik berichten tijdens kantooruren.",
        "Stuur wijzigingen alstublieft alleen per e-mail, in één bericht.",
        "Zonder schriftelijke goedkeuring kunnen we niet verder.",
        "Dat valt buiten onze afspraak.",
        "Voor elke extra pagina maak ik een aparte offerte.",
        "In het weekend werk ik niet.",
        "Bundan sonra mesajlara mesai saatleri içinde yanıt vereceğim.",
        "Lütfen değişiklikleri yalnızca e-posta ile, tek bir mesajda gönderin.",
        "Yazılı onay olmadan devam edemeyiz.",
        "Bu, anlaşmamızın dışında.",
        "Her ek sayfa için ayrıca teklif hazırlarım.",
        "Hafta sonları çalışmıyorum.",
        "من الآن فصاعدًا سأرد على الرسائل خلال ساعات العمل.",
        "يرجى إرسال التعديلات عبر البريد الإلكتروني فقط وفي رسالة واحدة.",
        "لا يمكننا المتابعة دون موافقة خطية.",
        "هذا خارج نطاق اتفاقنا.",
        "كل صفحة إضافية تحتاج إلى عرض سعر منفصل.",
        "لا أعمل في عطلة نهاية الأسبوع.",
    ],
)
def test_limits_in_the_owners_own_words(text: str) -> None:
    """A limit that is overlooked would leave a client untold, and every later verdict too mild."""
    assert wording.boundary_in(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, I will look at it.",
        "Yes, page 3 is done.",
        "Great news, congratulations on the opening!",
        "As of today the site is live.",
        "Here is the update on the menu page.",
        "Ab heute ist die Seite online.",
        "Bitte schicken Sie mir den Text.",
        "Die Änderungen sind fertig.",
        "Ich freue mich auf das Wochenende.",
        "Wie vereinbart schicke ich Ihnen den Entwurf.",
        "Anbei die Rechnung wie vereinbart.",
        "Ohne Ihre Hilfe hätte das nicht geklappt.",
        "À partir d'aujourd'hui le site est en ligne.",
        "Merci d'envoyer le texte.",
        "Comme convenu, voici la maquette.",
        "Bon week-end !",
        "Sans votre aide, ce serait moins beau.",
        "Desde hoy la página está en línea.",
        "Por favor, envíe el texto.",
        "Según lo acordado, le mando el borrador.",
        "¡Buen fin de semana!",
        "Da oggi il sito è online.",
        "La prego di inviare il testo.",
        "Come concordato, ecco la bozza.",
        "Buon fine settimana!",
        "A partir de hoje o site está no ar.",
        "Por favor, envie o texto.",
        "Conforme combinado, segue o rascunho.",
        "Bom fim de semana!",
        "Vanaf vandaag staat de site online.",
        "Stuur me alstublieft de tekst.",
        "Zoals afgesproken stuur ik het ontwerp.",
        "Fijn weekend!",
        "Bugünden itibaren site yayında.",
        "Lütfen metni gönderin.",
        "Anlaştığımız gibi taslağı gönderiyorum.",
        "İyi hafta sonları!",
        "ابتداءً من اليوم الموقع متاح.",
        "يرجى إرسال النص.",
        "كما اتفقنا أرسل لك المسودة.",
        "عطلة نهاية أسبوع سعيدة!",
    ],
)
def test_ordinary_replies_state_no_boundary(text: str) -> None:
    """A friendly answer taken for a limit would turn the next mail into a breach, in whatever language."""
    assert wording.boundary_in(text) is None


@pytest.mark.parametrize(
    ("text", "checks"),
    [("How far are you?", True), ("Any news?", True), ("Is it ready yet?", True), ("The blue is lovely.", False)],
)
def test_progress(text: str, *, checks: bool) -> None:
    """Praise counted as a chase would make a friendly client a hasty one."""
    assert wording.checks_progress(text) is checks
