"""What a portal saw, exchange by exchange: the other end of a client's calls."""

from __future__ import annotations

import threading

from b24_conformance import reference
from b24_conformance.exchange import Exchange, Fault, Request, Response
from b24_conformance.implementations.http import response_of

GARBLED: Fault = "garbled"


class Record:
    """What the portal saw, each exchange before its answer left.

    So whatever a client was answered stands here by the time that its caller hears of it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Exchange] = []
        self._count = 0

    def add(
        self,
        request: reference.Request,
        answer: reference.Response | reference.Raw,
        started: float,
        seconds: float,
    ) -> None:
        """Keeps an exchange; called in the server's threads."""
        with self._lock:
            self._count += 1
            self._seen.append(as_exchange(self._count, request, answer, started, seconds))

    def take(self) -> tuple[Exchange, ...]:
        """The exchanges since the last time."""
        with self._lock:
            seen, self._seen = tuple(self._seen), []
        return seen


def as_exchange(
    number: int,
    request: reference.Request,
    answer: reference.Response | reference.Raw,
    started: float,
    seconds: float,
) -> Exchange:
    """What passed, as text; bare bytes count as an answer that is garbled."""
    target = _as_text(request.target.encode("utf-8", "surrogateescape"))
    asked = Request(request.verb, target, request.headers, _as_text(request.body))
    response = _as_response(answer)
    fault, detail = None, ""
    if response is None:
        fault, detail = GARBLED, "the portal answered with bare bytes"
    return Exchange(number, asked, response, fault, detail, started, seconds)


def _as_response(answer: reference.Response | reference.Raw) -> Response | None:
    if isinstance(answer, reference.Raw):
        return None
    return response_of(answer.status, answer.headers, answer.body)


def _as_text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")
