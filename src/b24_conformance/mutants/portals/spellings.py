"""What is understood in one spelling only, or in one too many."""

from __future__ import annotations

import re

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.mutants.portals.asking import Body
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.php import Array

faulty = of_kind("asking")


@faulty("asking.form")
class FormCharsetUnread(Body):
    """A form is read only if nothing stands behind its type."""

    def unread(self, kind: str, body: bytes) -> bool:
        return "urlencoded;" in kind


@faulty("asking.form")
class FormTypeInLowerCase(Portal):
    """A form is read only if its type is written in lower case."""

    def read_body(self, request: Request) -> Array:
        kind = request.header("content-type") or ""
        unread = "urlencoded" in kind and kind != kind.replace("Application", "application")
        return {} if unread else super().read_body(request)


@faulty("oauth.bearer")
class BearerInCapitals(Portal):
    """The header is read only if Bearer begins with a capital."""

    def read_token(self, request: Request, parameters: Array) -> str | None:
        if (request.header("authorization") or "").startswith("bearer"):
            request = Request(request.verb, request.target)
        return super().read_token(request, parameters)


@faulty("oauth.bearer")
class AccessTokenUnread(Portal):
    """A token named access_token is not read."""

    def read_token(self, request: Request, parameters: Array) -> str | None:
        named = {key: value for key, value in parameters.items() if key != "access_token"}
        return super().read_token(request, named)


@faulty("asking.lower-case-key")
class KeyInCamelCase(Portal):
    """CHAT_ID is read under the name chatId as well."""

    def read_chat_id(self, parameters: Array) -> int:
        return super().read_chat_id({"CHAT_ID": parameters.get("chatId"), **parameters})


@faulty("php.form")
class FirstOfQuery(Portal):
    """Of two CHAT_IDs in a URL the first counts."""

    def read_query(self, request: Request) -> Array:
        path, _, query = request.target.partition("?")
        turned = "&".join(reversed(query.split("&")))
        return super().read_query(Request(request.verb, f"{path}?{turned}"))


@faulty("php.form")
class QueryKeyAsWritten(Portal):
    """An escaped underscore in a key of a URL is none."""

    def read_query(self, request: Request) -> Array:
        path, _, query = request.target.partition("?")
        plain = [pair for pair in query.split("&") if "%5F" not in pair.partition("=")[0]]
        return super().read_query(Request(request.verb, f"{path}?{'&'.join(plain)}"))


class _Redirects(Portal):
    """Sends whoever asks behind a slash too many to another address."""

    def answer(self, request: Request) -> Response:
        path, mark, query = request.target.partition("?")
        plain = re.sub("/+", "/", path).rstrip("/")
        if path == plain:
            return super().answer(request)
        status, there = self.way(path, plain)
        return Response(status, (("Location", f"{there}{mark}{query}"),))

    def way(self, path: str, plain: str) -> tuple[int, str]:
        """With which status, and where."""
        raise NotImplementedError


@faulty("asking.slashes")
class SlashesLoseBodies(_Redirects):
    """A slash too many is taken away by a redirect after which clients send GET."""

    def way(self, path: str, plain: str) -> tuple[int, str]:
        return 301, plain


@faulty("asking.slashes")
class SlashesInCircles(_Redirects):
    """A slash too many is redirected to itself."""

    def way(self, path: str, plain: str) -> tuple[int, str]:
        return 308, path
