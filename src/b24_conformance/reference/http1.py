"""HTTP/1.1 by hand: requests off a stream, responses as one piece of bytes.

``http.server`` reads headers by way of the e-mail parser, which costs more than the portal.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from io import BufferedIOBase
from typing import Final

from b24_conformance.reference.messages import Headers, Request, Response, reason_of

MAX_LINE: Final = 65536
MAX_HEADERS: Final = 200
MAX_BODY: Final = 16 * 2**20
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"([!-~]+) (\S+) HTTP/1\.([01])\Z")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*\Z", re.DOTALL)
_LENGTH: Final = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\Z")
_BREAKS: Final = re.compile(r"[\r\n\0]")


class BadRequestError(ValueError):
    """Raised for bytes that are no acceptable HTTP request."""


@dataclass(frozen=True, slots=True)
class Head:
    """A request's first line and headers, and what they say of the connection."""

    verb: str
    target: str
    headers: Headers
    fields: dict[str, str]
    keep_alive: bool


def read_head(stream: BufferedIOBase) -> Head | None:
    """Read a request up to its body; None where the client has nothing more to say."""
    line = _read_line(stream)
    while line == b"":
        line = _read_line(stream)
    if line is None:
        return None
    match = _REQUEST_LINE.match(line)
    if not match:
        raise BadRequestError("the request line")
    headers = _read_headers(stream)
    fields = {key.lower(): value for key, value in headers}
    verb, target, minor = match.groups()
    return Head(
        verb=verb.decode("ascii"),
        target=target.decode("utf-8", "surrogateescape"),
        headers=headers,
        fields=fields,
        keep_alive=_keep_alive(minor == b"1", fields.get("connection", "").lower()),
    )


def read_request(stream: BufferedIOBase, head: Head, secure: bool) -> Request:
    """Read the body that belongs to a head."""
    if "transfer-encoding" in head.fields:
        body = _read_chunks(stream, head.fields["transfer-encoding"])
    else:
        body = _read_exactly(stream, _length_of(head.headers))
    return Request(head.verb, head.target, head.headers, body, secure)


def wants_continue(head: Head) -> bool:
    """Tell whether the client waits for leave to send its body."""
    return head.fields.get("expect", "").lower() == "100-continue"


def serialize(response: Response, *, verb: str, keep_alive: bool) -> bytes:
    """Return the whole response; headers cannot smuggle line breaks."""
    bare = verb == "HEAD" or response.status in (204, 304) or response.status < 200
    lines = [f"HTTP/1.1 {response.status} {reason_of(response.status)}", f"Date: {_date()}"]
    lines += [f"{key}: {_BREAKS.sub(' ', value)}" for key, value in response.headers]
    if response.header("content-length") is None and response.status >= 200:
        lines.append(f"Content-Length: {len(response.body)}")
    lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    return head if bare else head + response.body


def _keep_alive(modern: bool, connection: str) -> bool:
    options = [option.strip() for option in connection.split(",")]
    return "close" not in options if modern else "keep-alive" in options


def _read_line(stream: BufferedIOBase) -> bytes | None:
    line = stream.readline(MAX_LINE + 1)
    if not line:
        return None
    if not line.endswith(b"\n"):
        raise BadRequestError("a line that is too long, or cut off")
    return line[:-2] if line.endswith(b"\r\n") else line[:-1]


def _read_headers(stream: BufferedIOBase) -> Headers:
    headers: list[tuple[str, str]] = []
    while line := _read_line(stream):
        match = _FIELD.match(line)
        if not match or len(headers) >= MAX_HEADERS:
            raise BadRequestError("a header")
        key, value = match.groups()
        headers.append((key.decode("ascii"), value.decode("utf-8", "surrogateescape")))
    return tuple(headers)


def _length_of(headers: Headers) -> int:
    lengths = {value for key, value in headers if key.lower() == "content-length"}
    if not lengths:
        return 0
    text = lengths.pop()
    if lengths or not _LENGTH.match(text) or int(text) > MAX_BODY:
        raise BadRequestError("Content-Length")
    return int(text)


def _read_exactly(stream: BufferedIOBase, length: int) -> bytes:
    body = stream.read(length) if length else b""
    if len(body) != length:
        raise BadRequestError("a body that is cut off")
    return body


def _read_chunks(stream: BufferedIOBase, coding: str) -> bytes:
    if coding.strip().lower() != "chunked":
        raise BadRequestError("Transfer-Encoding")
    body = bytearray()
    while size := _chunk_size(stream):
        if len(body) + size > MAX_BODY:
            raise BadRequestError("a body that is too long")
        body += _read_exactly(stream, size)
        if _read_line(stream) != b"":
            raise BadRequestError("a chunk")
    _read_headers(stream)
    return bytes(body)


def _chunk_size(stream: BufferedIOBase) -> int:
    match = _CHUNK.match(_read_line(stream) or b"")
    if not match:
        raise BadRequestError("a chunk's size")
    return int(match[1], 16)


@lru_cache(maxsize=4)
def _date_of(second: int) -> str:
    return formatdate(second, usegmt=True)


def _date(clock: Callable[[], float] = time.time) -> str:
    return _date_of(int(clock()))
