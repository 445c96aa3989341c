"""A TCP proxy on loopback that sees, changes, slows down or cuts what passes."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

Tap = Callable[[bytes], bytes | None]
"""What becomes of a chunk: these bytes pass instead, or None cuts the line."""


def untouched(chunk: bytes) -> bytes:
    """Let everything pass as it is."""
    return chunk


class Proxy:
    """Started by `with`; forwards each connection to `upstream` on loopback. `heard` is what clients sent."""

    def __init__(
        self, upstream: int, *, from_server: Tap = untouched, from_client: Tap = untouched, drip_s: float | None = None
    ) -> None:
        """Taps run on the proxy's threads. With `drip_s` the server's bytes come one by one, so far apart."""
        self._drip_s = drip_s
        self._ended = threading.Event()
        self._upstream = upstream
        self._taps = {"server": from_server, "client": from_client}
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self.heard = bytearray()

    def __enter__(self) -> Self:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        """Cut all lines and wait for the threads."""
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._sockets:
            _cut(end)
        for thread in self._threads:
            thread.join(5)
        for end in self._sockets:
            end.close()

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._upstream), 5)
                server.settimeout(None)
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets += [client, server]
                self._spawn(self._pump, client, server, "client")
                self._spawn(self._pump, server, client, "server")

    def _pump(self, source: socket.socket, target: socket.socket, side: str) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                if side == "client":
                    self.heard += chunk
                passing = self._taps[side](chunk)
                if passing is None:
                    break
                for piece in self._pieces(side, passing):
                    target.sendall(piece)
        _cut(source)
        _cut(target)

    def _pieces(self, side: str, chunk: bytes) -> Iterator[bytes]:
        if self._drip_s is None or side == "client":
            yield chunk
            return
        for byte in chunk:
            if self._ended.wait(self._drip_s):
                return
            yield bytes([byte])


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
