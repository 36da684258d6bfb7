"""Read-only questions: which, how many, and what is kept of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from b24_conformance.gate import GateClosedError
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.live.looking import look
from b24_conformance.live.questions import PAGE, Question, dialog, members, participants, profile
from b24_conformance.live.readonly import METHODS, ReadOnly, Trouble
from b24_conformance.live.readonly_answers import Availability, Line, Profile, RecentChats
from b24_conformance.pace import Unlimited
from b24_conformance.probe import JOIN, MEMBERS, Asking
from b24_conformance.reference import Portal, Request, Response, Server, default_state, webhooks
from b24_conformance.reference.helpers import Call

NAME = "Ivan Canary"
LOOK = ["imopenlines.dialog.get", "im.dialog.users.list"]
STATE = default_state()
Client = Callable[..., ReadOnly]
JSON = (("Content-Type", "application/json"),)


class Canary(Portal):
    """A portal that puts a customer's name into every text of its answers."""

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        body = json.loads(response.body)
        return Response(response.status, response.headers, json.dumps(named(body)).encode())


class Crowded(Portal):
    """A portal whose chats have so many members that the detailed list stops before the end."""

    def dialog_users_list(self, call: Call) -> Any:
        return [{"id": user, "bot": False} for user in range(1000, 1000 + PAGE)]

    def describe_chat(self, chat: Any, user_id: int) -> Any:
        return {**super().describe_chat(chat, user_id), "role": "new"}  # type: ignore[dict-item]


def named(value: Any, key: str = "") -> Any:
    """`value` with the name in every text that is no code, id or kind."""
    if isinstance(value, dict):
        named_too = {"title": NAME, "message": {"text": NAME}, "first_name": NAME}
        return {**named_too, **{name: named(inner, name) for name, inner in value.items()}}
    if isinstance(value, list):
        return [named(inner, key) for inner in value]
    kept = ("error", "ID", "id", "type", "role", "entity_type", "message_type", "result")
    return value if not isinstance(value, str) or key in kept else NAME


