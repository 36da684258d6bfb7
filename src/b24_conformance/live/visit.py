"""One live portal from the first look to the last: witnessed, asked sparingly, left as found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

import msgspec

from b24_conformance import php
from b24_conformance.contract import Clause
from b24_conformance.errors import LimitReachedError
from b24_conformance.events import Event, EventSink, Joining, Left, Observed, Planned, Witnessed
from b24_conformance.gather import FIRST, NOTHING, Gathered, alarm_over, gather, wrongly_joined
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.judge import Trial
from b24_conformance.judge.doubts import Place, doubts_of, narrowed
from b24_conformance.live.allowance import Allowance
from b24_conformance.live.joins import Joins, candidates, undo
from b24_conformance.live.packing import sparing_plan
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.live.witness import Before, reachable, witness_after, witness_before
from b24_conformance.ordering import requests_of
from b24_conformance.probe import JOIN, Step
from b24_conformance.resuming import Earlier, Placing, came_in, units
from b24_conformance.suite import World, load_suites
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.ways import BATCH


class Asked(msgspec.Struct, frozen=True):
    """How far a visit may go.

    `stays`: joins are not undone. `despite`: chats are used of which a look warns.
    """

    seed: int
    drawn: int
    max_requests: int | None = None
    stays: bool = False
    despite: bool = False


class Visited(NamedTuple):
    """What a visit brought."""

    gathered: Gathered
    witnessed: tuple[Witnessed, ...] = ()


class Visit:
    """A visit to one live portal; what `earlier` ones have observed is not asked again."""

    def __init__(
        self,
        portal: PortalImplementation,
        clauses: Sequence[Clause],
        asked: Asked,
        sink: EventSink,
        earlier: Earlier,
    ) -> None:
        self._portal = portal
        self._clauses = clauses
        self._asked = asked
        self._sink = sink
        self._earlier = earlier
        self._allowance = portal.transport = Allowance(portal.transport, asked.max_requests)
        self._clients: dict[str, ReadOnly] = {}
        self._joins = Joins(portal.declaration, sink, stays=asked.stays)
        self._wrong: frozenset[Place] = frozenset()
        self._left: set[Place] = set()

    def make(self) -> Visited:
        """Looks, asks, undoes, and looks again."""
        if note := alarm_over(self._portal, self._earlier.seen.observations):
            return self._undo_earlier(note)
        first = self._gather([(FIRST,)], NOTHING)
        if first.ending != "complete":
            return Visited(self._counted(first))
        before = self._look_before()
        if note := came_in(self._earlier.witnessed, before.events):
            stopped = msgspec.structs.replace(first, ending="cut_off", note=note)
            return Visited(self._counted(stopped), before.events)
        try:
            gathered = self._ask_all(first.transcript)
        except BaseException:
            self._undo()
            raise
        problems = self._undo()
        if gathered.ending == "alarm":
            problems += self._undo_alarm(gathered, before)
        after = self._look_after(before, gathered)
        ended = self._allowance.spent if gathered.ending == "spent" else gathered.note
        note = "; ".join(filter(None, (ended, *problems))) or None
        whole = msgspec.structs.replace(gathered, note=note)
        return Visited(self._counted(whole), (*before.events, *after))

    def _undo_earlier(self, note: str) -> Visited:
        """Undoes a wrong join of a run that was cut off over it, and asks nothing more."""
        self._clients = readers(self._portal)
        wrong = Gathered(self._earlier.seen, "alarm", note)
        problems = self._undo_alarm(wrong, Before(self._earlier.witnessed, {}))
        return Visited(self._counted(Gathered(NOTHING, "alarm", "; ".join((note, *problems)))))

    def _counted(self, gathered: Gathered) -> Gathered:
        """With the requests that are in no transcript: looks, and what undid the joins."""
        looks = self._allowance.sent - gathered.transcript.requests
        return msgspec.structs.replace(gathered, looks=looks)

    def _look_before(self) -> Before:
        """Looks at the declared chats, and forgets those that must not be used."""
        declared = self._earlier.declared(self._portal.declaration)
        # By now the tokens are the newest ones.
        self._clients = readers(self._portal)
        self._keep_back()
        before = witness_before(self._clients, declared, despite=self._asked.despite)
        self._tell(before.events)
        known = narrowed(declared, doubts_of(before.events)).sparing()
        self._portal.restrict(known)
        self._joins = Joins(known, self._sink, stays=self._asked.stays)
        return before

    def _ask_all(self, known: Transcript) -> Gathered:
        if self._seems_batchless():
            # It is asked before anybody joins: a join that was planned twice would be no first one.
            asked = self._gather([(msgspec.structs.replace(FIRST, asking=BATCH),)], known)
            if asked.ending != "complete":
                return asked
            known = asked.transcript
        if not self._lacks_batch(known):
            asked = self._gather(self._planned(), known)
            if asked.ending != "complete" or not self._lacks_batch(asked.transcript):
                return asked
            known = asked.transcript
        # What would have shared a batch is asked one by one.
        return self._gather(self._planned("batch"), known)

    def _seems_batchless(self) -> bool:
        """Whether the looks found no `batch`, though nobody said that there is none."""
        declared = "batch" in self._portal.declaration.without
        return not declared and not all(client.batches for client in self._clients.values())

    def _planned(self, *without: str) -> list[Step]:
        declaration = self._portal.declaration
        absent = tuple(dict.fromkeys((*declaration.without, *without)))
        world = World(msgspec.structs.replace(declaration, without=absent))
        asked = self._asked
        clauses = [one for one in self._clauses if one.feature not in without]
        plan = sparing_plan(clauses, load_suites(), world, seed=asked.seed, drawn=asked.drawn)
        steps = self._earlier.open(plan.steps)
        requests = sum(map(requests_of, steps))
        self._sink(Planned(self._portal.name, requests, self._portal.pace.rate))
        return steps

    def _lacks_batch(self, known: Transcript) -> bool:
        return Trial(self._portal.declaration, self._earlier.before(known)).batchless

    def _gather(self, steps: Sequence[Step], known: Transcript) -> Gathered:
        asked = {observation.probe for observation in known.observations}
        left = [step for step in steps if not asked.issuperset(step)]
        return gather(
            left,
            Placing(self._portal, self._placed),
            self._observed,
            max_requests=self._limit(left, known.requests),
            known=known,
            ahead=self._joins.announce,
        )

    def _placed(self, seen: Observation) -> Observation:
        """In its place among all requests, of which some were looks."""
        sent = self._allowance.sent
        number = seen.exchanges[-1].number if seen.exchanges else sent
        return self._earlier.placed(seen, looks=sent - number)

    def _limit(self, steps: Sequence[Step], sent: int) -> int | None:
        """The budget, but none for a join without the looks after it: they would need another."""
        most = self._budget
        if most is None:
            return None
        for unit in units(steps):
            before = [*takewhile(lambda step: not self._joins.made_by(step), unit)]
            end = sent + sum(map(requests_of, unit))
            if end > most and len(before) < len(unit):
                return min(most, sent + sum(map(requests_of, before)))
            sent = end
        return most

    @property
    def _budget(self) -> int | None:
        """What is left for questions, after the looks and what undoing will take."""
        most = self._asked.max_requests
        if most is None:
            return None
        looks = sum(client.requests for client in self._clients.values())
        self._keep_back()
        rest = most - looks - self._allowance.kept
        # Looks afterwards make failures sure; without any question there is nothing to be sure of.
        return max(1, rest - min(looks, rest // 3))

    def _keep_back(self) -> None:
        """Keeps a look and the leave for each join, and for one that nobody wanted."""
        risky = bool(reachable(self._portal.declaration))
        self._allowance.kept = 2 * max(risky, len(self._joins.to_undo()))

    def _observed(self, observation: Observation) -> None:
        self._joins.observed(observation)
        self._sink(Observed(self._portal.name, observation))

    def _undo(self) -> tuple[str, ...]:
        return self._leave(self._joins.to_undo(), sure=self._joins.joined)

    def _leave(
        self, joins: Sequence[Joining], *, sure: frozenset[Place] = frozenset()
    ) -> tuple[str, ...]:
        self._allowance.kept = 0
        if joins:
            self._portal.pace.reopen()
        try:
            return undo(self._portal, self._clients, joins, self._heard, sure=sure)
        except LimitReachedError as error:
            return (f"not left: {error.what}; `b24-conformance undo` does it later",)

    def _undo_alarm(self, gathered: Gathered, before: Before) -> tuple[str, ...]:
        """Leaves what was wrongly joined, where the operator was surely no member before."""
        wrong = [o for o in gathered.transcript.observations if wrongly_joined(self._portal, o)]
        outside = {(one.operator, one.chat) for one in before.events if one.outside}
        joins = candidates(self._portal.declaration, wrong, outside)
        self._wrong = frozenset((one.operator, one.chat) for one in joins)
        if not joins:
            return ("not undone: nothing proves that the operator was no member before",)
        for one in joins:
            self._sink(one)
        problems = self._leave(joins)
        left = ", ".join(str(chat) for _, chat in sorted(self._wrong & self._left))
        return (*problems, *([f"the operator is out of chat {left} again"] if left else []))

    def _look_after(self, before: Before, gathered: Gathered) -> tuple[Witnessed, ...]:
        if gathered.ending in ("no_portal", "not_let_in", "cut_off"):
            return ()
        declared = self._portal.declaration
        used = {
            (observation.probe.operator, chat)
            for observation in self._earlier.before(gathered.transcript).observations
            if (chat := php.chat_id(observation.probe)) and observation.probe.method == JOIN
        }
        standing = (self._joins.joined | self._wrong) - self._left
        after = witness_after(self._clients, declared, before, standing, used=frozenset(used))
        self._tell(after)
        return after

    def _heard(self, event: Event) -> None:
        if isinstance(event, Left):
            self._left.add((event.operator, event.chat))
        if isinstance(event, Observed):
            event = Observed(event.implementation, self._placed(event.observation))
        self._sink(event)

    def _tell(self, events: Sequence[Witnessed]) -> None:
        for event in events:
            self._sink(event)


def readers(portal: PortalImplementation) -> dict[str, ReadOnly]:
    """A client for read-only questions for each operator of a portal, at the portal's pace."""
    return {
        name: ReadOnly(portal.transport, portal.keyring, pace=portal.pace, operator=name)
        for name in portal.declaration.people
    }
