"""Witnessing the declared chats of a live run, before they are used and afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest

from b24_conformance.declaration import CHAT_KINDS, ChatKind, Chats, Declaration, Person, Rung
from b24_conformance.events import Witnessed
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.live.readonly import METHODS, ReadOnly
from b24_conformance.live.witness import Before, witness_after, witness_before
from b24_conformance.pace import Unlimited
from b24_conformance.reference import Portal, Request, Response, Server, default_state, webhooks
from b24_conformance.reference.state import State
from shown_portal import NAME, Shown

STATE = default_state()
ABSENT = 9_999_999_999
CHATS = Chats((2043,), (2045,), (2047,), (12,), (ABSENT,))
NOBODY = "http://127.0.0.1:9"
Clients = dict[str, ReadOnly]
Connect = Callable[..., Clients]


def declared(
    chats: Chats = CHATS,
    *,
    colleagues: Chats | None = None,
    rung: Rung = "new",
    users: Mapping[str, int | None] | None = None,
    **more: Any,
) -> Declaration:
    """A live portal with these chats, and with a colleague if he has any list."""
    known = {"operator": 1, "colleague": 2, **(users or {})}
    people = {"operator": Person(known["operator"], chats)}
    if colleagues is not None:
        people["colleague"] = Person(known["colleague"], colleagues)
    return Declaration("https://example.bitrix24.com", rung=rung, people=people, **more)


def only(kind: ChatKind, *chats: int) -> Chats:
    """One list."""
    return Chats(**{kind: chats})


def refusing(status: int, body: bytes) -> Any:
    """A server that answers everything alike."""
    return lambda _: Response(status, (("Content-Type", "application/json"),), body)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Serves a portal over real HTTP, and makes the clients of the operator and a colleague."""
    with ExitStack() as stack:

        def clients(portal: Any, *, address: str | None = None) -> Clients:
            place = address or stack.enter_context(Server(portal)).address
            hooks = webhooks(place, STATE)
            users = {"operator": 1, "colleague": 2}
            keys = {name: Keys(Webhook.parse(hooks[user])) for name, user in users.items()}
            transport = HttpTransport(place, timeout=5)
            stack.callback(transport.close)
            keyring = Keyring("/rest/", keys)
            return {
                name: ReadOnly(transport, keyring, pace=Unlimited(), operator=name)
                for name in users
            }

        yield clients


def standings(events: tuple[Witnessed, ...]) -> dict[tuple[str, int], str]:
    """The standing of each chat."""
    return {(event.operator, event.chat): event.standing for event in events}


def the_one(before: Before) -> Witnessed:
    """The only event."""
    (event,) = before.events
    return event


