"""A portal on which every undeclared id is a customer's dialogue, and CHAT_ID is read at will."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from b24_conformance.declaration import Chats
from b24_conformance.reference import Portal, Request, Response, default_state, php
from b24_conformance.reference.php import Array
from b24_conformance.reference.state import Chat, State

USERS = {"operator": 1, "colleague": 2}
CUSTOMER = 100
Number = Callable[[Any], int]


class Reading(NamedTuple):
    """How a portal reads CHAT_ID: the value, and which of several.

    `first` of equal keys; `url` before the body; `folds` the case of keys; `loose`: also in what
    is no JSON at all.
    """

    name: str
    number: Number = php.intval
    first: bool = False
    url: bool = False
    folds: bool = False
    loose: bool = False


def text_of(value: Any) -> str:
    """The value as a careless reader casts it to text."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def plain_digits(text: str) -> str:
    """Digits of any script in ASCII; what is no whole number stays as it is."""
    values = ((char, unicodedata.numeric(char, -0.5)) for char in text)
    return "".join(str(int(v)) if v >= 0 and v == int(v) else char for char, v in values)


def found(pattern: str, text: str, base: int = 10) -> int:
    """The number that the first group of a pattern matches, or 0."""
    match = re.search(pattern, text, re.ASCII | re.IGNORECASE)
    return int(match[1], base) if match else 0


def exact(value: Any) -> int:
    """A whole number of any size, cut where it has a fraction."""
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else 0
    return found(r"^\s*([+-]?\d{1,400})", text_of(value))


def wrapped(bits: int, *, signed: bool) -> Number:
    """What so many bits leave of a number."""

    def read(value: Any) -> int:
        low = exact(value) % 2**bits
        return low - 2**bits if signed and low >= 2 ** (bits - 1) else low

    return read


def rounded(way: Callable[[float], float]) -> Number:
    """A number with its fraction rounded in some way."""

    def read(value: Any) -> int:
        match = re.search(
            r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)", text_of(value), re.A | re.I
        )
        number = float(match[1]) if match else 0.0
        return int(way(number)) if math.isfinite(number) else 0

    return read


def all_digits(value: Any) -> int:
    """All digits of any script, joined."""
    return int("".join(re.findall(r"[0-9]", plain_digits(text_of(value))))[:400] or "0")


def truthy(value: Any) -> int:
    """Whatever sounds true is 1."""
    yes = value is True or (isinstance(value, list | dict) and value)
    return (
        1 if yes or text_of(value).strip().lower() in ("true", "yes", "on") else php.intval(value)
    )


def by_python(value: Any) -> int:
    """What Python makes of a text, with 0x, 0o, 0b, underscores and digits of any script."""
    try:
        return int(text_of(value).strip(), 0)
    except ValueError:
        return exact(value)


READINGS = (
    Reading("php"),
    Reading("first digits", lambda value: found(r"(\d{1,400})", text_of(value))),
    Reading(
        "leading digits", lambda value: found(r"^\W*(\d{1,400})", plain_digits(text_of(value)))
    ),
    Reading("all digits joined", all_digits),
    Reading(
        "octal",
        lambda value: found(r"^\s*[+-]?0o?([0-7]{1,400})", text_of(value), 8) or exact(value),
    ),
    Reading(
        "hex",
        lambda value: found(r"^\s*[+-]?0x([0-9a-f]{1,400})", text_of(value), 16) or exact(value),
    ),
    Reading("by Python", by_python),
    Reading("absolute", lambda value: abs(php.intval(value))),
    Reading("absolute of any size", lambda value: abs(exact(value))),
    Reading("32 bits", wrapped(32, signed=True)),
    Reading("32 bits unsigned", wrapped(32, signed=False)),
    Reading("64 bits", wrapped(64, signed=True)),
    Reading("64 bits unsigned", wrapped(64, signed=False)),
    Reading("rounded up", rounded(math.ceil)),
    Reading("rounded down", rounded(math.floor)),
    Reading("rounded half up", rounded(lambda number: math.floor(number + 0.5))),
    Reading("first duplicate", first=True),
    Reading("URL over body", url=True),
    Reading("any case of the key", folds=True),
    Reading("any case, first, by URL", first=True, url=True, folds=True),
    Reading("true is 1", truthy),
    Reading("no JSON needed", lambda value: found(r"(\d{1,400})", text_of(value)), loose=True),
)


