"""Good letters with gaps for facts, and sentences that must never leave, for `guard_mutations.py`. All invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A good letter: its language, its text with named gaps, and what the client had written."""

    language: str
    text: str
    people: tuple[tuple[str, str], ...]
    """Pairs of greeting name and owner."""
    kind: str = "reply"
    step: str | None = None
    client_text: str = ""
    scope: tuple[str, ...] = ()
    stop_allowed: bool = False


EN = (("Anna", "Robin Vale"), ("Mr Okafor", "Mira Stone"), ("Dana", "Leigh Park"))
DE = (("Frau Brandt", "Robin Vale"), ("Herr Sommer", "Mira Stein"), ("Dana", "Lea Park"))
FR = (("Madame Roche", "Robin Vale"), ("Camille", "Mira Stone"))
ES = (("Lucía", "Robin Vale"), ("señora Prado", "Mira Soler"))
IT = (("Giulia", "Robin Vale"), ("dottor Neri", "Mira Sasso"))
PT = (("Helena", "Robin Vale"), ("senhor Prado", "Mira Sousa"))
NL = (("mevrouw Jansen", "Robin Vale"), ("Sanne", "Mira Steen"))
PL = (("Anno", "Robin Vale"), ("Pani Nowak", "Mira Kowal"))
TR = (("Ayşe Hanım", "Robin Vale"), ("Emre Bey", "Mira Taş"))
RU = (("Анна", "Мира Камень"), ("Ольга Петровна", "Роман Дол"))
AR = (("ليلى", "ميرا حجر"), ("سمير", "روبن فيل"))
HY = (("Անի", "Միրա Քար"), ("պարոն Սարգսյան", "Ռոբին Վալե"))
TE = (("లక్ష్మి గారు", "మీరా రాయ్"), ("రవి గారు", "రాబిన్ వేల్"))

