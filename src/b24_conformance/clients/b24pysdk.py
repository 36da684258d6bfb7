"""b24pysdk, the official Python SDK, by webhook, through its typed method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from b24pysdk import BitrixWebhook, Client  # type: ignore[import-not-found, import-untyped, unused-ignore]
from b24pysdk.errors import BitrixAPIError  # type: ignore[import-not-found, import-untyped, unused-ignore]
from b24pysdk.version import SDK_VERSION  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients import protocol


def join(token: Any, params: dict[str, Any], timeout: float) -> object:
    """What the SDK returns; its typed method cannot leave CHAT_ID out."""
    if "CHAT_ID" not in params:
        return token.call_method(protocol.METHOD, {}, timeout=timeout)["result"]
    try:
        request = Client(token).imopenlines.session.join(params["CHAT_ID"], timeout=timeout)
    except TypeError as error:
        raise protocol.NotSentError(str(error)) from error
    return request.result


def caller(token: Any, setup: protocol.Setup) -> Callable[[protocol.Call], protocol.Answer]:
    """A caller with any token of the SDK; it trusts the authority in REQUESTS_CA_BUNDLE."""

    def call_sdk(call: protocol.Call) -> protocol.Answer:
        try:
            return protocol.result(join(token, call.params, setup.patience))
        except BitrixAPIError as error:
            return protocol.refused(error.error, status=error.response.status_code)

    return call_sdk


def make_caller(setup: protocol.Setup) -> Callable[[protocol.Call], protocol.Answer]:
    """A caller with a webhook."""
    address = urlsplit(setup.portal["webhook"])
    path = address.path.removeprefix("/rest/").strip("/")
    return caller(BitrixWebhook(domain=address.netloc, webhook_token=path), setup)


if __name__ == "__main__":
    protocol.serve("b24pysdk", SDK_VERSION, make_caller)
