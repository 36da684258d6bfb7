"""A portal under test: probes become HTTP requests through the gate, at the pace, redacted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

import msgspec

from b24_conformance import php
from b24_conformance.declaration import Declaration
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.gate import Gate
from b24_conformance.implementations.answer import read_join, read_leave, read_members
from b24_conformance.implementations.base import Implementation, Transport, WireError
from b24_conformance.implementations.batch_answer import read_item
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, merged
from b24_conformance.implementations.rendering import item_keys, render, render_batch
from b24_conformance.implementations.tokens import NotRenewedError, Renewal
from b24_conformance.outcome import Outcome, broken, limited
from b24_conformance.pace import NAMELESS_LIMIT, Pace, limit_of, nameless_limit
from b24_conformance.probe import JOIN, LEAVE, MEMBERS, Probe, Step
from b24_conformance.redaction import Redaction
from b24_conformance.transcript import Observation

Answered = tuple[Response | None, Outcome | None, tuple[Exchange, ...]]


class PortalImplementation(Implementation):
    """A portal reached through a transport. Nothing passes but what the gate lets through.

    Whoever asks the same portal beside it shares its `transport`, its `pace` and the newest
    `keyring`; whoever writes about it is taught by its `redaction`, which learns new tokens.
    """

    def __init__(
        self,
        declaration: Declaration,
        *,
        transport: Transport,
        keyring: Keyring,
        gate: Gate,
        pace: Pace,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(declaration)
        self.transport = transport
        self.keyring = keyring
        self._gate = gate
        self.pace = pace
        self.secrets = keyring.secrets()
        self.redaction = Redaction(self.secrets)
        self._sleep = sleep
        self._sent = 0
        self._not_begun = _joinable(declaration)
        self._renewals: Mapping[str, Renewal] = {}

    def renew_by(self, renewals: Mapping[str, Renewal]) -> None:
        """Says how the operators' tokens are renewed when they expire."""
        self._renewals = renewals
        for operator in renewals:
            self._take_over(operator)

    def ask(self, probe: Probe) -> Observation:
        """Puts one probe."""
        if probe.asking.batch:
            return self._ask_batch((probe,))[0]
        self._gate.pass_probe(probe)
        self._connect_anew_for((probe,))
        response, failure, exchanges, note = self._renewing(
            probe, lambda: self._exchange(render(probe, self.keyring))
        )
        outcome = failure or _read(probe, response)
        self._remember(probe, outcome)
        return self._observe(probe, self._hidden(_noted(outcome, note)), exchanges)

    def ask_step(self, step: Step) -> Iterator[Observation]:
        """Puts the probes of a step; those in a row that ask for a batch share one."""
        for batched, group in groupby(step, key=lambda probe: probe.asking.batch):
            probes = tuple(group)
            yield from self._ask_batch(probes) if batched else map(self.ask, probes)

    def restrict(self, declaration: Declaration) -> None:
        """Asks for no other chats from now on than those of a narrower declaration."""
        self.declaration = declaration
        self._not_begun &= _joinable(declaration)
        self._gate = Gate(declaration)

    def let_leave(self, operator: str, chat: int) -> None:
        """Lets an operator leave a chat that this run, or one before it, has joined."""
        self._gate.note_join(operator, chat)

    def _connect_anew_for(self, step: Step) -> None:
        """Gives first joins a new connection, which cannot end under them for being idle.

        Whatever else loses a kept connection is asked again; a join would be no first one then.
        """
        if not self._not_begun:
            return
        asked = {(p.operator, php.chat_id(p)) for p in step if _is_own_join(p)}
        fresh = not asked.isdisjoint(self._not_begun)
        self._not_begun -= asked
        if fresh and isinstance(self.transport, HttpTransport):
            self.transport.renew()

    def _remember(self, probe: Probe, outcome: Outcome) -> None:
        if outcome.kind == "left" and (chat := php.chat_id(probe)) is not None:
            self._gate.note_leave(probe.operator, chat)

    def wait(self, seconds: float) -> None:
        """Lets some time pass before the next question."""
        self._sleep(seconds)

    def close(self) -> None:
        """Closes the connection."""
        self.transport.close()

    def _ask_batch(self, step: Step) -> tuple[Observation, ...]:
        self._gate.pass_step(step)
        self._connect_anew_for(step)
        response, failure, exchanges, note = self._renewing(
            step[0], lambda: self._exchange(render_batch(step, self.keyring))
        )
        outcomes = [
            _noted(failure or read_item(response, key, probe), note)
            for key, probe in zip(item_keys(step), step, strict=True)
        ]
        for probe, outcome in zip(step, outcomes, strict=True):
            self._remember(probe, outcome)
        return tuple(
            self._observe(probe, self._hidden(outcome), exchanges)
            for probe, outcome in zip(step, outcomes, strict=True)
        )

    def _renewing(self, probe: Probe, ask: Callable[[], Answered]) -> tuple[*Answered, str]:
        """Asks; once more with a new token, if the operator's own one has expired."""
        response, failure, exchanges = ask()
        asking = probe.asking
        shown = self.keyring.settled(probe).asking
        own = asking.identity == "own" and shown.place != "webhook"
        if not own or probe.operator not in self._renewals or not _expired(probe, response):
            return response, failure, exchanges, ""
        try:
            note = self._renewals[probe.operator].renew(lambda: self._take_over(probe.operator))
        except NotRenewedError as error:
            return response, failure, exchanges, str(error)
        response, failure, again = ask()
        return response, failure, (*exchanges, *again), note

    def _take_over(self, operator: str) -> None:
        """Asks with the newest token from now on, and hides it beside all earlier ones."""
        renewal = self._renewals[operator]
        operators = self.keyring.operators
        keys = msgspec.structs.replace(
            operators[operator], access_token=renewal.tokens.access_token
        )
        self.keyring = msgspec.structs.replace(
            self.keyring, operators={**operators, operator: keys}
        )
        prefix = "$B24" if operator == "operator" else f"$B24_{operator.upper()}"
        newest = {f"{prefix}_{name}": value for name, value in renewal.secrets.items()}
        self.secrets = merged([{**self.keyring.secrets(), **newest}, self.secrets])
        self.redaction.learn(newest)

    def _exchange(self, request: Request) -> Answered:
        exchanges: list[Exchange] = []
        response = self.pace.ask(lambda: self._send(request, exchanges), self._sleep)
        failure = _failure(exchanges[-1])
        if response is not None and (limit := self._limit(response)):
            failure = limited(limit)
        return response, failure, tuple(exchanges)

    def _limit(self, response: Response) -> str | None:
        """The limit that an answer tells of; before a live portal others may stand and limit."""
        nameless = not self.declaration.stand_in and nameless_limit(response)
        return NAMELESS_LIMIT if nameless else limit_of(response)

    def _send(self, request: Request, exchanges: list[Exchange]) -> Response | None:
        response, fault, detail = None, None, ""
        started, clock = time.time(), time.perf_counter()
        try:
            response = self.transport.send(request)
        except WireError as error:
            fault, detail = error.fault, error.detail
            if fault == "unreachable" and exchanges and exchanges[-1].fault == "stale":
                # The end of the kept connection was the portal's own.
                fault, detail = "reset", f"the portal ended the connection and was gone: {detail}"
        seconds = time.perf_counter() - clock
        self._sent += 1
        exchange = Exchange(self._sent, request, response, fault, detail, started, seconds)
        exchanges.append(self.redaction.hide_exchange(exchange))
        if fault == "stale" and self.declaration.stand_in:
            # Where a join hurts nobody it may be asked again: this time on a new connection.
            self.pace.wait()
            return self._send(request, exchanges)
        return response

    def _hidden(self, outcome: Outcome) -> Outcome:
        if outcome.detail is None and outcome.code is None:
            return outcome
        hide = self.redaction.hide
        return msgspec.structs.replace(
            outcome,
            code=hide(outcome.code) if outcome.code else None,
            detail=hide(outcome.detail) if outcome.detail else None,
        )


def _joinable(declaration: Declaration) -> set[tuple[str, int | None]]:
    people = declaration.people.items()
    return {(name, chat) for name, person in people for chat in person.chats.joinable}


def _is_own_join(probe: Probe) -> bool:
    return probe.method == JOIN and probe.asking.identity == "own"


def _failure(exchange: Exchange) -> Outcome | None:
    """What an exchange that broke is to its asker; None where there is a response."""
    if exchange.fault is None:
        return None
    if exchange.fault in ("unreachable", "tls", "stale"):
        return Outcome("unreachable", detail=exchange.detail)
    return broken(exchange.detail)


def _expired(probe: Probe, response: Response | None) -> bool:
    if response is None or response.status < 400:
        return False
    xml = probe.asking.in_xml
    return str(read_join(response, xml=xml).code).lower() == "expired_token"


def _noted(outcome: Outcome, note: str) -> Outcome:
    return msgspec.structs.replace(outcome, detail=note) if note else outcome


def _read(probe: Probe, response: Response | None) -> Outcome:
    if response is None:
        return broken("no answer")
    if probe.method == MEMBERS:
        return read_members(response)
    if probe.method == LEAVE:
        return read_leave(response)
    return read_join(response, xml=probe.asking.in_xml)