class EveryId(dict[int, Chat]):
    """Chats by their ids: where nobody declared one, a customer's dialogue that all may join."""

    def __init__(self, declared: Mapping[int, Chat], absent: frozenset[int]) -> None:
        super().__init__(declared)
        self._absent = absent

    def get(self, key: int, default: Any = None) -> Any:
        """The chat with that id, whatever id it is."""
        # Ids are signed numbers of 64 bits.
        if dict.__contains__(self, key) or not 0 < key < 2**63 or key in self._absent:
            return super().get(key, default)
        return Chat(key, "open_line", frozenset({CUSTOMER}), frozenset(USERS.values()))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int) and self.get(key) is not None


def state_of(people: Mapping[str, Chats]) -> State:
    """The portal that these lists declare, and everything else in it."""
    every = {chat for chats in people.values() for _, chat in chats}
    absent = frozenset(chat for chats in people.values() for chat in chats.absent)
    declared = {chat: _declared(chat, people) for chat in every - absent}
    return State(default_state().users, EveryId(declared, absent))


def _declared(chat: int, people: Mapping[str, Chats]) -> Chat:
    def of(*kinds: str) -> frozenset[int]:
        return frozenset(USERS[name] for name, c in people.items() if c.kind(chat) in kinds)

    if of("not_open_line"):
        return Chat(chat, "group", of("not_open_line") | {3})
    return Chat(chat, "open_line", of("joined") | {CUSTOMER}, of("joinable"))


class Greedy(Portal):
    """Takes whatever it reads for a chat, and remembers whom it let in where.

    `touched` are all joins (user, chat) that it granted, `joined` those that put somebody in.
    """

    def __init__(self, people: Mapping[str, Chats], reading: Reading = READINGS[0]) -> None:
        self.reading = reading
        self.touched: list[tuple[int, int]] = []
        self.joined: list[tuple[int, int]] = []
        self.left: list[tuple[int, int]] = []
        super().__init__(state_of(people))

    def read_json(self, body: bytes) -> Array:
        if self.reading.loose:
            text = re.sub(rb"\\u[0-9a-fA-F]{4}", b"?", body).decode("utf-8", "replace")
            return {"CHAT_ID": text.partition("CHAT_ID")[2]}
        if self.reading.number is php.intval and not self.reading.first:
            return super().read_json(body)
        try:
            fields = json.loads(body, object_pairs_hook=self.fields)
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}

    def fields(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object whose first or last member of each name counts."""
        return dict(reversed(pairs) if self.reading.first else pairs)

    def read_query(self, request: Request) -> Array:
        query = request.target.partition("#")[0].partition("?")[2]
        return self.form(query)

    def read_form(self, body: bytes) -> Array:
        return self.form(body.decode("utf-8", "surrogateescape"))

    def form(self, text: str) -> Array:
        """The fields of a form."""
        pairs = text.split("&")
        return php.parse_form("&".join(reversed(pairs) if self.reading.first else pairs))

    def merge(self, query: Array, body: Array) -> Array:
        return super().merge(body, query) if self.reading.url else super().merge(query, body)

    def split_command(self, command: str) -> tuple[str, Array]:
        name, _, query = command.partition("?")
        return name, self.form(query)

    def read_chat_id(self, parameters: Array) -> int:
        value = parameters.get("CHAT_ID")
        if self.reading.folds:
            same = [key for key in parameters if str(key).upper() == "CHAT_ID"]
            value = parameters[same[0 if self.reading.first else -1]] if same else None
        return self.reading.number(value)

    def apply_join(self, user_id: int, chat_id: int) -> None:
        self.touched.append((user_id, chat_id))
        if not self.is_member(user_id, chat_id):
            self.joined.append((user_id, chat_id))
        super().apply_join(user_id, chat_id)

    def apply_leave(self, user_id: int, chat_id: int) -> None:
        self.left.append((user_id, chat_id))
        super().apply_leave(user_id, chat_id)


class Omnivore(Greedy):
    """Reads each request in every way, one after another; the last one's answer goes out."""

    def answer(self, request: Request) -> Response:
        for self.reading in READINGS[1:]:
            super().answer(request)
        self.reading = READINGS[0]
        return super().answer(request)
