"""b24api: the code stands in lower case in the message of its exception."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

from b24api import Bitrix24  # type: ignore[import-not-found, import-untyped, unused-ignore]
from b24api.error import ApiResponseError  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients.protocol import METHOD, Answer, Call, Setup, refused_in, result, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller by webhook; it tries as often as ever, but pauses for 1 s in all, not for 75 s."""
    client = Bitrix24(
        webhook_url=setup.portal["webhook"],
        http_timeout=max(1, int(setup.patience)),
        retry_delay=0.2,
        retry_backoff=1,
    )

    def call_method(call: Call) -> Answer:
        try:
            return result(client.call({"method": METHOD, "parameters": call.params}))
        except ApiResponseError as error:
            return refused_in(str(error), r"^API error \[(\w+)\]")

    return call_method


if __name__ == "__main__":
    serve("b24api", version("b24api"), make_caller)
