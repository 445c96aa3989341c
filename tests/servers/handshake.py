"""A server that only shakes hands, for certificates and protocol versions that a healthy server does not have."""

import socket
import ssl
import threading
from contextlib import suppress
from typing import Self


class Handshake:
    """Started by `with`: accepts connections on loopback, tries TLS with `context`, and closes them."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """`context` is the server's side."""
        self._context = context

    def __enter__(self) -> Self:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening and wait."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                with line, suppress(OSError), self._context.wrap_socket(line, server_side=True) as secured:
                    secured.recv(1)
