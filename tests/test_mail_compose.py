"""Composing: what leaves is what was meant, whatever a hostile mail put into subject, names and ids."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain.ids import AccountId
from pipeline.domain.proposal import Addressing
from pipeline.mail.address import ascii_address
from pipeline.mail.compose import compose_reply, make_message_id, reply_subject

AT = datetime(2026, 3, 4, 9, 30, tzinfo=timezone(timedelta(hours=1)))
ID = "<fixed@example.org>"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID"]
MIME = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]

SMUGGLING = [
    "Re: =?utf-8?q?a=0ABcc=3A_evil@example.net?=",
    "=?utf-8?b?YQ0KQmNjOiBldmlsQGV4YW1wbGUubmV0?=",
    "a\r\nBcc: evil@example.net",
    "a\nBcc: evil@example.net\n\nbody",
    "a\r Bcc: evil@example.net",
    "a\0b",
    "a\x85Bcc: evil@example.net",
    "a\u2028Bcc: evil@example.net",
    "\udc80\udcff",
    '"quoted" <evil@example.net>, other@example.net',
    "\\",
    "=?",
    "?= =?utf-8?q?x?= =?utf-8?q?y?=",
    " \t ",
    "مرحبا, Ünal 你好 👋🏽",
    "e\u0301\u200f\u202ex",
]

hostile = st.one_of(
    st.sampled_from(SMUGGLING),
    st.text(max_size=200),
    st.text(alphabet='=?utf8qb_ \r\n\t\0<>@",:;\\()aä\u2028', max_size=120),
    st.lists(st.sampled_from([*SMUGGLING, "x" * 300, " ", "\r\n"]), max_size=6).map("".join),
)
ids = st.one_of(
    st.sampled_from(["<a@example.com>", "<no-at-sign>", "<" + "x" * 200 + "@example.com>", "<=?utf-8?q?a=0Ab?=@x>"]),
    hostile,
)


def addressing(**changes: object) -> Addressing:
    """A reply to a client, with what a test wants different."""
    usual: dict[str, object] = {
        "account_id": AccountId("work"),
        "from_email": "owner@example.org",
        "from_name": "Owner",
        "to_email": "client@example.com",
        "to_name": "Client",
        "subject": "Re: Invoice 12",
    }
    return Addressing(**(usual | changes))  # type: ignore[arg-type]


def compose(body: str = "Hello.\n", **changes: object) -> bytes:
    """A reply with a fixed id and date."""
    return compose_reply(addressing(**changes), body, message_id=ID, date=AT)


def decoded(value: str) -> str:
    """A header as a mail program shows it."""
    return str(make_header(decode_header(value.replace("\r\n", ""))))


def inert(text: str) -> str:
    """What is meant by a hostile text: one line, nothing but what can be shown."""
    no_controls = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    return re.sub(" {2,}", " ", re.sub("[\ud800-\udfff]", "\ufffd", no_controls)).strip()


def names(raw: bytes) -> list[str]:
    """The header names as any line-based reader sees them, without a MIME library's help."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    return [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]


@given(
    subject=hostile,
    from_name=hostile,
    to_name=hostile,
    in_reply_to=st.none() | ids,
    references=st.lists(ids, max_size=20),
)
@example("x" * 100_000, "n" * 2000, "ü" * 2000, None, [])
@example("ü " * 50_000, "", "", None, [])
@example("a b " * 25_000, "", "", None, [])
def test_no_header_can_be_smuggled(
    subject: str, from_name: str, to_name: str, in_reply_to: str | None, references: list[str]
) -> None:
    """A client chooses subject, name and ids of the mail that is answered: none may add a recipient or a header."""
    raw = compose(
        subject=subject, from_name=from_name, to_name=to_name, in_reply_to=in_reply_to, references=tuple(references)
    )
    read = message_from_bytes(raw, policy=compat32)
    found = names(raw)
    threading = [name for name in ("In-Reply-To", "References") if name in found]
    assert found == read.keys() == [*HEADERS, *threading, *MIME]
    assert decoded(read["Subject"]) == inert(subject)
    for header, name, address in (
        ("From", from_name, "owner@example.org"),
        ("To", to_name, "client@example.com"),
    ):
        ((seen_name, seen_address),) = getaddresses([read[header].replace("\r\n", "")])
        assert (decoded(seen_name), seen_address) == (inert(name), address)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")


