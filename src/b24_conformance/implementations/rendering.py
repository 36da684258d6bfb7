"""Renders probes into HTTP requests, to the letter."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus, urlencode

from b24_conformance.exchange import Headers, Request
from b24_conformance.implementations.keyring import Keyring
from b24_conformance.probe import JOIN, Probe, Step

_BOUNDARY = "b24-conformance-boundary"
_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": f"multipart/form-data; boundary={_BOUNDARY}",
    "text": "text/plain;charset=UTF-8",
}
_STYLED = {
    ("multipart", "unquoted"): f'multipart/form-data; boundary="{_BOUNDARY}"',
    ("json", "spelt"): "application/json; charset=utf-8",
    # PHP itself reads forms, in any case; of JSON the old kernel knows one spelling only.
    ("form", "spelt"): "Application/x-www-form-urlencoded; charset=UTF-8",
}
# A file beside the fields is none of them. RFC 7578 forbids the `filename*` that .NET adds.
_FILE = (
    f"--{_BOUNDARY}\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; "
    "name=attachment; filename=note.txt\r\n\r\nA note\r\n\r\nof two lines\r\n"
)
# What a browser asks before it sends JSON from a page of another origin.
_PREFLIGHT: Headers = (
    ("Origin", "https://example.com"),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "content-type"),
)
_ACCEPT = ("Accept", "application/json")
Pairs = list[tuple[str, str]]


def render(probe: Probe, keyring: Keyring) -> Request:
    """The request of one probe."""
    probe = keyring.settled(probe)
    asking = probe.asking
    token = keyring.token_of(probe.operator, asking)
    in_body = token if asking.place == "oauth_body" else None
    in_query = token if asking.place == "oauth_query" else None
    headers: Headers = (_ACCEPT,)
    if asking.place in ("bearer", "webhook") and token is not None:
        scheme = "bearer" if asking.style == "lower" else "Bearer"
        headers = (*headers, ("Authorization", f"{scheme} {token}".rstrip()))
    target = _path(probe, keyring) + _query(probe, in_query)
    if asking.verb == "OPTIONS":
        return Request(asking.verb, target, _PREFLIGHT)
    if asking.verb == "GET" or asking.encoding == "query":
        return Request(asking.verb, target, headers)
    kind = _STYLED.get((asking.encoding, asking.style)) or _TYPES[asking.encoding]
    headers = (*headers, ("Content-Type", kind))
    return Request("POST", target, headers, _body(probe, in_body))


def render_batch(step: Step, keyring: Keyring) -> Request:
    """The request of a batch, in which each probe of the step is a command."""
    first = keyring.settled(step[0])
    items = dict(zip(item_keys(step), map(_command, step), strict=True))
    token = keyring.token_of(first.operator, first.asking)
    listed, halts = _in_list(step), int(first.asking.style == "halting")
    commands = list(items.values()) if listed else items
    beside = {"CHAT_ID": chat} if (chat := _beside(step)) else {}
    fields = {"halt": halts, "cmd": commands, **beside, **({"auth": token} if token else {})}
    target = f"{keyring.path_of(first.operator, first.asking)}batch.json"
    if first.asking.verb == "GET":
        return Request("GET", f"{target}?{_nested(items, token)}", (_ACCEPT,))
    if first.asking.style == "form":
        headers = (_ACCEPT, ("Content-Type", _TYPES["form"]))
        return Request("POST", target, headers, _nested(items, token))
    headers = (_ACCEPT, ("Content-Type", _TYPES["json"]))
    return Request("POST", target, headers, json.dumps(fields, separators=(",", ":")))


def item_keys(step: Step) -> list[str]:
    """Under which keys a batch answers the probes of a step: those of a list are its places."""
    prefix = "" if _in_list(step) else "c"
    return [f"{prefix}{place}" for place in range(len(step))]


def _in_list(step: Step) -> bool:
    return step[0].asking.style in ("list", "halting", "long")


def _beside(step: Step) -> str | None:
    """The last CHAT_ID of a list once more, where no command should find it."""
    named = [probe.chat_id for probe in step if probe.chat_id and probe.asking.style == "list"]
    return named[-1] if named else None


def _nested(items: dict[str, str], token: str | None) -> str:
    """A batch as a form; what the commands have escaped is escaped once more."""
    commands = [(f"cmd[{key}]", command) for key, command in items.items()]
    return urlencode([("halt", "0"), *commands, *([("auth", token)] if token else [])])


def _command(probe: Probe) -> str:
    query = _urlencoded(_pairs(probe))
    return f"{probe.method}?{query}" if query else probe.method


def _path(probe: Probe, keyring: Keyring) -> str:
    asking = probe.asking
    method = asking.spelling if probe.method == JOIN else probe.method
    prefix = keyring.path_of(probe.operator, asking)
    double = "/" if asking.slashes == "double" else ""
    trailing = "/" if asking.slashes == "trailing" else ""
    return f"{prefix}{double}{method}{asking.suffix}{trailing}"


def _query(probe: Probe, token: str | None) -> str:
    pieces = []
    if probe.asking.encoding == "query":
        pieces.append((probe.chat_id or "") if probe.raw else _urlencoded(_pairs(probe)))
    if probe.beside is not None:
        pieces.append(_urlencoded([("CHAT_ID", probe.beside)]))
    if token:
        name = "access_token" if probe.asking.style == "access_token" else "auth"
        pieces.append(_urlencoded([(name, token)]))
    query = "&".join(piece for piece in pieces if piece)
    return f"?{query}" if query else ""


def _body(probe: Probe, token: str | None) -> str:
    if probe.raw:
        return probe.chat_id or ""
    if probe.asking.encoding == "json":
        spelt = probe.asking.style == "spelt"
        return _json_spelt(probe, token) if spelt else _json_body(probe, token)
    pairs = _pairs(probe) + ([("auth", token)] if token else [])
    if probe.asking.style == "unquoted":
        return _multipart_unquoted(pairs)
    if probe.asking.encoding == "multipart":
        return _multipart(pairs)
    return _urlencoded(pairs)


def _json_body(probe: Probe, token: str | None) -> str:
    members = [f"{json.dumps(key)}:{literal}" for key, literal in _pairs(probe)]
    if token:
        members.append(f'"auth":{json.dumps(token)}')
    return "{" + ",".join(members) + "}"


def _json_spelt(probe: Probe, token: str | None) -> str:
    """White space wherever there may be some, and an escape where none is needed."""
    pairs = [(json.dumps(key).replace("_", "\\u005f"), value) for key, value in _pairs(probe)]
    pairs += [('"auth"', json.dumps(token))] if token else []
    members = [f"\r\n\t{key} : {value}" for key, value in pairs]
    return "{" + " ,".join(members) + "\n}\n"


def _pairs(probe: Probe) -> Pairs:
    own = [] if probe.chat_id is None else [(probe.key, probe.chat_id)]
    return own + list(probe.extra)


def _urlencoded(pairs: Pairs) -> str:
    # A question mark needs no escape within a query (RFC 3986), and ends none.
    return "&".join(f"{quote(key, safe='[]')}={quote_plus(value, '?')}" for key, value in pairs)


def _multipart(pairs: Pairs) -> str:
    parts = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in pairs
    )
    return f"{parts}--{_BOUNDARY}--\r\n"


def _multipart_unquoted(pairs: Pairs) -> str:
    """As .NET's HttpClient writes a form, after a file."""
    parts = "".join(
        f"--{_BOUNDARY}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Disposition: form-data; name={key}\r\n\r\n{value}\r\n"
        for key, value in pairs
    )
    return f"{_FILE}{parts}--{_BOUNDARY}--\r\n"
