"""A run's events made fit to share: what is asked and answered, and nobody's chats or names.

Declared chats get stand-ins of the same number of digits, wherever a CHAT_ID names them. An
observation is left out where a judge would read another chat, or none, after that exchange; or
where some reading still tells a declared chat.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from b24_conformance import anonymous, php, redirects
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.errors import UsageError
from b24_conformance.events import (
    Event,
    ImplementationStarted,
    Observed,
    RunFinished,
    RunStarted,
    Witnessed,
)
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.gate import readings
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.rendering import render
from b24_conformance.judge import Trial
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.redaction import Redaction
from b24_conformance.reports import EventWriter
from b24_conformance.transcript import Observation, Transcript

ADDRESS = "https://portal.example"
_WIDE = 2**32
# Escapes are stepped over: the digits in them are no numbers.
_NUMBER = re.compile(
    r"(?P<escape>\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2})"
    r"|(?P<other>0[xX][0-9a-fA-F]{1,16}|0[oO][0-7]{1,22}|0[bB][01]{1,64})"
    r"|(?P<digits>\d{1,30})(?:(?P<point>\.0+)?(?P<power>[eE]\+?\d{1,2})(?!\d))?",
    re.ASCII,
)
_BASES = {"x": 16, "o": 8, "b": 2}


class Recorded(NamedTuple):
    """What came of recording: how many observations are in the file, and how many are not."""

    kept: int
    left_out: int

    def __str__(self) -> str:
        left_out = f", {self.left_out} left out" if self.left_out else ""
        return f"{self.kept} observations, anonymised{left_out}"


def record(events: Iterable[Event], path: Path) -> Recorded:
    """Writes the anonymised events of a run to `path`; UsageError for a run of clients."""
    kept = left_out = 0
    masks: dict[str, Mask] = {}
    all_events = list(events)
    with EventWriter(path, Redaction({})) as writer:
        for event in all_events:
            match event:
                case RunStarted():
                    writer.write(msgspec.structs.replace(event, started=anonymous.SOME_DAY))
                case ImplementationStarted():
                    name = event.declaration.name
                    mask = Mask(event.declaration, _probes(all_events, name), len(masks))
                    masks[name] = mask
                    writer.write(ImplementationStarted(mask.declaration))
                case Observed():
                    mask = masks[event.implementation]
                    masked = mask.observation(event.observation)
                    kept, left_out = kept + (masked is not None), left_out + (masked is None)
                    if masked is not None:
                        writer.write(Observed(mask.declaration.name, masked))
                case Witnessed():
                    writer.write(masks[event.implementation].witnessed(event))
                case RunFinished():
                    writer.write(RunFinished(event.exit_code, 0.0))
    return Recorded(kept, left_out)


def prepare(path: Path, sides: Iterable[str]) -> None:
    """Raises UsageError where a run of these sides cannot be recorded to `path`."""
    if "client" in sides:
        raise UsageError(
            "--record is for portals: what a client sends is not anonymised",
            hint="clients talk to the reference portal only: share the run's events.jsonl",
        )
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--record {path} cannot be written", hint="name a file in a folder")


def _probes(events: Iterable[Event], name: str) -> Iterator[Probe]:
    for event in events:
        if isinstance(event, Observed) and event.implementation == name:
            yield event.observation.probe


class Mask:
    """What stands for what in one implementation's run."""

    def __init__(self, declared: Declaration, probes: Iterable[Probe], number: int) -> None:
        self._declared = declared
        taken = {value for probe in probes for value in _numbers(probe)}
        own = [chat for person in declared.people.values() for _, chat in person.chats]
        self._chats = stand_ins(own, taken)
        self._told = frozenset(own) - frozenset(self._chats.values())
        self._users: dict[int, int] = {}
        self.declaration = self._declaration(number)
        self._keyring = Keyring(
            "/rest/", {name: self._keys(name) for name in declared.people}, wrong=0
        )

    def observation(self, seen: Observation) -> Observation | None:
        """`seen` in other words, or None where it cannot be said in them."""
        probe = self._probe(seen.probe)
        exchanges = tuple(self._exchange(one, probe) for one in seen.exchanges)
        masked = Observation(seen.index, probe, self._outcome(seen.outcome), exchanges, seen.leg)
        return masked if self._means_the_same(seen, masked) else None

    def witnessed(self, event: Witnessed) -> Witnessed:
        """What was seen of a chat, told of its stand-in."""
        return msgspec.structs.replace(
            event,
            implementation=self.declaration.name,
            chat=self._chats[event.chat],
            reason=self.text(event.reason),
            user_id=None if event.user_id is None else self._user(event.user_id),
        )

    def text(self, text: str) -> str:
        """`text` with stand-ins in the places of declared chats."""
        return _NUMBER.sub(self._number, text)

    def _means_the_same(self, seen: Observation, masked: Observation) -> bool:
        if self._told & set(readings(masked.probe)):
            return False
        asked, said = php.chat_id(seen.probe), php.chat_id(masked.probe)
        if self._chat(asked) != said:
            return False
        before = Trial(self._declared, Transcript((seen,))).joins
        after = Trial(self.declaration, Transcript((masked,))).joins
        return [s[2] for s in before] == [s[2] for s in after] and [s[4:] for s in before] == [
            s[4:] for s in after
        ]

    def _declaration(self, number: int) -> Declaration:
        address = ADDRESS if not number else ADDRESS.replace("portal", f"portal-{number + 1}")
        people = {name: self._person(person) for name, person in self._declared.people.items()}
        return msgspec.structs.replace(self._declared, name=address, address=address, people=people)

    def _person(self, person: Person) -> Person:
        kinds = msgspec.structs.asdict(person.chats).items()
        chats = Chats(**{kind: tuple(self._chats[one] for one in ids) for kind, ids in kinds})
        user = None if person.user_id is None else self._user(person.user_id)
        return msgspec.structs.replace(person, user_id=user, chats=chats)

    def _keys(self, name: str) -> Keys:
        user = self.declaration.people[name].user_id
        return Keys(Webhook(ADDRESS, "/rest/", str(user or 1), "SECRET"), "TOKEN")

    def _user(self, user: int) -> int:
        return self._users.setdefault(user, len(self._users) + 1)

    def _chat(self, number: int | None) -> int | None:
        """The stand-in of a chat, also of one that only its low bits name; else the number."""
        if number is None or number in self._chats:
            return number if number is None else self._chats[number]
        if number < 0:
            return -(self._chat(-number) or 0)
        low = number % _WIDE
        if number >= _WIDE and low in self._chats:
            return number - low + self._chats[low]
        return number

    def _probe(self, probe: Probe) -> Probe:
        return msgspec.structs.replace(
            probe,
            chat_id=None if probe.chat_id is None else self.text(probe.chat_id),
            beside=None if probe.beside is None else self.text(probe.beside),
            occasion=self.text(probe.occasion),
            extra=tuple((name, self._parameter(name, text)) for name, text in probe.extra),
        )

    def _parameter(self, name: str, text: str) -> str:
        if name == "USER_ID" and text.isascii() and text.isdigit():
            return str(self._user(int(text)))
        return self.text(text)

    def _number(self, found: re.Match[str]) -> str:
        if found["escape"]:
            return found[0]
        if found["other"]:
            base = _BASES[found[0][1].lower()]
            chat = self._chat(int(found[0][2:], base))
            return found[0][:2] + format(chat, {16: "x", 8: "o", 2: "b"}[base])
        digits, power = found["digits"], found["power"]
        factor = 10 ** int(power[1:]) if power else 1
        for size in dict.fromkeys((factor, 1)):
            number = int(digits) * size
            chat = self._chat(number) or 0
            if chat != number and chat % size == 0:
                return str(chat // size).zfill(len(digits)) + found[0][len(digits) :]
        return found[0]

    def _exchange(self, exchange: Exchange, probe: Probe) -> Exchange:
        request = self._request(exchange.request.verb, probe)
        given = exchange.response
        return Exchange(
            exchange.number,
            request,
            _response(exchange.request, given, request) if given else None,
            exchange.fault,
            exchange.fault or "",
        )

    def _request(self, verb: str, probe: Probe) -> Request:
        if probe.asking.batch or probe.asking.identity not in ("own", "none"):
            # Several probes share a batch, and wrong credentials are nobody's.
            return Request(verb, "/rest/…")
        return render(probe, self._keyring)

    def _outcome(self, outcome: Outcome) -> Outcome:
        members = outcome.members
        return Outcome(
            outcome.kind,
            code=None if outcome.code is None else anonymous.code(outcome.code),
            status=outcome.status,
            detail=None if outcome.detail is None else anonymous.GONE,
            members=None if members is None else tuple(self._user(one) for one in members),
        )


def _numbers(probe: Probe) -> Iterator[int]:
    texts = (probe.chat_id, probe.beside, *(text for _, text in probe.extra))
    for text in texts:
        for found in _NUMBER.finditer(text or ""):
            if found["digits"]:
                yield int(found["digits"])


def _response(asked: Request, given: Response, request: Request) -> Response:
    """What `given` tells of no one; a redirect to the same without slashes leads there still."""
    bare = anonymous.response(given, asked)
    if not redirects.repeats(asked, given):
        return bare
    there = ("Location", redirects.plain(request.target))
    return msgspec.structs.replace(bare, headers=(*bare.headers, there))


def stand_ins(chats: Iterable[int], taken: Iterable[int]) -> dict[int, int]:
    """A stand-in for each chat, of as many digits; none is a chat itself, or `taken`.

    1 is what PHP makes of `true` and of any list, and tells nobody anything: it stays.
    """
    own = sorted(set(chats))
    used = {*own, *taken}
    found: dict[int, int] = {}
    for chat in own:
        low = chat % _WIDE
        if chat == 1:
            found[chat] = 1
        elif chat >= _WIDE and low in found:
            found[chat] = chat - low + found[low]
        else:
            found[chat] = _stand_in(chat, used)
        used.add(found[chat])
    return found


def _stand_in(chat: int, used: set[int]) -> int:
    digits = len(str(chat))
    # "2e3" and "2,000" name a chat by its thousands.
    step = 1000 if chat % 1000 == 0 else 1
    dice = random.SystemRandom()
    for size in range(digits, digits + 3):
        low, high = max(2, 10 ** (size - 1)), 10**size
        fitting = range(-(-low // step) * step, high, step)
        few = fitting if len(fitting) < 1000 else [dice.choice(fitting) for _ in range(1000)]
        free = [one for one in few if one not in used and (step > 1 or one % 1000)]
        if free:
            return dice.choice(free)
    raise AssertionError(f"no number is left to stand for a chat of {digits} digits")
