"""Fields of a ``multipart/form-data`` body, read as PHP reads them into ``$_POST``."""

from __future__ import annotations

import re
from typing import Final

from b24_conformance.reference.php import Array, register

_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]*)"|([^;,\s]+))', re.IGNORECASE)
_NAME: Final = re.compile(rb'[;\s]name=(?:"([^"]*)"|([^;\s]+))', re.IGNORECASE)
_FILE: Final = re.compile(rb"[;\s]filename=", re.IGNORECASE)


def parse_multipart(content_type: str, body: bytes) -> Array:
    """Return the fields of the form; files and parts without a name are left out."""
    result: Array = {}
    match = _BOUNDARY.search(content_type)
    if not match:
        return result
    boundary = (match[1] or match[2] or "").encode("utf-8", "replace")
    if not boundary:
        return result
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    for part in parts[1:]:
        if part.startswith(b"--"):
            break
        _read_part(result, part)
    return result


def _read_part(result: Array, part: bytes) -> None:
    head, blank, content = part.partition(b"\r\n\r\n")
    disposition = _disposition(head)
    name = _NAME.search(disposition)
    if not blank or not name or _FILE.search(disposition):
        return
    text = name[1] if name[1] is not None else name[2]
    register(result, _text(text), _text(content))


def _disposition(head: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == b"content-disposition":
            return value
    return b""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
