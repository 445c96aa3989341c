"""Header fields: each of these was seen to raise, to hang or to come out wrong in some parser."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from parse_mails import mail, raw_mail

from pipeline.domain.mail import Address
from pipeline.parse import Limits, parse_message


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?VGFzbGFr?= ekli", "Taslak ekli"),
        ("=?utf-8?q?one?= =?utf-8?q?two?=", "onetwo"),
        ("=?utf-8?q?one?= and =?utf-8?q?two?=", "one and two"),
        ("=?utf-8?b?4oI=?=\n =?utf-8?b?rA==?=", "€"),
        ("=?iso-8859-1?q?=80?= 5", "€ 5"),
        ("=?gb2312?b?yta7+g==?=", "手机"),
        ("=?utf-8*en?q?marked?=", "marked"),
        ("=?foo-8?q?a=E9b?=", "aéb"),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        ("=?utf-8?q?a=0ABcc=3A_evil@x.example?=", "a Bcc: evil@x.example"),
        ("folded\n over\n\tlines", "folded over lines"),
        ("Grüße", "Grüße"),
    ],
)
def test_subjects_are_decoded(header: str, subject: str) -> None:
    """A joined, folded, mislabelled or injected encoded word would come out as gibberish or as two lines."""
    assert mail(Subject=header).subject == subject


def test_raw_latin1_header_is_readable_and_can_be_stored() -> None:
    """Raw 8-bit names came out with lone surrogates, and SQLite refused them."""
    message = mail(Subject=b"Gr\xfc\xdfe", From=b"J\xf6rg <j@client.example>")
    assert (message.subject, message.from_) == ("Grüße", Address("j@client.example", "Jörg"))
    with sqlite3.connect(":memory:") as store:
        assert store.execute("SELECT ?", (message.subject,)).fetchone() == ("Grüße",)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("jo@client.example", [("jo@client.example", "")]),
        ("Jo Client <Jo@CLIENT.example>", [("Jo@client.example", "Jo Client")]),
        (
            '"Client, Jo" <jo@client.example>, kim@x.example',
            [("jo@client.example", "Client, Jo"), ("kim@x.example", "")],
        ),
        ("Client, Jo <jo@client.example>", [("jo@client.example", "Client, Jo")]),
        ("=?utf-8?q?Client=2C_Jo?= <jo@client.example>", [("jo@client.example", "Client, Jo")]),
        ("=?utf-8?q?Jo_=3Cevil=40x.example=3E?= <jo@client.example>", [("jo@client.example", "Jo <evil@x.example>")]),
        ("Team: jo@client.example, Kim <kim@x.example>;", [("jo@client.example", ""), ("kim@x.example", "Kim")]),
        ("undisclosed-recipients:;", []),
        ("name:; (comment)", []),
        ("jo@client.example (Jo (the) Client)", [("jo@client.example", "Jo (the) Client")]),
        ("<jo@client.example> Kim <kim@x.example>", [("jo@client.example", ""), ("kim@x.example", "Kim")]),
        ("Jo <@relay.example,@other.example:jo@client.example>", [("jo@client.example", "Jo")]),
        ('"jo client"@client.example', [('"jo client"@client.example', "")]),
        ("'Jo' <jo@client.example>", [("jo@client.example", "Jo")]),
        ("Jo <jo@client.example", [("jo@client.example", "Jo")]),
        ("<>", []),
        ("nobody", []),
        ('"', []),
        ("(((", []),
        ("jo @ client.example", [("jo@client.example", "")]),
        ("jo@client.example; kim@x.example", [("jo@client.example", ""), ("kim@x.example", "")]),
    ],
)
def test_address_fields_as_they_come(header: str, expected: list[tuple[str, str]]) -> None:
    """A comma, a group, a comment or an encoded bracket read wrongly sends the reply to the wrong person."""
    found = mail(To=header).to
    assert [(one.email, one.name) for one in found] == expected


def test_several_senders_are_noted() -> None:
    """Programs disagree on which of two From addresses counts, so that a reviewer has to know."""
    message = mail(From="jo@client.example, evil@x.example")
    assert message.from_ == Address("jo@client.example")
    assert "from:several" in message.defects


@pytest.mark.parametrize(
    ("header", "when"),
    [
        ("Wed, 30 Apr 2025 15:19:00 +0200", datetime(2025, 4, 30, 15, 19, tzinfo=timezone(timedelta(hours=2)))),
        (
            "30 Apr 2025 15:19 -0530 (IST)",
            datetime(2025, 4, 30, 15, 19, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
        ),
        ("Wed, 30 Apr 2025 15:19:00 -0000", datetime(2025, 4, 30, 15, 19, tzinfo=UTC)),
        ("Wed, 30 Apr 2025 15:19:00 GMT", datetime(2025, 4, 30, 15, 19, tzinfo=UTC)),
        ("Wed, 30 Apr 99999999999 15:19:00 +0200", None),
        ("Wed, 31 Feb 2025 15:19:00 +0200", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("yesterday", None),
        ("1" * 5000, None),
    ],
)
def test_dates_keep_the_offset_or_are_none(header: str, when: datetime | None) -> None:
    """A year overflow raised, and a lost offset moved off-hours mail into the working day."""
    message = mail(Date=header)
    assert message.sent_at == when
    assert ("date:unreadable" in message.defects) is (when is None)
    if when is not None and message.sent_at is not None:
        assert message.sent_at.utcoffset() == when.utcoffset()


def test_the_first_readable_date_counts() -> None:
    """A proxy that adds a broken Date above the good one must not cost the date."""
    raw = b"Date: broken\n" + raw_mail()
    assert parse_message(raw).sent_at is not None


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("<a@x.example> <b@x.example>", ("<a@x.example>", "<b@x.example>")),
        ("<a@x.example>\n <b@x.example>", ("<a@x.example>", "<b@x.example>")),
        ("<a@x.example><a@x.example>", ("<a@x.example>",)),
        ("<very-long-id-that-was-\n folded@x.example>", ("<very-long-id-that-was-folded@x.example>",)),
        ("a@x.example", ("<a@x.example>",)),
        ('Your mail of Tuesday "Draft" <a@x.example>', ("<a@x.example>",)),
        ("<[x]@y.example>", ("<[x]@y.example>",)),
        ("<T@[", ()),
        ("<>", ()),
    ],
)
def test_ids_keep_their_brackets(header: str, ids: tuple[str, ...]) -> None:
    """An id without brackets, or folded by Outlook, would tear the thread apart."""
    assert mail(References=header).references == ids


def test_a_flood_of_references_keeps_the_first_and_the_newest() -> None:
    """A list of 3,000 ids would make every later look-up slow; the ends are what threading needs."""
    found = mail(References=" ".join(f"<{number}@x.example>" for number in range(3000))).references
    assert (len(found), found[0], found[-1]) == (200, "<0@x.example>", "<2999@x.example>")


def test_missing_id_is_none_and_noted() -> None:
    """An invented id would never match what a reply refers to."""
    message = mail(Message_ID=None)
    assert message.message_id is None
    assert "message-id:missing" in message.defects


def test_mail_without_blank_line_keeps_its_body() -> None:
    """Some scripts forget the blank line; the text would vanish into a header."""
    message = parse_message(b"From: jo@client.example\nSubject: Draft\nThis is the text.\nAll of it.\n")
    assert (message.subject, message.newest) == ("Draft", "This is the text.\nAll of it.")
    assert "header:no-blank-line" in message.defects


def test_badly_wrapped_header_does_not_end_the_block() -> None:
    """A parameter on an unindented line ended the header, and the rest of it was read as the letter."""
    raw = b'Content-Type: text/plain;\ncharset="utf-8"\nFrom: jo@client.example\nSubject: Draft\n\nText.\n'
    message = parse_message(raw)
    assert (message.from_, message.newest) == (Address("jo@client.example"), "Text.")


def test_mbox_line_bare_cr_and_text_without_header() -> None:
    """An mbox separator, old line ends and a file without any header are all mails that people have."""
    assert parse_message(b"From jo Wed Apr 30\n" + raw_mail()).subject == "Draft"
    assert parse_message(raw_mail("One.\nTwo.\n").replace(b"\n", b"\r")).newest == "One.\nTwo."
    assert parse_message(b"Just some words.\nAnd more: words.\n").newest == "Just some words.\nAnd more: words."


def test_header_limits() -> None:
    """A header of a megabyte or a hundred thousand fields took seconds and went into every row."""
    long = parse_message(raw_mail(Subject="a" * 300_000))
    assert 60_000 < len(long.subject) <= 64 * 1024
    many = parse_message(b"X: y\n" * 100_000 + raw_mail())
    assert many.truncated
    assert "limit:headers" in many.defects
    crowd = parse_message(raw_mail(To=", ".join(f"p{n}@x.example" for n in range(30))), limits=Limits(addresses=10))
    assert len(crowd.to) == 10


def test_automation_marks_are_lower_case_and_as_sent() -> None:
    """The screen compares these values; a capital letter must not let a machine through."""
    marks = mail(
        Auto_Submitted="Auto-Replied",
        Precedence="Bulk",
        List_Id="Some List <List.X.Example>",
        List_Unsubscribe="<https://x.example/u>",
        X_Auto_Response_Suppress="All",
        Return_Path="<>",
        Feedback_ID="1:2:3",
        X_Autoreply="yes",
        X_Auto_Response="no",
    ).marks
    assert (marks.auto_submitted, marks.precedence, marks.list_id) == (
        "auto-replied",
        "bulk",
        "some list <list.x.example>",
    )
    assert (marks.list_unsubscribe, marks.feedback_id, marks.null_return_path) == (True, True, True)
    assert (marks.auto_response_suppress, marks.autoreply_headers) == ("all", ("x-autoreply",))


def test_authentication_results_topmost_first() -> None:
    """The order decides which of them is the owner's server and which came with the mail."""
    raw = (
        b"Authentication-Results: mx.one.example; dmarc=pass\nAuthentication-Results: mx.two.example;\n dmarc=fail\n"
        + raw_mail()
    )
    assert parse_message(raw).authentication_results == ("mx.one.example; dmarc=pass", "mx.two.example; dmarc=fail")
