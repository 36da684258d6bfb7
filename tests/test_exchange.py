"""Responses: how their headers are read."""

from __future__ import annotations

from b24_conformance.exchange import Response

TWO = Response(200, (("X-List", " a, b \t"), ("x-list", "c"), ("X-Empty", " ")))


class TestHeaders:
    """One header, or all of a name."""

    def test_first(self) -> None:
        """The first one counts, in any case and without the white space around it."""
        assert "a, b" == TWO.header("x-LIST")
        assert "" == TWO.header("x-empty")
        assert TWO.header("x-none") is None

    def test_listed(self) -> None:
        """Several lines are one list."""
        assert "a, b, c" == TWO.listed("X-List")
        assert TWO.listed("x-none") is None
