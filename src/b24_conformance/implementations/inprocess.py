"""A portal in this process: requests are answered by a call, with no socket between."""

from __future__ import annotations

from collections.abc import Callable

from b24_conformance import reference
from b24_conformance.exchange import Request, Response
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.http import response_of

Answer = Callable[[reference.Request], reference.Response | reference.Raw]


class InProcessTransport:
    """Carries requests to an `answer` callable such as `Portal.answer`."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def send(self, request: Request) -> Response:
        """The answer, or WireError where there is none to be read as HTTP."""
        body = request.body.encode("utf-8", "surrogatepass")
        headers = (("Host", "127.0.0.1"), *request.headers)
        answer = self._answer(
            reference.Request(request.verb, request.target, headers, body, secure=False)
        )
        if isinstance(answer, reference.Raw):
            raise WireError("reset", "the connection was closed without an answer")
        return response_of(answer.status, answer.headers, answer.body)

    def close(self) -> None:
        """Holds nothing."""
