"""IMAP against a real Dovecot: certificates, logins, flags."""

from typing import Any

import pytest
import trustme
from servers import dovecot
from servers.dovecot import PASSWORD, Dovecot
from servers.mailboxes import ImapMailboxKit, mail
from servers.proxy import Proxy

from pipeline.errors import ConfigError, CredentialsError, MailServerError
from pipeline.mail.endpoint import Auth, Security
from pipeline.mail.imap import ImapDrop, ImapSource
from pipeline.mail.ports import Role

__test__ = dovecot.AVAILABLE
pytestmark = pytest.mark.dovecot
pytest_plugins = ("servers.fixtures",)

ID = "<draft-1@example.org>"


def log_in(server: Dovecot, user: str, **changes: Any) -> None:
    """Connect, log in, leave."""
    with ImapSource(server.settings(user, **changes)) as source:
        assert source.examine(Role.INBOX) is not None


@pytest.mark.parametrize("auth", list(Auth))
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_every_way_to_log_in(dovecot_server: Dovecot, user: str, auth: Auth, security: Security) -> None:
    """Gmail and Microsoft 365 want OAuth, others a password; some still speak STARTTLS only."""
    port = dovecot_server.tls_port if security is Security.TLS else dovecot_server.port
    log_in(dovecot_server, user, auth=auth, security=security, port=port)


@pytest.mark.parametrize("auth", list(Auth))
def test_a_wrong_secret_is_refused(dovecot_server: Dovecot, user: str, auth: Auth) -> None:
    """A refused token comes with a challenge that has to be answered; a client that does not hangs."""
    with pytest.raises(CredentialsError, match=user) as caught:
        log_in(dovecot_server, user, auth=auth, secret=lambda: "wrong-canary")
    assert "wrong-canary" not in str(caught.value) + caught.value.fix
    assert ("token" in caught.value.fix) == (auth is not Auth.PASSWORD)


def test_a_certificate_of_an_unknown_authority(dovecot_server: Dovecot, user: str) -> None:
    """A self-signed certificate is what an eavesdropper shows; the owner of a home server is told of ca_file."""
    with pytest.raises(ConfigError, match=r"not trusted.*issuer") as caught:
        log_in(dovecot_server, user, ca_file=None)
    assert "ca_file" in caught.value.fix


def test_a_certificate_of_another_authority(dovecot_server: Dovecot, user: str, tmp_path: Any) -> None:
    """A ca_file trusts its own authority and no other."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    with pytest.raises(ConfigError, match="not trusted"):
        log_in(dovecot_server, user, ca_file=tmp_path / "other.pem")


def test_a_certificate_for_another_host(dovecot_server: Dovecot, user: str) -> None:
    """Any certificate that is valid somewhere would do for an eavesdropper if the name were not compared."""
    with pytest.raises(ConfigError, match="mismatch") as caught:
        log_in(dovecot_server, user, host="127.0.0.1")
    assert "host name" in caught.value.fix


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_none(dovecot_server: Dovecot, user: str, tmp_path: Any, content: str | None) -> None:
    """A wrong path must not end in a traceback, or worse, in the system's authorities."""
    if content:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ConfigError, match="ca_file"):
        log_in(dovecot_server, user, ca_file=tmp_path / "ca.pem")


def test_a_port_without_tls(dovecot_server: Dovecot, user: str) -> None:
    """The commonest mistake, port 143 with `tls`, gets its fix by name."""
    with pytest.raises(ConfigError, match="does not speak TLS") as caught:
        log_in(dovecot_server, user, port=dovecot_server.port)
    assert "starttls" in caught.value.fix


def test_no_secret_follows_a_failed_handshake(dovecot_server: Dovecot, user: str) -> None:
    """Neither with an untrusted certificate nor after a stripped STARTTLS may the login be sent at all."""
    asked: list[str] = []

    def secret() -> str:
        asked.append("asked")
        return PASSWORD

    def strip(chunk: bytes) -> bytes:
        return chunk.replace(b" STARTTLS", b" XTARTTLS")

    with Proxy(dovecot_server.port, from_server=strip) as proxy:
        with pytest.raises(ConfigError, match="does not offer STARTTLS"):
            log_in(dovecot_server, user, port=proxy.port, security=Security.STARTTLS, secret=secret)
        assert b"LOGIN" not in proxy.heard
    with pytest.raises(ConfigError):
        log_in(dovecot_server, user, ca_file=None, secret=secret)
    assert asked == []


def test_words_sent_ahead_of_starttls_are_not_believed(dovecot_server: Dovecot, user: str) -> None:
    """Whoever is on the line can add answers before the handshake; read after it they would pass for the server's."""

    def inject(chunk: bytes) -> bytes:
        return chunk + b"* BYE injected\r\n" if b"Begin TLS" in chunk else chunk

    with Proxy(dovecot_server.port, from_server=inject) as proxy:
        log_in(dovecot_server, user, port=proxy.port, security=Security.STARTTLS)


def test_a_line_that_drops_inside_tls(dovecot_server: Dovecot, user: str) -> None:
    """A cut TLS line raises errors of its own kind, which must not pass for a bad certificate."""
    kit = ImapMailboxKit(dovecot_server.settings(user), lambda: dovecot_server.client(user))
    kit.add(Role.INBOX, mail(1, body=b"x" * 200_000))
    passed = 0

    def cut(chunk: bytes) -> bytes | None:
        nonlocal passed
        passed += len(chunk)
        return chunk if passed < 100_000 else None

    with Proxy(dovecot_server.tls_port, from_server=cut) as proxy, kit.source(port=proxy.port) as source:
        (listed,) = source.listing(Role.INBOX, source.uids(Role.INBOX, after=0))
        bodies = source.bodies(Role.INBOX, listed)
        with pytest.raises(MailServerError):
            next(bodies)


def test_a_draft_carries_its_flags(dovecot_server: Dovecot, user: str) -> None:
    """Without the Draft flag mail programs show a mail that cannot be edited; without Seen it counts as new."""
    with ImapDrop(dovecot_server.settings(user)) as drop:
        found = drop.put(mail(1, message_id=ID), message_id=ID, sender="", recipients=[])
    with dovecot_server.client(user) as client:
        client.select_folder("Drafts", readonly=True)
        assert set(client.get_flags([found.uid])[found.uid]) - {b"\\Recent"} == {b"\\Draft", b"\\Seen"}
