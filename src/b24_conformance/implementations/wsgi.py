"""A WSGI application in this process, served by the handler of the standard library.

It runs in a thread of its own, so that a deadline can end the wait for it.
"""

from __future__ import annotations

import io
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar, TextIO
from wsgiref.handlers import BaseHandler
from wsgiref.util import is_hop_by_hop

from b24_conformance.exchange import Headers, Request, Response
from b24_conformance.implementations.app_answer import (
    CLIENT,
    Body,
    Incoming,
    Place,
    answered,
    failed,
    late,
)
from b24_conformance.implementations.app_output import AppOutput
from b24_conformance.implementations.base import WireError

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication

_Job = tuple["Future[Response]", Callable[[], Response]]


class WsgiTransport:
    """Carries requests to a WSGI application, one after another in one thread."""

    def __init__(
        self, app: WSGIApplication, address: str, output: AppOutput, *, timeout: float = 30.0
    ) -> None:
        self._app = app
        self._place = Place.of(address)
        self._output = output
        self._timeout = timeout
        self._worker: _Worker | None = None

    def send(self, request: Request) -> Response:
        """The answer of the application, or WireError."""
        asked = Incoming.of(request, self._place)
        call = _Call(asked, self._place, self._output, self._timeout)
        self._worker = worker = self._worker or _Worker()
        future = worker.start(lambda: call.answer(self._app))
        with self._output.heard():
            try:
                return future.result(self._timeout)
            except TimeoutError:
                # What never ends is left behind: the next request gets another thread.
                worker.end()
                self._worker = None
                raise late(self._timeout) from None

    def close(self) -> None:
        """Ends the thread."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()


class _Worker:
    """A thread that runs calls; the process does not wait for it at its end."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="wsgi-application", daemon=True).start()

    def start(self, call: Callable[[], Response]) -> Future[Response]:
        future: Future[Response] = Future()
        self._jobs.put((future, call))
        return future

    def end(self) -> None:
        self._jobs.put(None)

    def _run(self) -> None:
        while job := self._jobs.get():
            future, call = job
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)


class _Call(BaseHandler):
    """One call of the application; what it sends is kept instead of written."""

    os_environ: ClassVar[dict[str, str]] = {}  # type: ignore[misc]  # the environment holds secrets
    wsgi_multiprocess = False
    environ: dict[str, Any]
    headers: Any
    status: Any

    def __init__(self, incoming: Incoming, place: Place, output: AppOutput, timeout: float) -> None:
        self._incoming = incoming
        self._place = place
        self._output = output
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._head: tuple[int, Headers] | None = None
        self._body = Body()
        self._whole = False
        self._fault: WireError | None = None
        self._told = "the application sent nothing"

    def answer(self, app: WSGIApplication) -> Response:
        """Runs the application; its answer, or WireError."""
        self.run(app)
        if self._fault is not None:
            raise self._fault
        if self._head is None:
            return failed(self._told)
        status, headers = self._head
        return answered(self._incoming.verb, status, headers, self._body, whole=self._whole)

    # What comes in

    def add_cgi_vars(self) -> None:
        """The variables of PEP 3333, and the target to the letter as gunicorn names it."""
        asked, target = self._incoming, _native(self._incoming.target)
        self.environ.update(
            REQUEST_METHOD=asked.verb,
            SCRIPT_NAME="",
            PATH_INFO=_native(asked.path),
            QUERY_STRING=_native(asked.query),
            RAW_URI=target,
            REQUEST_URI=target,
            SERVER_PROTOCOL="HTTP/1.1",
            SERVER_NAME=self._place.host,
            SERVER_PORT=str(self._place.port),
            REMOTE_ADDR=CLIENT[0],
            REMOTE_PORT=str(CLIENT[1]),
        )
        for name, value in asked.headers:
            key = _native(name).upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            # Headers of one name are one list (RFC 9110, section 5.3).
            before = f"{self.environ[key]}," if key in self.environ else ""
            self.environ[key] = before + _native(value)

    def get_scheme(self) -> str:
        """The scheme of the configured address."""
        return self._place.scheme

    def get_stdin(self) -> Any:
        """The body."""
        return io.BytesIO(self._incoming.body)

    def get_stderr(self) -> TextIO:
        """Standard error without secrets."""
        return self._output.stream

    # What goes out

    def start_response(self, status: str, headers: Any, exc_info: Any = None) -> Any:
        """Drops what concerns the connection, as servers do where PEP 3333 would complain."""
        kept = [(name, value) for name, value in headers if not is_hop_by_hop(name)]
        return super().start_response(status, kept, exc_info)

    def send_headers(self) -> None:
        """Keeps the head. A second one would be of an error after the end."""
        self.headers_sent = True
        if self._head is None and self.headers is not None:
            self._head = (int(str(self.status)[:3]), tuple(self.headers.items()))

    def finish_content(self) -> None:
        """Notes that the application has said all, be it nothing."""
        if self.headers is not None:
            super().finish_content()
        self._whole = True

    def error_output(self, _environ: Any, start_response: Any) -> list[bytes]:
        """What stands for an answer that was not given."""
        answer = failed(self._told)
        start_response("500 Internal Server Error", list(answer.headers), sys.exc_info())
        return [answer.body.encode()]

    def log_exception(self, exc_info: OptExcInfo) -> None:
        """Tells of an exception, unless it is ours."""
        if self._fault is None and exc_info[1] is not None:
            self._told = self._output.raised(exc_info[1])

    def _write(self, data: bytes) -> None:
        if self._whole:
            return
        try:
            if time.monotonic() > self._deadline:
                # Nobody waits any more: an endless answer must not go on behind the run's back.
                raise late(self._timeout)
            self._body.add(data)
        except WireError as fault:
            self._fault = fault
            raise

    def _flush(self) -> None:
        """Nothing is held back."""


def _native(data: bytes) -> str:
    """Bytes as PEP 3333 wants them in strings."""
    return data.decode("latin-1")
