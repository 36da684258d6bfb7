"""A declaration is not an oracle: chats that look otherwise are not used, or prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from faulty_portals import JOINED, Changing, Open, line
from live_runs import JOIN, Done, Sent, live_run

from b24_conformance.declaration import Chats, Declaration, Person, Rung
from b24_conformance.events import Joining
from b24_conformance.options import Options
from b24_conformance.reference import Portal, Request
from shown_portal import state_with

GOOD = Chats((2043,), (2045,), (2047,), (12,), (999999999,))
COLLEAGUE = Chats(joined=(2047,))
NEEDED = {
    "joinable": "success.joinable",
    "joined": "success.member",
    "access_denied": "refusal.access-denied",
    "not_open_line": "refusal.chat-type",
    "absent": "refusal.absent",
}
# Which list is out of date, the chat in it, the portal, and a word of the reason.
STALE: dict[str, tuple[str, int, dict[str, Any], str]] = {
    "joined-without-him": ("joined", 2050, {}, "no access"),
    "joined-seen-by-role": ("joined", 42, {}, "does not take part"),
    "joinable-with-him": ("joinable", 7000, {}, "takes part in it already"),
    "joinable-refused": ("joinable", 2050, {}, "no access"),
    "joinable-group": ("joinable", 5000, {}, "no open line"),
    "denied-but-open": ("access_denied", 2044, {}, "grants the operator access"),
    "denied-but-inside": ("access_denied", 7000, {}, "grants the operator access"),
    "other-kind-is-line": ("not_open_line", 7000, {}, "belongs to an open line"),
    "absent-exists": ("absent", 2044, {}, "there is such a chat"),
    "absent-group": ("absent", 5000, {}, "there is such a chat"),
}
WARNED: dict[str, tuple[int, dict[str, Any], str]] = {
    "offered": (2046, {}, "offers it"),
    "owned": (2043, {"owners": {2043: 1}}, "responsible"),
    "bot": (2043, {"bots": (2043,)}, "a bot talks"),
}


class TestSparing:
    """One real join is enough."""

    PEOPLE: ClassVar = {
        "operator": Person(1, Chats(joinable=(2043, 2044), joined=(2045,))),
        "colleague": Person(2, Chats(joinable=(2044,), access_denied=(2043,))),
    }

    def joinable(self, found: Declaration) -> dict[str, tuple[int, ...]]:
        """What each operator may join."""
        return {name: person.chats.joinable for name, person in found.people.items()}

    def test_live(self) -> None:
        """Nobody but the operator joins, and he one chat, the first; other lists stay."""
        declared = Declaration("one", rung="new", people=self.PEOPLE)
        found = declared.sparing()
        assert {"operator": (2043,), "colleague": ()} == self.joinable(found)
        assert ((2045,), (2043,)) == (
            found.operator.chats.joined,
            found.chats("colleague").access_denied,
        )
        several = {"operator": (2043, 2044), "colleague": ()}
        assert several == self.joinable(declared.sparing(joins=None))
        assert found == found.sparing()

    def test_stand_in(self) -> None:
        """Where a join hurts nobody nothing is spared."""
        declared = Declaration("one", stand_in=True, rung="new", people=self.PEOPLE)
        assert declared == declared.sparing()


def with_list(kind: str, *chats: int) -> Chats:
    """The good lists with another one of a kind."""
    return Chats(**{k: chats if k == kind else GOOD.of(k) for k in NEEDED})  # type: ignore[arg-type]


def asked_for(done: Done, chat: int) -> list[Sent]:
    """The requests that would join a chat."""
    needle = (f'"CHAT_ID":{chat}', f"CHAT_ID={chat}", f'"CHAT_ID":"{chat}"')
    alone = [one for one in done.sent if one.method == JOIN and any(n in one.line for n in needle)]
    commands = (f"{JOIN}?CHAT_ID={chat}", f"{JOIN}?CHAT_ID={chat}&")
    return alone + [
        one
        for one in done.sent
        if any(c == commands[0] or c.startswith(commands[1]) for c in one.commands)
    ]


class TestOutOfDate:
    """Chats that are declared as something that they are not."""

    @pytest.mark.parametrize("name", STALE)
    def test_not_used(self, tmp_path: Path, name: str) -> None:
        """Such a chat is never asked for; what needs it is not checked, and nothing fails."""
        kind, chat, more, word = STALE[name]
        portal = Open(**more)
        lists: dict[str, Any] = {"chats": with_list(kind, chat), "colleague": COLLEAGUE}
        done = live_run(portal, tmp_path, **lists)
        judged = done.judged[NEEDED[kind]]
        assert ("not_checked", True) == (judged.status, judged.required)
        assert "the declaration is out of date" in str(judged.reason)
        assert word in str(judged.reason)
        assert [] == asked_for(done, chat)
        assert "failed" not in done.statuses.values()
        assert "incomplete" == done.finished.verdict
        assert 3 == done.exit_code
        assert {2043} >= {entry[2] for entry in portal.log}

    @pytest.mark.parametrize("name", STALE)
    def test_not_even_despite_warnings(self, tmp_path: Path, name: str) -> None:
        """--despite-warnings is about warnings, not about what is plainly wrong."""
        kind, chat, more, _ = STALE[name]
        options = Options(despite_warnings=True)
        done = live_run(Open(**more), tmp_path, chats=with_list(kind, chat), options=options)
        assert [] == asked_for(done, chat)
        assert "not_checked" == done.statuses[NEEDED[kind]]

    def test_the_others_are_used(self, tmp_path: Path) -> None:
        """One chat of a list that is out of date spoils nothing for the next one."""
        chats = with_list("joinable", 7000, 2043)
        done = live_run(Open(), tmp_path, chats=chats)
        assert 0 == done.exit_code, done.finished
        assert [2043] == [event.chat for event in done.of(Joining)]


class TestWarnings:
    """Chats that had better not be joined."""

    @pytest.mark.parametrize("name", WARNED)
    def test_withheld(self, tmp_path: Path, name: str) -> None:
        """Without the explicit option nobody joins, and the reason says what it takes."""
        chat, more, word = WARNED[name]
        portal = Open(**more)
        done = live_run(portal, tmp_path, chats=with_list("joinable", chat))
        assert [] == portal.log == done.of(Joining)
        judged = done.judged["success.joinable"]
        assert "not_checked" == judged.status
        assert word in str(judged.reason)
        assert "option" in str(judged.reason)
        assert 3 == done.exit_code

    @pytest.mark.parametrize("name", WARNED)
    def test_despite(self, tmp_path: Path, name: str) -> None:
        """With the option they are joined and left like any other."""
        chat, more, _ = WARNED[name]
        portal = Open(**more)
        options = Options(despite_warnings=True)
        done = live_run(portal, tmp_path, chats=with_list("joinable", chat), options=options)
        assert 0 == done.exit_code, done.finished
        assert [chat, chat] == [entry[2] for entry in portal.log]


class TestUnseen:
    """What nobody could see."""

    def test_nothing_joined(self, tmp_path: Path) -> None:
        """Without the scope for looking nobody joins anything, and it is said what to add."""
        portal = Open(state=state_with(scopes=("imopenlines",)))
        done = live_run(portal, tmp_path, chats=GOOD)
        assert [] == portal.log
        assert "scope" in str(done.judged["success.joinable"].reason)
        assert 3 == done.exit_code

    @pytest.mark.parametrize("rung", ["refused", "repeat", "new"])
    def test_failures_are_inconclusive(self, tmp_path: Path, rung: Rung) -> None:
        """A wrong refusal of a chat that nobody could witness may be the declaration's fault."""
        portal = Wrong(state=state_with(scopes=("imopenlines",)))
        done = live_run(portal, tmp_path, joins=rung, chats=GOOD)
        judged = done.judged["refusal.chat-type"]
        assert "inconclusive" == judged.status, judged
        assert "not witnessed" in str(judged.reason)
        assert 3 == done.exit_code

    def test_failures_of_the_witnessed(self, tmp_path: Path) -> None:
        """The same refusal of a chat that was witnessed is a failure."""
        done = live_run(Wrong(), tmp_path, chats=GOOD)
        assert "failed" == done.statuses["refusal.chat-type"]
        assert 1 == done.exit_code