def replies(status: int, body: object, *headers: tuple[str, str]) -> Any:
    """A server with one answer for all."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: Response(status, (*(headers or JSON),), text)


def items(**results: object) -> Any:
    """A server that gives every batch these results."""
    return replies(200, {"result": {"result": results, "result_error": []}})


@pytest.fixture
def asked() -> list[str]:
    """The methods that servers were asked for."""
    return []


@pytest.fixture
def client(asked: list[str]) -> Iterator[Client]:
    """Makes clients of portals of their own, over real HTTP."""
    with ExitStack() as stack:

        def make(answer: Any = None, user: int = 1, **options: Any) -> ReadOnly:
            def noted(request: Request, *_: object) -> None:
                asked.append(method := request.target.rpartition("/")[2].removesuffix(".json"))
                if method == "batch":
                    items = json.loads(request.body)["cmd"].values()
                    asked.extend(item.partition("?")[0] for item in items)

            server = stack.enter_context(Server(answer or Portal(), on_exchange=noted))
            hooks = webhooks(server.address, STATE)
            keys = Keys(Webhook.parse(hooks[user]), STATE.users[user].access_token)
            expired = STATE.users[1].expired_token
            keyring = Keyring("/rest/", {"operator": keys}, Webhook.parse(hooks[9]), expired)
            transport = HttpTransport(server.address, timeout=5)
            stack.callback(transport.close)
            return ReadOnly(transport, keyring, pace=Unlimited(), **options)

        yield make


class TestQuestions:
    """What can be asked of the reference portal."""

    def test_operator(self, client: Client) -> None:
        """The caller, his scopes and his method are known."""
        one = client()
        assert Profile(1, admin=False) == one.profile()
        assert ("imopenlines", "im") == one.scope()
        assert Availability(existing=True, available=True) == one.method()
        assert Availability(existing=False, available=False) == one.method("no.such.method")

    def test_lines_missing(self, client: Client) -> None:
        """A portal without a method says so, and the next question is still asked."""
        one = client()
        assert Trouble("refused", "ERROR_METHOD_NOT_FOUND", 404) == one.lines()
        assert Profile(1, admin=False) == one.profile()

    def test_recent(self, client: Client) -> None:
        """The list of chats tells lines' chats from others."""
        found = client().recent()
        assert isinstance(found, RecentChats)
        assert found.complete
        lines = {one.chat for one in found.chats if one.line}
        assert {2045, 7000, 2147483653} == lines

    def test_guest(self, client: Client) -> None:
        """A line's chat that may be joined shows itself, its members and the role of a guest."""
        sight = look(one := client(), 2043, 1, one.recent())
        shown = (sight.line, sight.role, sight.members, sight.offered, sight.has_bot)
        assert (True, "guest", (100,), False, False) == shown

    def test_refused(self, client: Client) -> None:
        """A chat that may not be joined shows nothing but a refusal."""
        sight = look(one := client(), 2050, 1, one.recent())
        assert (True, None, None) == (sight.refused, sight.line, sight.members)

    def test_of_another_kind(self, client: Client) -> None:
        """A group is told by the list of chats."""
        sight = look(one := client(), 12, 1, one.recent())
        assert (False, True) == (sight.line, sight.has(1))

    def test_one_request_a_chat(self, client: Client, asked: list[str]) -> None:
        """A look at a chat costs one request."""
        look(one := client(), 2043, 1)
        look(one, 2050, 1)
        assert (2, ["batch", *LOOK, "batch", *LOOK]) == (one.requests, asked)

    def test_cut_off(self, client: Client, asked: list[str]) -> None:
        """Where the detailed list of members may be cut off, the plain one is asked for."""
        one = client(Crowded())
        assert look(one, 2043, 1).has(1) is False
        assert look(one, 2045, 1).has(1) is True
        assert (4, None) == (one.requests, look(one, 2045, 1).has_bot)
        assert 3 == asked.count(MEMBERS)

    def test_cut_off_for_good(self, client: Client) -> None:
        """A list that may be cut off says of nobody that he is not in the chat."""
        portal = Crowded()
        portal.methods = {name: m for name, m in portal.methods.items() if name != MEMBERS}
        assert look(client(portal), 2045, 1).has(1) is None

    def test_token(self, client: Client) -> None:
        """An access token goes in the body, never in the address."""
        assert Profile(1, admin=False) == client(asking=Asking(place="oauth_body")).profile()

    def test_foreign_credentials(self, client: Client) -> None:
        """The configured wrong credentials can be tried."""
        assert ("im",) == client(asking=Asking(identity="without_scope")).scope()
        expired = client(asking=Asking(place="oauth_body", identity="expired")).profile()
        assert Trouble("refused", "expired_token", 401) == expired

    def test_missing_scope(self, client: Client) -> None:
        """A missing scope is a value, and global questions are still asked."""
        one = client(user=9)
        assert Trouble("refused", "insufficient_scope", 401) == one.dialog(2043)
        assert Availability(existing=True, available=False) == one.method()


class TestClosedList:
    """Nothing else can ever be asked."""

    @pytest.mark.parametrize(
        "method",
        [
            JOIN,
            "im.chat.leave",
            "imopenlines.session.history.get",
            "im.dialog.messages.get",
            "batch",
        ],
    )
    def test_closed(self, client: Client, asked: list[str], method: str) -> None:
        """A method that is not on the list is not sent."""
        with pytest.raises(GateClosedError):
            client().ask(Question(method, {"CHAT_ID": 2043}, lambda result: result))
        with pytest.raises(GateClosedError):
            client().together([dialog(2043), Question(method, {"CHAT_ID": 2043}, str)])
        assert [] == asked

    def test_wrong_credentials(self, client: Client) -> None:
        """Invented credentials are never shown."""
        with pytest.raises(GateClosedError):
            client(asking=Asking(identity="random"))

    def test_only_these(self, client: Client, asked: list[str]) -> None:
        """All questions together ask for the methods on the list, and for each of them."""
        one = client()
        one.profile(), one.scope(), one.method(), one.lines(), one.members(2050)
        look(one, 2050, 1, one.recent())
        assert sorted(METHODS) == sorted(set(asked))


