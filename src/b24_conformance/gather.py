"""Gathering: the probes that clauses want, each sent once, into one transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from sys import getsizeof
from typing import Literal, cast

import msgspec

from b24_conformance.chat_ids.portable import Source, draw
from b24_conformance.contract import Clause
from b24_conformance.errors import LimitReachedError
from b24_conformance.exchange import Exchange
from b24_conformance.gate import Gate
from b24_conformance.giving_up import Doorkeeper, Nobody, gone, nothing_to_judge, unknown_everywhere
from b24_conformance.implementations.base import Implementation
from b24_conformance.judge.trial import demands_join, unknown_batch
from b24_conformance.late_lists import LateLists
from b24_conformance.ordering import in_requests, requests_of, sparing
from b24_conformance.probe import MEMBERS, Probe, Step
from b24_conformance.suite import Wanted, Wants, WantsOf, World
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.ways import PLAIN

FIRST = Probe("0")
_ALARM = "A LIVE PORTAL JOINED A CHAT THAT IT SHOULD HAVE REFUSED:"
DRAWN = 4
# A first join, a stranger's, and a batch that shows two dozen chats at once, all watched: they
# tell most.
_EARLY = {"batch.agrees": 5}
_ROOM = 8 * 1024 * 1024
Sink = Callable[[Observation], None]
NOTHING = Transcript()


class Plan(msgspec.Struct, frozen=True):
    """The steps of a run in the order in which they are sent, and what each clause wants."""

    steps: tuple[Step, ...]
    wants: dict[str, Wants]


Ending = Literal["complete", "spent", "cut_off", "alarm"] | Nobody


class Gathered(msgspec.Struct, frozen=True):
    """A transcript and how gathering ended; `note` says why it ended early, if it did.

    `spent`: the budget of requests. `cut_off`: not reached any more. `no_portal`: nothing there
    that could be judged. `not_let_in`: the operator's own credentials are refused. `alarm`: a
    live portal joined what it should have refused. `looks` are the HTTP requests of read-only
    questions about the chats.
    """

    transcript: Transcript
    ending: Ending = "complete"
    note: str | None = None
    looks: int = 0


def plan(
    clauses: Sequence[Clause],
    wants_of: dict[str, WantsOf],
    world: World,
    *,
    seed: int,
    drawn: int = DRAWN,
) -> Plan:
    """The steps that the clauses want: telling ones first, those that show most before others."""
    absent = world.declaration.without
    wants = {one.id: wants_of[one.id](world) for one in clauses if one.feature not in absent}
    early = [wants[one].telling[:count] for one, count in _EARLY.items() if one in wants]
    telling = filter(world.may, _in_turn(one.telling for one in wants.values()))
    draws = (drawn_of(one, drawn, clause_id, seed) for clause_id, one in wants.items())
    first = list(once([FIRST, *filter(world.may, _in_turn(early))]))
    later = [step for step in once([*first, *telling]) if step not in first]
    ordered = [*first, *sparing(later, world.declaration, after=first)]
    last = once([*ordered, *filter(world.may, _in_turn(draws))])
    known = set(ordered)
    return Plan((*ordered, *(step for step in last if step not in known)), wants)


def as_step(wanted: Wanted) -> Step:
    """A probe alone is a step of one."""
    return (wanted,) if isinstance(wanted, Probe) else wanted


def drawn_of(wants: Wants, count: int, clause_id: str, seed: int) -> Sequence[Wanted]:
    """So many draws of a clause: the same for the same seed."""
    if wants.drawn is None:
        return ()
    source = cast("Source[Wanted]", wants.drawn)
    return draw(source, round(count * wants.share), clause_id, seed)


def _in_turn(groups: Iterable[Sequence[Wanted]]) -> Iterator[Wanted]:
    for row in zip_longest(*groups):
        yield from (wanted for wanted in row if wanted is not None)


def once(wanted: Iterable[Wanted]) -> Iterator[Step]:
    """Every step once; a longer step stands where the first single probe in it would stand."""
    steps = list(dict.fromkeys(map(as_step, wanted)))
    longer = {probe: step for step in reversed(steps) if len(step) > 1 for probe in step}
    return iter(
        dict.fromkeys(longer.get(step[0], step) if len(step) == 1 else step for step in steps)
    )


def gather(
    steps: Iterable[Step],
    implementation: Implementation,
    sink: Sink,
    *,
    max_requests: int | None = None,
    known: Transcript = NOTHING,
    ahead: Callable[[Step], None] | None = None,
) -> Gathered:
    """Sends the steps and hands every observation to `sink` as soon as it is there.

    `known` was observed before and is not asked again. `ahead` hears of every step before
    anything of it is sent.
    """
    seen = list(known.observations)
    try:
        return _gathered(steps, implementation, sink, seen, max_requests=max_requests, ahead=ahead)
    except LimitReachedError as limit:
        return _ended(seen, "cut_off", f"{limit.what}; {limit.hint}")


def _gathered(
    steps: Iterable[Step],
    implementation: Implementation,
    sink: Sink,
    observations: list[Observation],
    *,
    max_requests: int | None,
    ahead: Callable[[Step], None] | None,
) -> Gathered:
    doorkeeper, late = Doorkeeper(implementation), LateLists(implementation, observations)
    sent, kept = {e.number for o in observations for e in o.exchanges}, 0

    full = f"--max-requests {max_requests} is spent"

    def spent(more: int) -> bool:
        return max_requests is not None and len(sent) + more > max_requests

    for step in _looking_plainly(steps, observations):
        if spent(requests_of(step)):
            return _ended(observations, "spent", full)
        if ahead is not None:
            ahead(step)
        turns = (late.turns(part, observations) for part in in_requests(step))
        for part in chain.from_iterable(turns):
            if spent(1):
                return _ended(observations, "spent", full)
            found = doorkeeper.ask(part, observations)
            found = late.settled(found) if spent(2) else found
            for observation in found:
                sink(observation)
                observations.append(observation)
                fresh = [e for e in observation.exchanges if e.number not in sent]
                kept += sum(map(_size, fresh))
                sent.update(e.number for e in fresh)
            if note := alarm_over(implementation, found):
                return _ended(observations, "alarm", note)
        if ended := _no_further(observations, kept, doorkeeper.note):
            return _ended(observations, *ended)
    return _ended(observations, note=unknown_everywhere(observations))


def _no_further(
    observations: list[Observation], kept: int, shut_out: str
) -> tuple[Ending, str] | None:
    if kept > _ROOM:
        return "cut_off", "its answers are too long to be kept and judged"
    if nobody := nothing_to_judge(observations):
        return nobody
    if note := shut_out or gone(observations):
        return "cut_off", note
    return None


def _looking_plainly(steps: Iterable[Step], observations: Sequence[Observation]) -> Iterator[Step]:
    """Whoever turns out to have no `batch` is asked for every list of participants by itself."""
    batchless = False
    for step in steps:
        if batchless:
            yield tuple(map(_plain_look, step))
            continue
        known = len(observations)
        yield step
        batchless = any(map(unknown_batch, observations[known:]))
        if batchless and (missed := tuple(filter(_batched_look, step))):
            yield tuple(map(_plain_look, missed))


def _batched_look(probe: Probe) -> bool:
    return probe.method == MEMBERS and probe.asking.batch


def _plain_look(probe: Probe) -> Probe:
    return msgspec.structs.replace(probe, asking=PLAIN) if _batched_look(probe) else probe


def _size(exchange: Exchange) -> int:
    # In memory: a text with a single emoji takes four bytes for every character.
    answered = exchange.response.body if exchange.response else ""
    return getsizeof(exchange.request.body) + getsizeof(answered)


def wrongly_joined(implementation: Implementation, observation: Observation) -> bool:
    """Whether a live portal joined what it should have refused."""
    declaration = implementation.declaration
    if declaration.stand_in or observation.outcome.kind != "joined":
        return False
    if observation.probe.asking.identity != "own":
        return True
    if demands_join(declaration, observation):
        return False
    # By another reading it may be a chat that he may join; that is no chat of others.
    return not Gate(declaration).may_join(observation.probe)


def alarm_over(implementation: Implementation, observations: Iterable[Observation]) -> str | None:
    """What is said first where a live portal joined what it should have refused, or None."""
    wrong = [one for one in observations if wrongly_joined(implementation, one)]
    if not wrong:
        return None
    chats = ", ".join(dict.fromkeys(one.probe.literal for one in wrong))
    return f"{_ALARM} CHAT_ID {chats}; stopped at once"


def _ended(
    observations: list[Observation], ending: Ending = "complete", note: str | None = None
) -> Gathered:
    return Gathered(Transcript(tuple(observations)), ending, note)
