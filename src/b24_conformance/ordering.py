"""In which order probes are sent: whatever shows something new comes first.

Every step shows some features: a way of asking, a kind of chat, a shape of CHAT_ID, somebody's
credentials, and pairs of them. The next step is the one that shows most new features a request.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations
from urllib.parse import unquote_plus

from b24_conformance import php
from b24_conformance.declaration import Declaration
from b24_conformance.probe import JOIN, MEMBERS, Asking, Probe, Step

_DIGITS = re.compile(r"[1-9]\d*", re.A)
# Letters of a text, but not the words of JSON.
_LETTERS = re.compile(r"\b(?!(?:true|false|null|CHAT_ID)\b)[A-Za-z]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LONG = 300
# What a feature is worth by itself; a new way of asking is worth several new forms of CHAT_ID.
_WORTH = {
    "door-shut": 12.0,
    "door-no-chat": 8.0,
    "watched": 60.0,
    "credentials": 25.0,
    "precedence": 20.0,
    "size": 15.0,
    "undeclared": 20.0,
    "value": 25.0,
    "nothing": 6.0,
    "twice": 26.0,
    "scope": 25.0,
    "no-credentials": 25.0,
    "instead": 8.0,
    "extra": 20.0,
    "key": 15.0,
    "text": 6.0,
    "sign": 8.0,
}
_SINGLE, _PAIR = 30.0, 1.0
# Which answer a door gives for a kind of chat, and to whom, is what most clauses are about.
_TELLING_PAIR = 9.0
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
    known = {feature for step in after for feature in _features(step, declaration)}
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
def _worth_of(feature: Feature) -> float:
    names = [_name(text) for text in feature]
    if len(names) == 1:
        return _WORTH.get(names[0], _SINGLE)
    telling = _TELLING.issuperset(names) or _LOCKED.issuperset(names)
    return _TELLING_PAIR if telling else _PAIR


def _name(feature: str) -> str:
    return feature.partition(" ")[0]


def _features(step: Step, declaration: Declaration) -> set[Feature]:
    found: set[Feature] = set()
    for probe in step:
        single = sorted(_of_probe(probe, declaration))
        found.update((one,) for one in single)
        found.update(combinations([one for one in single if _name(one) in _PAIRED], 2))
    if any(probe.method == MEMBERS for probe in step):
        found.update((_watched(probe, declaration),) for probe in step if probe.method == JOIN)
    return found


def _watched(probe: Probe, declaration: Declaration) -> str:
    """What is joined, and how, where somebody looks who takes part afterwards."""
    number = php.chat_id(probe)
    kind = declaration.kind(probe.operator, number) if number else None
    names = [name for name, _ in probe.extra]
    return f"watched {probe.asking.verb} {probe.asking.batch} {probe.operator} {kind} {names}"


def _of_probe(probe: Probe, declaration: Declaration) -> Iterator[str]:
    asking = probe.asking
    value = php.parameter(probe)
    number = php.intval(value)
    kind = declaration.kind(probe.operator, number) if number else None
    if number is not None and number > 0 and kind is None and asking.identity == "own":
        # Little is demanded of a chat that nobody declared.
        if any(number in person.chats.not_open_line for person in declaration.people.values()):
            yield "foreign"
        yield f"undeclared {asking.verb} {asking.encoding} {number.bit_length() // 16}"
        return
    yield from _of_asking(asking, declared=kind is not None)
    yield from _of_value(probe, value)
    if asking.suffix.lower() == ".xml" and asking.identity == "own":
        yield f"format xml {kind in ('joined', 'joinable')}"
    if asking.identity == "without_scope":
        yield f"scope {asking.batch}"
    if number is not None and number > 0:
        yield f"kind {kind}"
        yield f"size {number.bit_length() // 8}"
    elif asking.identity != "own" and not asking.batch:
        known = asking.identity in ("none", "without_scope")
        yield f"precedence {asking.identity if known else 'wrong'}"
    for name in ("operator", "method"):
        yield f"{name} {getattr(probe, name)}"
    if probe.operator != "operator" and asking.place != "webhook":
        yield "token of another"
    if probe.beside is not None:
        yield "beside"
    # Where a chat is asked for they may change whom it is for; else one may be read in its place.
    yield from (f"{'extra' if number else 'instead'} {name}" for name, _ in probe.extra)


def _of_asking(asking: Asking, *, declared: bool) -> Iterator[str]:
    door = f"{asking.verb} {asking.encoding} {asking.suffix} {asking.batch} {asking.slashes}"
    if asking.identity != "own":
        yield f"credentials {asking.identity}"
        yield f"no-credentials {asking.verb}" if asking.identity == "none" else f"door-shut {door}"
        if asking.place != "webhook":
            yield f"place wrong {asking.place}"
    elif asking.place != "webhook":
        yield f"place {asking.place} {asking.verb} {asking.encoding}"
    else:
        # A door that reads nothing refuses with CHAT_ID as well: only a chat shows that it reads.
        yield f"door {door}" if declared else f"door-no-chat {door}"
    if asking.spelling != JOIN:
        yield "spelling"


def _of_value(probe: Probe, value: object) -> Iterator[str]:
    in_json = probe.asking.encoding == "json"
    kind = "broken" if probe.raw and value is php.MISSING else type(value).__name__
    if isinstance(value, str) and value.isalnum() and len(value) < _LONG:
        kind = "digits" if value.isdecimal() else "word"
    if in_json:
        yield f"type {kind} {probe.raw}"
    if probe.raw and _twice(probe.literal):
        escaped = "\\u" in probe.literal
        yield f"twice {probe.asking.encoding} {escaped}"
        if isinstance(value, dict):
            yield "nested"
    if len(probe.literal) > _LONG:
        yield f"long {'broken' if value is php.MISSING else kind}"
    elif isinstance(value, str) or type(value) is int:
        yield f"text {_shape(str(value))}"
        yield from (f"sign {sign}" for sign in _signs(str(value)))
    else:
        # Nobody takes these for a chat.
        name = "nothing" if "-" in probe.literal or _is_nothing(probe, value) else "value"
        yield f"{name} {_form(probe, value)}"
    if not in_json and probe.raw:
        yield f"key {unquote_plus(probe.literal.partition('=')[0])}"
    elif not probe.raw:
        yield f"key {probe.key}"


def _twice(body: str) -> bool:
    return len(re.findall(r"CHAT(?:_|\\u005f)ID", body)) > 1


def _is_nothing(probe: Probe, value: object) -> bool:
    """Whether nobody could take anything in it for CHAT_ID."""
    readable = probe.asking.encoding == "json" and probe.key == "CHAT_ID"
    return value is php.MISSING and not (readable and _DIGITS.search(probe.literal))


def _signs(text: str) -> set[str]:
    """Kinds of characters that careless readers stumble over."""
    odd = {char for char in text if not char.isalnum() or char > "\x7f"}
    return {char if char < "\x7f" else unicodedata.category(char) for char in odd}


def _form(probe: Probe, value: object) -> str:
    if isinstance(value, list | dict):
        holds_chat = bool(_DIGITS.search(probe.literal))
        return f"{type(value).__name__ if holds_chat else 'container'} {bool(value)}"
    if isinstance(value, float):
        return f"float {abs(value) < 1} {'e' in probe.literal.lower()}"
    return _shape(probe.literal)


def _shape(text: str) -> str:
    """CHAT_ID with its letters and digits levelled, so that only its form is left.

    A text has one form, whether it stands in JSON, in a form or in a batch.
    """
    levelled = _LETTERS.sub("a", _DIGITS.sub("9", text))
    named = _FOREIGN.sub(lambda found: f"<{unicodedata.category(found[0])}>", levelled)
    return re.sub(r"(<\w\w>)\1+", r"\1", named)
