"""The text that PHP makes of an answer: JSON and XML."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from xml.sax.saxutils import escape as escape_xml

from b24_conformance.reference.php import Value

# JSON_HEX_TAG, _AMP, _APOS and _QUOT, the flags of the vendor's Json::encode.
_ESCAPES: Final[dict[int, str]] = {
    **{code: f"\\u{code:04x}" for code in range(0x20)},
    **dict(zip(b"\b\f\n\r\t", (r"\b", r"\f", r"\n", r"\r", r"\t"), strict=True)),
    **{ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&'\""},
    ord("/"): r"\/",
    ord("\\"): r"\\",
}
_RAW_ESCAPES: Final = {**_ESCAPES, 0x2028: r"\u2028", 0x2029: r"\u2029"}
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_XML_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z", re.ASCII)
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class WrongEncodingError(ValueError):
    """Raised for text that the old kernel cannot put into JSON."""


def json_encode(value: Value, *, escape_unicode: bool) -> str:
    """Return JSON as PHP writes it; other than ASCII is escaped on the old kernel only."""
    return _json(value, _escaped_text if escape_unicode else _raw_text)


def _json(value: Value, text: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return _json_float(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join([_json(item, text) for item in value])}]"
    fields = [f"{text(str(key))}:{_json(item, text)}" for key, item in value.items()]
    return f"{{{','.join(fields)}}}"


def _json_float(number: float) -> str:
    # serialize_precision -1, without JSON_PRESERVE_ZERO_FRACTION.
    return repr(number).removesuffix(".0").replace("e-0", "e-")


@lru_cache(maxsize=1024)
def _raw_text(text: str) -> str:
    readable = _SURROGATE.sub("\ufffd", text)
    return f'"{readable.translate(_RAW_ESCAPES)}"'


@lru_cache(maxsize=1024)
def _escaped_text(text: str) -> str:
    if _SURROGATE.search(text):
        raise WrongEncodingError
    return f'"{_NOT_ASCII.sub(_utf16_escapes, text.translate(_ESCAPES))}"'


def _utf16_escapes(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def xml_encode(value: Value) -> str:
    """Return an answer as the vendor's outputXml writes it: no declaration, no white space."""
    return f"<response>{_xml(value)}</response>"


def _xml(value: Value) -> str:
    if isinstance(value, dict):
        return "".join([_element(_xml_name(key), item) for key, item in value.items()])
    if isinstance(value, list):
        return "".join([_element("item", item) for item in value])
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    if isinstance(value, float):
        # PHP casts a float to text with precision 14, unlike in JSON.
        return f"{value:.14G}"
    return escape_xml(_NOT_XML.sub("\ufffd", str(value)), {'"': "&quot;", "'": "&#039;"})


def _element(name: str, value: Value) -> str:
    return f"<{name}>{_xml(value)}</{name}>"


def _xml_name(key: int | str) -> str:
    return key if isinstance(key, str) and _XML_NAME.match(key) else "item"
