"""Legs of a run: it was ended early, and goes on with what has not been observed yet.

Each leg begins with the first question of all, which shows whether the portal is (still) there and
takes the credentials.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.events import ImplementationFinished, Witnessed
from b24_conformance.histories import A_MOMENT_LATER
from b24_conformance.implementations.base import Implementation
from b24_conformance.judge.doubts import Place
from b24_conformance.probe import MEMBERS, Probe, Step
from b24_conformance.transcript import Observation, Transcript


class Earlier(msgspec.Struct, frozen=True):
    """What earlier legs of a run tell of one implementation.

    `finished`: it needs nothing more. Else `seen` is kept, and what is observed from now on is
    of `leg`; it is numbered after `index` observations and `number` requests. `stays_in`: where
    an operator has joined and was to stay.
    """

    seen: Transcript = Transcript()
    witnessed: tuple[Witnessed, ...] = ()
    leg: int = 0
    index: int = 0
    number: int = 0
    stays_in: frozenset[Place] = frozenset()
    finished: ImplementationFinished | None = None

    @property
    def untold(self) -> int:
        """How many requests no observation tells of: looks, leaves, and what is asked anew."""
        return max(0, self.number - self.seen.requests)

    def declared(self, declaration: Declaration) -> Declaration:
        """The declaration as it has become: a run that stays where it has joined joins no more."""
        if not self.stays_in:
            return declaration
        people = {
            name: person.staying(*(chat for who, chat in sorted(self.stays_in) if who == name))
            for name, person in declaration.people.items()
        }
        return msgspec.structs.replace(declaration, people=people)

    def open(self, steps: Sequence[Step]) -> list[Step]:
        """The steps that are still to be asked, in their order."""
        asked = self._asked()
        left = {step for unit in units(steps) if not asked(_flat(unit)) for step in unit}
        if left:
            left.add(steps[0])
        return [step for step in steps if step in left]

    def _asked(self) -> Callable[[Step], bool]:
        seen = [*_without_further_looks(self.seen.observations)]
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
        return Placing(implementation, self.placed) if self.leg else implementation

    def placed(self, observation: Observation, looks: int = 0) -> Observation:
        """An observation of this leg in its place after the earlier ones, and after its `looks`."""
        if not (self.leg or looks):
            return observation
        replace = msgspec.structs.replace
        return replace(
            observation,
            index=observation.index + self.index,
            exchanges=tuple(
                replace(exchange, number=exchange.number + self.number + looks)
                for exchange in observation.exchanges
            ),
            leg=self.leg,
        )


def after(seen: Iterable[Observation]) -> Earlier:
    """Where what is observed after these observations stands."""
    known = tuple(seen)
    return Earlier(
        leg=max([0, *(one.leg for one in known)]) + 1,
        index=max([0, *(one.index + 1 for one in known)]),
        number=max([0, *(each.number for one in known for each in one.exchanges)]),
    )


class Placing(Implementation):
    """An implementation whose observations are put in their place as soon as they are there."""

    def __init__(self, inner: Implementation, placed: Callable[[Observation], Observation]) -> None:
        super().__init__(inner.declaration)
        self._inner = inner
        self._placed = placed

    def ask(self, probe: Probe) -> Observation:
        """Puts one probe."""
        return self._placed(self._inner.ask(probe))

    def ask_step(self, step: Step) -> Iterator[Observation]:
        """Puts the probes of a step."""
        return map(self._placed, self._inner.ask_step(step))

    def wait(self, seconds: float) -> None:
        """Lets some time pass before the next question."""
        self._inner.wait(seconds)


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


def units(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """Steps that mean something by themselves; looks alone are compared over all between them."""
    looks: dict[frozenset[tuple[str, str | None]], list[int]] = defaultdict(list)
    for place, step in enumerate(steps):
        if all(probe.method == MEMBERS for probe in step):
            looks[frozenset((probe.operator, probe.chat_id) for probe in step)].append(place)
    compared = [place for places in looks.values() for place in places if len(places) > 1]
    first, last = (min(compared), max(compared) + 1) if compared else (0, 0)
    framed = [steps[first:last]] if compared else []
    return [*([one] for one in steps[:first]), *framed, *([one] for one in steps[last:])]


def _flat(steps: Iterable[Step]) -> Step:
    return tuple(probe for step in steps for probe in step)


def _without_further_looks(seen: Iterable[Observation]) -> Iterator[Observation]:
    """As if no list had been looked at again: whoever plans the steps knows nothing of it."""
    further = 0
    for one in seen:
        if one.probe.occasion == A_MOMENT_LATER:
            further += 1
        else:
            yield msgspec.structs.replace(one, index=one.index - further)


def _is_whole(part: Sequence[Observation], step: Step) -> bool:
    """Whether a step was observed in one go."""
    first = part[0]
    places = [(first.leg, first.index + offset) for offset in range(len(step))]
    return tuple(one.probe for one in part) == step and places == [
        (one.leg, one.index) for one in part
    ]
