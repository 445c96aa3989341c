"""What the sender wrote this time, told from quotes, history and signatures in many languages."""

from pathlib import Path

import pytest
from parse_mails import mail

from pipeline.parse import parse_message

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))
OWN = "These are my words.\nTwo lines of them."
MARKED = "\n> Words of an earlier mail.\n> More of them.\n"
UNMARKED = "\n\nWords of an earlier mail.\nMore of them.\n"

ATTRIBUTIONS = """\
On Wed, Apr 30, 2025 at 3:19 PM Jane Doe <jane@x.example> wrote:
On 30 Apr 2025, at 15:19, Jane Doe <jane@x.example> wrote:
On 2025-04-30 15:19, Jane Doe wrote:
On Wed, 30 Apr 2025 15:19:00 +0200|Jane Doe <jane@x.example> wrote:
On Wed, Apr 30, 2025, 15:19 Jane Doe <|a.very.long.address@sub.x.example>|wrote:
Jane Doe <jane@x.example> wrote on Wed, 30 Apr 2025 at 15:19:
Jane Doe wrote on 30/04/2025 15:19:
---- On Wed, 30 Apr 2025 15:19:00 +0200 Jane Doe <jane@x.example> wrote ----
Am Mi., 30. Apr. 2025 um 15:19 Uhr schrieb Jane Doe <jane@x.example>:
Am 30.04.2025 um 15:19 schrieb Jane Doe:
Jane Doe <jane@x.example> schrieb am Mi., 30. Apr. 2025, 15:19:
Le mer. 30 avr. 2025 à 15:19, Jane Doe <jane@x.example> a écrit :
Le 30/04/2025 à 15:19, Jane Doe a écrit :
El mié, 30 abr 2025 a las 15:19, Jane Doe (<jane@x.example>) escribió:
Il giorno mer 30 apr 2025 alle ore 15:19 Jane Doe <jane@x.example> ha scritto:
Em qua., 30 de abr. de 2025 às 15:19, Jane Doe <jane@x.example> escreveu:
Op wo 30 apr 2025 om 15:19 schreef Jane Doe <jane@x.example>:
śr., 30 kwi 2025 o 15:19 Jane Doe <jane@x.example> napisał(a):
W dniu 30.04.2025 o 15:19, Jane Doe pisze:
ср, 30 апр. 2025 г. в 15:19, Jane Doe <jane@x.example>:
30.04.2025 15:19, Jane Doe пишет:
Jane Doe <jane@x.example>, 30 Nis 2025 Çar, 15:19 tarihinde şunu yazdı:
Jane Doe <jane@x.example> şunları yazdı (30 Nis 2025 15:19):
في الأربعاء، 30 أبريل 2025 في 3:19 م تمت كتابة ما يلي بواسطة Jane Doe <jane@x.example>:
في ٣٠ أبريل ٢٠٢٥، الساعة ٣:١٩ م، كتب Jane Doe <jane@x.example>:
30 ապր, 2025 թ., 15:19, Jane Doe <jane@x.example> գրել է՝
30 ఏప్రి, 2025 బుధ 3:19 PMకి Jane Doe <jane@x.example> ఇలా రాశారు:
ke 30. huhtik. 2025 klo 15.19 Jane Doe (jane@x.example) kirjoitti:
Den ons. 30. apr. 2025 kl. 15.19 skrev Jane Doe <jane@x.example>:
Den ons 30 apr. 2025 kl 15:19 skrev Jane Doe <jane@x.example>:
在 2025年4月30日，15:19，Jane Doe <jane@x.example> 写道：
Jane Doe <jane@x.example> 於 2025年4月30日 週三 下午3:19寫道：
2025年4月30日(水) 15:19 Jane Doe <jane@x.example>:
2025년 4월 30일 (수) 오후 3:19, Jane Doe <jane@x.example>님이 작성:
st 30. 4. 2025 v 15:19 odesílatel Jane Doe <jane@x.example> napsal:
Jane Doe <jane@x.example> ezt írta (időpont: 2025. ápr. 30., Sze, 15:19):
mie., 30 apr. 2025 la 15:19, Jane Doe <jane@x.example> a scris:
ср, 30 квіт. 2025 р. о 15:19 Jane Doe <jane@x.example> пише:
Στις Τετ 30 Απρ 2025 στις 3:19 μ.μ., ο χρήστης Jane Doe <jane@x.example> έγραψε:
בתאריך יום ד׳, 30 באפר׳ 2025 ב-15:19 מאת Jane Doe <jane@x.example>:
Vào Th 4, 30 thg 4, 2025 vào lúc 15:19 Jane Doe <jane@x.example> đã viết:
-----Original Message-----|From: Jane Doe|Sent: Wednesday, April 30, 2025 3:19 PM|To: Jo|Subject: Draft
________________________________|Von: Jane Doe <jane@x.example>|Gesendet: Mittwoch, 30. April 2025 15:19|An: Jo|Betreff: Draft
*From:* Jane Doe <jane@x.example>|*Sent:* Wednesday, April 30, 2025 3:19 PM|*To:* Jo|*Subject:* Draft
De : Jane Doe <jane@x.example>|Envoyé : mercredi 30 avril 2025 15:19|À : Jo|Objet : Draft
Kimden: Jane Doe <jane@x.example>|Gönderildi: 30 Nisan 2025 Çarşamba 15:19|Kime: Jo|Konu: Draft
من: Jane Doe <jane@x.example>|تم الإرسال: الأربعاء، 30 أبريل 2025|إلى: Jo|الموضوع: Draft
Ումից՝ Jane Doe <jane@x.example>|Ուղարկված է՝ 30 ապրիլի, 2025 թ. 15:19|Ում՝ Jo|Թեմա՝ Draft
发件人：Jane Doe <jane@x.example>|日期：2025年4月30日 15:19|收件人：Jo|主题：Draft
差出人: Jane Doe <jane@x.example>|送信日時: 2025年4月30日 15:19|宛先: Jo|件名: Draft
보낸 사람: Jane Doe <jane@x.example>|보낸 날짜: 2025년 4월 30일|받는 사람: Jo|제목: Draft
Lähettäjä: Jane Doe <jane@x.example>|Lähetetty: 30. huhtikuuta 2025 15.19|Vastaanottaja: Jo|Aihe: Draft
Från: Jane Doe <jane@x.example>|Skickat: den 30 april 2025 15:19|Till: Jo|Ämne: Draft
Od: Jane Doe <jane@x.example>|Wysłano: środa, 30 kwietnia 2025 15:19|Do: Jo|Temat: Draft
От: Jane Doe <jane@x.example>|Отправлено: 30 апреля 2025 г. 15:19|Кому: Jo|Тема: Draft
Begin forwarded message:||From: Jane Doe <jane@x.example>|Date: 30 April 2025 at 15:19:00 CEST|To: Jo|Subject: Draft
---------- Yönlendirilen ileti ---------|Gönderen: Jane Doe <jane@x.example>|Tarih: 30 Nis 2025
---------- رسالة مُعاد توجيهها ---------|من: Jane Doe <jane@x.example>|التاريخ: 30 أبريل
----- Forwarded by Jane Doe/X on 30.04.2025 15:19 -----
Sent from my iPhone||On 30 Apr 2025, at 15:19, Jane Doe <jane@x.example> wrote:
Von meinem iPhone gesendet||Am 30.04.2025 um 15:19 schrieb Jane Doe <jane@x.example>:
iPhone'umdan gönderildi||Jane Doe <jane@x.example> şunları yazdı (30 Nis 2025 15:19):
أرسلت من الـ iPhone||في 30 أبريل 2025، الساعة 3:19 م، كتب Jane Doe <jane@x.example>:
""".splitlines()


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_whole_mails(path: Path) -> None:
    """Each mail under tests/mails holds one trap; the text beside it is what its writer wrote this time."""
    assert parse_message(path.read_bytes()).newest == path.with_suffix(".txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("tail", [MARKED, UNMARKED], ids=["marked", "unmarked"])
@pytest.mark.parametrize("gap", ["\n\n", "\n"], ids=["apart", "close"])
@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_history_is_cut_in_every_language(line: str, gap: str, tail: str) -> None:
    """Quoted history would be judged as the client's new words."""
    message = mail(OWN + gap + line.replace("|", "\n") + tail)
    assert message.newest == OWN
    assert message.quoted.endswith("Words of an earlier mail.\nMore of them.")


@pytest.mark.parametrize(
    "text",
    [
        "On Thursday:\nwe met.",
        "On 12 May 2025 we met bob@x.example and agreed on the following:\n- price\n- date",
        "We agreed on 12.05.2025 at 10:00 with Bob <bob@x.example> and noted in the minutes:\nthe price stays.",
        "Order 1234 of 12.05.2025, contact Bob <bob@x.example>:\nplease ship it.",
        "Am 12.05.2025 um 10:00 schrieb ich Ihnen Folgendes:\nDer Preis ist zu hoch.",
        "From: our side there is nothing.\nTo: be clear, we pay.",
        "Subject: the logo\nIt is too big.",
        "From: Berlin\nDate: 12 May\nWrite to travel@x.example for the ticket",
        "Please note:\n> 50 % of visitors leave.",
        "Sent from my desk, is much easier than my telephone.",
        "Sent via courier to the pharmacy",
        "The file was sent from my iPhone app to all.",
        "Thanks for the draft. Best, we talk on Monday about it in more detail?",
        "With regards to the price we cannot agree.",
        "Best regards from all of us here at the company and a question: when do you start?",
        "Items:\n-----\none\ntwo",
        "Original message was fine.",
        "外出前请把文件用手机发送",
    ],
)
def test_words_that_only_look_like_history_stay(text: str) -> None:
    """A client's words lost are worse than a quote too many."""
    newest = mail(OWN + "\n\n" + text).newest
    assert newest.startswith(OWN)
    assert newest.split("\n")[-1] == text.rsplit("\n", maxsplit=1)[-1] or "> 50 %" in text


@pytest.mark.parametrize(
    ("tail", "signature"),
    [
        ("-- \nJo\nClient Ltd", "--\nJo\nClient Ltd"),
        ("--\nJo", "--\nJo"),
        ("—\nJo\nHead of Things", "—\nJo\nHead of Things"),
        ("_____\nJo\nwww.client.example", "_____\nJo\nwww.client.example"),
        ("Best regards,\nJo", "Best regards,\nJo"),
        ("Kind regards, Jo Client", "Kind regards, Jo Client"),
        ("Thanks,\nJo", "Thanks,\nJo"),
        (
            "Mit freundlichen Grüßen\n\ni. A. Jo Klient\nTel. +49 30 00",
            "Mit freundlichen Grüßen\n\ni. A. Jo Klient\nTel. +49 30 00",
        ),
        ("Viele Grüße aus Köln\nJo", "Viele Grüße aus Köln\nJo"),
        ("Cordialement,\nJo", "Cordialement,\nJo"),
        ("Un saludo,\nJo", "Un saludo,\nJo"),
        ("Cordiali saluti\nJo", "Cordiali saluti\nJo"),
        ("Atenciosamente,\nJo", "Atenciosamente,\nJo"),
        ("Met vriendelijke groet,\nJo", "Met vriendelijke groet,\nJo"),
        ("Pozdrawiam\nJo", "Pozdrawiam\nJo"),
        ("С уважением,\nДжо", "С уважением,\nДжо"),
        ("Saygılarımla,\nJo", "Saygılarımla,\nJo"),
        ("İyi çalışmalar", "İyi çalışmalar"),
        ("مع خالص التحية،\nجو", "مع خالص التحية،\nجو"),
        ("Հարգանքով՝\nՋո", "Հարգանքով՝\nՋո"),
        ("ధన్యవాదాలు,\nజో", "ధన్యవాదాలు,\nజో"),
        ("Ystävällisin terveisin\nJo", "Ystävällisin terveisin\nJo"),
        ("Sent from my iPhone", "Sent from my iPhone"),
        ("Sent from my Galaxy S20", "Sent from my Galaxy S20"),
        ("Get Outlook for iOS<https://x.example/o>", "Get Outlook for iOS<https://x.example/o>"),
        ("Gesendet mit der GMX Mail App", "Gesendet mit der GMX Mail App"),
        ("Envoyé depuis mon téléphone", "Envoyé depuis mon téléphone"),
        ("Enviado desde mi iPhone", "Enviado desde mi iPhone"),
        ("iPhone'umdan gönderildi", "iPhone'umdan gönderildi"),
        ("أرسلت من الـ iPhone", "أرسلت من الـ iPhone"),
        ("నా iPhone నుండి పంపబడింది", "నా iPhone నుండి పంపబడింది"),
        ("Ուղարկված է իմ iPhone-ից", "Ուղարկված է իմ iPhone-ից"),
        ("iPhoneから送信", "iPhoneから送信"),
    ],
)
def test_signatures_are_cut(tail: str, signature: str) -> None:
    """Titles, slogans and telephone numbers would count as what the client says."""
    message = mail(f"{OWN}\n\n{tail}\n")
    assert (message.newest, message.signature) == (OWN, signature)


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("We agree.\n\nJo\n\nJo Client\nHead of Things\nClient Ltd", "We agree."),
        ("We agree.\n\nJo Client", "We agree."),
        ("Jo Client\nwrites to you.", "Jo Client\nwrites to you."),
        ("Please invoice:\n\nJo Client\nClient Ltd", "Please invoice:\n\nJo Client\nClient Ltd"),
    ],
)
def test_the_senders_own_name_begins_a_signature(text: str, newest: str) -> None:
    """Many sign without any formula; their title and firm are not what they say."""
    assert mail(text).newest == newest


