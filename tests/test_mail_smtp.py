"""Sending: the exact bytes, to all or to none, and at most once whatever breaks where."""

import ssl
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from servers.dovecot import free_port
from servers.mailboxes import mail
from servers.proxy import Proxy
from servers.scripted import ScriptedSmtp
from servers.smtp import PASSWORD, Answers, SmtpSink

from pipeline.errors import (
    ConfigError,
    CredentialsError,
    FirmlyError,
    MailServerError,
    RejectedByServer,
    UncertainDelivery,
)
from pipeline.mail.endpoint import Auth, Endpoint, Security
from pipeline.mail.smtp import SmtpDrop

SENDER = "owner@example.org"
CLIENT = "client@example.com"
RAW = mail(1, body=b"Hello.\r\n.\r\n..two dots\r\n\r\n-- \r\nOwner\r\n")
SECRET = "canary-5ecret"


def endpoint(port: int, **changes: Any) -> Endpoint:
    """An unencrypted line to a server of a test."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.PLAIN,
        "username": "owner",
        "secret": lambda: PASSWORD,
        "timeout_s": 5.0,
    }
    return Endpoint(**(usual | changes))


def send(port: int, *recipients: str, raw: bytes = RAW, **changes: Any) -> None:
    """Send one mail."""
    with SmtpDrop(endpoint(port, **changes)) as drop:
        drop.put(raw, message_id="<1@example.org>", sender=SENDER, recipients=recipients or (CLIENT,))


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate for localhost; its authority lies in ca.pem."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.mark.parametrize("raw", [RAW, RAW.rstrip(b"\r\n") + b"\r\n", mail(1, body=b".\r\n"), mail(1, body=b"")])
def test_the_bytes_arrive_as_they_were_approved(raw: bytes) -> None:
    """SMTP ends a mail with a dot on a line of its own: an unescaped one cuts the letter in two."""
    with SmtpSink() as sink:
        send(sink.port, CLIENT, "second@example.com", raw=raw)
    (taken,) = sink.mails
    assert taken.content == raw
    assert (taken.mail_from, taken.rcpt_tos) == (SENDER, [CLIENT, "second@example.com"])


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_sending_is_encrypted(certificate: ssl.SSLContext, tmp_path: Path, security: Security) -> None:
    """Both usual ways, 465 and 587."""
    where = {"tls": certificate} if security is Security.TLS else {"starttls": certificate, "require_starttls": True}
    with SmtpSink(**where) as sink:  # type: ignore[arg-type]
        send(sink.port, host="localhost", security=security, ca_file=tmp_path / "ca.pem")
    assert len(sink.mails) == 1
    assert sink.logins == [("PLAIN", "owner")]


def test_starttls_that_is_not_offered_gets_no_login() -> None:
    """A stripped offer must not turn into a password in the open."""
    with SmtpSink() as sink, Proxy(sink.port) as proxy:
        with pytest.raises(ConfigError, match="does not offer STARTTLS"):
            send(proxy.port, security=Security.STARTTLS)
        assert b"AUTH" not in proxy.heard
    assert sink.mails == []


def test_a_wrong_password_is_tried_once() -> None:
    """Trying every mechanism with the same wrong password is what locks accounts."""
    with SmtpSink() as sink, pytest.raises(CredentialsError, match="owner") as caught:
        send(sink.port, secret=lambda: SECRET)
    assert len(sink.logins) == 1
    assert SECRET not in caught.value.message + caught.value.fix


def test_a_password_outside_ascii_can_be_sent() -> None:
    """The stdlib encodes passwords as ASCII and would end in a traceback that shows a part of it."""
    with SmtpSink() as sink, pytest.raises(CredentialsError):
        send(sink.port, secret=lambda: "pässwort")
    assert sink.logins == [("PLAIN", "owner")]


@pytest.mark.parametrize("auth", [Auth.XOAUTH2, Auth.OAUTHBEARER])
def test_a_refused_token_is_acknowledged(auth: Auth) -> None:
    """The server's error report is a challenge: a client that does not answer it hangs."""
    script = {"AUTH": "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n", "": "535 no\r\n", "AQ==": "535 no\r\n"}
    with ScriptedSmtp(script) as server, pytest.raises(CredentialsError):
        send(server.port, auth=auth)


def test_a_server_without_a_login_is_the_wrong_port() -> None:
    """Port 25 takes mail from servers, not from us."""
    with SmtpSink(auth_exclude_mechanism=["PLAIN", "LOGIN"], auth_require_tls=True) as sink, pytest.raises(ConfigError):
        send(sink.port)


