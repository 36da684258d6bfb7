"""How lists of participants change through a transcript, and which joins stand in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from b24_conformance import php
from b24_conformance.judge.trial import JOINED, Answer, Seen, Trial
from b24_conformance.probe import JOIN, MEMBERS, Identity
from b24_conformance.transcript import Observation

Place = tuple[int, int]
"""A leg of the run, and a chat."""
View = tuple[int, int, str]
"""A leg of the run, a chat, and who looks: not everybody is shown the same."""
Sort = tuple[str, Identity, Answer | None]
"""Who joined, with whose credentials, and what was demanded: nobody tells joins of a sort apart."""


class Change(NamedTuple):
    """Two lists of one chat's participants, and the joins that were asked in between.

    `so_far` are the joins of the chat that succeeded before the second list, one of each sort.
    """

    before: Observation | None
    after: Observation
    between: tuple[Seen, ...]
    so_far: tuple[Seen, ...]

    @property
    def paged(self) -> bool:
        """Whether one of the lists is a page only, so that nobody is known to be in neither."""
        return is_a_page(self.before) or is_a_page(self.after)

    @property
    def changed(self) -> frozenset[int]:
        """Who takes part in one of the two lists only; nobody where the first showed nothing."""
        if self.paged:
            return frozenset()
        # An empty list is also what somebody sees who may not see the chat (portal-facts 9.2).
        before, after = frozenset(members_of(self.before)), frozenset(members_of(self.after))
        if not self.between:
            # Whoever is new may have joined by a CHAT_ID that this portal reads in its own way.
            return before - after
        return before ^ after if before else frozenset()


def members_of(observation: Observation | None) -> tuple[int, ...]:
    """Who takes part by that list; nobody where there is none."""
    return (observation.outcome.members or ()) if observation else ()


def is_a_page(observation: Observation | None) -> bool:
    """Whether others are on further pages: who is not shown may take part all the same."""
    return observation is not None and observation.outcome.more


# Four rules ask for them, one after the other.
@lru_cache(maxsize=1)
def changes(trial: Trial) -> tuple[Change, ...]:
    """Two lists each, one after the other, in the order in which they were asked for."""
    return tuple(_found(trial))


def _found(trial: Trial) -> Iterator[Change]:
    joins = {seen.observation.index: seen for seen in trial.joins}
    # Between the legs of a run anybody may have come and gone, and a portal begun afresh.
    latest: dict[View, Observation] = {}
    since: dict[Place, list[Seen]] = defaultdict(list)
    succeeded: dict[Place, dict[Sort, Seen]] = defaultdict(dict)
    known: dict[View, int] = {}
    for observation in trial.reached:
        probe = observation.probe
        seen = joins.get(observation.index) if probe.method == JOIN else None
        chat = seen.number if seen else php.chat_id(probe)
        if chat is None or chat <= 0:
            continue
        place, view = (observation.leg, chat), (observation.leg, chat, probe.operator)
        if seen:
            since[place].append(seen)
            if seen.answer == JOINED:
                succeeded[place].setdefault(_sort(seen), seen)
        elif probe.method == MEMBERS and observation.outcome.kind == "members":
            between, so_far = since[place][known.get(view, 0) :], succeeded[place].values()
            yield Change(latest.get(view), observation, tuple(between), tuple(so_far))
            latest[view], known[view] = observation, len(since[place])


def _sort(seen: Seen) -> Sort:
    return seen.probe.operator, seen.probe.asking.identity, seen.demanded
