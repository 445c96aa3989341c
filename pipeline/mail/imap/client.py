"""imapclient, on a connection that is bounded in time and size and that logs nothing."""

import imaplib
import logging
import socket
from typing import Any

from imapclient import IMAPClient

from pipeline.mail.endpoint import Security, dial, tls_context
from pipeline.mail.imap.settings import ImapSettings

# imapclient logs whole answers at DEBUG, and bytes of servers at WARNING: mail must never reach a log.
logging.getLogger("imapclient").setLevel(logging.ERROR)


class Wire(imaplib.IMAP4):
    """imaplib's connection, with our patience, a bound on literals, and a count of what left."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self.sent_bytes = 0
        super().__init__(client.settings.host, client.settings.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 imaplib's signature
        settings = self._client.settings
        return dial(settings, self._client.context if settings.security is Security.TLS else None)

    def read(self, size: int) -> bytes:
        """Read a literal; one that nobody asked for is not even begun, because its space is reserved first."""
        settings = self._client.settings
        if size > 4 * max(settings.batch_bytes, settings.max_mail_bytes):
            raise self.abort("literal too large")
        return super().read(size)

    def send(self, data: Any) -> None:
        """Send, and count what the system has taken in full."""
        super().send(data)
        self.sent_bytes += len(data)


class Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient on our wire."""

    def __init__(self, settings: ImapSettings) -> None:
        self.settings = settings
        self.context = None if settings.security is Security.PLAIN else tls_context(settings)
        super().__init__(
            settings.host, settings.port, ssl=settings.security is Security.TLS, timeout=settings.timeout_s
        )
        self.normalise_times = False
        # imapclient sets this to 5, which formats every byte of every answer for the log: two thirds of its time.
        self.wire.debug = 0

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 imapclient's name
        self.wire = Wire(self)
        return self.wire
