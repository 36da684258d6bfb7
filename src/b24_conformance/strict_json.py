"""JSON as the standard has it: no NaN, no Infinity, and no end of Python's patience with digits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

_TOO_LONG = 400


def decode(text: str) -> Any:
    """The value in `text`; ValueError where it is no JSON, also where it nests too deep to read.

    Integers of more than 400 digits come out infinite, as PHP makes them.
    """
    # The longest number of a short text is short: there is no need to look at any.
    return _read(_SHORT if len(text) < _TOO_LONG else _DECODER, text)


def ambiguous(text: str) -> frozenset[str]:
    """The names that the object in `text` has more than once, with different values.

    One reader takes the first of them, another one the last. Where there is no object, none.
    """
    found: list[tuple[str, Any]] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Called from the inside out, so that the last one is the outermost object.
        found[:] = pairs
        return dict(pairs)

    try:
        value = _read(_decoder(keep), text)
    except ValueError:
        return frozenset()
    values = {(name, json.dumps(one, sort_keys=True)) for name, one in found}
    names = [name for name, _ in values] if isinstance(value, dict) else []
    return frozenset(name for name in names if names.count(name) > 1)


def _read(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _TOO_LONG else float("-inf" if digits[0] == "-" else "inf")


def _decoder(keep: Callable[[list[tuple[str, Any]]], Any] | None = None) -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_no_constant, parse_int=_number, object_pairs_hook=keep)


_DECODER = _decoder()
_SHORT = json.JSONDecoder(parse_constant=_no_constant)
