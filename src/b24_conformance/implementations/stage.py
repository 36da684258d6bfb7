"""A reference portal on a stage: for one call at a time it plays a named condition.

Conditions below the method (a refusal, a wrong result) are played by the portal itself, so that
they reach a `batch` in a batch's form. Conditions above it (a gateway, a limit) take the place
of the whole answer to any request that carries a join; everything else is answered as ever.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from b24_conformance import conditions, reference
from b24_conformance.errors import UsageError, nearest
from b24_conformance.probe import JOIN
from b24_conformance.reference import Raw, Request, Response, php
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Value
from b24_conformance.reference.refusals import RefusedError, method_refusal
from b24_conformance.reference.rendering import CORS, Method, Passage

Play: TypeAlias = Callable[[Request], "Response | Raw"]
Condition: TypeAlias = Callable[[reference.Portal], Play]

ELSEWHERE = "/elsewhere/"
_HANG_SECONDS = 4.0
_HANG_AGAIN_SECONDS = 0.3
_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_JSON = (("Content-Type", "application/json; charset=utf-8"), *CORS)
_PAGE = b"<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>"
_GATEWAY = Response(502, _HTML, _PAGE % (b"502 Bad Gateway", b"<h1>502 Bad Gateway</h1>"))
_LOGIN = Response(200, _HTML, _PAGE % (b"Authorization", b"<form>Log in</form>"))
_CUT = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
    b'Content-Length: 300\r\n\r\n{"result":true,"time":{"start":17'
)


class Stage:
    """A portal that can be told which condition to play; safe to call from several threads."""

    def __init__(self, portal: reference.Portal) -> None:
        self.portal = portal
        self._play: Play = portal.answer

    def answer(self, request: Request) -> Response | Raw:
        """Answer as the condition of the hour demands."""
        return self._play(request)

    def begin(self, name: str) -> None:
        """Play `name` from its beginning; an empty name stands for none."""
        if not name:
            self._play = self.portal.answer
            return
        if name not in PLAYS:
            raise UsageError(f"no condition is named {name!r}", hint=nearest(name, PLAYS))
        self._play = PLAYS[name](self.portal)

    @contextmanager
    def playing(self, name: str) -> Iterator[None]:
        """Play `name` as long as the context lasts."""
        self.begin(name)
        try:
            yield
        finally:
            self.begin("")


def carries_join(portal: reference.Portal, request: Request) -> bool:
    """Tell whether a request calls the join, by itself or within a batch."""
    route = portal.route(request.target)
    if route.server != "rest" or portal.is_preflight(request, route):
        return False
    incoming = portal.read(request, route)
    if incoming.method.lower() != "batch":
        return incoming.method.lower() == JOIN
    return any(
        portal.split_command(command)[0].lower() == JOIN
        for name, commands in incoming.parameters.items()
        if str(name).upper() == "CMD"
        for _, command in php.entries(commands) or ()
        if isinstance(command, str)
    )


def _instead(*answers: Response | Raw) -> Condition:
    """These answers to joins, one after another; the last of them for ever."""

    def condition(portal: reference.Portal) -> Play:
        left = list(answers)

        def play(request: Request) -> Response | Raw:
            if not carries_join(portal, request):
                return portal.answer(request)
            with portal.lock:
                return left.pop(0) if len(left) > 1 else left[0]

        return play

    return condition


def _refused(code: str, status: int, text: str, *, times: int | None = None) -> Condition:
    """A refusal of the whole request, `times` times; then the portal's own answer."""

    def condition(portal: reference.Portal) -> Play:
        played = 0

        def play(request: Request) -> Response | Raw:
            nonlocal played
            if not carries_join(portal, request):
                return portal.answer(request)
            with portal.lock:
                played += 1
                over = times is not None and played > times
            return portal.answer(request) if over else _refusal(portal, code, status, text)

        return play

    return condition


