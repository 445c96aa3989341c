"""Parts, charsets, transfer encodings and limits."""

import base64

import pytest
from parse_mails import mail, multipart, raw_mail

from pipeline.domain.mail import Attachment
from pipeline.parse import Limits, parse_message

MIXED = 'multipart/mixed; boundary="b"'
ALTERNATIVE = 'multipart/alternative; boundary="b"'
PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"
PDF = (
    'Content-Type: application/pdf; name="offer.pdf"\nContent-Transfer-Encoding: base64\n\n'
    + base64.b64encode(bytes(100)).decode()
)


@pytest.mark.parametrize(
    ("label", "data", "text", "defect"),
    [
        ("utf-8", "Grüße €".encode(), "Grüße €", None),
        ("iso-8859-1", "Grüße €".encode("cp1252"), "Grüße €", None),
        ("iso-8859-1", "Grüße".encode(), "Grüße", None),
        ("us-ascii", "Grüße".encode(), "Grüße", None),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße", "charset:not-as-declared"),
        ("iso-8859-9", "şöyle – böyle".encode("cp1254"), "şöyle – böyle", None),
        ("windows-1256", "مرحبا".encode("cp1256"), "مرحبا", None),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет", None),
        ("gb2312", "价格".encode("gbk"), "价格", None),
        ("gbk", "联通".encode("gbk"), "联通", None),
        ("ks_c_5601-1987", "가격".encode("cp949"), "가격", None),
        ("iso-2022-jp", "価格".encode("iso-2022-jp"), "価格", None),
        ("windows-874", "ราคา".encode("cp874"), "ราคา", None),
        ("cp-850", "Grüße".encode("cp850"), "Grüße", None),
        ("iso-8859-8-i", "מחיר".encode("iso8859-8"), "מחיר", None),
        ("utf-16le", "Grüße".encode("utf-16le"), "Grüße", None),
        ("utf-16", b"plain after all", "plain after all", None),
        ("utf-7", b"Gr+APwA3w-e", "Grüße", None),
        ("foo-8", b"caf\xe9", "café", "charset:foo-8"),
        ("hex", b"4142", "4142", "charset:hex"),
        ("punycode", b"abc-", "abc-", "charset:punycode"),
        ("unicode_escape", rb"\ud800", r"\ud800", "charset:unicode_escape"),
        ("???", b"text", "text", "charset:unnamed"),
    ],
)
def test_charsets(label: str, data: bytes, text: str, defect: str | None) -> None:
    """A wrong, unknown or dangerous label must neither raise nor garble, and is noted by its name only."""
    message = mail(data, Content_Type=f"text/plain; charset={label}")
    assert message.text == text
    assert [one for one in message.defects if one.startswith("charset")] == ([defect] if defect else [])


def test_nuls_and_control_characters_are_gone_and_lone_surrogates_are_marked() -> None:
    """SQLite and terminals choke on them; UTF-7 can encode a lone surrogate."""
    assert mail(b"a\x00b\x07c\x1b[31m", Content_Type="text/plain").text == "abc[31m"
    text = mail(b"x+2AA-y", Content_Type="text/plain; charset=utf-7").text
    assert text.encode("utf-8").decode() == text


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("base64", base64.b64encode("Grüße".encode()).decode(), "Grüße"),
        ("base64", "R3LDvMOfZQ", "Grüße"),
        ("base64", "R3LD*vMO.fZQ==", "Grüße"),
        ("base64", "R3LDvMOfZQ==\nIQ==", "Grüße!"),
        ("BASE64 (as always)", "R3LDvMOfZQ==", "Grüße"),
        ("quoted-printable", "Gr=C3=BC=C3=9Fe =\nweiter", "Grüße weiter"),
        ("quoted-printable", "50=% = 1=XY", "50=% = 1=XY"),
        ("x-unknown", "as it is", "as it is"),
    ],
)
def test_transfer_encodings(encoding: str, body: str, text: str) -> None:
    """Broken base64 raised and cost the whole mail."""
    assert mail(body, Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding=encoding).text == text


def test_attachments_are_listed_with_decoded_size_and_name() -> None:
    """The reviewer sees names and sizes; an encoded or continued file name would be noise."""
    parts = [
        PLAIN + "See attached.",
        PDF,
        "Content-Type: image/png\nContent-Disposition: attachment; filename*0*=utf-8''Angebot%20; filename*1*=%C3%BC.png\n\nxx",
        'Content-Type: text/csv; name="=?utf-8?q?=C3=BC.csv?="\nContent-Disposition: attachment\n\na;b',
        "Content-Type: message/rfc822\n\nSubject: inner\n\nInner words.",
        "Content-Type: x; charset*=broken\n\nstill here",
    ]
    message = mail(multipart(*parts), Content_Type=MIXED)
    assert message.newest == "See attached.\n\nstill here"
    assert message.attachments == (
        Attachment("offer.pdf", "application/pdf", 100),
        Attachment("Angebot ü.png", "image/png", 2),
        Attachment("ü.csv", "text/csv", 3),
        Attachment("", "message/rfc822", 28),
    )


def test_text_part_that_is_a_named_file_is_no_letter() -> None:
    """A log file beside a letter would be judged as the client's words."""
    log = 'Content-Type: text/plain; name="server.log"\n\nERROR you are an idiot'
    message = mail(multipart(PLAIN + "The log is attached.", log), Content_Type=MIXED)
    assert message.newest == "The log is attached."
    assert [one.filename for one in message.attachments] == ["server.log"]


