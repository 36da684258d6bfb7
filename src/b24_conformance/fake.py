"""A verified fake for tests of applications: the reference portal behind `responses`.

An application that calls Bitrix24 through `requests` meets the same portal that the suites
prove conformant, without a network and without a second process::

    with portal_fake() as fake:
        requests.post(fake.webhook + "imopenlines.session.join", json={"CHAT_ID": 2043})

It knows nothing of `httpx`, `aiohttp` or plain `urllib`: for those there is the server.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Self

import responses
from requests import PreparedRequest

from b24_conformance.reference import Portal, Request, State

ADDRESS = "https://example.bitrix24.com"
OPERATOR = 1


class PortalFake:
    """The portal and where the application finds it.

    `mock` is the `responses` object, for whatever else a test has to fake; any other address is
    refused by it, so that a test never leaves the machine.
    """

    def __init__(self, portal: Portal, address: str = ADDRESS) -> None:
        self.portal = portal
        self.address = address.rstrip("/")
        self.mock = responses.RequestsMock(assert_all_requests_are_fired=False)

    @property
    def webhook(self) -> str:
        """The webhook URL of the operator, user 1."""
        return self.webhook_of(OPERATOR)

    def webhook_of(self, user_id: int) -> str:
        """The webhook URL of a user."""
        secret = self.portal.state.users[user_id].webhook_secret
        return f"{self.address}/rest/{user_id}/{secret}/"

    def __enter__(self) -> Self:
        self.mock.add(_EveryRequest(self))  # each time: leaving forgets it
        self.mock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.mock.stop()
        self.mock.reset()

    def answer(self, request: PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        """The portal's answer in the form that `responses` takes."""
        target = str(request.url).removeprefix(self.address).partition("#")[0]
        asked = Request(
            verb=str(request.method),
            target=target if target.startswith("/") else f"/{target}",
            headers=tuple((_text(name), _text(value)) for name, value in request.headers.items()),
            body=_bytes(request.body),
            secure=self.address.startswith("https:"),
        )
        answered = self.portal.answer(asked)
        return answered.status, list(answered.headers), answered.body


class _EveryRequest(responses.CallbackResponse):
    """Matches any path and any verb: what is no method there, the portal says itself."""

    def __init__(self, fake: PortalFake) -> None:
        here = re.compile(re.escape(fake.address) + r"(?=[/?#]|$)")
        super().__init__("ANY", here, fake.answer, content_type=None)

    def matches(self, request: PreparedRequest) -> tuple[bool, str]:
        """Whether the request goes to the portal."""
        if self._url_matches(self.url, str(request.url)):
            return True, ""
        return False, "not the portal's address"


@contextlib.contextmanager
def portal_fake(state: State | None = None, address: str = ADDRESS) -> Iterator[PortalFake]:
    """Within it, every request to `address` is answered by a reference portal of its own."""
    with PortalFake(Portal(state), address) as fake:
        yield fake


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if body is None:
        return b""
    return b"".join(_bytes(part) for part in body)  # type: ignore[attr-defined]
