"""How many requests a visit to a live portal may send, whoever of it sends them."""

from __future__ import annotations

from b24_conformance.errors import LimitReachedError
from b24_conformance.exchange import Request, Response
from b24_conformance.implementations.base import Transport
from b24_conformance.live.patience import patient


class Allowance:
    """A transport that counts what it carries: `most` requests in all, None for any number.

    The last `kept` of them are kept back for undoing, which comes before everything else.
    """

    def __init__(self, transport: Transport, most: int | None = None) -> None:
        self._transport = transport
        self.most = most
        self.sent = 0
        self.kept = 0

    @property
    def left(self) -> int | None:
        """How many may still be sent, or None for any number."""
        return None if self.most is None else max(0, self.most - self.kept - self.sent)

    def send(self, request: Request) -> Response:
        """The response; LimitReachedError where nothing is left."""
        if self.left == 0:
            raise LimitReachedError(self.spent, hint="a larger --max-requests checks more")
        self.sent += 1
        with patient():
            return self._transport.send(request)

    @property
    def spent(self) -> str:
        """Words for an allowance that is used up."""
        return f"--max-requests {self.most} is spent"

    def close(self) -> None:
        """Gives back what the transport holds."""
        self._transport.close()
