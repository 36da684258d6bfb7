"""The first steps of a call: where it goes, and which parameters it brings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from b24_conformance.reference import php
from b24_conformance.reference.messages import Request
from b24_conformance.reference.multipart import parse_multipart
from b24_conformance.reference.php import Array
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.site import Site

Transport: TypeAlias = Literal["json", "xml"]

_ORIGIN: Final = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_BEARER: Final = re.compile(r"bearer\s+(\S+)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Route:
    """What the path says: which server is meant, whose webhook, which method."""

    server: Literal["rest", "rest3", "token", "none"]
    method: str = ""
    webhook: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call as read from a request, not yet authorised."""

    method: str
    transport: Transport
    parameters: Array
    webhook: tuple[str, str] | None
    token: str | None
    secure: bool


class Reading(Site):
    """Reads requests in the vendor's order; each step can be overridden."""

    def route(self, target: str) -> Route:
        """Read the path; doubled and trailing slashes do not matter."""
        path = _ORIGIN.sub("", target, count=1).partition("?")[0].partition("#")[0]
        segments = [segment for segment in path.split("/") if segment]
        if "%" in path:
            segments = [unquote(segment, errors="surrogateescape") for segment in segments]
        if segments == ["oauth", "token"]:
            return Route("token")
        if segments[:1] != ["rest"]:
            return Route("none")
        return self.rest_route(segments[1:])

    def rest_route(self, segments: list[str]) -> Route:
        """Read what follows ``/rest/``: ``METHOD`` or ``USER/SECRET/METHOD``."""
        if segments[:1] == ["api"] and self.state.kernel == "new":
            return Route("rest3")
        if len(segments) == 1:
            return Route("rest", segments[0])
        if len(segments) == 3:
            return Route("rest", segments[2], (segments[0], segments[1]))
        return Route("none")

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        """Take ``.json`` or ``.xml``, in any case, off the method's name."""
        base, _, suffix = name.rpartition(".")
        match suffix.lower():
            case "json":
                return base, "json"
            case "xml":
                return base, "xml"
        return name, "json"

    def read(self, request: Request, route: Route) -> Incoming:
        """Read a call: suffix, parameters, credentials."""
        method, transport = self.split_suffix(route.method)
        parameters = self.read_parameters(request)
        return Incoming(
            method=method,
            transport=transport,
            parameters=parameters,
            webhook=self.read_webhook(route, parameters),
            token=self.read_token(request, parameters),
            secure=request.secure,
        )

    def read_parameters(self, request: Request) -> Array:
        """Return the parameters of the URL and the body together."""
        return self.merge(self.read_query(request), self.read_body(request))

    def read_query(self, request: Request) -> Array:
        """Return the parameters of the URL."""
        query = request.target.partition("#")[0].partition("?")[2]
        return php.parse_form(query) if query else {}

    def read_body(self, request: Request) -> Array:
        """Return the parameters of the body; only a POST has any (rest_util.php)."""
        if request.verb != "POST" or not request.body:
            return {}
        content_type = request.header("content-type") or ""
        kind = content_type.partition(";")[0].strip().lower()
        if self.is_json(kind):
            return self.read_json(request.body)
        if kind == "multipart/form-data":
            return parse_multipart(content_type, request.body)
        return self.read_form(request.body)

    def is_json(self, kind: str) -> bool:
        """Tell whether a body of this type is JSON; the old kernel knows one name only."""
        return kind == "application/json" or ("+json" in kind and self.state.kernel == "new")

    def read_json(self, body: bytes) -> Array:
        """Return the fields of a JSON body; one that cannot be decoded counts as none."""
        try:
            value = php.json_decode(body)
        except php.JsonError:
            return {}
        return dict(php.entries(value) or ())

    def read_form(self, body: bytes) -> Array:
        """Return the fields of a form, whatever its content type says."""
        return php.parse_form(body.decode("utf-8", "surrogateescape"))

    def merge(self, query: Array, body: Array) -> Array:
        """Return both together; what is in the body wins."""
        return {**query, **body}

    def read_webhook(self, route: Route, parameters: Array) -> tuple[str, str] | None:
        """Return the webhook's user and secret: from the path, else from the parameters."""
        if route.webhook:
            return route.webhook
        login, secret = parameters.get("aplogin"), parameters.get("ap")
        if isinstance(login, int) and not isinstance(login, bool):
            login = str(login)
        if isinstance(login, str) and isinstance(secret, str) and login and secret:
            return login, secret
        return None

    def read_token(self, request: Request, parameters: Array) -> str | None:
        """Return the access token: from the header, else ``auth``, else ``access_token``."""
        bearer = _BEARER.match(request.header("authorization") or "")
        if bearer:
            return bearer[1]
        for name in ("auth", "access_token"):
            token = parameters.get(name)
            if isinstance(token, str) and token:
                return token
        return None

    def check_link(self, parameters: Array) -> None:
        """Refuse a call with a ``token`` parameter: the kernel takes it for a signed link."""
        if "token" in parameters:
            raise RefusedError("ACCESS_DENIED", 403, "Link check failed")