class TestBefore:
    """What is said of each chat before it is used."""

    def test_as_declared(self, connect: Connect) -> None:
        """Chats of every kind that look as declared are witnessed."""
        before = witness_before(connect(Shown()), declared(colleagues=Chats()))
        expected = [("operator", kind, CHATS.of(kind)[0]) for kind in CHAT_KINDS]
        assert expected == [(e.operator, e.kind, e.chat) for e in before.events]
        assert {("witnessed", "", "before")} == {
            (e.standing, e.reason, e.when) for e in before.events
        }

    @pytest.mark.parametrize(
        ("kind", "chat", "why"),
        [
            ("joinable", 2045, "the operator takes part in it already"),
            ("joinable", 2050, "the portal grants the operator no access to it"),
            ("joined", 2043, "the operator does not take part in it"),
            ("joined", 12, "it belongs to no open line"),
            ("access_denied", 2043, "the portal grants the operator access to it"),
            ("access_denied", 2046, "the portal grants the operator access to it"),
            ("access_denied", 12, "it belongs to no open line"),
            ("not_open_line", 2045, "it belongs to an open line"),
            ("not_open_line", 2043, "it belongs to an open line"),
            ("absent", 12, "there is such a chat"),
            ("absent", 2043, "there is such a chat"),
        ],
    )
    def test_contradicted(self, connect: Connect, kind: ChatKind, chat: int, why: str) -> None:
        """A chat that looks otherwise makes the declaration out of date."""
        event = the_one(witness_before(connect(Shown()), declared(only(kind, chat)), despite=True))
        told = f"the declaration is out of date: chat {chat} is declared {kind}, but {why}"
        assert ("contradicted", told) == (event.standing, event.reason)

    @pytest.mark.parametrize(
        ("kind", "chat", "portal", "why"),
        [
            ("joinable", 2046, Shown(), "the queue offers it to the operator"),
            ("joinable", 2043, Shown(owners={2043: 1}), "the operator is responsible for it"),
            ("joinable", 2043, Shown(bots=[2043]), "a bot talks in it"),
            ("joined", 2045, Shown(owners={2045: 1}), "the operator is responsible for it"),
            ("joined", 2045, Shown(bots=[2045]), "a bot talks in it"),
        ],
    )
    def test_withheld(
        self, connect: Connect, kind: ChatKind, chat: int, portal: Shown, why: str
    ) -> None:
        """Chats better left alone are withheld, and witnessed where the user insists."""
        declaration = declared(only(kind, chat))
        event = the_one(witness_before(connect(portal), declaration))
        told = f"chat {chat} needs an explicit option: {why}"
        assert ("withheld", told) == (event.standing, event.reason)
        again = the_one(witness_before(connect(portal), declaration, despite=True))
        assert ("witnessed", "") == (again.standing, again.reason)

    @pytest.mark.parametrize(
        ("kind", "chat", "lacks", "missing"),
        [
            ("joinable", 2043, "im.recent.list", "whether it is offered"),
            ("joinable", 2043, "im.dialog.users.list", "whether a bot talks in it"),
            ("joined", 2045, "imopenlines.dialog.get", "its type"),
            ("access_denied", 2047, "profile", "that it is there"),
            ("access_denied", 2047, "imopenlines.dialog.get", "that access is refused"),
            ("not_open_line", 12, "im.chat.user.list", "the operator's part in it"),
            ("absent", ABSENT, "im.recent.list", "that its id is far above all in use"),
        ],
    )
    def test_unseen(
        self, connect: Connect, kind: ChatKind, chat: int, lacks: str, missing: str
    ) -> None:
        """What cannot be seen is told with what to add; a joinable chat is withheld then."""
        portal = Shown(lacks=[lacks])
        event = the_one(witness_before(connect(portal), declared(only(kind, chat))))
        assert ("withheld" if kind == "joinable" else "unseen") == event.standing
        assert event.reason.startswith("not witnessed: ")
        assert missing in event.reason
        assert "; " in event.reason

    def test_insisting(self, connect: Connect) -> None:
        """Whoever insists may join though nobody can tell whether the chat is offered."""
        clients = connect(Shown(lacks=["im.recent.list"]))
        declaration = declared(only("joinable", 2043))
        assert "witnessed" == the_one(witness_before(clients, declaration, despite=True)).standing

    def test_insisting_blindly(self, connect: Connect) -> None:
        """A chat of which nothing is seen is not joined, whoever insists."""
        clients = connect(Shown(lacks=["imopenlines.dialog.get"]))
        declaration = declared(only("joinable", 2043))
        assert "withheld" == the_one(witness_before(clients, declaration, despite=True)).standing

    def test_colleague(self, connect: Connect) -> None:
        """Only a colleague can witness that a refused chat is there."""
        alone = declared(only("access_denied", 2047))
        both = declared(only("access_denied", 2047), colleagues=Chats())
        found = [the_one(witness_before(connect(Shown()), one)) for one in (alone, both)]
        assert ["unseen", "witnessed"] == [event.standing for event in found]
        assert "a [colleague] who takes part in it could witness" in found[0].reason

    def test_colleague_is_the_operator(self, connect: Connect) -> None:
        """The operator's own second webhook is no second witness."""
        both = declared(only("access_denied", 2047), colleagues=Chats(), users={"colleague": 1})
        assert "unseen" == the_one(witness_before(connect(Shown()), both)).standing

    def test_colleagues_chats(self, connect: Connect) -> None:
        """Each operator's lists are witnessed by his own look, but for what nobody would join."""
        chats = Chats(joined=(2045,), access_denied=(2047,))
        theirs = Chats(joinable=(2045,), joined=(2047,), access_denied=(7000,))
        before = witness_before(connect(Shown()), declared(chats, colleagues=theirs))
        assert {"witnessed"} == {event.standing for event in before.events}
        assert 4 == len(before.events)

    @pytest.mark.parametrize(
        ("rung", "kinds"),
        [
            ("none", []),
            ("refused", ["access_denied", "not_open_line", "absent"]),
            ("repeat", ["joined", "access_denied", "not_open_line", "absent"]),
            ("new", [*CHAT_KINDS]),
        ],
    )
    def test_rungs(self, connect: Connect, rung: Rung, kinds: list[str]) -> None:
        """Only chats that the rung allows are looked at."""
        portal = Shown()
        before = witness_before(connect(portal), declared(rung=rung))
        assert kinds == [event.kind for event in before.events]
        assert bool(kinds) == bool(portal.asked)

    def test_outside(self, connect: Connect) -> None:
        """Where the operator is no member it is proved, for undoing a join by mistake."""
        before = witness_before(connect(Shown()), declared(colleagues=Chats()))
        outside = {event.kind: event.outside for event in before.events}
        expected = {"joinable": True, "joined": False, "access_denied": True}
        assert expected | {"not_open_line": False, "absent": True} == outside

    def test_user_ids(self, connect: Connect) -> None:
        """Who is not declared is asked for, in the same request as his chats."""
        portal = Shown()
        users = {"operator": None, "colleague": None}
        declaration = declared(colleagues=Chats(), users=users)
        before = witness_before(connect(portal), declaration)
        assert {"operator": 1, "colleague": 2} == before.users
        assert {"witnessed"} == {event.standing for event in before.events}
        assert ["im.recent.list", "batch", "batch"] == portal.asked

    def test_unknown_user(self, connect: Connect) -> None:
        """Of an operator whose id nobody tells his own role is enough, and no colleague counts."""
        portal = Shown(lacks=["profile"])
        declaration = declared(colleagues=Chats(), users={"operator": None})
        before = witness_before(connect(portal), declaration)
        expected = ["witnessed", "witnessed", "unseen", "unseen", "witnessed"]
        assert (expected, None) == ([e.standing for e in before.events], before.users["operator"])


