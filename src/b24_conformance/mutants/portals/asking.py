"""Ways of asking that are not understood, or understood otherwise."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Array, Value, intval
from b24_conformance.reference.reading import Route, Transport
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Method, Passage

faulty = of_kind("asking")


class Body(Portal):
    """Does not read bodies of some kind."""

    def read_body(self, request: Request) -> Array:
        kind = (request.header("content-type") or "").lower()
        return {} if self.unread(kind, request.body) else super().read_body(request)

    def unread(self, kind: str, body: bytes) -> bool:
        """Whether a body of this content type goes unread."""
        raise NotImplementedError


@faulty("asking.form")
class FormUnread(Body):
    """A form is not read."""

    def unread(self, kind: str, body: bytes) -> bool:
        return "urlencoded" in kind


@faulty("asking.multipart")
class MultipartUnread(Body):
    """A multipart body is not read."""

    def unread(self, kind: str, body: bytes) -> bool:
        return "multipart" in kind


@faulty("asking.text-form")
class TextFormUnread(Body):
    """A form sent as plain text is not read."""

    def unread(self, kind: str, body: bytes) -> bool:
        return kind.startswith("text/plain")


@faulty("refusal.chat-type")
class JsonUnread(Body):
    """JSON is not read: the portal knows forms only."""

    def unread(self, kind: str, body: bytes) -> bool:
        return "json" in kind


@faulty("asking.multipart")
class MultipartPadded(Portal):
    """A field of a multipart body gets a no-break space in front."""

    def read_body(self, request: Request) -> Array:
        fields = super().read_body(request)
        if "multipart" in (request.header("content-type") or ""):
            return {key: f"\u00a0{value}" for key, value in fields.items()}
        return fields


class _Multipart(Portal):
    """Reads some spellings of multipart only."""

    def read_body(self, request: Request) -> Array:
        kind = request.header("content-type") or ""
        unread = "multipart" in kind and not self.knows(kind, request.body)
        return {} if unread else super().read_body(request)

    def knows(self, kind: str, body: bytes) -> bool:
        """Whether this spelling is known."""
        raise NotImplementedError


@faulty("php.form")
class UnquotedNamesUnread(_Multipart):
    """Names of fields are read in quotes only."""

    def knows(self, kind: str, body: bytes) -> bool:
        return b' name="' in body


@faulty("php.form")
class QuotedBoundaryUnread(_Multipart):
    """The quotes of a boundary are taken for a part of it."""

    def knows(self, kind: str, body: bytes) -> bool:
        return '"' not in kind


@faulty("php.form")
class DispositionFirst(_Multipart):
    """A part is read only if its Content-Disposition comes first."""

    def knows(self, kind: str, body: bytes) -> bool:
        return b"\r\nContent-Disposition" not in body.replace(b"boundary\r\nContent-D", b"")


@faulty("asking.query")
class QueryUnread(Portal):
    """The query of a GET is not read."""

    def read_query(self, request: Request) -> Array:
        return {} if request.verb == "GET" else super().read_query(request)


@faulty("asking.query")
class GetRefused(Portal):
    """GET is refused with HTTP 405."""

    def answer_rest(self, request: Request, route: Route, started: float) -> Response:
        if request.verb == "GET":
            return self.refuse(
                RefusedError("ERROR_METHOD_NOT_FOUND", 405), Passage("json", started)
            )
        return super().answer_rest(request, route, started)


@faulty("asking.posted-query")
class PostedQueryUnread(Portal):
    """The query of a POST is not read."""

    def read_query(self, request: Request) -> Array:
        query = super().read_query(request)
        if request.verb == "GET":
            return query
        return {key: query[key] for key in ("auth", "access_token") if key in query}


@faulty("asking.body-over-query")
class QueryOverBody(Portal):
    """The URL wins over the body."""

    def merge(self, query: Array, body: Array) -> Array:
        return {**body, **query}


@faulty("asking.body-over-query")
class QueryAddedToBody(Portal):
    """With CHAT_ID in both places the two are added up."""

    def merge(self, query: Array, body: Array) -> Array:
        both = super().merge(query, body)
        if "CHAT_ID" in query and "CHAT_ID" in body:
            both["CHAT_ID"] = intval(query["CHAT_ID"]) + intval(body["CHAT_ID"])
        return both


@faulty("asking.no-suffix")
class SuffixRequired(Portal):
    """Without a suffix there is no such method."""

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        base, transport = super().split_suffix(name)
        return (base, transport) if base != name else ("", "json")


@faulty("asking.no-suffix")
class XmlWithoutSuffix(Portal):
    """Without a suffix the answer is XML."""

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        base, transport = super().split_suffix(name)
        return (base, transport) if base != name else (base, "xml")


@faulty("asking.suffix-case")
class SuffixInLowerCase(Portal):
    """The suffix is known in lower case only."""

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        return super().split_suffix(name) if name.endswith((".json", ".xml")) else (name, "json")


@faulty("asking.method-case")
class MethodInLowerCase(Portal):
    """The method is known in lower case only."""

    def find_method(self, name: str) -> Method:
        if name != name.lower():
            raise RefusedError("ERROR_METHOD_NOT_FOUND")
        return super().find_method(name)


@faulty("asking.slashes")
class DoubledSlash(Portal):
    """Behind a doubled slash no body is read."""

    def read_body(self, request: Request) -> Array:
        doubled = "//" in request.target.partition("?")[0]
        return {} if doubled else super().read_body(request)


@faulty("asking.slashes")
class TrailingSlash(Portal):
    """A trailing slash leads nowhere."""

    def route(self, target: str) -> Route:
        path = target.partition("?")[0]
        return Route("none") if path.endswith("/") else super().route(target)


@faulty("asking.unknown-parameters")
class UnknownRefused(Portal):
    """A parameter that the method does not know is refused."""

    def session_join(self, call: Call) -> Value:
        known = {"CHAT_ID", "auth", "USER_ID", "SESSION_ID"}
        if any(str(key).upper() not in known and key != "auth" for key in call.parameters):
            raise RefusedError("ERROR_ARGUMENT", 400, "unknown parameter")
        return super().session_join(call)


@faulty("asking.unknown-parameters")
class LastParameterCounts(Portal):
    """The last parameter counts as CHAT_ID, whatever it is called."""

    def read_chat_id(self, parameters: Array) -> int:
        own = {key: value for key, value in parameters.items() if key != "auth"}
        if "CHAT_ID" in own and len(own) > 1 and not {"USER_ID", "SESSION_ID"} & set(own):
            return intval(list(own.values())[-1])
        return super().read_chat_id(parameters)


@faulty("asking.lower-case-key")
class KeyInAnyCase(Portal):
    """CHAT_ID is read in any case."""

    def read_chat_id(self, parameters: Array) -> int:
        folded: Array = {str(key).upper(): value for key, value in parameters.items()}
        return super().read_chat_id(folded)


@faulty("proxy.ignored")
class UserRefused(Portal):
    """A call with a USER_ID is refused with USER_ID."""

    def session_join(self, call: Call) -> Value:
        if "USER_ID" in call.parameters:
            raise self.join_refusal("USER_ID")
        return super().session_join(call)


@faulty("proxy.ignored")
class SessionForChat(Portal):
    """A SESSION_ID is taken for the chat."""

    def read_chat_id(self, parameters: Array) -> int:
        return intval(parameters.get("SESSION_ID", parameters.get("CHAT_ID")))


@faulty("proxy.nobody-joined")
class UserJoined(Portal):
    """USER_ID is joined in the caller's place."""

    def session_join(self, call: Call) -> Value:
        answer = super().session_join(call)
        if "USER_ID" in call.parameters:
            self.apply_join(intval(call.parameters["USER_ID"]), self.read_chat_id(call.parameters))
        return answer


@faulty("proxy.ignored")
class UserDecides(Portal):
    """The rights are those of USER_ID."""

    def session_join(self, call: Call) -> Value:
        if "USER_ID" in call.parameters:
            user_id = intval(call.parameters["USER_ID"])
            decision = self.decide(user_id, self.read_chat_id(call.parameters))
            if not decision.joins:
                raise self.join_refusal(decision.value)
        return super().session_join(call)
