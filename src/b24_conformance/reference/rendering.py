"""The last steps of a call: envelope, time, headers, bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from b24_conformance.reference.formats import WrongEncodingError, json_encode, xml_encode
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.messages import Headers, Response
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.reading import Transport
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.site import Site

# A sliding window of ten minutes (docs: limits.md).
_OPERATING_WINDOW: Final = 600
_CONTENT_TYPES: Final[dict[Transport, str]] = {
    "json": "application/json; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
CORS: Final[Headers] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "origin, content-type, accept"),
)
# Identifier of an application, as the cloud's headers show it.
APPLICATION: Final = "local.6a1f0c27b3d948.57213690"


class Method(NamedTuple):
    """A method of the portal: the scope that it needs, empty for none, and what it does."""

    scope: str
    run: Callable[[Call], Value]


@dataclass(frozen=True, slots=True)
class Passage:
    """How far a call came: enough to write its headers."""

    transport: Transport
    started: float
    application: bool = False
    ran: bool = False


class Rendering(Site):
    """Writes answers; each step can be overridden."""

    def find_method(self, name: str) -> Method:
        """Return the method of this name; the Portal knows them."""
        raise NotImplementedError

    def succeed(self, result: Value, passage: Passage) -> Response:
        """Answer with a result."""
        finished = self.clock()
        envelope = self.success_envelope(result, self.time_object(passage.started, finished))
        return self.respond(200, envelope, passage, finished)

    def refuse(self, refused: RefusedError, passage: Passage) -> Response:
        """Answer with a refusal."""
        envelope = self.refusal_envelope(refused)
        return self.respond(refused.status, envelope, passage, self.clock())

    def success_envelope(self, result: Value, times: Array) -> Array:
        """Return the body of a success."""
        return {"result": result, "time": times}

    def refusal_envelope(self, refused: RefusedError) -> Array:
        """Return the body of a refusal: code and text, both always there."""
        return {"error": refused.code, "error_description": refused.text}

    def time_object(self, started: float, finished: float) -> Array:
        """Return ``time``; the new kernel cuts start and processing to whole seconds.

        Its duration therefore overstates by the fraction of the second in which it began.
        """
        start, processing = self.time_numbers(started, finished)
        return {
            "start": start,
            "finish": finished,
            "duration": finished - start,
            "processing": processing,
            "date_start": _iso_date(int(started)),
            "date_finish": _iso_date(int(finished)),
            "operating_reset_at": int(finished) + _OPERATING_WINDOW,
            "operating": 0,
        }

    def time_numbers(self, started: float, finished: float) -> tuple[float, float]:
        """Return start and processing in the kernel's precision."""
        if self.state.kernel == "old":
            return started, finished - started
        return int(started), int(finished) - int(started)

    def respond(self, status: int, envelope: Value, passage: Passage, finished: float) -> Response:
        """Put an envelope, of whatever shape, into a response."""
        return Response(
            status, self.headers(passage, finished), self.render(envelope, passage.transport)
        )

    def headers(self, passage: Passage, finished: float) -> Headers:
        """Return the headers, those of the cloud's portals included."""
        seconds = f"{self.time_numbers(passage.started, finished)[1]:.10f}"
        extra: list[tuple[str, str]] = [("X-Bitrix-Rest-Time", seconds)]
        if passage.application:
            extra.insert(0, ("X-Bitrix-Rest-Application", APPLICATION))
        if passage.ran:
            extra.append(("X-Bitrix-Rest-User-Time", "0.0000000000"))
            extra.append(("X-Bitrix-Rest-System-Time", "0.0000000000"))
        return (
            ("Content-Type", _CONTENT_TYPES[passage.transport]),
            *CORS,
            ("X-Content-Type-Options", "nosniff"),
            *extra,
        )

    def render(self, envelope: Value, transport: Transport) -> bytes:
        """Return an envelope's bytes."""
        if transport == "xml":
            return self.render_xml(envelope)
        return self.render_json(envelope)

    def render_json(self, envelope: Value) -> bytes:
        """Return JSON; what the old kernel cannot encode becomes an error of its own."""
        try:
            text = json_encode(envelope, escape_unicode=self.state.kernel == "old")
        except WrongEncodingError:
            failure = self.refusal_envelope(RefusedError("WRONG_ENCODING"))
            text = json_encode(failure, escape_unicode=True)
        return text.encode("utf-8")

    def render_xml(self, envelope: Value) -> bytes:
        """Return XML."""
        return xml_encode(envelope).encode("utf-8")


@lru_cache(maxsize=16)
def _iso_date(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(second))
