"""Histories: sequences of joins by one or two operators, with a look at who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from msgspec.structs import replace

from b24_conformance.chat_ids.makers import Maker
from b24_conformance.probe import MEMBERS, Probe, Step

Move = tuple[str, int]
A_MOMENT_LATER = "a moment later"


def members(chat: int, operator: str = "operator", occasion: str = "") -> Probe:
    """The question who takes part in `chat`."""
    return Probe(str(chat), operator=operator, method=MEMBERS, occasion=occasion)


def a_moment_later(look: Probe) -> Probe:
    """The same look again, of a list that may be late."""
    return replace(look, occasion=A_MOMENT_LATER)


def watched(chat: int, *joins: Probe, operator: str = "operator") -> Step:
    """Joins of one chat, with a look at its participants before and after each."""
    step: list[Probe] = [members(chat, operator, "before")]
    for place, join in enumerate(joins, 1):
        step += [join, members(chat, operator, f"after {place}")]
    return tuple(step)


def history_of(moves: Sequence[Move], watcher: str = "operator") -> Maker[Step]:
    """Two to five joins out of `moves` (operator, chat), each chat watched before and after."""

    def make(dice: Random) -> Step:
        return _told([dice.choice(moves) for _ in range(dice.randint(2, 5))], watcher)

    return make


def _told(moves: Sequence[Move], watcher: str) -> Step:
    step = [members(chat, watcher, "history") for chat in dict.fromkeys(c for _, c in moves)]
    for place, (operator, chat) in enumerate(moves, 1):
        step.append(Probe(str(chat), operator=operator, occasion=f"history {place}"))
        step.append(members(chat, watcher, f"history {place}"))
    return tuple(step)
