"""HAR files, as browsers and proxies export them: the calls of the join in them, ready to judge.

Nothing is sent. Secrets are hidden at reading; entries that are no call of the join are counted
and forgotten, and so are calls whose credentials were refused: no file tells whether they should
have been.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

from b24_conformance import __version__
from b24_conformance.config import Config
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Declaration, Person
from b24_conformance.errors import ConfigError, TranscriptError
from b24_conformance.events import Event, ImplementationStarted, Observed, RunFinished, RunStarted
from b24_conformance.exchange import Exchange, Fault, Request, Response
from b24_conformance.har_file import Entry, read_entries
from b24_conformance.har_probes import (
    BATCH,
    Route,
    command_probe,
    in_body,
    in_query,
    place_of,
    probe_of,
    route,
)
from b24_conformance.implementations.answer import read_join
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.batch_answer import read_item
from b24_conformance.implementations.keyring import address_of
from b24_conformance.judge.wire import commands, parameters
from b24_conformance.outcome import Outcome, broken
from b24_conformance.pace import limit_of
from b24_conformance.probe import JOIN, Place, Probe
from b24_conformance.redaction import Redaction
from b24_conformance.transcript import Observation

_NO_ANSWER = Outcome("unreachable", detail="the file holds no answer to this request")
_NAMES = "auth|access_token|refresh_token|client_secret|sessid"
_SECRETS = (
    re.compile(rf'\b(?P<name>{_NAMES})(?:"\s*:\s*"|=)(?P<value>[^"&\s]+)'),
    re.compile(rf'name="(?P<name>{_NAMES})"\r?\n\r?\n(?P<value>[^\r\n]+)'),
)
_LABELS = {"auth": "TOKEN", "access_token": "TOKEN"}


class Read(NamedTuple):
    """What was found: events to judge, the secrets in them, and why entries were passed over."""

    events: list[Event]
    secrets: dict[str, str]
    ignored: dict[str, int]


class Call(NamedTuple):
    """An entry that is a call of the join, or a batch that may hold some."""

    address: str
    route: Route
    place: Place | None
    request: Request
    response: Response | None
    fault: str
    seconds: float

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """Every secret in the request with the end of its label, the caller's own first."""
        found = [("WEBHOOK", self.route.secret)] if self.route.secret else []
        for name, value in self.request.headers:
            if name.lower() == "authorization":
                found.append(("TOKEN", value.split()[-1] if value.split() else ""))
        for pattern in _SECRETS:
            for text in (self.request.target, self.request.body):
                for match in pattern.finditer(text):
                    label = _LABELS.get(match["name"], match["name"].upper())
                    found += [(label, match["value"]), (label, unquote(match["value"]))]
        return [(label, value) for label, value in found if value]


def read_har(path: Path, config: Config | None = None) -> Read:
    """The calls of the join in a HAR file; TranscriptError says what is wrong with it."""
    ignored: Counter[str] = Counter()
    calls = list(_calls(read_entries(path), ignored))
    secrets = _labelled(calls)
    redaction = Redaction(secrets)
    portals: dict[str, _Portal] = {}
    for call in calls:
        made = portals.setdefault(call.address, _Portal(call.address, config, redaction))
        ignored.update(made.take(call))
    found = [portal for portal in portals.values() if portal.observations]
    if not found:
        told = ", ".join(f"{count} {why}" for why, count in ignored.items()) or "no entries"
        raise TranscriptError(f"{path.name} holds no call of {JOIN} to judge: {told}")
    events = [event for portal in found for event in portal.events()]
    return Read([_started(), *events, RunFinished(0, 0.0)], secrets, dict(ignored))


def _started() -> RunStarted:
    contract = load_contract()
    ids = tuple(clause.id for clause in contract.clauses)
    return RunStarted(__version__, contract.method, contract.version, 0, "", ids)


def _calls(entries: Iterable[Entry], ignored: Counter[str]) -> Iterator[Call]:
    for number, entry in enumerate(entries, 1):
        try:
            found = route(entry.request.url)
            if found is None or found.method not in (JOIN, BATCH):
                ignored["of other addresses"] += 1
            elif entry.request.method.upper() not in ("GET", "POST"):
                ignored[f"{entry.request.method.upper()[:10]} requests"] += 1
            else:
                yield _call(entry, found)
        except (ValueError, ConfigError) as error:
            raise TranscriptError(f"entry {number} of the HAR is broken: {error}") from None


def _call(entry: Entry, found: Route) -> Call:
    request = entry.sent()
    response, fault = None, ""
    try:
        response = entry.came()
    except WireError as error:
        fault = error.detail
    place = place_of(found, request, in_body(request), in_query(request.target))
    seconds = max(0.0, (entry.time or 0.0) / 1000)
    return Call(address_of(entry.request.url), found, place, request, response, fault, seconds)


