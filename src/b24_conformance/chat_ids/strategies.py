"""How CHAT_IDs are made: Hypothesis strategies, simplest values first.

Every strategy gives the CHAT_ID literal of a JSON body unless it says otherwise. They draw
characters from alphabets written here: `st.text` would order them by the Unicode tables of the
Python that runs, and cache those tables on disk.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import strategies as st

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = " _.,:;!?#$%&'()*/<=>@[]^`{|}~+-\\\""
OTHER_SCRIPTS = "éßЖщאبहあ漢글😀\u00a0\u200b\ufeff\ufffd"
FOREIGN_DIGITS = "٠٤٢۴२４２²½Ⅳ㊷"
NO_DIGITS = LETTERS + SIGNS + OTHER_SCRIPTS
SPACES = " \t\n\r\v\f"


def word(alphabet: str, *, min_size: int = 0, max_size: int) -> st.SearchStrategy[str]:
    """Text over `alphabet`, whose first characters are the simplest."""
    return st.lists(st.sampled_from(alphabet), min_size=min_size, max_size=max_size).map("".join)


def quoted(text: str) -> str:
    """The JSON literal of a string."""
    return json.dumps(text)


def negative() -> st.SearchStrategy[str]:
    """Negative integers of every magnitude that a 64-bit reader knows."""
    return st.one_of(
        st.integers(min_value=-100, max_value=-1),
        st.integers(min_value=-(2**31) - 2, max_value=-1),
        st.integers(min_value=-(10**17), max_value=-1),
    ).map(str)


def text_without_digits(max_size: int = 12) -> st.SearchStrategy[str]:
    """Text without a digit in any script, not empty and not only spaces or signs."""
    letters = word(LETTERS + OTHER_SCRIPTS, min_size=1, max_size=3)
    rest = word(NO_DIGITS, max_size=max_size)
    return st.builds(str.__add__, letters, rest).map(quoted)


def numbers_of(chats: Sequence[int]) -> st.SearchStrategy[str]:
    """JSON numbers that PHP cuts to one of `chats` (or to 0), not written as plain integers."""
    chat = st.sampled_from(chats)
    fraction = word("0123456789", min_size=1, max_size=6)
    small = word("0123456789", min_size=1, max_size=6)
    return st.one_of(
        st.builds("{}.{}".format, chat, fraction),
        st.builds("-{}.{}".format, chat, fraction),
        st.builds("0.{}".format, small),
        st.builds(_shifted, chat, st.integers(1, 6)),
    )


def _shifted(chat: int, places: int) -> str:
    digits = str(chat).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}e{places}"


def strings_of(chats: Sequence[int]) -> st.SearchStrategy[str]:
    """JSON strings around the digits of `chats`: some mean the chat, some no chat at all."""
    chat = st.sampled_from([str(chat) for chat in chats])
    space = word(SPACES, max_size=2)
    zeros = word("0", max_size=4)
    tail = word(NO_DIGITS.replace("e", "").replace("E", ""), max_size=4)
    before = word(LETTERS + OTHER_SCRIPTS, min_size=1, max_size=4)
    return st.one_of(
        st.builds("{}{}{}{}".format, space, st.sampled_from(["", "+"]), zeros, chat),
        st.builds("{}{}".format, chat, tail),
        st.builds("{}{}".format, before, chat),
        st.builds("{}.{}".format, chat, st.sampled_from(["0", "5", "999"])),
        word(FOREIGN_DIGITS, min_size=1, max_size=4),
    ).map(quoted)


def containers_of(chats: Sequence[int]) -> st.SearchStrategy[str]:
    """JSON arrays and objects, empty and not."""
    leaf = st.sampled_from([0, None, True, False, "", "a", *chats, *(str(chat) for chat in chats)])
    return st.recursive(
        st.lists(leaf, max_size=3),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2),
            st.dictionaries(st.sampled_from(["a", "0", "CHAT_ID"]), inner, max_size=2),
        ),
        max_leaves=4,
    ).map(json.dumps)


def malformed(chats: Sequence[int]) -> st.SearchStrategy[str]:
    """Bodies that are no JSON object, though they hold a chat's digits."""
    chat = st.sampled_from(chats)
    shapes = (
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
    return st.builds(str.format, st.sampled_from(shapes), chat)


def anything() -> st.SearchStrategy[str]:
    """Literals of any JSON type that name no chat above zero under any reading."""
    return st.one_of(
        st.sampled_from(["0", "-0", "0.0", "null", "false", "[]", "{}", '""', '"0"', "-0.0"]),
        text_without_digits(40),
        word(NO_DIGITS, max_size=400).map(quoted),
        st.integers(0, 200).map(lambda depth: "[" * depth + "]" * depth if depth else "[]"),
    )
