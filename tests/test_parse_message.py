"""`parse_message` as a whole: any bytes give a message that can be stored, and its parts belong together."""

import re
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.mail import Message
from pipeline.parse import Limits, parse_message
from pipeline.parse.invisible import strip_unseen

PIECES = [
    b"From: ", b"To: ", b"Subject: ", b"Date: ", b"Message-ID: ", b"References: ", b"Content-Type: ", b"Content-Transfer-Encoding: ",
    b"Content-Disposition: ", b"Return-Path: <>", b"text/plain", b"text/html", b"multipart/mixed", b"multipart/alternative",
    b"multipart/report; report-type=delivery-status", b"message/delivery-status", b"message/rfc822", b"; boundary=", b"b", b'"', b"; charset=", b"utf-8",
    b"utf-16", b"utf-7", b"iso-2022-jp", b"; format=flowed", b"; name*0*=", b"; filename*=utf-8''", b"%FC", b"base64", b"quoted-printable", b"=\n", b"=3D",
    b"--b\n", b"--b--\n", b"\n", b"\r\n", b"\n\n", b"\r", b" ", b"\t", b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"=0A", b"<", b">", b"@", b",", b";", b":",
    b"(", b")", b"[", b"x@y.example", b"Wed, 30 Apr 2025 15:19:00 +0200", b"99999999999", b"On 30 Apr 2025, Jane <j@x.example> wrote:", b"> quoted",
    b"-- \n", b"Best regards,\n", b"-----Original Message-----", b"<div style='display:none'>", b"</div>", b"<blockquote type=cite>", b"<table><td>",
    b"<style>.x{", b"}</style>", b"<!--", b"-->", b"&#0;", b"&#xD800;", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xc3\xbc", b"\xf3\xa0\x81\x89", b"Sent from my iPhone",
]  # fmt: skip
SOUP = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=60).map(b"".join)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
TIGHT = Limits(
    mail_bytes=400,
    header_block_bytes=200,
    header_bytes=50,
    headers=5,
    addresses=2,
    references=2,
    parts=3,
    depth=2,
    text_bytes=60,
    lines=8,
    html_tags=6,
)


def sound(message: Message) -> None:
    """What holds for every message, whatever its bytes were."""
    texts = [
        message.subject,
        message.text,
        message.newest,
        message.quoted,
        message.signature,
        *message.defects,
        *message.references,
        *message.in_reply_to,
        *message.authentication_results,
        *(word for one in (*message.to, *message.cc, *message.reply_to) for word in (one.email, one.name)),
        *(word for one in message.attachments for word in (one.filename, one.content_type)),
    ]
    for text in texts:
        assert text.encode("utf-8").decode("utf-8") == text
        assert "\x00" not in text
    assert "\n" not in message.subject
    assert "\r" not in message.text
    known = re.sub(r"\s+", "", strip_unseen(message.text)[0])
    for line in message.newest.split("\n"):
        assert re.sub(r"\s+", "", line) in known
    for one in (message.message_id, *message.references):
        assert one is None or re.fullmatch(r"<[^<>\s]+>", one)
    assert message.sent_at is None or message.sent_at.utcoffset() is not None


@given(st.binary(max_size=400))
def test_any_bytes_give_a_message(raw: bytes) -> None:
    """A mail that raises would stop the run of everybody else's mail."""
    sound(parse_message(raw))


@given(SOUP)
def test_any_soup_of_mail_gives_a_message(raw: bytes) -> None:
    """Broken mail is made of the pieces of sound mail, in the wrong places."""
    sound(parse_message(raw))


@given(SOUP)
def test_limits_hold_for_any_soup(raw: bytes) -> None:
    """With every limit within reach nothing may raise, and nothing may grow past them."""
    message = parse_message(raw, limits=TIGHT)
    sound(message)
    assert len(message.to) <= 2
    assert len(message.references) <= 2
    assert message.text.count("\n") < 8


@given(body=st.lists(TEXT, max_size=8).map("\n".join), subject=TEXT)
def test_what_the_standard_library_writes_is_read_back(body: str, subject: str) -> None:
    """Sound mail has to come through word for word: judges quote from it."""
    written = EmailMessage(policy=SMTP)
    written["From"] = "Jo Client <jo@client.example>"
    written["Subject"] = " ".join(subject.replace("=?", "").split())
    written.set_content(body, cte="base64", charset="utf-8")
    written.add_attachment(b"\x00" * 1000, maintype="application", subtype="pdf", filename="offer.pdf")
    message = parse_message(written.as_bytes())
    assert message.subject == " ".join(subject.replace("=?", "").split())
    assert message.text.split() == body.replace("\ufeff", "").split() or "\ufeff" in body
    assert [(one.filename, one.size_bytes) for one in message.attachments] == [("offer.pdf", 1000)]
    assert message.from_ is not None
    assert (message.from_.email, message.from_.name) == ("jo@client.example", "Jo Client")
    sound(message)


@given(st.lists(TEXT, min_size=1, max_size=6), st.lists(TEXT, min_size=1, max_size=6))
def test_marked_quotes_never_reach_the_newest_text(own: list[str], old: list[str]) -> None:
    """Whatever is written, lines behind a quote mark are somebody else's."""
    quoted = [f"> marker{number} {line}" for number, line in enumerate(old)]
    raw = "Content-Type: text/plain; charset=utf-8\n\n" + "\n".join([*own, "", *quoted])
    assert "marker" not in parse_message(raw.encode()).newest.replace("".join(own), "")
