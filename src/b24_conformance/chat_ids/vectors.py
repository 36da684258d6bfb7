"""The vectors of `chat-ids.json`: templates, filled with the digits of declared chats."""

from __future__ import annotations

import json
from functools import cache
from urllib.parse import unquote_plus

import msgspec

from b24_conformance.probe import Asking, Probe
from b24_conformance.resources import contract_file
from b24_conformance.ways import BATCH, FORM, PLAIN

# Beyond it numbers with an exponent, which are floats, stand for several integers.
_EXACT = 2**53


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One vector: a JSON `literal` or a form `body`, and what PHP reads it as.

    `platform`: nothing is demanded of it. `common`: asked now and then, as others tell as much.
    """

    reads: int | str
    literal: str | None = None
    body: str | None = None
    platform: bool = False
    common: bool = False

    @property
    def template(self) -> str:
        """The text to fill."""
        return (self.literal if self.body is None else self.body) or ""

    @property
    def needs_thousands(self) -> bool:
        """Whether only a chat whose id is a multiple of 1000 fits."""
        return "{thousands}" in self.template

    def fits(self, chat: int) -> bool:
        """Whether `chat` can be filled in."""
        if "{tenth}" in self.template and chat > _EXACT:
            return False
        return not self.needs_thousands or (chat >= 1000 and chat % 1000 == 0)

    def filled(self, chat: int, other: int = 1) -> str:
        """The template with the digits of `chat` and of a second chat."""
        return _fill(self.template, chat, other)

    def expected(self, chat: int) -> int:
        """What PHP reads the filled template as."""
        return int(_fill(str(self.reads), chat, 0))

    def mistaken(self, chat: int) -> int | None:
        """What a reader who rounds, unwraps a list, or stops at the point takes it for."""
        if "{tenth}" in self.template:
            return chat // 10
        if "{id}.9" in self.template:
            return chat + 1
        return chat if self.reads == 1 else None

    def command(self, chat: int) -> Probe | None:
        """The same as a command of a batch; None where its meaning would not survive that."""
        filled = self.filled(chat)
        if self.literal is None:
            key, _, text = map(unquote_plus, filled.partition("="))
            return None if "&" in filled else Probe(text, asking=BATCH, key=key)
        value = json.loads(filled)
        return Probe(value, asking=BATCH) if isinstance(value, str) else None

    def probe(self, chat: int, other: int = 1, operator: str = "operator") -> Probe:
        """The probe that asks with this vector for `chat`."""
        raw = self.literal is None
        asking: Asking = FORM if raw else PLAIN
        return Probe(self.filled(chat, other), operator=operator, asking=asking, raw=raw)


class Vectors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All vectors, and the PHP that gave them."""

    about: str
    php: str
    json: tuple[Vector, ...]
    form: tuple[Vector, ...]


def _fill(template: str, chat: int, other: int) -> str:
    return (
        template.replace("{id}", str(chat))
        .replace("{thousands}", str(chat // 1000))
        .replace("{tenth}", f"{chat // 10}.{chat % 10}")
        .replace("{other}", str(other))
        .replace("{hex}", f"{chat:x}")
        .replace("{oct}", f"{chat:o}")
        .replace("{bin}", f"{chat:b}")
        .replace("{beyond}", str(2**64 + chat))
        .replace("{arabic}", _in_script(chat, "\u0660"))
        .replace("{fullwidth}", _in_script(chat, "\uff10"))
    )


def _in_script(chat: int, nought: str) -> str:
    """The digits of `chat` in the script whose nought this is."""
    return "".join(chr(ord(nought) + int(digit)) for digit in str(chat))


@cache
def load_vectors() -> Vectors:
    """The vectors as shipped."""
    return msgspec.json.decode(contract_file("chat-ids.json").read_bytes(), type=Vectors)
