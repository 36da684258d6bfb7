"""Secrets that are given away in answers."""

from __future__ import annotations

import base64
import dataclasses

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request, Response

faulty = of_kind("access")


class _Echo(Portal):
    """Puts a secret of the request into the answer."""

    def answer_with_body(self, request: Request) -> Response:
        response = super().answer_with_body(request)
        return self.echoing(response, request)

    def echoing(self, response: Response, request: Request) -> Response:
        """The answer with the secret in it."""
        raise NotImplementedError


def _in_text(response: Response, text: str) -> Response:
    body = response.body.replace(b'"error_description":"', f'"error_description":"{text}'.encode())
    return dataclasses.replace(response, body=body)


@faulty("secret.not-echoed")
class PathInText(_Echo):
    """The text of a refusal repeats the path, with the secret in it."""

    def echoing(self, response: Response, request: Request) -> Response:
        return _in_text(response, request.target.partition("?")[0].replace("/", "\\/"))


@faulty("secret.not-echoed")
class PathInUnknownMethod(_Echo):
    """The text for a method that is not there repeats the path."""

    def echoing(self, response: Response, request: Request) -> Response:
        if b"ERROR_METHOD_NOT_FOUND" not in response.body:
            return response
        return _in_text(response, request.target.partition("?")[0].replace("/", "\\/"))


@faulty("secret.not-echoed")
class PathInHeader(_Echo):
    """A header repeats the path."""

    def echoing(self, response: Response, request: Request) -> Response:
        header = ("X-Request-Path", request.target)
        return dataclasses.replace(response, headers=(*response.headers, header))


@faulty("secret.not-echoed")
class SecretInHeaderName(_Echo):
    """A header is named after the caller, secret and all."""

    def echoing(self, response: Response, request: Request) -> Response:
        pieces = request.target.split("/")
        name = f"X-Caller-{pieces[3]}" if len(pieces) > 4 else "X-Caller"
        return dataclasses.replace(response, headers=(*response.headers, (name, "1")))


@faulty("secret.not-echoed")
class HalfSecretInText(_Echo):
    """The text of a refusal repeats the first ten characters of the secret."""

    def echoing(self, response: Response, request: Request) -> Response:
        pieces = request.target.split("/")
        return _in_text(response, pieces[3][:10]) if len(pieces) > 4 else response


@faulty("secret.not-echoed")
class Base64InHeader(_Echo):
    """A header repeats the path in base64."""

    def echoing(self, response: Response, request: Request) -> Response:
        trace = base64.b64encode(request.target.encode()).decode()
        return dataclasses.replace(response, headers=(*response.headers, ("X-Trace", trace)))


@faulty("secret.not-echoed")
class BodyInText(_Echo):
    """The text of a refusal repeats the body, with the token in it."""

    def echoing(self, response: Response, request: Request) -> Response:
        return _in_text(response, request.body.decode("latin-1").replace('"', "'")[:200])


@faulty("secret.not-echoed")
class PathInRedirect(_Echo):
    """A slash too many leads to a page for signing in, which is told where to go back to."""

    def echoing(self, response: Response, request: Request) -> Response:
        path = request.target.partition("?")[0]
        if not path.endswith("/"):
            return response
        return Response(302, (("Location", f"/auth/?back={path}"),))


@faulty("secret.not-echoed")
class SecretInCookie(_Echo):
    """A cookie is set to the secret, on success only."""

    def echoing(self, response: Response, request: Request) -> Response:
        pieces = request.target.split("/")
        if response.status != 200 or len(pieces) < 5:
            return response
        cookie = ("Set-Cookie", f"session={pieces[3]}; path=/")
        return dataclasses.replace(response, headers=(*response.headers, cookie))
