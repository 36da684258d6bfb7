"""An ASGI application in this process, in one event loop that lasts as long as the run.

The loop has a thread of its own, so that a deadline can end the wait for an application that
blocks it. The application's lifespan is run where it has one: it starts with the first request.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from b24_conformance.exchange import Request, Response
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
from b24_conformance.implementations.asgi_lifespan import Lifespan
from b24_conformance.implementations.base import WireError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Message, Receive, Send], Awaitable[None]]
_Result = TypeVar("_Result")
_Given = ParamSpec("_Given")
_GRACE = 2.0


class AsgiTransport:
    """Carries requests to an ASGI application."""

    def __init__(
        self, app: ASGIApplication, address: str, output: AppOutput, *, timeout: float = 30.0
    ) -> None:
        self._app = app
        self._place = Place.of(address)
        self._output = output
        self._timeout = timeout
        self._loop: _Loop | None = None
        self._blocked = False

    def send(self, request: Request) -> Response:
        """The answer of the application, or WireError."""
        with self._output.heard():
            loop = self._started()
            exchange = _Exchange(self._app, Incoming.of(request, self._place), self._output)
            scope = exchange.scope(self._place, loop.lifespan.state)
            try:
                return loop.run(exchange.answer(scope, loop.tasks), self._timeout)
            except TimeoutError:
                self._blocked = True
                raise late(self._timeout) from None
            except CancelledError:
                loop.end(_GRACE)
                told = "the application ended its event loop instead of answering"
                raise WireError("reset", told) from None

    def close(self) -> None:
        """Ends the lifespan and the loop; waits a little for what still runs in it."""
        loop, self._loop = self._loop, None
        if loop is not None:
            with self._output.heard():
                loop.end(_GRACE)

    def _started(self) -> _Loop:
        """The loop of a started application; WireError where it does not start or blocks it."""
        if self._loop is None:
            self._loop = _Loop(Lifespan(self._app, self._output), self._output)
        if problem := self._loop.problem(self._timeout):
            raise WireError("unreachable", f"the application does not start: {problem}")
        if self._loop.ended:
            raise WireError("unreachable", "the application has ended its event loop")
        if self._blocked:
            try:
                self._loop.run(asyncio.sleep(0), min(self._timeout, _GRACE))
            except TimeoutError:
                told = "the application blocks its event loop since it was late with an answer"
                raise WireError("unreachable", told) from None
            self._blocked = False
        return self._loop


class _Loop:
    """An event loop in a thread; the process does not wait for it at its end.

    `tasks` are the calls of the application, which may go on when their answer is complete.
    """

    def __init__(self, lifespan: Lifespan, output: AppOutput) -> None:
        self.lifespan = lifespan
        self.tasks: set[asyncio.Task[None]] = set()
        self._output = output
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._unhandled)
        self._loop.set_default_executor(_Threads())
        self._end = asyncio.Event()
        self._started: Future[str] = Future()
        self._thread = threading.Thread(target=self._serve, name="asgi-application", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the loop has ended: of itself, as long as `end` was not called."""
        return not self._thread.is_alive()

    def problem(self, timeout: float) -> str:
        """Why the application has not started; empty if it has."""
        try:
            return self._started.result(timeout)
        except TimeoutError:
            return f"its lifespan has not begun within {timeout:g} seconds"

    def run(self, work: Coroutine[Any, Any, _Result], timeout: float) -> _Result:
        """The result of a coroutine; TimeoutError, and its end, at the deadline."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    def end(self, timeout: float) -> None:
        """Ends the lifespan, and the loop after it."""
        with contextlib.suppress(RuntimeError):  # it has ended already
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(timeout)

    def _serve(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._live())
        except BaseException as error:  # an application may stop the loop, or leave it by force
            self._output.raised(error)
        finally:
            if not self._started.done():
                self._started.set_result("it has ended its event loop")

    async def _live(self) -> None:
        self._started.set_result(await self.lifespan.start())
        await self._end.wait()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=_GRACE / 2)
        await self.lifespan.end()

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:
            self._output.raised(error)


class _Threads(ThreadPoolExecutor):
    """Threads for `asyncio.to_thread`: the process does not wait for those that never end."""

    def submit(
        self, fn: Callable[_Given, _Result], /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> Future[_Result]:
        """Runs a call in a thread of its own."""
        future: Future[_Result] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future


class _Exchange:
    """One request and its answer: both ends that the application holds."""

    def __init__(self, app: ASGIApplication, incoming: Incoming, output: AppOutput) -> None:
        self._app = app
        self._incoming = incoming
        self._output = output
        self._asked = False
        self._head: tuple[int, tuple[tuple[str, str], ...]] | None = None
        self._body = Body()
        self._whole = False
        self._fault: WireError | None = None
        self._told = "the application sent nothing"
        # Set when there is nothing more to wait for; the application may go on behind it.
        self._over = asyncio.Event()

    def scope(self, place: Place, state: dict[str, Any] | None) -> Message:
        """The request as ASGI describes it."""
        asked = self._incoming
        scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": asked.verb,
            "scheme": place.scheme,
            "path": asked.path.decode("utf-8", "replace"),
            "raw_path": asked.raw_path,
            "query_string": asked.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in asked.headers],
            "client": CLIENT,
            "server": (place.host, place.port),
            "extensions": {},
        }
        return scope if state is None else {**scope, "state": state.copy()}

    async def answer(self, scope: Message, tasks: set[asyncio.Task[None]]) -> Response:
        """Runs the application until its answer is complete; WireError where there is none."""
        task = asyncio.create_task(self._call(scope))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        try:
            await self._over.wait()
        except asyncio.CancelledError:
            task.cancel()
            raise
        if self._fault is not None:
            task.cancel()
            raise self._fault
        if self._head is None:
            return failed(self._told)
        status, headers = self._head
        return answered(self._incoming.verb, status, headers, self._body, whole=self._whole)

    async def _call(self, scope: Message) -> None:
        try:
            await self._app(scope, self._receive, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # also SystemExit, which would end the loop
            if self._fault is None:
                self._told = self._output.raised(error)
        finally:
            self._over.set()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._incoming.body, "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        # An answer without end must not keep the loop to itself.
        await asyncio.sleep(0)
        if self._over.is_set():
            raise OSError("the answer is over")
        kind = message["type"]
        if kind == "http.response.start" and self._head is None:
            headers = message.get("headers", ())
            decoded = ((bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in headers)
            self._head = (int(message["status"]), tuple(decoded))
        elif kind == "http.response.body" and self._head is not None:
            self._keep(bytes(message.get("body", b"")))
            self._whole = not message.get("more_body", False)
            if self._whole:
                self._over.set()
        else:
            raise RuntimeError(f"the message {kind!r} has no place here")

    def _keep(self, chunk: bytes) -> None:
        try:
            self._body.add(chunk)
        except WireError as fault:
            self._fault = fault
            self._over.set()
            raise OSError("the answer is too long") from None
