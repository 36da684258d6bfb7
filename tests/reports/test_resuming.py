"""What of an earlier run is kept, what is asked anew, and where new observations stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from handmade_runs import PORTAL, begun, ended, observed, started

from b24_conformance.command.taking_up import Kept, take_up
from b24_conformance.events import Event, RunFinished, Witnessed
from b24_conformance.histories import a_moment_later
from b24_conformance.outcome import JOINED, Outcome, broken
from b24_conformance.probe import LEAVE, MEMBERS, Probe
from b24_conformance.redaction import Redaction
from b24_conformance.resuming import Earlier, latest
from b24_conformance.transcript import Observation, Transcript

Write = Callable[[list[Event]], Path]
HELLO, ONE, TWO = Probe("0"), Probe("1"), Probe("2")
NOTE = "--max-requests 2 is spent"


def seen(index: int, probe: Probe, outcome: Outcome = JOINED, leg: int = 0) -> Observation:
    """An observation without its exchanges."""
    return Observation(index, probe, outcome, leg=leg)


def earlier(*observations: Observation) -> Earlier:
    """What is known of one implementation."""
    return Earlier(Transcript(observations), leg=1, index=len(observations), number=7)


def kept(path: Path) -> Kept:
    """What is kept of the run in a file."""
    declared = [started(PORTAL).declaration]
    return take_up(path, declared, begun().clauses, Redaction({"$B24_WEBHOOK": "12"}))


class TestOpen:
    """Which steps are still to be asked."""

    def test_whole_steps_are_done(self) -> None:
        """A step all of whose probes were observed in one go is not asked again."""
        known = earlier(seen(0, HELLO), seen(1, ONE), seen(2, TWO))
        assert [] == known.open([(HELLO,), (ONE, TWO)])

    def test_half_a_step(self) -> None:
        """A half-observed step is asked as a whole, after the first question of all."""
        steps = [(HELLO,), (ONE, TWO)]
        assert steps == earlier(seen(0, HELLO), seen(1, ONE)).open(steps)

    def test_over_a_break(self) -> None:
        """A step is not put together from what was asked in two legs, or with others between."""
        steps = [(HELLO,), (ONE, TWO)]
        for second in (seen(2, TWO, leg=1), seen(3, TWO)):
            assert steps == earlier(seen(0, HELLO), seen(1, ONE), second).open(steps)

    def test_looks_frame_what_is_between(self) -> None:
        """Looks by themselves, and all that is asked between them, are asked in one leg."""
        before, after = (Probe("1", method=MEMBERS, occasion=when) for when in ("before", "after"))
        steps = [(HELLO,), (before,), (ONE,), (after,), (TWO,)]
        half = [seen(0, HELLO), seen(1, before), seen(2, ONE), seen(4, TWO)]
        assert steps[:-1] == earlier(*half).open(steps)
        assert [] == earlier(*half[:3], seen(3, after), half[3]).open(steps)

    def test_further_look(self) -> None:
        """A list that was looked at again in the midst of a step leaves the step whole."""
        look = Probe("1", method=MEMBERS, occasion="after")
        steps = [(HELLO,), (ONE, look, TWO), (TWO,)]
        first = (seen(0, HELLO), seen(1, ONE), seen(2, look), seen(3, a_moment_later(look)))
        assert steps[:2] == earlier(*first, seen(5, TWO)).open(steps)[:2]
        assert [] == earlier(*first, seen(4, TWO)).open(steps)

    def test_new(self) -> None:
        """Without an earlier run everything is asked."""
        assert [(HELLO,), (ONE,)] == Earlier().open([(HELLO,), (ONE,)])


class TestPlaced:
    """Where new observations stand."""

    def test_after_the_earlier_ones(self) -> None:
        """Indices and numbers of exchanges go on, and the leg is told."""
        new = observed(PORTAL, 1).observation
        placed = earlier(seen(0, HELLO)).placed(new)
        assert (2, 1, 8) == (placed.index, placed.leg, placed.exchanges[0].number)
        assert new is Earlier().placed(new)


class TestTakeUp:
    """What stays in the file."""

    def run(self, *events: Event) -> list[Event]:
        """A run of one portal."""
        return [begun(), started(PORTAL), *events]

    def of(self, *observations: Observation) -> list[Event]:
        """A run that observed these."""
        return self.run(
            *(msgspec.structs.replace(observed(PORTAL, 1), observation=o) for o in observations)
        )

    def test_end_goes(self, write: Write) -> None:
        """The verdict of what was ended early is forgotten, what was observed is not."""
        early = ended(PORTAL, "incomplete", "INCOMPLETE", note=NOTE)
        found = kept(write([*self.of(seen(0, HELLO)), early, RunFinished(3, 1.0)]))
        assert self.of(seen(0, HELLO)) == list(found.events)
        assert (1, 1, False) == (found.earlier[PORTAL].leg, found.earlier[PORTAL].index, found.over)

    def test_alarm_stays(self, write: Write) -> None:
        """A portal that joined what it should have refused is never asked again."""
        alarm = ended(PORTAL, "incomplete", "INCOMPLETE", note="IT JOINED", exit_code=4)
        found = kept(write([*self.of(seen(0, HELLO)), alarm, RunFinished(4, 1.0)]))
        assert (True, (alarm,)) == (found.over, found.finished)

    def test_not_reached(self, write: Write) -> None:
        """What was not reached is asked again, and is no observation any more."""
        nobody = Outcome("unreachable", detail="refused")
        found = kept(write(self.of(seen(0, HELLO), seen(1, ONE, nobody))))
        assert (seen(0, HELLO),) == found.earlier[PORTAL].seen.observations
        assert self.of(seen(0, HELLO)) == list(found.events)
        assert 2 == found.earlier[PORTAL].index

    def test_no_portal(self, write: Write) -> None:
        """A leg in which the credentials were refused says nothing of the portal."""
        no = Outcome("refused", code="INVALID_CREDENTIALS", status=401)
        legs = [seen(0, HELLO), seen(1, HELLO, no, leg=1)]
        assert (legs[0],) == kept(write(self.of(*legs))).earlier[PORTAL].seen.observations

    def test_broken_answers_stay(self, write: Write) -> None:
        """Whatever a portal answered counts."""
        both = (seen(0, HELLO), seen(1, ONE, broken("oops", 200)))
        assert both == kept(write(self.of(*both))).earlier[PORTAL].seen.observations

    def test_hidden_question(self, write: Write) -> None:
        """A question in which a secret was hidden cannot be read back: it is asked again."""
        hidden = seen(1, Probe('"$B24_WEBHOOK"'))
        found = kept(write(self.of(seen(0, HELLO), hidden)))
        assert (seen(0, HELLO),) == found.earlier[PORTAL].seen.observations

    def test_leaving_is_no_question(self, write: Write) -> None:
        """What undid a join stays in the file, and is not judged."""
        left = seen(1, Probe("12", method=LEAVE), Outcome("left"))
        found = kept(write(self.of(seen(0, HELLO), left)))
        assert (seen(0, HELLO),) == found.earlier[PORTAL].seen.observations
        assert self.of(seen(0, HELLO), left) == list(found.events)


class TestLatest:
    """Which looks count."""

    def look(self, chat: int, when: str, standing: str) -> Witnessed:
        """One look at a chat."""
        return Witnessed(PORTAL, "operator", chat, "joined", when, standing)  # type: ignore[arg-type]

    def test_last_leg_that_looked(self) -> None:
        """The latest look before a chat is used takes the place of all earlier ones at it."""
        first, again = self.look(1, "before", "contradicted"), self.look(1, "after", "unseen")
        other, now = self.look(2, "before", "witnessed"), self.look(1, "before", "witnessed")
        after = self.look(1, "after", "witnessed")
        assert (now, after, other) == latest([first, again, other, now, after])
