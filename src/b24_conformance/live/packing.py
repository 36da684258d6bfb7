"""A sparing plan for a live portal: what a judgement needs, and two batches for much more.

Probes whose meaning survives it travel as items of a batch, up to 50 in a request; refusals and
joins are never mixed. What is judged by its HTTP answer travels alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from b24_conformance import php
from b24_conformance.contract import Clause
from b24_conformance.declaration import Declaration
from b24_conformance.gate import Gate
from b24_conformance.gather import FIRST, Plan, as_step, drawn_of, once
from b24_conformance.probe import JOIN, MEMBERS, Probe, Step
from b24_conformance.suite import WantsOf, World
from b24_conformance.ways import BATCH, PLAIN, ROOM


class _Parts(msgspec.Struct):
    """What travels alone, and what in a batch: the telling items before the drawn ones."""

    alone: list[Step] = msgspec.field(default_factory=list)
    telling: list[Step] = msgspec.field(default_factory=list)
    drawn: list[Step] = msgspec.field(default_factory=list)


def sparing_plan(
    clauses: Sequence[Clause],
    wants_of: dict[str, WantsOf],
    world: World,
    *,
    seed: int,
    drawn: int,
) -> Plan:
    """The steps of a live run, those of the contract's first clauses first."""
    absent = world.declaration.without
    wants = {one.id: wants_of[one.id](world) for one in clauses if one.feature not in absent}
    packs = "batch" not in absent
    parts = _Parts()
    for clause_id, want in wants.items():
        steps = [step for step in map(as_step, want.telling) if world.may(step)]
        if want.packs and packs:
            parts.telling += _items(steps)
            more = map(as_step, drawn_of(want, drawn, clause_id, seed))
            parts.drawn += _items(filter(world.may, more))
            found = [step for step in steps if _packs(step, world.declaration)]
            # What is the other thing by some reading travels alone, if nothing else tells.
            steps = [s for s in steps if not (found and itemised(s))]
        parts.alone += steps[: want.enough]
    first, *alone = once([(FIRST,), *parts.alone])
    if packs:
        alone = _with_batches(parts, alone, world.declaration)
    return Plan((first, *_beside_joins(alone, world.declaration)), wants)


def _beside_joins(steps: Sequence[Step], declaration: Declaration) -> list[Step]:
    """What a join must not open for a colleague is asked in one step with it.

    A run may be ended between two steps, and then the operator would have to join once more.
    """
    theirs = {chat: step for step in steps if (chat := _closed_to_another(step, declaration))}
    elsewhere = set(theirs.values())
    found: list[Step] = []
    for step in steps:
        if step not in elsewhere:
            beside = [probe for chat in _joined_by(step) for probe in theirs.pop(chat, ())]
            found.append((*step, *beside))
    return [*found, *theirs.values()]


def _closed_to_another(step: Step, declaration: Declaration) -> int | None:
    """The chat of a step in which another than the operator asks for what is closed to him."""
    probe = step[0]
    if len(step) > 1 or probe.operator == "operator" or probe.asking != PLAIN:
        return None
    chat = php.chat_id(probe)
    closed = chat in declaration.chats(probe.operator).access_denied
    return chat if closed and probe.method == JOIN else None


def _joined_by(step: Step) -> Iterator[int]:
    """The chats that the operator asks to join in a step, plainly or in a batch."""
    for probe in step:
        own = probe.operator == "operator" and probe.method == JOIN
        if own and probe.asking in (PLAIN, BATCH) and (chat := php.chat_id(probe)):
            yield chat


def _with_batches(parts: _Parts, alone: Sequence[Step], declaration: Declaration) -> list[Step]:
    """The batches with the first join between them, between two looks who takes part.

    The looks are requests of their own, since nobody says that items are run in their order.
    """
    watched = [step for step in alone[:1] if _is_watched(step)]
    units = [*watched, *parts.telling, *parts.drawn]
    looks = [probe for unit in units for probe in unit if probe.method == MEMBERS]
    refusals, joins = _batches([*parts.telling, *parts.drawn], declaration)
    middle = [*refusals, *((step[1],) for step in watched), *joins]
    before, after = _looks(looks, "before all"), _looks(looks, "after all")
    return [*before, *middle, *after, *alone[len(watched) :]]


