"""A thin skin of real HTTP around a portal, on loopback, in background threads."""

from __future__ import annotations

import contextlib
import shutil
import socket
import socketserver
import ssl
import struct
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeAlias

import trustme

from b24_conformance.reference import http1
from b24_conformance.reference.core import Portal
from b24_conformance.reference.messages import Answer, Raw, Request, Response

OnExchange: TypeAlias = Callable[[Request, Response | Raw, float, float], None]

_POLL_SECONDS: Final = 0.02
_BAD_REQUEST: Final = Response(
    400, (("Content-Type", "text/plain; charset=utf-8"),), b"Bad Request\n"
)
_FAILED: Final = Response(
    500,
    (("Content-Type", "application/json; charset=utf-8"),),
    b'{"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error"}',
)


class Server:
    """Serves a portal, or any function from Request to Response or Raw, over HTTP/1.1.

    ``on_exchange`` is called in the connection's thread before the answer goes out, with the
    request, the answer, the time of day at which the request was complete, and the seconds that
    the answer took to make: whoever has got an answer finds it recorded.
    """

    def __init__(
        self,
        portal: Portal | Answer,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        on_exchange: OnExchange | None = None,
    ) -> None:
        self._answer: Answer = portal.answer if isinstance(portal, Portal) else portal
        self._bind = (host, port)
        self._tls = tls
        self._on_exchange = on_exchange
        self._folder: str | None = None
        self._listener: _Listener | None = None
        self.ca_file: str | None = None

    @property
    def address(self) -> str:
        """The origin to call, such as ``http://127.0.0.1:49152``."""
        if self._listener is None:
            raise RuntimeError("the server is not open")
        host, port = self._listener.server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"{'https' if self._tls else 'http'}://{name}:{port}"

    def open(self) -> Server:
        """Listen; the address is known and accepts connections from here on."""
        if self._listener is not None:
            raise RuntimeError("the server is open already")
        context = self._make_authority() if self._tls else None
        try:
            self._listener = _Listener(self._bind, self._answer, context, self._on_exchange)
        except OSError:
            self._remove_authority()
            raise
        threading.Thread(
            target=self._listener.serve_forever,
            args=(_POLL_SECONDS,),
            name="reference-portal",
            daemon=True,
        ).start()
        return self

    def close(self) -> None:
        """Stop listening, end all connections, remove the temporary authority."""
        if self._listener is not None:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener.end_connections()
            self._listener = None
        self._remove_authority()

    def __enter__(self) -> Server:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _make_authority(self) -> ssl.SSLContext:
        authority = trustme.CA()
        names = dict.fromkeys(["127.0.0.1", "localhost", "::1", self._bind[0]])
        certificate = authority.issue_cert(*[name for name in names if name not in ("", "0.0.0.0")])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self._folder = tempfile.mkdtemp(prefix="reference-portal-")
        path = Path(self._folder) / "ca.pem"
        authority.cert_pem.write_to_path(str(path))
        self.ca_file = str(path)
        return context

    def _remove_authority(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self.ca_file = None


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        bind: tuple[str, int],
        answer: Answer,
        context: ssl.SSLContext | None,
        on_exchange: OnExchange | None,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in bind[0] else socket.AF_INET
        self.answer = answer
        self.context = context
        self.on_exchange = on_exchange
        self._open: set[socket.socket] = set()
        self._ended = False
        self._guard = threading.Lock()
        super().__init__(bind, _Connection)

    def track(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)
            if self._ended:
                _hang_up(connection)

    def untrack(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def end_connections(self) -> None:
        with self._guard:
            self._ended = True
            for connection in self._open:
                _hang_up(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that goes away, or does not trust the certificate, is no fault of ours.
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            traceback.print_exc()


class _Connection(socketserver.BaseRequestHandler):
    server: _Listener
    request: socket.socket

    def setup(self) -> None:
        self.connection = self.request
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.track(self.connection)

    def handle(self) -> None:
        if self.server.context is not None:
            self._start_tls(self.server.context)
        with self.connection.makefile("rb") as stream:
            while self._exchange(self.connection, stream):
                pass

    def _start_tls(self, context: ssl.SSLContext) -> None:
        # Wrapping detaches the plain socket: from here on only the new one can be hung up, and
        # it must be known before a handshake that may last for ever.
        secure = context.wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        self.server.untrack(self.connection)
        self.connection = secure
        self.server.track(secure)
        secure.do_handshake()

    def finish(self) -> None:
        # Closed here, as socketserver would first say an orderly goodbye even for a reset.
        self.server.untrack(self.connection)
        self.connection.close()

    def _exchange(self, connection: socket.socket, stream: Any) -> bool:
        """Serve one request; tell whether another may follow on this connection."""
        try:
            head = http1.read_head(stream)
            if head is None:
                return False
            if http1.wants_continue(head):
                connection.sendall(http1.CONTINUE)
            request = http1.read_request(stream, head, self.server.context is not None)
        except http1.BadRequestError:
            connection.sendall(http1.serialize(_BAD_REQUEST, verb="GET", keep_alive=False))
            self._drain(connection)
            return False
        answer = self._make_answer(request)
        if isinstance(answer, Raw):
            return _send_raw(connection, answer)
        connection.sendall(http1.serialize(answer, verb=request.verb, keep_alive=head.keep_alive))
        return head.keep_alive

    def _make_answer(self, request: Request) -> Response | Raw:
        started, began = time.time(), time.perf_counter()
        try:
            answer = self.server.answer(request)
        except Exception:
            traceback.print_exc()
            answer = _FAILED
        if self.server.on_exchange is not None:
            self.server.on_exchange(request, answer, started, time.perf_counter() - began)
        return answer

    def _drain(self, connection: socket.socket) -> None:
        # Closing with bytes unread resets the connection, and the client never sees the 400.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.2)
            while connection.recv(65536):
                pass


def _hang_up(connection: socket.socket) -> None:
    # Not SSLSocket.shutdown: it pulls the session from under a thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _send_raw(connection: socket.socket, answer: Raw) -> bool:
    if answer.pause:
        for byte in answer.data:
            connection.sendall(bytes([byte]))
            time.sleep(answer.pause)
    elif answer.data:
        connection.sendall(answer.data)
    if answer.reset:
        # Lingering for no time at all makes close() send a reset.
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    return not (answer.close or answer.reset)
