"""What PHP makes of CHAT_ID, as the oracle reads it.

Written apart from the reference portal's own reading, so that the two can disagree. Facts:
`portal-facts` sections 1.4 and 3.1, obtained by running PHP 8.2 (64-bit).
"""

from __future__ import annotations

import json
import math
import re
from typing import TypeGuard
from urllib.parse import unquote_to_bytes

from b24_conformance import strict_json
from b24_conformance.probe import Probe

INT_MAX = 2**63 - 1
INT_MIN = -(2**63)
_DEPTH = 512
_WIDE = 20
_NUMERIC_PREFIX = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)", re.A)
_DIGITS = re.compile(r"[+-]?\d+\Z", re.A)


class _Missing:
    """The parameter is not there; PHP reads null, which is 0."""


MISSING = _Missing()


def by_key(group: object) -> dict[str, object]:
    """An array by its keys, which PHP leaves out where they only count; {} for anything else."""
    if isinstance(group, list):
        return {str(place): item for place, item in enumerate(group)}
    return group if isinstance(group, dict) else {}


def chat_id(probe: Probe) -> int | None:
    """The integer that a portal looks up for `probe`; None where it depends on the platform."""
    return intval(parameter(probe))


def parameter(probe: Probe) -> object:
    """The decoded value of CHAT_ID: body first, then the URL; MISSING where neither has it."""
    in_body = _in_body(probe)
    if in_body is MISSING and probe.beside is not None:
        return probe.beside
    return in_body


def _in_body(probe: Probe) -> object:
    if probe.raw:
        text = probe.chat_id or ""
        return _in_json(text) if probe.asking.encoding == "json" else in_form(text)
    if probe.chat_id is None:
        return MISSING
    if probe.asking.encoding == "json":
        return _in_json(f'{{"{probe.key}": {probe.chat_id}}}')
    name, nested = _form_key(probe.key.encode())
    if name != "CHAT_ID":
        return MISSING
    return {"": probe.chat_id} if nested else probe.chat_id


def _in_json(text: str) -> object:
    try:
        decoded = strict_json.decode(text)
        if "\\u" in text:
            # Half a surrogate pair has no UTF-8; PHP refuses the whole text for it.
            json.dumps(decoded, ensure_ascii=False).encode()
    except ValueError:
        return MISSING
    if _too_deep(text, decoded):
        return MISSING
    return decoded.get("CHAT_ID", MISSING) if isinstance(decoded, dict) else MISSING


def _too_deep(text: str, decoded: object) -> bool:
    """Whether PHP gives the whole text up for its depth; most texts have too few brackets."""
    if text.count("[") + text.count("{") < _DEPTH:
        return False
    level, depth = [decoded], 0
    while level and depth < _DEPTH:
        inner = [one.values() if isinstance(one, dict) else one for one in level if _nests(one)]
        depth += bool(inner)
        level = [value for values in inner for value in values]
        if not inner:
            break
    return depth >= _DEPTH


def _nests(value: object) -> TypeGuard[dict[str, object] | list[object]]:
    return isinstance(value, dict | list)


def in_form(text: str) -> object:
    """CHAT_ID in a form body or a query string, as PHP's `parse_str` leaves it."""
    found: object = MISSING
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        name, nested = _form_key(unquote_to_bytes(key.replace("+", " ")))
        if name == "CHAT_ID":
            decoded = unquote_to_bytes(value.replace("+", " ")).decode("utf-8", "replace")
            found = {"": decoded} if nested else decoded
    return found


def _form_key(raw: bytes) -> tuple[str, bool]:
    name = raw.split(b"\0")[0].decode("utf-8", "replace").lstrip(" ")
    head, bracket, rest = name.partition("[")
    nested = bool(bracket) and bool(head) and "]" in rest
    if bracket and not nested:
        head = name.replace("[", "_", 1)
    return re.sub(r"[. ]", "_", head), nested


def intval(value: object) -> int | None:
    """PHP's `intval`; None for a float out of range, whose value depends on the platform."""
    if value is MISSING or value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if INT_MIN <= value <= INT_MAX else None
    if isinstance(value, float):
        return _truncated(value)
    if isinstance(value, str):
        return _of_text(value)
    return 1 if value else 0


def _truncated(value: float) -> int | None:
    return int(value) if math.isfinite(value) and abs(value) < 2**63 else None


def _of_text(text: str) -> int:
    match = _NUMERIC_PREFIX.match(text)
    if match is None:
        return 0
    number = match[1]
    if _DIGITS.match(number) and len(digits := number.lstrip("+-0")) < _WIDE:
        return _saturated(int(digits or "0") * (-1 if number[0] == "-" else 1))
    # More digits than an integer has are read like any other float: even an infinite one.
    value = float(number)
    if not math.isfinite(value):
        return 0
    return _saturated(int(value))


def _saturated(number: int) -> int:
    return max(INT_MIN, min(INT_MAX, number))
