"""A conformant portal that takes the freedoms it is given."""

from __future__ import annotations

import json
from typing import Final

from b24_conformance.mutants.edge import Edge, page
from b24_conformance.mutants.freedoms import Feature, Freedoms
from b24_conformance.reference import Request, Response, State
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.batch import MAX_COMMANDS
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Array, Value, entries, intval
from b24_conformance.reference.reading import Incoming, Route, Transport
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Method, Passage

_METHODS: Final[dict[str, Feature]] = {"im.chat.user.list": "members", "batch": "batch"}
_MALFORMED: Final = "MALFORMED_JSON"
_FORBIDDEN: Final = {
    "INVALID_CREDENTIALS": "forbidden-credentials",
    "insufficient_scope": "forbidden-scope",
}


class FreePortal(Edge):
    """The reference portal, but for the freedoms: each override takes one or two of them."""

    def __init__(self, freedoms: Freedoms, state: State | None = None) -> None:
        super().__init__(freedoms, state)
        self._calls = 0
        if freedoms.joined_before:
            self._join_everybody()

    def _join_everybody(self) -> None:
        # As after an earlier run against the same portal.
        for user_id in self.state.users:
            for chat_id in self.state.chats:
                if self.decide(user_id, chat_id).joins:
                    self.apply_join(user_id, chat_id)

    def method_table(self) -> dict[str, Method]:
        """Leave out the methods of features that the portal lacks."""
        table = super().method_table()
        return {
            name: method
            for name, method in table.items()
            if _METHODS.get(name) not in self.freedoms.lacks
        }

    def batch(self, call: Call) -> Value:
        """Run a batch; refuse it where it is too long, as the documentation has it."""
        commands = entries(call.any_case("CMD")) or []
        if self.departs("long-batch-refused") and len(commands) > MAX_COMMANDS:
            raise RefusedError("ERROR_BATCH_LENGTH_EXCEEDED")
        return super().batch(call)

    def admit(self, now: float) -> bool:
        """Refuse some calls in a row after every so many; then let calls through again."""
        every, refused = self.freedoms.throttle, self.freedoms.in_a_row
        if not every:
            return super().admit(now)
        with self.lock:
            self._calls += 1
            return (self._calls - 1) % (every + refused) < every

    def route(self, target: str) -> Route:
        """Take a doubled or a trailing slash for another, unknown method, where it matters."""
        path = target.partition("?")[0]
        matters = self.departs("slashes-matter")
        doubled = "//" in path and (matters or self.departs("doubled-slash-unknown"))
        if doubled or (matters and path.endswith("/")):
            return Route("rest", "unknown")
        return super().route(target)

    def find_method(self, name: str) -> Method:
        """Find a method, by its exact name where case matters."""
        if self.departs("case-matters") and name != name.lower():
            raise RefusedError("ERROR_METHOD_NOT_FOUND")
        return super().find_method(name)

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        """Read the suffix; without XML every answer is JSON."""
        suffix = name.rpartition(".")[2]
        if self.departs("suffix-case-matters") and suffix in ("JSON", "XML"):
            return name, "json"
        if "xml" in self.freedoms.unannounced and suffix.lower() == "xml":
            return name, "json"
        base, transport = super().split_suffix(name)
        return base, "json" if "xml" in self.freedoms.lacks else transport

    def read_query(self, request: Request) -> Array:
        """Read the URL, of a POST only if the portal does so."""
        if self.departs("no-posted-query") and request.verb == "POST":
            # Credentials in the URL are documented; only CHAT_ID is not.
            found = super().read_query(request)
            return {key: value for key, value in found.items() if key != "CHAT_ID"}
        return super().read_query(request)

    def read_body(self, request: Request) -> Array:
        """Read the body, but for the types that the portal does not know."""
        written = (request.header("content-type") or "").partition(";")[0].strip()
        kind = written.lower()
        # The vendor's old kernel compares with this one spelling (portal-facts section 0).
        if kind == "application/json" != written and self.departs("json-type-exact"):
            return super().read_form(request.body)
        if kind == "text/plain" and self.departs("no-text-form"):
            return {}
        if kind == "multipart/form-data" and "multipart" in self.freedoms.lacks:
            return {}
        return super().read_body(request)

    def read_json(self, body: bytes) -> Array:
        """Read JSON, strictly where the portal is strict."""
        strict = self.departs("json-error") or self.departs("json-error-page")
        if strict and not _is_object(body):
            raise RefusedError(_MALFORMED)
        found = super().read_json(body)
        if self.departs("first-duplicate") and found:
            found = _first_of_each(body) or found
        if self.departs("digits-are-text") and isinstance(found.get("CHAT_ID"), str):
            found["CHAT_ID"] = ""
        return found

    def merge(self, query: Array, body: Array) -> Array:
        """Return both together; one of them wins."""
        return {**body, **query} if self.departs("query-wins") else super().merge(query, body)

    def read(self, request: Request, route: Route) -> Incoming:
        """Read a call; whatever is wrong with its body is told once it is authorised."""
        try:
            return super().read(request, route)
        except RefusedError:
            method, transport = self.split_suffix(route.method)
            token = self.read_token(request, {})
            return Incoming(method, transport, _BROKEN, route.webhook, token, request.secure)

    def read_token(self, request: Request, parameters: Array) -> str | None:
        """Return the access token, from where the portal looks for it."""
        if "oauth" in self.freedoms.lacks:
            return None
        if self.departs("no-bearer"):
            request = Request(request.verb, request.target, body=request.body)
        return super().read_token(request, parameters)

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        """Name an unknown token as the documentation does, where the portal does so."""
        try:
            return super().authenticate_oauth(incoming)
        except RefusedError as refused:
            if self.departs("token-unnamed") and refused.code == "invalid_token":
                raise RefusedError("NO_AUTH_FOUND") from None
            raise

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        """Name a wrong secret as the documentation does, where the portal does so."""
        try:
            return super().authenticate_webhook(incoming)
        except RefusedError as refused:
            if self.departs("secret-unnamed") and refused.code == "INVALID_CREDENTIALS":
                raise RefusedError("NO_AUTH_FOUND") from None
            raise

    def refuse(self, refused: RefusedError, passage: Passage) -> Response:
        """Refuse with 403 where the documentation has it and the kernel has 401."""
        if refused.code == _MALFORMED and self.departs("json-error-page"):
            return page(400)
        if self.departs(_FORBIDDEN.get(refused.code, "")):
            refused = RefusedError(refused.code, 403, refused.text)
        return super().refuse(refused, passage)

    def read_chat_id(self, parameters: Array) -> int:
        """Read CHAT_ID as PHP does, or as a stricter language would."""
        if parameters is _BROKEN:
            raise RefusedError(_MALFORMED)
        if self.departs("any-case-key") and "CHAT_ID" not in parameters:
            folded = {str(key).upper(): value for key, value in parameters.items()}
            parameters = {"CHAT_ID": folded.get("CHAT_ID")}
        return self._number(parameters.get("CHAT_ID"))

    def _number(self, value: Value) -> int:
        plain = isinstance(value, int) and not isinstance(value, bool)
        if self.departs("strict-reading") and not plain and not _is_digits(value):
            return 0
        return intval(value)

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        """Deny access to absent or foreign chats, as old boxes do."""
        decision = super().decide_for_stranger(user_id, chat_id)
        denied = {
            Decision.CHAT_ID: self.departs("absent-denied"),
            Decision.CHAT_TYPE: self.departs("foreign-denied"),
        }
        return Decision.ACCESS_DENIED if denied.get(decision) else decision

    def may_see(self, user_id: int, chat_id: int) -> bool:
        """Show a chat's participants to themselves alone, as documented, or more widely."""
        if self.freedoms.seen_by != "invited":
            return self.is_member(user_id, chat_id)
        return super().may_see(user_id, chat_id)

    def chat_user_list(self, call: Call) -> Value:
        """List the participants in one of the ways that PHP code does, or refuse strangers."""
        chat_id = self.required_chat_id(call)
        if self.freedoms.seen_by == "refusing" and not self.may_see(call.user_id, chat_id):
            raise RefusedError("ACCESS_ERROR")
        found = super().chat_user_list(call)
        members: list[Value] = list(found) if isinstance(found, list) else []
        if self.freedoms.member_ids == "strings":
            return [str(member) for member in members]
        return members[::-1] if self.freedoms.member_ids == "newest-first" else members


_BROKEN: Final[Array] = {}


def _is_digits(value: Value) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and value[0] != "0"


def _is_object(body: bytes) -> bool:
    try:
        # Any number of digits is a number.
        value = json.loads(body, parse_int=float)
        # Half a surrogate pair has no UTF-8, and a strict reader refuses it with the whole.
        json.dumps(value, ensure_ascii=False).encode()
        return isinstance(value, dict)
    except (ValueError, RecursionError):
        return False


def _first_of_each(body: bytes) -> Array | None:
    """The first value of each name, None for what is no JSON object."""

    def first(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
        return dict(reversed(pairs))

    try:
        value = json.loads(body, object_pairs_hook=first)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
