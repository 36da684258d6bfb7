"""Which formats a portal says that it has not: XML is no part of the method itself."""

from __future__ import annotations

from collections.abc import Sequence

from b24_conformance import strict_json
from b24_conformance.outcome import METHOD_NOT_FOUND
from b24_conformance.transcript import Observation


def lacks_xml(joins: Sequence[Observation]) -> bool:
    """Whether every address that ends in .xml is taken for an unknown method."""
    asked = [o for o in joins if o.probe.asking.in_xml]
    known = any(o.outcome.kind in ("joined", "refused") for o in asked)
    return any(map(unknown_as_xml, asked)) and not known


def unknown_as_xml(observation: Observation) -> bool:
    """Whether the portal itself says, in JSON, that it knows no such method.

    It looks for the method before it looks at credentials: they are refused by no such answer.
    """
    response = observation.response
    if response is None or response.status != 404 or not observation.probe.asking.in_xml:
        return False
    try:
        body = strict_json.decode(response.body)
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("error") == METHOD_NOT_FOUND
