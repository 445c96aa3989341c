"""The wire: one Chat Completions request through the `openai` library, and what came back, taken apart.

The library does not retry here (`max_retries=0`), does not parse and does not follow redirects. Answers are read as
the JSON they are: servers that speak this protocol almost right must not crash a run. Contains no policy.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.config.models import Llm
from pipeline.domain.calls import Rung, Usage
from pipeline.llm.address import takes_cache_key
from pipeline.llm.retry import Failed, retry_after_s
from pipeline.llm.structured import strict_schema

if TYPE_CHECKING:
    import openai
    from pydantic import BaseModel

_NO_KEY = "none"  # local servers want none, and the library insists on one


@dataclass(frozen=True, slots=True)
class Shot:
    """One request as it goes out."""

    model: str
    messages: tuple[Mapping[str, str], ...]
    rung: Rung | None
    shape: "type[BaseModel] | None"
    max_tokens: int
    tokens_field: str
    temperature: float | None
    prompt_hash: str
    bounded: bool = False
    """Whether the schema says how long texts and lists may be."""

    def body(self) -> dict[str, Any]:
        """The parameters of Chat Completions, the endpoint's own extras aside."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [dict(message) for message in self.messages],
            self.tokens_field: self.max_tokens,
        }
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.rung is Rung.STRICT and self.shape is not None:
            wanted = {"name": "answer", "strict": True, "schema": strict_schema(self.shape, bounded=self.bounded)}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif self.rung is Rung.OBJECT:
            body["response_format"] = {"type": "json_object"}
        return body


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answered."""

    text: str
    usage: Usage
    served_by: str
    latency_ms: int
    refused: bool = False
    """The model or a filter declined."""
    cut_off: bool = False
    """The room for the answer was used up, be it by reasoning."""


class Wire:
    """A connection pool to one endpoint. Safe for threads. Nothing is imported or opened before the first request."""

    def __init__(self, settings: Llm, http_client: Callable[[], Any] | None = None) -> None:
        """`http_client` makes another httpx2.Client than the bounded one, for tests of what cannot be recorded."""
        self._settings = settings
        self._http_client = http_client
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()

    def _connected(self) -> "openai.OpenAI":
        """The client, made by whoever comes first. Raises CredentialsError if the key cannot be had."""
        with self._lock:
            if self._client is None:
                import openai  # noqa: PLC0415 takes over a second, and only those with an endpoint need it

                from pipeline.llm.client import BoundedClient  # noqa: PLC0415 the same

                settings = self._settings
                self._client = openai.OpenAI(
                    api_key=settings.api_key.fetch() if settings.api_key else _NO_KEY,
                    base_url=settings.base_url,
                    max_retries=0,
                    timeout=settings.timeout_s,
                    http_client=self._http_client() if self._http_client else BoundedClient(settings.timeout_s),
                )
            return self._client

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def body(self, shot: Shot) -> dict[str, Any]:
        """All that is sent, this endpoint's own extras included."""
        body = shot.body()
        if takes_cache_key(self._settings.base_url):
            body["prompt_cache_key"] = shot.prompt_hash
        if self._settings.service_tier is not None:
            body["service_tier"] = self._settings.service_tier
        return body

    def send(self, shot: Shot) -> Reply:
        """Send one request. Raises Failed."""
        client = self._connected()
        import openai  # noqa: PLC0415 loaded by now

        body = self.body(shot)
        started = time.monotonic()
        try:
            response = client.chat.completions.with_raw_response.create(**body)
        except openai.APITimeoutError:
            raise Failed("timeout") from None
        except openai.APIConnectionError:
            raise Failed("no connection") from None
        except openai.APIStatusError as error:
            raise _failed(error) from None
        return _reply(response.http_response.content, int((time.monotonic() - started) * 1000))


def _failed(error: "openai.APIStatusError") -> Failed:
    """The failure without what the server says in words: some repeat what was sent. `about` is for matching only."""
    headers = error.response.headers
    after = retry_after_s(headers.get("retry-after"), headers.get("date"))
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.isdecimal():
        after = int(milliseconds) / 1000
    words = f"{error.param or ''} {error.code or ''} {error.message}"
    return Failed(
        f"HTTP {error.status_code}",
        status=error.status_code,
        code=str(error.code or error.type or ""),
        about=words.lower()[:2000],
        retry_after_s=after,
    )


def _reply(content: bytes, latency_ms: int) -> Reply:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Failed("no Chat Completions answer", status=404)
    choices = data.get("choices")
    if not (isinstance(choices, list) and choices and isinstance(choices[0], dict)):
        raise _hidden_failure(data)
    choice = choices[0]
    message = _dict(choice.get("message"))
    text = _text(message.get("content"))
    finish = choice.get("finish_reason")
    if finish == "error" and not text:
        raise _hidden_failure({"error": {}, **choice, **data})
    thought = bool(message.get("reasoning_content") or message.get("reasoning"))
    return Reply(
        text=text,
        usage=_usage(_dict(data.get("usage"))),
        served_by=str(data.get("model") or "")[:200],
        latency_ms=latency_ms,
        refused=bool(message.get("refusal")) or finish == "content_filter",
        cut_off=finish == "length" or (thought and not text.strip()),
    )


def _hidden_failure(data: dict[str, Any]) -> Failed:
    """Some gateways answer 200 and put the failure inside."""
    if "error" not in data:
        return Failed("no Chat Completions answer", status=404)
    error = _dict(data["error"])
    code = error.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 502
    return Failed(
        f"error {status} inside", status=status, code=str(code or ""), about=str(error.get("message", "")).lower()
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(content: Any) -> str:
    """A message's content: text, or a list of parts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""


def _usage(data: dict[str, Any]) -> Usage:
    details = _dict(data.get("prompt_tokens_details"))
    return Usage(
        _count(data.get("prompt_tokens")), _count(data.get("completion_tokens")), _count(details.get("cached_tokens"))
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
