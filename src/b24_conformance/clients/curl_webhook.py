"""curl, as the documentation shows it for a webhook."""

from __future__ import annotations

from collections.abc import Callable

from b24_conformance.clients import curl
from b24_conformance.clients.protocol import Answer, Call, Setup, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller that POSTs the parameters to the method below the webhook."""
    url = setup.portal["webhook"] + "imopenlines.session.join.json"
    return lambda call: curl.post(setup, url, call.text)


if __name__ == "__main__":
    serve("curl-webhook", curl.version(), make_caller)
