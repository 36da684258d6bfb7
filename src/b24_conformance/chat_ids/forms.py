"""Which forms of CHAT_ID a probe shows: the same digits in the same form tell nothing new."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_plus

from b24_conformance import php
from b24_conformance.probe import Probe

_DIGITS = re.compile(r"[1-9]\d*", re.A)
# Words of a text, but not those of JSON; letters behind a digit may be an exponent.
_LETTERS = re.compile(r"\b(?!(?:true|false|null|CHAT_ID)\b)[A-Za-z]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_NAME = re.compile(r"CHAT(?:_|\\u005f)ID")
_LONG = 300


def forms(probe: Probe) -> Iterator[str]:
    """What CHAT_ID looks like, each trait as a word for its sort and what it is.

    A text has one form, whether it stands in JSON, in a form or in a batch.
    """
    value = php.parameter(probe)
    sort = _sort(probe, value)
    if probe.asking.encoding == "json":
        yield f"type {sort} {probe.raw}"
    if len(probe.literal) > _LONG:
        yield f"long {'broken' if value is php.MISSING else sort}"
    elif isinstance(value, str) or type(value) is int:
        yield f"text {_levelled(str(value))}"
        yield from (f"sign {sign}" for sign in _signs(str(value)))
    elif _tempts(probe, value):
        yield f"value {_outline(probe, value)}"
    yield from _names(probe, value)


def _sort(probe: Probe, value: object) -> str:
    if probe.raw and value is php.MISSING:
        return "broken"
    if isinstance(value, str) and value.isalnum() and len(value) < _LONG:
        return "digits" if value.isdecimal() else "word"
    return type(value).__name__


def _names(probe: Probe, value: object) -> Iterator[str]:
    """Under which names the values stand."""
    if not probe.raw:
        yield f"key {probe.key}"
        return
    if probe.asking.encoding != "json":
        yield f"key {unquote_plus(probe.literal.partition('=')[0])}"
    if len(_NAME.findall(probe.literal)) > 1:
        escaped = "\\u" in probe.literal
        yield f"twice {probe.asking.encoding} {escaped}"
        if isinstance(value, dict):
            yield "nested"


def _tempts(probe: Probe, value: object) -> bool:
    """Whether a careless reader could take something in it for a chat."""
    if "-" in probe.literal:
        return False
    readable = probe.asking.encoding == "json" and probe.key == "CHAT_ID"
    return value is not php.MISSING or (readable and bool(_DIGITS.search(probe.literal)))


def _signs(text: str) -> set[str]:
    """Kinds of characters that careless readers stumble over."""
    odd = {char for char in text if not char.isalnum() or not char.isascii()}
    return {char if char.isascii() else unicodedata.category(char) for char in odd}


def _outline(probe: Probe, value: object) -> str:
    if isinstance(value, list | dict):
        holds_chat = bool(_DIGITS.search(probe.literal))
        return f"{type(value).__name__ if holds_chat else 'container'} {bool(value)}"
    if isinstance(value, float):
        whole = value.is_integer()
        return f"float {abs(value) < 1} {'e' in probe.literal.lower()} {whole}"
    return _levelled(probe.literal)


def _levelled(text: str) -> str:
    """The text with its words and digits levelled, so that only its form is left."""
    levelled = _LETTERS.sub("a", _DIGITS.sub("9", text))
    named = _FOREIGN.sub(lambda found: f"<{unicodedata.category(found[0])}>", levelled)
    return re.sub(r"(<\w\w>)\1+", r"\1", named)