class Wrong(Open):
    """Answers ACCESS_DENIED where CHAT_TYPE is demanded."""

    def join_refusal(self, code: str) -> Any:
        return super().join_refusal("ACCESS_DENIED" if code == "CHAT_TYPE" else code)


def taken_out(portal: Changing) -> None:
    """Somebody takes the operator out of the chat that he was a member of."""
    Portal.apply_leave(portal, 1, 2045)
    portal.state = state_with(line(2045))


def turned(portal: Changing) -> None:
    """The chat of another kind becomes a line's, in which he still is."""
    portal.state = state_with(line(12, 1))


def after_joins(count: int) -> Callable[[Request], bool]:
    """True from the join of that number on (a batch counts as one)."""
    seen = iter(range(99))
    return lambda request: (
        "session.join" in f"{request.target}{request.body!r}" and (next(seen) >= count)
    )


class TestChanging:
    """Chats that change during the run."""

    @pytest.mark.parametrize(
        ("change", "count"), [(taken_out, 5), (taken_out, 12), (turned, 1), (turned, 12)]
    )
    def test_no_failure(
        self, tmp_path: Path, change: Callable[[Changing], None], count: int
    ) -> None:
        """Answers that fit a chat no longer are no failures: the look afterwards tells of it."""
        portal = Changing(after_joins(count), change)
        done = live_run(portal, tmp_path, chats=GOOD, colleague=COLLEAGUE)
        assert portal.changed
        failed = [c for c, status in done.statuses.items() if status == "failed"]
        assert [] == failed, [done.judged[c].reason for c in failed]
        # Who sees a join that was to be refused stops at once, whatever turns out afterwards.
        joined = "JOINED A CHAT" in str(done.finished.note)
        assert (4 if joined else 3) == done.exit_code
        left = [entry for entry in portal.log if entry[2] == 2043]
        assert left in ([], [(JOINED, 1, 2043), ("left", 1, 2043)])
