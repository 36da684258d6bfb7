"""How a conformant portal may word its answers: texts, JSON, numbers, dates, headers."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from b24_conformance.mutants.freedoms import Dates, Freedoms, Order, Text
from b24_conformance.reference import Portal, Response, State, default_state
from b24_conformance.reference.batch import Results
from b24_conformance.reference.formats import json_encode
from b24_conformance.reference.messages import Headers
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Passage

# The texts of the documentation, which differ from those of the vendor's language files.
_DOCUMENTED: Final = {
    "CHAT_ID": "The specified chat identifier is incorrect",
    "CHAT_TYPE": "The specified chat is not an Open Channel",
    "ACCESS_DENIED": "You cannot open this conversation as you do not have sufficient permissions",
    "INVALID_REQUEST": "Https required",
}
_TEXTS: Final[dict[Text, str]] = {
    "german": "Der Chat ist ungültig; größere Änderungen bräuchten Übermut",
    "empty": "",
    "markup": 'Chat <b>"42"</b> isn\'t open & ready <br/> <!-- {"result": true} -->',
    "emoji": "«Чат» 🚫 聊天 \u2028 \u0301 \U0001f468\u200d\U0001f4bb",
    "multiline": "first line\r\n\tsecond line \\ with a backslash / and a slash\x7f",
    "long": "The chat cannot be joined. " * 20,
}
_EXTRAS: Final[dict[str, Array]] = {
    "flat": {"request_id": "5f1c7a90", "status": "done", "errors": [], "success": 1},
    "nested": {"debug": {"trace": [{"result": False, "error": "none"}], "time": {"start": "0"}}},
    "null": {"next": None, "total": None, "error_information": None},
    "first": {"0": "an extra field", "": ""},
}
_ZONES: Final[dict[Dates, timedelta]] = {
    "moscow": timedelta(hours=3),
    "india": timedelta(hours=5, minutes=30),
    "newfoundland": -timedelta(hours=3, minutes=30),
    "fraction": timedelta(hours=1),
    "basic-offset": timedelta(hours=3),
}
_JSON_TYPES: Final = {
    "usual": "application/json; charset=utf-8",
    "spaceless": "application/json;charset=UTF-8",
    "quoted": 'application/json; charset="utf-8"',
    "absent": "application/json",
    "capitals": "Application/JSON; Charset=UTF-8",
    "more": "application/json; charset=utf-8; boundary=none",
}
_MORE: Final[dict[str, Headers]] = {
    "cookies": (
        ("Set-Cookie", "PHPSESSID=hq3k0r5; path=/; HttpOnly"),
        ("Set-Cookie", "qmb=0.; path=/"),
        ("P3P", 'policyref="/bitrix/p3p.xml", CP="NON DSP COR"'),
        ("X-Powered-CMS", "Bitrix Site Manager (5bcd01)"),
    ),
    "edge": (
        ("Server", "nginx/1.26.2"),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", "no-store, no-cache, must-revalidate"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubdomains"),
        ("X-Request-Id", "0b8c2f6e-5a7d-4b43-9f8f-1c41f3b6d9ad"),
        ("Via", "1.1 edge"),
    ),
}
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_TEXT: Final = re.compile(r"(?<=>)[^<&]+")
_LETTER: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[A-Za-z]")


class Wording(Portal):
    """Words the reference portal's answers in other, equally sound ways."""

    def __init__(self, freedoms: Freedoms, state: State | None = None) -> None:
        self.freedoms = freedoms
        language = "ru" if freedoms.text == "russian" else "en"
        world = state or default_state()
        super().__init__(dataclasses.replace(world, kernel=freedoms.kernel, language=language))

    def departs(self, name: str) -> bool:
        """Tell whether the portal goes its own way where no source binds it."""
        return name in self.freedoms.departures

    def success_envelope(self, result: Value, times: Array) -> Array:
        """Return a success, with further fields and without `time` as the portal likes."""
        envelope = super().success_envelope(result, times)
        if "time" in self.freedoms.lacks:
            del envelope["time"]
        return self._with_extras(envelope)

    def refusal_envelope(self, refused: RefusedError) -> Array:
        """Return a refusal in the portal's words."""
        text = _TEXTS.get(self.freedoms.text, refused.text)
        if self.freedoms.text == "documented":
            text = _DOCUMENTED.get(refused.code, refused.text)
        envelope: Array = {"error": refused.code, "error_description": text}
        if self.freedoms.extra == "refused-time":
            envelope["time"] = {}
        return self._with_extras(envelope)

    def _with_extras(self, envelope: Array) -> Array:
        extras = _EXTRAS.get(self.freedoms.extra, {})
        if self.freedoms.extra == "first":
            return {**extras, **envelope}
        return {**envelope, **extras}

    def time_numbers(self, started: float, finished: float) -> tuple[float, float]:
        """Return start and processing as whole or as fractional seconds."""
        if self.freedoms.numbers == "integers":
            return int(started), 0
        if self.freedoms.numbers == "floats":
            return float(started), max(0.0, finished - started)
        return super().time_numbers(started, finished)

    def time_object(self, started: float, finished: float) -> Array:
        """Return `time` with the portal's zone, precision and operating fields."""
        times = super().time_object(started, finished)
        if self.freedoms.numbers == "integers":
            times.update({"finish": int(finished), "duration": int(finished) - int(started)})
        for name, moment in (("date_start", started), ("date_finish", finished)):
            times[name] = _date(moment, self.freedoms.dates)
        return self._with_operating(times)

    def _with_operating(self, times: Array) -> Array:
        kind = self.freedoms.operating
        if kind in ("operating", "none"):
            del times["operating_reset_at"]
        if kind == "none":
            del times["operating"]
        if kind == "fraction":
            times["operating"] = 3.3076241016387939
        if self.freedoms.extra != "none":
            times["zone"] = "Europe/Berlin"
        return times

    def batch_envelope(self, results: Results) -> Value:
        """Return a batch's maps, empty ones as PHP writes them or as objects."""
        envelope = super().batch_envelope(results)
        if self.freedoms.batch_shape == "objects" and isinstance(envelope, dict):
            return {name: maps or {} for name, maps in envelope.items()}
        return envelope

    def respond(self, status: int, envelope: Value, passage: Passage, finished: float) -> Response:
        """Answer with the headers in the portal's spelling and order."""
        response = super().respond(status, envelope, passage, finished)
        headers = [*response.headers, *_MORE.get(self.freedoms.more_headers, ())]
        if self.freedoms.more_headers == "edge":
            headers += _by_status(status)
        return Response(status, self._spelled(headers), response.body)

    def headers(self, passage: Passage, finished: float) -> Headers:
        """Leave out what a portal without the cloud's module, or without CORS, does not send."""
        kept = []
        for name, value in super().headers(passage, finished):
            bare = self.freedoms.more_headers == "bare" and name.startswith("X-")
            closed = "cors" in self.freedoms.lacks and name.startswith("Access-Control-")
            if not bare and not closed:
                kept.append((name, self._content_type(passage) if "Type" in name else value))
        return tuple(kept)

    def _content_type(self, passage: Passage) -> str:
        kind = _JSON_TYPES[self.freedoms.charset]
        if passage.transport == "xml":
            return re.sub("application/json", "text/xml", kind, flags=re.IGNORECASE)
        return "text/plain; charset=utf-8" if self.departs("other-types") else kind

    def _spelled(self, headers: list[tuple[str, str]]) -> Headers:
        if self.freedoms.header_case != "usual":
            lower = self.freedoms.header_case == "lower"
            headers = [(n.lower() if lower else n.upper(), value) for n, value in headers]
        if self.freedoms.header_lines == "wide":
            headers = [(name, f"  {value} \t") for name, value in headers]
        if self.freedoms.header_lines == "split":
            headers = [line for name, value in headers for line in _lines(name, value)]
        return tuple(headers[::-1] if self.freedoms.headers_reversed else headers)

    def render_json(self, envelope: Value) -> bytes:
        """Write JSON in another order, with other escapes and other white space."""
        freedoms = self.freedoms
        value = ordered(envelope, freedoms.order)
        plain = freedoms.escapes == "kernel" and freedoms.layout == "compact"
        if plain and freedoms.numbers != "floats":
            return json_encode(value, escape_unicode=freedoms.kernel == "old").encode()
        return self._laid_out(self._escaped(value)).encode()

    def render_xml(self, envelope: Value) -> bytes:
        """Write XML with a declaration, white space, `true` or character references."""
        text = super().render_xml(ordered(envelope, self.freedoms.order)).decode()
        if self.departs("xml-word"):
            text = text.replace("<result>1</result>", "<result>true</result>", 1)
        match self.freedoms.xml:
            case "declared":
                text = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
            case "pretty":
                text = re.sub(r"(?<=>)(?=<(?!/))|(?<=>)(?=</response>)", "\n  ", text)
            case "references":
                text = _TEXT.sub(lambda m: f"&#{ord(m[0][0])};{m[0][1:]}", text)
        return text.encode()

    def _escaped(self, value: Value) -> str:
        escapes, layout = self.freedoms.escapes, self.freedoms.layout
        ascii_only = escapes in ("ascii", "letters") or self.freedoms.kernel == "old"
        indents: dict[str, int | str] = {"pretty": 4, "tabs": "\t"}
        separators = (",", ":") if layout in ("compact", "padded") else None
        text = json.dumps(
            value,
            ensure_ascii=ascii_only and escapes != "raw",
            indent=indents.get(layout),
            separators=separators,
        )
        if escapes == "slashes":
            return text.replace("/", "\\/")
        return _STRING.sub(_spelled_out, text) if escapes == "letters" else text

    def _laid_out(self, text: str) -> str:
        match self.freedoms.layout:
            case "padded":
                return f"\r\n  {text}\n\n"
            case "tabs":
                return text.replace("\n", "\r\n") + "\n"
        return text


