"""The server: real HTTP, seen from the client's side."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from b24_conformance.reference import Portal, Raw, Request, Response, Server, webhooks
from b24_conformance.reference.defaults import CUSTOMER

JOIN = "imopenlines.session.join"
BODY = b'{"CHAT_ID":2043}'
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def server(portal: Portal) -> Iterator[Server]:
    with Server(portal) as opened:
        yield opened


@pytest.fixture
def path(portal: Portal) -> str:
    return f"/rest/1/{portal.state.users[1].webhook_secret}/{JOIN}.json"


def port_of(server: Server) -> int:
    """Return the server's port."""
    return int(server.address.rpartition(":")[2])


def ask(server: Server, verb: str, target: str, body: Any = None, **headers: str) -> Any:
    """Send a request on a connection of its own; return (status, decoded body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=5)
    try:
        more = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(verb, target, body, HEADERS | more)
        response = connection.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None
    finally:
        connection.close()


def exchange(server: Server, *pieces: bytes) -> bytes:
    """Send bytes as they are; return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=5) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


class TestRequests:
    def test_join(self, server: Server, portal: Portal, path: str) -> None:
        """A join over HTTP is a join in the portal."""
        status, body = ask(server, "POST", path, BODY)
        assert (200, True) == (status, body["result"])
        assert frozenset({1, CUSTOMER}) == portal.members(2043)

    def test_webhooks(self, server: Server, portal: Portal) -> None:
        """The webhooks of the state lead to the server."""
        url = webhooks(server.address, portal.state)[1]
        assert url.startswith(server.address)
        status, body = ask(server, "GET", url.removeprefix(server.address) + "profile")
        assert (200, "1") == (status, body["result"]["ID"])

    def test_keep_alive(self, server: Server, path: str) -> None:
        """One connection serves many requests, refused ones among them."""
        connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=5)
        statuses, sockets = [], set()
        for body in (BODY, b"{", BODY, b'{"CHAT_ID":2050}') * 5:
            connection.request("POST", path, body, HEADERS)
            sockets.add(connection.sock)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
        assert ([200, 400, 200, 400] * 5, 1) == (statuses, len(sockets))

    def test_chunked(self, server: Server, path: str) -> None:
        """A body in chunks is read."""
        status, body = ask(server, "POST", path, iter([BODY[:5], BODY[5:]]))
        assert (200, True) == (status, body["result"])

    def test_upgrade_is_ignored(self, server: Server, path: str) -> None:
        """A wish for HTTP/2 is ignored, and the body kept."""
        status, body = ask(
            server, "POST", path, BODY, Connection="Upgrade, HTTP2-Settings", Upgrade="h2c"
        )
        assert (200, True) == (status, body["result"])

    def test_head(self, server: Server, path: str) -> None:
        """HEAD is answered without a body."""
        assert (200, None) == ask(server, "HEAD", f"{path}?CHAT_ID=2043")

    def test_http10(self, server: Server, path: str) -> None:
        """A client of HTTP/1.0 is answered, and the connection closed."""
        answer = exchange(server, f"GET {path}?CHAT_ID=2043 HTTP/1.0\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Connection: close" in answer

    def test_http10_keep_alive(self, server: Server, path: str) -> None:
        """A client of HTTP/1.0 can ask for the connection to stay."""
        line = f"GET {path}?CHAT_ID=2043 HTTP/1.0\r\n".encode()
        answer = exchange(server, line + b"Connection: keep-alive\r\n\r\n", line + b"\r\n")
        assert 2 == answer.count(b"HTTP/1.1 200 OK")

    def test_expect(self, server: Server, path: str) -> None:
        """A client that waits for leave to send its body gets it."""
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
        with socket.create_connection(("127.0.0.1", port_of(server)), timeout=5) as connection:
            connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            assert b"HTTP/1.1 100 Continue\r\n\r\n" == connection.recv(100)
            connection.sendall(BODY)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")

    def test_pipelined(self, server: Server, path: str) -> None:
        """Requests sent ahead are answered in their order."""
        one = f"GET {path}?CHAT_ID=0 HTTP/1.1\r\n\r\n".encode()
        two = f"GET {path}?CHAT_ID=2043 HTTP/1.1\r\nConnection: close\r\n\r\n".encode()
        answer = exchange(server, one + two)
        assert -1 < answer.index(b"400 Bad Request") < answer.index(b"200 OK")

    def test_header_lines(self) -> None:
        """A header cannot smuggle a line break."""
        with Server(lambda request: Response(200, (("X", "a\r\nY: b"),))) as server:
            assert b"\r\nX: a  Y: b\r\n" in exchange(server, b"GET / HTTP/1.0\r\n\r\n")


class TestBadRequests:
    @pytest.mark.parametrize(
        "data",
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/3.0\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
            b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300 + b"\r\n",
        ],
    )
    def test_answered(self, server: Server, data: bytes) -> None:
        """What is no acceptable request is answered 400, and the connection closed."""
        answer = exchange(server, data)
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert 200 == ask(server, "OPTIONS", "/")[0]

    def test_cut_off(self, server: Server) -> None:
        """A client that goes away in the middle harms nobody."""
        for data in (b"", b"POST / HT", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"):
            with socket.create_connection(("127.0.0.1", port_of(server))) as connection:
                connection.sendall(data)
        assert 200 == ask(server, "OPTIONS", "/")[0]

    def test_broken_answer(self, capsys: pytest.CaptureFixture[str]) -> None:
        """An answer function that raises is answered 500, and told on standard error."""

        def fail(_: Request) -> Response:
            raise LookupError("broken")

        with Server(fail) as server:
            assert 500 == ask(server, "GET", "/")[0]
        assert "LookupError: broken" in capsys.readouterr().err


class TestRaw:
    def test_close(self) -> None:
        """Raw bytes go out as they are, and the connection is closed."""
        with Server(
            lambda request: Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
        ) as server:
            connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=5)
            connection.request("GET", "/")
            with pytest.raises(http.client.IncompleteRead):
                connection.getresponse().read()
            connection.close()

    def test_keep_open(self) -> None:
        """Raw bytes can leave the connection open."""
        answer = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", close=False)
        with Server(lambda request: answer) as server:
            connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=5)
            for _ in range(3):
                connection.request("GET", "/")
                assert b"{}" == connection.getresponse().read()
            connection.close()

    def test_reset(self) -> None:
        """A connection can be reset."""
        with (
            Server(lambda request: Raw(b"", reset=True)) as server,
            pytest.raises(ConnectionResetError),
        ):
            exchange(server, b"GET / HTTP/1.1\r\n\r\n")

    def test_drip(self) -> None:
        """Bytes can drip out one by one."""
        with Server(lambda request: Raw(b"0123456789", pause=0.005)) as server:
            began = time.perf_counter()
            assert b"0123456789" == exchange(server, b"GET / HTTP/1.1\r\n\r\n")
            assert 0.05 <= time.perf_counter() - began


