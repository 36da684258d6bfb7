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
from b24_conformance.implementations.base import Implementation
from b24_conformance.probe import MEMBERS, Step
from b24_conformance.transcript import Observation

PAUSES = (0.5, 1.5)
_AGAIN = "a moment later"


class Patience:
    """Knows who has joined which chat, and looks again while a list does not show him."""

    def __init__(self, implementation: Implementation) -> None:
        self._implementation = implementation
        self._inside: dict[int | None, set[int]] = defaultdict(set)
        self._spent = False

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

    def _missed(self, found: Sequence[Observation]) -> Step:
        """The looks that do not show everybody who has joined, to be asked again."""
        self._learn(found)
        looks = (o.probe for o in found if o.probe.method == MEMBERS and self._misses(o))
        return tuple(msgspec.structs.replace(look, occasion=_AGAIN) for look in looks)

    def _learn(self, found: Iterable[Observation]) -> None:
        for one in found:
            person = self._implementation.declaration.people.get(one.probe.operator)
            if person is None or person.user_id is None or one.probe.asking.identity != "own":
                continue
            if one.outcome.kind == "joined":
                self._inside[php.chat_id(one.probe)].add(person.user_id)
            elif one.outcome.kind == "left":
                self._inside[php.chat_id(one.probe)].discard(person.user_id)

    def _misses(self, look: Observation) -> bool:
        """Whether somebody who has joined is not shown to somebody who is shown others."""
        members = look.outcome.members or ()
        inside = self._inside.get(php.chat_id(look.probe), set())
        return bool(members) and not inside <= {*members}
