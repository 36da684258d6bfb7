"""JSON as the standard has it: no NaN, no Infinity, and no end of Python's patience with digits."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_TOO_LONG = 400


def decode(text: str) -> Any:
    """The value in `text`; ValueError where it is no JSON, also where it nests too deep to read.

    Integers of more than 400 digits come out infinite, as PHP makes them.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _TOO_LONG else float("-inf" if digits[0] == "-" else "inf")


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_int=_number)
