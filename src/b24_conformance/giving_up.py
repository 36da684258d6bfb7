"""When to ask no further: nobody is there, nobody is left, or the operator is let in no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from b24_conformance.exchange import Response
from b24_conformance.implementations.answer import decode
from b24_conformance.implementations.base import Implementation
from b24_conformance.outcome import METHOD_NOT_FOUND, Outcome
from b24_conformance.probe import JOIN, Asking, Probe, Step
from b24_conformance.transcript import Observation

_UNREACHABLE_IN_A_ROW = 3
_SILENT_AT_FIRST = 6
_SHOWN = 60
# Beyond these it is known whether there is a portal; a batch brings many of them at once.
_FIRST_ANSWERS = 150
# Whoever writes a byte order mark, or single quotes, is a portal that writes no JSON.
_ENVELOPE = re.compile(r"[\ufeff\s]*\{\s*[\"'](error|result)\b")
# What web servers say of an address or a verb that is not there, before anything else.
_NOT_HERE = (404, 405, 501)
_READ = ("joined", "refused", "members")
_STILL_LET_IN = Probe("0", occasion="still let in")
Nobody = Literal["no_portal", "not_let_in"]


class Doorkeeper:
    """Asks one request after another, and finds out when the operator is let in no more.

    Some lock him out for a while after some wrong credentials, though they let him in before:
    what comes then says nothing about the contract. `note` tells of it.
    """

    def __init__(self, implementation: Implementation) -> None:
        self._implementation = implementation
        self._told: set[Asking] = set()
        self.note = ""

    def ask(self, part: Step, before: Sequence[Observation]) -> list[Observation]:
        """What one request shows; what it shows before a closed door is nobody's."""
        found = list(self._implementation.ask_step(part))
        if not self.note and self._worth_a_question(found[0], before):
            found.append(self._asked_again())
        return [self._of_nobody(one) for one in found] if self.note else found

    def _worth_a_question(self, last: Observation, before: Sequence[Observation]) -> bool:
        """Whether he is shut out, though he was let in before and perhaps in this very way."""
        if not _shut_out(last):
            return False
        asking = last.probe.asking
        fresh, self._told = asking not in self._told, {*self._told, asking}
        let_in = [o.probe.asking for o in _own(before) if not _shut_out(o)]
        return bool(let_in) and (fresh or asking in let_in)

    def _asked_again(self) -> Observation:
        (again,) = self._implementation.ask_step((_STILL_LET_IN,))
        if _shut_out(again):
            self.note = (
                f"the portal lets the operator in no more: {again.outcome}; he was let in before. "
                "If it locks out whoever shows wrong credentials, let it not do so in this test"
            )
        return again

    def _of_nobody(self, observation: Observation) -> Observation:
        if not _shut_out(observation):
            return observation
        nobody = Outcome("unreachable", detail=self.note)
        return msgspec.structs.replace(observation, outcome=nobody)


def _own(observations: Iterable[Observation]) -> list[Observation]:
    """What came to the operator's own credentials, and tells whether they let him in."""
    return [o for o in observations if o.probe.asking.identity == "own" and _tells_of_him(o)]


def _tells_of_him(observation: Observation) -> bool:
    """Whether anybody looked at his credentials: a method may be unknown before that."""
    outcome = observation.outcome
    unknown = outcome.code == METHOD_NOT_FOUND or outcome.status in _NOT_HERE
    return not unknown and outcome.kind not in ("unreachable", "not_sent")


def _shut_out(observation: Observation) -> bool:
    """Whether the operator's own credentials were refused."""
    outcome = observation.outcome
    refused = outcome.kind == "refused" and outcome.status in (401, 403)
    return refused and observation.probe.asking.identity == "own"


def gone(observations: Sequence[Observation]) -> str | None:
    """Why nothing is reached any more, or None."""
    recent = observations[-_UNREACHABLE_IN_A_ROW:]
    if len(recent) < _UNREACHABLE_IN_A_ROW or not all(map(_unreachable, recent)):
        return None
    said = recent[-1].outcome.detail or "not reached"
    last = next((o for o in reversed(observations) if not _unreachable(o)), None)
    if last is None or recent[-1].response is not None:
        return said
    asked = last.probe.literal
    shown = asked if len(asked) <= _SHOWN else f"{asked[:_SHOWN]}…"
    return f"{said}; before, the portal was asked for CHAT_ID {shown}"


def tells_nothing(observations: Sequence[Observation]) -> bool:
    """Whether the first answers show no portal, or none that accepts the credentials."""
    return nothing_to_judge(observations) is not None or _refused_own_credentials(observations)


def nothing_to_judge(observations: Sequence[Observation]) -> tuple[Nobody, str] | None:
    """Whether nobody is there, or the operator is not let in, and the words for it, or None.

    Only the first answers tell.
    """
    if len(observations) > _FIRST_ANSWERS:
        return None
    asked = len({e.number for o in observations for e in o.exchanges})
    if asked > 2 * _SILENT_AT_FIRST:
        return None
    first = observations[0].outcome
    if all(map(_unreachable, observations)):
        return "no_portal", first.detail or "not reached"
    if _refused_own_credentials(observations, at_least=2):
        return "not_let_in", f"the portal refuses the operator's own credentials: {first}"
    if asked >= _SILENT_AT_FIRST and not any(map(_speaks, observations)):
        told = f"this does not answer like a portal: {_described(observations[0])}"
        return "no_portal", told
    return None


def unknown_everywhere(observations: Sequence[Observation]) -> str | None:
    """What to look at where whatever was asked for is an unknown method, or None."""
    answers = [o.outcome for o in observations if o.outcome.kind in _READ]
    if not answers or any(answer.code != METHOD_NOT_FOUND for answer in answers):
        return None
    return f"every answer is {METHOD_NOT_FOUND}: does it serve {JOIN} at this address?"


def _unreachable(observation: Observation) -> bool:
    return observation.outcome.kind == "unreachable"


def _refused_own_credentials(observations: Sequence[Observation], at_least: int = 1) -> bool:
    own = _own(observations)
    return len(own) >= at_least and all(map(_shut_out, own))


def _speaks(observation: Observation) -> bool:
    """Whether an answer is JSON of any shape, or an envelope in something that is nearly JSON."""
    if observation.outcome.kind in (*_READ, "not_sent"):
        return True
    response = observation.response
    return response is not None and (_is_json(response) or _is_nearly_json(response))


def _is_nearly_json(response: Response) -> bool:
    return response.encoding == "utf-8" and bool(_ENVELOPE.match(response.body))


def _is_json(response: Response) -> bool:
    try:
        decode(response)
    except ValueError:
        return False
    return not 300 <= response.status < 400


def _described(observation: Observation) -> str:
    response = observation.response
    if response is None:
        return observation.outcome.detail or "no answer"
    where = response.header("location")
    if 300 <= response.status < 400:
        return f"HTTP {response.status}, a redirect to {where or 'nowhere'}, which is not followed"
    return f"HTTP {response.status}, {observation.outcome.detail}"
