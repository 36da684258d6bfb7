"""Reads an outcome out of a response; pure, and strict about what counts as success."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from b24_conformance import strict_json, strict_xml
from b24_conformance.exchange import Response
from b24_conformance.outcome import JOINED, Outcome, broken

_SHOWN = 80


def read_join(response: Response, *, xml: bool = False) -> Outcome:
    """The outcome of a call of the join method (also of one item of a batch)."""
    if 300 <= response.status < 400:
        return broken("a redirect", response.status)
    if xml:
        return _read_xml(response)
    try:
        body = decode(response)
    except ValueError as error:
        return broken(str(error), response.status)
    return read_envelope(body, response.status)


def read_envelope(body: object, status: int) -> Outcome:
    """The outcome that a decoded JSON envelope holds."""
    if not isinstance(body, dict):
        return broken(f"not a JSON object but {_shown(body)}", status)
    if "error" in body and "result" in body:
        return broken("both `result` and `error`", status)
    if "error" in body:
        return _refusal(body["error"], status)
    if "result" not in body:
        return broken("neither `result` nor `error`", status)
    if body["result"] is not True:
        return broken(f"`result` is {_shown(body['result'])}, not boolean true", status)
    return JOINED if status == 200 else broken(f"`result` true with HTTP {status}", status)


def read_members(response: Response) -> Outcome:
    """The outcome of a question about who takes part in a chat."""
    try:
        body = decode(response)
    except ValueError as error:
        return broken(str(error), response.status)
    return read_members_envelope(body, response.status)


def read_members_envelope(body: object, status: int) -> Outcome:
    """The outcome that a decoded envelope with a list of participants holds."""
    told = body if isinstance(body, dict) else {}
    result = told.get("result")
    if isinstance(result, list) and all(_is_id(member) for member in result):
        members = tuple(int(member) for member in result)
        more = told.get("next") is not None
        return Outcome("members", status=status, members=members, more=more)
    return read_envelope(body, status)


def read_leave(response: Response) -> Outcome:
    """The outcome of leaving a chat."""
    outcome = read_join(response)
    return Outcome("left", status=200) if outcome == JOINED else outcome


def decode(response: Response) -> object:
    """The JSON value in the body; ValueError says what stands there instead."""
    if response.encoding != "utf-8":
        raise ValueError("a body that is not UTF-8")
    text = response.body
    if not text.strip():
        raise ValueError("an empty body")
    if text.startswith("\ufeff"):
        raise ValueError("a byte order mark before the JSON")
    try:
        return strict_json.decode(text)
    except ValueError:
        kind = "HTML" if looks_like_html(response) else "a body that is not JSON"
        raise ValueError(kind) from None


def looks_like_html(response: Response) -> bool:
    """Whether the response is a page for people."""
    start = response.body.lstrip("\ufeff \t\r\n")[:200].lower()
    html = "text/html" in (response.header("content-type") or "").lower()
    return start.startswith(("<!doctype html", "<html", "<body", "<head")) or (
        html and start.startswith("<")
    )


def _refusal(code: object, status: int) -> Outcome:
    if not isinstance(code, str) or not code:
        return broken(f"`error` is {_shown(code)}, not a code", status)
    if status < 400:
        return Outcome("refused", code=code, status=status, detail="a refusal without its status")
    return Outcome("refused", code=code, status=status)


def _read_xml(response: Response) -> Outcome:
    text = response.body
    try:
        root = _parsed(text)
    except ValueError as error:
        return broken("HTML" if looks_like_html(response) else str(error), response.status)
    return _read_root(root, response.status)


def _parsed(text: str) -> ElementTree.Element:
    root = strict_xml.decode(text)
    if root.tag != "response":
        raise ValueError(f"XML whose root is <{root.tag}>, not <response>")
    return root


def _read_root(root: ElementTree.Element, status: int) -> Outcome:
    error, result = root.findtext("error"), root.find("result")
    if error is not None and result is not None:
        return broken("both <result> and <error>", status)
    if error is not None:
        return _refusal(error, status)
    if result is None or len(result) or (result.text or "") not in ("1", "true"):
        return broken("neither a true <result> nor an <error>", status)
    return JOINED if status == 200 else broken(f"a true <result> with HTTP {status}", status)


def _is_id(value: object) -> bool:
    digits = isinstance(value, str) and value.isascii() and value.isdigit()
    return digits or (isinstance(value, int) and not isinstance(value, bool))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
