"""An IMAP server inside this process, for `firmly demo`: the real road over a real protocol, without an account.

pymap on loopback, in memory, on its own thread. It knows no SPECIAL-USE, so folders are found by name, and no TLS: it
never leaves this machine.
"""

import asyncio
import secrets
import ssl
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, DictBackend, Login
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

from pipeline.mail.endpoint import Security
from pipeline.mail.headers import arrival_of, header_of, with_crlf
from pipeline.mail.imap.settings import ImapSettings

_FOLDERS = {"inbox": "INBOX", "sent": "Sent", "drafts": "Drafts", "trash": "Trash"}
_LINE_LIMIT = 2**26
"""asyncio's own limit of 64 KB a line would cut large mails off."""


class _Config(Config):
    @property
    def greeting(self) -> bytes:
        """Say who this is. pymap would ask the DNS for the name of this machine, at every connection."""
        return b"Firmly demo mailbox"


class DemoServer:
    """Serves the `.eml` files of `directory` (`inbox/`, `sent/`, `drafts/`, `trash/`) between enter and exit."""

    def __init__(self, directory: Path, *, arrived_at: Callable[[bytes], datetime] | None = None) -> None:
        """`arrived_at` gives INTERNALDATE for a mail's bytes; without it the header does, else the epoch."""
        self._directory = directory
        self._arrived_at = arrived_at or _by_header
        self._password = secrets.token_urlsafe(16)

    def __enter__(self) -> Self:
        """Load the mails and listen on a free port of loopback. Raises OSError."""
        started: Future[int] = Future()
        self._thread = Thread(target=self._run, args=(started,), name="firmly-demo-imap", daemon=True)
        self._thread.start()
        self._port = started.result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Close all connections and wait for the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def settings(self) -> ImapSettings:
        """How to reach it."""
        return ImapSettings(
            host="127.0.0.1",
            port=self._port,
            security=Security.PLAIN,
            username="demo",
            secret=lambda: self._password,
        )

    def _run(self, started: "Future[int]") -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _serve(self, started: "Future[int]") -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        config = _Config(
            Namespace(proxy_protocol=None),
            demo_data=False,
            demo_user="demo",
            demo_password=self._password,
            host=None,
            port=0,
            tls_enabled=False,
            ssl_context=ssl.create_default_context(
                ssl.Purpose.CLIENT_AUTH
            ),  # else pymap looks for one in the environment
            hash_context=Cleartext(),  # the password lives as long as this process; hashing it would take 0.3 s a login
            cpu_subsystem=Subsystem.for_asyncio(),
        )
        config.apply_context()
        backend = DictBackend(Login(config), config)
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await self._load(backend, config)
            imap = IMAPServer(backend.login, config)

            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                # Not pymap's ProxyProtocolReader: it forgets the task it starts, and the collector may then end it.
                await imap(reader, writer, SocketInfoLocal(writer, unique_id=secrets.token_bytes(8)))

            server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=_LINE_LIMIT)
            started.set_result(server.sockets[0].getsockname()[1])
            await self._stop.wait()
            server.close()
            await _end_connections()

    async def _load(self, backend: DictBackend, config: Config) -> None:
        password = await Passwords(config).hash_password(self._password)
        user = backend.login.demo_user_identity
        await user.set(UserMetadata(config, config.demo_user, password=password))
        async with user.new_session() as session:
            for part, name in _FOLDERS.items():
                if name != "INBOX":
                    await session.mailbox_set.add_mailbox(name)
                mailbox = await session.mailbox_set.get_mailbox(name)
                for path in sorted((self._directory / part).glob("*.eml")):
                    raw = with_crlf(path.read_bytes())
                    await mailbox.append(AppendMessage(raw, self._arrived_at(raw), frozenset()))


async def _end_connections() -> None:
    """Cancel what still serves a client, and let the transports close before the loop does."""
    serving = asyncio.all_tasks() - {asyncio.current_task()}
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
    await asyncio.sleep(0)


def _by_header(raw: bytes) -> datetime:
    return arrival_of(header_of(raw)) or datetime.fromtimestamp(0, UTC)
