"""How a conformant portal may carry its answers: everything that HTTP/1 allows."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Final

from b24_conformance.mutants.freedoms import Carriage
from b24_conformance.reference import Raw, Request, Response

Answer = Callable[[Request], "Response | Raw"]
_REASONS: Final = {200: "All is well", 400: "", 401: "No", 404: "Не найдено"}


def carried(answer: Answer, carriage: Carriage) -> Answer:
    """`answer` with its responses written onto the wire in another way."""
    if carriage in ("process", "http"):
        return answer
    write = _WRITERS[carriage]

    def answered(request: Request) -> Response | Raw:
        found = answer(request)
        return found if isinstance(found, Raw) else write(found)

    return answered


def slowly(answer: Answer, seconds: float) -> Answer:
    """`answer` after a while."""

    def answered(request: Request) -> Response | Raw:
        time.sleep(seconds)
        return answer(request)

    return answered


def in_pieces(answer: Answer, every: int) -> Answer:
    """`answer` with the bytes of every so manieth one sent one by one."""
    count = itertools.count(1)

    def answered(request: Request) -> Response | Raw:
        found = answer(request)
        if isinstance(found, Raw) or next(count) % every:
            return found
        return Raw(_message(found), close=False, pause=1e-6)

    return answered


def _message(
    response: Response,
    *more: str,
    version: str = "HTTP/1.1",
    length: bool = True,
    reason: str | None = None,
) -> bytes:
    words = response.reason if reason is None else reason
    # The space after the status belongs there even when no words follow.
    lines = [f"{version} {response.status} {words}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines += [*more, *([f"Content-Length: {len(response.body)}"] if length else [])]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + response.body


def _http10(response: Response) -> Raw:
    return Raw(_message(response, version="HTTP/1.0", length=False))


def _http10_length(response: Response) -> Raw:
    return Raw(_message(response, version="HTTP/1.0"))


def _close(response: Response) -> Raw:
    return Raw(_message(response, "Connection: close"))


def _until_close(response: Response) -> Raw:
    return Raw(_message(response, "Connection: close", length=False))


def _reason(response: Response) -> Raw:
    words = _REASONS.get(response.status, "Whatever")
    return Raw(_message(response, reason=words), close=False)


def _continue(response: Response) -> Raw:
    return Raw(b"HTTP/1.1 100 Continue\r\n\r\n" + _message(response), close=False)


def _chunked(response: Response) -> Raw:
    chunks = b"".join(_chunks(response.body))
    whole = Response(response.status, response.headers, chunks)
    return Raw(_message(whole, "Transfer-Encoding: chunked", length=False), close=False)


def _chunks(body: bytes) -> Iterator[bytes]:
    # Cut within characters and tokens, with an extension and a trailer.
    for start in range(0, len(body), 61):
        piece = body[start : start + 61]
        yield b"%x;note=none\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\nX-Trailer: end\r\n\r\n"


_WRITERS: Final[dict[str, Callable[[Response], Raw]]] = {
    "http10": _http10,
    "http10-length": _http10_length,
    "chunked": _chunked,
    "close": _close,
    "until-close": _until_close,
    "reason": _reason,
    "continue": _continue,
}
