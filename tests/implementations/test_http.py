"""The transport over real sockets: what a peer may do to it, and what it never does itself."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from b24_conformance.exchange import Request
from b24_conformance.implementations import http
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.reference import Portal, Raw, Server
from b24_conformance.reference import Request as Asked
from b24_conformance.reference import Response as Answered

ASK = Request("POST", "/a?b=c", (("Content-Type", "application/json"),), '{"CHAT_ID":"й"}')
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Script = list[bytes | float]


class Peer:
    """A server that says on each connection what its script says, and remembers what it heard."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = scripts
        self._done = threading.Event()
        self.heard: list[bytes] = []
        self.closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Peer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes an accept that waits
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        for script in self._scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self._say(connection, script)
            self.closed.set()

    def _say(self, connection: socket.socket, script: Script) -> None:
        try:
            for word in script:
                if isinstance(word, float):
                    self._done.wait(word)
                    continue
                self.heard.append(connection.recv(65536))
                connection.sendall(word)
        except OSError:
            return


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Makes peers that end with the test."""
    with ExitStack() as stack:
        yield lambda *scripts: stack.enter_context(Peer(*scripts))


@pytest.fixture
def transport() -> Iterator[Callable[..., HttpTransport]]:
    """Makes transports that are closed after the test."""
    with ExitStack() as stack:

        def make(address: str, **options: object) -> HttpTransport:
            made = HttpTransport(address, **options)  # type: ignore[arg-type]
            stack.callback(made.close)
            return made

        yield make


def fault(transport: HttpTransport, request: Request = ASK) -> WireError:
    """The error that an exchange ends with."""
    with pytest.raises(WireError) as caught:
        transport.send(request)
    return caught.value


Make = Callable[..., HttpTransport]
Peers = Callable[..., Peer]


class TestRequest:
    """What goes out."""

    def test_to_the_letter(self, transport: Make) -> None:
        """Verb, target, headers and body arrive as they were rendered, in UTF-8."""
        seen: list[Asked] = []

        def answer(request: Asked) -> Answered:
            seen.append(request)
            return Answered(200, (), b"{}")

        with Server(answer) as server:
            transport(server.address).send(ASK)
        (heard,) = seen
        assert ("POST", "/a?b=c", ASK.body) == (heard.verb, heard.target, heard.body.decode())
        assert "application/json" == heard.header("content-type")
        assert server_host(heard).startswith("127.0.0.1:")

    def test_get_has_no_body(self, transport: Make, peer: Peers) -> None:
        """A GET is sent without a body and without a length."""
        there = peer([FINE])
        transport(there.address).send(Request("GET", "/x"))
        assert there.heard[0].startswith(b"GET /x HTTP/1.1\r\n")
        assert b"content-length" not in there.heard[0].lower()

    def test_empty_post_has_a_length(self, transport: Make, peer: Peers) -> None:
        """A POST without a body says that it is empty."""
        there = peer([FINE])
        transport(there.address).send(Request("POST", "/x"))
        assert b"content-length: 0\r\n" in there.heard[0].lower()

    @pytest.mark.parametrize(
        "request_",
        [
            Request("POST", "/x\r\nEvil: 1"),
            Request("POST", "/x y"),
            Request("POST", "/x", (("Authorization", "Bearer a\r\nEvil: 1"),)),
        ],
        ids=["target", "space", "header"],
    )
    def test_one_request_stays_one(self, transport: Make, peer: Peers, request_: Request) -> None:
        """What would break the request apart is not sent."""
        there = peer([FINE])
        with pytest.raises((ValueError, WireError)):
            transport(there.address).send(request_)
        assert [] == there.heard

    def test_no_compression_is_asked_for(self, transport: Make, peer: Peers) -> None:
        """Answers are wanted as they are."""
        there = peer([FINE])
        transport(there.address).send(ASK)
        assert b"accept-encoding: identity\r\n" in there.heard[0].lower()

    def test_proxies_of_the_environment_are_not_used(
        self, transport: Make, peer: Peers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """HTTP_PROXY changes nothing."""
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert "ok" == transport(peer([FINE]).address).send(ASK).body


def server_host(request: Asked) -> str:
    """The Host of a request."""
    return str(request.header("host"))


class TestConnection:
    """Keep-alive, and what ends a connection."""

    def test_kept_alive(self, transport: Make, peer: Peers) -> None:
        """Exchanges share one connection."""
        sender = transport(peer([FINE, FINE, FINE]).address)
        assert ["ok"] * 3 == [sender.send(ASK).body for _ in range(3)]

    def test_closed_by_answer(self, transport: Make, peer: Peers) -> None:
        """After `Connection: close` the next exchange has a connection of its own."""
        last = FINE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        sender = transport(peer([last], [FINE]).address)
        assert ["ok", "ok"] == [sender.send(ASK).body, sender.send(ASK).body]

    def test_stale_is_noticed_before_sending(self, transport: Make, peer: Peers) -> None:
        """A connection that was closed while idle is replaced before the request leaves."""
        there = peer([FINE], [FINE])
        sender = transport(there.address)
        sender.send(ASK)
        assert there.closed.wait(5)
        assert "ok" == sender.send(ASK).body
        assert 2 == len(there.heard)

    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ([b""], "reset"),
            ([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"], "truncated"),
            ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"], "truncated"),
            ([b"SSH-2.0-OpenSSH_9.6\r\n"], "garbled"),
            ([b"HTTP/1.1 abc OK\r\n\r\n"], "garbled"),
            ([b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n"], "garbled"),
            ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"], "garbled"),
            ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], "truncated"),
        ],
        ids=["nothing", "short", "chunk", "ssh", "status", "long", "many", "size"],
    )
    def test_broken_answers(
        self, transport: Make, peer: Peers, script: Script, expected: str
    ) -> None:
        """Each way to break off is told apart, and the request is not sent again."""
        there = peer(script, [FINE])
        sender = transport(there.address)
        assert expected == fault(sender).fault
        assert 1 == len(there.heard)
        assert "ok" == sender.send(ASK).body

    def test_reset(self, transport: Make) -> None:
        """A reset in the middle of an exchange is a fault, not a second request."""
        seen: list[Asked] = []
        portal = Portal()

        def answer(request: Asked) -> Answered | Raw:
            seen.append(request)
            return Raw(b"", reset=True) if len(seen) == 1 else portal.answer(request)

        with Server(answer) as server:
            sender = transport(server.address)
            assert "reset" == fault(sender).fault
            assert 1 == len(seen)
            assert 400 <= sender.send(ASK).status

    def test_unreachable(self, transport: Make) -> None:
        """Nobody listens: unreachable, with the reason and without the path."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{taken.getsockname()[1]}"
            error = fault(transport(address))
        assert ("unreachable", True) == (error.fault, "Connection refused" in error.detail)
        assert "/a?b=c" not in error.detail

    def test_unknown_host(self, transport: Make) -> None:
        """A name that does not resolve is unreachable."""
        assert "unreachable" == fault(transport("http://nothing.invalid")).fault
        assert "unreachable" == fault(transport(f"http://{'a' * 80}.invalid")).fault

    def test_redirects_are_not_followed(self, transport: Make, peer: Peers) -> None:
        """A redirect is an answer like any other."""
        elsewhere = peer([FINE])
        away = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.address}\r\nContent-Length: 0\r\n\r\n"
        answer = transport(peer([away.encode()]).address).send(ASK)
        assert (302, elsewhere.address) == (answer.status, answer.header("location"))
        assert [] == elsewhere.heard

    def test_interim_answers(self, transport: Make, peer: Peers) -> None:
        """100 Continue is no answer yet."""
        script = [b"HTTP/1.1 100 Continue\r\n\r\n" + FINE]
        assert "ok" == transport(peer(script).address).send(ASK).body


