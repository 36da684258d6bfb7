"""Faults of the object `time` and of XML."""

from __future__ import annotations

import time as clock

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Response
from b24_conformance.reference.messages import Headers
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.reading import Transport
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Passage

faulty = of_kind("time")


class _Time(Portal):
    """Writes `time` in its own way."""

    def time_object(self, started: float, finished: float) -> Array:
        return self.spoil(super().time_object(started, finished))

    def spoil(self, times: Array) -> Array:
        """Another object."""
        raise NotImplementedError


@faulty("time.present")
class NoTime(Portal):
    """A success carries no time."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result}


@faulty("time.present")
class NullTime(Portal):
    """The time is null."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result, "time": None}


@faulty("time.present")
class BareTime(Portal):
    """The time is a number alone."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result, "time": times["start"]}


@faulty("shape.openapi")
class TimeInList(Portal):
    """The time is a list of its fields."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result, "time": list(times.values())}


@faulty("time.fields")
class NoProcessing(_Time):
    """One of the six fields is missing."""

    def spoil(self, times: Array) -> Array:
        return {name: value for name, value in times.items() if name != "processing"}


@faulty("time.fields")
class NumbersAsText(_Time):
    """The numbers are written as texts."""

    def spoil(self, times: Array) -> Array:
        return {name: str(value) for name, value in times.items()}


@faulty("time.fields")
class RussianDates(_Time):
    """The dates are written as day.month.year."""

    def spoil(self, times: Array) -> Array:
        now = clock.strftime("%d.%m.%Y %H:%M:%S", clock.gmtime())
        return {**times, "date_start": now, "date_finish": now}


@faulty("time.fields")
class DatesWithoutOffset(_Time):
    """The dates are written without an offset from UTC."""

    def spoil(self, times: Array) -> Array:
        return {**times, "date_start": str(times["date_start"])[:19]}


@faulty("time.fields")
class DatesOfNoDay(_Time):
    """The month of a date is 13."""

    def spoil(self, times: Array) -> Array:
        return {**times, "date_finish": "2026-13-01T00:00:00+00:00"}


@faulty("time.fields")
class OperatingAsText(_Time):
    """The optional field operating is a text."""

    def spoil(self, times: Array) -> Array:
        return {**times, "operating": "0"}


@faulty("time.order")
class FinishBeforeStart(_Time):
    """Start and finish are swapped."""

    def spoil(self, times: Array) -> Array:
        finish = times["finish"]
        assert isinstance(finish, float)
        return {**times, "start": finish, "finish": finish - 0.5}


@faulty("time.order")
class NegativeDuration(_Time):
    """The duration is below zero."""

    def spoil(self, times: Array) -> Array:
        return {**times, "duration": -0.01}


@faulty("time.order")
class StartInMilliseconds(_Time):
    """Start is in milliseconds, finish in seconds."""

    def spoil(self, times: Array) -> Array:
        start = times["start"]
        assert isinstance(start, int)
        return {**times, "start": start * 1000}


@faulty("time.order")
class DurationInMilliseconds(_Time):
    """The duration is in milliseconds, start and finish in seconds."""

    def spoil(self, times: Array) -> Array:
        duration = times["duration"]
        assert isinstance(duration, float)
        return {**times, "duration": (duration + 0.05) * 1000}


@faulty("time.order")
class ProcessingIsAnInstant(_Time):
    """Processing is when it ended, and not how long it took."""

    def spoil(self, times: Array) -> Array:
        return {**times, "processing": times["finish"]}


@faulty("time.order")
class FinishDateOfAnHourAgo(_Time):
    """The date of the end is written in a zone of its own, under the offset of the other."""

    def spoil(self, times: Array) -> Array:
        an_hour_ago = clock.gmtime(clock.time() - 3600)
        return {**times, "date_finish": clock.strftime("%Y-%m-%dT%H:%M:%S+00:00", an_hour_ago)}


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
class XmlUnknown(Portal):
    """The suffix .xml is not known."""

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        return (name, "json") if name.lower().endswith(".xml") else super().split_suffix(name)


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
