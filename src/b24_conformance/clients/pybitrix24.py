"""pybitrix24: its caller gets the decoded answer, whatever it says."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from pybitrix24 import Bitrix24, __version__  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients.protocol import METHOD, Answer, Call, Setup, refused, result, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller by webhook; it trusts the authority in SSL_CERT_FILE."""
    address = urlsplit(setup.portal["webhook"])
    _, user_id, secret = address.path.strip("/").split("/")
    client = Bitrix24(address.netloc, user_id=int(user_id))

    def call_webhook(call: Call) -> Answer:
        answer = client.call_webhook(secret, METHOD, call.params)
        return refused(answer["error"]) if "error" in answer else result(answer.get("result"))

    return call_webhook


if __name__ == "__main__":
    serve("pybitrix24", __version__, make_caller)
