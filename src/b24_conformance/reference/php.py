"""PHP's readings of what a client sends: numbers, JSON, forms.

Obtained by running PHP 8.2 (64-bit); ``tests/reference`` compares them with a real PHP.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

Key: TypeAlias = int | str
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[Key, Value] | None"
Array: TypeAlias = dict[Key, Value]

INT_MAX: Final = 2**63 - 1
INT_MIN: Final = -(2**63)

_NUMBER: Final = re.compile(r"[ \t\n\r\v\f]*([+-]?)(?:([0-9]+)(\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_EXPONENT: Final = re.compile(r"[eE][+-]?[0-9]+", re.ASCII)
_INTEGER_KEY: Final = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z", re.ASCII)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# PHP's default limits; json_decode's own depth counts the scalar inside as a level.
_JSON_DEPTH: Final = 511
_MAX_VARIABLES: Final = 1000
_MAX_NESTING: Final = 64


def intval(value: Value) -> int:
    """Return PHP's ``intval`` of a decoded value."""
    if isinstance(value, str):
        return _int_of_text(value)
    if isinstance(value, bool) or value is None:
        return int(value or 0)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _wrap(value)
    return 1 if value else 0


def truthy(value: Value) -> bool:
    """Return PHP's cast to bool: the text ``0`` is false, the text ``0.0`` is true."""
    return value != "0" if value and isinstance(value, str) else bool(value)


def array_key(key: Key) -> Key:
    """Return the key under which a PHP array stores this one: decimal text becomes a number."""
    if isinstance(key, int) or not _INTEGER_KEY.match(key):
        return key
    number = int(key)
    return number if INT_MIN <= number <= INT_MAX else key


def entries(value: Value) -> list[tuple[Key, Value]] | None:
    """Return an array's keys and values in their order, or None for what is no array."""
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, dict):
        return list({array_key(key): item for key, item in value.items()}.items())
    return None


def _wrap(number: float) -> int:
    # 64-bit PHP takes an out-of-range float modulo 2**64; that changed to this in PHP 7.
    if not math.isfinite(number):
        return 0
    return (int(number) + 2**63) % 2**64 - 2**63


def _int_of_text(text: str) -> int:
    match = _NUMBER.match(text)
    if not match:
        return 0
    sign, digits, fraction = match.groups()
    exponent = _EXPONENT.match(text, match.end())
    if digits and fraction is None and exponent is None:
        significant = digits.lstrip("0")
        if len(significant) <= 19:
            return _saturate(int(sign + (significant or "0")))
    # A text saturates where a JSON number wraps; an infinite one is 0 all the same.
    number = float(text[: (exponent or match).end()])
    return _saturate(int(number)) if math.isfinite(number) else 0


def _saturate(number: int) -> int:
    return max(INT_MIN, min(INT_MAX, number))


class JsonError(ValueError):
    """What PHP's ``json_decode`` answers with null and an error."""


def json_decode(data: bytes) -> Value:
    """Decode JSON as ``json_decode($data, true)`` does; raise JsonError where it fails."""
    try:
        text = data.decode("utf-8")
        if _too_deep(text):
            raise JsonError("too deep")
        value: Value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise JsonError(str(error)) from None
    # json_decode refuses a lone half of a surrogate pair; Python's decoder lets it through.
    if "\\u" in text and _has_lone_surrogate(value):
        raise JsonError("lone surrogate")
    return value


def _integer(literal: str) -> int | float:
    # json_decode makes a float of an integer that does not fit into 64 bits.
    if len(literal) < 19:
        return int(literal)
    number = int(literal) if len(literal) <= 20 else INT_MAX + 1
    return number if INT_MIN <= number <= INT_MAX else float(literal)


def _no_constant(name: str) -> float:
    raise JsonError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_constant=_no_constant)


def _too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= _JSON_DEPTH:
        return False
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > _JSON_DEPTH:
            return True
    return False


def _has_lone_surrogate(value: Value) -> bool:
    pending: list[Value] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str) and _LONE_SURROGATE.search(item):
            return True
        if isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return False


def parse_form(text: str) -> Array:
    """Read a query string or urlencoded body as PHP's ``parse_str`` does.

    The last of several equal names wins, ``a[]`` and ``a[k]`` make arrays, and bytes that are not
    UTF-8 survive as surrogate escapes.
    """
    result: Array = {}
    pairs = [pair for pair in text.split("&") if pair]
    for pair in pairs[:_MAX_VARIABLES]:
        name, _, value = pair.partition("=")
        register(result, url_decode(name), url_decode(value))
    return result


def url_decode(text: str) -> str:
    """Decode ``+`` and ``%XX``; what is no valid escape stays as it is."""
    if "%" in text:
        raw = unquote_to_bytes(text.replace("+", " ").encode("utf-8", "surrogateescape"))
        return raw.decode("utf-8", "surrogateescape")
    return text.replace("+", " ")


def register(result: Array, name: str, value: Value) -> None:
    """Store a variable under its name as PHP's ``php_register_variable_ex`` does."""
    name = name.split("\0", 1)[0].lstrip(" ")
    base, bracket, rest = name.partition("[")
    base = _without_dots(base)
    if not base:
        return
    if not bracket:
        result[array_key(base)] = value
        return
    path, broken = _path_of(rest)
    if broken is not None and not path:
        result[array_key(f"{base}_{_without_dots(broken)}")] = value
    elif len(path) > _MAX_NESTING:
        result.pop(array_key(base), None)
    else:
        _store(result, [base, *path], value)


def _without_dots(name: str) -> str:
    return name.replace(" ", "_").replace(".", "_").replace("[", "_")


def _path_of(rest: str) -> tuple[list[str | None], str | None]:
    # `rest` begins after a "["; None in the path stands for "[]". The second item is the text
    # after a bracket that is never closed.
    path: list[str | None] = []
    while True:
        if rest[:1] == "]" or (rest[:1] in _ISSPACE and rest[1:2] == "]"):
            path.append(None)
            rest = rest[rest.index("]") + 1 :]
        else:
            key, closed, after = rest.partition("]")
            if not closed:
                return path, rest
            path.append(key)
            rest = after
        if rest[:1] != "[":
            return path, None
        rest = rest[1:]


_ISSPACE: Final = frozenset(" \t\n\r\v\f")


def _store(result: Array, path: list[str | None], value: Value) -> None:
    target = result
    for part in path[:-1]:
        key = _next_index(target) if part is None else array_key(part)
        if key is None:
            return
        inner = target.get(key)
        if not isinstance(inner, dict):
            inner = target[key] = {}
        target = inner
    key = _next_index(target) if path[-1] is None else array_key(path[-1])
    if key is not None:
        target[key] = value


def _next_index(array: Array) -> int | None:
    numbers = [key for key in array if isinstance(key, int)]
    following = max(numbers) + 1 if numbers else 0
    return following if following <= INT_MAX else None