class TestSparing:
    """How many requests a look costs."""

    def test_two_an_operator(self, connect: Connect) -> None:
        """Twenty-five chats of all kinds take two requests, and the second look takes one."""
        chats = Chats(
            (42, 2000, 2043, 2044, 4294967301),
            (2045, 7000, 2147483653),
            (5, 1000, 2047, 2050, 2051),
            (1, 12, 13, 14, 5000),
            tuple(range(ABSENT, ABSENT + 7)),
        )
        portal = Shown()
        clients, declaration = connect(portal), declared(chats)
        before = witness_before(clients, declaration)
        assert (25, ["im.recent.list", "batch"]) == (len(before.events), portal.asked)
        used = frozenset(standings(before.events))
        after = witness_after(clients, declaration, before, frozenset(), used=used)
        assert (25, "batch", 3) == (len(after), portal.asked[-1], len(portal.asked))
        assert 100 == len(portal.items)

    @pytest.mark.parametrize("kind", ["joined", "not_open_line"])
    def test_no_list(self, connect: Connect, kind: ChatKind) -> None:
        """The list of chats is not asked for where it would tell nothing."""
        portal = Shown()
        witness_before(connect(portal), declared(only(kind, *CHATS.of(kind))))
        assert ["batch"] == portal.asked

    def test_witness_only(self, connect: Connect) -> None:
        """A colleague without chats of his own is asked once, for the refused chats only."""
        portal = Shown()
        witness_before(connect(portal), declared(colleagues=Chats()))
        assert ["im.recent.list", "batch", "batch"] == portal.asked
        assert ["imopenlines.dialog.get", "im.chat.user.list"] == portal.items[-2:]

    def test_names_are_not_asked_for(self, connect: Connect) -> None:
        """Detailed lists of members are asked for only where bots matter."""
        portal = Shown()
        witness_before(connect(portal), declared())
        assert (2, 3) == tuple(
            portal.items.count(f"im.{what}.list") for what in ("dialog.users", "chat.user")
        )

    def test_plain_list(self, connect: Connect) -> None:
        """Without the detailed list the plain one is asked for, in one more request."""
        portal = Shown(lacks=["im.dialog.users.list"])
        witness_before(connect(portal), declared(Chats(joined=(2045, 7000))))
        assert (["batch", "batch"], ["im.chat.user.list"] * 2) == (portal.asked, portal.items[-2:])

    def test_missing_scope(self, connect: Connect) -> None:
        """Where the scope is missing the plain list is not asked for: it needs the same."""
        user = dataclasses.replace(STATE.users[1], scopes=("imopenlines",))
        portal = Shown(State.of([user], STATE.chats.values()))
        event = the_one(witness_before(connect(portal), declared(only("joined", 2045))))
        assert (["batch"], "witnessed") == (portal.asked, event.standing)

    def test_nothing_used(self, connect: Connect) -> None:
        """Where nothing was used nothing is looked at again."""
        portal = Shown()
        clients = connect(portal)
        before = witness_before(clients, declared(rung="none"))
        after = witness_after(clients, declared(), before, frozenset(), used=frozenset())
        assert ((), []) == (after, portal.asked)


