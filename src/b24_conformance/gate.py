"""What may leave the process: every request passes here, whoever made it.

A live portal may read CHAT_ID otherwise than PHP does, so that each of a closed list of readings
must be no chat at all or a chat that the current rung allows.
"""

from __future__ import annotations

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
        if probe.method != JOIN:
            return f"the method {probe.method} is not on the list"
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
    for text in _texts(probe):
        yield from _of_text(text)


def _texts(probe: Probe) -> Iterator[str]:
    pieces = [probe.chat_id or "", probe.beside or "", probe.key]
    pieces += [text for pair in probe.extra for text in pair]
    for piece in pieces:
        for text in {piece, unquote_plus(piece), _unescaped(piece)}:
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
    joined = "".join(char for char in plain if char in "0123456789")
    if joined:
        yield from _of_number(joined)


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
        yield from _wrapped(int(digits[0][:400]))
    try:
        value = float(text)
    except ValueError:
        return
    if abs(value) < 1e300:
        yield from _wrapped(int(value))
        yield from _wrapped(round(value))


def _wrapped(number: int) -> Iterable[int]:
    yield number
    yield -number
    for bits in (32, 64):
        low = abs(number) % 2**bits
        yield low
        yield low - 2**bits
        yield number % 2**bits
    yield min(abs(number), php.INT_MAX)
