"""A transcript made ready for judging: each observation with what is demanded of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from b24_conformance import php
from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.events import Witnessed
from b24_conformance.judge.doubts import doubts_of, narrowed
from b24_conformance.judge.formats import lacks_xml, unknown_as_xml
from b24_conformance.judge.strictness import Strictness, strictness
from b24_conformance.outcome import ACCESS_DENIED, CHAT_ID, CHAT_TYPE, METHOD_NOT_FOUND, USER_ID
from b24_conformance.probe import JOIN, Asking, Probe
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.ways import BATCH, BATCHES, PLAIN

Answer = tuple[str, str | None]

JOINED: Answer = ("joined", None)
_UNREAD: Answer = ("refused", CHAT_ID)
METHOD_CODES = frozenset({ACCESS_DENIED, CHAT_TYPE, CHAT_ID, USER_ID})
_DEMANDED: dict[ChatKind, Answer] = {
    "joinable": JOINED,
    "joined": JOINED,
    "access_denied": ("refused", ACCESS_DENIED),
    "not_open_line": ("refused", CHAT_TYPE),
    "absent": ("refused", CHAT_ID),
}


class Seen(NamedTuple):
    """An observation of a join and what the contract demands of it.

    `value` is CHAT_ID as PHP decodes it, `number` what PHP reads it as (None: depends on the
    platform), `kind` what is declared of that chat, `demanded` the one preferred answer,
    `accepted` all answers that a MUST accepts.
    """

    observation: Observation
    value: object
    strictness: Strictness
    number: int | None
    kind: ChatKind | None
    demanded: Answer | None
    accepted: frozenset[Answer]

    @property
    def probe(self) -> Probe:
        """The probe behind the observation."""
        return self.observation.probe

    @property
    def answer(self) -> Answer:
        """What came."""
        return self.observation.outcome.answer

    @property
    def asked_plainly(self) -> bool:
        """Whether nothing but CHAT_ID was asked, in the plain way and in a form for everybody."""
        sound = self.strictness in ("plain", "invalid") and not self.probe.extra
        return sound and self.probe.asking == PLAIN


class Trial:
    """One implementation's transcript, indexed for the clauses.

    What was asked while the portal played a condition stands in `conditioned` alone: no rule
    that expects an undisturbed answer ever sees it. Nor does a browser's preflight, which is
    among `preflights`, count as a join. `batchless`: the portal has no `batch`;
    `xmlless`: it has no XML. Answers that only say so are no answers to a join.
    `witnessed` is what read-only calls showed of the chats: the declaration is without those
    that they contradict.
    """

    def __init__(
        self,
        declaration: Declaration,
        transcript: Transcript,
        witnessed: Iterable[Witnessed] = (),
    ) -> None:
        self.doubts = doubts_of(witnessed)
        self.declaration = narrowed(declaration, self.doubts)
        self.transcript = transcript
        unreached = [o for o in transcript.observations if o.outcome.kind == "unreachable"]
        reached = [o for o in transcript.observations if o.outcome.kind != "unreachable"]
        self.reached = tuple(o for o in reached if not o.probe.when)
        self.conditioned = tuple(o for o in reached if o.probe.when)
        self.unreached = tuple(unreached)
        asked = [o for o in self.reached if o.probe.method == JOIN]
        joins = [o for o in asked if o.probe.asking.verb != "OPTIONS"]
        self.preflights = tuple(o for o in asked if o.probe.asking.verb == "OPTIONS")
        self.batchless = _lacks_batch(joins)
        self.xmlless = lacks_xml(joins)
        known = (o for o in joins if not (self.batchless and unknown_batch(o)))
        known = (o for o in known if not (self.xmlless and unknown_as_xml(o)))
        self.joins = tuple(map(self._seen, known))

    @cached_property
    def by_asking(self) -> dict[Asking, list[Seen]]:
        """Joins by the way of asking."""
        groups: dict[Asking, list[Seen]] = defaultdict(list)
        for seen in self.joins:
            groups[seen.probe.asking].append(seen)
        return groups

    @cached_property
    def own(self) -> tuple[Seen, ...]:
        """Joins with the operator's own credentials."""
        return tuple(seen for seen in self.joins if seen.probe.asking.identity == "own")

    @cached_property
    def _answers(self) -> dict[Asking, frozenset[Answer]]:
        return {
            asking: frozenset(s.answer for s in group if s.answer[0] != "broken")
            for asking, group in self.by_asking.items()
        }

    @cached_property
    def _alone(self) -> dict[Asking, list[Seen]]:
        return {
            asking: [seen for seen in group if _is_alone(seen.probe)]
            for asking, group in self.by_asking.items()
        }

    def asked(self, *askings: Asking) -> Iterator[Seen]:
        """Joins that were asked in one of these ways, one CHAT_ID and nothing beside it."""
        return chain.from_iterable(self._alone.get(asking, ()) for asking in askings)

    def doubt(self, observation: Observation) -> str | None:
        """Why nothing can be failed over the chat that was asked for, or None."""
        chat, operator = php.chat_id(observation.probe), observation.probe.operator
        if chat is None or self.declaration.kind(operator, chat):
            return self.doubts.unsure.get((operator, chat)) if chat else None
        # What is demanded of it follows from what another has declared.
        others = (why for (_, known), why in self.doubts.unsure.items() if known == chat)
        return next(others, None)

    @cached_property
    def _sharing(self) -> dict[int, list[int]]:
        """The observations of each exchange, by their index."""
        found: dict[int, list[int]] = defaultdict(list)
        for observation in self.transcript.observations:
            for exchange in observation.exchanges[-1:]:
                found[exchange.number].append(observation.index)
        return found

    def place(self, observation: Observation) -> str:
        """Where an observation was made: the exchange, and the item of a batch."""
        if not observation.exchanges:
            return f"question {observation.index + 1}"
        number = observation.exchanges[-1].number
        items = self._sharing[number]
        item = f", item {items.index(observation.index) + 1}" if len(items) > 1 else ""
        return f"exchange {number}{item}"

    def contrasted(self, seen: Seen) -> bool:
        """Whether the same way of asking got another outcome in this run."""
        return bool(self._answers[seen.probe.asking] - {seen.answer})

    @cached_property
    def _plainly(self) -> dict[Hashable, frozenset[Answer]]:
        found: dict[Hashable, set[Answer]] = defaultdict(set)
        for seen in self.asked(PLAIN):
            if seen.asked_plainly:
                found[_question(seen)].add(seen.answer)
                found[_sort(seen)].add(seen.answer)
        return {question: frozenset(given) for question, given in found.items()}

    def plainly_so(self, seen: Seen) -> bool:
        """Whether the plain question always got the same answer: then no way of asking is wrong.

        Where it was never asked, others stand for it of which the same is demanded.
        """
        plainly = self._plainly.get(_question(seen)) or self._plainly.get(_sort(seen))
        return not seen.asked_plainly and plainly == frozenset({seen.answer})

    @cached_property
    def wrong_by_any_way(self) -> tuple[Seen, ...]:
        """Wrong answers, got in some other way, that the plain question gets as well.

        Also those of a batch to what was never asked plainly: nobody knows whose fault they are.
        """
        return tuple(
            seen
            for seen in self.own
            if seen.accepted
            and seen.answer not in seen.accepted
            and (self.plainly_so(seen) or self._only_in_batches(seen))
        )

    def _only_in_batches(self, seen: Seen) -> bool:
        return seen.probe.asking in BATCHES and _question(seen) not in self._plainly

    def reads(self, seen: Seen) -> bool:
        """Whether the answer alone shows that the CHAT_ID was read in this way of asking.

        Whoever reads none refuses with CHAT_ID; any other answer, which the plain question got
        as well (alone or in a batch) and which is not the answer to everything, comes from
        reading.
        """
        if seen.answer in (_UNREAD, ("broken", None)):
            return False
        plain = [*self.by_asking.get(PLAIN, ()), *self.by_asking.get(BATCH, ())]
        return any(s.number == seen.number and s.answer == seen.answer for s in plain) and any(
            s.answer not in (seen.answer, ("broken", None)) for s in plain
        )

    def _seen(self, observation: Observation) -> Seen:
        probe = observation.probe
        value = php.parameter(probe)
        number = php.intval(value)
        kind = None
        demanded: Answer | None = None
        if number is not None and number <= 0:
            demanded = ("refused", CHAT_ID)
        elif number is not None:
            kind = self.declaration.kind(probe.operator, number)
            demanded = _DEMANDED[kind] if kind else None
        return Seen(
            observation,
            value,
            strictness(probe, value),
            number,
            kind,
            demanded,
            _accepted(demanded, kind),
        )


