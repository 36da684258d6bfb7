"""Answers that are right but for their bytes or headers."""

from __future__ import annotations

import dataclasses
import json

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.messages import Headers
from b24_conformance.reference.php import Value
from b24_conformance.reference.reading import Route
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Passage

faulty = of_kind("envelope")


class _Bytes(Portal):
    """Spoils the bytes of some JSON answers."""

    def render_json(self, envelope: Value) -> bytes:
        return self.spoil(super().render_json(envelope))

    def spoil(self, body: bytes) -> bytes:
        """Other bytes."""
        raise NotImplementedError


@faulty("envelope.json")
class ByteOrderMark(_Bytes):
    """A byte order mark stands before the JSON."""

    def spoil(self, body: bytes) -> bytes:
        return b"\xef\xbb\xbf" + body


@faulty("envelope.json")
class Utf16(_Bytes):
    """The JSON is written in UTF-16."""

    def spoil(self, body: bytes) -> bytes:
        return body.decode().encode("utf-16")


@faulty("envelope.json")
class Windows1251(_Bytes):
    """Texts are Russian, written in windows-1251."""

    def spoil(self, body: bytes) -> bytes:
        russian = '"error_description":"Указан не корректный идентификатор чата"}'
        head, mark, _ = body.decode().partition('"error_description"')
        return (head + russian).encode("cp1251") if mark else body


@faulty("envelope.json")
class NoticeBefore(_Bytes):
    """A notice of PHP stands before the JSON."""

    def spoil(self, body: bytes) -> bytes:
        return b"Deprecated: Implicit conversion from float in rest.php on line 1\n" + body


@faulty("robust.no-html")
class HtmlNoticeBefore(_Bytes):
    """A notice of PHP in HTML stands before the JSON of a refusal."""

    def spoil(self, body: bytes) -> bytes:
        notice = b"<br />\n<b>Warning</b>: Undefined array key in <b>rest.php</b><br />\n"
        return notice + body if b'"error"' in body else body


@faulty("envelope.json")
class TwoObjects(_Bytes):
    """The JSON is written twice."""

    def spoil(self, body: bytes) -> bytes:
        return body + body


@faulty("envelope.json")
class CutOff(_Bytes):
    """The last character of the JSON is missing."""

    def spoil(self, body: bytes) -> bytes:
        return body[:-1]


@faulty("envelope.json")
class EmptyBody(_Bytes):
    """A success has no body."""

    def spoil(self, body: bytes) -> bytes:
        return b"" if b'"result":true' in body else body


@faulty("envelope.json")
class BareResult(_Bytes):
    """A success is the value true alone, as the old documentation showed it."""

    def spoil(self, body: bytes) -> bytes:
        return b"true" if b'"result":true' in body else body


@faulty("envelope.json")
class BareCode(_Bytes):
    """A refusal is its code alone, as plain text."""

    def spoil(self, body: bytes) -> bytes:
        fields = json.loads(body)
        return str(fields["error"]).encode() if "error" in fields else body


@faulty("envelope.json")
class InAList(_Bytes):
    """The object stands in a list."""

    def spoil(self, body: bytes) -> bytes:
        return b"[" + body + b"]"


@faulty("envelope.json")
class InAText(_Bytes):
    """The JSON is encoded twice."""

    def spoil(self, body: bytes) -> bytes:
        return json.dumps(body.decode()).encode()


@faulty("envelope.json")
class PythonForJson(_Bytes):
    """An answer is written as Python writes it."""

    def spoil(self, body: bytes) -> bytes:
        return repr(json.loads(body)).encode()


@faulty("envelope.json")
class NanInTime(_Bytes):
    """A duration is NaN, which JSON does not know."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'"processing":0', b'"processing":NaN')


@faulty("envelope.one-outcome")
class ErrorTwice(_Bytes):
    """A refusal holds another code first, under the same name."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'{"error":', b'{"error":"ACCESS_DENIED","error":')


