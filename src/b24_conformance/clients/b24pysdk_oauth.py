"""b24pysdk by OAuth: with the token of an application, which it can refresh."""

from __future__ import annotations

from collections.abc import Callable

from b24pysdk import BitrixApp, BitrixToken  # type: ignore[import-not-found, import-untyped, unused-ignore]
from b24pysdk.api.requesters import bitrix_oauth_requester  # type: ignore[import-not-found, import-untyped, unused-ignore]
from b24pysdk.version import SDK_VERSION  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients.b24pysdk import caller
from b24_conformance.clients.protocol import Answer, Call, Setup, serve


def make_caller(setup: Setup) -> Callable[[Call], Answer]:
    """A caller with the portal's access token."""
    # The host that renews tokens is hard-wired; here the portal takes its place.
    requester = bitrix_oauth_requester.BitrixOAuthRequester
    requester._OAUTH_TOKEN_URL = f"https://{setup.portal['domain']}/oauth/token/"
    token = BitrixToken(
        domain=setup.portal["domain"],
        auth_token=setup.portal["access_token"],
        refresh_token=setup.portal["refresh_token"],
        bitrix_app=BitrixApp(client_id="local.0", client_secret="unused"),
    )
    return caller(token, setup)


if __name__ == "__main__":
    serve("b24pysdk-oauth", SDK_VERSION, make_caller)