class TestTogether:
    """Several questions in one request."""

    def test_as_singly(self, client: Client) -> None:
        """Together they get the answers that they get one by one, in their order."""
        chats = (2043, 2050, 2045, 12)
        asked = [profile(), *map(dialog, chats), *map(members, chats), *map(participants, chats)]
        one, other = client(), client()
        other.batches = False
        found, singly = one.together(asked), other.together(asked)
        assert (1, 13) == (one.requests, other.requests)
        assert list(map(coded, singly)) == list(map(coded, found))
        assert ["ACCESS_ERROR", "ACCESS_ERROR"] == [str(found[2]), str(found[4])]

    def test_fifty(self, client: Client, asked: list[str]) -> None:
        """No more than fifty share a request."""
        one = client()
        found = one.together([members(chat) for chat in range(1, 102)])
        assert ((1, 2), (), 3) == (found[0], found[-1], one.requests)
        assert 101 == asked.count("im.chat.user.list")

    @pytest.mark.parametrize("count", [0, 1])
    def test_few(self, client: Client, asked: list[str], count: int) -> None:
        """Nothing needs no request, and one question no batch."""
        client().together([profile()] * count)
        assert ["profile"] * count == asked

    def test_as_php_reads(self, client: Client) -> None:
        """Parameters arrive as they were meant, whatever characters are in them."""
        told: list[dict[str, Any]] = []
        odd = {"a": "1&CHAT_ID=2 +%#?[]=", "b": {"c": [1, "ü"]}, "d": True, "e": None}

        class Told(Portal):
            def scope(self, call: Call) -> Any:
                told.append(dict(call.parameters))
                return []

        client(Told()).together([Question("scope", odd, str), profile()])
        expected = {"a": "1&CHAT_ID=2 +%#?[]=", "b": {"c": {0: "1", 1: "ü"}}, "d": "1"}
        assert [expected] == told

    @pytest.mark.parametrize(
        "parameters",
        [{"CHAT_ID": "$result[q0]"}, {"a": {"b": ["x $RESULT[q0][id]"]}}, {"$result[q0]": 1}],
    )
    def test_references(self, client: Client, asked: list[str], parameters: Any) -> None:
        """A reference to another item's result is never sent: nobody knows what it would ask."""
        with pytest.raises(GateClosedError):
            client().together([profile(), Question("scope", parameters, str)])
        assert [] == asked

    def test_no_batch(self, client: Client, asked: list[str]) -> None:
        """A portal that has no `batch` is tried once, and then asked singly."""
        portal = Portal()
        portal.methods = {name: m for name, m in portal.methods.items() if name != "batch"}
        one = client(portal)
        found = [one.together([profile(), members(12)]) for _ in range(2)]
        together = ["profile", MEMBERS]
        assert [[Profile(1, admin=False), (1, 3)]] * 2 == found
        assert ["batch", *together, *together, *together] == asked

    @pytest.mark.parametrize("result", [True, [], {"result": [1, 2], "result_error": []}])
    def test_odd_batch(self, client: Client, result: object) -> None:
        """A batch that is answered otherwise than documented is not asked for again."""
        portal = Portal()

        def answer(request: Request) -> Response:
            if "batch" in request.target:
                return replies(200, {"result": result})(request)
            return portal.answer(request)

        one = client(answer)
        found = [one.together([profile(), members(12)]) for _ in range(2)]
        assert ([[Profile(1, admin=False), (1, 3)]] * 2, 5) == (found, one.requests)

    def test_missing_item(self, client: Client) -> None:
        """An item that the answer leaves out is a trouble of its own."""
        found = client(items(q0=[1, 3])).together([members(12), members(13)])
        assert [(1, 3), Trouble("odd", detail="not the documented answer")] == found

    def test_missing_scope(self, client: Client, asked: list[str]) -> None:
        """Items that want a scope are refused, others answered; the method is not asked again."""
        one = client(user=9)
        found = one.together([profile(), dialog(2043), members(2043)])
        refused = Trouble("refused", "insufficient_scope")
        assert [Profile(9, admin=False), refused, ()] == found
        assert [refused, ()] == one.together([dialog(2044), members(2044)])
        assert ["batch", "profile", LOOK[0], MEMBERS, MEMBERS] == asked

    def test_blocked_item(self, client: Client) -> None:
        """A method that a limit blocks in a batch is not called again, others are."""
        errors = {"q0": {"error": "OPERATION_TIME_LIMIT", "error_description": NAME}}
        body = {"result": {"result": {"q1": [1, 3]}, "result_error": errors}}
        one = client(replies(200, body))
        blocked = Trouble("throttled", "OPERATION_TIME_LIMIT")
        assert [blocked, (1, 3)] == one.together([dialog(12), members(12)])
        assert (blocked, 1) == (one.dialog(13), one.requests)

    def test_name_in_an_item(self, client: Client) -> None:
        """A sentence in the place of an item's code is not repeated."""
        for error in (NAME, {"error": NAME}, {"error": [NAME]}, None):
            body = {"result": {"result": [], "result_error": {"q0": error, "q1": error}}}
            found = client(replies(200, body)).together([dialog(7), members(7)])
            assert [Trouble("refused", "an unknown code")] * 2 == found

    def test_final(self, client: Client, asked: list[str]) -> None:
        """What would meet every further question is told of each, and nothing more is sent."""
        one = client(replies(401, {"error": "INVALID_CREDENTIALS"}))
        trouble = Trouble("refused", "INVALID_CREDENTIALS", 401)
        assert [trouble] * 60 == one.together([members(7)] * 60)
        assert (trouble, 1) == (one.stopped, one.requests)

    def test_passing(self, client: Client) -> None:
        """After a gateway's page the questions are asked again, in halves."""
        portal, left = Portal(), [502]

        def answer(request: Request) -> Response:
            if left:
                return replies(left.pop(), b"<html>Bad Gateway</html>")(request)
            return portal.answer(request)

        one = client(answer)
        assert [(1, 3)] * 4 == one.together([members(12)] * 4)
        assert (3, None) == (one.requests, one.stopped)

    def test_oversized(self, client: Client) -> None:
        """Answers that are too long for one request come in two."""
        portal = Portal()

        def answer(request: Request) -> Response:
            if request.body.count(b"im.chat.user.list") > 2:
                return replies(200, {"result": "x" * 2**21})(request)
            return portal.answer(request)

        one = client(answer)
        assert [(1, 3)] * 4 == one.together([members(12)] * 4)
        assert 3 == one.requests

    def test_passing_twice(self, client: Client) -> None:
        """A portal that goes on failing is left alone after two requests."""
        one = client(replies(502, b"<html>Bad Gateway</html>"))
        found = one.together([members(12)] * 60)
        assert ({"not_json"}, 2) == ({one.kind for one in found}, one.requests)  # type: ignore[union-attr]


