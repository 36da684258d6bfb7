"""HTTP over a socket: keep-alive, bounded in time and size, no retries, no redirects.

A retried join is a second join, so a connection that the other side closed while idle is
noticed before the request leaves, never after.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from b24_conformance.exchange import Request, Response
from b24_conformance.implementations.base import WireError

MAX_BODY = 4 * 1024 * 1024
_CHUNK = 64 * 1024


class HttpTransport:
    """Carries requests to one address; a watchdog cuts an exchange at its deadline."""

    def __init__(self, address: str, *, timeout: float = 30.0, ca_file: Path | None = None) -> None:
        self._address = address
        self._host = urlsplit(address).netloc
        self._timeout = timeout
        self._ca_file = ca_file
        self._connection: http.client.HTTPConnection | None = None
        self._deadline = float("inf")
        self._closed = threading.Event()
        self._watchdog: threading.Thread | None = None

    def send(self, request: Request) -> Response:
        """The response to `request`, or WireError."""
        connection = self._connected()
        self._deadline = time.monotonic() + self._timeout
        try:
            response = self._exchange(connection, request)
        except WireError:
            self._drop()
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() >= self._deadline
            self._drop()
            raise _as_wire_error(error, late=late, timeout=self._timeout) from None
        finally:
            late = time.monotonic() >= self._deadline
            self._deadline = float("inf")
        if late:
            # Cut within the headers, an answer looks complete and empty to http.client.
            self._drop()
            raise _late(self._timeout)
        return response

    def close(self) -> None:
        """Closes the connection and ends the watchdog."""
        self._closed.set()
        self._drop()

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        connection.sock.sendall(_written(request, self._host))
        answer = http.client.HTTPResponse(connection.sock, method=request.verb)
        answer.begin()
        content = _bounded(answer)
        if answer.will_close:
            self._drop()
        return _response(answer, content)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is not None and _stale(self._connection.sock):
            self._drop()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._address)
        host, port = parts.hostname or "", parts.port
        connection: http.client.HTTPConnection
        try:
            if parts.scheme == "https":
                context = ssl.create_default_context(cafile=self._ca_file)
                if self._ca_file:
                    context.load_default_certs()
                connection = http.client.HTTPSConnection(
                    host, port, timeout=self._timeout, context=context
                )
            else:
                connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or str(error)
            raise WireError("tls", f"TLS with {self._address} failed: {reason}") from None
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise WireError("unreachable", f"no connection to {self._address}: {reason}") from None
        self._watch()
        return connection

    def _watch(self) -> None:
        if self._watchdog is None:
            self._watchdog = threading.Thread(target=self._cut_late_exchanges, daemon=True)
            self._watchdog.start()

    def _cut_late_exchanges(self) -> None:
        while not self._closed.wait(0.25):
            connection = self._connection
            if time.monotonic() > self._deadline and connection is not None and connection.sock:
                try:
                    connection.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _written(request: Request, host: str) -> bytes:
    # In one piece: http.client sends head and body apart, which costs a round through the kernel.
    body = request.body.encode("utf-8", "surrogatepass")
    lines = [f"{request.verb} {request.target} HTTP/1.1", f"Host: {host}"]
    lines += ["Accept-Encoding: identity", "User-Agent: b24-conformance"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if body or request.verb == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _stale(sock: socket.socket | None) -> bool:
    if sock is None:
        return True
    readable, _, _ = select.select([sock], [], [], 0)
    return bool(readable)


def _bounded(answer: http.client.HTTPResponse) -> bytes:
    if answer.length is not None and answer.length <= _CHUNK:
        return answer.read()
    chunks, size = [], 0
    while chunk := answer.read(_CHUNK):
        size += len(chunk)
        if size > MAX_BODY:
            raise WireError("oversized", f"a body of more than {MAX_BODY // 1024} KiB")
        chunks.append(chunk)
    return b"".join(chunks)


def _response(answer: http.client.HTTPResponse, content: bytes) -> Response:
    headers = tuple(answer.getheaders())
    return response_of(answer.status, headers, content)


def response_of(status: int, headers: tuple[tuple[str, str], ...], content: bytes) -> Response:
    """A response whose body is text, in latin-1 where it is no UTF-8."""
    try:
        return Response(status, headers, content.decode("utf-8"))
    except UnicodeDecodeError:
        return Response(status, headers, content.decode("latin-1"), "latin-1")


def _late(timeout: float) -> WireError:
    return WireError("timeout", f"no complete answer within {timeout:g} seconds")


def _as_wire_error(error: Exception, *, late: bool, timeout: float) -> WireError:
    if late or isinstance(error, TimeoutError):
        return _late(timeout)
    if isinstance(error, http.client.IncompleteRead):
        return WireError("truncated", "the connection ended before the announced length")
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return WireError("reset", "the connection was closed without an answer")
    if isinstance(error, ssl.SSLError):
        return WireError("reset", f"TLS broke during the exchange: {error.reason}")
    return WireError("garbled", f"not an HTTP answer ({type(error).__name__})")