class TestPoorPortals:
    """Portals that lack something, or everything."""

    def test_declared_without_batch(self, connect: Connect) -> None:
        """Where batch is declared missing the same is asked singly."""
        portal = Shown()
        before = witness_before(connect(portal), declared(colleagues=Chats(), without=("batch",)))
        assert {"witnessed"} == {event.standing for event in before.events}
        assert (13, False) == (len(portal.asked), "batch" in portal.asked)

    def test_found_without_batch(self, connect: Connect) -> None:
        """Where batch turns out to be missing the same is asked singly, by each operator."""
        portal = Shown(lacks=["batch"])
        clients, declaration = connect(portal), declared(colleagues=Chats())
        before = witness_before(clients, declaration)
        assert {"witnessed"} == {event.standing for event in before.events}
        assert (15, 2) == (len(portal.asked), portal.asked.count("batch"))
        used = frozenset({("operator", 2045)})
        after = witness_after(clients, declaration, before, frozenset(), used=used)
        assert (["witnessed"], 17) == ([e.standing for e in after], len(portal.asked))

    def test_without_scope_im(self, connect: Connect) -> None:
        """Without the scope im only roles are seen: nothing is joined, a joined chat is known."""
        user = dataclasses.replace(STATE.users[1], scopes=("imopenlines",))
        users = {**STATE.users, 1: user}
        portal = Shown(State.of(users.values(), STATE.chats.values()))
        before = witness_before(connect(portal), declared())
        expected = ["withheld", "witnessed", "unseen", "unseen", "unseen"]
        assert expected == [event.standing for event in before.events]
        assert "the scopes imopenlines and im are needed" in before.events[0].reason
        assert ["im.recent.list", "batch"] == portal.asked

    def test_without_scope_imopenlines(self, connect: Connect) -> None:
        """Without the scope imopenlines the list of chats tells what it can, and no more."""
        user = dataclasses.replace(STATE.users[1], scopes=("im",))
        users = {**STATE.users, 1: user}
        before = witness_before(
            connect(Shown(State.of(users.values(), STATE.chats.values()))), declared()
        )
        expected = ["withheld", "witnessed", "unseen", "witnessed", "unseen"]
        assert expected == [event.standing for event in before.events]

    @pytest.mark.parametrize(
        ("status", "body", "told"),
        [
            (401, b'{"error":"INVALID_CREDENTIALS"}', "INVALID_CREDENTIALS (HTTP 401)"),
            (401, b'{"error":"expired_token"}', "expired_token (HTTP 401)"),
            (200, b"<html>Log in</html>", "the answer is HTML (HTTP 200)"),
            (200, b"[1]", "the answer is no JSON object (HTTP 200)"),
        ],
    )
    def test_refused_everything(
        self, connect: Connect, status: int, body: bytes, told: str
    ) -> None:
        """Refused credentials and what is no portal are told of every chat after one request."""
        clients = connect(refusing(status, body))
        before = witness_before(clients, declared())
        assert {f"not witnessed: {told}"} == {event.reason for event in before.events}
        assert ["withheld"] + ["unseen"] * 4 == [event.standing for event in before.events]
        assert (1, False) == (
            clients["operator"].requests,
            any(event.outside for event in before.events),
        )

    def test_unreachable(self, connect: Connect) -> None:
        """Nobody there: every chat is told of after one attempt, and once more afterwards."""
        clients, declaration = connect(None, address=NOBODY), declared()
        before = witness_before(clients, declaration)
        used = frozenset(standings(before.events))
        after = witness_after(clients, declaration, before, frozenset(), used=used)
        assert 1 == clients["operator"].requests
        assert {"unseen"} == {event.standing for event in after}
        assert all("no connection to" in e.reason for e in (*before.events, *after))

    def test_refuses_each_question(self, connect: Connect) -> None:
        """A portal that refuses each single question contradicts, or leaves unseen."""
        errors = {f"q{n}": {"error": "ACCESS_DENIED", "error_description": NAME} for n in range(20)}
        body = msgspec.json.encode({"result": {"result": [], "result_error": errors}})
        before = witness_before(connect(refusing(200, body)), declared())
        expected = ["contradicted", "contradicted", "unseen", "unseen", "unseen"]
        assert expected == [event.standing for event in before.events]


