"""Witnesses: exchanges of real portals, as far as public documentation and public logs give them.

Most are answers of sibling methods: they witness envelopes, and nothing of the join itself. A
witness of another method is therefore put as a question for an undeclared chat, of which no
clause demands an outcome.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Literal

import msgspec

from b24_conformance.contract import Clause, load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.implementations.answer import read_join, read_members
from b24_conformance.judge import Trial, rules
from b24_conformance.judge.registry import Check
from b24_conformance.judgement import Judgement
from b24_conformance.outcome import Outcome
from b24_conformance.probe import JOIN, MEMBERS, Probe
from b24_conformance.resources import contract_file
from b24_conformance.run import judge_all
from b24_conformance.transcript import Observation, Transcript

# What another method does with its own codes and results says nothing of the join's.
_OF_THE_JOIN_ALONE = ("success.", "refusal.")
# Nobody publishes his secret, nor a request that was not answered.
_NEVER_RECORDED = frozenset({"secret.not-echoed", "robust.answers"})


class Asked(msgspec.Struct, frozen=True):
    """What is known of a request; `{user}` and `{secret}` stand for what was not published."""

    verb: str
    path: str
    content_type: str
    parameters: dict[str, object] | None


class Answered(msgspec.Struct, frozen=True):
    """What is known of a response: headers never are."""

    status: int
    body: dict[str, object]


class Witness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exchange: which `method`, how `sure`, and `where` it stands.

    `probe` is the question of ours that the request comes down to, `declared` what the source
    says of its chat.
    """

    id: str
    method: str
    sure: Literal["documented", "observed"]
    where: str
    request: Asked
    response: Answered
    probe: Probe
    declared: Chats = Chats()
    note: str = ""

    @property
    def transcript(self) -> Transcript:
        """The exchange as if it had been a run."""
        body = json.dumps(self.response.body, ensure_ascii=False)
        response = Response(self.response.status, (), body)
        sent = "" if self.request.parameters is None else json.dumps(self.request.parameters)
        request = Request(self.request.verb, self.request.path, (), sent)
        outcome = _outcome(self.probe, response)
        exchange = Exchange(1, request, response)
        return Transcript((Observation(0, self.probe, outcome, (exchange,)),))

    @property
    def declaration(self) -> Declaration:
        """A portal of which only this exchange is known."""
        people = {"operator": Person(chats=self.declared)}
        return Declaration(self.id, rung="new", people=people)


def _outcome(probe: Probe, response: Response) -> Outcome:
    return read_members(response) if probe.method == MEMBERS else read_join(response)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    method: str
    recorded: str
    witnesses: tuple[Witness, ...]


@cache
def load_witnesses() -> tuple[Witness, ...]:
    """Every witness of the contract."""
    data = contract_file("witnesses.json").read_bytes()
    return msgspec.json.decode(data, type=_File).witnesses


def judged(witness: Witness) -> list[Judgement]:
    """What the clauses say of a witness."""
    return judge_all(_portal_clauses(), witness.declaration, witness.transcript)


def _portal_clauses() -> list[Clause]:
    return [clause for clause in load_contract().clauses if clause.applies_to("portal")]


def clauses_of(witness: Witness) -> frozenset[str]:
    """The clauses that a witness keeps; a contrast, which needs a second answer, is not asked."""
    trial = Trial(witness.declaration, witness.transcript)
    return frozenset(
        clause.id
        for clause in _portal_clauses()
        if _can_be_witnessed(clause.id, witness)
        and any(isinstance(check, Check) and check.kept for check in rules()[clause.id](trial))
    )


def _can_be_witnessed(clause_id: str, witness: Witness) -> bool:
    if clause_id in _NEVER_RECORDED:
        return False
    return witness.method == JOIN or not clause_id.startswith(_OF_THE_JOIN_ALONE)


@cache
def _counts() -> Counter[str]:
    return Counter(clause for witness in load_witnesses() for clause in clauses_of(witness))


def witnesses_of(clause_id: str) -> int:
    """How many witnesses keep a clause; 0: not yet seen on any portal, as far as is published."""
    return _counts()[clause_id]