def coded(answer: object) -> object:
    """An answer without the HTTP status, which items of a batch have not."""
    return (answer.kind, answer.code) if isinstance(answer, Trouble) else answer


class TestDiscretion:
    """No name, title or message is ever kept."""

    def test_nothing_kept(self, client: Client) -> None:
        """A customer's name in every text of every answer is in no value."""
        one = client(Canary())
        values = [one.profile(), one.scope(), one.method(), one.lines(), one.recent()]
        values += [one.participants(2045), one.dialog(2045), one.dialog(2050)]
        values += [look(one, chat, 1, values[4]) for chat in (2043, 2045, 2050, 12)]  # type: ignore[arg-type]
        assert NAME not in str(values) + msgspec.json.encode(values).decode()
        assert not any(isinstance(value, Trouble) and value.kind == "odd" for value in values)

    @pytest.mark.parametrize("field", ["role", "entity_type", "message_type", "owner", "type"])
    def test_name_in_a_kind(self, client: Client, field: str) -> None:
        """A name in the place of a kind is dropped."""
        found = client(replies(200, {"result": {"id": 7, field: NAME}})).dialog(7)
        assert NAME not in str(found)

    def test_name_in_a_code(self, client: Client) -> None:
        """A sentence in the place of an error's code is not repeated."""
        found = client(replies(400, {"error": f"{NAME} is busy"})).dialog(7)
        assert Trouble("refused", "an unknown code", 400) == found

    def test_secret_echoed(self, client: Client) -> None:
        """A portal that echoes the secret does not get it into a value."""
        secret = str(STATE.users[1].webhook_secret)
        found = client(replies(400, {"error": f"X{secret}"})).dialog(7)
        assert secret not in str(found)

    def test_customers_are_not_asked_for(self, client: Client) -> None:
        """The portal is asked to leave customers and private talks out."""
        bodies: list[dict[str, Any]] = []

        def answer(request: Request) -> Response:
            bodies.append(json.loads(request.body))
            return replies(200, {"result": []})(request)

        one = client(answer)
        one.participants(7), one.recent()
        assert ("Y", "bot") == (
            bodies[0]["SKIP_EXTERNAL"],
            bodies[0]["SKIP_EXTERNAL_EXCEPT_TYPES"],
        )
        assert "Y" == bodies[1]["SKIP_DIALOG"]