class TestExchanges:
    def test_seen_before_the_answer(self, portal: Portal, path: str) -> None:
        """Whoever has an answer finds the exchange recorded, with what was on the wire."""
        seen: list[Any] = []
        with Server(portal, on_exchange=lambda *exchange: seen.append(exchange)) as server:
            before = time.time()
            ask(server, "POST", path, BODY, X_Own="Mixed")
        [(request, response, started, seconds)] = seen
        assert ("POST", path, BODY, False) == (
            request.verb,
            request.target,
            request.body,
            request.secure,
        )
        assert ("X-Own", "Mixed") in request.headers
        assert 200 == response.status
        assert before <= started <= time.time()
        assert 0 <= seconds < 5


class TestTls:
    def test_authority(self, portal: Portal, path: str) -> None:
        """Over TLS the server is trusted by its authority, under both its names."""
        with Server(portal, tls=True) as server:
            assert server.ca_file is not None
            assert server.address.startswith("https://127.0.0.1:")
            context = ssl.create_default_context(cafile=server.ca_file)
            for host in ("127.0.0.1", "localhost"):
                connection = http.client.HTTPSConnection(
                    host, port_of(server), timeout=5, context=context
                )
                connection.request("POST", path, BODY, HEADERS)
                assert 200 == connection.getresponse().status
                connection.close()
            authority = Path(server.ca_file)
            assert authority.exists()
        assert not authority.parent.exists()

    def test_secure(self) -> None:
        """A request over TLS says so."""
        seen: list[bool] = []
        with Server(Portal(), tls=True, on_exchange=lambda r, *_: seen.append(r.secure)) as server:
            context = ssl.create_default_context(cafile=server.ca_file)
            connection = http.client.HTTPSConnection(
                "localhost", port_of(server), timeout=5, context=context
            )
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
        assert [True] == seen

    def test_distrust(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A client that does not trust the authority, or speaks no TLS, harms nobody."""
        with Server(Portal(), tls=True) as server:
            with pytest.raises(ssl.SSLError):
                connection = http.client.HTTPSConnection(
                    "localhost", port_of(server), timeout=5, context=ssl.create_default_context()
                )
                connection.request("GET", "/")
            exchange_or_reset(server, b"GET / HTTP/1.1\r\n\r\n")
        assert "" == capfd.readouterr().err


def exchange_or_reset(server: Server, data: bytes) -> None:
    """Send bytes and do not mind how the server ends the connection."""
    with contextlib.suppress(ConnectionResetError):
        exchange(server, data)


class TestLife:
    @pytest.mark.parametrize("tls", [False, True])
    def test_quick_end(self, tls: bool) -> None:
        """The server ends quickly, also with connections open, and their clients notice."""
        with Server(Portal(), tls=tls) as server:
            port = port_of(server)
            idle = socket.create_connection(("127.0.0.1", port), timeout=5)
            if not tls:
                idle.sendall(b"GET / HTTP/1.1\r\n\r\n")
                assert idle.recv(65536)
            began = time.perf_counter()
        assert time.perf_counter() - began < 5
        # One that was not even accepted yet is reset.
        with idle, contextlib.suppress(ConnectionResetError):
            assert b"" == idle.recv(1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    def test_address(self) -> None:
        """There is no address before the server is open, and it is not opened twice."""
        server = Server(Portal())
        with pytest.raises(RuntimeError):
            _ = server.address
        with server, pytest.raises(RuntimeError):
            server.open()

    def test_port_in_use(self, server: Server) -> None:
        """A port in use is an error, and leaves no authority behind."""
        second = Server(Portal(), port=port_of(server), tls=True)
        with pytest.raises(OSError, match="in use"):
            second.open()
        assert second.ca_file is None

    def test_many_connections(self, server: Server, path: str) -> None:
        """Many clients are served at once."""
        statuses: list[int] = []

        def run() -> None:
            statuses.extend(ask(server, "POST", path, BODY)[0] for _ in range(5))

        threads = [threading.Thread(target=run) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [200] * 50 == statuses
