"""Vacuous peers: what each passes is listed and justified, and no outcome is among it."""

from __future__ import annotations

from functools import cache

import pytest

from b24_conformance.contract import load_contract
from b24_conformance.events import Event, Judged
from b24_conformance.mutants.sound import Sound
from b24_conformance.mutants.vacuous import Vacuous, vacuous_peers
from b24_conformance.options import Options
from b24_conformance.run import examine
from b24_conformance.soaking import implementation_of

_PEERS = vacuous_peers()
_EACH = pytest.mark.parametrize("peer", _PEERS, ids=lambda peer: peer.name)

# Why a peer that knows nothing of chats may keep a clause: each of these speaks of the form of
# answers alone, and the form is right.
_JUSTIFIED = {
    "robust.answers": "an answer came, and all of it",
    "robust.no-server-error": "it has another status than 5xx",
    "robust.no-html": "it is no page",
    "secret.not-echoed": "it holds no secret",
    "consistency.same-answer": "nothing is more consistent than one answer for all questions",
    "envelope.json": "it is a JSON object in UTF-8",
    "envelope.content-type": "it is announced as JSON",
    "envelope.one-outcome": "it has one of the two fields",
    "envelope.success-status": "every success that it gives has HTTP 200",
    "envelope.refusal-status": "every refusal that it gives has HTTP 400",
    "envelope.refusal-strings": "every refusal that it gives has its two strings",
    "shape.openapi": "it has the shape that the description gives for its status",
    "time.present": "it has a `time`",
    "time.fields": "its `time` has all fields",
    "time.order": "its `time` runs forwards",
}
_OUTCOMES = (
    "success.",
    "refusal.",
    "asking.",
    "oauth.",
    "php.",
    "xml.",
    "batch.",
    "state.",
    "proxy.",
    "credentials.",
    "precedence.",
    "chat-id.",
)

_ANSWERS = {"robust.answers", "robust.no-server-error", "robust.no-html"}
_QUIET = _ANSWERS | {"secret.not-echoed"}
_STEADY = _QUIET | {"consistency.same-answer", "envelope.content-type"}
_JSON = _STEADY | {"envelope.json"}
_OUTCOME = _JSON | {"envelope.one-outcome", "shape.openapi"}
_JOINS = _OUTCOME | {"envelope.success-status"}
_REFUSES = _OUTCOME | {"envelope.refusal-strings"}
_REFUSES_BY_CODE = _REFUSES | {"envelope.refusal-status"}
_TIME = {"time.present", "time.fields", "time.order"}
_SAME = {"consistency.same-answer"}

_PASSED: dict[str, set[str]] = {
    "inert": _QUIET | _SAME,
    "no-content": _QUIET | _SAME,
    "empty-object": _JSON,
    "true": _STEADY,
    "joins-all": _JOINS,
    "joins-all-in-time": _JOINS | _TIME,
    "both": _JSON,
    "refuses-CHAT_ID": _REFUSES_BY_CODE,
    "refuses-CHAT_TYPE": _REFUSES_BY_CODE,
    "refuses-ACCESS_DENIED": _REFUSES_BY_CODE,
    "refuses-USER_ID": _REFUSES_BY_CODE,
    # These two are given up on before a question is put again.
    "refuses-NO_AUTH_FOUND": _REFUSES - _SAME,
    "refuses-INVALID_CREDENTIALS": _REFUSES - _SAME,
    "refuses-ERROR_METHOD_NOT_FOUND": _REFUSES,
    "refuses-INTERNAL_SERVER_ERROR": _REFUSES - {"robust.no-server-error"},
    "refuses-QUERY_LIMIT_EXCEEDED": set(),
    # It gives back the secret, and what is nested too deep to be read.
    "echoes": _STEADY - {"secret.not-echoed", "robust.answers"},
    "not-found": (_QUIET | _SAME) - {"robust.no-html"},
    "page": (_QUIET | _SAME) - {"robust.no-html"},
    "redirects": _QUIET | _SAME,
}
# Nothing was learnt of these: the run ends early and says why, and is no verdict on a portal.
_GIVEN_UP = {
    "inert": "does not answer like a portal",
    "no-content": "does not answer like a portal",
    "not-found": "does not answer like a portal",
    "page": "does not answer like a portal",
    "redirects": "a redirect to /login",
    "refuses-NO_AUTH_FOUND": "refuses the operator's own credentials",
    "refuses-INVALID_CREDENTIALS": "refuses the operator's own credentials",
    "refuses-QUERY_LIMIT_EXCEEDED": "QUERY_LIMIT_EXCEEDED",
}
# This one is judged; its note says where the mistake may be.
_NOTED = _GIVEN_UP | {"refuses-ERROR_METHOD_NOT_FOUND": "does it serve imopenlines.session.join"}


@cache
def examined(peer: Vacuous) -> tuple[frozenset[str], str, str]:
    """The clauses that a peer passes, its verdict, and why the run ended early."""
    events: list[Event] = []
    with implementation_of(Sound(peer.name, peer.make), 0) as portal:
        finished = examine(portal, load_contract(), Options(shrink=False), events.append)
    judged = [event for event in events if isinstance(event, Judged)]
    passed = frozenset(one.clause for one in judged if one.status == "passed")
    return passed, finished.verdict, finished.note or ""


class TestEachPeer:
    """What is demanded of every vacuous peer."""

    @_EACH
    def test_it_passes_what_is_listed(self, peer: Vacuous) -> None:
        """Neither more nor less than the list says."""
        assert _PASSED[peer.name] == examined(peer)[0]

    @_EACH
    def test_it_passes_no_outcome(self, peer: Vacuous) -> None:
        """Who knows no chat cannot keep a clause about what becomes of one."""
        assert [] == [clause for clause in examined(peer)[0] if clause.startswith(_OUTCOMES)]

    @_EACH
    def test_it_has_the_right_verdict(self, peer: Vacuous) -> None:
        """What answers like a portal is nonconformant; of the rest nothing is known."""
        wanted = "incomplete" if peer.name in _GIVEN_UP else "nonconformant"
        assert wanted == examined(peer)[1]

    @_EACH
    def test_the_run_says_what_it_met(self, peer: Vacuous) -> None:
        """A run that ends early, or knows a likely cause, says so."""
        note = examined(peer)[2]
        assert _NOTED.get(peer.name, "") in note
        assert bool(note) is (peer.name in _NOTED)


class TestTheList:
    """The list itself must not rot."""

    def test_it_names_every_peer(self) -> None:
        """A peer without an entry would go unwatched."""
        assert {peer.name for peer in _PEERS} == set(_PASSED)

    def test_every_entry_is_justified(self) -> None:
        """No clause is passed without a reason, and no reason is left over."""
        assert set().union(*_PASSED.values()) == set(_JUSTIFIED)
