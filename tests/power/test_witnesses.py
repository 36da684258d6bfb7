"""Recorded exchanges of real portals: the oracle accepts each, the reference can give each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest

from b24_conformance.contract import load_contract
from b24_conformance.mutants.free_portal import FreePortal
from b24_conformance.mutants.freedoms import Freedoms
from b24_conformance.probe import JOIN
from b24_conformance.reference import Portal, Request, Response, State, default_state
from b24_conformance.reference.php import Array
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.witnesses import (
    Witness,
    clauses_of,
    judged,
    load_witnesses,
    witnesses_of,
)

_WITNESSES = load_witnesses()
_MAPS = ("result", "result_error", "result_total", "result_next", "result_time")
_STATE = default_state()
_HOOK = f"/rest/1/{_STATE.users[1].webhook_secret}"
_JSON = (("Content-Type", "application/json"),)
each = pytest.mark.parametrize("witness", _WITNESSES, ids=lambda witness: witness.id)


def shape(status: int, body: object) -> str:
    """Status, code, keys and JSON types, without the values."""
    code = body.get("error") if isinstance(body, dict) else None
    return json.dumps([status, code, _type(body)], sort_keys=True)


def _type(value: Any, key: str = "") -> object:
    if isinstance(value, dict):
        if key in _MAPS:
            # The keys are the caller's own, and what an item holds is its method's business.
            return "a map of " + json.dumps(_item(next(iter(value.values()))))
        return {name: _type(item, name) for name, item in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    return {int: "number", float: "number", str: "text", list: "list"}[type(value)]


def _item(value: Any) -> object:
    return sorted(value) if isinstance(value, dict) and "error" in value else "item"


class OverTime(Portal):
    """A portal on which the method has used up its operating time."""

    def read_chat_id(self, parameters: Array) -> int:
        raise RefusedError("OPERATION_TIME_LIMIT", 429, "Method is blocked")


@cache
def reference_shapes() -> frozenset[str]:
    """The shapes of what the reference portal answers."""
    return frozenset(
        shape(response.status, json.loads(response.body))
        for portal in _portals()
        for response in _answers(portal)
    )


def _portals() -> Iterator[Portal]:
    yield Portal()
    yield Portal(State.of(_STATE.users.values(), _STATE.chats.values(), kernel="old"))
    yield Portal(State.of(_STATE.users.values(), _STATE.chats.values(), rate=1e-9, burst=1e-9))
    yield OverTime()
    # Before 2023, and on boxes, no operating fields are sent.
    yield FreePortal(Freedoms(kernel="old", operating="none"))


def _answers(portal: Portal) -> Iterator[Response]:
    for chat in (2043, 0, 12, 2050):
        yield _call(portal, f"{_HOOK}/{JOIN}", {"CHAT_ID": chat})
    yield _call(portal, f"{_HOOK}/im.chat.user.list", {"CHAT_ID": 2045})
    yield _call(portal, f"/rest/1/{_STATE.users[1].webhook_secret}x/{JOIN}", {})
    yield _call(portal, f"/rest/9/{_STATE.users[9].webhook_secret}/{JOIN}", {})
    for parameters in ({}, {"auth": "none"}, {"auth": _STATE.users[1].expired_token}):
        yield _call(portal, f"/rest/{JOIN}", parameters)
    for user in (1, 9):
        for chats in ((2043, 2045), (0,)):
            items = {f"c{at}": f"{JOIN}?{urlencode({'CHAT_ID': c})}" for at, c in enumerate(chats)}
            path = f"/rest/{user}/{_STATE.users[user].webhook_secret}/batch"
            yield _call(portal, path, {"halt": 0, "cmd": items})


def _call(portal: Portal, target: str, parameters: dict[str, Any]) -> Response:
    return portal.answer(Request("POST", target, _JSON, json.dumps(parameters).encode()))


class TestEachWitness:
    """What every recorded exchange has to go through."""

    @each
    def test_the_oracle_accepts_it(self, witness: Witness) -> None:
        """No clause at MUST is broken by what a real portal answered."""
        musts = {clause.id for clause in load_contract().clauses if clause.level == "MUST"}
        broken = [
            f"{judgement.clause}: {judgement.reason}"
            for judgement in judged(witness)
            if judgement.status == "failed" and judgement.clause in musts
        ]
        assert [] == broken

    @each
    def test_the_reference_portal_can_give_it(self, witness: Witness) -> None:
        """Some answer of the reference portal has its status, code, keys and types."""
        assert shape(witness.response.status, witness.response.body) in reference_shapes()

    @each
    def test_it_keeps_some_clause(self, witness: Witness) -> None:
        """A witness that says nothing of any clause would only swell the count."""
        assert clauses_of(witness) or witness.method == "im.chat.user.list"


class TestCounts:
    """How many witnesses a clause has."""

    def test_ids_are_unique(self) -> None:
        """Each witness is called by a name of its own."""
        ids = [witness.id for witness in _WITNESSES]
        assert sorted(set(ids)) == sorted(ids)

    def test_there_are_at_least_a_dozen(self) -> None:
        """A handful of exchanges would not show both kernels and all kinds of refusal."""
        assert 12 <= len(_WITNESSES)

    @pytest.mark.parametrize(
        "clause",
        ["success.joinable", "refusal.chat-type", "refusal.access-denied", "refusal.empty"],
    )
    def test_the_four_documented_outcomes_have_one_each(self, clause: str) -> None:
        """Only the page of the method itself witnesses the join."""
        assert 1 == witnesses_of(clause)

    def test_siblings_do_not_witness_the_join(self) -> None:
        """What another method answers with success counts for the envelope alone."""
        assert 1 == witnesses_of("success.exactly-true")
        assert 6 == witnesses_of("envelope.success-status")

    def test_unseen_clauses_have_none(self) -> None:
        """What nobody published is not witnessed."""
        unseen = ["xml.success", "batch.agrees", "state.join-is-own", "php.form", "cors.origin"]
        assert [0] * 5 == [witnesses_of(clause) for clause in unseen]

    def test_what_no_record_holds_is_not_counted(self) -> None:
        """A record without the secret says nothing of whether secrets are echoed."""
        assert 0 == witnesses_of("secret.not-echoed")
