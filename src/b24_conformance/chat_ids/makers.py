"""How CHAT_IDs are made: functions that roll dice, the simplest values first.

A maker takes a `random.Random`. Rolled from a seed that Hypothesis drew, fifty values cost little
more than one; rolled by Hypothesis itself (`strategy`), every choice shrinks. Makers give the
CHAT_ID literal of a JSON body unless they say otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Maker = Callable[[Random], T]

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = " _.,:;!?#$%&'()*/<=>@[]^`{|}~+-\\\""
OTHER_SCRIPTS = "éßЖщאبहあ漢글😀\u00a0\u200b\ufeff\ufffd"
FOREIGN_DIGITS = "٠٤٢۴२４２²½Ⅳ㊷"
NO_DIGITS = LETTERS + SIGNS + OTHER_SCRIPTS
NO_EXPONENT = NO_DIGITS.replace("e", "").replace("E", "")
DIGITS = "0123456789"
SPACES = " \t\n\r\v\f"
_LETTERS = frozenset(LETTERS + OTHER_SCRIPTS)
_BOUNDS = (100, 2**31 + 2, 10**17)
_NOTHING = ("0", "-0", "0.0", "null", "false", "[]", "{}", '""', '"0"', "-0.0")
_MALFORMED = (
    "{}",
    '"{}"',
    "[{}]",
    '{{"CHAT_ID":{}',
    '"CHAT_ID":{}}}',
    "CHAT_ID={}",
    "{{'CHAT_ID':{}}}",
    '{{"CHAT_ID":{},}}',
    '{{"CHAT_ID":0{}}}',
    '{{"CHAT_ID":+{}}}',
    '[{{"CHAT_ID":{}}}]',
    "{{CHAT_ID:{}}}",
    '{{"CHAT_ID" {}}}',
    '{{"CHAT_ID":{}}}}}',
)


def strategy(maker: Maker[T]) -> st.SearchStrategy[T]:
    """The values of a maker as a Hypothesis strategy, each choice of which shrinks."""
    return st.randoms(use_true_random=False).map(maker)


def one_of(*values: T) -> Maker[T]:
    """A maker that picks one of `values`."""
    return lambda dice: dice.choice(values)


def quoted(text: str) -> str:
    """The JSON literal of a string."""
    return json.dumps(text, ensure_ascii=False)


def word(dice: Random, alphabet: str, least: int, most: int) -> str:
    """Text over `alphabet`, whose first characters are the simplest."""
    # One roll after each character, so that any of them can be taken out again.
    text: list[str] = []
    while len(text) < most and (len(text) < least or dice.randint(0, max(1, most // 2))):
        text.append(dice.choice(alphabet))
    return "".join(text)


def negative(dice: Random) -> str:
    """A negative integer of any magnitude that a 64-bit reader knows."""
    return str(-dice.randint(1, dice.choice(_BOUNDS)))


def bare_text(dice: Random) -> str:
    """Text without a digit in any script, not empty and not only spaces or signs; unquoted."""
    text = word(dice, NO_DIGITS, 1, 15)
    return text if set(text) & _LETTERS else f"{text}{LETTERS[0]}"


def text_without_digits(dice: Random) -> str:
    """Such text as a JSON string."""
    return quoted(bare_text(dice))


def number_of(chats: Sequence[int]) -> Maker[str]:
    """JSON numbers that PHP cuts to one of `chats` (or to 0), not written as plain integers."""

    def make(dice: Random) -> str:
        chat, shape = dice.choice(chats), dice.randint(0, 3)
        if shape == 3:
            return _shifted(chat, dice.randint(1, 6))
        return f"{(chat, f'-{chat}', 0)[shape]}.{word(dice, DIGITS, 1, 6)}"

    return make


def _shifted(chat: int, places: int) -> str:
    digits = str(chat).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}e{places}"


def bare_string_of(chats: Sequence[int]) -> Maker[str]:
    """Text around the digits of `chats`: some mean the chat, some no chat at all; unquoted."""

    def make(dice: Random) -> str:
        chat, shape = str(dice.choice(chats)), dice.randint(0, 4)
        if shape == 0:
            zeros = word(dice, "0", 0, 4)
            return word(dice, SPACES, 0, 2) + dice.choice(("", "+")) + zeros + chat
        if shape == 1:
            return chat + word(dice, NO_EXPONENT, 0, 4)
        if shape == 2:
            return word(dice, LETTERS + OTHER_SCRIPTS, 1, 4) + chat
        if shape == 3:
            return f"{chat}.{dice.choice(('0', '5', '999'))}"
        return word(dice, FOREIGN_DIGITS, 1, 4)

    return make


def string_of(chats: Sequence[int]) -> Maker[str]:
    """Such text as a JSON string."""
    make = bare_string_of(chats)
    return lambda dice: quoted(make(dice))


def container_of(chats: Sequence[int]) -> Maker[str]:
    """JSON arrays and objects, empty and not."""
    leaves = [0, None, True, False, "", "a", *chats, *(str(chat) for chat in chats)]

    def make(dice: Random, depth: int = 0) -> object:
        if depth and (depth > 2 or dice.randint(0, 2) == 0):
            return dice.choice(leaves)
        if dice.randint(0, 1) == 0:
            return [make(dice, depth + 1) for _ in range(dice.randint(0, 3))]
        keys = ("a", "0", "CHAT_ID")[: dice.randint(0, 2)]
        return {key: make(dice, depth + 1) for key in keys}

    return lambda dice: json.dumps(make(dice))


def malformed_of(chats: Sequence[int]) -> Maker[str]:
    """Bodies that are no JSON object, though they hold a chat's digits."""
    return lambda dice: dice.choice(_MALFORMED).format(dice.choice(chats))


def anything(dice: Random) -> str:
    """Literals of any JSON type that name no chat above zero under any reading."""
    shape = dice.randint(0, 3)
    if shape == 0:
        return dice.choice(_NOTHING)
    if shape == 1:
        return text_without_digits(dice)
    if shape == 2:
        return quoted(word(dice, NO_DIGITS, 0, 20) * dice.randint(1, 20))
    depth = dice.randint(1, 200)
    return "[" * depth + "]" * depth
