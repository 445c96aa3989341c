"""`firmly serve`: the queue as a page on this machine."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import ConfigPath, Now, desk_at, reviewer
from pipeline.errors import UsageError

if TYPE_CHECKING:
    import socket

    from pipeline.run.desk import Desk

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("serve")(serve)
    app.command("review")(review)


def review(*, config: ConfigPath = None, now: Now = None) -> None:
    """The queue in the terminal, one at a time; single keys decide."""
    from pipeline.cli.reviewing import sit_down

    sit_down(config, now)


def serve(
    *,
    config: ConfigPath = None,
    now: Now = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8765,
    open_to_network: Annotated[
        bool, typer.Option("--open-to-network", help="Allow a --host that other machines reach. Not encrypted.")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option(help="Another host name, with its port, that the page answers to.")
    ] = None,
) -> None:
    """The queue as a page, for one person on this machine. Prints the link that lets a browser in."""
    if host not in _LOOPBACK and not open_to_network:
        raise UsageError(
            f"{host} would let other machines at your mail.",
            fix="Leave --host away and use ssh -L 8765:127.0.0.1:8765, or say --open-to-network.",
        )
    serve_page(desk_at(config, now), _say_link, host=host, port=port, names=name or ())


def serve_page(
    desk: "Desk",
    ready: Callable[[str], None],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    names: Sequence[str] = (),
    banner: str = "",
) -> None:
    """Answer until Ctrl-C. `ready` is told the link as soon as somebody listens; `banner` stands on every page.

    Raises UsageError where nothing can listen.
    """
    import uvicorn

    from pipeline.app import library_of
    from pipeline.cli.main import show_bug
    from pipeline.web.app import build_page
    from pipeline.web.gate import Key

    listening = _listen(host, port)
    port = listening.getsockname()[1]
    key = Key()
    shown = f"[{host}]" if ":" in host else host
    hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"{shown}:{port}", *names})
    page = build_page(
        desk,
        library_of(desk.config),
        key=key,
        hosts=frozenset(h.lower() for h in hosts),
        cookie=f"firmly_{port}",
        reviewer=reviewer(),
        banner=banner,
        on_bug=show_bug,
    )
    ready(f"http://{shown}:{port}/enter?token={key.token}")
    server = uvicorn.Server(
        uvicorn.Config(
            page,
            log_level="warning",
            access_log=False,  # addresses carry the token and what is searched for
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=3,  # a browser holds its connections open
        )
    )
    with suppress(KeyboardInterrupt):  # uvicorn ends in order, and then raises the signal again
        server.run(sockets=[listening])


def _say_link(link: str) -> None:
    typer.echo(f"Your queue: {link}")
    typer.echo("The link works as long as this command runs. Stop it with Ctrl-C.")


def _listen(host: str, port: int) -> "socket.socket":
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # before the link is printed: whoever follows it at once finds somebody
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Nothing can listen on {host}:{port}: {error.strerror}.", fix="Use another --port; 0 takes a free one."
        ) from None
    return listening
