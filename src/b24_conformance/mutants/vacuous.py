"""Vacuous peers: they know nothing of chats, so that no clause about outcomes may pass them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from b24_conformance.mutants.carriage import Answer
from b24_conformance.reference import Request, Response
from b24_conformance.reference.messages import Headers

_JSON: Final[Headers] = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("Access-Control-Allow-Origin", "*"),
)
_HTML: Final[Headers] = (("Content-Type", "text/html; charset=utf-8"),)
_TIME: Final = {
    "start": 1773663032,
    "finish": 1773663032.493037,
    "duration": 0.493037,
    "processing": 0,
    "date_start": "2026-03-16T15:10:32+01:00",
    "date_finish": "2026-03-16T15:10:32+01:00",
}


@dataclass(frozen=True, slots=True)
class Vacuous:
    """A peer that gives every request the same kind of answer, whatever it asks."""

    name: str
    make: Callable[[], Answer]
    note: str


def vacuous_peers() -> tuple[Vacuous, ...]:
    """Every vacuous peer."""
    return (
        _always("inert", Response(200), "HTTP 200 and nothing else"),
        _always("no-content", Response(204), "HTTP 204"),
        _always("empty-object", _json(200, {}), "an object without a field"),
        _always("true", _json(200, True), "bare true"),
        _always("joins-all", _json(200, {"result": True}), "success without `time`"),
        _always("joins-all-in-time", _json(200, {"result": True, "time": _TIME}), "success"),
        _always("both", _json(200, {"result": True, "error": "CHAT_ID"}), "success and refusal"),
        *(_refusing(code, 400) for code in ("CHAT_ID", "CHAT_TYPE", "ACCESS_DENIED", "USER_ID")),
        _refusing("NO_AUTH_FOUND", 401),
        _refusing("INVALID_CREDENTIALS", 403),
        _refusing("ERROR_METHOD_NOT_FOUND", 404),
        _refusing("INTERNAL_SERVER_ERROR", 500),
        _refusing("QUERY_LIMIT_EXCEEDED", 503),
        Vacuous("echoes", lambda: _echo, "the request's own body"),
        _always("not-found", Response(404, _HTML, b"<h1>Not Found</h1>"), "HTTP 404 in HTML"),
        _always("page", Response(200, _HTML, b"<!DOCTYPE html><p>Hello"), "a page for people"),
        _always("redirects", Response(302, (("Location", "/login"),)), "a redirect"),
    )


def _always(name: str, response: Response, note: str) -> Vacuous:
    def answer(_request: Request) -> Response:
        return response

    return Vacuous(name, lambda: answer, note)


def _refusing(code: str, status: int) -> Vacuous:
    envelope = {"error": code, "error_description": "No."}
    return _always(f"refuses-{code}", _json(status, envelope), f"{code} with HTTP {status}")


def _json(status: int, value: object) -> Response:
    return Response(status, _JSON, json.dumps(value).encode())


def _echo(request: Request) -> Response:
    return Response(200, _JSON, request.body)
