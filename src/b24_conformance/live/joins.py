"""The real joins of a run: told before they are sent, and undone afterwards."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from b24_conformance import php
from b24_conformance.declaration import Declaration
from b24_conformance.events import Event, EventSink, Joining, Left, Observed
from b24_conformance.gate import chats_read
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.judge.doubts import Place
from b24_conformance.live.readonly import ReadOnly, Trouble
from b24_conformance.outcome import Outcome
from b24_conformance.probe import JOIN, LEAVE, Asking, Probe, Step
from b24_conformance.transcript import Observation

# How many rows a list of the REST API has at most, unless it is asked for more.
_PAGE = 50
GONE = "the operator takes no part in it (any more)"


class Joins:
    """Tells every real join before it is sent, and remembers what came of it."""

    def __init__(self, declaration: Declaration, sink: EventSink, *, stays: bool = False) -> None:
        self._declaration = declaration
        self._sink = sink
        self._stays = stays
        self._told: set[Place] = set()
        self._events: list[Event] = []

    @property
    def joined(self) -> frozenset[Place]:
        """Where the portal said that the operator has joined."""
        return joined(self._events)

    def announce(self, step: Step) -> None:
        """Tells of the joins in a step that is about to be sent."""
        for operator, chat in self.made_by(step):
            self._tell(operator, chat)

    def made_by(self, step: Step) -> tuple[Place, ...]:
        """The real joins that a step may make, by whichever reading."""
        return tuple(
            (probe.operator, chat)
            for probe in step
            for chat in _chats(probe)
            if chat in self._declaration.chats(probe.operator).joinable
            and probe.asking.identity == "own"
        )

    def observed(self, observation: Observation) -> None:
        """Remembers what a question got."""
        self._events.append(Observed(self._declaration.name, observation))

    def to_undo(self) -> tuple[Joining, ...]:
        """The joins that have to be undone, as far as is known."""
        return pending(self._events)

    def _tell(self, operator: str, chat: int) -> None:
        if (operator, chat) not in self._told:
            user = self._declaration.people[operator].user_id
            joining = Joining(self._declaration.name, operator, chat, user, self._stays)
            self._told.add((operator, chat))
            self._events.append(joining)
            self._sink(joining)


def joined(events: Iterable[Event]) -> frozenset[Place]:
    """Where the portal said that an operator has joined, of the joins that were told."""
    told: set[Place] = set()
    answered: set[Place] = set()
    for event in events:
        match event:
            case Joining():
                told.add((event.operator, event.chat))
            case Observed(observation=seen) if seen.outcome.kind == "joined":
                answered.update((seen.probe.operator, chat) for chat in _chats(seen.probe))
    return frozenset(told & answered)


def pending(events: Iterable[Event]) -> tuple[Joining, ...]:
    """The joins in a run's events that nobody has undone, though nobody was to stay."""
    told: dict[tuple[str, str, int], Joining] = {}
    refused: dict[tuple[str, str, int], bool] = {}
    for event in events:
        match event:
            case Joining(stays=False):
                place = (event.implementation, event.operator, event.chat)
                told[place] = event
                # What a leg before it was told says nothing of this one.
                refused.pop(place, None)
            case Left():
                told.pop((event.implementation, event.operator, event.chat), None)
            case Observed(observation=seen):
                for chat in _told_of(seen.probe, seen.outcome):
                    place = (event.implementation, seen.probe.operator, chat)
                    refused[place] = refused.get(place, True) and seen.outcome.kind == "refused"
    return tuple(one for place, one in told.items() if not refused.get(place, False))


def _chats(probe: Probe) -> tuple[int, ...]:
    """The chats that a question may join, by whichever reading."""
    return chats_read(probe) if probe.method == JOIN else ()


def _told_of(probe: Probe, outcome: Outcome) -> tuple[int, ...]:
    """The chats of which an outcome tells: a refusal says nothing of other readings."""
    chats = _chats(probe)
    plain = php.chat_id(probe)
    return tuple(chat for chat in chats if outcome.kind != "refused" or chat == plain)


def candidates(
    declaration: Declaration, seen: Iterable[Observation], outside: Container[Place]
) -> tuple[Joining, ...]:
    """Which chats wrong joins may have joined: by any reading, where nobody was inside before."""
    places = ((one.probe.operator, number) for one in seen for number in sorted(_chats(one.probe)))
    return tuple(
        Joining(declaration.name, operator, chat, declaration.people[operator].user_id)
        for operator, chat in dict.fromkeys(places)
        if (operator, chat) in outside
    )


def undo(
    portal: PortalImplementation,
    clients: Mapping[str, ReadOnly],
    joins: Sequence[Joining],
    sink: EventSink,
    *,
    sure: frozenset[Place] = frozenset(),
) -> tuple[str, ...]:
    """Leaves the chats that were joined; what could not be undone, in words.

    Where it is not `sure` that the operator is in a chat, a look comes first.
    """
    problems = []
    for one in joins:
        inside = (one.operator, one.chat) in sure or _takes_part(clients[one.operator], one)
        if not inside:
            sink(Left(portal.name, one.operator, one.chat, GONE))
        elif problem := leave(portal, one.operator, one.chat, sink):
            problems.append(problem)
    return tuple(problems)


def _takes_part(client: ReadOnly, joining: Joining) -> bool:
    members = client.members(joining.chat)
    if isinstance(members, Trouble) or joining.user_id is None:
        return True
    # Whoever is not on a page that is full may stand on the next one.
    return joining.user_id in members or len(members) >= _PAGE


def leave(portal: PortalImplementation, operator: str, chat: int, sink: EventSink) -> str | None:
    """Lets the operator leave a chat that the run has joined; why not, or None."""
    portal.let_leave(operator, chat)
    webhook = "webhook" in portal.declaration.people[operator].places
    asking = Asking(place="webhook" if webhook else "oauth_body")
    seen = portal.ask(Probe(str(chat), operator=operator, method=LEAVE, asking=asking))
    sink(Observed(portal.name, seen))
    if seen.outcome.kind != "left":
        return f"chat {chat} could not be left: {seen.outcome}"
    sink(Left(portal.name, operator, chat, "the operator has left it"))
    return None
