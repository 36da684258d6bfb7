"""What passes between the reference portal and whoever carries its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]


def find_header(headers: Headers, name: str) -> str | None:
    """Return the last value of a header; names are compared without regard to case."""
    wanted = name.lower()
    for key, value in reversed(headers):
        if key.lower() == wanted:
            return value
    return None


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came off the wire; bytes of the target above 7F are escaped."""

    verb: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    secure: bool = True

    def header(self, name: str) -> str | None:
        """Return a header's value, or None where it was not sent."""
        return find_header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; the carrier adds Content-Length and what concerns the connection."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return a header's value, or None where it is absent."""
        return find_header(self.headers, name)

    @property
    def reason(self) -> str:
        """Return the words that follow the status on the status line."""
        return reason_of(self.status)


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes to write as they are, for portals that misbehave below HTTP.

    ``close`` ends the connection afterwards, ``reset`` does so by a TCP reset, and ``pause``
    makes the bytes drip out one by one, that many seconds apart.
    """

    data: bytes
    close: bool = True
    reset: bool = False
    pause: float = 0.0


Answer: TypeAlias = Callable[[Request], "Response | Raw"]


def reason_of(status: int) -> str:
    """Return the standard words of a status, or none for a status that has no name."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
