"""b24pysdk, the official Python SDK, through its typed method."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from b24pysdk import BitrixWebhook, Client  # type: ignore[import-untyped]
from b24pysdk.errors import BitrixAPIError  # type: ignore[import-untyped]
from b24pysdk.version import SDK_VERSION  # type: ignore[import-untyped]

from b24_conformance.clients import protocol


def join(webhook: BitrixWebhook, call: protocol.Call, timeout: float) -> object:
    """What the SDK returns; the typed method cannot leave CHAT_ID out."""
    if "CHAT_ID" not in call.params:
        return webhook.call_method("imopenlines.session.join", {}, timeout=timeout)["result"]
    try:
        request = Client(webhook).imopenlines.session.join(call.params["CHAT_ID"], timeout=timeout)
    except TypeError as error:
        raise protocol.NotSentError(str(error)) from error
    return request.result


def make_caller(setup: protocol.Setup) -> Callable[[protocol.Call], protocol.Answer]:
    """A caller that joins through the SDK; it trusts the authority in REQUESTS_CA_BUNDLE."""
    address = urlsplit(setup.portal["webhook"])
    token = address.path.removeprefix("/rest/").strip("/")
    webhook = BitrixWebhook(domain=address.netloc, webhook_token=token)

    def call_sdk(call: protocol.Call) -> protocol.Answer:
        try:
            return protocol.result(join(webhook, call, setup.patience))
        except BitrixAPIError as error:
            return protocol.refused(error.error)

    return call_sdk


if __name__ == "__main__":
    protocol.serve("b24pysdk", SDK_VERSION, make_caller)