LETTERS: tuple[Letter, ...] = (
    Letter(
        "en",
        """
Dear {name},

I hope your week is going well. Invoice {inv} for {amount} was due on {due} and is now {days} days overdue. It may simply have slipped by on a busy desk, so this is just a friendly note.

If the payment is already on its way, please ignore this message, and thank you. If something on the invoice needs to be corrected first, let me know and I will look at it. Could you tell me by {answer} when I may expect the transfer?

Kind regards,
{owner}
""",
        EN,
        kind="chase",
        step="L1",
    ),
    Letter(
        "en",
        """
Hello {name},

two invoices are still open on our side:

{inv}   due {due}   {amount}
{inv2}   due {due2}   {amount2}

Together that makes {total}. I would be grateful for a calendar date on which the payment will go out, so that I can plan. If anything is holding it up, such as a missing order number, please tell me which document you need and I will send it. You can also use https://pay.example.com/robin for the transfer.

Please let me have the date by {answer}.

Best regards,
{owner}
""",
        EN,
        kind="chase",
        step="L2",
    ),
    Letter(
        "en",
        """
Hello {name},

As our agreement provides, I have paused the work on {project} as of today, because invoice {inv} for {amount} has been open since {due}. Paused are the drafts for the shop and the launch preparation; what is already online is untouched.

As soon as the payment has arrived I will pick the work up again where I left it. If you have paid in the meantime, thank you, and a short note with the day of the transfer helps me find it. Otherwise please send me the date of payment by {answer}.

Kind regards,
{owner}
""",
        EN,
        kind="chase",
        step="L3",
        stop_allowed=True,
    ),
    Letter(
        "en",
        """
Hi {name},

Thank you for following {project} so closely, it shows how much it matters to you. To give you a clear picture without extra mails, I send one collected update on fixed days; the next one comes on {update}.

It will answer your questions about the start page and the photos in one go. Between updates I keep my hours, {hours}, for the work itself, because that is what moves it forward. If something cannot wait until then, put "urgent" in the subject and I will read it first.

Best wishes,
{owner}
""",
        EN,
        client_text="Did you see my message? What is the status of the start page? And the photos? I rang you on Sunday twice.",
    ),
    Letter(
        "en",
        """
Dear {name},

I am glad that you are thinking ahead, a newsletter sounds like a good fit. Our agreement for {project} covers five pages and a contact form; the newsletter is not part of it.

There are two ways to go about it. I can prepare a separate quote with its own timing, or we swap it for the contact form and keep the budget as it is. I will begin once I have your written yes to one of the two. If you tell me by {answer} which you prefer, you will have the quote on {update}.

Kind regards,
{owner}
""",
        EN,
        scope=("five pages", "a contact form"),
        client_text="While you are at it, could you also set up a newsletter? It should not take you long.",
    ),
    Letter(
        "en",
        """
Hello {name},

Thank you for telling me that you see invoice {inv} differently. I have noted your objection, and reminders for the part in question stop while we look at it together.

So that I can check it, please send me the line you mean, the amount you expected and the reason, with anything in writing that shows it. You mention a discount; the agreed price stands as it is in our contract, and I will gladly go through the figures with you. What you do not question stays payable as agreed.

You will have my answer by {answer}.

Kind regards,
{owner}
""",
        EN,
        client_text="I am not paying that invoice in full, I want a discount of 20 %. Call it 500 and we are done.",
    ),
    Letter(
        "en",
        """
Dear {name},

Thank you for describing the problem with the order form so clearly. I have reproduced it and I am working on it now. Until it is solved, customers can order through the contact page, which works as usual.

I am sorry for the trouble this causes you today. The next message with the state of things reaches you on {update}, whether or not everything is finished by then. If you see the same thing anywhere else on the site, please send me the page and the time.

Best regards,
{owner}
""",
        EN,
        client_text="The order form is broken since this morning and we are losing orders! Fix it now!",
    ),
    Letter(
        "en",
        """
Hello {name},

You have chosen the second design on {due}, and the pages were built on that basis. I understand that you now prefer the first one again, and that is your decision.

Going back means new layouts for the pages that are finished. I will write down what that costs and how it moves the date, and send it to you on {update}. Once I have your written confirmation I will start; until then the work continues on the approved version. Which of the pages matter most to you?

Kind regards,
{owner}
""",
        EN,
        client_text="We slept on it and want the first design back after all.",
    ),
    Letter(
        "en",
        """
Dear {name},

I have decided to end our work together on {project}. My last working day for you is {answer}. I want the handover to be as smooth as possible, so here is how it goes.

You will receive access to all accounts and a final report with the state of every page and the open points. Everything that was agreed and finished stays with you. We could not bring the project forward in the way you need, because the input it depends on did not arrive, and I do not see that changing.

Two invoices are open: {inv} for {amount} and {inv2} for {amount2}. Please settle them by {update}. Thank you for the trust you placed in me at the start, and for the conversations about the brand, which I enjoyed.

With kind regards,
{owner}
""",
        EN,
        kind="exit",
    ),
    Letter(
        "en",
        """
Hi {name},

Thanks for your thoughts on the colours; you know your customers better than anyone. I have kept your point about the darker blue in the header, because it makes the menu easier to read.

For the buttons I recommend the tested contrast values, since readers with weak eyesight would otherwise struggle. It is your decision: if you would rather have the lighter version, tell me in one mail by {answer} and I will build it that way. No result can be guaranteed with either, but both can be measured afterwards.

Best,
{owner}
""",
        EN,
        client_text="I did a course on colour once. The buttons should be light blue, trust me.",
    ),
    Letter(
        "de",
        """
Guten Tag {name},

vermutlich ist sie im Alltag untergegangen: Rechnung {inv} über {amount} war am {due} fällig und ist inzwischen {days} Tage überfällig.

Falls Sie schon überwiesen haben, betrachten Sie diese Nachricht bitte als gegenstandslos, und vielen Dank. Wenn an der Rechnung etwas nicht stimmt oder eine Bestellnummer fehlt, sagen Sie mir bitte kurz Bescheid, dann kümmere ich mich darum. Bis wann darf ich mit der Zahlung rechnen? Über eine Antwort bis {answer} freue ich mich.

Freundliche Grüße
{owner}
""",
        DE,
        kind="chase",
        step="L1",
    ),
    Letter(
        "de",
        """
Guten Tag {name},

zwei Rechnungen sind auf meiner Seite noch offen:

{inv}   fällig am {due}   {amount}
{inv2}   fällig am {due2}   {amount2}

Zusammen sind das {total}. Bitte nennen Sie mir bis {answer} den Kalendertag, an dem die Zahlung hinausgeht. Wenn Ihnen für die Freigabe eine Unterlage fehlt, schreiben Sie mir welche, und ich schicke sie Ihnen. Haben Sie bereits gezahlt, danke ich Ihnen und bitte Sie, diese Nachricht nicht weiter zu beachten.

Mit freundlichen Grüßen
{owner}
""",
        DE,
        kind="chase",
        step="L2",
    ),
    Letter(
        "de",
        """
Guten Tag {name},

danke, dass Sie {project} so aufmerksam begleiten. Damit Sie den Stand kennen, ohne nachfragen zu müssen, fasse ich alles in festen Berichten zusammen; der nächste kommt am {update}.

Dort finden Sie auch die Antwort auf Ihre Frage zur Startseite. Dazwischen gehört die Zeit der Arbeit selbst, weil nur sie das Projekt voranbringt. Ich lese Nachrichten in meinen Arbeitszeiten, {hours}. Bitte sammeln Sie Ihre Punkte bis dahin in einer E-Mail, dann beantworte ich alle zusammen.

Herzliche Grüße
{owner}
""",
        DE,
        client_text="Haben Sie meine Mail gesehen? Wie ist der Stand der Startseite? Ich habe Sie gestern dreimal angerufen.",
    ),
    Letter(
        "de",
        """
Guten Tag {name},

schön, dass Sie schon weiterdenken. Vereinbart sind für {project} fünf Seiten und ein Kontaktformular; der Newsletter gehört nicht dazu.

Zwei Wege bieten sich an: Ich erstelle Ihnen ein eigenes Angebot mit eigenem Termin, oder wir tauschen ihn gegen das Kontaktformular, und der Preis bleibt gleich. Ohne Aufpreis kann ich ihn leider nicht aufnehmen. Schreiben Sie mir bitte bis {answer}, was Ihnen lieber ist; ich beginne, sobald Ihre schriftliche Zusage da ist.

Freundliche Grüße
{owner}
""",
        DE,
        scope=("fünf Seiten", "ein Kontaktformular"),
        client_text="Könnten Sie nebenbei noch einen Newsletter einrichten?",
    ),
    Letter(
        "fr",
        """
Bonjour {name},

Je me permets de revenir vers vous au sujet de la facture {inv} de {amount}, qui était à régler pour le {due} et accuse {days} jours de retard. Elle a sans doute échappé à votre attention.

Si le virement est déjà parti, ne tenez pas compte de ce message, et merci beaucoup. Si un numéro de commande vous manque, dites-le-moi et je compléterai la facture. Pourriez-vous m'indiquer avant le {answer} la date à laquelle le paiement sera effectué ?

Bien cordialement,
{owner}
""",
        FR,
        kind="chase",
        step="L1",
    ),
    Letter(
        "fr",
        """
Bonjour {name},

Merci pour votre message et pour l'intérêt que vous portez à {project}. Notre accord prévoit cinq pages et un formulaire de contact ; la boutique que vous évoquez n'en fait pas partie.

Deux voies sont possibles : je prépare un devis séparé avec son propre calendrier, ou nous l'échangeons contre le formulaire sans changer le budget. Je commencerai après votre accord écrit. Dites-moi s'il vous plaît avant le {answer} ce que vous préférez, et vous aurez ma proposition le {update}.

Bien à vous,
{owner}
""",
        FR,
        scope=("cinq pages", "un formulaire de contact"),
        client_text="Pourriez-vous ajouter une petite boutique au passage ?",
    ),
    Letter(
        "fr",
        """
Bonjour {name},

Merci de me dire franchement ce qui vous gêne dans la facture {inv}. J'ai noté votre objection et je n'envoie pas de rappel pour la partie contestée pendant que nous l'examinons.

Pour que je puisse vérifier, indiquez-moi la ligne concernée, le montant attendu et la raison, avec tout document utile. Le prix convenu reste la base de notre échange. Ce que vous ne contestez pas reste payable comme prévu. Vous aurez ma réponse le {answer}.

Cordialement,
{owner}
""",
        FR,
        client_text="Cette facture est trop élevée, je veux une remise.",
    ),
    Letter(
        "es",
        """
Hola {name}:

Le escribo por la factura {inv}, de {amount}, que vencía el {due} y lleva {days} días de retraso. Supongo que se ha quedado entre otros papeles.

Si ya ha hecho el pago, ignore este mensaje, y muchas gracias. Si falta algún dato en la factura, dígame cuál es y la corrijo. ¿Podría indicarme antes del {answer} en qué fecha saldrá la transferencia? Con esa fecha puedo organizar mi trabajo sin volver a molestarle.

Un saludo cordial,
{owner}
""",
        ES,
        kind="chase",
        step="L1",
    ),
    Letter(
        "es",
        """
Hola {name}:

Gracias por seguir {project} tan de cerca. Para que sepa en qué punto está sin tener que preguntar, reúno todo en un informe los días fijados; el próximo llega el {update}.

Ahí encontrará también la respuesta a su pregunta sobre la portada. Entre un informe y otro dedico mis horas, {hours}, al propio trabajo, que es lo que lo hace avanzar. Le agradezco que junte sus puntos en un solo correo hasta entonces.

Un cordial saludo,
{owner}
""",
        ES,
        client_text="¿Ha visto mi correo? ¿Cómo va la portada?",
    ),
    Letter(
        "it",
        """
Buongiorno {name},

Le scrivo per la fattura {inv} di {amount}, che scadeva il {due} ed è in ritardo di {days} giorni. Probabilmente è sfuggita tra le tante cose da fare.

Se il bonifico è già partito, ignori pure questo messaggio, e grazie. Se manca un dato sulla fattura, mi dica quale e la correggo. Potrebbe indicarmi entro il {answer} la data in cui il pagamento verrà eseguito? Così posso organizzare il mio lavoro.

Cordiali saluti,
{owner}
""",
        IT,
        kind="chase",
        step="L1",
    ),
    Letter(
        "it",
        """
Buongiorno {name},

grazie per il messaggio e per l'attenzione che dedica a {project}. Il nostro accordo comprende cinque pagine e un modulo di contatto; il negozio di cui parla non ne fa parte.

Ci sono due strade: preparo un preventivo separato con i suoi tempi, oppure lo scambiamo con il modulo e il prezzo resta uguale. Inizio dopo la sua conferma scritta. Mi dica per favore entro il {answer} che cosa preferisce e riceverà la mia proposta il {update}.

Cordiali saluti,
{owner}
""",
        IT,
        scope=("cinque pagine", "un modulo di contatto"),
        client_text="Potrebbe aggiungere anche un piccolo negozio?",
    ),
    Letter(
        "pt",
        """
Olá {name},

Escrevo por causa da fatura {inv}, no valor de {amount}, que venceu em {due} e está com {days} dias de atraso. Imagino que tenha ficado esquecida entre outras tarefas.

Se o pagamento já foi feito, ignore esta mensagem, e muito obrigado. Se falta algum dado na fatura, diga-me qual e eu corrijo. Poderia indicar até {answer} em que data a transferência será feita? Assim consigo organizar o trabalho.

Com os melhores cumprimentos,
{owner}
""",
        PT,
        kind="chase",
        step="L1",
    ),
    Letter(
        "nl",
        """
Beste {name},

Waarschijnlijk is het er in de drukte bij ingeschoten: factuur {inv} van {amount} had op {due} betaald moeten zijn en staat nu {days} dagen open.

Als de betaling al onderweg is, kunt u dit bericht negeren, en hartelijk dank. Ontbreekt er iets op de factuur, laat me dan weten wat, dan pas ik het aan. Kunt u mij voor {answer} laten weten op welke datum het bedrag wordt overgemaakt? Dan kan ik mijn planning daarop afstemmen.

Met vriendelijke groet,
{owner}
""",
        NL,
        kind="chase",
        step="L1",
    ),
    Letter(
        "pl",
        """
Dzień dobry {name},

piszę w sprawie faktury {inv} na kwotę {amount}, której termin płatności minął {due}; opóźnienie wynosi {days} dni. Zapewne umknęła wśród innych spraw.

Jeśli przelew został już wysłany, proszę pominąć tę wiadomość i bardzo dziękuję. Jeśli na fakturze brakuje numeru zamówienia lub innych danych, proszę o informację, a poprawię dokument. Czy mogę prosić o podanie daty płatności do {answer}? Pozwoli mi to zaplanować dalszą pracę.

Z poważaniem,
{owner}
""",
        PL,
        kind="chase",
        step="L1",
    ),
    Letter(
        "tr",
        """
Merhaba {name},

{inv} numaralı ve {amount} tutarındaki faturanın vadesi {due} idi; şu an {days} gündür açık görünüyor. Yoğunluk arasında gözden kaçmış olabilir diye yazıyorum.

Ödeme yapıldıysa bu notu dikkate almayın, teşekkür ederim. Faturada eksik bir bilgi varsa bana yazın, düzelteyim. Ödemenin hangi tarihte yapılacağını {answer} tarihine kadar bildirmenizi rica ederim; böylece işleri ona göre planlayabilirim. Size kolaylık sağlayacak başka bir belge gerekiyorsa onu da memnuniyetle gönderirim.

Saygılarımla,
{owner}
""",
        TR,
        kind="chase",
        step="L1",
    ),
    Letter(
        "tr",
        """
Merhaba {name},

{project} ile bu kadar yakından ilgilendiğiniz için teşekkür ederim. Sormanıza gerek kalmadan durumu görebilmeniz için her şeyi düzenli bir güncellemede topluyorum; sıradaki güncelleme {update} tarihinde geliyor.

Ana sayfayla ilgili sorunuzun yanıtını da orada bulacaksınız. Aradaki zamanı işin kendisine ayırıyorum, çünkü projeyi ilerleten budur. Mesajları çalışma saatlerimde okuyorum: {hours}. Aklınıza gelenleri o güne kadar tek bir iletide toplarsanız hepsine birlikte bakarım ve size açık bir yanıt veririm.

Saygılarımla,
{owner}
""",
        TR,
        client_text="Mesajımı gördünüz mü? Ana sayfa ne durumda?",
    ),
    Letter(
        "ru",
        """
Здравствуйте, {name}!

Пишу по поводу счёта {inv} на сумму {amount}: срок оплаты был {due}, просрочка составляет {days} дней. Возможно, он затерялся среди других дел.

Если платёж уже отправлен, пожалуйста, не обращайте внимания на это письмо, и спасибо. Если в счёте не хватает данных, напишите, каких именно, и я их внесу. Сообщите, пожалуйста, до {answer}, какого числа поступит оплата. Так мне будет проще планировать работу над проектом.

С уважением,
{owner}
""",
        RU,
        kind="chase",
        step="L1",
    ),
    Letter(
        "ar",
        """
مرحبا {name}،

أكتب إليكم بخصوص الفاتورة {inv} بمبلغ {amount} التي كان موعد استحقاقها {due} ولم تصلنا قيمتها حتى الآن. ربما لم تنتبهوا إليها وسط انشغالاتكم.

إذا كنتم قد حولتم المبلغ فيرجى تجاهل هذه الرسالة مع جزيل الشكر. وإذا كانت هناك معلومة ناقصة في الفاتورة فأخبرونا بها لنصححها. نرجو إبلاغنا بتاريخ الدفع قبل {answer} حتى نتمكن من ترتيب العمل على المشروع بشكل واضح للطرفين.

مع أطيب التحيات،
{owner}
""",
        AR,
        kind="chase",
        step="L1",
    ),
    Letter(
        "hy",
        """
Բարև {name},

Գրում եմ {inv} հաշվի վերաբերյալ, որի գումարը {amount} է։ Վճարման ժամկետը {due} էր, և այն դեռ բաց է։ Հավանաբար այն պարզապես աչքաթող է եղել այլ գործերի մեջ։

Եթե վճարումն արդեն կատարվել է, խնդրում եմ անտեսել այս նամակը, և շնորհակալություն։ Եթե հաշվում որևէ տվյալ պակասում է, գրեք ինձ, և ես կուղղեմ այն։ Խնդրում եմ մինչև {answer} հայտնել, թե որ օրը կկատարվի վճարումը, որպեսզի կարողանամ պլանավորել աշխատանքը։

Հարգանքով՝
{owner}
""",
        HY,
        kind="chase",
        step="L1",
    ),
    Letter(
        "te",
        """
నమస్కారం {name},

{inv} ఇన్వాయిస్ గురించి రాస్తున్నాను. దాని మొత్తం {amount}, చెల్లించాల్సిన తేదీ {due}. అది ఇప్పటికీ చెల్లించబడలేదు; ఇతర పనుల మధ్య మీ దృష్టికి రాకపోయి ఉండవచ్చు.

మీరు ఇప్పటికే చెల్లించి ఉంటే దయచేసి ఈ సందేశాన్ని పట్టించుకోకండి, ధన్యవాదాలు. ఇన్వాయిస్‌లో ఏదైనా సమాచారం లోపిస్తే నాకు తెలియజేయండి, నేను దాన్ని సరిచేస్తాను. చెల్లింపు ఏ తేదీన జరుగుతుందో {answer} లోపు తెలియజేయగలరా? అప్పుడు నేను ప్రాజెక్టు పనిని స్పష్టంగా ప్రణాళిక చేసుకోగలను. మీ సహకారానికి ముందుగానే కృతజ్ఞతలు తెలియజేస్తున్నాను.

గౌరవంతో,
{owner}
""",
        TE,
        kind="chase",
        step="L1",
    ),
)

