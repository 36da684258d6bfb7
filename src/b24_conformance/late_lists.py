"""Looking again: a list of participants may show a join a moment later than it happened.

Nobody knows whether a portal's list does (portal-facts, open question 16), so that one that is
late is waited for. Who is not shown after all pauses is no participant, and a portal that has
once failed to show somebody is waited for no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from b24_conformance import php
from b24_conformance.histories import a_moment_later
from b24_conformance.implementations.base import Implementation
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Step
from b24_conformance.transcript import Observation

PAUSES = (0.5, 1.5)
_UNSETTLED = Outcome(
    "unreachable",
    detail="the list does not show who has joined, and no request is left to look again",
)


class LateLists:
    """Knows who has joined which chat, and looks again while a list does not show him."""

    def __init__(self, implementation: Implementation, known: Iterable[Observation]) -> None:
        self._implementation = implementation
        self._inside: dict[int | None, set[int]] = defaultdict(set)
        self._spent = False
        self._learn(known)

    def turns(self, part: Step, observations: Sequence[Observation]) -> Iterator[Step]:
        """The part, and looks of it again; what each turn shows is in `observations` after it."""
        before = len(observations)
        yield part
        missed = self._missed(observations[before:])
        for pause in PAUSES:
            if not missed or self._spent:
                return
            self._implementation.wait(pause)
            before = len(observations)
            yield missed
            missed = self._missed(observations[before:])
        self._spent = bool(missed)

    def settled(self, found: list[Observation]) -> list[Observation]:
        """What the last request that is allowed shows: a list that may be late shows nothing."""
        self._learn(found)
        if self._spent:
            return found
        replace = msgspec.structs.replace
        return [replace(one, outcome=_UNSETTLED) if self._misses(one) else one for one in found]

    def _missed(self, found: Sequence[Observation]) -> Step:
        """The looks that do not show everybody who has joined, to be asked again."""
        self._learn(found)
        return tuple(a_moment_later(one.probe) for one in found if self._misses(one))

    def _learn(self, found: Iterable[Observation]) -> None:
        for one in found:
            user = self._user(one)
            if user is None or one.probe.asking.identity != "own":
                continue
            if one.outcome.kind == "joined":
                self._inside[php.chat_id(one.probe)].add(user)
            elif one.outcome.kind == "left":
                self._inside[php.chat_id(one.probe)].discard(user)

    def _user(self, observation: Observation) -> int | None:
        person = self._implementation.declaration.people.get(observation.probe.operator)
        return person.user_id if person else None

    def _misses(self, look: Observation) -> bool:
        """Whether somebody who has joined is not shown to somebody who would see him."""
        if look.outcome.kind != "members" or look.outcome.more:
            return False
        members = {*(look.outcome.members or ())}
        inside = self._inside.get(php.chat_id(look.probe), set())
        # Nothing at all is what somebody is shown who is not yet known to be inside.
        due = inside if members else inside & {self._user(look)}
        return not due <= members
