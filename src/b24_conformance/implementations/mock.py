"""The fake that applications get, as a transport: what they meet is what the suites judge."""

from __future__ import annotations

import requests

from b24_conformance.exchange import Fault, Request, Response
from b24_conformance.fake import ADDRESS, PortalFake
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.http import response_of
from b24_conformance.reference import Portal

_FAULTS: tuple[tuple[type[requests.RequestException], Fault], ...] = (
    (requests.Timeout, "timeout"),
    (requests.exceptions.ChunkedEncodingError, "truncated"),
    (requests.ConnectionError, "unreachable"),
)


class MockTransport:
    """Carries requests through a real session of `requests` that `responses` intercepts.

    The interception lasts for one request: anything else in this process that uses `requests`
    between two of them reaches its own network.
    """

    def __init__(self, portal: Portal | None = None, address: str = ADDRESS) -> None:
        self.fake = PortalFake(portal or Portal(), address)
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, request: Request) -> Response:
        """The response to `request`, or WireError."""
        prepared = self._prepared(request)
        try:
            with self.fake:
                answer = self._session.send(prepared, allow_redirects=False)
        except requests.RequestException as error:
            raise _as_wire_error(error) from error
        # The raw headers still tell two of one name apart.
        return response_of(answer.status_code, tuple(answer.raw.headers.items()), answer.content)

    def close(self) -> None:
        """Closes the session."""
        self._session.close()

    def _prepared(self, request: Request) -> requests.PreparedRequest:
        body = request.body.encode("utf-8", "surrogatepass")
        prepared = requests.Request(request.verb, self.fake.address, data=body or None).prepare()
        prepared.url = self.fake.address + request.target  # to the letter: no requoting
        for name, value in request.headers:
            prepared.headers[name] = value
        return prepared


def _as_wire_error(error: requests.RequestException) -> WireError:
    fault: Fault = next((fault for kind, fault in _FAULTS if isinstance(error, kind)), "garbled")
    return WireError(fault, f"{type(error).__name__}: {error}")
