"""The parts of a HAR 1.2 file that are read, and how an entry becomes a request and a response."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec

from b24_conformance.errors import TranscriptError
from b24_conformance.exchange import Headers, Request, Response
from b24_conformance.implementations.http import response_of

_LARGEST = 200 * 1024 * 1024
_HINT = "export a HAR 1.2 with its contents from a browser or a proxy"
# Cookies and whatever else belongs to the caller are never kept.
_SENT = ("content-type", "authorization")
_CAME = ("content-type", "access-control-allow-origin", "location")


class Pair(msgspec.Struct):
    """A header or a parameter."""

    name: str = ""
    value: str | None = ""


class PostData(msgspec.Struct, rename="camel"):
    """A request's body."""

    mime_type: str | None = ""
    text: str | None = None
    params: list[Pair] | None = None


class HarRequest(msgspec.Struct, rename="camel"):
    """What was sent."""

    method: str
    url: str
    headers: list[Pair] = []
    post_data: PostData | None = None


class Content(msgspec.Struct):
    """A response's body; exports without contents leave `text` out."""

    text: str | None = None
    encoding: str | None = None
    size: float | None = -1


class HarResponse(msgspec.Struct):
    """What came; status 0 where nothing did."""

    status: int = 0
    headers: list[Pair] = []
    content: Content = msgspec.field(default_factory=Content)


class Entry(msgspec.Struct):
    """One exchange; `time` is in milliseconds."""

    request: HarRequest
    response: HarResponse = msgspec.field(default_factory=HarResponse)
    time: float | None = 0.0

    def sent(self) -> Request:
        """The request, to the letter as far as the file tells."""
        parts = urlsplit(self.request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = _kept(self.request.headers, _SENT)
        post = self.request.post_data
        if post is None:
            return Request(self.request.method.upper(), target, headers)
        kind = post.mime_type or ""
        if kind and "content-type" not in {name.lower() for name, _ in headers}:
            headers = (*headers, ("Content-Type", kind))
        body, headers = (post.text, headers) if post.text else _rebuilt(post, kind, headers)
        return Request(self.request.method.upper(), target, headers, body)

    def came(self) -> Response | None:
        """The response; None where the file holds none. ValueError where it is no text.

        WireError where no reader may be given it.
        """
        content = self.response.content
        unsaved = content.text is None and content.size != 0
        if not self.response.status or (unsaved and self.response.status != 204):
            return None
        text = content.text or ""
        if content.encoding == "base64":
            try:
                data = base64.b64decode(text, validate=True)
            except binascii.Error:
                raise ValueError("a body that is no base64") from None
        else:
            data = text.encode("utf-8", "surrogatepass")
        return response_of(self.response.status, _kept(self.response.headers, _CAME), data)


class Log(msgspec.Struct):
    """The file's one object."""

    entries: list[Entry]


class Har(msgspec.Struct):
    """A whole file."""

    log: Log


def _kept(headers: list[Pair], names: tuple[str, ...]) -> Headers:
    return tuple((one.name, one.value or "") for one in headers if one.name.lower() in names)


def _rebuilt(post: PostData, kind: str, headers: Headers) -> tuple[str, Headers]:
    """The body out of its parameters, where the file holds nothing else of it."""
    pairs = [(one.name, one.value or "") for one in post.params or ()]
    if "multipart" not in kind.lower():
        return urlencode(pairs), headers
    parts = "".join(
        f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    )
    others = tuple(pair for pair in headers if pair[0].lower() != "content-type")
    return f"{parts}--part--\r\n", (*others, ("Content-Type", "multipart/form-data; boundary=part"))


def is_har(path: Path) -> bool:
    """Whether the file calls itself a HAR, or begins like one."""
    try:
        with path.open("rb") as file:
            start = file.read(200)
    except OSError:
        start = b""
    return path.suffix.lower() == ".har" or bool(re.match(rb'\s*\{\s*"log"\s*:', start))


def read_entries(path: Path) -> list[Entry]:
    """The entries of the file; TranscriptError says why it is no HAR."""
    try:
        if path.stat().st_size > _LARGEST:
            raise TranscriptError(f"{path.name} is larger than {_LARGEST // 2**20} MiB")
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        return msgspec.json.decode(data, type=Har).log.entries
    except OSError as error:
        raise TranscriptError(f"{path} cannot be read: {error.strerror}", hint=_HINT) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TranscriptError(f"{path.name} is no HAR: {error}", hint=_HINT) from None
