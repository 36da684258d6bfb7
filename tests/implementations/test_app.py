"""Applications in this process: the same to the letter as over a socket, bounded, never a crash."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import skins

from b24_conformance.config import Config, parse_config
from b24_conformance.errors import ConfigError, UsageError
from b24_conformance.exchange import Request, Response
from b24_conformance.implementations.app import configured_app
from b24_conformance.implementations.app_loading import load_app
from b24_conformance.implementations.app_output import AppOutput
from b24_conformance.implementations.asgi import AsgiTransport
from b24_conformance.implementations.base import Transport, WireError
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.wsgi import WsgiTransport
from b24_conformance.redaction import Redaction
from b24_conformance.reference import Portal, Server, default_state, webhooks

ADDRESS = "https://example.bitrix24.com"
SECRET = "canary0canary0canary"
ASK = Request("POST", f"/rest/1/{SECRET}/m.json", (("Content-Type", "application/json"),), "{}")
SOON = 0.3
Send = Callable[..., Response]


def output() -> AppOutput:
    """The streams of an application that knows one secret."""
    return AppOutput(Redaction({"$B24_WEBHOOK": SECRET}))


@pytest.fixture
def opened() -> Iterator[Callable[..., Transport]]:
    """Makes transports, and closes them when the test ends."""
    with contextlib.ExitStack() as stack:

        def make(app: Any, *, asgi: bool = False, timeout: float = 20.0) -> Transport:
            kind = AsgiTransport if asgi else WsgiTransport
            transport = kind(app, ADDRESS, output(), timeout=timeout)
            stack.callback(transport.close)
            return transport

        yield make


@pytest.fixture
def wsgi(opened: Callable[..., Transport]) -> Send:
    """The answer of a WSGI application to one request."""

    def send(app: Any, request: Request = ASK, **options: Any) -> Response:
        return opened(app, **options).send(request)

    return send


@pytest.fixture
def asgi(opened: Callable[..., Transport]) -> Send:
    """The answer of an ASGI application to one request."""

    def send(app: Any, request: Request = ASK, **options: Any) -> Response:
        return opened(app, asgi=True, **options).send(request)

    return send


def fault(send: Callable[[], Response]) -> str:
    """At which point an exchange broke."""
    with pytest.raises(WireError) as broken:
        send()
    return broken.value.fault


def speaking(*chunks: Any, status: str = "200 OK", headers: Any = ()) -> Any:
    """A WSGI application that says this, whatever it is asked."""

    def app(_environ: Any, start_response: Any) -> Any:
        start_response(status, list(headers))
        return list(chunks)

    return app


def sending(*messages: dict[str, Any]) -> Any:
    """An ASGI application that sends these messages, whatever it is asked."""

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        for message in messages:
            await send(message)

    return app


START = {"type": "http.response.start", "status": 200, "headers": []}
MORE = {"type": "http.response.body", "body": b"x", "more_body": True}
END = {"type": "http.response.body", "body": b"x"}


class TestToTheLetter:
    """What an application sees is what it would see behind a server."""

    REQUESTS = (
        ASK,
        Request("GET", "/rest//1/a%2Fb/m?CHAT_ID=%D0%B9&a=b;c&CHAT_ID[]=1&q=?&%zz+", ()),
        Request("POST", "//rest/m.json/", (("Content-Type", "text/plain"),), 'й"\ud800'),
        Request("GET", "/rest/m?a", (("Authorization", "Bearer Ab"), ("Accept", "a/b, c/d"))),
        Request("POST", "/rest/../m.XML", (("X-Twice", "1"),), ""),
    )

    @pytest.mark.parametrize("kind", ["wsgi", "asgi"])
    @pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.target[:20])
    def test_as_over_a_socket(
        self, opened: Callable[..., Transport], kind: str, request_: Request
    ) -> None:
        """Verb, target, header values and body arrive as they do over HTTP."""
        portal = Portal()
        with Server(lambda asked: skins.answered(portal, asked)) as server:
            over = HttpTransport(server.address)
            expected = over.send(request_)
            over.close()
        made = skins.Wsgi() if kind == "wsgi" else skins.Asgi()
        actual = opened(made, asgi=kind == "asgi").send(request_)
        there, here = skins.seen[-2:]

        def plain(headers: Any) -> dict[str, str]:
            return {name.lower(): value for name, value in headers if name.lower() != "host"}

        assert (there.verb, there.target, there.body) == (here.verb, here.target, here.body)
        assert plain(there.headers) == plain(here.headers)
        assert (False, True) == (there.secure, here.secure)
        assert expected.status == actual.status

    def test_wsgi_environ(self, wsgi: Send) -> None:
        """PEP 3333 has its variables, and nothing of this process's environment is in them."""
        environs: list[dict[str, Any]] = []

        def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            environs.append(environ)
            return speaking(b"")(environ, start_response)  # type: ignore[no-any-return]

        twice = (("X-Same", "a"), ("X-Same", "b"))
        wsgi(app, Request("GET", "/a//%D0%B9%20?b=%20", twice))
        (environ,) = environs
        expected = {
            "PATH_INFO": "/a//й ".encode().decode("latin-1"),
            "QUERY_STRING": "b=%20",
            "RAW_URI": "/a//%D0%B9%20?b=%20",
            "SCRIPT_NAME": "",
            "SERVER_NAME": "example.bitrix24.com",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "example.bitrix24.com",
            "HTTP_X_SAME": "a,b",
            "wsgi.url_scheme": "https",
        }
        assert expected == {name: environ[name] for name in expected}
        assert not {"PATH", "HOME"} & set(environ)

    def test_asgi_scope(self, asgi: Send) -> None:
        """A scope has the path in both forms, and headers in lower case and in their order."""
        scopes: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scopes.append(scope)
            await sending(START, END)(scope, receive, send)

        asgi(app, Request("GET", "/a//%D0%B9%20?b=%20", (("X-Same", "a"), ("X-Same", "b"))))
        scope = scopes[-1]
        expected = {
            "path": "/a//й ",
            "raw_path": b"/a//%D0%B9%20",
            "query_string": b"b=%20",
            "root_path": "",
            "scheme": "https",
            "method": "GET",
            "http_version": "1.1",
            "server": ("example.bitrix24.com", 443),
        }
        assert expected == {name: scope[name] for name in expected}
        assert [(b"x-same", b"a"), (b"x-same", b"b")] == scope["headers"][-2:]

    def test_body_that_is_no_utf8(self, wsgi: Send) -> None:
        """A body of any bytes is kept."""
        assert ("\xff", "latin-1") == ((got := wsgi(speaking(b"\xff"))).body, got.encoding)


