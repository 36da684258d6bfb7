"""curl, as the documentation shows it for OAuth: the token travels as `auth` in the body."""

from __future__ import annotations

import json
from collections.abc import Callable

from b24_conformance.clients import curl
from b24_conformance.clients.protocol import Answer, Call, Setup, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller that POSTs the parameters and the token to the method of the portal."""
    portal = setup.portal
    url = f"{portal['scheme']}://{portal['domain']}/rest/imopenlines.session.join.json"
    auth = f'"auth": {json.dumps(portal["access_token"])}}}'

    def call_with_token(call: Call) -> Answer:
        params = call.text.removesuffix("}").rstrip()
        return curl.post(setup, url, params + (auth if params == "{" else ", " + auth))

    return call_with_token


if __name__ == "__main__":
    serve("curl-oauth", curl.version(), make_caller)