def test_without_a_user_name_nothing_is_logged_in() -> None:
    """A relay on this machine wants no login."""
    with SmtpSink() as sink:
        send(sink.port, username="")
    assert (len(sink.mails), sink.logins) == (1, [])


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (Answers(mail="550 not you"), RejectedByServer),
        (Answers(recipients={CLIENT: "550 no such user"}), RejectedByServer),
        (Answers(recipients={CLIENT: "451 greylisted"}), MailServerError),
        (Answers(data="554 spam"), RejectedByServer),
        (Answers(data="452 disk full"), MailServerError),
    ],
)
def test_a_refused_mail_has_certainly_not_left(answers: Answers, error: type[FirmlyError]) -> None:
    """5xx is for good and a person looks; 4xx is for the next run; neither may end as "uncertain"."""
    with SmtpSink(answers) as sink, pytest.raises(error) as caught:
        send(sink.port)
    assert not isinstance(caught.value, UncertainDelivery)
    assert sink.mails == []


def test_a_refused_recipient_stops_the_mail_for_all() -> None:
    """Sent to one of two it would count as sent, and be sent twice when tried again."""
    with SmtpSink(Answers(recipients={"second@example.com": "550 no such user"})) as sink:
        with pytest.raises(RejectedByServer, match=r"second@example\.com.*nothing was sent"):
            send(sink.port, CLIENT, "second@example.com")
        send(sink.port, CLIENT)
    assert [taken.rcpt_tos for taken in sink.mails] == [[CLIENT]]


def test_a_lost_answer_to_the_mail_is_uncertain() -> None:
    """The mail has left and the 250 is lost (RFC 1047): sent again it would arrive twice."""
    seen = bytearray()

    def cut_the_answer(chunk: bytes) -> bytes | None:
        return None if b"\r\n.\r\n" in seen else chunk

    def listen(chunk: bytes) -> bytes:
        seen.extend(chunk)
        return chunk

    with (
        SmtpSink() as sink,
        Proxy(sink.port, from_server=cut_the_answer, from_client=listen) as proxy,
        pytest.raises(UncertainDelivery),
    ):
        send(proxy.port)
    assert len(sink.mails) == 1


@pytest.mark.parametrize("answer", ["", "what\r\n", "354 go on then\r\n"])
def test_an_answer_that_is_none_is_uncertain(answer: str) -> None:
    """What is neither yes nor no after the final dot says nothing about the mail."""
    with ScriptedSmtp({"DATA": "354 go\r\n", ".": answer}) as server, pytest.raises(UncertainDelivery):
        send(server.port)


def test_a_server_that_never_answers_the_mail_is_uncertain() -> None:
    """A timeout after the final dot is the same as a lost answer."""
    with ScriptedSmtp({"DATA": "354 go\r\n", ".": "25"}) as server, pytest.raises(UncertainDelivery):
        send(server.port, timeout_s=0.2)


@pytest.mark.parametrize("step", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_line_that_breaks_before_the_mail_is_not_uncertain(step: str) -> None:
    """Nothing has left, so nobody has to be asked."""
    with ScriptedSmtp({step: "", "HELO": ""}) as server, pytest.raises(MailServerError) as caught:
        send(server.port)
    assert not isinstance(caught.value, UncertainDelivery)


@pytest.mark.parametrize("greeting", ["554 go away\r\n", "421 busy\r\n", "HTTP/1.1 400\r\n", ""])
def test_a_server_that_does_not_greet(greeting: str) -> None:
    """Another service on the port, or one that is full, is for the next run."""
    with ScriptedSmtp({}, greeting=greeting or "\r\n") as server, pytest.raises(MailServerError):
        send(server.port)


def test_a_refused_connection_names_the_server() -> None:
    """The owner has to know that it is the sending server that is down."""
    port = free_port()
    with pytest.raises(MailServerError, match=f"{port}.*refused"):
        send(port)


def test_a_dripping_server_is_bounded_by_the_deadline() -> None:
    """The same bound as for reading: no server may hold a run for hours."""
    until = time.monotonic() + 0.3
    with (
        SmtpSink() as sink,
        Proxy(sink.port, drip_s=0.05) as proxy,
        pytest.raises(MailServerError, match="time of this run"),
    ):
        send(proxy.port, deadline=lambda: until - time.monotonic())
    assert time.monotonic() - until < 3


def test_an_address_in_another_script_is_sent_in_ascii() -> None:
    """A client at bücher.example has an address that every server understands; it travels in Punycode."""
    with SmtpSink() as sink:
        send(sink.port, "info@bücher.example")
    assert sink.mails[0].rcpt_tos == ["info@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "address", ["a@b@c.example", "a\r\nRCPT TO:<evil@example.net>@example.com", "", "ä@example.com"]
)
def test_what_is_no_address_is_not_sent_to(address: str) -> None:
    """A hostile From must not become a command of the dialogue."""
    with SmtpSink() as sink, pytest.raises(ValueError, match="address"):
        send(sink.port, address)
    assert sink.mails == []


def test_it_says_that_it_sends_and_finds_nothing() -> None:
    """The store must know that `put` is final: an interrupted one is asked about, never repeated."""
    drop = SmtpDrop(endpoint(1))
    assert drop.sends is True
    assert drop.find("<1@example.org>") is None