class TestWsgi:
    """What PEP 3333 lets an application do, and what it must not do."""

    def test_close_is_called(self, wsgi: Send) -> None:
        """The `close` of an answer is called, also when its body was cut off."""
        closed = []

        class Body:
            def __init__(self, size: int) -> None:
                self.size = size

            def __iter__(self) -> Iterator[bytes]:
                return iter([b"x" * self.size] * 20)

            def close(self) -> None:
                closed.append(self.size)

        def app(size: int) -> Any:
            return lambda environ, start: [speaking()(environ, start), Body(size)][1]

        assert 20 == len(wsgi(app(1)).body)
        assert "oversized" == fault(lambda: wsgi(app(100_000)))
        assert [1, 100_000] == closed

    def test_starts_late(self, wsgi: Send) -> None:
        """A generator may start its answer when its first piece is asked for."""

        def app(environ: Any, start_response: Any) -> Iterator[bytes]:
            yield from speaking(b"a", b"b", status="201 Created")(environ, start_response)

        assert (201, "ab") == ((got := wsgi(app)).status, got.body)

    def test_changes_its_mind(self, wsgi: Send) -> None:
        """With `exc_info` an answer may be replaced as long as nothing of it has left."""

        def app(_environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [])
            try:
                raise ValueError
            except ValueError:
                start_response("400 Bad", [("X-A", "b")], sys.exc_info())
            return [b"no"]

        assert (400, "b") == ((got := wsgi(app)).status, got.header("x-a"))

    def test_headers_of_the_connection(self, wsgi: Send) -> None:
        """A header that is the server's business is dropped, as servers do."""
        got = wsgi(speaking(b"a", headers=[("Connection", "close"), ("X-A", "b")]))
        assert (200, None, "b") == (got.status, got.header("connection"), got.header("x-a"))

    @pytest.mark.parametrize(
        "app",
        [
            speaking("text"),
            speaking(b"", status="OK"),
            speaking(b"", headers=[(b"X", "y")]),
            lambda environ, start_response: [b"never started"],
            lambda environ, start_response: None,
            lambda environ, start_response: [],
            lambda environ, start_response: {}["CHAT_ID"],
            lambda environ, start_response: sys.exit("no"),
        ],
    )
    def test_no_answer_is_500(self, wsgi: Send, app: Any) -> None:
        """Whatever an application does instead of answering is an internal server error."""
        got = wsgi(app)
        assert (500, "text/plain; charset=utf-8") == (got.status, got.header("content-type"))
        assert got.body.startswith("Internal Server Error: ")

    def test_raises_amid_its_answer(self, wsgi: Send) -> None:
        """An answer that ends by an exception is cut off, not whole."""

        def app(environ: Any, start_response: Any) -> Iterator[bytes]:
            start_response("200 OK", [])
            yield b"{"
            raise ValueError

        assert "truncated" == fault(lambda: wsgi(app))

    def test_raises_after_its_answer(self, wsgi: Send) -> None:
        """Once it is whole an answer stands, whatever `close` does."""

        class Body(list[bytes]):
            def close(self) -> None:
                raise ValueError

        def app(environ: Any, start_response: Any) -> list[bytes]:
            speaking()(environ, start_response)
            return Body([b"whole"])

        assert (200, "whole") == ((got := wsgi(app)).status, got.body)

    def test_one_thread(self, opened: Callable[..., Transport]) -> None:
        """One thread serves all requests, until one of them never ends."""
        threads: list[int] = []
        never = threading.Event()

        def app(environ: Any, start_response: Any) -> Any:
            threads.append(threading.get_ident())
            if environ["QUERY_STRING"] == "hang":
                never.wait()
            return speaking(b"")(environ, start_response)

        transport = opened(app, timeout=SOON)
        transport.send(ASK)
        assert "timeout" == fault(lambda: transport.send(Request("GET", "/?hang")))
        transport.send(ASK)
        never.set()
        assert threads[0] == threads[1] != threads[2]


