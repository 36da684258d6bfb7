"""What went over the wire: requests, responses and the two together, already redacted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Literal

import msgspec

Headers = tuple[tuple[str, str], ...]
Fault = Literal[
    "unreachable", "tls", "stale", "timeout", "reset", "truncated", "oversized", "garbled"
]


class Request(msgspec.Struct, frozen=True):
    """A request: `target` is path and query as on the request line; `body` is text."""

    verb: str
    target: str
    headers: Headers = ()
    body: str = ""


class Response(msgspec.Struct, frozen=True, omit_defaults=True):
    """A response: `body` is text in `encoding`; latin-1 keeps bytes that are no UTF-8.

    `reason` are the words behind the status, where they are not the usual ones.
    """

    status: int
    headers: Headers = ()
    body: str = ""
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    reason: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """All that somebody else wrote in it."""
        return (self.body, self.reason, *chain.from_iterable(self.headers))

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case, or None."""
        return next(self.lines(name), None)

    def listed(self, name: str) -> str | None:
        """All headers of that name as one, which is what several lines of a list are, or None."""
        return ", ".join(self.lines(name)) or None

    def lines(self, name: str) -> Iterator[str]:
        """The values of each header of that name; white space around one is no part of it."""
        wanted = name.lower()
        return (value.strip(" \t") for key, value in self.headers if key.lower() == wanted)


class Exchange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One HTTP exchange: `number` counts them within a run, `seconds` is how long it took.

    Without a response, `fault` says at which point it broke and `detail` how.
    """

    number: int
    request: Request
    response: Response | None = None
    fault: Fault | None = None
    detail: str = ""
    started: float = 0.0
    seconds: float = 0.0