@pytest.mark.parametrize("text", SMUGGLING)
def test_the_strict_parser_sees_the_same(text: str) -> None:
    """Mail programs differ: what one reads as a name another must not read as a second recipient."""
    read = message_from_bytes(compose(subject=text, to_name=text), policy=default)
    assert [address.addr_spec for address in read["To"].addresses] == ["client@example.com"]
    assert read["Subject"] == inert(text)
    assert read["Bcc"] is None


@given(body=st.one_of(hostile, st.text(max_size=2000), st.lists(hostile, max_size=12).map("\r\n".join)))
@example("x" * 5000)
@example("From me\n.\n..\n-- \nOwner\n")
@example("trailing space \nand tab\t\n=3D\n")
@example("")
def test_the_body_arrives_as_it_was_written(body: str) -> None:
    """The person approved these words: no line may be lost, wrapped or taken for a header."""
    read = message_from_bytes(compose(body), policy=compat32)
    lines = re.sub(r"\r\n?", "\n", body)
    meant = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", " ", re.sub("[\ud800-\udfff]", "\ufffd", lines))
    payload = read.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == (meant if meant.endswith("\n") else meant + "\n")
    assert not read.is_multipart()
    assert read.get_content_type() == "text/plain"
    assert read.get_content_charset() == "utf-8"


def test_a_plain_reply_is_plain() -> None:
    """An ordinary English reply needs no encoding: it is what people check by eye before they trust the tool."""
    raw = compose("Hello,\n\nthe date stands.\n", in_reply_to="<a@example.com>", references=("<0@example.com>",))
    assert raw == (
        b'From: "Owner" <owner@example.org>\r\n'
        b'To: "Client" <client@example.com>\r\n'
        b"Subject: Re: Invoice 12\r\n"
        b"Date: Wed, 04 Mar 2026 09:30:00 +0100\r\n"
        b"Message-ID: <fixed@example.org>\r\n"
        b"In-Reply-To: <a@example.com>\r\n"
        b"References: <0@example.com>\r\n"
        b" <a@example.com>\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"MIME-Version: 1.0\r\n"
        b"\r\n"
        b"Hello,\r\n\r\nthe date stands.\r\n"
    )


def test_the_same_reply_gives_the_same_bytes() -> None:
    """The approval carries a hash of the bytes; composing must not roll dice."""
    assert compose("Grüße\n" * 50) == compose("Grüße\n" * 50)


def test_long_ids_stay_readable() -> None:
    """The stdlib encodes ids of Outlook's length, and Outlook then shows the reply outside its thread."""
    long = "<" + "A" * 120 + "@prod.example.com>"
    raw = compose(in_reply_to=long, references=(long.replace("A", "B"), long))
    read = message_from_bytes(raw, policy=compat32)
    assert read["In-Reply-To"] == long
    assert read["References"].split() == [long.replace("A", "B"), long]


def test_long_threads_keep_their_root_and_their_end() -> None:
    """A thread of a year would fill kilobytes; the first and the last ids are what threading needs."""
    thread = tuple(f"<{number}@example.com>" for number in range(40))
    read = message_from_bytes(compose(in_reply_to=thread[-1], references=thread), policy=compat32)
    assert read["References"].split() == [thread[0], *thread[-11:]]


@pytest.mark.parametrize(
    "bad", ["no brackets", "<two words>", "<a>\r\nBcc: x@example.net", "<ü@example.com>", "<>", "<" + "x" * 999 + ">"]
)
def test_ids_that_are_none_are_left_out(bad: str) -> None:
    """A broken or hostile id must not reach a header; the reply is then joined by what is left."""
    read = message_from_bytes(compose(in_reply_to=bad, references=("<a@example.com>", bad)), policy=compat32)
    assert read["In-Reply-To"] is None
    assert read["References"] == "<a@example.com>"


def test_copies_go_where_the_person_said() -> None:
    """Cc is a person's explicit choice, and the only way into that header."""
    read = message_from_bytes(compose(cc=("a@example.com", "b@bücher.example")), policy=compat32)
    assert getaddresses([read["Cc"]]) == [("", "a@example.com"), ("", "b@xn--bcher-kva.example")]


