"""In which order probes are sent: whatever shows something new comes first.

Every step shows some features: a way of asking, a kind of chat, a form of CHAT_ID, somebody's
credentials, and pairs of them. The next step is the one that shows most new features a request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, combinations

from b24_conformance import php
from b24_conformance.chat_ids.forms import forms
from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.probe import JOIN, MEMBERS, Asking, Probe, Step
from b24_conformance.ways import PLAIN, PREFLIGHT

# Whole numbers: sums of others depend on the order in which they are added up.
_SINGLE, _PAIR = 300, 4
# What a feature is worth by itself, by its sort: more where a look at state comes with it, less
# where there are many of a sort and few portals know them apart.
_WORTH = {
    "watched": 600,
    "preflight": 480,
    "format": 380,
    "no-credentials": 310,
    "scope": 310,
    "precedence": 300,
    "size": 300,
    "value": 280,
    "credentials": 220,
    "undeclared": 190,
    "operator": 170,
    "kind": 150,
    "plainly": 150,
    "extra": 100,
    "method": 90,
    "door-no-chat": 60,
    "sign": 60,
    "door-shut": 50,
    "place": 60,
    "twice": 50,
    "type": 20,
    "text": 10,
    "instead": 5,
    "nothing": 5,
    "key": 5,
}
# Which answer a door gives for a kind of chat, and to whom, is what most clauses are about.
_TELLING_PAIR = 72
_TELLING = frozenset({"door", "kind", "place", "operator", "beside", "type"})
_LOCKED = frozenset({"door-shut", "place"})
_PAIRED = _TELLING | _LOCKED | {"credentials", "method", "key", "extra", "spelling"}
Feature = tuple[str, ...]


def sparing(
    steps: Sequence[Step], declaration: Declaration, *, after: Iterable[Step] = ()
) -> list[Step]:
    """The steps in the order in which they tell most; equal ones keep their order.

    What the steps `after` which they come have shown tells nothing new.
    """
    known = _features(tuple(chain.from_iterable(after)), declaration)
    shown = {step: _features(step, declaration) - known for step in steps}
    showing: dict[Feature, list[Step]] = defaultdict(list)
    for step, features in shown.items():
        for feature in features:
            showing[feature].append(step)
    cost = {step: requests_of(step) for step in steps}
    gain = {step: sum(map(_worth_of, features)) for step, features in shown.items()}
    ordered: list[Step] = []
    while gain:
        best = max(gain, key=lambda step: gain[step] / cost[step])
        ordered.append(best)
        for feature in shown[best]:
            worth = _worth_of(feature)
            for step in showing.pop(feature, ()):
                if step in gain:
                    gain[step] -= worth
        del gain[best]
    return ordered


def requests_of(step: Step) -> int:
    """How many HTTP requests a step takes: probes in a row that ask for a batch share one."""
    return len(in_requests(step))


def in_requests(step: Step) -> list[Step]:
    """The step in parts that are one HTTP request each."""
    parts: list[Step] = []
    for probe in step:
        if parts and probe.asking.batch and parts[-1][-1].asking.batch:
            parts[-1] = (*parts[-1], probe)
        else:
            parts.append((probe,))
    return parts


@cache
def _worth_of(feature: Feature) -> int:
    sorts = [_sort(text) for text in feature]
    if len(sorts) == 1:
        return _WORTH.get(sorts[0], _SINGLE)
    telling = _TELLING.issuperset(sorts) or _LOCKED.issuperset(sorts)
    return _TELLING_PAIR if telling else _PAIR


def _sort(feature: str) -> str:
    return feature.partition(" ")[0]


def _features(step: Step, declaration: Declaration) -> set[Feature]:
    found: set[Feature] = set()
    for probe in step:
        single = sorted(_of_probe(probe, declaration))
        found.update((one,) for one in single)
        found.update(combinations([one for one in single if _sort(one) in _PAIRED], 2))
    if any(probe.method == MEMBERS for probe in step):
        found.update((_watched(probe, declaration),) for probe in step if probe.method == JOIN)
    return found


def _kind(probe: Probe, declaration: Declaration) -> ChatKind | None:
    number = php.chat_id(probe)
    return declaration.kind(probe.operator, number) if number else None


def _watched(probe: Probe, declaration: Declaration) -> str:
    """What is joined, and how, where somebody looks who takes part."""
    asking, names = probe.asking, [name for name, _ in probe.extra]
    who = f"{probe.operator} {_kind(probe, declaration)} {names}"
    return f"watched {asking.verb} {asking.batch} {who}"


def _of_probe(probe: Probe, declaration: Declaration) -> Iterator[str]:
    asking, number = probe.asking, php.chat_id(probe) or 0
    kind = _kind(probe, declaration)
    if number > 0 and kind is None and asking.identity == "own":
        yield from _of_undeclared(probe, number, declaration)
        return
    if asking.identity == "own":
        yield from _of_door(probe, kind)
    else:
        yield from _of_lock(asking, asks_for_a_chat=number > 0)
    yield from forms(probe)
    if number > 0:
        yield f"kind {kind}"
        yield f"size {number.bit_length() // 8}"
    yield f"operator {probe.operator}"
    yield f"method {probe.method}"
    if asking.spelling != JOIN:
        yield "spelling"
    if probe.beside is not None:
        yield "beside"
    # Beside a chat they may change whom it is for; without one they may be read in its place.
    yield from (f"{'extra' if number else 'instead'} {name}" for name, _ in probe.extra)


def _of_undeclared(probe: Probe, number: int, declaration: Declaration) -> Iterator[str]:
    """Little is demanded of a chat that nobody declared."""
    if any(number in person.chats.not_open_line for person in declaration.people.values()):
        yield "foreign"
    asking = probe.asking
    yield f"undeclared {asking.verb} {asking.encoding} {number.bit_length() // 16}"


def _door(asking: Asking) -> str:
    how = f"{asking.verb} {asking.encoding} {asking.style}"
    return f"{how} {asking.suffix} {asking.batch} {asking.slashes}"


def _of_door(probe: Probe, kind: ChatKind | None) -> Iterator[str]:
    """Where somebody with sound credentials comes in."""
    asking = probe.asking
    if asking.suffix.lower() == ".xml":
        yield f"format xml {kind in ('joined', 'joinable')}"
    if asking.place != "webhook":
        yield f"place {asking.place} {asking.verb} {asking.encoding}"
        if probe.operator != "operator":
            yield "token of another"
        return
    if asking == PLAIN:
        # What is said by a batch's item is not said by an HTTP status.
        yield f"plainly {kind}"
    if asking == PREFLIGHT:
        yield "preflight"
    # A door that reads nothing refuses with CHAT_ID as well: only a chat shows that it reads.
    yield f"{'door' if kind else 'door-no-chat'} {_door(asking)}"


def _of_lock(asking: Asking, *, asks_for_a_chat: bool) -> Iterator[str]:
    """Where somebody with other credentials is to stay out."""
    named = asking.identity in ("none", "expired", "without_scope")
    if asking.place == "webhook" or named:
        yield f"credentials {asking.identity}"
    if asking.identity == "none":
        yield f"no-credentials {asking.verb}"
    else:
        yield f"door-shut {_door(asking)}"
    if asking.identity == "without_scope":
        yield f"scope {asking.batch}"
    if asking.place != "webhook":
        yield f"place wrong {asking.place}"
    if not asks_for_a_chat and not asking.batch:
        yield f"precedence {asking.identity if named else 'wrong'}"
