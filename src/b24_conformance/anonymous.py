"""Answers without what is somebody's own: names, texts, times and foreign fields are left out.

What is left has the same shape: the same fields of the contract with values of the same types,
so that a judge finds in it what he found before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from b24_conformance import echoes, strict_json, strict_xml
from b24_conformance.exchange import Headers, Request, Response

GONE = "…"
SOME_DAY = "1970-01-01T00:00:00+00:00"
ANOTHER_DAY = "1970-01-02T00:00:00+00:00"
ANOTHER_YEAR = "1990-01-01T00:00:00+00:00"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;\s*charset\s*=\s*\"?[\w-]+\"?)?", re.ASCII)
_NUMBERS = ("start", "finish", "duration", "processing", "operating", "operating_reset_at")
_DATES = ("date_start", "date_finish")
_MAPS = ("result", "result_error", "result_total", "result_next", "result_time")
_OUTCOMES = frozenset({"result", "error"})
_FIELDS = frozenset({"result", "error", "error_description", "time", *_MAPS})
_ITEM = re.compile(r"c\d{1,3}")
_LONGEST_LIST = 3
# An element without others in it, and any tag.
_LEAF = re.compile(r"<([\w-]+)>[^<>]*</\1>|<[\w-]+/>")
_TAG = re.compile(r"<[^<>]*>")
# As numbers may be cut to whole seconds; and beyond the other they are all the same.
_CUT, _FAR, _YEAR = 1.001, 1e18, 366 * 86400
# Names that say nothing of anybody, and that a judge looks for.
_ORIGINS = ("*", "https://example.com")
_ALLOWED = ("*", "origin", "content-type", "accept")


def code(text: str) -> str:
    """A code of the contract's kind as it is; any other text as one that says nothing."""
    return text if _CODE.fullmatch(text) else GONE if text else ""


def response(given: Response, request: Request) -> Response:
    """`given` with the headers and the body that judging looks at, and nothing else."""
    body, encoding = given.body, given.encoding
    bare = "\xff" if encoding == "latin-1" else _body(body)
    headers = _headers(given.headers)
    # That the secret was echoed is a finding; where and how is nobody's business.
    hint: Headers = (("X-Echo", "[redacted]"),) if any(echoes.places(request, given)) else ()
    return Response(given.status, (*headers, *hint), bare, encoding)


def _headers(headers: Headers) -> Headers:
    kept = []
    for name, padded in headers:
        lower, value = name.lower(), padded.strip(" \t")
        if lower == "content-type":
            kept.append((name, value if _TYPE.fullmatch(value) else GONE if value else ""))
        elif lower == "access-control-allow-origin":
            kept.append((name, value if value in _ORIGINS else GONE))
        elif lower == "access-control-allow-headers":
            told = {one.strip().lower() for one in value.split(",")}
            kept.append((name, ", ".join(one for one in _ALLOWED if one in told)))
    return tuple(kept)


def _body(text: str) -> str:
    try:
        value = strict_json.decode(text)
    except ValueError:
        return _no_json(text)
    bare = json.dumps(_value(value), ensure_ascii=False)
    # Another value than any that is kept, ahead of the one that counts.
    twice = [f'"{name}":"{GONE}{GONE}",' for name in strict_json.ambiguous(text) & _OUTCOMES]
    return "{" + "".join(sorted(twice)) + bare[1:] if twice else bare


def _no_json(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<?xml", "<response")):
        between = _TAG.sub("", _LEAF.sub("", text)).strip()
        return f"<response>{GONE if between else ''}{_in_xml(text)}</response>"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    for tag in ("<!doctype", "<html", "<body", "<head", "<br", "<h1"):
        if start.startswith(tag):
            return f"{mark}{tag}>{GONE}"
    return mark + GONE if text.strip() else text.strip("\ufeff")[:1]


def _in_xml(text: str) -> str:
    """The elements of an answer in XML, as far as they are the contract's."""
    try:
        root = strict_xml.decode(text)
    except ValueError:
        return "<result/>"
    found = {name: root.find(name) for name in ("result", "error", "error_description", "time")}
    return "".join(
        f"<{name}>{_inside(name, element.text or '', len(element))}</{name}>"
        for name, element in found.items()
        if element is not None
    )


def _inside(name: str, text: str, fields: int) -> str:
    if name == "result" and text in ("1", "true"):
        return text
    if name == "time":
        return "<start/>" if fields else ""
    return _text(text, name)


def _value(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return _text(value, key)
    if _is_number(value):
        sign = (value > 0) - (value < 0)
        return float(sign) if isinstance(value, float) else sign
    if isinstance(value, list):
        return [_value(item) for item in value[:_LONGEST_LIST]]
    if not isinstance(value, dict):
        return value
    if key == "time" or "date_start" in value:
        return _time(value)
    return {
        name: _value(item, name)
        for name, item in value.items()
        if name in _FIELDS or _ITEM.fullmatch(name)
    }


def _text(text: str, key: str) -> str:
    if key == "error":
        return code(text)
    return GONE if text else ""


def _time(found: Mapping[str, Any]) -> dict[str, Any]:
    """The types of all fields, the order of the numbers, and none of the times."""
    times: dict[str, Any] = {}
    for name in (*_NUMBERS, *_DATES):
        value = found.get(name)
        if name not in found:
            continue
        if isinstance(value, str):
            times[name] = SOME_DAY if name in _DATES and _DATE.fullmatch(value) else GONE
        else:
            times[name] = _value(value)
    start, finish = found.get("start"), found.get("finish")
    if _is_number(start) and _is_number(finish):
        times["start"] = type(start)(0)
        times["finish"] = type(finish)((finish > start) - (finish < start))
        times.update(_misfits(found, _bounded(finish) - _bounded(start)))
    return times


def _misfits(found: Mapping[str, Any], took: float) -> dict[str, Any]:
    """What does not fit to so many seconds, told by values that do not fit either."""
    misfits: dict[str, Any] = {}
    duration, processing = found.get("duration"), found.get("processing")
    if _is_number(duration) and duration >= 0:
        if abs(_bounded(duration) - took) > _CUT:
            misfits["duration"] = type(duration)(9)
        if _is_number(processing) and _bounded(processing) > _bounded(duration) + _CUT:
            misfits["processing"] = type(processing)(99)
    try:
        begun, ended = (datetime.fromisoformat(str(found.get(name))) for name in _DATES)
        apart = (ended - begun).total_seconds()
    except (ValueError, TypeError):
        return misfits
    dates = all(_DATE.fullmatch(str(found[name])) for name in _DATES)
    if dates and abs(apart - took) > 2 * _CUT:
        misfits["date_finish"] = ANOTHER_DAY
    if dates and abs(_bounded(found["start"]) - begun.timestamp()) > _YEAR:
        misfits["date_start"] = ANOTHER_YEAR
    return misfits


def _bounded(number: float) -> float:
    return float(max(-_FAR, min(_FAR, number)))


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
