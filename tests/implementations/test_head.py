"""Heads of answers are read as `http.client` reads them, whatever they are."""

from __future__ import annotations

import http.client
import io
import socket
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24_conformance.implementations.head import Answer

_LINES = [
    b"Content-Type: application/json; charset=utf-8",
    b"Content-Type: multipart/mixed; boundary=x",
    b"Content-Type: message/rfc822",
    b"content-length: 2",
    b"Content-Length:2",
    b"Content-Length: -2",
    b"Content-Length: 2, 2",
    b"Content-Length: 1_0",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: Chunked ",
    b"Transfer-Encoding: gzip, chunked",
    b"Connection: close",
    b"Connection: Keep-Alive",
    b"Keep-Alive: timeout=5",
    b"Proxy-Connection: keep-alive",
    b"Set-Cookie: a=b",
    b"X-Tab:\tvalue\t",
    b"X-Empty:",
    b"X-Latin: \xe9\x85\xa0",
    b"X-Bare: a\rb",
    b" folded",
    b"\tfolded",
    b"No colon",
    b": no name",
    b"Na me: value",
    b"Name : value",
    b"From me",
    b"--x",
    b"X-Nul: \0",
    b"\xff: \xff",
    b"X-Long: " + b"x" * 65536,
]
_STATUS = [b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/0.9 400 ", b"HTTP/1.2 400 Bad Request"]
_STATUS += [b"HTTP/1.1 204 No Content", b"HTTP/1.1 304", b"HTTP/1.1 103 Early Hints"]
_STATUS += [
    b"HTTP/2 200",
    b"HTTP/1.1 099 x",
    b"HTTP/1.1 abc",
    b"SSH-2.0",
    b"",
    b"HTTP/1.1 101 \xe9",
]
_CONTINUE = [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"]


class Source(io.BytesIO):
    """Bytes that are read as from a socket; what is left can be read when the answer is closed."""

    def makefile(self, _mode: str) -> Source:
        return self

    def close(self) -> None:
        return


def told(kind: type[http.client.HTTPResponse], data: bytes) -> list[object]:
    """All that an answer tells, and what is left behind it; or what is wrong with it."""
    source = Source(data)
    answer = kind(cast("socket.socket", source), method="POST")
    facts: list[object] = []
    try:
        answer.begin()
        facts += [answer.version, answer.status, answer.reason, *answer.headers.raw_items()]
        facts += [answer.chunked, answer.length, answer.will_close, answer.getheader("x-empty")]
        facts += [answer.read(), source.read()]
    except http.client.HTTPException as error:
        facts += [type(error), str(error)]
    return facts


def assert_alike(data: bytes) -> None:
    """Asserts that `data` is read as `http.client` reads it."""
    assert told(http.client.HTTPResponse, data) == told(Answer, data)


class TestAsHttpClient:
    """One way to read a head against the other."""

    @pytest.mark.parametrize("line", _LINES)
    def test_one_header(self, line: bytes) -> None:
        """Each header alone, at the beginning and behind another one."""
        for head in (line, b"A: b\r\n" + line, line + b"\r\nContent-Length: 2"):
            assert_alike(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n{}")

    @given(
        st.sampled_from(_CONTINUE),
        st.sampled_from(_STATUS),
        st.lists(st.sampled_from(_LINES), max_size=6),
        st.sampled_from([b"\r\n", b"\n"]),
        st.sampled_from([b"\r\n\r\n{}", b"\n\n2\r\n{}\r\n0\r\n\r\n", b"\r\n", b""]),
    )
    def test_any_headers(
        self, before: bytes, status: bytes, lines: list[bytes], end: bytes, rest: bytes
    ) -> None:
        """Several of them, behind any status, with a body or cut."""
        assert_alike(before + end.join([status, *lines]) + rest)

    @given(st.binary(max_size=40))
    def test_any_bytes(self, data: bytes) -> None:
        """Bytes that are no headers at all."""
        assert_alike(b"HTTP/1.1 200 OK\r\n" + data + b"\r\n\r\n")

    @pytest.mark.parametrize("count", [99, 100, 101, 200])
    def test_many_headers(self, count: int) -> None:
        """There is an end to how many are read."""
        assert_alike(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * count + b"\r\n")
