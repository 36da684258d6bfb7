"""Legs of a run: it was ended early, and goes on with what has not been observed yet.

Each leg begins with the first question of all, which shows whether the portal is (still) there and
takes the credentials.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from b24_conformance import php
from b24_conformance.declaration import Declaration
from b24_conformance.events import ImplementationFinished, Witnessed
from b24_conformance.implementations.base import Implementation
from b24_conformance.probe import JOIN, MEMBERS, Probe, Step
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.ways import BATCH, PLAIN


class Earlier(msgspec.Struct, frozen=True):
    """What earlier legs of a run tell of one implementation.

    `finished`: it needs nothing more. Else `seen` is kept, and what is observed from now on is
    of `leg`; it is numbered after `index` observations and `number` exchanges.
    """

    seen: Transcript = Transcript()
    witnessed: tuple[Witnessed, ...] = ()
    leg: int = 0
    index: int = 0
    number: int = 0
    finished: ImplementationFinished | None = None

    def open(self, steps: Sequence[Step], declaration: Declaration) -> list[Step]:
        """The steps that are still to be asked, in their order."""
        asked = self._asked()
        left = {step for unit in _units(steps) if not asked(_flat(unit)) for step in unit}
        if left:
            left.add(steps[0])
        again = set() if declaration.stand_in else _joins_for_others(left, steps, declaration)
        return [
            part
            for step in steps
            for part in ([step] if step in left else [(p,) for p in step if p in again])
        ]

    def _asked(self) -> Callable[[Step], bool]:
        seen = self.seen.observations
        starts: dict[Probe, list[int]] = defaultdict(list)
        for place, observation in enumerate(seen):
            starts[observation.probe].append(place)

        def asked(step: Step) -> bool:
            parts = (seen[place : place + len(step)] for place in starts[step[0]])
            return any(_is_whole(part, step) for part in parts)

        return asked

    def before(self, transcript: Transcript) -> Transcript:
        """What was observed in all legs."""
        return Transcript((*self.seen.observations, *transcript.observations))

    def resumed(self, implementation: Implementation) -> Implementation:
        """The implementation, such that its observations come after the earlier ones."""
        return _Resumed(implementation, self) if self.leg else implementation

    def placed(self, observation: Observation) -> Observation:
        """An observation of this leg in its place after the earlier ones."""
        if not self.leg:
            return observation
        replace = msgspec.structs.replace
        return replace(
            observation,
            index=observation.index + self.index,
            exchanges=tuple(
                replace(exchange, number=exchange.number + self.number)
                for exchange in observation.exchanges
            ),
            leg=self.leg,
        )


class _Resumed(Implementation):
    """An implementation that observes in a later leg."""

    def __init__(self, inner: Implementation, earlier: Earlier) -> None:
        super().__init__(inner.declaration)
        self._inner = inner
        self._earlier = earlier

    def ask(self, probe: Probe) -> Observation:
        """Puts one probe."""
        return self._earlier.placed(self._inner.ask(probe))

    def ask_step(self, step: Step) -> Iterator[Observation]:
        """Puts the probes of a step."""
        return map(self._earlier.placed, self._inner.ask_step(step))


def latest(witnessed: Iterable[Witnessed]) -> tuple[Witnessed, ...]:
    """What the latest looks at each chat showed: those of the last leg that looked at it."""
    last: dict[tuple[str, int], list[Witnessed]] = {}
    for one in witnessed:
        place = (one.operator, one.chat)
        if one.when == "before":
            last[place] = []
        last.setdefault(place, []).append(one)
    return tuple(one for looks in last.values() for one in looks)


def came_in(before: Iterable[Witnessed], now: Iterable[Witnessed]) -> str | None:
    """What is wrong where an operator has come into a chat that must be refused, or None.

    The last question of a run that was killed may have been answered by a join: nobody saw it.
    """
    outside = {(one.operator, one.chat) for one in before if one.outside}
    inside = [
        one
        for one in now
        if one.kind in ("access_denied", "absent")
        and one.standing == "contradicted"
        and not one.outside
        and (one.operator, one.chat) in outside
    ]
    if not inside:
        return None
    chats = ", ".join(f"{one.chat} (the {one.operator})" for one in inside)
    return (
        f"somebody has come into a chat that must be refused, since the run began: {chats}; the "
        "run that was cut off may have joined it. Let him leave it by hand, then resume again"
    )


def _units(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """Steps that mean something by themselves; looks alone are compared over all between them."""
    looks = [n for n, step in enumerate(steps) if all(p.method == MEMBERS for p in step)]
    first, last = (looks[0], looks[-1] + 1) if looks else (0, 0)
    framed = [steps[first:last]] if looks else []
    return [*([one] for one in steps[:first]), *framed, *([one] for one in steps[last:])]


def _flat(steps: Iterable[Step]) -> Step:
    return tuple(probe for step in steps for probe in step)


def _is_whole(part: Sequence[Observation], step: Step) -> bool:
    """Whether a step was observed in one go."""
    first = part[0]
    places = [(first.leg, first.index + offset) for offset in range(len(step))]
    return tuple(one.probe for one in part) == step and places == [
        (one.leg, one.index) for one in part
    ]


def _joins_for_others(
    left: Iterable[Step], steps: Iterable[Step], declaration: Declaration
) -> set[Probe]:
    """What the operator's joins change for a colleague is seen only where both are of one leg."""
    probes = [probe for step in left for probe in step]
    refused = {
        chat
        for probe in probes
        if (chat := php.chat_id(probe))
        and declaration.kind(probe.operator, chat) == "access_denied"
        and chat in declaration.reachable("operator", "joinable", "joined")
    }
    joins = (p for step in steps for p in step for chat in refused if _joins(p, chat))
    first = {php.chat_id(join): join for join in reversed(list(joins))}
    return set(first.values())


def _joins(probe: Probe, chat: int) -> bool:
    own = probe.operator == "operator" and probe.method == JOIN
    return own and probe.asking in (PLAIN, BATCH) and php.chat_id(probe) == chat
