"""What may leave the process: every request passes here, whoever made it.

A live portal may read CHAT_ID otherwise than PHP does, so that each of a closed list of readings
must be no chat at all or a chat that the current rung allows.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from b24_conformance import php
from b24_conformance.declaration import CHAT_KINDS, Declaration
from b24_conformance.errors import ConformanceError
from b24_conformance.probe import JOIN, MEMBERS, Probe

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.A)
_HEX = re.compile(r"0[xX]([0-9a-fA-F]{1,40})")
_OCTAL = re.compile(r"0[oO]?([0-7]{1,40})")


_ARRAY = re.compile(r"\[[^\[\]]*\]\s*(?:=|&|$)")
_SUFFIXES = ("", ".json", ".xml")
# Our own further parameters, which nobody reads as CHAT_ID.
_HARMLESS = ("USER_ID", "SESSION_ID", "LANG", "bx24_request_id")


class GateClosedError(ConformanceError):
    """A request that the gate does not let out; a mistake of ours, never of the portal."""


class Gate:
    """Lets out only requests that cannot touch a chat beyond the declared and allowed ones."""

    def __init__(self, declaration: Declaration) -> None:
        self._open = declaration.stand_in
        self._allowed = {
            name: frozenset(declaration.reachable(name, *CHAT_KINDS)) for name in declaration.people
        }
        self._declared = frozenset(
            chat for person in declaration.people.values() for _, chat in person.chats
        )

    def pass_probe(self, probe: Probe) -> None:
        """Returns if `probe` may be sent, else raises GateClosedError."""
        if self._open:
            return
        if reason := self.objection(probe):
            raise GateClosedError(f"not sent: {reason}")

    def objection(self, probe: Probe) -> str | None:
        """Why `probe` must not be sent to a live portal, or None."""
        if probe.method == MEMBERS:
            asked = php.chat_id(probe)
            return None if asked in self._declared else f"chat {asked} is not declared"
        asking = probe.asking
        if probe.method != JOIN or asking.spelling.lower() != JOIN:
            return f"the method {probe.method} ({asking.spelling}) is not on the list"
        if asking.suffix.lower() not in _SUFFIXES:
            return f"the suffix {asking.suffix} is not on the list"
        allowed = self._allowed.get(probe.operator, frozenset())
        for number in readings(probe):
            if number > 0 and number not in allowed:
                return f"some reading of CHAT_ID {probe.literal} is chat {number}"
        return None


def readings(probe: Probe) -> Iterator[int]:
    """Every number that any portal might take `probe`'s CHAT_ID for."""
    own = php.chat_id(probe)
    if own is not None:
        yield from _wrapped(own)
    if any(_ARRAY.search(text) for text in _form_keys(probe)):
        yield 1
    for text in _texts(probe):
        yield from _of_text(text)


def _form_keys(probe: Probe) -> Iterator[str]:
    """Where `CHAT_ID[]` makes an array of whatever follows: PHP's number for it is 1."""
    yield probe.key
    yield from (name for name, _ in probe.extra)
    if probe.raw:
        yield from (probe.chat_id or "", unquote_plus(probe.chat_id or ""))


def _texts(probe: Probe) -> Iterator[str]:
    pieces = [probe.chat_id or "", probe.beside or "", probe.key]
    pieces += [text for pair in probe.extra if pair[0] not in _HARMLESS for text in pair]
    for piece in map(_unescaped, pieces):
        for text in {piece, unquote_plus(piece)}:
            yield text
            yield from re.split(r"[&;=\[\]{}\",:]", text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def _of_text(text: str) -> Iterator[int]:
    if re.search(r"\b(?:true|yes|on)\b", text, re.I) or re.search(r"[\[{]\s*[^\]}\s]", text):
        yield 1
    plain = "".join(_digit(char) for char in text)
    for candidate in {text, plain}:
        for number in _NUMBER.findall(candidate):
            yield from _of_number(number)
        for digits, base in _in_other_bases(candidate):
            yield from _wrapped(int(digits, base))
    for known in (str.isascii, str.isdecimal, str.isdigit, str.isnumeric):
        joined = "".join(_digit(char) for char in text if known(char) and char.isnumeric())
        yield from _of_number(joined.replace(" ", ""))


def _in_other_bases(text: str) -> Iterator[tuple[str, int]]:
    yield from ((digits, 16) for digits in _HEX.findall(text))
    yield from ((digits, 8) for digits in _OCTAL.findall(text))


def _digit(char: str) -> str:
    if char.isascii():
        return char
    value = unicodedata.numeric(char, -1.0)
    return str(int(value)) if value >= 0 and value == int(value) else " "


def _of_number(text: str) -> Iterator[int]:
    digits = re.match(r"[+-]?\d*", text)
    if digits and digits[0].strip("+-"):
        size = int(digits[0].strip("+-").lstrip("0")[:400] or "0")
        yield from _wrapped(-size if text[0] == "-" else size)
    try:
        value = float(text)
    except ValueError:
        return
    if abs(value) < 1e300:
        yield from _wrapped(math.floor(value))
        yield from _wrapped(math.ceil(value))


def _wrapped(number: int) -> Iterable[int]:
    yield number
    yield -number
    for bits in (32, 64):
        low = abs(number) % 2**bits
        yield low
        yield low - 2**bits
        yield number % 2**bits
    yield min(abs(number), php.INT_MAX)
