"""How much goodwill it takes to read a probe's CHAT_ID, so how strictly it can be judged."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from b24_conformance import php
from b24_conformance.probe import Probe

Strictness = Literal["plain", "invalid", "digit_string", "lenient"]

_PLAIN = re.compile(r"[1-9]\d{0,18}\Z", re.A)
_NOT_POSITIVE = re.compile(r"-?0+\Z|-[1-9]\d{0,17}\Z", re.A)


def strictness(probe: Probe, value: object) -> Strictness:
    """How much goodwill it takes to read CHAT_ID.

    `plain`: an integer, nobody can misread it. `invalid`: missing, empty, not positive, or text
    without a digit in any script; nobody can take it for a chat. `digit_string`: digits in a
    JSON string. `lenient`: whatever only PHP's leniency makes a number, or no number.
    """
    if probe.raw or probe.beside is not None or probe.key != "CHAT_ID":
        return "lenient"
    if probe.chat_id is None:
        return "invalid"
    json_text = probe.asking.encoding == "json"
    quoted = json_text and isinstance(value, str)
    text = value if isinstance(value, str) else probe.chat_id
    if _PLAIN.match(text) and int(text) <= php.INT_MAX:
        return "digit_string" if quoted else "plain"
    if quoted or not json_text:
        return "invalid" if _senseless(text) else "lenient"
    return "invalid" if _NOT_POSITIVE.match(text) else "lenient"


def _senseless(text: str) -> bool:
    if not text or _NOT_POSITIVE.match(text):
        return True
    digits = any(unicodedata.category(char).startswith("N") for char in text)
    return not digits and not any(unicodedata.category(char) == "Cc" for char in text)