class TestBounds:
    """Time and size."""

    @pytest.mark.parametrize(
        "script",
        [
            [b"", 3.0],
            [b"HTTP/1.1 200 OK\r\n", 3.0],
            [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", 3.0],
        ],
        ids=["silent", "headers", "body"],
    )
    def test_timeout(self, transport: Make, peer: Peers, script: Script) -> None:
        """A peer that stops in the middle is cut off."""
        error = fault(transport(peer(script).address, timeout=0.3))
        assert ("timeout", "no complete answer within 0.3 seconds") == (error.fault, error.detail)

    @pytest.mark.parametrize("head", [b"", FINE[:-2].replace(b": 2", b": 9000")])
    def test_dripping(self, transport: Make, head: bytes) -> None:
        """A peer that drips is cut off at the deadline, in the headers or in the body."""
        dripped = Raw((head or b"HTTP/1.1 200 OK\r\nX: ") + b"z" * 900, pause=0.02)
        with Server(lambda _: dripped) as server:
            assert "timeout" == fault(transport(server.address, timeout=0.5)).fault

    def test_oversized(self, transport: Make, peer: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
        """A body beyond the limit is not read to its end."""
        monkeypatch.setattr(http, "MAX_BODY", 100_000)
        body = b"x" * 300_000
        announced = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body
        endless = b"HTTP/1.1 200 OK\r\n\r\n" + body
        for script in ([announced], [endless]):
            error = fault(transport(peer(script).address))
            assert "oversized" == error.fault

    def test_large_enough(self, transport: Make, peer: Peers) -> None:
        """A large body within the limit is read whole."""
        body = b"x" * 300_000
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body
        assert 300_000 == len(transport(peer([answer]).address).send(ASK).body)


class TestBodies:
    """Bytes become text."""

    def test_utf8(self, transport: Make, peer: Peers) -> None:
        """UTF-8 stays what it is."""
        body = "й".encode()
        script = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body]
        answer = transport(peer(script).address).send(ASK)
        assert ("й", "utf-8") == (answer.body, answer.encoding)

    def test_other_bytes(self, transport: Make, peer: Peers) -> None:
        """Bytes that are no UTF-8 are kept in latin-1, and marked."""
        script = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xe9"]
        answer = transport(peer(script).address).send(ASK)
        assert ("\xff\xe9", "latin-1") == (answer.body, answer.encoding)

    def test_headers_of_one_name(self, transport: Make, peer: Peers) -> None:
        """Two headers of one name stay two."""
        script = [FINE.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n")]
        answer = transport(peer(script).address).send(ASK)
        assert ["a", "b"] == [value for name, value in answer.headers if name == "Set-Cookie"]

    @pytest.mark.parametrize(("words", "kept"), [("OK", ""), ("Joined by 1", "Joined by 1")])
    def test_words_behind_the_status(
        self, transport: Make, peer: Peers, words: str, kept: str
    ) -> None:
        """Other words than the usual ones behind the status are kept."""
        script = [FINE.replace(b"200 OK", f"200 {words}".encode())]
        assert kept == transport(peer(script).address).send(ASK).reason


class TestTls:
    """Certificates are verified, always."""

    def test_own_authority(self, transport: Make) -> None:
        """An authority in ca_file is trusted."""
        with Server(Portal(), tls=True) as server:
            sender = transport(server.address, ca_file=Path(str(server.ca_file)))
            assert 100 < sender.send(Request("GET", "/")).status

    def test_unknown_authority(self, transport: Make) -> None:
        """Any other is not, and the fault says why."""
        with Server(Portal(), tls=True) as server:
            error = fault(transport(server.address))
        assert "tls" == error.fault
        assert "certificate" in error.detail

    def test_another_authority(self, transport: Make, tmp_path: Path) -> None:
        """An authority that did not sign the certificate does not help."""
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
        with Server(Portal(), tls=True) as server:
            error = fault(transport(server.address, ca_file=tmp_path / "other.pem"))
        assert "tls" == error.fault

    def test_another_name(self, transport: Make) -> None:
        """A certificate for another host is refused."""
        with Server(Portal(), tls=True) as server:
            elsewhere = server.address.replace("127.0.0.1", "127.0.0.2")
            error = fault(transport(elsewhere, ca_file=Path(str(server.ca_file))))
        assert error.fault in ("tls", "unreachable")

    def test_plain_server(self, transport: Make, peer: Peers) -> None:
        """A server that speaks no TLS is a fault of TLS."""
        there = peer([FINE])
        error = fault(transport(there.address.replace("http:", "https:")))
        assert "tls" == error.fault

    def test_no_way_to_switch_it_off(self) -> None:
        """No option of the transport leaves certificates unverified."""
        names = HttpTransport.__init__.__kwdefaults__
        assert {"timeout", "ca_file"} == set(names)