def _is_watched(step: Step) -> bool:
    methods = [probe.method for probe in step]
    return methods == [MEMBERS, JOIN, MEMBERS] and step[1].asking == PLAIN


def _looks(looks: Iterable[Probe], occasion: str) -> list[Step]:
    """One batch of looks at every chat that somebody wants to watch."""
    wanted = {
        (probe.operator, probe.chat_id): msgspec.structs.replace(
            probe, asking=BATCH, occasion=occasion
        )
        for probe in looks
    }
    operators = dict.fromkeys(operator for operator, _ in wanted)
    return [tuple(look for (who, _), look in wanted.items() if who == one) for one in operators]


def _items(steps: Iterable[Step]) -> list[Step]:
    """The steps as items; a colleague's only where the operator has none."""
    items = [item for step in steps if (item := itemised(step))]
    own = [item for item in items if item[0].operator == "operator"]
    return own or items


def _packs(step: Step, declaration: Declaration) -> bool:
    """Whether a step finds its place in a batch."""
    items = itemised(step)
    if items is None or BATCH in {probe.asking for probe in step}:
        return items is not None
    return _side(items, declaration, Gate(declaration)) is not None


def _batches(units: Sequence[Step], declaration: Declaration) -> tuple[list[Step], list[Step]]:
    """A batch of each operator's refusals, and one of his joins."""
    gate = Gate(declaration)
    filled: tuple[dict[str, Step], dict[str, Step]] = ({}, {})
    for unit in dict.fromkeys(units):
        items = tuple(probe for probe in unit if probe.method == JOIN)
        joins = _side(items, declaration, gate)
        if joins is None:
            continue
        batch = filled[joins].get(unit[0].operator, ())
        if len(batch) + len(items) <= ROOM:
            filled[joins][unit[0].operator] = (*batch, *items)
    return [*filled[False].values()], [*filled[True].values()]


def _side(items: Step, declaration: Declaration, gate: Gate) -> bool | None:
    """Whether the items are joins, or None where by some reading one is the other thing."""
    asked = [probe for probe in items if probe.method == JOIN]
    joins = any(_is_join(probe, declaration) for probe in asked)
    return joins if all(gate.may_join(probe) == joins for probe in asked) else None


def _is_join(probe: Probe, declaration: Declaration) -> bool:
    chats = declaration.chats(probe.operator)
    return php.chat_id(probe) in chats.of("joinable", "joined")


def itemised(step: Step) -> Step | None:
    """The step as items of one batch, or None where their meaning would not survive."""
    items = tuple(item for probe in step if (item := _item(probe)))
    one_asks = len({probe.operator for probe in step}) == 1
    return items if one_asks and len(items) == len(step) else None


def _item(probe: Probe) -> Probe | None:
    if probe.asking == BATCH:
        return probe
    if probe.asking != PLAIN or probe.raw or probe.beside is not None:
        return None
    texts = [_text(probe.chat_id), *(_text(literal) for _, literal in probe.extra)]
    if None in texts[1:] or (texts[0] is None and probe.chat_id is not None):
        return None
    extra = tuple((name, str(text)) for (name, _), text in zip(probe.extra, texts[1:], strict=True))
    return msgspec.structs.replace(probe, chat_id=texts[0], extra=extra, asking=BATCH)


def _text(literal: str | None) -> str | None:
    """What a form writes for a JSON literal that it can say: a whole number or a text."""
    if literal is None:
        return None
    try:
        value = json.loads(literal)
        written = value if isinstance(value, str) else literal
        written.encode()
    except ValueError:
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return written if isinstance(value, str) or whole else None
