"""Redirects that change nothing: those away from a slash too many, with verb and body kept."""

from __future__ import annotations

import re

from b24_conformance.exchange import Request, Response

_ORIGIN = re.compile(r"\A[a-z][a-z0-9+.-]*://[^/?]*", re.IGNORECASE)
# After any other redirect clients send GET, without the body (RFC 9110, section 15.4).
_KEEPING = (307, 308)


def plain(target: str) -> str:
    """A target without the slashes too many in its path, and without an empty query."""
    path, _, query = target.partition("?")
    return re.sub("/+", "/", path).rstrip("/") + (query and f"?{query}")


def repeats(request: Request, response: Response) -> bool:
    """Whether whoever follows the redirect asks the same again, at the plain path."""
    there = _ORIGIN.sub("", response.header("location") or "").removesuffix("?")
    away = request.target != plain(request.target) == there
    return away and response.status in _KEEPING
