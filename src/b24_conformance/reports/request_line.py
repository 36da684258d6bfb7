"""What was asked, in one line: for whoever cannot be given a curl line."""

from __future__ import annotations

import msgspec

from b24_conformance.events import Evidence as Told
from b24_conformance.exchange import Exchange, Request
from b24_conformance.reports.results import Evidence
from b24_conformance.reports.texts import elided, one_line

_LONGEST = 240
# The two that say how a request is read and in whose name; JSON shows by itself.
_TELLING = ("authorization", "content-type")
_SHOWN_BY_ITSELF = "application/json"


def exchange_of(evidence: Evidence | Told | None) -> Exchange | None:
    """The exchange of the evidence, or None."""
    try:
        return msgspec.convert(evidence.exchange, Exchange) if evidence else None
    except msgspec.ValidationError:
        return None


def request_line(evidence: Evidence | Told) -> str:
    """The request behind the evidence, on one line; empty where nothing was on the wire.

    Whoever has a curl line needs it not: nothing is told twice.
    """
    exchange = exchange_of(evidence)
    if exchange is None or evidence.curl:
        return ""
    request = exchange.request
    words = [request.verb, request.target, *_headers(request), request.body]
    return elided(one_line(" ".join(filter(None, words))), _LONGEST)


def _headers(request: Request) -> list[str]:
    return [
        f"({name}: {value})"
        for name, value in request.headers
        if name.lower() in _TELLING and value.strip() != _SHOWN_BY_ITSELF
    ]