class TestDocumentedAnswers:
    """What documentation and real portals show beyond the reference portal."""

    def test_recent_item(self, client: Client) -> None:
        """The list's own description of a chat is read; whoever has not answered is offered."""
        chat = {"id": 5, "type": "lines", "entity_type": "LINES", "role": "GUEST", "owner": "0"}
        item = {"id": "chat5", "chat_id": 5, "type": "chat", "chat": chat, "lines": {"status": 0}}
        talk = {"id": 547, "chat_id": 9, "type": "user", "title": NAME}
        body = {"result": {"items": [item, talk], "hasMore": False}}
        found = client(replies(200, body)).recent()
        assert isinstance(found, RecentChats)
        (one,) = found.chats
        assert (5, True, True, "guest") == (one.chat, one.line, one.offered, one.dialog.role)

    @pytest.mark.parametrize(("status", "offered"), [(5, True), ("10", False), ("x", None)])
    def test_offered(self, client: Client, status: object, offered: bool | None) -> None:
        """A session without an operator is offered."""
        item = {"chat_id": 5, "type": "lines", "lines": {"status": status}}
        found = client(replies(200, {"result": {"items": [item]}})).recent()
        assert isinstance(found, RecentChats)
        assert offered is found.chats[0].offered

    def test_pages(self, client: Client) -> None:
        """Further pages are asked for as far as allowed; overlaps count once."""

        def answer(request: Request) -> Response:
            offset = json.loads(request.body)["OFFSET"]
            items = [{"chat_id": 1, "type": "chat"}, {"chat_id": offset + 1, "type": "chat"}]
            return replies(200, {"result": {"items": items, "hasMore": True}})(request)

        found = client(answer).recent(pages=2)
        assert isinstance(found, RecentChats)
        assert ([1, 101], False) == (sorted({one.chat for one in found.chats}), found.complete)

    def test_lines(self, client: Client) -> None:
        """Lines come with their queues, as lists of ids or of objects."""
        rows = [
            {"ID": "1", "LINE_NAME": NAME, "QUEUE": ["1", "5"]},
            {"ID": 2, "QUEUE": {"7": {"USER_ID": "7", "USER_NAME": NAME}}},
            {"ID": "3"},
        ]
        expected = (Line(1, (1, 5)), Line(2, (7,)), Line(3))
        assert expected == client(replies(200, {"result": rows})).lines()

    def test_bot(self, client: Client) -> None:
        """A bot among the members is seen; where bots are not told of, nothing is claimed."""
        people = [{"id": 1, "bot": False}, {"id": 9, "bot": True}]
        assert look(client(items(q0={"id": 7}, q1=people)), 7, 1).has_bot is True
        assert look(client(items(q0={"id": 7}, q1=[{"id": 1}])), 7, 1).has_bot is None


