"""Which mails no person wrote, and whether the rest is from whom it says."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parse_mails import mail, multipart

from pipeline.domain.mail import AuthVerdict, Pass, Screening, Skip, SkipReason
from pipeline.parse import parse_message
from pipeline.screen import authentication_verdict, screen_message, sender_warnings

OWN = frozenset({"Ada@Studio.example", "billing+eu@studio.example"})
UTF8 = "text/plain; charset=utf-8"


def screened(body: str = "Hello.\n", /, **fields: str | None) -> Screening:
    """The screen's word on a mail with these header fields."""
    return screen_message(mail(body, Content_Type=UTF8, **fields), own_emails=OWN)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, SkipReason.AUTO_REPLY),
        ({"Auto_Submitted": 'auto-generated; owner-email="x@y.example"'}, SkipReason.AUTO_REPLY),
        ({"Precedence": "bulk"}, SkipReason.BULK),
        ({"Precedence": "list"}, SkipReason.BULK),
        ({"Precedence": "Junk"}, SkipReason.BULK),
        ({"Precedence": "auto_reply"}, SkipReason.AUTO_REPLY),
        ({"List_Id": "News <news.x.example>"}, SkipReason.BULK),
        ({"Return_Path": "<>"}, SkipReason.AUTO_REPLY),
        ({"X_Auto_Response_Suppress": "OOF, AutoReply"}, SkipReason.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, SkipReason.AUTO_REPLY),
        ({"From": "ada@studio.example"}, SkipReason.OWN_MAIL),
        ({"From": "ADA@STUDIO.EXAMPLE"}, SkipReason.OWN_MAIL),
        ({"From": "ada+clients@studio.example"}, SkipReason.OWN_MAIL),
        ({"From": "noreply@x.example"}, SkipReason.NO_REPLY_SENDER),
        ({"From": "No-Reply@x.example"}, SkipReason.NO_REPLY_SENDER),
        ({"From": "do_not_reply+7@x.example"}, SkipReason.NO_REPLY_SENDER),
        ({"From": "MAILER-DAEMON@x.example"}, SkipReason.NO_REPLY_SENDER),
        ({"From": "postmaster@x.example"}, SkipReason.NO_REPLY_SENDER),
        ({"From": None}, SkipReason.NO_SENDER),
        ({"From": "<>"}, SkipReason.NO_SENDER),
        ({"Subject": "Automatic reply: Draft"}, SkipReason.AUTO_REPLY),
        ({"Subject": "[EXTERNAL] Automatische Antwort: Entwurf"}, SkipReason.AUTO_REPLY),
        ({"Subject": "Réponse automatique : Projet"}, SkipReason.AUTO_REPLY),
        ({"Subject": "Respuesta automática: Borrador"}, SkipReason.AUTO_REPLY),
        ({"Subject": "Otomatik yanıt: Taslak"}, SkipReason.AUTO_REPLY),
        ({"Subject": "رد تلقائي: المسودة"}, SkipReason.AUTO_REPLY),
        ({"Subject": "Автоматический ответ: Draft"}, SkipReason.AUTO_REPLY),
        ({"Subject": "自动回复: 草稿"}, SkipReason.AUTO_REPLY),
        ({"Subject": "Automaattinen vastaus: Luonnos"}, SkipReason.AUTO_REPLY),
    ],
)
def test_machines_lists_and_own_mail_are_stopped(fields: dict[str, str | None], reason: SkipReason) -> None:
    """An answer to a machine starts a loop; own mail would be judged as a client's."""
    result = screened(**fields)
    assert isinstance(result, Skip)
    assert result.reason is reason
    assert result.because


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Out of office", "I am out of the office this week."),
        ("Out of Office Re: Draft", "I have limited access to email."),
        ("Abwesend", "Ich bin im Urlaub und nicht erreichbar."),
        ("Abwesenheitsnotiz Jo Klient", "Ich bin abwesend."),
        ("Absence du bureau", "Je suis absent."),
        ("Ofis dışında: Taslak", "Yıllık izin nedeniyle ofis dışındayım."),
        ("خارج المكتب", "أنا خارج المكتب هذا الأسبوع."),
    ],
)
def test_absence_notices_without_headers(subject: str, body: str) -> None:
    """Old programs mark their notices by nothing but words."""
    result = screened(body, Subject=subject)
    assert isinstance(result, Skip)
    assert result.reason is SkipReason.AUTO_REPLY


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({}, "Hello."),
        ({"Auto_Submitted": "no"}, "Hello."),
        ({"Precedence": "normal"}, "Hello."),
        ({"X_Auto_Response_Suppress": "None"}, "Hello."),
        ({"List_Unsubscribe": "<https://x.example/u>"}, "Unsubscribe here."),
        ({"Feedback_ID": "1:2"}, "Hello."),
        ({"List_Unsubscribe": "<https://x.example/u>", "Feedback_ID": "1:2"}, "When do you deliver?"),
        ({"List_Unsubscribe": "<x>", "Feedback_ID": "1", "In_Reply_To": "<a@studio.example>"}, "No.\n\nUnsubscribe"),
        ({"Subject": "Re: Automatic reply: Draft"}, "Welcome back, here is my answer."),
        ({"Subject": "Automatic reply does not work on our site"}, "Please repair it."),
        ({"Subject": "Out of office hours: who do we call?"}, "Nobody answered on Sunday."),
        ({"Subject": "Urlaub"}, "Wann seid ihr weg?"),
        ({"From": "noreply@forms.example", "Reply_To": "jo@client.example"}, "I sent this through your form."),
        ({"From": "reply@client.example"}, "Hello."),
        ({"From": "billing@studio.example"}, "A colleague of yours."),
        ({"From": "ada@client.example"}, "Same name, other domain."),
    ],
)
def test_a_persons_mail_passes(fields: dict[str, str | None], body: str) -> None:
    """A skip on a weak mark loses a client's mail, and nobody would notice."""
    assert screened(body, **fields) == Pass()


