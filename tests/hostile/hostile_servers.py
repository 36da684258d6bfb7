"""A gallery of servers that are no sound portal: hostile, broken, or somebody else's."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket, bytes], None]
JSON = b"Content-Type: application/json\r\n"
REFUSAL = b'{"error":"CHAT_ID","error_description":"Chat ID is invalid."}'
_BLOCK = b"x" * 65536
BOMB = gzip.compress(bytes(200 * 2**20), 9)


class Hostile:
    """Listens on loopback; `behave` gets each connection with the request that came over it."""

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.heard: list[bytes] = []
        self._behave = behave
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._context is None:
                self._converse(connection)
                return
            with self._context.wrap_socket(connection, server_side=True) as secured:
                self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            self.heard.append(request)
            self._behave(connection, request)

    def close(self) -> None:
        """Stops listening."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    """One request with its body; nothing where the other side has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip() or b"0"
    while len(body) < int(length):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, *headers: bytes, status: bytes = b"400 Bad Request") -> bytes:
    """A whole answer with its true length."""
    extra = b"".join(header + b"\r\n" for header in headers)
    length = b"Content-Length: %d\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + JSON + extra + length + b"\r\n" + body


def says(data: bytes, *, close: bool = False) -> Behaviour:
    """Answers everything with these bytes."""

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        if close:
            connection.close()

    return behave


def pours(head: bytes, block: bytes = _BLOCK) -> Behaviour:
    """Sends `head`, and then `block` for ever."""

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(block)

    return behave


def drips(start: bytes, rest: bytes) -> Behaviour:
    """Sends `start` at once and the rest at a few bytes a second."""

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        for byte in rest * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.2)

    return behave


def resets(after: bytes) -> Behaviour:
    """Sends some bytes and resets the connection."""

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(after)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return behave


def redirects(location: bytes) -> Behaviour:
    """Sends everybody elsewhere; `PATH` in the location is what was asked for."""

    def behave(connection: socket.socket, request: bytes) -> None:
        where = location.replace(b"PATH", request.split(b" ")[1])
        status = b"HTTP/1.1 302 Found\r\nLocation: " + where + b"\r\n"
        connection.sendall(status + b"Content-Length: 0\r\n\r\n")

    return behave


def silent(connection: socket.socket, _: bytes) -> None:
    """Never answers."""
    time.sleep(60)


def echoes(connection: socket.socket, request: bytes) -> None:
    """Tells the asker all that he said."""
    connection.sendall(answer(request, b"X-Asked: " + request.split(b"\r\n")[0]))


@contextlib.contextmanager
def hostile(behave: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """A hostile server while the block lasts."""
    server = Hostile(behave, context)
    try:
        yield server
    finally:
        server.close()


_OK = b"HTTP/1.1 200 OK\r\n" + JSON
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_PACKED = b"Content-Encoding: gzip"
_PAGE = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"
_HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(_PAGE)
_DEEP = b'{"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
_LONG = b'{"result":[' + b"[]," * 3_500_000 + b"[]]}"
_MANY = b"".join(b"X-%d: y\r\n" % number for number in range(100_000))
_INVALID = b'{"error":"CHAT_ID","error_description":"\xff\xfe\xc0\x80"}'
_BROKEN = "not an HTTP answer"
_HEADERS = "not an HTTP answer|more than 128 KiB|no complete answer"
_LATE = r"no complete answer within 0\.7 seconds"
_SLOW = "no complete answer"  # on a machine that is busy with something else
_CUT = "ended before the announced length"

GALLERY: dict[str, tuple[Behaviour, str]] = {
    "endless body": (pours(_OK + b"\r\n"), f"more than 1024 KiB|{_SLOW}"),
    "gigabyte": (
        pours(_OK + b"Content-Length: 1073741824\r\n\r\n"),
        f"more than 1024 KiB|{_SLOW}",
    ),
    "endless chunks": (
        pours(_CHUNKED, b"4000\r\n" + b"x" * 0x4000 + b"\r\n"),
        f"1024 KiB|{_SLOW}",
    ),
    "tiny chunks": (pours(_CHUNKED, b"1\r\nx\r\n" * 9999), f"more than 1152 KiB|{_SLOW}"),
    "a chunk of negative size": (
        pours(_CHUNKED + b"-1\r\n"),
        f"more than 1152 KiB|{_BROKEN}|{_SLOW}",
    ),
    "endless trailers": (
        pours(_CHUNKED + b"0\r\n", b"A: b\r\n" * 9999),
        f"more than 1152 KiB|{_SLOW}",
    ),
    "huge chunk size": (says(_CHUNKED + b"F" * 9999 + b"\r\n", close=True), _CUT),
    "gzip bomb": (says(answer(BOMB, _PACKED, status=b"200 OK")), "a packed body"),
    "packed refusal": (says(answer(gzip.compress(REFUSAL), _PACKED)), "a packed body"),
    "slow headers": (drips(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"), _LATE),
    "slow status line": (drips(b"", b"HTTP/1.1 200 OK\r\n"), _LATE),
    "slow body": (drips(_OK + b"Content-Length: 9999\r\n\r\n", b" "), _LATE),
    "header flood": (says(b"HTTP/1.1 200 OK\r\n" + _MANY + b"\r\n"), _HEADERS),
    "header of 10 MB": (pours(b"HTTP/1.1 200 OK\r\nX-Long: "), _HEADERS),
    "endless status line": (pours(b"HTTP/1.1 200 "), _HEADERS),
    "flood of 100 Continue": (
        pours(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999),
        f"128 KiB|{_SLOW}",
    ),
    "flood of 103": (
        pours(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 999),
        f"128 KiB|{_SLOW}",
    ),
    "switching protocols": (says(b"HTTP/1.1 101 Switching\r\n\r\n"), "an empty body"),
    "reset at once": (resets(b""), "closed without an answer"),
    "reset in the head": (resets(b"HTTP/1.1 200 OK\r\nConte"), "closed without|within the headers"),
    "reset in the body": (resets(_OK + b"Content-Length: 99\r\n\r\n{"), "without an answer"),
    "close without answer": (says(b"", close=True), "closed without an answer"),
    "close in the head": (says(_OK, close=True), "ended within the headers"),
    "close in a chunk": (says(_CHUNKED + b"99\r\nx", close=True), _CUT),
    "silence": (silent, _LATE),
    "captive portal": (says(_HTML + _PAGE), "HTTP 200, HTML"),
    "invalid UTF-8": (says(answer(_INVALID)), "not UTF-8"),
    "deep JSON": (says(answer(_DEEP, status=b"200 OK")), "nests more than 200 deep"),
    "JSON of 10 MB": (says(answer(_LONG, status=b"200 OK")), "more than 1024 KiB"),
    "length too short": (says(_OK + b"Content-Length: 9\r\n\r\n" + REFUSAL), "more bytes after"),
    "length too long": (says(_OK + b"Content-Length: 999\r\n\r\n" + REFUSAL), _LATE),
    "length too long, closed": (
        says(_OK + b"Content-Length: 999\r\n\r\n" + REFUSAL, close=True),
        _CUT,
    ),
    "two answers glued": (says(answer(REFUSAL) * 2), "more bytes after the end"),
    "HTTP/0.9": (says(_PAGE, close=True), _BROKEN),
    "garbage": (says(bytes(range(256)) * 9 + b"\r\n"), _BROKEN),
    "another protocol": (says(b"220 mail.example ESMTP\r\n"), _BROKEN),
    "echo": (echoes, "not JSON"),
}
