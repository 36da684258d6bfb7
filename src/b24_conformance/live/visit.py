"""One live portal from the first look to the last: witnessed, asked sparingly, left as found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from b24_conformance import php
from b24_conformance.contract import Clause
from b24_conformance.errors import LimitReachedError
from b24_conformance.events import Event, Left, Observed, Planned, Witnessed
from b24_conformance.gather import FIRST, NOTHING, Gathered, gather, wrongly_joined
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.judge import Trial
from b24_conformance.judge.doubts import doubts_of, narrowed
from b24_conformance.live.joins import Joins, Place, candidates, undo
from b24_conformance.live.packing import sparing_plan
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.live.witness import Before, witness_after, witness_before
from b24_conformance.ordering import requests_of
from b24_conformance.probe import JOIN, Step
from b24_conformance.suite import World, load_suites
from b24_conformance.transcript import Observation, Transcript

Sink = Callable[[Event], None]


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
    """A visit to one live portal."""

    def __init__(
        self,
        portal: PortalImplementation,
        clauses: Sequence[Clause],
        asked: Asked,
        sink: Sink,
    ) -> None:
        self._portal = portal
        self._clauses = clauses
        self._asked = asked
        self._sink = sink
        self._clients = readers(portal)
        self._joins = Joins(portal.declaration, sink, stays=asked.stays)
        self._wrong: frozenset[Place] = frozenset()
        self._left: set[Place] = set()

    def make(self) -> Visited:
        """Looks, asks, undoes, and looks again."""
        first = self._gather([(FIRST,)], NOTHING)
        if first.ending != "complete":
            return Visited(first)
        before = self._look_before()
        try:
            gathered = self._ask_all(first.transcript)
        except BaseException:
            self._undo()
            raise
        problems = self._undo()
        if gathered.ending == "alarm":
            problems += self._undo_alarm(gathered, before)
        after = self._look_after(before, gathered)
        note = "; ".join(filter(None, (gathered.note, *problems))) or None
        whole = msgspec.structs.replace(gathered, note=note, looks=self._looks)
        return Visited(whole, (*before.events, *after))

    @property
    def _looks(self) -> int:
        return sum(client.requests for client in self._clients.values())

    def _look_before(self) -> Before:
        """Looks at the declared chats, and forgets those that must not be used."""
        declared = self._portal.declaration
        before = witness_before(self._clients, declared, despite=self._asked.despite)
        self._tell(before.events)
        known = narrowed(declared, doubts_of(before.events))
        self._portal.restrict(known)
        self._joins = Joins(known, self._sink, stays=self._asked.stays)
        return before

    def _ask_all(self, known: Transcript) -> Gathered:
        steps = self._planned()
        gathered = self._gather(steps, known)
        if gathered.ending == "complete" and self._lacks_batch(gathered):
            # What would have shared a batch is asked one by one.
            gathered = self._gather(self._planned("batch"), gathered.transcript)
        return gathered

    def _planned(self, *without: str) -> list[Step]:
        declaration = self._portal.declaration
        absent = tuple(dict.fromkeys((*declaration.without, *without)))
        world = World(msgspec.structs.replace(declaration, without=absent))
        asked = self._asked
        clauses = [one for one in self._clauses if one.feature not in without]
        plan = sparing_plan(clauses, load_suites(), world, seed=asked.seed, drawn=asked.drawn)
        requests = sum(map(requests_of, plan.steps))
        self._sink(Planned(self._portal.name, requests, self._portal.pace.rate))
        return list(plan.steps)

    def _lacks_batch(self, gathered: Gathered) -> bool:
        return Trial(self._portal.declaration, gathered.transcript).batchless

    def _gather(self, steps: Sequence[Step], known: Transcript) -> Gathered:
        asked = {observation.probe for observation in known.observations}
        return gather(
            [step for step in steps if not asked.issuperset(step)],
            self._portal,
            self._observed,
            max_requests=self._budget,
            known=known,
            ahead=self._joins.announce,
        )

    @property
    def _budget(self) -> int | None:
        """What is left for questions, after the looks and what undoing will take."""
        if self._asked.max_requests is None:
            return None
        return max(1, self._asked.max_requests - 2 * self._looks - self._joins.cost)

    def _observed(self, observation: Observation) -> None:
        self._joins.observed(observation.probe, observation.outcome)
        self._sink(Observed(self._portal.name, observation))

    def _undo(self) -> tuple[str, ...]:
        try:
            joins, sure = self._joins.to_undo(), self._joins.joined
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
        problems = undo(self._portal, self._clients, joins, self._heard)
        left = ", ".join(str(chat) for _, chat in sorted(self._wrong & self._left))
        return (*problems, *([f"the operator is out of chat {left} again"] if left else []))

    def _look_after(self, before: Before, gathered: Gathered) -> tuple[Witnessed, ...]:
        if gathered.ending in ("no_portal", "cut_off"):
            return ()
        declared = self._portal.declaration
        used = {
            (observation.probe.operator, chat)
            for observation in gathered.transcript.observations
            if (chat := php.chat_id(observation.probe)) and observation.probe.method == JOIN
        }
        standing = (self._joins.joined | self._wrong) - self._left
        after = witness_after(self._clients, declared, before, standing, used=frozenset(used))
        self._tell(after)
        return after

    def _heard(self, event: Event) -> None:
        if isinstance(event, Left):
            self._left.add((event.operator, event.chat))
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
