"""In which order probes are sent: whatever shows something new comes first.

Every step shows some features: a way of asking, a kind of chat, a shape of CHAT_ID, somebody's
credentials, and pairs of them. The next step is the one that shows most new features a request.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations

from b24_conformance import php
from b24_conformance.declaration import Declaration
from b24_conformance.probe import JOIN, Probe, Step

_DIGITS = re.compile(r"[1-9]\d*", re.A)
# Letters of a text, but not the words of JSON.
_LETTERS = re.compile(r"\b(?!(?:true|false|null|CHAT_ID)\b)[A-Za-z]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LONG = 300
# A new way of asking is worth several new shapes of CHAT_ID, of which there are many, and each
# of those several new pairs of what is known.
_WORTH = {"literal": 10.0, "size": 10.0}
_SINGLE, _PAIR = 30.0, 1.0
# Which answer a door gives for a kind of chat, and to whom, is what most clauses are about.
_TELLING_PAIR = 9.0
_TELLING = frozenset({"door", "kind", "credentials", "operator", "method"})
Feature = tuple[str, ...]


def sparing(steps: Sequence[Step], declaration: Declaration) -> list[Step]:
    """The steps in the order in which they tell most; equal ones keep their order."""
    shown = {step: _features(step, declaration) for step in steps}
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
    batched = [probe.asking.batch for probe in step]
    return sum(
        1 for place, batch in enumerate(batched) if not (batch and place and batched[place - 1])
    )


@cache
def _worth_of(feature: Feature) -> float:
    names = [text.partition(" ")[0] for text in feature]
    if len(names) == 1:
        return _WORTH.get(names[0], _SINGLE)
    return _TELLING_PAIR if _TELLING.issuperset(names) else _PAIR


def _features(step: Step, declaration: Declaration) -> set[Feature]:
    found: set[Feature] = set()
    for probe in step:
        single = sorted(_of_probe(probe, declaration))
        found.update((one,) for one in single)
        found.update(combinations(single, 2))
    return found


def _of_probe(probe: Probe, declaration: Declaration) -> Iterator[str]:
    asking = probe.asking
    number = php.chat_id(probe)
    kind = declaration.kind(probe.operator, number) if number else None
    if number is not None and number > 0 and kind is None and asking.identity == "own":
        # Little is demanded of a chat that nobody declared.
        yield f"undeclared {asking.verb} {asking.encoding}"
        return
    own = "own" if asking.identity == "own" else "foreign"
    door = f"{asking.verb} {asking.encoding} {asking.suffix} {asking.batch} {asking.slashes}"
    # A door that reads nothing refuses with CHAT_ID as well: only a chat shows that it reads.
    yield f"door {own if kind else 'no chat'} {door}"
    if asking.place != "webhook" or asking.identity != "own":
        yield f"credentials {asking.place} {asking.identity}"
    yield f"literal {_shape(probe)}"
    if number is not None and number != 0:
        yield f"kind {kind}"
        yield f"size {number < 0} {number.bit_length() // 8}"
    for name in ("operator", "method", "key", "raw"):
        yield f"{name} {getattr(probe, name)}"
    if asking.spelling != JOIN:
        yield "spelling"
    if probe.beside is not None:
        yield "beside"
    yield from (f"extra {name}" for name, _ in probe.extra)


def _shape(probe: Probe) -> str:
    """The literal with its letters and digits levelled, so that only its form is left."""
    text = probe.literal
    if len(text) > _LONG:
        return f"long {text[0]}{text[1]}"
    levelled = _LETTERS.sub("a", _DIGITS.sub("9", text))
    named = _FOREIGN.sub(lambda found: f"<{unicodedata.category(found[0])}>", levelled)
    return re.sub(r"(<\w\w>)\1+", r"\1", named)
