"""What a recorded request asked, as literally as it was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote, unquote_plus, urlsplit

from b24_conformance.exchange import Request
from b24_conformance.probe import JOIN, Asking, Encoding, Place, Probe

BATCH = "batch"
TOKENS = ("auth", "access_token")
# What browsers and SDKs add to every call; it belongs to the caller and not to the question.
_NOISE = re.compile(r"bx24_|sessid\Z|logTag\Z")
_SUFFIX = re.compile(r"\.(?:json|xml)\Z", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]*")
_ODD = re.compile(r"[\[\]. \x00]")
Pairs = list[tuple[str, str]]


class Route(NamedTuple):
    """A request's path taken apart; `user` and `secret` are a webhook's, or empty."""

    name: str
    suffix: str
    slashes: Literal["", "double", "trailing"]
    user: str
    secret: str

    @property
    def method(self) -> str:
        """The method in lower case."""
        return self.name.lower()


def route(url: str) -> Route | None:
    """The route of a REST call, or None for any other address."""
    path = urlsplit(url).path
    _, rest, after = path.partition("/rest/")
    pieces = [unquote(piece) for piece in after.split("/") if piece]
    if not rest or len(pieces) not in (1, 3):
        return None
    found = _SUFFIX.search(pieces[-1])
    suffix = found[0] if found else ""
    slashes: Literal["", "double", "trailing"] = ""
    if "//" in path:
        slashes = "double"
    elif path.endswith("/"):
        slashes = "trailing"
    user, secret = (pieces[0], pieces[1]) if len(pieces) == 3 else ("", "")
    return Route(_SUFFIX.sub("", pieces[-1]), suffix, slashes, user, secret)


class Asked(NamedTuple):
    """The parameters of a request: where CHAT_ID may stand, and the pairs around it.

    `pairs` are (name, literal): a JSON literal for JSON, the unencoded text otherwise. None
    where the text is not a plain list of them, so that only the whole of it tells.
    """

    encoding: Encoding
    text: str
    pairs: Pairs | None


def in_query(url: str) -> Asked:
    """The parameters in the URL."""
    query = urlsplit(url).query
    return Asked("query", query, form_pairs(query))


def in_body(request: Request) -> Asked | None:
    """The parameters in the body; None where there is none that a portal reads."""
    if request.verb != "POST" or not request.body:
        return None
    kind = next((v for k, v in request.headers if k.lower() == "content-type"), "").lower()
    text = request.body
    if "json" in kind:
        return Asked("json", text, json_pairs(text))
    if "multipart/form-data" in kind:
        return Asked("multipart", text, _multipart(request))
    encoding: Encoding = "form" if "urlencoded" in kind else "text"
    return Asked(encoding, text, form_pairs(text))


def form_pairs(text: str) -> Pairs | None:
    """The pairs of a form; None where PHP would read a name otherwise than it is written."""
    pairs = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    names = [name for name, _ in pairs if not _NOISE.match(name)]
    odd = any(_ODD.search(name) for name in names)
    return None if odd or len(set(names)) < len(names) else pairs


def json_pairs(text: str) -> Pairs | None:
    """The members of a JSON object with their literals; None where it is none, or names repeat."""
    try:
        pairs = list(_members(text))
    except (ValueError, IndexError, RecursionError):
        return None
    names = [name for name, _ in pairs]
    return pairs if len(set(names)) == len(names) else None


def _members(text: str) -> Iterator[tuple[str, str]]:
    decoder = json.JSONDecoder()
    place = _expect(text, 0, "{")
    if text[place] == "}":
        return
    while True:
        name, place = decoder.raw_decode(text, _blank(text, place))
        if not isinstance(name, str):
            raise ValueError("a name that is no text")
        start = _expect(text, place, ":")
        _, end = decoder.raw_decode(text, start)
        yield name, text[start:end]
        place = _blank(text, end)
        if text[place] == "}":
            if _blank(text, place + 1) < len(text):
                raise ValueError("text after the object")
            return
        place = _expect(text, place, ",")


def _blank(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _expect(text: str, place: int, char: str) -> int:
    place = _blank(text, place)
    if text[place] != char:
        raise ValueError(f"no {char}")
    return _blank(text, place + 1)


def _multipart(request: Request) -> Pairs | None:
    kind = next(v for k, v in request.headers if k.lower() == "content-type")
    head = f"Content-Type: {kind}\r\n\r\n"
    message = message_from_bytes((head + request.body).encode("utf-8", "surrogatepass"))
    parts: Any = message.get_payload() if message.is_multipart() else None
    if not isinstance(parts, list):
        return None
    pairs = []
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            return None
        pairs.append((name, data.decode("utf-8", "replace")))
    names = [name for name, _ in pairs]
    return None if any(map(_ODD.search, names)) or len(set(names)) < len(names) else pairs


def place_of(found: Route, request: Request, body: Asked | None, query: Asked) -> Place | None:
    """Where the credentials stand; None where none are seen: cookies and headers may be cut off."""
    if found.secret:
        return "webhook"
    headers = {name.lower(): value for name, value in request.headers}
    if headers.get("authorization", "").lower().startswith("bearer "):
        return "bearer"
    if body is not None and _token(body):
        return "oauth_body"
    return "oauth_query" if _token(query) else None


def _token(asked: Asked) -> bool:
    names = [name for name, _ in asked.pairs or ()]
    return any(name in TOKENS for name in names)


def probe_of(found: Route, request: Request, place: Place | None, operator: str) -> Probe:
    """The probe that a request of the join is."""
    query, body = in_query(request.target), in_body(request)
    asked = body or query
    asking = Asking(
        verb="GET" if request.verb == "GET" else "POST",
        encoding=asked.encoding,
        suffix=found.suffix,
        place=place or "webhook",
        spelling=JOIN if found.name == JOIN else found.name,
        slashes=found.slashes,
    )
    beside = dict(query.pairs or ()).get("CHAT_ID") if body else None
    return _asking(asked, asking, operator, beside)


def command_probe(query: str, operator: str, place: Place | None) -> Probe:
    """The probe that a command of a batch is."""
    asking = Asking(
        encoding="form",
        suffix="",
        place=place or "webhook",
        batch=True,
    )
    return _asking(Asked("form", query, form_pairs(query)), asking, operator, None)


def _asking(asked: Asked, asking: Asking, operator: str, beside: str | None) -> Probe:
    if asked.pairs is None:
        return Probe(asked.text, operator, asking, raw=True, beside=beside)
    own = [(k, v) for k, v in asked.pairs if k not in TOKENS and not _NOISE.match(k)]
    key = next((name for name, _ in own if name.upper() == "CHAT_ID"), "CHAT_ID")
    key = "CHAT_ID" if "CHAT_ID" in dict(own) else key
    extra = tuple(pair for pair in own if pair[0] != key)
    return Probe(dict(own).get(key), operator, asking, key=key, extra=extra, beside=beside)