class TestAsgi:
    """What an ASGI application may do, and what it must not do."""

    def test_background(self, opened: Callable[..., Transport]) -> None:
        """What goes on behind a complete answer goes on, and is awaited at the end."""
        done = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await sending(START, END)(scope, receive, send)
            assert {"type": "http.request", "body": b"{}", "more_body": False} == await receive()
            assert {"type": "http.disconnect"} == await receive()
            await asyncio.sleep(0.01)
            done.append(1)

        transport = opened(app, asgi=True)
        assert 200 == transport.send(ASK).status
        transport.close()
        assert [1] == done

    def test_one_loop(self, opened: Callable[..., Transport]) -> None:
        """All requests and the lifespan share one event loop."""
        loops = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            loops.append(asyncio.get_running_loop())
            await sending(START, END)(scope, receive, send)

        transport = opened(app, asgi=True)
        for _ in range(3):
            transport.send(ASK)
        assert 4 == len(loops)
        assert 1 == len(set(loops))

    @pytest.mark.parametrize(
        "messages",
        [
            (),
            (END,),
            ({"type": "websocket.accept"},),
            ({**START, "status": "x"},),
            ({**START, "headers": [("a", "b")]},),
            ({},),
        ],
    )
    def test_no_answer_is_500(self, asgi: Send, messages: Any) -> None:
        """Messages that are no answer are an internal server error."""
        assert 500 == asgi(sending(*messages)).status

    @pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
    def test_raises(self, opened: Callable[..., Transport], error: type[BaseException]) -> None:
        """An exception of any kind is an internal server error, and the loop goes on."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            raise error

        transport = opened(app, asgi=True)
        first, second = transport.send(ASK), transport.send(ASK)
        assert (500, 500) == (first.status, second.status)
        assert f"{error.__name__} in test_app.py, line " in first.body

    def test_ends_amid_its_answer(self, asgi: Send) -> None:
        """An answer that was not completed is cut off."""
        assert "truncated" == fault(lambda: asgi(sending(START, MORE)))

    def test_after_its_answer(self, asgi: Send) -> None:
        """What is sent after the end is not of the answer."""
        assert "x" == asgi(sending(START, END, END)).body

    @pytest.mark.parametrize("end", ["stop", "exit"])
    def test_ends_the_loop(self, opened: Callable[..., Transport], end: str) -> None:
        """An application that ends its event loop has broken one exchange, and is not there."""

        async def leave() -> None:
            sys.exit("no")

        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert scope["type"] == "http"
            if end == "stop":
                asyncio.get_running_loop().stop()
            left = asyncio.create_task(leave()) if end == "exit" else None
            await asyncio.Event().wait()
            assert left

        transport = opened(app, asgi=True)
        assert "reset" == fault(lambda: transport.send(ASK))
        assert "unreachable" == fault(lambda: transport.send(ASK))

    def test_waits_for_ever(self, opened: Callable[..., Transport]) -> None:
        """An application that waits is ended at the deadline, and asked again."""
        ended = threading.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["query_string"]:
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.set()
            await sending(START, END)(scope, receive, send)

        transport = opened(app, asgi=True, timeout=SOON)
        assert "timeout" == fault(lambda: transport.send(Request("GET", "/?hang")))
        assert ended.wait(10)
        assert 200 == transport.send(ASK).status

    def test_threads(self, asgi: Send) -> None:
        """What an application does in threads gives its result or its exception."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            assert scope["type"] == "http"
            body = await asyncio.to_thread(lambda left: left.upper(), b"said")
            with pytest.raises(ZeroDivisionError):
                await asyncio.to_thread(lambda: 1 / 0)
            await sending(START, {**END, "body": body})(scope, receive, send)

        assert "SAID" == asgi(app).body

    def test_blocks_the_loop(self, opened: Callable[..., Transport]) -> None:
        """Behind a loop that is blocked nobody is reached: only the first answer was late."""
        never = threading.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                never.wait()
            await sending(START, END)(scope, receive, send)

        transport = opened(app, asgi=True, timeout=SOON)
        assert "timeout" == fault(lambda: transport.send(ASK))
        assert "unreachable" == fault(lambda: transport.send(ASK))
        never.set()


