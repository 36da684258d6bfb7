"""The head of an answer, as `http.client` reads it, but for a parser of mail.

That parser, which looks at every header, would take most of the time in which an answer is read.
It still reads what is not plain. Tests hold the one way to read a head against the other.
"""

from __future__ import annotations

import http.client
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import SupportsReadline

_OLD = ("HTTP/1.0", "HTTP/0.9")
_BODILESS = (http.client.NO_CONTENT, http.client.NOT_MODIFIED)
_MOST_LINES = 100
_LONGEST_LINE = 65536
# A name and a value in each line, and the empty line behind them.
_PLAIN = re.compile(r"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r\n)*\r\n")


class Answer(http.client.HTTPResponse):
    """An `HTTPResponse` whose head is read by `headers_of`; never one to a HEAD."""

    if TYPE_CHECKING:
        headers: http.client.HTTPMessage

        def _read_status(self) -> tuple[str, int, str]: ...
        def _check_close(self) -> bool: ...

    def begin(self) -> None:
        """Reads the head, passing over 100 Continue, and finds out where the body ends."""
        version, status, reason = self._read_status()
        while status == http.client.CONTINUE:
            _lines(self.fp)
            version, status, reason = self._read_status()
        self.code = self.status = status
        self.reason = reason.strip()
        if version not in _OLD and not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version in _OLD else 11
        self.headers = self.msg = headers_of(self.fp)
        self.chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = self._announced()
        self.will_close = self._check_close() or (self.length is None and not self.chunked)

    def _announced(self) -> int | None:
        if self.status in _BODILESS or self.status < http.client.OK:
            return 0
        try:
            length = int(self.headers.get("content-length", ""))
        except ValueError:
            return None
        return None if self.chunked or length < 0 else length


def headers_of(stream: SupportsReadline[bytes]) -> http.client.HTTPMessage:
    """The headers that come next."""
    data = b"".join(_lines(stream))
    text = data.decode("latin-1")
    if not _PLAIN.fullmatch(text):
        return http.client.parse_headers(io.BytesIO(data))
    headers = http.client.HTTPMessage()
    for line in text.split("\r\n")[:-2]:
        name, _, value = line.partition(":")
        headers.set_raw(name, value.lstrip(" \t"))
    return headers


def _lines(stream: SupportsReadline[bytes]) -> list[bytes]:
    lines: list[bytes] = []
    while not lines or lines[-1] not in (b"\r\n", b"\n", b""):
        lines.append(stream.readline(_LONGEST_LINE + 1))
        if len(lines[-1]) > _LONGEST_LINE:
            raise http.client.LineTooLong("header line")
        if len(lines) > _MOST_LINES:
            raise http.client.HTTPException(f"got more than {_MOST_LINES} headers")
    return lines
