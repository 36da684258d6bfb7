"""Faults in one corner only: right by JSON and for the operator, wrong by another way."""

from __future__ import annotations

import dataclasses

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Array, Value, intval
from b24_conformance.reference.reading import Incoming, Route, Transport
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("corner")


class _Spoilt(Portal):
    """Reads CHAT_ID in one part of the request in its own way."""

    @staticmethod
    def spoil(parameters: Array) -> Array:
        """The parameters with another CHAT_ID."""
        number = intval(parameters.get("CHAT_ID"))
        return {**parameters, "CHAT_ID": number % 2**32} if number > 2**32 else parameters


@faulty("chat-id.wide")
class FormCut32(_Spoilt):
    """Ids in a form are cut to 32 bits."""

    def read_form(self, body: bytes) -> Array:
        return self.spoil(super().read_form(body))


@faulty("chat-id.wide")
class QueryCut32(_Spoilt):
    """Ids in a query are cut to 32 bits."""

    def read_query(self, request: Request) -> Array:
        return self.spoil(super().read_query(request))


@faulty("batch.agrees")
class BatchCut32(_Spoilt):
    """Ids in a batch are cut to 32 bits."""

    def split_command(self, command: str) -> tuple[str, Array]:
        name, parameters = super().split_command(command)
        return name, self.spoil(parameters)


@faulty("asking.query")
class QueryLosesSign(_Spoilt):
    """The sign of an id in a query is lost."""

    def read_query(self, request: Request) -> Array:
        return self.spoil(super().read_query(request))

    @staticmethod
    def spoil(parameters: Array) -> Array:
        text = str(parameters.get("CHAT_ID", ""))
        return {**parameters, "CHAT_ID": text[1:]} if text.startswith("-") else parameters


@faulty("asking.query")
class MissingInQuery(Portal):
    """A GET without CHAT_ID means the chat that was opened last."""

    def read_query(self, request: Request) -> Array:
        query = super().read_query(request)
        return {"CHAT_ID": 2045, **query} if request.verb == "GET" else query


@faulty("asking.body-over-query")
class QueryOverForm(Portal):
    """The URL wins over a form."""

    def read_parameters(self, request: Request) -> Array:
        query, body = self.read_query(request), self.read_body(request)
        form = "urlencoded" in (request.header("content-type") or "")
        return {**body, **query} if form else {**query, **body}


@faulty("asking.suffix-case")
class UpperXmlUnknown(Portal):
    """The suffix .json is known in any case, .xml in lower case only."""

    def split_suffix(self, name: str) -> tuple[str, Transport]:
        return (name, "json") if name.endswith(".XML") else super().split_suffix(name)


@faulty("asking.unknown-parameters")
class DialogIdRead(Portal):
    """A DIALOG_ID such as chat42 wins over CHAT_ID."""

    def read_chat_id(self, parameters: Array) -> int:
        dialog = str(parameters.get("DIALOG_ID", ""))
        return intval(dialog[4:]) if dialog[:4] == "chat" else super().read_chat_id(parameters)


@faulty("proxy.ignored")
class SessionWhenMissing(Portal):
    """Without CHAT_ID the SESSION_ID is taken for the chat."""

    def read_chat_id(self, parameters: Array) -> int:
        return intval(parameters.get("CHAT_ID", parameters.get("SESSION_ID")))


class _ByVerb(Portal):
    """Knows by which verb and way it was called."""

    verb = ""
    transport: Transport = "json"

    def read(self, request: Request, route: Route) -> Incoming:
        incoming = super().read(request, route)
        self.verb, self.transport = request.verb, incoming.transport
        return incoming


@faulty("success.participant")
class GetNotStored(_ByVerb):
    """A join by GET is not stored, as GET is said to be safe."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if self.verb != "GET":
            super().apply_join(user_id, chat_id)


@faulty("success.participant")
class BatchNotStored(Portal):
    """A join in a batch is not stored."""

    def run_command(self, command: str, call: Call) -> Value:
        before = {chat: self.members(chat) for chat in self.state.chats}
        answer = super().run_command(command, call)
        for chat, members in before.items():
            for user_id in self.members(chat) - members:
                self.apply_leave(user_id, chat)
        return answer


@faulty("state.refusal-changes-nothing")
class BatchStoresRefused(Portal):
    """A batch stores the joins that it refuses."""

    def run_command(self, command: str, call: Call) -> Value:
        try:
            return super().run_command(command, call)
        except RefusedError as refused:
            if refused.code == "ACCESS_DENIED":
                self.apply_join(call.user_id, self.read_chat_id(self.split_command(command)[1]))
            raise


@faulty("credentials.none")
class GetUnchecked(_ByVerb):
    """A GET without credentials is the first user's."""

    def authenticate(self, incoming: Incoming) -> Account:
        if self.verb == "GET" and incoming.webhook is None and incoming.token is None:
            return Account(self.state.users[1], webhook=True)
        return super().authenticate(incoming)