class TestLifespan:
    """The lifespan of an ASGI application."""

    @staticmethod
    def living(heard: list[str], *, failing: bool = False) -> Any:
        """An application with a lifespan, which says what it hears."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                heard.append(scope["state"]["name"])
                await sending(START, END)(scope, receive, send)
                return
            for _ in range(2):
                heard.append((await receive())["type"])
                scope["state"]["name"] = "kept"
                if failing:
                    told = {"type": f"{heard[-1]}.failed", "message": f"no {SECRET}"}
                    await send(told)
                    return
                await send({"type": f"{heard[-1]}.complete"})

        return app

    def test_starts_and_ends(self, opened: Callable[..., Transport]) -> None:
        """It starts with the first request, shares its state, and ends with the run."""
        heard: list[str] = []
        transport = opened(self.living(heard), asgi=True)
        assert [] == heard
        transport.send(ASK)
        transport.send(ASK)
        transport.close()
        transport.close()
        assert ["lifespan.startup", "kept", "kept", "lifespan.shutdown"] == heard

    def test_fails(
        self, opened: Callable[..., Transport], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An application that does not start is not reached; it says itself why."""
        transport = opened(self.living([], failing=True), asgi=True)
        assert "unreachable" == fault(lambda: transport.send(ASK))
        assert "unreachable" == fault(lambda: transport.send(ASK))
        assert ("", "lifespan.startup failed: no $B24_WEBHOOK\n") == capsys.readouterr()

    @pytest.mark.parametrize("waits", [True, False])
    def test_hangs(self, opened: Callable[..., Transport], waits: bool) -> None:
        """A start that does not come to its end is not waited for longer than an answer."""
        never = threading.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if waits:
                await asyncio.Event().wait()
            never.wait()

        transport = opened(app, asgi=True, timeout=SOON)
        assert "unreachable" == fault(lambda: transport.send(ASK))
        never.set()


