"""TLS: what is refused before a single byte of a login is sent."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from servers.handshake import Handshake

from pipeline.errors import ConfigError, FirmlyError
from pipeline.mail.endpoint import Endpoint
from pipeline.mail.imap import ImapSettings, ImapSource
from pipeline.mail.smtp import SmtpDrop

Open = Callable[[dict[str, Any]], Any]


def never() -> str:
    """A secret that must not be asked for."""
    raise AssertionError("the secret was fetched")


@pytest.fixture(
    params=[lambda s: ImapSource(ImapSettings(**s)), lambda s: SmtpDrop(Endpoint(**s))], ids=["imap", "smtp"]
)
def adapter(request: pytest.FixtureRequest) -> Open:
    """Both protocols: they share the code, and each could forget to use it."""
    opened: Open = request.param
    return opened


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """An authority that the tests' ca_file trusts."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    return ca


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def refusal(adapter: Open, context: ssl.SSLContext, ca_file: Path) -> FirmlyError:
    """What the owner is told of such a server."""
    with Handshake(context) as server:
        settings = {
            "host": "localhost",
            "port": server.port,
            "username": "owner",
            "secret": never,
            "ca_file": ca_file,
            "timeout_s": 5.0,
        }
        with pytest.raises(FirmlyError) as caught, adapter(settings):
            pass
    return caught.value


def test_an_expired_certificate(adapter: Open, authority: trustme.CA, tmp_path: Path) -> None:
    """A certificate of yesterday may have a stolen key; a wrong clock looks the same, and the owner is told of both."""
    expired = authority.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    error = refusal(adapter, server_context(expired), tmp_path / "ca.pem")
    assert isinstance(error, ConfigError)
    assert "expired" in error.message
    assert "clock" in error.fix


def test_a_certificate_for_another_name(adapter: Open, authority: trustme.CA, tmp_path: Path) -> None:
    """A valid certificate of somebody else proves nothing."""
    error = refusal(adapter, server_context(authority.issue_cert("mail.example.org")), tmp_path / "ca.pem")
    assert isinstance(error, ConfigError)
    assert "mismatch" in error.message.lower()


def test_a_certificate_that_nobody_vouches_for(adapter: Open, authority: trustme.CA, tmp_path: Path) -> None:
    """Self-signed by another authority: refused although a ca_file is set."""
    assert authority is not None
    error = refusal(adapter, server_context(trustme.CA().issue_cert("localhost")), tmp_path / "ca.pem")
    assert isinstance(error, ConfigError)
    assert "not trusted" in error.message


def test_tls_that_is_too_old(adapter: Open, authority: trustme.CA, tmp_path: Path) -> None:
    """TLS 1.0 and 1.1 are broken (RFC 8996); a server that can do no better gets no login."""
    context = server_context(authority.issue_cert("localhost"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.deprecated_call():
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    error = refusal(adapter, context, tmp_path / "ca.pem")
    assert isinstance(error, ConfigError)
    assert "TLS 1.2" in error.message


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_may_be_unencrypted(host: str) -> None:
    """A bridge such as a local OAuth proxy listens on this machine without TLS."""
    endpoint = Endpoint(host=host, port=1, username="owner", secret=never, security="plain")  # type: ignore[arg-type]
    assert endpoint.address.endswith(":1")


@pytest.mark.parametrize("host", ["127.0.0.1.example.org", "0.0.0.0", "10.0.0.1", "localhost.", ""])
def test_nothing_else_may(host: str) -> None:
    """A name that only looks like this machine is another one."""
    with pytest.raises(ConfigError):
        Endpoint(host=host, port=1, username="owner", secret=never, security="plain")  # type: ignore[arg-type]
