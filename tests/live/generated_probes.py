"""Thousands of probes that a gate has to look at: ours, schemathesis's, replayed and malicious."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence

from b24_conformance import ways
from b24_conformance.chat_ids import makers
from b24_conformance.chat_ids.portable import draw
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.gather import plan
from b24_conformance.openapi import calls
from b24_conformance.probe import LEAVE, MEMBERS, Asking, Probe, Step
from b24_conformance.suite import World, load_suites

KEYS = ("CHAT_ID", "chat_id", "Chat_Id", "CHAT.ID", "CHAT ID", "CHAT_ID[]", "CHAT_ID[a]", "OTHER")
SCRAPS = (
    "0",
    "00",
    "0x",
    "0b",
    "0o",
    "-",
    "+",
    ".",
    "e",
    "e0",
    "e1",
    " ",
    ",",
    "_",
    "%",
    "٢",
    "²",
    "５",
    "true",
)
ASKINGS = (*ways.ALL, Asking(suffix="?CHAT_ID=5"), Asking(spelling="imopenlines.operator.answer"))
METHODS = ("imopenlines.session.join", MEMBERS, LEAVE, "imopenlines.session.start")
EXTRAS = (
    ("chat_id", "{}"),
    ("CHAT_ID", '"{}"'),
    ("USER_ID", '1,"CHAT_ID":{}'),
    ("CHAT_ID[]", "{}"),
    ("ID", "$result[c0][{}]"),
    ("LANG", '"ru"'),
)


def text(dice: random.Random, chats: Sequence[int]) -> str:
    """A text put together of ids and of what readers stumble over."""
    pieces = [
        str(dice.choice(chats)) if dice.random() < 0.5 else dice.choice(SCRAPS) for _ in range(3)
    ]
    return "".join(pieces[: dice.randint(1, 3)])


def literal(dice: random.Random, chats: Sequence[int]) -> str:
    """A JSON literal around some ids."""
    maker = dice.choice(
        (
            lambda d: json.dumps(text(d, chats)),
            lambda d: str(d.choice(chats)),
            lambda d: f"{d.choice(chats) + d.choice((2**32, 2**64, -(2**32), 0, -(2**64)))}",
            makers.number_of(chats),
            makers.string_of(chats),
            makers.container_of(chats),
            makers.negative,
            makers.anything,
            makers.one_of("true", "false", "null", "-0", "[]", "{}", "0.4", "1e-1"),
            lambda d: f'0,"CHAT_ID":{d.choice(chats)}',
        )
    )
    return maker(dice)


def body(dice: random.Random, chats: Sequence[int]) -> str:
    """A whole body: an object with some CHAT_IDs, or what is none."""
    if dice.random() < 0.4:
        return makers.malformed_of(chats)(dice)
    keys = ('"CHAT_ID"', '"chat_id"', '"CHAT\\u005fID"', '"x"')
    members = [f"{dice.choice(keys)}:{literal(dice, chats)}" for _ in range(dice.randint(0, 3))]
    return "{" + ",".join(members) + "}"


def probe(dice: random.Random, chats: Sequence[int]) -> Probe:
    """A probe of any kind."""
    asking = dice.choice(ASKINGS)
    if dice.random() < 0.2:
        in_json = asking.encoding == "json"
        pairs = "&".join(f"{dice.choice(KEYS)}={text(dice, chats)}" for _ in range(2))
        return Probe(body(dice, chats) if in_json else pairs, raw=True, asking=asking)
    name, value = dice.choice(EXTRAS)
    own = literal if asking.encoding == "json" else text
    return Probe(
        own(dice, chats) if dice.random() < 0.95 else None,
        asking=asking,
        operator="colleague" if dice.random() < 0.1 else "operator",
        method=dice.choice(METHODS) if dice.random() < 0.1 else METHODS[0],
        key=dice.choice(KEYS) if dice.random() < 0.2 else "CHAT_ID",
        beside=text(dice, chats) if dice.random() < 0.1 else None,
        extra=((name, value.format(dice.choice(chats))),) if dice.random() < 0.1 else (),
    )


def step(dice: random.Random, chats: Sequence[int]) -> Step:
    """One probe, or a batch of some."""
    if dice.random() < 0.8:
        return (probe(dice, chats),)
    items = (probe(dice, chats) for _ in range(dice.randint(1, 4)))
    wanted = tuple(one for one in items if not one.raw)
    return tuple(
        Probe(o.chat_id, o.operator, ways.BATCH, o.method, o.key, extra=o.extra) for o in wanted
    )


def foreign(people: dict[str, Chats], seed: int) -> Iterator[Step]:
    """The questions of a run over another portal, where joins hurt nobody."""
    places = ("webhook", "oauth_body", "oauth_query", "bearer")
    persons = {name: Person(n, chats, places) for n, (name, chats) in enumerate(people.items(), 1)}
    trusted = Declaration("other", stand_in=True, rung="new", people=persons)
    yield from plan(load_contract().clauses, load_suites(), World(trusted), seed=seed).steps


def of_schemathesis(chats: Sequence[int], count: int, seed: int) -> Iterator[Step]:
    """What schemathesis generates, with our ids in it."""
    for maker in (makers.number_of(chats), makers.string_of(chats), makers.container_of(chats)):
        yield from ((one,) for one in draw(calls(maker), count, "gate proof", seed))
