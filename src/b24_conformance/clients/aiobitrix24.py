"""aiobitrix24: its caller gets the bare HTTP response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import version

from aiobitrix24 import bx24  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients.protocol import METHOD, Answer, Call, Setup, read_body, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller by webhook; its pause of three seconds between two calls is lifted."""
    bx24.url(setup.portal["webhook"])
    bx24.timeout(0)

    def call_method(call: Call) -> Answer:
        response = asyncio.run(bx24.request(METHOD, call.params))
        return read_body(response.status_code, response.content)

    return call_method


if __name__ == "__main__":
    serve("aiobitrix24", version("aiobitrix24"), make_caller)
