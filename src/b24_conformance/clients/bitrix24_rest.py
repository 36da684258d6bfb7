"""bitrix24-rest: GET, and any refusal becomes "HTTP error: 400" without its code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import version

from bitrix24 import Bitrix24, BitrixError  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients.protocol import (
    CODES,
    METHOD,
    Answer,
    Call,
    Setup,
    broken,
    refused,
    result,
    serve,
)


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller by webhook."""
    client = Bitrix24(setup.portal["webhook"], timeout=max(1, int(setup.patience)))

    async def call_method(call: Call) -> Answer:
        try:
            return result(await client.callMethod(METHOD, call.params))
        except BitrixError as error:
            known = str(error.code) in CODES
            return refused(error.code) if known else broken(f"BitrixError {error.code}: {error}")

    return lambda call: asyncio.run(call_method(call))


if __name__ == "__main__":
    serve("bitrix24-rest", version("bitrix24-rest"), make_caller)
