"""bitrix24-api-client: a refusal becomes an HTTP error that keeps the text of the body."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from urllib.parse import urlsplit

from bitrix24_client import Bitrix24Client, Bitrix24HTTPError  # type: ignore[import-not-found, import-untyped, unused-ignore]
from bitrix24_client.retry_strategies import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    ExponentialRetryStrategyI,
)

from b24_conformance.clients.protocol import METHOD, Answer, Call, Setup, read_body, result, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller by webhook; it tries as often as ever, but pauses for 2 s in all, not for 58 s."""
    address = urlsplit(setup.portal["webhook"])
    _, user_id, secret = address.path.strip("/").split("/")
    client = Bitrix24Client(
        f"{address.scheme}://{address.netloc}",
        secret,
        int(user_id),
        timeout=setup.patience,
        retry_strategy=ExponentialRetryStrategyI(base=0.4, max_delay=0.5),
    )
    client.open_session()

    def call_method(call: Call) -> Answer:
        try:
            return result(client.call_method(METHOD, call.params))
        except Bitrix24HTTPError as error:
            answer = read_body(error.status_code, error.response_text.encode())
            return answer | {"via": "body"} if "refused" in answer else answer

    return call_method


if __name__ == "__main__":
    serve("bitrix24-api-client", version("bitrix24-api-client"), make_caller)
