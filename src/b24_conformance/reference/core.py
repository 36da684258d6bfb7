"""The reference portal without I/O: one request in, one response out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping

from b24_conformance.reference.batch import Batching
from b24_conformance.reference.defaults import default_state
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.limiter import LeakyBucket
from b24_conformance.reference.messages import Request, Response
from b24_conformance.reference.php import Value
from b24_conformance.reference.reading import Route
from b24_conformance.reference.refusals import RefusedError, method_refusal
from b24_conformance.reference.rendering import CORS, Method, Passage
from b24_conformance.reference.state import State
from b24_conformance.reference.tokens import Tokens


class Portal(Batching, Tokens):
    """A Bitrix24 portal as far as ``imopenlines.session.join`` goes.

    Every step of a call is a method of its own, so that a portal which is wrong in one respect
    overrides one method. Safe to call from several threads.
    """

    def __init__(
        self, state: State | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(state or default_state(), clock)
        self.bucket = LeakyBucket(self.state.rate, self.state.burst)
        self.methods: Mapping[str, Method] = self.method_table()

    def method_table(self) -> dict[str, Method]:
        """Return the methods by their names in lower case."""
        return {
            "imopenlines.session.join": Method("imopenlines", self.session_join),
            "imopenlines.dialog.get": Method("imopenlines", self.dialog_get),
            "im.chat.user.list": Method("im", self.chat_user_list),
            "im.chat.leave": Method("im", self.chat_leave),
            "im.dialog.users.list": Method("im", self.dialog_users_list),
            "im.recent.list": Method("im", self.recent_list),
            "batch": Method("", self.batch),
            "profile": Method("", self.profile),
            "scope": Method("", self.scope),
            "method.get": Method("", self.method_get),
        }

    def answer(self, request: Request) -> Response:
        """Answer a request; any bytes whatever get a response below 500, but for the limit's."""
        response = self.answer_with_body(_well_formed(request))
        return self.without_body(response) if request.verb == "HEAD" else response

    def answer_with_body(self, request: Request) -> Response:
        """Answer as if for a verb that wants a body."""
        started = self.clock()
        if not self.admit(started):
            # The limiter stands before PHP and sees no method; its answers are JSON.
            return self.refuse(RefusedError("QUERY_LIMIT_EXCEEDED"), Passage("json", started))
        route = self.route(request.target)
        if self.is_preflight(request, route):
            return self.answer_preflight()
        match route.server:
            case "token":
                return self.answer_token(request, started)
            case "rest3":
                return self.answer_rest3(started)
        return self.answer_rest(request, route, started)

    def admit(self, now: float) -> bool:
        """Tell whether the rate limit lets a call through."""
        with self.lock:
            return self.bucket.admit(now)

    def is_preflight(self, request: Request, route: Route) -> bool:
        """Tell a browser's preflight, or an OPTIONS that could not be authorised anyway.

        Before PHP, which treats any other OPTIONS as a call, stands the cloud's edge.
        """
        if request.verb != "OPTIONS":
            return False
        if request.header("access-control-request-method") is not None:
            return True
        incoming = self.read(request, route)
        return incoming.webhook is None and incoming.token is None

    def answer_preflight(self) -> Response:
        """Answer a preflight: anybody may call, with any of the verbs."""
        return Response(200, (*CORS, ("Access-Control-Allow-Methods", "GET, POST, OPTIONS")))

    def answer_rest3(self, started: float) -> Response:
        """Answer ``/rest/api/…``: REST 3.0 has another table of methods, without the join."""
        error: Value = {
            "code": "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION",
            "message": "Method not found",
        }
        return self.respond(404, {"error": error}, Passage("json", started), self.clock())

    def answer_rest(self, request: Request, route: Route, started: float) -> Response:
        """Answer a call: method, authorisation, scope, and then the method itself (rest.php)."""
        incoming = self.read(request, route)
        passage = Passage(incoming.transport, started)
        try:
            method = self.find_method(incoming.method)
            self.check_link(incoming.parameters)
            account = self.authenticate(incoming)
            self.check_scope(account, method.scope)
            passage = Passage(incoming.transport, started, not account.webhook, ran=True)
            result = method.run(Call(incoming.parameters, account))
        except RefusedError as refused:
            return self.refuse(refused, passage)
        return self.succeed(result, passage)

    def find_method(self, name: str) -> Method:
        """Return a method, in whatever case its name is written."""
        method = self.methods.get(name.lower())
        if method is None:
            raise RefusedError("ERROR_METHOD_NOT_FOUND")
        return method

    def session_join(self, call: Call) -> Value:
        """Answer ``imopenlines.session.join``: true, or one of the refusals."""
        chat_id = self.read_chat_id(call.parameters)
        decision = self.decide(call.user_id, chat_id)
        if not decision.joins:
            raise self.join_refusal(decision.value)
        self.apply_join(call.user_id, chat_id)
        return True

    def join_refusal(self, code: str) -> RefusedError:
        """Return the refusal of a join, in the portal's language."""
        return method_refusal(code, self.state.language)

    def method_get(self, call: Call) -> Value:
        """Answer ``method.get`` (docs: api-reference/common/system/method-get.md)."""
        name = call.any_case("NAME")
        method = self.methods.get(name.lower()) if isinstance(name, str) else None
        available = method is not None and self.has_scope(call.account, method.scope)
        return {"isExisting": method is not None, "isAvailable": available}

    def without_body(self, response: Response) -> Response:
        """Take the body off: a HEAD is a call like any other, but for its answer."""
        return Response(response.status, response.headers)


def _well_formed(request: Request) -> Request:
    # Lone surrogates other than escaped bytes cannot have come off a wire.
    try:
        request.target.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return dataclasses.replace(
            request, target=request.target.encode("utf-8", "replace").decode()
        )
    return request
