"""A mail server that is to be reached: address, login, TLS, patience, and what a failing line means.

Shared by the IMAP and SMTP adapters. There is no fallback to an unencrypted line: TLS 1.2 or newer with a verified
host name, STARTTLS that must succeed before the login, or an unencrypted line to this very machine.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import ConfigError, MailServerError

_Socket = TypeVar("_Socket", bound=socket.socket)

_HOSTNAME_MISMATCH = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_OUT_OF_DATE = {9, 10}  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
}
_OLD_TLS = {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW"}


class Security(StrEnum):
    """How the line is protected."""

    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"  # before the login, or there is no login
    PLAIN = "plain"  # loopback only


class Auth(StrEnum):
    """How the server is told who we are."""

    PASSWORD = "password"  # noqa: S105 the name of a way to log in
    XOAUTH2 = "xoauth2"  # Google's and Microsoft's older way
    OAUTHBEARER = "oauthbearer"  # RFC 7628


def no_deadline() -> None:
    """There is no deadline: only the timeout of each read holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One server and one login. Raises `ConfigError` for an unencrypted line to another machine."""

    host: str
    port: int
    username: str
    secret: Callable[[], str] = field(repr=False)
    """Gives the password or the OAuth token. Called once per login, as late as possible; never kept."""
    security: Security = Security.TLS
    auth: Auth = Auth.PASSWORD
    ca_file: Path | None = None
    """Trust the certificates of this PEM file instead of the system's."""
    timeout_s: float = 30.0
    """For connecting, and for each read."""
    deadline: Callable[[], float | None] = field(default=no_deadline, repr=False)
    """Seconds that are left for everything, or None. A server that drips its answer is bounded by it."""

    def __post_init__(self) -> None:
        """Refuse what would send a secret over a line that others can read. Plain strings become the enums."""
        object.__setattr__(self, "security", Security(self.security))
        object.__setattr__(self, "auth", Auth(self.auth))
        if self.security is Security.PLAIN and not is_loopback(self.host):
            raise ConfigError(
                f'security = "plain" would send the login of {self.username} to {self.host} unencrypted.',
                fix='Use security = "tls" (or "starttls"); "plain" is for servers on this machine only.',
            )

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"

    def patience(self) -> float:
        """Seconds to wait for the next bytes. Raises TimeoutError when the deadline has passed."""
        left = self.deadline()
        if left is None:
            return self.timeout_s
        if left <= 0:
            raise TimeoutError
        return min(self.timeout_s, left)


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and host name verified. Raises `ConfigError` for an unusable `ca_file`."""
    try:
        context = ssl.create_default_context(cafile=endpoint.ca_file)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(
            f"ca_file {endpoint.ca_file} cannot be used: {why}.",
            fix="Give a readable PEM file with the certificate of the authority that signed the server's.",
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _patient(ssl.SSLSocket, endpoint)
    return context


def dial(endpoint: Endpoint, context: ssl.SSLContext | None) -> socket.socket:
    """Connect; with a context of `tls_context`, shake hands. Every read on the socket is bounded by the endpoint.

    Raises OSError, and `ConfigError` for a host that can be none.
    """
    try:
        raw = socket.create_connection((endpoint.host, endpoint.port), endpoint.patience())
    except UnicodeError:
        raise ConfigError(f'"{endpoint.host}" is no host name.', fix="Correct the host in the config.") from None
    try:
        # imaplib sends a mail and the line end after it in two pieces; the second would wait 40 ms for an ACK.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            return context.wrap_socket(raw, server_hostname=endpoint.host)
        return _patient(socket.socket, endpoint)(raw.family, raw.type, raw.proto, raw.detach())
    except BaseException:
        raw.close()
        raise


def _patient(kind: type[_Socket], endpoint: Endpoint) -> type[_Socket]:
    """A socket class that asks before each read how long it may wait.

    A socket's own timeout starts anew with every byte that comes, so a server that sends one byte a second would
    hold a run for ever.
    """

    class PatientSocket(kind):  # type: ignore[valid-type, misc]  # mypy has no variable base classes
        """See `_patient`."""

        def recv_into(self, *args: Any) -> int:
            """Read what has come, within the patience of this moment."""
            self.settimeout(endpoint.patience())
            return int(super().recv_into(*args))

    return PatientSocket


@contextmanager
def answering(endpoint: Endpoint, doing: str) -> Iterator[None]:
    """Give what goes wrong on a line its name: `MailServerError`, or `ConfigError` where waiting does not help."""
    where = f"{endpoint.address} ({doing})"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise _bad_certificate(endpoint, error) from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise MailServerError(f"{where}: the server closed the encrypted line.") from None
    except ssl.SSLError as error:
        raise _no_tls(endpoint, error) from None
    except TimeoutError:
        left = endpoint.deadline()
        if left is not None and left <= 0:
            raise MailServerError(f"{where}: the time of this run was used up.", fix="The next run goes on.") from None
        raise MailServerError(f"{where}: no answer within {endpoint.timeout_s:g} s.") from None
    except socket.gaierror:
        raise MailServerError(
            f"{where}: the host name cannot be resolved.",
            fix="Check the host name in the config and the network.",
        ) from None
    except ConnectionRefusedError:
        raise MailServerError(
            f"{where}: the connection was refused.",
            fix="Check host and port in the config; is the server up?",
        ) from None
    except OSError as error:
        raise MailServerError(f"{where}: {error.strerror or type(error).__name__}.") from error


def _bad_certificate(endpoint: Endpoint, error: ssl.SSLCertVerificationError) -> ConfigError:
    if error.verify_code in _HOSTNAME_MISMATCH:
        fix = "Use the host name that the certificate was issued for."
    elif error.verify_code in _OUT_OF_DATE:
        fix = "Check this machine's clock; else the server needs a new certificate."
    else:
        fix = "If this is your own server, set ca_file to the PEM file of the authority that signed its certificate."
    why = error.verify_message.rstrip(".")
    return ConfigError(f"The certificate of {endpoint.address} is not trusted: {why}.", fix=fix)


def _no_tls(endpoint: Endpoint, error: ssl.SSLError) -> ConfigError | MailServerError:
    if error.reason in _NOT_TLS:
        return ConfigError(
            f"{endpoint.address} does not speak TLS from the first byte.",
            fix='Check the port; a server that upgrades the line later wants security = "starttls".',
        )
    if error.reason in _OLD_TLS:
        return ConfigError(
            f"{endpoint.address} offers no TLS 1.2 or newer.",
            fix="The server has to be updated: older TLS is not safe for a password.",
        )
    return MailServerError(f"{endpoint.address}: TLS failed ({error.reason or 'no reason given'}).")