@faulty("envelope.one-outcome")
class ResultTwice(_Bytes):
    """A success holds the result false first, under the same name."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b'{"result":true', b'{"result":false,"result":true')


@faulty("envelope.json")
class Jsonp(_Bytes):
    """The answer is wrapped into a call of a function."""

    def spoil(self, body: bytes) -> bytes:
        return b"callback(" + body + b")"


class _Headers(Portal):
    """Sends other headers."""

    def headers(self, passage: Passage, finished: float) -> Headers:
        return tuple(
            (name, other)
            for name, value in super().headers(passage, finished)
            if (other := self.other(name, value, passage)) is not None
        )

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        """Another value of this header, or None: it is left out."""
        raise NotImplementedError


@faulty("envelope.content-type")
class NoContentType(_Headers):
    """The content type is not announced."""

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        return None if name == "Content-Type" and passage.transport == "json" else value


@faulty("envelope.content-type")
class JsonAsText(_Headers):
    """JSON is announced as plain text."""

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        return value.replace("application/json", "text/plain")


@faulty("envelope.content-type")
class JsonInLatin(_Headers):
    """JSON is announced in windows-1251."""

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        json_type = name == "Content-Type" and "json" in value
        return value.replace("utf-8", "windows-1251") if json_type else value


@faulty("robust.no-html")
class JsonAsHtml(_Headers):
    """JSON is announced as HTML."""

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        return value.replace("application/json", "text/html")


@faulty("cors.origin")
class NoOrigin(_Headers):
    """No origin may read the answers."""

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        return None if name == "Access-Control-Allow-Origin" else value


@faulty("cors.origin")
class OwnOrigin(_Headers):
    """Only the portal's own origin may read the answers."""

    def other(self, name: str, value: str, passage: Passage) -> str | None:
        own = "https://example.bitrix24.com"
        return own if name == "Access-Control-Allow-Origin" else value


@faulty("cors.origin")
class OriginTwice(Portal):
    """The server in front of the portal lets any origin in once more, which browsers refuse."""

    def headers(self, passage: Passage, finished: float) -> Headers:
        return (*super().headers(passage, finished), ("Access-Control-Allow-Origin", "*"))


@faulty("cors.origin")
class OriginOnSuccess(Portal):
    """Only successes may be read by any origin."""

    def refuse(self, refused: RefusedError, passage: Passage) -> Response:
        response = super().refuse(refused, passage)
        kept = [pair for pair in response.headers if not pair[0].startswith("Access-Control")]
        return dataclasses.replace(response, headers=tuple(kept))


@faulty("cors.origin")
class OriginOnJson(Portal):
    """Only JSON may be read by any origin, XML may not."""

    def answer_rest(self, request: Request, route: Route, started: float) -> Response:
        response = super().answer_rest(request, route, started)
        if "xml" not in (response.header("content-type") or ""):
            return response
        kept = [pair for pair in response.headers if not pair[0].startswith("Access-Control")]
        return dataclasses.replace(response, headers=tuple(kept))


@faulty("cors.preflight")
class PreflightBare(Portal):
    """A preflight is answered without any header."""

    def answer_preflight(self) -> Response:
        return Response(204)


@faulty("cors.preflight")
class PreflightNotAllowed(Portal):
    """OPTIONS is refused with HTTP 405, as by a server that was told of GET and POST only."""

    def answer_preflight(self) -> Response:
        return Response(405, (("Allow", "GET, POST"),))


@faulty("cors.preflight")
class PreflightWithoutJson(Portal):
    """A preflight allows no header, so that no browser sends JSON."""

    def answer_preflight(self) -> Response:
        answer = super().answer_preflight()
        kept = tuple(pair for pair in answer.headers if pair[0] != "Access-Control-Allow-Headers")
        return dataclasses.replace(answer, headers=kept)
