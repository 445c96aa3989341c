"""An HTTP server on loopback that speaks Chat Completions and answers by a script.

Faults that no recording can hold (a dropped line, a slow body, a wrong status) are played by `Fault`; `gold_answers`
plays a strong model: it answers from labels that a person gave, and writes the letter that it was shown.
"""

import http.server
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

Body = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """A response as bytes, with everything that can be wrong with it."""

    status: int = 500
    body: bytes | Body = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the connection without a word."""
    drip_s: float = 0.0
    """Seconds between two bytes of the body."""


Answer = Fault | Body | str
Script = Callable[[Body], Answer]


def completion(text: str | None, *, finish: str = "stop", usage: Body | None = None, **message: Any) -> Body:
    """A Chat Completions answer; `message` adds fields such as `refusal` or `reasoning_content`."""
    counted = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 800}}
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted-1",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
        ],
        "usage": counted if usage is None else usage,
    }


def refusal_of(param: str, message: str = "", status: int = 400, code: str | None = None) -> Fault:
    """How OpenAI says that it does not take a parameter."""
    said = message or f"Unsupported parameter: '{param}' is not supported with this model."
    return Fault(status, {"error": {"message": said, "type": "invalid_request_error", "param": param, "code": code}})


def in_turn(*answers: Answer) -> Script:
    """One answer after the other; the last is given from then on."""
    lock, left = threading.Lock(), list(answers)

    def script(_: Body) -> Answer:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return script


class ScriptedEndpoint:
    """The server. `requests` are the bodies that came, in order; `headers` theirs."""

    def __init__(self, script: Script | Answer, *, latency_s: float = 0.0) -> None:
        """`script` sees a request's body and gives the answer; text is wrapped as a completion."""
        self.script: Script = script if callable(script) else in_turn(script)
        self.latency_s = latency_s
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.endpoint = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """Where it listens, as `[llm] base_url`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    endpoint: ScriptedEndpoint


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        endpoint = self.server.endpoint
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        endpoint.requests.append(body)
        endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
        if endpoint.latency_s:
            time.sleep(endpoint.latency_s)
        answer = endpoint.script(body)
        if isinstance(answer, str):
            answer = completion(answer)
        self._answer(answer if isinstance(answer, Fault) else Fault(200, answer))

    def _answer(self, fault: Fault) -> None:
        if fault.drop:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        is_json = isinstance(fault.body, dict)
        content = json.dumps(fault.body).encode() if isinstance(fault.body, dict) else fault.body
        self.send_response(fault.status)
        for name, value in {
            "Content-Type": "application/json" if is_json else "text/html",
            "Content-Length": str(len(content)),
            **fault.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(content, fault.drip_s)
        except OSError:
            self.close_connection = True

    def _send(self, content: bytes, drip_s: float) -> None:
        if not drip_s:
            self.wfile.write(content)
            return
        for byte in content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(drip_s)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def folded(text: str) -> str:
    """White space folded."""
    return " ".join(text.split())


def gold_answers(assessments: Mapping[str, Body]) -> Script:
    """A strong model. `assessments` are answers by a mail's newest text, or by a part of it that no other mail holds.

    A request that asks for a letter gets the plain letter of the prompt, which is filled with the facts it was given.
    """
    known = {folded(text): answer for text, answer in assessments.items()}

    def script(body: Body) -> Answer:
        mail = body["messages"][1]["content"]
        if "response_format" not in body:
            return _letter(mail)
        newest = folded(mail.rsplit(" newest>", 1)[-1])
        found = [answer for text, answer in known.items() if text in newest]
        return (
            json.dumps(found[0]) if len(found) == 1 else Fault(500, {"error": {"message": f"{len(found)} mails fit"}})
        )

    return script


_PLAIN = re.compile(
    r"as a measure of content and length[^\n]*\n(?P<letter>.*?)\n(?:Replies that the owner|The client's mail:|An earlier attempt|Answer with)",
    re.DOTALL,
)


def _letter(prompt: str) -> Answer:
    found = _PLAIN.search(prompt)
    return found["letter"].strip() if found else Fault(500, {"error": {"message": "no letter in the prompt"}})


def assessment(quote: str = "", **fields: Any) -> Body:
    """An answer of the judge's form: nothing going on, but for `fields`."""
    return {
        "language": "en",
        "summary": "A mail.",
        "addresses_ai": False,
        "tone": "neutral",
        "intent": "other",
        "behaviours": [],
        "needs_reply": False,
        "asks": [{"quote": quote, "text": "an answer"}] if quote else [],
        "payment": None,
        "legal": None,
        **fields,
    }
