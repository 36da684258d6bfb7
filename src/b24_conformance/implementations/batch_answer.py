"""Reads the outcome of each item out of a batch's answer; pure."""

from __future__ import annotations

from b24_conformance import php
from b24_conformance.exchange import Response
from b24_conformance.implementations.answer import decode, read_envelope, read_members_envelope
from b24_conformance.outcome import Outcome, broken, limited
from b24_conformance.pace import OPERATION_TIME_LIMIT
from b24_conformance.probe import MEMBERS, Probe


def read_item(response: Response | None, key: str, probe: Probe) -> Outcome:
    """The outcome of one item of a batch, which asked what `probe` asks."""
    if response is None:
        return broken("no answer")
    try:
        body = decode(response)
    except ValueError as error:
        return broken(str(error), response.status)
    maps = body.get("result") if isinstance(body, dict) else None
    if not isinstance(maps, dict):
        if isinstance(body, dict) and "error" in body:
            return read_envelope(body, response.status)
        return broken("a batch without its maps", response.status)
    return _read_maps(maps, key, response.status, probe)


def _read_maps(maps: dict[str, object], key: str, status: int, probe: Probe) -> Outcome:
    envelope: dict[str, object] = {}
    for field, group in (("result", maps.get("result")), ("error", maps.get("result_error"))):
        if key in (answered := php.by_key(group)):
            envelope[field] = answered[key]
    if not envelope:
        return broken("the batch does not answer this item", status)
    if "error" in envelope:
        refusal = envelope["error"]
        if not isinstance(refusal, dict):
            return broken("the error of a batch's item is no object", status)
        envelope["error"] = refusal.get("error")
        if envelope["error"] == OPERATION_TIME_LIMIT:
            return limited(OPERATION_TIME_LIMIT)
    joined = "error" not in envelope
    if probe.method == MEMBERS:
        envelope["next"] = php.by_key(maps.get("result_next")).get(key)
        return read_members_envelope(envelope, 200 if joined else 400)
    outcome = read_envelope(envelope, 200 if joined else 400)
    return Outcome(outcome.kind, outcome.code, 200 if joined else None, outcome.detail)
