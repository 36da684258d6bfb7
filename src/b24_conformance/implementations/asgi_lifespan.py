"""The lifespan of an ASGI application: it hears when it starts and when it ends, if it listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from b24_conformance.implementations.app_output import AppOutput

Message = MutableMapping[str, Any]
_START, _END = "lifespan.startup", "lifespan.shutdown"


class Lifespan:
    """Starts and ends one application; lives in the application's event loop."""

    def __init__(self, app: Callable[..., Awaitable[None]], output: AppOutput) -> None:
        self._app = app
        self._output = output
        self._state: dict[str, Any] = {}
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: dict[str, asyncio.Event] = {_START: asyncio.Event(), _END: asyncio.Event()}
        self._task: asyncio.Task[None] | None = None
        self._supported = False
        self._problem = ""

    @property
    def state(self) -> dict[str, Any] | None:
        """What the application shares with its requests; None where it has no lifespan."""
        return self._state if self._supported else None

    async def start(self) -> str:
        """Lets the application start; why it does not, or nothing."""
        self._task = asyncio.create_task(self._live())
        await self._tell(_START)
        return self._problem

    async def end(self) -> None:
        """Lets the application end."""
        if self._supported and self._task is not None:
            await self._tell(_END)
            await self._task

    async def _tell(self, kind: str) -> None:
        self._inbox.put_nowait({"type": kind})
        await self._answers[kind].wait()

    async def _live(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self._state,
        }
        try:
            await self._app(scope, self._inbox.get, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # also SystemExit, which would end the loop
            # Before it has answered anything, this is how an application says that it has none.
            if self._supported:
                self._output.raised(error)
        finally:
            for answer in self._answers.values():
                answer.set()

    async def _send(self, message: Message) -> None:
        kind, _, result = str(message["type"]).rpartition(".")
        if kind not in self._answers or result not in ("complete", "failed"):
            raise RuntimeError(f"the message {message['type']!r} has no place here")
        if result == "failed":
            # A message is often a whole traceback: it says all on standard error.
            self._output.stream.write(f"{kind} failed: {message.get('message', '')}\n")
        if kind == _START:
            self._supported = result == "complete"
            self._problem = "" if self._supported else "its lifespan.startup failed"
        self._answers[kind].set()
