"""The rule of repetition: who joins again is not listed again."""

from __future__ import annotations

from collections.abc import Iterator

from b24_conformance import php
from b24_conformance.judge.registry import Absent, Check, rule
from b24_conformance.judge.state import unanswered
from b24_conformance.judge.trial import JOINED, Trial
from b24_conformance.transcript import Observation


@rule("state.once")
def once(trial: Trial) -> Iterator[Check | Absent]:
    """After a join nobody stands twice among the participants."""
    if absent := unanswered(trial):
        yield absent
        return
    for look in _after_a_join(trial):
        listed = look.outcome.members or ()
        yield Check(
            look,
            len({*listed}) == len(listed),
            "each participant once",
            f"participants {list(listed)}",
            contrast=bool(listed),
        )


def _after_a_join(trial: Trial) -> Iterator[Observation]:
    joins = {seen.observation.index: seen for seen in trial.joins if seen.answer == JOINED}
    joined: set[tuple[int, int | None]] = set()
    for observation in trial.reached:
        probe, leg = observation.probe, observation.leg
        if seen := joins.get(observation.index):
            joined.add((leg, seen.number))
        elif observation.outcome.kind == "members" and (leg, php.chat_id(probe)) in joined:
            yield observation
