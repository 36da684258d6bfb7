"""What may leave the process: every request passes here, whoever made it.

A live portal may read CHAT_ID otherwise than PHP does, so that each of a closed list of readings
must be no chat at all or a chat that the current rung allows.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

import msgspec

from b24_conformance import php
from b24_conformance.declaration import CHAT_KINDS, Declaration
from b24_conformance.errors import ConformanceError
from b24_conformance.probe import JOIN, LEAVE, MEMBERS, Probe, Step
from b24_conformance.ways import ROOM

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.A)
_HEX = re.compile(r"0[xX]([0-9a-fA-F]{1,40})")
_BINARY = re.compile(r"0[bB]([01]{1,80})")
# A nought within a number makes no octal one of its end.
_OCTAL = re.compile(r"(?<!\d)0[oO]?([0-7]{1,40})")


_ARRAY = re.compile(r"\[[^\[\]]*\]\s*(?:=|&|$)")
_SUFFIXES = ("", ".json", ".xml")
# Our own further parameters, which nobody reads as CHAT_ID.
_HARMLESS = ("USER_ID", "SESSION_ID", "LANG", "bx24_request_id")
_SIMPLE = re.compile(r'"?\w*"?\Z', re.A)


class GateClosedError(ConformanceError):
    """A request that the gate does not let out; a mistake of ours, never of the portal."""


class _Bounds(NamedTuple):
    """What one operator may ask for: any of the `allowed`; `fresh` ones he is not in yet."""

    allowed: frozenset[int] = frozenset()
    fresh: frozenset[int] = frozenset()
    joined: frozenset[int] = frozenset()
    member: frozenset[int] = frozenset()


class Gate:
    """Lets out only requests that cannot touch a chat beyond the declared and allowed ones.

    What the run itself has joined it may leave again, once; a chat that was left is not asked
    for any more.
    """

    def __init__(self, declaration: Declaration) -> None:
        self._open = declaration.stand_in
        self._bounds = {name: _bounds(declaration, name) for name in declaration.people}
        self._declared = frozenset(
            chat for person in declaration.people.values() for _, chat in person.chats
        )
        self._joined: set[tuple[str, int]] = set()
        self._left: set[tuple[str, int]] = set()

    def pass_probe(self, probe: Probe) -> None:
        """Returns if `probe` may be sent, else raises GateClosedError."""
        self.pass_step((probe,))

    def pass_step(self, step: Step) -> None:
        """Returns if the probes may be sent in one request, else raises GateClosedError."""
        if not self._open and (reason := self.objection_to(step)):
            raise GateClosedError(f"not sent: {reason}")

    def note_join(self, operator: str, chat: int) -> None:
        """Remembers that the run has joined a chat, which opens the way out of it."""
        if chat not in self._of(operator).member:
            self._joined.add((operator, chat))

    def note_leave(self, operator: str, chat: int) -> None:
        """Remembers that a chat was left: it is not to be joined a second time."""
        self._left.add((operator, chat))

    def objection_to(self, step: Step) -> str | None:
        """Why the probes must not be sent to a live portal in one request, or None."""
        if reason := next(filter(None, map(self.objection, step)), None):
            return reason
        items = [probe for probe in step if probe.asking.batch]
        if len(items) > ROOM:
            return f"a batch holds {ROOM} commands"
        if len({(probe.operator, probe.asking) for probe in items}) > 1:
            return "a batch has the credentials of its first item"
        if len({self.may_join(probe) for probe in items if probe.method == JOIN}) > 1:
            return "refusals and joins in one batch"
        return None

    def objection(self, probe: Probe) -> str | None:
        """Why `probe` must not be sent to a live portal, or None."""
        if probe.asking.batch and any("$result" in text.lower() for text in _texts(probe)):
            return "an item of a batch refers to the result of another"
        asking = probe.asking
        if asking.verb == "OPTIONS" and probe != Probe(operator=probe.operator, asking=asking):
            return "a preflight names no chat"
        if asking.suffix.lower() not in _SUFFIXES:
            return f"the suffix {asking.suffix} is not on the list"
        if probe.method in (MEMBERS, LEAVE):
            return self._objection_to_chat(probe)
        if probe.method != JOIN or asking.spelling.lower() != JOIN:
            return f"the method {probe.method} ({asking.spelling}) is not on the list"
        objections = (self._objection_to(probe, chat) for chat in chats_read(probe))
        return next(filter(None, objections), None)

    def _objection_to_chat(self, probe: Probe) -> str | None:
        asked = php.chat_id(probe)
        plain = Probe(str(asked), method=probe.method, operator=probe.operator)
        if probe != msgspec.structs.replace(plain, asking=probe.asking, occasion=probe.occasion):
            return f"{probe.method} is asked for a plain number only"
        if probe.asking.identity != "own":
            return f"{probe.method} is asked with the operator's own credentials only"
        if probe.method == MEMBERS:
            return None if asked in self._declared else f"chat {asked} is not declared"
        known = asked is not None and (probe.operator, asked) in self._joined - self._left
        return None if known else f"chat {asked} was not joined by this run, or was left already"

    def _objection_to(self, probe: Probe, number: int) -> str | None:
        bounds = self._of(probe.operator)
        if number not in bounds.allowed:
            return f"some reading of CHAT_ID {probe.literal} is chat {number}"
        if probe.asking.identity != "own":
            return f"whoever takes these credentials for somebody's joins him to chat {number}"
        if probe.asking.verb == "GET" and number in bounds.fresh:
            return f"a GET must not join, and chat {number} is joinable"
        if (probe.operator, number) in self._left:
            return f"chat {number} was left: joining it again would disturb once more"
        return None

    def may_join(self, probe: Probe) -> bool:
        """Whether the contract lets some reading of the probe join, or join again."""
        bounds = self._of(probe.operator)
        return any(chat in bounds.fresh | bounds.joined for chat in chats_read(probe))

    def _of(self, operator: str) -> _Bounds:
        return self._bounds.get(operator, _Bounds())


def _bounds(declaration: Declaration, operator: str) -> _Bounds:
    chats = declaration.chats(operator)
    # What another calls no open line is refused for everyone.
    others = (
        chat
        for name in declaration.people
        for chat in declaration.reachable(name, "not_open_line")
        if name != operator and chats.kind(chat) is None
    )
    return _Bounds(
        frozenset((*declaration.reachable(operator, *CHAT_KINDS), *others)),
        frozenset(chats.joinable),
        frozenset(chats.joined),
        frozenset(chats.of("joined", "not_open_line")),
    )


@lru_cache(maxsize=4096)
def chats_read(probe: Probe) -> tuple[int, ...]:
    """Every chat that any portal might take `probe`'s CHAT_ID for, each once."""
    # Ids are signed numbers of 64 bits: beyond them there is no chat.
    return tuple(dict.fromkeys(one for one in readings(probe) if 0 < one <= php.INT_MAX))


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
    harmless = [pair for pair in probe.extra if pair[0] in _HARMLESS and _SIMPLE.match(pair[1])]
    pieces += [text for pair in probe.extra if pair not in harmless for text in pair]
    wholes = dict.fromkeys(
        text for one in map(_unescaped, pieces) for text in (one, unquote_plus(one))
    )
    parts = (part for text in wholes for part in (text, *re.split(r"[&;=\[\]{}\",:]", text)))
    # Deep nests fall apart into thousands of empty ones.
    return iter(dict.fromkeys(parts))


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def _of_text(text: str) -> Iterator[int]:
    if re.search(r"\b(?:true|yes|on)\b", text, re.I) or re.search(r"[\[{]\s*[^\]}\s]", text):
        yield 1
    plain = "".join(_digit(char) for char in text)
    # Some readers skip a "_" between digits, also behind 0x.
    for candidate in {text, plain, plain.replace("_", "")}:
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
    yield from ((digits, 2) for digits in _BINARY.findall(text))


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