def test_form_that_names_a_machine_behind_a_machine_is_stopped() -> None:
    """A Reply-To that nobody reads makes no person of a machine."""
    result = screened(From="noreply@x.example", Reply_To="no-reply@y.example")
    assert isinstance(result, Skip)
    assert result.reason is SkipReason.NO_REPLY_SENDER


def test_newsletter_with_all_weak_marks_is_bulk() -> None:
    """Newsletters without List-Id carry all three."""
    result = screened(
        "News!\n\nTo unsubscribe click here.", List_Unsubscribe="<https://x.example/u>", Feedback_ID="1:2"
    )
    assert isinstance(result, Skip)
    assert result.reason is SkipReason.BULK


def test_reports_come_before_everything_else() -> None:
    """A bounce that looks like an automatic answer would leave our send marked as delivered."""
    parts = (
        "Content-Type: text/plain\n\nSorry.",
        "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; jo@client.example\nAction: failed",
    )
    bounce = mail(
        multipart(*parts),
        Content_Type='multipart/report; report-type=delivery-status; boundary="b"',
        From="MAILER-DAEMON@x.example",
        Auto_Submitted="auto-replied",
    )
    result = screen_message(bounce, own_emails=OWN)
    assert isinstance(result, Skip)
    assert result.reason is SkipReason.BOUNCE
    receipt = mail(
        multipart("Content-Type: text/plain\n\nRead."),
        Content_Type='multipart/report; report-type=disposition-notification; boundary="b"',
    )
    result = screen_message(receipt, own_emails=OWN)
    assert isinstance(result, Skip)
    assert (result.reason, "disposition-notification" in result.because) == (SkipReason.AUTO_REPLY, True)


