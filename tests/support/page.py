"""The page over a small world, with and without a browser."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from support.memory import mail
from support.world import World, shared

from pipeline.run.loop import RunOptions, run_once
from pipeline.web.app import build_page
from pipeline.web.gate import Key

HOST = "127.0.0.1:8765"
ORIGIN = f"http://{HOST}"


def app_of(world: World, key: Key, host: str = HOST, on_bug: Callable[[Exception], None] = lambda _: None) -> Starlette:
    """The application for a world."""
    return build_page(
        world.desk,
        shared()[0],
        key=key,
        hosts=frozenset({host}),
        cookie=f"firmly_{host.rpartition(':')[2]}",
        reviewer="robin",
        on_bug=on_bug,
    )


def addresses(world: World, method: str) -> list[str]:
    """An address for every route of the page that answers this method, so that no test can forget a new one."""
    found = app_of(world, Key()).routes
    routes = [route for route in found if isinstance(route, Route) and method in (route.methods or ())]
    return [route.path.replace("{number:int}", "1").replace("{name:path}", "write.md") for route in routes]


@dataclass
class Visitor:
    """A browser without eyes: keeps cookies, follows nothing, sends what a form of ours sends."""

    http: TestClient
    key: Key
    world: World

    def read(self, path: str) -> str:
        """A page that has to be there."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def fields(self, number: int) -> dict[str, str]:
        """The hidden fields of a proposal's form, as the page has them now."""
        form = LexborHTMLParser(self.read(f"/p/{number}")).css_first("#draft")
        given = {node.attributes["name"]: node.attributes["value"] or "" for node in form.css("input")}
        area = form.css_first("textarea")
        return {**given, "body": area.text().removeprefix("\n")} if area else given  # type: ignore[dict-item]

    def post(self, path: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
        """Send a form from our own page. Gives the status, and where it leads or what it says."""
        sent = self.http.post(path, data=form, headers={"Origin": ORIGIN, **headers}, follow_redirects=False)
        return sent.status_code, sent.headers.get("location", sent.text)


def visit(world: World) -> Visitor:
    """Somebody who has opened the printed link."""
    key = Key()
    http = TestClient(app_of(world, key), base_url=ORIGIN)
    assert http.get(f"/enter?token={key.token}", follow_redirects=False).status_code == 303
    return Visitor(http, key, world)


def receive(world: World, body: str, *, number: int = 1, **more: object) -> None:
    """A client's mail comes in, is judged and answered by a draft."""
    world.box.add(mail(body=body, message_id=f"<m{number}@harbour.example>", **more))  # type: ignore[arg-type]
    run_once(world.desk, RunOptions(deliver=False))


@contextmanager
def serving(world: World, key: Key) -> Iterator[str]:
    """The page on a real port, for a real browser; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(app_of(world, key, host), log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    try:
        yield f"http://{host}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