@pytest.mark.parametrize("field", ["from_email", "to_email"])
@pytest.mark.parametrize(
    "email",
    [
        "",
        "client",
        "@example.com",
        "client@",
        "a@b@example.com",
        "client@example.com, evil@example.net",
        "client@example.com\r\nBcc: evil@example.net",
        "Client <client@example.com>",
        "clïent@example.com",
        "client@exa mple.com",
        "client@-example.com",
        "=?utf-8?q?evil=40example.net?=@example.com",
        "x" * 65 + "@example.com",
        "client@" + "a." * 130 + "com",
    ],
)
def test_an_address_that_is_none_is_refused(field: str, email: str) -> None:
    """An address is never repaired: the repaired one would be somebody else's."""
    with pytest.raises(ValueError, match="address"):
        compose(**{field: email})


@pytest.mark.parametrize(
    ("email", "ascii_form"),
    [
        ("o'neil+tag@example.co.uk", "o'neil+tag@example.co.uk"),
        ('"john doe"@example.com', '"john doe"@example.com'),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
    ],
)
def test_unusual_addresses_are_reached(email: str, ascii_form: str) -> None:
    """Clients with an apostrophe, a quoted name or an umlaut domain can be answered."""
    assert ascii_address(email) == ascii_form
    assert ascii_form.encode() in compose(to_email=email)


@pytest.mark.parametrize(("message_id", "date"), [("no-brackets", AT), ("<a b>", AT), (ID, AT.replace(tzinfo=None))])
def test_what_code_has_to_get_right_is_checked(message_id: str, date: datetime) -> None:
    """A mistake of ours is found when the mail is made, not when it is looked for."""
    with pytest.raises(ValueError, match="has to be"):
        compose_reply(addressing(), "Hello.", message_id=message_id, date=date)


def test_message_ids_are_never_alike() -> None:
    """Drafts are recognised by their id alone; a guessable one could be planted by a client."""
    made = {make_message_id("example.org") for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one) for one in made)
    assert make_message_id("bücher.example").endswith("@xn--bcher-kva.example>")


@pytest.mark.parametrize("domain", ["", "example.org>", "exa mple", "a\r\nb", "a@b"])
def test_a_message_id_needs_a_domain(domain: str) -> None:
    """An owner's address that is none must not make an id that nobody can parse."""
    with pytest.raises(ValueError, match="domain"):
        make_message_id(domain)


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Invoice 12", "Re: Invoice 12"),
        ("Re: Invoice 12", "Re: Invoice 12"),
        ("RE: AW: Re[2]: Invoice 12", "Re: Invoice 12"),
        ("AW: WG: Rechnung", "Re: WG: Rechnung"),
        ("Fwd: Re: Invoice", "Re: Fwd: Re: Invoice"),
        ("Ynt: Fatura", "Re: Fatura"),
        ("رد: الفاتورة", "Re: الفاتورة"),
        ("\u200fRe: الفاتورة", "Re: الفاتورة"),
        ("回复：发票", "Re: 发票"),
        ("Odp: Sv: SV: faktura", "Re: faktura"),
        ("Regarding: the plan", "Re: Regarding: the plan"),
        ("Reply", "Re: Reply"),
        ("Re:Re:Re:", "Re:"),
        ("", "Re:"),
        ("a\r\nBcc: x@example.net", "Re: a Bcc: x@example.net"),
    ],
)
def test_a_reply_has_one_prefix(subject: str, reply: str) -> None:
    """`Re: AW: Re: Ynt:` grows with every turn, and programs that thread by subject lose the thread."""
    assert reply_subject(subject) == reply


def test_a_subject_of_100_kilobytes_is_cut() -> None:
    """Servers refuse header blocks of that size, so the reply could never be sent."""
    long = reply_subject("Re: " * 10_000 + "x" * 100_000)
    assert long.startswith("Re: xxx")
    assert len(long) < 500


@given(hostile)
def test_a_reply_to_a_reply_changes_nothing(subject: str) -> None:
    """The second reply of a thread keeps the subject of the first."""
    once = reply_subject(subject)
    assert reply_subject(once) == once


def test_times_are_the_owners() -> None:
    """The Date header carries the offset that it was given, not the machine's."""
    raw = compose_reply(addressing(), "Hello.", message_id=ID, date=AT.astimezone(UTC))
    assert b"Date: Wed, 04 Mar 2026 08:30:00 +0000\r\n" in raw