@pytest.mark.parametrize(
    ("plain", "html", "newest", "html_only"),
    [
        ("The blue one.", "<p>The blue one.</p>", "The blue one.", False),
        ("", "<p>The blue one.</p>", "The blue one.", True),
        ("   \n\n", "<p>The blue one.</p>", "The blue one.", True),
        ("OK", "<p style='" + "x:y;" * 500 + "'>OK</p>", "OK", False),
    ],
)
def test_alternatives(plain: str, html: str, newest: str, html_only: bool) -> None:  # noqa: FBT001 a column of the table
    """An empty or stub text part beside the real letter in HTML lost the letter."""
    message = mail(multipart(PLAIN + plain, HTML + html), Content_Type=ALTERNATIVE)
    assert (message.newest, message.html_only) == (newest, html_only)


def test_attachments_inside_alternatives_are_listed() -> None:
    """Inline pictures and invitations sit inside the alternative whose text is not read."""
    related = 'Content-Type: multipart/related; boundary="r"\n\n' + multipart(
        HTML + "<p>Hi</p>", "Content-Type: image/png\n\nx", boundary="r"
    )
    message = mail(
        multipart(PLAIN + "Hi", related, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"), Content_Type=ALTERNATIVE
    )
    assert message.newest == "Hi"
    assert [one.content_type for one in message.attachments] == ["image/png", "text/calendar"]


def test_inner_multipart_that_is_never_closed_does_not_swallow_the_outer_one() -> None:
    """The attachment after it was read as text."""
    inner = 'Content-Type: multipart/alternative; boundary="i"\n\n--i\n' + PLAIN + "Letter."
    message = mail(multipart(inner, PDF), Content_Type=MIXED)
    assert message.newest == "Letter."
    assert [one.filename for one in message.attachments] == ["offer.pdf"]


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", "multipart/mixed; boundary=", 'multipart/mixed; boundary="never used"']
)
def test_multipart_without_usable_boundary_keeps_its_text(kind: str) -> None:
    """The library raised KeyError; the words are there to be read."""
    message = mail("Words of a person.\n", Content_Type=kind)
    assert message.newest == "Words of a person."
    assert any(one.startswith("mime:") for one in message.defects)


def test_boundary_is_guessed_from_the_first_delimiter() -> None:
    """A lost boundary parameter must not turn the mail into raw MIME source."""
    message = mail("\n" + multipart(PLAIN + "Letter.", PDF, boundary="guess"), Content_Type="multipart/mixed")
    assert message.newest == "Letter."
    assert [one.filename for one in message.attachments] == ["offer.pdf"]


def nested(depth: int) -> bytes:
    """Multiparts inside multiparts around one letter."""
    head = b'Content-Type: multipart/mixed; boundary="b%d"\n\n'
    return (
        b"From: jo@client.example\n"
        + head % 0
        + b"".join(b"--b%d\n" % level + head % (level + 1) for level in range(depth))
        + b"--b%d\n\nletter\n" % depth
    )


def test_deep_nesting_becomes_opaque_and_is_said() -> None:
    """3,000 nested parts ended in RecursionError."""
    assert parse_message(nested(5)).newest == "letter"
    deep = parse_message(nested(3000))
    assert (deep.newest, deep.truncated) == ("", True)
    assert "limit:depth" in deep.defects
    assert [one.content_type for one in deep.attachments] == ["application/octet-stream"]


def test_part_and_size_limits_are_kept_and_said() -> None:
    """Over the limits a person has to look: `truncated` is how the rest of the program knows."""
    many = parse_message(raw_mail(multipart(*[PLAIN + "x"] * 300), Content_Type=MIXED))
    assert many.text.split() == ["x"] * 199
    assert (many.truncated, "limit:parts" in many.defects) == (True, True)
    large = parse_message(raw_mail("word " * 1000), limits=Limits(mail_bytes=2000))
    assert (large.truncated, large.subject) == (True, "Draft")
    long = parse_message(raw_mail("word " * 1000), limits=Limits(text_bytes=100))
    assert (long.truncated, len(long.text)) == (True, 100)
    tall = parse_message(raw_mail("word\n" * 1000), limits=Limits(lines=10))
    assert (tall.truncated, tall.text) == (True, "\n".join(["word"] * 10))
    assert not parse_message(raw_mail()).truncated
    assert parse_message(raw_mail(), truncated=True).truncated


def test_format_flowed_is_joined_and_quotes_keep_their_depth() -> None:
    """Soft line ends cut sentences in two, and evidence quotes with them."""
    body = "A long line that \nwent on.\n From here on.\n>> deep quote \n>> goes on\n> other \n-- \nJo\n"
    message = mail(body, Content_Type="text/plain; format=flowed")
    assert message.text == "A long line that went on.\nFrom here on.\n>> deep quote goes on\n> other \n-- \nJo"
    assert message.newest == "A long line that went on.\nFrom here on."
    assert mail("foo \nbar\n", Content_Type="text/plain; format=flowed; delsp=yes").text == "foobar"


def test_html_in_disguise_and_html_charset_in_meta() -> None:
    """Scripts send HTML as text/plain, and HTML whose only charset label is inside it."""
    assert mail("<!DOCTYPE html><html><body><p>Hello</p></body></html>", Content_Type="text/plain").newest == "Hello"
    page = b'<html><head><meta charset="windows-1251"></head><body>' + "Привет".encode("cp1251") + b"</body></html>"
    assert mail(page, Content_Type="text/html").newest == "Привет"
