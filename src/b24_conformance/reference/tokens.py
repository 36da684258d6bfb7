"""The authorisation server's token endpoint, as far as renewing a token goes."""

from __future__ import annotations

import re
from typing import Final

from b24_conformance.reference.accounts import Accounts
from b24_conformance.reference.messages import Request, Response
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.reading import Reading
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Passage, Rendering

_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?\Z|\[[0-9A-Fa-f:]+\](?::[0-9]+)?\Z")
MEMBER_ID: Final = "5b1e7c90f3a84d26b7d0a6c8e2f41935"


class Tokens(Reading, Accounts, Rendering):
    """Renews access tokens (docs: settings/oauth/auto-renewal.md)."""

    def answer_token(self, request: Request, started: float) -> Response:
        """Answer ``/oauth/token/``, called by GET or by a POST form."""
        passage = Passage("json", started)
        try:
            envelope = self.renew_token(self.read_parameters(request), request)
        except RefusedError as refused:
            return self.refuse(refused, passage)
        return self.respond(200, envelope, passage, self.clock())

    def renew_token(self, parameters: Array, request: Request) -> Value:
        """Return new tokens for a refresh token; the application's secret is not checked."""
        if parameters.get("grant_type") != "refresh_token":
            raise RefusedError(
                "unsupported_grant_type", 400, "Only refresh_token is supported here"
            )
        token = parameters.get("refresh_token")
        if not isinstance(token, str) or not token:
            raise RefusedError("invalid_request", 400, "refresh_token is missing")
        user, issued = self.refresh(token)
        scopes: Value = ",".join(user.scopes)
        return {**issued, **self.portal_fields(request), "scope": scopes, "user_id": user.id}

    def portal_fields(self, request: Request) -> Array:
        """Return what tells an application where its portal is: here, where it just asked."""
        host = request.header("host") or ""
        domain = host if _HOST.match(host) else "localhost"
        endpoint = f"{'https' if request.secure else 'http'}://{domain}/rest/"
        return {
            "domain": domain,
            "client_endpoint": endpoint,
            "server_endpoint": endpoint,
            "member_id": MEMBER_ID,
            "status": "L",
        }