class TestBounds:
    """Size and time are bounded as over a socket."""

    @staticmethod
    def both(opened: Callable[..., Transport], pieces: Callable[[], Iterator[bytes]]) -> list[str]:
        """The faults of a WSGI and an ASGI application that send these pieces."""

        def wsgi_app(environ: Any, start_response: Any) -> Iterator[bytes]:
            speaking()(environ, start_response)
            return pieces()

        async def asgi_app(scope: Any, _receive: Any, send: Any) -> None:
            assert scope["type"] == "http"
            await send(START)
            for piece in pieces():
                await send({**MORE, "body": piece})

        transports = opened(wsgi_app, timeout=SOON), opened(asgi_app, asgi=True, timeout=SOON)
        return [fault(lambda one=one: one.send(ASK)) for one in transports]  # type: ignore[misc]

    def test_without_end(self, opened: Callable[..., Transport]) -> None:
        """A body without end is cut at a mebibyte."""
        assert ["oversized"] * 2 == self.both(opened, lambda: iter(lambda: b"x" * 10_000, None))

    def test_one_large_piece(self, opened: Callable[..., Transport]) -> None:
        """A body in one piece is no exception."""
        assert ["oversized"] * 2 == self.both(opened, lambda: iter([b"x" * 2_000_000]))

    def test_nothing_without_end(self, opened: Callable[..., Transport]) -> None:
        """Empty pieces without end are ended by the deadline, and so is the thread."""
        before = threading.active_count()
        assert ["timeout"] * 2 == self.both(opened, lambda: iter(lambda: b"", None))
        assert before >= threading.active_count() - 2

    @pytest.mark.parametrize(
        ("status", "headers", "expected"),
        [
            ("200 OK", [("Content-Length", "3")], "truncated"),
            ("200 OK", [("Content-Length", "1")], "garbled"),
            ("200 OK", [("Content-Length", "-1")], "garbled"),
            ("200 OK", [("Content-Encoding", "gzip")], "garbled"),
            ("200 OK", [("X", "y" * 200_000)], "oversized"),
            ("100 Continue", [], "garbled"),
        ],
    )
    def test_heads(self, wsgi: Send, status: str, headers: Any, expected: str) -> None:
        """A head that would break an exchange over a socket breaks it here."""
        assert expected == fault(lambda: wsgi(speaking(b"ok", status=status, headers=headers)))

    @pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
    def test_no_body(self, wsgi: Send, status: str) -> None:
        """Answers that have no body over HTTP have none here."""
        assert "" == wsgi(speaking(b"ok", status=status)).body


