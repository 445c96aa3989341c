"""The application: routes, the gate before them, and what happens when a page cannot be made."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import resources

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pipeline.errors import FirmlyError, StateError, TemporaryError, UsageError
from pipeline.prompts import PromptLibrary
from pipeline.run.desk import Desk
from pipeline.web import acts, clientpage, figures, pages
from pipeline.web.gate import Gate, Key, same
from pipeline.web.room import Room

_STATIC = {"firmly.css": "text/css", "firmly.js": "text/javascript", "icon.svg": "image/svg+xml"}
_PAGES = {
    "/": pages.show_queue,
    "/p/{number:int}": pages.show_proposal,
    "/a/{number:int}": pages.show_attention,
    "/m/{number:int}": pages.show_mail,
    "/done": pages.show_done,
    "/clients": pages.show_clients,
    "/clients/{number:int}": clientpage.show_client,
    "/payments": figures.show_payments,
    "/runs": figures.show_runs,
    "/costs": figures.show_costs,
    "/stats": figures.show_stats,
    "/prompts": pages.show_prompts,
    "/prompts/{name:path}": pages.show_prompt,
    "/help": pages.show_help,
}
_ACTS: Mapping[str, acts.Act] = {
    "/p/{number:int}/approve": acts.approve,
    "/p/{number:int}/edit": acts.edit,
    "/p/{number:int}/check": acts.check,
    "/p/{number:int}/copy": acts.copy,
    "/p/{number:int}/redraft": acts.write_again,
    "/p/{number:int}/reject": acts.reject,
    "/p/{number:int}/snooze": acts.snooze,
    "/p/{number:int}/undo": acts.undo,
    "/p/{number:int}/settle": acts.settle,
    "/m/{number:int}/label": acts.label,
    "/clients/{number:int}/boundary": acts.strike_limit,
    "/clients/{number:int}/limit": acts.state_limit,
    "/a/{number:int}/close": acts.close,
    "/a/{number:int}/snooze": acts.put_off,
    "/a/{number:int}/undo": acts.reopen,
}
_BUG = "This is a bug in Firmly. The terminal that runs this page says where, without a word of your mail: please report it."
_LONGEST_NUMBER = 2**63 - 1

Endpoint = Callable[[Request], Awaitable[Response]]


def build_page(
    desk: Desk,
    library: PromptLibrary,
    *,
    key: Key,
    hosts: frozenset[str],
    cookie: str,
    reviewer: str,
    banner: str = "",
    on_bug: Callable[[Exception], None] = lambda _: None,
) -> Starlette:
    """The ASGI application for one desk.

    `hosts` are the Host headers it answers to, with the port, in lower case; `banner` is a sentence for every page;
    `on_bug` is told what nobody expected, and keeps the words of the exception to itself: they may hold mail.
    """
    room = Room(desk, library, key, reviewer, banner)
    routes = [Route(path, _owning_up(_page(room, show), on_bug), methods=["GET"]) for path, show in _PAGES.items()]
    routes += [Route(path, _owning_up(_act(room, act), on_bug), methods=["POST"]) for path, act in _ACTS.items()]
    routes += [Route(f"/static/{name}", _static(name, kind), methods=["GET"]) for name, kind in _STATIC.items()]

    async def explain(request: Request, error: Exception) -> Response:
        return await run_in_threadpool(_explained, room, request, error)

    return Starlette(
        routes=routes,
        middleware=[Middleware(Gate, key=key, hosts=hosts, cookie=cookie)],
        exception_handlers={FirmlyError: explain, HTTPException: explain},
    )


def _page(room: Room, show: Callable[[Room, Request], Response]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        _check_number(request)
        return await run_in_threadpool(show, room, request)

    return endpoint


def _act(room: Room, act: acts.Act) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        _check_number(request)
        async with request.form(max_files=0, max_fields=20) as given:
            form = {name: value for name, value in given.items() if isinstance(value, str)}
        if not same(form.get("csrf", ""), room.key.csrf):
            raise HTTPException(403, "This form is not one of ours, or from before a restart. Nothing was done.")
        return await run_in_threadpool(act, room, request, form)

    return endpoint


def _owning_up(endpoint: Endpoint, on_bug: Callable[[Exception], None]) -> Endpoint:
    """An endpoint whose bugs become a page of ours: the server's own would lack the gate's headers and log mail."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (FirmlyError, HTTPException):
            raise
        except Exception as error:  # noqa: BLE001 the last stop: told to whoever runs the page, without its words
            on_bug(error)
            raise HTTPException(500, _BUG) from None

    return answered


def _check_number(request: Request) -> None:
    if request.path_params.get("number", 0) > _LONGEST_NUMBER:
        raise HTTPException(404, "There is nothing of that number.")


def _static(name: str, kind: str) -> Endpoint:
    content = (resources.files("pipeline.web") / "static" / name).read_bytes()

    async def endpoint(request: Request) -> Response:  # noqa: ARG001 starlette's form
        return Response(content, media_type=kind)

    return endpoint


def _explained(room: Room, request: Request, error: Exception) -> Response:
    """An expected failure as a page."""
    status, words, fix = 500, "", ""
    if isinstance(error, HTTPException):
        status = error.status_code
        words = error.detail if status != 404 else "There is no such page."
    elif isinstance(error, FirmlyError):
        missing = 404 if request.method == "GET" else 409
        status = missing if isinstance(error, UsageError) else 409 if isinstance(error, StateError) else 500
        status = 503 if isinstance(error, TemporaryError) else status
        words, fix = error.message, error.fix
    try:
        return room.page(request, "refused.html", status=status, code=status, words=words, fix=fix)
    except Exception:  # noqa: BLE001 whatever is broken (the store itself, for one), the reason has to reach the person
        return PlainTextResponse(f"{words} {fix}\n", status_code=status)
