"""An HTTP client that does not wait for ever, does not read for ever and goes nowhere else.

`openai` brings its own with a timeout per read only: a server that sends a byte now and then would hold a run for
hours. Redirects are not followed, because the mail would go to a host that nobody configured.
"""

import time
from collections.abc import Iterator
from typing import Any

import httpx2

CONNECT_S = 10.0
MOST_BYTES = 8 * 1024 * 1024


class BoundedClient(httpx2.Client):
    """Ends a response after `timeout_s` in all, or `MOST_BYTES`."""

    def __init__(self, timeout_s: float, **options: Any) -> None:
        """`options` are those of httpx2.Client."""
        self._timeout_s = timeout_s
        super().__init__(timeout=httpx2.Timeout(timeout_s, connect=CONNECT_S), follow_redirects=False, **options)

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """As in httpx2; raises ReadTimeout and ReadError at the limits."""
        ends = time.monotonic() + self._timeout_s
        response = super().send(request, stream=True, **options)
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Bounded(response.stream, request, ends)
        if not stream:
            try:
                response.read()
            except BaseException:
                response.close()
                raise
        return response


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, request: httpx2.Request, ends: float) -> None:
        self._stream = stream
        self._request = request
        self._ends = ends

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise httpx2.ReadError("the response is too long", request=self._request)
            if time.monotonic() > self._ends:
                raise httpx2.ReadTimeout("the response takes too long", request=self._request)
            yield chunk

    def close(self) -> None:
        self._stream.close()