def _is_alone(probe: Probe) -> bool:
    return not (probe.extra or probe.beside or probe.raw or probe.key != "CHAT_ID")


def _question(seen: Seen) -> tuple[str, str]:
    asked_for = seen.value if seen.strictness == "invalid" else seen.number
    return seen.probe.operator, str(asked_for)


def _sort(seen: Seen) -> tuple[ChatKind | None, Answer | None]:
    return seen.kind, seen.demanded


def unknown_batch(observation: Observation) -> bool:
    """The portal itself says that it has no `batch`; an item's own refusal has no status."""
    outcome = observation.outcome
    return (
        observation.probe.asking.batch
        and outcome.code == METHOD_NOT_FOUND
        and outcome.status is not None
    )


def _lacks_batch(joins: Iterable[Observation]) -> bool:
    """Whether no batch is known, in whatever way it was written.

    Wrong credentials may be refused before anybody looks for the method.
    """
    batched = [o for o in joins if o.probe.asking.batch and o.probe.asking.identity == "own"]
    known = any(o.outcome.kind in ("joined", "refused") and not unknown_batch(o) for o in batched)
    return any(map(unknown_batch, batched)) and not known


def _accepted(demanded: Answer | None, kind: ChatKind | None) -> frozenset[Answer]:
    if demanded is None:
        return frozenset()
    # Old portals answer ACCESS_DENIED for a chat that does not exist (portal-facts section 10).
    return frozenset({demanded, ("refused", ACCESS_DENIED)} if kind == "absent" else {demanded})


def demands_join(declaration: Declaration, observation: Observation) -> bool:
    """Whether joining is what the contract demands of this observation."""
    (seen,) = Trial(declaration, Transcript((observation,))).joins or (None,)
    return seen is None or seen.demanded == JOINED