def test_over_limit_mail_goes_to_a_person_but_a_large_newsletter_does_not() -> None:
    """Half a mail must not be judged as a whole one."""
    half = parse_message(b"From: jo@client.example\n\nHalf", truncated=True)
    result = screen_message(half, own_emails=OWN)
    assert isinstance(result, Skip)
    assert result.reason is SkipReason.OVER_LIMIT
    news = parse_message(b"From: jo@client.example\nList-Id: x\n\nHalf", truncated=True)
    result = screen_message(news, own_emails=OWN)
    assert isinstance(result, Skip)
    assert result.reason is SkipReason.BULK


@given(st.text(max_size=80))
def test_because_never_holds_the_letter(body: str) -> None:
    """`because` is shown and logged; the body is not."""
    secret = "canary-" + "".join(letter for letter in body if letter.isalnum())
    result = screened(secret, Subject="Automatic reply: " + secret, Auto_Submitted="auto-replied")
    assert isinstance(result, Skip)
    assert "canary" not in result.because


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("I am out of the office until 12 May.", "2025-05-13"),
        ("I am back on Tuesday, May 13.", "2025-05-13"),
        ("Away from May 1 through May 12, 2025.", "2025-05-13"),
        ("Away until 2025-05-12.", "2025-05-13"),
        ("Away until Monday.", "2025-05-06"),
        ("Ich bin bis einschließlich 12.5.2025 abwesend.", "2025-05-13"),
        ("Ab dem 13. Mai bin ich wieder da.", "2025-05-13"),
        ("Ich bin am 13. Mai wieder im Büro.", "2025-05-13"),
        ("Bin bis 31.12. weg.", "2026-01-01"),
        ("Je suis absent jusqu'au 12 mai.", "2025-05-13"),
        ("Estaré fuera hasta el 12 de mayo.", "2025-05-13"),
        ("Sono assente fino al 12 maggio.", "2025-05-13"),
        ("Estou ausente até 12 de maio.", "2025-05-13"),
        ("Ik ben afwezig tot en met 12 mei.", "2025-05-13"),
        ("Jestem nieobecny do 12 maja.", "2025-05-13"),
        ("Я в отпуске до 12 мая.", "2025-05-13"),
        ("12 Mayıs tarihine kadar izindeyim.", "2025-05-13"),
        ("أنا خارج المكتب حتى 12 مايو 2025.", "2025-05-13"),
        ("Ես բացակա եմ մինչև 12 մայիսի.", "2025-05-13"),
        ("నేను 12 మే వరకు సెలవులో ఉన్నాను.", "2025-05-13"),
        ("Jag är åter 13 maj.", "2025-05-13"),
        ("5月12日まで不在です。", "2025-05-13"),
        ("5월 12일까지 부재중입니다.", "2025-05-13"),
        ("Out until 05/06/2025.", None),
        ("Out until further notice.", None),
        ("Back on 1 April 2024.", None),
        ("Back on 31 February.", None),
        ("I will answer soon.", None),
    ],
)
def test_the_day_of_return_is_read_from_plain_words(words: str, day: str | None) -> None:
    """The ladder waits for this day; a wrong one chases somebody on holiday, or nobody for a year."""
    result = screened(words, Auto_Submitted="auto-replied")
    assert isinstance(result, Skip)
    expected = datetime.fromisoformat(day).replace(tzinfo=timezone(timedelta(hours=2))) if day else None
    assert result.absent_until == expected


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        (["mx.studio.example; dmarc=pass header.from=client.example"], AuthVerdict.PASS),
        (["mx.studio.example 1; spf=fail; dkim=pass; DMARC=Pass (p=none)"], AuthVerdict.PASS),
        (["MX.Studio.example; dmarc=fail (p=reject) header.from=client.example"], AuthVerdict.FAIL),
        (["mx.studio.example; dmarc=pass; dmarc=fail"], AuthVerdict.FAIL),
        (["mx.studio.example; dmarc=none"], AuthVerdict.UNCHECKED),
        (["mx.studio.example; dmarc=temperror"], AuthVerdict.UNCHECKED),
        (["mx.studio.example; spf=pass smtp.mailfrom=client.example; dkim=pass"], AuthVerdict.UNCHECKED),
        (["mx.studio.example; none"], AuthVerdict.UNCHECKED),
        (["mx.studio.example; dmarc=pass header.from=evil.example"], AuthVerdict.UNCHECKED),
        (["mx.evil.example; dmarc=pass"], AuthVerdict.UNCHECKED),
        (["mx.evil.example; x=y", "mx.studio.example; dmarc=pass"], AuthVerdict.UNCHECKED),
        (["mx.studio.example; dmarc=fail", "mx.studio.example; dmarc=pass"], AuthVerdict.FAIL),
        (["(mx.studio.example) mx.evil.example; dmarc=pass"], AuthVerdict.UNCHECKED),
        (["mx.studio.example; spf=pass (; dmarc=pass)"], AuthVerdict.UNCHECKED),
        (['mx.studio.example; spf=pass reason="; dmarc=pass"'], AuthVerdict.UNCHECKED),
        (["; dmarc=pass"], AuthVerdict.UNCHECKED),
        ([], AuthVerdict.UNCHECKED),
    ],
)
def test_only_the_owners_own_server_says_who_the_sender_is(headers: list[str], verdict: AuthVerdict) -> None:
    """A sender can write this header too; believing theirs would pay their bank account."""
    raw = "".join(f"Authentication-Results: {one}\n" for one in headers) + "From: Jo <jo@client.example>\n\nHello"
    assert authentication_verdict(parse_message(raw.encode()), "mx.studio.example") is verdict


