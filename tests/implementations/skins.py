"""Applications to be tested: thin skins over the reference portal, as people write them.

The command's tests copy this file into a project of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import flask
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as StarletteRequest
from starlette.responses import StreamingResponse
from starlette.routing import Route

from b24_conformance.reference import Portal, Request, Response

CHUNK = 100
seen: list[Request] = []


def pieces(body: bytes) -> Iterator[bytes]:
    """A body in pieces, as those who stream send it."""
    yield b""
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]


def asked(environ: dict[str, Any]) -> Request:
    """What WSGI tells of a request."""
    names = [name for name in environ if name.startswith(("HTTP_", "CONTENT_"))]
    headers = tuple(
        (name.removeprefix("HTTP_").replace("_", "-").title(), environ[name]) for name in names
    )
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    secure = environ["wsgi.url_scheme"] == "https"
    return Request(environ["REQUEST_METHOD"], environ["REQUEST_URI"], headers, body, secure)


def answered(portal: Portal, request: Request) -> Response:
    """The portal's answer; the request is remembered."""
    seen.append(request)
    return portal.answer(request)


class Wsgi:
    """A plain WSGI application, with all that PEP 3333 allows."""

    def __init__(self) -> None:
        self.portal = Portal()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        answer = answered(self.portal, asked(environ))
        write = start_response(f"{answer.status} {answer.reason or '-'}", list(answer.headers))
        write(answer.body[:1])
        return pieces(answer.body[1:])


class Asgi:
    """A plain ASGI application, which knows no lifespan."""

    def __init__(self) -> None:
        self.portal = Portal()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        headers = tuple((n.decode().title(), v.decode("latin-1")) for n, v in scope["headers"])
        target = (scope["raw_path"] + query).decode()
        answer = answered(
            self.portal,
            Request(scope["method"], target, headers, body, scope["scheme"] == "https"),
        )
        out = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": out})
        for piece in pieces(answer.body):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


wsgi = Wsgi()
asgi = Asgi()


def create_app(name: str = "portal", /, **_settings: Any) -> flask.Flask:
    """A factory, as Flask's own documentation shows one."""
    made = flask.Flask(name)
    portal = Portal()

    @made.before_request
    def answer() -> flask.Response:
        found = answered(portal, asked(flask.request.environ))
        return flask.Response(found.body, found.status, list(found.headers))

    return made


@contextlib.asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    """The portal lives as long as the application."""
    yield {"portal": Portal()}


async def endpoint(request: StarletteRequest) -> StreamingResponse:
    """Answers any request from a thread, in pieces."""
    query = f"?{request.url.query}" if request.url.query else ""
    headers = tuple((name.title(), value) for name, value in request.headers.items())
    target = request.scope["raw_path"].decode() + query
    inner = Request(
        request.method, target, headers, await request.body(), request.url.scheme == "https"
    )
    found = await run_in_threadpool(answered, request.state.portal, inner)
    return StreamingResponse(pieces(found.body), found.status, dict(found.headers))


starlette = Starlette(
    routes=[Route("/{path:path}", endpoint, methods=["GET", "POST", "OPTIONS"])],
    lifespan=lifespan,
)
