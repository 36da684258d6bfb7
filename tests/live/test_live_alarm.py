"""A live portal that joins what it should refuse: the run stops at once, undoes, and exits 4."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from faulty_portals import JOINED, LEFT, AnySecret, Open, line
from greedy_portal import READINGS, Greedy, Reading
from live_command import at_hand, command
from live_runs import JOIN, Done, live_run

from b24_conformance.declaration import Chats, Rung
from b24_conformance.events import Joining, Left, Observed
from b24_conformance.live.joins import pending
from b24_conformance.options import Options
from shown_portal import state_with

ABSENT = 999999999
CHATS = Chats((2043,), (2045,), (2047,), (12,), (ABSENT,))
COLLEAGUE = Chats(joined=(2047,))
ALARM = "A LIVE PORTAL JOINED A CHAT THAT IT SHOULD HAVE REFUSED"


def alarmed(done: Done) -> int:
    """How many joins were sent after the one that was wrong."""
    observed = [event.observation for event in done.of(Observed)]
    wrong = next(
        place
        for place, one in enumerate(observed)
        if one.outcome.kind == "joined" and (one.probe.chat_id not in ("2043", "2045"))
    )
    number = observed[wrong].exchanges[-1].number
    later = {e.number for o in observed[wrong:] for e in o.exchanges if e.number > number}
    joins = [
        o for o in observed[wrong:] if o.exchanges[-1].number in later and o.probe.method == JOIN
    ]
    return len(joins)


class TestAlarm:
    """Wrong joins, singly and in batches."""

    @pytest.mark.parametrize("rung", ["refused", "repeat", "new"])
    @pytest.mark.parametrize(
        ("chat", "only", "without"),
        [
            (2047, "", ()),
            (2047, "alone", ()),
            (2047, "batch", ()),
            (2047, "", ("batch",)),
            (ABSENT, "", ()),
            (ABSENT, "batch", ()),
            (ABSENT, "alone", ("batch",)),
        ],
    )
    def test_stops_and_undoes(
        self, tmp_path: Path, chat: int, only: str, without: tuple[str, ...], rung: Rung
    ) -> None:
        """Nothing is asked after it, and the operator, who was outside, is out again."""
        # What is declared absent is there after all, and hidden from the operator.
        portal = Open(chat, only=only, state=state_with(line(ABSENT)))
        lists: dict[str, Any] = {"chats": CHATS, "colleague": COLLEAGUE}
        done = live_run(portal, tmp_path, joins=rung, without=without, **lists)
        assert 4 == done.exit_code
        assert str(done.finished.note).startswith(ALARM), done.finished.note
        assert str(chat) in str(done.finished.note)
        assert 0 == alarmed(done)
        assert [(JOINED, 1, chat), (LEFT, 1, chat)] == [e for e in portal.log if e[2] == chat]
        assert f"out of chat {chat} again" in str(done.finished.note)
        assert [chat] == [event.chat for event in done.of(Left) if event.chat == chat]
        assert portal.log.count((JOINED, 1, 2043)) == portal.log.count((LEFT, 1, 2043))
        told = [event.chat for event in done.of(Joining)]
        assert told.count(chat) == 1

    def test_failed(self, tmp_path: Path) -> None:
        """The clause that was broken is failed, though the chat looks otherwise by then."""
        done = live_run(Open(2047), tmp_path, joins="refused", chats=CHATS, colleague=COLLEAGUE)
        assert "failed" == done.statuses["refusal.access-denied"]

    @pytest.mark.parametrize("only", ["alone", "batch"])
    def test_another_kind_of_chat(self, tmp_path: Path, only: str) -> None:
        """Where the operator is a member anyhow, the run stops, and he stays a member."""
        portal = Open(12, only=only)
        done = live_run(portal, tmp_path, chats=CHATS)
        assert 4 == done.exit_code
        assert "not undone" in str(done.finished.note)
        assert 1 in portal.members(12)
        assert (LEFT, 1, 12) not in portal.log

    def test_not_proved(self, tmp_path: Path) -> None:
        """Who cannot be proved to have been outside is not taken out."""
        portal = Open(2050, lacks=("im.chat.user.list", "im.dialog.users.list"))
        done = live_run(portal, tmp_path, joins="refused", chats=CHATS, colleague=COLLEAGUE)
        assert done.exit_code in (0, 3)
        portal = Open(2047, lacks=("im.chat.user.list", "im.dialog.users.list"))
        done = live_run(portal, tmp_path, joins="refused", chats=CHATS)
        assert 4 == done.exit_code
        assert "not undone" in str(done.finished.note)
        assert [(JOINED, 1, 2047)] == portal.log

    @pytest.mark.parametrize("rung", ["none", "new"])
    def test_any_secret(self, tmp_path: Path, rung: Rung) -> None:
        """A portal that joins by a wrong secret is stopped at its first such answer."""
        portal = AnySecret()
        done = live_run(portal, tmp_path, joins=rung, chats=CHATS)
        assert 4 == done.exit_code
        assert str(done.finished.note).startswith(ALARM)
        assert portal.log.count((JOINED, 1, 2043)) == portal.log.count((LEFT, 1, 2043))

    @pytest.mark.parametrize("most", [3, 6, 9, 12, 20])
    def test_small_budget(self, tmp_path: Path, most: int) -> None:
        """A budget leaves room for the way out of a chat that was wrongly joined."""
        portal = Open(2047)
        options = Options(max_requests=most)
        done = live_run(portal, tmp_path, chats=CHATS, colleague=COLLEAGUE, options=options)
        assert len(done.sent) <= most
        assert portal.log.count((JOINED, 1, 2047)) == portal.log.count((LEFT, 1, 2047))

    def test_stays_nowhere_else(self, tmp_path: Path) -> None:
        """--stay is about what was to be joined, not about what was joined wrongly."""
        portal = Open(2047)
        options = Options(stay=True)
        done = live_run(portal, tmp_path, chats=CHATS, colleague=COLLEAGUE, options=options)
        assert 4 == done.exit_code
        assert (LEFT, 1, 2047) in portal.log


class TestConsole:
    """What the user sees."""

    @pytest.mark.parametrize("words", [(), ("--quiet",)], ids=["loud", "quiet"])
    def test_said_first(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        """The first line of the outcome says that a live portal joined what it should not have."""
        with at_hand(Open(2047), tmp_path, chats=CHATS, colleague=COLLEAGUE):
            done = command(tmp_path, "run", "--joins", "refused", *words)
        assert 4 == done.returncode, done.stderr
        told = [line for line in done.stdout.splitlines() if not line.startswith(("asking", "  "))]
        assert told[0].startswith(f"{ALARM}: CHAT_ID 2047; stopped at once")


class TestOtherReadings:
    """A portal that takes one declared chat for another declared one: wrong, but no alarm."""

    PEOPLE: ClassVar = {
        "operator": Chats((2043,), (2045,), (2050,), (12,), (2**32 + 2043, 2**32 + 2045))
    }

    def test_told_and_undone(self, tmp_path: Path) -> None:
        """A join by way of another number is told before, is undone, and breaks a MUST."""
        portal = Greedy(self.PEOPLE, reading("32 bits"))
        done = live_run(portal, tmp_path, chats=self.PEOPLE["operator"])
        assert 1 == done.exit_code, done.finished
        assert "failed" == done.statuses["refusal.absent-never-joined"]
        assert [(1, 2043)] == portal.joined == portal.left
        kinds = [
            "joining" if isinstance(event, Joining) else "asked"
            for event in done.events
            if isinstance(event, Joining)
            or (
                isinstance(event, Observed) and str(2**32 + 2043) in event.observation.probe.literal
            )
        ]
        assert "joining" == kinds[0]

    def test_known_to_be_undone(self, tmp_path: Path) -> None:
        """Were the run killed at any moment, its events would tell whatever join stands then."""
        portal = Greedy(self.PEOPLE, reading("32 bits"))
        done = live_run(portal, tmp_path, chats=self.PEOPLE["operator"])
        first = next(
            place
            for place, event in enumerate(done.events)
            if isinstance(event, Observed) and event.observation.outcome.kind == "joined"
        )
        last = next(place for place, event in enumerate(done.events) if isinstance(event, Left))
        for end in range(first, last):
            assert [2043] == [one.chat for one in pending(done.events[: end + 1])], end
        assert () == pending(done.events)

    def test_not_asked_below(self, tmp_path: Path) -> None:
        """Where joins are not allowed such a number is not asked for."""
        portal = Greedy(self.PEOPLE, reading("32 bits"))
        done = live_run(portal, tmp_path, joins="refused", chats=self.PEOPLE["operator"])
        assert [] == portal.touched
        assert "not_checked" == done.statuses["refusal.absent"]

    def test_url_over_body(self, tmp_path: Path) -> None:
        """A portal that reads the URL where the body counts breaks a SHOULD, and nothing else."""
        people = {"operator": Chats((2043,), (2045,), (2050,), (12,), (999999999,))}
        portal = Greedy(people, reading("URL over body"))
        done = live_run(portal, tmp_path, chats=people["operator"])
        assert 0 == done.exit_code, done.finished
        assert "failed" == done.statuses["asking.body-over-query"]
        assert [(1, 2043)] == portal.joined == portal.left


def reading(name: str) -> Reading:
    """A reading by its name."""
    return next(one for one in READINGS if one.name == name)