def ordered(value: Value, order: Order) -> Value:
    """A value with the fields of its objects in another order."""
    if isinstance(value, list):
        return [ordered(item, order) for item in value]
    if not isinstance(value, dict) or order == "usual":
        return value
    items = [(key, ordered(item, order)) for key, item in value.items()]
    if order == "reversed":
        return dict(items[::-1])
    return dict(sorted(items, key=lambda pair: str(pair[0])))


def _lines(name: str, value: str) -> list[tuple[str, str]]:
    """A header that is a list, one line an item."""
    several = name.lower() == "access-control-allow-headers"
    return [(name, item) for item in (value.split(", ") if several else [value])]


def _spelled_out(token: re.Match[str]) -> str:
    return _LETTER.sub(lambda m: m[0] if m[0].startswith("\\") else f"\\u{ord(m[0]):04x}", token[0])


def _by_status(status: int) -> list[tuple[str, str]]:
    if status == 401:
        return [("WWW-Authenticate", 'Bearer realm="REST", error="invalid_token"')]
    return [("Retry-After", "1")] if status == 503 else []


def _date(moment: float, style: Dates) -> str:
    whole = datetime.fromtimestamp(int(moment), UTC)
    if style == "z":
        return whole.strftime("%Y-%m-%dT%H:%M:%SZ")
    local = whole.astimezone(timezone(_ZONES.get(style, timedelta())))
    if style == "fraction":
        return local.replace(microsecond=int(moment % 1 * 1e6)).isoformat(timespec="milliseconds")
    if style == "basic-offset":
        return local.strftime("%Y-%m-%dT%H:%M:%S%z")
    return local.isoformat()