class TestTroubles:
    """Errors are values, and what cannot get better is not asked again."""

    def test_unreachable(self, client: Client) -> None:
        """Nobody there: one attempt, then silence."""
        one = client()
        one._transport = HttpTransport("http://127.0.0.1:9", timeout=2)
        first = one.profile()
        assert isinstance(first, Trouble)
        assert ("unreachable", first) == (first.kind, one.scope())
        assert 1 == one.requests

    @pytest.mark.parametrize(
        ("answer", "kind", "told"),
        [
            (
                replies(302, b"", ("Location", "https://new.example/rest/1/SECRET/")),
                "redirect",
                "moved to https://new.example (HTTP 302)",
            ),
            (
                replies(200, b"<html>Log in</html>", ("Content-Type", "text/html")),
                "not_json",
                "the answer is HTML (HTTP 200)",
            ),
            (replies(200, [1]), "not_json", "the answer is no JSON object (HTTP 200)"),
            (
                replies(401, {"error": "INVALID_CREDENTIALS"}),
                "refused",
                "INVALID_CREDENTIALS (HTTP 401)",
            ),
            (replies(401, {"error": "OVERLOAD_LIMIT"}), "throttled", "OVERLOAD_LIMIT (HTTP 401)"),
        ],
    )
    def test_final(
        self, client: Client, asked: list[str], answer: Any, kind: str, told: str
    ) -> None:
        """A redirect, a page, wrong credentials and a block end the questions at once."""
        one = client(answer)
        first = one.profile()
        assert isinstance(first, Trouble)
        assert (kind, told, first) == (first.kind, str(first), one.dialog(7))
        assert ["profile"] == asked

    def test_throttled_for_a_while(self, client: Client) -> None:
        """A limit that goes away is waited for, longer each time."""
        waits: list[float] = []
        portal, left = Portal(), [503, 503]

        def answer(request: Request) -> Response:
            if left:
                return replies(left.pop(), {"error": "QUERY_LIMIT_EXCEEDED"})(request)
            return portal.answer(request)

        one = client(answer, sleep=waits.append)
        assert Profile(1, admin=False) == one.profile()
        assert ([0.5, 1.0], 3) == (waits, one.requests)

    def test_throttled_for_ever(self, client: Client) -> None:
        """A limit that stays ends the questions after a bounded number of requests."""
        answer = replies(503, {"error": "QUERY_LIMIT_EXCEEDED"})
        one = client(answer, sleep=lambda _: None)
        found = [one.profile(), one.scope()]
        assert [Trouble("throttled", "QUERY_LIMIT_EXCEEDED", 503)] * 2 == found
        assert 6 == one.requests

    def test_operation_limit(self, client: Client) -> None:
        """A method that is blocked for its use of time is not called again, others are."""
        portal = Portal()

        def answer(request: Request) -> Response:
            if "im.recent.list" in request.target:
                return replies(429, {"error": "OPERATION_TIME_LIMIT"})(request)
            return portal.answer(request)

        one = client(answer)
        blocked = Trouble("throttled", "OPERATION_TIME_LIMIT", 429)
        assert [blocked, blocked] == [one.recent(), one.recent()]
        assert Profile(1, admin=False) == one.profile()
        assert 2 == one.requests

    def test_passing(self, client: Client) -> None:
        """A gateway's page may be gone at the next question; twice it ends them."""
        one = client(replies(502, b"<html>Bad Gateway</html>", ("Content-Type", "text/html")))
        for _ in range(4):
            one.profile()
        assert 2 == one.requests

    def test_odd(self, client: Client) -> None:
        """A result of another form than the documented one is a trouble, not a crash."""
        one = client(replies(200, {"result": "yes"}))
        questions = (one.profile, one.scope, one.method, one.lines, one.recent)
        kinds = [answer.kind for ask in questions if isinstance(answer := ask(), Trouble)]
        assert ["odd"] * 5 == kinds
        chats = (one.members(7), one.participants(7), one.dialog(7))
        assert ["odd"] * 3 == [answer.kind for answer in chats if isinstance(answer, Trouble)]