def test_a_paragraph_below_the_signature_is_still_theirs() -> None:
    """People add a thought below their name without calling it a postscript."""
    message = mail("We agree.\n\nBest,\nJo\n\nOne more thing: could you also check the address on the invoice?\n")
    assert message.newest == "We agree.\n\nOne more thing: could you also check the address on the invoice?"
    assert message.signature == "Best,\nJo"


@pytest.mark.parametrize("text", ["Thanks!", "Best regards,\nJo", "Danke", "Yes.\n\nThanks"])
def test_a_mail_that_is_only_a_greeting_keeps_it(text: str) -> None:
    """An empty text would say that the client wrote nothing."""
    assert mail(text).newest == text


def test_telephone_signature_above_the_answer() -> None:
    """Some answer below the quote, and the line of the telephone stands on top."""
    assert mail("Sent from my iPhone\n\n> Blue or red?\n\nBlue.\n").newest == "Blue."


def test_answer_below_an_attribution_at_the_top_is_kept() -> None:
    """Without quote marks nobody can tell what is old: then nothing is thrown away."""
    assert (
        mail("On 30 Apr 2025, at 15:19, Ada <a@x.example> wrote:\n\nBlue or red?\n\nBlue.\n").newest
        == "Blue or red?\n\nBlue."
    )