class TestOutput:
    """What an application prints."""

    def test_streams(self, wsgi: Send, capsys: pytest.CaptureFixture[str]) -> None:
        """All of it goes to standard error, without the secrets, however it is written."""

        def app(environ: Any, start_response: Any) -> Any:
            sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
            print("one", environ["PATH_INFO"])
            sys.stdout.write(SECRET[:10])
            sys.stdout.write(f"{SECRET[10:]}\n")
            sys.stderr.buffer.write(f"two {SECRET}\n".encode())
            environ["wsgi.errors"].write(f"three {SECRET}\n")
            return speaking(b"")(environ, start_response)

        wsgi(app)
        told = capsys.readouterr()
        assert "" == told.out
        assert "one /rest/1/$B24_WEBHOOK/m.json" in told.err
        assert {"two $B24_WEBHOOK", "three $B24_WEBHOOK"} < set(told.err.splitlines())
        assert SECRET not in told.err

    def test_traceback(
        self, opened: Callable[..., Transport], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An exception is told once with its traceback; the answer has its kind and place only."""

        def app(environ: Any, _start_response: Any) -> Any:
            raise KeyError(environ["PATH_INFO"])

        transport = opened(app)
        bodies = {transport.send(ASK).body for _ in range(3)}
        told = capsys.readouterr().err
        assert 1 == told.count("Traceback")
        assert "KeyError: '/rest/1/$B24_WEBHOOK/m.json'" in told
        assert "wsgiref" not in told
        (body,) = bodies
        assert body.startswith("Internal Server Error: KeyError in test_app.py, line ")
        assert "/rest" not in body


class TestLoading:
    """From a name to an application."""

    FAKE = """
import functools, threading
class Wsgi:
    def __call__(self, environ, start_response): ...
class WsgiClass:
    def __init__(self, environ, start_response): ...
class Asgi:
    async def __call__(self, scope, receive, send): ...
class AsgiClass:
    def __init__(self, scope, receive, send): ...
    def __await__(self): ...
class Asgi2:
    def __init__(self, scope): ...
def wsgi(environ, start_response, extra=None): ...
async def asgi(scope, receive=None, send=None): ...
async def anything(*args, **kwargs): ...
def wrapped(scope, receive, send): return asgi(scope, receive, send)
@functools.wraps(wsgi)
def middleware(*args): return wsgi(*args)
def create(): return Wsgi()
def create_with(config=None, testing=False, more=1, token="canary0canary0canary"): return asgi
def create_nothing(): return None
def create_twice(): return create
def fails(): raise RuntimeError("canary0canary0canary")
def exits(): raise SystemExit("canary0canary0canary")
async def create_async(): ...
def one(token="canary0canary0canary", *, needed): ...
class Nest: app = wsgi
partial = functools.partial(asgi, send=None)
number = 5
"""

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A project's folder; what is imported from it is forgotten afterwards."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", list(sys.path))
        before = set(sys.modules)
        (tmp_path / "a_fake.py").write_text(self.FAKE)
        yield tmp_path
        for name in set(sys.modules) - before:
            if (getattr(sys.modules[name], "__file__", "") or "").startswith(str(tmp_path)):
                del sys.modules[name]

    @pytest.mark.parametrize(
        ("name", "protocol"),
        [
            ("wsgi", "wsgi"),
            ("WsgiClass", "wsgi"),
            ("Wsgi", "wsgi"),
            ("middleware", "wsgi"),
            ("create", "wsgi"),
            ("Nest.app", "wsgi"),
            ("asgi", "asgi"),
            ("anything", "asgi"),
            ("Asgi", "asgi"),
            ("AsgiClass", "asgi"),
            ("wrapped", "asgi"),
            ("create_with", "asgi"),
        ],
    )
    def test_found(self, folder: Path, name: str, protocol: str) -> None:
        """The protocol is told by what can be called with which arguments."""
        assert protocol == load_app(f"app:a_fake:{name}", output()).protocol
        assert str(folder) == sys.path[0]

    @pytest.mark.parametrize(
        ("target", "told"),
        [
            ("app:a_fake", "not of the form app:module:attribute"),
            ("app:a_fake:create()", "not of the form app:module:attribute"),
            ("app:a_fake.py:wsgi", "not of the form app:module:attribute"),
            ("app:a/fake:wsgi", "not of the form app:module:attribute"),
            ("app::wsgi", "not of the form app:module:attribute"),
            ("app:a_fak:wsgi", "there is no module 'a_fak' in "),
            ("app:a_fake:wsgj", "the module a_fake has no attribute 'wsgj'\n  did you mean 'wsgi'"),
            ("app:a_fake:number", "is an object of type builtins.int"),
            ("app:a_fake:threading", "is the module threading"),
            ("app:a_fake:Asgi2", "is the class Asgi2 that takes (scope)"),
            ("app:a_fake:one", "is the function one that takes (token, needed)"),
            ("app:a_fake:create_async", "takes () and is a coroutine function"),
            ("app:a_fake:create_nothing", "is a factory of an object of type builtins.NoneType"),
            ("app:a_fake:create_twice", "is a factory of the function create that takes ()"),
            ("app:a_fake:fails", "and failed: RuntimeError in a_fake.py, line 24"),
            ("app:a_fake:exits", "and failed: SystemExit in a_fake.py, line 25"),
        ],
    )
    def test_not_found(self, folder: Path, target: str, told: str) -> None:
        """The error says what was found, and never a value."""
        with pytest.raises(UsageError) as error:
            load_app(target, output())
        assert told in str(error.value)
        assert "canary" not in str(error.value)

    @pytest.mark.parametrize(
        ("source", "told"),
        [
            ("import nowhere.to_be", "'nowhere', which it imports, is not installed"),
            ("import os\nos.environ['NO_SUCH']", "KeyError in a_broken.py, line 2: 'NO_SUCH'"),
            ("x = = 1", "SyntaxError: invalid syntax (a_broken.py, line 1)"),
            ("raise SystemExit('other0other0')", "SystemExit in a_broken.py, line 1"),
            ("raise ValueError('other0other0')", "ValueError in a_broken.py, line 1"),
            ("raise ImportError('canary0canary0canary')", "line 1: $B24_WEBHOOK"),
        ],
    )
    def test_broken_import(self, folder: Path, source: str, told: str) -> None:
        """What fails while it is imported is told by kind and place, and without a traceback."""
        (folder / "a_broken.py").write_text(source)
        with pytest.raises(UsageError) as error:
            load_app("app:a_broken:app", output())
        assert told in str(error.value)
        assert "canary" not in str(error.value)
        assert "other" not in str(error.value)
        assert error.value.hint


class TestConfigured:
    """What is declared of an application."""

    @staticmethod
    def config(**portal: Any) -> Config:
        """A configuration of one operator."""
        hook = webhooks(ADDRESS, default_state())[1]
        return parse_config({"portal": portal, "operator": {"webhook": hook}}, "x.toml")

    @pytest.fixture(autouse=True)
    def here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """`sys.path` is as before when the test ends."""
        monkeypatch.setattr(sys, "path", list(sys.path))

    def test_stand_in(self) -> None:
        """An application has its target for a name, and the rung and pace of a portal."""
        with configured_app("app:skins:wsgi", self.config(stand_in=True), Asked()) as app:
            assert ("app:skins:wsgi", "app:skins:wsgi") == (app.name, app.declaration.address)
            assert ("new", None, True) == (
                app.declaration.rung,
                app.pace.rate,
                app.declaration.secure,
            )

    def test_live(self) -> None:
        """Without `stand_in` it is live: nothing is joined, and at a live pace."""
        with configured_app("app:skins:wsgi", self.config(), Asked()) as app:
            assert ("none", 1.0, False) == (
                app.declaration.rung,
                app.pace.rate,
                app.declaration.stand_in,
            )

    def test_without_config(self) -> None:
        """Without any config the error shows five lines that would do."""
        with pytest.raises(ConfigError) as error:
            configured_app("app:skins:wsgi", Config(), Asked())
        what, _, *lines = str(error.value).splitlines()
        assert "nothing is declared of app:skins:wsgi" == what
        assert 5 == len(lines)
        told = parse_config(tomllib.loads("\n".join(lines)), "x.toml")
        assert (True, (2043,)) == (told.portal.stand_in, told.operator.chats.joinable)
