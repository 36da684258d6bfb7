"""A sparing plan for a live portal: what a judgement needs, and two batches for much more.

Probes whose meaning survives it travel as items of a batch, up to 50 in a request; refusals and
joins are never mixed. What is judged by its HTTP answer travels alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import msgspec

from b24_conformance.contract import Clause
from b24_conformance.gate import Gate
from b24_conformance.gather import FIRST, Plan, as_step, drawn_of, once
from b24_conformance.probe import JOIN, MEMBERS, Probe, Step
from b24_conformance.suite import WantsOf, World
from b24_conformance.ways import BATCH, PLAIN

ITEMS = 50
"""All that a batch may hold (docs: settings/how-to-call-rest-api/batch.md)."""


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
            steps = [step for step in steps if not itemised(step)]
        parts.alone += steps[: want.enough]
    refusals, joins = _batches([*parts.telling, *parts.drawn], Gate(world.declaration))
    first, *alone = once([(FIRST,), *parts.alone])
    middle = [
        _bracketed(step, refusals, joins) for step in alone[:1] if packs and _is_watched(step)
    ]
    rest = alone[len(middle) :]
    return Plan((first, *refusals.values(), *middle, *rest, *joins.values()), wants)


def _bracketed(watched: Step, refusals: dict[str, Step], joins: dict[str, Step]) -> Step:
    """The looks before and after a join share their requests with the two batches."""
    before, join, after = watched
    looks = [msgspec.structs.replace(look, asking=BATCH) for look in (before, after)]
    operator = join.operator
    return (*refusals.pop(operator, ()), looks[0], join, looks[1], *joins.pop(operator, ()))


def _is_watched(step: Step) -> bool:
    methods = [probe.method for probe in step]
    return methods == [MEMBERS, JOIN, MEMBERS] and step[1].asking == PLAIN


def _items(steps: Iterable[Step]) -> list[Step]:
    """The steps as items; a colleague's only where the operator has none."""
    items = [item for step in steps if (item := itemised(step))]
    own = [item for item in items if item[0].operator == "operator"]
    return own or items


def _batches(units: Sequence[Step], gate: Gate) -> tuple[dict[str, Step], dict[str, Step]]:
    """A batch of each operator's refusals, and one of his joins."""
    filled: tuple[dict[str, Step], dict[str, Step]] = ({}, {})
    for unit in dict.fromkeys(units):
        joins = any(gate.may_join(probe) for probe in unit)
        batch = filled[joins].get(unit[0].operator, ())
        # One item is kept for a look at who takes part.
        if len(batch) + len(unit) < ITEMS:
            filled[joins][unit[0].operator] = (*batch, *unit)
    return filled


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
