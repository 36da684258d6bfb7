"""Faults of XML."""

from __future__ import annotations

import re

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Response
from b24_conformance.reference.messages import Headers
from b24_conformance.reference.php import Value
from b24_conformance.reference.reading import Transport
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Passage

faulty = of_kind("XML")


class _Xml(Portal):
    """Writes XML in its own way."""

    def render_xml(self, envelope: Value) -> bytes:
        return self.spoil(super().render_xml(envelope))

    def spoil(self, body: bytes) -> bytes:
        """Other bytes."""
        raise NotImplementedError


@faulty("xml.success")
class XmlIsJson(Portal):
    """The suffix .xml is answered with JSON."""

    def render(self, envelope: Value, transport: Transport) -> bytes:
        return super().render(envelope, "json")


@faulty("xml.success")
class OtherRoot(_Xml):
    """The root is called xml."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"response>", b"xml>")


@faulty("xml.success")
class FalseInXml(_Xml):
    """True is written as nothing."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"<result>1</result>", b"<result></result>")


@faulty("xml.success")
class LetterInXml(_Xml):
    """True is written as Y."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"<result>1</result>", b"<result>Y</result>")


@faulty("xml.success")
class WordsInXml(_Xml):
    """A notice stands between the elements."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"<response>", b"<response>OK")


@faulty("xml.success")
class NotWellFormed(_Xml):
    """The root is not closed."""

    def spoil(self, body: bytes) -> bytes:
        return body.removesuffix(b"</response>")


@faulty("xml.refusal")
class CodeInAttribute(_Xml):
    """The code of a refusal stands in an attribute."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"<error>", b'<error code="').replace(b"</error>", b'"></error>')


@faulty("xml.refusal")
class LowerCaseInXml(_Xml):
    """The code of a refusal is written in lower case."""

    def spoil(self, body: bytes) -> bytes:
        head, mark, rest = body.partition(b"<error>")
        code, end, rest = rest.partition(b"</error>")
        return head + mark + code.lower() + end + rest


@faulty("xml.refusal")
class XmlRefusedWith200(Portal):
    """A refusal in XML has HTTP status 200."""

    def refuse(self, refused: RefusedError, passage: Passage) -> Response:
        if passage.transport == "xml":
            refused = RefusedError(refused.code, 200, refused.text)
        return super().refuse(refused, passage)


@faulty("xml.contents")
class XmlWithoutText(_Xml):
    """A refusal in XML has no error_description."""

    def spoil(self, body: bytes) -> bytes:
        return re.sub(rb"<error_description>.*</error_description>", b"", body)


@faulty("xml.contents")
class XmlWithoutTime(_Xml):
    """A success in XML has no time."""

    def spoil(self, body: bytes) -> bytes:
        return re.sub(rb"<time>.*</time>", b"", body)


@faulty("xml.contents")
class XmlWithEmptyTime(_Xml):
    """The time of a success in XML is empty."""

    def spoil(self, body: bytes) -> bytes:
        return re.sub(rb"<time>.*</time>", b"<time/>", body)


@faulty("xml.contents")
class WordInXml(_Xml):
    """True is written as a word."""

    def spoil(self, body: bytes) -> bytes:
        return body.replace(b"<result>1</result>", b"<result>true</result>")


@faulty("xml.content-type")
class XmlInLatin(Portal):
    """XML is announced in another charset than its own."""

    def headers(self, passage: Passage, finished: float) -> Headers:
        return tuple(
            (name, value.replace("xml; charset=utf-8", "xml; charset=iso-8859-1"))
            for name, value in super().headers(passage, finished)
        )


@faulty("xml.content-type")
class XmlAsJson(Portal):
    """XML is announced as JSON."""

    def headers(self, passage: Passage, finished: float) -> Headers:
        return tuple(
            (name, value.replace("text/xml", "application/json"))
            for name, value in super().headers(passage, finished)
        )


@faulty("xml.content-type")
class XmlAsHtml(Portal):
    """XML is announced as HTML."""

    def headers(self, passage: Passage, finished: float) -> Headers:
        return tuple(
            (name, value.replace("text/xml", "text/html"))
            for name, value in super().headers(passage, finished)
        )
