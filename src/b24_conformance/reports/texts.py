"""Texts of strangers, made fit to be shown: nothing in them is invisible or endless."""

from __future__ import annotations

import unicodedata

LONGEST = 4000
_KEPT = "\n\t"
# Controls, formats (they can turn the reading order around), surrogates, private and unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """`text` with every character that cannot be seen, or be in XML, as an escape."""
    if text.isprintable():
        return text
    return "".join(_escaped(char) if _is_unseen(char) else char for char in text)


def _is_unseen(char: str) -> bool:
    return char not in _KEPT and unicodedata.category(char) in _UNSEEN


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """`text` visible and on one line."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def clipped(text: str, longest: int = LONGEST) -> str:
    """`text`, or its beginning and how much is missing."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest} more characters)"


def elided(text: str, longest: int) -> str:
    """`text`, or its beginning and its end and how much is missing between them."""
    if len(text) <= longest:
        return text
    head, tail = text[: longest * 3 // 4], text[-(longest // 4) :]
    return f"{head}… ({len(text) - len(head) - len(tail)} more characters) …{tail}"