SIGNED_BY = {
    "en": ("Jordan Miles", "Support Team", "Your Assistant"),
    "ru": ("Пётр Луг",),
    "ar": ("نور باسم",),
    "hy": ("Դավիթ Լեռ",),
    "te": ("సురేష్ కొండ",),
}

BAD_SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "guarantee": {
        "en": (
            "We guarantee the result.",
            "I promise it will work.",
            "You have my word on this.",
            "This will never happen again.",
            "It will definitely hold.",
            "Success is 100 % certain.",
            "We always deliver on time.",
            "Rest assured that nothing can go wrong.",
        ),
        "de": (
            "Wir garantieren Ihnen den Erfolg.",
            "Das verspreche ich Ihnen.",
            "Das wird nie wieder vorkommen.",
            "Das klappt auf jeden Fall.",
        ),
        "fr": (
            "Nous vous garantissons le résultat.",
            "Je vous promets que tout fonctionnera.",
            "Cela ne se reproduira jamais.",
        ),
        "es": ("Le garantizamos el resultado.", "Le prometo que funcionará.", "Nunca volverá a ocurrir."),
        "it": ("Le garantisco il risultato.", "Le prometto che funzionerà."),
        "pt": ("Garantimos o resultado.", "Prometo que vai funcionar."),
        "nl": ("Wij garanderen het resultaat.", "Ik beloof u dat het werkt."),
        "pl": ("Gwarantujemy rezultat.", "Obiecuję, że to zadziała."),
        "tr": ("Sonucu garanti ediyoruz.", "Size söz veriyorum, çalışacak.", "Bu bir daha asla olmayacak."),
        "ru": ("Мы гарантируем результат.", "Обещаю, что всё получится."),
        "ar": ("نضمن لكم النتيجة.", "أعدكم بأن كل شيء سيعمل."),
        "hy": ("Մենք երաշխավորում ենք արդյունքը։", "Խոստանում եմ, որ ամեն ինչ կաշխատի։"),
        "te": ("ఫలితానికి మేము హామీ ఇస్తున్నాము.", "ఇది ఖచ్చితంగా పనిచేస్తుంది."),
    },
    "admission": {
        "en": (
            "This was our fault.",
            "We are liable for the damage.",
            "I was negligent here.",
            "We breached the agreement.",
            "I made a mistake in the setup.",
            "We take full responsibility for the outage.",
        ),
        "de": ("Das war unser Fehler.", "Wir haften für den Schaden.", "Ich war fahrlässig."),
        "fr": ("C'est notre faute.", "Nous sommes responsables de ce dommage."),
        "es": ("Ha sido culpa nuestra.", "Asumimos toda la responsabilidad."),
        "it": ("È colpa nostra.", "Abbiamo commesso un errore."),
        "pt": ("A culpa foi nossa.", "Cometemos um erro."),
        "nl": ("Dit was onze fout.",),
        "pl": ("To była nasza wina.",),
        "tr": ("Hata bizim.", "Bu konuda sorumluluk bize ait."),
        "ru": ("Это наша вина.",),
        "ar": ("هذا خطؤنا.", "نتحمل المسؤولية كاملة."),
        "hy": ("Սա մեր մեղքն է։",),
        "te": ("ఇది మా తప్పు.",),
    },
    "silence as approval": {
        "en": (
            "If I don't hear from you, I will assume that you agree.",
            "Unless you object, we will go ahead.",
            "No reply means approval.",
            "Otherwise I'll take it as accepted.",
            "Your silence will count as consent.",
        ),
        "de": (
            "Sofern wir nichts von Ihnen hören, gehen wir von Ihrem Einverständnis aus.",
            "Ohne Rückmeldung gilt der Entwurf als freigegeben.",
            "Schweigen werten wir als Zustimmung.",
        ),
        "fr": (
            "Sauf avis contraire de votre part, je considère que c'est validé.",
            "Sans réponse de votre part, je continue.",
            "Votre silence vaudra accord.",
        ),
        "es": ("Si no recibo respuesta, entenderé que está de acuerdo.", "Salvo indicación contraria, seguiremos así."),
        "it": ("Se non ricevo risposta, considererò approvato il disegno.", "Salvo diverso avviso, procederemo."),
        "pt": ("Se não receber resposta, considerarei aprovado.",),
        "nl": ("Zonder tegenbericht ga ik ervan uit dat u akkoord bent.",),
        "pl": ("Brak odpowiedzi uznam za zgodę.",),
        "tr": ("Aksi belirtilmedikçe onaylandığını kabul edeceğiz.", "Yanıt gelmezse onaylanmış sayarız."),
        "ru": ("Если мы не получим ответа, будем считать вопрос согласованным.",),
        "ar": ("إذا لم نتلق ردا منكم فسنعتبر ذلك موافقة.",),
        "hy": ("Եթե պատասխան չստանանք, կհամարենք, որ համաձայն եք։",),
        "te": ("మీ నుండి స్పందన రాకపోతే మీరు ఆమోదించినట్లు భావిస్తాము.",),
    },
    "concession": {
        "en": (
            "I can offer you a discount.",
            "We will do this free of charge.",
            "I'll knock something off the bill.",
            "I will refund the deposit.",
            "The late part is on the house.",
            "I'll also add the blog page.",
            "You can call me any time.",
            "We can include an extra revision.",
            "Let us reduce the invoice.",
        ),
        "de": (
            "Ich gebe Ihnen einen Rabatt.",
            "Das mache ich kostenlos für Sie.",
            "Die Anzahlung erstatte ich Ihnen.",
            "Sie erreichen mich jederzeit.",
            "Ich baue die Seite gleich noch mit ein.",
        ),
        "fr": (
            "Je vous accorde une remise.",
            "Ce sera gratuit.",
            "Je vous rembourse l'acompte.",
            "Vous pouvez m'appeler à tout moment.",
        ),
        "es": (
            "Le ofrezco un descuento.",
            "Lo haremos gratis.",
            "Le devuelvo el anticipo.",
            "Puede llamarme a cualquier hora.",
        ),
        "it": ("Le faccio uno sconto.", "Lo faremo gratuitamente."),
        "pt": ("Ofereço-lhe um desconto.", "Faremos isso sem custo."),
        "nl": ("Ik geef u korting.", "Dat doen we gratis."),
        "pl": ("Udzielimy Pani rabatu.", "Zrobimy to za darmo."),
        "tr": ("Size indirim yapabiliriz.", "Bunu ücretsiz yaparız.", "Bana istediğiniz zaman ulaşabilirsiniz."),
        "ru": ("Мы предоставим вам скидку.", "Сделаем это бесплатно."),
        "ar": ("نقدم لكم خصما خاصا.", "سننجز ذلك مجانا."),
        "hy": ("Մենք ձեզ զեղչ կտանք։", "Դա կանենք անվճար։"),
        "te": ("మీకు తగ్గింపు ఇస్తాము.", "దీన్ని ఉచితంగా చేస్తాము."),
    },
    "legal words": {
        "en": (
            "My lawyer will be in touch.",
            "We will hand this to a collection agency.",
            "We will see each other in court.",
            "Statutory interest applies.",
        ),
        "de": (
            "Unser Anwalt meldet sich bei Ihnen.",
            "Wir übergeben das an ein Inkassobüro.",
            "Es droht ein gerichtliches Mahnverfahren.",
        ),
        "fr": ("Notre avocat vous contactera.", "Nous saisirons le tribunal."),
        "es": ("Nuestro abogado le escribirá.", "Iremos a los tribunales."),
        "it": ("Il nostro avvocato le scriverà.",),
        "pt": ("O nosso advogado entrará em contacto.",),
        "nl": ("Onze advocaat neemt contact op.",),
        "pl": ("Sprawę przejmie nasz prawnik.",),
        "tr": ("Avukatımız sizinle iletişime geçecek.", "İcra takibi başlatacağız."),
        "ru": ("Наш адвокат свяжется с вами.",),
        "ar": ("سيتواصل معكم محامينا.",),
        "hy": ("Մեր փաստաբանը կկապվի ձեզ հետ։",),
        "te": ("మా న్యాయవాది మిమ్మల్ని సంప్రదిస్తారు.",),
    },
    "threat": {
        "en": (
            "I will report you to the police.",
            "We will post about this on social media.",
            "I will delete your website.",
            "Your employer will hear about it.",
            "We will leave a bad review.",
        ),
        "de": ("Ich erstatte Anzeige bei der Polizei.", "Wir sperren Ihren Zugang."),
        "fr": ("Nous bloquerons votre accès.", "Je porterai plainte à la police."),
        "es": ("Bloquearemos su acceso.",),
        "tr": ("Sitenizi sileriz.",),
        "ar": ("سنحذف موقعكم.",),
    },
    "percent": {
        "en": ("That is 15 % of the price.", "fifteen percent are missing."),
        "de": ("Das sind 15 Prozent.",),
        "tr": ("Bu yüzde on beş eder.", "Bu %15 eder."),
        "fr": ("Cela fait 15 pour cent.",),
        "ar": ("هذا يعادل ١٥٪ من السعر.",),
        "te": ("ఇది ౧౫ శాతం.",),
    },
    "relative date": {
        "en": (
            "You will have it tomorrow.",
            "It is ready next Friday.",
            "I will send it in two weeks.",
            "Please pay by the end of the week.",
            "It will be done within three days.",
        ),
        "de": ("Sie bekommen es morgen.", "Das ist nächste Woche fertig.", "In zwei Wochen ist es da."),
        "fr": ("Vous l'aurez demain.", "Ce sera prêt la semaine prochaine."),
        "es": ("Lo tendrá mañana.", "Estará listo la próxima semana."),
        "it": ("Lo riceverà domani.",),
        "pt": ("Receberá amanhã.",),
        "nl": ("U krijgt het morgen.",),
        "pl": ("Otrzyma Pani to jutro.",),
        "tr": ("Yarın elinizde olur.", "Gelecek hafta hazır."),
        "ru": ("Вы получите это завтра.",),
        "ar": ("ستصلكم غدا.",),
        "hy": ("Վաղը կստանաք։",),
        "te": ("రేపు మీకు పంపుతాను.",),
    },
    "fee": {
        "en": ("A late fee will be added.", "We charge interest on late payments."),
        "de": ("Wir berechnen Verzugszinsen.", "Es fällt eine Mahngebühr an."),
        "fr": ("Des pénalités de retard s'appliquent.",),
        "es": ("Se aplicarán intereses de demora.",),
        "tr": ("Gecikme faizi uygulanacak.",),
        "ar": ("ستضاف غرامة تأخير.",),
    },
    "attachment": {
        "en": ("Please find the statement attached.", "I have enclosed the contract."),
        "de": ("Anbei finden Sie die Aufstellung.",),
        "fr": ("Vous trouverez le relevé ci-joint.",),
        "es": ("Adjunto encontrará el extracto.",),
        "tr": ("Dökümü ekte bulabilirsiniz.",),
        "ar": ("تجدون الكشف مرفقا.",),
    },
    "invented number": {
        "en": (
            "Three reminders have been sent.",
            "You have fourteen days.",
            "This covers 12 pages.",
            "That was half of it.",
        ),
        "de": ("Sie haben vierzehn Tage.", "Das sind 12 Seiten."),
        "tr": ("On dört gününüz var.",),
        "ar": ("لديكم أربعة عشر يوما.",),
        "te": ("మీకు పద్నాలుగు రోజులు ఉన్నాయి.",),
    },
    "invented person": {
        "en": (
            "As agreed with Thomas Miller, this is final.",
            "Please talk to Mr Henderson.",
            "Our partner Silverline Ltd sends it.",
        ),
        "de": ("Wie mit Herrn Kessler besprochen, ist das so.",),
        "fr": ("Comme convenu avec Monsieur Girard, c'est ainsi.",),
    },
    "insult": {
        "en": ("That is a ridiculous request.", "Please stop lying to us.", "You are a difficult client."),
        "de": ("Das ist lächerlich.",),
        "fr": ("C'est ridicule.",),
        "es": ("Es ridículo.",),
    },
}