class TestAfter:
    """The second look, at the chats that were used."""

    @pytest.fixture
    def looked(self, connect: Connect) -> tuple[Shown, Clients, Declaration, Before]:
        """A portal whose chats were witnessed, with a colleague."""
        portal = Shown()
        clients, declaration = connect(portal), declared(colleagues=Chats(joined=(2047,)))
        return portal, clients, declaration, witness_before(clients, declaration)

    def test_unchanged(self, looked: tuple[Shown, Clients, Declaration, Before]) -> None:
        """Chats that look as before are witnessed again; others are not looked at."""
        _, clients, declaration, before = looked
        used = frozenset({("operator", 2043), ("operator", 2047), ("operator", ABSENT)})
        after = witness_after(clients, declaration, before, frozenset(), used=used)
        assert dict.fromkeys(used, "witnessed") == standings(after)
        assert {("after", "")} == {(event.when, event.reason) for event in after}

    def test_joined(self, looked: tuple[Shown, Clients, Declaration, Before]) -> None:
        """A chat that the run joined must show the operator, and is told as his."""
        portal, clients, declaration, before = looked
        portal.apply_join(1, 2043)
        place = frozenset({("operator", 2043)})
        (event,) = witness_after(clients, declaration, before, place, used=place)
        assert ("witnessed", False) == (event.standing, event.outside)

    @pytest.mark.parametrize(
        ("chat", "joined", "inside", "why"),
        [
            (2043, True, False, "should look joined after the run, but the operator does not"),
            (2043, False, True, "should look joinable after the run, but the operator takes part"),
            (2045, False, False, "should look joined after the run, but the portal grants"),
            (2047, False, True, "should look access_denied after the run, but the portal grants"),
        ],
    )
    def test_changed(
        self,
        looked: tuple[Shown, Clients, Declaration, Before],
        *,
        chat: int,
        joined: bool,
        inside: bool,
        why: str,
    ) -> None:
        """A chat that changed under the run is told, and how."""
        portal, clients, declaration, before = looked
        (portal.apply_join if inside else portal.apply_leave)(1, chat)
        place = frozenset({("operator", chat)})
        (event,) = witness_after(
            clients, declaration, before, place if joined else frozenset(), used=place
        )
        assert ("contradicted", True) == (event.standing, why in event.reason)

    def test_hidden(self, looked: tuple[Shown, Clients, Declaration, Before]) -> None:
        """A group that is not shown any more after the run is unseen."""
        portal, clients, declaration, before = looked
        portal.apply_leave(1, 12)
        place = frozenset({("operator", 12)})
        (event,) = witness_after(clients, declaration, before, frozenset(), used=place)
        expected = ("unseen", "not witnessed: the operator's part in it, its type")
        assert expected == (event.standing, event.reason)

    def test_appeared(self, looked: tuple[Shown, Clients, Declaration, Before]) -> None:
        """An id that was of no chat may be of one after the run."""
        portal, clients, declaration, before = looked
        chat = dataclasses.replace(STATE.chats[2043], id=ABSENT)
        portal.state = State.of(STATE.users.values(), [*STATE.chats.values(), chat])
        place = frozenset({("operator", ABSENT)})
        (event,) = witness_after(clients, declaration, before, frozenset(), used=place)
        assert ("contradicted", True) == (event.standing, "there is such a chat" in event.reason)

    def test_wrongly_joined(self, looked: tuple[Shown, Clients, Declaration, Before]) -> None:
        """A join that should have been refused and stands is no excuse of the portal's."""
        portal, clients, declaration, before = looked
        portal.apply_join(1, 2047)
        place = frozenset({("operator", 2047)})
        (event,) = witness_after(clients, declaration, before, place, used=place)
        assert ("witnessed", False) == (event.standing, event.outside)

    def test_unseen_before(self, connect: Connect) -> None:
        """What was not seen before the run is not made good by what is seen after it."""
        clients, declaration = connect(Shown()), declared(only("absent", 999_999_999))
        before = witness_before(clients, declaration)
        place = frozenset({("operator", 999_999_999)})
        (event,) = witness_after(clients, declaration, before, frozenset(), used=place)
        (first,) = before.events
        assert ("unseen", "unseen", first.reason) == (first.standing, event.standing, event.reason)

    def test_lost(self, connect: Connect) -> None:
        """A portal that is gone after the run leaves its chats unseen."""
        portal = Portal()
        gone: list[bool] = []
        page = refusing(200, b"<html>Log in</html>")

        def answer(request: Request) -> Response:
            return page(request) if gone else portal.answer(request)

        clients = connect(answer)
        declaration = declared(only("joined", 2045))
        before = witness_before(clients, declaration)
        gone.append(True)
        place = frozenset({("operator", 2045)})
        (event,) = witness_after(clients, declaration, before, frozenset(), used=place)
        assert ("unseen", "not witnessed: the answer is HTML (HTTP 200)") == (
            event.standing,
            event.reason,
        )


class TestDiscretion:
    """What is asked, and what is kept."""

    def test_no_names(self, connect: Connect) -> None:
        """A customer's name in every answer is in no event."""
        portal = Shown(owners={2043: 1}, bots=[2045])
        clients = connect(portal)
        declaration = declared(colleagues=Chats(joined=(2047,)), users={"operator": None})
        before = witness_before(clients, declaration)
        used = frozenset(standings(before.events))
        after = witness_after(clients, declaration, before, frozenset(), used=used)
        assert NAME not in str((before, after))
        assert NAME not in msgspec.json.encode((before, after)).decode()

    def test_read_only(self, connect: Connect) -> None:
        """Only methods on the closed list are called, and nobody joins or leaves anything."""
        portal = Shown()
        members = [portal.members(chat) for chat in portal.state.chats]
        witness_before(connect(portal), declared(colleagues=CHATS))
        assert set() < {*portal.asked, *portal.items} <= METHODS
        assert "batch" not in portal.items
        assert members == [portal.members(chat) for chat in portal.state.chats]
