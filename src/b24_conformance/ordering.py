"""In which order probes are sent: whatever shows something new comes first.

Every step shows some features: what one way of asking gets for a kind of chat, a form of CHAT_ID,
whose credentials a way refuses. The next step is the one that shows most new features a request.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from b24_conformance import php
from b24_conformance.chat_ids.forms import forms
from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.probe import JOIN, MEMBERS, UNKNOWN, Probe, Step
from b24_conformance.ways import BATCH_LONG, PLAIN, PREFLIGHT

# What a feature is worth, by its sort: the more, the more faulty portals are known by one of them.
# Whole numbers: sums of others depend on the order in which they are added up.
_WORTH = {
    # What nothing else shows.
    "plainly": 400,
    "format": 400,
    "preflight": 300,
    "room": 400,
    "method": 400,
    "foreign": 600,
    "watched": 600,
    # Any credentials may be taken by the lock of any way in, or be looked at too late.
    "credentials": 300,
    "refused": 300,
    "refused by": 300,
    "lock": 50,
    # Every way of asking may have a handler of its own, which may lose anything.
    "way": 300,
    "way, kind": 60,
    "way, lack": 30,
    "lack": 30,
    "place": 600,
    "extra": 130,
    # What CHAT_ID looks like; of some forms there are many, and few portals know them apart.
    "long": 600,
    "value": 200,
    "key": 220,
    "undeclared": 300,
    "written": 80,
    "sign": 100,
    "type": 130,
    "text": 50,
    "twice": 80,
    "nested": 80,
}
_DIGITS = re.compile(r"\d+")
Feature = tuple[str, str]
"""Its sort, and which of that sort it is."""


def sparing(
    steps: Sequence[Step], declaration: Declaration, *, after: Iterable[Step] = ()
) -> list[Step]:
    """The steps in the order in which they tell most; equal ones keep their order.

    What the steps `after` which they come have shown tells nothing new. A look alone tells the
    more the later it comes.
    """
    known = _features(tuple(chain.from_iterable(after)), declaration)
    shown = {step: _features(step, declaration) - known for step in steps if not _only_looks(step)}
    showing: dict[Feature, list[Step]] = defaultdict(list)
    for step, features in shown.items():
        for feature in features:
            showing[feature].append(step)
    cost = {step: requests_of(step) for step in shown}
    gain = {step: sum(map(_worth_of, features)) for step, features in shown.items()}
    ordered: list[Step] = []
    while gain:
        best = max(gain, key=lambda step: gain[step] / cost[step])
        ordered.append(best)
        for feature in shown[best]:
            for step in showing.pop(feature, ()):
                if step in gain:
                    gain[step] -= _worth_of(feature)
        del gain[best]
    return [*ordered, *filter(_only_looks, steps)]


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


def _only_looks(step: Step) -> bool:
    return all(probe.method == MEMBERS for probe in step)


def _worth_of(feature: Feature) -> int:
    return _WORTH[feature[0]]


def _features(step: Step, declaration: Declaration) -> set[Feature]:
    joins = [(one, _kind(one, declaration)) for one in step if one.method == JOIN]
    found = {feature for probe, kind in joins for feature in _of_probe(probe, kind, declaration)}
    found |= {("method", one.asking.identity) for one in step if one.method == UNKNOWN}
    if len(joins) < len(step):
        found.update(_watched(probe, kind) for probe, kind in joins)
    return found


def _kind(probe: Probe, declaration: Declaration) -> ChatKind | None:
    number = php.chat_id(probe)
    return declaration.kind(probe.operator, number) if number else None


def _watched(probe: Probe, kind: ChatKind | None) -> Feature:
    """What is joined, and how, where somebody looks who takes part."""
    named = [name for name, _ in probe.extra]
    return "watched", f"{_way(probe)} {probe.operator} {kind} {named}"


def _of_probe(probe: Probe, kind: ChatKind | None, declaration: Declaration) -> Iterator[Feature]:
    number = php.chat_id(probe) or 0
    if probe.asking == BATCH_LONG:
        # Whatever else is wrong with it is wrong with other batches, too.
        yield "room", ""
        return
    if probe.asking.identity != "own":
        yield from _of_lock(probe, kind or _lack(probe, declaration))
        return
    if number > 0 and kind is None:
        # Its looks tell little, since little is demanded of it.
        yield from _of_undeclared(probe, number, declaration)
        return
    yield from _of_way(probe, kind, number, declaration)
    for form in forms(probe):
        sort, _, which = form.partition(" ")
        yield sort, which


def _of_undeclared(probe: Probe, number: int, declaration: Declaration) -> Iterator[Feature]:
    """A chat that the operator did not declare."""
    if any(number in person.chats.not_open_line for person in declaration.people.values()):
        yield "foreign", probe.operator
    asking = probe.asking
    yield "undeclared", f"{asking.verb} {asking.encoding} {len(probe.literal) // 4}"


def _of_way(
    probe: Probe, kind: ChatKind | None, number: int, declaration: Declaration
) -> Iterator[Feature]:
    """What a way of asking gets for a kind of chat, and for one person."""
    way = _way(probe)
    if probe.asking == PREFLIGHT:
        yield "preflight", ""
    if probe.asking == PLAIN:
        # What is said by a batch's item is not said by an HTTP status.
        yield "plainly", f"{kind}"
    if probe.asking.in_xml:
        yield "format", f"{kind in ('joined', 'joinable')}"
    # A way that reads nothing refuses with CHAT_ID as well: only a chat shows that it reads.
    if kind:
        # Whoever takes numbers only refuses digits in a string.
        quoted = probe.asking.encoding == "json" and php.parameter(probe) == str(number)
        yield "way", f"{way} {quoted}"
        yield "way, kind", f"{way} {kind}"
        yield "place", probe.asking.place
    elif not probe.raw:
        lack = _lack(probe, declaration)
        yield "way, lack", f"{way} {lack}"
        if probe.asking == PLAIN:
            yield "lack", lack
    if probe.raw:
        yield "written", f"{way} {_DIGITS.sub('9', probe.literal)}"
    yield from (("extra", f"{name} {kind}") for name, _ in probe.extra)


def _way(probe: Probe) -> str:
    """Whatever may have a handler of its own."""
    asking = probe.asking
    token = asking.place != "webhook"
    how = f"{asking.verb} {asking.encoding} {asking.style} {asking.batch} {token}"
    path = f"{asking.suffix} {asking.slashes} {asking.spelling}"
    return f"{how} {path} {probe.beside is not None}"


def _lack(probe: Probe, declaration: Declaration) -> str:
    """Why no chat is named."""
    value = php.parameter(probe)
    if number := php.intval(value):
        mirrored = declaration.kind(probe.operator, -number)
        return f"negative {len(probe.literal) // 4} {mirrored is not None}"
    if isinstance(value, str) and value.strip(" 0"):
        return "text"
    return repr(value)


def _of_lock(probe: Probe, kind: str) -> Iterator[Feature]:
    """Where somebody with other credentials is to stay out, whatever he asks for."""
    asking = probe.asking
    named = asking.identity in ("none", "expired", "without_scope", "anothers")
    sort = asking.identity if named else "wrong"
    yield "credentials", f"{asking.identity} {asking.place} {probe.extra}"
    yield "lock", _way(probe)
    yield "refused by", f"{_way(probe)} {sort}"
    if not asking.batch:
        yield "refused", f"{sort} {kind}"