def _refusal(portal: reference.Portal, code: str, status: int, text: str) -> Response:
    return portal.refuse(RefusedError(code, status, text), Passage("json", portal.clock()))


def method_answers(run: Callable[[Call], Value]) -> Condition:
    """The method itself answers otherwise; in a batch, too."""

    def condition(portal: reference.Portal) -> Play:
        # A copy shares the portal's memory, but its table (and its batches) are its own.
        actor = copy.copy(portal)
        actor.methods = {**actor.method_table(), JOIN: Method("imopenlines", run)}
        return actor.answer

    return condition


def method_refuses(code: str, status: int = 400) -> Condition:
    """The method refuses, whatever it is asked."""

    def run(_call: Call) -> Value:
        known = method_refusal(code, "en")
        raise RefusedError(code, status, known.text)

    return method_answers(run)


def _redirect(portal: reference.Portal) -> Play:
    away = Response(302, (("Location", ELSEWHERE), *_HTML), b"")

    def play(request: Request) -> Response | Raw:
        if request.target.startswith(ELSEWHERE):
            return _LOGIN
        return away if carries_join(portal, request) else portal.answer(request)

    return play


def _expired(portal: reference.Portal) -> Play:
    stale: set[str] = set()

    def play(request: Request) -> Response | Raw:
        if not carries_join(portal, request):
            return portal.answer(request)
        token = portal.read(request, portal.route(request.target)).token
        with portal.lock:
            if token and not stale:
                stale.add(token)
        if token not in stale:
            return portal.answer(request)
        text = "The access token provided has expired"
        return _refusal(portal, "expired_token", 401, text)

    return play


def _without_time(portal: reference.Portal) -> Play:
    actor = copy.copy(portal)
    # Of this one portal, in JSON and in XML: a success without its time.
    vars(actor)["success_envelope"] = lambda result, _times: {"result": result}

    def play(request: Request) -> Response | Raw:
        return (actor if carries_join(portal, request) else portal).answer(request)

    return play


def _silence(seconds: float) -> Raw:
    # One byte of the status line, and then nothing: so the exchange is on record at once.
    return Raw(b"H", reset=True, pause=seconds)


def _throttled(times: int | None) -> Condition:
    return _refused("QUERY_LIMIT_EXCEEDED", 503, "Too many requests", times=times)


_PLAN = "REST API is available only on commercial plans"
_LIMIT = "Method is blocked due to operation time limit."
PLAYS: dict[str, Condition] = {
    conditions.HTML_502: _instead(_GATEWAY),
    conditions.DROPPED: _instead(Raw(b"", reset=True)),
    conditions.HANG: _instead(_silence(_HANG_SECONDS), _silence(_HANG_AGAIN_SECONDS)),
    conditions.REDIRECT: _redirect,
    conditions.EMPTY_200: _instead(Response(200, _JSON, b"")),
    conditions.NOT_JSON_200: _instead(_LOGIN),
    conditions.TRUNCATED: _instead(Raw(_CUT)),
    conditions.RESULT_FALSE: method_answers(lambda _call: False),
    conditions.RESULT_STRING_TRUE: method_answers(lambda _call: "true"),
    conditions.ERROR_WITH_200: method_refuses("CHAT_TYPE", 200),
    conditions.INTERNAL_500: _refused("INTERNAL_SERVER_ERROR", 500, "Internal server error"),
    conditions.PLAN_ACCESS_DENIED: _refused("ACCESS_DENIED", 401, _PLAN),
    conditions.USER_ID: method_refuses("USER_ID"),
    conditions.THROTTLED_ONCE: _throttled(1),
    conditions.THROTTLED_ALWAYS: _throttled(None),
    conditions.OPERATION_LIMIT: _refused("OPERATION_TIME_LIMIT", 429, _LIMIT),
    conditions.EXPIRED_TOKEN: _expired,
    conditions.WITHOUT_TIME: _without_time,
}