def test_invisible_characters_are_stripped_from_the_newest_text_only() -> None:
    """Tag characters spell hidden instructions; joiners are how Persian and Telugu are written."""
    message = mail(
        "He\u200bllo \u202ethere\u202c\ufeff \U0001f468\u200d\U0001f469 می\u200cخواهم a\u200db\U000e0049\U000e0067"
    )
    assert message.newest == "Hello there \U0001f468\u200d\U0001f469 می\u200cخواهم ab"
    assert "\u200b" in message.text
    assert message.hidden_text
    flag = mail("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f won")
    assert (flag.newest, flag.hidden_text) == ("\U0001f3f4 won", False)


CRAFTED = {
    "blank lines": "\n" * 20_000,
    "openings": "On \n" * 5000,
    "one long line": "On " * 30_000,
    "senders": "From:\n" * 3000,
    "attributions": "On Mon, Apr 3, 2025 at 3:00 PM Jane <a@b.example> wrote:\n> x\n" * 5000,
    "almost attributions": "On 12.12.2025 12:12 a@b.example:\n" * 10_000,
    "signatures": "-- \n" * 20_000 + "Best regards\n" * 20_000,
    "verbs": ("wrote " * 60 + ":\n") * 2000,
    "brackets": "<" * 100_000 + ">" * 100_000,
}


@pytest.mark.parametrize("case", CRAFTED)
def test_crafted_bodies_take_linear_time(case: str) -> None:
    """Every library that was tried hangs or crawls on one of these; the suite would not come to its end."""
    assert mail(CRAFTED[case] + "\nlast words").text.endswith("last words")


def test_quoted_line_that_a_program_wrapped_is_no_answer() -> None:
    """Its rest has no mark, and would be judged as the answer."""
    quote = "> The printer closes early in May, so that we should have all the files\nready by the end of April.\n> Is that possible?\n"
    assert mail(f"See below.\n\n{quote}\nNo.\n").newest == "See below.\n\nNo."
