"""A connection as `http.client` reads it: every byte is counted, and the deadline is one for all.

`http.client` bounds neither: it reads interim answers, trailers and a chunk of negative size
for as long as they come, and its timeout starts anew with each byte.
"""

from __future__ import annotations

import io
import socket
import time
from typing import TYPE_CHECKING, Any, cast

from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.head import Answer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_HEAD = 128 * 1024


class Stream(io.RawIOBase):
    """What comes over a socket, within `bound` bytes and a deadline for each exchange."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.received = 0
        self.bound = MAX_HEAD
        self._deadline: float | None = None
        self._in_head = False
        self._buffer = _Buffer(self)

    def send(self, data: bytes, deadline: float) -> None:
        """Begins an exchange: sends the request, and counts from here on."""
        self.received, self.bound = 0, MAX_HEAD
        self._deadline, self._in_head = deadline, False
        self.socket.settimeout(_left(deadline))
        self.socket.sendall(data)

    def answer(self, verb: str) -> Answer:
        """The final answer with its head read; interim ones are passed over."""
        while True:
            # All that http.client asks of a socket is a file to read from.
            answer = Answer(cast("socket.socket", self._buffer), method=verb)
            answer.begin()
            if answer.status not in (102, 103):
                self._in_head = False
                return answer

    def surplus(self) -> bytes:
        """What came beyond the answer, as far as it is here already."""
        self._deadline = None
        return self._buffer.peek()

    def readable(self) -> bool:
        """Always True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Reads some bytes; None where no exchange is on, as if there were none for now."""
        if self._deadline is None:
            return None
        if self.received >= self.bound:
            raise WireError("oversized", f"an answer of more than {self.bound // 1024} KiB")
        self.socket.settimeout(_left(self._deadline))
        size = self.socket.recv_into(cast("Any", buffer))
        if not self.received:
            self._in_head = bytes(memoryview(buffer)[:5]) == b"HTTP/"
        if not size and self._in_head and self.received:
            # Cut within the headers, an answer looks complete and empty to http.client.
            raise WireError("truncated", "the connection ended within the headers")
        self.received += size
        return size


class _Buffer(io.BufferedReader):
    """Outlives the answers that are read from it, which close what they have read."""

    raw: Stream

    def makefile(self, _mode: str) -> _Buffer:
        return self

    def close(self) -> None:
        return


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
