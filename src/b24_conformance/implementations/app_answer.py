"""What HTTP makes of a request on its way to an application, and of the answer on its way back."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from b24_conformance.exchange import Headers, Request, Response
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.http import MAX_BODY, response_of
from b24_conformance.implementations.stream import MAX_HEAD

CLIENT = ("127.0.0.1", 50000)
_PORTS = {"http": 80, "https": 443}
_BODILESS = (204, 304)


class Place(NamedTuple):
    """Where an application believes to be served."""

    scheme: str
    netloc: str
    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> Place:
        """The place at scheme, host and port."""
        parts = urlsplit(address)
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.scheme, parts.netloc, parts.hostname or "", port)


class Incoming(NamedTuple):
    """A request as bytes, the way a server reads them off the wire."""

    verb: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @classmethod
    def of(cls, request: Request, place: Place) -> Incoming:
        """What a server would see of `request`: the same as over a socket."""
        body = _bytes(request.body)
        headers = [("Host", place.netloc), ("Accept-Encoding", "identity")]
        headers += [("User-Agent", "b24-conformance"), *request.headers]
        if body or request.verb == "POST":
            headers.append(("Content-Length", str(len(body))))
        written = tuple((_bytes(name), _bytes(value)) for name, value in headers)
        return cls(request.verb, _bytes(request.target), written, body)

    @property
    def raw_path(self) -> bytes:
        """The path as it is written."""
        return self.target.partition(b"?")[0]

    @property
    def path(self) -> bytes:
        """The path with its escapes undone, and nothing else done to it."""
        return unquote_to_bytes(self.raw_path)

    @property
    def query(self) -> bytes:
        """What follows the first question mark, as it is written."""
        return self.target.partition(b"?")[2]


class Body:
    """The body of an answer as it grows, within the bound that holds over a socket."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Keeps a chunk; WireError where the body is too long."""
        self._size += len(chunk)
        if self._size > MAX_BODY:
            raise WireError("oversized", f"a body of more than {MAX_BODY // 1024} KiB")
        self.chunks.append(chunk)


def failed(what: str) -> Response:
    """What a server answers for an application that gave no answer."""
    text = f"Internal Server Error: {what}\n"
    return Response(500, (("Content-Type", "text/plain; charset=utf-8"),), text)


def late(timeout: float) -> WireError:
    """What a deadline makes of an answer that is not complete."""
    return WireError("timeout", f"no complete answer within {timeout:g} seconds")


def answered(verb: str, status: int, headers: Headers, body: Body, *, whole: bool) -> Response:
    """The response as it would come over a socket; WireError where none would.

    `whole`: the application has said that the body ends here.
    """
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        raise WireError("oversized", f"an answer of more than {MAX_HEAD // 1024} KiB")
    if not 200 <= status <= 999:
        raise WireError("garbled", f"an answer with the status {status}")
    bodiless = verb == "HEAD" or status in _BODILESS
    content = b"" if bodiless else b"".join(body.chunks)
    response = response_of(status, headers, content)
    if (response.header("content-encoding") or "identity").strip().lower() not in ("", "identity"):
        raise WireError("garbled", "a packed body (Content-Encoding), which nobody asked for")
    if not bodiless:
        _agree(response.header("content-length"), len(content), whole=whole)
    return response


def _agree(announced: str | None, length: int, *, whole: bool) -> None:
    """Raises WireError where a body has not the length that was announced."""
    if announced is not None and not (announced.isascii() and announced.strip().isdigit()):
        raise WireError("garbled", "a Content-Length that is no number")
    wanted = None if announced is None else int(announced)
    if wanted is not None and length > wanted:
        raise WireError("garbled", "more bytes after the end of the answer")
    if length != wanted and (wanted is not None or not whole):
        raise WireError("truncated", "the application ended amid its answer")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
