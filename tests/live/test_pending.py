"""The note beside a portal's lock: where the joins that are still to be undone are written down."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from faulty_portals import Open
from live_command import at_hand, command, events_in

from b24_conformance.events import Event, EventSink, Joining, Left, Observed
from b24_conformance.live.pending import note_of, remembering
from b24_conformance.outcome import JOINED, Outcome
from b24_conformance.probe import Probe
from b24_conformance.reference.dialogue import Decision
from b24_conformance.transcript import Observation

PORTAL = "https://example.bitrix24.com"
REFUSED = Outcome("refused", code="ACCESS_DENIED", status=403)


class Unwilling(Open):
    """It shows a chat as one that may be joined, and refuses the join."""

    refused = 0

    def decide(self, user_id: int, chat_id: int) -> Decision:
        if chat_id != 2043:
            return super().decide(user_id, chat_id)
        self.refused += 1
        return Decision.ACCESS_DENIED

    def may_see(self, user_id: int, chat_id: int) -> bool:
        return chat_id == 2043 or super().may_see(user_id, chat_id)


def asked(outcome: Outcome, chat: int = 2043) -> Observed:
    """A question for a chat, and what came of it."""
    return Observed(PORTAL, Observation(0, Probe(str(chat)), outcome))


class TestNote:
    """When it is there."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder of this test's own for the notes."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    @pytest.fixture
    def noted(self, tmp_path: Path) -> list[bool]:
        """Whether the note was there as each event was written."""
        return []

    @pytest.fixture
    def sink(self, tmp_path: Path, noted: list[bool]) -> EventSink:
        """A sink that remembers."""

        def write(_: Event) -> None:
            noted.append(note_of(PORTAL).is_file())

        return remembering(write, tmp_path / "events.jsonl")

    @pytest.mark.parametrize(
        ("events", "there", "stays"),
        [
            ([], [], False),
            ([asked(JOINED)], [False], False),
            ([Joining(PORTAL, "operator", 2043)], [True], True),
            ([Joining(PORTAL, "operator", 2043, stays=True), asked(JOINED)], [False] * 2, False),
            ([Joining(PORTAL, "operator", 2043), asked(JOINED)], [True, True], True),
            ([Joining(PORTAL, "operator", 2043), asked(REFUSED)], [True, True], False),
            (
                [Joining(PORTAL, "operator", 2043), asked(REFUSED), asked(JOINED)],
                [True, True, True],
                True,
            ),
            (
                [
                    Joining(PORTAL, "operator", 2043),
                    asked(JOINED),
                    Joining(PORTAL, "operator", 2044),
                    asked(REFUSED, 2044),
                    Left(PORTAL, "operator", 2043, "the operator has left it"),
                ],
                [True] * 5,
                False,
            ),
        ],
        ids=["nothing", "other", "told", "to-stay", "joined", "refused", "after-all", "two"],
    )
    def test_while_pending(
        self,
        sink: EventSink,
        noted: list[bool],
        events: list[Event],
        there: list[bool],
        stays: bool,
    ) -> None:
        """It is there before a join is told, and until nothing is to be undone."""
        for event in events:
            sink(event)
        assert (there, stays) == (noted, note_of(PORTAL).is_file())

    def test_by_portal(self, sink: EventSink, tmp_path: Path) -> None:
        """Each portal has its own; it holds where the events are."""
        other = "https://other.example.com"
        sink(Joining(PORTAL, "operator", 2043))
        sink(Joining(other, "operator", 2043))
        sink(asked(REFUSED))
        assert [False, True] == [note_of(one).is_file() for one in (PORTAL, other)]
        assert str(tmp_path / "events.jsonl") == note_of(other).read_text(encoding="utf-8")

    def test_config(self, tmp_path: Path) -> None:
        """It names the config of the run as well, wherever the next one is started."""
        write = remembering(lambda _: None, tmp_path / "events.jsonl", Path("own.toml"))
        write(Joining(PORTAL, "operator", 2043))
        paths = [tmp_path / "events.jsonl", Path.cwd() / "own.toml"]
        assert [*map(str, paths)] == note_of(PORTAL).read_text(encoding="utf-8").splitlines()


class TestAfterARun:
    """What a run leaves behind."""

    def test_refused_join(self, tmp_path: Path) -> None:
        """Nothing is noted any more where the portal has refused the join."""
        portal = Unwilling()
        with at_hand(portal, tmp_path):
            done = command(tmp_path, "run", "--joins", "new")
        assert (1, True) == (done.returncode, portal.refused > 0), done.stdout + done.stderr
        assert [2043] == [one.chat for one in events_in(tmp_path) if isinstance(one, Joining)]
        assert [] == list(tmp_path.glob("*.pending"))