def _labelled(calls: Iterable[Call]) -> dict[str, str]:
    """Label -> secret; further secrets of one kind get numbers."""
    numbers: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for label, value in (pair for call in calls for pair in call.secrets):
        if value not in labels:
            numbers[label] += 1
            number = f"_{numbers[label]}" if numbers[label] > 1 else ""
            labels[value] = f"$B24_{label}{number}"
    return {label: value for value, label in labels.items()}


class _Portal:
    """All calls of one address."""

    def __init__(self, address: str, config: Config | None, redaction: Redaction) -> None:
        self.observations: list[Observation] = []
        self._address = address
        self._config = config or Config()
        self._hide = redaction
        self._callers: dict[str, str] = {}
        self._people = {
            name: Person(table.user_id, table.chats, ())
            for name, table in self._config.people.items()
        }
        self._number = 0

    def take(self, call: Call) -> Iterator[str]:
        """Adds the observations of a call; yields why something was passed over."""
        self._number += 1
        operator = self._operator(call)
        probes = list(_asked(call, operator))
        if not probes:
            yield "batches without a join"
        exchange = self._hide.hide_exchange(self._exchange(call))
        for probe, outcome in probes:
            if probe.asking.identity == "own" and outcome.status in (401, 403):
                yield "calls whose credentials were refused"
                continue
            index = len(self.observations)
            hidden = self._hidden(outcome)
            self.observations.append(Observation(index, self._masked(probe), hidden, (exchange,)))

    def events(self) -> Iterator[Event]:
        """The events of this portal."""
        declaration = Declaration(
            self._address,
            stand_in=self._config.portal.stand_in,
            rung="new",
            people=self._people,
            without=self._config.portal.without,
            secure=self._address.startswith("https:"),
            address=self._address,
        )
        yield ImplementationStarted(declaration)
        for observation in self.observations:
            yield Observed(declaration.name, observation)

    def _operator(self, call: Call) -> str:
        """Who called: by the user id in the webhook, else whoever called first."""
        key = call.secrets[0][1] if call.secrets else ""
        user = int(call.route.user) if call.route.user.isdecimal() else None
        if key not in self._callers:
            self._callers[key] = self._named(user)
        name = self._callers[key]
        person = self._people.get(name, Person(user, places=()))
        places = tuple(dict.fromkeys([*person.places, call.place or "webhook"]))
        user_id = user if person.user_id is None else person.user_id
        self._people[name] = msgspec.structs.replace(person, user_id=user_id, places=places)
        return name

    def _named(self, user: int | None) -> str:
        for name, person in self._people.items():
            if user is not None and person.user_id == user:
                return name
        if "operator" not in self._callers.values() and (
            user is None or self._people["operator"].user_id is None
        ):
            return "operator"
        return f"caller {len(self._callers) + 1}"

    def _exchange(self, call: Call) -> Exchange:
        fault: Fault | None = None if call.response else "unreachable"
        if call.fault:
            fault = "oversized"
        detail = call.fault or ("" if call.response else str(_NO_ANSWER.detail))
        return Exchange(self._number, call.request, call.response, fault, detail, 0.0, call.seconds)

    def _masked(self, probe: Probe) -> Probe:
        hide = self._hide.hide
        return msgspec.structs.replace(
            probe,
            chat_id=None if probe.chat_id is None else hide(probe.chat_id),
            beside=None if probe.beside is None else hide(probe.beside),
            extra=tuple((hide(name), hide(text)) for name, text in probe.extra),
        )

    def _hidden(self, outcome: Outcome) -> Outcome:
        hide = self._hide.hide
        return msgspec.structs.replace(
            outcome,
            code=outcome.code and hide(outcome.code),
            detail=outcome.detail and hide(outcome.detail),
        )


def _asked(call: Call, operator: str) -> Iterator[tuple[Probe, Outcome]]:
    if call.route.method == JOIN:
        probe = probe_of(call.route, call.request, call.place, operator)
        xml = probe.asking.in_xml
        yield probe, _outcome(call) or read_join(_answer(call), xml=xml)
        return
    whole = _outcome(call)
    for key, command in commands(parameters(call.request)):
        method, _, query = command.partition("#")[0].partition("?")
        if method.lstrip("/").lower() in (JOIN, f"{JOIN}.json"):
            probe = command_probe(query, operator, call.place)
            yield probe, whole or read_item(_answer(call), key, probe)


def _outcome(call: Call) -> Outcome | None:
    """The outcome where there is no answer to read it from."""
    if call.fault:
        return broken(call.fault)
    if call.response is None:
        return _NO_ANSWER
    if limit := limit_of(call.response):
        return Outcome("unreachable", detail=f"the portal answered {limit}")
    return None


def _answer(call: Call) -> Response:
    assert call.response is not None
    return call.response