@faulty("credentials.wrong-secret")
class XmlUnchecked(_ByVerb):
    """The secret is not checked where XML is asked for."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        if incoming.webhook is not None and self.transport == "xml":
            user = self.find_user(incoming.webhook[0])
            return Account(user, webhook=True) if user else None
        return super().authenticate_webhook(incoming)


@faulty("credentials.wrong-secret")
class BatchUnchecked(Portal):
    """The secret is not checked for batches."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        if incoming.webhook is not None and incoming.method.lower() == "batch":
            user = self.find_user(incoming.webhook[0])
            return Account(user, webhook=True) if user else None
        return super().authenticate_webhook(incoming)


@faulty("credentials.scope")
class BatchScopeUnchecked(Portal):
    """The scope is not checked for the commands of a batch."""

    def run_command(self, command: str, call: Call) -> Value:
        user = dataclasses.replace(call.account.user, scopes=("imopenlines", "im"))
        return super().run_command(
            command, Call(call.parameters, dataclasses.replace(call.account, user=user))
        )


@faulty("batch.agrees")
class BatchAsFirstUser(Portal):
    """The commands of a batch run under the first user's rights."""

    def run_command(self, command: str, call: Call) -> Value:
        account = dataclasses.replace(call.account, user=self.state.users[1])
        return super().run_command(command, Call(call.parameters, account))


class _ByBearer(Portal):
    """Knows whether the token stood in a header."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        body = incoming.parameters.get("auth")
        if incoming.token is not None and body != incoming.token:
            return Account(self.state.users[1], webhook=False)
        return super().authenticate_oauth(incoming)


@faulty("oauth.wrong-token")
class BearerUnchecked(_ByBearer):
    """A token in a header is not checked."""


@faulty("oauth.expired-token")
class ExpiredInQuery(_ByVerb):
    """An expired token in the URL is accepted."""

    def answer_rest(self, request: Request, route: Route, started: float) -> Response:
        user = self.state.users[1]
        token = (user.expired_token or "").encode()
        if token and token in request.target.encode():
            right = request.target.replace(user.expired_token or "", user.access_token or "")
            return super().answer_rest(dataclasses.replace(request, target=right), route, started)
        return super().answer_rest(request, route, started)


@faulty("oauth.body")
class TokenInFormUnread(Portal):
    """A token in a form is not read."""

    def read_form(self, body: bytes) -> Array:
        return {key: value for key, value in super().read_form(body).items() if key != "auth"}


@faulty("oauth.query")
class TokenOfGetUnread(Portal):
    """A token in the URL of a GET is not read."""

    def read_query(self, request: Request) -> Array:
        query = super().read_query(request)
        return query if request.verb == "POST" else {k: v for k, v in query.items() if k != "auth"}


@faulty("oauth.body")
class TokensOfFirstUser(Portal):
    """Every token is the first user's."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        account = super().authenticate_oauth(incoming)
        return dataclasses.replace(account, user=self.state.users[1]) if account else None


@faulty("refusal.chat-type")
class ColleagueJoinsGroups(Portal):
    """Any member but the first user joins chats that are no open lines."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        wrong = right is Decision.CHAT_TYPE and user_id != 1 and self.is_member(user_id, chat_id)
        return Decision.MEMBER if wrong else right


@faulty("refusal.access-denied")
class ColleagueIsAdministrator(Portal):
    """The second user may join the chats that only members are in."""

    def may_join(self, user_id: int, chat_id: int) -> bool:
        alone = self.members(chat_id) and user_id == 2
        return super().may_join(user_id, chat_id) or bool(alone)


@faulty("xml.refusal")
class SystemRefusalsInJson(Portal):
    """With the suffix .xml wrong credentials are refused in JSON."""

    def render_xml(self, envelope: Value) -> bytes:
        system = isinstance(envelope, dict) and envelope.get("error") in (
            "INVALID_CREDENTIALS",
            "NO_AUTH_FOUND",
        )
        return self.render_json(envelope) if system else super().render_xml(envelope)