def test_without_a_configured_server_nothing_is_believed() -> None:
    """The topmost header may be the sender's own."""
    raw = b"Authentication-Results: mx.studio.example; dmarc=pass\nFrom: jo@client.example\n\nHello"
    assert authentication_verdict(parse_message(raw), None) is AuthVerdict.UNCHECKED


KNOWN = frozenset({"client.example", "acme-books.com", "studio.example", "yahoo.com"})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"From": "jo@client.example"}, []),
        ({"From": "jo@mail.client.example", "Reply_To": "jo@client.example"}, []),
        ({"From": "jo@client.example", "Reply_To": "jo@pay.example"}, ["Reply-To"]),
        ({"From": '"kim@books.example" <jo@client.example>'}, ["another address"]),
        ({"From": '"jo@client.example" <jo@client.example>'}, []),
        ({"From": "jo@cIient.example"}, ["looks like client.example"]),
        ({"From": "jo@cl1ent.example"}, ["looks like client.example"]),
        ({"From": "jo@clent.example"}, ["looks like client.example"]),
        ({"From": "jo@cilent.example"}, ["looks like client.example"]),
        ({"From": "jo@client.org"}, ["looks like client.example"]),
        ({"From": "jo@acrne-books.com"}, ["looks like acme-books.com"]),
        ({"From": "jo@acmebooks.com"}, ["looks like acme-books.com"]),
        ({"From": "jo@clіent.example"}, ["scripts", "looks like client.example"]),
        ({"From": "jo@xn--clent-n2e.example"}, ["scripts", "looks like client.example"]),
        ({"From": "jo@yahoo.de"}, []),
        ({"From": "jo@somebody-else.net"}, []),
        ({"From": "jo@会社日本テスト.example"}, []),
        ({"From": None}, []),
    ],
)
def test_senders_who_look_like_somebody_else(fields: dict[str, str | None], words: list[str]) -> None:
    """The reviewer must see that the reply goes to a stranger; too many warnings and nobody reads them."""
    found = sender_warnings(mail(**fields), KNOWN)
    assert len(found) == len(words)
    for warning, word in zip(found, words, strict=True):
        assert word in warning
