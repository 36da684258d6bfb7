"""What a client put on the wire: its calls, read out of whatever form it chose for them.

Known clients send JSON, forms, forms as text/plain, multipart, queries, and any of these as
strings within a `batch`; the answer to each call is read from the same exchange.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from b24_conformance.exchange import Exchange, Request
from b24_conformance.probe import JOIN
from b24_conformance.transcript import Observation

BATCH = "batch"
TOKEN = "oauth/token"
_SUFFIX = re.compile(r"\.(?:json|xml)\Z", re.IGNORECASE)
_NESTED = re.compile(r"([^\[]+)\[([^\]]*)\]")
_XML_ERROR = re.compile(r"<error>([^<]*)</error>")
_XML_SUCCESS = re.compile(r"<result>(?:1|true)</result>")
Answer = tuple[str, str | None]
SUCCESS: Answer = ("joined", None)
Parameters = dict[str, Any]


class WireCall(NamedTuple):
    """One call of one method: `name` as sent, its parameters, and what it was answered.

    `answer` is success, a refusal with its code, or None for anything else. `batched` tells that
    it was a command of a batch.
    """

    exchange: Exchange
    name: str
    parameters: Parameters
    answer: Answer | None
    batched: bool = False

    @property
    def method(self) -> str:
        """The method's name, in lower case and without a suffix."""
        return _SUFFIX.sub("", self.name).lower()

    @property
    def joins(self) -> bool:
        """Whether this is a call of the join."""
        return self.method == JOIN

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer."""
        return self.exchange.response.status if self.exchange.response else None


def calls(observation: Observation) -> list[WireCall]:
    """Every call behind an observation, batches taken apart, in their order."""
    return [call for exchange in observation.exchanges for call in calls_of(exchange)]


def joins(observation: Observation) -> list[WireCall]:
    """The calls of the join behind an observation."""
    return [call for call in calls(observation) if call.joins]


def calls_of(exchange: Exchange) -> Iterator[WireCall]:
    """The calls in one exchange; none in a preflight."""
    request = exchange.request
    name = _name(request.target)
    if not name or request.verb == "OPTIONS":
        return
    found = parameters(request)
    body = _body(exchange)
    call = WireCall(exchange, name, found, _answer(body, exchange))
    if call.method != BATCH:
        yield call
        return
    results = body.get("result") if isinstance(body, dict) else None
    for key, command in commands(found):
        method, _, query = command.partition("#")[0].partition("?")
        whole = _answer(body, exchange)  # the batch itself may have been refused
        answer = _answer_in_batch(results, key) if whole is None else whole
        yield WireCall(exchange, method.lstrip("/"), _form(query), answer, batched=True)


def parameters(request: Request) -> Parameters:
    """The parameters of a request: the query's, and over them the body's."""
    found = _form(request.target.partition("#")[0].partition("?")[2])
    if request.verb != "GET" and request.body:
        found.update(_in_body(request))
    return found


def commands(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The commands of a batch with their keys."""
    listed = next((value for key, value in found.items() if key.lower() == "cmd"), None)
    pairs = enumerate(listed) if isinstance(listed, list) else ()
    for key, command in listed.items() if isinstance(listed, dict) else pairs:
        if isinstance(command, str):
            yield str(key), command


def _name(target: str) -> str:
    path = re.sub(r"\Ahttps?://[^/]*", "", target.partition("?")[0])
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if [segment.lower() for segment in segments] == TOKEN.split("/"):
        return TOKEN
    if segments[:1] != ["rest"]:
        return ""
    return segments[-1] if len(segments) in (2, 4) else ""


def _in_body(request: Request) -> Parameters:
    kind = next((v for k, v in request.headers if k.lower() == "content-type"), "")
    if "multipart/form-data" in kind.lower():
        return _multipart(kind, request.body)
    if "json" in kind.lower() or request.body.lstrip()[:1] in ("{", "["):
        value = _decoded(request.body)
        return dict(value) if isinstance(value, dict) else {}
    return _form(request.body)


def _form(text: str) -> Parameters:
    """A form as PHP reads it: the last of equal names wins, brackets nest."""
    found: Parameters = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        nested = _NESTED.match(name)
        if not nested:
            found[name] = value
            continue
        inner = found.setdefault(nested[1], {})
        if isinstance(inner, dict):
            inner[nested[2] or str(len(inner))] = value
    return found


def _multipart(kind: str, body: str) -> Parameters:
    head = f"Content-Type: {kind}\r\n\r\n"
    message = message_from_bytes((head + body).encode("utf-8", "surrogateescape"))
    found: Parameters = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            found[name] = data.decode("utf-8", "replace")
    return found


def _body(exchange: Exchange) -> Any:
    return _decoded(exchange.response.body) if exchange.response else None


@lru_cache(maxsize=1024)
def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _answer(body: Any, exchange: Exchange) -> Answer | None:
    if isinstance(body, dict):
        if "error" in body:
            known = isinstance(body["error"], str) and "result" not in body
            return ("refused", body["error"]) if known else None
        sound = body.get("result") is True and _status(exchange) == 200
        return SUCCESS if sound else None
    text = exchange.response.body if exchange.response else ""
    if not text.startswith("<response>"):
        return None
    if error := _XML_ERROR.search(text):
        return ("refused", error[1])
    return SUCCESS if _XML_SUCCESS.search(text) else None


def _status(exchange: Exchange) -> int | None:
    return exchange.response.status if exchange.response else None


def _answer_in_batch(results: Any, key: str) -> Answer | None:
    if not isinstance(results, dict):
        return None
    error = _item(results.get("result_error"), key)
    if isinstance(error, dict) and isinstance(error.get("error"), str):
        return ("refused", error["error"])
    return SUCCESS if _item(results.get("result"), key) is True else None


def _item(items: Any, key: str) -> Any:
    if isinstance(items, list):
        return items[int(key)] if key in map(str, range(len(items))) else None
    return items.get(key) if isinstance(items, dict) else None
