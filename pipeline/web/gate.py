"""Who is let in. Everything that a page of another site, or another program on this machine, could try ends here.

Loopback is no protection by itself: any page in the browser can send requests to it, and a name that an attacker
points to 127.0.0.1 (DNS rebinding) makes their page the same origin. So the Host has to be ours, a browser has to have
opened the link that was printed, and what changes anything has to come from our own page. Cookies do not know ports:
another page on this machine is the same site, so SameSite alone would not keep it out; the CSRF token does.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 512 * 1024
"""Of a form: a draft is a letter."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
    "X-DNS-Prefetch-Control": "off",
}


@dataclass(frozen=True, slots=True)
class Key:
    """The secrets of one `firmly serve`; they end with it."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """In the link that is printed."""
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def session(self) -> str:
        """What the cookie holds: not the token, which may lie in a browser's history."""
        return self._derived(b"session")

    @property
    def csrf(self) -> str:
        """What every form of ours carries."""
        return self._derived(b"csrf")

    def _derived(self, purpose: bytes) -> str:
        return hmac.new(self.secret, purpose, hashlib.sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in a time that does not tell how far they agree."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, key: Key, hosts: frozenset[str], cookie: str) -> None:
        """`hosts` are the values of the Host header that are ours, with the port, in lower case."""
        self.app, self.key, self.hosts, self.cookie = app, key, hosts, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower().encode() for name in HEADERS}
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in names]
                message["headers"] = kept + [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        request = Request(scope)
        answer = self._refusal(request)
        if answer is None and request.url.path == "/enter":
            answer = self._enter(request)
        elif answer is None and not same(request.cookies.get(self.cookie, ""), self.key.session):
            answer = _no(
                401, "This browser has not been let in. Open the link that firmly serve printed in the terminal."
            )
        await (answer or self.app)(scope, receive, guarded)

    def _refusal(self, request: Request) -> Response | None:
        """What is wrong with a request, whoever sends it."""
        named = request.headers.getlist("host")
        if len(named) != 1 or named[0].lower() not in self.hosts:
            return _no(421, "This address is not the one that firmly serve answers to.")
        if request.method not in {"GET", "HEAD", "POST"}:
            return _no(405, "Only GET and POST.")
        if request.method == "POST":
            if not self._from_our_page(request):
                return _no(403, "This came from another page and was not done.")
            length = request.headers.get("content-length", "")
            if not length.isdigit() or int(length) > MOST_BYTES:
                return _no(413, "This is more than a letter; nothing was changed.")
        return None

    def _from_our_page(self, request: Request) -> bool:
        """Whether a form was sent from our own origin.

        With no-referrer a browser says `Origin: null` of our own forms (Fetch, section 3.2); then Sec-Fetch-Site tells,
        which no page can forge.
        """
        origins = request.headers.getlist("origin")
        if len(origins) == 1 and origins[0].lower() in {f"http://{host}" for host in self.hosts}:
            return origins[0].lower() == f"http://{request.headers['host'].lower()}"
        if origins in ([], ["null"]):
            return request.headers.get("sec-fetch-site") == "same-origin"
        return False

    def _enter(self, request: Request) -> Response:
        if not same(request.query_params.get("token", ""), self.key.token):
            return _no(
                401, "This link has expired: each firmly serve prints a new one in its terminal, and ends the old."
            )
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self.cookie, self.key.session, httponly=True, samesite="strict", path="/")
        return answer


def _no(status: int, sentence: str) -> Response:
    """A refusal: a page without looks, since looks are for those who were let in."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not let in · Firmly</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"</head><body><main><h1>Not let in</h1><p>{sentence}</p></main></body></html>\n"
    )
    return HTMLResponse(page, status_code=status)
