"""HTTP over a socket: keep-alive, bounded in time and size, no retries, no redirects.

A retried join is a second join, so a connection that the other side closed while idle is
noticed before the request leaves, never after.
"""

from __future__ import annotations

import http.client
import re
import select
import socket
import ssl
import time
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from b24_conformance.exchange import Headers, Request, Response
from b24_conformance.hosts import unused_proxy
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.stream import MAX_HEAD, Stream

MAX_BODY = 1024 * 1024
_CHUNK = 64 * 1024
_BREAKS = re.compile(r"[\r\n\0]")
_SPLITS = re.compile(r"\s")
_DEEP = 200
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


class HttpTransport:
    """Carries requests to one address, and cuts each exchange at its deadline."""

    def __init__(self, address: str, *, timeout: float = 30.0, ca_file: Path | None = None) -> None:
        self._address = address
        self._host = urlsplit(address).netloc
        self._timeout = timeout
        self._ca_file = ca_file
        self._connection: Stream | None = None
        self._keeps_alive = True

    def send(self, request: Request) -> Response:
        """The response, or WireError; ValueError for what would not stay one request."""
        data = _written(request, self._host)
        deadline = time.monotonic() + self._timeout
        kept = self._connection
        connection = self._connected(deadline)
        try:
            return self._exchange(connection, data, request.verb, deadline)
        except WireError:
            self.renew()
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.renew()
            broken = _as_wire_error(error, timeout=self._timeout)
            if broken.fault == "reset" and connection is kept and not connection.received:
                # A server may end a kept connection at any time (RFC 9112, section 9.3.1).
                self._keeps_alive = False
                raise WireError("stale", "the kept connection ended under the request") from None
            raise broken from None
        except BaseException:
            # The answer to a question that was broken off is not the answer to the next one.
            self.renew()
            raise

    def close(self) -> None:
        """Closes the connection."""
        self.renew()

    def renew(self) -> None:
        """Ends the connection: the next request goes over a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.socket.close()

    def _exchange(self, connection: Stream, data: bytes, verb: str, deadline: float) -> Response:
        connection.send(data, deadline)
        answer = connection.answer(verb)
        coding = answer.getheader("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            # Never unpacked: a kilobyte of it may become a gigabyte.
            raise WireError("garbled", "a packed body (Content-Encoding), which nobody asked for")
        content = _bounded(answer, connection)
        closing = answer.will_close or not self._keeps_alive
        if not closing and connection.surplus().strip(b"\r\n"):
            raise WireError("garbled", "more bytes after the end of the answer")
        if closing:
            self.renew()
        return _response(answer, content)

    def _connected(self, deadline: float) -> Stream:
        if self._connection is not None and _stale(self._connection.socket):
            self.renew()
        if self._connection is None:
            self._connection = self._connect(deadline)
        return self._connection

    def _connect(self, deadline: float) -> Stream:
        parts = urlsplit(self._address)
        secure = parts.scheme == "https"
        place = (parts.hostname or "", parts.port or (443 if secure else 80))
        try:
            plain = socket.create_connection(place, timeout=self._timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Stream(self._secured(plain, place[0], deadline) if secure else plain)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or str(error)
            raise WireError("tls", f"TLS with {self._address} failed: {reason}") from None
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            proxy = unused_proxy(self._address)
            aside = (
                f"; {proxy} is set, but proxies of the environment are not used" if proxy else ""
            )
            detail = f"no connection to {self._address}: {reason}{aside}"
            raise WireError("unreachable", detail) from None

    def _secured(self, plain: socket.socket, host: str, deadline: float) -> socket.socket:
        try:
            # Python counts this limit over the whole handshake, not over each part of it.
            plain.settimeout(max(0.001, deadline - time.monotonic()))
            return self._context.wrap_socket(plain, server_hostname=host)
        except (OSError, ValueError):
            plain.close()
            raise

    @cached_property
    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._ca_file)
        if self._ca_file:
            context.load_default_certs()
        context.set_alpn_protocols(["http/1.1"])
        return context


class ServedTransport(HttpTransport):
    """A transport that ends what it talks to with itself, by `end`."""

    def __init__(self, address: str, end: Callable[[], None], *, timeout: float = 30.0) -> None:
        super().__init__(address, timeout=timeout)
        self._end = end

    def close(self) -> None:
        """Closes the connection, then ends the other side."""
        super().close()
        self._end()


def _written(request: Request, host: str) -> bytes:
    # In one piece: http.client sends head and body apart, which costs a round through the kernel.
    body = request.body.encode("utf-8", "surrogatepass")
    head = _head(request.verb, request.target, request.headers, host)
    length = f"Content-Length: {len(body)}\r\n" if body or request.verb == "POST" else ""
    return b"%b%b\r\n%b" % (head, length.encode(), body)


# Thousands of requests differ in their bodies only.
@lru_cache(maxsize=64)
def _head(verb: str, target: str, headers: Headers, host: str) -> bytes:
    """All lines of the head but for the length of the body."""
    lines = [f"{verb} {target} HTTP/1.1", f"Host: {host}"]
    lines += ["Accept-Encoding: identity", "User-Agent: b24-conformance"]
    lines += [f"{name}: {value}" for name, value in headers]
    if _SPLITS.search(target) or _BREAKS.search("".join(lines)):
        raise ValueError("a line break or a space in the head of a request would make it two")
    return "\r\n".join([*lines, ""]).encode()


def _stale(sock: socket.socket) -> bool:
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    readable, _, _ = select.select([sock], [], [], 0)
    return bool(readable)


def _bounded(answer: http.client.HTTPResponse, connection: Stream) -> bytes:
    connection.bound = MAX_BODY + MAX_HEAD
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
    # As they came: `getheaders` has a policy for mail look at each of them once more.
    headers = tuple((name, str(value)) for name, value in answer.headers.raw_items())
    usual = http.client.responses.get(answer.status)
    reason = "" if answer.reason == usual else answer.reason
    return response_of(answer.status, headers, content, reason)


def response_of(status: int, headers: Headers, content: bytes, reason: str = "") -> Response:
    """A response whose body is text, in latin-1 where it is no UTF-8.

    Raises WireError where the body nests so deep that a reader of JSON may fall over it.
    """
    if content.count(b"[") + content.count(b"{") > _DEEP and _nests_deep(content):
        raise WireError("oversized", f"a body that nests more than {_DEEP} deep")
    try:
        return Response(status, headers, content.decode("utf-8"), reason=reason)
    except UnicodeDecodeError:
        return Response(status, headers, content.decode("latin-1"), "latin-1", reason)


def _nests_deep(content: bytes) -> bool:
    depth = 0
    for found in _BRACKETS.finditer(content):
        char = found[0][:1]
        depth += (char in b"[{") - (char in b"]}")
        if depth > _DEEP:
            return True
    return False


def _as_wire_error(error: Exception, *, timeout: float) -> WireError:
    if isinstance(error, TimeoutError):
        return WireError("timeout", f"no complete answer within {timeout:g} seconds")
    if isinstance(error, http.client.IncompleteRead):
        return WireError("truncated", "the connection ended before the announced length")
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return WireError("reset", "the connection was closed without an answer")
    if isinstance(error, ssl.SSLError):
        return WireError("reset", f"TLS broke during the exchange: {error.reason}")
    return WireError("garbled", f"not an HTTP answer ({type(error).__name__})")
